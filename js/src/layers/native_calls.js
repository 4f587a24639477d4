/** What crosses to the native library with a call of one of its layers. */
import { toSnakeCase } from './names.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { Kwargs } from './layer.js' */
/** @import { InputType } from './native_layer.js' */
/** @import { AnyTensor } from './topology.js' */

/** Keyword arguments of a call that are no arguments of the native layer. */
const CALL_ARGUMENTS = ['training', 'mask', 'constants', 'slots', 'seed'];

/** @param {AnyTensor} input @returns {InputType} */
export const inputType = ({ shape, dtype }) => ({ shape, dtype });

/** The batch may have any size. @param {Tensor} tensor */
export const programType = ({ shape, dtype }) => ({ shape: shape.length > 1 ? [null, ...shape.slice(1)] : shape, dtype });

/**
 * Keyword arguments for the native library, in its spelling; those of an operation as the file has them.
 * @param {Kwargs} kwargs
 */
export function callArguments({ operation, ...kwargs }) {
  if (operation !== undefined) return operation;
  return Object.fromEntries(Object.entries(kwargs).filter(([key, value]) => !CALL_ARGUMENTS.includes(key) && isPlain(value))
    .map(([key, value]) => [toSnakeCase(key), value]));
}

/** @param {unknown} value @returns {boolean} */
const isPlain = value => value != null && (typeof value !== 'object' || (Array.isArray(value) && value.every(isPlain)));

/**
 * Inputs at the places of the parameters they are for; null for those left out.
 * @template T
 * @param {T[]} inputs
 * @param {Kwargs} kwargs
 * @returns {(T | null)[]}
 */
export function inSlots(inputs, { slots }) {
  if (slots === undefined) return inputs;
  const places = /** @type {(T | null)[]} */ (new Array(Math.max(...slots) + 1).fill(null));
  inputs.forEach((input, i) => (places[slots[i]] = input));
  return places;
}
