/** tf.image: what neural.js's resizing leaves. */
import { getImageCenter } from '../backend_util/axes.js';
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert } from '../core/util.js';
import { nonMaxSuppression } from './suppression.js';
import { resizing } from './neural.js';
import { greater, lessEqual, mul } from './elementwise.js';
import { bincount } from './indexing.js';
import { expandDims } from './shape.js';
import { sum } from './reduction.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** Grey images as colours that are alike. @type {(image: TensorLike) => Tensor} */
const grayscaleToRGB = op('grayscaleToRGB', image => {
  const input = convertToTensor(image, 'image', 'grayscaleToRGB');
  const last = input.rank - 1;
  assert(input.rank >= 2, () => `Error in grayscaleToRGB: images must be at least rank 2, but got rank ${input.rank}.`, 'SHAPE');
  assert(input.shape[last] === 1,
    () => `Error in grayscaleToRGB: last dimension of a grayscale image should be size 1, but got size ${input.shape[last]}.`, 'SHAPE');
  return engine.run('Tile', { reps: input.shape.map((_, axis) => (axis === last ? 3 : 1)) }, [input])[0];
});

/** The luma of colours (Rec. 601). @type {(image: TensorLike) => Tensor} */
const rgbToGrayscale = op('rgbToGrayscale', image => {
  const input = convertToTensor(image, 'image', 'RGBToGrayscale');
  const last = input.rank - 1;
  assert(input.rank >= 2, () => `Error in RGBToGrayscale: images must be at least rank 2, but got rank ${input.rank}.`, 'SHAPE');
  assert(input.shape[last] === 3,
    () => `Error in RGBToGrayscale: last dimension of an RGB image should be size 3, but got size ${input.shape[last]}.`, 'SHAPE');
  assert(input.rank <= 6, () => 'Not a valid tensor rank.', 'SHAPE');
  const weights = engine.makeTensor(new Float32Array([0.2989, 0.587, 0.114]), [3], 'float32');
  return castTo(expandDims(sum(mul(castTo(input, 'float32'), weights), last), -1), input.dtype);
});

/**
 * Boxes of images, cut out and sized: boxes [n, 4] as y1, x1, y2, x2 of 0..1.
 * @type {(image: TensorLike, boxes: TensorLike, boxInd: TensorLike, cropSize: [number, number], method?: 'bilinear' | 'nearest',
 *   extrapolationValue?: number) => Tensor}
 */
const cropAndResize = op('cropAndResize', (image, boxes, boxInd, cropSize, method = 'bilinear', extrapolationValue = 0) => {
  const input = convertToTensor(image, 'image', 'cropAndResize');
  const areas = convertToTensor(boxes, 'boxes', 'cropAndResize', 'float32');
  const owners = convertToTensor(boxInd, 'boxInd', 'cropAndResize', 'int32');
  const count = areas.shape[0];
  assert(input.rank === 4, () => `Error in cropAndResize: image must be rank 4,but got rank ${input.rank}.`, 'SHAPE');
  assert(areas.rank === 2 && areas.shape[1] === 4,
    () => `Error in cropAndResize: boxes must be have size [${count},4] but had shape ${areas.shape}.`, 'SHAPE');
  assert(owners.rank === 1 && owners.shape[0] === count,
    () => `Error in cropAndResize: boxInd must be have size [${count}] but had shape ${areas.shape}.`, 'SHAPE');
  assert(cropSize.length === 2, () => `Error in cropAndResize: cropSize must be of length 2, but got length ${cropSize.length}.`);
  assert(cropSize[0] >= 1 && cropSize[1] >= 1, () => `cropSize must be atleast [1,1], but was ${cropSize}`);
  assert(method === 'bilinear' || method === 'nearest', () => `method must be bilinear or nearest, but was ${method}`);
  const crops = cropped(input, areas.dataSync(), owners.dataSync(), cropSize, method, extrapolationValue);
  return engine.makeTensor(crops, [count, ...cropSize, input.shape[3]], 'float32');
});

