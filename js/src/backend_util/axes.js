/** Axes, broadcasting and parts of shapes: axis_util, broadcast_util, concat_util, reduce_util and split_util of tf.backend_util. */
import { assert, broadcastShape, sizeFromShape } from '../core/util.js';

export const PARALLELIZE_THRESHOLD = 30;

/** @param {readonly number[]} axes @param {number} rank */
export function axesAreInnerMostDims(axes, rank) {
  return axes.every((_, i) => axes[axes.length - i - 1] === rank - 1 - i);
}

/** @param {string} message @param {readonly number[]} axes @param {number} rank */
export function assertAxesAreInnerMostDims(message, axes, rank) {
  assert(axesAreInnerMostDims(axes, rank),
    () => `${message} supports only inner-most axes for now. Got axes ${axes} and rank-${rank} input.`);
}

/** @param {readonly number[]} outputLoc @param {readonly number[]} reduceLoc @param {readonly number[]} axes */
export function combineLocations(outputLoc, reduceLoc, axes) {
  const [outer, reduced] = [[...outputLoc], [...reduceLoc]];
  return Array.from({ length: outputLoc.length + reduceLoc.length }, (_, i) => /** @type {number} */ ((axes.includes(i) ? reduced : outer).shift()));
}

/** @param {readonly number[]} shape @param {readonly number[]} axes @returns {[number[], number[]]} */
export function computeOutAndReduceShapes(shape, axes) {
  return [shape.filter((_, i) => !axes.includes(i)), axes.map(axis => shape[axis])];
}

/** @param {readonly number[]} shape @param {readonly number[]} axes */
export function expandShapeToKeepDim(shape, axes) {
  return combineLocations(shape, axes.map(() => 1), axes);
}

/** The permutation that brings axes to the end; null where they are there. @param {readonly number[]} axes @param {number} rank */
export function getAxesPermutation(axes, rank) {
  if (axesAreInnerMostDims(axes, rank)) return null;
  return [...Array.from({ length: rank }, (_, i) => i).filter(i => !axes.includes(i)), ...axes];
}

/** @param {readonly number[]} axes */
export function getUndoAxesPermutation(axes) {
  return axes.map((axis, i) => [i, axis]).sort((a, b) => a[1] - b[1]).map(([i]) => i);
}

/** @param {number} count @param {number} rank */
export function getInnerMostAxes(count, rank) {
  return Array.from({ length: count }, (_, i) => rank - count + i);
}

/** The axes of inShape that are repeated in outShape. @param {readonly number[]} inShape @param {readonly number[]} outShape */
export function getBroadcastDims(inShape, outShape) {
  return inShape.map((_, i) => inShape.length - 1 - i).filter(dim => {
    const size = outShape[outShape.length - inShape.length + dim] || 1;
    return size > 1 && (inShape[dim] || 1) === 1;
  }).reverse();
}

/** The axes of outShape to sum over for the gradient of inShape. @param {readonly number[]} inShape @param {readonly number[]} outShape */
export function getReductionAxes(inShape, outShape) {
  return outShape.map((_, i) => outShape.length - 1 - i).filter(axis => {
    const size = inShape[inShape.length - outShape.length + axis];
    return size === undefined || (size === 1 && outShape[axis] > 1);
  }).reverse();
}

/** @param {readonly number[]} a @param {readonly number[]} b */
export function assertAndGetBroadcastShape(a, b) {
  return broadcastShape(a, b);
}

/** @param {readonly number[][]} shapes @param {number} axis */
export function assertParamsConsistent(shapes, axis) {
  const [{ length: rank }] = shapes;
  shapes.forEach((shape, i) => assert(shape.length === rank,
    () => `Error in concat${rank}D: rank of tensors[${i}] must be the same as the rank of the rest (${rank})`));
  assert(axis >= 0 && axis < rank, () => `Error in concat${rank}D: axis must be between 0 and ${rank - 1}.`);
  shapes.forEach((shape, i) => shape.forEach((size, r) => assert(r === axis || size === shapes[0][r],
    () => `Error in concat${rank}D: Shape of tensors[${i}] (${shape}) does not match the shape of the rest (${shapes[0]}) along the ` +
      `non-concatenated axis ${i}.`)));
}

/** @param {readonly number[][]} shapes @param {number} axis */
export function computeOutShape(shapes, axis) {
  return shapes[0].with(axis, shapes.reduce((sum, shape) => sum + shape[axis], 0));
}

/** @param {number} inSize */
export function computeOptimalWindowSize(inSize) {
  if (inSize <= PARALLELIZE_THRESHOLD) return inSize;
  const start = Math.floor(Math.sqrt(inSize));
  for (let divisor = start; divisor < inSize; ++divisor) if (inSize % divisor === 0) return divisor;
  return inSize;
}

/**
 * The sizes of parts along an axis.
 * @param {{shape: readonly number[]}} x
 * @param {number | readonly number[]} numOrSizeSplits so many of equal size, or the sizes, one of which may be -1
 * @param {number} [axis]
 */
