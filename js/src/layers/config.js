/** Configs in Keras's spelling (snake_case, in files and for the native library) and in TensorFlow.js's (camelCase). */
import { toCamelCase, toSnakeCase } from './names.js';

/** @typedef {Record<string, any>} Config */

/** Where configs refer to layers: [name, node, tensor], whose names are not to be changed. */
const REFERENCE_KEYS = ['inboundNodes', 'inputLayers', 'outputLayers'];

/** @param {string} key @param {number} index @param {unknown} item */
const isLayerName = (key, index, item) => REFERENCE_KEYS.includes(key) && index === 0 && typeof item === 'string';

/**
 * A config of a file as TensorFlow.js spells it: keys and texts in camelCase, names as they are.
 * @param {any} value
 * @param {string} [key]
 * @returns {any}
 */
export function toJavaScriptConfig(value, key = '') {
  if (typeof value === 'string') return toCamelCase(value);
  if (Array.isArray(value)) return value.map((item, i) => (isLayerName(key, i, item) ? item : toJavaScriptConfig(item, key)));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => {
    const isName = (name === 'name' || name === 'class_name') && typeof member === 'string';
    return [toCamelCase(name), isName ? member : toJavaScriptConfig(member, toCamelCase(name))];
  }));
}

/**
 * A config as files have it: keys and texts in snake_case, names and class names as they are.
 * @param {any} value
 * @param {string} [key]
 * @returns {any}
 */
export function toPythonConfig(value, key = '') {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return toSnakeCase(value);
  if (Array.isArray(value)) return value.map((item, i) => (isLayerName(key, i, item) ? item : toPythonConfig(item, key)));
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => {
    const isName = (name === 'name' || name === 'className') && typeof member === 'string';
    return [toSnakeCase(name), isName ? member : toPythonConfig(member, name)];
  }));
}
