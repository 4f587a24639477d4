/** tf.data.webcam: frames of a camera as tensors. */
import { browser } from '../browser.js';
import { assert, failure } from '../core/util.js';
import { env } from '../environment.js';
import { tidy } from '../memory.js';
import { tensor1d, tensor2d } from '../ops/creation.js';
import { image } from '../ops/images.js';
import { cast } from '../ops/elementwise.js';
import { expandDims, squeeze } from '../ops/shape.js';
import { end, LazyIterator } from './lazy_iterator.js';

/**
 * @typedef {object} WebcamConfig
 * @property {'user' | 'environment'} [facingMode] the camera at the front ('user' by default) or at the back
 * @property {string} [deviceId] the camera by its id in mediaDevices.enumerateDevices()
 * @property {number} [resizeWidth] of the tensors
 * @property {number} [resizeHeight] of the tensors
 * @property {boolean} [centerCrop] whether resizeWidth x resizeHeight pixels are cut out of the middle, instead of the frame being resized
 */

/** Frames as int32 [height, width, 3], or float32 where they are resized. Runs until stop(). */
export class WebcamIterator extends LazyIterator {
  isClosed = true;
  /** @type {MediaStream | undefined} */
  stream;

  /** @param {HTMLVideoElement} webcamVideoElement @param {WebcamConfig} webcamConfig */
  constructor(webcamVideoElement, webcamConfig) {
    super();
    this.webcamVideoElement = webcamVideoElement;
    this.webcamConfig = webcamConfig;
  }

  summary() {
    return 'webcam';
  }

  /** @param {HTMLVideoElement} [webcamVideoElement] @param {WebcamConfig} [webcamConfig] */
  static async create(webcamVideoElement, webcamConfig = {}) {
    assert(env().get('IS_BROWSER'), () => 'tf.data.webcam is only supported in browser environment.', 'UNSUPPORTED');
    const iterator = new WebcamIterator(webcamVideoElement ?? hiddenVideo(webcamConfig), webcamConfig);
    await iterator.start();
    return iterator;
  }

  /** Asks the user for the camera, and waits for its first frame. */
  async start() {
    const { deviceId, facingMode } = this.webcamConfig;
    const video = this.webcamVideoElement;
    assert(facingMode == null || facingMode === 'user' || facingMode === 'environment',
      () => `Invalid webcam facing mode: ${facingMode}. Please provide 'user' or 'environment'`);
    const size = { width: video.width || undefined, height: video.height || undefined };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { deviceId, facingMode: facingMode ?? 'user', ...size } });
    } catch (error) {
      throw withCause(`Error thrown while initializing video stream: ${/** @type {Error} */ (error).message}`, error);
    }
    video.srcObject = this.stream;
    await video.play();
    this.isClosed = false;
  }

  /** The frame that is there now. */
  async next() {
    if (this.isClosed) return end();
    return { value: tidy(() => this.#frame()), done: false };
  }

  /** One frame. @returns {Promise<any>} */
  async capture() {
    return (await this.next()).value;
  }

  /** Turns the camera off. */
  stop() {
    this.stream?.getTracks().forEach(track => track.stop());
    this.webcamVideoElement.srcObject = null;
    this.isClosed = true;
  }

  async return() {
    this.stop();
    return { value: undefined, done: true };
  }

  /** @returns {Promise<any[]>} */
  toArray() {
    throw failure('UNSUPPORTED', 'Can not convert infinite video stream to array.');
  }

  #frame() {
    const { resizeWidth, resizeHeight, centerCrop } = this.webcamConfig;
    const pixels = browser.fromPixels(this.webcamVideoElement);
    // a camera need not have the size that it was asked for
    const [height, width] = pixels.shape;
    if (!resizeWidth || !resizeHeight || (width === resizeWidth && height === resizeHeight)) return pixels;
    const box = centerCrop ? [...middle(resizeHeight / height), ...middle(resizeWidth / width)] : [0, 1, 0, 1];
    const [top, bottom, left, right] = box;
    const resized = image.cropAndResize(expandDims(cast(pixels, 'float32')), tensor2d([[top, left, bottom, right]]), tensor1d([0], 'int32'),
      [resizeHeight, resizeWidth], 'bilinear');
    return squeeze(resized, [0]);
  }
}

/** From where to where a share in the middle of [0, 1] goes. @param {number} share @returns {[number, number]} */
function middle(share) {
  return [(1 - share) / 2, (1 + share) / 2];
}

/** @param {WebcamConfig} config */
function hiddenVideo({ resizeWidth, resizeHeight }) {
  assert(resizeWidth && resizeHeight,
    () => 'Please provide webcam video element, or resizeWidth and resizeHeight to create a hidden video element.');
  return Object.assign(document.createElement('video'), { width: resizeWidth, height: resizeHeight, muted: true, playsInline: true });
}

/** @param {string} message @param {unknown} cause */
function withCause(message, cause) {
  return Object.assign(failure('UNSUPPORTED', message), { cause });
}
