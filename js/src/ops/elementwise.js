/** Element-wise ops as two tables: name, kernel, and what happens to dtypes, as TensorFlow.js 4.22 does it. */
import { castTo, convertToTensor, matchTypes, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, arraysEqual, broadcastShape, isDataType, failure } from '../core/util.js';
import { fill } from './creation.js';

/** @import { DataType } from '../core/util.js' */
/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/**
 * What a unary op takes and gives. same: any dtype, which the result has too; exact: so, and the kernel computes int32 itself;
 * float: float32 alone; widen: any dtype to float32; test: any dtype to bool; logical: bool alone.
 * @typedef {'same' | 'exact' | 'float' | 'widen' | 'test' | 'logical'} UnaryRule
 */

/**
 * @param {string} name
 * @param {string} kernel
 * @param {UnaryRule} rule
 * @returns {(x: TensorLike) => Tensor}
 */
function unary(name, kernel, rule) {
  const argumentType = rule === 'float' ? 'float32' : rule === 'logical' ? 'bool' : 'numeric';
  return op(name, x => runUnary(kernel, null, convertToTensor(x, 'x', name, argumentType), rule));
}

/**
 * @param {string} kernel
 * @param {object | null} attributes
 * @param {Tensor} x
 * @param {UnaryRule} rule
 */
function runUnary(kernel, attributes, x, rule) {
  if (x.dtype === 'complex64') return engine.run(kernel, attributes, [x])[0];
  const computed = rule === 'logical' || (rule === 'exact' && x.dtype === 'int32') ? x : castTo(x, 'float32');
  const [y] = engine.run(kernel, attributes, [computed]);
  return rule === 'same' || rule === 'exact' ? castBack(y, x.dtype) : y;
}

/**
 * A result in the dtype of the operands: cut off to an integer, which is true where it is not 0.
 * @param {Tensor} result
 * @param {DataType} dtype
 */
function castBack(result, dtype) {
  return castTo(dtype === 'bool' ? castTo(result, 'int32') : result, dtype);
}

export const abs = unary('abs', 'Abs', 'exact');
export const acos = unary('acos', 'Acos', 'same');
export const acosh = unary('acosh', 'Acosh', 'same');
export const asin = unary('asin', 'Asin', 'same');
export const asinh = unary('asinh', 'Asinh', 'same');
export const atan = unary('atan', 'Atan', 'same');
export const atanh = unary('atanh', 'Atanh', 'same');
export const ceil = unary('ceil', 'Ceil', 'float');
export const cos = unary('cos', 'Cos', 'float');
export const cosh = unary('cosh', 'Cosh', 'float');
export const elu = unary('elu', 'Elu', 'float');
export const erf = unary('erf', 'Erf', 'widen');
export const exp = unary('exp', 'Exp', 'widen');
export const expm1 = unary('expm1', 'Expm1', 'same');
export const floor = unary('floor', 'Floor', 'float');
export const isFinite = unary('isFinite', 'IsFinite', 'test');
export const isInf = unary('isInf', 'IsInf', 'test');
export const isNaN = unary('isNaN', 'IsNan', 'test');
export const log = unary('log', 'Log', 'float');
export const log1p = unary('log1p', 'Log1p', 'same');
export const logicalNot = unary('logicalNot', 'LogicalNot', 'logical');
export const neg = unary('neg', 'Neg', 'exact');
export const reciprocal = unary('reciprocal', 'Reciprocal', 'same');
export const relu = unary('relu', 'Relu', 'exact');
export const relu6 = unary('relu6', 'Relu6', 'same');
export const round = unary('round', 'Round', 'same');
export const rsqrt = unary('rsqrt', 'Rsqrt', 'float');
export const selu = unary('selu', 'Selu', 'same');
export const sigmoid = unary('sigmoid', 'Sigmoid', 'float');
export const sign = unary('sign', 'Sign', 'same');
export const sin = unary('sin', 'Sin', 'float');
export const sinh = unary('sinh', 'Sinh', 'same');
export const softplus = unary('softplus', 'Softplus', 'same');
export const sqrt = unary('sqrt', 'Sqrt', 'float');
export const square = unary('square', 'Square', 'exact');
export const tan = unary('tan', 'Tan', 'float');
export const tanh = unary('tanh', 'Tanh', 'float');

/** x where positive, alpha x elsewhere; float32. */
export const leakyRelu = op('leakyRelu', (/** @type {TensorLike} */ x, alpha = 0.2) =>
  runUnary('LeakyRelu', { alpha }, convertToTensor(x, 'x', 'leakyRelu'), 'widen'));

