/** tf.CallbackList: several callbacks as one. A hook that no callback has costs nothing. */
import { assert } from '../core/util.js';
import { BaseCallback, HOOKS } from './callback.js';
import { CustomCallback } from './custom.js';
import { History } from './history.js';
import { ProgbarLogger } from './progbar_logger.js';
import { registeredCallbacks } from './registry.js';
import { YieldPolicy } from './yielding.js';

/** @import { Logs, Params } from './callback.js' */
/** @import { CustomCallbackArgs } from './custom.js' */
/** @import { YieldEvery } from './yielding.js' */

/** @typedef {BaseCallback | CustomCallbackArgs} AnyCallback an instance, or an object of hooks */
/** @typedef {AnyCallback | readonly (AnyCallback | null | undefined)[] | null | undefined} AnyCallbacks */

/**
 * @typedef {object} ListOptions
 * @property {any} model
 * @property {Params} params
 * @property {YieldEvery} [yieldEvery] how often the list makes way for other work, after batches; 'never' by default
 * @property {boolean} [addHistory] puts a History last where there is none
 * @property {boolean} [addProgbar] puts a ProgbarLogger last where there is none
 */

/** Whether a callback has a hook of its own. @param {any} callback @param {string} hook */
const has = (callback, hook) => typeof callback[hook] === 'function' && callback[hook] !== /** @type {any} */ (BaseCallback.prototype)[hook];

/** What is called for batches under TensorFlow.js's name in callbacks that do not have Keras's. @type {Record<string, string>} */
const ALSO = { onTrainBatchBegin: 'onBatchBegin', onTrainBatchEnd: 'onBatchEnd' };

/**
 * Callbacks of every form as instances.
 * @param {AnyCallbacks} callbacks
 * @returns {BaseCallback[]}
 */
export function standardizeCallbacks(callbacks) {
  const list = /** @type {any[]} */ ([callbacks].flat(Infinity)).filter(callback => callback != null);
  return list.map(callback => {
    assert(typeof callback === 'object', () => `callbacks: expected instances of tf.Callback or objects of hooks, but got ${callback}`);
    const isInstance = HOOKS.some(hook => callback[hook] !== undefined && !Object.hasOwn(callback, hook));
    return isInstance ? callback : new CustomCallback(callback);
  });
}

export class CallbackList extends BaseCallback {
  /** @type {BaseCallback[]} */
  callbacks;
  /** What fit returns; null where there is none. @type {History | null} */
  history = null;
  #epoch = 0;
  #yielding;
  /** The callbacks that have a hook. @type {Map<string, BaseCallback[]>} */
  #having = new Map();

  /**
   * @param {AnyCallbacks} [callbacks]
   * @param {number} [queueLength] as TensorFlow.js has it; not used
   * @param {YieldEvery} [yieldEvery]
   */
  constructor(callbacks = [], queueLength = 10, yieldEvery = 'never') {
    super();
    this.queueLength = queueLength;
    this.callbacks = standardizeCallbacks(callbacks);
    this.#yielding = new YieldPolicy(yieldEvery);
  }

  /**
   * The list of a call of fit, evaluate or predict: registered callbacks for its verbosity, the caller's, the progress bar, the history.
   * @param {AnyCallbacks} callbacks a CallbackList is taken as it is
   * @param {ListOptions} options
   */
  static of(callbacks, { model, params, yieldEvery = 'never', addHistory = false, addProgbar = false }) {
    const registered = addHistory ? registeredCallbacks(Number(params.verbose)) : [];
    const all = [...registered, .../** @type {any[]} */ ([callbacks].flat(Infinity))];
    const list = callbacks instanceof CallbackList ? callbacks : new CallbackList(all, 10, yieldEvery);
    const find = (/** @type {any} */ cls) => list.callbacks.find(callback => callback instanceof cls);
    if (addProgbar && find(ProgbarLogger) === undefined) list.append(new ProgbarLogger());
    if (addHistory && find(History) === undefined) list.append(new History());
    list.history = /** @type {History | null} */ (find(History) ?? null);
    assert(yieldEvery !== 'never' || !addHistory || !list.callbacks.some(callback => has(callback, 'onYield')),
      () => 'yieldEvery is `never` but you provided an `onYield` callback. Either change `yieldEvery` or remove the callback');
    list.setParams(params);
    list.setModel(model);
    return list;
  }

