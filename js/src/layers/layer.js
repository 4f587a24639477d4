/** tf.layers.Layer: what all layers have, those of the native library, models, and those written in JavaScript. */
import { engine } from '../core/engine.js';
import { arraysEqual, assert } from '../core/util.js';
import { div } from '../ops/elementwise.js';
import { toPythonConfig } from './config.js';
import { layerError, valueError } from './errors.js';
import { getInitializer } from './initializers.js';
import { oneOrAll, toList, toShapes } from './lists.js';
import { attachMask } from './masks.js';
import { nameScope, numbered, toSnakeCase } from './names.js';
import { Serializable } from './serialization.js';
import { assertInputs, Node, SymbolicTensor } from './topology.js';
import { assignWeights, countElements, LayerVariable } from './variable.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */
/** @import { Constraint } from './constraints.js' */
/** @import { Initializer } from './initializers.js' */
/** @import { Regularizer } from './regularizers.js' */
/** @import { AnyTensor, InputSpecArgs, Shape } from './topology.js' */

/** What a call is given beside tensors: training, mask, and what a class knows. @typedef {Record<string, any>} Kwargs */

/** A tensor, and its mask where it has one. @typedef {{outputs: Tensor[], masks: (Tensor | null)[]}} Results */

/**
 * @typedef {object} LayerArgs
 * @property {string} [name]
 * @property {boolean} [trainable]
 * @property {DataType} [dtype]
 * @property {DataType} [inputDType]
 * @property {Shape} [inputShape] without the batch
 * @property {Shape} [batchInputShape] with it
 * @property {number} [batchSize]
 * @property {Tensor[]} [weights] what the weights start from
 */

let layers = 0;

export class Layer extends Serializable {
  /** Numbers are shared with layers of the same class. */
  id = layers++;
  built = false;
  supportsMasking = false;
  /** Whether call gives its results their masks. */
  carriesMasks = false;
  /** @type {(InputSpecArgs | null)[] | null} */
  inputSpec = null;
  /** @type {any} */
  activityRegularizer = null;
  /** One for each call that makes this layer's outputs. @type {Node[]} */
  inboundNodes = [];
  /** One for each call that takes them. @type {Node[]} */
  outboundNodes = [];
  /** Those that training may change; a layer with layers inside adds theirs. @type {LayerVariable[]} */
  _trainableWeights = [];
  /** @type {LayerVariable[]} */
  _nonTrainableWeights = [];
  /** What regularizers add to the loss. @type {(() => Tensor)[]} */
  _losses = [];
  /** How many calls on symbolic tensors use the weights; null before the first. @type {number | null} */
  _refCount = null;
  /** @type {((inputs: any, kwargs: Kwargs) => void) | null} */
  _callHook = null;
  /** @type {Shape | undefined} */
  batchInputShape;
  /** @type {DataType | undefined} */
  dtype;
  #stateful = false;
  #trainable;
  /** @type {string[]} */
  #weightNames = [];

  /** @param {LayerArgs} [args] */
  constructor(args = {}) {
    super();
    this.name = args.name || `${toSnakeCase(this.getClassName())}_${numbered(this.getClassName())}`;
    this.#trainable = args.trainable ?? true;
    const { batchInputShape = args.inputShape == null ? null : [args.batchSize ?? null, ...args.inputShape] } = args;
    if (batchInputShape != null) {
      this.batchInputShape = batchInputShape;
      this.dtype = args.dtype ?? args.inputDType ?? 'float32';
    }
    this.initialWeights = args.weights ?? null;
  }

  // ---- what a class says of itself

  /**
   * Makes the weights, once the shapes of the inputs are known.
   * @param {any} _inputShape a Shape, or one for each input
   */
  build(_inputShape) {
    this.built = true;
  }

  /**
   * The layer's function.
   * @param {any} inputs a tensor or several
   * @param {Kwargs} _kwargs
   * @returns {any} a tensor or several
   */
  call(inputs, _kwargs) {
    return inputs;
  }

  /**
   * @param {any} inputShape a Shape, or one for each input
   * @returns {any} a Shape, or one for each output
   */
  computeOutputShape(inputShape) {
    return inputShape;
  }

