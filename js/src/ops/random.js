/** Tensors of random numbers. With a seed they are the same each time; they differ from TensorFlow.js's for the same seed. */
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, assertNonNegativeIntegerDimensions, failure } from '../core/util.js';
import { reshape } from './shape.js';

/** @import { DataType } from '../core/util.js' */
/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/**
 * The two numbers that the native library's generators start from.
 * @param {number | string | null | undefined} seed
 */
export function seedTensor(seed) {
  const random = () => Math.floor(Math.random() * 2 ** 32) | 0;
  const numbers = seed == null ? [random(), random()] : seedNumbers(seed);
  return engine.makeTensor(Int32Array.from(numbers), [2], 'int32');
}

/** The low and the high half of a number; of a text its characters, mixed. @param {number | string} seed */
function seedNumbers(seed) {
  if (typeof seed === 'number') return [seed | 0, Math.floor(seed / 2 ** 32) | 0];
  return [0x9e3779b9, 0x85ebca6b].map(start => Array.from(String(seed)).reduce((sum, char) =>
    Math.imul(sum ^ char.charCodeAt(0), 0x01000193), start));
}

/**
 * @param {string} kernel
 * @param {readonly number[]} shape
 * @param {object} attributes
 * @param {number | string | undefined} seed
 */
function draw(kernel, shape, attributes, seed) {
  assertNonNegativeIntegerDimensions(shape);
  return engine.run(kernel, { shape, ...attributes }, [seedTensor(seed)])[0];
}

/**
 * Evenly in [minval, maxval).
 * @type {(shape: readonly number[], minval?: number, maxval?: number, dtype?: DataType, seed?: number | string) => Tensor}
 */
export const randomUniform = op('randomUniform', (shape, minval = 0, maxval = 1, dtype = 'float32', seed) => {
  const values = draw('RandomUniform', shape, { minval, maxval }, seed);
  return castTo(dtype === 'bool' ? castTo(values, 'int32') : values, dtype);
});

/**
 * Evenly of the integers in [minval, maxval).
 * @type {(shape: readonly number[], minval: number, maxval: number, seed?: number | string) => Tensor}
 */
export const randomUniformInt = op('randomUniformInt', (shape, minval, maxval, seed) =>
  draw('RandomUniformInt', shape, { minval: Math.ceil(minval), maxval: Math.ceil(maxval) }, seed));

/** @param {string} name @param {string} kernel */
const normal = (name, kernel) => op(name, /** @type {(shape: readonly number[], mean?: number, stdDev?: number, dtype?: DataType,
  seed?: number | string) => Tensor} */ (
  (shape, mean = 0, stdDev = 1, dtype, seed) => {
    const type = dtype ?? 'float32';
    if (type !== 'float32' && type !== 'int32') throw failure('DTYPE', `Unsupported data type ${dtype}`);
    const values = draw(kernel, shape, { mean, stddev: stdDev }, seed);
    return type === 'int32' ? castTo(engine.run('Round', null, [values])[0], type) : values;
  }));

export const randomNormal = normal('randomNormal', 'RandomStandardNormal');
/** As randomNormal; what is more than two deviations away is drawn again. */
export const truncatedNormal = normal('truncatedNormal', 'TruncatedNormal');

/** @type {(shape: readonly number[], dtype?: DataType, seed?: number | string) => Tensor} */
export const randomStandardNormal = op('randomStandardNormal', (shape, dtype, seed) => {
  if (dtype === 'bool') throw failure('DTYPE', `Unsupported data type ${dtype}`);
  return randomNormal(shape, 0, 1, dtype, seed);
});

/** @type {(shape: readonly number[], alpha: number, beta?: number, dtype?: DataType, seed?: number | string) => Tensor} */
export const randomGamma = op('randomGamma', (shape, alpha, beta = 1, dtype = 'float32', seed) => {
  if (dtype !== 'float32' && dtype !== 'int32') throw failure('DTYPE', `Unsupported data type ${dtype}`);
  return castTo(draw('RandomGamma', shape, { alpha, beta: beta ?? 1 }, seed), dtype);
});

/**
 * Draws numSamples outcomes a row of logits (probabilities, where normalized).
 * @type {(logits: TensorLike, numSamples: number, seed?: number, normalized?: boolean) => Tensor}
 */
export const multinomial = op('multinomial', (logits, numSamples, seed, normalized = false) => {
  const input = convertToTensor(logits, 'logits', 'multinomial');
  const outcomes = /** @type {number} */ (input.shape.at(-1));
  assert(outcomes >= 2, () => `Error in multinomial: you need at least 2 outcomes, but got ${input.size}.`);
  assert(input.rank <= 2, () => `Rank of probabilities must be 1 or 2, but is ${input.rank}`);
  const rows = input.rank === 1 ? reshape(input, [1, -1]) : input;
  const [drawn] = engine.run('Multinomial', { num_samples: numSamples, normalized }, [seedTensor(seed), rows]);
  return input.rank === 1 ? reshape(drawn, [numSamples]) : drawn;
});

/** The shape of the noise: null is x's size. @param {Tensor} x @param {readonly (number | null)[]} [noiseShape] */
export function getNoiseShape(x, noiseShape) {
  if (noiseShape == null) return [...x.shape];
  if (noiseShape.length !== x.rank) return noiseShape;
  return noiseShape.map((size, i) => size ?? x.shape[i]);
}

/** The noise's shape as the native op takes it: 1 or all of an axis. @param {Tensor} x @param {readonly (number | null)[]} noiseShape */
function noiseOf(x, noiseShape) {
  const shape = getNoiseShape(x, noiseShape);
  return x.shape.map((size, i) => {
    const noise = shape[shape.length - x.rank + i] ?? 1;
    return noise === size ? -1 : noise;
  });
}

/**
 * Zeros in place of a share of the elements; the others grow so much.
 * @type {(x: TensorLike, rate: number, noiseShape?: readonly (number | null)[], seed?: number | string) => Tensor}
 */
export const dropout = op('dropout', (x, rate, noiseShape, seed) => {
  const input = convertToTensor(x, 'x', 'dropout');
  assert(input.dtype === 'float32',
    () => `x has to be a floating point tensor since it's going to be scaled, but got a ${input.dtype} tensor instead.`, 'DTYPE');
  assert(rate >= 0 && rate < 1, () => `rate must be a float in the range [0, 1), but got ${rate}.`);
  if (rate === 0) return input.clone();
  return engine.run('Dropout', { rate, noise_shape: noiseShape == null ? null : noiseOf(input, noiseShape) }, [input, seedTensor(seed)])[0];
});
