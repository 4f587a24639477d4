/** tf.losses, and what is counted of predictions. */
import { castTo, convertToTensor, op } from '../core/convert.js';
import { arraysEqual, assert, failure } from '../core/util.js';
import { scalar } from './creation.js';
import { abs, add, div, exp, log, log1p, minimum, mul, neg, notEqual, pow, relu, square, squaredDifference, sub } from './elementwise.js';
import { logSumExp, mean, sum } from './reduction.js';
import { matMul } from './linear.js';
import { broadcastTo, oneHot, reshape, transpose } from './shape.js';
import { customGrad } from '../gradients.js';
import { softmax } from './neural.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** How losses become one: tf.Reduction. */
export const Reduction = /** @type {const} */ ({ 0: 'NONE', 1: 'MEAN', 2: 'SUM', 3: 'SUM_BY_NONZERO_WEIGHTS', NONE: 0, MEAN: 1, SUM: 2,
  SUM_BY_NONZERO_WEIGHTS: 3 });

/** @typedef {number} ReductionOf a number of Reduction */

/** Losses times weights, reduced. @type {(losses: TensorLike, weights?: TensorLike | null, reduction?: ReductionOf) => Tensor} */
const computeWeightedLoss = op('computeWeightedLoss', (losses, weights, reduction = Reduction.SUM_BY_NONZERO_WEIGHTS) => {
  const values = convertToTensor(losses, 'losses', 'computeWeightedLoss');
  const factors = weights == null ? null : convertToTensor(weights, 'weights', 'computeWeightedLoss');
  const weighted = factors === null ? values : mul(values, factors);
  if (reduction === Reduction.NONE) return weighted;
  if (reduction === Reduction.SUM) return sum(weighted);
  if (reduction === Reduction.MEAN) {
    if (factors === null) return mean(weighted);
    const repeats = values.size / factors.size;
    const average = div(sum(weighted), sum(factors));
    return repeats > 1 ? div(average, scalar(repeats)) : average;
  }
  if (reduction === Reduction.SUM_BY_NONZERO_WEIGHTS) {
    if (factors === null) return div(sum(weighted), scalar(values.size));
    const everywhere = broadcastTo(mul(factors, 1), broadcastTarget(factors, values));
    const count = castTo(sum(notEqual(everywhere, scalar(0))), 'float32');
    return div(sum(weighted), count);
  }
  throw failure('INVALID_ARGUMENT', `Unknown reduction: ${reduction}`);
});

/** @param {Tensor} weights @param {Tensor} values */
function broadcastTarget(weights, values) {
  return weights.rank > values.rank ? weights.shape : values.shape;
}

/**
 * @param {string} name
 * @param {TensorLike} labels
 * @param {TensorLike} predictions
 * @param {string} [second]
 * @returns {[Tensor, Tensor, Tensor | null]}
 */
function operands(name, labels, predictions, second = 'predictions', /** @type {TensorLike | null | undefined} */ weights = null) {
  const truth = convertToTensor(labels, 'labels', name);
  const guess = convertToTensor(predictions, second, name);
  const factors = weights == null ? null : convertToTensor(weights, 'weights', name);
  assert(arraysEqual(truth.shape, guess.shape), () => `Error in ${name}:  Shapes ${truth.shape} and ${guess.shape} must match`, 'SHAPE');
  return [truth, guess, factors];
}

/** @typedef {(labels: TensorLike, predictions: TensorLike, weights?: TensorLike | null, reduction?: ReductionOf) => Tensor} Loss */

/** @type {Loss} */
const absoluteDifference = op('absoluteDifference', (labels, predictions, weights, reduction) => {
  const [truth, guess, factors] = operands('absoluteDifference', labels, predictions, 'predictions', weights);
  return computeWeightedLoss(abs(sub(truth, guess)), factors, reduction);
});

/** @type {(labels: TensorLike, predictions: TensorLike, axis: number, weights?: TensorLike | null, reduction?: ReductionOf) => Tensor} */
const cosineDistance = op('cosineDistance', (labels, predictions, axis, weights, reduction) => {
  const [truth, guess, factors] = operands('cosineDistance', labels, predictions, 'predictions', weights);
  return computeWeightedLoss(sub(scalar(1), sum(mul(truth, guess), axis, true)), factors, reduction);
});

