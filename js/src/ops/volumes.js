/** Windows over volumes, and the rarer ones over images: pool, dilation2d, maxPoolWithArgmax, localResponseNormalization. */
import {
  computePool2DInfo, computePool3DInfo, eitherStridesOrDilationsAreOne, stridesOrDilationsArePositive,
} from '../backend_util/windows.js';
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert } from '../core/util.js';
import { batchToSpaceND, spaceToBatchND } from './blocks.js';
import { avgPool, maxPool } from './neural.js';

import { checkedPads } from './padding.js';
import { reshape } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */
/** @import { DimRoundingMode, Pad } from '../backend_util/windows.js' */

/** @typedef {number | readonly [number, number, number]} Triple one number for all axes, or [depth, height, width] */

/** @param {number | readonly number[]} value @param {number} count */
const spread = (value, count) => (typeof value === 'number' ? new Array(count).fill(value) : [...value]);

/**
 * Runs an op of volumes on one volume as well.
 * @param {Tensor} x
 * @param {string} message before the rank
 * @param {(batch: Tensor) => Tensor} body
 */
function onVolumes(x, message, body) {
  assert(x.rank === 4 || x.rank === 5, () => `${message}${x.rank}.`, 'SHAPE');
  if (x.rank === 5) return body(x);
  const y = body(reshape(x, [1, ...x.shape]));
  return reshape(y, y.shape.slice(1));
}

/**
 * @type {(x: TensorLike, filter: TensorLike, strides: Triple, pad: 'valid' | 'same', dataFormat?: 'NDHWC' | 'NCDHW',
 *   dilations?: Triple) => Tensor}
 */
export const conv3d = op('conv3d', (x, filter, strides, pad, dataFormat = 'NDHWC', dilations = [1, 1, 1]) => {
  const input = convertToTensor(x, 'x', 'conv3d', 'float32');
  const weights = convertToTensor(filter, 'filter', 'conv3d', 'float32');
  return onVolumes(input, 'Error in conv3d: input must be rank 5, but got rank ', batch => {
    assert(weights.rank === 5, () => `Error in conv3d: filter must be rank 5, but got rank ${weights.rank}.`, 'SHAPE');
    assert(batch.shape[4] === weights.shape[3],
      () => `Error in conv3d: depth of input (${batch.shape[4]}) must match input depth for filter ${weights.shape[3]}.`, 'SHAPE');
    assert(eitherStridesOrDilationsAreOne(strides, dilations),
      () => `Error in conv3D: Either strides or dilations must be 1. Got strides ${strides} and dilations '${dilations}'`);
    assert(dataFormat === 'NDHWC', () => `Error in conv3d: got dataFormat of ${dataFormat} but only NDHWC is currently supported.`);
    assert(stridesOrDilationsArePositive(dilations), () => 'Error in conv3D: Dilated rates should be larger than 0.');
    assert(stridesOrDilationsArePositive(strides), () => 'Error in conv3D: Strides should be larger than 0.');
    return engine.run('Conv3D', { strides: spread(strides, 3), dilations: spread(dilations, 3), padding: pad }, [batch, weights])[0];
  });
});

/**
 * What a conv3d that gives x would have taken.
 * @type {(x: TensorLike, filter: TensorLike, outputShape: readonly number[], strides: Triple, pad: 'valid' | 'same') => Tensor}
 */
export const conv3dTranspose = op('conv3dTranspose', (x, filter, outputShape, strides, pad) => {
  const input = convertToTensor(x, 'x', 'conv3dTranspose');
  const weights = convertToTensor(filter, 'filter', 'conv3dTranspose');
  return onVolumes(input, 'Error in conv3dDerInput: dy must be rank 5, but got rank ', batch => {
    const like = engine.makeTensor(null, input.rank === 4 ? [1, ...outputShape] : outputShape, 'float32');
    return engine.run('Conv3DBackpropInputV2', { strides: spread(strides, 3), padding: pad }, [batch, weights, like])[0];
  });
});

