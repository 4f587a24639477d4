/** tf.sparse: arithmetic of positions, done here. Reference: the kernels of the same names in TensorFlow. */
import { convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, computeStrides, failure, sizeFromShape } from '../core/util.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** @param {Tensor} tensor @param {number} rank @param {string} name in the message */
function assertRank(tensor, rank, name) {
  assert(tensor.rank === rank, () => `${name} should be Tensor${rank}D but received shape ${tensor.shape}`, 'SHAPE');
}

/** @param {ArrayLike<number>} values @param {readonly number[]} shape */
const ints = (values, shape) => engine.makeTensor(Int32Array.from(values), shape, 'int32');

/**
 * Gives each row without a value one: defaultValue in its first column.
 * @type {(indices: TensorLike, values: TensorLike, denseShape: TensorLike, defaultValue: TensorLike) =>
 *   {outputIndices: Tensor, outputValues: Tensor, emptyRowIndicator: Tensor, reverseIndexMap: Tensor}}
 */
const sparseFillEmptyRows = op('sparseFillEmptyRows', (indices, values, denseShape, defaultValue) => {
  const positions = convertToTensor(indices, 'indices', 'sparseFillEmptyRows', 'int32');
  const elements = convertToTensor(values, 'values', 'sparseFillEmptyRows');
  const shape = convertToTensor(denseShape, 'denseShape', 'sparseFillEmptyRows', 'int32');
  const filler = convertToTensor(defaultValue, 'defaultValue', 'sparseFillEmptyRows', elements.dtype);
  assert(positions.rank === 2, () => `Indices should be Tensor2D but received shape\n        ${positions.shape}`, 'SHAPE');
  assertRank(elements, 1, 'Values');
  assertRank(shape, 1, 'Dense shape');
  assert(filler.rank === 0, () => `Default value should be a scalar but received shape ${filler.shape}`, 'SHAPE');
  const [count, rank] = positions.shape;
  const [rows] = shape.dataSync();
  const at = positions.dataSync();
  const given = elements.dataSync();
  assert(rows !== 0 || count === 0, () => `Received SparseTensor with denseShape[0] = 0 but indices.shape[0] = ${count}`);
  const byRow = Array.from({ length: rows }, () => /** @type {number[]} */ ([]));
  for (let i = 0; i < count; i++) {
    const row = at[i * rank];
    assert(row >= 0, () => `indices(${i}, 0) is invalid: ${row} < 0`);
    assert(row < rows, () => `indices(${i}, 0) is invalid: ${row} >= ${rows}`);
    byRow[row].push(i);
  }
  const [fill] = filler.dataSync();
  const out = { indices: /** @type {number[]} */ ([]), values: /** @type {number[]} */ ([]), reverse: new Array(count) };
  byRow.forEach((entries, row) => {
    if (entries.length === 0) {
      out.indices.push(row, ...new Array(rank - 1).fill(0));
      out.values.push(fill);
    }
    for (const i of entries) {
      out.reverse[i] = out.values.length;
      out.indices.push(...at.subarray(i * rank, (i + 1) * rank));
      out.values.push(given[i]);
    }
  });
  return {
    outputIndices: ints(out.indices, [out.values.length, rank]),
    outputValues: engine.makeTensor(elements.zeroValues().constructor.from(out.values), [out.values.length], elements.dtype),
    emptyRowIndicator: engine.makeTensor(Uint8Array.from(byRow, entries => (entries.length === 0 ? 1 : 0)), [rows], 'bool'),
    reverseIndexMap: ints(out.reverse, [count]),
  };
});

/**
 * The shape with its -1 replaced.
 * @param {number[]} target
 * @param {number} size
 * @param {number[]} inputShape
 */
function resolveShape(target, size, inputShape) {
  const open = target.indexOf(-1);
  target.forEach((dimension, i) => {
    if (dimension === -1 && i !== open) throw failure('SHAPE', `reshape only one output dimension may be -1 not both ${open} and ${i}`);
    if (dimension < -1) throw failure('SHAPE', `size ${i} must be non-negative, not ${dimension}`);
  });
  const known = sizeFromShape(target.filter(dimension => dimension !== -1));
  if (open !== -1) {
    if (known <= 0) {
      throw failure('SHAPE', 'reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are non-zero');
    }
    if (size % known !== 0) {
      throw failure('SHAPE', `Input to reshape is a SparseTensor with ${size}\n  dense values, but the requested shape requires a ` +
        `multiple of ` +
        `${known}. inputShape=${inputShape} outputShape= ${target}`);
    }
  }
  const shape = target.map(dimension => (dimension === -1 ? size / known : dimension));
  if (sizeFromShape(shape) !== size) {
    throw failure('SHAPE', `Input to reshape is a tensor with ${size} dense values, but the requested shape has ${sizeFromShape(shape)}. ` +
      `inputShape=${inputShape} outputShape=${shape}`);
  }
  return shape;
}

