/** fit: epochs of training, validation and callbacks. Reference: keras/src/trainers, and TensorFlow.js's LayersModel.fit. */
import { CallbackList } from '../callbacks/list.js';
import { YieldPolicy } from '../callbacks/yielding.js';
import { engine } from '../core/engine.js';
import { valueError } from '../layers/errors.js';
import { dispose } from '../memory.js';
import { slice } from '../ops/shape.js';
import { generator } from '../data/readers.js';
import { Epochs, isStream, StreamBatches, TensorBatches } from './batches.js';
import { standardizeData } from './data.js';
import { testLoop } from './evaluate.js';
import { mix } from './order.js';
import { streamReader } from './stream.js';
import { ofBatch, withAliases } from './logs.js';

/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { History } from '../callbacks/history.js' */
/** @import { OwnedBatch, Shuffle } from './batches.js' */
/** @import { ClassWeight, Data } from './data.js' */
/** @import { Batch, Logs } from './step.js' */
/** @import { YieldEvery } from '../callbacks/yielding.js' */

/**
 * What fit takes, as Keras and TensorFlow.js name it.
 * @typedef {object} ModelFitArgs
 * @property {number} [batchSize] samples a step; 32
 * @property {number} [epochs] the last epoch's number; 1
 * @property {0 | 1 | 2 | 'auto' | boolean} [verbose] 0: silent; 1: a progress bar; 2: one line an epoch
 * @property {any} [callbacks] one or several: objects with hooks, or instances of tf.Callback
 * @property {number} [validationSplit] the part of the samples, the last ones, that is for validation: between 0 and 1
 * @property {any} [validationData] [x, y], [x, y, sampleWeight], or a dataset
 * @property {Shuffle} [shuffle] true: samples in another order each epoch; 'batch': batches
 * @property {ClassWeight | ClassWeight[] | Record<string, ClassWeight>} [classWeight]
 * @property {Data} [sampleWeight] one weight a sample, or a sample and step
 * @property {number} [initialEpoch] the first epoch's number; 0
 * @property {number} [stepsPerEpoch] batches an epoch
 * @property {number} [batchesPerEpoch] the same, as fitDataset has it
 * @property {number} [validationSteps] batches of a validation
 * @property {number} [validationBatches] the same, as fitDataset has it
 * @property {number} [validationBatchSize] samples a batch of validation; batchSize
 * @property {number | number[]} [validationFreq] every so many epochs, or after which epochs (counted from 1)
 * @property {YieldEvery} [yieldEvery] how often the event loop goes on
 * @property {number} [seed] what shuffling, dropout and noise draw from: with one, a run can be repeated, and gone on with by initialEpoch
 * @property {number} [maxQueueSize] batches that are fetched ahead of a dataset or an async generator; 10
 * @property {number} [workers] how many of them at the same time; 1; 0: nothing is fetched ahead
 * @property {boolean} [useMultiprocessing] x is the URL of a module: its default export, a generator function, runs in a worker. A dataset has
 *   its own workers: map(url, {workers})
 */

const BATCH_SIZE = 32;

/** @param {string} name @param {any} value */
function assertPositive(name, value) {
  if (value != null && !(Number.isInteger(value) && value > 0)) throw valueError(`${name} is required to be a positive integer, but got ${value}`);
}

/** @param {string} name @param {any} value */
function assertCount(name, value) {
  if (value != null && !(Number.isInteger(value) && value >= 0)) {
    throw valueError(`${name} is expected to be an integer that is not negative, but got ${value}`);
  }
}

