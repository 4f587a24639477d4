/** tf.signal and tf.linalg. */
import { convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert } from '../core/util.js';
import { rfft } from './complex.js';
import { eye, fill } from './creation.js';
import { div, greater, mul, neg, sub } from './elementwise.js';
import { bandPart } from './indexing.js';
import { matMul } from './linear.js';
import { norm, sum } from './reduction.js';
import { concat, reshape, slice, split, stack, transpose, unstack, where } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */

/** a - b cos(2 pi i / n) @param {number} windowLength @param {number} a @param {number} b */
function cosineWindow(windowLength, a, b) {
  const even = 1 - (windowLength % 2);
  const values = Float32Array.from({ length: windowLength }, (_, i) => a - b * Math.cos((2 * Math.PI * i) / (windowLength + even - 1)));
  return engine.makeTensor(values, [windowLength], 'float32');
}

/** @param {number} windowLength */
const hammingWindow = windowLength => cosineWindow(windowLength, 0.54, 0.46);
/** @param {number} windowLength */
const hannWindow = windowLength => cosineWindow(windowLength, 0.5, 0.5);

/**
 * Overlapping pieces of a signal.
 * @type {(signal: Tensor, frameLength: number, frameStep: number, padEnd?: boolean, padValue?: number) => Tensor}
 */
const frame = op('frame', (signal, frameLength, frameStep, padEnd = false, padValue = 0) => {
  const frames = [];
  let start = 0;
  for (; start + frameLength <= signal.size; start += frameStep) frames.push(slice(signal, start, frameLength));
  if (padEnd) {
    for (; start < signal.size; start += frameStep) {
      const missing = start + frameLength - signal.size;
      frames.push(concat([slice(signal, start, frameLength - missing), fill([missing], padValue)]));
    }
  }
  return frames.length === 0 ? engine.makeTensor(null, [0, frameLength], 'float32') : reshape(concat(frames), [frames.length, frameLength]);
});

/** The next power of two. @param {number} value */
export function enclosingPowerOfTwo(value) {
  return Math.floor(2 ** Math.ceil(Math.log(value) / Math.log(2)));
}

/**
 * The short-time Fourier transform.
 * @type {(signal: Tensor, frameLength: number, frameStep: number, fftLength?: number, windowFn?: (length: number) => Tensor) => Tensor}
 */
const stft = op('stft', (signal, frameLength, frameStep, fftLength = enclosingPowerOfTwo(frameLength), windowFn = hannWindow) =>
  rfft(mul(frame(signal, frameLength, frameStep), windowFn(frameLength)), fftLength));

export { cosineWindow };
export const signal = { hammingWindow, hannWindow, frame, stft };

/** Vectors of length one at right angles that span the same space. @type {(xs: Tensor[] | Tensor) => any} */
const gramSchmidt = op('gramSchmidt', xs => {
  const isList = Array.isArray(xs);
  if (isList) {
    assert(xs != null && xs.length > 0, () => 'Gram-Schmidt process: input must not be null, undefined, or empty');
    xs.forEach(x => assert(x.shape[0] === xs[0].shape[0],
      () => `Gram-Schmidt: Non-unique lengths found in the input vectors: (${x.shape[0]} vs. ${xs[0].shape[0]})`, 'SHAPE'));
  }
  const vectors = isList ? xs : split(xs, xs.shape[0], 0).map(part => reshape(part, [xs.shape[1]]));
  assert(vectors.length <= vectors[0].shape[0],
    () => `Gram-Schmidt: Number of vectors (${vectors.length}) exceeds number of dimensions (${vectors[0].shape[0]}).`, 'SHAPE');
  /** @type {Tensor[]} */
  const basis = [];
  for (const vector of vectors) {
    const rest = basis.reduce((x, unit) => sub(x, mul(sum(mul(unit, x)), unit)), vector);
    basis.push(div(rest, norm(rest, 'euclidean')));
  }
  return isList ? basis : stack(basis, 0);
});

/** Factors Q (orthogonal) and R (upper triangular) of matrices. @type {(x: Tensor, fullMatrices?: boolean) => [Tensor, Tensor]} */
const qr = op('qr', (x, fullMatrices = false) => {
  const input = convertToTensor(x, 'x', 'qr');
  assert(input.rank >= 2, () => `qr() requires input tensor to have a rank >= 2, but got rank ${input.rank}`, 'SHAPE');
  if (input.rank === 2) return factor(input, fullMatrices);
  const [rows, columns] = input.shape.slice(-2);
  const matrices = unstack(reshape(input, [-1, rows, columns]), 0).map(matrix => factor(matrix, fullMatrices));
  const outer = input.shape.slice(0, -2);
  const [q, r] = [0, 1].map(k => stack(matrices.map(pair => pair[k]), 0));
  return [reshape(q, [...outer, ...q.shape.slice(1)]), reshape(r, [...outer, ...r.shape.slice(1)])];
});

/**
 * Householder reflections, one a column.
 * @param {Tensor} x
 * @param {boolean} full
 * @returns {[Tensor, Tensor]}
 */
function factor(x, full) {
  const [m, n] = x.shape;
  let q = eye(m);
  let r = x.clone();
  const one = engine.makeTensor(new Float32Array([1]), [1, 1], 'float32');
  for (let j = 0; j < Math.min(m, n); j++) {
    [r, q] = engine.scoped('householder', () => {
      const below = slice(r, [j, j], [m - j, 1]);
      const length = norm(below);
      const corner = slice(r, [j, j], [1, 1]);
      const s = where(greater(corner, 0), engine.makeTensor(new Float32Array([-1]), [1, 1], 'float32'), one);
      const u1 = sub(corner, mul(s, length));
      const scaled = div(below, u1);
      const vector = scaled.shape[0] === 1 ? one.clone() : concat([one, slice(scaled, [1, 0], [scaled.shape[0] - 1, 1])], 0);
      const tau = neg(div(matMul(s, u1), length));
      const weighted = mul(tau, vector);
      const rows = slice(r, [j, 0], [m - j, n]);
      const columns = slice(q, [0, j], [m, m - j]);
      const turnedRows = sub(rows, matMul(weighted, matMul(transpose(vector), rows)));
      const turnedColumns = sub(columns, matMul(matMul(columns, vector), transpose(weighted)));
      return [j === 0 ? turnedRows : concat([slice(r, [0, 0], [j, n]), turnedRows], 0),
        j === 0 ? turnedColumns : concat([slice(q, [0, 0], [m, j]), turnedColumns], 1)];
    });
  }
  if (full || m <= n) return [q, r];
  return [slice(q, [0, 0], [m, n]), slice(r, [0, 0], [n, n])];
}

export const linalg = { bandPart, gramSchmidt, qr };
