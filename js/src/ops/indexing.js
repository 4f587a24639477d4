/** Ops that pick elements by positions, put them at positions, and find positions. */
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { prepareAndValidate } from '../backend_util/axes.js';
import { sliceInfo } from '../backend_util/slices.js';
import { assert, computeStrides, failure, parseAxisParam, sizeFromShape } from '../core/util.js';
import { fill, zeros } from './creation.js';
import { add, mul } from './elementwise.js';
import { sum } from './reduction.js';
import { gather, reshape, slice, where } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** @param {ArrayLike<number>} values @param {readonly number[]} [shape] */
const ints = (values, shape = [values.length]) => engine.makeTensor(Int32Array.from(values), shape, 'int32');

/** @param {Tensor} like @param {ArrayLike<any>} values @param {readonly number[]} shape */
function sameKind(like, values, shape) {
  return engine.makeTensor(like.dtype === 'string' ? Array.from(values) : like.zeroValues().constructor.from(values), shape, like.dtype);
}

/** The elements in a typed array; strings as bytes. @param {Tensor} x */
const elementsOf = x => (x.dtype === 'string' ? engine.readStrings(x) : x.dataSync());

/**
 * Row numbers of positions in the first axes of a shape.
 * @param {Tensor} indices [..., depth]
 * @param {readonly number[]} shape of these axes
 */
function rowNumbers(indices, shape) {
  const strides = [...computeStrides(shape), 1].slice(0, shape.length);
  return sum(mul(indices, ints(strides)), -1);
}

/** The slices of x at positions in its first axes. @type {(x: TensorLike, indices: TensorLike) => Tensor} */
export const gatherND = op('gatherND', (x, indices) => {
  const positions = convertToTensor(indices, 'indices', 'gatherND', 'int32');
  const input = convertToTensor(x, 'x', 'gatherND', 'string_or_numeric');
  const [shape] = prepareAndValidate(input, positions);
  const depth = /** @type {number} */ (positions.shape.at(-1));
  if (depth === 0) return engine.run('BroadcastTo', { shape }, [input])[0];
  const rows = reshape(input, [sizeFromShape(input.shape.slice(0, depth)), ...input.shape.slice(depth)]);
  return reshape(gather(rows, reshape(rowNumbers(positions, input.shape.slice(0, depth)), [-1])), shape);
});

/**
 * Throws unless updates fit positions in a shape.
 * @param {Tensor} updates
 * @param {Tensor} indices
 * @param {readonly number[]} shape
 */
function validateScatter(updates, indices, shape) {
  assert(indices.rank >= 1, () => `tf.scatterND() expects the indices to be rank 1 or higher, but the rank was ${indices.rank}.`, 'SHAPE');
  assert(updates.rank >= 1, () => `tf.scatterND() expects the updates to be rank 1 or higher, but the rank was ${updates.rank}.`, 'SHAPE');
  assert(indices.dtype === 'int32', () => `The dtype of 'indices' should be int32, but got dtype: ${indices.dtype}`, 'DTYPE');
  assert(shape.length >= 1, () => `Output rank must be greater or equal to 1, but got shape: ${shape}`, 'SHAPE');
  assert(shape.every(size => Number.isInteger(size) && size >= 0),
    () => `Tensor must have a shape comprised of positive integers but got shape [${shape}].`, 'SHAPE');
  if (sizeFromShape(shape) === 0) {
    assert(indices.size === 0, () => `Indices specified for empty output. indices shape: ${indices.shape}`, 'SHAPE');
    assert(updates.size === 0, () => `Updates specified for empty output. updates shape: ${updates.shape}`, 'SHAPE');
  }
  const depth = indices.rank > 1 ? indices.shape[indices.rank - 1] : 1;
  const batch = indices.rank > 1 ? indices.shape.slice(0, -1) : indices.shape;
  const expected = [...batch, ...shape.slice(depth)];
  assert(updates.rank === expected.length && updates.shape.every((size, i) => size === expected[i]),
    () => `Must have updates.shape = indices.shape[:batchDim] + shape[sliceDim:], got updates.shape: ${updates.shape}, indices.shape: ` +
      `${indices.shape}, shape: ${shape}, sliceDim: ${depth}, and batchDim: ${batch.length}.`, 'SHAPE');
  return depth;
}

