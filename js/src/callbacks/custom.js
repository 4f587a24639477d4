/** Callbacks that are objects of hooks: tf.CustomCallback and tf.callbacks.LambdaCallback. */
import { assert } from '../core/util.js';
import { nextFrame } from '../memory.js';
import { Callback, HOOKS } from './callback.js';
import { YieldPolicy } from './yielding.js';

/** @import { YieldEvery } from './yielding.js' */
/** @import { Logs } from './callback.js' */

/** @typedef {{[H in typeof HOOKS[number]]?: (...args: any[]) => void | Promise<void>}} Hooks */
/** @typedef {Hooks & {nowFunc?: () => number, nextFrameFunc?: () => Promise<unknown>}} CustomCallbackArgs */

/** The hooks of an object. Where yieldEvery is given, it makes way for other work by itself; a list does it for all otherwise. */
export class CustomCallback extends Callback {
  #yielding;
  #epoch = 0;

  /**
   * @param {CustomCallbackArgs} [args]
   * @param {YieldEvery} [yieldEvery]
   */
  constructor(args = {}, yieldEvery) {
    super();
    assert(yieldEvery !== 'never' || args.onYield == null,
      () => 'yieldEvery is `never` but you provided an `onYield` callback. Either change `yieldEvery` or remove the callback');
    for (const name of Object.keys(args).filter(key => /^on[A-Z]/.test(key))) {
      assert(HOOKS.includes(/** @type {any} */ (name)), () => `A callback has no hook ${name}. Its hooks are ${HOOKS.join(', ')}`);
      const hook = /** @type {any} */ (args)[name];
      assert(hook == null || typeof hook === 'function', () => `The hook ${name} of a callback is expected to be a function, but got ${hook}`);
      if (hook != null) /** @type {any} */ (this)[name] = hook.bind(args);
    }
    if (yieldEvery !== undefined) {
      this.#yielding = new YieldPolicy(yieldEvery, args.nowFunc, args.nextFrameFunc ?? nextFrame);
      this.#addYielding(this.#yielding);
    }
  }

  /** @param {YieldPolicy} policy */
  #addYielding(policy) {
    const { onEpochBegin, onEpochEnd, onTrainBatchEnd } = this;
    this.onEpochBegin = (/** @type {number} */ epoch, /** @type {Logs | undefined} */ logs) => {
      this.#epoch = epoch;
      return onEpochBegin.call(this, epoch, logs);
    };
    const after = async (/** @type {'batch' | 'epoch'} */ what, /** @type {number} */ batch, /** @type {Logs | undefined} */ logs) => {
      if (policy.isDue(what)) await Promise.all([this.onYield(this.#epoch, batch, logs), policy.nextFrame()]);
    };
    this.onEpochEnd = async (/** @type {number} */ epoch, /** @type {Logs | undefined} */ logs) => {
      await onEpochEnd.call(this, epoch, logs);
      await after('epoch', 0, logs);
    };
    this.onTrainBatchEnd = async (/** @type {number} */ batch, /** @type {Logs | undefined} */ logs) => {
      await onTrainBatchEnd.call(this, batch, logs);
      await after('batch', batch, logs);
    };
  }
}

/** Keras's LambdaCallback: hooks as functions, `new tf.callbacks.LambdaCallback({onEpochEnd: (epoch, logs) => ...})`. */
export class LambdaCallback extends CustomCallback {
  /** @param {CustomCallbackArgs} [hooks] */
  constructor(hooks = {}) {
    super(hooks);
  }
}
