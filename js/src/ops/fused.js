/** tf.fused: a product or a convolution, a bias and an activation. */
import { convertToTensor, op } from '../core/convert.js';
import { assert, broadcastShape, failure } from '../core/util.js';
import { add, elu, leakyRelu, prelu, relu, relu6, sigmoid } from './elementwise.js';
import { matMul as product } from './linear.js';
import { conv2d as convolve, depthwiseConv2d as convolveDepthwise } from './neural.js';
import { reshape } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */
/** @import { DimRoundingMode, Padding, Pair } from './neural.js' */

/** @typedef {'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'prelu' | 'leakyrelu'} Activation */
/** @typedef {{bias?: TensorLike | null, activation?: Activation, preluActivationWeights?: TensorLike, leakyreluAlpha?: number}} Ending */
/**
 * @typedef {Ending & {x: TensorLike, filter: TensorLike, strides: Pair, pad: Padding, dataFormat?: 'NHWC' | 'NCHW', dilations?: Pair,
 *   dimRoundingMode?: DimRoundingMode}} FusedConvolution
 */

/**
 * @param {string} name
 * @param {Tensor} y
 * @param {Ending} ending
 * @param {(bias: Tensor) => Tensor} [placed] the bias where it belongs
 */
function finish(name, y, { bias, activation = 'linear', preluActivationWeights, leakyreluAlpha }, placed = tensor => tensor) {
  const biased = bias == null ? y : add(y, placed(convertToTensor(bias, 'bias', `fused ${name}`)));
  if (activation === 'linear') return biased;
  if (activation === 'relu') return relu(biased);
  if (activation === 'relu6') return relu6(biased);
  if (activation === 'elu') return elu(biased);
  if (activation === 'sigmoid') return sigmoid(biased);
  if (activation === 'leakyrelu') return leakyRelu(biased, leakyreluAlpha);
  if (activation === 'prelu') return prelu(biased, /** @type {TensorLike} */ (preluActivationWeights));
  throw failure('INVALID_ARGUMENT', `Unknown fused activation ${activation}.`);
}

/** @type {(args: Ending & {a: TensorLike, b: TensorLike, transposeA?: boolean, transposeB?: boolean}) => Tensor} */
const matMul = op('fusedMatMul', ({ a, b, transposeA = false, transposeB = false, ...ending }) => {
  const left = convertToTensor(a, 'a', 'fused matMul');
  const right = convertToTensor(b, 'b', 'fused matMul');
  const y = product(left, right, transposeA, transposeB);
  if (ending.bias != null) broadcastShape(y.shape, convertToTensor(ending.bias, 'bias', 'fused matMul').shape);
  return finish('matMul', y, ending);
});

/**
 * A bias a channel, along the axis of channels.
 * @param {Tensor} y
 * @param {'NHWC' | 'NCHW'} dataFormat
 * @returns {(bias: Tensor) => Tensor}
 */
function biasOf(y, dataFormat) {
  const isFirst = dataFormat === 'NCHW';
  const channels = y.shape[isFirst ? y.rank - 3 : y.rank - 1];
  return bias => {
    assert(bias.rank <= 1 || bias.shape.length <= y.rank,
      () => `Error in fused conv2d: the computed bias rank ${bias.rank} is not compatible`, 'SHAPE');
    if (!isFirst) broadcastShape(y.shape, bias.shape);
    if (bias.rank === 1 && isFirst) {
      assert(bias.shape[0] === channels || bias.shape[0] === 1,
        () => `Error in fused conv2d: the bias shape (${bias.shape}) is not compatible with the number of output channels ` +
          `(${channels})`, 'SHAPE');
      return reshape(bias, [bias.size, 1, 1]);
    }
    return bias;
  };
}

/** Weights of prelu, along the axis of channels. @param {FusedConvolution} args */
function endingOf({ bias, activation, preluActivationWeights, leakyreluAlpha, dataFormat = 'NHWC' }) {
  const weights = preluActivationWeights && convertToTensor(preluActivationWeights, 'prelu weights', 'fused conv2d');
  const placed = weights && weights.rank === 1 && dataFormat === 'NCHW' ? reshape(weights, [weights.size, 1, 1]) : weights;
  return { bias, activation, preluActivationWeights: placed, leakyreluAlpha };
}

/** @type {(args: FusedConvolution) => Tensor} */
const conv2d = op('fusedConv2d', args => {
  const { x, filter, strides, pad, dataFormat = 'NHWC', dilations = [1, 1], dimRoundingMode } = args;
  const y = convolve(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
  return finish('conv2d', y, endingOf(args), biasOf(y, dataFormat));
});

/** @type {(args: FusedConvolution) => Tensor} */
const depthwiseConv2d = op('fusedDepthwiseConv2d', args => {
  const { x, filter, strides, pad, dataFormat = 'NHWC', dilations = [1, 1], dimRoundingMode } = args;
  const y = convolveDepthwise(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
  return finish('conv2d', y, endingOf(args), biasOf(y, dataFormat));
});

export const fused = { conv2d, depthwiseConv2d, matMul };
