/** tf.History, which fit returns, and BaseLogger. */
import { BaseCallback } from './callback.js';

/** @import { Logs } from './callback.js' */

/** The logs of all epochs by name. TensorFlow.js begins anew with each fit. */
export class History extends BaseCallback {
  /** Not among the keys: a history is printed, and written as JSON. @type {any} */
  #model = null;
  /** @type {number[]} */
  epoch = [];
  /** @type {Record<string, any[]>} numbers */
  history = {};

  get model() {
    return this.#model;
  }

  /** @override @param {any} model */
  setModel(model) {
    this.#model = model;
  }

  /** @override */
  onTrainBegin() {
    this.epoch = [];
    this.history = {};
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  onEpochEnd(epoch, logs = {}) {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
    if (this.#model !== null) this.#model.history = this;
  }

  /** Reads what a callback has put in as tensors. */
  async syncData() {
    for (const values of Object.values(this.history)) {
      for (const [i, value] of values.entries()) {
        if (typeof value?.data !== 'function') continue;
        [values[i]] = await value.data();
        value.dispose();
      }
    }
  }
}

/** Means over the samples of an epoch, for loops whose batches log values of their own (as TensorFlow.js's; fit needs none). */
export class BaseLogger extends BaseCallback {
  #seen = 0;
  /** @type {Map<string, number>} */
  #totals = new Map();

  /** @override */
  onEpochBegin() {
    this.#seen = 0;
    this.#totals.clear();
  }

  /** @override @param {number} _batch @param {Logs} [logs] with the batch's size */
  onBatchEnd(_batch, logs = {}) {
    const size = logs.size ?? 0;
    this.#seen += size;
    for (const [name, value] of Object.entries(logs)) this.#totals.set(name, (this.#totals.get(name) ?? 0) + value * size);
  }

  /** @override @param {number} _epoch @param {Logs} [logs] */
  onEpochEnd(_epoch, logs = {}) {
    for (const name of this.params.metrics ?? []) {
      const total = this.#totals.get(name);
      if (total !== undefined) logs[name] = total / this.#seen;
    }
  }
}