/** @type {Loss} */
const hingeLoss = op('hingeLoss', (labels, predictions, weights, reduction) => {
  const [truth, guess, factors] = operands('hingeLoss', labels, predictions, 'predictions', weights);
  const signs = sub(mul(scalar(2), truth), scalar(1));
  return computeWeightedLoss(relu(sub(scalar(1), mul(signs, guess))), factors, reduction);
});

/** @type {(labels: TensorLike, predictions: TensorLike, weights?: TensorLike | null, delta?: number, reduction?: ReductionOf) => Tensor} */
const huberLoss = op('huberLoss', (labels, predictions, weights, delta = 1, reduction) => {
  const [truth, guess, factors] = operands('huberLoss', labels, predictions, 'predictions', weights);
  const distance = abs(sub(guess, truth));
  const quadratic = minimum(distance, scalar(delta));
  const linear = sub(distance, quadratic);
  return computeWeightedLoss(add(mul(scalar(0.5), square(quadratic)), mul(scalar(delta), linear)), factors, reduction);
});

/**
 * @type {(labels: TensorLike, predictions: TensorLike, weights?: TensorLike | null, epsilon?: number, reduction?: ReductionOf) => Tensor}
 */
const logLoss = op('logLoss', (labels, predictions, weights, epsilon = 1e-7, reduction) => {
  const [truth, guess, factors] = operands('logLoss', labels, predictions, 'predictions', weights);
  const small = scalar(epsilon);
  const positive = neg(mul(truth, log(add(guess, small))));
  const negative = mul(sub(scalar(1), truth), log(add(sub(scalar(1), guess), small)));
  return computeWeightedLoss(sub(positive, negative), factors, reduction);
});

/** @type {Loss} */
const meanSquaredError = op('meanSquaredError', (labels, predictions, weights, reduction) => {
  const [truth, guess, factors] = operands('meanSquaredError', labels, predictions, 'predictions', weights);
  return computeWeightedLoss(squaredDifference(truth, guess), factors, reduction);
});

/** max(x, 0) - x z + log(1 + exp(-|x|)) @type {(labels: TensorLike, logits: TensorLike) => Tensor} */
const sigmoidCrossEntropyWithLogits = op('sigmoidCrossEntropyWithLogits', (labels, logits) => {
  const [truth, guess] = operands('sigmoidCrossEntropyWithLogits', labels, logits, 'logits');
  return add(sub(relu(guess), mul(guess, truth)), log1p(exp(neg(abs(guess)))));
});

/**
 * @type {(labels: TensorLike, logits: TensorLike, weights?: TensorLike | null, labelSmoothing?: number, reduction?: ReductionOf) => Tensor}
 */
const sigmoidCrossEntropy = op('sigmoidCrossEntropy', (labels, logits, weights, labelSmoothing = 0, reduction) => {
  const truth = convertToTensor(labels, 'multiClassLabels', 'sigmoidCrossEntropy');
  const guess = convertToTensor(logits, 'logits', 'sigmoidCrossEntropy');
  const factors = weights == null ? null : convertToTensor(weights, 'weights', 'sigmoidCrossEntropy');
  assert(arraysEqual(truth.shape, guess.shape),
    () => `Error in sigmoidCrossEntropy:  Shapes ${truth.shape} and ${guess.shape} must match`, 'SHAPE');
  const smooth = labelSmoothing > 0 ? add(mul(truth, scalar(1 - labelSmoothing)), scalar(0.5 * labelSmoothing)) : truth;
  return computeWeightedLoss(sigmoidCrossEntropyWithLogits(smooth, guess), factors, reduction);
});

/**
 * -sum(labels log softmax(logits)); its gradient is (softmax(logits) - labels), without the quotient's roundings.
 * @param {Tensor} labels
 * @param {Tensor} logits
 */
function softmaxCrossEntropyWithLogits(labels, logits) {
  const dim = logits.rank - 1;
  return customGrad((/** @type {Tensor} */ truth, /** @type {Tensor} */ guess, /** @type {(tensors: Tensor[]) => void} */ save) => {
    const result = sub(guess, logSumExp(guess, [dim], true));
    save([truth, guess]);
    const value = sum(neg(mul(result, truth)), [dim]);
    return {
      value,
      gradFunc: (dy, [savedTruth, savedGuess]) => {
        const weights = reshape(dy, [...dy.shape, 1]);
        return [mul(weights, sub(castTo(savedTruth, 'float32'), softmax(savedGuess))),
          mul(weights, sub(softmax(savedGuess), castTo(savedTruth, 'float32')))];
      },
    };
  })(labels, logits);
}

