/** Products of matrices and vectors. */
import { castTo, convertToTensor, matchTypes, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert } from '../core/util.js';
import { reshape } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/**
 * The matrix product of the last two axes. int32 is computed in float32, and so exact below 2^24.
 * @type {(a: TensorLike, b: TensorLike, transposeA?: boolean, transposeB?: boolean) => Tensor}
 */
export const matMul = op('matMul', (a, b, transposeA = false, transposeB = false) => {
  const [left, right] = matchTypes(convertToTensor(a, 'a', 'matMul'), convertToTensor(b, 'b', 'matMul'));
  const innerA = left.shape.at(transposeA ? -2 : -1);
  const innerB = right.shape.at(transposeB ? -1 : -2);
  assert(left.rank >= 2 && right.rank >= 2,
    () => `Error in matMul: inputs must have the same rank of at least 2, got ranks ${left.rank} and ${right.rank}.`, 'SHAPE');
  assert(innerA === innerB, () => `Error in matMul: inner shapes (${innerA}) and (${innerB}) of Tensors with shapes ${left.shape} and ` +
    `${right.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`, 'SHAPE');
  const inputs = [castTo(left, 'float32'), castTo(right, 'float32')];
  return castTo(engine.run('BatchMatMul', { transpose_a: transposeA, transpose_b: transposeB }, inputs)[0], left.dtype);
});

/** The product of vectors and matrices in any combination. */
export const dot = op('dot', (/** @type {TensorLike} */ t1, /** @type {TensorLike} */ t2) => {
  const left = convertToTensor(t1, 't1', 'dot');
  const right = convertToTensor(t2, 't2', 'dot');
  assert([1, 2].includes(left.rank) && [1, 2].includes(right.rank),
    () => `Error in dot: inputs must all be rank 1 or 2, but got ranks ${left.rank} and ${right.rank}.`, 'SHAPE');
  const inner = left.shape[left.rank - 1];
  assert(inner === right.shape[0],
    () => `Error in dot: inner dimensions of inputs must match, but got ${inner} and ${right.shape[0]}.`, 'SHAPE');
  const product = matMul(left.rank === 1 ? reshape(left, [1, inner]) : left, right.rank === 1 ? reshape(right, [inner, 1]) : right);
  return reshape(product, [...left.shape.slice(0, -1), ...right.shape.slice(1)]);
});

/** v1 as a column times v2 as a row. */
export const outerProduct = op('outerProduct', (/** @type {TensorLike} */ v1, /** @type {TensorLike} */ v2) => {
  const left = convertToTensor(v1, 'v1', 'outerProduct');
  const right = convertToTensor(v2, 'v2', 'outerProduct');
  assert(left.rank === 1 && right.rank === 1,
    () => `Error in outerProduct: inputs must be rank 1, but got ranks ${left.rank} and ${right.rank}.`, 'SHAPE');
  return matMul(reshape(left, [-1, 1]), reshape(right, [1, -1]));
});
