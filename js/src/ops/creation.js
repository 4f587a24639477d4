/** Ops that make tensors from numbers. */
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { Tensor, TensorBuffer } from '../core/tensor.js';
import {
  arraysEqual, assert, assertNonNegativeIntegerDimensions, failure, inferDtype, inferShape, isDataType, isTypedArray, sizeFromShape, toTypedArray,
  zeroValues,
} from '../core/util.js';

/** @import { DataType, Numbers } from '../core/util.js' */
/** @import { TensorLike } from '../core/convert.js' */
/** @import { Variable } from '../core/tensor.js' */

/**
 * Checks values against the shape that was asked for.
 * @param {any} values
 * @param {readonly number[] | null | undefined} shape null: as inferred
 * @param {number[]} inferred
 * @param {DataType | null | undefined} dtype null: as inferred
 */
function makeTensor(values, shape, inferred, dtype) {
  const type = dtype ?? inferDtype(values);
  if (type === 'complex64') {
    throw failure('DTYPE', 'Cannot construct a complex64 tensor directly. Please use tf.complex(real, imag).');
  }
  if (!isDataType(type)) throw failure('DTYPE', `Unknown data type ${type}`);
  if (!isTypedArray(values) && !Array.isArray(values) && !['number', 'boolean', 'string'].includes(typeof values)) {
    throw failure('INVALID_ARGUMENT',
      'values passed to tensor(values) must be a number/boolean/string or an array of numbers/booleans/strings, or a TypedArray');
  }
  if (shape != null) assertShapeFits(shape, inferred);
  engine.checkUpload(values, type);
  const list = typeof values === 'object' && !(type === 'string' && isTypedArray(values)) ? values : [values];
  return engine.makeTensor(type === 'string' ? list : toTypedArray(list, type), shape ?? inferred, type);
}

/**
 * @param {readonly number[]} shape
 * @param {number[]} inferred
 */
function assertShapeFits(shape, inferred) {
  assertNonNegativeIntegerDimensions(shape);
  const size = sizeFromShape(shape);
  const given = sizeFromShape(inferred);
  assert(size === given, () => `Based on the provided shape, [${shape}], the tensor should have ${size} values but has ${given}`, 'SHAPE');
  inferred.forEach((dimension, i) => {
    const isFlatRest = i === inferred.length - 1 && dimension === sizeFromShape(shape.slice(i));
    assert(dimension === shape[i] || isFlatRest,
      () => `Error creating a new Tensor. Inferred shape (${inferred}) does not match the provided shape (${shape}). `, 'SHAPE');
  });
}

/**
 * A tensor of these values.
 * @param {Numbers} values
 * @param {readonly number[]} [shape] of flat values
 * @param {DataType} [dtype]
 */
export function tensor(values, shape, dtype) {
  return makeTensor(values, shape, inferShape(values, dtype), dtype);
}

/**
 * A tensor of rank 0.
 * @param {number | boolean | string | Uint8Array} value
 * @param {DataType} [dtype]
 */
export function scalar(value, dtype) {
  if ((isTypedArray(value) && dtype !== 'string') || (Array.isArray(value) && dtype !== 'complex64')) {
    throw failure('INVALID_ARGUMENT', 'Error creating a new Scalar: value must be a primitive (number|boolean|string)');
  }
  if (dtype === 'string' && isTypedArray(value) && !(/** @type {unknown} */ (value) instanceof Uint8Array)) {
    throw failure('INVALID_ARGUMENT', 'When making a scalar from encoded string, the value must be `Uint8Array`.');
  }
  return makeTensor(value, [], [], dtype);
}

/** @param {any} values */
function assertNonNull(values) {
  assert(values != null, () => 'The input to the tensor constructor must be a non-null value.');
}

/**
 * A tensor of rank 1.
 * @param {Numbers} values
 * @param {DataType} [dtype]
 */
export function tensor1d(values, dtype) {
  assertNonNull(values);
  const inferred = inferShape(values, dtype);
  assert(inferred.length === 1, () => 'tensor1d() requires values to be a flat/TypedArray', 'SHAPE');
  return makeTensor(values, null, inferred, dtype);
}

