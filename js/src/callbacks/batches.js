/** What is done every so many batches, or after each epoch. Keras: _should_save_on_batch of model_checkpoint.py. */
import { valueError } from '../layers/errors.js';

/** @typedef {'epoch' | number} SaveFrequency batches where it is a number */

export class BatchCounter {
  #last = -1;
  #seen = 0;

  /** @param {SaveFrequency | false} frequency @param {string} owner @param {string} argument for messages */
  constructor(frequency, owner, argument) {
    if (frequency !== 'epoch' && frequency !== false && !(Number.isInteger(frequency) && frequency > 0)) {
      throw valueError(`${owner}: unrecognized ${argument}: ${frequency}. Expected ${argument} are 'epoch' or integer values`);
    }
    this.frequency = frequency;
  }

  /** Counts up to a batch; batches may come in steps of several. @param {number} batch of the epoch, from 0 */
  isDueAfter(batch) {
    if (typeof this.frequency !== 'number') return false;
    this.#seen += batch <= this.#last ? batch + 1 : batch - this.#last;
    this.#last = batch;
    if (this.#seen < this.frequency) return false;
    this.#seen = 0;
    return true;
  }
}
