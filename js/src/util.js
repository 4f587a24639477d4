/** tf.util: the helpers that programs call. */
import * as helpers from './core/util.js';

/**
 * Throws an Error with this message unless the expression holds.
 * @param {boolean} expression
 * @param {() => string} message
 */
function assert(expression, message) {
  helpers.assert(expression, message);
}

/**
 * Puts an array into a random order, in place.
 * @param {{length: number, [index: number]: any}} array
 */
function shuffle(array) {
  for (let i = array.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [array[i], array[j]] = [array[j], array[i]];
  }
}

/** @param {number} n */
function createShuffledIndices(n) {
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  shuffle(indices);
  return indices;
}

const { arraysEqual, computeStrides, flatten, inferFromImplicitShape, isTypedArray, parseAxisParam, sizeFromShape, toNestedArray } = helpers;

export const util = {
  arraysEqual, assert, computeStrides, createShuffledIndices, flatten, inferFromImplicitShape, isTypedArray, now: () => performance.now(),
  parseAxisParam, shuffle, sizeFromShape, toNestedArray,
};
