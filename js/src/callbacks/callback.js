/** tf.Callback: what is told of training, testing and predicting as they go on. Keras: keras/src/callbacks/callback.py. */

/**
 * Losses and metrics by name, as numbers.
 * @typedef {Record<string, number>} Logs
 */

/**
 * What a callback knows of the call that it belongs to.
 * @typedef {object} Params
 * @property {number} [epochs]
 * @property {number} [initialEpoch]
 * @property {number | null} [steps] batches of an epoch; null where their number is not known
 * @property {number | null} [samples]
 * @property {number | null} [batchSize]
 * @property {number | boolean | 'auto'} [verbose]
 * @property {boolean} [doValidation]
 * @property {string[]} [metrics] names of what logs have
 */

/** @typedef {void | Promise<void>} Done a hook may be asynchronous; it is waited for */

/** All hooks do nothing here; each may be asynchronous. Batches count from 0 in each epoch. */
export class BaseCallback {
  /** @type {any} */
  validationData = null;
  /** @type {Params} */
  params = {};

  /** @param {Params} params */
  setParams(params) {
    this.params = params;
  }

  /** @param {any} _model */
  setModel(_model) {}

  /** @param {Logs} [_logs] @returns {Done} */
  onTrainBegin(_logs) {}
  /** @param {Logs} [_logs] @returns {Done} */
  onTrainEnd(_logs) {}
  /** @param {number} _epoch @param {Logs} [_logs] @returns {Done} */
  onEpochBegin(_epoch, _logs) {}
  /** @param {number} _epoch @param {Logs} [_logs] with those of validation, named val_... @returns {Done} */
  onEpochEnd(_epoch, _logs) {}
  /** What TensorFlow.js calls onTrainBatchBegin. @param {number} _batch @param {Logs} [_logs] @returns {Done} */
  onBatchBegin(_batch, _logs) {}
  /** What TensorFlow.js calls onTrainBatchEnd. @param {number} _batch @param {Logs} [_logs] of the epoch so far @returns {Done} */
  onBatchEnd(_batch, _logs) {}

  /** @param {number} batch @param {Logs} [logs] @returns {Done} */
  onTrainBatchBegin(batch, logs) {
    return this.onBatchBegin(batch, logs);
  }

  /** @param {number} batch @param {Logs} [logs] of the epoch so far @returns {Done} */
  onTrainBatchEnd(batch, logs) {
    return this.onBatchEnd(batch, logs);
  }

  /** @param {Logs} [_logs] @returns {Done} */
  onTestBegin(_logs) {}
  /** @param {Logs} [_logs] @returns {Done} */
  onTestEnd(_logs) {}
  /** @param {number} _batch @param {Logs} [_logs] @returns {Done} */
  onTestBatchBegin(_batch, _logs) {}
  /** @param {number} _batch @param {Logs} [_logs] @returns {Done} */
  onTestBatchEnd(_batch, _logs) {}
  /** @param {Logs} [_logs] @returns {Done} */
  onPredictBegin(_logs) {}
  /** @param {Logs} [_logs] @returns {Done} */
  onPredictEnd(_logs) {}
  /** @param {number} _batch @param {Logs} [_logs] @returns {Done} */
  onPredictBatchBegin(_batch, _logs) {}
  /** @param {number} _batch @param {Logs} [_logs] @returns {Done} */
  onPredictBatchEnd(_batch, _logs) {}
  /** While training makes way for other work. @param {number} _epoch @param {number} _batch @param {Logs} [_logs] @returns {Done} */
  onYield(_epoch, _batch, _logs) {}
}

/** The base of callbacks that know their model; setting model.stopTraining ends training after the batch. */
export class Callback extends BaseCallback {
  /** @type {any} */
  model = null;

  /** @override @param {any} model */
  setModel(model) {
    this.model = model;
  }
}

/** The hooks, from the one place that lists them. */
export const HOOKS = /** @type {(keyof BaseCallback & `on${string}`)[]} */ (
  Object.getOwnPropertyNames(BaseCallback.prototype).filter(name => /^on[A-Z]/.test(name)));
