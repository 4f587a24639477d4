/** What metrics take the mean of: functions of float32 tensors. Keras: accuracy_metrics.py, correlation_metrics.py in keras/src/metrics */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { assert } from '../../core/util.js';
import { add, div, equal, greater, less, mul, sqrt, square, sub } from '../../ops/elementwise.js';
import { any, argMax, mean, sum } from '../../ops/reduction.js';
import { expandDims, reshape, slice, squeeze } from '../../ops/shape.js';
import { EPSILON } from '../losses/reduce.js';

/** @import { Tensor } from '../../core/tensor.js' */

/** 1 where both are the same, 0 elsewhere. @param {Tensor} a @param {Tensor} b */
const matches = (a, b) => castTo(equal(a, b), 'float32');

/** t = p @param {Tensor} yTrue @param {Tensor} yPred */
export function accuracy(yTrue, yPred) {
  return matches(yTrue, yPred);
}

/** t = (p > threshold) @param {Tensor} yTrue @param {Tensor} yPred @param {{threshold: number}} options */
export function binaryAccuracy(yTrue, yPred, { threshold }) {
  return matches(yTrue, castTo(greater(yPred, threshold), 'float32'));
}

/**
 * argmax(t) = argmax(p)
 * @param {Tensor} yTrue [batch, ..., classes]
 * @param {Tensor} yPred [batch, ..., classes]
 * @returns {Tensor} [batch, ...]
 */
export function categoricalAccuracy(yTrue, yPred) {
  return matches(argMax(yTrue, -1), argMax(yPred, -1));
}

/** Labels without a last axis of 1 that predictions have not. @param {Tensor} yTrue @param {Tensor} yPred */
function sparseLabels(yTrue, yPred) {
  return yTrue.rank === yPred.rank && yTrue.shape.at(-1) === 1 ? squeeze(yTrue, [yTrue.rank - 1]) : yTrue;
}

/**
 * t = argmax(p)
 * @param {Tensor} yTrue [batch, ...] or [batch, ..., 1]
 * @param {Tensor} yPred [batch, ..., classes]
 * @returns {Tensor} [batch, ...]
 */
export function sparseCategoricalAccuracy(yTrue, yPred) {
  return matches(sparseLabels(yTrue, yPred), castTo(argMax(yPred, -1), 'float32'));
}

/**
 * Whether fewer than k classes have more than the label's. Classes with as much as the label's do not count against it.
 * @param {Tensor} labels int32 [batch, ...]
 * @param {Tensor} yPred [batch, ..., classes]
 * @param {number} k
 * @returns {Tensor} float32 [batch, ...]
 */
function inTopK(labels, yPred, k) {
  const classes = /** @type {number} */ (yPred.shape.at(-1));
  assert(k >= 1, () => `k must be at least 1, got ${k}`);
  const rows = reshape(yPred, [-1, classes]);
  const [own] = engine.run('GatherV2', { axis: 1, batch_dims: 1 }, [rows, reshape(labels, [-1])]);
  const better = sum(greater(rows, expandDims(own, 1)), 1);
  return engine.run('ReshapeLike', null, [castTo(less(better, k), 'float32'), labels])[0];
}

/** argmax(t) among the k largest p @param {Tensor} yTrue @param {Tensor} yPred @param {{k: number}} options */
export function topKCategoricalAccuracy(yTrue, yPred, { k }) {
  return inTopK(argMax(yTrue, -1), yPred, k);
}

/**
 * t among the k largest p; with fromSortedIds, among the first k of yPred, which are classes.
 * @param {Tensor} yTrue [batch, ...] or [batch, ..., 1]
 * @param {Tensor} yPred [batch, ..., classes]
 * @param {{k: number, fromSortedIds: boolean}} options
 */
export function sparseTopKCategoricalAccuracy(yTrue, yPred, { k, fromSortedIds }) {
  const labels = sparseLabels(yTrue, yPred);
  if (!fromSortedIds) return inTopK(castTo(labels, 'int32'), yPred, k);
  const width = Math.min(k, /** @type {number} */ (yPred.shape.at(-1)));
  const first = slice(yPred, yPred.shape.map(() => 0), yPred.shape.map((_, axis) => (axis === yPred.rank - 1 ? width : -1)));
  return castTo(any(equal(expandDims(labels, -1), first), -1), 'float32');
}

/** x - mean(x) along an axis @param {Tensor} x @param {number} axis */
const centered = (x, axis) => sub(x, mean(x, axis, true));

/** cov(t, p) / (std(t) std(p)) @param {Tensor} yTrue @param {Tensor} yPred @param {{axis: number}} options */
export function pearsonCorrelation(yTrue, yPred, { axis }) {
  const [truth, guess] = [yTrue, yPred].map(x => centered(x, axis)).map(x => div(x, sqrt(mean(square(x), axis, true))));
  return mean(mul(truth, guess), axis);
}

/**
 * 2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))^2 + epsilon)
 * @param {Tensor} yTrue @param {Tensor} yPred @param {{axis: number}} options
 */
export function concordanceCorrelation(yTrue, yPred, { axis }) {
  const [meanTrue, meanPred] = [yTrue, yPred].map(x => mean(x, axis, true));
  const [varTrue, varPred] = [sub(yTrue, meanTrue), sub(yPred, meanPred)].map(x => mean(square(x), axis, true));
  // Keras takes the labels' distances from the mean of the predictions; their sum is the covariance all the same
  const products = mul(sub(yTrue, meanPred), sub(yPred, meanPred));
  const norm = add(add(varTrue, varPred), square(sub(meanTrue, meanPred)));
  return mean(div(mul(2, products), add(norm, EPSILON)), axis);
}