  /** @param {AnyCallback} callback */
  append(callback) {
    this.callbacks.push(...standardizeCallbacks(callback));
    this.#having.clear();
  }

  /** @override @param {Params} params */
  setParams(params) {
    super.setParams(params);
    for (const callback of this.callbacks) callback.setParams?.(params);
  }

  /** @override @param {any} model */
  setModel(model) {
    for (const callback of this.callbacks) callback.setModel?.(model);
  }

  /** @param {string} hook */
  #thoseWith(hook) {
    const known = this.#having.get(hook);
    if (known !== undefined) return known;
    const found = this.callbacks.filter(callback => has(callback, hook) || (hook in ALSO && has(callback, ALSO[hook])));
    this.#having.set(hook, found);
    return found;
  }

  /**
   * Calls a hook of each callback after the other.
   * @param {typeof HOOKS[number]} hook
   * @param {any[]} args
   */
  async #call(hook, ...args) {
    for (const callback of this.#thoseWith(hook)) {
      const method = /** @type {any} */ (callback)[hook] ?? /** @type {any} */ (callback)[ALSO[hook]];
      await method.apply(callback, args);
    }
  }

  /** @param {'batch' | 'epoch'} after @param {number} batch @param {Logs} logs */
  async #yieldAfter(after, batch, logs) {
    if (this.#yielding.isDue(after)) await Promise.all([this.onYield(this.#epoch, batch, logs), this.#yielding.nextFrame()]);
  }

  /** @override @param {Logs} [logs] */
  onTrainBegin(logs = {}) {
    return this.#call('onTrainBegin', logs);
  }

  /** @override @param {Logs} [logs] */
  onTrainEnd(logs = {}) {
    return this.#call('onTrainEnd', logs);
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  onEpochBegin(epoch, logs = {}) {
    this.#epoch = epoch;
    return this.#call('onEpochBegin', epoch, logs);
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  async onEpochEnd(epoch, logs = {}) {
    await this.#call('onEpochEnd', epoch, logs);
    await this.#yieldAfter('epoch', 0, logs);
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onBatchBegin(batch, logs = {}) {
    return this.#call('onBatchBegin', batch, logs);
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onBatchEnd(batch, logs = {}) {
    return this.#call('onBatchEnd', batch, logs);
  }

  /** Calls onBatchBegin too, as Keras does. @override @param {number} batch @param {Logs} [logs] */
  onTrainBatchBegin(batch, logs = {}) {
    return this.#call('onTrainBatchBegin', batch, logs);
  }

  /** Calls onBatchEnd too, as Keras does, and yields where it is time. @override @param {number} batch @param {Logs} [logs] */
  async onTrainBatchEnd(batch, logs = {}) {
    await this.#call('onTrainBatchEnd', batch, logs);
    await this.#yieldAfter('batch', batch, logs);
  }

  /** @override @param {Logs} [logs] */
  onTestBegin(logs = {}) {
    return this.#call('onTestBegin', logs);
  }

  /** @override @param {Logs} [logs] */
  onTestEnd(logs = {}) {
    return this.#call('onTestEnd', logs);
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onTestBatchBegin(batch, logs = {}) {
    return this.#call('onTestBatchBegin', batch, logs);
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onTestBatchEnd(batch, logs = {}) {
    return this.#call('onTestBatchEnd', batch, logs);
  }

  /** @override @param {Logs} [logs] */
  onPredictBegin(logs = {}) {
    return this.#call('onPredictBegin', logs);
  }

  /** @override @param {Logs} [logs] */
  onPredictEnd(logs = {}) {
    return this.#call('onPredictEnd', logs);
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onPredictBatchBegin(batch, logs = {}) {
    return this.#call('onPredictBatchBegin', batch, logs);
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onPredictBatchEnd(batch, logs = {}) {
    return this.#call('onPredictBatchEnd', batch, logs);
  }

  /** @override @param {number} epoch @param {number} batch @param {Logs} [logs] */
  onYield(epoch, batch, logs = {}) {
    return this.#call('onYield', epoch, batch, logs);
  }
}
