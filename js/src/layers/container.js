/** A graph of layers that is a layer itself. */
import { NoElements } from '../core/tensor.js';
import { engine } from '../core/engine.js';
import { arraysEqual, failure } from '../core/util.js';
import { CompiledCall } from './compiled.js';
import { connectLayers, fileCall, writtenCall } from './connections.js';
import { valueError } from './errors.js';
import { graphBetween } from './graph.js';
import { InputLayer } from './input_layer.js';
import { Layer } from './layer.js';
import { oneOrAll, toList, toShapes } from './lists.js';
import { maskOf, withMasks } from './masks.js';
import { numbered } from './names.js';
import { NativeLayer } from './native_layer.js';
import { deserializeLayer } from './registry.js';
import { Node, SymbolicTensor } from './topology.js';
import { countElements } from './variable.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */
/** @import { Graph } from './graph.js' */
/** @import { Kwargs, Results } from './layer.js' */
/** @import { Shape } from './topology.js' */
/** @import { LayerVariable } from './variable.js' */

/**
 * @typedef {object} ContainerArgs
 * @property {SymbolicTensor | SymbolicTensor[]} inputs
 * @property {SymbolicTensor | SymbolicTensor[]} outputs
 * @property {string} [name]
 */

/** @typedef {Graph & {inputs: SymbolicTensor[], outputs: SymbolicTensor[]}} Net */

/** Programs that a model keeps for inputs of different types; older ones make room. */
const MOST_PROGRAMS = 16;

export class Container extends Layer {
  /** @type {Net | null} */
  #net = null;
  /** Makes the layers when they are asked for first. @type {(() => {inputs: SymbolicTensor[], outputs: SymbolicTensor[]}) | null} */
  #source = null;
  /** @type {Map<string, CompiledCall>} */
  #programs = new Map();
  #isDisposed = false;
  /** A layer written in JavaScript reads elements, so that layers run one by one instead of as a program. */
  #needsElements = false;

  /** @param {ContainerArgs | {name?: string, source?: () => {inputs: SymbolicTensor[], outputs: SymbolicTensor[]}}} args */
  constructor(args) {
    super({ name: args.name ?? '(unnamed)' });
    if (args.name == null) this.name = numbered(this.getClassName().toLowerCase());
    this.supportsMasking = true;
    this.carriesMasks = true;
    this.built = true;
    this._refCount = 1;
    if ('inputs' in args) this.connect(toList(args.inputs), toList(args.outputs));
    else this.#source = args.source ?? null;
  }

  /**
   * Becomes the graph between these tensors.
   * @param {SymbolicTensor[]} inputs
   * @param {SymbolicTensor[]} outputs
   */
  connect(inputs, outputs) {
    this.forgetPrograms();
    assertEnds(inputs, outputs);
    this.#net = { ...graphBetween(inputs, outputs), inputs, outputs };
    this.inboundNodes = [];
    new Node({
      outboundLayer: this, inboundLayers: [], nodeIndices: [], tensorIndices: [], inputTensors: inputs, outputTensors: outputs,
      inputShapes: inputs.map(input => input.shape), outputShapes: outputs.map(output => output.shape),
    });
  }

  /** Forgets the graph. */
  disconnect() {
    this.forgetPrograms();
    this.#net = null;
    this.inboundNodes = [];
    this.outboundNodes = [];
  }

  /** @returns {Net | null} the graph, made now where it was not needed before */
  get net() {
    if (this.#net === null && this.#source !== null) {
      const source = this.#source;
      this.#source = null;
      const { inputs, outputs } = source();
      this.connect(inputs, outputs);
    }
    return this.#net;
  }

  /** @type {SymbolicTensor[]} */
  get inputs() {
    return this.net?.inputs ?? [];
  }

  /** @type {SymbolicTensor[]} */
  get outputs() {
    return this.net?.outputs ?? [];
  }

  /** @returns {Layer[]} */
  get layers() {
    return this.net?.layers ?? [];
  }

