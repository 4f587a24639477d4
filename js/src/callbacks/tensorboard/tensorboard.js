/**
 * Writes losses, metrics, weights and the model for TensorBoard, with Keras 3's tags and folders. Keras: keras/src/callbacks/tensorboard.py.
 * With updateFreq n, Keras leaves out what is due at the end of an epoch whose last batch is no multiple of n; here it is written.
 */
import { pathsAreFiles } from '#platform';
import { assert, failure } from '../../core/util.js';
import { valueError } from '../../layers/errors.js';
import { Callback } from '../callback.js';
import { learningRateOf } from '../learning_rate.js';
import { writeEmbeddings, writeProjectorConfig } from './embeddings.js';
import { histogramEvent, imagesEvent, kerasModelEvent, scalarEvent, sessionEndEvent, sessionStartEvent } from './events.js';
import { kerasForm } from './model_json.js';
import { imagesOf } from './weight_images.js';
import { EventWriter } from './writer.js';

/** @import { Logs } from '../callback.js' */
/** @import { HParams } from './events.js' */

/**
 * @typedef {object} TensorBoardArgs
 * @property {string} [logDir] 'logs' by default; its folders train/ and validation/ get event files
 * @property {number} [histogramFreq] epochs between histograms of weights; 0 for none
 * @property {boolean} [writeGraph] shows the model; true by default
 * @property {boolean} [writeImages] shows weights as images too, with each histogram
 * @property {boolean} [writeStepsPerSecond]
 * @property {'batch' | 'epoch' | number} [updateFreq] batches between values of batches; 'epoch', the default, for none
 * @property {number} [profileBatch] 0: Hornbeam has no profiler
 * @property {number} [embeddingsFreq] epochs between tables of Embedding layers for the projector; 0 for none
 * @property {string | Record<string, string> | null} [embeddingsMetadata] files that describe the rows, for all layers or by layer
 * @property {HParams | null} [hparams] hyperparameters of this run, for the tab HPARAMS
 */

export class TensorBoard extends Callback {
  /** @type {Map<string, EventWriter>} */
  #writers = new Map();
  #trainBatch = 0;
  #epochStart = 0;
  #epochIterations = 0;
  #batchStart = 0;

  /** @param {TensorBoardArgs | string} [args] a string is logDir */
  constructor(args = {}) {
    super();
    const { logDir = 'logs', histogramFreq = 0, writeGraph = true, writeImages = false, writeStepsPerSecond = false, updateFreq = 'epoch',
      profileBatch = 0, embeddingsFreq = 0, embeddingsMetadata = null, hparams = null } = typeof args === 'string' ? { logDir: args } : args;
    assert(pathsAreFiles, () => `TensorBoard: ${logDir}: a browser cannot write files`, 'UNSUPPORTED');
    if (profileBatch !== 0) throw failure('UNSUPPORTED', `Profiling is not available. Received: profileBatch=${profileBatch} (must be 0)`);
    const frequency = updateFreq === 'batch' ? 1 : updateFreq;
    if (frequency !== 'epoch' && !(Number.isInteger(frequency) && frequency > 0)) {
      throw valueError(`TensorBoard: expected updateFreq to be 'batch', 'epoch' or a number of batches, but got ${updateFreq}`);
    }
    this.logDir = logDir;
    this.histogramFreq = histogramFreq;
    this.writeGraph = writeGraph;
    this.writeImages = writeImages;
    this.writeStepsPerSecond = writeStepsPerSecond;
    this.updateFreq = frequency;
    this.embeddingsFreq = embeddingsFreq;
    this.embeddingsMetadata = embeddingsMetadata;
    this.hparams = hparams;
  }