/**
 * Zeros with updates added at positions in the first axes.
 * @type {(indices: TensorLike, updates: TensorLike, shape: readonly number[]) => Tensor}
 */
export const scatterND = op('scatterND', (indices, updates, shape) => {
  const positions = convertToTensor(indices, 'indices', 'scatterND', 'int32');
  const parts = convertToTensor(updates, 'updates', 'scatterND');
  const depth = validateScatter(parts, positions, shape);
  const outer = shape.slice(0, depth);
  const rows = reshape(rowNumbers(reshape(positions, [-1, depth]), outer), [-1]);
  const flat = reshape(castTo(parts, parts.dtype === 'bool' ? 'int32' : parts.dtype), [rows.size, ...shape.slice(depth)]);
  const [added] = engine.run('UnsortedSegmentSum', { num_segments: sizeFromShape(outer) }, [flat, rows]);
  return reshape(castTo(added, parts.dtype), shape);
});

/**
 * A tensor with updates in place of its slices at positions in the first axes.
 * @type {(tensor: TensorLike, indices: TensorLike, updates: TensorLike) => Tensor}
 */
export const tensorScatterUpdate = op('tensorScatterUpdate', (tensor, indices, updates) => {
  const input = convertToTensor(tensor, 'tensor', 'tensorScatterupdate');
  const positions = convertToTensor(indices, 'indices', 'tensorScatterupdate', 'int32');
  const parts = convertToTensor(updates, 'updates', 'tensorScatterupdate');
  const depth = validateScatter(parts, positions, input.shape);
  if (input.dtype !== parts.dtype) {
    throw failure('DTYPE', `tensor and updates must have the same dtype, instead they are ${input.dtype} and ${parts.dtype}.`);
  }
  const at = rowNumbers(reshape(positions, [-1, depth]), input.shape.slice(0, depth)).dataSync();
  const width = sizeFromShape(input.shape.slice(depth));
  const values = input.dataSync();
  const news = parts.dataSync();
  at.forEach((/** @type {number} */ row, /** @type {number} */ i) => {
    for (let k = 0; k < width; k++) values[row * width + k] = news[i * width + k];
  });
  return sameKind(input, values, input.shape);
});

/**
 * A dense tensor of values at positions; defaultValue elsewhere.
 * @type {(sparseIndices: TensorLike, sparseValues: TensorLike, outputShape: readonly number[], defaultValue?: TensorLike) => Tensor}
 */
export const sparseToDense = op('sparseToDense', (sparseIndices, sparseValues, outputShape, defaultValue = 0) => {
  assert(outputShape.every(size => Number.isInteger(size) && size >= 0),
    () => `Tensor must have a shape comprised of positive integers but got shape [${outputShape}].`, 'SHAPE');
  const indices = convertToTensor(sparseIndices, 'sparseIndices', 'sparseToDense', 'int32');
  const values = convertToTensor(sparseValues, 'sparseValues', 'sparseToDense', 'string_or_numeric');
  const filler = convertToTensor(defaultValue, 'defaultValue', 'sparseToDense', values.dtype);
  validateSparse(indices, values, outputShape, filler);
  const depth = indices.rank === 2 ? indices.shape[1] : 1;
  const rows = rowNumbers(reshape(indices, [-1, depth]), outputShape).dataSync();
  const given = elementsOf(values);
  const out = new Array(sizeFromShape(outputShape)).fill(elementsOf(filler)[0]);
  rows.forEach((/** @type {number} */ row, /** @type {number} */ i) => void (out[row] = given[values.rank === 0 ? 0 : i]));
  return sameKind(values, out, outputShape);
});

/** @param {Tensor} indices @param {Tensor} values @param {readonly number[]} shape @param {Tensor} filler */
function validateSparse(indices, values, shape, filler) {
  assert(indices.dtype === 'int32',
    () => `tf.sparseToDense() expects the indices to be int32 type, but the dtype was ${indices.dtype}.`, 'DTYPE');
  assert(indices.rank <= 2, () => `sparseIndices should be a scalar, vector, or matrix, but got shape ${indices.shape}.`, 'SHAPE');
  const elements = indices.rank > 0 ? indices.shape[0] : 1;
  const dims = indices.rank > 1 ? indices.shape[1] : 1;
  assert(shape.length === dims, () => `outputShape has incorrect number of elements:, ${shape.length}, should be: ${dims}.`, 'SHAPE');
  assert(values.rank === 0 || (values.rank === 1 && values.size === elements),
    () => `sparseValues has incorrect shape ${values.shape}, should be [] or [${elements}]`, 'SHAPE');
  assert(values.dtype === filler.dtype, () => 'sparseValues.dtype must match defaultValues.dtype', 'DTYPE');
}

