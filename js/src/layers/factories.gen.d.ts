// Written by scripts/generate-layer-types.mjs from the field tables of the native library.
import type { Layer, LayerArgs } from './layer.js';
import type { Serializable } from './serialization.js';

/** A class and its config, as getConfig gives them or as files have them. */
export type Described = { className: string, config?: object } | { class_name: string, config?: object };
/** An initializer, regularizer or constraint: by its name in either spelling, as an object of its class, or described. */
export type Part = string | Serializable | Described;
export type LayerLike = Layer | Described;

/** By name, or a layer. */
export type Activation = 'linear' | 'relu' | 'relu6' | 'elu' | 'selu' | 'sigmoid' | 'hardSigmoid' | 'hard_sigmoid' | 'tanh' | 'softplus' | 'softsign' | 'softmax' | 'logSoftmax' | 'log_softmax' | 'swish' | 'mish' | 'gelu' | 'geluNew' | 'gelu_new' | 'exponential' | 'hardSigmoid3' | 'hard_sigmoid_3' | 'leakyRelu' | 'leaky_relu' | 'glu' | 'hardShrink' | 'hard_shrink' | 'hardSilu' | 'hard_silu' | 'hardTanh' | 'hard_tanh' | 'logSigmoid' | 'log_sigmoid' | 'softShrink' | 'soft_shrink' | 'sparsePlus' | 'sparse_plus' | 'sparseSigmoid' | 'sparse_sigmoid' | 'sparsemax' | 'squareplus' | 'tanhShrink' | 'tanh_shrink' | LayerLike;

export interface ActivationArgs extends LayerArgs {
  activation: Activation;
}

export interface ELUArgs extends LayerArgs {
  alpha?: number;
}

export interface LeakyReLUArgs extends LayerArgs {
  alpha?: number;
  negativeSlope?: number;
}

export interface PReLUArgs extends LayerArgs {
  alphaInitializer?: Part;
  alphaRegularizer?: Part | null;
  alphaConstraint?: Part | null;
  sharedAxes?: number | (number | null)[] | null;
}

export interface ReLUArgs extends LayerArgs {
  maxValue?: number | null;
  negativeSlope?: number;
  threshold?: number;
}

export interface SoftmaxArgs extends LayerArgs {
  axis?: any;
  zeroOutputForMask?: boolean;
}

export interface ThresholdedReLUArgs extends LayerArgs {
  theta?: number;
}

export interface CustomScaleLayerArgs extends LayerArgs {
  scale: number;
}

export interface LayerScaleArgs extends LayerArgs {
  initValues?: number;
  projectionDim: number;
}

export interface StochasticDepthArgs extends LayerArgs {
  dropPathRate: number;
}

export interface Cropping1DArgs extends LayerArgs {
  cropping?: number | number[] | number[][];
}

