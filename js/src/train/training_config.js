/** How a compiled model is written into model.json: training_config, as TensorFlow.js 4.22 has it, and the weights of the optimizer. */
import { failure } from '../core/util.js';
import { toSnakeCase } from '../layers/names.js';
import { describe } from './describe.js';
import { serializeLoss } from './losses/losses.js';

/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { CompileSettings, Identifier } from './compile.js' */

/**
 * What model.json has for compile's arguments.
 * @typedef {object} TrainingConfig
 * @property {any} loss
 * @property {any} metrics
 * @property {{class_name: string, config: Record<string, any>}} optimizer_config
 * @property {any} [loss_weights] where there are any: TensorFlow.js does not load such a model
 * @property {any} [weighted_metrics] the same
 * @property {number} [steps_per_execution]
 */

/**
 * One loss or metric, or several by place or name.
 * @param {any} value
 * @param {(identifier: Identifier) => any} write
 * @returns {any}
 */
function mapIdentifiers(value, write) {
  if (Array.isArray(value)) return value.map(entry => mapIdentifiers(entry, write));
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
    && typeof (value.className ?? value.class_name) !== 'string') {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, mapIdentifiers(entry, write)]));
  }
  return value == null ? value : write(value);
}

/** @param {'loss' | 'metric'} kind @returns {(identifier: any) => any} */
const writer = kind => identifier => {
  if (typeof identifier === 'string') return toSnakeCase(identifier);
  if (typeof identifier === 'function') throw failure('UNSUPPORTED', `Serialization of non-string ${kind} is not supported.`);
  if (typeof (identifier.className ?? identifier.class_name) === 'string') {
    return { class_name: identifier.className ?? identifier.class_name, config: identifier.config };
  }
  if (kind === 'loss') return pick(serializeLoss(identifier));
  return pick(describe.write('keras.metrics', identifier, true));
};

/** @param {any} description */
const pick = description => ({ class_name: description.class_name, config: description.config });

/**
 * @param {CompileSettings} settings
 * @param {any} optimizer
 * @returns {TrainingConfig}
 */
export function trainingConfigOf({ loss, metrics, lossWeights, weightedMetrics, stepsPerExecution }, optimizer) {
  return {
    loss: mapIdentifiers(loss ?? [], writer('loss')),
    metrics: typeof metrics === 'string' ? [toSnakeCase(metrics)] : mapIdentifiers(metrics ?? {}, writer('metric')),
    optimizer_config: { class_name: optimizer.getClassName(), config: optimizer.getConfig() },
    ...(lossWeights == null ? {} : { loss_weights: lossWeights }),
    ...(weightedMetrics == null ? {} : { weighted_metrics: mapIdentifiers(weightedMetrics, writer('metric')) }),
    ...(stepsPerExecution === 1 ? {} : { steps_per_execution: stepsPerExecution }),
  };
}

/**
 * Compiles a model as its file says.
 * @param {LayersModel} model
 * @param {TrainingConfig} config
 */
export function loadTrainingConfig(model, { loss, metrics, optimizer_config: optimizer, ...rest }) {
  const isNone = Array.isArray(loss) && loss.length === 0;
  model.compile({
    optimizer, loss: isNone ? null : loss, metrics, lossWeights: rest.loss_weights, weightedMetrics: rest.weighted_metrics,
    stepsPerExecution: rest.steps_per_execution ?? 1,
  });
}

/**
 * The same; a model whose training is not known predicts all the same.
 * @param {LayersModel} model
 * @param {TrainingConfig | null} config
 * @returns {boolean} whether it is compiled now
 */
export function compileAsSaved(model, config) {
  if (config === null) return false;
  try {
    loadTrainingConfig(model, config);
    return true;
  } catch (error) {
    warnUncompiled(model, error);
    return false;
  }
}

/**
 * Says that a model was loaded, and why its training was not.
 * @param {LayersModel} model
 * @param {unknown} error
 */
export function warnUncompiled(model, error) {
  console.warn(`The model ${model.name} was loaded without what it was compiled with: ${/** @type {Error} */ (error).message}`);
}