/**
 * @param {string} name
 * @param {string} kernel
 * @returns {(x: TensorLike, filterSize: Triple, strides: Triple, pad: 'valid' | 'same' | number, dimRoundingMode?: DimRoundingMode,
 *   dataFormat?: 'NDHWC' | 'NCDHW') => Tensor}
 */
function pooling(name, kernel) {
  return op(name, (x, filterSize, strides, pad, dimRoundingMode, dataFormat = 'NDHWC') => {
    const input = convertToTensor(x, 'x', name, name === 'avgPool3d' ? 'float32' : 'numeric');
    return onVolumes(input, `Error in ${name}: x must be rank 5 but got rank `, batch => {
      assert(dataFormat === 'NDHWC', () => `Error in ${name}: Only NDHWC is currently supported, but got dataFormat of ${dataFormat}`);
      assert(stridesOrDilationsArePositive(strides), () => `Error in ${name}: Strides should be larger than 0.`);
      const info = computePool3DInfo(batch.shape, filterSize, strides, [1, 1, 1], pad, dimRoundingMode);
      const padding = checkedPads(name, pad, dimRoundingMode, [
        { size: info.inDepth, window: info.filterDepth, stride: info.strideDepth, out: info.outDepth, before: info.padInfo.front },
        { size: info.inHeight, window: info.filterHeight, stride: info.strideHeight, out: info.outHeight, before: info.padInfo.top },
        { size: info.inWidth, window: info.filterWidth, stride: info.strideWidth, out: info.outWidth, before: info.padInfo.left },
      ]);
      const [y] = engine.run(kernel, { size: spread(filterSize, 3), strides: spread(strides, 3), ...padding }, [castTo(batch, 'float32')]);
      return castTo(y, input.dtype);
    });
  });
}

export const maxPool3d = pooling('maxPool3d', 'MaxPool3D');
export const avgPool3d = pooling('avgPool3d', 'AvgPool3D');

/**
 * Paddings that make blocks whole, and what to cut off afterwards.
 * @param {number[]} sizes
 * @param {number[]} blocks
 * @param {number[][]} base
 */
function blockPaddings(sizes, blocks, base) {
  const extra = blocks.map((block, i) => (block - ((sizes[i] + base[i][0] + base[i][1]) % block)) % block);
  return { paddings: base.map(([before, after], i) => [before, after + extra[i]]), crops: extra.map(size => [0, size]) };
}

/**
 * Pools windows with gaps.
 * @type {(input: TensorLike, windowShape: number | [number, number], poolingType: 'avg' | 'max', pad: Pad, dilations?: number | [number,
 *   number],
 *   strides?: number | [number, number], dimRoundingMode?: DimRoundingMode) => Tensor}
 */
export const pool = op('pool', (input, windowShape, poolingType, pad, dilations, strides, dimRoundingMode) => {
  const [gaps, steps] = [dilations ?? [1, 1], strides ?? 1];
  const x = convertToTensor(input, 'x', 'maxPool');
  const batch = x.rank === 3 ? reshape(x, [1, ...x.shape]) : x;
  assert(eitherStridesOrDilationsAreOne(steps, gaps),
    () => `Error in pool: Either strides or dilations must be 1. Got strides ${steps} and dilations '${gaps}'`);
  const info = computePool2DInfo(batch.shape, windowShape, steps, gaps, pad);
  const dilation = [info.dilationHeight, info.dilationWidth];
  const run = (/** @type {Tensor} */ images, /** @type {any} */ padding) =>
    (poolingType === 'avg' ? avgPool : maxPool)(images, windowShape, steps, padding, dimRoundingMode ?? undefined);
  const back = (/** @type {Tensor} */ y) => (x.rank === 3 ? reshape(y, y.shape.slice(1)) : y);
  if (dilation.every(rate => rate === 1)) return back(run(batch, pad));
  const grown = [info.filterHeight, info.filterWidth].map((size, i) => (size - 1) * dilation[i]);
  const base = pad === 'same' ? grown.map(size => [Math.floor(size / 2), size - Math.floor(size / 2)]) : [[0, 0], [0, 0]];
  const { paddings, crops } = blockPaddings([info.inHeight, info.inWidth], dilation, base);
  return back(batchToSpaceND(run(spaceToBatchND(batch, dilation, paddings), 'valid'), dilation, crops));
});

