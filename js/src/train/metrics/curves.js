/** Metrics of curves over thresholds. Keras: keras/src/metrics/confusion_metrics.py */
import { assert, failure } from '../../core/util.js';
import { tensor1d } from '../../ops/creation.js';
import {
  add, div, divNoNan, equal, greater, greaterEqual, log, logicalAnd, maximum, minimum, mul, sigmoid, sub,
} from '../../ops/elementwise.js';
import { max, mean, sum } from '../../ops/reduction.js';
import { slice, where } from '../../ops/shape.js';
import { EPSILON } from '../losses/reduce.js';
import { CountingMetric, notNegative } from './confusion.js';

/** @import { Tensor } from '../../core/tensor.js' */

/** count numbers, evenly from 0 to 1. @param {number} count */
const evenly = count => Array.from({ length: count }, (_, i) => i / (count - 1));

/** Rates of counts. @type {Record<string, (metric: CountingMetric) => Tensor>} */
const RATES = {
  sensitivity: metric => metric.share('tp', 'fn'),
  specificity: metric => metric.share('tn', 'fp'),
  precision: metric => metric.share('tp', 'fp'),
  recall: metric => metric.share('tp', 'fn'),
};

/**
 * The best of one rate where another is at least a given one.
 * @param {string} className
 * @param {string} best
 * @param {string} given also the option's name
 */
function bestAt(className, best, given) {
  const Class = class extends CountingMetric {
    static className = className;
    static options = { classId: null, numThresholds: 200, [given]: null };

    /** @param {any} [args] */
    constructor(args) {
      super(args);
      const { numThresholds, [given]: value } = this.options;
      assert(value >= 0 && value <= 1 && value !== null, () =>
        `Argument \`${given}\` must be in the range [0, 1]. Received: ${given}=${value}`);
      assert(numThresholds > 0, () => `Argument \`numThresholds\` must be an integer > 0. Received: numThresholds=${numThresholds}`);
      this.addCounts(['tp', 'fp', 'tn', 'fn'], [numThresholds]);
    }

    /** @override */
    get thresholds() {
      return this.options.numThresholds === 1 ? [0.5] : evenly(this.options.numThresholds);
    }

    /** @override */
    compute() {
      return max(where(greaterEqual(RATES[given](this), this.options[given]), RATES[best](this), 0));
    }
  };
  Object.defineProperty(Class, 'name', { value: className });
  return Class;
}

export const SensitivityAtSpecificity = bestAt('SensitivityAtSpecificity', 'sensitivity', 'specificity');
export const SpecificityAtSensitivity = bestAt('SpecificityAtSensitivity', 'specificity', 'sensitivity');
export const PrecisionAtRecall = bestAt('PrecisionAtRecall', 'precision', 'recall');
export const RecallAtPrecision = bestAt('RecallAtPrecision', 'recall', 'precision');

/** All along the first axis but the last, or but the first. @param {Tensor} x */
function neighbours(x) {
  const size = x.shape.map((dimension, axis) => (axis === 0 ? dimension - 1 : dimension));
  const part = (/** @type {number} */ from) => slice(x, x.shape.map((_, axis) => (axis === 0 ? from : 0)), size);
  return [part(0), part(1)];
}

/** The heights of rectangles under a curve. @type {Record<string, (a: Tensor, b: Tensor) => Tensor>} */
const HEIGHTS = { interpolation: (a, b) => div(add(a, b), 2), minoring: minimum, majoring: maximum };

/** @param {string} what @param {unknown} value @param {string[]} expected @param {string} spelled */
function oneOf(what, value, expected, spelled) {
  if (expected.includes(spelled)) return spelled;
  throw failure('INVALID_ARGUMENT', `Invalid AUC ${what} value: "${value}". ` +
    `Expected values are [${expected.map(item => `"${item}"`).join(', ')}]`);
}

/** The area under a curve: ROC, precision over recall (PR), or their gains (PRGAIN). */
export class AUC extends CountingMetric {
  static className = 'AUC';
  static options = {
    numThresholds: 200, curve: 'ROC', summationMethod: 'interpolation', thresholds: null, multiLabel: false, numLabels: null,
    labelWeights: null, fromLogits: false,
  };
  #thresholds;

