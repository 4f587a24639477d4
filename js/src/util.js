/** tf.util: the helpers that programs call. */
import { env } from './environment.js';
import * as helpers from './core/util.js';
import { fingerPrint64, hexToLong } from './core/hash.js';

/** @import { DataType } from './core/util.js' */

const {
  arraysEqual, assertNonNegativeIntegerDimensions, computeStrides, decodeString, encodeString, flatten, hasEncodingLoss, inferDtype,
  inferFromImplicitShape,
  isTypedArray, parseAxisParam, sizeFromShape, toNestedArray,
} = helpers;

/**
 * Throws an Error with this message unless the expression holds.
 * @param {boolean} expression
 * @param {() => string} message
 */
function assert(expression, message) {
  helpers.assert(expression, message);
}

/** @param {unknown} a */
function assertNonNull(a) {
  assert(a != null, () => 'The input to the tensor constructor must be a non-null value.');
}

/**
 * @param {readonly number[]} shapeA
 * @param {readonly number[]} shapeB
 * @param {string} [prefix]
 */
function assertShapesMatch(shapeA, shapeB, prefix = '') {
  assert(arraysEqual(shapeA, shapeB), () => `${prefix} Shapes ${shapeA} and ${shapeB} must match`);
}

/**
 * As arraysEqual; null fits anything.
 * @param {readonly (number | null)[]} a
 * @param {readonly (number | null)[]} b
 */
function arraysEqualWithNull(a, b) {
  if (a === b) return true;
  return a != null && b != null && a.length === b.length && a.every((value, i) => value === null || b[i] === null || value === b[i]);
}

/** @param {Uint8Array[] | null} bytes */
function bytesFromStringArray(bytes) {
  return (bytes ?? []).reduce((sum, { length }) => sum + length, 0);
}

/** @param {DataType} dtype */
function bytesPerElement(dtype) {
  assert(helpers.isDataType(dtype) && dtype !== 'string', () => `Unknown dtype ${dtype}`);
  return helpers.bytesPerElement(dtype);
}

/**
 * Throws where a value does not survive the conversion.
 * @param {ArrayLike<number>} values
 * @param {DataType} dtype
 */
function checkConversionForErrors(values, dtype) {
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]) || !Number.isFinite(values[i])) {
      throw helpers.failure('INVALID_ARGUMENT', `A tensor of type ${dtype} being uploaded contains ${values[i]}.`);
    }
  }
}

/** @param {number} min @param {number} x @param {number} max */
const clamp = (min, x, max) => Math.max(min, Math.min(x, max));

/**
 * A scalar's value as an array with one element.
 * @param {any} value
 * @param {DataType} dtype
 */