/** 1 where x is positive, alpha elsewhere, NaN where x is. */
export const step = op('step', (/** @type {TensorLike} */ x, alpha = 0) =>
  runUnary('Step', { alpha }, convertToTensor(x, 'x', 'step'), 'same'));

/** log(sigmoid(x)) */
export const logSigmoid = op('logSigmoid', (/** @type {TensorLike} */ x) => neg(softplus(neg(convertToTensor(x, 'x', 'logSigmoid')))));

/** The nearest value in [clipValueMin, clipValueMax]. */
export const clipByValue = op('clipByValue', (/** @type {TensorLike} */ x, /** @type {number} */ clipValueMin,
  /** @type {number} */ clipValueMax) => {
  const input = convertToTensor(x, 'x', 'clipByValue');
  assert(clipValueMin <= clipValueMax, () => `Error in clip: min (${clipValueMin}) must be less than or equal to max (${clipValueMax}).`);
  if (clipValueMin === clipValueMax) return fill(input.shape, clipValueMin, input.dtype);
  return runUnary('ClipByValue', { min: clipValueMin, max: clipValueMax }, input, 'same');
});

/** The tensor in another dtype: floats are cut off to integers, everything but 0 is true. */
export const cast = op('cast', (/** @type {TensorLike} */ x, /** @type {DataType} */ dtype) => {
  const input = convertToTensor(x, 'x', 'cast');
  if (!isDataType(dtype)) throw failure('DTYPE', `Failed to cast to unknown dtype ${dtype}`);
  if ((dtype === 'string') !== (input.dtype === 'string')) throw failure('DTYPE', 'Only strings can be casted to strings');
  return input.dtype === dtype ? input.clone() : castTo(input, dtype);
});

/**
 * What a binary op does with its operands, once both have the dtype that holds both. number: the result has their dtype, bool is
 * computed as int32; count: so, and bool gives int32; real: computed as float32, the result has their dtype; float: computed and given as
 * float32; compare: any dtype to bool; logical: both must be bool.
 * @typedef {'number' | 'count' | 'real' | 'float' | 'compare' | 'logical'} BinaryRule
 */

/**
 * @param {string} name
 * @param {string} kernel
 * @param {BinaryRule} rule
 * @param {string} [first] the arguments' names in messages
 * @param {string} [second]
 * @returns {(a: TensorLike, b: TensorLike) => Tensor}
 */
function binary(name, kernel, rule, first = 'a', second = 'b') {
  const argumentType = rule === 'logical' ? 'bool' : rule === 'compare' ? 'string_or_numeric' : 'numeric';
  return op(name, (a, b) => {
    const left = convertToTensor(a, first, name, argumentType);
    return runBinary(kernel, left, convertToTensor(b, second, name, argumentType), rule);
  });
}

/** Comparisons by order, of texts. @type {Record<string, (a: string, b: string) => boolean>} */
const ORDERS = { Greater: (a, b) => a > b, GreaterEqual: (a, b) => a >= b, Less: (a, b) => a < b, LessEqual: (a, b) => a <= b };

/**
 * @param {(a: string, b: string) => boolean} order
 * @param {Tensor} a
 * @param {Tensor} b
 * @param {number[]} shape
 */
function compareStrings(order, a, b, shape) {
  const [left, right] = [a, b].map(tensor => engine.run('BroadcastTo', { shape }, [tensor])[0].dataSync());
  return engine.makeTensor(Uint8Array.from(left, (/** @type {string} */ text, /** @type {number} */ i) =>
    (order(text, right[i]) ? 1 : 0)), shape, 'bool');
}

/**
 * @param {string} kernel
 * @param {Tensor} a
 * @param {Tensor} b
 * @param {BinaryRule} rule
 */
function runBinary(kernel, a, b, rule) {
  const shape = broadcastShape(a.shape, b.shape);
  if (a.dtype === 'string' && ORDERS[kernel] !== undefined) return compareStrings(ORDERS[kernel], a, b, shape);
  const [left, right] = matchTypes(a, b);
  const { dtype } = left;
  if (rule === 'float' || rule === 'real') {
    const [result] = engine.run(kernel, null, [castTo(left, 'float32'), castTo(right, 'float32')]);
    return rule === 'real' ? castBack(result, dtype) : result;
  }
  if (rule === 'compare' || rule === 'logical' || dtype !== 'bool') return engine.run(kernel, null, [left, right])[0];
  const [result] = engine.run(kernel, null, [castTo(left, 'int32'), castTo(right, 'int32')]);
  return rule === 'number' ? castTo(result, 'bool') : result;
}

