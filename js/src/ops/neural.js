/** Ops of neural networks: convolution, pooling, normalization, softmax, resizing of images. */
import { checkPadOnDimRoundingMode, computeConv2DInfo, computePool2DInfo } from '../backend_util/windows.js';
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, failure } from '../core/util.js';
import { add, mul, rsqrt, sub } from './elementwise.js';
import { checkedPads } from './padding.js';
import { reshape, reverse, transpose } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */
/** @import { Pad } from '../backend_util/windows.js' */

/** @typedef {number | readonly number[]} Pair one number for both axes, or [height, width] */
/**
 * A number of zeros on all sides, or [before, after] of each of the four axes.
 * @typedef {'valid' | 'same' | number | readonly (readonly number[])[]} Padding
 */
/** @typedef {'floor' | 'round' | 'ceil'} DimRoundingMode */

/**
 * @callback Convolution
 * @param {TensorLike} x
 * @param {TensorLike} filter
 * @param {Pair} strides
 * @param {Padding} pad
 * @param {'NHWC' | 'NCHW'} [dataFormat]
 * @param {Pair} [dilations]
 * @param {DimRoundingMode} [dimRoundingMode]
 * @returns {Tensor}
 */

/** @param {Pair} pair */
function pairOf(pair) {
  return typeof pair === 'number' ? [pair, pair] : [pair[0], pair[1]];
}

/**
 * Padding as the native ops take it, for the windows that `describe` finds.
 * @param {string} who
 * @param {Padding} padding
 * @param {DimRoundingMode | undefined | null} roundingMode
 * @param {() => {inHeight: number, inWidth: number, outHeight: number, outWidth: number, effectiveFilterHeight: number,
 *   effectiveFilterWidth: number,
 *   strideHeight: number, strideWidth: number, padInfo: {top: number, left: number}}} describe
 * @param {boolean} [isFirst] whether channels come before height and width
 */
function paddingAttributes(who, padding, roundingMode, describe, isFirst = false) {
  const pad = /** @type {Pad} */ (padding);
  if (pad === 'valid' || pad === 'same') return checkedPads(who, pad, roundingMode, []);
  if (roundingMode == null && Array.isArray(pad)) return { padding: 'explicit', pads: isFirst ? [pad[2], pad[3]] : [pad[1], pad[2]] };
  if (roundingMode == null && typeof pad === 'number') return { padding: 'explicit', pads: [[pad, pad], [pad, pad]] };
  checkPadOnDimRoundingMode(who, pad, roundingMode);
  const info = describe();
  return checkedPads(who, pad, roundingMode, [
    { size: info.inHeight, window: info.effectiveFilterHeight, stride: info.strideHeight, out: info.outHeight, before: info.padInfo.top },
    { size: info.inWidth, window: info.effectiveFilterWidth, stride: info.strideWidth, out: info.outWidth, before: info.padInfo.left },
  ]);
}

/**
 * Runs an op of images on one image as well: [height, width, channels] becomes a batch of one, and the result an image.
 * @param {Tensor} x
 * @param {(x: string) => string} message for another rank
 * @param {(batch: Tensor) => Tensor} body
 */
function onBatch(x, message, body) {
  assert(x.rank === 3 || x.rank === 4, () => message(String(x.rank)), 'SHAPE');
  if (x.rank === 4) return body(x);
  const y = body(reshape(x, [1, ...x.shape]));
  return reshape(y, y.shape.slice(1));
}

/**
 * @param {string} who
 * @param {Pair} strides
 * @param {Pair} dilations
 */
function assertStrides(who, strides, dilations) {
  const isOne = (/** @type {Pair} */ pair) => pairOf(pair).every(value => value === 1);
  assert(isOne(strides) || isOne(dilations),
    () => `Error in ${who}: Either strides or dilations must be 1. Got strides ${strides} and dilations '${dilations}'`);
  assert(pairOf(dilations).every(value => value > 0), () => `Error in ${who}: Dilated rates should be larger than 0.`);
  assert(pairOf(strides).every(value => value > 0), () => `Error in ${who}: Strides should be larger than 0.`);
}

