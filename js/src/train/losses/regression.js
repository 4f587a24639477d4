/** Losses of numbers. Each takes float32 [batch, ..., n] twice and gives [batch, ...]. Keras: keras/src/losses/losses.py */
import {
  abs, add, clipByValue, div, lessEqual, log, maximum, minimum, mul, neg, rsqrt, softplus, square, squaredDifference, sub,
} from '../../ops/elementwise.js';
import { mean, sum } from '../../ops/reduction.js';
import { where } from '../../ops/shape.js';
import { EPSILON } from './reduce.js';

/** @import { Tensor } from '../../core/tensor.js' */

/** mean((t - p)^2) @param {Tensor} yTrue @param {Tensor} yPred */
export function meanSquaredError(yTrue, yPred) {
  return mean(squaredDifference(yTrue, yPred), -1);
}

/** mean(|t - p|) @param {Tensor} yTrue @param {Tensor} yPred */
export function meanAbsoluteError(yTrue, yPred) {
  return mean(abs(sub(yTrue, yPred)), -1);
}

/** 100 mean(|(t - p) / max(|t|, epsilon)|) @param {Tensor} yTrue @param {Tensor} yPred */
export function meanAbsolutePercentageError(yTrue, yPred) {
  return mul(100, mean(abs(div(sub(yTrue, yPred), maximum(abs(yTrue), EPSILON))), -1));
}

/** mean((log(max(p, epsilon) + 1) - log(max(t, epsilon) + 1))^2) @param {Tensor} yTrue @param {Tensor} yPred */
export function meanSquaredLogarithmicError(yTrue, yPred) {
  const [first, second] = [yPred, yTrue].map(x => log(add(maximum(x, EPSILON), 1)));
  return mean(squaredDifference(first, second), -1);
}

/**
 * mean(e^2 / 2 where |e| <= delta, delta |e| - delta^2 / 2 elsewhere)
 * @param {Tensor} yTrue @param {Tensor} yPred @param {{delta: number}} options
 */
export function huber(yTrue, yPred, { delta }) {
  const error = sub(yPred, yTrue);
  const distance = abs(error);
  return mean(where(lessEqual(distance, delta), mul(0.5, square(error)), sub(mul(delta, distance), 0.5 * delta ** 2)), -1);
}

/** mean(log(cosh(p - t))) = mean(x + softplus(-2 x) - log 2) @param {Tensor} yTrue @param {Tensor} yPred */
export function logCosh(yTrue, yPred) {
  const error = sub(yPred, yTrue);
  return mean(sub(add(error, softplus(mul(error, -2))), Math.LN2), -1);
}

/** x / max(|x|, epsilon) along an axis @param {Tensor} x @param {number} axis */
function normalize(x, axis) {
  return mul(x, minimum(rsqrt(sum(square(x), axis, true)), 1 / EPSILON));
}

/** The cosine of the angle between vectors. @param {Tensor} yTrue @param {Tensor} yPred @param {{axis: number}} options */
export function cosine(yTrue, yPred, { axis }) {
  return sum(mul(normalize(yTrue, axis), normalize(yPred, axis)), axis);
}

/**
 * -cosine, as TensorFlow.js's cosineProximity: smaller is more alike.
 * @param {Tensor} yTrue @param {Tensor} yPred @param {{axis: number}} options
 */
export function cosineSimilarity(yTrue, yPred, options) {
  return neg(cosine(yTrue, yPred, options));
}

/** sum(t log(t / p)), both clipped to [epsilon, 1] @param {Tensor} yTrue @param {Tensor} yPred */
export function klDivergence(yTrue, yPred) {
  const [truth, guess] = [yTrue, yPred].map(x => clipByValue(x, EPSILON, 1));
  return sum(mul(truth, log(div(truth, guess))), -1);
}

/** mean(p - t log(p + epsilon)) @param {Tensor} yTrue @param {Tensor} yPred */
export function poisson(yTrue, yPred) {
  return mean(sub(yPred, mul(yTrue, log(add(yPred, EPSILON)))), -1);
}