  /** @returns {string[]} */
  get inputNames() {
    return this.inputs.map(input => input.sourceLayer.name);
  }

  /** @returns {string[]} */
  get outputNames() {
    return this.outputs.map(output => output.sourceLayer.name);
  }

  /** @returns {InputLayer[]} */
  get inputLayers() {
    return /** @type {InputLayer[]} */ (this.inputs.map(input => input.sourceLayer));
  }

  /** @returns {Layer[]} */
  get outputLayers() {
    return this.outputs.map(output => output.sourceLayer);
  }

  /** @override @param {any} inputs @param {Kwargs} [kwargs] */
  apply(inputs, kwargs) {
    void this.net;
    return super.apply(inputs, kwargs);
  }

  /** @override @param {Shape[]} shapes */
  listedShapes(shapes) {
    return shapes;
  }

  // ---- weights

  /** @override */
  get trainableWeights() {
    return this.trainable ? this.layers.flatMap(layer => layer.trainableWeights) : [];
  }

  /** @override */
  get nonTrainableWeights() {
    const fixed = this.layers.flatMap(layer => layer.nonTrainableWeights);
    return this.trainable ? fixed : [...this.layers.flatMap(layer => layer.trainableWeights), ...fixed];
  }

  /** @override */
  get variables() {
    return this.layers.flatMap(layer => layer.variables);
  }

  /** @override */
  get trainable() {
    return super.trainable;
  }

  set trainable(trainable) {
    for (const layer of this.layers) for (const weight of layer._trainableWeights) weight.trainable = trainable;
    super.trainable = trainable;
  }

  /** @override */
  get losses() {
    return [...this._losses, ...(this.trainable ? this.layers.flatMap(layer => layer.losses) : [])];
  }

  /** @override */
  countParams() {
    return countElements(this.weights);
  }

  /**
   * Writes weights by their names in files.
   * @param {Record<string, Tensor>} weights
   * @param {boolean} [strict] false: what has no place and what is missing is left alone
   */
  loadWeights(weights, strict = true) {
    /** @type {Map<string, LayerVariable>} */
    const byName = new Map();
    for (const weight of this.layers.flatMap(layer => layer.weights)) {
      if (byName.has(weight.originalName)) throw valueError(`Duplicate weight name: ${weight.originalName}`);
      byName.set(weight.originalName, weight);
    }
    const total = byName.size;
    const writes = Object.entries(weights).flatMap(([name, value]) => {
      const found = [name, withoutCell(name)].find(candidate => byName.has(candidate));
      if (found === undefined) {
        if (strict) throw valueError(`Provided weight data has no target variable: ${name}`);
        return [];
      }
      const variable = /** @type {LayerVariable} */ (byName.get(found));
      byName.delete(found);
      return [{ variable, value }];
    });
    if (strict && byName.size > 0) throw valueError(`${byName.size} of ${total} weights are not set: ${[...byName.keys()]}`);
    for (const { variable, value } of writes) variable.restore(value);
  }

  // ---- calling

  /** @override */
  outputTypes(/** @type {{shape: Shape, dtype: DataType}[]} */ inputs, /** @type {Kwargs} */ kwargs) {
    const { nodes, inputs: ends, outputs } = /** @type {Net} */ (this.net);
    const isSame = ends.every((end, i) => end.dtype === inputs[i]?.dtype && arraysEqual(end.shape, inputs[i].shape));
    if (isSame) return outputs.map(({ shape, dtype }) => ({ shape, dtype }));
    const types = new Map(ends.map((end, i) => [end, inputs[i]]));
    for (const node of nodes.filter(({ inboundLayers }) => inboundLayers.length > 0)) {
      const given = /** @type {SymbolicTensor[]} */ (node.inputTensors.map(tensor => types.get(tensor)));
      const made = node.outboundLayer.outputTypes(given, { ...kwargs, ...node.callArgs });
      node.outputTensors.forEach((tensor, i) => types.set(tensor, made[i]));
    }
    return outputs.map(output => /** @type {{shape: Shape, dtype: DataType}} */ (types.get(output)));
  }