const COUNT_WORDS = ['', '', 'two', 'three', 'four', 'five', 'six'];

/**
 * tensor2d and its like, which take nested arrays of their rank, or flat values and a shape.
 * @param {number} rank
 * @returns {(values: Numbers, shape?: readonly number[] | null, dtype?: DataType) => Tensor}
 */
function creatorOfRank(rank) {
  const name = `tensor${rank}d()`;
  const flat = rank === 2 ? 'flat/TypedArray' : 'flat array';
  return (values, shape, dtype) => {
    assertNonNull(values);
    assert(shape == null || shape.length === rank, () => `${name} requires shape to have ${COUNT_WORDS[rank]} numbers`, 'SHAPE');
    const inferred = inferShape(values, dtype);
    assert(inferred.length === rank || inferred.length === 1,
      () => `${name} requires values to be number${'[]'.repeat(rank)} or flat/TypedArray`, 'SHAPE');
    assert(inferred.length === rank || shape != null, () => `${name} requires shape to be provided when \`values\` are a ${flat}`, 'SHAPE');
    return makeTensor(values, shape, inferred, dtype);
  };
}

export const tensor2d = creatorOfRank(2);
export const tensor3d = creatorOfRank(3);
export const tensor4d = creatorOfRank(4);
export const tensor5d = creatorOfRank(5);
export const tensor6d = creatorOfRank(6);

/**
 * @param {readonly number[]} shape
 * @param {DataType} [dtype]
 */
export function zeros(shape, dtype = 'float32') {
  assertNonNegativeIntegerDimensions(shape);
  return engine.makeTensor(null, shape, dtype);
}

/**
 * @param {readonly number[]} shape
 * @param {DataType} [dtype]
 */
export function ones(shape, dtype = 'float32') {
  assertNonNegativeIntegerDimensions(shape);
  if (dtype === 'complex64') return engine.makeTensor(Float32Array.from({ length: 2 * sizeFromShape(shape) }, (_, i) => 1 - (i % 2)), shape, dtype);
  return fill(shape, 1, dtype);
}

/**
 * A tensor with one value everywhere.
 * @param {readonly number[]} shape
 * @param {number | boolean | string} value
 * @param {DataType} [dtype]
 */
export function fill(shape, value, dtype) {
  assertNonNegativeIntegerDimensions(shape);
  const type = dtype ?? inferDtype(value);
  if (type === 'string') return engine.makeTensor(new Array(sizeFromShape(shape)).fill(value), shape, type);
  return engine.makeTensor(zeroValues(type, sizeFromShape(shape)).fill(Number(value)), shape, type);
}

export const zerosLike = op('zerosLike', (/** @type {TensorLike} */ x) => {
  const like = convertToTensor(x, 'x', 'zerosLike');
  if (like.isSymbolic) return engine.run('ZerosLike', null, [like])[0];
  const y = zeros(like.shape, like.dtype);
  engine.tape?.record('ZerosLike', [like], [y], () => () => [zeros(like.shape)]);
  return y;
});

export const onesLike = op('onesLike', (/** @type {TensorLike} */ x) => {
  const like = convertToTensor(x, 'x', 'onesLike');
  if (like.isSymbolic) return engine.run('BroadcastLike', null, [scalar(1, like.dtype), like])[0];
  const y = ones(like.shape, like.dtype);
  engine.tape?.record('OnesLike', [like], [y], () => () => [zeros(like.shape)]);
  return y;
});

/**
 * start, start + step, ... before stop.
 * @param {number} start
 * @param {number} stop
 * @param {number} [step] its sign is that of stop - start
 * @param {DataType} [dtype]
 */
export function range(start, stop, step = 1, dtype = 'float32') {
  if (step === 0) throw failure('INVALID_ARGUMENT', 'Cannot have a step of zero');
  const direction = stop < start && step === 1 ? -1 : step;
  const size = Math.max(0, Math.ceil((stop - start) / direction));
  const values = zeroValues(dtype, size);
  // Added up in the dtype, as TensorFlow.js does, so that the roundings are the same.
  if (size > 0) values[0] = start;
  for (let i = 1; i < size; i++) values[i] = values[i - 1] + direction;
  return engine.makeTensor(values, [size], dtype);
}

