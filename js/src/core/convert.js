/** What an op does first: turns its arguments into tensors, and runs in a scope that disposes what it made on the way. */
import { engine } from './engine.js';
import { Tensor } from './tensor.js';
import { assert, failure, inferDtype, inferShape, isTypedArray, toTypedArray, upcastType } from './util.js';

/** @import { DataType, Numbers } from './util.js' */

/** @typedef {Tensor | Numbers} TensorLike */

/**
 * Wraps a function so that tensors made on its way are disposed, all but its result.
 * @template {(...args: any[]) => any} F
 * @param {string} name
 * @param {F} body
 * @returns {F}
 */
export function op(name, body) {
  const wrapped = /** @type {F} */ ((...args) => engine.scoped(name, () => body(...args)));
  Object.defineProperty(wrapped, 'name', { value: name, configurable: true });
  return wrapped;
}

/** @typedef {'numeric' | 'string_or_numeric' | DataType} Expected */

/**
 * @param {Expected} expected
 * @param {string} actual
 * @param {string} argument
 * @param {string} functionName
 */
function assertDtype(expected, actual, argument, functionName) {
  if (expected === 'string_or_numeric') return;
  if (expected === null) throw failure('INVALID_ARGUMENT', 'Expected dtype cannot be null.');
  const fits = expected === 'numeric' ? actual !== 'string' : actual === expected;
  assert(fits, () => `Argument '${argument}' passed to '${functionName}' must be ${expected} tensor, but got ${actual} tensor`, 'DTYPE');
}

/**
 * A tensor as it is; numbers, booleans, strings, nested arrays and typed arrays as a new one.
 * @param {TensorLike} x
 * @param {string} argument its name in messages
 * @param {string} functionName
 * @param {Expected} [dtype] what it must be; numbers become it
 * @returns {Tensor}
 */
export function convertToTensor(x, argument, functionName, dtype = 'numeric') {
  if (x instanceof Tensor) {
    assertDtype(dtype, x.dtype, argument, functionName);
    x.throwIfDisposed();
    return x;
  }
  const inferred = inferDtype(x);
  const wanted = inferred !== 'string' && ['bool', 'int32', 'float32'].includes(dtype) ? /** @type {DataType} */ (dtype) : inferred;
  assertDtype(dtype, wanted, argument, functionName);
  if (x == null || (!isTypedArray(x) && !Array.isArray(x) && !['number', 'boolean', 'string'].includes(typeof x))) {
    const type = x == null ? 'null' : /** @type {object} */ (x).constructor.name;
    throw failure('INVALID_ARGUMENT', `Argument '${argument}' passed to '${functionName}' must be a Tensor or TensorLike, but got ` +
      `'${type}'`);
  }
  const values = typeof x === 'object' ? x : [x];
  engine.checkUpload(values, wanted);
  return engine.makeTensor(wanted === 'string' ? values : toTypedArray(values, wanted), inferShape(x, wanted), wanted);
}

/**
 * @param {TensorLike[]} tensors
 * @param {string} argument
 * @param {string} functionName
 * @param {Expected} [dtype]
 * @returns {Tensor[]}
 */
export function convertToTensorArray(tensors, argument, functionName, dtype) {
  assert(Array.isArray(tensors), () => `Argument ${argument} passed to ${functionName} must be a \`Tensor[]\` or \`TensorLike[]\``);
  return tensors.map((tensor, i) => convertToTensor(tensor, `${argument}[${i}]`, functionName, dtype));
}

/**
 * The tensor with another dtype; a clone where it has it already.
 * @param {Tensor} x
 * @param {DataType} dtype
 * @returns {Tensor}
 */
export function castTo(x, dtype) {
  return x.dtype === dtype ? x : engine.run('Cast', { dtype }, [x])[0];
}

/**
 * Both in the dtype that holds both.
 * @param {Tensor} a
 * @param {Tensor} b
 * @returns {[Tensor, Tensor]}
 */
export function matchTypes(a, b) {
  const dtype = upcastType(a.dtype, b.dtype);
  return [castTo(a, dtype), castTo(b, dtype)];
}

/**
 * tf.op: a function of tensors, by its name, as an op: what it makes on the way is disposed.
 * @template {(...args: any[]) => any} F
 * @param {Record<string, F>} named one function
 * @returns {F}
 */
export function namedOp(named) {
  const names = Object.keys(named);
  if (names.length !== 1) {
    throw failure('INVALID_ARGUMENT', `Please provide an object with a single key (operation name) mapping to a function. Got an ` +
      `object with ${names.length} keys.`);
  }
  const [name] = names;
  return op(`${name.replace(/_$/, '')}__op`, named[name]);
}
