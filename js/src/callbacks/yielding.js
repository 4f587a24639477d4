/** When training makes way for other work of its thread, as TensorFlow.js's yieldEvery says. */
import { assert } from '../core/util.js';
import { nextFrame } from '../memory.js';

/** @typedef {'auto' | 'batch' | 'epoch' | 'never' | number} YieldEvery milliseconds; 'auto' is 125 of them */

const AUTO_MS = 125;
const WORDS = ['auto', 'batch', 'epoch', 'never'];

export class YieldPolicy {
  #last;

  /**
   * @param {YieldEvery} [yieldEvery]
   * @param {() => number} [now] in milliseconds
   * @param {() => Promise<unknown>} [next] resolves when other work has had its turn
   */
  constructor(yieldEvery = 'auto', now = () => performance.now(), next = nextFrame) {
    assert(WORDS.includes(/** @type {string} */ (yieldEvery)) || (typeof yieldEvery === 'number' && yieldEvery >= 0),
      () => `yieldEvery is expected to be 'auto', 'batch', 'epoch', 'never' or a number of milliseconds, but got ${yieldEvery}`);
    this.every = yieldEvery === 'auto' ? AUTO_MS : yieldEvery;
    this.now = now;
    this.nextFrame = next;
    this.#last = now();
  }

  /** @param {'batch' | 'epoch'} after what has just ended */
  isDue(after) {
    if (typeof this.every !== 'number') return this.every === after;
    if (after === 'epoch' || this.now() - this.#last < this.every) return false;
    this.#last = this.now();
    return true;
  }
}