  /** The file of a folder below logDir, made when it is first needed. @param {'train' | 'validation' | '.'} folder */
  #writer(folder) {
    let writer = this.#writers.get(folder);
    if (writer === undefined) this.#writers.set(folder, writer = new EventWriter(`${this.logDir}/${folder}`));
    return writer;
  }

  /** @param {'train' | 'validation'} folder @param {string} tag @param {number} value @param {number} step */
  #scalar(folder, tag, value, step) {
    this.#writer(folder).add(scalarEvent(tag, value, step));
  }

  async #flush() {
    for (const writer of this.#writers.values()) await writer.flush();
  }

  /** @override @param {any} model */
  setModel(model) {
    super.setModel(model);
    this.#writers.clear();
  }

  /** @override */
  async onTrainBegin() {
    this.#trainBatch = 0;
    if (this.writeGraph) this.#writer('train').add(kerasModelEvent('keras', JSON.stringify(kerasForm(this.model.toJSON(null, false))), 0));
    if (this.embeddingsFreq > 0) await writeProjectorConfig(this.logDir, this.model, this.embeddingsMetadata);
    if (this.hparams !== null) this.#writer('.').add(sessionStartEvent(this.hparams, this.logDir));
    await this.#flush();
  }

  /** @override */
  async onTrainEnd() {
    if (this.hparams !== null) this.#writer('.').add(sessionEndEvent());
    await this.#flush();
  }

  /** @override */
  onEpochBegin() {
    this.#epochStart = performance.now();
    if (this.writeStepsPerSecond) this.#epochIterations = this.#iterations;
  }

  /** @override */
  onTrainBatchBegin() {
    this.#trainBatch++;
    this.#batchStart = performance.now();
  }

  /** @override @param {number} _batch @param {Logs} [logs] */
  onTrainBatchEnd(_batch, logs = {}) {
    if (this.updateFreq === 'epoch' || this.#trainBatch % this.updateFreq !== 0) return;
    const rate = 1000 / (performance.now() - this.#batchStart);
    if (this.writeStepsPerSecond) this.#scalar('train', 'batch_steps_per_second', rate, this.#trainBatch);
    for (const [name, value] of Object.entries(logs)) this.#scalar('train', `batch_${name}`, value, this.#trainBatch);
    this.#writer('train').start();
  }

  get #iterations() {
    return Number(this.model.optimizer.iterations);
  }

  /** @override @param {Logs} [logs] */
  async onTestEnd(logs = {}) {
    if (this.model.optimizer?.iterations === undefined) return;
    for (const [name, value] of Object.entries(logs)) this.#scalar('validation', `evaluation_${name}_vs_iterations`, value, this.#iterations);
    await this.#flush();
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  async onEpochEnd(epoch, logs = {}) {
    this.#writeEpoch(epoch, logs);
    if (this.histogramFreq > 0 && epoch % this.histogramFreq === 0) await this.#writeWeights(epoch);
    if (this.embeddingsFreq > 0 && epoch % this.embeddingsFreq === 0) await writeEmbeddings(this.logDir, this.model);
    await this.#flush();
  }

  /** @param {number} epoch @param {Logs} logs */
  #writeEpoch(epoch, logs) {
    if (Object.keys(logs).length === 0) return;
    /** @type {Logs} */
    const train = { ...logs };
    if (this.model.optimizer?.learningRate !== undefined) train.learning_rate = learningRateOf(this.model.optimizer);
    if (this.writeStepsPerSecond) {
      train.steps_per_second = ((this.#iterations - this.#epochIterations) * 1000) / (performance.now() - this.#epochStart);
    }
    for (const [name, value] of Object.entries(train)) {
      if (name.startsWith('val_')) this.#scalar('validation', `epoch_${name.slice('val_'.length)}`, value, epoch);
      else this.#scalar('train', `epoch_${name}`, value, epoch);
    }
  }

  /** @param {number} epoch */
  async #writeWeights(epoch) {
    const writer = this.#writer('train');
    const scopes = this.model.getClassName() === 'Sequential' ? [this.model.name] : []; // as paths of Keras's variables have it
    for (const layer of this.model.layers) {
      for (const weight of layer.weights) {
        const variable = weight.read();
        const values = await variable.data();
        const name = [...scopes, ...'layers' in layer ? [layer.name] : [], weight.originalName].join('/');
        writer.add(histogramEvent(`${name}/histogram`, values, epoch));
        const images = this.writeImages ? await imagesOf(values, variable.shape) : null;
        if (images !== null) writer.add(imagesEvent(`${name}/image`, images.width, images.height, images.pngs, epoch));
      }
    }
  }
}

/**
 * A callback for TensorBoard, as tf.node.tensorBoard of @tensorflow/tfjs-node makes it.
 * @param {string} [logdir]
 * @param {{updateFreq?: 'batch' | 'epoch' | number, histogramFreq?: number} & TensorBoardArgs} [args]
 */
export function tensorBoard(logdir = './logs', args = {}) {
  return new TensorBoard({ ...args, logDir: logdir });
}
