/** compile: optimizer, losses and metrics of a model, each for its output. Reference: keras/src/trainers/compile_utils.py. */
import { failure, ownValue } from '../core/util.js';
import { valueError } from '../layers/errors.js';
import { getLoss } from './losses/losses.js';
import { getMetric } from './metrics/metrics.js';
import { optimizers } from './optimizers/index.js';

/** @import { LayersModel } from '../layers/layers_model.js' */

/**
 * A loss or a metric: its name in Keras's or TensorFlow.js's spelling, an object of tf.losses or tf.metrics, or a function of targets and
 * predictions.
 * @typedef {any} Identifier
 */

/**
 * @typedef {object} ModelCompileArgs
 * @property {any} [optimizer] a name, an optimizer of tf.train, or {className, config}; 'rmsprop', as Keras has it
 * @property {Identifier | Identifier[] | Record<string, Identifier> | null} [loss] one for all outputs, one an output, or by an output's name
 * @property {Identifier | Identifier[] | Record<string, Identifier | Identifier[]> | null} [metrics] for all outputs, or
 *   an array or object of them an output
 * @property {number | number[] | Record<string, number>} [lossWeights] what each output's loss is multiplied with in the total
 * @property {Identifier | Identifier[] | Record<string, Identifier | Identifier[]> | null} [weightedMetrics] metrics that sample weights count for
 * @property {number} [stepsPerExecution] batches between two calls of callbacks
 * @property {boolean} [runEagerly] Keras's; a step is always traced
 */

/** A metric of one output. @typedef {{name: string, output: number, identifier: Identifier, isWeighted: boolean}} MetricPlace */

/** What one output is trained with. @typedef {{name: string, loss: Identifier | null, weight: number | null}} OutputPlan */

/** Names that stand for one of several losses or metrics, by the shapes of targets and predictions. */
export const isAccuracy = (/** @type {Identifier} */ identifier) => identifier === 'accuracy' || identifier === 'acc';

/** An object with an entry for each output, and not a loss or metric itself. @param {any} value */
function isByName(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype &&
    typeof (value.className ?? value.class_name) !== 'string';
}

export class CompileSettings {
  /**
   * @param {LayersModel} model
   * @param {ModelCompileArgs} args
   */
  constructor(model, args) {
    if (args === null || typeof args !== 'object') throw valueError(`compile() takes an object with an optimizer and a loss, but got ${args}`);
    const { outputNames } = model;
    const { loss = null, metrics = null, weightedMetrics = null, lossWeights = null, stepsPerExecution = 1 } = args;
    this.args = args;
    this.loss = loss;
    this.metrics = metrics;
    this.weightedMetrics = weightedMetrics;
    this.lossWeights = lossWeights;
    this.outputNames = outputNames;
    this.stepsPerExecution = assertSteps(stepsPerExecution);
    this.optimizer = optimizers.get(args.optimizer ?? 'rmsprop');
    this.isOptimizerOwned = this.optimizer !== args.optimizer;
    const weights = weightsOf(lossWeights, outputNames);
    const own = lossesOf(loss, outputNames);
    /** @type {OutputPlan[]} */
    this.outputs = outputNames.map((name, i) => ({ name, loss: own[i], weight: weights[i] }));
    this.places = [...placesOf(metrics, outputNames, 'metrics', false), ...placesOf(weightedMetrics, outputNames, 'weightedMetrics', true)];
    nameMetrics(this.places, outputNames.length > 1 ? outputNames : null);
  }

  /** Whether several outputs have a loss, so that each is in the logs. */
  get hasLossNames() {
    return this.outputs.filter(({ loss }) => loss !== null).length > 1;
  }

  /** In the order of what trainOnBatch and evaluate answer. @returns {string[]} */
  get metricsNames() {
    const own = this.hasLossNames ? this.outputs.filter(({ loss }) => loss !== null).map(({ name }) => `${name}_loss`) : [];
    return ['loss', ...own, ...this.places.map(({ name }) => name)];
  }

  /** Names of logs that TensorFlow.js has in its spelling too. @returns {Record<string, string>} */
  get aliases() {
    return Object.fromEntries(this.places.filter(({ name }) => /(^|_)accuracy$/.test(name))
      .map(({ name }) => [name.replace(/accuracy$/, 'acc'), name]));
  }

  /**
   * The losses themselves, once shapes are known.
   * @param {(readonly (number | null)[] | null)[]} yTrueShapes one an output
   * @param {readonly (number | null)[][]} yPredShapes
   */
  resolveLosses(yTrueShapes, yPredShapes) {
    return this.outputs.map(({ loss }, i) => (loss === null ? null : getLoss(loss, yTrueShapes[i] ?? undefined, yPredShapes[i])));
  }