  /** @override @param {Shape | Shape[]} inputShape */
  computeOutputShape(inputShape) {
    const types = toShapes(inputShape).map((shape, i) => ({ shape, dtype: this.inputs[i]?.dtype ?? /** @type {const} */ ('float32') }));
    return oneOrAll(this.outputTypes(types, {}).map(({ shape }) => shape));
  }

  /** @override @param {Tensor | Tensor[]} inputs @param {any} [mask] */
  computeMask(inputs, mask) {
    const list = toList(inputs);
    const masks = mask == null ? list.map(() => null) : toList(mask);
    return engine.scoped('computeMask', () => this.compute(list, masks, {}).masks);
  }

  /** @override @param {Tensor | Tensor[]} inputs @param {Kwargs} kwargs */
  call(inputs, kwargs) {
    const list = toList(inputs);
    const masks = kwargs.mask === undefined ? list.map(maskOf) : toList(kwargs.mask);
    return oneOrAll(withMasks(this.compute(list, list.map((_, i) => masks[i] ?? null), kwargs)));
  }

  /** @override @param {Tensor[]} inputs @param {(Tensor | null)[]} masks @param {Kwargs} kwargs */
  run(inputs, masks, kwargs) {
    this.prepare(inputs, kwargs);
    return this.compute(inputs, masks, kwargs);
  }

  /**
   * In the body of a program the layers' ops are added to it; otherwise a program of its own runs.
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks
   * @param {Kwargs} kwargs
   * @returns {Results}
   */
  compute(inputs, masks, kwargs) {
    if (engine.trace !== null) return this.#runNodes(inputs, masks, kwargs);
    if (this.#needsElements) return engine.scoped('compute', () => this.#runNodes(inputs, masks, kwargs));
    let program;
    try {
      program = this.compiled(inputs, masks, kwargs);
    } catch (error) {
      if (!(error instanceof NoElements) || !this.hasCustomLayers) throw error;
      this.#needsElements = true;
      return this.compute(inputs, masks, kwargs);
    }
    return program.run(inputs, masks);
  }

  /**
   * Calls the layers one after the other.
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks
   * @param {Kwargs} kwargs
   * @returns {Results}
   */
  #runNodes(inputs, masks, kwargs) {
    const { nodes, inputs: ends, outputs } = /** @type {Net} */ (this.net);
    const { mask: _, ...shared } = kwargs;
    /** @type {Map<SymbolicTensor, {value: Tensor, mask: Tensor | null}>} */
    const results = new Map(ends.map((end, i) => [end, { value: inputs[i], mask: masks[i] }]));
    const find = (/** @type {SymbolicTensor} */ tensor) => /** @type {{value: Tensor, mask: Tensor | null}} */ (results.get(tensor));
    for (const node of nodes) {
      if (node.inboundLayers.length === 0) continue;
      const given = node.inputTensors.map(find);
      const made = node.outboundLayer.run(given.map(({ value }) => value), given.map(({ mask }) => mask), { ...shared, ...node.callArgs });
      node.outboundLayer.addActivityLoss(made.outputs);
      node.outputTensors.forEach((tensor, i) => results.set(tensor, { value: made.outputs[i], mask: made.masks[i] }));
    }
    const found = outputs.map(find);
    return { outputs: found.map(({ value }) => value), masks: found.map(({ mask }) => mask) };
  }

  /** Whether a layer is written in JavaScript; its code may ask for any dimension. @returns {boolean} */
  get hasCustomLayers() {
    return this.layers.some(layer =>
      (layer instanceof Container ? layer.hasCustomLayers : !(layer instanceof NativeLayer || layer instanceof InputLayer)));
  }

