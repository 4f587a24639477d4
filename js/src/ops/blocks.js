/** Blocks of images as batches and as channels, and what is made of other shapes: pads, reversals and batch norms by rank. */
import { getPermuted, getReshaped, getReshapedPermuted, getSliceBeginCoords, getSliceSize } from '../backend_util/axes.js';
import { convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, broadcastShape } from '../core/util.js';
import { batchNorm } from './neural.js';
import { pad, reshape, reverse, slice, transpose } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** @param {readonly number[]} values */
const product = values => values.reduce((a, b) => a * b, 1);

/** Batches as blocks of images, with edges cut off. @type {(x: TensorLike, blockShape: number[], crops: number[][]) => Tensor} */
export const batchToSpaceND = op('batchToSpaceND', (x, blockShape, crops) => {
  const input = convertToTensor(x, 'x', 'batchToSpaceND');
  const prod = product(blockShape);
  assert(input.rank >= 1 + blockShape.length,
    () => `input rank is ${input.rank} but should be > than blockShape.length ${blockShape.length}`, 'SHAPE');
  assert(crops.length === blockShape.length,
    () => `crops.length is ${crops.length} but should be equal to blockShape.length  ${blockShape.length}`, 'SHAPE');
  assert(input.shape[0] % prod === 0,
    () => `input tensor batch is ${input.shape[0]} but is not divisible by the product of the elements of ` +
    `blockShape ${blockShape.join(' * ')} === ${prod}`, 'SHAPE');
  const reshaped = getReshaped(input.shape, blockShape, prod);
  const whole = getReshapedPermuted(input.shape, blockShape, prod);
  const moved = transpose(reshape(input, reshaped), getPermuted(reshaped.length, blockShape.length));
  return slice(reshape(moved, whole), getSliceBeginCoords(crops, blockShape.length), getSliceSize(whole, crops, blockShape.length));
});

/** Blocks of images as batches. @type {(x: TensorLike, blockShape: number[], paddings: number[][]) => Tensor} */
export const spaceToBatchND = op('spaceToBatchND', (x, blockShape, paddings) => {
  const input = convertToTensor(x, 'x', 'spaceToBatchND');
  assert(input.rank >= 1 + blockShape.length, () => `input rank ${input.rank} should be > than [blockShape] ${blockShape.length}`, 'SHAPE');
  assert(paddings.length === blockShape.length,
    () => `paddings.shape[0] ${paddings.length} must be equal to [blockShape] ${blockShape.length}`, 'SHAPE');
  const fits = blockShape.every((block, i) => (input.shape[i + 1] + paddings[i][0] + paddings[i][1]) % block === 0);
  assert(fits, () => `input spatial dimensions ${input.shape.slice(1)} with paddings ${paddings.toString()} must be divisible by ` +
    `blockShapes ${blockShape.toString()}`, 'SHAPE');
  const all = [[0, 0], ...paddings, ...new Array(input.rank - 1 - blockShape.length).fill([0, 0])];
  const padded = pad(input, all);
  const prod = product(blockShape);
  const reshaped = getReshaped(padded.shape, blockShape, prod, false);
  const moved = transpose(reshape(padded, reshaped), getPermuted(reshaped.length, blockShape.length, false));
  return reshape(moved, getReshapedPermuted(padded.shape, blockShape, prod, false));
});

/** Channels as blocks of pixels. @type {(x: TensorLike, blockSize: number, dataFormat?: 'NHWC' | 'NCHW') => Tensor} */
export const depthToSpace = op('depthToSpace', (x, blockSize, dataFormat = 'NHWC') => {
  const input = convertToTensor(x, 'x', 'depthToSpace', 'float32');
  const isLast = dataFormat === 'NHWC';
  const depth = input.shape[isLast ? 3 : 1];
  assert(blockSize > 1, () => `blockSize should be > 1 for depthToSpace, but was: ${blockSize}`);
  assert(depth % (blockSize * blockSize) === 0, () => `Dimension size must be evenly divisible by ${blockSize * blockSize} but is ` +
    `${depth} for depthToSpace with input shape ${input.shape}`, 'SHAPE');
  if (isLast) return engine.run('DepthToSpace', { block_size: blockSize }, [input])[0];
  return transpose(engine.run('DepthToSpace', { block_size: blockSize }, [transpose(input, [0, 2, 3, 1])])[0], [0, 3, 1, 2]);
});

