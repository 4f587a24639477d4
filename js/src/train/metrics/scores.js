/** Scores of whole classes and regressors. Keras: f_score_metrics.py and regression_metrics.py in keras/src/metrics */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { assert, failure } from '../../core/util.js';
import { scalar } from '../../ops/creation.js';
import {
  abs, add, div, greater, greaterEqual, isInf, less, logicalAnd, mul, square, squaredDifference, sub,
} from '../../ops/elementwise.js';
import { max, mean, sum } from '../../ops/reduction.js';
import { expandDims, where } from '../../ops/shape.js';
import { countOf, EPSILON, toSameRank } from '../losses/reduce.js';
import { BuiltInMetric } from './metric.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */

/** @param {string} who @param {readonly (number | null)[]} yPredShape @returns {number} outputs of a sample */
function outputsOf(who, yPredShape) {
  assert(yPredShape.length === 2 && yPredShape[1] !== null, () =>
    `${who} expects 2D inputs with shape (batch_size, output_dim). Received input shape: y_pred.shape=[${yPredShape}].`, 'SHAPE');
  return /** @type {number} */ (yPredShape[1]);
}

/** @param {string} who @param {Tensor} yTrue @param {Tensor} yPred */
function assertSameShape(who, yTrue, yPred) {
  const isSame = yTrue.rank === yPred.rank && yTrue.shape[1] === yPred.shape[1];
  assert(isSame, () => `${who} expects 2D inputs with shape (batch_size, output_dim). ` +
    `Received input shapes: y_pred.shape=[${yPred.shape}] and y_true.shape=[${yTrue.shape}].`, 'SHAPE');
}

/** (1 + beta^2) precision recall / (beta^2 precision + recall) */
export class FBetaScore extends BuiltInMetric {
  static className = 'FBetaScore';
  static defaultName = 'fbeta_score';
  /** @type {Record<string, any>} */
  static options = { average: null, beta: 1, threshold: null };
  /** True positives, false positives, false negatives, and how much each class weighs. @type {Variable[]} */
  #counts = [];

  /** @param {any} [args] */
  constructor(args) {
    super(args);
    const { average, threshold } = this.options;
    assert([null, 'micro', 'macro', 'weighted'].includes(average), () =>
      `Invalid \`average\` argument value. Expected one of: null, 'micro', 'macro', 'weighted'. Received: average=${average}`);
    assert(this.beta > 0, () => `Invalid \`beta\` argument value. It should be > 0. Received: beta=${this.beta}`);
    assert(threshold === null || (threshold > 0 && threshold <= 1), () =>
      `Invalid \`threshold\` argument value. It should verify 0 < threshold <= 1. Received: threshold=${threshold}`);
  }

  /** @returns {number} */
  get beta() {
    return this.options.beta;
  }

  /** @override @param {readonly (number | null)[]} yPredShape */
  build(yPredShape) {
    if (this.#counts.length > 0) return;
    const outputs = outputsOf(this.getClassName(), yPredShape);
    const names = ['true_positives', 'false_positives', 'false_negatives', 'intermediate_weights'];
    this.#counts = names.map(name => this.addVariable(name, this.options.average === 'micro' ? [] : [outputs]));
  }

  /** What counts as predicted: what is above the threshold, or the largest. @param {Tensor} yPred */
  #predicted(yPred) {
    const { threshold } = this.options;
    const largest = () => logicalAnd(greaterEqual(yPred, max(yPred, -1, true)), greater(abs(yPred), 1e-9));
    return castTo(threshold === null ? largest() : greater(yPred, threshold), 'float32');
  }