/**
 * The positions of the same elements in another shape.
 * @type {(inputIndices: TensorLike, inputShape: TensorLike, newShape: TensorLike) => {outputIndices: Tensor, outputShape: Tensor}}
 */
const sparseReshape = op('sparseReshape', (inputIndices, inputShape, newShape) => {
  const indices = convertToTensor(inputIndices, 'inputIndices', 'sparseReshape', 'int32');
  const from = convertToTensor(inputShape, 'inputShape', 'sparseReshape', 'int32');
  const to = convertToTensor(newShape, 'newShape', 'sparseReshape', 'int32');
  assert(indices.rank === 2, () => `Input indices should be Tensor2D but received shape\n        ${indices.shape}`, 'SHAPE');
  assert(from.rank === 1, () => `Input shape should be Tensor1D but received shape ${from.shape}`, 'SHAPE');
  assert(to.rank === 1, () => `New shape should be Tensor1D but received shape ${to.shape}`, 'SHAPE');
  const oldShape = /** @type {number[]} */ (Array.from(from.dataSync()));
  const shape = resolveShape(Array.from(to.dataSync()), sizeFromShape(oldShape), oldShape);
  const [oldStrides, strides] = [oldShape, shape].map(s => [...computeStrides(s), 1].slice(0, s.length));
  const at = indices.dataSync();
  const [count, rank] = indices.shape;
  const moved = Array.from({ length: count }, (_, i) => {
    let flat = 0;
    for (let axis = 0; axis < rank; axis++) flat += at[i * rank + axis] * oldStrides[axis];
    return strides.map(stride => {
      const coordinate = Math.floor(flat / stride);
      flat -= coordinate * stride;
      return coordinate;
    });
  });
  return { outputIndices: ints(moved.flat(), [count, shape.length]), outputShape: ints(shape, [shape.length]) };
});

/**
 * Sums or means of picked rows that share a segment; the segments come in order.
 * @param {string} name
 * @param {boolean} isMean
 */
function segmentReduction(name, isMean) {
  return op(name, /** @type {(data: TensorLike, indices: TensorLike, segmentIds: TensorLike) => Tensor} */ ((data, indices, segmentIds) => {
    const rows = convertToTensor(data, 'data', name);
    const picked = convertToTensor(indices, 'indices', name, 'int32');
    const ids = convertToTensor(segmentIds, 'segmentIds', name, 'int32');
    assert(rows.rank >= 1, () => 'Data should be at least 1 dimensional but received scalar', 'SHAPE');
    assertRank(picked, 1, 'Indices');
    assertRank(ids, 1, 'Segment ids');
    return reduceSegments(rows, picked.dataSync(), ids.dataSync(), isMean);
  }));
}

/**
 * @param {Tensor} rows
 * @param {Int32Array} picked
 * @param {Int32Array} ids
 * @param {boolean} isMean
 */
function reduceSegments(rows, picked, ids, isMean) {
  assert(picked.length === ids.length, () => 'segmentIds and indices should have same size.', 'SHAPE');
  const count = ids.length === 0 ? 0 : ids[ids.length - 1] + 1;
  assert(count > 0 || ids.length === 0, () => 'segment ids must be >= 0');
  const width = sizeFromShape(rows.shape.slice(1));
  const values = rows.dataSync();
  const out = new /** @type {any} */ (values.constructor)(Math.max(0, count) * width);
  const members = new Int32Array(count);
  picked.forEach((row, i) => {
    const id = ids[i];
    if (i > 0 && id < ids[i - 1]) throw failure('INVALID_ARGUMENT', 'segment ids are not increasing');
    assert(id >= 0 && id < count, () => `Segment id ${id} out of range [0, ${count}), possibly because segmentIds input is not sorted.`);
    assert(row >= 0 && row < rows.shape[0], () => `Bad: indices[${i}] == ${row} out of range [0, ${rows.shape[0]})`);
    members[id]++;
    for (let k = 0; k < width; k++) out[id * width + k] += values[row * width + k];
  });
  if (isMean) for (let i = 0; i < out.length; i++) out[i] /= Math.max(1, members[Math.floor(i / width)]);
  return engine.makeTensor(out, [count, ...rows.shape.slice(1)], rows.dtype);
}

const sparseSegmentMean = segmentReduction('sparseSegmentMean', true);
const sparseSegmentSum = segmentReduction('sparseSegmentSum', false);

export const sparse = { sparseFillEmptyRows, sparseReshape, sparseSegmentMean, sparseSegmentSum };
