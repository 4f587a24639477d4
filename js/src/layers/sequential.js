/** tf.Sequential: layers one after the other. */
import { Container } from './container.js';
import { layerError, valueError } from './errors.js';
import { sourceInputs } from './graph.js';
import { input } from './input_layer.js';
import { Layer } from './layer.js';
import { LayersModel } from './layers_model.js';
import { toList } from './lists.js';
import { numbered } from './names.js';
import { deserializeLayer } from './registry.js';
import { registerBuiltIn } from './serialization.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { LoadedModel } from './loaded.js' */
/** @import { AnyTensor, Node, Shape, SymbolicTensor } from './topology.js' */

/** @typedef {{name?: string, layers?: Layer[]}} SequentialArgs */

const ONE_OUTPUT = 'All layers in a Sequential model should have a single output tensor. For multi-output layers, use the functional API.';
const ONE_INPUT = 'All layers in a Sequential model should have a single input tensor. For multi-input layers, use the functional API.';

export class Sequential extends LayersModel {
  static className = 'Sequential';

  /** Those that were added. @type {Layer[]} */
  #added = [];

  /** @param {SequentialArgs & {loaded?: LoadedModel}} [args] */
  constructor(args = {}) {
    super({ name: args.name ?? numbered('sequential_'), loaded: args.loaded });
    for (const layer of args.layers ?? []) this.add(layer);
  }

  /**
   * A model of layers that are connected already.
   * @param {Layer[]} layers
   * @param {string} name
   */
  static of(layers, name) {
    const model = new Sequential({ name });
    const { outputTensors } = /** @type {Node} */ (layers[layers.length - 1].inboundNodes.at(-1));
    model.#added = layers;
    model.connect(sourceInputs(outputTensors[0]), outputTensors);
    if (layers.length === 1) model.inboundNodes[0].outputShapes = outputTensors[0].shape;
    return model;
  }

  /** @override The layers that were added: an input that the first one brings is none of them. */
  get layers() {
    if (this.#added.length === 0 && this.loaded !== null) this.#added = this.loaded.sequence();
    return this.#added;
  }

  /**
   * Appends a layer.
   * @param {Layer} layer
   */
  add(layer) {
    const before = [...this.layers];
    const ends = this.#append(layer, before.length === 0 ? null : { inputs: this.inputs, outputs: this.outputs });
    if (this.loaded !== null) this.disconnect();
    this.connect(ends.inputs, ends.outputs);
    this.#added = [...before, layer];
    if (before.length === 0) this.inboundNodes[0].outputShapes = ends.outputs[0].shape;
  }

  /**
   * @param {Layer} layer
   * @param {{inputs: SymbolicTensor[], outputs: SymbolicTensor[]} | null} before
   */
  #append(layer, before) {
    if (layer instanceof Container) {
      if (layer.outputs.length !== 1) throw valueError(ONE_OUTPUT);
      if (layer.inputs.length !== 1) throw valueError(ONE_INPUT);
    }
    if (before === null) return firstEnds(layer);
    const output = layer.apply(before.outputs[0]);
    if (Array.isArray(output)) throw new TypeError(ONE_OUTPUT);
    return { inputs: before.inputs, outputs: [output] };
  }

  /** Removes the last layer. */
  pop() {
    const left = [...this.layers];
    const last = left.pop();
    if (last === undefined) throw new TypeError('There are no layers in the model.');
    const { inputs } = this;
    this.disconnect();
    this.#added = left;
    if (left.length === 0) return;
    const [end] = left.slice(-1);
    end.outboundNodes = [];
    this.connect(inputs, end instanceof Container ? end.outputs : toList(end.output));
  }

  /** @override @param {Shape | Shape[]} [_inputShape] */
  build(_inputShape) {
    if (this.layers.length === 0) throw new TypeError('Sequential model cannot be built: model is empty. Add some layers first.');
  }

  /** @override @param {AnyTensor[]} inputs @param {Record<string, any>} kwargs */
  prepare(inputs, kwargs) {
    this.build();
    super.prepare(inputs, kwargs);
  }

  /** @override */
  countParams() {
    this.build();
    return super.countParams();
  }

  /** @override @param {number} [lineLength] @param {number[]} [positions] @param {(message: string) => void} [printFn] */
  summary(lineLength, positions, printFn) {
    this.build();
    super.summary(lineLength, positions, printFn);
  }

  /** @override @param {readonly Tensor[]} values */
  setWeights(values) {
    this.build();
    super.setWeights(values);
  }

  /** @override @param {any} x @param {import('../train/predict.js').ModelPredictArgs} [args] */
  predict(x, args) {
    if (this.loaded === null) this.build();
    return super.predict(x, args);
  }

  /** @override @param {import('./inputs.js').ModelInput} x */
  predictOnBatch(x) {
    if (this.loaded === null) this.build();
    return super.predictOnBatch(x);
  }

  /** @override */
  getConfig() {
    return { name: this.name, layers: this.layers.map(layer => ({ className: layer.getClassName(), config: layer.getConfig() })) };
  }

  /** @override */
  fileConfig() {
    return { name: this.name, layers: this.layers.map(layer => ({ class_name: layer.getClassName(), config: layer.fileConfig() })) };
  }

  /**
   * @override
   * @param {any} cls
   * @param {any} config in either spelling; of Keras 1 the layers alone
   */
  static fromConfig(cls, config) {
    const { layers, name, trainable } = Array.isArray(config) ? { layers: config } : config;
    if (!Array.isArray(layers)) throw valueError('Sequential.fromConfig called on something that has no layers', 'FORMAT');
    const model = new cls({ name });
    if (!(model instanceof Sequential)) throw layerError('NotImplementedError', `Sequential.fromConfig called on non-Sequential input: ${model}`);
    for (const layer of layers) model.add(deserializeLayer(layer));
    if (trainable === false) model.trainable = false;
    return model;
  }
}

registerBuiltIn(Sequential);

/**
 * What the first layer of a Sequential takes and makes; it is called on an input of its own where it was not called before.
 * @param {Layer} layer
 */
export function firstEnds(layer) {
  if (layer.inboundNodes.length === 0 && !(layer instanceof Container)) {
    if (layer.batchInputShape == null) {
      throw valueError('The first layer in a Sequential model must get an `inputShape` or `batchInputShape` argument.');
    }
    layer.apply(input({ batchShape: layer.batchInputShape, dtype: layer.dtype, name: `${layer.name}_input` }));
  }
  if (layer instanceof Container) return { inputs: layer.inputs, outputs: layer.outputs };
  if (layer.inboundNodes.length !== 1) {
    throw valueError(`A layer added to a Sequential model must not already be connected somewhere else. ` +
      `LayersModel received layer ${layer.name} which has ` +
      `${layer.inboundNodes.length} pre-existing inbound connections.`);
  }
  const [{ outputTensors }] = layer.inboundNodes;
  if (outputTensors.length !== 1) throw valueError(ONE_OUTPUT);
  return { inputs: sourceInputs(outputTensors[0]), outputs: outputTensors };
}