/** @param {ModelFitArgs} args */
function assertArguments(args) {
  const names = /** @type {(keyof ModelFitArgs)[]} */ (['batchSize', 'stepsPerEpoch', 'batchesPerEpoch',
    'validationSteps', 'validationBatches', 'validationBatchSize']);
  for (const name of names) assertPositive(name, args[name]);
  assertCount('epochs', args.epochs);
  assertCount('initialEpoch', args.initialEpoch);
  const { validationSplit = 0, shuffle = true, validationFreq = 1 } = args;
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw valueError(`\`validationSplit\` must be a number between 0 and 1, but got ${validationSplit}`);
  }
  if (typeof shuffle !== 'boolean' && shuffle !== 'batch') throw valueError(`shuffle is expected to be true, false or 'batch', but got ${shuffle}`);
  const isFrequency = Array.isArray(validationFreq) ? validationFreq.every(Number.isInteger) : Number.isInteger(validationFreq) && validationFreq > 0;
  if (!isFrequency) throw valueError(`Expected \`validationFreq\` to be a positive integer or an array of epochs, but got ${validationFreq}`);
}

/**
 * Trains a model.
 * @param {LayersModel} model
 * @param {any} x tensors, or a stream of batches
 * @param {Data} y
 * @param {ModelFitArgs} args
 * @returns {Promise<History>}
 */
export async function fit(model, x, y, args) {
  const state = model.trainingState;
  assertArguments(args);
  if (model.isTraining) throw new Error('Cannot start training because another fit() call is ongoing.');
  model.isTraining = true;
  /** @type {unknown[]} */
  const made = [];
  try {
    const seed = args.seed ?? Math.floor(Math.random() * 2 ** 31);
    const data = inWorker(x, args);
    const { epochs, validation } = isStream(data) ? fromStream(model, data, y, args) : fromTensors(model, data, y, { ...args, seed }, made);
    return await new FitLoop(model, state, { args, seed, epochs, validation: validation ?? validationOf(model, args, made) }).run();
  } finally {
    model.isTraining = false;
    dispose(made);
  }
}

/** The address of a module as the dataset that its generator makes. @param {any} x @param {ModelFitArgs} args @returns {any} */
function inWorker(x, { useMultiprocessing }) {
  if (useMultiprocessing && typeof x === 'function') {
    throw valueError('useMultiprocessing: a function cannot move to a worker. ' +
      'Give the URL of a module whose default export is the generator function.');
  }
  return x instanceof URL ? generator(x) : x;
}

/** @param {ModelFitArgs} args */
const stepsOf = ({ stepsPerEpoch, batchesPerEpoch }) => stepsPerEpoch ?? batchesPerEpoch ?? null;

/** @param {LayersModel} model @param {any} x @param {Data} y @param {ModelFitArgs} args */
function fromStream(model, x, y, args) {
  if (y != null) throw valueError('When x is a dataset, a generator or an iterator, it gives the targets too: y should not be specified.');
  if (args.sampleWeight != null) {
    throw valueError('When x is a dataset, a generator or an iterator, it gives sample weights as a third element: ' +
      'sampleWeight should not be specified.');
  }
  if (args.validationSplit) throw valueError('`validationSplit` is not supported by `fitDataset()`. Use validationData instead.');
  const source = new StreamBatches(x, streamReader(model, args.classWeight), args);
  return { epochs: new Epochs(source, stepsOf(args)), validation: null };
}

/**
 * @param {LayersModel} model
 * @param {Data} x
 * @param {Data} y
 * @param {ModelFitArgs & {seed: number}} args
 * @param {unknown[]} made tensors to dispose in the end
 */
function fromTensors(model, x, y, args, made) {
  const { sampleWeight, classWeight, batchSize = BATCH_SIZE, shuffle = true, seed, validationData, validationSplit = 0 } = args;
  const isSplit = validationData == null && validationSplit > 0;
  const { train, held } = engine.scoped('fit', () => {
    const all = standardizeData(model, model.trainingState.settings, { x, y, sampleWeight });
    const [train, held] = isSplit ? splitData(all, validationSplit) : [all, null];
    const { ys, weights } = classWeight == null ? train
      : standardizeData(model, model.trainingState.settings, { x: train.xs, y: train.ys, sampleWeight: weightsGiven(train.weights), classWeight });
    return { train: owned({ xs: train.xs, ys, weights }), held: held && owned(held) };
  });
  made.push(train, held);
  assertStateful(model, batchSize, train.xs[0].shape[0]);
  const epochs = new Epochs(new TensorBatches(train, batchSize, { shuffle, seed }), stepsOf(args));
  return { epochs,
    validation: held === null ? null : new Epochs(new TensorBatches(held, args.validationBatchSize ?? batchSize), validationSteps(args)) };
}

