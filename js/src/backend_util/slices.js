/** tf.slice_util: what a slice and a strided slice pick. Reference: TensorFlow, core/util/strided_slice_op.cc. */
import { assert, computeStrides, failure } from '../core/util.js';

/** @typedef {{shape: number[], rank: number}} Shaped */

const NEW_AXIS = -2;
const SHRINK_AXIS = -1;

/** @param {Shaped} input @param {number[]} begin @param {number[]} size */
export function assertParamsValid(input, begin, size) {
  const rank = input.shape.length;
  assert(rank === begin.length, () => `Error in slice${rank}D: Length of begin ${begin} must match the rank of the array (${rank}).`);
  assert(rank === size.length, () => `Error in slice${rank}D: Length of size ${size} must match the rank of the array (${rank}).`);
  input.shape.forEach((dimension, i) => assert(begin[i] + size[i] <= dimension,
    () => `Error in slice${rank}D: begin[${i}] + size[${i}] (${begin[i] + size[i]}) would overflow input.shape[${i}] (${dimension})`));
}

/** The axes whose bits are set. @param {number} mask */
export function maskToAxes(mask) {
  return Array.from({ length: 32 }, (_, axis) => axis).filter(axis => (mask >> axis) & 1);
}

/** @param {number[]} begin @param {number[]} end @param {number[]} strides */
export function computeOutShape(begin, end, strides) {
  return begin.map((start, axis) => Math.ceil((end[axis] - start) / strides[axis]));
}

/**
 * Puts values for the axes that an ellipsis stands for in its place.
 * @param {number[]} values
 * @param {number} firstElided
 * @param {number} count of elided axes
 * @param {(axis: number) => number} fill
 */
function insertElided(values, firstElided, count, fill) {
  return [...values.slice(0, firstElided), ...Array.from({ length: count }, (_, i) => fill(firstElided + i)), ...values.slice(firstElided + 1)];
}

/** @param {number[]} strides @param {number} first @param {number} count @param {number[]} inputShape */
export function stridesWithElidedDims(strides, first, count, inputShape) {
  const all = strides.concat(new Array(Math.max(0, inputShape.length - strides.length)).fill(1));
  return count === 0 ? all : all.map((stride, axis) => (axis < first ? stride : axis < first + count ? 1 : strides[axis - count + 1] ?? 1));
}

/** @param {number[]} begin @param {number} first @param {number} count @param {number[]} inputShape */
export function startIndicesWithElidedDims(begin, first, count, inputShape) {
  return insertElided(begin, first, count, () => 0).slice(0, inputShape.length);
}

/** @param {number[]} end @param {number} first @param {number} count @param {number[]} inputShape */
export function stopIndicesWithElidedDims(end, first, count, inputShape) {
  return insertElided(end, first, count, axis => inputShape[axis]).slice(0, inputShape.length);
}

/** Whether the elements of a slice lie one after the other. @param {number[]} shape @param {number[]} begin @param {number[]} size */
export function isSliceContinous(shape, begin, size) {
  const found = size.findIndex(extent => extent > 1);
  const first = found === -1 ? size.length : found;
  return size.every((extent, i) => i <= first || (begin[i] <= 0 && extent === shape[i]));
}

/** @param {number[]} begin @param {number[]} strides */
export function computeFlatOffset(begin, strides) {
  if (begin.length === 0) return 0;
  return begin.reduce((sum, start, i) => sum + start * (i < begin.length - 1 ? strides[i] : 1), 0);
}

/**
 * Full lists of where a slice begins and how far it goes.
 * @param {Shaped} x
 * @param {number | number[]} begin what is left out: 0
 * @param {number | number[]} [size] what is left out, and -1: to the end
 */
export function parseSliceParams(x, begin, size) {
  const rank = x.shape.length;
  const fill = (/** @type {number | number[]} */ values, /** @type {number} */ rest) => {
    const given = typeof values === 'number' ? [values] : [...values];
    return given.concat(new Array(Math.max(0, rank - given.length)).fill(rest));
  };
  const starts = fill(begin, 0);
  starts.forEach(start => assert(start !== -1, () => 'slice() does not support negative begin indexing.'));
  const sizes = fill(size ?? new Array(rank).fill(-1), -1).map((extent, i) => {
    if (extent >= 0) return extent;
    assert(extent === -1, () => `Negative size values should be exactly -1 but got ${extent} for the slice() size at index ${i}.`);
    return x.shape[i] - starts[i];
  });
  return [starts, sizes];
}

