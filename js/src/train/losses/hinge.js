/** Losses of margins. Each takes float32 [batch, ..., n] twice and gives [batch, ...]. Keras: keras/src/losses/losses.py */
import { add, equal, logicalOr, maximum, mul, square, sub } from '../../ops/elementwise.js';
import { all, max, mean, sum } from '../../ops/reduction.js';
import { where } from '../../ops/shape.js';

/** @import { Tensor } from '../../core/tensor.js' */

/** Labels of -1 and 1, made from 0 and 1 where there are no others. @param {Tensor} yTrue */
function toSigns(yTrue) {
  const isBinary = all(logicalOr(equal(yTrue, 0), equal(yTrue, 1)));
  return where(isBinary, sub(mul(2, yTrue), 1), yTrue);
}

/** max(1 - t p, 0) @param {Tensor} yTrue @param {Tensor} yPred */
const margins = (yTrue, yPred) => maximum(sub(1, mul(toSigns(yTrue), yPred)), 0);

/** mean(max(1 - t p, 0)) @param {Tensor} yTrue @param {Tensor} yPred */
export function hinge(yTrue, yPred) {
  return mean(margins(yTrue, yPred), -1);
}

/** mean(max(1 - t p, 0)^2) @param {Tensor} yTrue @param {Tensor} yPred */
export function squaredHinge(yTrue, yPred) {
  return mean(square(margins(yTrue, yPred)), -1);
}

/** max(max((1 - t) p) - sum(t p) + 1, 0) @param {Tensor} yTrue @param {Tensor} yPred */
export function categoricalHinge(yTrue, yPred) {
  const positive = sum(mul(yTrue, yPred), -1);
  const negative = max(mul(sub(1, yTrue), yPred), -1);
  return maximum(add(sub(negative, positive), 1), 0);
}
