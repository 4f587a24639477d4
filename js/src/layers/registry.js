/** Layers from what files hold for them. */
import { ownValue } from '../core/util.js';
import { toJavaScriptConfig } from './config.js';
import { valueError } from './errors.js';
import { Layer } from './layer.js';
import { toCamelCase } from './names.js';
import { registeredClass, Serializable, unknownClass } from './serialization.js';

/** @typedef {{className?: string, class_name?: string, config: Record<string, any>}} LayerJSON */

/** @param {any} description a LayerJSON */
export function layerClass(description) {
  const name = description?.className ?? description?.class_name;
  if (typeof name !== 'string' || description.config === null || typeof description.config !== 'object') {
    throw valueError(`Improper config format for layer: ${JSON.stringify(description)?.slice(0, 200)}.` +
      `\n'className' and 'config' must set.`, 'FORMAT');
  }
  const cls = registeredClass(name);
  if (cls === undefined) throw unknownLayer(name, description.config.name);
  return /** @type {any} */ (cls);
}

/** @param {string} className @param {unknown} name */
function unknownLayer(className, name) {
  const error = unknownClass('layer', className);
  if (typeof name === 'string') error.message += `\nThe layer is "${name}": register its class with tf.serialization.registerClass(${className}).`;
  return error;
}

/** Wrappers that JavaScript computes, for layers that it brings. @type {Record<string, any>} */
let variants = {};

/** @param {Record<string, any>} classes */
export function setVariants(classes) {
  variants = classes;
}

/** @param {any} cls */
const isForeignClass = cls => cls?.prototype instanceof Layer && cls.native === undefined && !('net' in cls.prototype);

/** Whether a layer is written in JavaScript. @param {any} value itself or its description @returns {boolean} */
function isForeign(value) {
  if (Array.isArray(value)) return value.some(isForeign);
  if (value === null || typeof value !== 'object') return false;
  if (value instanceof Layer) return isForeignClass(value.constructor);
  const name = value.className ?? value.class_name;
  return typeof name === 'string' && (isForeignClass(registeredClass(name)) || holdsForeign(value.config ?? {}));
}

/** @param {Record<string, any>} config */
export const holdsForeign = ({ layer, cell, cells }) => [layer, cell, cells].some(isForeign);

/** @param {string} className @returns {any} the class for a wrapper of layers that are written in JavaScript */
export const variantOf = className => ownValue(variants, className);

/**
 * A layer from {className, config}, or {class_name, config} as files have it; a layer itself is given back.
 * @param {Layer | LayerJSON} description
 * @returns {Layer}
 */
export function deserializeLayer(description) {
  if (description instanceof Serializable) return /** @type {Layer} */ (description);
  const cls = layerClass(description);
  const config = description.config;
  const variant = variantOf(/** @type {string} */ (cls.className));
  if (variant !== undefined && cls.native !== undefined && holdsForeign(config)) return variant.fromConfig(variant, toJavaScriptConfig(config));
  // The native library's configs hold texts that are nobody's names, so only keys are spelled anew there.
  if (cls.native !== undefined) {
    return cls.fromConfig(cls, Object.fromEntries(Object.entries(config).map(([key, value]) => [toCamelCase(key), value])));
  }
  return cls.fromConfig(cls, 'net' in cls.prototype ? config : toJavaScriptConfig(config)); // a model spells its layers' configs as they need
}