/**
 * @param {Tensor} images
 * @param {Float32Array} boxes
 * @param {Int32Array} owners
 * @param {readonly [number, number]} cropSize
 * @param {string} method
 * @param {number} outside
 */
function cropped(images, boxes, owners, [rows, columns], method, outside) {
  const [batch, height, width, channels] = images.shape;
  const values = images.dataSync();
  const out = new Float32Array(owners.length * rows * columns * channels).fill(outside);
  /**
   * Where an output row or column looks at.
   * @param {number} from
   * @param {number} to
   * @param {number} size
   * @param {number} count
   * @param {number} i
   */
  const place = (from, to, size, count, i) =>
    (count > 1 ? from * (size - 1) + (i * (to - from) * (size - 1)) / (count - 1) : 0.5 * (from + to) * (size - 1));
  for (let b = 0; b < owners.length; b++) {
    const [y1, x1, y2, x2] = boxes.subarray(4 * b, 4 * b + 4);
    if (owners[b] < 0 || owners[b] >= batch) continue;
    const at = (/** @type {number} */ y, /** @type {number} */ x, /** @type {number} */ c) =>
      values[((owners[b] * height + y) * width + x) * channels + c];
    for (let r = 0; r < rows; r++) {
      const y = place(y1, y2, height, rows, r);
      if (y < 0 || y > height - 1) continue;
      for (let k = 0; k < columns; k++) {
        const x = place(x1, x2, width, columns, k);
        if (x < 0 || x > width - 1) continue;
        for (let c = 0; c < channels; c++) {
          const value = method === 'nearest' ? at(Math.round(y), Math.round(x), c) : between(at, y, x, c);
          out[((b * rows + r) * columns + k) * channels + c] = value;
        }
      }
    }
  }
  return out;
}

/** @param {(y: number, x: number, c: number) => number} at @param {number} y @param {number} x @param {number} c */
function between(at, y, x, c) {
  const [top, bottom, left, right] = [Math.floor(y), Math.ceil(y), Math.floor(x), Math.ceil(x)];
  const mix = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ share) => a + (b - a) * share;
  return mix(mix(at(top, left, c), at(top, right, c), x - left), mix(at(bottom, left, c), at(bottom, right, c), x - left), y - top);
}

/**
 * Images turned around a centre, by the nearest pixel.
 * @type {(image: TensorLike, radians: number, fillValue?: number | [number, number, number], center?: number | [number, number]) => Tensor}
 */
const rotateWithOffset = op('rotateWithOffset', (image, radians, fillValue = 0, center = 0.5) => {
  const input = convertToTensor(image, 'image', 'rotateWithOffset', 'float32');
  assert(input.rank === 4, () => `Error in rotateWithOffset: image must be rank 4,but got rank ${input.rank}.`, 'SHAPE');
  const [, height, width, channels] = input.shape;
  const [centerX, centerY] = getImageCenter(center, height, width);
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  const values = input.dataSync();
  const out = new Float32Array(values.length);
  const fillOf = (/** @type {number} */ c) => (typeof fillValue === 'number' ? fillValue : c === 3 ? 255 : fillValue[c]);
  for (let at = 0; at < out.length; at++) {
    const c = at % channels;
    const x = Math.floor(at / channels) % width;
    const y = Math.floor(at / (channels * width)) % height;
    const b = Math.floor(at / (channels * width * height));
    const fromX = Math.round((x - centerX) * cos - (y - centerY) * sin + centerX);
    const fromY = Math.round((x - centerX) * sin + (y - centerY) * cos + centerY);
    const isInside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
    out[at] = isInside ? values[((b * height + fromY) * width + fromX) * channels + c] : fillOf(c);
  }
  return engine.makeTensor(out, input.shape, 'float32');
});

/**
 * Images seen through projective transforms [n or 1, 8].
 * @type {(image: TensorLike, transforms: TensorLike, interpolation?: 'nearest' | 'bilinear',
 *   fillMode?: 'constant' | 'reflect' | 'wrap' | 'nearest',
 *   fillValue?: number, outputShape?: [number, number]) => Tensor}
 */
