/** Sizes of sliding windows, as TensorFlow.js describes them: conv_util of tf.backend_util. */
import { assert, failure } from '../core/util.js';

/** @typedef {'valid' | 'same' | number | number[][]} Pad */
/** @typedef {'floor' | 'round' | 'ceil' | undefined | null} DimRoundingMode */
/** @typedef {'channelsLast' | 'channelsFirst'} ChannelsFormat */
/** @typedef {{before: number, after: number, out: number, type: string}} Extent padding and output size along an axis */

/** @param {number | readonly number[]} value @param {number} count @returns {number[]} */
function spread(value, count) {
  if (typeof value === 'number') return new Array(count).fill(value);
  if (value.length === 2 && count === 3) return [...value, 1];
  return [...value];
}

/** @param {number} size @param {number} dilation */
const dilate = (size, dilation) => (dilation <= 1 ? size : size + (size - 1) * (dilation - 1));

/** @param {number} value @param {DimRoundingMode} mode */
function roundBy(value, mode) {
  if (!mode) return Math.trunc(value);
  if (mode === 'round') return Math.round(value);
  if (mode === 'ceil') return Math.ceil(value);
  if (mode === 'floor') return Math.floor(value);
  throw failure('INVALID_ARGUMENT', `Unknown roundingMode ${mode}`);
}

/**
 * @param {number} size
 * @param {number} window with its dilation
 * @param {number} stride
 * @param {Pad} pad
 * @param {number} axis in pad's list
 * @param {DimRoundingMode} mode
 * @returns {Extent}
 */
function extentOf(size, window, stride, pad, axis, mode) {
  if (pad === 'same') {
    const out = Math.ceil(size / stride);
    const along = Math.max(0, (out - 1) * stride + window - size);
    return { before: Math.floor(along / 2), after: along - Math.floor(along / 2), out, type: 'SAME' };
  }
  if (pad === 'valid') return { before: 0, after: 0, out: Math.ceil((size - window + 1) / stride), type: 'VALID' };
  if (typeof pad === 'number') return { before: pad, after: pad, out: roundBy((size - window + 2 * pad) / stride + 1, mode),
    type: pad === 0 ? 'VALID' : 'NUMBER' };
  if (!Array.isArray(pad)) throw failure('INVALID_ARGUMENT', `Unknown padding parameter: ${pad}`);
  const [before, after] = pad[axis];
  return { before, after, out: roundBy((size - window + before + after) / stride + 1, mode), type: 'EXPLICIT' };
}

/**
 * The description of a window over images.
 * @param {readonly number[]} inShape
 * @param {readonly number[]} filterShape
 * @param {number | readonly number[]} strides
 * @param {number | readonly number[]} dilations
 * @param {Pad} pad
 * @param {DimRoundingMode} [roundingMode]
 * @param {boolean} [depthwise]
 * @param {ChannelsFormat} [dataFormat]
 */
export function computeConv2DInfo(inShape, filterShape, strides, dilations, pad, roundingMode, depthwise = false, dataFormat = 'channelsLast') {
  const isLast = dataFormat === 'channelsLast';
  if (!isLast && dataFormat !== 'channelsFirst') throw failure('INVALID_ARGUMENT', `Unknown dataFormat ${dataFormat}`);
  const [batchSize] = inShape;
  const [inHeight, inWidth, inChannels] = isLast ? inShape.slice(1) : [inShape[2], inShape[3], inShape[1]];
  const [filterHeight, filterWidth, , filterChannels] = filterShape;
  const [strideHeight, strideWidth] = spread(strides, 2);
  const [dilationHeight, dilationWidth] = spread(dilations, 2);
  const effectiveFilterHeight = dilate(filterHeight, dilationHeight);
  const effectiveFilterWidth = dilate(filterWidth, dilationWidth);
  const firstAxis = isLast ? 1 : 2;
  const rows = extentOf(inHeight, effectiveFilterHeight, strideHeight, pad, firstAxis, roundingMode);
  const columns = extentOf(inWidth, effectiveFilterWidth, strideWidth, pad, firstAxis + 1, roundingMode);
  const isNoPadding = [rows.before, rows.after, columns.before, columns.after].every(size => size === 0);
  const type = rows.type === 'EXPLICIT' && isNoPadding ? 'VALID' : rows.type;
  const outChannels = depthwise ? filterChannels * inChannels : filterChannels;
  const outShape = isLast ? [batchSize, rows.out, columns.out, outChannels] : [batchSize, outChannels, rows.out, columns.out];
  return {
    batchSize, dataFormat, inHeight, inWidth, inChannels, outHeight: rows.out, outWidth: columns.out, outChannels,
    padInfo: { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after, type },
    strideHeight, strideWidth, filterHeight, filterWidth, effectiveFilterHeight, effectiveFilterWidth, dilationHeight, dilationWidth,
    inShape, outShape, filterShape,
  };
}

