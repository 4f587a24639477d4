/** Ops that reduce axes to one element. */
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, failure, parseAxisParam } from '../core/util.js';
import { abs, add, exp, log, sqrt, square, squaredDifference, sub } from './elementwise.js';
import { reshape } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** @typedef {number | readonly number[] | null} Axes null: all */

/**
 * @param {string} kernel
 * @param {Tensor} x
 * @param {Axes} axis
 * @param {boolean} keepDims
 */
function reduce(kernel, x, axis, keepDims) {
  return engine.run(kernel, { axes: parseAxisParam(axis, x.shape), keep_dims: keepDims }, [x])[0];
}

/**
 * A reduction that computes int32 and float32. bool is computed as int32, and becomes bool again where `bool` says so.
 * @param {string} name
 * @param {string} kernel
 * @param {boolean} bool
 * @returns {(x: TensorLike, axis?: Axes, keepDims?: boolean) => Tensor}
 */
function numeric(name, kernel, bool) {
  return op(name, (x, axis = null, keepDims = false) => {
    const input = convertToTensor(x, 'x', name);
    if (input.dtype !== 'bool') return reduce(kernel, input, axis, keepDims);
    const result = reduce(kernel, castTo(input, 'int32'), axis, keepDims);
    return bool ? castTo(result, 'bool') : result;
  });
}

export const sum = numeric('sum', 'Sum', false);
export const prod = numeric('prod', 'Prod', false);
export const max = numeric('max', 'Max', true);
export const min = numeric('min', 'Min', true);

/** The mean along axes, float32. */
export const mean = op('mean', (/** @type {TensorLike} */ x, /** @type {Axes} */ axis = null, keepDims = false) =>
  reduce('Mean', castTo(convertToTensor(x, 'x', 'mean'), 'float32'), axis, keepDims));

/**
 * @param {string} name
 * @param {string} kernel
 * @returns {(x: TensorLike, axis?: Axes, keepDims?: boolean) => Tensor}
 */
function logical(name, kernel) {
  return op(name, (x, axis = null, keepDims = false) => reduce(kernel, convertToTensor(x, 'x', name, 'bool'), axis, keepDims));
}

export const all = logical('all', 'All');
export const any = logical('any', 'Any');

/**
 * @param {string} name
 * @param {string} kernel
 * @returns {(x: TensorLike, axis?: number) => Tensor}
 */
function position(name, kernel) {
  return op(name, (x, axis = 0) => {
    const input = convertToTensor(x, 'x', name);
    const [along] = parseAxisParam(axis, input.shape);
    return engine.run(kernel, { axis: along }, [input.dtype === 'bool' ? castTo(input, 'int32') : input])[0];
  });
}

export const argMax = position('argMax', 'ArgMax');
export const argMin = position('argMin', 'ArgMin');

/**
 * @param {string} name
 * @param {string} kernel
 * @returns {(x: TensorLike, axis?: number, exclusive?: boolean, reverse?: boolean) => Tensor}
 */
function running(name, kernel) {
  return op(name, (x, axis = 0, exclusive = false, reverse = false) => {
    const input = convertToTensor(x, 'x', name);
    const [along] = parseAxisParam(axis, input.shape);
    return engine.run(kernel, { axis: along, exclusive, reverse }, [input.dtype === 'bool' ? castTo(input, 'int32') : input])[0];
  });
}

/** The sum of the elements up to each one along an axis. */
export const cumsum = running('cumsum', 'Cumsum');
/** The product of the elements up to each one along an axis. */
export const cumprod = running('cumprod', 'Cumprod');

/** log(sum(exp(x))) along axes, without overflow. */
export const logSumExp = op('logSumExp', (/** @type {TensorLike} */ x, /** @type {Axes} */ axis = null, keepDims = false) => {
  const input = castTo(convertToTensor(x, 'x', 'logSumExp'), 'float32');
  const largest = max(input, axis, true);
  const rest = log(sum(exp(sub(input, largest)), axis, keepDims));
  return add(reshape(largest, rest.shape), rest);
});

/** Mean and variance along axes. */
export const moments = op('moments', (/** @type {TensorLike} */ x, /** @type {Axes} */ axis = null, keepDims = false) => {
  const input = castTo(convertToTensor(x, 'x', 'moments'), 'float32');
  const center = mean(input, axis, true);
  const variance = mean(squaredDifference(input, center), axis, keepDims);
  return { mean: keepDims ? center : reshape(center, variance.shape), variance };
});

/**
 * The norm of vectors (one axis, or all elements where axis is null) or of matrices (two axes).
 * @type {(x: TensorLike, ord?: number | 'euclidean' | 'fro', axis?: Axes, keepDims?: boolean) => Tensor}
 */
export const norm = op('norm', (x, ord = 'euclidean', axis = null, keepDims = false) => {
  const input = convertToTensor(x, 'x', 'norm');
  if (input.rank === 0) return abs(input);
  const axes = parseAxisParam(axis, input.shape);
  if (axis === null || axes.length === 1) return vectorNorm(input, ord, axes, keepDims);
  assert(axes.length === 2, () => `Error in norm: invalid axis: ${axis}`);
  return matrixNorm(input, ord, axes, keepDims);
});

/**
 * @param {Tensor} x
 * @param {unknown} ord
 * @param {number[]} axes
 * @param {boolean} keepDims
 */
function vectorNorm(x, ord, axes, keepDims) {
  if (ord === 1) return sum(abs(x), axes, keepDims);
  if (ord === Infinity) return max(abs(x), axes, keepDims);
  if (ord === -Infinity) return min(abs(x), axes, keepDims);
  if (ord === 'euclidean' || ord === 2) return sqrt(castTo(sum(square(x), axes, keepDims), 'float32'));
  throw failure('INVALID_ARGUMENT', `Error in norm: invalid ord value: ${ord}`);
}

/**
 * @param {Tensor} x
 * @param {unknown} ord
 * @param {number[]} axes
 * @param {boolean} keepDims
 */
function matrixNorm(x, ord, [rows, columns], keepDims) {
  if (ord === 'fro' || ord === 'euclidean') return sqrt(castTo(sum(square(x), [rows, columns], keepDims), 'float32'));
  const [added, compared] = ord === 1 ? [rows, columns] : [columns, rows];
  const sums = sum(abs(x), added, true);
  if (ord !== 1 && ord !== Infinity && ord !== -Infinity) throw failure('INVALID_ARGUMENT', `Error in norm: invalid ord value: ${ord}`);
  const extreme = ord === -Infinity ? min(sums, compared, true) : max(sums, compared, true);
  return keepDims ? extreme : reshape(extreme, extreme.shape.filter((_, axis) => axis !== rows && axis !== columns));
}

/** The square root of the sum of squares. @type {(x: TensorLike, axis?: Axes, keepDims?: boolean) => Tensor} */
export const euclideanNorm = op('euclideanNorm', (x, axis = null, keepDims = false) => norm(x, 'euclidean', axis, keepDims));
