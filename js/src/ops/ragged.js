/** Tensors with rows of uneven length: values, and where each row begins. Reference: the kernels of the same names in TensorFlow. */
import { convertToTensor, convertToTensorArray, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, failure, sizeFromShape } from '../core/util.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

const INT32_MAX = 2 ** 31 - 1;

/** @param {ArrayLike<number>} values */
const intVector = values => engine.makeTensor(Int32Array.from(values), [values.length], 'int32');

/**
 * start, start + delta, ... before limit, for each row.
 * @type {(starts: TensorLike, limits: TensorLike, deltas: TensorLike) => {rtNestedSplits: Tensor, rtDenseValues: Tensor}}
 */
export const raggedRange = op('raggedRange', (starts, limits, deltas) => {
  const first = convertToTensor(starts, 'starts', 'raggedRange');
  const inputs = [first, convertToTensor(limits, 'limits', 'raggedRange', first.dtype),
    convertToTensor(deltas, 'deltas', 'raggedRange', first.dtype)];
  const names = ['starts', 'limits', 'deltas'];
  inputs.forEach((input, i) => {
    if (input.rank > 1) throw failure('SHAPE', `${names[i]} must be a scalar or vector`);
  });
  const sizes = inputs.filter(input => input.rank === 1).map(input => input.shape[0]);
  if (sizes.some(size => size !== sizes[0])) throw failure('SHAPE', 'starts, limits, and deltas must have the same shape');
  const at = inputs.map(input => {
    const values = input.dataSync();
    return (/** @type {number} */ row) => values[input.rank === 0 ? 0 : row];
  });
  const splits = [0];
  /** @type {number[]} */
  const values = [];
  for (let row = 0; row < (sizes[0] ?? 1); row++) {
    const [start, limit, delta] = at.map(get => get(row));
    if (delta === 0) throw failure('INVALID_ARGUMENT', 'Requires delta != 0');
    const size = (delta > 0 && limit < start) || (delta < 0 && limit > start) ? 0 : Math.ceil(Math.abs((limit - start) / delta));
    if (size > INT32_MAX) throw failure('INVALID_ARGUMENT', `Requires ((limit - start) / delta) <= ${INT32_MAX}`);
    for (let i = 0; i < size; i++) values.push(start + i * delta);
    splits.push(values.length);
  }
  const dense = new /** @type {any} */ (first.zeroValues().constructor)(values);
  return { rtNestedSplits: intVector(splits), rtDenseValues: engine.makeTensor(dense, [values.length], first.dtype) };
});

/** @param {number[][]} nested @param {number} rows of the values */
function assertSplits(nested, rows) {
  nested.forEach((splits, level) => {
    if (splits.length === 0) throw failure('INVALID_ARGUMENT', 'Ragged splits may not be empty');
    if (splits[0] < 0) throw failure('INVALID_ARGUMENT', 'Ragged splits must be non-negative');
    const most = level === nested.length - 1 ? rows : nested[level + 1].length - 1;
    if (/** @type {number} */ (splits.at(-1)) > most) throw failure('INVALID_ARGUMENT', 'Ragged splits must not point past values');
    for (let i = 1; i < splits.length; i++) {
      if (splits[i - 1] > splits[i]) throw failure('INVALID_ARGUMENT', 'Ragged splits must be sorted in ascending order');
    }
  });
}

/**
 * The rows of a ragged tensor at the indices.
 * @type {(paramsNestedSplits: TensorLike[], paramsDenseValues: TensorLike, indices: TensorLike, outputRaggedRank: number) =>
 *   {outputNestedSplits: Tensor[], outputDenseValues: Tensor}}
 */