/**
 * @type {(labels: TensorLike, logits: TensorLike, weights?: TensorLike | null, labelSmoothing?: number, reduction?: ReductionOf) => Tensor}
 */
const softmaxCrossEntropy = op('softmaxCrossEntropy', (labels, logits, weights, labelSmoothing = 0, reduction) => {
  const truth = convertToTensor(labels, 'onehotLabels', 'softmaxCrossEntropy');
  const guess = convertToTensor(logits, 'logits', 'softmaxCrossEntropy');
  const factors = weights == null ? null : convertToTensor(weights, 'weights', 'softmaxCrossEntropy');
  assert(arraysEqual(truth.shape, guess.shape),
    () => `Error in softmaxCrossEntropy:  Shapes ${truth.shape} and ${guess.shape} must match`, 'SHAPE');
  const classes = guess.shape[guess.rank - 1];
  const smooth = labelSmoothing > 0 ? add(mul(truth, scalar(1 - labelSmoothing)), scalar(labelSmoothing / classes)) : truth;
  return computeWeightedLoss(softmaxCrossEntropyWithLogits(smooth, guess), factors, reduction);
});

export const losses = {
  absoluteDifference, computeWeightedLoss, cosineDistance, hingeLoss, huberLoss, logLoss, meanSquaredError, sigmoidCrossEntropy, softmaxCrossEntropy,
};

/**
 * How often each class was taken for each: [true class, predicted class].
 * @type {(labels: TensorLike, predictions: TensorLike, numClasses: number) => Tensor}
 */
const confusionMatrix = op('confusionMatrix', (labels, predictions, numClasses) => {
  const truth = convertToTensor(labels, 'labels', 'confusionMatrix');
  const guess = convertToTensor(predictions, 'predictions', 'confusionMatrix');
  assert(numClasses == null || (numClasses > 0 && Number.isInteger(numClasses)),
    () => `If provided, numClasses must be a positive integer, but got ${numClasses}`);
  assert(truth.rank === 1, () => `Expected the rank of labels to be 1, but got ${truth.rank}`);
  assert(guess.rank === 1, () => `Expected the rank of predictions to be 1, but got ${guess.rank}`);
  assert(truth.shape[0] === guess.shape[0], () => `Mismatch in the number of examples: ${truth.shape[0]} vs. ${guess.shape[0]}. ` +
    'Labels and predictions should have the same number of elements.');
  assert(numClasses > 0 && Number.isInteger(numClasses), () => `numClasses is required to be a positive integer, but got ${numClasses}`);
  const rows = oneHot(castTo(truth, 'int32'), numClasses);
  const columns = oneHot(castTo(guess, 'int32'), numClasses);
  return castTo(matMul(transpose(castTo(rows, 'float32')), castTo(columns, 'float32')), 'int32');
});

export const math = { confusionMatrix };

/**
 * v moved towards x: v + (x - v) (1 - decay), made up for the zeros that it began with where zeroDebias says so.
 * @type {(v: TensorLike, x: TensorLike, decay: TensorLike, step?: TensorLike | null, zeroDebias?: boolean) => Tensor}
 */
export const movingAverage = op('movingAverage', (v, x, decay, step, zeroDebias = true) => {
  const value = convertToTensor(v, 'v', 'movingAverage');
  const latest = convertToTensor(x, 'x', 'movingAverage');
  const rate = convertToTensor(decay, 'decay', 'movingAverage');
  assert(value.dtype === latest.dtype,
    () => `The dtypes of the first(${value.dtype}) and second(${latest.dtype}) input must match`, 'DTYPE');
  assert(arraysEqual(value.shape, latest.shape), () => `Shape mismatch in v and x`, 'SHAPE');
  const rest = sub(scalar(1), rate);
  const update = mul(sub(latest, value), rest);
  if (!zeroDebias) return add(value, update);
  assert(step != null, () => 'When using zeroDebias: true, step is required.');
  const count = convertToTensor(/** @type {TensorLike} */ (step), 'step', 'movingAverage');
  return add(value, div(update, sub(scalar(1), pow(rate, count))));
});