  /**
   * The masks of the outputs.
   * @param {any} _inputs
   * @param {any} [mask]
   * @returns {any}
   */
  computeMask(_inputs, mask) {
    if (this.supportsMasking) return mask;
    if (toList(mask).some(element => element != null)) {
      throw new TypeError(`Layer ${this.name} does not support masking, but was passed an inputMask.`);
    }
    return null;
  }

  /** @returns {Record<string, any>} */
  getConfig() {
    return {
      name: this.name,
      trainable: this.trainable,
      ...(this.batchInputShape == null ? {} : { batchInputShape: this.batchInputShape }),
      ...(this.dtype == null ? {} : { dtype: this.dtype }),
    };
  }

  /** The config as files have it. @returns {Record<string, any>} */
  fileConfig() {
    return toPythonConfig(this.getConfig());
  }

  // ---- calling

  /**
   * Connects symbolic tensors, or computes with tensors.
   * @param {any} inputs one or several
   * @param {Kwargs} [kwargs]
   * @returns {any} one or several
   */
  apply(inputs, kwargs = {}) {
    this.assertNotDisposed();
    const list = /** @type {AnyTensor[]} */ (toList(inputs));
    const symbols = list.filter(input => input instanceof SymbolicTensor).length;
    if (symbols !== 0 && symbols !== list.length) throw valueError('Arguments to apply() must be all SymbolicTensors or all Tensors');
    return nameScope(this.name, () => {
      this.prepare(list, kwargs);
      if (symbols > 0) return oneOrAll(this.#connect(/** @type {SymbolicTensor[]} */ (list), kwargs));
      return this.#compute(inputs, kwargs);
    });
  }

  /**
   * Makes the weights before the first call.
   * @param {AnyTensor[]} inputs
   * @param {Kwargs} kwargs
   */
  prepare(inputs, kwargs) {
    this.assertInputCompatibility(inputs);
    if (this.built) return;
    this.buildFor(inputs, kwargs);
    this.built = true;
    if (this.initialWeights !== null) this.setWeights(this.initialWeights);
    if (!(inputs[0] instanceof SymbolicTensor)) this._refCount ??= 1;
    this.assertInputCompatibility(inputs);
  }

  /**
   * @param {AnyTensor[]} inputs
   * @param {Kwargs} _kwargs
   */
  buildFor(inputs, _kwargs) {
    this.build(oneOrAll(inputs.map(input => input.shape)));
  }

  /**
   * @param {SymbolicTensor[]} inputs
   * @param {Kwargs} kwargs
   */
  #connect(inputs, kwargs) {
    this.#warnOfShapes(inputs);
    return this.enter(inputs, this.outputTypes(inputs, kwargs), kwargs);
  }

  /**
   * Enters a call in the graph of layers.
   * @param {SymbolicTensor[]} inputs
   * @param {{shape: Shape, dtype: DataType}[]} types of the outputs
   * @param {Kwargs} kwargs
   */
  enter(inputs, types, kwargs) {
    const outputs = types.map(({ shape, dtype }, i) =>
      new SymbolicTensor(dtype, shape, this, inputs, kwargs, this.name, types.length === 1 ? undefined : i));
    this.addInboundNode(inputs, outputs, kwargs);
    this._refCount = (this._refCount ?? 0) + 1;
    return outputs;
  }

  /**
   * The types of what a call makes.
   * @param {SymbolicTensor[]} inputs
   * @param {Kwargs} _kwargs
   * @returns {{shape: Shape, dtype: DataType}[]}
   */
  outputTypes(inputs, _kwargs) {
    const shapes = toShapes(this.computeOutputShape(oneOrAll(inputs.map(input => input.shape))));
    return shapes.map(shape => ({ shape, dtype: /** @type {const} */ ('float32') }));
  }