  /**
   * The metrics themselves, with their states, once shapes are known.
   * @param {(readonly (number | null)[] | null)[]} yTrueShapes
   * @param {readonly (number | null)[][]} yPredShapes
   */
  resolveMetrics(yTrueShapes, yPredShapes) {
    return this.places.map(({ identifier, output }) => getMetric(identifier, yTrueShapes[output] ?? undefined, yPredShapes[output]));
  }
}

/** @param {number} steps */
function assertSteps(steps) {
  if (!(Number.isInteger(steps) && steps > 0)) {
    throw valueError(`compile(): stepsPerExecution is expected to be a positive integer, but got ${steps}`);
  }
  return steps;
}

/**
 * One loss an output; null for none.
 * @param {any} loss
 * @param {string[]} names
 * @returns {(Identifier | null)[]}
 */
function lossesOf(loss, names) {
  if (loss === null) return names.map(() => null);
  if (Array.isArray(loss)) {
    if (loss.length !== names.length) {
      throw valueError(`When passing an Array as loss, it should have one entry per model output. The model has ${names.length} output(s), ` +
        `but you passed loss=${loss}.`);
    }
    return loss.map(entry => entry ?? null);
  }
  if (!isByName(loss)) return names.map(() => loss);
  assertKnown(loss, names, 'loss');
  for (const name of names.filter(name => ownValue(loss, name) == null)) {
    console.warn(`Output "${name}" is missing from loss dictionary. We assume this was done on purpose, and we will not be expecting data to be ` +
      `passed to ${name} during training`);
  }
  return names.map(name => ownValue(loss, name) ?? null);
}

/** @param {Record<string, unknown>} entries @param {string[]} names @param {string} what */
function assertKnown(entries, names, what) {
  const unknown = Object.keys(entries).find(name => !names.includes(name));
  if (unknown !== undefined) throw valueError(`Unknown entry in ${what} dictionary: "${unknown}". Only expected the following keys: ${names}`);
}

/** @param {any} weights @param {string[]} names @returns {(number | null)[]} */
function weightsOf(weights, names) {
  if (weights === null) return names.map(() => null);
  if (typeof weights === 'number') return names.map(() => weights);
  if (!Array.isArray(weights)) {
    assertKnown(weights, names, 'lossWeights');
    return names.map(name => ownValue(weights, name) ?? null);
  }
  if (weights.length !== names.length) {
    throw valueError(`\`lossWeights\` must match the number of losses, got ${names.length} losses and ${weights.length} weights.`);
  }
  return weights;
}

/**
 * The metrics of each output: one flat list is for all of them.
 * @param {any} metrics
 * @param {string[]} names
 * @param {string} argument
 * @param {boolean} isWeighted
 * @returns {MetricPlace[]}
 */
function placesOf(metrics, names, argument, isWeighted) {
  const listed = (/** @type {any} */ entry) => (entry == null ? [] : [entry].flat(Infinity));
  const place = (/** @type {Identifier} */ identifier, /** @type {number} */ output) => ({ name: '', output, identifier, isWeighted });
  if (metrics === null) return [];
  if (isByName(metrics)) {
    assertKnown(metrics, names, argument);
    return names.flatMap((name, i) => listed(ownValue(metrics, name)).map(identifier => place(identifier, i)));
  }
  const isNested = Array.isArray(metrics) && names.length > 1 && metrics.some(entry => entry == null || Array.isArray(entry));
  if (isNested && metrics.length !== names.length) {
    throw valueError(`When passing an Array of Arrays as ${argument}, it should have one entry per model output. The model has ${names.length} ` +
      `output(s), but you passed ${metrics.length}.`);
  }
  return names.flatMap((_, i) => listed(isNested ? metrics[i] : metrics).map(identifier => place(identifier, i)));
}

/**
 * The names of metrics in logs: after their output where there are several, numbered where one is there twice.
 * @param {MetricPlace[]} places
 * @param {string[] | null} outputs
 */
function nameMetrics(places, outputs) {
  const counts = new Map();
  for (const place of places) {
    const own = nameOf(place.identifier);
    const full = (/** @type {string} */ name) => (outputs === null ? name : `${outputs[place.output]}_${name}`);
    const name = place.isWeighted && counts.has(full(own)) ? full(`weighted_${own}`) : full(own);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    place.name = count === 0 ? name : `${name}_${count}`;
  }
}

/** The name that a metric will have. @param {Identifier} identifier @returns {string} */
function nameOf(identifier) {
  if (typeof identifier === 'string') return identifier;
  if (identifier == null) throw valueError('Expected metric, received `null`');
  const name = typeof identifier.config === 'string' ? identifier.config : identifier.config?.name ?? identifier.name;
  if (typeof name === 'string' && name !== '') return name;
  throw failure('INVALID_ARGUMENT', 'compile(): a metric is a name, an object of tf.metrics, or a function with a name, but got ' +
    `${typeof identifier === 'function' ? 'a function without one' : JSON.stringify(identifier)}`);
}