/**
 * The k largest elements along the last axis and where they are.
 * @type {(x: TensorLike, k?: number, sorted?: boolean) => {values: Tensor, indices: Tensor}}
 */
export const topk = op('topk', (x, k = 1, sorted = true) => {
  const input = convertToTensor(x, 'x', 'topk');
  if (input.rank === 0) throw failure('SHAPE', 'topk() expects the input to be of rank 1 or higher');
  const last = input.shape[input.rank - 1];
  if (k < 0) throw failure('INVALID_ARGUMENT', `'k' passed to topk() must be >= 0 but got ${k}`);
  if (k > last) throw failure('INVALID_ARGUMENT', `'k' passed to topk() must be <= the last dimension (${last}) but got ${k}`);
  void sorted; // sorted ones are a right answer to either
  const values = input.dataSync();
  const shape = [...input.shape.slice(0, -1), k];
  const picked = Int32Array.from({ length: sizeFromShape(shape) });
  for (let row = 0; row * last < values.length; row++) {
    const order = Array.from({ length: last }, (_, i) => i).sort((a, b) => values[row * last + b] - values[row * last + a] || a - b);
    for (let i = 0; i < k; i++) picked[row * k + i] = order[i];
  }
  const indices = engine.makeTensor(picked, shape, 'int32');
  const flat = add(indices, engine.makeTensor(Int32Array.from(picked, (_, i) => Math.floor(i / Math.max(1, k)) * last), shape, 'int32'));
  return { values: k === 0 ? zeros(shape, input.dtype) : reshape(gather(reshape(input, [-1]), reshape(flat, [-1])), shape), indices };
});

/**
 * Whether a target is among the k best predictions.
 * @type {(predictions: TensorLike, targets: TensorLike, k?: number) => Promise<Tensor>}
 */
export async function inTopKAsync(predictions, targets, k = 1) {
  const guess = convertToTensor(predictions, 'predictions', 'inTopK');
  const truth = convertToTensor(targets, 'targets', 'inTopK');
  assert(guess.rank > 1, () => `inTopK() expects the predictions to be of rank 2 or higher, but got ${guess.rank}`, 'SHAPE');
  assert(guess.rank - 1 === truth.rank,
    () => `predictions rank should be 1 larger than targets rank, but got predictions rank ${guess.rank} and targets rank ` +
      `${truth.rank}`, 'SHAPE');
  assert(String(guess.shape.slice(0, -1)) === String(truth.shape),
    () => "predictions's shape should be align with the targets' shape, except the last dimension.", 'SHAPE');
  const last = /** @type {number} */ (guess.shape.at(-1));
  assert(k > 0 && k <= last, () => `'k' passed to inTopK() must be > 0 && <= the predictions last dimension (${last}), but got ${k}`);
  const values = await guess.data();
  const wanted = await truth.data();
  const hits = Uint8Array.from(wanted, (/** @type {number} */ target, /** @type {number} */ row) => {
    const scores = values.subarray(row * last, (row + 1) * last);
    const better = scores.filter((/** @type {number} */ score, /** @type {number} */ i) =>
      score > scores[target] || (score === scores[target] && i < target));
    return better.length < k ? 1 : 0;
  });
  if (guess !== predictions) guess.dispose();
  if (truth !== targets) truth.dispose();
  return engine.makeTensor(hits, truth.shape, 'bool');
}

