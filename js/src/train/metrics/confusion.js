/** How many predictions are above thresholds, of true labels and of false ones. Keras: keras/src/metrics/metrics_utils.py */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { assert } from '../../core/util.js';
import { tensor1d } from '../../ops/creation.js';
import { add, ceil, clipByValue, divNoNan, greater, maximum, mul, relu, sub } from '../../ops/elementwise.js';
import { argMax, cumsum, sum } from '../../ops/reduction.js';
import { expandDims, reshape, slice, transpose, where } from '../../ops/shape.js';
import { EPSILON, toSameRank } from '../losses/reduce.js';
import { BuiltInMetric } from './metric.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */

/** Below all predictions, and not infinite. */
const LOWEST = -1e10;

/** Counts of predictions: true and false positives, true and false negatives. @typedef {'tp' | 'fp' | 'tn' | 'fn'} Count */

/** Names of the counts' variables. @type {Record<Count, string>} */
const NAMES = { tp: 'true_positives', fp: 'false_positives', tn: 'true_negatives', fn: 'false_negatives' };

/**
 * @typedef {object} Counting
 * @property {readonly number[]} thresholds
 * @property {number | null} [topK] only the k largest predictions of a sample are above any threshold
 * @property {number | null} [classId] only this class counts
 * @property {boolean} [multiLabel] whether each label has counts of its own
 * @property {readonly number[] | null} [labelWeights]
 */

/** The first of a vector of one, as a scalar; longer ones as they are. @param {Tensor} vector */
function only(vector) {
  return vector.shape[0] === 1 ? reshape(vector, []) : vector;
}

/** One of the places along the last axis, which stays. @param {Tensor} x @param {number} place */
function pick(x, place) {
  const begin = x.shape.map((_, axis) => (axis === x.rank - 1 ? place : 0));
  return slice(x, begin, x.shape.map((_, axis) => (axis === x.rank - 1 ? 1 : -1)));
}

/** Whether thresholds lie evenly in [0, 1], as numpy.allclose sees it. @param {readonly number[]} thresholds */
function areEven(thresholds) {
  const last = thresholds.length - 1;
  return last >= 2 && thresholds.every((threshold, i) => Math.abs(threshold - i / last) <= EPSILON + 1e-5 * (i / last));
}

/** The k largest of each row as they are, and far below all of them the others. @param {Tensor} x @param {number} k */
function keepTopK(x, k) {
  const depth = /** @type {number} */ (x.shape.at(-1));
  assert(k >= 1 && k <= depth, () => `topK must be in [1, ${depth}], the number of classes, got ${k}`);
  let rest = x;
  let kept = mul(x, 0);
  for (let i = 0; i < k; i++) {
    const [largest] = engine.run('OneHot', { depth, on_value: 1, off_value: 0, dtype: 'float32' }, [argMax(rest, -1)]);
    kept = add(kept, largest);
    rest = where(greater(largest, 0), -Infinity, rest);
  }
  return where(greater(kept, 0), x, LOWEST);
}

/**
 * Sums of weights by buckets between even thresholds: no more work for many thresholds than for few.
 * @param {Tensor[]} weights of true and of false labels, [n] or [n, labels]
 * @param {Tensor} predictions [n] or [n, labels]
 * @param {readonly number[]} thresholds
 * @returns {Tensor[]} [thresholds] or [thresholds, labels] each: weights of predictions above each threshold
 */
function aboveEven(weights, predictions, thresholds) {
  const count = thresholds.length;
  const above = sub(ceil(mul(clipByValue(predictions, 0, 1), count - 1)), 1);
  // a first threshold below 0 is below predictions of 0 as well
  const buckets = castTo(thresholds[0] < 0 ? relu(above) : above, 'int32');
  const labels = predictions.rank === 1 ? 1 : predictions.shape[1];
  const offsets = engine.makeTensor(Int32Array.from({ length: labels }, (_, i) => i * count), [labels], 'int32');
  const segments = labels === 1 && predictions.rank === 1 ? buckets : reshape(add(buckets, offsets), [-1]);
  return weights.map(weight => {
    const [sums] = engine.run('UnsortedSegmentSum', { num_segments: labels * count }, [reshape(weight, [-1]), segments]);
    const totals = cumsum(reshape(sums, [labels, count]), 1, false, true);
    return predictions.rank === 1 ? reshape(totals, [count]) : transpose(totals);
  });
}

/**
 * @param {Tensor[]} weights of true and of false labels, [n] or [n, labels]
 * @param {Tensor} predictions [n] or [n, labels]
 * @param {readonly number[]} thresholds
 */
function aboveAny(weights, predictions, thresholds) {
  const limits = reshape(tensor1d([...thresholds], 'float32'), [thresholds.length, ...predictions.shape.map(() => 1)]);
  const above = castTo(greater(expandDims(predictions, 0), limits), 'float32');
  return weights.map(weight => sum(mul(above, expandDims(weight, 0)), 1));
}

/**
 * What of a batch counts: labels and predictions of one rank, and weights that fit them.
 * @param {Tensor} yTrue
 * @param {Tensor} yPred
 * @param {Tensor | null} sampleWeight
 * @param {Counting} counting
 * @returns {[Tensor, Tensor, Tensor | null]}
 */
