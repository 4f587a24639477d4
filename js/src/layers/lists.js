/** One or several: TensorFlow.js's functions take and give a single tensor or shape where there is one, and an array otherwise. */

/** @import { Shape } from './topology.js' */

/** @template T @param {T | T[]} value @returns {T[]} */
export function toList(value) {
  return Array.isArray(value) ? value : [value];
}

/** @template T @param {T[]} list @returns {T | T[]} */
export function oneOrAll(list) {
  return list.length === 1 ? list[0] : list;
}

/**
 * One shape is an array too, of dimensions.
 * @param {Shape | Shape[]} shape
 * @returns {Shape[]}
 */
export function toShapes(shape) {
  return Array.isArray(shape[0]) ? /** @type {Shape[]} */ (shape) : [/** @type {Shape} */ (shape)];
}
