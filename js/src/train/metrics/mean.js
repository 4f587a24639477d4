/** Sums and means of a number for each sample. Keras: keras/src/metrics/reduction_metrics.py */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { scalar } from '../../ops/creation.js';
import { divNoNan, mul, sqrt, squaredDifference } from '../../ops/elementwise.js';
import { mean, sum } from '../../ops/reduction.js';
import { applyMask, countOf, toSameRank } from '../losses/reduce.js';
import { BuiltInMetric } from './metric.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { LossFunction } from '../losses/loss.js' */
/** @import { MetricArgs } from './metric.js' */

/** @param {number} from @param {number} to */
const range = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/**
 * One value and one weight for each sample.
 * @param {Tensor} values [batch, ...]
 * @param {Tensor | null} weights [batch], or more of the values' axes
 * @param {(x: Tensor, axes: number[]) => Tensor} reduce what becomes of the other axes
 * @returns {[Tensor, Tensor | null]} [batch] each
 */
function perSample(values, weights, reduce) {
  const rest = (/** @type {Tensor} */ x, /** @type {number} */ from) => (x.rank > from ? reduce(x, range(from, x.rank)) : x);
  if (weights === null) return [rest(values, 1), null];
  const [left, right] = toSameRank(castTo(values, 'float32'), castTo(weights, 'float32'));
  const reduced = rest(left, right.rank);
  const [factors] = engine.run('BroadcastLike', null, [right, reduced]);
  return [rest(mul(reduced, factors), 1), right.rank > 1 ? rest(factors, 1) : factors];
}

/** How many samples. @param {Tensor} values [batch] or a scalar */
function countSamples(values) {
  return values.rank === 0 ? scalar(1) : countOf(values);
}

/** The sum of values. */
export class Sum extends BuiltInMetric {
  static className = 'Sum';
  static defaultName = 'sum';
  total = this.addVariable('total');

  /** @override @param {Tensor} values @param {Tensor | null} [weights] */
  update(values, weights = null) {
    this.assignAdd(this.total, sum(perSample(castTo(values, 'float32'), weights, sum)[0]));
  }

  /** @override */
  compute() {
    return this.read(this.total);
  }
}

/** The weighted mean of values. */
export class Mean extends BuiltInMetric {
  static className = 'Mean';
  /** @type {string | null} */
  static defaultName = 'mean';
  total = this.addVariable('total');
  count = this.addVariable('count');

  /** @override @param {Tensor} values @param {Tensor | null} [weights] */
  update(values, weights = null) {
    const [samples, factors] = perSample(castTo(values, 'float32'), weights, mean);
    this.assignAdd(this.total, sum(samples));
    this.assignAdd(this.count, factors === null ? countSamples(samples) : sum(factors));
  }

  /** @override */
  compute() {
    return divNoNan(this.read(this.total), this.read(this.count));
  }
}

/** The mean of a function (yTrue, yPred, options) of one number a sample. */
export class MeanMetricWrapper extends Mean {
  static className = 'MeanMetricWrapper';
  /** @type {string | null} */
  static defaultName = null;

  /**
   * @param {LossFunction} fn of float32 tensors
   * @param {MetricArgs & Record<string, any>} [args]
   */
  constructor(fn, args = {}) {
    super({ ...args, name: args.name ?? (fn.name || undefined) });
    this.fn = fn;
  }

  /** @override @param {any} yTrue @param {any} yPred @param {Tensor | null} [weights] @param {Tensor | null} [mask] */
  update(yTrue, yPred, weights = null, mask = null) {
    const [labels, predictions] = toSameRank(castTo(yTrue, 'float32'), castTo(yPred, 'float32'));
    const found = this.fn(labels, predictions, this.options);
    const { values, mask: valid } = 'values' in found ? found : { values: found, mask: null };
    const factors = applyMask(weights && castTo(weights, 'float32'), mask, 'sum');
    super.update(values, factors === null ? null : applyMask(factors, valid, 'sum'));
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { ...super.getConfig(), fn: this.fn.name };
  }
}

/** sqrt(mean((t - p)^2)) */
export class RootMeanSquaredError extends Mean {
  static className = 'RootMeanSquaredError';
  static defaultName = 'root_mean_squared_error';

  /** @override @param {any} yTrue @param {any} yPred @param {Tensor | null} [weights] */
  update(yTrue, yPred, weights = null) {
    super.update(squaredDifference(...toSameRank(castTo(yTrue, 'float32'), castTo(yPred, 'float32'))), weights);
  }

  /** @override */
  compute() {
    return sqrt(super.compute());
  }
}
