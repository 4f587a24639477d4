/** Weights as images, in the arrangement of Keras (_log_weight_as_image of keras/src/callbacks/tensorboard.py). */
import { encodePng } from './png.js';

/** How many images of a weight are shown. */
const MOST_IMAGES = 3;

/**
 * @typedef {object} Images
 * @property {number} count
 * @property {number} height
 * @property {number} width
 * @property {number} channels
 * @property {(image: number, y: number, x: number, channel: number) => number} at index of an element
 */

/**
 * How the elements of a weight are laid out as images; null where they cannot be.
 * @param {readonly number[]} weightShape
 * @returns {Images | null}
 */
function arrange(weightShape) {
  const shape = weightShape.filter(size => size !== 1);
  const [a, b, c, channels] = shape;
  switch (shape.length) {
    case 1: return { count: 1, height: a, width: 1, channels: 1, at: (_, y) => y };
    case 2: return { count: 1, height: Math.min(a, b), width: Math.max(a, b), channels: 1, at: (_, y, x) => (a > b ? x * b + y : y * b + x) };
    case 3: return { count: c, height: a, width: b, channels: 1, at: (image, y, x) => (y * b + x) * c + image };
    case 4: return [1, 3, 4].includes(channels)
      ? { count: a, height: b, width: c, channels, at: (image, y, x, channel) => ((image * b + y) * c + x) * channels + channel } : null;
    default: return null;
  }
}

/** As TensorFlow makes bytes of floats. @param {number} value */
const byteOf = value => Math.floor(Math.min(Math.max(value, 0), 1) * 255.5);

/**
 * @param {ArrayLike<number>} values of a weight; 0 is black, 1 white, what is beyond is cut off
 * @param {readonly number[]} shape
 */
export async function imagesOf(values, shape) {
  const images = arrange(shape);
  if (images === null) return null;
  const { count, height, width, channels, at } = images;
  const pngs = [];
  for (let image = 0; image < Math.min(count, MOST_IMAGES); image++) {
    const pixels = new Uint8Array(height * width * channels);
    let i = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < channels; channel++) pixels[i++] = byteOf(values[at(image, y, x, channel)]);
      }
    }
    pngs.push(await encodePng(pixels, width, height, channels));
  }
  return { width, height, pngs };
}