/**
 * @param {{shape: readonly number[]}} x
 * @param {Tensor} filter
 * @param {Pair} strides
 * @param {Pair} dilations
 * @param {Padding} pad
 * @param {DimRoundingMode | undefined | null} mode
 * @param {'NHWC' | 'NCHW'} dataFormat
 */
function windowsOf(x, filter, strides, dilations, pad, mode, dataFormat) {
  return computeConv2DInfo(x.shape, filter.shape, strides, dilations, /** @type {Pad} */ (pad), mode, false, isChannelsFirst(dataFormat)
    ? 'channelsFirst'
    : 'channelsLast');
}

/** @param {'NHWC' | 'NCHW'} dataFormat */
const isChannelsFirst = dataFormat => dataFormat === 'NCHW';

/**
 * Convolves images [batch, height, width, channels] (or one image) with a filter [height, width, channels in, channels out].
 * @type {Convolution}
 */
export const conv2d = op('conv2d', (x, filter, strides, pad, dataFormat = 'NHWC', dilations = [1, 1], dimRoundingMode) => {
  const weights = convertToTensor(filter, 'filter', 'conv2d', 'float32');
  return onBatch(convertToTensor(x, 'x', 'conv2d', 'float32'), rank => `Error in conv2d: input must be rank 4, but got rank ` +
    `${rank}.`, batch => {
    assert(weights.rank === 4, () => `Error in conv2d: filter must be rank 4, but got rank ${weights.rank}.`, 'SHAPE');
    const padding = paddingAttributes('conv2d', pad, dimRoundingMode,
      () => windowsOf(batch, weights, strides, dilations, pad, dimRoundingMode, dataFormat), isChannelsFirst(dataFormat));
    const depth = batch.shape[isChannelsFirst(dataFormat) ? 1 : 3];
    assert(depth === weights.shape[2],
      () => `Error in conv2d: depth of input (${depth}) must match input depth for filter ${weights.shape[2]}.`, 'SHAPE');
    assertStrides('conv2D', strides, dilations);
    return convolve('Conv2D', batch, weights, { strides: pairOf(strides), dilations: pairOf(dilations), ...padding }, dataFormat);
  });
});

/**
 * Convolves each channel with filters of its own: filter [height, width, channels, multiplier].
 * @type {Convolution}
 */
export const depthwiseConv2d = op('depthwiseConv2d', (x, filter, strides, pad, dataFormat = 'NHWC', rates, dimRoundingMode) => {
  const dilations = rates ?? [1, 1];
  const weights = convertToTensor(filter, 'filter', 'depthwiseConv2d', 'float32');
  const input = convertToTensor(x, 'x', 'depthwiseConv2d', 'float32');
  return onBatch(input, rank => `Error in depthwiseConv2d: input must be rank 4, but got rank ${rank}.`, batch => {
    assert(weights.rank === 4, () => `Error in depthwiseConv2d: filter must be rank 4, but got rank ${weights.rank}.`, 'SHAPE');
    const depth = batch.shape[isChannelsFirst(dataFormat) ? 1 : 3];
    assert(depth === weights.shape[2],
      () => `Error in depthwiseConv2d: number of input channels (${depth}) must match the inChannels dimension ` +
      `in filter ${weights.shape[2]}.`, 'SHAPE');
    const padding = paddingAttributes('depthwiseConv2d', pad, dimRoundingMode,
      () => windowsOf(batch, weights, strides, dilations, pad, dimRoundingMode, dataFormat), isChannelsFirst(dataFormat));
    assertStrides('depthwiseConv2d', strides, dilations);
    return convolve('DepthwiseConv2dNative', batch, weights, { strides: pairOf(strides), dilations: pairOf(dilations), ...padding }, dataFormat);
  });
});

