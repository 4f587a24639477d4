/** Ops that move elements without computing: reshaping, cutting, joining, picking. */
import { castTo, convertToTensor, convertToTensorArray, matchTypes, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import {
  assert, assertNonNegativeIntegerDimensions, broadcastShape, failure, inferFromImplicitShape, parseAxisParam, sizeFromShape,
} from '../core/util.js';

/** @import { DataType } from '../core/util.js' */
/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** The same elements in another shape, in which one dimension may be -1. */
export const reshape = op('reshape', (/** @type {TensorLike} */ x, /** @type {readonly number[]} */ shape) => {
  const input = convertToTensor(x, 'x', 'reshape', 'string_or_numeric');
  if (input.isSymbolic) return engine.reshape(input, shape);
  const known = inferFromImplicitShape(shape, input.size);
  const size = sizeFromShape(known);
  assert(size === input.size,
    () => `The new shape (${known}) has ${size} elements and the old shape (${input.shape}) has ${input.size} elements. ` +
    'The new shape and old shape must have the same number of elements.', 'SHAPE');
  return engine.reshape(input, known);
});

/** With a new axis of size 1. */
export const expandDims = op('expandDims', (/** @type {TensorLike} */ x, axis = 0) => {
  const input = convertToTensor(x, 'x', 'expandDims', 'string_or_numeric');
  assert(axis <= input.rank, () => 'Axis must be <= rank of the tensor');
  assert(axis >= -(input.rank + 1), () => `Axis must be in the interval [${-(input.rank + 1)}, ${input.rank}]`);
  return reshape(input, input.shape.toSpliced(axis < 0 ? input.rank + axis + 1 : axis, 0, 1));
});

/** Without axes of size 1: all of them, or those given. */
export const squeeze = op('squeeze', (/** @type {TensorLike} */ x, /** @type {readonly number[] | undefined} */ axis) => {
  const input = convertToTensor(x, 'x', 'squeeze', 'string_or_numeric');
  const axes = axis === undefined || axis === null || axis.length === 0 ? null : parseAxisParam(axis, input.shape);
  axes?.forEach(a => assert(input.shape[a] === 1, () => `Can't squeeze axis ${a} since its dim '${input.shape[a]}' is not 1`, 'SHAPE'));
  return reshape(input, input.shape.filter((dimension, i) => (axes ? !axes.includes(i) : dimension !== 1)));
});

/** Axis i of the result is axis perm[i] of x; reversed where perm is left out. */
/** @type {(x: TensorLike, perm?: readonly number[] | null, conjugate?: boolean) => Tensor} */
export const transpose = op('transpose', (x, perm, conjugate = false) => {
  const input = convertToTensor(x, 'x', 'transpose');
  const permutation = perm ?? input.shape.map((_, i) => i).reverse();
  assert(input.rank === permutation.length,
    () => `Error in transpose: rank of input ${input.rank} must match length of perm ${permutation}.`);
  assert(permutation.every(axis => axis >= 0 && axis < input.rank),
    () => `All entries in 'perm' must be between 0 and ${input.rank - 1} but got ${permutation}`);
  const y = input.rank <= 1 ? input.clone() : engine.run('Transpose', { permutation }, [input])[0];
  if (!conjugate || y.storage.parts === undefined) return y;
  return engine.complex(y.storage.parts[0], engine.run('Neg', null, [y.storage.parts[1]])[0]);
});

/** @type {(tensors: TensorLike[], axis?: number) => Tensor} */
export const concat = op('concat', (tensors, axis = 0) => {
  assert(tensors.length >= 1, () => 'Pass at least one tensor to concat');
  const inputs = convertToTensorArray(tensors, 'tensors', 'concat', 'string_or_numeric');
  if (inputs.length === 1) return inputs[0].clone();
  const [along] = parseAxisParam(axis, inputs[0].shape);
  assertSameBut(inputs, along);
  const parts = inputs.filter(({ shape }) => !shape.includes(0));
  if (parts.length <= 1) return parts.length === 1 ? parts[0].clone() : reshape(inputs[0], concatShape(inputs, along));
  const dtype = parts.map(part => part.dtype).reduce((a, b) => (a === b ? a : 'float32'));
  return joinMany(parts.map(part => castTo(part, dtype)), along);
});

/**
 * @param {Tensor[]} inputs
 * @param {number} axis
 */
function assertSameBut(inputs, axis) {
  const [{ rank, shape }] = inputs;
  inputs.forEach((input, i) => {
    assert(input.rank === rank,
      () => `Error in concat${rank}D: rank of tensors[${i}] must be the same as the rank of the rest (${rank})`, 'SHAPE');
    assert(input.shape.every((dimension, a) => a === axis || dimension === shape[a]),
      () => `Error in concat${rank}D: Shape of tensors[${i}] (${input.shape}) does not match the shape of the rest (${shape}) ` +
        `along the non-concatenated axis ${i}.`, 'SHAPE');
  });
}

/**
 * @param {Tensor[]} inputs
 * @param {number} axis
 */
function concatShape(inputs, axis) {
  return inputs[0].shape.with(axis, inputs.reduce((sum, input) => sum + input.shape[axis], 0));
}

/**
 * Joins in several steps where there are more parts than one op takes.
 * @param {Tensor[]} parts
 * @param {number} axis
 * @returns {Tensor}
 */
function joinMany(parts, axis) {
  const most = engine.maxInputs.get('Concat') ?? parts.length;
  if (parts.length <= most) return engine.run('Concat', { axis }, parts)[0];
  const joined = [];
  for (let i = 0; i < parts.length; i += most) joined.push(joinMany(parts.slice(i, i + most), axis));
  return joinMany(joined, axis);
}

/** @param {number} rank */
const concatOfRank = rank => (/** @type {Tensor[]} */ tensors, /** @type {number} */ axis) =>
  (rank === 1 ? concat(tensors, 0) : concat(tensors, axis));
export const concat1d = concatOfRank(1);
export const concat2d = concatOfRank(2);
export const concat3d = concatOfRank(3);
export const concat4d = concatOfRank(4);

/** Tensors of one shape along a new axis. */
export const stack = op('stack', (/** @type {TensorLike[]} */ tensors, axis = 0) => {
  const inputs = convertToTensorArray(tensors, 'tensors', 'stack', 'string_or_numeric');
  assert(inputs.length >= 1, () => 'Pass at least one tensor to tf.stack');
  assert(axis <= inputs[0].rank, () => 'Axis must be <= rank of the tensor');
  for (const input of inputs) {
    assert(String(input.shape) === String(inputs[0].shape), () => 'All tensors passed to stack must have matching shapes', 'SHAPE');
    assert(input.dtype === inputs[0].dtype, () => 'All tensors passed to stack must have matching dtypes', 'DTYPE');
  }
  return concat(inputs.map(input => expandDims(input, axis)), axis);
});

/** The parts of size 1 along an axis, without it. */
export const unstack = op('unstack', (/** @type {TensorLike} */ x, axis = 0) => {
  const input = convertToTensor(x, 'x', 'unstack', 'string_or_numeric');
  assert(axis >= -input.rank && axis < input.rank, () => `Axis = ${axis} is not in [-${input.rank}, ${input.rank})`);
  const [along] = parseAxisParam(axis, input.shape);
  const shape = input.shape.toSpliced(along, 1);
  return split(input, input.shape[along], along).map(part => reshape(part, shape));
});

/**
 * Parts along an axis: so many of equal size, or of the sizes given, one of which may be -1.
 * @type {(x: TensorLike, numOrSizeSplits: number | readonly number[], axis?: number) => Tensor[]}
 */
export const split = op('split', (x, numOrSizeSplits, axis = 0) => {
  const input = convertToTensor(x, 'x', 'split', 'string_or_numeric');
  const [along] = parseAxisParam(axis, input.shape);
  const sizes = splitSizes(numOrSizeSplits, input.shape[along]);
  let begin = 0;
  return sizes.map(size => {
    const part = sliceAlong(input, along, begin, size);
    begin += size;
    return part;
  });
});

/**
 * @param {number | readonly number[]} splits
 * @param {number} whole
 * @returns {number[]}
 */
function splitSizes(splits, whole) {
  if (typeof splits === 'number') {
    assert(splits > 0 && whole % splits === 0, () => 'Number of splits must evenly divide the axis.');
    return new Array(splits).fill(whole / splits);
  }
  const open = splits.filter(size => size === -1).length;
  assert(open <= 1, () => 'There should be only one negative value in split array.');
  const known = splits.reduce((sum, size) => (size < 0 ? sum : sum + size), 0);
  const sizes = splits.map(size => (size === -1 ? whole - known : size));
  assert(sizes.reduce((sum, size) => sum + size, 0) === whole && sizes.every(size => size >= 0),
    () => 'The sum of sizes must match the size of the axis dimension.');
  return sizes;
}

/**
 * @param {Tensor} x
 * @param {number} axis
 * @param {number} begin
 * @param {number} size
 */
function sliceAlong(x, axis, begin, size) {
  return slice(x, x.shape.map((_, i) => (i === axis ? begin : 0)), x.shape.map((dimension, i) => (i === axis ? size : dimension)));
}

/**
 * The elements from begin on, size of them along each axis; what is left out, and a size of -1, goes to the end.
 * @type {(x: TensorLike, begin: number | readonly number[], size?: number | readonly number[]) => Tensor}
 */
export const slice = op('slice', (x, begin, size) => {
  const input = convertToTensor(x, 'x', 'slice', 'string_or_numeric');
  if (input.rank === 0) throw failure('SHAPE', 'Slicing scalar is not possible');
  const from = padTo(input.rank, begin, 0);
  assert(from.every(start => start !== -1), () => 'slice() does not support negative begin indexing.');
  const sizes = padTo(input.rank, size ?? [], -1).map((extent, i) => {
    assert(extent >= -1, () => `Negative size values should be exactly -1 but got ${extent} for the slice() size at index ${i}.`);
    // to the end of an axis that is not known before a run, the native library goes
    return extent === -1 && input.shape[i] !== null ? input.shape[i] - from[i] : extent;
  });
  assertInside(input, from, sizes);
  return engine.run('Slice', { begin: from, size: sizes }, [input])[0];
});

/**
 * @param {number} rank
 * @param {number | readonly number[]} values
 * @param {number} rest
 */
function padTo(rank, values, rest) {
  const given = typeof values === 'number' ? [values] : [...values];
  return given.concat(new Array(Math.max(0, rank - given.length)).fill(rest));
}

/**
 * @param {Tensor} x
 * @param {number[]} begin
 * @param {number[]} size
 */
function assertInside(x, begin, size) {
  const who = `Error in slice${x.rank}D`;
  assert(begin.length === x.rank, () => `${who}: Length of begin ${begin} must match the rank of the array (${x.rank}).`);
  assert(size.length === x.rank, () => `${who}: Length of size ${size} must match the rank of the array (${x.rank}).`);
  begin.forEach((start, i) => assert(x.shape[i] === null || start + size[i] <= x.shape[i],
    () => `${who}: begin[${i}] + size[${i}] (${start + size[i]}) would overflow input.shape[${i}] (${x.shape[i]})`, 'SHAPE'));
}

/** @param {number} rank */
const sliceOfRank = rank => (/** @type {TensorLike} */ x, /** @type {any} */ begin, /** @type {any} */ size) => {
  const input = convertToTensor(x, 'x', `slice${rank}d`);
  assert(input.rank === rank, () => `slice${rank}d expects a rank-${rank} tensor, but got a rank-${input.rank} tensor`);
  return slice(input, begin, size);
};
export const slice1d = sliceOfRank(1);
export const slice2d = sliceOfRank(2);
export const slice3d = sliceOfRank(3);
export const slice4d = sliceOfRank(4);

/**
 * With constantValue around: paddings has [before, after] for each axis.
 * @type {(x: TensorLike, paddings: readonly (readonly number[])[], constantValue?: number) => Tensor}
 */
export const pad = op('pad', (x, paddings, constantValue = 0) => {
  const input = convertToTensor(x, 'x', 'pad');
  if (input.rank === 0) throw failure('SHAPE', 'pad(scalar) is not defined. Pass non-scalar to pad');
  assert(paddings.length === input.rank && paddings.every(pair => pair.length === 2),
    () => `Invalid number of paddings. Must be length of ${input.rank} pairs.`);
  return engine.run('PadV2', { paddings: paddings.flat(), value: constantValue }, [input])[0];
});

/**
 * With what is inside mirrored around: 'reflect' leaves the edges out, 'symmetric' repeats them.
 * @type {(x: TensorLike, paddings: readonly (readonly number[])[], mode: 'reflect' | 'symmetric') => Tensor}
 */
export const mirrorPad = op('mirrorPad', (x, paddings, mode) => {
  assert(mode === 'reflect' || mode === 'symmetric', () => `Invalid mode. Mode must be either reflect or symmetric. Got ${mode}.`);
  const input = convertToTensor(x, 'x', 'mirrorPad');
  if (input.rank === 0) throw failure('SHAPE', 'mirrorPad(scalar) is not defined. Pass non-scalar to mirrorPad');
  assert(paddings.length === input.rank, () => `Padding doesn't match input. Must be ${input.rank}. Got ${paddings.length}.`);
  return engine.run('MirrorPad', { paddings: paddings.flat(), mode }, [input])[0];
});

/** Each axis repeated. */
export const tile = op('tile', (/** @type {TensorLike} */ x, /** @type {readonly number[]} */ reps) => {
  const input = convertToTensor(x, 'x', 'tile', 'string_or_numeric');
  assert(input.rank === reps.length, () => `Error in transpose: rank of input ${input.rank} must match length of reps ${reps}.`);
  return engine.run('Tile', { reps }, [input])[0];
});

/** Repeated along axes of size 1 and new leading axes. */
export const broadcastTo = op('broadcastTo', (/** @type {TensorLike} */ x, /** @type {readonly number[]} */ shape) => {
  const input = convertToTensor(x, 'broadcastTo', 'x');
  assertNonNegativeIntegerDimensions(shape);
  assert(shape.length >= input.rank, () => `broadcastTo(): shape.length=${shape.length} < input.rank=${input.rank}.`);
  const offset = shape.length - input.rank;
  assert(input.shape.every((dimension, i) => dimension === shape[offset + i] || dimension === 1),
    () => `broadcastTo(): [${input.shape}] cannot be broadcast to [${shape}].`, 'SHAPE');
  return engine.run('BroadcastTo', { shape }, [input])[0];
});

/** Elements of a where the condition holds, of b elsewhere; all broadcast. */
export const where = op('where', (/** @type {TensorLike} */ condition, /** @type {TensorLike} */ a, /** @type {TensorLike} */ b) => {
  const [left, right] = matchTypes(convertToTensor(a, 'a', 'where'), convertToTensor(b, 'b', 'where'));
  const chosen = convertToTensor(condition, 'condition', 'where', 'bool');
  broadcastShape(broadcastShape(chosen.shape, left.shape), right.shape);
  return engine.run('Select', null, [chosen, left, right])[0];
});

/**
 * How many axes are walked together.
 * @param {Tensor} x
 * @param {Tensor} indices
 * @param {number} axis
 * @param {number} batchDims negative: from the end of the indices' axes
 */
function batchAxes(x, indices, axis, batchDims) {
  if (batchDims === 0) return 0;
  const { rank } = indices;
  assert(batchDims >= -rank && batchDims <= rank, () => `Expect batchDims in the range of [-${rank}, ${rank}], but got ${batchDims}`);
  const count = batchDims < 0 ? batchDims + rank : batchDims;
  assert(count <= x.rank, () => `batchDims (${count}) must be less than rank(x) (\n    ${x.rank}).`);
  assert(axis >= count, () => `batchDims (${count}) must be less than or equal to axis (${axis}).`);
  for (let i = 0; i < count; i++) {
    assert(x.shape[i] === indices.shape[i],
      () => `x.shape[${i}]: ${x.shape[i]} should be equal to indices.shape[${i}]: ${indices.shape[i]}.`, 'SHAPE');
  }
  return count;
}

/** The slices of x at the indices along an axis; the first batchDims axes are walked together. */
export const gather = op('gather', (/** @type {TensorLike} */ x, /** @type {TensorLike} */ indices, axis = 0, batchDims = 0) => {
  const table = convertToTensor(x, 'x', 'gather', 'string_or_numeric');
  const positions = convertToTensor(indices, 'indices', 'gather', 'int32');
  const [along] = parseAxisParam(axis, table.shape);
  return engine.run('GatherV2', { axis: along, batch_dims: batchAxes(table, positions, along, batchDims) }, [table, positions])[0];
});

/** Along the given axes (all, where left out) in reverse order. */
export const reverse = op('reverse', (/** @type {TensorLike} */ x, /** @type {number | readonly number[] | undefined} */ axis) => {
  const input = convertToTensor(x, 'x', 'reverse');
  return engine.run('Reverse', { dims: parseAxisParam(axis, input.shape) }, [input])[0];
});

/** The sums of the slices of x that share an id; ids from numSegments on are left out. */
export const unsortedSegmentSum = op('unsortedSegmentSum', (/** @type {TensorLike} */ x, /** @type {TensorLike} */ segmentIds,
  /** @type {number} */ numSegments) => {
  const input = convertToTensor(x, 'x', 'unsortedSegmentSum');
  const ids = convertToTensor(segmentIds, 'segmentIds', 'unsortedSegmentSum', 'int32');
  assert(Number.isInteger(numSegments), () => 'numSegments must be of dtype int');
  return engine.run('UnsortedSegmentSum', { num_segments: numSegments }, [input, ids])[0];
});

/** onValue at each index of a new last axis of size depth, offValue elsewhere. */
export const oneHot = op('oneHot', (/** @type {TensorLike} */ indices, /** @type {number} */ depth, onValue = 1, offValue = 0,
  /** @type {DataType} */ dtype = 'int32') => {
  if (depth < 2) throw failure('INVALID_ARGUMENT', `Error in oneHot: depth must be >=2, but it is ${depth}`);
  const positions = convertToTensor(indices, 'indices', 'oneHot', 'int32');
  return engine.run('OneHot', { depth, on_value: onValue, off_value: offValue, dtype }, [positions])[0];
});
