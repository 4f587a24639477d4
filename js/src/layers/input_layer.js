/** tf.input: where tensors enter a graph of layers. */
import { valueError } from './errors.js';
import { Layer } from './layer.js';
import { numbered } from './names.js';
import { registerBuiltIn } from './serialization.js';
import { Node, SymbolicTensor } from './topology.js';

/** @import { DataType } from '../core/util.js' */
/** @import { Kwargs } from './layer.js' */
/** @import { Shape } from './topology.js' */

/**
 * @typedef {object} InputLayerArgs
 * @property {Shape} [inputShape] without the batch
 * @property {number} [batchSize]
 * @property {Shape} [batchInputShape] with it
 * @property {DataType} [dtype]
 * @property {boolean} [sparse]
 * @property {string} [name]
 */

/** What an input of a model is as a layer. */
export class InputLayer extends Layer {
  static className = 'InputLayer';

  /** @param {InputLayerArgs} args */
  constructor(args) {
    super({ dtype: args.dtype, name: args.name ?? numbered('input') });
    const { batchSize, inputShape, batchInputShape } = args;
    if (args.sparse) throw valueError('InputLayer does not support sparse inputs.', 'UNSUPPORTED');
    if (inputShape != null && batchInputShape != null) {
      throw valueError('Only provide the inputShape OR batchInputShape argument to inputLayer, not both at the same time.');
    }
    if (batchInputShape == null && inputShape == null) {
      throw valueError('An InputLayer should be passed either a `batchInputShape` or an `inputShape`.');
    }
    if (batchSize != null && batchInputShape != null) {
      throw valueError('Cannot specify batchSize if batchInputShape is specified when creating an InputLayer.');
    }
    this.sparse = false;
    this.trainable = false;
    this.built = true;
    /** @type {Shape} */
    const shape = batchInputShape ?? [batchSize ?? null, .../** @type {Shape} */ (inputShape)];
    this.batchInputShape = shape;
    this.dtype = args.dtype ?? 'float32';
    this.inputSpec = [{ shape }];
    const input = new SymbolicTensor(this.dtype, shape, this, [], {}, this.name);
    new Node({
      outboundLayer: this, inboundLayers: [], nodeIndices: [], tensorIndices: [], inputTensors: [input], outputTensors: [input],
      inputShapes: [shape], outputShapes: shape,
    });
  }

  /**
   * @override
   * @param {any} _inputs
   * @param {Kwargs} [_kwargs]
   * @returns {never}
   */
  apply(_inputs, _kwargs) {
    throw valueError(`Cannot pass any input to an InputLayer's apply() method. InputLayer name: ${this.name}`);
  }

  /** @override */
  getConfig() {
    return { batchInputShape: this.batchInputShape, dtype: this.dtype, sparse: this.sparse, name: this.name };
  }

  /** @override */
  dispose() {
    return { refCountAfterDispose: this._refCount ?? 0, numDisposedVariables: 0 };
  }
}

registerBuiltIn(InputLayer);

/**
 * @typedef {object} InputConfig
 * @property {Shape} [shape] without the batch
 * @property {Shape} [batchShape] with it
 * @property {string} [name]
 * @property {DataType} [dtype]
 * @property {boolean} [sparse]
 */

/**
 * A symbolic tensor that a model takes.
 * @param {InputConfig} config
 * @returns {SymbolicTensor}
 */
export function input(config) {
  const { batchShape, shape, name, sparse } = config;
  if (batchShape == null && shape == null) {
    throw new Error('Please provide to Input either a `shape` or a `batchShape` argument. Note that `shape` does not include the batch dimension.');
  }
  if (batchShape != null && shape != null) throw valueError('Please provide either a `shape` or `batchShape` argument to Input, but not both.');
  const layer = new InputLayer({ batchInputShape: batchShape ?? [null, .../** @type {Shape} */ (shape)],
    name, dtype: config.dtype ?? 'float32', sparse });
  return layer.inboundNodes[0].outputTensors[0];
}
