/** tf.browser: tensors from pixels and pixels from tensors. */
import { castTo, convertToTensor, op } from './core/convert.js';
import { engine } from './core/engine.js';
import { Tensor } from './core/tensor.js';
import { assert, failure } from './core/util.js';

/** @import { TensorLike } from './core/convert.js' */

/** @typedef {{data: Uint8Array | Uint8ClampedArray, width: number, height: number}} PixelData rows of red, green, blue and alpha */
/** @typedef {PixelData | ImageData | HTMLImageElement | HTMLCanvasElement | HTMLVideoElement | ImageBitmap | OffscreenCanvas} Pixels */

/** Whether a value is of a class that browsers have. @param {string} name @returns {(value: any) => boolean} */
const isA = name => value => {
  const type = /** @type {any} */ (globalThis)[name];
  return typeof type === 'function' && value instanceof type;
};
const isVideo = isA('HTMLVideoElement');
const isDrawable = (/** @type {any} */ value) => isVideo(value) || isA('HTMLImageElement')(value) || isA('ImageBitmap')(value);
const isByteArray = (/** @type {unknown} */ value) => value instanceof Uint8Array || value instanceof Uint8ClampedArray;

/**
 * Where images are drawn to be read; made at the first need.
 * @type {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null}
 */
let scratch = null;

/**
 * @param {any} image
 * @param {number} width
 * @param {number} height
 */
function readDrawable(image, width, height) {
  if (scratch === null) {
    const canvas = typeof document === 'undefined' ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
    scratch = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  }
  scratch.canvas.width = width;
  scratch.canvas.height = height;
  scratch.drawImage(image, 0, 0, width, height);
  return scratch.getImageData(0, 0, width, height).data;
}

/**
 * @param {any} pixels
 * @returns {PixelData}
 */
function readPixels(pixels) {
  if (isByteArray(pixels.data)) return pixels;
  if (typeof pixels.getContext === 'function') {
    const { width, height } = pixels;
    return { data: pixels.getContext('2d').getImageData(0, 0, width, height).data, width, height };
  }
  assert(isDrawable(pixels),
    () => 'pixels passed to tf.browser.fromPixels() must be either an HTMLVideoElement, HTMLImageElement, HTMLCanvasElement, ' +
    'ImageData in browser, or OffscreenCanvas, ImageData in webworker or {data: Uint32Array, width: number, height: number}, ' +
    `but was ${pixels.constructor.name}`);
  const [width, height] = isVideo(pixels) ? [pixels.videoWidth, pixels.videoHeight] : [pixels.width, pixels.height];
  return { data: readDrawable(pixels, width, height), width, height };
}

/**
 * An int32 tensor [height, width, numChannels] of the first 1 to 4 channels of pixels.
 * @type {(pixels: Pixels, numChannels?: number) => Tensor}
 */
const fromPixels = op('fromPixels', (pixels, numChannels = 3) => {
  assert(Number.isInteger(numChannels) && numChannels >= 1,
    () => `fromPixels: expected numChannels to be an integer from 1 to 4, got ${numChannels}`);
  assert(numChannels <= 4, () => 'Cannot construct Tensor with more than 4 channels from pixels.');
  assert(pixels != null, () => 'pixels passed to tf.browser.fromPixels() can not be null');
  const { data, width, height } = readPixels(pixels);
  const count = width * height;
  assert(data.length >= count * 4,
    () => `pixels passed to tf.browser.fromPixels(): expected ${count * 4} bytes, got ${data.length}`, 'SHAPE');
  const values = new Int32Array(count * numChannels);
  for (let i = 0, to = 0; i < count; i++) for (let channel = 0; channel < numChannels; channel++) values[to++] = data[i * 4 + channel];
  return engine.makeTensor(values, [height, width, numChannels], 'int32');
});

/**
 * As fromPixels; drawing an image that is not decoded yet does not hold up the page.
 * @param {Pixels} pixels
 * @param {number} [numChannels]
 */