/** The distinct slices along an axis, and which one each is. @type {(x: TensorLike, axis?: number) => {values: Tensor, indices: Tensor}} */
export const unique = op('unique', (x, axis = 0) => {
  const input = convertToTensor(x, 'x', 'unique', 'string_or_numeric');
  assert(input.rank > 0, () => 'The input tensor must be at least 1D', 'SHAPE');
  const [along] = parseAxisParam(axis, input.shape);
  const values = input.dataSync();
  const inner = sizeFromShape(input.shape.slice(along + 1));
  const size = input.shape[along];
  const outer = sizeFromShape(input.shape.slice(0, along));
  /** @type {Map<string, number>} */
  const seen = new Map();
  /** @type {number[]} */
  const firsts = [];
  const indices = Array.from({ length: size }, (_, i) => {
    const slices = Array.from({ length: outer }, (_unused, o) => Array.from(values.slice((o * size + i) * inner, (o * size + i + 1) * inner)));
    const key = slices.flat().map(String).join('\u0000');
    const known = seen.get(key);
    if (known !== undefined) return known;
    seen.set(key, firsts.length);
    return firsts.push(i) - 1;
  });
  return { values: gather(input, ints(firsts), along), indices: ints(indices) };
});

/** What x has and y has not, and where. @type {(x: TensorLike, y: TensorLike) => Promise<[Tensor, Tensor]>} */
export async function setdiff1dAsync(x, y) {
  const left = convertToTensor(x, 'x', 'setdiff1d');
  const right = convertToTensor(y, 'y', 'setdiff1d');
  assert(left.dtype === right.dtype,
    () => `x and y should have the same dtype, but got x (${left.dtype}) and y (${right.dtype}).`, 'DTYPE');
  assert(left.rank === 1, () => `x should be 1D tensor, but got x (${left.shape}).`, 'SHAPE');
  assert(right.rank === 1, () => `y should be 1D tensor, but got y (${right.shape}).`, 'SHAPE');
  const values = await left.data();
  const others = new Set(await right.data());
  const kept = Array.from(values, (_, i) => i).filter(i => !others.has(values[i]));
  if (left !== x) left.dispose();
  if (right !== y) right.dispose();
  return [sameKind(left, kept.map(i => values[i]), [kept.length]), ints(kept)];
}

/** The positions where the condition holds. @type {(condition: TensorLike) => Promise<Tensor>} */
export async function whereAsync(condition) {
  const input = convertToTensor(condition, 'condition', 'whereAsync', 'bool');
  const values = await input.data();
  const strides = [...computeStrides(input.shape), 1].slice(0, input.rank);
  const found = Array.from(values, (_, i) => i).filter(i => values[i]);
  const positions = found.flatMap(i => strides.map((stride, axis) => Math.floor(i / stride) % input.shape[axis]));
  if (input !== condition) input.dispose();
  return ints(positions, [found.length, input.rank]);
}

/** The elements where the mask holds. @type {(tensor: TensorLike, mask: TensorLike, axis?: number) => Promise<Tensor>} */
export async function booleanMaskAsync(tensor, mask, axis = 0) {
  const input = convertToTensor(tensor, 'tensor', 'boolMask');
  const chosen = convertToTensor(mask, 'mask', 'boolMask', 'bool');
  const { rank } = chosen;
  assert(rank > 0, () => 'mask cannot be scalar', 'SHAPE');
  const covered = input.shape.slice(axis, axis + rank);
  assert(String(covered) === String(chosen.shape),
    () => `mask's shape must match the first K dimensions of tensor's shape, Shapes ${covered} and ${chosen.shape} must match`, 'SHAPE');
  const values = await chosen.data();
  const found = ints(Array.from(values, (_, i) => i).filter(i => values[i]));
  const flat = reshape(input, [...input.shape.slice(0, axis), chosen.size, ...input.shape.slice(axis + rank)]);
  const result = gather(flat, found, axis);
  for (const [made, given] of [[input, tensor], [chosen, mask]]) if (made !== given) /** @type {Tensor} */ (made).dispose();
  flat.dispose();
  found.dispose();
  return result;
}

/**
 * How often each of 0 .. size - 1 is in x, or the sum of its weights.
 * @type {(x: TensorLike, weights: TensorLike, size: number) => Tensor}
 */
export const bincount = op('bincount', (x, weights, size) => {
  const input = convertToTensor(x, 'x', 'bincount');
  const factors = convertToTensor(weights, 'weights', 'bincount');
  assert(input.dtype === 'int32', () => `Error in bincount: input dtype must be int32, but got ${input.dtype}`, 'DTYPE');
  assert(size >= 0, () => `size must be non-negative, but got ${size}.`);
  assert(factors.size === input.size || factors.size === 0,
    () => `Error in bincount: weights must have the same size as input or0-length, but got input shape: ${input.shape}, weights ` +
      `shape: ${factors.shape}.`, 'SHAPE');
  return count(input, factors, size, false);
});