export const raggedGather = op('raggedGather', (paramsNestedSplits, paramsDenseValues, indices, outputRaggedRank) => {
  const nested = convertToTensorArray(paramsNestedSplits, 'paramsNestedSplits', 'raggedGather', 'int32').map(splits =>
    /** @type {number[]} */ (Array.from(splits.dataSync())));
  const dense = convertToTensor(paramsDenseValues, 'paramsDenseValues', 'raggedGather');
  const picked = convertToTensor(indices, 'indices', 'raggedGather', 'int32');
  if (nested.length === 0) throw failure('INVALID_ARGUMENT', 'paramsNestedSplits must be non empty');
  if (nested[0].length === 0) throw failure('INVALID_ARGUMENT', 'Ragged splits may not be empty');
  const rows = nested[0].length - 1;
  const at = /** @type {Int32Array} */ (picked.dataSync());
  at.forEach((index, i) => {
    if (index < 0 || index >= rows) {
      const place = picked.rank === 1 ? [i] : [];
      throw failure('INVALID_ARGUMENT', `indices[${place.length > 0 ? place : i}] = ${index} is not in [0, ${rows})`);
    }
  });
  if (dense.rank === 0) throw failure('SHAPE', 'params.rank must be nonzero');
  assertSplits(nested, dense.shape[0]);
  const outer = outerSplits(picked.shape, outputRaggedRank - nested.length);
  const inner = nested.map(() => [0]);
  /** @type {[number, number][]} */
  const slices = [];
  for (const index of at) {
    let [start, limit] = [index, index + 1];
    nested.forEach((splits, level) => {
      const out = inner[level];
      const shift = /** @type {number} */ (out.at(-1)) - splits[start];
      for (let row = start; row < limit; row++) out.push(splits[row + 1] + shift);
      [start, limit] = [splits[start], splits[limit]];
    });
    if (limit > start) slices.push([start, limit]);
  }
  const all = [...outer, ...(picked.rank === 0 ? inner.slice(1).map(splits => splits) : inner)];
  const width = sizeFromShape(dense.shape.slice(1));
  const values = dense.dataSync();
  const kept = slices.flatMap(([start, limit]) => Array.from(values.slice(start * width, limit * width)));
  const out = new /** @type {any} */ (dense.zeroValues().constructor)(kept);
  return {
    outputNestedSplits: all.map(intVector),
    outputDenseValues: engine.makeTensor(out, [kept.length / Math.max(1, width), ...dense.shape.slice(1)], dense.dtype),
  };
});

/** The splits of the indices' own axes but the last. @param {readonly number[]} shape @param {number} count */
function outerSplits(shape, count) {
  return Array.from({ length: Math.max(0, count) }, (_, axis) => {
    const rows = sizeFromShape(shape.slice(0, axis + 1));
    return Array.from({ length: rows + 1 }, (_unused, i) => i * shape[axis + 1]);
  });
}

/** How rows are given: by their ids, or by where they begin. */
export const RowPartitionType = /** @type {const} */ ({
  0: 'FIRST_DIM_SIZE', 1: 'VALUE_ROWIDS', 2: 'ROW_LENGTHS', 3: 'ROW_SPLITS', 4: 'ROW_LIMITS', 5: 'ROW_STARTS',
  FIRST_DIM_SIZE: 0, VALUE_ROWIDS: 1, ROW_LENGTHS: 2, ROW_SPLITS: 3, ROW_LIMITS: 4, ROW_STARTS: 5,
});

/** How many rows begin where, by row. @param {string} type @param {number[]} partition @returns {number[]} the row of each value */
function rowIds(type, partition) {
  if (type === 'VALUE_ROWIDS') return partition;
  if (type !== 'ROW_SPLITS') throw failure('UNSUPPORTED', `Unsupported row partition type: ${type}`);
  return partition.slice(1).flatMap((end, row) => new Array(end - partition[row]).fill(row));
}

