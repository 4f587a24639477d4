/** tf.env(): flags, as far as programs set and ask them. */
import { assert } from './core/util.js';

/** @type {Map<string, boolean | number | string>} */
const flags = new Map();
const isNode = () => typeof process !== 'undefined' && process.versions?.node !== undefined;

/** Flags that have a value before anybody sets one. @type {Record<string, () => boolean>} */
const computed = {
  IS_BROWSER: () => typeof document !== 'undefined' || typeof (/** @type {any} */ (globalThis).importScripts) === 'function',
  IS_NODE: isNode,
  PROD: () => false,
  DEBUG: () => false,
};

const environment = {
  /** @param {string} flagName */
  get(flagName) {
    const value = flags.get(flagName) ?? computed[flagName]?.();
    assert(value !== undefined, () => `Cannot evaluate flag '${flagName}': no evaluation function found.`, 'NOT_FOUND');
    return value;
  },
  /** @param {string} flagName */
  getBool: flagName => Boolean(environment.get(flagName)),
  /** @param {string} flagName */
  getNumber: flagName => Number(environment.get(flagName)),
  /**
   * @param {string} flagName
   * @param {boolean | number | string} value
   */
  set(flagName, value) {
    flags.set(flagName, value);
  },
  getFlags: () => Object.fromEntries(flags),
  reset: () => flags.clear(),
  get platformName() {
    return isNode() ? 'node' : 'browser';
  },
};

export function env() {
  return environment;
}

export function enableProdMode() {
  environment.set('PROD', true);
}