export interface Cropping2DArgs extends LayerArgs {
  cropping?: number | number[] | number[][];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface Cropping3DArgs extends LayerArgs {
  cropping?: number | number[] | number[][];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface ZeroPadding1DArgs extends LayerArgs {
  padding?: number | number[] | number[][];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface ZeroPadding2DArgs extends LayerArgs {
  padding?: number | number[] | number[][];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface ZeroPadding3DArgs extends LayerArgs {
  padding?: number | number[] | number[][];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AdaptiveAveragePooling1DArgs extends LayerArgs {
  outputSize: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AdaptiveAveragePooling2DArgs extends LayerArgs {
  outputSize: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AdaptiveAveragePooling3DArgs extends LayerArgs {
  outputSize: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AdaptiveMaxPooling1DArgs extends LayerArgs {
  outputSize: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AdaptiveMaxPooling2DArgs extends LayerArgs {
  outputSize: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AdaptiveMaxPooling3DArgs extends LayerArgs {
  outputSize: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AdditiveAttentionArgs extends LayerArgs {
  dropout?: number;
  useScale?: boolean;
  causal?: boolean;
  queryScale?: boolean;
}

export interface AttentionArgs extends LayerArgs {
  dropout?: number;
  useScale?: boolean;
  scoreMode?: 'dot' | 'concat';
  causal?: boolean;
}

export interface PipelineArgs extends LayerArgs {
  layers: any;
}

export interface ConvLSTM1DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  recurrentActivation?: Activation;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  unitForgetBias?: boolean;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  unroll?: boolean;
  zeroOutputForMask?: boolean;
}

export interface ConvLSTM2DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  recurrentActivation?: Activation;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  unitForgetBias?: boolean;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  unroll?: boolean;
  zeroOutputForMask?: boolean;
}

export interface ConvLSTM3DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  recurrentActivation?: Activation;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  unitForgetBias?: boolean;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  unroll?: boolean;
  zeroOutputForMask?: boolean;
}

export interface Conv1DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same' | 'causal';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  groups?: number;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
}

export interface Conv2DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  groups?: number;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
}

export interface Conv3DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  groups?: number;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
}

export interface DepthwiseConv1DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same' | 'causal';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  depthMultiplier?: number;
  depthwiseInitializer?: Part;
  depthwiseRegularizer?: Part | null;
  depthwiseConstraint?: Part | null;
}

export interface DepthwiseConv2DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  depthMultiplier?: number;
  depthwiseInitializer?: Part;
  depthwiseRegularizer?: Part | null;
  depthwiseConstraint?: Part | null;
}

export interface SeparableConv1DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same' | 'causal';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  depthMultiplier?: number;
  depthwiseInitializer?: Part;
  depthwiseRegularizer?: Part | null;
  depthwiseConstraint?: Part | null;
  pointwiseInitializer?: Part;
  pointwiseRegularizer?: Part | null;
  pointwiseConstraint?: Part | null;
}

export interface SeparableConv2DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  depthMultiplier?: number;
  depthwiseInitializer?: Part;
  depthwiseRegularizer?: Part | null;
  depthwiseConstraint?: Part | null;
  pointwiseInitializer?: Part;
  pointwiseRegularizer?: Part | null;
  pointwiseConstraint?: Part | null;
}

export interface Conv1DTransposeArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  outputPadding?: number | (number | null)[] | null;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
}

export interface Conv2DTransposeArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  outputPadding?: number | (number | null)[] | null;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
}

export interface Conv3DTransposeArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  dilationRate?: number | number[];
  activation?: Activation;
  useBias?: boolean;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  filters: number;
  outputPadding?: number | (number | null)[] | null;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
}

export interface ActivityRegularizationArgs extends LayerArgs {
  l1?: number;
  l2?: number;
}

export interface DenseArgs extends LayerArgs {
  units: number;
  activation?: Activation;
  useBias?: boolean;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
}

export interface IdentityArgs extends LayerArgs {
  keepMask?: boolean;
}

export interface MaskingArgs extends LayerArgs {
  maskValue?: number;
}

export interface DotArgs extends LayerArgs {
  axes: any;
  normalize?: boolean;
  smallNorms?: boolean;
}

export interface EinsumDenseArgs extends LayerArgs {
  equation: string;
  outputShape: number | (number | null)[];
  activation?: Activation;
  biasAxes?: string | null;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
}

export interface EmbeddingArgs extends LayerArgs {
  inputDim: number;
  outputDim: number;
  embeddingsInitializer?: Part;
  embeddingsRegularizer?: Part | null;
  embeddingsConstraint?: Part | null;
  activityRegularizer?: Part | null;
  maskZero?: boolean;
  inputLength?: any;
}

export interface ReversibleEmbeddingArgs extends LayerArgs {
  inputDim: number;
  outputDim: number;
  embeddingsInitializer?: Part;
  embeddingsRegularizer?: Part | null;
  embeddingsConstraint?: Part | null;
  activityRegularizer?: Part | null;
  maskZero?: boolean;
  tieWeights?: boolean;
  reverseDtype?: any;
  logitSoftCap?: any;
}

export interface LocallyConnected1DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  activation?: Activation;
  useBias?: boolean;
  filters: number;
  implementation?: number;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
}

export interface LocallyConnected2DArgs extends LayerArgs {
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: 'valid' | 'same';
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  activation?: Activation;
  useBias?: boolean;
  filters: number;
  implementation?: number;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
}

export interface AddArgs extends LayerArgs {
  anyMask?: boolean;
}

export interface AverageArgs extends LayerArgs {
  anyMask?: boolean;
}

export interface ConcatenateArgs extends LayerArgs {
  axis?: number;
  anyMask?: boolean;
}

export interface MaximumArgs extends LayerArgs {
  anyMask?: boolean;
}

export interface MinimumArgs extends LayerArgs {
  anyMask?: boolean;
}

export interface MultiplyArgs extends LayerArgs {
  anyMask?: boolean;
}

export interface SubtractArgs extends LayerArgs {
  anyMask?: boolean;
}

