/** Metrics by name: classes of tf.metrics, metrics.get and metrics.serialize. */
import { failure, ownValue } from '../../core/util.js';
import { valueError } from '../../layers/errors.js';
import { registeredClass } from '../../layers/serialization.js';
import { describe, writtenOptions } from '../describe.js';
import { lossFunction } from '../losses/losses.js';
import { byName, functionName } from '../losses/table.js';
import { kindByShapes } from '../shapes.js';
import { FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives } from './confusion.js';
import { AUC, PrecisionAtRecall, RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity } from './curves.js';
import { BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU } from './iou.js';
import { Mean, MeanMetricWrapper, RootMeanSquaredError, Sum } from './mean.js';
import { Metric } from './metric.js';
import { F1Score, FBetaScore, R2Score } from './scores.js';
import { MEANS } from './table.js';
import { metricFunctions } from './tfjs.js';

/** @import { LossRow } from '../losses/table.js' */
/** @import { MetricArgs } from './metric.js' */
/** @import { MeanName } from './table.js' */

/** @typedef {readonly (number | null)[]} Shape */
/** @typedef {new (args?: any) => Metric} MetricClass */

/** @param {LossRow} row */
function makeClass({ className, fn, options = {}, writtenIfSet = [], name = functionName(className) }) {
  /** The mean of a function. */
  const Class = class extends MeanMetricWrapper {
    static className = className;
    static defaultName = name;
    static options = options;

    /** @param {MetricArgs & Record<string, any>} [args] */
    constructor(args = {}) {
      super(fn, { ...args, name: args.name ?? name });
    }

    /** @override */
    getConfig() {
      return { name: this.name, dtype: this.dtype, ...writtenOptions(this.options, options, writtenIfSet) };
    }
  };
  Object.defineProperty(Class, 'name', { value: className });
  return Class;
}

/** Keras's metrics with a state of their own. */
const STREAMING = {
  Mean, Sum, RootMeanSquaredError, AUC, Precision, Recall, TruePositives, TrueNegatives, FalsePositives, FalseNegatives,
  SensitivityAtSpecificity, SpecificityAtSensitivity, PrecisionAtRecall, RecallAtPrecision, FBetaScore, F1Score, R2Score,
  IoU, BinaryIoU, MeanIoU, OneHotIoU, OneHotMeanIoU,
};

/** @typedef {new (args?: MetricArgs & Record<string, any>) => MeanMetricWrapper} MeanClass */

/** @type {Record<MeanName, MeanClass>} */
const means = Object.assign({}, ...MEANS.map(row => ({ [row.className]: makeClass(row) })));

/** Keras's metrics by class name. */
export const metricClasses = { ...STREAMING, ...means };

/** @type {{className: string, make: MetricClass, name?: string, aliases?: readonly string[]}[]} */
const rows = [
  ...Object.values(STREAMING).map(make => ({ className: make.className, make, name: make.defaultName ?? undefined })),
  ...MEANS.map(row => ({ ...row, make: means[row.className] })),
];
const known = byName(rows);

/** TensorFlow.js's functions by name. @type {Record<string, import('./tfjs.js').MetricFunction>} */
const functions = metricFunctions;

/** @param {string} identifier @returns {Metric} */
function fromName(identifier) {
  const row = known.get(identifier);
  if (row !== undefined) return new row.make({ name: identifier });
  const cls = /** @type {any} */ (registeredClass(identifier));
  if (cls?.prototype instanceof Metric) return new cls({ name: identifier });
  const fn = ownValue(functions, identifier) ?? lossWrapped(identifier);
  if (fn !== null) return new MeanMetricWrapper(fn, { name: identifier });
  throw valueError(`Unknown metric ${identifier}`);
}

/** A loss as a function of metrics: 'cosineProximity', 'huber'. @param {string} name */
function lossWrapped(name) {
  const row = lossFunction(name);
  if (row === undefined) return null;
  return (/** @type {any} */ yTrue, /** @type {any} */ yPred) => row.fn(yTrue, yPred, row.options ?? {});
}