/**
 * @param {string} kernel
 * @param {Tensor} x
 * @param {Tensor} filter
 * @param {object} attributes
 * @param {'NHWC' | 'NCHW'} dataFormat
 */
function convolve(kernel, x, filter, attributes, dataFormat) {
  if (!isChannelsFirst(dataFormat)) return engine.run(kernel, attributes, [x, filter])[0];
  return transpose(engine.run(kernel, attributes, [transpose(x, [0, 2, 3, 1]), filter])[0], [0, 3, 1, 2]);
}

/**
 * What a convolution that gives x would have taken: images of outputShape [batch, height, width, channels out] (without batch for one
 * image), with a filter [height, width, channels out, channels in].
 * @type {(x: TensorLike, filter: TensorLike, outputShape: readonly number[], strides: Pair, pad: Padding,
 *   dimRoundingMode?: DimRoundingMode) => Tensor}
 */
export const conv2dTranspose = op('conv2dTranspose', (x, filter, outputShape, strides, pad, dimRoundingMode) => {
  const input = convertToTensor(x, 'x', 'conv2dTranspose', 'float32');
  const weights = convertToTensor(filter, 'filter', 'conv2dTranspose', 'float32');
  const attributes = { strides: pairOf(strides), dilations: [1, 1], ...paddingAttributes('conv2dTranspose', pad, dimRoundingMode,
    () => windowsOf({ shape: input.rank === 3 ? [1, ...outputShape] : outputShape }, weights, strides, 1, pad, dimRoundingMode, 'NHWC')) };
  return onBatch(input, rank => `Error in conv2dDerInput: dy must be rank 4, but got rank ${rank}`, batch => {
    const like = engine.makeTensor(null, input.rank === 3 ? [1, ...outputShape] : outputShape, 'float32');
    return engine.run('Conv2DBackpropInput', attributes, [batch, weights, like])[0];
  });
});

/**
 * A depthwise convolution and a 1x1 convolution after it.
 * @type {(x: TensorLike, depthwiseFilter: TensorLike, pointwiseFilter: TensorLike, strides: Pair, pad: Padding, dilation?: Pair,
 *   dataFormat?: 'NHWC' | 'NCHW') => Tensor}
 */
export const separableConv2d = op('separableConv2d', (x, depthwiseFilter, pointwiseFilter, strides, pad, dilation = [1, 1], dataFormat = 'NHWC') => {
  const input = convertToTensor(x, 'x', 'separableConv2d');
  const depthwise = convertToTensor(depthwiseFilter, 'depthwiseFilter', 'separableConv2d');
  const pointwise = convertToTensor(pointwiseFilter, 'pointwiseFilter', 'separableConv2d');
  const who = 'Error in separableConv2d';
  if (isChannelsFirst(dataFormat)) {
    throw failure('UNSUPPORTED', 'separableConv2d currently does not support dataFormat NCHW; only NHWC is supported');
  }
  assert(input.rank === 3 || input.rank === 4, () => `${who}: input must be rank 4, but got rank ${input.rank}.`, 'SHAPE');
  assert(depthwise.rank === 4, () => `${who}: depthwise filter must be rank 4, but got rank ${depthwise.rank}.`, 'SHAPE');
  assert(pointwise.rank === 4, () => `${who}: pointwise filter must be rank 4, but got rank ${pointwise.rank}.`, 'SHAPE');
  assert(pointwise.shape[0] === 1,
    () => `${who}: the first dimension of pointwise filter  must be 1, but got ${pointwise.shape[0]}.`, 'SHAPE');
  assert(pointwise.shape[1] === 1,
    () => `${who}: the second dimension of pointwise filter must be 1, but got ${pointwise.shape[1]}.`, 'SHAPE');
  const between = depthwise.shape[2] * depthwise.shape[3];
  assert(pointwise.shape[2] === between,
    () => `${who}: the third dimension of pointwise filter must be ${between}, but got ${pointwise.shape[2]}.`, 'SHAPE');
  return conv2d(depthwiseConv2d(input, depthwise, strides, pad, dataFormat, dilation), pointwise, 1, 'valid', dataFormat);
});

