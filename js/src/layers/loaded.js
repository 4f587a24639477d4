/** A model as the native library has loaded it: it predicts there, and becomes layers when somebody asks for them. */
import { engine } from '../core/engine.js';
import { Variable } from '../core/tensor.js';
import { failure } from '../core/util.js';
import { connectLayers } from './connections.js';
import { sourceInputs } from './graph.js';
import { input } from './input_layer.js';
import { Functional } from './layers_model.js';
import { nameScope, uniqueName } from './names.js';
import { NativeLayer } from './native_layer.js';
import { deserializeLayer } from './registry.js';
import { Sequential } from './sequential.js';
import { LayerVariable } from './variable.js';
import { withTensorflowNames } from './weight_names.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */
/** @import { Kwargs, Layer } from './layer.js' */
/** @import { LayerDescription } from './native_layer.js' */
/** @import { LayersModel } from './layers_model.js' */
/** @import { Shape, SymbolicTensor } from './topology.js' */

/**
 * A layer in what horn_model_describe answers.
 * @typedef {object} DescribedLayer
 * @property {string} name
 * @property {string} className
 * @property {boolean} trainable
 * @property {Record<string, any>} [config] absent for models
 * @property {Shape[]} outputShapes of its first call
 * @property {number[]} weights indices in allWeights
 * @property {DescribedLayer[]} layers of wrappers and models
 */

/** @typedef {{name: string, shape: Shape, dtype: DataType}} End */

/**
 * @typedef {object} Description
 * @property {string} name
 * @property {string} className
 * @property {End[]} inputs
 * @property {End[]} outputs
 * @property {DescribedLayer[]} layers
 * @property {{name: string, shape: number[], dtype: DataType, trainable: boolean}[]} allWeights
 */

/** @typedef {{class_name: string, config: Record<string, any>, name?: string}} LayerTopology */

/** Releases models that were dropped without dispose. @type {FinalizationRegistry<number>} */
const net = new FinalizationRegistry(model => engine.native.modelRelease(model));

export class LoadedModel {
  #handle;
  #description;
  #isReleased = false;
  /** The layers were made. */
  isConnected = false;

  /** @param {number} handle of a model in the native library; belongs to this object now */
  constructor(handle) {
    net.register(this, handle, this);
    /** @type {Description} */
    const description = JSON.parse(engine.native.modelDescribe(handle));
    this.#handle = handle;
    this.#description = description;
    const names = this.#weightNames();
    this.variables = description.allWeights.map((weight, i) => weightVariable(handle, i, { ...weight, name: names[i] }));
    this.name = description.name;
    this.inputs = description.inputs.map(end => ({ ...end, name: inputName(description, end.name) }));
    this.outputNames = description.outputs.map(({ name }) => name);
    this.isStateful = description.layers.some(isStateful);
  }

  /** @returns {LayersModel} */
  toModel() {
    const Model = this.#description.className === 'Sequential' ? Sequential : Functional;
    return new Model({ name: this.name, loaded: this });
  }

  /** @returns {number} */
  get handle() {
    if (this.#isReleased) throw failure('DISPOSED', `Container '${this.name}' is already disposed.`);
    return this.#handle;
  }

  /** @param {Tensor[]} inputs @returns {Tensor[]} */
  predict(inputs) {
    return engine.native.modelPredict(this.handle, inputs.map(tensor => tensor.handle)).map(handle => engine.adopt(handle));
  }

  /** @param {Tensor[]} inputs @returns {Promise<Tensor[]>} */
  async predictAsync(inputs) {
    const handles = await engine.native.async.modelPredict(this.handle, inputs.map(tensor => tensor.handle));
    return handles.map(handle => engine.adopt(handle));
  }

  release() {
    if (this.#isReleased) return;
    net.unregister(this);
    engine.native.modelRelease(this.#handle);
    this.#isReleased = true;
  }

  // ---- layers

  /** The ends of the graph of its layers. @returns {{inputs: SymbolicTensor[], outputs: SymbolicTensor[]}} */
  connect() {
    if (this.#description.className === 'Sequential') {
      const layers = this.sequence();
      return endsOf(layers);
    }
    const { config } = JSON.parse(engine.native.modelTopology(this.handle));
    this.#startConnecting();
    return this.#functional(config, this.#description);
  }

  /** From now on somebody may hold the layers; and their weights may be trained, as all variables are. */
  #startConnecting() {
    this.isConnected = true;
    for (const { val } of this.variables) engine.variables.set(val.name, val);
  }

  /** @type {Layer[] | null} */
  #sequence = null;

  /** The layers of a Sequential. @returns {Layer[]} */
  sequence() {
    if (this.#sequence === null) {
      const { config } = JSON.parse(engine.native.modelTopology(this.handle));
      this.#startConnecting();
      this.#sequence = this.#chain(config, this.#description);
    }
    return this.#sequence;
  }

  /** @param {any} config @param {{layers: DescribedLayer[]}} description */
  #functional(config, description) {
    return connectLayers(config, (json, i) => this.#layer(/** @type {LayerTopology} */ (json), description.layers[i]),
      (layer, inputs, kwargs) => connectRestored(layer, inputs, kwargs,
        description.layers.find(({ name }) => name === layer.name)?.outputShapes ?? []));
  }

  /** @param {{layers: LayerTopology[]}} config @param {{layers: DescribedLayer[]}} description */
  #chain(config, description) {
    /** @type {SymbolicTensor[]} */
    let previous = [];
    return config.layers.map((json, i) => {
      const layer = this.#layer(json, description.layers[i]);
      if (previous.length > 0) connectRestored(layer, previous, {}, description.layers[i].outputShapes);
      else if (layer.inboundNodes.length === 0) this.#start(layer, description.layers[i]);
      previous = /** @type {import('./topology.js').Node} */ (layer.inboundNodes.at(-1)).outputTensors;
      return layer;
    });
  }

