/** What LayersModel's methods for training do: evaluate, predict with callbacks, single batches. */
import { CallbackList } from '../callbacks/list.js';
import { engine } from '../core/engine.js';
import { valueError } from '../layers/errors.js';
import { dispose } from '../memory.js';
import { scalar, tensor } from '../ops/creation.js';
import { newSeed } from '../layers/compiled.js';
import { Epochs, isStream, StreamBatches, TensorBatches } from './batches.js';
import { standardizeData } from './data.js';
import { barFor, testLoop, testNow } from './evaluate.js';
import { assertStateful } from './fit.js';
import { withAliases } from './logs.js';
import { streamReader } from './stream.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { Data, GivenData } from './data.js' */
/** @import { Logs } from './step.js' */

/**
 * What evaluate takes, as Keras and TensorFlow.js name it.
 * @typedef {object} ModelEvaluateArgs
 * @property {number} [batchSize] 32
 * @property {0 | 1 | 2 | 'auto' | boolean} [verbose]
 * @property {Data} [sampleWeight]
 * @property {number} [steps] batches, at most
 * @property {number} [batches] the same, as evaluateDataset has it
 * @property {any} [callbacks] hooks of tests; with them the answer is a promise
 * @property {boolean} [returnDict] the answer is an object of numbers by name
 */

/**
 * The answer of trainOnBatch and its kin: numbers in the order of model.metricsNames, one alone where there is one.
 * @param {LayersModel} model
 * @param {Logs} logs
 * @param {boolean} [returnDict]
 */
function answer(model, logs, returnDict = false) {
  if (returnDict) return withAliases(logs, model.trainingState.settings.aliases);
  const values = model.metricsNames.map(name => logs[name]);
  return values.length === 1 ? values[0] : values;
}

/**
 * One step of training, or one batch of a test.
 * @param {LayersModel} model
 * @param {GivenData & {returnDict?: boolean}} given
 * @param {boolean} isTraining
 */
export function onBatch(model, { returnDict, ...given }, isTraining) {
  const { trainingState: state } = model;
  return engine.scoped('onBatch', () => {
    const batch = standardizeData(model, state.settings, given);
    return answer(model, state.run(batch, { isTraining, isFresh: true }, newSeed()), returnDict);
  });
}

/** @param {LayersModel} model @param {Logs} logs @returns {Tensor | Tensor[]} scalars */
function toScalars(model, logs) {
  const values = model.metricsNames.map(name => logs[name]).map(value => (typeof value === 'number' ? scalar(value, 'float32') : tensor(value)));
  return values.length === 1 ? values[0] : values;
}

/**
 * @param {LayersModel} model
 * @param {Data} x
 * @param {Data} y
 * @param {ModelEvaluateArgs} args
 * @returns {any} scalars, or with returnDict numbers by name; a promise of them where there are callbacks
 */
export function evaluate(model, x, y, args) {
  if (isStream(x)) return evaluateDataset(model, x, args);
  const { trainingState: state } = model;
  const { batchSize = 32, sampleWeight, steps = null, callbacks, returnDict = false, verbose = 0 } = args;
  const data = engine.scoped('evaluate', () => {
    const { xs, ys, weights } = standardizeData(model, state.settings, { x, y, sampleWeight });
    const own = (/** @type {any} */ t) => t && t.clone();
    return { xs: xs.map(own), ys: ys.map(own), weights: weights.map(own) };
  });
  const result = (/** @type {Logs} */ logs) => (returnDict ? answer(model, logs, true) : toScalars(model, logs));
  const source = new TensorBatches(data, batchSize);
  const watchedTensors = async () => {
    try {
      assertStateful(model, batchSize, source.samples);
      return result(await watched(model, new Epochs(source, steps), args));
    } finally {
      dispose(data);
    }
  };
  if (callbacks != null) return watchedTensors();
  try {
    assertStateful(model, batchSize, source.samples);
    return result(testNow(model, source, steps ?? source.size, barFor(verbose, Math.min(steps ?? Infinity, source.size))));
  } finally {
    dispose(data);
  }
}

/** @param {LayersModel} model @param {Epochs} epochs @param {ModelEvaluateArgs} args */
function watched(model, epochs, { callbacks, verbose = 0 }) {
  const params = { epochs: 1, steps: epochs.numBatches, verbose, metrics: model.metricsNames };
  return testLoop(model, epochs, CallbackList.of(callbacks, { model, params, addProgbar: verbose !== 0 && verbose !== false }));
}

/**
 * @param {LayersModel} model
 * @param {any} dataset
 * @param {ModelEvaluateArgs} args
 * @returns {Promise<any>} scalars, or with returnDict numbers by name
 */
export async function evaluateDataset(model, dataset, args) {
  const steps = args.steps ?? args.batches ?? null;
  if (steps !== null && !(Number.isInteger(steps) && steps > 0)) {
    throw valueError(`Test loop expects \`batches\` to be a positive integer, but received ${JSON.stringify(steps)}`);
  }
  const logs = await watched(model, new Epochs(new StreamBatches(dataset, streamReader(model)), steps), args);
  return args.returnDict ? answer(model, logs, true) : toScalars(model, logs);
}
