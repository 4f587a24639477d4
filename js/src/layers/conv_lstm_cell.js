/** tf.layers.convLstm2dCell: one step of a ConvLSTM2D. The native library has the whole layer; its cell is computed here. */
import { engine } from '../core/engine.js';
import { add, mul } from '../ops/elementwise.js';
import { conv2d } from '../ops/neural.js';
import { reshape, split } from '../ops/shape.js';
import { getConstraint } from './constraints.js';
import { valueError } from './errors.js';
import { getInitializer } from './initializers.js';
import { toCamelCase } from './names.js';
import { RNNCell } from './recurrent.js';
import { deserializeLayer } from './registry.js';
import { getRegularizer } from './regularizers.js';
import { registerBuiltIn, toDescription } from './serialization.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { Kwargs, LayerArgs } from './layer.js' */
/** @import { Shape } from './topology.js' */

/** @param {number | number[]} value @returns {[number, number]} */
const pair = value => (Array.isArray(value) ? [value[0], value[1] ?? value[0]] : [value, value]);

/** @param {string} activation */
const activationLayer = activation => deserializeLayer({ className: 'Activation', config: { activation } });

/** Gates i, f, g, o of conv(x) + conv(h) + bias; c' = f c + i g, h' = o f(c'). Shi et al. (2015). */
export class ConvLSTM2DCell extends RNNCell {
  static className = 'ConvLSTM2DCell';

  /** @param {LayerArgs & Record<string, any>} args */
  constructor(args) {
    super(args);
    if (!(Number.isInteger(args.filters) && args.filters > 0)) {
      throw valueError(`Expected filters to be a positive integer, but got ${args.filters}.`);
    }
    this.filters = args.filters;
    this.kernelSize = pair(args.kernelSize);
    this.strides = pair(args.strides ?? 1);
    this.dilationRate = pair(args.dilationRate ?? 1);
    /** @type {'valid' | 'same'} */
    this.padding = args.padding ?? 'valid';
    this.dataFormat = toCamelCase(args.dataFormat ?? 'channelsLast');
    if (!['channelsFirst', 'channelsLast'].includes(this.dataFormat)) {
      throw valueError(`Expected dataFormat to be channelsFirst or channelsLast, but got ${args.dataFormat}.`);
    }
    this.activation = toCamelCase(args.activation ?? 'tanh');
    this.recurrentActivation = toCamelCase(args.recurrentActivation ?? 'hardSigmoid');
    this.useBias = args.useBias ?? true;
    this.unitForgetBias = args.unitForgetBias;
    this.dropout = args.dropout ?? 0;
    this.recurrentDropout = args.recurrentDropout ?? 0;
    this.implementation = args.implementation;
    this.stateSize = [this.filters, this.filters];
    /** What the three weights start from, and their penalties and constraints. @type {Record<string, any>} */
    this.settings = {};
    for (const [weight, initializer] of [['kernel', 'glorotNormal'], ['recurrent', 'orthogonal'], ['bias', 'zeros']]) {
      this.settings[`${weight}Initializer`] = getInitializer(args[`${weight}Initializer`] ?? initializer);
      this.settings[`${weight}Regularizer`] = getRegularizer(args[`${weight}Regularizer`]);
      this.settings[`${weight}Constraint`] = getConstraint(args[`${weight}Constraint`]);
    }
    this.applied = { activation: activationLayer(this.activation), recurrent: activationLayer(this.recurrentActivation) };
  }

  /** @override @param {Shape | Shape[]} inputShape */
  build(inputShape) {
    const shape = /** @type {number[]} */ (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape);
    const channels = shape[this.#isChannelsFirst ? shape.length - 3 : shape.length - 1];
    if (channels == null) throw valueError('The channel dimension of the input should be defined. Found null');
    const gates = 4 * this.filters;
    this.kernel = this.#add('kernel', 'kernel', [...this.kernelSize, channels, gates]);
    this.recurrentKernel = this.#add('recurrent_kernel', 'recurrent', [...this.kernelSize, this.filters, gates]);
    if (this.useBias) this.bias = this.#add('bias', 'bias', [gates]);
    this.built = true;
  }

  get #isChannelsFirst() {
    return this.dataFormat === 'channelsFirst';
  }

  /** @param {string} name @param {string} weight @param {number[]} shape */
  #add(name, weight, shape) {
    const { [`${weight}Initializer`]: own, [`${weight}Regularizer`]: regularizer, [`${weight}Constraint`]: constraint } = this.settings;
    const isForget = weight === 'bias' && this.unitForgetBias;
    const initializer = isForget
      ? getInitializer({ className: 'UnitForgetBias', config: { units: this.filters, initializer: toDescription(own) } }) : own;
    return this.addWeight(name, shape, null, initializer, regularizer, true, constraint);
  }

  /** @override @param {Tensor[]} inputs [x, h, c] @param {Kwargs} [_kwargs] @returns {Tensor[]} [h, h, c] */
  call([x, h, c], _kwargs) {
    return engine.scoped('ConvLSTM2DCell', () => {
      const [format, axis] = this.#isChannelsFirst ? [/** @type {const} */ ('NCHW'), 1] : [/** @type {const} */ ('NHWC'), 3];
      const input = conv2d(/** @type {any} */ (x), /** @type {any} */ (this.kernel?.read()), this.strides, this.padding, format, this.dilationRate);
      const state = conv2d(/** @type {any} */ (h), /** @type {any} */ (this.recurrentKernel?.read()), 1, 'same', format);
      const bias = this.bias?.read();
      const biased = bias === undefined ? input : add(input, axis === 1 ? reshape(bias, [-1, 1, 1]) : bias);
      const [i, f, g, o] = split(add(biased, state), 4, axis);
      const { activation, recurrent } = this.applied;
      const memory = add(mul(recurrent.call(f, {}), c), mul(recurrent.call(i, {}), activation.call(g, {})));
      const output = mul(recurrent.call(o, {}), activation.call(memory, {}));
      return [output, output, memory];
    });
  }

  /** @override */
  getConfig() {
    const { filters, kernelSize, strides, dilationRate, padding, dataFormat, activation, recurrentActivation, useBias, unitForgetBias,
      dropout, recurrentDropout,
      implementation } = this;
    const settings = Object.fromEntries(Object.entries(this.settings).map(([key, value]) => [key, toDescription(value)]));
    return { ...super.getConfig(), ...settings, activityRegularizer: null, filters, kernelSize, strides, dilationRate,
      padding, dataFormat, activation,
      recurrentActivation, useBias, unitForgetBias, dropout, recurrentDropout, implementation };
  }
}

registerBuiltIn(ConvLSTM2DCell);
