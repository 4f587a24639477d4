/** Complex numbers, and tf.spectral: Fourier transforms along the last axis. */
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { arraysEqual, assert } from '../core/util.js';
import { zeros } from './creation.js';
import { add, mul, neg, sub } from './elementwise.js';
import { matMul } from './linear.js';
import { concat, reshape, reverse, slice, split, transpose } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** A complex64 tensor of its real and imaginary parts. */
export const complex = op('complex', (/** @type {TensorLike} */ real, /** @type {TensorLike} */ imag) => {
  const [a, b] = [convertToTensor(real, 'real', 'complex'), convertToTensor(imag, 'imag', 'complex')];
  assert(arraysEqual(a.shape, b.shape),
    () => `real and imag shapes, ${a.shape} and ${b.shape}, must match in call to tf.complex().`, 'SHAPE');
  return engine.complex(castTo(a, 'float32'), castTo(b, 'float32'));
});

/** @param {Tensor} x @returns {[Tensor, Tensor]} */
function partsOf(x) {
  return x.storage.parts ?? [castTo(x, 'float32'), zeros(x.shape)];
}

/** @type {(input: TensorLike) => Tensor} */
export const real = op('real', input => partsOf(convertToTensor(input, 'input', 'real'))[0].clone());
/** @type {(input: TensorLike) => Tensor} */
export const imag = op('imag', input => partsOf(convertToTensor(input, 'input', 'imag'))[1].clone());

// ---- Fourier transforms: products with matrices of roots of one, so that they have gradients

/** Longer transforms are made of shorter ones, where the length can be divided. */
const LONGEST_PRODUCT = 64;

/** @typedef {[Tensor, Tensor]} Pair real and imaginary part */

/**
 * cos and sign sin of 2 pi i k / n, [rows, columns].
 * @param {number} n
 * @param {number} rows
 * @param {number} columns
 * @param {number} sign
 * @returns {Pair}
 */
function roots(n, rows, columns, sign) {
  const angle = (/** @type {number} */ at) => (2 * Math.PI * ((Math.floor(at / columns) * (at % columns)) % n)) / n;
  const values = (/** @type {(angle: number) => number} */ f) => engine.makeTensor(Float32Array.from({ length: rows * columns }, (_, at) =>
    f(angle(at))), [rows, columns], 'float32');
  return [values(Math.cos), values(a => sign * Math.sin(a))];
}

/**
 * @param {Pair} left
 * @param {Pair} right
 * @param {(a: Tensor, b: Tensor) => Tensor} times
 * @returns {Pair}
 */
function multiply([a, b], [c, d], times) {
  return [sub(times(a, c), times(b, d)), add(times(a, d), times(b, c))];
}

/** @param {number} n a divisor near its root, 1 where there is none */
function middleDivisor(n) {
  for (let d = Math.floor(Math.sqrt(n)); d > 1; d--) if (n % d === 0) return d;
  return 1;
}

/**
 * The transform of the rows of two matrices. Cooley and Tukey (1965): with n = n1 n2, transforms of n1 in columns, a turn,
 *   transforms of n2.
 * @param {Pair} x
 * @param {number} sign -1: forward
 * @returns {Pair}
 */
function transformRows(x, sign) {
  const [batch, n] = x[0].shape;
  const n1 = n <= LONGEST_PRODUCT ? 1 : middleDivisor(n);
  if (n1 === 1) return multiply(x, roots(n, n, n, sign), (a, b) => matMul(a, b));
  const n2 = n / n1;
  const both = (/** @type {Pair} */ pair, /** @type {(part: Tensor) => Tensor} */ f) => /** @type {Pair} */ (pair.map(f));
  const columns = both(x, part => reshape(transpose(reshape(part, [batch, n1, n2]), [0, 2, 1]), [batch * n2, n1]));
  const inner = both(transformRows(columns, sign), part => transpose(reshape(part, [batch, n2, n1]), [0, 2, 1]));
  const turned = both(multiply(inner, roots(n, n1, n2, sign), mul), part => reshape(part, [batch * n1, n2]));
  return both(transformRows(turned, sign), part => reshape(transpose(reshape(part, [batch, n1, n2]), [0, 2, 1]), [batch, n]));
}

/**
 * @param {Tensor} input complex64
 * @param {number} sign
 * @param {number} factor
 */
function transform(input, sign, factor) {
  const n = /** @type {number} */ (input.shape.at(-1));
  const rows = /** @type {Pair} */ (partsOf(input).map(part => reshape(part, [input.size / n, n])));
  const [re, im] = transformRows(rows, sign).map(part => reshape(factor === 1 ? part : mul(part, factor), input.shape));
  return engine.complex(re, im);
}

/** @param {string} name @param {Tensor} input */
function assertComplex(name, input) {
  assert(input.dtype === 'complex64', () => `The dtype for tf.spectral.${name}() must be complex64 but got ${input.dtype}.`, 'DTYPE');
}

/** @type {(input: Tensor) => Tensor} */
export const fft = op('fft', input => {
  assertComplex('fft', input);
  return transform(input, -1, 1);
});

/** @type {(input: Tensor) => Tensor} */
export const ifft = op('ifft', input => {
  assertComplex('ifft', input);
  return transform(input, 1, 1 / /** @type {number} */ (input.shape.at(-1)));
});

/**
 * x cut or filled with zeros to so many elements along its last axis.
 * @param {Tensor} x
 * @param {number} length
 */
function toLength(x, length) {
  const size = /** @type {number} */ (x.shape.at(-1));
  if (size > length) return slice(x, x.shape.map(() => 0), [...x.shape.slice(0, -1), length]);
  return size === length ? x : concat([x, zeros([...x.shape.slice(0, -1), length - size])], x.rank - 1);
}

/** The transform of real numbers: the first half, and the middle. @type {(input: Tensor, fftLength?: number) => Tensor} */
export const rfft = op('rfft', (input, fftLength) => {
  assert(input.dtype === 'float32', () => `The dtype for rfft() must be real value but got ${input.dtype}`, 'DTYPE');
  const x = fftLength === undefined || fftLength === null ? input : toLength(input, fftLength);
  const n = /** @type {number} */ (x.shape.at(-1));
  const whole = transform(engine.complex(x, zeros(x.shape)), -1, 1);
  const [re, im] = partsOf(whole).map(part => split(part, [Math.floor(n / 2) + 1, n - Math.floor(n / 2) - 1], x.rank - 1)[0]);
  return engine.complex(re, im);
});

/** Rows as the input had them, where it had three axes. @param {Tensor} input @param {Tensor} rows */
function reshapeBack(input, rows) {
  return input.rank === 3 && input.shape[0] !== 0 ? reshape(rows, [...input.shape.slice(0, 2), rows.shape[1]]) : rows;
}

/** The inverse of rfft for an even length. @type {(input: Tensor) => Tensor} */
export const irfft = op('irfft', input => {
  const half = /** @type {number} */ (input.shape.at(-1));
  const batch = input.size / half;
  const [re, im] = partsOf(input).map(part => reshape(part, [batch, half]));
  if (half <= 2) return reshapeBack(input, real(ifft(engine.complex(re, im))));
  const middle = (/** @type {Tensor} */ part) => reverse(slice(part, [0, 1], [batch, half - 2]), 1);
  const n = 2 * (half - 1);
  const whole = engine.complex(concat([re, middle(re)], 1), concat([im, neg(middle(im))], 1));
  const y = real(transform(whole, 1, 1 / n));
  return reshapeBack(input, y);
});

export const spectral = { fft, ifft, rfft, irfft };