export interface GroupedQueryAttentionArgs extends LayerArgs {
  headDim: number;
  numQueryHeads: number;
  numKeyValueHeads: number;
  dropout?: number;
  useBias?: boolean;
  useGate?: boolean;
  slidingWindow?: any;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  seed?: any;
  zeroOutputForMask?: boolean;
}

export interface MultiHeadAttentionArgs extends LayerArgs {
  numHeads: number;
  keyDim: number;
  valueDim?: number;
  outputShape?: number | (number | null)[] | null;
  attentionAxes?: number | (number | null)[] | null;
  dropout?: number;
  useBias?: boolean;
  useGate?: boolean;
  slidingWindow?: any;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  activityRegularizer?: Part | null;
  seed?: any;
  zeroOutputForMask?: boolean;
}

export interface AlphaDropoutArgs extends LayerArgs {
  rate: number;
  noiseShape?: number | (number | null)[] | null;
  seed?: any;
}

export interface GaussianDropoutArgs extends LayerArgs {
  rate: number;
  seed?: any;
}

export interface GaussianNoiseArgs extends LayerArgs {
  stddev: number;
  seed?: any;
}

export interface BatchNormalizationArgs extends LayerArgs {
  axis?: number;
  momentum?: number;
  epsilon?: number;
  center?: boolean;
  scale?: boolean;
  betaInitializer?: Part;
  betaRegularizer?: Part | null;
  betaConstraint?: Part | null;
  gammaInitializer?: Part;
  gammaRegularizer?: Part | null;
  gammaConstraint?: Part | null;
  movingMeanInitializer?: Part;
  movingVarianceInitializer?: Part;
  renorm?: boolean;
  sampleVariance?: boolean;
}

export interface GroupNormalizationArgs extends LayerArgs {
  groups?: number;
  axis?: number | (number | null)[];
  epsilon?: number;
  center?: boolean;
  scale?: boolean;
  betaInitializer?: Part;
  betaRegularizer?: Part | null;
  betaConstraint?: Part | null;
  gammaInitializer?: Part;
  gammaRegularizer?: Part | null;
  gammaConstraint?: Part | null;
}

export interface LayerNormalizationArgs extends LayerArgs {
  axis?: number | (number | null)[];
  epsilon?: number;
  center?: boolean;
  scale?: boolean;
  betaInitializer?: Part;
  betaRegularizer?: Part | null;
  betaConstraint?: Part | null;
  gammaInitializer?: Part;
  gammaRegularizer?: Part | null;
  gammaConstraint?: Part | null;
  rmsScaling?: boolean;
}

export interface RMSNormalizationArgs extends LayerArgs {
  axis?: number | (number | null)[];
  epsilon?: number;
}

export interface UnitNormalizationArgs extends LayerArgs {
  axis?: number | (number | null)[];
  smallNorms?: boolean;
}

export interface TFOpLambdaArgs extends LayerArgs {
  function: string;
}

export interface PermuteArgs extends LayerArgs {
  dims: number | (number | null)[];
}

export interface RepeatVectorArgs extends LayerArgs {
  n: number;
}