  /**
   * The program for inputs of these types.
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks
   * @param {Kwargs} kwargs
   */
  compiled(inputs, masks, kwargs) {
    const isExact = this.hasCustomLayers;
    const ends = this.inputs;
    const types = inputs.map(({ shape, dtype }, i) => (
      { shape: isExact ? shape : shape.map((dimension, axis) => (ends[i]?.shape[axis] == null ? null : dimension)), dtype }));
    const key = JSON.stringify([types, masks.map(mask => mask && mask.shape.length), kwargs.training === true]);
    let program = this.#programs.get(key);
    if (program === undefined) {
      if (this.#programs.size === MOST_PROGRAMS) this.#forget(/** @type {string} */ (this.#programs.keys().next().value));
      const maskTypes = masks.filter(mask => mask !== null)
        .map(({ shape, dtype }) => ({ shape: isExact ? shape : shape.map(() => null), dtype }));
      program = new CompiledCall((...args) => this.#runNodes(...args), [...types, ...maskTypes], masks, kwargs);
      this.#programs.set(key, program);
    }
    return program;
  }

  /** @param {string} key */
  #forget(key) {
    this.#programs.get(key)?.dispose();
    this.#programs.delete(key);
  }

  forgetPrograms() {
    for (const key of [...this.#programs.keys()]) this.#forget(key);
  }

  // ---- structure

  /**
   * @param {string | number | null} [nameOrIndex]
   * @param {number} [index]
   * @returns {Layer}
   */
  getLayer(nameOrIndex, index) {
    const place = index ?? nameOrIndex;
    if (place == null) throw valueError('Provide either a layer name or layer index');
    const { layers } = this;
    if (typeof place === 'number') {
      if (place < layers.length) return layers[place];
      throw valueError(`Was asked to retrieve layer at index ${place}, but model only has ${layers.length} layer(s).`, 'NOT_FOUND');
    }
    const found = layers.find(layer => layer.name === place);
    if (found === undefined) throw valueError(`No such layer: ${place}`, 'NOT_FOUND');
    return found;
  }

  /** @override */
  get stateful() {
    return this.layers.some(layer => layer.stateful);
  }

  set stateful(stateful) {
    super.stateful = stateful;
  }

  /** @override */
  resetStates() {
    for (const layer of this.layers) if (layer.stateful) layer.resetStates();
  }

  /**
   * @template {Record<string, any>} T
   * @param {(layer: Layer) => T} configOf
   */
  #describe(configOf) {
    const net = /** @type {Net} */ (this.net);
    const numbers = nodeNumbers(net);
    const reference = (/** @type {SymbolicTensor} */ { sourceLayer, nodeIndex, tensorIndex }) =>
      [sourceLayer.name, numbers.get(sourceLayer.inboundNodes[nodeIndex]), tensorIndex];
    const layers = net.layers.map(layer => ({
      name: layer.name,
      className: layer.getClassName(),
      config: configOf(layer),
      inboundNodes: layer.inboundNodes.filter(node => numbers.has(node) && node.inboundLayers.length > 0)
        .map(node => writtenCall(node, reference)),
    }));
    return { name: this.name, layers, inputLayers: net.inputs.map(reference), outputLayers: net.outputs.map(reference) };
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return this.#describe(layer => layer.getConfig());
  }

  /** @override @returns {Record<string, any>} */
  fileConfig() {
    const { name, layers, inputLayers, outputLayers } = this.#describe(layer => layer.fileConfig());
    return {
      name,
      layers: layers.map(layer => (
        { name: layer.name, class_name: layer.className, config: layer.config, inbound_nodes: layer.inboundNodes.map(fileCall) })),
      input_layers: inputLayers,
      output_layers: outputLayers,
    };
  }

  /**
   * The topology as Keras and TensorFlow.js read it.
   * @param {unknown} [_unused]
   * @param {boolean} [returnString] false: an object
   * @returns {string | Record<string, any>}
   */
  toJSON(_unused, returnString = true) {
    const producer = { keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' };
    const json = { class_name: this.getClassName(), config: this.fileConfig(), ...producer };
    return returnString ? JSON.stringify(json) : json;
  }

  /**
   * @override
   * @param {any} cls
   * @param {any} config in either spelling
   */
  static fromConfig(cls, config) {
    const { inputs, outputs } = connectLayers(config, deserializeLayer, connectByApply);
    const model = new cls({ inputs, outputs, name: config.name });
    if (config.trainable === false) model.trainable = false;
    return model;
  }

  // ---- end

  get isDisposed() {
    return this.#isDisposed;
  }

  /** @override */
  assertNotDisposed() {
    if (this.#isDisposed) throw failure('DISPOSED', `Container '${this.name}' is already disposed.`);
  }

  /** @override Gives back one use of each layer; those that nobody else uses lose their weights. */
  dispose() {
    this.assertNotDisposed();
    const result = { refCountAfterDispose: /** @type {number} */ (this._refCount) - 1, numDisposedVariables: 0 };
    this._refCount = result.refCountAfterDispose;
    if (this._refCount > 0) return result;
    for (const layer of this.layers) if (layer.built) result.numDisposedVariables += this.#disposeUses(layer);
    this.end();
    return result;
  }

  /** Gives back all calls of a layer that belong to this model; a model in it was made for it. @param {Layer} layer */
  #disposeUses(layer) {
    let uses = this.net?.nodes.filter(node => node.outboundLayer === layer).length ?? 0;
    if (layer instanceof Container) uses++;
    let disposed = 0;
    for (; uses > 0 && layer._refCount !== 0; uses--) disposed += layer.dispose().numDisposedVariables;
    return disposed;
  }

  /** Says that it is disposed. */
  end() {
    this.forgetPrograms();
    this.#isDisposed = true;
  }
}

/**
 * @param {SymbolicTensor[]} inputs
 * @param {SymbolicTensor[]} outputs
 */
function assertEnds(inputs, outputs) {
  for (const tensor of [...inputs, ...outputs]) {
    if (!(tensor instanceof SymbolicTensor)) {
      throw new TypeError('The inputs and outputs of a model must be symbolic tensors: those of tf.input(), ' +
        'or what layer.apply() makes of them');
    }
  }
  if (new Set(inputs).size !== inputs.length) {
    throw valueError('The list of inputs passed to the model is redundant. All inputs should only appear once. ' +
      `Found: ${inputs.map(input => input.name)}`);
  }
  if (new Set(outputs).size !== outputs.length) {
    console.warn('The list of outputs passed to the model is redundant. All outputs should only appear once. ' +
      `Found: ${outputs.map(output => output.name)}`);
  }
  inputs.forEach(({ sourceLayer }, i) => {
    if (!(sourceLayer instanceof InputLayer)) {
      throw new TypeError('Input layers to a LayersModel must be InputLayer objects. ' +
        `Received inputs: ${inputs.map(input => input.name)}. ` +
        `Input ${i} (0-based) originates from layer type ${sourceLayer.getClassName()}.`);
    }
  });
}

/** Files of older versions have the cell between layer and weight: 'lstm/lstm_cell_1/kernel'. @param {string} name */
function withoutCell(name) {
  const parts = name.split('/');
  return [...parts.slice(0, -2), parts[parts.length - 1]].join('/');
}

/**
 * The number of each call in files: calls that belong to other models do not count; that with which a model was made does.
 * @param {Net} net
 */
function nodeNumbers({ layers, nodes, inputs }) {
  const inside = new Set([...nodes, ...inputs.map(({ sourceLayer, nodeIndex }) => sourceLayer.inboundNodes[nodeIndex])]);
  /** @type {Map<Node, number>} */
  const numbers = new Map();
  for (const layer of layers) {
    let next = layer instanceof Container ? 1 : 0;
    for (const node of layer.inboundNodes) if (inside.has(node)) numbers.set(node, next++);
  }
  return numbers;
}

/** @param {Layer} layer @param {SymbolicTensor[]} inputs @param {Kwargs} kwargs */
function connectByApply(layer, inputs, kwargs) {
  layer.apply(oneOrAll(inputs), kwargs);
}