  /** @override @param {any} labels @param {any} predictions @param {Tensor | null} [weights] [batch] */
  update(labels, predictions, weights = null) {
    const [yTrue, yPred] = [castTo(labels, 'float32'), castTo(predictions, 'float32')];
    const isMicro = this.options.average === 'micro';
    this.build(yPred.shape);
    assertSameShape(this.getClassName(), yTrue, yPred);
    const guess = this.#predicted(yPred);
    const factors = weights && expandDims(castTo(weights, 'float32'), 1);
    const amounts = [mul(guess, yTrue), mul(guess, sub(1, yTrue)), mul(sub(1, guess), yTrue), yTrue];
    const weighted = amounts.map(amount => (factors === null ? amount : mul(amount, factors)));
    weighted.forEach((amount, i) => this.assignAdd(this.#counts[i], sum(amount, isMicro ? null : 0)));
  }

  /** @override */
  compute() {
    if (this.#counts.length === 0) throw failure('INVALID_ARGUMENT', `${this.name}: no batch has come yet`);
    const [tp, fp, fn, weight] = this.#counts.map(variable => this.read(variable));
    const [precision, recall] = [fp, fn].map(wrong => div(tp, add(add(tp, wrong), EPSILON)));
    const squared = this.beta ** 2;
    const scores = mul(div(mul(precision, recall), add(add(mul(squared, precision), recall), EPSILON)), 1 + squared);
    if (this.options.average === null) return scores;
    return this.options.average === 'weighted' ? sum(mul(scores, div(weight, add(sum(weight), EPSILON)))) : mean(scores);
  }
}

/** 2 precision recall / (precision + recall) */
export class F1Score extends FBetaScore {
  static className = 'F1Score';
  static defaultName = 'f1_score';
  static options = { average: null, threshold: null };

  /** @override */
  get beta() {
    return 1;
  }
}

/** 1 - sum((t - p)^2) / sum((t - mean(t))^2), the part of the variance that predictions explain. */
export class R2Score extends BuiltInMetric {
  static className = 'R2Score';
  static defaultName = 'r2_score';
  static options = { classAggregation: 'uniform_average', numRegressors: 0 };
  samples = this.addVariable('num_samples');
  /** For each output: sums of t^2, of t, of (t - p)^2, of weights. @type {Variable[]} */
  #sums = [];

  /** @param {any} [args] */
  constructor(args = {}) {
    super(args);
    // null is a choice here, not the default
    if (args.classAggregation === null) this.options.classAggregation = null;
    const { classAggregation, numRegressors } = this.options;
    assert([null, 'uniform_average', 'variance_weighted_average'].includes(classAggregation), () =>
      'Invalid value for argument `classAggregation`. Expected one of null, uniform_average, variance_weighted_average. ' +
      `Received: classAggregation=${classAggregation}`);
    assert(numRegressors >= 0, () =>
      `Invalid value for argument \`numRegressors\`. Expected a value >= 0. Received: numRegressors=${numRegressors}`);
  }

  /** @override @param {readonly (number | null)[]} yPredShape */
  build(yPredShape) {
    if (this.#sums.length > 0) return;
    const outputs = outputsOf('R2Score', yPredShape);
    this.#sums = ['squared_sum', 'sum', 'residual', 'count'].map(name => this.addVariable(name, [outputs]));
  }

  /** @override @param {any} labels @param {any} predictions @param {Tensor | null} [sampleWeight] */
  update(labels, predictions, sampleWeight = null) {
    const [yTrue, yPred] = toSameRank(castTo(labels, 'float32'), castTo(predictions, 'float32'));
    this.build(yPred.shape);
    assertSameShape(this.getClassName(), yTrue, yPred);
    const given = sampleWeight === null ? scalar(1) : castTo(sampleWeight, 'float32');
    const [weights] = engine.run('BroadcastLike', null, [given.rank === 1 ? expandDims(given, 1) : given, yTrue]);
    const terms = [mul(square(yTrue), weights), mul(yTrue, weights), mul(squaredDifference(yTrue, yPred), weights), weights];
    terms.forEach((term, i) => this.assignAdd(this.#sums[i], sum(term, 0)));
    this.assignAdd(this.samples, countOf(yTrue));
  }

  /** @override */
  compute() {
    if (this.#sums.length === 0) throw failure('INVALID_ARGUMENT', `${this.name}: no batch has come yet`);
    const [squares, sums, residual, count] = this.#sums.map(variable => this.read(variable));
    const variance = sub(squares, mul(sums, div(sums, count)));
    const raw = sub(1, div(residual, variance));
    const scores = where(isInf(raw), 0, raw);
    const { classAggregation } = this.options;
    if (classAggregation === null) return this.#adjusted(scores);
    return this.#adjusted(classAggregation === 'uniform_average' ? mean(scores) : div(sum(mul(variance, scores)), sum(variance)));
  }

  /** 1 - (1 - R^2) (n - 1) / (n - p - 1), where there are samples enough. @param {Tensor} score */
  #adjusted(score) {
    const { numRegressors } = this.options;
    if (numRegressors === 0) return score;
    const rest = sub(this.read(this.samples), 1);
    const adjusted = sub(1, div(mul(sub(1, score), rest), sub(rest, numRegressors)));
    return where(less(numRegressors, rest), adjusted, score);
  }
}