/**
 * Convolves sequences [batch, width, channels] (or one sequence) with a filter [width, channels in, channels out].
 * @type {(x: TensorLike, filter: TensorLike, stride: number, pad: 'valid' | 'same' | number, dataFormat?: 'NWC', dilation?: number,
 *   dimRoundingMode?: DimRoundingMode) => Tensor}
 */
export const conv1d = op('conv1d', (x, filter, stride, pad, dataFormat = 'NWC', dilation = 1, dimRoundingMode) => {
  const input = convertToTensor(x, 'x', 'conv1d', 'float32');
  const weights = convertToTensor(filter, 'filter', 'conv1d', 'float32');
  assert(input.rank === 2 || input.rank === 3, () => `Error in conv1d: input must be rank 3, but got rank ${input.rank}.`, 'SHAPE');
  assert(weights.rank === 3, () => `Error in conv1d: filter must be rank 3, but got rank ${weights.rank}.`, 'SHAPE');
  assert(dataFormat === 'NWC', () => `Error in conv1d: got dataFormat of ${dataFormat} but only NWC is currently supported.`);
  const [width, channels] = input.shape.slice(-2);
  assert(channels === weights.shape[1],
    () => `Error in conv1d: depth of input (${channels}) must match input depth for filter ${weights.shape[1]}.`, 'SHAPE');
  const rows = reshape(input, [input.rank === 3 ? input.shape[0] : 1, 1, width, channels]);
  const padding = typeof pad === 'number' ? [[0, 0], [0, 0], [pad, pad], [0, 0]] : pad;
  const y = conv2d(rows, reshape(weights, [1, ...weights.shape]), [1, stride], padding, 'NHWC', [1, dilation], dimRoundingMode);
  return reshape(y, input.rank === 3 ? [y.shape[0], ...y.shape.slice(2)] : y.shape.slice(2));
});

/**
 * @param {string} name
 * @param {string} kernel
 * @returns {(x: TensorLike, filterSize: Pair, strides: Pair, pad: Padding, dimRoundingMode?: DimRoundingMode) => Tensor}
 */
function pooling(name, kernel) {
  return op(name, (x, filterSize, strides, pad, dimRoundingMode) => {
    const input = convertToTensor(x, 'x', name, name === 'avgPool' ? 'float32' : 'numeric');
    const subject = name === 'avgPool' ? 'x' : 'input';
    const y = onBatch(castTo(input, 'float32'), rank => `Error in ${name}: ${subject} must be rank 4 but got rank ${rank}.`, batch => {
      const padding = paddingAttributes(name, pad, dimRoundingMode, () =>
        computePool2DInfo(batch.shape, filterSize, strides, 1, /** @type {Pad} */ (pad), dimRoundingMode));
      const attributes = { size: pairOf(filterSize), strides: pairOf(strides) };
      if (kernel !== 'MaxPool' || padding.pads === undefined) return engine.run(kernel, { ...attributes, ...padding }, [batch])[0];
      const paddings = [0, 0, ...padding.pads.flat(), 0, 0];
      return engine.run(kernel, { ...attributes, padding: 'valid' }, engine.run('PadV2', { paddings, value: -Infinity }, [batch]))[0];
    });
    return castTo(y, input.dtype);
  });
}

/** The largest element of each window. */
export const maxPool = pooling('maxPool', 'MaxPool');
/** The mean of each window; padding counts neither as a value nor as an element. */
export const avgPool = pooling('avgPool', 'AvgPool');

/** exp(x) / sum(exp(x)) along the last axis. */
export const softmax = op('softmax', (/** @type {TensorLike} */ logits, dim = -1) => {
  const input = convertToTensor(logits, 'logits', 'softmax', 'float32');
  assert(dim === -1 || dim === input.rank - 1,
    () => `Softmax along a non-last dimension is not yet supported. Logits was rank ${input.rank} and dim was ${dim}`);
  return engine.run('Softmax', null, [input])[0];
});