/** The shape that both broadcast to. @type {(s0: TensorLike, s1: TensorLike) => Tensor} */
export const broadcastArgs = op('broadcastArgs', (s0, s1) => {
  const shapes = [convertToTensor(s0, 's0', 'broadcastArgs', 'int32'), convertToTensor(s1, 's1', 'broadcastArgs', 'int32')];
  shapes.forEach((shape, i) => assert(shape.rank === 1,
    () => `broadcastArgs(): ${i === 0 ? 'first' : 'second'} input must be a vector (rank=1). Has rank ${shape.rank}`, 'SHAPE'));
  const both = broadcastShape(/** @type {number[]} */ (Array.from(shapes[0].dataSync())), /** @type {number[]} */ (Array.from(shapes[1].dataSync())));
  return engine.makeTensor(Int32Array.from(both), [both.length], 'int32');
});

/** @type {(x: TensorLike, paddings: [number, number], constantValue?: number) => Tensor} */
export const pad1d = op('pad1d', (x, paddings, constantValue = 0) => {
  assert(paddings.length === 2, () => 'Invalid number of paddings. Must be length of 2.');
  return pad(x, [paddings], constantValue);
});

/** @param {number} rank @returns {(x: TensorLike, paddings: readonly (readonly number[])[], constantValue?: number) => Tensor} */
const padOfRank = rank => op(`pad${rank}d`, (x, paddings, constantValue = 0) => {
  assert(paddings.length === rank && paddings.every(pair => pair.length === 2),
    () => 'Invalid number of paddings. Must be length of 2 each.');
  return pad(x, paddings, constantValue);
});
export const pad2d = padOfRank(2);
export const pad3d = padOfRank(3);
export const pad4d = padOfRank(4);

/** @param {number} rank @returns {(x: TensorLike, axis?: number | readonly number[]) => Tensor} */
const reverseOfRank = rank => op(`reverse${rank}d`, (x, axis) => {
  const input = convertToTensor(x, 'x', 'reverse');
  assert(input.rank === rank, () => `Error in reverse${rank}D: x must be rank ${rank} but got rank ${input.rank}.`, 'SHAPE');
  return reverse(input, rank === 1 ? 0 : axis);
});
export const reverse1d = reverseOfRank(1);
export const reverse2d = reverseOfRank(2);
export const reverse3d = reverseOfRank(3);
export const reverse4d = reverseOfRank(4);

/**
 * @param {number} rank
 * @returns {(x: TensorLike, mean: TensorLike, variance: TensorLike, offset?: TensorLike | null, scale?: TensorLike | null,
 *   varianceEpsilon?: number) => Tensor}
 */
const batchNormOfRank = rank => op(`batchNorm${rank}d`, (x, mean, variance, offset, scale, varianceEpsilon) => {
  const named = /** @type {[string, TensorLike | null | undefined][]} */ ([['x', x], ['mean', mean], ['variance', variance],
    ['scale', scale], ['offset', offset]]);
  const tensors = named.map(([name, value]) => (value == null ? null : convertToTensor(value, name, 'batchNorm')));
  tensors.forEach((tensor, i) => {
    const fits = tensor === null || tensor.rank === rank || (i > 0 && tensor.rank === 1);
    assert(fits,
      () => `Error in batchNorm${rank}D: ${named[i][0]} must be rank ${rank}${i > 0 ? ' or rank 1' : ''} but got rank ` +
        `${tensor?.rank}.`, 'SHAPE');
  });
  const [input, center, spread, gamma, beta] = /** @type {Tensor[]} */ (tensors);
  return batchNorm(input, center, spread, beta, gamma, varianceEpsilon);
});
export const batchNorm2d = batchNormOfRank(2);
export const batchNorm3d = batchNormOfRank(3);
export const batchNorm4d = batchNormOfRank(4);