  /** The first layer of a Sequential, where it is no input. @param {Layer} layer @param {DescribedLayer} description */
  #start(layer, { name, outputShapes }) {
    const [{ shape, dtype }] = this.#description.inputs;
    connectRestored(layer, [input({ batchShape: layer.batchInputShape ?? shape, dtype: layer.dtype ?? dtype,
      name: `${name}_input` })], {}, outputShapes);
  }

  /**
   * A layer with the weights that the native model has.
   * @param {LayerTopology} json
   * @param {DescribedLayer} description
   * @returns {Layer}
   */
  #layer(json, description) {
    const { name, class_name: className, config } = json;
    if (className === 'Functional') {
      return this.#nested(new Functional({ ...this.#functional(config, description), name: name ?? config.name }), config);
    }
    if (className === 'Sequential') {
      return this.#nested(Sequential.of(this.#chain(/** @type {any} */ (config), description), name ?? config.name), config);
    }
    const layer = deserializeLayer({ class_name: className,
      config: { ...config, ...this.#modelsInside(config, description), name: name ?? config.name } });
    if (layer instanceof NativeLayer) layer.restore(this.#described(description), indicesOf(description).map(i => this.variables[i]));
    return layer;
  }

  /** Models in a wrapper, with their weights. @param {Record<string, any>} config @param {DescribedLayer} description */
  #modelsInside(config, { layers }) {
    return Object.fromEntries(Object.entries(config).filter(([, value]) => ['Functional', 'Sequential'].includes(value?.class_name))
      .map(([key, value]) => [key, this.#layer(value, layers[0])]));
  }

  /** @template {Layer} T @param {T} model @param {Record<string, any>} config @returns {T} */
  #nested(model, { trainable }) {
    if (trainable === false) model.trainable = false;
    return model;
  }

  /** The names of allWeights as TensorFlow.js has them: those of cells are others. */
  #weightNames() {
    const names = this.#description.allWeights.map(({ name }) => name);
    const rename = (/** @type {DescribedLayer} */ layer) => {
      if (layer.className !== 'RNN') return layer.layers.forEach(rename);
      const own = `${layer.name}/`;
      const indices = indicesOf(layer);
      withTensorflowNames(this.#described(layer)).forEach(({ name }, i) => {
        const full = names[indices[i]];
        if (full.includes(own)) names[indices[i]] = full.slice(0, full.indexOf(own)) + own + name;
      });
    };
    this.#description.layers.forEach(rename);
    return names;
  }

  /**
   * As horn_layer_describe says it.
   * @param {DescribedLayer} layer
   * @returns {LayerDescription}
   */
  #described(layer) {
    const weights = indicesOf(layer).map(i => this.#description.allWeights[i]);
    const relative = (/** @type {string} */ name) =>
      name.slice((name.startsWith(`${layer.name}/`) ? layer.name.length : name.lastIndexOf('/')) + 1);
    return /** @type {any} */ ({
      ...layer,
      weights: weights.map(weight => ({ ...weight, name: relative(weight.name) })),
      layers: layer.layers.map(inside => this.#described(inside)),
    });
  }
}

/** A layer's weights, then those of the layers in it. @param {DescribedLayer} layer @returns {number[]} */
const indicesOf = layer => [...layer.weights, ...layer.layers.flatMap(indicesOf)];

/** @param {DescribedLayer} layer @returns {boolean} */
const isStateful = ({ config, layers }) => config?.stateful === true || layers.some(isStateful);

/** @param {Layer[]} layers of a Sequential */
function endsOf(layers) {
  const { outputTensors: outputs } = /** @type {import('./topology.js').Node} */ (layers[layers.length - 1].inboundNodes.at(-1));
  return { inputs: sourceInputs(outputs[0]), outputs };
}

/**
 * Enters a call whose outputs the native library has described.
 * @param {Layer} layer
 * @param {SymbolicTensor[]} inputs
 * @param {Kwargs} kwargs
 * @param {Shape[]} shapes of the outputs of the first call
 */
function connectRestored(layer, inputs, kwargs, shapes) {
  const { list, rest } = layer instanceof NativeLayer ? layer.withTensorArguments(inputs, kwargs) : { list: inputs, rest: kwargs };
  nameScope(layer.name, () => {
    let types;
    try {
      types = layer.outputTypes(/** @type {SymbolicTensor[]} */ (list), rest);
      if (layer instanceof NativeLayer) layer.takeRules();
    } catch {
      types = shapes.map(shape => ({ shape, dtype: inputs[0].dtype })); // a call with arguments that only the native model knows
    }
    layer.enter(/** @type {SymbolicTensor[]} */ (list), types, rest);
  });
}

/**
 * A Sequential without an InputLayer names its input after its first layer.
 * @param {Description} description
 * @param {string} name
 */
function inputName({ className, layers }, name) {
  return className === 'Sequential' && layers[0]?.name === name && layers[0].className !== 'InputLayer' ? `${name}_input` : name;
}

/**
 * A weight of the native model as a variable: both have the same elements.
 * @param {number} model
 * @param {number} index
 * @param {Description['allWeights'][number]} description
 */
function weightVariable(model, index, { name, shape, dtype, trainable }) {
  const value = new Variable(shape, dtype, engine.native.modelWeight(model, index), engine.newStorage(true),
    engine.nextTensorId(), uniqueName(name), trainable);
  return new LayerVariable(engine.track(value), dtype, name, trainable);
}