/**
 * @typedef {object} Dense a strided slice with a value for each axis of the input
 * @property {number[]} begin
 * @property {number[]} end
 * @property {number[]} strides
 * @property {number[]} inputAxes what became of entries: an axis, or NEW_AXIS
 * @property {boolean[]} beginMasked
 * @property {boolean[]} endMasked
 * @property {boolean[]} shrinks
 * @property {number[]} gathered axes of the final shape: an input axis, NEW_AXIS or SHRINK_AXIS
 */

/**
 * @param {number} rank of the input
 * @param {{begin: number[], end: number[], strides: number[], beginMask: number, endMask: number, ellipsisMask: number,
 *   newAxisMask: number,
 *   shrinkAxisMask: number}} sparse
 * @returns {Dense}
 */
function densify(rank, { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask }) {
  /** @type {Dense} */
  const dense = { begin: [], end: [], strides: [], inputAxes: [], beginMasked: [], endMasked: [], shrinks: [], gathered: [] };
  const push = (/** @type {number} */ b, /** @type {number} */ e, /** @type {number} */ s, /** @type {boolean[]} */ [bm, em, shrink]) => {
    dense.gathered.push(shrink ? SHRINK_AXIS : dense.begin.length);
    dense.begin.push(b);
    dense.end.push(e);
    dense.strides.push(s);
    dense.beginMasked.push(bm);
    dense.endMasked.push(em);
    dense.shrinks.push(shrink);
  };
  const bit = (/** @type {number} */ mask, /** @type {number} */ i) => ((mask >> i) & 1) === 1;
  const hasEllipsis = ellipsisMask !== 0;
  const count = hasEllipsis ? begin.length : begin.length + 1;
  for (let i = 0; i < count; i++) {
    if (i === begin.length || bit(ellipsisMask, i)) {
      let left = 0;
      for (let k = i + 1; k < begin.length; k++) if (!bit(newAxisMask, k)) left++;
      while (dense.begin.length < rank - left) push(0, 0, 1, [true, true, false]);
    } else if (bit(newAxisMask, i)) {
      dense.gathered.push(NEW_AXIS);
    } else {
      assert(dense.begin.length < rank, () => `Index out of range using input dim ${dense.begin.length}; input has only ${rank} dims`);
      push(begin[i], end[i], strides[i], [bit(beginMask, i), bit(endMask, i), bit(shrinkAxisMask, i)]);
    }
  }
  return dense;
}

/**
 * The place of an end of a slice, inside the axis.
 * @param {number} value
 * @param {boolean} isEnd
 * @param {number} stride
 * @param {number} size
 * @param {boolean} masked
 */
function canonical(value, isEnd, stride, size, masked) {
  const valid = stride > 0 ? [0, size] : [-1, size - 1];
  if (masked) return stride > 0 === isEnd ? valid[1] : valid[0];
  const forward = value < 0 ? size + value : value;
  return Math.max(valid[0], Math.min(valid[1], forward));
}

/**
 * What a strided slice picks, and the shapes before and after new axes are added and picked ones dropped.
 * @param {number[]} xShape
 * @param {number[]} begin
 * @param {number[]} end
 * @param {number[] | null | undefined} strides
 * @param {number} beginMask
 * @param {number} endMask
 * @param {number} ellipsisMask
 * @param {number} newAxisMask
 * @param {number} shrinkAxisMask
 */
export function sliceInfo(xShape, begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask) {
  const steps = strides ?? new Array(begin.length).fill(1);
  if (ellipsisMask !== 0 && (ellipsisMask & (ellipsisMask - 1)) !== 0) {
    throw failure('INVALID_ARGUMENT', 'Multiple ellipses in slice is not allowed.');
  }
  const dense = densify(xShape.length, { begin, end, strides: steps, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask });
  let isIdentity = true;
  let sliceDim0 = true;
  let isSimpleSlice = true;
  /** @type {number[]} */
  const processing = [];
  xShape.forEach((size, i) => {
    const stride = dense.strides[i];
    if (stride === 0) throw failure('INVALID_ARGUMENT', `strides[${i}] must be non-zero`);
    const shrink = dense.shrinks[i];
    if (size === -1) {
      processing.push(shrink ? 1 : -1);
      return;
    }
    if (shrink && stride <= 0) throw failure('INVALID_ARGUMENT', 'only stride 1 allowed on non-range indexing.');
    isSimpleSlice &&= stride === 1;
    const isBothMasked = dense.beginMasked[i] && dense.endMasked[i];
    if (shrink) {
      const at = dense.begin[i] < 0 ? size + dense.begin[i] : dense.begin[i];
      dense.begin[i] = at;
      dense.end[i] = at + 1;
      if (at < 0 || at >= size) throw failure('INVALID_ARGUMENT', `slice index ${at} of dimension ${i} out of bounds.`);
    } else {
      dense.begin[i] = canonical(dense.begin[i], false, stride, size, dense.beginMasked[i]);
      dense.end[i] = canonical(dense.end[i], true, stride, size, dense.endMasked[i]);
    }
    const takesAll = stride === 1 && dense.begin[i] === 0 && dense.end[i] === size;
    isIdentity &&= takesAll;
    sliceDim0 &&= (i === 0 && stride === 1) || takesAll;
    const interval = isBothMasked && !shrink ? (stride > 0 ? size : -size) : dense.end[i] - dense.begin[i];
    const isEmpty = interval === 0 || interval < 0 !== stride < 0;
    processing.push(isEmpty ? 0 : Math.trunc(interval / stride) + (interval % stride !== 0 ? 1 : 0));
  });
  const finalShapeSparse = dense.gathered.flatMap(axis => (axis >= 0 ? [processing[axis]] : axis === NEW_AXIS ? [1] : []));
  const finalShape = finalShapeSparse;
  return { finalShapeSparse, finalShape, isIdentity, sliceDim0, isSimpleSlice, begin: dense.begin, end: dense.end, strides: dense.strides };
}