/**
 * The largest sum of a pixel and the filter's weight in each window: greyscale dilation.
 * @type {(x: TensorLike, filter: TensorLike, strides: number | [number, number], pad: 'valid' | 'same', dilations?: number | [number,
 *   number], dataFormat?: 'NHWC') => Tensor}
 */
export const dilation2d = op('dilation2d', (x, filter, strides, pad, dilations = [1, 1], dataFormat = 'NHWC') => {
  const input = convertToTensor(x, 'x', 'dilation2d');
  const weights = convertToTensor(filter, 'filter', 'dilation2d');
  assert(input.rank === 3 || input.rank === 4,
    () => `Error in dilation2d: input must be rank 3 or 4, but got rank ${input.rank}.`, 'SHAPE');
  assert(weights.rank === 3, () => `Error in dilation2d: filter must be rank 3, but got rank ${weights.rank}.`, 'SHAPE');
  assert(dataFormat === 'NHWC', () => `Error in dilation2d: Only NHWC is currently supported, but got dataFormat of ${dataFormat}`);
  const batch = input.rank === 3 ? reshape(input, [1, ...input.shape]) : input;
  assert(batch.shape[3] === weights.shape[2],
    () => `Error in dilation2d:  input and filter must have the same depth: ${batch.shape[3]} vs ${weights.shape[2]}`, 'SHAPE');
  const attributes = { strides: spread(strides, 2), dilations: spread(dilations, 2), padding: pad };
  const [y] = engine.run('Dilation2D', attributes, [castTo(batch, 'float32'), castTo(weights, 'float32')]);
  return castTo(input.rank === 3 ? reshape(y, y.shape.slice(1)) : y, input.dtype);
});

/**
 * The largest element of each window, and where it is in its flat image (in the flat batch, where includeBatchInIndex says so).
 * @type {(x: TensorLike, filterSize: number | [number, number], strides: number | [number, number], pad: 'valid' | 'same' | number,
 *   includeBatchInIndex?: boolean) =>
 *   {result: Tensor, indexes: Tensor}}
 */
export const maxPoolWithArgmax = op('maxPoolWithArgmax', (x, filterSize, strides, pad, includeBatchInIndex = false) => {
  const input = convertToTensor(x, 'x', 'maxPoolWithArgmax');
  const padding = typeof pad === 'number' ? { padding: 'explicit', pads: [[pad, pad], [pad, pad]] } : { padding: pad };
  const attributes = { size: spread(filterSize, 2), strides: spread(strides, 2), ...padding, include_batch_in_index: includeBatchInIndex };
  const [result, indexes] = engine.run('MaxPoolWithArgmax', attributes, [castTo(input, 'float32')]);
  return { result: castTo(result, input.dtype), indexes };
});

/**
 * x / (bias + alpha sum of squares of the channels around)^beta
 * @type {(x: TensorLike, depthRadius?: number, bias?: number, alpha?: number, beta?: number) => Tensor}
 */
export const localResponseNormalization = op('localResponseNormalization', (x, depthRadius = 5, bias = 1, alpha = 1, beta = 0.5) => {
  const input = convertToTensor(x, 'x', 'localResponseNormalization');
  assert(input.rank === 3 || input.rank === 4,
    () => `Error in localResponseNormalization: x must be rank 3 or 4 but got\n               rank ${input.rank}.`, 'SHAPE');
  assert(Number.isInteger(depthRadius),
    () => `Error in localResponseNormalization: depthRadius must be an integer but got depthRadius ${depthRadius}.`);
  const batch = castTo(input.rank === 3 ? reshape(input, [1, ...input.shape]) : input, 'float32');
  const [y] = engine.run('LRN', { depth_radius: depthRadius, bias, alpha, beta }, [batch]);
  return input.rank === 3 ? reshape(y, y.shape.slice(1)) : y;
});
