/** tf.LayersModel: a graph of layers that predicts. */
import { engine } from '../core/engine.js';
import { assert, failure } from '../core/util.js';
import { dispose } from '../memory.js';
import { concat, slice } from '../ops/shape.js';
import { Container } from './container.js';
import { layerError } from './errors.js';
import { standardizeInputs } from './inputs.js';
import { saveModel } from './saving.js';
import { registerBuiltIn } from './serialization.js';
import { printSummary } from './summary.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { ContainerArgs } from './container.js' */
/** @import { ModelInput } from './inputs.js' */
/** @import { IOHandler } from '../io/io.js' */
/** @import { SaveConfig } from './saving.js' */
/** @import { LoadedModel } from './loaded.js' */

/** Samples that go through the model at once, where nothing else is said. */
const BATCH_SIZE = 32;

export class LayersModel extends Container {
  static className = 'Model';

  /** The native model that it was loaded as: it predicts as long as its layers stay as they are. @type {LoadedModel | null} */
  #loaded = null;
  /** @type {object | undefined} */
  userDefinedMetadata;

  /** @param {ContainerArgs | {name?: string, loaded?: LoadedModel}} args */
  constructor(args) {
    if ('loaded' in args && args.loaded !== undefined) {
      const { loaded } = args;
      super({ name: args.name, source: () => loaded.connect() });
      this.#loaded = loaded;
    } else {
      super(args);
    }
  }

  /** The native model that it was loaded as; null for others. */
  get loaded() {
    return this.#loaded;
  }