/** @param {Batch['weights']} weights */
const weightsGiven = weights => (weights.every(weight => weight === null) ? null : weights);

/** The same elements in tensors of fit's own, which it may dispose. @param {Batch} batch @returns {Batch} */
function owned({ xs, ys, weights }) {
  const known = new Map();
  const own = (/** @type {any} */ tensor) => {
    if (tensor === null) return /** @type {any} */ (null);
    if (!known.has(tensor)) known.set(tensor, tensor.clone());
    return known.get(tensor);
  };
  return { xs: xs.map(own), ys: ys.map(own), weights: weights.map(own) };
}

/** @param {Batch} data @param {number} part that goes last @returns {Batch[]} */
function splitData({ xs, ys, weights }, part) {
  const [samples] = xs[0].shape;
  const at = Math.floor(samples * (1 - part));
  if (at === 0 || at === samples) {
    throw valueError(`Training data contains ${samples} samples, which is not sufficient to ` +
      `split it into a validation and training set as specified by ` +
      `\`validationSplit=${part}\`. Either provide more data, or a different value for the \`validationSplit\` argument.`);
  }
  const cut = (/** @type {number} */ start, /** @type {number} */ size) => {
    const of = (/** @type {any} */ tensor) => (tensor === null ? /** @type {any} */ (null) : slice(tensor, start, size));
    return { xs: xs.map(of), ys: ys.map(of), weights: weights.map(of) };
  };
  return [cut(0, at), cut(at, samples - at)];
}

/** @param {ModelFitArgs} args */
const validationSteps = ({ validationSteps: steps, validationBatches }) => steps ?? validationBatches ?? null;

/**
 * @param {LayersModel} model
 * @param {ModelFitArgs} args
 * @param {unknown[]} made
 * @returns {Epochs | null}
 */
function validationOf(model, args, made) {
  const { validationData: data, batchSize = BATCH_SIZE, validationBatchSize = batchSize } = args;
  if (data == null || (Array.isArray(data) && data.length === 0)) return null;
  if (isStream(data)) return new Epochs(new StreamBatches(data, streamReader(model), args), validationSteps(args));
  const parts = Array.isArray(data) ? data : [data.xs ?? data.x, data.ys ?? data.y, data.sampleWeight];
  if (parts.length < 1 || parts.length > 3) {
    throw valueError(`When passing validation data, it must contain 2 (valX, valY) or 3 (valX, valY, valSampleWeight) items; ${data} is invalid.`);
  }
  const [x, y, sampleWeight] = parts;
  const batch = engine.scoped('validation', () => owned(standardizeData(model, model.trainingState.settings, { x, y, sampleWeight })));
  made.push(batch);
  return new Epochs(new TensorBatches(batch, validationBatchSize), validationSteps(args));
}

/** @param {LayersModel} model @param {number} batchSize @param {number} samples */
export function assertStateful(model, batchSize, samples) {
  if (model.stateful && samples % batchSize !== 0) {
    throw valueError(`In a stateful network, you should only pass inputs with a number of samples that is ` +
      `divisible by the batch size ${batchSize}. ` +
      `Found: ${samples} sample(s).`);
  }
}

class FitLoop {
  /**
   * @param {LayersModel} model
   * @param {import('./state.js').TrainingState} state
   * @param {{args: ModelFitArgs, seed: number, epochs: Epochs, validation: Epochs | null}} what
   */
  constructor(model, state, { args, seed, epochs, validation }) {
    this.model = model;
    this.state = state;
    this.args = args;
    this.seed = seed;
    this.epochs = epochs;
    this.validation = validation;
    this.last = args.epochs ?? 1;
    this.yields = new YieldPolicy(args.yieldEvery);
    /** @type {any} a CallbackList */
    this.list = null;
  }