/**
 * The description of a window over volumes.
 * @param {readonly number[]} inShape
 * @param {readonly number[]} filterShape
 * @param {number | readonly number[]} strides
 * @param {number | readonly number[]} dilations
 * @param {Pad} pad
 * @param {boolean} [depthwise]
 * @param {ChannelsFormat} [dataFormat]
 * @param {DimRoundingMode} [roundingMode]
 */
export function computeConv3DInfo(inShape, filterShape, strides, dilations, pad, depthwise = false, dataFormat = 'channelsLast', roundingMode) {
  const isLast = dataFormat === 'channelsLast';
  if (!isLast && dataFormat !== 'channelsFirst') throw failure('INVALID_ARGUMENT', `Unknown dataFormat ${dataFormat}`);
  const [batchSize] = inShape;
  const [inDepth, inHeight, inWidth, inChannels] = isLast ? inShape.slice(1) : [...inShape.slice(2), inShape[1]];
  const [filterDepth, filterHeight, filterWidth, , filterChannels] = filterShape;
  const [strideDepth, strideHeight, strideWidth] = spread(strides, 3);
  const [dilationDepth, dilationHeight, dilationWidth] = spread(dilations, 3);
  const effectiveFilterDepth = dilate(filterDepth, dilationDepth);
  const effectiveFilterHeight = dilate(filterHeight, dilationHeight);
  const effectiveFilterWidth = dilate(filterWidth, dilationWidth);
  const windows = [[inDepth, effectiveFilterDepth, strideDepth], [inHeight, effectiveFilterHeight, strideHeight],
    [inWidth, effectiveFilterWidth, strideWidth]];
  if (Array.isArray(pad)) throw failure('INVALID_ARGUMENT', `Unknown padding parameter: ${pad}`);
  const [slices, rows, columns] = windows.map(([size, window, stride]) => extentOf(size, window, stride, pad, 0, roundingMode));
  const outChannels = depthwise ? filterChannels * inChannels : filterChannels;
  const outSizes = [slices.out, rows.out, columns.out];
  const outShape = isLast ? [batchSize, ...outSizes, outChannels] : [batchSize, outChannels, ...outSizes];
  return {
    batchSize, dataFormat, inDepth, inHeight, inWidth, inChannels, outDepth: slices.out, outHeight: rows.out, outWidth: columns.out, outChannels,
    padInfo: {
      top: rows.before, bottom: rows.after, left: columns.before, right: columns.after, front: slices.before, back: slices.after, type: slices.type,
    },
    strideDepth, strideHeight, strideWidth, filterDepth, filterHeight, filterWidth, effectiveFilterDepth, effectiveFilterHeight, effectiveFilterWidth,
    dilationDepth, dilationHeight, dilationWidth, inShape, outShape, filterShape,
  };
}

/**
 * @param {readonly number[]} inShape
 * @param {number | readonly number[]} filterSize
 * @param {number | readonly number[]} strides
 * @param {number | readonly number[]} dilations
 * @param {Pad} pad
 * @param {DimRoundingMode} [roundingMode]
 * @param {ChannelsFormat} [dataFormat]
 */
export function computePool2DInfo(inShape, filterSize, strides, dilations, pad, roundingMode, dataFormat = 'channelsLast') {
  const channels = dataFormat === 'channelsLast' ? inShape[3] : inShape[1];
  return computeConv2DInfo(inShape, [...spread(filterSize, 2), channels, channels], strides, dilations, pad, roundingMode, false, dataFormat);
}

