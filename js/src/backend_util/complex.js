/** Complex numbers in typed arrays, real and imaginary parts in turn: complex_util of tf.backend_util. */
import { failure } from '../core/util.js';

/** @param {ArrayLike<number>} real @param {ArrayLike<number>} imag */
export function mergeRealAndImagArrays(real, imag) {
  if (real.length !== imag.length) {
    throw failure('SHAPE', `Cannot merge real and imag arrays of different lengths. real:${real.length}, imag: ${imag.length}.`);
  }
  return Float32Array.from({ length: real.length * 2 }, (_, i) => (i % 2 === 0 ? real : imag)[i >> 1]);
}

/** @param {ArrayLike<number>} complex @param {number} first @param {number} step in elements */
function pick(complex, first, step) {
  const count = Math.max(0, Math.ceil((complex.length / 2 - first) / step));
  const part = (/** @type {number} */ offset) => Float32Array.from({ length: count }, (_, i) => complex[2 * (first + i * step) + offset]);
  return { real: part(0), imag: part(1) };
}

/** @param {ArrayLike<number>} complex */
export const splitRealAndImagArrays = complex => pick(complex, 0, 1);
/** @param {ArrayLike<number>} complex */
export const complexWithEvenIndex = complex => pick(complex, 0, 2);
/** @param {ArrayLike<number>} complex */
export const complexWithOddIndex = complex => pick(complex, 1, 2);

/** @param {ArrayLike<number>} complex @param {number} index */
export function getComplexWithIndex(complex, index) {
  return { real: complex[index * 2], imag: complex[index * 2 + 1] };
}

/** @param {{[index: number]: number}} data @param {number} real @param {number} imag @param {number} index */
export function assignToTypedArray(data, real, imag, index) {
  data[index * 2] = real;
  data[index * 2 + 1] = imag;
}

/** e^(2 pi i k n) of half the frequencies. @param {number} n @param {boolean} inverse */
export function exponents(n, inverse) {
  const sign = inverse ? 2 : -2;
  const part = (/** @type {(x: number) => number} */ f) => Float32Array.from({ length: Math.floor(n / 2) }, (_, i) => f(sign * Math.PI * (i / n)));
  return { real: part(Math.cos), imag: part(Math.sin) };
}

/** @param {number} k @param {number} n @param {boolean} inverse */
export function exponent(k, n, inverse) {
  const angle = ((inverse ? 2 : -2) * Math.PI * k) / n;
  return { real: Math.cos(angle), imag: Math.sin(angle) };
}
