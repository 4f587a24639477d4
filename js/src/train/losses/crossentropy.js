/**
 * Crossentropies. Keras: keras/src/losses/losses.py, and keras/src/backend/tensorflow/nn.py for what they do with probabilities:
 * clip them to [epsilon, 1 - epsilon]; but where a sigmoid or softmax made them, take what it was applied to, so that a training step
 * is right, and learns, where they are 0 or 1 in float32.
 */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { sourceOf } from '../../core/program.js';
import { assert } from '../../core/util.js';
import { add, clipByValue, div, log, mul, neg, notEqual, pow, sigmoid, softplus, sub } from '../../ops/elementwise.js';
import { logSoftmax, softmax } from '../../ops/neural.js';
import { mean, sum } from '../../ops/reduction.js';
import { expandDims, reshape, squeeze, transpose, where } from '../../ops/shape.js';
import { EPSILON } from './reduce.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { SampleLosses } from './loss.js' */

/** @param {Tensor} probabilities */
const clip = probabilities => clipByValue(probabilities, EPSILON, 1 - EPSILON);

/** @param {number} axis @param {Tensor} x */
const positiveAxis = (axis, x) => (axis < 0 ? axis + x.rank : axis);

/**
 * Runs a function of the last axis along another one.
 * @param {Tensor} x
 * @param {number} axis
 * @param {(x: Tensor) => Tensor} body
 */
function along(x, axis, body) {
  const at = positiveAxis(axis, x);
  if (at === x.rank - 1) return body(x);
  const order = x.shape.map((_, i) => (i === at ? x.rank - 1 : i === x.rank - 1 ? at : i));
  return transpose(body(transpose(x, order)), order);
}

/**
 * Whether shapes are the same, as far as they are known.
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
function fit(a, b) {
  return a.length === b.length && a.every((dimension, i) => dimension === null || b[i] === null || dimension === b[i]);
}

/** @param {string} who @param {Tensor} yTrue @param {Tensor} yPred */
function assertSameShape(who, yTrue, yPred) {
  assert(fit(yTrue.shape, yPred.shape), () => `${who}: Arguments \`target\` and \`output\` must have the same shape. ` +
    `Received: target.shape=[${yTrue.shape}], output.shape=[${yPred.shape}]`, 'SHAPE');
}

/** Labels moved towards the middle of two classes. @param {Tensor} yTrue @param {number} smoothing */
const smoothBinary = (yTrue, smoothing) => (smoothing ? add(mul(yTrue, 1 - smoothing), 0.5 * smoothing) : yTrue);

/** Labels moved towards all classes alike. @param {Tensor} yTrue @param {number} smoothing */
function smoothCategorical(yTrue, smoothing) {
  return smoothing ? add(mul(yTrue, 1 - smoothing), smoothing / /** @type {number} */ (yTrue.shape.at(-1))) : yTrue;
}

/**
 * -(t log p + (1 - t) log(1 - p)) for each element; of logits x: softplus(x) - t x.
 * @param {Tensor} yTrue
 * @param {Tensor} yPred
 * @param {boolean} [fromLogits]
 */
function binary(yTrue, yPred, fromLogits = false) {
  const logits = fromLogits ? yPred : sourceOf(yPred, 'Sigmoid');
  if (logits !== null) return sub(softplus(logits), mul(yTrue, logits));
  const p = clip(yPred);
  return neg(add(mul(yTrue, log(p)), mul(sub(1, yTrue), log(sub(1, p)))));
}

/**
 * mean(-(t log p + (1 - t) log(1 - p)))
 * @param {Tensor} yTrue [batch, ..., n]
 * @param {Tensor} yPred [batch, ..., n]
 * @param {{fromLogits: boolean, labelSmoothing: number, axis?: number}} options
 */
export function binaryCrossentropy(yTrue, yPred, { fromLogits, labelSmoothing, axis = -1 }) {
  assertSameShape('binaryCrossentropy', yTrue, yPred);
  return mean(binary(smoothBinary(yTrue, labelSmoothing), yPred, fromLogits), axis);
}

/**
 * mean((1 - p_t)^gamma bce), p_t = t p + (1 - t) (1 - p); times t alpha + (1 - t) (1 - alpha) with applyClassBalancing.
 * @param {Tensor} yTrue [batch, ..., n]
 * @param {Tensor} yPred [batch, ..., n]
 * @param {{applyClassBalancing: boolean, alpha: number, gamma: number, fromLogits: boolean, labelSmoothing: number, axis: number}} options
 */
export function binaryFocalCrossentropy(yTrue, yPred, { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis }) {
  assertSameShape('binaryFocalCrossentropy', yTrue, yPred);
  const truth = smoothBinary(yTrue, labelSmoothing);
  const p = fromLogits ? sigmoid(yPred) : yPred;
  const agreement = add(mul(truth, p), mul(sub(1, truth), sub(1, p)));
  const focal = mul(pow(sub(1, agreement), gamma), binary(truth, p));
  const balance = () => add(mul(truth, alpha), mul(sub(1, truth), 1 - alpha));
  return mean(applyClassBalancing ? mul(balance(), focal) : focal, axis);
}