/** @param {number[]} ids */
function longestRun(ids) {
  let [longest, run] = [0, 0];
  ids.forEach((id, i) => {
    run = i > 0 && ids[i - 1] === id ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
}

/**
 * A dense tensor of a ragged one, filled up with defaultValue.
 * @type {(shape: TensorLike, values: TensorLike, defaultValue: TensorLike, rowPartitionTensors: Tensor[],
 *   rowPartitionTypes: string[]) => Tensor}
 */
export const raggedTensorToTensor = op('raggedTensorToTensor', (shape, values, defaultValue, rowPartitionTensors, rowPartitionTypes) => {
  const wanted = /** @type {number[]} */ (Array.from(convertToTensor(shape, 'shape', 'raggedTensorToTensor', 'int32').dataSync()));
  const dense = convertToTensor(values, 'values', 'raggedTensorToTensor');
  const filler = convertToTensor(defaultValue, 'defaultValue', 'raggedTensorToTensor', dense.dtype);
  const partitions = convertToTensorArray(rowPartitionTensors, 'rowPartitionTensors', 'raggedTensorToTensor', 'int32').map(tensor =>
    /** @type {number[]} */ (Array.from(tensor.dataSync())));
  const hasFirst = rowPartitionTypes[0] === 'FIRST_DIM_SIZE';
  const firstSize = hasFirst ? partitions[0][0] : partitions[0].length - 1;
  const levels = partitions.slice(hasFirst ? 1 : 0).map((partition, i) => rowIds(rowPartitionTypes[i + (hasFirst ? 1 : 0)], partition));
  const outShape = combinedShape(wanted, [firstSize, ...levels.map(longestRun)], dense.shape.slice(1));
  assertFiller(filler, outShape, levels.length);
  return engine.makeTensor(spread(dense, filler, levels, firstSize, outShape), outShape, dense.dtype);
});

/**
 * @param {number[]} wanted -1: as large as needed
 * @param {number[]} ragged sizes that the rows need
 * @param {number[]} inner
 */
function combinedShape(wanted, ragged, inner) {
  const needed = [...ragged, ...inner];
  if (wanted.length === 0) return needed;
  if (wanted.length !== needed.length) {
    throw failure('SHAPE', `rt input.shape and shape=${wanted} are incompatible: rt input.rank = ${needed.length}, but shape.rank = ` +
      `${wanted.length}`);
  }
  inner.forEach((size, i) => {
    const asked = wanted[i + ragged.length];
    if (asked >= 0 && asked !== size) {
      throw failure('SHAPE', `rt input.shape and shape=${wanted} are incompatible: rt input.shape[${i + ragged.length}] = ${size} but ` +
        `shape[${i + ragged.length}] = ${asked}`);
    }
  });
  return wanted.map((size, i) => (size < 0 ? needed[i] : size));
}

/** @param {Tensor} filler @param {number[]} shape @param {number} raggedRank */
function assertFiller(filler, shape, raggedRank) {
  const inner = shape.slice(raggedRank + 1);
  const fits = filler.rank <= inner.length && filler.shape.every((size, i) => size === 1 || size === inner[inner.length - filler.rank + i]);
  assert(fits, () => `defaultValue.shape=${filler.shape} and ragged tensor flatValues.shape=${shape} are incompatible`, 'SHAPE');
}

/**
 * @param {Tensor} dense
 * @param {Tensor} filler
 * @param {number[][]} levels the row of each value, outermost first
 * @param {number} firstSize
 * @param {number[]} shape
 */
function spread(dense, filler, levels, firstSize, shape) {
  const innerShape = shape.slice(levels.length + 1);
  const width = sizeFromShape(innerShape);
  const fill = engine.run('BroadcastTo', { shape: innerShape }, [filler])[0].dataSync();
  const out = dense.zeroValues().constructor.from({ length: sizeFromShape(shape) }, (/** @type {unknown} */ _, /** @type {number} */ i) =>
    fill[i % width]);
  /** Where each row of a level goes, -1 where it is cut off. */
  let places = Array.from({ length: firstSize }, (_, row) => (row < shape[0] ? row : -1));
  levels.forEach((ids, level) => {
    const size = shape[level + 1];
    let column = 0;
    places = ids.map((row, i) => {
      column = i > 0 && ids[i - 1] === row ? column + 1 : 0;
      return row >= places.length || places[row] < 0 || column >= size ? -1 : places[row] * size + column;
    });
  });
  const values = dense.dataSync();
  places.forEach((place, i) => {
    if (place >= 0) for (let k = 0; k < width; k++) out[place * width + k] = values[i * width + k];
  });
  return out;
}