async function fromPixelsAsync(pixels, numChannels = 3) {
  if (!isA('HTMLImageElement')(pixels)) return fromPixels(pixels, numChannels);
  const bitmap = await createImageBitmap(/** @type {HTMLImageElement} */ (pixels), { premultiplyAlpha: 'none' });
  try {
    return fromPixels(bitmap, numChannels);
  } finally {
    bitmap.close();
  }
}

/**
 * The pixels of an image [height, width] or [height, width, 1, 3 or 4]: float32 in 0..1, or int32 in 0..255; drawn on the canvas too
 * where there is one.
 * @param {TensorLike} img
 * @param {HTMLCanvasElement | OffscreenCanvas} [canvas]
 * @returns {Promise<Uint8ClampedArray>}
 */
async function toPixels(img, canvas) {
  const bytes = engine.scoped('toPixels', () => rgbaOf(img instanceof Tensor ? img : castTo(convertToTensor(img, 'img', 'toPixels'), 'int32')));
  if (canvas !== undefined) {
    const [height, width] = img instanceof Tensor
      ? img.shape
      : [/** @type {any[]} */ (img).length, bytes.length / 4 / /** @type {any[]} */ (img).length];
    canvas.width = width;
    canvas.height = height;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.putImageData(new ImageData(bytes, width, height), 0, 0);
  }
  return bytes;
}

/** @param {Tensor} image */
function rgbaOf(image) {
  assert(image.rank === 2 || image.rank === 3, () => `toPixels only supports rank 2 or 3 tensors, got rank ${image.rank}.`, 'SHAPE');
  const depth = image.rank === 2 ? 1 : image.shape[2];
  assert([1, 3, 4].includes(depth), () => `toPixels only supports depth of size 1, 3 or 4 but got ${depth}`, 'SHAPE');
  assert(image.dtype !== 'bool', () => `Unsupported type for toPixels: ${image.dtype}. Please use float32 or int32 tensors.`, 'DTYPE');
  const limit = image.dtype === 'float32' ? 1 : 255;
  const values = image.dataSync();
  const bytes = new Uint8ClampedArray((values.length / depth) * 4).fill(255);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < 0 || value > limit) {
      throw failure('INVALID_ARGUMENT', `Tensor values for a ${image.dtype} Tensor must be in the range [0 - ${limit}] but ` +
        `encountered ${value}.`);
    }
    const at = Math.floor(i / depth) * 4 + (i % depth);
    const byte = Math.round((value * 255) / limit);
    if (depth === 1) bytes.fill(byte, at, at + 3);
    else bytes[at] = byte;
  }
  return bytes;
}

/**
 * Draws an image [height, width] or [height, width, 1, 3 or 4] on a canvas, which becomes its size.
 * @param {Tensor} image float32 in 0..1, or int32 in 0..255
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {{imageOptions?: {alpha?: number}, contextOptions?: {contextType?: string, contextAttributes?: any}}} [options]
 */
function draw(image, canvas, { imageOptions: { alpha = 1 } = {}, contextOptions: { contextType = '2d', contextAttributes } = {} } = {}) {
  assert(contextType === '2d', () => `tf.browser.draw() draws on a 2d context, not on ${contextType}`, 'UNSUPPORTED');
  assert(alpha >= 0 && alpha <= 1, () => `Alpha value must be in range [0, 1], got ${alpha}.`);
  const bytes = rgbaOf(convertToTensor(image, 'image', 'draw'));
  const isOpaque = image.rank === 2 || image.shape[2] < 4;
  if (isOpaque && alpha < 1) for (let i = 3; i < bytes.length; i += 4) bytes[i] = Math.round(alpha * 255);
  const [height, width] = image.shape;
  Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', contextAttributes));
  assert(context !== null, () => 'Could not get the context with 2d type.');
  context.putImageData(new ImageData(bytes, width, height), 0, 0);
}

export const browser = { draw, fromPixels, fromPixelsAsync, toPixels };
