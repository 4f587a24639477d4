/** What losses and metrics have in common: options, and configs as Keras writes them. Keys change their spelling, values do not. */
import { assert } from '../core/util.js';
import { toCamelCase, toSnakeCase } from '../layers/names.js';
import { getRegisteredName } from '../layers/serialization.js';

/** @import { Serializable } from '../layers/serialization.js' */

/** What every loss or metric takes, or a file of Keras 2 has, beside its own options. */
const COMMON = ['name', 'reduction', 'dtype', 'fn'];

/**
 * The options of a class as given, with its defaults.
 * @param {string} className for messages
 * @param {Record<string, any>} defaults
 * @param {Record<string, any>} args
 */
export function optionsOf(className, defaults, args) {
  const unknown = Object.keys(args).find(key => !Object.hasOwn(defaults, key) && !COMMON.includes(key));
  assert(unknown === undefined, () => `${className}: unknown option ${unknown}, ` +
    `expected one of ${[...Object.keys(defaults), ...COMMON.slice(0, 3)].join(', ')}`);
  return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, args[key] ?? value]));
}

/**
 * The options as configs have them.
 * @param {Record<string, any>} options
 * @param {Record<string, any>} defaults
 * @param {readonly string[]} writtenIfSet keys that are left out where they have their default
 */
export function writtenOptions(options, defaults, writtenIfSet) {
  return Object.fromEntries(Object.entries(options).filter(([key, value]) => !writtenIfSet.includes(key) || value !== defaults[key]));
}

export const describe = {
  /** A config of a file with JavaScript's keys. @param {Record<string, any>} config */
  read: config => Object.fromEntries(Object.entries(config).map(([key, value]) => [toCamelCase(key), value])),

  /**
   * As Keras 3 writes an object.
   * @param {string} module
   * @param {Serializable} object
   * @param {boolean} isBuiltIn whether Keras has the class
   */
  write: (module, object, isBuiltIn) => ({
    module: isBuiltIn ? module : null,
    class_name: object.getClassName(),
    config: Object.fromEntries(Object.entries(object.getConfig()).map(([key, value]) => [toSnakeCase(key), value])),
    registered_name: isBuiltIn ? null : getRegisteredName(object.constructor),
  }),
};
