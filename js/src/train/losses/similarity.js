/** Losses of overlaps and of embeddings. Keras: keras/src/losses/losses.py */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { onesLike, scalar } from '../../ops/creation.js';
import {
  add, div, equal, exp, greater, isFinite, log, logicalAnd, logicalNot, maximum, mul, softplus, sub,
} from '../../ops/elementwise.js';
import { matMul } from '../../ops/linear.js';
import { any, cumsum, max, sum } from '../../ops/reduction.js';
import { reshape, transpose, where } from '../../ops/shape.js';
import { EPSILON } from './reduce.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { SampleLosses } from './loss.js' */

/** @typedef {number | number[] | null} Axis null: all */

/** 1 - 2 sum(t p) / (sum(t) + sum(p) + epsilon) @param {Tensor} yTrue @param {Tensor} yPred @param {{axis: Axis}} options */
export function dice(yTrue, yPred, { axis }) {
  const total = add(add(sum(yTrue, axis), sum(yPred, axis)), EPSILON);
  return sub(1, div(mul(2, sum(mul(yTrue, yPred), axis)), total));
}

/**
 * 1 - sum(t p) / (sum(t p) + alpha sum(t (1 - p)) + beta sum(p (1 - t)) + epsilon)
 * @param {Tensor} yTrue @param {Tensor} yPred @param {{alpha: number, beta: number, axis: Axis}} options
 */
export function tversky(yTrue, yPred, { alpha, beta, axis }) {
  const both = sum(mul(yTrue, yPred), axis);
  const missed = sum(mul(sub(1, yPred), yTrue), axis);
  const extra = sum(mul(yPred, sub(1, yTrue)), axis);
  return sub(1, div(both, add(add(add(both, mul(missed, alpha)), mul(extra, beta)), EPSILON)));
}

/** log(sum(exp(x))) over those of each row that the mask has; -Infinity for rows that have none. @param {Tensor} x @param {Tensor} mask */
function maskedLogSumExp(x, mask) {
  const lowest = scalar(-Infinity);
  const masked = where(mask, x, lowest);
  const largest = max(masked, 1, true);
  const shift = engine.run('StopGradient', null, [where(isFinite(largest), largest, 0)])[0];
  const total = sum(exp(sub(masked, shift)), 1, true);
  const some = any(mask, 1, true);
  return where(some, add(log(where(some, total, 1)), shift), lowest);
}

/**
 * Circle loss (https://arxiv.org/abs/2002.10857): softplus(logsumexp of the same class's + of the others'), of cosine distances to all
 * other samples of the batch.
 * @param {Tensor} yTrue [batch] or [batch, 1], numbers of classes
 * @param {Tensor} yPred [batch, n], of length 1
 * @param {{gamma: number, margin: number, removeDiagonal: boolean}} options
 * @returns {SampleLosses}
 */
export function circle(yTrue, yPred, { gamma, margin, removeDiagonal }) {
  const labels = reshape(castTo(yTrue, 'int32'), [-1, 1]);
  const distances = maximum(sub(1, matMul(yPred, yPred, false, true)), 0);
  const same = equal(labels, transpose(labels));
  const positives = removeDiagonal ? logicalAnd(same, offDiagonal(labels)) : same;
  const pull = mul(mul(maximum(add(distances, margin), 0), -gamma), sub(margin, distances));
  const push = mul(mul(maximum(sub(1 + margin, distances), 0), gamma), sub(1 - margin, distances));
  const values = softplus(reshape(add(maskedLogSumExp(pull, positives), maskedLogSumExp(push, logicalNot(same))), [-1]));
  return { values, mask: greater(values, 0) };
}

/** False on the diagonal, true elsewhere. @param {Tensor} labels [batch, 1] */
function offDiagonal(labels) {
  const numbers = cumsum(onesLike(labels), 0);
  return logicalNot(equal(numbers, transpose(numbers)));
}