export const add = binary('add', 'Add', 'number');
export const sub = binary('sub', 'Sub', 'number');
export const mul = binary('mul', 'Multiply', 'number');
export const mod = binary('mod', 'Mod', 'number');
export const pow = binary('pow', 'Pow', 'number', 'base', 'exp');
export const floorDiv = binary('floorDiv', 'FloorDiv', 'count');
export const maximum = binary('maximum', 'Maximum', 'count');
export const minimum = binary('minimum', 'Minimum', 'count');
export const squaredDifference = binary('squaredDifference', 'SquaredDifference', 'number');
export const atan2 = binary('atan2', 'Atan2', 'real');
export const prelu = binary('prelu', 'Prelu', 'float', 'x', 'alpha');
export const equal = binary('equal', 'Equal', 'compare');
export const notEqual = binary('notEqual', 'NotEqual', 'compare');
export const greater = binary('greater', 'Greater', 'compare');
export const greaterEqual = binary('greaterEqual', 'GreaterEqual', 'compare');
export const less = binary('less', 'Less', 'compare');
export const lessEqual = binary('lessEqual', 'LessEqual', 'compare');
export const logicalAnd = binary('logicalAnd', 'LogicalAnd', 'logical');
export const logicalOr = binary('logicalOr', 'LogicalOr', 'logical');
export const logicalXor = binary('logicalXor', 'LogicalXor', 'logical');

/** a / b; rounded down where both are int32. */
export const div = op('div', (/** @type {TensorLike} */ a, /** @type {TensorLike} */ b) => {
  const [left, right] = matchTypes(convertToTensor(a, 'a', 'div'), convertToTensor(b, 'b', 'div'));
  if (left.dtype === 'int32') return floorDiv(left, right);
  return runBinary('RealDiv', left, right, 'real');
});

/** a / b, and 0 where b is 0. */
export const divNoNan = op('divNoNan', (/** @type {TensorLike} */ a, /** @type {TensorLike} */ b) => {
  const [left, right] = matchTypes(convertToTensor(a, 'a', 'div'), convertToTensor(b, 'b', 'div'));
  const quotient = div(left, right);
  return engine.run('Select', null, [equal(right, fill([], 0, right.dtype)), fill([], 0, quotient.dtype), quotient])[0];
});

/** The sum of tensors of one shape and dtype. */
export const addN = op('addN', (/** @type {TensorLike[]} */ tensors) => {
  assert(Array.isArray(tensors), () => 'The argument passed to tf.addN() must be a list of tensors');
  assert(tensors.length >= 1, () => `Must pass at least one tensor to tf.addN(), but got ${tensors.length}`);
  const terms = tensors.map((tensor, i) => convertToTensor(tensor, `tensors${i}`, 'addN'));
  const [first] = terms;
  assert(terms.every(term => term.dtype === first.dtype), () => 'All tensors passed to tf.addN() must have the same dtype', 'DTYPE');
  assert(terms.every(term => arraysEqual(term.shape, first.shape)),
    () => 'All tensors passed to tf.addN() must have the same shape', 'SHAPE');
  return terms.length === 1 ? first.clone() : terms.reduce((sum, term) => add(sum, term));
});

/** The bits that both int32 tensors have. @type {(x: TensorLike, y: TensorLike) => Tensor} */
export const bitwiseAnd = op('bitwiseAnd', (x, y) => {
  const [a, b] = [convertToTensor(x, 'x', 'bitwiseAnd'), convertToTensor(y, 'y', 'bitwiseAnd')];
  assert(arraysEqual(a.shape, b.shape), () => `BitwiseAnd: Tensors must have the same shape. x: ${a.shape}, y: ${b.shape}`, 'SHAPE');
  assert(a.dtype === 'int32' && b.dtype === 'int32',
    () => `BitwiseAnd: Only supports 'int32' values in tensor, found type: ${a.dtype} and ${b.dtype}`, 'DTYPE');
  const [left, right] = [a.dataSync(), b.dataSync()];
  return engine.makeTensor(Int32Array.from(left, (/** @type {number} */ value, /** @type {number} */ i) => value & right[i]), a.shape, 'int32');
});