/** @type {(x: TensorLike, weights: TensorLike, size: number, binaryOutput?: boolean) => Tensor} */
export const denseBincount = op('denseBincount', (x, weights, size, binaryOutput = false) => {
  const input = convertToTensor(x, 'x', 'denseBincount');
  const factors = convertToTensor(weights, 'weights', 'denseBincount');
  assert(input.dtype === 'int32', () => `Error in denseBincount: input dtype must be int32, but got ${input.dtype}`, 'DTYPE');
  assert(input.rank <= 2, () => `Error in denseBincount: input must be at most rank 2, but got rank ${input.rank}.`, 'SHAPE');
  assert(size >= 0, () => `size must be non-negative, but got ${size}.`);
  assert(factors.size === input.size || factors.size === 0,
    () => `Error in denseBincount: weights must have the same shape as x or 0-length, but got x shape: ${input.shape}, weights shape: ` +
      `${factors.shape}.`, 'SHAPE');
  return count(input, factors, size, binaryOutput);
});

/** @param {Tensor} x @param {Tensor} weights @param {number} size @param {boolean} binary */
function count(x, weights, size, binary) {
  const inputs = weights.size === 0 ? [x] : [x, castTo(weights, 'float32')];
  const [counted] = engine.run('DenseBincount', { size, binary_output: binary }, inputs);
  return weights.size === 0 ? castTo(counted, weights.dtype) : castTo(counted, weights.dtype);
}

/** Where values would go into sorted rows. @type {(sortedSequence: TensorLike, values: TensorLike, side?: 'left' | 'right') => Tensor} */
export const searchSorted = op('searchSorted', (sortedSequence, values, side = 'left') => {
  const rows = convertToTensor(sortedSequence, 'sortedSequence', 'searchSorted');
  const wanted = convertToTensor(values, 'values', 'searchSorted');
  const size = /** @type {number} */ (rows.shape.at(-1));
  const count = /** @type {number} */ (wanted.shape.at(-1));
  const [table, queries] = [reshape(rows, [-1, size]), reshape(wanted, [-1, count])];
  if (queries.rank < 2) throw failure('SHAPE', 'Sorted input argument must be at least 2-dimensional');
  if (table.shape[0] !== queries.shape[0]) throw failure('SHAPE', "Leading dimension of 'sortedSequence' and 'values' must match.");
  if (queries.size >= 2 ** 31) throw failure('LIMIT', 'values tensor size must less than 2147483648');
  if (table.shape[1] >= 2 ** 31) {
    throw failure('LIMIT', 'trailing dim_size must less than 2147483648 for int32 output type, was ' + table.shape[1]);
  }
  return reshape(engine.run('SearchSorted', { side }, [table, queries])[0], wanted.shape);
});

/** The first place before which all is smaller. @type {(sortedSequence: TensorLike, values: TensorLike) => Tensor} */
export const lowerBound = (sortedSequence, values) => searchSorted(sortedSequence, values, 'left');
/** The first place at which all is larger. @type {(sortedSequence: TensorLike, values: TensorLike) => Tensor} */
export const upperBound = (sortedSequence, values) => searchSorted(sortedSequence, values, 'right');

/**
 * The elements from begin to end in steps; masks are bits for axes.
 * @type {(x: TensorLike, begin: readonly number[], end: readonly number[], strides?: readonly number[] | null, beginMask?: number,
 *   endMask?: number,
 *   ellipsisMask?: number, newAxisMask?: number, shrinkAxisMask?: number) => Tensor}
 */