export interface AveragePooling1DArgs extends LayerArgs {
  poolSize?: number | number[];
  padding?: 'valid' | 'same';
  strides?: number | (number | null)[] | null;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AveragePooling2DArgs extends LayerArgs {
  poolSize?: number | number[];
  padding?: 'valid' | 'same';
  strides?: number | (number | null)[] | null;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AveragePooling3DArgs extends LayerArgs {
  poolSize?: number | number[];
  padding?: 'valid' | 'same';
  strides?: number | (number | null)[] | null;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface GlobalAveragePooling1DArgs extends LayerArgs {
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  keepdims?: boolean;
}

export interface GlobalAveragePooling2DArgs extends LayerArgs {
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  keepdims?: boolean;
}

export interface GlobalAveragePooling3DArgs extends LayerArgs {
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  keepdims?: boolean;
}

export interface GlobalMaxPooling1DArgs extends LayerArgs {
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  keepdims?: boolean;
}

export interface GlobalMaxPooling2DArgs extends LayerArgs {
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  keepdims?: boolean;
}

export interface GlobalMaxPooling3DArgs extends LayerArgs {
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  keepdims?: boolean;
}

export interface MaxPooling1DArgs extends LayerArgs {
  poolSize?: number | number[];
  padding?: 'valid' | 'same';
  strides?: number | (number | null)[] | null;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface MaxPooling2DArgs extends LayerArgs {
  poolSize?: number | number[];
  padding?: 'valid' | 'same';
  strides?: number | (number | null)[] | null;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface MaxPooling3DArgs extends LayerArgs {
  poolSize?: number | number[];
  padding?: 'valid' | 'same';
  strides?: number | (number | null)[] | null;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomBrightnessArgs extends LayerArgs {
  factor: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomContrastArgs extends LayerArgs {
  factor: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomCropArgs extends LayerArgs {
  height: number;
  width: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  onlyInTraining?: boolean;
}

export interface RandomFlipArgs extends LayerArgs {
  mode?: 'horizontal' | 'vertical' | 'horizontalAndVertical' | 'horizontal_and_vertical';
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  bothAtOnce?: boolean;
}

export interface RandomHeightArgs extends LayerArgs {
  factor: any;
  interpolation?: string;
  seed?: any;
}

export interface RandomRotationArgs extends LayerArgs {
  factor: any;
  fillMode?: 'constant' | 'reflect' | 'wrap' | 'nearest';
  interpolation?: 'nearest' | 'bilinear';
  fillValue?: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomTranslationArgs extends LayerArgs {
  heightFactor: any;
  widthFactor: any;
  fillMode?: 'constant' | 'reflect' | 'wrap' | 'nearest';
  interpolation?: 'nearest' | 'bilinear';
  fillValue?: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomWidthArgs extends LayerArgs {
  factor: any;
  interpolation?: string;
  seed?: any;
}

export interface RandomZoomArgs extends LayerArgs {
  heightFactor: any;
  widthFactor?: any;
  fillMode?: 'constant' | 'reflect' | 'wrap' | 'nearest';
  interpolation?: 'nearest' | 'bilinear';
  fillValue?: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface HashedCrossingArgs extends LayerArgs {
  numBins: number;
  outputMode?: 'int' | 'oneHot' | 'one_hot';
  sparse?: boolean;
}

export interface HashingArgs extends LayerArgs {
  numBins: number;
  salt?: any;
  maskValue?: any;
  outputMode?: 'int' | 'oneHot' | 'one_hot' | 'multiHot' | 'multi_hot' | 'count';
  sparse?: boolean;
}

export interface CenterCropArgs extends LayerArgs {
  height: number;
  width: number;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface ResizingArgs extends LayerArgs {
  height: number;
  width: number;
  interpolation?: 'bilinear' | 'nearest' | 'bicubic' | 'area' | 'lanczos3' | 'lanczos5' | 'gaussian' | 'mitchellcubic';
  cropToAspectRatio?: boolean;
  padToAspectRatio?: boolean;
  fillMode?: string;
  fillValue?: number;
  antialias?: boolean;
  keepIntegers?: boolean;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface IntegerLookupArgs extends LayerArgs {
  maxTokens?: any;
  numOovIndices?: number;
  maskToken?: any;
  oovToken?: any;
  vocabulary?: any;
  idfWeights?: any;
  invert?: boolean;
  outputMode?: 'int' | 'oneHot' | 'one_hot' | 'multiHot' | 'multi_hot' | 'count' | 'tfIdf' | 'tf_idf';
  sparse?: boolean;
  padToMaxTokens?: boolean;
  vocabularySize?: any;
  integerOutput?: boolean;
  oovMethod?: 'floormod' | 'farmhash';
  salt?: any;
  vocabularyDtype?: string;
}

export interface StringLookupArgs extends LayerArgs {
  maxTokens?: any;
  numOovIndices?: number;
  maskToken?: any;
  oovToken?: any;
  vocabulary?: any;
  idfWeights?: any;
  invert?: boolean;
  outputMode?: 'int' | 'oneHot' | 'one_hot' | 'multiHot' | 'multi_hot' | 'count' | 'tfIdf' | 'tf_idf';
  sparse?: boolean;
  padToMaxTokens?: boolean;
  vocabularySize?: any;
  integerOutput?: boolean;
  oovMethod?: 'floormod' | 'farmhash';
  salt?: any;
  encoding?: string;
}

export interface CategoryEncodingArgs extends LayerArgs {
  numTokens?: number;
  maxTokens?: number;
  outputMode?: 'oneHot' | 'one_hot' | 'multiHot' | 'multi_hot' | 'count';
  sparse?: boolean;
}

export interface DiscretizationArgs extends LayerArgs {
  binBoundaries?: any;
  numBins?: any;
  epsilon?: number;
  outputMode?: 'int' | 'oneHot' | 'one_hot' | 'multiHot' | 'multi_hot' | 'count';
  sparse?: boolean;
}

export interface RescalingArgs extends LayerArgs {
  scale?: any;
  offset?: any;
}

export interface GRUCellArgs extends LayerArgs {
  resetAfter?: boolean;
  units: number;
  activation?: Activation;
  useBias?: boolean;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  recurrentActivation?: Activation;
  implementation?: number;
}

export interface LSTMCellArgs extends LayerArgs {
  unitForgetBias?: boolean;
  units: number;
  activation?: Activation;
  useBias?: boolean;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  recurrentActivation?: Activation;
  implementation?: number;
}

export interface SimpleRNNCellArgs extends LayerArgs {
  units: number;
  activation?: Activation;
  useBias?: boolean;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
}

export interface GRUArgs extends LayerArgs {
  resetAfter?: boolean;
  units: number;
  activation?: Activation;
  useBias?: boolean;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  recurrentActivation?: Activation;
  implementation?: number;
  activityRegularizer?: Part | null;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  unroll?: boolean;
  timeMajor?: boolean;
  zeroOutputForMask?: boolean;
}

export interface LSTMArgs extends LayerArgs {
  unitForgetBias?: boolean;
  units: number;
  activation?: Activation;
  useBias?: boolean;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  recurrentActivation?: Activation;
  implementation?: number;
  activityRegularizer?: Part | null;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  unroll?: boolean;
  timeMajor?: boolean;
  zeroOutputForMask?: boolean;
}

export interface RNNArgs extends LayerArgs {
  cell: LayerLike | LayerLike[];
  activityRegularizer?: Part | null;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  unroll?: boolean;
  timeMajor?: boolean;
  zeroOutputForMask?: boolean;
}

export interface SimpleRNNArgs extends LayerArgs {
  units: number;
  activation?: Activation;
  useBias?: boolean;
  kernelInitializer?: Part;
  kernelRegularizer?: Part | null;
  kernelConstraint?: Part | null;
  recurrentInitializer?: Part;
  recurrentRegularizer?: Part | null;
  recurrentConstraint?: Part | null;
  biasInitializer?: Part;
  biasRegularizer?: Part | null;
  biasConstraint?: Part | null;
  dropout?: number;
  recurrentDropout?: number;
  seed?: any;
  activityRegularizer?: Part | null;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
  stateful?: boolean;
  unroll?: boolean;
  timeMajor?: boolean;
  zeroOutputForMask?: boolean;
}

export interface StackedRNNCellsArgs extends LayerArgs {
  cells: LayerLike[];
  reverseStateOrder?: boolean;
}

export interface SpectralNormalizationArgs extends LayerArgs {
  layer: LayerLike;
  powerIterations?: number;
}

export interface NormalizationArgs extends LayerArgs {
  axis?: number | (number | null)[];
  mean?: any;
  variance?: any;
  invert?: boolean;
}

export interface TimeDistributedArgs extends LayerArgs {
  layer: LayerLike;
}

export interface DropoutArgs extends LayerArgs {
  rate: number;
  noiseShape?: number | (number | null)[] | null;
  seed?: any;
}

export interface SpatialDropout1DArgs extends LayerArgs {
  rate: number;
  seed?: any;
}

export interface SpatialDropout2DArgs extends LayerArgs {
  rate: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface SpatialDropout3DArgs extends LayerArgs {
  rate: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface FlattenArgs extends LayerArgs {
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface ReshapeArgs extends LayerArgs {
  targetShape: number | (number | null)[];
}

export interface UpSampling1DArgs extends LayerArgs {
  size?: number | number[];
  length?: number | number[];
}

export interface UpSampling2DArgs extends LayerArgs {
  size?: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
  interpolation?: 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3' | 'lanczos5' | 'area' | 'gaussian' | 'mitchellcubic';
}

export interface UpSampling3DArgs extends LayerArgs {
  size?: number | number[];
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface BidirectionalArgs extends LayerArgs {
  layer: LayerLike;
  mergeMode?: 'concat' | 'sum' | 'mul' | 'ave' | null;
  backwardLayer?: LayerLike | null;
}

export interface TextVectorizationArgs extends LayerArgs {
  maxTokens?: any;
  standardize?: null | 'lowerAndStripPunctuation' | 'lower_and_strip_punctuation' | 'lower' | 'stripPunctuation' | 'strip_punctuation';
  split?: null | 'whitespace' | 'character';
  ngrams?: any;
  outputMode?: 'int' | 'oneHot' | 'one_hot' | 'multiHot' | 'multi_hot' | 'count' | 'tfIdf' | 'tf_idf';
  outputSequenceLength?: any;
  padToMaxTokens?: boolean;
  sparse?: boolean;
  ragged?: boolean;
  vocabulary?: any;
  idfWeights?: any;
  encoding?: string;
  vocabularySize?: any;
  integerOutput?: boolean;
}

export interface AutoContrastArgs extends LayerArgs {
  valueRange?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface EqualizationArgs extends LayerArgs {
  valueRange?: any;
  bins?: number;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomColorDegenerationArgs extends LayerArgs {
  factor: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomColorJitterArgs extends LayerArgs {
  brightnessFactor?: any;
  contrastFactor?: any;
  saturationFactor?: any;
  hueFactor?: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomGaussianBlurArgs extends LayerArgs {
  factor?: any;
  kernelSize?: any;
  sigma?: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomGrayscaleArgs extends LayerArgs {
  factor?: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomHueArgs extends LayerArgs {
  factor: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomInvertArgs extends LayerArgs {
  factor?: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomPosterizationArgs extends LayerArgs {
  factor: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomSaturationArgs extends LayerArgs {
  factor: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomSharpnessArgs extends LayerArgs {
  factor: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface SolarizationArgs extends LayerArgs {
  additionFactor?: any;
  thresholdFactor?: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface AugMixArgs extends LayerArgs {
  valueRange?: any;
  factor?: any;
  numChains?: number;
  chainDepth?: number;
  alpha?: number;
  allOps?: boolean;
  interpolation?: string;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface CutMixArgs extends LayerArgs {
  factor?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface MixUpArgs extends LayerArgs {
  alpha?: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandAugmentArgs extends LayerArgs {
  valueRange?: any;
  factor?: any;
  numOps?: number;
  interpolation?: string;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomElasticTransformArgs extends LayerArgs {
  valueRange?: any;
  factor?: any;
  scale?: any;
  fillMode?: 'constant' | 'reflect' | 'wrap' | 'nearest';
  fillValue?: number;
  interpolation?: string;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomErasingArgs extends LayerArgs {
  factor?: any;
  scale?: any;
  fillValue?: any;
  valueRange?: any;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomPerspectiveArgs extends LayerArgs {
  factor?: any;
  scale?: any;
  fillValue?: number;
  interpolation?: string;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

export interface RandomShearArgs extends LayerArgs {
  xFactor?: any;
  yFactor?: any;
  fillMode?: 'constant' | 'reflect' | 'wrap' | 'nearest';
  interpolation?: 'nearest' | 'bilinear';
  fillValue?: number;
  seed?: any;
  dataFormat?: 'channelsLast' | 'channels_last' | 'channelsFirst' | 'channels_first';
}

/** The functions of tf.layers that make the layers of the native library. */
export interface LayerFactories {
  activation(args: ActivationArgs): Layer;
  elu(args?: ELUArgs): Layer;
  leakyReLU(args?: LeakyReLUArgs): Layer;
  prelu(args?: PReLUArgs): Layer;
  reLU(args?: ReLUArgs): Layer;
  softmax(args?: SoftmaxArgs): Layer;
  thresholdedReLU(args?: ThresholdedReLUArgs): Layer;
  customScaleLayer(args: CustomScaleLayerArgs): Layer;
  layerScale(args: LayerScaleArgs): Layer;
  stochasticDepth(args: StochasticDepthArgs): Layer;
  cropping1D(args?: Cropping1DArgs): Layer;
  cropping2D(args?: Cropping2DArgs): Layer;
  cropping3D(args?: Cropping3DArgs): Layer;
  zeroPadding1d(args?: ZeroPadding1DArgs): Layer;
  zeroPadding2d(args?: ZeroPadding2DArgs): Layer;
  zeroPadding3d(args?: ZeroPadding3DArgs): Layer;
  adaptiveAveragePooling1d(args: AdaptiveAveragePooling1DArgs): Layer;
  adaptiveAveragePooling2d(args: AdaptiveAveragePooling2DArgs): Layer;
  adaptiveAveragePooling3d(args: AdaptiveAveragePooling3DArgs): Layer;
  adaptiveMaxPooling1d(args: AdaptiveMaxPooling1DArgs): Layer;
  adaptiveMaxPooling2d(args: AdaptiveMaxPooling2DArgs): Layer;
  adaptiveMaxPooling3d(args: AdaptiveMaxPooling3DArgs): Layer;
  additiveAttention(args?: AdditiveAttentionArgs): Layer;
  attention(args?: AttentionArgs): Layer;
  pipeline(args: PipelineArgs): Layer;
  convLstm1d(args: ConvLSTM1DArgs): Layer;
  convLstm2d(args: ConvLSTM2DArgs): Layer;
  convLstm3d(args: ConvLSTM3DArgs): Layer;
  conv1d(args: Conv1DArgs): Layer;
  conv2d(args: Conv2DArgs): Layer;
  conv3d(args: Conv3DArgs): Layer;
  depthwiseConv1d(args: DepthwiseConv1DArgs): Layer;
  depthwiseConv2d(args: DepthwiseConv2DArgs): Layer;
  separableConv1d(args: SeparableConv1DArgs): Layer;
  separableConv2d(args: SeparableConv2DArgs): Layer;
  conv1dTranspose(args: Conv1DTransposeArgs): Layer;
  conv2dTranspose(args: Conv2DTransposeArgs): Layer;
  conv3dTranspose(args: Conv3DTransposeArgs): Layer;
  activityRegularization(args?: ActivityRegularizationArgs): Layer;
  dense(args: DenseArgs): Layer;
  identity(args?: IdentityArgs): Layer;
  masking(args?: MaskingArgs): Layer;
  dot(args: DotArgs): Layer;
  einsumDense(args: EinsumDenseArgs): Layer;
  embedding(args: EmbeddingArgs): Layer;
  reversibleEmbedding(args: ReversibleEmbeddingArgs): Layer;
  locallyConnected1d(args: LocallyConnected1DArgs): Layer;
  locallyConnected2d(args: LocallyConnected2DArgs): Layer;
  add(args?: AddArgs): Layer;
  average(args?: AverageArgs): Layer;
  concatenate(args?: ConcatenateArgs): Layer;
  maximum(args?: MaximumArgs): Layer;
  minimum(args?: MinimumArgs): Layer;
  multiply(args?: MultiplyArgs): Layer;
  subtract(args?: SubtractArgs): Layer;
  groupedQueryAttention(args: GroupedQueryAttentionArgs): Layer;
  multiHeadAttention(args: MultiHeadAttentionArgs): Layer;
  alphaDropout(args: AlphaDropoutArgs): Layer;
  gaussianDropout(args: GaussianDropoutArgs): Layer;
  gaussianNoise(args: GaussianNoiseArgs): Layer;
  batchNormalization(args?: BatchNormalizationArgs): Layer;
  groupNormalization(args?: GroupNormalizationArgs): Layer;
  layerNormalization(args?: LayerNormalizationArgs): Layer;
  rmsNormalization(args?: RMSNormalizationArgs): Layer;
  unitNormalization(args?: UnitNormalizationArgs): Layer;
  tfOpLambda(args: TFOpLambdaArgs): Layer;
  permute(args: PermuteArgs): Layer;
  repeatVector(args: RepeatVectorArgs): Layer;
  averagePooling1d(args?: AveragePooling1DArgs): Layer;
  avgPool1d(args?: AveragePooling1DArgs): Layer;
  avgPooling1d(args?: AveragePooling1DArgs): Layer;
  averagePooling2d(args?: AveragePooling2DArgs): Layer;
  avgPool2d(args?: AveragePooling2DArgs): Layer;
  avgPooling2d(args?: AveragePooling2DArgs): Layer;
  averagePooling3d(args?: AveragePooling3DArgs): Layer;
  avgPool3d(args?: AveragePooling3DArgs): Layer;
  avgPooling3d(args?: AveragePooling3DArgs): Layer;
  globalAveragePooling1d(args?: GlobalAveragePooling1DArgs): Layer;
  globalAveragePooling2d(args?: GlobalAveragePooling2DArgs): Layer;
  globalAveragePooling3d(args?: GlobalAveragePooling3DArgs): Layer;
  globalMaxPooling1d(args?: GlobalMaxPooling1DArgs): Layer;
  globalMaxPool1d(args?: GlobalMaxPooling1DArgs): Layer;
  globalMaxPooling2d(args?: GlobalMaxPooling2DArgs): Layer;
  globalMaxPool2d(args?: GlobalMaxPooling2DArgs): Layer;
  globalMaxPooling3d(args?: GlobalMaxPooling3DArgs): Layer;
  globalMaxPool3d(args?: GlobalMaxPooling3DArgs): Layer;
  maxPooling1d(args?: MaxPooling1DArgs): Layer;
  maxPool1d(args?: MaxPooling1DArgs): Layer;
  maxPooling2d(args?: MaxPooling2DArgs): Layer;
  maxPool2d(args?: MaxPooling2DArgs): Layer;
  maxPooling3d(args?: MaxPooling3DArgs): Layer;
  maxPool3d(args?: MaxPooling3DArgs): Layer;
  randomBrightness(args: RandomBrightnessArgs): Layer;
  randomContrast(args: RandomContrastArgs): Layer;
  randomCrop(args: RandomCropArgs): Layer;
  randomFlip(args?: RandomFlipArgs): Layer;
  randomHeight(args: RandomHeightArgs): Layer;
  randomRotation(args: RandomRotationArgs): Layer;
  randomTranslation(args: RandomTranslationArgs): Layer;
  randomWidth(args: RandomWidthArgs): Layer;
  randomZoom(args: RandomZoomArgs): Layer;
  hashedCrossing(args: HashedCrossingArgs): Layer;
  hashing(args: HashingArgs): Layer;
  centerCrop(args: CenterCropArgs): Layer;
  resizing(args: ResizingArgs): Layer;
  integerLookup(args?: IntegerLookupArgs): Layer;
  stringLookup(args?: StringLookupArgs): Layer;
  categoryEncoding(args?: CategoryEncodingArgs): Layer;
  discretization(args?: DiscretizationArgs): Layer;
  rescaling(args?: RescalingArgs): Layer;
  gruCell(args: GRUCellArgs): Layer;
  lstmCell(args: LSTMCellArgs): Layer;
  simpleRNNCell(args: SimpleRNNCellArgs): Layer;
  gru(args: GRUArgs): Layer;
  lstm(args: LSTMArgs): Layer;
  rnn(args: RNNArgs): Layer;
  simpleRNN(args: SimpleRNNArgs): Layer;
  stackedRNNCells(args: StackedRNNCellsArgs): Layer;
  spectralNormalization(args: SpectralNormalizationArgs): Layer;
  normalization(args?: NormalizationArgs): Layer;
  timeDistributed(args: TimeDistributedArgs): Layer;
  dropout(args: DropoutArgs): Layer;
  spatialDropout1d(args: SpatialDropout1DArgs): Layer;
  spatialDropout2d(args: SpatialDropout2DArgs): Layer;
  spatialDropout3d(args: SpatialDropout3DArgs): Layer;
  flatten(args?: FlattenArgs): Layer;
  reshape(args: ReshapeArgs): Layer;
  upSampling1d(args?: UpSampling1DArgs): Layer;
  upSampling2d(args?: UpSampling2DArgs): Layer;
  upSampling3d(args?: UpSampling3DArgs): Layer;
  bidirectional(args: BidirectionalArgs): Layer;
  textVectorization(args?: TextVectorizationArgs): Layer;
  autoContrast(args?: AutoContrastArgs): Layer;
  equalization(args?: EqualizationArgs): Layer;
  randomColorDegeneration(args: RandomColorDegenerationArgs): Layer;
  randomColorJitter(args?: RandomColorJitterArgs): Layer;
  randomGaussianBlur(args?: RandomGaussianBlurArgs): Layer;
  randomGrayscale(args?: RandomGrayscaleArgs): Layer;
  randomHue(args: RandomHueArgs): Layer;
  randomInvert(args?: RandomInvertArgs): Layer;
  randomPosterization(args: RandomPosterizationArgs): Layer;
  randomSaturation(args: RandomSaturationArgs): Layer;
  randomSharpness(args: RandomSharpnessArgs): Layer;
  solarization(args?: SolarizationArgs): Layer;
  augMix(args?: AugMixArgs): Layer;
  cutMix(args?: CutMixArgs): Layer;
  mixUp(args?: MixUpArgs): Layer;
  randAugment(args?: RandAugmentArgs): Layer;
  randomElasticTransform(args?: RandomElasticTransformArgs): Layer;
  randomErasing(args?: RandomErasingArgs): Layer;
  randomPerspective(args?: RandomPerspectiveArgs): Layer;
  randomShear(args?: RandomShearArgs): Layer;
}