function counted(yTrue, yPred, sampleWeight, { topK = null, classId = null, multiLabel = false, labelWeights = null }) {
  const [guess, truth] = toSameRank(castTo(yPred, 'float32'), castTo(yTrue, 'float32'));
  const weights = sampleWeight && toSameRank(truth, expandDims(castTo(sampleWeight, 'float32'), -1), false)[1];
  const scores = topK === null ? guess : keepTopK(guess, topK);
  if (labelWeights !== null && !multiLabel) return [truth, scores, mul(weights ?? 1, tensor1d([...labelWeights], 'float32'))];
  if (classId === null) return [truth, scores, weights];
  assert(guess.rank > 1, () => 'When classId is provided, y_pred must be a 2D array with shape (num_samples, num_classes), ' +
    `found shape: [${guess.shape}]`, 'SHAPE');
  return [pick(truth, classId), pick(scores, classId), weights];
}

/**
 * The counts of a batch at each threshold, made where they are asked for.
 * @param {Tensor} yTrue
 * @param {Tensor} yPred
 * @param {Tensor | null} sampleWeight
 * @param {Counting} counting
 * @returns {Record<Count, () => Tensor>} [thresholds] or [thresholds, labels] each
 */
function count(yTrue, yPred, sampleWeight, counting) {
  const { thresholds, multiLabel = false } = counting;
  const [truth, guess, weights] = counted(yTrue, yPred, sampleWeight, counting);
  const isTrue = castTo(castTo(truth, 'bool'), 'float32');
  const flat = (/** @type {Tensor} */ x) => (multiLabel ? x : reshape(x, [-1]));
  const [trues, falses] = [isTrue, sub(1, isTrue)].map(part => flat(weights === null ? part : mul(part, weights)));
  const [tp, fp] = (areEven(thresholds) ? aboveEven : aboveAny)([trues, falses], flat(guess), thresholds);
  return { tp: () => tp, fp: () => fp, tn: () => sub(sum(falses, 0), fp), fn: () => sub(sum(trues, 0), tp) };
}

/** Thresholds as they were given, or others. @param {any} given a number, a list, or null @param {number} otherwise @returns {number[]} */
function thresholdsOf(given, otherwise) {
  const thresholds = given === null ? [otherwise] : [given].flat();
  const invalid = given === null ? [] : thresholds.filter(threshold => !(threshold >= 0 && threshold <= 1));
  assert(invalid.length === 0, () => `Threshold values must be in [0, 1]. Received: [${invalid}]`);
  return thresholds;
}

/** A metric of counts at thresholds. */
export class CountingMetric extends BuiltInMetric {
  /** @type {Partial<Record<Count, Variable>>} */
  counts = {};

  /** What `count` does with a batch. @returns {Counting} */
  get counting() {
    return { thresholds: this.thresholds, topK: this.options.topK, classId: this.options.classId };
  }

  /** @returns {number[]} */
  get thresholds() {
    return thresholdsOf(this.options.thresholds ?? null, this.options.topK == null ? 0.5 : LOWEST);
  }

  /** Makes variables for counts. @param {Count[]} wanted @param {readonly number[]} shape */
  addCounts(wanted, shape) {
    for (const name of wanted) this.counts[name] = this.addVariable(NAMES[name], shape);
  }

  /** The newest counts. @param {Count} name @returns {Tensor} */
  counted(name) {
    return this.read(/** @type {Variable} */ (this.counts[name]));
  }

  /** a / (a + b), 0 where there is nothing @param {Count} a @param {Count} b */
  share(a, b) {
    return divNoNan(this.counted(a), add(this.counted(a), this.counted(b)));
  }

  /** @override @param {Tensor} yTrue @param {Tensor} yPred @param {Tensor | null} [sampleWeight] */
  update(yTrue, yPred, sampleWeight = null) {
    const found = count(yTrue, yPred, sampleWeight, this.counting);
    for (const [name, variable] of Object.entries(this.counts)) this.assignAdd(variable, found[/** @type {Count} */ (name)]());
  }
}

/** A metric that is one of the counts. @param {string} className @param {Count} name */
function countMetric(className, name) {
  const Class = class extends CountingMetric {
    static className = className;
    static options = { thresholds: null };

    /** @param {any} [args] */
    constructor(args) {
      super(args);
      this.counts[name] = this.addVariable('accumulator', [this.thresholds.length]);
    }

    /** @override */
    compute() {
      return only(this.counted(name));
    }
  };
  Object.defineProperty(Class, 'name', { value: className });
  return Class;
}

export const TruePositives = countMetric('TruePositives', 'tp');
export const TrueNegatives = countMetric('TrueNegatives', 'tn');
export const FalsePositives = countMetric('FalsePositives', 'fp');
export const FalseNegatives = countMetric('FalseNegatives', 'fn');

/** A metric tp / (tp + others). @param {string} className @param {Count} others */
function shareMetric(className, others) {
  const Class = class extends CountingMetric {
    static className = className;
    static options = { thresholds: null, topK: null, classId: null };

    /** @param {any} [args] */
    constructor(args) {
      super(args);
      this.addCounts(['tp', others], [this.thresholds.length]);
    }

    /** @override */
    compute() {
      return only(this.share('tp', others));
    }
  };
  Object.defineProperty(Class, 'name', { value: className });
  return Class;
}

/** Of what was predicted, how much is true: tp / (tp + fp) */
export const Precision = shareMetric('Precision', 'fp');
/** Of what is true, how much was predicted: tp / (tp + fn) */
export const Recall = shareMetric('Recall', 'fn');

/** At least 0. @param {Tensor} x */
export const notNegative = x => maximum(x, 0);
