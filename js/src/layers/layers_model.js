/** tf.LayersModel: a graph of layers that predicts and is trained. */
import { engine } from '../core/engine.js';
import { assert, failure } from '../core/util.js';
import { dispose, memory } from '../memory.js';
import { concat, slice } from '../ops/shape.js';
import { CompileSettings } from '../train/compile.js';
import { isStream } from '../train/batches.js';
import { barFor } from '../train/evaluate.js';
import { fit } from '../train/fit.js';
import { evaluate, evaluateDataset, onBatch } from '../train/on_batch.js';
import { predictWatched } from '../train/predict.js';
import { TrainingState } from '../train/state.js';
import { compileAsSaved, loadTrainingConfig, trainingConfigOf } from '../train/training_config.js';
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
/** @import { ModelCompileArgs } from '../train/compile.js' */
/** @import { Data } from '../train/data.js' */
/** @import { ModelFitArgs } from '../train/fit.js' */
/** @import { History } from '../callbacks/history.js' */
/** @import { ModelEvaluateArgs } from '../train/on_batch.js' */
/** @import { ModelPredictArgs } from '../train/predict.js' */
/** @import { TrainingConfig } from '../train/training_config.js' */

/** @typedef {{sampleWeight?: Data, classWeight?: any, returnDict?: boolean}} OnBatchArgs */

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
  get ends() {
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
   * @param {any} x tensors, one an input in order or by name; or a dataset, generator function or iterator
   * @param {ModelPredictArgs} [args]
   * @returns {any} a tensor, or several where the model has several outputs; a promise of them for a dataset and where there are callbacks
   */
  predict(x, { batchSize = BATCH_SIZE, callbacks, verbose, steps } = {}) {
    this.assertNotDisposed();
    assertBatchSize(batchSize);
    if (callbacks != null || isStream(x)) return predictWatched(this, x, { batchSize, callbacks, verbose, steps });
    return engine.scoped('predict', () => {
      const batches = makeBatches(standardizeInputs(x, this.ends), batchSize).slice(0, steps);
      const bar = barFor(verbose, batches.length);
      bar?.onPredictBegin();
      const results = batches.map((batch, i) => {
        const outputs = this.#run(batch);
        bar?.onPredictBatchEnd(i);
        return outputs;
      });
      bar?.onPredictEnd();
      return join(results);
    });
  }

  /**
   * Runs the model on all samples at once.
   * @param {ModelInput} x
   * @returns {Tensor | Tensor[]} an array where the model has several outputs
   */
  predictOnBatch(x) {
    this.assertNotDisposed();
    return engine.scoped('predictOnBatch', () => join([this.#run(standardizeInputs(x, this.ends))]));
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
      makeBatches(standardizeInputs(x, this.ends), batchSize).map(batch => batch.map(tensor => keptClone(tensor))));
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

  /** What the model is compiled with, and what has been traced for it. @type {TrainingState | null} */
  #training = null;
  /** What the training that came last has said. @type {History | null | undefined} */
  history;
  /** Where a callback has found that training is to go on. @type {number | null} */
  initialEpoch = null;
  /** A fit is going on. */
  isTraining = false;
  /** Callbacks set it: training ends after this batch. */
  stopTraining = false;
  /** The optimizer was made by compile, and is disposed with the model. */
  isOptimizerOwned = false;
  /** @type {any} */
  #optimizer = null;

  /** What a file of Keras says of compile, until somebody asks for it. @type {TrainingConfig | null} */
  #saved = null;

  /** Compiles as a file of Keras says, when training is asked for. @param {TrainingConfig} trainingConfig */
  compileLater(trainingConfig) {
    this.#saved = trainingConfig;
  }

  /** @returns {TrainingState | null} */
  get #compiled() {
    const saved = this.#saved;
    this.#saved = null;
    if (saved !== null) compileAsSaved(this, saved);
    return this.#training;
  }

  /**
   * Says how the model is trained.
   * @param {ModelCompileArgs} args
   */
  compile(args) {
    this.assertNotDisposed();
    this.#saved = null;
    if (this.#loaded === null) this.build(undefined);
    const settings = new CompileSettings(this, args);
    this.#forgetTraining();
    this.#optimizer = settings.optimizer;
    this.isOptimizerOwned = settings.isOptimizerOwned;
    this.#training = new TrainingState(this, settings);
  }

  /** Forgets what compile was given. */
  uncompile() {
    this.#forgetTraining();
    this.#optimizer = null;
    this.isOptimizerOwned = false;
  }

  #forgetTraining() {
    this.#training?.dispose();
    this.#training = null;
    if (this.isOptimizerOwned) this.#optimizer?.dispose();
  }

  /** What training needs; an error before compile. @returns {TrainingState} */
  get trainingState() {
    this.assertNotDisposed();
    const compiled = this.#compiled;
    if (compiled === null) {
      throw layerError('RuntimeError', 'You must compile a model before training/testing. Use LayersModel.compile(modelCompileConfig).');
    }
    return compiled;
  }

  /** The optimizer that it is compiled with; undefined before. */
  get optimizer() {
    void this.#compiled;
    return this.#optimizer ?? undefined;
  }

  /** Trains with another one from now on. */
  set optimizer(optimizer) {
    if (optimizer === this.#optimizer) return;
    if (this.isOptimizerOwned) this.#optimizer?.dispose();
    this.#optimizer = optimizer;
    this.isOptimizerOwned = false;
    this.#training?.useOptimizer(optimizer);
  }

  /** As compile was given it. */
  get loss() {
    return this.#compiled?.settings.loss;
  }

  /** As compile was given them. */
  get metrics() {
    return this.#compiled?.settings.metrics;
  }

  /** What evaluate and trainOnBatch answer, in this order. @returns {string[]} */
  get metricsNames() {
    return this.#compiled?.metricsNames ?? [];
  }

  /** What model.json says of compile. @returns {TrainingConfig} */
  getTrainingConfig() {
    return trainingConfigOf(this.trainingState.settings, this.optimizer);
  }

  /** Compiles as a model.json says. @param {TrainingConfig} trainingConfig */
  loadTrainingConfig(trainingConfig) {
    loadTrainingConfig(this, trainingConfig);
  }

  /**
   * Trains for a number of epochs.
   * @param {any} x tensors, one an input in order or by name; or a dataset, generator function or iterator of batches
   * @param {Data} [y] targets, one an output; none where x gives them
   * @param {ModelFitArgs} [args]
   * @returns {Promise<History>}
   */
  async fit(x, y, args = {}) {
    return fit(this, x, y, args);
  }

  /**
   * Trains with batches that a dataset gives.
   * @param {any} dataset of {xs, ys}, or [x, y] or [x, y, sampleWeight]
   * @param {ModelFitArgs} args
   * @returns {Promise<History>}
   */
  async fitDataset(dataset, args) {
    void this.trainingState;
    assert(args != null, () => 'For fitDataset(), the 2nd argument (config) is required, but it is not provided in this call.');
    assert(args.epochs != null && args.epochs > 0 && Number.isInteger(args.epochs),
      () => `For fitDataset(), config.epochs is expected to be a positive integer, but got ${args.epochs}`);
    assert(args.batchesPerEpoch == null || (args.batchesPerEpoch > 0 && Number.isInteger(args.batchesPerEpoch)),
      () => `For fitDataset(), config.batchesPerEpoch is expected to be a positive integer if specified, but got ${args.batchesPerEpoch}`);
    return fit(this, dataset, undefined, args);
  }

  /**
   * One step of training.
   * @param {Data} x
   * @param {Data} [y]
   * @param {OnBatchArgs} [args]
   * @returns {Promise<any>} the loss, or [loss, ...metrics] of this batch in the order of metricsNames; with returnDict by name
   */
  async trainOnBatch(x, y, args) {
    return onBatch(this, { x, y, ...args }, true);
  }

  /**
   * The loss and metrics of one batch.
   * @param {Data} x
   * @param {Data} [y]
   * @param {OnBatchArgs} [args]
   * @returns {Promise<any>} as trainOnBatch
   */
  async testOnBatch(x, y, args) {
    return onBatch(this, { x, y, ...args }, false);
  }

  /**
   * The loss and metrics over all samples.
   * @param {Data} x
   * @param {Data} [y]
   * @param {ModelEvaluateArgs} [args]
   * @returns {any} a scalar, or several in the order of metricsNames; with returnDict numbers by name; with callbacks, or for a dataset, a promise
   */
  evaluate(x, y, args = {}) {
    void this.trainingState;
    assertBatchSize(args.batchSize ?? BATCH_SIZE);
    return evaluate(this, x, y, args);
  }

  /**
   * The same over the batches of a dataset.
   * @param {any} dataset
   * @param {ModelEvaluateArgs} [args]
   * @returns {Promise<any>}
   */
  async evaluateDataset(dataset, args) {
    void this.trainingState;
    return evaluateDataset(this, dataset, args ?? {});
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
    assert(metadata !== null && typeof metadata === 'object' && !Array.isArray(metadata),
      () => 'User-defined metadata is expected to be a JSON object, but is not.');
    this.userDefinedMetadata = metadata;
  }

  /** @override */
  dispose() {
    this.assertNotDisposed();
    const before = memory().numTensors;
    if (this._refCount === 1) this.#forgetTraining();
    const numDisposed = before - memory().numTensors;
    const loaded = this.#loaded;
    const result = loaded !== null && !loaded.isConnected ? this.#disposeLoaded(loaded) : super.dispose();
    if (result.refCountAfterDispose === 0) loaded?.release();
    result.numDisposedVariables += numDisposed;
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
