/** How often training lets the event loop go on: yieldEvery, as TensorFlow.js has it. */
import { valueError } from '../layers/errors.js';
import { nextFrame } from '../memory.js';

/** 'auto': as often as a page stays alive; a number: at least so many milliseconds between. @typedef {'auto' | 'batch' | 'epoch' | 'never' | number} YieldEvery */

/** Milliseconds between rests where nothing else is said. */
const AUTO = 125;

export class Yields {
  #every;
  #last = performance.now();

  /** @param {YieldEvery} [every] */
  constructor(every = 'auto') {
    if (typeof every !== 'number' && !['auto', 'batch', 'epoch', 'never'].includes(every)) {
      throw valueError(`yieldEvery is expected to be 'auto', 'batch', 'epoch', 'never' or a number of milliseconds, but got ${every}`);
    }
    this.#every = every;
  }

  get #interval() {
    return typeof this.#every === 'number' ? this.#every : this.#every === 'auto' ? AUTO : Infinity;
  }

  /** Rests where it is time. @returns {Promise<boolean>} whether it did */
  async rest() {
    if (performance.now() - this.#last < this.#interval) return false;
    await this.#now();
    return true;
  }

  async #now() {
    await nextFrame();
    this.#last = performance.now();
  }

  /** @param {number} epoch @param {number} batch @param {any} logs @param {any} list of callbacks */
  async afterBatch(epoch, batch, logs, list) {
    if (this.#every === 'batch') await this.#now();
    if (this.#every === 'batch' || await this.rest()) await list.onYield(epoch, batch, logs);
  }

  /** @param {number} epoch @param {any} logs @param {any} list */
  async afterEpoch(epoch, logs, list) {
    if (this.#every !== 'epoch') return;
    await this.#now();
    await list.onYield(epoch, null, logs);
  }
}