/**
 * -sum(t log(p / sum(p))); of logits: -sum(t logSoftmax(x)).
 * @param {Tensor} yTrue [batch, ..., classes]
 * @param {Tensor} yPred [batch, ..., classes]
 * @param {{fromLogits: boolean, labelSmoothing: number, axis: number}} options axis: where the classes are
 */
export function categoricalCrossentropy(yTrue, yPred, { fromLogits, labelSmoothing, axis }) {
  assertSameShape('categoricalCrossentropy', yTrue, yPred);
  const truth = smoothCategorical(yTrue, labelSmoothing);
  const isLast = positiveAxis(axis, yPred) === yPred.rank - 1;
  const logits = fromLogits ? yPred : isLast ? sourceOf(yPred, 'Softmax') : null;
  const logs = logits === null ? log(clip(div(yPred, sum(yPred, axis, true)))) : along(logits, axis, logSoftmax);
  return neg(sum(mul(truth, logs), axis));
}

/**
 * sum(alpha (1 - p)^gamma (-t log p)), p made to sum up to 1.
 * @param {Tensor} yTrue [batch, ..., classes]
 * @param {Tensor} yPred [batch, ..., classes]
 * @param {{alpha: number | number[], gamma: number, fromLogits: boolean, labelSmoothing: number, axis: number}} options
 *   alpha: one, or one a class
 */
export function categoricalFocalCrossentropy(yTrue, yPred, { alpha, gamma, fromLogits, labelSmoothing, axis }) {
  assertSameShape('categoricalFocalCrossentropy', yTrue, yPred);
  const truth = smoothCategorical(yTrue, labelSmoothing);
  const guess = fromLogits ? along(yPred, axis, x => softmax(x)) : yPred;
  const p = clip(div(guess, sum(guess, axis, true)));
  const weights = mul(pow(sub(1, p), gamma), alpha);
  return sum(mul(weights, mul(neg(truth), log(p))), axis);
}

/**
 * -log p of the class that yTrue names; of logits: -logSoftmax(x). As TensorFlow has it, probabilities are normalized by their logarithms.
 * @param {Tensor} yTrue [batch, ...] or [batch, ..., 1], numbers of classes
 * @param {Tensor} yPred [batch, ..., classes]
 * @param {{fromLogits: boolean, ignoreClass?: number | null, axis?: number}} options ignoreClass: steps of this label count nothing
 * @returns {Tensor | SampleLosses}
 */
export function sparseCategoricalCrossentropy(yTrue, yPred, { fromLogits, ignoreClass = null, axis = -1 }) {
  assert(positiveAxis(axis, yPred) === yPred.rank - 1, () => `Only axis=-1 is currently supported. Received: axis=${axis}`);
  const labels = castTo(yTrue.rank === yPred.rank && yTrue.shape.at(-1) === 1 ? squeeze(yTrue, [yTrue.rank - 1]) : yTrue, 'int32');
  assertSparseShapes(labels, yPred);
  if (ignoreClass === null) return sparse(labels, yPred, fromLogits);
  const mask = notEqual(labels, ignoreClass);
  const values = sparse(castTo(where(mask, labels, 0), 'int32'), where(expandDims(mask, -1), yPred, 0), fromLogits);
  return { values: where(mask, values, 0), mask };
}

/** @param {Tensor} labels @param {Tensor} yPred */
function assertSparseShapes(labels, yPred) {
  assert(fit(labels.shape, yPred.shape.slice(0, -1)), () => 'sparseCategoricalCrossentropy: ' +
    'Arguments `target` and `output` must have the same shape up until the last dimension: ' +
    `target.shape=[${labels.shape}], output.shape=[${yPred.shape}]`, 'SHAPE');
}

/** @param {Tensor} labels int32 [batch, ...] @param {Tensor} yPred @param {boolean} fromLogits */
function sparse(labels, yPred, fromLogits) {
  const logs = logSoftmax((fromLogits ? yPred : sourceOf(yPred, 'Softmax')) ?? log(clip(yPred)));
  const classes = /** @type {number} */ (logs.shape.at(-1));
  const [picked] = engine.run('GatherV2', { axis: 1, batch_dims: 1 }, [reshape(logs, [-1, classes]), reshape(labels, [-1])]);
  return neg(engine.run('ReshapeLike', null, [picked, labels])[0]);
}

/**
 * (1 - p^q) / q of the probability p of the class that yTrue names.
 * @param {Tensor} yTrue [batch, ...], numbers of classes
 * @param {Tensor} yPred [batch, ..., classes]
 * @param {{q: number}} options in (0, 1)
 */
export function categoricalGeneralizedCrossEntropy(yTrue, yPred, { q }) {
  const depth = /** @type {number} */ (yPred.shape.at(-1));
  const [hot] = engine.run('OneHot', { depth, on_value: 1, off_value: 0, dtype: 'float32' }, [castTo(yTrue, 'int32')]);
  return div(sub(1, pow(sum(mul(yPred, hot), -1), q)), q);
}