function createScalarValue(value, dtype) {
  return dtype === 'string' ? encodeString(value) : helpers.toTypedArray([value], dtype);
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b the sum of squares of differences */
function distSquared(a, b) {
  return Array.from(a).reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
}

/** @param {string} path @param {any} [requestInits] */
const fetch = (path, requestInits) => env().platform.fetch(path, requestInits);

/** @param {string} dtype @param {number} size */
function getTypedArrayFromDType(dtype, size) {
  assert(helpers.isDataType(dtype) && dtype !== 'string' && dtype !== 'complex64', () => `Unknown data type ${dtype}`);
  return helpers.zeroValues(/** @type {DataType} */ (dtype), size);
}

/** @param {string} dtype @param {number} size */
const getArrayFromDType = (dtype, size) => (dtype === 'string' ? new Array(size) : getTypedArrayFromDType(dtype, size));

/** @param {number} index @param {number} rank @param {readonly number[]} strides */
function indexToLoc(index, rank, strides) {
  if (rank === 0) return [];
  if (rank === 1) return [index];
  const location = new Array(rank);
  let rest = index;
  strides.forEach((stride, axis) => {
    location[axis] = Math.floor(rest / stride);
    rest -= location[axis] * stride;
  });
  location[rank - 1] = rest;
  return location;
}

/** @param {readonly number[]} location @param {number} rank @param {readonly number[]} strides */
function locToIndex(location, rank, strides) {
  if (rank === 0) return 0;
  return location.reduce((index, coordinate, axis) => index + coordinate * (axis < rank - 1 ? strides[axis] : 1), 0);
}

/** @param {number} size @param {DataType} dtype */
function makeOnesTypedArray(size, dtype) {
  return makeZerosTypedArray(size, dtype).fill(1);
}

/** @param {number} size @param {DataType} dtype */
function makeZerosTypedArray(size, dtype) {
  return helpers.zeroValues(dtype ?? 'float32', size);
}

/** @param {readonly number[]} shape @param {DataType} dtype */
function makeZerosNestedTypedArray(shape, dtype) {
  return toNestedArray(shape, makeZerosTypedArray(sizeFromShape(shape), dtype));
}

/** The smallest divisor of size that is not below start. @param {number} size @param {number} start */
function nearestDivisor(size, start) {
  for (let divisor = start; divisor < size; ++divisor) if (size % divisor === 0) return divisor;
  return size;
}

/** @param {number} value */
const nearestLargerEven = value => (value % 2 === 0 ? value : value + 1);

/** A number in [a, b). @param {number} a @param {number} b */
function randUniform(a, b) {
  const r = Math.random();
  return b * r + (1 - r) * a;
}

/**
 * Asks again and again, after longer and longer times, until the answer is true.
 * @param {() => boolean} checkFn
 * @param {(counter: number) => number} [delayFn]
 * @param {number} [maxCounter]
 * @returns {Promise<void>}
 */
async function repeatedTry(checkFn, delayFn = () => 0, maxCounter) {
  for (let tries = 1; !checkFn(); tries++) {
    if (maxCounter != null && tries >= maxCounter) return Promise.reject();
    await new Promise(resolve => setTimeout(resolve, delayFn(tries)));
  }
}

/** @param {string} text @param {number} size */
const rightPad = (text, size) => text.padEnd(size);

/** @param {{length: number, [index: number]: any}} array @param {number} i @param {number} j */
function swap(array, i, j) {
  [array[i], array[j]] = [array[j], array[i]];
}

/**
 * Puts an array into a random order, in place.
 * @param {{length: number, [index: number]: any}} array
 */
function shuffle(array) {
  for (let i = array.length - 1; i > 0; i--) swap(array, i, Math.floor(Math.random() * (i + 1)));
}

/**
 * Puts two arrays into one random order, in place.
 * @param {{length: number, [index: number]: any}} array
 * @param {{length: number, [index: number]: any}} array2
 */
function shuffleCombo(array, array2) {
  assert(array.length === array2.length,
    () => `Array sizes must match to be shuffled together First array length was ${array.length}Second array length was ${array2.length}`);
  for (let i = array.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    swap(array, i, j);
    swap(array2, i, j);
  }
}

/** @param {number} n */
function createShuffledIndices(n) {
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  shuffle(indices);
  return indices;
}

/** A shape of two about equal sides that holds so many elements. @param {number} size */
function sizeToSquarishShape(size) {
  const width = Math.ceil(Math.sqrt(size));
  return [width, Math.ceil(size / width)];
}

/** @param {readonly number[]} shape @param {number[]} [axis] */
function squeezeShape(shape, axis) {
  const axes = axis == null || (Array.isArray(axis) && axis.length === 0) ? null : parseAxisParam(axis, shape).sort((a, b) => a - b);
  axes?.forEach(a => assert(shape[a] === 1, () => `Can't squeeze axis ${a} since its dim '${shape[a]}' is not 1`));
  const keptDims = shape.map((_, i) => i).filter(i => (axes ? !axes.includes(i) : shape[i] !== 1));
  return { newShape: keptDims.map(i => shape[i]), keptDims };
}

/** @param {ArrayLike<number>} array */
const sum = array => Array.from(array).reduce((total, value) => total + value, 0);

/** @param {number} x */
function tanh(x) {
  return Math.tanh(x);
}

/** @param {any} value @param {DataType} dtype */
function toTypedArray(value, dtype) {
  return helpers.toTypedArray(value, dtype);
}

/** @param {ArrayBuffer | any} data @param {DataType} dtype */
function convertBackendValuesAndArrayBuffer(data, dtype) {
  if (Array.isArray(data)) return data;
  const buffer = data instanceof ArrayBuffer ? data : data.buffer;
  if (dtype === 'float32') return new Float32Array(buffer);
  if (dtype === 'int32') return new Int32Array(buffer);
  if (dtype === 'bool' || dtype === 'string') return Uint8Array.from(new Int32Array(buffer));
  throw helpers.failure('DTYPE', `Unknown dtype ${dtype}`);
}

export const util = {
  arraysEqual, arraysEqualWithNull, assert, assertNonNegativeIntegerDimensions, assertNonNull, assertShapesMatch, bytesFromStringArray,
  bytesPerElement,
  checkConversionForErrors, clamp, computeStrides, convertBackendValuesAndArrayBuffer, createScalarValue, createShuffledIndices,
  decodeString, distSquared,
  encodeString, fetch, fingerPrint64, flatten, getArrayFromDType, getTypedArrayFromDType, hasEncodingLoss, hexToLong, indexToLoc, inferDtype,
  inferFromImplicitShape,
  isBoolean: (/** @type {unknown} */ value) => typeof value === 'boolean',
  isFunction: (/** @type {any} */ f) => Boolean(f && f.constructor && f.call && f.apply),
  isInt: (/** @type {number} */ a) => a % 1 === 0,
  isNumber: (/** @type {unknown} */ value) => typeof value === 'number',
  isPromise: (/** @type {any} */ object) => Boolean(object && object.then && typeof object.then === 'function'),
  isScalarShape: (/** @type {readonly number[]} */ shape) => shape.length === 0,
  isString: (/** @type {unknown} */ value) => typeof value === 'string' || value instanceof String,
  isTypedArray,
  isValidDtype: helpers.isDataType,
  locToIndex, makeOnesTypedArray, makeZerosNestedTypedArray, makeZerosTypedArray, nearestDivisor, nearestLargerEven,
  now: () => performance.now(),
  parseAxisParam, randUniform, repeatedTry, rightPad, shuffle, shuffleCombo, sizeFromShape, sizeToSquarishShape, squeezeShape, sum, swap, tanh,
  toNestedArray, toTypedArray,
};
