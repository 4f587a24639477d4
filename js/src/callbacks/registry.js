/** tf.registerCallbackConstructor: callbacks that every fit gets from a verbosity on. */
import { assert } from '../core/util.js';
import { valueError } from '../layers/errors.js';

/** @import { BaseCallback } from './callback.js' */

/** @type {{level: number, cls: new () => BaseCallback}[]} */
const registered = [];

/**
 * Registers a class of callbacks, one of which every later fit gets whose verbosity is the level or more.
 * @param {number} verbosityLevel
 * @param {new () => BaseCallback} callbackConstructor
 */
export function registerCallbackConstructor(verbosityLevel, callbackConstructor) {
  assert(verbosityLevel >= 0 && Number.isInteger(verbosityLevel),
    () => `Verbosity level is expected to be an integer >= 0, but got ${verbosityLevel}`);
  if (registered.some(({ cls }) => cls === callbackConstructor)) throw valueError('Duplicate callback constructor.');
  registered.push({ level: verbosityLevel, cls: callbackConstructor });
}

/** @param {number} verbosity */
export function registeredCallbacks(verbosity) {
  return registered.filter(({ level }) => verbosity >= level).map(({ cls }) => new cls());
}
