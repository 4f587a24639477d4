/** Where TensorFlow.js's layers differ from Keras's, whose the native library's are: defaults, what configs show, and checks of inputs. */
import { toCamelCase } from './names.js';

/** @import { FieldDescription } from './native_layer.js' */
/** @import { InputSpecArgs, Shape } from './topology.js' */

const GLOROT_NORMAL = { kernelInitializer: 'glorotNormal' };
const RECURRENT = { ...GLOROT_NORMAL, recurrentActivation: 'hardSigmoid', unitForgetBias: false };

/** @type {Record<string, Record<string, any>>} */
const DEFAULTS = {
  Dense: GLOROT_NORMAL, Conv1D: GLOROT_NORMAL, Conv2D: GLOROT_NORMAL, Conv3D: GLOROT_NORMAL, Conv2DTranspose: GLOROT_NORMAL,
  Conv3DTranspose: GLOROT_NORMAL, DepthwiseConv2D: { depthwiseInitializer: 'glorotNormal' },
  SimpleRNN: GLOROT_NORMAL, SimpleRNNCell: GLOROT_NORMAL,
  GRU: { ...GLOROT_NORMAL, recurrentActivation: 'hardSigmoid', resetAfter: false },
  GRUCell: { ...GLOROT_NORMAL, recurrentActivation: 'hardSigmoid', resetAfter: false },
  LSTM: RECURRENT, LSTMCell: RECURRENT, ConvLSTM2D: RECURRENT, ConvLSTM2DCell: RECURRENT,
};

/** What a layer made by a factory of tf.layers has where nothing is given. @param {string} className */
export const tensorflowDefaults = className => DEFAULTS[className] ?? {};

/** The layers that TensorFlow.js has: their configs show what its do. */
const TENSORFLOW_LAYERS = new Set(['Dense', 'Activation', 'Dropout', 'SpatialDropout1D', 'Flatten', 'RepeatVector', 'Reshape', 'Permute',
  'Masking', 'Embedding',
  'Conv1D', 'Conv2D', 'Conv3D', 'Conv2DTranspose', 'Conv3DTranspose', 'SeparableConv2D', 'DepthwiseConv2D', 'Cropping2D',
  'UpSampling2D', 'ZeroPadding2D',
  'MaxPooling1D', 'MaxPooling2D', 'MaxPooling3D', 'AveragePooling1D', 'AveragePooling2D', 'AveragePooling3D', 'GlobalAveragePooling1D',
  'GlobalAveragePooling2D', 'GlobalMaxPooling1D', 'GlobalMaxPooling2D', 'RNN', 'SimpleRNN', 'SimpleRNNCell', 'GRU', 'GRUCell', 'LSTM', 'LSTMCell',
  'StackedRNNCells', 'ConvLSTM2D', 'ConvLSTM2DCell', 'Bidirectional', 'TimeDistributed', 'Add', 'Multiply', 'Average', 'Maximum',
  'Minimum', 'Concatenate',
  'Dot', 'BatchNormalization', 'LayerNormalization', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout', 'ReLU', 'LeakyReLU', 'PReLU', 'ELU',
  'ThresholdedReLU', 'Softmax', 'Rescaling', 'CenterCrop', 'Resizing', 'CategoryEncoding', 'RandomWidth']);

/** Fields that TensorFlow.js does not have: its configs are without them as long as they are what they are there. */
const KERAS_FIELDS = [
  { classes: /./, keys: ['groups', 'timeMajor', 'zeroOutputForMask', 'backwardLayer', 'keepdims', 'outputPadding', 'threshold', 'negativeSlope',
    'fillMode', 'fillValue', 'sparse'] },
  { classes: /1D$|^Flatten$|^Resizing$|^CenterCrop$/, keys: ['dataFormat'] },
  { classes: /^(?!Dropout$|SpatialDropout)/, keys: ['seed'] },
  { classes: /^RNN$/, keys: ['activityRegularizer'] },
  { classes: /Transpose$/, keys: ['dilationRate'] },
  { classes: /^Separable/, keys: ['depthMultiplier'] },
  { classes: /^LayerNormalization$/, keys: ['betaConstraint', 'gammaConstraint'] },
];

