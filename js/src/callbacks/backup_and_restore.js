/**
 * Goes on where an interrupted fit was. Keras: keras/src/callbacks/backup_and_restore.py. A backup is a model.json without a topology: weights,
 * then the optimizer's variables, and where training was; it is replaced as a whole.
 */
import { arraysEqual, assert, failure } from '../core/util.js';
import { engine } from '../core/engine.js';
import { files, pathsAreFiles } from '#platform';
import { encodeWeights, decodeWeights } from '../io/encoding.js';
import { handlerFor, saveHandlerFor } from '../io/io.js';
import { BatchCounter } from './batches.js';
import { Callback } from './callback.js';
import { variablesOf } from './weights.js';

/** @import { SaveFrequency } from './batches.js' */
/** @import { Variable } from '../core/tensor.js' */

/**
 * @typedef {object} BackupAndRestoreArgs
 * @property {string} backupDir a folder of its own
 * @property {SaveFrequency | false} [saveFreq] after each epoch, or after so many batches
 * @property {boolean} [doubleCheckpoint] keeps the backup before the last too, and takes it where the last one cannot be read
 * @property {boolean} [deleteCheckpoint] removes the folder when training has ended; true by default
 */

/** @param {string} owner @param {Variable[]} variables @returns {[string, Variable][]} */
const numbered = (owner, variables) => variables.map((variable, i) => [`${owner}/${i}`, variable]);

/** The variables of a model and its optimizer, by names that do not change when the model is built again. @param {any} model */
function stateOf(model) {
  const ofOptimizer = (model.optimizer?.variables ?? []).map((/** @type {any} */ each) => each.variable);
  return new Map([...numbered('model', variablesOf(model)), ...numbered('optimizer', ofOptimizer)]);
}

export class BackupAndRestore extends Callback {
  #epoch = 0;
  #batch = 0;
  #batches;

  /** @param {BackupAndRestoreArgs | string} args a string is the folder */
  constructor(args) {
    super();
    const given = typeof args === 'string' ? { backupDir: args } : args ?? {};
    const { backupDir, saveFreq = 'epoch', doubleCheckpoint = false, deleteCheckpoint = true } = given;
    assert(typeof backupDir === 'string' && backupDir !== '', () => 'Empty `backupDir` argument passed');
    assert(pathsAreFiles, () => `BackupAndRestore: ${backupDir}: a browser cannot write files; let ModelCheckpoint save to indexeddb://`,
      'UNSUPPORTED');
    this.backupDir = backupDir;
    this.doubleCheckpoint = doubleCheckpoint;
    this.deleteCheckpoint = deleteCheckpoint;
    this.#batches = new BatchCounter(saveFreq, 'BackupAndRestore', 'saveFreq');
  }

  /** @param {'latest' | 'previous'} which */
  #folder(which) {
    return `${this.backupDir}/${which}`;
  }

  /** @override */
  async onTrainBegin() {
    try {
      await this.#restore('latest');
    } catch (error) {
      if (await this.#text('previous') === null) throw error;
      await this.#restore('previous');
    }
  }

  /** @param {'latest' | 'previous'} which */
  #text(which) {
    return files.readText(`${this.#folder(which)}/model.json`);
  }

  /** @param {'latest' | 'previous'} which */
  async #load(which) {
    return handlerFor(`${this.#folder(which)}/model.json`, {}).load();
  }

  /** @param {'latest' | 'previous'} which */
  async #restore(which) {
    if (await this.#text(which) === null) return;
    const { weightData, weightSpecs = [], userDefinedMetadata } = await this.#load(which);
    this.model.optimizer?.build(this.model.trainableWeights);
    const state = stateOf(this.model);
    const { epoch, batch } = userDefinedMetadata ?? {};
    if (!Number.isInteger(epoch) || weightSpecs.length !== state.size) {
      throw failure('FORMAT', `BackupAndRestore: ${this.#folder(which)}: expected a backup of this model, of ${state.size} variables, got one of ` +
        `${weightSpecs.length}`);
    }
    engine.scoped('restore', () => {
      const saved = decodeWeights(/** @type {any} */ (weightData), weightSpecs);
      const pairs = [...state].map(([name, variable]) => {
        const value = saved[name];
        assert(value !== undefined && arraysEqual(value.shape, variable.shape),
          () => `BackupAndRestore: ${this.#folder(which)}: ${name}: expected shape [${variable.shape}], got [${value?.shape}]`, 'SHAPE');
        return /** @type {const} */ ([variable, value]);
      });
      pairs.forEach(([variable, value]) => variable.assign(value));
    });
    this.#epoch = epoch;
    this.#batch = batch ?? 0;
    this.model.initialEpoch = epoch;
  }

  /** @override @param {number} epoch */
  async onEpochEnd(epoch) {
    this.#epoch = epoch + 1;
    this.#batch = 0;
    if (this.#batches.frequency === 'epoch') await this.#save();
  }

  /** @override @param {number} batch */
  async onTrainBatchEnd(batch) {
    this.#batch = batch;
    if (this.#batches.isDueAfter(batch)) await this.#save();
  }

  async #save() {
    if (this.doubleCheckpoint) await this.#keepPrevious();
    const encoded = await encodeWeights(Object.fromEntries(stateOf(this.model)));
    const userDefinedMetadata = { epoch: this.#epoch, batch: this.#batch };
    await this.#write('latest', { weightData: encoded.data, weightSpecs: encoded.specs, userDefinedMetadata });
  }

  /** A last backup that cannot be read does not take the place of the one before. */
  async #keepPrevious() {
    const last = await this.#load('latest').catch(() => null);
    if (last !== null) await this.#write('previous', last);
  }

  /** @param {'latest' | 'previous'} which @param {any} artifacts */
  async #write(which, artifacts) {
    await saveHandlerFor(`file://${this.#folder(which)}`).save(artifacts);
  }

  /** @override */
  async onTrainEnd() {
    if (this.deleteCheckpoint) await files.remove(this.backupDir);
  }
}