  /** What goes in, by name, shape and dtype: known without making the layers. */
  get #ends() {
    return this.#loaded?.inputs ?? this.inputs.map(({ shape, dtype, sourceLayer }) => ({ name: sourceLayer.name, shape, dtype }));
  }

  /** @override */
  get inputNames() {
    return this.#loaded?.inputs.map(({ name }) => name) ?? super.inputNames;
  }

  /** @override */
  get outputNames() {
    return this.#loaded?.outputNames ?? super.outputNames;
  }

  /** @override */
  disconnect() {
    super.disconnect();
    this.#loaded?.release();
    this.#loaded = null;
  }

  // ---- prediction

  /**
   * Runs the model on any number of samples, batchSize at a time.
   * @param {ModelInput} x
   * @param {{batchSize?: number, verbose?: boolean}} [args]
   * @returns {Tensor | Tensor[]} an array where the model has several outputs
   */
  predict(x, { batchSize = BATCH_SIZE } = {}) {
    this.assertNotDisposed();
    assertBatchSize(batchSize);
    return engine.scoped('predict', () => {
      const batches = makeBatches(standardizeInputs(x, this.#ends), batchSize);
      return join(batches.map(batch => this.#run(batch)));
    });
  }

  /**
   * Runs the model on all samples at once.
   * @param {ModelInput} x
   * @returns {Tensor | Tensor[]} an array where the model has several outputs
   */
  predictOnBatch(x) {
    this.assertNotDisposed();
    return engine.scoped('predictOnBatch', () => join([this.#run(standardizeInputs(x, this.#ends))]));
  }

  /**
   * As predict; for a loaded model in Node the work is done on another thread, and the event loop goes on.
   * @param {ModelInput} x
   * @param {{batchSize?: number}} [args]
   * @returns {Promise<Tensor | Tensor[]>} an array where the model has several outputs
   */
  async predictAsync(x, { batchSize = BATCH_SIZE } = {}) {
    this.assertNotDisposed();
    assertBatchSize(batchSize);
    const loaded = this.#loaded;
    if (loaded === null || loaded.isStateful) return this.predict(x, { batchSize });
    const batches = engine.scoped('predictAsync', () =>
      makeBatches(standardizeInputs(x, this.#ends), batchSize).map(batch => batch.map(tensor => keptClone(tensor))));
    /** @type {Tensor[][]} */
    const results = [];
    let joined = null;
    try {
      for (const batch of batches) results.push(await loaded.predictAsync(batch));
      joined = join(results);
      return joined;
    } finally {
      dispose(batches);
      if (joined === null || results.length > 1) dispose(results);
    }
  }

  /**
   * The native model works alone; where a gradient is taken or states are kept, the layers do.
   * @param {Tensor[]} inputs
   */
  #run(inputs) {
    const loaded = this.#loaded;
    if (loaded !== null && !loaded.isStateful && engine.trace === null && engine.tape === null) return loaded.predict(inputs);
    return this.compute(inputs, inputs.map(() => null), {}).outputs;
  }

  // ---- training

  /** @param {unknown} _args @returns {never} */
  compile(_args) {
    throw notYet('compile');
  }

  /** @param {unknown[]} _args @returns {Promise<never>} */
  async fit(..._args) {
    throw notYet('fit');
  }

  /** @param {unknown[]} _args @returns {Promise<never>} */
  async fitDataset(..._args) {
    throw notYet('fitDataset');
  }

  /** @param {unknown[]} _args @returns {Promise<never>} */
  async trainOnBatch(..._args) {
    throw notYet('trainOnBatch');
  }

  /** @param {unknown[]} _args @returns {never} */
  evaluate(..._args) {
    throw notYet('evaluate');
  }

  /** @param {unknown[]} _args @returns {Promise<never>} */
  async evaluateDataset(..._args) {
    throw notYet('evaluateDataset');
  }

  // ---- structure

  /**
   * Prints a table of the layers.
   * @param {number} [lineLength] in characters
   * @param {number[]} [positions] where columns end: characters, or fractions of the line
   * @param {(message: string) => void} [printFn]
   */
  summary(lineLength, positions, printFn = console.log) {
    this.assertNotDisposed();
    printSummary(this, lineLength, positions, printFn);
  }

  /**
   * Saves topology and weights.
   * @param {string | IOHandler} handlerOrURL file://FOLDER, indexeddb://NAME and the like, or an object with a save method
   * @param {SaveConfig} [config]
   */
  async save(handlerOrURL, config) {
    this.assertNotDisposed();
    return saveModel(this, handlerOrURL, config);
  }

  getUserDefinedMetadata() {
    return this.userDefinedMetadata;
  }

  /** @param {object} metadata */
  setUserDefinedMetadata(metadata) {
    assert(metadata !== null && typeof metadata === 'object' && !Array.isArray(metadata), () => 'User-defined metadata is expected to be a JSON object, but is not.');
    this.userDefinedMetadata = metadata;
  }

  /** @override */
  dispose() {
    this.assertNotDisposed();
    const loaded = this.#loaded;
    const result = loaded !== null && !loaded.isConnected ? this.#disposeLoaded(loaded) : super.dispose();
    if (result.refCountAfterDispose === 0) loaded?.release();
    return result;
  }

  /**
   * A loaded model whose layers nobody asked for.
   * @param {LoadedModel} loaded
   */
  #disposeLoaded(loaded) {
    super.assertNotDisposed();
    for (const variable of loaded.variables) variable.dispose();
    this.end();
    return { refCountAfterDispose: 0, numDisposedVariables: loaded.variables.length };
  }
}

/** A model as Keras's files have it. */
export class Functional extends LayersModel {
  static className = 'Functional';
}

registerBuiltIn(LayersModel, Functional);

/** @param {string} method */
function notYet(method) {
  return layerError('NotImplementedError', `model.${method}() is not there yet: this version of Hornbeam computes with models and does not train them`);
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
  if (inputs.length === 0) throw failure('INVALID_ARGUMENT', 'A model without inputs cannot predict');
  const samples = inputs[0].shape[0];
  if (samples <= batchSize) return [inputs];
  return Array.from({ length: Math.ceil(samples / batchSize) }, (_, i) =>
    inputs.map(input => slice(input, i * batchSize, Math.min(batchSize, samples - i * batchSize))));
}

/**
 * The results of batches one after the other.
 * @param {Tensor[][]} results
 */
function join(results) {
  const joined = results.length === 1 ? results[0] : results[0].map((_, i) => concat(results.map(outputs => outputs[i]), 0));
  return joined.length === 1 ? joined[0] : joined;
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