  async run() {
    const { model, args, epochs, last } = this;
    const { verbose = 'auto' } = args;
    const { source } = epochs;
    const first = args.initialEpoch ?? 0;
    const list = CallbackList.of(args.callbacks, {
      model, yieldEvery: args.yieldEvery ?? 'auto', addHistory: true, addProgbar: verbose !== 0 && verbose !== false,
      params: {
        epochs: last, steps: epochs.numBatches, verbose, initialEpoch: first, samples: source.samples ?? null, batchSize: source.batchSize ?? null,
        doValidation: this.validation !== null,
        metrics: model.metricsNames.flatMap(name => (this.validation === null ? [name] : [name, `val_${name}`])),
      },
    });
    this.list = list;
    model.stopTraining = false;
    model.history = list.history;
    model.initialEpoch = null;
    try {
      await list.onTrainBegin();
      let logs;
      for (let epoch = model.initialEpoch ?? first; epoch < last; epoch++) {
        logs = await this.epoch(epoch);
        if (list.history !== null) withAliases(list.history.history, this.state.settings.aliases);
        if (model.stopTraining) break;
      }
      model.optimizer.finalizeVariableValues?.(this.state.variables);
      await list.onTrainEnd(logs);
    } finally {
      await epochs.end();
      await this.validation?.end();
    }
    return /** @type {History} */ (list.history);
  }

  /** @param {number} epoch @returns {Promise<Logs>} */
  async epoch(epoch) {
    const { model, state, list } = this;
    state.resetMetrics();
    await list.onEpochBegin(epoch);
    let logs = await this.batches(epoch);
    if (this.validation !== null && this.isValidated(epoch)) {
      const found = await testLoop(model, this.validation, list, this.yields);
      logs = { ...logs, ...Object.fromEntries(Object.entries(found).map(([name, value]) => [`val_${name}`, value])) };
    }
    const shown = withAliases(logs, state.settings.aliases);
    await list.onEpochEnd(epoch, shown);
    return shown;
  }

  /** @param {number} epoch @returns {Promise<Logs>} of the last batch, which metrics make those of the epoch */
  async batches(epoch) {
    const { model, state } = this;
    const most = state.settings.stepsPerExecution;
    /** @type {Logs} */
    let logs = {};
    let batch = 0;
    let size = 0;
    let inExecution = 0;
    const finish = async () => {
      await this.afterExecution(epoch, batch - 1, size, logs);
      inExecution = 0;
      size = 0;
    };
    for await (const given of this.epochs.epoch(epoch)) {
      try {
        if (inExecution === 0) await this.beforeExecution(batch, given.size);
        logs = this.step(given, epoch, batch);
      } finally {
        given.release();
      }
      batch++;
      size += given.size;
      if (++inExecution === most) await finish();
      if (model.stopTraining) break;
    }
    if (inExecution > 0) await finish();
    return logs;
  }

  /** @param {OwnedBatch} batch @param {number} epoch @param {number} index @returns {Logs} */
  step(batch, epoch, index) {
    return engine.scoped('fit', () => {
      const seed = engine.makeTensor(Int32Array.of(mix([this.seed, epoch]), index), [2], 'int32');
      return this.state.run(batch, { isTraining: true, isFresh: false }, seed);
    });
  }

  /** @param {number} batch @param {number} size */
  async beforeExecution(batch, size) {
    await this.list.onTrainBatchBegin(batch, ofBatch(batch, size));
  }

  /** @param {number} epoch @param {number} batch @param {number} size @param {Logs} logs */
  async afterExecution(epoch, batch, size, logs) {
    const shown = withAliases(ofBatch(batch, size, logs), this.state.settings.aliases);
    await this.list.onTrainBatchEnd(batch, shown);
  }

  /** @param {number} epoch */
  isValidated(epoch) {
    const { validationFreq = 1 } = this.args;
    return Array.isArray(validationFreq) ? validationFreq.includes(epoch + 1) : (epoch + 1) % validationFreq === 0;
  }
}
