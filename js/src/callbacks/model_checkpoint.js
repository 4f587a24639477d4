/** Saves the model as training goes on. Keras: keras/src/callbacks/model_checkpoint.py. */
import { pathsAreFiles } from '#platform';
import { assert } from '../core/util.js';
import { valueError } from '../layers/errors.js';
import { BatchCounter } from './batches.js';
import { logged, MonitorCallback, warn } from './monitor.js';
import { formatNumber, formatTemplate } from './python_format.js';

/** @import { Logs } from './callback.js' */
/** @import { Mode } from './monitor.js' */
/** @import { SaveFrequency } from './batches.js' */

/**
 * @typedef {object} ModelCheckpointArgs
 * @property {string} filepath where to: a folder (model.json), a file that ends in .keras or .h5, or a URL that model.save takes, such as
 * indexeddb://best; {epoch:04d}, {batch} and names of logs as {val_loss:.2f} are filled in, epochs counted from 1
 * @property {string} [monitor] 'val_loss' by default
 * @property {number} [verbose] 1 prints what is saved
 * @property {boolean} [saveBestOnly] saves where the monitored value is the best so far
 * @property {boolean} [saveWeightsOnly] leaves out how the model is trained; a path that ends in .weights.h5 holds weights alone
 * @property {Mode} [mode]
 * @property {SaveFrequency} [saveFreq] after each epoch, or after so many batches
 * @property {number | null} [initialValueThreshold] what the first value is to be better than
 */

/** @param {string} path a path, or a URL */
const urlOf = path => (/^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path : `file://${path}`);
/** @param {number | null} value */
const fiveDigits = value => (value === null ? 'None' : formatNumber(value, '.5f', false));

export class ModelCheckpoint extends MonitorCallback {
  #epoch = 0;
  #batches;

  /** @param {ModelCheckpointArgs | string} args a string is the filepath */
  constructor(args) {
    const given = typeof args === 'string' ? { filepath: args } : args ?? {};
    const { filepath, monitor, verbose = 0, saveBestOnly = false, saveWeightsOnly = false, mode } = given;
    const { saveFreq = 'epoch', initialValueThreshold = null } = given;
    super(monitor, mode, initialValueThreshold);
    assert(typeof filepath === 'string' && filepath !== '', () => `ModelCheckpoint: expected filepath to be a path or URL, but got ${filepath}`);
    assert(pathsAreFiles || urlOf(filepath) === filepath,
      () => `ModelCheckpoint: ${filepath}: a browser cannot write files; save to indexeddb://${filepath} or another URL that model.save takes`,
      'UNSUPPORTED');
    if (saveWeightsOnly && /\.(keras|h5)$/.test(filepath) && !filepath.endsWith('.weights.h5')) {
      throw valueError('When using `saveWeightsOnly=true` in `ModelCheckpoint`, the filepath provided must end in `.weights.h5` (Keras weights ' +
        `format), or be a folder. Received: filepath=${filepath}`);
    }
    if (!saveWeightsOnly && filepath.endsWith('.weights.h5')) {
      throw valueError('ModelCheckpoint: a file that ends in `.weights.h5` holds weights alone: set `saveWeightsOnly`. Received: ' +
        `filepath=${filepath}`);
    }
    this.filepath = filepath;
    this.verbose = verbose;
    this.saveBestOnly = saveBestOnly;
    this.saveWeightsOnly = saveWeightsOnly;
    this.#batches = new BatchCounter(saveFreq, 'ModelCheckpoint', 'saveFreq');
  }

  /** @override @param {number} epoch */
  onEpochBegin(epoch) {
    this.#epoch = epoch;
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  async onTrainBatchEnd(batch, logs = {}) {
    if (this.#batches.isDueAfter(batch)) await this.#save(this.#epoch, batch, logs);
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  async onEpochEnd(epoch, logs = {}) {
    if (this.#batches.frequency === 'epoch') await this.#save(epoch, null, logs);
  }

  /** @param {number} epoch @param {number | null} batch @param {Logs} logs */
  async #save(epoch, batch, logs) {
    const path = this.#pathOf(epoch, batch, logs);
    if (!this.#shouldSave(epoch, logs, path)) return;
    // Keras puts the optimizer's variables into files of weights too
    await this.model.save(urlOf(path), { includeOptimizer: !this.saveWeightsOnly || path.endsWith('.weights.h5') });
    if (this.verbose > 0) console.log(`\nEpoch ${epoch + 1}: finished saving model to ${path}`);
  }

  /** @param {number} epoch @param {Logs} logs @param {string} path */
  #shouldSave(epoch, logs, path) {
    const say = (/** @type {string} */ text) => {
      if (this.verbose > 0) console.log(`\nEpoch ${epoch + 1}: ${text}`);
    };
    const current = this.monitored(logs);
    if (!this.saveBestOnly) {
      say(`saving model to ${path}`);
      return true;
    }
    if (current === undefined) {
      warn(`Can save best model only with ${this.monitor} available.`);
      return true;
    }
    const { best } = /** @type {MonitorCallback} */ (this);
    const before = fiveDigits(best);
    if (!this.isImprovement(current, best)) {
      say(`${this.monitor} did not improve from ${before}`);
      return false;
    }
    say(`${this.monitor} improved from ${before} to ${fiveDigits(current)}, saving model to ${path}`);
    this.best = current;
    return true;
  }

  /** @param {number} epoch @param {number | null} batch @param {Logs} logs */
  #pathOf(epoch, batch, logs) {
    return formatTemplate(this.filepath, name => {
      if (name === 'epoch') return { value: epoch + 1, isInteger: true };
      if (name === 'batch' && batch !== null) return { value: batch + 1, isInteger: true };
      const value = logged(logs, name);
      return value === undefined ? undefined : { value, isInteger: false };
    });
  }
}
