/** What the native library says of a model: horn_model_describe's JSON. */

/** @import { DataType } from '../core/util.js' */

/** A dimension of null is any size. @typedef {(number | null)[]} Shape */

/** [layer's name, which of its calls, which of that call's outputs] @typedef {[string, number, number]} Reference */

/**
 * @typedef {object} LayerDescription
 * @property {string} name
 * @property {string} className
 * @property {boolean} trainable
 * @property {Record<string, any>} [config] snake_case; absent for models
 * @property {Shape[]} outputShapes of its first call
 * @property {Reference[][]} [inbound] one list of references a call; absent in a Sequential
 * @property {number[]} weights indices in allWeights
 * @property {LayerDescription[]} layers of wrappers and models
 */

/**
 * @typedef {object} Description
 * @property {string} name
 * @property {string} className
 * @property {{name: string, shape: Shape, dtype: DataType}[]} inputs
 * @property {{name: string, shape: Shape, dtype: DataType}[]} outputs
 * @property {number[]} weights
 * @property {LayerDescription[]} layers
 * @property {{name: string, shape: number[], dtype: DataType, trainable: boolean}[]} allWeights
 */

/** A tensor of a model that has no elements: what goes in or comes out. */
export class SymbolicTensor {
  /**
   * @param {string} name
   * @param {Shape} shape
   * @param {DataType} dtype
   */
  constructor(name, shape, dtype) {
    this.name = name;
    this.originalName = name;
    this.shape = shape;
    this.dtype = dtype;
  }

  get rank() {
    return this.shape.length;
  }
}

/** @param {string} text */
function toCamelCase(text) {
  return text.length <= 1 ? text : text.replace(/_+(\w|$)/g, (_, letter) => letter.toUpperCase());
}

/**
 * A config in Python's spelling as TensorFlow.js spells it: keys and values in camelCase, names as they are.
 * @param {any} value
 * @param {string} [key]
 * @returns {any}
 */
export function toJavaScriptConfig(value, key = '') {
  if (typeof value === 'string') return key === 'name' ? value : toCamelCase(value);
  if (Array.isArray(value)) return value.map(element => toJavaScriptConfig(element));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [toCamelCase(name), toJavaScriptConfig(member, name)]));
}