const transform = op('transform', (image, transforms, interpolation = 'nearest', fillMode = 'constant', fillValue = 0, outputShape) => {
  const input = convertToTensor(image, 'image', 'transform', 'float32');
  const matrices = convertToTensor(transforms, 'transforms', 'transform', 'float32');
  assert(input.rank === 4, () => `Error in transform: image must be rank 4,but got rank ${input.rank}.`, 'SHAPE');
  assert(matrices.rank === 2 && (matrices.shape[0] === input.shape[0] || matrices.shape[0] === 1) && matrices.shape[1] === 8,
    () => 'Error in transform: Input transform should be batch x 8 or 1 x 8', 'SHAPE');
  assert(outputShape == null || outputShape.length === 2,
    () => `Error in transform: outputShape must be [height, width] or null, but got ${outputShape}.`);
  const attributes = { interpolation, fill_mode: fillMode, fill_value: fillValue, ...(outputShape == null
    ? {}
    : { output_shape: outputShape }) };
  return engine.run('Transform', attributes, [input, matrices])[0];
});

/**
 * Black and white by a threshold: given, or found by Otsu's method (1979).
 * @type {(image: TensorLike, method?: 'binary' | 'otsu', inverted?: boolean, threshValue?: number) => Tensor}
 */
const threshold = op('threshold', (image, method = 'binary', inverted = false, threshValue = 0.5) => {
  const input = convertToTensor(image, 'image', 'threshold');
  assert(input.rank === 3, () => `Error in threshold: image must be rank 3,but got rank ${input.rank}.`, 'SHAPE');
  assert(input.shape[2] === 3 || input.shape[2] === 1,
    () => `Error in threshold: image color channel must be equal to 3 or 1but got ${input.shape[2]}.`, 'SHAPE');
  assert(input.dtype === 'int32' || input.dtype === 'float32',
    () => `Error in dtype: image dtype must be int32 or float32,but got dtype ${input.dtype}.`, 'DTYPE');
  assert(method === 'otsu' || method === 'binary', () => `Method must be binary or otsu, but was ${method}`);
  const gray = input.shape[2] === 3 ? luma(input) : input;
  const limit = method === 'otsu' ? otsu(gray) : threshValue * 255;
  const level = engine.makeTensor(Float32Array.of(limit), [], 'float32');
  const white = inverted ? lessEqual(gray, level) : greater(gray, level);
  return castTo(mul(white, 255), 'int32');
});

/** @param {Tensor} colours */
function luma(colours) {
  const weights = engine.makeTensor(new Float32Array([0.2989, 0.587, 0.114]), [3], 'float32');
  return castTo(sum(mul(castTo(colours, 'float32'), weights), 2, true), 'float32');
}

/** The level that parts the histogram into two groups as far from each other as can be. @param {Tensor} gray */
function otsu(gray) {
  const rounded = engine.makeTensor(Int32Array.from(gray.dataSync(), value => Math.round(value)), [gray.size], 'int32');
  const counts = /** @type {number[]} */ (Array.from(bincount(rounded, [], 256).dataSync()));
  const mass = counts.reduce((a, b) => a + b, 0);
  const weighted = counts.reduce((total, count, level) => total + count * level, 0);
  let [best, level, below, belowWeighted] = [-Infinity, 0, 0, 0];
  counts.slice(0, -1).forEach((count, i) => {
    below += count;
    belowWeighted += i * count;
    const [shareBelow, shareAbove] = [below / gray.size, (mass - below) / gray.size];
    const distance = belowWeighted / below - (weighted - belowWeighted) / (mass - below);
    const variance = shareBelow * shareAbove * distance * distance;
    if (variance > best) [best, level] = [variance, i];
  });
  return level;
}

export const image = { ...resizing, grayscaleToRGB, rgbToGrayscale, rotateWithOffset, cropAndResize, threshold, transform, ...nonMaxSuppression };