export const stridedSlice = op('stridedSlice', (x, begin, end, strides, beginMask = 0, endMask = 0, ellipsisMask = 0, newAxisMask = 0,
  shrinkAxisMask = 0) => {
  const input = convertToTensor(x, 'x', 'stridedSlice', 'string_or_numeric');
  const info = sliceInfo(input.shape, [...begin], [...end], strides && [...strides], beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask);
  if (info.isIdentity) return reshape(input, info.finalShape);
  const counts = info.begin.map((start, axis) => Math.max(0, Math.ceil((info.end[axis] - start) / info.strides[axis])));
  if (counts.includes(0)) return input.dtype === 'string' ? engine.makeTensor([], info.finalShape, 'string') : zeros(info.finalShape, input.dtype);
  const straight = info.begin.map((start, axis) => (info.strides[axis] === 1 ? start : 0));
  const sizes = counts.map((extent, axis) => (info.strides[axis] === 1 ? extent : input.shape[axis]));
  const cut = input.rank === 0 ? input : slice(input, straight, sizes);
  const picked = info.strides.reduce((part, stride, axis) => (stride === 1 ? part :
    gather(part, ints(Array.from({ length: counts[axis] }, (_, i) => info.begin[axis] + i * stride)), axis)), cut);
  return reshape(picked, info.finalShapeSparse);
});

/** x on the diagonal of a tensor of twice its rank. @type {(x: TensorLike) => Tensor} */
export const diag = op('diag', x => {
  const input = convertToTensor(x, 'x', 'diag');
  const { size } = input;
  const places = ints(Array.from({ length: size }, (_, i) => i * (size + 1)));
  const flat = castTo(reshape(input, [size]), input.dtype === 'bool' ? 'int32' : input.dtype);
  const [spread] = engine.run('UnsortedSegmentSum', { num_segments: size * size }, [flat, places]);
  return reshape(castTo(spread, input.dtype), [...input.shape, ...input.shape]);
});

/**
 * Matrices with a vector's elements along rows and another's along columns.
 * @type {(x?: TensorLike, y?: TensorLike, options?: {indexing?: 'xy' | 'ij'}) => Tensor[]}
 */
export const meshgrid = op('meshgrid', (x, y, { indexing = 'xy' } = {}) => {
  if (indexing !== 'xy' && indexing !== 'ij') throw failure('INVALID_ARGUMENT', `${indexing} is not a valid third argument to meshgrid`);
  if (x === undefined) return [];
  const first = convertToTensor(x, 'x', 'meshgrid');
  if (y === undefined) return [first.clone()];
  const second = convertToTensor(y, 'y', 'meshgrid');
  const [width, height] = [first.size, second.size];
  const repeat = (/** @type {Tensor} */ values, /** @type {number[]} */ from, /** @type {number[]} */ to) =>
    engine.run('BroadcastTo', { shape: to }, [reshape(values, from)])[0];
  if (indexing === 'xy') return [repeat(first, [1, width], [height, width]), repeat(second, [height, 1], [height, width])];
  return [repeat(first, [width, 1], [width, height]), repeat(second, [1, height], [width, height])];
});

/**
 * The parts of matrices with at most so many diagonals below and above the main one; all, where negative.
 * @type {(a: TensorLike, numLower: number | Tensor, numUpper: number | Tensor) => Tensor}
 */
export const bandPart = op('bandPart', (a, numLower, numUpper) => {
  const input = convertToTensor(a, 'a', 'bandPart');
  assert(input.rank >= 2, () => `bandPart(): Rank must be at least 2, got ${input.rank}.`, 'SHAPE');
  const [rows, columns] = input.shape.slice(-2);
  const lower = bandWidth('numLower', numLower, rows);
  const upper = bandWidth('numUpper', numUpper, columns);
  const inside = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const offset = Math.floor(i / columns) - (i % columns);
    return offset <= lower && -offset <= upper ? 1 : 0;
  });
  return where(engine.makeTensor(inside, [rows, columns], 'bool'), input, fill([], 0, input.dtype));
});

/** @param {string} name @param {number | Tensor} value @param {number} most */
function bandWidth(name, value, most) {
  const letter = name === 'numLower' ? 'rows' : 'columns';
  if (typeof value === 'number') {
    assert(value % 1 === 0, () => `bandPart(): ${name} must be an integer, got ${value}.`);
    assert(value <= most, () => `bandPart(): ${name} (${value}) must not be greater than the number of ${letter} (${most}).`);
    return value < 0 ? most : value;
  }
  assert(value.dtype === 'int32', () => `bandPart(): ${name}'s dtype must be an int32.`, 'DTYPE');
  const [number] = value.dataSync();
  return number < 0 ? most : Math.min(number, most);
}

