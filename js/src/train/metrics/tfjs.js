/** The functions that TensorFlow.js has in tf.metrics: of whole tensors, without state. */
import { castTo, convertToTensor, op } from '../../core/convert.js';
import { add, div, divNoNan, equal, logicalAnd, square, sub } from '../../ops/elementwise.js';
import { mean, sum } from '../../ops/reduction.js';
import { getLoss } from '../losses/losses.js';
import { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from './functions.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { TensorLike } from '../../core/convert.js' */

/** @typedef {(yTrue: TensorLike, yPred: TensorLike) => Tensor} MetricFunction */

/**
 * @param {string} name
 * @param {(yTrue: Tensor, yPred: Tensor) => Tensor} body of float32
 * @returns {MetricFunction}
 */
function metric(name, body) {
  return op(name, (yTrue, yPred) => {
    const [truth, guess] = [convertToTensor(yTrue, 'yTrue', name), convertToTensor(yPred, 'yPred', name)];
    return body(castTo(truth, 'float32'), castTo(guess, 'float32'));
  });
}

/** A loss for each sample. @param {string} name @param {string} [loss] */
function ofLoss(name, loss = name) {
  return metric(name, (yTrue, yPred) => /** @type {any} */ (getLoss(loss)).call(yTrue, yPred));
}

/** How often one is this and the other that. @param {Tensor} yTrue @param {number} label @param {Tensor} yPred @param {number} guess */
function countBoth(yTrue, label, yPred, guess) {
  return castTo(sum(logicalAnd(equal(yTrue, label), equal(yPred, guess))), 'float32');
}

/** tp / (tp + others) @param {string} name @param {number} label of the others @param {number} guess */
function share(name, label, guess) {
  return metric(name, (yTrue, yPred) => {
    const hits = countBoth(yTrue, 1, yPred, 1);
    return divNoNan(hits, add(hits, countBoth(yTrue, label, yPred, guess)));
  });
}

/** TensorFlow.js's functions of tf.metrics. */
export const metricFunctions = {
  binaryAccuracy: metric('binaryAccuracy', (yTrue, yPred) => mean(binaryAccuracy(yTrue, yPred, { threshold: 0.5 }), -1)),
  binaryCrossentropy: ofLoss('binaryCrossentropy'),
  sparseCategoricalAccuracy: metric('sparseCategoricalAccuracy', sparseCategoricalAccuracy),
  categoricalAccuracy: metric('categoricalAccuracy', categoricalAccuracy),
  categoricalCrossentropy: ofLoss('categoricalCrossentropy'),
  precision: share('precision', 0, 1),
  recall: share('recall', 1, 0),
  cosineProximity: ofLoss('cosineProximity'),
  meanAbsoluteError: ofLoss('meanAbsoluteError'),
  meanAbsolutePercentageError: ofLoss('meanAbsolutePercentageError'),
  MAPE: ofLoss('MAPE'),
  mape: ofLoss('mape'),
  meanSquaredError: ofLoss('meanSquaredError'),
  MSE: ofLoss('MSE'),
  mse: ofLoss('mse'),
  r2Score: metric('r2Score', (yTrue, yPred) => sub(1, div(sum(square(sub(yTrue, yPred))), sum(square(sub(yTrue, mean(yTrue))))))),
};
