/** How losses and metrics come from one number a sample to one number: weights, masks, ranks. Keras: keras/src/losses/loss.py */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { failure } from '../../core/util.js';
import { toSnakeCase } from '../../layers/names.js';
import { onesLike, scalar } from '../../ops/creation.js';
import { divNoNan, mul } from '../../ops/elementwise.js';
import { sum } from '../../ops/reduction.js';
import { expandDims, squeeze } from '../../ops/shape.js';

/** @import { Tensor } from '../../core/tensor.js' */

/** What Keras clips probabilities to. */
export const EPSILON = 1e-7;

/** @typedef {'sum_over_batch_size' | 'sum' | 'mean' | 'mean_with_sample_weight' | 'none'} Reduction */

const REDUCTIONS = ['sum_over_batch_size', 'sum', 'mean', 'mean_with_sample_weight', 'none'];

/**
 * A reduction by its name in Keras 3, in Keras 2 ('auto'), or in camelCase as configs of TensorFlow.js have it.
 * @param {string | null | undefined} reduction null: none, undefined: sum over batch size
 * @returns {Reduction}
 */
export function standardizeReduction(reduction) {
  const isDefault = reduction === undefined || reduction === 'auto';
  const name = isDefault ? 'sum_over_batch_size' : toSnakeCase(String(reduction ?? 'none'));
  if (REDUCTIONS.includes(name)) return /** @type {Reduction} */ (name);
  throw failure('INVALID_ARGUMENT', 'Invalid value for argument `reduction`. ' +
    `Expected one of ${REDUCTIONS.join(', ')}. Received: reduction=${reduction}`);
}

/**
 * Both with the same rank, where one has a last dimension of 1 more than the other.
 * @param {Tensor} a
 * @param {Tensor} b
 * @param {boolean} [expands] whether one of rank 1 gets that dimension, instead of the other losing it
 * @returns {[Tensor, Tensor]}
 */
export function toSameRank(a, b, expands = true) {
  if (a.rank === b.rank + 1 && a.shape.at(-1) === 1) {
    return b.rank === 1 && expands ? [a, expandDims(b, -1)] : [squeeze(a, [a.rank - 1]), b];
  }
  if (b.rank === a.rank + 1) {
    const [second, first] = toSameRank(b, a, expands);
    return [first, second];
  }
  return [a, b];
}

/** How many elements: a number where the shape is known, else counted in each run. @param {Tensor} x */
export function countOf(x) {
  return x.shape.some(dimension => dimension === null) ? sum(onesLike(castTo(x, 'float32'))) : scalar(x.size, 'float32');
}

/**
 * Sample weights that leave out what the mask has not. Where the average over all elements follows, the others weigh the more.
 * @param {Tensor | null} weights float32
 * @param {Tensor | null} mask
 * @param {Reduction} reduction
 * @returns {Tensor | null}
 */
export function applyMask(weights, mask, reduction) {
  if (mask === null) return weights;
  const valid = castTo(mask, 'float32');
  const averages = reduction === 'mean' || reduction === 'sum_over_batch_size';
  const factors = averages ? mul(valid, divNoNan(countOf(valid), sum(valid))) : valid;
  if (weights === null) return factors;
  const [left, right] = toSameRank(factors, weights);
  return mul(right, left);
}

/**
 * @param {Tensor} values
 * @param {Tensor | null} weights
 * @param {Reduction} reduction
 */
function reduceValues(values, weights, reduction) {
  if (reduction === 'none' || values.rank === 0) return values;
  const total = sum(values);
  if (reduction === 'sum') return total;
  return divNoNan(total, reduction === 'mean_with_sample_weight' && weights !== null ? sum(weights) : countOf(values));
}

/**
 * Losses of samples as one.
 * @param {Tensor} values float32
 * @param {Tensor | null} weights
 * @param {Tensor | null} mask
 * @param {Reduction} reduction
 * @returns {Tensor} a scalar; with 'none', of the values' shape
 */
export function reduceWeighted(values, weights, mask, reduction) {
  const factors = applyMask(weights && castTo(weights, 'float32'), mask, reduction);
  if (factors === null) return reduceValues(values, null, reduction);
  const [left, right] = toSameRank(values, factors);
  return reduceValues(mul(left, right), right, reduction);
}

/** Both masks at once. @param {Tensor | null} a @param {Tensor | null} b @returns {Tensor | null} */
export function joinMasks(a, b) {
  if (a === null || b === null) return a ?? b;
  return engine.run('LogicalAnd', null, [castTo(a, 'bool'), castTo(b, 'bool')])[0];
}
