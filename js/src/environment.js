/** tf.env(): flags, that programs, URLs (?tfjsflags=NAME:value) and ourselves set and ask. */
import { engine } from './core/engine.js';
import { deviceUtil } from './device.js';
import { assert, failure, isTypedArray } from './core/util.js';

/** @typedef {boolean | number | string} FlagValue */
/** @typedef {{evaluationFn: () => any, setHook?: (value: FlagValue) => void}} Registration */

/** @param {string} queryString @returns {Record<string, string>} */
export function getQueryParams(queryString) {
  return Object.fromEntries(new URLSearchParams(queryString));
}

/** @param {string} value @returns {FlagValue} */
function parseValue(value) {
  const lower = value.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  return `${Number(lower)}` === lower ? Number(lower) : value;
}

/** Flags with their values. */
export class Environment {
  /** @type {Record<string, any>} */
  #flags = {};
  /** @type {Record<string, Registration>} */
  #registry = {};
  /** @type {Record<string, FlagValue>} */
  #urlFlags = {};
  /** @type {string | undefined} */
  platformName;
  /** @type {any} */
  platform;

  /** @param {any} global what has a location where there is one */
  constructor(global) {
    this.global = global;
    this.getQueryParams = getQueryParams;
    this.populateURLFlags();
  }

  /** @param {string} platformName @param {any} platform */
  setPlatform(platformName, platform) {
    this.platformName = platformName;
    this.platform = platform;
  }

  /**
   * @param {string} flagName
   * @param {() => any} evaluationFn its value, where nobody sets one; a promise needs getAsync
   * @param {(value: FlagValue) => void} [setHook]
   */
  registerFlag(flagName, evaluationFn, setHook) {
    this.#registry[flagName] = { evaluationFn, setHook };
    if (this.#urlFlags[flagName] !== undefined) this.set(flagName, this.#urlFlags[flagName]);
  }

  /** @param {string} flagName @returns {Promise<FlagValue>} */
  async getAsync(flagName) {
    if (!(flagName in this.#flags)) this.#flags[flagName] = await this.#evaluate(flagName);
    return this.#flags[flagName];
  }

  /** @param {string} flagName @returns {any} */
  get(flagName) {
    if (Object.hasOwn(this.#flags, flagName)) return this.#flags[flagName];
    const value = this.#evaluate(flagName);
    if (typeof value?.then === 'function') {
      throw failure('INVALID_ARGUMENT', `Flag ${flagName} cannot be synchronously evaluated. Please use getAsync() instead.`);
    }
    this.#flags[flagName] = value;
    return value;
  }

  /** @param {string} flagName */
  getNumber(flagName) {
    return Number(this.get(flagName));
  }

  /** @param {string} flagName */
  getBool(flagName) {
    return Boolean(this.get(flagName));
  }

  /** @param {string} flagName */
  getString(flagName) {
    return String(this.get(flagName));
  }

  getFlags() {
    return this.#flags;
  }

  get features() {
    return this.#flags;
  }

  /** @param {string} flagName @param {FlagValue} value */
  set(flagName, value) {
    assert(Object.hasOwn(this.#registry, flagName), () => `Cannot set flag ${flagName} as it has not been registered.`, 'NOT_FOUND');
    this.#flags[flagName] = value;
    this.#registry[flagName].setHook?.(value);
  }

  /** @param {string} flagName */
  #evaluate(flagName) {
    assert(Object.hasOwn(this.#registry, flagName), () => `Cannot evaluate flag '${flagName}': no evaluation function found.`, 'NOT_FOUND');
    return this.#registry[flagName].evaluationFn();
  }

  /** @param {Record<string, any>} flags */
  setFlags(flags) {
    this.#flags = { ...flags };
  }

  reset() {
    this.#flags = {};
    this.#urlFlags = {};
    this.populateURLFlags();
  }

  populateURLFlags() {
    const query = this.global?.location?.search;
    if (query === undefined) return;
    const { tfjsflags } = this.getQueryParams(query);
    for (const pair of (tfjsflags ?? '').split(',').filter(text => text.includes(':'))) {
      const [key, value] = pair.split(':');
      this.#urlFlags[key] = parseValue(value);
    }
  }
}

const environment = new Environment(globalThis);
const isNode = () => typeof process !== 'undefined' && process.versions?.node !== undefined;

/** What is asked of the platform: a browser and Node have the same today. */
const platform = {
  fetch: (/** @type {string} */ path, /** @type {any} */ options) => globalThis.fetch(path, options),
  now: () => performance.now(),
  /** @param {string} text */
  encode: text => new TextEncoder().encode(text),
  /** @param {Uint8Array} bytes @param {string} [encoding] */
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  /** @param {() => void} callback @param {number} delay */
  setTimeoutCustom: (callback, delay) => void setTimeout(callback, delay),
  isTypedArray,
};
environment.setPlatform(isNode() ? 'node' : 'browser', platform);

const DEBUG_WARNING = 'Debugging mode is ON. The output of every math call will be downloaded to CPU and checked for NaNs. This significantly ' +
  'impacts performance.';

/** @type {[string, () => FlagValue, ((value: FlagValue) => void)?][]} */
const FLAGS = [
  ['DEBUG', () => false, value => {
    if (value) console.warn(DEBUG_WARNING);
  }],
  ['IS_BROWSER', () => deviceUtil.isBrowser()],
  ['IS_NODE', isNode],
  ['IS_CHROME', () => typeof navigator !== 'undefined' && /Chrome/.test(navigator.userAgent ?? '') && /Google Inc/.test(navigator.vendor ?? '')],
  ['IS_SAFARI', () => typeof navigator !== 'undefined' && /Safari/.test(navigator.userAgent ?? '') && /Apple/.test(navigator.vendor ?? '')],
  ['PROD', () => false],
  ['TENSORLIKE_CHECK_SHAPE_CONSISTENCY', () => environment.getBool('DEBUG')],
  ['DEPRECATION_WARNINGS_ENABLED', () => true],
  ['IS_TEST', () => false],
  ['CHECK_COMPUTATION_FOR_ERRORS', () => environment.getBool('DEBUG')],
  ['WRAP_TO_IMAGEBITMAP', () => false],
  ['CANVAS2D_WILL_READ_FREQUENTLY_FOR_GPU', () => false],
  ['USE_SETTIMEOUTCUSTOM', () => false],
];
engine.isDebugging = () => environment.getBool('DEBUG');
for (const [name, value, hook] of FLAGS) environment.registerFlag(name, value, hook);

export function env() {
  return environment;
}

export function enableProdMode() {
  environment.set('PROD', true);
}

export function enableDebugMode() {
  environment.set('DEBUG', true);
}

export function disableDeprecationWarnings() {
  environment.set('DEPRECATION_WARNINGS_ENABLED', false);
  console.warn('TensorFlow.js deprecation warnings have been disabled.');
}

/** @param {string} message */
export function deprecationWarn(message) {
  if (environment.getBool('DEPRECATION_WARNINGS_ENABLED')) {
    console.warn(`${message} You can disable deprecation warnings with tf.disableDeprecationWarnings().`);
  }
}

/** @param {string} platformName @param {any} platformOfUser */
export function setPlatform(platformName, platformOfUser) {
  environment.setPlatform(platformName, platformOfUser);
}