  /**
   * @param {SymbolicTensor[]} inputs
   * @param {SymbolicTensor[]} outputs
   * @param {Kwargs} kwargs
   */
  addInboundNode(inputs, outputs, kwargs) {
    outputs.forEach((output, i) => {
      output.sourceLayer = this;
      output.nodeIndex = this.inboundNodes.length;
      output.tensorIndex = i;
    });
    return new Node({
      outboundLayer: this,
      inboundLayers: inputs.map(input => input.sourceLayer),
      nodeIndices: inputs.map(input => input.nodeIndex),
      tensorIndices: inputs.map(input => input.tensorIndex),
      inputTensors: inputs,
      outputTensors: outputs,
      inputShapes: inputs.map(input => input.shape),
      outputShapes: this.listedShapes(outputs.map(output => output.shape)),
    }, kwargs);
  }

  /**
   * What nodes say of outputs: a shape where there is one; models have lists.
   * @param {Shape[]} shapes
   * @returns {Shape | Shape[]}
   */
  listedShapes(shapes) {
    return oneOrAll(shapes);
  }

  /**
   * @param {Tensor | Tensor[]} inputs
   * @param {Kwargs} kwargs
   */
  #compute(inputs, kwargs) {
    const given = toList(inputs);
    const outputs = this.#withoutInputs(this.call(inputs, kwargs), given);
    this.addActivityLoss(toList(outputs));
    if (this.supportsMasking && !this.carriesMasks) this.#keepMasks(given, outputs);
    return outputs;
  }

  /**
   * An output that is an input becomes a tensor of its own.
   * @param {Tensor | Tensor[]} outputs
   * @param {Tensor[]} inputs
   */
  #withoutInputs(outputs, inputs) {
    const own = (/** @type {Tensor} */ output) => (inputs.includes(output) ? output.clone() : output);
    return Array.isArray(outputs) ? outputs.map(own) : own(outputs);
  }

  /**
   * Tensors that were computed one by one carry their masks.
   * @param {Tensor[]} inputs
   * @param {Tensor | Tensor[]} outputs
   */
  #keepMasks(inputs, outputs) {
    const masks = toList(this.computeMask(inputs));
    if (masks.length !== toList(outputs).length) return;
    toList(outputs).forEach((output, i) => {
      if (masks[i] != null) attachMask(output, masks[i]);
    });
  }

  /**
   * A call in a model: tensors with masks in, tensors with masks out.
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks one an input
   * @param {Kwargs} kwargs
   * @returns {Results}
   */
  run(inputs, masks, kwargs) {
    return nameScope(this.name, () => {
      this.prepare(inputs, kwargs);
      const isMasked = masks.some(mask => mask !== null);
      const outputs = toList(this.#withoutInputs(this.call(inputs, isMasked ? { mask: masks[0], ...kwargs } : kwargs), inputs));
      const found = this.supportsMasking ? toList(this.computeMask(inputs, masks)) : [];
      return { outputs, masks: outputs.map((_, i) => found[i] ?? null) };
    });
  }

  /** @param {AnyTensor | AnyTensor[]} inputs */
  assertInputCompatibility(inputs) {
    if (this.inputSpec != null && this.inputSpec.length > 0) assertInputs(this.name, this.inputSpec, toList(inputs));
  }

  /** @param {SymbolicTensor[]} inputs */
  #warnOfShapes(inputs) {
    const { batchInputShape: expected, name } = this;
    if (expected == null || inputs.length !== 1) return;
    const [{ shape }] = inputs;
    if (shape.length !== expected.length) {
      console.warn(`The rank of the input tensor provided (shape: ${JSON.stringify(shape)}) does not match that of the batchInputShape ` +
        `(${JSON.stringify(expected)}) of the layer ${name}`);
    } else if (expected.some((dimension, i) => dimension != null && shape[i] != null && dimension !== shape[i])) {
      console.warn(`The shape of the input tensor (${JSON.stringify(shape)}) does not match the expectation ` +
        `of layer ${name}: ${JSON.stringify(expected)}`);
    }
  }

  /** The name of an input that a call can leave out. @param {number} _slot @returns {string} */
  parameterName(_slot) {
    return '';
  }

  /** @param {any} inputs @param {Kwargs} kwargs */
  invokeCallHook(inputs, kwargs) {
    this._callHook?.(inputs, kwargs);
  }

  /** Calls a function at the start of each call, where the class invokes it. @param {(inputs: any, kwargs: Kwargs) => void} callHook */
  setCallHook(callHook) {
    this._callHook = callHook;
  }

  clearCallHook() {
    this._callHook = null;
  }

  // ---- calls that were made

  /** @param {number} nodeIndex @param {string} what */
  #nodeAt(nodeIndex, what) {
    const { length } = this.inboundNodes;
    if (length === 0) throw layerError('RuntimeError', `The layer has never been called and thus has no defined ${what}.`);
    if (length <= nodeIndex) throw valueError(`Asked to get ${what} at node ${nodeIndex}, but the layer has only ${length} inbound nodes.`);
    return this.inboundNodes[nodeIndex];
  }

  /** @param {number} nodeIndex @returns {SymbolicTensor | SymbolicTensor[]} */
  getInputAt(nodeIndex) {
    return oneOrAll(this.#nodeAt(nodeIndex, 'input').inputTensors);
  }

  /** @param {number} nodeIndex @returns {SymbolicTensor | SymbolicTensor[]} */
  getOutputAt(nodeIndex) {
    return oneOrAll(this.#nodeAt(nodeIndex, 'output').outputTensors);
  }

  /** Of the only call. @returns {SymbolicTensor | SymbolicTensor[]} */
  get input() {
    this.#assertOneCall('input', 'Input');
    if (this.inboundNodes.length === 0) throw layerError('AttributeError', `Layer ${this.name} is not connected, no input to return.`);
    return this.getInputAt(0);
  }

  /** Of the only call. @returns {SymbolicTensor | SymbolicTensor[]} */
  get output() {
    if (this.inboundNodes.length === 0) throw layerError('AttributeError', `Layer ${this.name} has no inbound nodes.`);
    this.#assertOneCall('output', 'Output');
    return this.getOutputAt(0);
  }

  /** @param {string} what @param {string} name */
  #assertOneCall(what, name) {
    if (this.inboundNodes.length <= 1) return;
    throw layerError('AttributeError', `Layer ${this.name} has multiple inbound nodes, hence the notion of "layer ${what}" is ill-defined. ` +
      `Use \`get${name}At(nodeIndex)\` instead.`);
  }

  /** Of all calls, where they agree. @returns {any} a Shape, or one for each output */
  get outputShape() {
    if (this.inboundNodes.length === 0) {
      throw layerError('AttributeError', `The layer ${this.name} has never been called and thus has no defined output shape.`);
    }
    const shapes = new Set(this.inboundNodes.map(node => JSON.stringify(node.outputShapes)));
    if (shapes.size === 1) return oneOrAll(toShapes(this.inboundNodes[0].outputShapes));
    throw layerError('AttributeError',
      `The layer ${this.name} has multiple inbound nodes with different output shapes. ` +
        `Hence the notion of "output shape" is ill-defined for the layer.`);
  }

  /** Of the first call. @returns {any} a Shape, or one for each input */
  get inputShape() {
    return this.inboundNodes.length === 0 ? undefined : oneOrAll(this.inboundNodes[0].inputShapes);
  }

  // ---- weights

  /**
   * Makes a weight; a class calls it in build.
   * @param {string} name
   * @param {number[]} shape
   * @param {DataType | null} [dtype]
   * @param {Initializer | string | null} [initializer]
   * @param {Regularizer | null} [regularizer]
   * @param {boolean | null} [trainable]
   * @param {Constraint | null} [constraint]
   * @returns {LayerVariable}
   */
  addWeight(name, shape, dtype, initializer, regularizer, trainable, constraint) {
    if (this.#weightNames.includes(name)) throw valueError(`Duplicate weight name ${name} for layer ${this.name}`);
    this.#weightNames.push(name);
    const from = getInitializer(initializer ?? 'zeros');
    const value = from.apply(shape, dtype ?? 'float32');
    assert(arraysEqual(value.shape, shape),
      () => `The initializer of weight ${name} of layer ${this.name} made the shape [${value.shape}], expected [${shape}]`, 'SHAPE');
    const weight = new LayerVariable(value, dtype, name, trainable ?? true, constraint);
    value.dispose();
    weight.regularizer = regularizer ?? null;
    (trainable === false ? this._nonTrainableWeights : this._trainableWeights).push(weight);
    return weight;
  }

  /**
   * Adds to the loss that training makes smaller: a function that is called in each step, or, in call, a tensor of this call.
   * @param {(() => Tensor) | Tensor | ((() => Tensor) | Tensor)[]} losses
   */
  addLoss(losses) {
    for (const loss of toList(losses)) {
      if (typeof loss === 'function') this._losses.push(loss);
      else engine.trace?.losses?.push(loss);
    }
  }

  /** What was added, and what the regularizers of trainable weights add. @returns {(() => Tensor)[]} */
  get losses() {
    return [...this._losses,
      ...this.trainableWeights.flatMap(({ regularizer, val }) => (regularizer === null ? [] : [() => regularizer.apply(val)]))];
  }

  /**
   * In the body of a training step: what the activity regularizer makes of a call's outputs, divided by the samples as Keras has it.
   * @param {Tensor[]} outputs
   */
  addActivityLoss(outputs) {
    const { activityRegularizer } = this;
    const losses = engine.trace?.losses ?? null;
    if (activityRegularizer == null || losses === null) return;
    for (const output of outputs) losses.push(div(activityRegularizer.apply(output), output.shape[0]));
  }

  /** @returns {Tensor[]} */
  calculateLosses() {
    return this.losses.map(loss => loss());
  }

  /** @type {boolean} */
  get trainable() {
    return this.#trainable;
  }

  set trainable(trainable) {
    for (const weight of this._trainableWeights) weight.trainable = trainable;
    this.#trainable = trainable;
  }

  /** @returns {LayerVariable[]} */
  get trainableWeights() {
    return this.trainable ? this._trainableWeights.filter(weight => weight.trainable) : [];
  }

  set trainableWeights(weights) {
    this._trainableWeights = weights;
  }

  /** @returns {LayerVariable[]} */
  get nonTrainableWeights() {
    return [...this._trainableWeights.filter(weight => !this.trainable || !weight.trainable), ...this._nonTrainableWeights];
  }

  set nonTrainableWeights(weights) {
    this._nonTrainableWeights = weights;
  }

  /** Trainable ones first. @returns {LayerVariable[]} */
  get weights() {
    return [...this.trainableWeights, ...this.nonTrainableWeights];
  }

  /** In the order of files. @returns {LayerVariable[]} */
  get variables() {
    return this.weights;
  }

  /** The weights' values: they change when the layer's do. @returns {Tensor[]} */
  getWeights(trainableOnly = false) {
    return (trainableOnly ? this.trainableWeights : this.weights).map(weight => weight.read());
  }

  /** @param {readonly Tensor[]} values in the order of getWeights */
  setWeights(values) {
    assignWeights(this.name, this.weights, values);
  }

  countParams() {
    if (!this.built) {
      throw layerError('RuntimeError',
        `You tried to call countParams() on ${this.name}, but the layer is not built yet. Build it first by calling build(batchInputShape).`);
    }
    return countElements(this.weights);
  }

  // ---- state and end

  /** Whether it goes on from where the batch before ended. @type {boolean} */
  get stateful() {
    return this.#stateful;
  }

  set stateful(stateful) {
    this.#stateful = stateful;
  }

  /** Forgets what a stateful layer has kept. */
  resetStates() {
    if (!this.stateful) throw new Error('Cannot call the resetStates() method of a non-stateful Layer object.');
  }

  assertNotDisposed() {
    assert(this._refCount !== 0, () => `Layer '${this.name}' is already disposed.`, 'DISPOSED');
  }

  /** Disposes the weights. @returns {number} how many */
  disposeWeights() {
    const { weights } = this;
    for (const weight of weights) weight.dispose();
    return weights.length;
  }

  /** Gives back one use of the weights; the last one disposes them. */
  dispose() {
    if (!this.built) throw new Error(`Cannot dispose Layer ${this.name} because it has not been built yet.`);
    if (this._refCount === null) throw new Error(`Cannot dispose Layer ${this.name} because it has not been used yet.`);
    this.assertNotDisposed();
    const refCountAfterDispose = --this._refCount;
    return { refCountAfterDispose, numDisposedVariables: refCountAfterDispose === 0 ? this.disposeWeights() : 0 };
  }
}