/** log(softmax(x)) along the last axis. */
export const logSoftmax = op('logSoftmax', (/** @type {TensorLike} */ logits, axis = -1) => {
  const input = convertToTensor(logits, 'logits', 'logSoftmax');
  assert(axis === -1 || axis === input.rank - 1,
    () => `Log Softmax along a non-last dimension is not yet supported. Logits was rank ${input.rank} and axis was ${axis}`);
  return engine.run('LogSoftmax', null, [castTo(input, 'float32')])[0];
});

/**
 * (x - mean) scale / sqrt(variance + varianceEpsilon) + offset.
 * @type {(x: TensorLike, mean: TensorLike, variance: TensorLike, offset?: TensorLike | null, scale?: TensorLike | null,
 *   varianceEpsilon?: number) => Tensor}
 */
export const batchNorm = op('batchNorm', (x, mean, variance, offset, scale, varianceEpsilon = 0.001) => {
  const input = convertToTensor(x, 'x', 'batchNorm');
  const center = convertToTensor(mean, 'mean', 'batchNorm');
  const spread = convertToTensor(variance, 'variance', 'batchNorm');
  const gamma = scale == null ? null : convertToTensor(scale, 'scale', 'batchNorm');
  const beta = offset == null ? null : convertToTensor(offset, 'offset', 'batchNorm');
  for (const [name, statistic] of /** @type {[string, Tensor | null][]} */ ([['variance', spread], ['offset', beta], ['scale', gamma]])) {
    assert(statistic === null || statistic.rank === center.rank,
      () => `Batch normalization gradient requires mean and ${name} to have equal ranks.`, 'SHAPE');
  }
  const isPerChannel = [center, spread, gamma, beta].every(t => t === null || (t.rank === 1 && t.size === input.shape.at(-1)));
  if (isPerChannel) return engine.run('FusedBatchNorm', { epsilon: varianceEpsilon }, [input, gamma, beta, center, spread])[0];
  const factor = rsqrt(add(spread, varianceEpsilon));
  const normalized = mul(sub(input, center), gamma === null ? factor : mul(factor, gamma));
  return beta === null ? normalized : add(normalized, beta);
});

/**
 * @param {string} name
 * @param {string} kernel
 * @returns {(images: TensorLike, size: readonly [number, number], alignCorners?: boolean, halfPixelCenters?: boolean) => Tensor}
 */
function resizer(name, kernel) {
  return op(name, (images, size, alignCorners = false, halfPixelCenters = false) => {
    const input = convertToTensor(images, 'images', name);
    assert(size.length === 2, () => `Error in ${name}: new shape must 2D, but got shape ${size}.`);
    assert(!halfPixelCenters || !alignCorners, () => `Error in ${name}: If halfPixelCenters is true, alignCorners must be false.`);
    return onBatch(input, rank => `Error in ${name}: x must be rank 3 or 4, but got rank ${rank}.`,
      batch => engine.run(kernel, { size, align_corners: alignCorners, half_pixel_centers: halfPixelCenters }, [batch])[0]);
  });
}

const resizeBilinear = resizer('resizeBilinear', 'ResizeBilinear');
/** Sizes images by the nearest pixel; int32 stays int32. */
const resizeNearestNeighbor = resizer('resizeNearestNeighbor', 'ResizeNearestNeighbor');

/** Images [batch, height, width, channels] mirrored. */
const flipLeftRight = op('flipLeftRight', (/** @type {TensorLike} */ image) => {
  const input = convertToTensor(image, 'image', 'flipLeftRight', 'float32');
  assert(input.rank === 4, () => `Error in flipLeftRight: image must be rank 4,but got rank ${input.rank}.`, 'SHAPE');
  return reverse(input, 2);
});

/** A part of tf.image. */
export const resizing = { resizeBilinear, resizeNearestNeighbor, flipLeftRight };