/** @param {any} description {class_name | className, config} @returns {Metric} */
function fromDescription(description) {
  const className = description.class_name ?? description.className;
  if (typeof className !== 'string') throw valueError(`Could not interpret metric identifier: ${JSON.stringify(description)}`);
  const config = description.config ?? {};
  if (className === 'function' || typeof config === 'string') return fromName(config);
  if (className === 'MeanMetricWrapper') return fromWrapper(config);
  const cls = /** @type {any} */ (ownValue(metricClasses, className) ?? registeredClass(className));
  if (!(cls?.prototype instanceof Metric)) throw valueError(`Unknown metric ${className}`);
  return cls.fromConfig(cls, describe.read(config));
}

/** A mean of the function that the config names. @param {Record<string, any>} config @returns {Metric} */
function fromWrapper({ fn, ...config }) {
  const name = typeof fn === 'string' ? fn : fn?.config;
  const row = known.get(name);
  if (row !== undefined) return new row.make(describe.read(config));
  const metric = fromName(String(name));
  metric.name = config.name ?? metric.name;
  return metric;
}

/**
 * A metric from what compile takes and configs hold for it.
 * @param {any} identifier a Metric; the name of a class or function in Keras's or TensorFlow.js's spelling; {class_name, config};
 *   a function (yTrue, yPred) => Tensor, of which the mean is taken
 * @param {Shape} [yTrueShape] what 'accuracy', 'acc', 'crossentropy' and 'ce' are chosen by
 * @param {Shape} [yPredShape] where it is given, the metric has all of its state
 * @returns {Metric}
 */
export function getMetric(identifier, yTrueShape, yPredShape) {
  const metric = find(identifier, yTrueShape, yPredShape);
  if (yPredShape !== undefined) metric.build(yPredShape);
  return metric;
}

/** @param {any} identifier @param {Shape} [yTrueShape] @param {Shape} [yPredShape] @returns {Metric} */
function find(identifier, yTrueShape, yPredShape) {
  if (identifier instanceof Metric) return identifier;
  if (typeof identifier === 'function') return fromFunction(identifier);
  if (identifier !== null && typeof identifier === 'object') return fromDescription(identifier);
  if (typeof identifier !== 'string') throw valueError(`Could not interpret metric identifier: ${identifier}`);
  const lower = identifier.toLowerCase();
  const isAccuracy = lower === 'accuracy' || lower === 'acc';
  if (!isAccuracy && lower !== 'crossentropy' && lower !== 'ce') return fromName(identifier);
  if (yTrueShape === undefined || yPredShape === undefined) {
    throw failure('INVALID_ARGUMENT', `The metric '${identifier}' is chosen by the shapes of labels and predictions`);
  }
  const kind = kindByShapes(yTrueShape, yPredShape);
  return new metricClasses[/** @type {const} */ (`${kind}${isAccuracy ? 'Accuracy' : 'Crossentropy'}`)]({ name: identifier });
}

/** @param {any} fn a class of metrics, or a function @returns {Metric} */
function fromFunction(fn) {
  if (fn.prototype instanceof Metric) return new fn();
  return new MeanMetricWrapper((yTrue, yPred) => fn(yTrue, yPred), { name: fn.name || 'metric' });
}

/** As Keras 3 writes a metric: {module, class_name, config, registered_name}. @param {Metric} metric */
export function serializeMetric(metric) {
  if (metric.getClassName() === 'MeanMetricWrapper') {
    return { module: 'builtins', class_name: 'function', config: metric.name, registered_name: 'function' };
  }
  return describe.write('keras.metrics', metric, Object.hasOwn(metricClasses, metric.getClassName()));
}

/** What tf.metrics has: TensorFlow.js's functions, Keras's classes. */
export const metrics = { ...metricFunctions, ...metricClasses, Metric, MeanMetricWrapper, get: getMetric, serialize: serializeMetric };
