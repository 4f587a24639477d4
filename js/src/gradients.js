/** tf.grad and its like: derivatives of functions of tensors, by a tape. */
import { convertToTensor, convertToTensorArray } from './core/convert.js';
import { engine } from './core/engine.js';
import { withTape } from './core/tape.js';
import { Tensor, Variable } from './core/tensor.js';
import { arraysEqual, assert, failure } from './core/util.js';

/** @import { TensorLike } from './core/convert.js' */

/** @typedef {(...xs: any[]) => Tensor} F */
/** @typedef {(tensors: Tensor[]) => void} GradSaveFunc keeps tensors for gradFunc, though their scope ends */
/** @typedef {(...inputs: any[]) => {value: Tensor, gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[]}} CustomGradientFunc */

/**
 * The value of f and its gradients.
 * @param {() => Tensor} f
 * @param {Tensor[]} xs
 * @param {Tensor | null} dy null: ones
 * @param {boolean} allowNoGradients
 * @returns {{value: Tensor, grads: (Tensor | null)[]}}
 */
function gradients(f, xs, dy, allowNoGradients) {
  assert(xs.length > 0, () => 'gradients() received an empty list of xs.');
  if (dy !== null && dy.dtype !== 'float32') throw failure('DTYPE', `dy must have 'float32' dtype, but has '${dy.dtype}'`);
  return withTape(xs, () => engine.scoped('forward', f), (value, tape) => {
    assert(value instanceof Tensor, () => 'The result y returned by f() must be a tensor.');
    if (dy !== null && !arraysEqual(value.shape, dy.shape)) return { value, grads: [] };
    return engine.scoped('backward', () => {
      const grads = tape.gradients(value, dy ?? onesLike(value), xs);
      if (!allowNoGradients && grads.every(grad => grad === null)) {
        throw failure('INVALID_ARGUMENT', 'Cannot compute gradient of y=f(x) with respect to x. Make sure that the f you passed encloses all ' +
          'operations that lead from x to y.');
      }
      return { value, grads };
    });
  });
}

/** @param {Tensor} y */
function onesLike(y) {
  if (y.isSymbolic) return engine.run('BroadcastLike', null, [engine.makeTensor(new Float32Array([1]), [], 'float32'), y])[0];
  return engine.makeTensor(new Float32Array(y.size).fill(1), y.shape, 'float32');
}

/**
 * The gradients of f, with the checks that all of tf.grad's family make.
 * @param {string} who how f was called, for messages
 * @param {() => Tensor} f
 * @param {Tensor[]} xs
 * @param {Tensor | null} dy
 */
function checkedGradients(who, f, xs, dy) {
  const { value, grads } = gradients(f, xs, dy, false);
  if (dy !== null) {
    const [call, inner] = who.split('|');
    assert(arraysEqual(value.shape, dy.shape),
      () => `The shape of dy passed in ${call} must match the shape returned by ${inner} Shapes ${value.shape} and ${dy.shape} must match`, 'SHAPE');
  }
  if (grads.some(grad => grad === null)) {
    throw failure('INVALID_ARGUMENT', 'Cannot compute gradient of y=f(x) with respect to x. Make sure that\n    the f you passed encloses all ' +
      'operations that lead from x to y.');
  }
  return { value, grads: /** @type {Tensor[]} */ (grads) };
}

/**
 * @param {string} name
 * @param {unknown} f
 */
function assertFunction(name, f) {
  assert(typeof f === 'function', () => `The f passed in ${name}(f) must be a function`);
}

/**
 * The derivative of f(x) by x, as a function of x and, where f's value is not a scalar to be summed up, its weights dy.
 * @param {F} f
 * @returns {(x: TensorLike, dy?: TensorLike) => Tensor}
 */
export function grad(f) {
  assertFunction('grad', f);
  return (x, dy) => {
    const input = convertToTensor(x, 'x', 'tf.grad', 'string_or_numeric');
    const weights = dy == null ? null : convertToTensor(dy, 'dy', 'tf.grad');
    return engine.scoped('grad', () => checkedGradients('grad(f)(x, dy)|f(x)', () => f(input), [input], weights).grads[0]);
  };
}

/**
 * The derivatives of f(x1, x2, ...) by each of its arguments.
 * @param {F} f
 * @returns {(args: TensorLike[], dy?: TensorLike) => Tensor[]}
 */
export function grads(f) {
  assertFunction('grads', f);
  return (args, dy) => {
    assert(Array.isArray(args), () => 'The args passed in grads(f)(args) must be an array of `Tensor`s or `TensorLike`s');
    const inputs = convertToTensorArray(args, 'args', 'tf.grads', 'string_or_numeric');
    const weights = dy == null ? null : convertToTensor(dy, 'dy', 'tf.grads');
    return engine.scoped('grads', () => checkedGradients('grads(f)([x1,...], dy)|f([x1,...])', () => f(...inputs), inputs, weights).grads);
  };
}

/**
 * As grad, with f's value.
 * @param {F} f
 * @returns {(x: Tensor, dy?: Tensor) => {value: Tensor, grad: Tensor}}
 */
