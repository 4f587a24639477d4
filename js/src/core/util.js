/** Shapes, dtypes and typed arrays: what tensors and ops share, with TensorFlow.js's rules and messages. */

/** @typedef {'float32' | 'int32' | 'bool' | 'complex64' | 'string'} DataType */
/** @typedef {any} Values a Float32Array (of pairs for complex64), Int32Array, Uint8Array, or strings as text or bytes */
/** @typedef {number | boolean | string | ArrayLike<any> | any[]} Numbers nested arrays of numbers, booleans or strings, or a typed array */

/**
 * An Error with a code of core/errors.def.
 * @param {string} code
 * @param {string} message
 * @returns {Error & {code: string}}
 */
export function failure(code, message) {
  return Object.assign(new Error(message), { code });
}

/**
 * A field that an object has itself, not one that every object has: for names from outside.
 * @template T
 * @param {Record<string, T>} object
 * @param {string} name
 * @returns {T | undefined}
 */
export function ownValue(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Throws unless the condition holds. The message is a function, since most are never needed.
 * @param {unknown} condition
 * @param {() => string} message
 * @param {string} [code]
 * @returns {asserts condition}
 */
export function assert(condition, message, code = 'INVALID_ARGUMENT') {
  if (!condition) throw failure(code, message());
}

/** @param {readonly number[]} shape */
export function sizeFromShape(shape) {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

/** @param {any} value */
export function isTypedArray(value) {
  return value instanceof Float32Array || value instanceof Int32Array || value instanceof Uint8Array || value instanceof Uint8ClampedArray;
}

/**
 * @param {readonly unknown[] | null | undefined} a
 * @param {readonly unknown[] | null | undefined} b
 */
export function arraysEqual(a, b) {
  if (a === b) return true;
  return a != null && b != null && a.length === b.length && a.every((element, i) => element === b[i]);
}

/** @param {readonly number[]} shape */
export function assertNonNegativeIntegerDimensions(shape) {
  for (const dimension of shape) {
    assert(Number.isInteger(dimension) && dimension >= 0,
      () => `Tensor must have a shape comprised of positive integers but got shape [${shape}].`, 'SHAPE');
  }
}

/** Whether a string's bytes, where strings are expected. @param {any} value @param {string | null} [dtype] */
const isBytes = (value, dtype) => dtype === 'string' && value instanceof Uint8Array;

/**
 * The dtype that values get when none is asked for.
 * @param {any} values
 * @returns {DataType}
 */
export function inferDtype(values) {
  if (Array.isArray(values)) return inferDtype(values[0]);
  if (values instanceof Float32Array) return 'float32';
  if (isTypedArray(values)) return 'int32';
  if (typeof values === 'string' || values instanceof String) return 'string';
  return typeof values === 'boolean' ? 'bool' : 'float32';
}

/**
 * The shape of nested arrays; all arrays on one level must have one length.
 * @param {any} values
 * @param {DataType | null} [dtype] of strings, a byte array is one element
 * @returns {number[]}
 */
export function inferShape(values, dtype) {
  if (isTypedArray(values)) return dtype === 'string' ? [] : [values.length];
  if (!Array.isArray(values)) return [];
  /** @type {number[]} */
  const shape = [];
  for (let first = values; Array.isArray(first) || (isTypedArray(first) && !isBytes(first, dtype)); first = first[0]) shape.push(first.length);
  assertShapeConsistency(values, shape, [], dtype);
  return shape;
}

/**
 * @param {any} values
 * @param {number[]} shape
 * @param {number[]} indices
 * @param {DataType | null} [dtype]
 */
function assertShapeConsistency(values, shape, indices, dtype) {
  const where = () => `Element arr[${indices.join('][')}]`;
  if (!Array.isArray(values) && (!isTypedArray(values) || isBytes(values, dtype))) {
    assert(shape.length === 0, () => `${where()} is a primitive, but should be an array/TypedArray of ${shape[0]} elements`, 'SHAPE');
    return;
  }
  assert(shape.length > 0, () => `${where()} should be a primitive, but is an array of ${values.length} elements`, 'SHAPE');
  assert(values.length === shape[0], () => `${where()} should have ${shape[0]} elements, but has ${values.length} elements`, 'SHAPE');
  if (isTypedArray(values)) return;
  const rest = shape.slice(1);
  for (let i = 0; i < values.length; i++) assertShapeConsistency(values[i], rest, [...indices, i], dtype);
}

/**
 * All elements of nested arrays in order.
 * @param {any} values
 * @param {any[]} [into]
 * @param {boolean} [skipTypedArray] typed arrays count as elements
 * @returns {any[]}
 */
export function flatten(values, into = [], skipTypedArray = false) {
  if (values === null || typeof values !== 'object' || values instanceof String || typeof values.then === 'function') {
    into.push(values);
  } else if (Array.isArray(values) || (ArrayBuffer.isView(values) && !skipTypedArray)) {
    for (const element of /** @type {Iterable<any>} */ (values)) flatten(element, into, skipTypedArray);
  } else if (ArrayBuffer.isView(values) || values.shape !== undefined) {
    into.push(values);
  } else {
    const last = Object.keys(values).map(Number).reduce((most, key) => (Number.isInteger(key) ? Math.max(most, key) : most), -1);
    for (let i = 0; i <= last; i++) flatten(values[i], into, skipTypedArray);
  }
  return into;
}

/** @type {Partial<Record<string, new (size: number) => Values>>} */
const ARRAY_TYPES = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, complex64: Float32Array };

/**
 * Zeros: of complex64 two numbers an element, of string empty texts.
 * @param {DataType} dtype
 * @param {number} size
 * @returns {Values}
 */
export function zeroValues(dtype, size) {
  const type = ARRAY_TYPES[dtype];
  if (type !== undefined) return new type(dtype === 'complex64' ? 2 * size : size);
  if (dtype === 'string') return new Array(size).fill('');
  throw failure('DTYPE', `Unknown data type ${dtype}`);
}

/**
 * Nested arrays as one typed array; the same array where it has the right type already.
 * @param {any} values
 * @param {DataType} dtype
 * @returns {Values}
 */
export function toTypedArray(values, dtype) {
  if (dtype === 'string') throw failure('DTYPE', 'Cannot convert a string[] to a TypedArray');
  const flat = Array.isArray(values) ? flatten(values) : values;
  if (dtype === 'float32' || dtype === 'complex64') return flat instanceof Float32Array ? flat : new Float32Array(flat);
  if (dtype === 'int32') return flat instanceof Int32Array ? flat : new Int32Array(flat);
  if (dtype !== 'bool') throw failure('DTYPE', `Unknown data type ${dtype}`);
  return flat instanceof Uint8Array && flat.every(value => value <= 1) ? flat : Uint8Array.from(flat, value => (Math.round(value) !== 0 ? 1 : 0));
}

/**
 * Strings as UTF-8; bytes as they are.
 * @param {any} values one string or nested arrays of them
 * @returns {Uint8Array[]}
 */
export function toStringBytes(values) {
  return (Array.isArray(values) ? flatten(values, [], true) : [values]).map(value =>
    (value instanceof Uint8Array ? value : encodeString(String(value ?? ''))));
}

/** @param {string} encoding */
function assertUtf8(encoding) {
  if (!['utf-8', 'utf8'].includes(encoding)) throw failure('UNSUPPORTED', `Expected 'utf-8', but got '${encoding}'`);
}

/** @param {string} text @param {string} [encoding] */
export function encodeString(text, encoding = 'utf-8') {
  assertUtf8(encoding);
  return new TextEncoder().encode(text);
}

/** @param {Uint8Array} bytes @param {string} [encoding] */
export function decodeString(bytes, encoding = 'utf-8') {
  return new TextDecoder(encoding).decode(bytes);
}

/**
 * @param {readonly number[]} shape
 * @returns {number[]} elements between neighbours along each axis but the last
 */
export function computeStrides(shape) {
  const strides = new Array(Math.max(0, shape.length - 1));
  let stride = 1;
  for (let axis = shape.length - 1; axis > 0; axis--) strides[axis - 1] = stride *= shape[axis];
  return strides;
}

/**
 * A flat array as nested ones.
 * @param {readonly number[]} shape
 * @param {Values} values
 * @param {boolean} [isComplex] whether an element is two values
 * @returns {any} a number for a scalar
 */
export function toNestedArray(shape, values, isComplex = false) {
  const each = isComplex ? 2 : 1;
  if (shape.length === 0) return isComplex ? Array.from(values.slice(0, 2)) : values[0];
  const size = sizeFromShape(shape) * each;
  if (size === 0) return [];
  assert(size === values.length,
    () => `[${shape}] does not match the input size ${values.length}${isComplex ? ' for a complex tensor' : ''}.`, 'SHAPE');
  return nest(shape, values, 0, 0, values.length);
}

/**
 * @param {readonly number[]} shape
 * @param {Values} values
 * @param {number} axis
 * @param {number} from
 * @param {number} length
 * @returns {any[]}
 */
function nest(shape, values, axis, from, length) {
  if (axis === shape.length - 1) return Array.from(values.slice(from, from + length));
  const step = length / shape[axis];
  return Array.from({ length: shape[axis] }, (_, i) => nest(shape, values, axis + 1, from + i * step, step));
}

/**
 * Axes as sorted-by-caller numbers 0..rank-1.
 * @param {number | readonly number[] | null | undefined} axis null: all
 * @param {readonly number[]} shape
 * @returns {number[]}
 */
export function parseAxisParam(axis, shape) {
  const rank = shape.length;
  const axes = axis == null ? shape.map((_, i) => i) : typeof axis === 'number' ? [axis] : [...axis];
  assert(axes.every(a => a >= -rank && a < rank),
    () => `All values in axis param must be in range [-${rank}, ${rank}) but got axis ${axes}`);
  assert(axes.every(a => Number.isInteger(a)), () => `All values in axis param must be integers but got axis ${axes}`);
  return axes.map(a => (a < 0 ? rank + a : a));
}

/**
 * The shape with its -1 replaced by what is left of size.
 * @param {readonly number[]} shape
 * @param {number} size
 * @returns {number[]}
 */
export function inferFromImplicitShape(shape, size) {
  let product = 1;
  let open = -1;
  shape.forEach((dimension, i) => {
    if (dimension >= 0) product *= dimension;
    else if (dimension !== -1) throw failure('SHAPE', `Shapes can not be < 0. Found ${dimension} at dim ${i}`);
    else if (open !== -1) throw failure('SHAPE', `Shapes can only have 1 implicit size. Found -1 at dim ${open} and dim ${i}`);
    else open = i;
  });
  if (open === -1) {
    assert(size === 0 || size === product, () => `Size(${size}) must match the product of shape ${shape}`, 'SHAPE');
    return [...shape];
  }
  assert(product !== 0, () => `Cannot infer the missing size in [${shape}] when there are 0 elements`, 'SHAPE');
  assert(size % product === 0, () => `The implicit shape can't be a fractional number. Got ${size} / ${product}`, 'SHAPE');
  return shape.map((dimension, i) => (i === open ? size / product : dimension));
}

/**
 * 1 where the shape has no such axis; null where a traced tensor's dimension is not known.
 * @param {readonly number[]} shape
 * @param {number} axis
 */
function dimensionAt(shape, axis) {
  return axis < 0 ? 1 : /** @type {number | null} */ (shape[axis]);
}

/**
 * NumPy's broadcast of two shapes.
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 * @returns {number[]}
 */
export function broadcastShape(a, b) {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = dimensionAt(a, a.length - rank + i);
    const right = dimensionAt(b, b.length - rank + i);
    if (left === null || right === null) return /** @type {any} */ ((left ?? 1) === 1 ? right : left);
    assert(left === right || left === 1 || right === 1,
      () => `Operands could not be broadcast together with shapes ${a} and ${b}.`, 'SHAPE');
    return left === 1 ? right : left;
  });
}