/**
 * num values from start to stop, both included.
 * @param {number} start
 * @param {number} stop
 * @param {number} num
 */
export function linspace(start, stop, num) {
  if (num <= 0) throw failure('INVALID_ARGUMENT', 'The number of values should be positive.');
  const values = new Float32Array(num);
  const step = (stop - start) / (num - 1);
  values[0] = start;
  for (let i = 1; i < num; i++) values[i] = values[i - 1] + step;
  return engine.makeTensor(values, [num], 'float32');
}

/**
 * The identity matrix, repeated over batchShape.
 * @param {number} numRows
 * @param {number | null} [numColumns]
 * @param {readonly number[] | null} [batchShape] of 1 to 3 dimensions
 * @param {DataType} [dtype]
 */
export function eye(numRows, numColumns, batchShape, dtype = 'float32') {
  return identity(numRows, numColumns ?? numRows, batchShape ?? [], dtype);
}

/**
 * @param {number} numRows
 * @param {number} numColumns
 * @param {readonly number[]} batchShape
 * @param {DataType} dtype
 */
function identity(numRows, numColumns, batchShape, dtype) {
  assert(batchShape.length <= 3, () => `eye() currently supports only 1D and 2D batchShapes, but received ${batchShape.length}D.`);
  const shape = [...batchShape, numRows, numColumns];
  assertNonNegativeIntegerDimensions(shape);
  const values = zeroValues(dtype, sizeFromShape(shape));
  const matrix = numRows * numColumns;
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor((i % matrix) / numColumns);
    if (i % numColumns === row) values[i] = 1;
  }
  return engine.makeTensor(values, shape, dtype);
}

/**
 * Random elements from a function.
 * @param {readonly number[]} shape
 * @param {() => number} randFunction
 * @param {DataType} [dtype]
 */
export function rand(shape, randFunction, dtype = 'float32') {
  assertNonNegativeIntegerDimensions(shape);
  const values = zeroValues(dtype, sizeFromShape(shape));
  for (let i = 0; i < values.length; i++) values[i] = randFunction();
  return engine.makeTensor(values, shape, dtype);
}

/**
 * A tensor's elements where they can be set one by one.
 * @param {readonly number[]} shape
 * @param {DataType} [dtype]
 * @param {import('../core/util.js').Values} [values]
 */
export function buffer(shape, dtype = 'float32', values) {
  assertNonNegativeIntegerDimensions(shape);
  return new TensorBuffer(shape, dtype, values);
}

/**
 * A tensor whose elements can be assigned.
 * @param {Tensor} initialValue
 * @param {boolean} [trainable]
 * @param {string} [name] must be free
 * @param {DataType} [dtype]
 * @returns {Variable}
 */
export function variable(initialValue, trainable = true, name, dtype = initialValue.dtype) {
  const cast = castTo(initialValue, dtype);
  const made = engine.makeVariable(cast, trainable, name);
  if (cast !== initialValue) cast.dispose();
  return made;
}

/**
 * A tensor of its own with the same elements.
 * @param {TensorLike} x
 * @returns {Tensor}
 */
export const clone = op('clone', (/** @type {TensorLike} */ x) => convertToTensor(x, 'x', 'clone', 'string_or_numeric').clone());

/**
 * Writes a tensor to the console.
 * @param {Tensor} x
 * @param {boolean} [verbose]
 */
export function print(x, verbose = false) {
  x.print(verbose);
}

/**
 * Throws unless the shape is the one given; null fits any size.
 * @param {Tensor} x
 * @param {readonly (number | null)[]} shape
 */
export function ensureShape(x, shape) {
  const fits = x.shape.length === shape.length && arraysEqual(x.shape, shape.map((dimension, i) => dimension ?? x.shape[i]));
  assert(fits, () => `EnsureShape: Shape of tensor ${x.shape} is not compatible with expected shape ${shape}`, 'SHAPE');
  return x;
}
