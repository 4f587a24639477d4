/** tf.LayersModel: a loaded model that predicts. */
import { engine } from '../core/engine.js';
import { assert, failure } from '../core/util.js';
import { dispose } from '../memory.js';
import { concat, slice } from '../ops/shape.js';
import { SymbolicTensor, toJavaScriptConfig } from './description.js';
import { standardizeInputs } from './inputs.js';
import { layersOf } from './layer.js';
import { printSummary } from './summary.js';
import { assignWeights, countElements, LayerVariable } from './weights.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { Description } from './description.js' */
/** @import { ModelInput } from './inputs.js' */

/** Samples that go through the model at once, where nothing else is said. */
const BATCH_SIZE = 32;

/** Releases models that were dropped without dispose. @type {FinalizationRegistry<number>} */
const net = new FinalizationRegistry(model => engine.native.modelRelease(model));

export class LayersModel {
  #handle;
  #description;
  #variables;
  #isDisposed = false;

  /**
   * @param {number} handle of a model in the native library; belongs to this object now
   * @param {object} [userDefinedMetadata]
   */
  constructor(handle, userDefinedMetadata) {
    net.register(this, handle, this);
    /** @type {Description} */
    const description = JSON.parse(engine.native.modelDescribe(handle));
    this.#handle = handle;
    this.#description = description;
    this.#variables = description.allWeights.map((weight, i) => new LayerVariable(handle, i, weight));
    this.name = description.name;
    this.inputs = description.inputs.map(input => new SymbolicTensor(inputName(description, input.name), input.shape, input.dtype));
    this.outputs = description.outputs.map(output => new SymbolicTensor(output.name, output.shape, output.dtype));
    this.layers = layersOf(description, this.#variables, description.inputs[0]?.shape);
    this.userDefinedMetadata = userDefinedMetadata;
    this.built = true;
  }

  /** The native model. */
  get handle() {
    if (this.#isDisposed) throw failure('DISPOSED', `Container '${this.name}' is already disposed.`);
    return this.#handle;
  }

  get inputNames() {
    return this.inputs.map(input => input.name);
  }

  get outputNames() {
    return this.outputs.map(output => output.name);
  }

  getClassName() {
    return this.#description.className === 'Sequential' ? 'Sequential' : 'Functional';
  }

  // ---- prediction

  /**
   * Runs the model on any number of samples, batchSize at a time.
   * @param {ModelInput} x
   * @param {{batchSize?: number}} [args]
   * @returns {Tensor | Tensor[]} an array where the model has several outputs
   */
  predict(x, { batchSize = BATCH_SIZE } = {}) {
    assertBatchSize(batchSize);
    return engine.scoped('predict', () => {
      const batches = makeBatches(standardizeInputs(x, this.inputs), batchSize);
      return this.#join(batches.map(batch => this.#run(batch)));
    });
  }

  /**
   * Runs the model on all samples at once.
   * @param {ModelInput} x
   * @returns {Tensor | Tensor[]} an array where the model has several outputs
   */
  predictOnBatch(x) {
    return engine.scoped('predictOnBatch', () => this.#join([this.#run(standardizeInputs(x, this.inputs))]));
  }

  /**
   * As predict; in Node the work is done on another thread, and the event loop goes on.
   * @param {ModelInput} x
   * @param {{batchSize?: number}} [args]
   * @returns {Promise<Tensor | Tensor[]>} an array where the model has several outputs
   */
  async predictAsync(x, { batchSize = BATCH_SIZE } = {}) {
    assertBatchSize(batchSize);
    const batches = engine.scoped('predictAsync', () =>
      makeBatches(standardizeInputs(x, this.inputs), batchSize).map(batch => batch.map(tensor => keptClone(tensor))));
    /** @type {Tensor[][]} */
    const results = [];
    let joined = null;
    try {
      for (const batch of batches) {
        const handles = await engine.native.async.modelPredict(this.handle, batch.map(tensor => tensor.handle));
        results.push(handles.map(handle => engine.adopt(handle)));
      }
      joined = this.#join(results);
      return joined;
    } finally {
      dispose(batches);
      if (joined === null || results.length > 1) dispose(results);
    }
  }

  /**
   * Calls the model on tensors, as a layer is called.
   * @param {ModelInput} inputs
   */
  apply(inputs) {
    return this.predictOnBatch(inputs);
  }

  /** @param {Tensor[]} inputs */
  #run(inputs) {
    return engine.native.modelPredict(this.handle, inputs.map(input => input.handle)).map(handle => engine.adopt(handle));
  }

  /**
   * The results of batches one after the other.
   * @param {Tensor[][]} results
   */
  #join(results) {
    const joined = results.length === 1 ? results[0] : this.outputs.map((_, i) => concat(results.map(outputs => outputs[i]), 0));
    return joined.length === 1 ? joined[0] : joined;
  }

  // ---- weights

  get trainableWeights() {
    return this.layers.flatMap(layer => layer.trainableWeights);
  }

  get nonTrainableWeights() {
    return this.layers.flatMap(layer => layer.nonTrainableWeights);
  }

  /** Trainable ones first. */
  get weights() {
    return [...this.trainableWeights, ...this.nonTrainableWeights];
  }

  /** The weights' values: they change when the model's do. @returns {Tensor[]} */
  getWeights(trainableOnly = false) {
    return (trainableOnly ? this.trainableWeights : this.weights).map(variable => variable.read());
  }

  /** @param {readonly Tensor[]} values in the order of getWeights */
  setWeights(values) {
    assignWeights(this.name, this.weights, values);
  }

  countParams() {
    return countElements(this.#variables);
  }

  // ---- structure

  /**
   * @param {string | number | null} nameOrIndex
   * @param {number} [index]
   */
  getLayer(nameOrIndex, index) {
    const place = index ?? nameOrIndex;
    assert(place != null, () => 'Provide either a layer name or layer index');
    if (typeof place === 'number') {
      assert(place < this.layers.length,
        () => `Was asked to retrieve layer at index ${place}, but model only has ${this.layers.length} layer(s).`, 'NOT_FOUND');
      return this.layers[place];
    }
    const found = this.layers.find(layer => layer.name === place);
    assert(found !== undefined, () => `No such layer: ${place}`, 'NOT_FOUND');
    return found;
  }

  /**
   * Prints a table of the layers.
   * @param {number} [lineLength] in characters
   * @param {number[]} [positions] where columns end: characters, or fractions of the line
   * @param {(message: string) => void} [printFn]
   */
  summary(lineLength, positions, printFn = console.log) {
    printSummary(this, lineLength, positions, printFn);
  }

  /** The topology's settings, spelled as TensorFlow.js does. @returns {Record<string, any>} */
  getConfig() {
    return toJavaScriptConfig(JSON.parse(engine.native.modelTopology(this.handle)).config);
  }

  /**
   * The topology as Keras and TensorFlow.js read it.
   * @param {unknown} [_unused]
   * @param {boolean} [returnString] false: an object
   * @returns {string | Record<string, any>}
   */
  toJSON(_unused, returnString = true) {
    const topology = JSON.parse(engine.native.modelTopology(this.handle));
    const json = { ...topology, keras_version: 'hornbeam', backend: 'hornbeam' };
    return returnString ? JSON.stringify(json) : json;
  }

  getUserDefinedMetadata() {
    return this.userDefinedMetadata;
  }

  /** @param {object} metadata */
  setUserDefinedMetadata(metadata) {
    this.userDefinedMetadata = metadata;
  }

  /** Gives the model's memory back. */
  dispose() {
    const { handle } = this;
    net.unregister(this);
    for (const variable of this.#variables) variable.dispose();
    engine.native.modelRelease(handle);
    this.#isDisposed = true;
    return { refCountAfterDispose: 0, numDisposedVariables: this.#variables.length };
  }
}

/**
 * A Sequential without an InputLayer names its input after its first layer.
 * @param {Description} description
 * @param {string} name
 */
function inputName({ className, layers }, name) {
  return className === 'Sequential' && layers[0]?.name === name && layers[0].className !== 'InputLayer' ? `${name}_input` : name;
}

/** @param {number} batchSize */
function assertBatchSize(batchSize) {
  assert(batchSize > 0 && Number.isInteger(batchSize), () => `batchSize is required to be a positive integer, but got ${batchSize}`);
}

/**
 * Cuts inputs into batches; one batch is the inputs themselves.
 * @param {Tensor[]} inputs
 * @param {number} batchSize
 * @returns {Tensor[][]}
 */
function makeBatches(inputs, batchSize) {
  const samples = inputs[0].shape[0];
  if (samples <= batchSize) return [inputs];
  return Array.from({ length: Math.ceil(samples / batchSize) }, (_, i) =>
    inputs.map(input => slice(input, i * batchSize, Math.min(batchSize, samples - i * batchSize))));
}

/**
 * A clone that no scope disposes, since its user waits for another thread.
 * @param {Tensor} tensor
 */
function keptClone(tensor) {
  const clone = tensor.clone();
  clone.kept = true;
  return clone;
}