/**
 * @param {readonly number[]} inShape
 * @param {number | readonly number[]} filterSize
 * @param {number | readonly number[]} strides
 * @param {number | readonly number[]} dilations
 * @param {Pad} pad
 * @param {DimRoundingMode} [roundingMode]
 * @param {'NDHWC' | 'NCDHW'} [dataFormat]
 */
export function computePool3DInfo(inShape, filterSize, strides, dilations, pad, roundingMode, dataFormat = 'NDHWC') {
  const isLast = dataFormat === 'NDHWC';
  if (!isLast && dataFormat !== 'NCDHW') throw failure('INVALID_ARGUMENT', `Unknown dataFormat ${dataFormat}`);
  const channels = isLast ? inShape[4] : inShape[1];
  return computeConv3DInfo(inShape, [...spread(filterSize, 3), channels, channels], strides, dilations, pad, false,
    isLast ? 'channelsLast' : 'channelsFirst', roundingMode);
}

/**
 * @param {readonly number[]} inputShape
 * @param {readonly number[]} filterShape
 * @param {number | readonly number[]} strides
 * @param {Pad} pad
 * @param {'NHWC'} [dataFormat]
 * @param {number | readonly number[]} [dilations]
 */
export function computeDilation2DInfo(inputShape, filterShape, strides, pad, dataFormat = 'NHWC', dilations = [1, 1]) {
  return computeConv2DInfo(inputShape, [...filterShape, inputShape[3]], strides, dilations, pad, null, false, convertConv2DDataFormat(dataFormat));
}

/**
 * The padding on each side that keeps the size.
 * @param {readonly number[]} inputShape
 * @param {number} fieldSize
 * @param {number} stride
 * @param {number} [dilation]
 */
export function computeDefaultPad(inputShape, fieldSize, stride, dilation = 1) {
  return Math.floor((inputShape[0] * (stride - 1) - stride + dilate(fieldSize, dilation)) / 2);
}

/** @param {'NHWC' | 'NCHW'} dataFormat @returns {ChannelsFormat} */
export function convertConv2DDataFormat(dataFormat) {
  if (dataFormat === 'NHWC') return 'channelsLast';
  if (dataFormat === 'NCHW') return 'channelsFirst';
  throw failure('INVALID_ARGUMENT', `Unknown dataFormat ${dataFormat}`);
}

/** @param {number | readonly number[]} values */
export function tupleValuesAreOne(values) {
  return spread(values, 3).slice(0, typeof values === 'number' ? 3 : values.length).every(value => value === 1);
}

/** @param {number | readonly number[]} strides @param {number | readonly number[]} dilations */
export function eitherStridesOrDilationsAreOne(strides, dilations) {
  return tupleValuesAreOne(strides) || tupleValuesAreOne(dilations);
}

/** @param {number | readonly number[]} values */
export function stridesOrDilationsArePositive(values) {
  return spread(values, 3).every(value => value > 0);
}

/**
 * Throws unless the padding fits the rounding mode.
 * @param {string} opName
 * @param {Pad} pad
 * @param {DimRoundingMode} dimRoundingMode
 */
export function checkPadOnDimRoundingMode(opName, pad, dimRoundingMode) {
  if (dimRoundingMode == null) return;
  if (typeof pad === 'string') {
    throw failure('INVALID_ARGUMENT', `Error in ${opName}: pad must be an integer when using dimRoundingMode ${dimRoundingMode} but ` +
      `got pad ${pad}.`);
  }
  const check = (/** @type {any} */ value) => assert(Number.isInteger(value),
    () => `Error in ${opName}: pad must be an integer when using dimRoundingMode ${dimRoundingMode} but got pad ${value}.`);
  if (typeof pad !== 'number' && !Array.isArray(pad)) {
    throw failure('INVALID_ARGUMENT', `Error in ${opName}: Unknown padding parameter: ${pad}`);
  }
  [pad].flat(2).forEach(check);
}
