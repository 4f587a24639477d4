/** The ops as methods of tensors: x.relu() is relu(x). Importing this module attaches them. */
import { Tensor } from '../core/tensor.js';
import { assert } from '../core/util.js';
import { batchToSpaceND, depthToSpace, spaceToBatchND } from './blocks.js';
import { fft, ifft, irfft, rfft } from './complex.js';
import { onesLike, variable, zerosLike } from './creation.js';
import * as elementwise from './elementwise.js';
import { stridedSlice, topk, unique } from './indexing.js';
import * as linear from './linear.js';
import * as neural from './neural.js';
import * as reduction from './reduction.js';
import * as shape from './shape.js';
import { dilation2d, localResponseNormalization, pool } from './volumes.js';

/** @import { TensorLike } from '../core/convert.js' */

/** Ops whose first argument becomes the tensor that the method is called on. */
const {
  abs, acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, elu, erf, exp, expm1, floor, isFinite, isInf, isNaN, log, log1p, logicalNot, neg,
  reciprocal, relu, relu6, round, rsqrt, selu, sigmoid, sign, sin, sinh, softplus, sqrt, square, tan, tanh, leakyRelu, step, logSigmoid,
  clipByValue, cast, add, sub, mul, mod, pow, floorDiv, maximum, minimum, squaredDifference, atan2, prelu, equal, notEqual, greater,
  greaterEqual, less,
  lessEqual, logicalAnd, logicalOr, logicalXor, div, divNoNan,
} = elementwise;
const { sum, prod, max, min, mean, all, any, argMax, argMin, cumsum, cumprod, euclideanNorm, logSumExp, norm } = reduction;
const { reshape, expandDims, squeeze, transpose, unstack, split, slice, pad, mirrorPad, tile, broadcastTo, gather, reverse,
  unsortedSegmentSum, oneHot } = shape;
const { matMul, dot } = linear;
const { conv2d, conv2dTranspose, depthwiseConv2d, separableConv2d, conv1d, maxPool, avgPool, softmax, logSoftmax, batchNorm } = neural;
const { resizeBilinear, resizeNearestNeighbor } = neural.resizing;

export const chained = {
  abs, acos, acosh, asin, asinh, atan, atanh, ceil, cos, cosh, elu, erf, exp, expm1, floor, isFinite, isInf, isNaN, log, log1p, logicalNot, neg,
  reciprocal, relu, relu6, round, rsqrt, selu, sigmoid, sign, sin, sinh, softplus, sqrt, square, tan, tanh, leakyRelu, step, logSigmoid,
  clipByValue, cast, asType: cast, add, sub, mul, mod, pow, floorDiv, maximum, minimum, squaredDifference, atan2, prelu, equal, notEqual, greater,
  greaterEqual, less, lessEqual, logicalAnd, logicalOr, logicalXor, div, divNoNan,
  sum, prod, max, min, mean, all, any, argMax, argMin, cumsum, cumprod, euclideanNorm, logSumExp, norm,
  reshape, expandDims, squeeze, transpose, unstack, split, slice, pad, mirrorPad, tile, broadcastTo, gather, reverse, unsortedSegmentSum, oneHot,
  matMul, dot,
  conv2d, conv2dTranspose, depthwiseConv2d, separableConv2d, conv1d, maxPool, avgPool, softmax, logSoftmax, batchNorm, resizeBilinear,
  resizeNearestNeighbor,
  variable, onesLike, zerosLike, batchToSpaceND, depthToSpace, spaceToBatchND, fft, ifft, irfft, rfft, stridedSlice, topk, unique, dilation2d,
  localResponseNormalization, pool,
  /** As a scalar; it must have one element. @param {Tensor} x @returns {Tensor} */
  asScalar(x) {
    assert(x.size === 1, () => 'The array must have only 1 element.', 'SHAPE');
    return reshape(x, []);
  },
  /** @param {Tensor} x @returns {Tensor} */
  as1D: x => reshape(x, [x.size]),
  /** @param {Tensor} x @param {number} rows @param {number} columns @returns {Tensor} */
  as2D: (x, rows, columns) => reshape(x, [rows, columns]),
  /** @param {Tensor} x @param {number} rows @param {number} columns @param {number} depth @returns {Tensor} */
  as3D: (x, rows, columns, depth) => reshape(x, [rows, columns, depth]),
  /** @param {Tensor} x @param {number} rows @param {number} columns @param {number} depth @param {number} depth2 @returns {Tensor} */
  as4D: (x, rows, columns, depth, depth2) => reshape(x, [rows, columns, depth, depth2]),
  /**
   * @param {Tensor} x
   * @param {number} rows
   * @param {number} columns
   * @param {number} depth
   * @param {number} depth2
   * @param {number} depth3
   * @returns {Tensor}
   */
  as5D: (x, rows, columns, depth, depth2, depth3) => reshape(x, [rows, columns, depth, depth2, depth3]),
  /** @param {Tensor} x @returns {Tensor} */
  flatten: x => reshape(x, [x.size]),
  /** @param {Tensor} x @param {Tensor} like @returns {Tensor} */
  reshapeAs: (x, like) => reshape(x, like.shape),
  /** @param {Tensor} x @returns {Tensor} */
  toFloat: x => cast(x, 'float32'),
  /** @param {Tensor} x @returns {Tensor} */
  toInt: x => cast(x, 'int32'),
  /** @param {Tensor} x @returns {Tensor} */
  toBool: x => cast(x, 'bool'),
  /** @param {Tensor} x @param {TensorLike | TensorLike[]} others @param {number} [axis] @returns {Tensor} */
  concat: (x, others, axis) => shape.concat([x, ...(others instanceof Tensor ? [others] : /** @type {TensorLike[]} */ (others))], axis),
  /** @param {Tensor} x @param {TensorLike | TensorLike[]} others @param {number} [axis] @returns {Tensor} */
  stack: (x, others, axis) => shape.stack([x, ...(others instanceof Tensor ? [others] : /** @type {TensorLike[]} */ (others))], axis),
  /** @param {Tensor} x @param {TensorLike} condition @param {TensorLike} other @returns {Tensor} */
  where: (x, condition, other) => shape.where(condition, x, other),
};

for (const [name, body] of Object.entries(chained)) {
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(/** @type {any[]} */ ...args) {
      this.throwIfDisposed();
      return /** @type {Function} */ (body)(this, ...args);
    },
  });
}