export function valueAndGrad(f) {
  assertFunction('valueAndGrad', f);
  return (x, dy) => {
    assert(x instanceof Tensor, () => 'The x passed in valueAndGrad(f)(x) must be a tensor');
    assert(dy == null || dy instanceof Tensor, () => 'The dy passed in valueAndGrad(f)(x, dy) must be a tensor');
    return engine.scoped('valueAndGrad', () => {
      const { value, grads } = checkedGradients('valueAndGrad(f)(x, dy)|f(x)', () => f(x), [x], dy ?? null);
      return { value, grad: grads[0] };
    });
  };
}

/**
 * As grads, with f's value.
 * @param {F} f
 * @returns {(args: Tensor[], dy?: Tensor) => {value: Tensor, grads: Tensor[]}}
 */
export function valueAndGrads(f) {
  assertFunction('valueAndGrads', f);
  return (args, dy) => {
    assert(Array.isArray(args) && args.every(arg => arg instanceof Tensor),
      () => 'The args passed in valueAndGrads(f)(args) must be array of tensors');
    assert(dy == null || dy instanceof Tensor, () => 'The dy passed in valueAndGrads(f)(args, dy) must be a tensor');
    return engine.scoped('valueAndGrads', () =>
      checkedGradients('valueAndGrads(f)([x1,...], dy)|f([x1,...])', () => f(...args), args, dy ?? null));
  };
}

/**
 * The value of a scalar function and its derivatives by trainable variables, by their names.
 * @param {() => Tensor} f
 * @param {Variable[]} [varList] all trainable ones where left out
 * @returns {{value: Tensor, grads: Record<string, Tensor>}}
 */
export function variableGrads(f, varList) {
  assertFunction('variableGrads', f);
  assert(varList == null || (Array.isArray(varList) && varList.every(variable => variable instanceof Variable)),
    () => 'The varList passed in variableGrads(f, varList) must be an array of variables');
  const candidates = varList ?? [...engine.variables.values()];
  const trainable = candidates.filter(variable => variable.trainable);
  assert(trainable.length > 0, () => 'variableGrads() expects at least one of the input variables to be trainable, but none of the ' +
    `${candidates.length} variables is trainable.`);
  const { value, grads } = gradients(f, trainable, null, true);
  assert(grads.some(grad => grad !== null),
    () => 'Cannot find a connection between any variable and the result of the loss function y=f(x). ' +
    'Please make sure the operations that use variables are inside the function f passed to minimize().');
  assert(value.rank === 0, () => `The f passed in variableGrads(f) must return a scalar, but it returned a rank-${value.rank} tensor`);
  /** @type {Record<string, any>} */
  const named = Object.fromEntries(trainable.flatMap((variable, i) => (grads[i] === null ? [] : [[variable.name, grads[i]]])));
  if (varList != null) for (const variable of varList) if (!variable.trainable) named[variable.name] = null;
  return { value, grads: named };
}

/**
 * A function that brings its own derivative: f gets its inputs and a function `save`, and returns its value and gradFunc.
 * @param {CustomGradientFunc} f
 * @returns {(...inputs: Tensor[]) => Tensor}
 */
export function customGrad(f) {
  assert(typeof f === 'function', () => 'The f passed in customGrad(f) must be a function');
  return (...inputs) => {
    assert(inputs.every(input => input instanceof Tensor), () => 'The args passed in customGrad(f)(x1, x2,...) must all be tensors');
    const { tape, trace } = engine;
    if (trace !== null) trace.hasCustomGradients = true;
    /** @type {Tensor[]} */
    const saved = [];
    const save = (/** @type {Tensor[]} */ tensors) => void saved.push(...tensors.map(tensor => tape?.save(tensor) ?? tensor));
    const { value, gradFunc } = untaped(() => engine.scoped('customGrad', () => checkedResult(f(...inputs, save), inputs)));
    tape?.record('CustomGradient', inputs, [value], () => ([dy]) => {
      const grads = [gradFunc(dy, saved)].flat();
      assert(grads.length === inputs.length,
        () => 'The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a ' +
        'function that returns the same number of tensors as inputs passed to f(...).');
      assert(grads.every(grad => grad instanceof Tensor), () => 'The function f passed in customGrad(f) must return an object where ' +
        '`obj.gradFunc` is a function that returns a list of only tensors.');
      return grads;
    });
    return value;
  };
}

/**
 * @param {ReturnType<CustomGradientFunc>} result
 * @param {Tensor[]} inputs
 */
function checkedResult({ value, gradFunc }, inputs) {
  assert(value instanceof Tensor, () => 'The function f passed in customGrad(f) must return an object where `obj.value` is a tensor');
  assert(typeof gradFunc === 'function',
    () => 'The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a function.');
  return { value: inputs.includes(value) ? value.clone() : value, gradFunc };
}

/**
 * @template T
 * @param {() => T} body
 * @returns {T}
 */
function untaped(body) {
  const { tape } = engine;
  engine.tape = null;
  try {
    return body();
  } finally {
    engine.tape = tape;
  }
}