  /** @param {any} [args] */
  constructor(args) {
    super(args);
    const { options } = this;
    const { curve, summationMethod } = options;
    options.curve = oneOf('curve', curve, ['PR', 'ROC', 'PRGAIN'], String(curve).toUpperCase());
    options.summationMethod = oneOf('summation method', summationMethod, Object.keys(HEIGHTS), String(summationMethod).toLowerCase());
    if (options.thresholds !== null) {
      options.thresholds = [...options.thresholds].sort((a, b) => a - b);
      options.numThresholds = options.thresholds.length + 2;
    }
    assert(options.numThresholds > 1, () =>
      `Argument \`numThresholds\` must be an integer > 1. Received: numThresholds=${options.numThresholds}`);
    const inner = options.thresholds ?? evenly(options.numThresholds).slice(1, -1);
    this.#thresholds = [-EPSILON, ...inner, 1 + EPSILON];
    assert(options.multiLabel || !options.numLabels, () => '`numLabels` is needed only when `multiLabel` is true.');
    if (!options.multiLabel) this.#addState([]);
    else if (options.numLabels) this.#addState([options.numLabels]);
  }

  /** @override */
  get thresholds() {
    return this.#thresholds;
  }

  /** @override */
  get counting() {
    const { multiLabel, labelWeights } = this.options;
    return { thresholds: this.#thresholds, multiLabel, labelWeights };
  }

  /** @param {number[]} labels how many, where each has a curve */
  #addState(labels) {
    this.addCounts(['tp', 'fp', 'tn', 'fn'], [this.options.numThresholds, ...labels]);
  }

  /** @override @param {readonly (number | null)[]} yPredShape */
  build(yPredShape) {
    if (this.variables.length > 0) return;
    assert(yPredShape.length === 2, () => `\`y_pred\` must have rank 2 when \`multiLabel\` is true. Found rank ${yPredShape.length}. ` +
      `Full shape received for \`y_pred\`: [${yPredShape}]`, 'SHAPE');
    this.#addState([/** @type {number} */ (yPredShape[1])]);
  }

  /** @override @param {Tensor} yTrue @param {Tensor} yPred @param {Tensor | null} [sampleWeight] */
  update(yTrue, yPred, sampleWeight = null) {
    this.build(yPred.shape);
    super.update(yTrue, this.options.fromLogits ? sigmoid(yPred) : yPred, sampleWeight);
  }

  /** @override */
  compute() {
    if (this.variables.length === 0) throw failure('INVALID_ARGUMENT', `${this.name}: no batch has come yet`);
    const { curve, summationMethod } = this.options;
    return this.#average(curve === 'PR' && summationMethod === 'interpolation' ? this.#interpolatedPR() : this.#areas());
  }

  /** @param {Tensor} areas [thresholds - 1] or [thresholds - 1, labels] */
  #average(areas) {
    const { multiLabel, labelWeights } = this.options;
    if (!multiLabel) return sum(areas);
    const byLabel = sum(areas, 0);
    if (labelWeights === null) return mean(byLabel);
    const weights = tensor1d([...labelWeights], 'float32');
    return divNoNan(sum(mul(byLabel, weights)), sum(weights));
  }

  #areas() {
    const [x, y] = this.#curve().map(neighbours);
    return mul(sub(x[0], x[1]), HEIGHTS[this.options.summationMethod](y[0], y[1]));
  }

  /** x and y at the thresholds. */
  #curve() {
    const recall = this.share('tp', 'fn');
    if (this.options.curve === 'ROC') return [this.share('fp', 'tn'), recall];
    return this.options.curve === 'PR' ? [recall, this.share('tp', 'fp')] : this.#gains();
  }

  /** Gains of recall and precision (Flach and Kull, 2015). Without true positives they are 0 and 1. */
  #gains() {
    const [tp, fp, tn, fn] = /** @type {const} */ (['tp', 'fp', 'tn', 'fn']).map(name => this.counted(name));
    const odds = divNoNan(add(tp, fn), add(tn, fp));
    const none = equal(tp, 0);
    const gain = (/** @type {Tensor} */ wrong, /** @type {number} */ otherwise) =>
      where(none, otherwise, sub(1, mul(odds, divNoNan(wrong, tp))));
    return [notNegative(gain(fn, 0)), gain(fp, 1)];
  }

  /** Areas under a curve whose true positives, not whose precision, grow linearly between thresholds (Davis and Goadrich, 2006). */
  #interpolatedPR() {
    const [tp, above] = neighbours(this.counted('tp'));
    const [p, pAbove] = neighbours(add(this.counted('tp'), this.counted('fp')));
    const rise = sub(tp, above);
    const slope = divNoNan(rise, notNegative(sub(p, pAbove)));
    const intercept = sub(above, mul(slope, pAbove));
    const ratio = where(logicalAnd(greater(p, 0), greater(pAbove, 0)), divNoNan(p, notNegative(pAbove)), 1);
    const missed = neighbours(this.counted('fn'))[1];
    return divNoNan(mul(slope, add(rise, mul(intercept, log(ratio)))), notNegative(add(above, missed)));
  }

  /** @override */
  getConfig() {
    const { thresholds, ...config } = super.getConfig();
    return thresholds === null ? config : { ...config, thresholds };
  }
}