/**
 * @param {number} beginMask
 * @param {number[]} startIndices
 * @param {number[]} strides
 * @param {number[]} inputShape
 * @param {number} axis
 * @param {number} ellipsisMask
 */
export function startForAxis(beginMask, startIndices, strides, inputShape, axis, ellipsisMask) {
  const masked = ((beginMask | ellipsisMask) >> axis) & 1 || startIndices[axis] == null;
  const size = inputShape[axis];
  const start = masked ? ((strides[axis] || 1) > 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER) : startIndices[axis];
  return Math.max(0, Math.min(size - 1, start < 0 ? start + size : start));
}

/**
 * @param {number} endMask
 * @param {number[]} stopIndices
 * @param {number[]} strides
 * @param {number[]} inputShape
 * @param {number} axis
 * @param {number} ellipsisMask
 */
export function stopForAxis(endMask, stopIndices, strides, inputShape, axis, ellipsisMask) {
  const stride = strides[axis] || 1;
  const masked = ((endMask | ellipsisMask) >> axis) & 1 || stopIndices[axis] == null;
  const size = inputShape[axis];
  const stop = masked ? (stride > 0 ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER) : stopIndices[axis];
  const inside = stop < 0 ? stop + size : stop;
  return stride > 0 ? Math.max(0, Math.min(size, inside)) : Math.max(-1, Math.min(size - 1, inside));
}

/** @param {number[]} strides @param {number} axis @param {number} ellipsisMask */
export function stridesForAxis(strides, axis, ellipsisMask) {
  return (ellipsisMask >> axis) & 1 || strides[axis] == null ? 1 : strides[axis];
}

/**
 * @param {number[]} inputShape @param {number[]} ellipsisAxes @param {number} numInterpolatedAxes @param {number[]} begin @param
 *   {number[]} end
 * @param {number[]} strides @param {number} beginMask @param {number} endMask @param {number} ellipsisMask
 */
export function getNormalizedAxes(inputShape, ellipsisAxes, numInterpolatedAxes, begin, end, strides, beginMask, endMask, ellipsisMask) {
  const rank = inputShape.length;
  if (ellipsisAxes.length > 0 && numInterpolatedAxes > 0) {
    const [first] = ellipsisAxes;
    const count = numInterpolatedAxes + 1;
    return {
      begin: startIndicesWithElidedDims(begin, first, count, inputShape),
      end: stopIndicesWithElidedDims(end, first, count, inputShape),
      strides: stridesWithElidedDims(strides, first, count, inputShape),
    };
  }
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return {
    begin: axes.map(axis => startForAxis(beginMask, begin, strides, inputShape, axis, ellipsisMask)),
    end: axes.map(axis => stopForAxis(endMask, end, strides, inputShape, axis, ellipsisMask)),
    strides: axes.map(axis => stridesForAxis(strides, axis, ellipsisMask)),
  };
}

/** Strides of a row-major array with this shape. @param {number[]} shape */
export const stridesOf = shape => [...computeStrides(shape), 1].slice(0, shape.length);

export const sliceUtil = {
  assertParamsValid, maskToAxes, computeOutShape, stridesWithElidedDims, getNormalizedAxes, startIndicesWithElidedDims, stopIndicesWithElidedDims,
  stridesForAxis, startForAxis, stopForAxis, isSliceContinous, computeFlatOffset, parseSliceParams, sliceInfo,
};
