/** Intersection over union of classes. Keras: keras/src/metrics/iou_metrics.py */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { assert } from '../../core/util.js';
import { scalar, tensor1d } from '../../ops/creation.js';
import { add, div, greater, greaterEqual, less, logicalAnd, mul, notEqual, sub } from '../../ops/elementwise.js';
import { argMax, sum } from '../../ops/reduction.js';
import { gather, reshape, where } from '../../ops/shape.js';
import { EPSILON } from '../losses/reduce.js';
import { BuiltInMetric } from './metric.js';

/** @import { Tensor } from '../../core/tensor.js' */

const FORM = { ignoreClass: null, sparseYTrue: true, sparseYPred: true, axis: -1 };

/**
 * tp / (tp + fp + fn) of the target classes that there are, on average. Counts are integers, unless a dtype is given: int32 here, int64 in
 * Keras.
 */
export class IoU extends BuiltInMetric {
  static className = 'IoU';
  static defaultDtype = 'int64';
  /** @type {Record<string, any>} */
  static options = { numClasses: null, targetClassIds: null, ...FORM };

  /** @param {any} [args] */
  constructor(args) {
    super(args);
    const { numClasses, targetClassIds } = this;
    assert(Number.isInteger(numClasses) && numClasses > 0, () =>
      `${this.getClassName()}: numClasses must be a positive integer, got ${numClasses}`);
    assert(Array.isArray(targetClassIds), () => `${this.getClassName()}: targetClassIds must be a list of classes, got ${targetClassIds}`);
    const largest = Math.max(...targetClassIds);
    assert(largest < numClasses, () => `Target class id ${largest} is out of range, which is [0, ${numClasses}).`);
    this.matrix = this.addVariable('total_confusion_matrix', [numClasses, numClasses], this.dtype.startsWith('int') ? 'int32' : 'float32');
  }

  /** @returns {number} */
  get numClasses() {
    return this.options.numClasses;
  }

  /** @returns {number[]} */
  get targetClassIds() {
    return this.options.targetClassIds;
  }

  /** Whether labels are numbers of classes, where there is no option for it. */
  get isSparse() {
    return true;
  }

  /** Classes from what came. @param {Tensor} values @param {boolean} isSparse @returns {Tensor} int32 [n] */
  #classes(values, isSparse) {
    return reshape(castTo(isSparse ? values : argMax(values, this.options.axis), 'int32'), [-1]);
  }

  /** @override @param {any} yTrue @param {any} yPred @param {Tensor | null} [sampleWeight] */
  update(yTrue, yPred, sampleWeight = null) {
    const { numClasses, matrix } = this;
    const { ignoreClass = null, sparseYTrue, sparseYPred } = this.options;
    const truth = this.#classes(yTrue, sparseYTrue ?? this.isSparse);
    const guess = this.#classes(yPred, sparseYPred ?? true);
    const inside = [truth, guess].map(classes => logicalAnd(greaterEqual(classes, 0), less(classes, numClasses)));
    const known = logicalAnd(inside[0], inside[1]);
    const counted = ignoreClass === null ? known : logicalAnd(known, notEqual(truth, ignoreClass));
    const given = sampleWeight === null ? scalar(1, matrix.dtype) : castTo(sampleWeight, matrix.dtype);
    const weights = mul(castTo(counted, matrix.dtype), given.rank > 1 ? reshape(given, [-1]) : given);
    const places = mul(castTo(counted, 'int32'), add(mul(truth, scalar(numClasses, 'int32')), guess));
    const [sums] = engine.run('UnsortedSegmentSum', { num_segments: numClasses * numClasses }, [weights, places]);
    this.assignAdd(matrix, reshape(sums, [numClasses, numClasses]));
  }

  /** @override */
  compute() {
    const { numClasses } = this;
    const matrix = castTo(this.read(this.matrix), 'float32');
    const diagonal = tensor1d(Array.from({ length: numClasses }, (_, i) => i * (numClasses + 1)), 'int32');
    const hits = gather(reshape(matrix, [-1]), diagonal);
    const union = sub(add(sum(matrix, 0), sum(matrix, 1)), hits);
    const targets = tensor1d(this.targetClassIds, 'int32');
    const [tp, all] = [hits, union].map(counts => gather(counts, targets));
    const isThere = greater(all, 1e-9);
    return div(sum(where(isThere, div(tp, add(all, EPSILON)), 0)), add(sum(castTo(isThere, 'float32')), EPSILON));
  }
}

/** IoU of predictions above a threshold. */
export class BinaryIoU extends IoU {
  static className = 'BinaryIoU';
  static options = { targetClassIds: [0, 1], threshold: 0.5 };

  /** @override */
  get numClasses() {
    return 2;
  }

  /** @override @param {any} yTrue @param {any} yPred @param {Tensor | null} [sampleWeight] */
  update(yTrue, yPred, sampleWeight = null) {
    super.update(yTrue, greaterEqual(yPred, this.options.threshold), sampleWeight);
  }
}

/** IoU of all classes. */
export class MeanIoU extends IoU {
  static className = 'MeanIoU';
  /** @type {Record<string, any>} */
  static options = { numClasses: null, ...FORM };

  /** @override */
  get targetClassIds() {
    return Array.from({ length: this.numClasses }, (_, i) => i);
  }
}

const { sparseYTrue: _, ...ONE_HOT } = { ...FORM, sparseYPred: false };

/** IoU of labels of one number a class. */
export class OneHotIoU extends IoU {
  static className = 'OneHotIoU';
  static options = { numClasses: null, targetClassIds: null, ...ONE_HOT };

  /** @override */
  get isSparse() {
    return false;
  }
}

/** IoU of all classes, of labels of one number a class. */
export class OneHotMeanIoU extends MeanIoU {
  static className = 'OneHotMeanIoU';
  static options = { numClasses: null, ...ONE_HOT };

  /** @override */
  get isSparse() {
    return false;
  }
}