export function prepareSplitSize(x, numOrSizeSplits, axis = 0) {
  const whole = x.shape[axis];
  if (typeof numOrSizeSplits === 'number') {
    assert(whole % numOrSizeSplits === 0, () => 'Number of splits must evenly divide the axis.');
    return new Array(numOrSizeSplits).fill(whole / numOrSizeSplits);
  }
  assert(numOrSizeSplits.filter(size => size === -1).length <= 1, () => 'There should be only one negative value in split array.');
  const known = numOrSizeSplits.reduce((sum, size) => (size < 0 ? sum : sum + size), 0);
  const sizes = numOrSizeSplits.map(size => (size === -1 ? whole - known : size));
  assert(sizes.reduce((sum, size) => sum + size, 0) === whole, () => 'The sum of sizes must match the size of the axis dimension.');
  return sizes;
}

/** @param {readonly number[]} inputShape @param {readonly number[]} blockShape @param {number} prod @param {boolean} [batchToSpace] */
export function getReshaped(inputShape, blockShape, prod, batchToSpace = true) {
  const rest = inputShape.slice(blockShape.length + 1);
  if (batchToSpace) return [...blockShape, inputShape[0] / prod, ...inputShape.slice(1)];
  return [inputShape[0], ...blockShape.flatMap((block, i) => [inputShape[i + 1] / block, block]), ...rest];
}

/** @param {number} reshapedRank @param {number} blockShapeRank @param {boolean} [batchToSpace] */
export function getPermuted(reshapedRank, blockShapeRank, batchToSpace = true) {
  if (batchToSpace) {
    const pairs = Array.from({ length: blockShapeRank }, (_, i) => [i + blockShapeRank + 1, i]).flat();
    return [blockShapeRank, ...pairs, ...Array.from({ length: reshapedRank - 2 * blockShapeRank - 1 }, (_, i) => 2 * blockShapeRank + 1 + i)];
  }
  const inner = Array.from({ length: reshapedRank - 1 }, (_, i) => i + 1);
  const isBlock = (/** @type {number} */ i) => i < blockShapeRank * 2 + 1 && i % 2 === 0;
  return [...inner.filter(isBlock), 0, ...inner.filter(i => !isBlock(i))];
}

/** @param {readonly number[]} inputShape @param {readonly number[]} blockShape @param {number} prod @param {boolean} [batchToSpace] */
export function getReshapedPermuted(inputShape, blockShape, prod, batchToSpace = true) {
  const first = batchToSpace ? inputShape[0] / prod : inputShape[0] * prod;
  return [first,
    ...inputShape.slice(1).map((size, i) => (i >= blockShape.length ? size : batchToSpace ? blockShape[i] * size : size / blockShape[i]))];
}

/** @param {readonly number[][]} crops @param {number} blockShape */
export function getSliceBeginCoords(crops, blockShape) {
  return [0, ...crops.slice(0, blockShape).map(([before]) => before)];
}

/** @param {readonly number[]} uncroppedShape @param {readonly number[][]} crops @param {number} blockShape */
export function getSliceSize(uncroppedShape, crops, blockShape) {
  return [uncroppedShape[0], ...Array.from({ length: blockShape }, (_, i) => uncroppedShape[i + 1] - crops[i][0] - crops[i][1])];
}

/** @param {readonly number[]} perm */
export function isIdentityPermutation(perm) {
  return perm.every((axis, i) => axis === i);
}

/** @param {number | readonly number[]} center @param {number} imageHeight @param {number} imageWidth */
export function getImageCenter(center, imageHeight, imageWidth) {
  const [x, y] = typeof center === 'number' ? [center, center] : center;
  return [imageWidth * x, imageHeight * y];
}

/**
 * How elements are picked by positions in all of indices' last axis: gather_nd_util.prepareAndValidate.
 * @param {{shape: readonly number[], rank: number, dtype: string}} tensor
 * @param {{shape: readonly number[], rank: number, dtype: string}} indices
 * @returns {[number[], number, number, number[]]} result shape, slices, size of a slice, strides
 */
export function prepareAndValidate(tensor, indices) {
  const { rank } = tensor;
  assert(rank >= 1, () => `tf.gatherND() expects the input to be rank 1 or higher, but the rank was ${rank}.`);
  assert(indices.rank >= 1, () => `tf.gatherND() expects the indices to be rank 1 or higher, but the rank was ${indices.rank}.`);
  assert(indices.dtype === 'int32', () => `tf.gatherND() expects the indices to be int32 type, but the dtype was ${indices.dtype}.`);
  const depth = /** @type {number} */ (indices.shape.at(-1));
  assert(depth <= rank, () => 'index innermost dimension length must be <= tensor rank; saw: ' + `${depth} vs. ${rank}`);
  assert(sizeFromShape(tensor.shape) !== 0, () => `Requested more than 0 entries, but input is empty. Input shape: ${tensor.shape}.`);
  const outer = indices.shape.slice(0, -1);
  const inner = tensor.shape.slice(depth);
  const sliceSize = sizeFromShape(inner);
  const strides = tensor.shape.slice(0, depth).map((_, i) => sizeFromShape(tensor.shape.slice(i + 1)) / sliceSize);
  return [[...outer, ...inner], sizeFromShape(outer), sliceSize, [...strides, 1].slice(0, depth)];
}