/** Of numbers, each holds those before. */
const NUMBER_DTYPES = ['bool', 'int32', 'float32', 'complex64'];

/**
 * The dtype that holds both.
 * @param {DataType} a
 * @param {DataType} b
 * @returns {DataType}
 */
export function upcastType(a, b) {
  if (a === b) return a;
  if (a === 'string' || b === 'string') throw failure('DTYPE', `Can not upcast ${a} with ${b}`);
  return NUMBER_DTYPES.indexOf(a) >= NUMBER_DTYPES.indexOf(b) ? a : b;
}

/** Whether a cast may lose something. @param {string} from @param {string} to */
export function hasEncodingLoss(from, to) {
  return NUMBER_DTYPES.indexOf(to) < NUMBER_DTYPES.indexOf(from);
}

/**
 * @param {string} dtype
 * @returns {dtype is DataType}
 */
export function isDataType(dtype) {
  return dtype === 'string' || NUMBER_DTYPES.includes(dtype);
}

/** @param {DataType} dtype */
export function bytesPerElement(dtype) {
  return { bool: 1, complex64: 8, float32: 4, int32: 4, string: 0 }[dtype];
}

/** The dtype of a sum. @param {DataType} type */
export function sumOutType(type) {
  return upcastType(type, 'int32');
}
