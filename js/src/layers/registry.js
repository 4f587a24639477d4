/** Layers from what files hold for them. */
import { toJavaScriptConfig } from './config.js';
import { valueError } from './errors.js';
import { toCamelCase } from './names.js';
import { registeredClass, Serializable, unknownClass } from './serialization.js';

/** @import { Layer } from './layer.js' */

/** @typedef {{className?: string, class_name?: string, config: Record<string, any>}} LayerJSON */

/** @param {any} description a LayerJSON */
export function layerClass(description) {
  const name = description?.className ?? description?.class_name;
  if (typeof name !== 'string' || description.config === null || typeof description.config !== 'object') {
    throw valueError(`Improper config format for layer: ${JSON.stringify(description)?.slice(0, 200)}.\n'className' and 'config' must set.`, 'FORMAT');
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

/**
 * A layer from {className, config}, or {class_name, config} as files have it; a layer itself is given back.
 * @param {Layer | LayerJSON} description
 * @returns {Layer}
 */
export function deserializeLayer(description) {
  if (description instanceof Serializable) return /** @type {Layer} */ (description);
  const cls = layerClass(description);
  const config = description.config;
  // The native library's configs hold texts that are nobody's names, so only keys are spelled anew there.
  if (cls.native !== undefined) return cls.fromConfig(cls, Object.fromEntries(Object.entries(config).map(([key, value]) => [toCamelCase(key), value])));
  return cls.fromConfig(cls, toJavaScriptConfig(config));
}