/** Fields that are undefined there unless they are given. */
const UNDEFINED_FIELDS = ['noiseShape', 'seed', 'maxValue', 'inputLength', 'unitForgetBias', 'maskZero', 'implementation'];

/** Fields of layers over one axis that are lists of one there. */
const LISTS_OF_ONE = ['kernelSize', 'strides', 'dilationRate', 'poolSize'];

/**
 * The fields that a config shows.
 * @param {string} className
 * @param {Record<string, any>} fields
 * @param {FieldDescription[]} description
 */
export function visibleConfig(className, fields, description) {
  if (!TENSORFLOW_LAYERS.has(className)) return fields;
  const standards = new Map(description.map(field => [toCamelCase(field.name), field.default]));
  const hidden = new Set(KERAS_FIELDS.flatMap(({ classes, keys }) => (classes.test(className) ? keys : [])));
  const isUsual = (/** @type {string} */ key) => {
    const standard = tensorflowDefaults(className)[key] ?? standards.get(key) ?? null;
    const usual = typeof standard === 'string' ? toCamelCase(standard) : standard;
    return [fields[key]].flat().every(value => value === usual);
  };
  // The cells of TensorFlow.js are layers with what all its recurrent layers have.
  if (/Cell$/.test(className)) fields = { ...fields, activityRegularizer: null };
  const isList = (/** @type {string} */ key) => LISTS_OF_ONE.includes(key) && className.endsWith('1D');
  const shown = (/** @type {string} */ key) => {
    if (UNDEFINED_FIELDS.includes(key) && isUsual(key)) return undefined;
    return isList(key) && !Array.isArray(fields[key]) ? [fields[key]] : fields[key];
  };
  return Object.fromEntries(Object.keys(fields).filter(key => !(hidden.has(key) && isUsual(key))).map(key => [key, shown(key)]));
}

/** How many dimensions an input has. @type {Record<string, number>} */
const RANKS = {
  Conv1D: 3, Conv2DTranspose: 4, Conv3DTranspose: 5, SpatialDropout1D: 3, RepeatVector: 2, Cropping2D: 4, UpSampling2D: 4,
  ZeroPadding2D: 4, MaxPooling1D: 3,
  MaxPooling2D: 4, MaxPooling3D: 5, AveragePooling1D: 3, AveragePooling2D: 4, AveragePooling3D: 5, GlobalAveragePooling1D: 3,
  GlobalAveragePooling2D: 4,
  GlobalMaxPooling1D: 3, GlobalMaxPooling2D: 4,
};

/** How many it has at least. @type {Record<string, number>} */
const LEAST_RANKS = { Dense: 2 };

/** Layers whose weights fix the number of channels. */
const CHANNELS = /^(Separable)?Conv[123]D(Transpose)?$/;

export const NATIVE_SPECS = {
  /**
   * What is known of an input before the weights are made.
   * @param {string} className
   * @returns {InputSpecArgs[] | null}
   */
  before(className) {
    if (Object.hasOwn(RANKS, className)) return [{ ndim: RANKS[className] }];
    return Object.hasOwn(LEAST_RANKS, className) ? [{ minNDim: LEAST_RANKS[className] }] : null;
  },

  /**
   * What weights say of an input.
   * @param {string} className
   * @param {Record<string, any>} fields
   * @param {Shape[]} shapes
   * @returns {InputSpecArgs[] | null}
   */
  after(className, fields, [shape]) {
    if (className === 'Dense') return [{ minNDim: 2, axes: { [-1]: /** @type {number} */ (shape.at(-1)) } }];
    if (!CHANNELS.test(className) || shape === undefined) return null;
    const axis = fields.dataFormat === 'channelsFirst' ? 1 : shape.length - 1;
    return [{ ndim: shape.length, axes: { [axis]: /** @type {number} */ (shape[axis]) } }];
  },
};
