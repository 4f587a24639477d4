/** Elements that are under way before somebody asks for them: what prefetch and fit's maxQueueSize and workers mean. */
import { dispose } from '../memory.js';

/** @typedef {{value: any, done?: boolean}} Step what an iterator's next() answers */
/** @typedef {{next: () => Step | Promise<Step>, return?: (value?: any) => any}} AnyIterator */

/** An iterator that asks another one ahead. */
class Queue {
  /** In order; done or under way. @type {Promise<Step>[]} */
  #steps = [];
  #running = 0;
  #ended = false;

  /**
   * @param {AnyIterator} iterator
   * @param {number} size
   * @param {number} workers
   */
  constructor(iterator, size, workers) {
    this.iterator = iterator;
    this.size = size;
    this.workers = workers;
  }

  /** @returns {Promise<Step>} */
  next() {
    this.#fill();
    if (this.#steps.length === 0) {
      // nothing may run ahead, or there is no more to come
      return this.#ended ? Promise.resolve({ value: null, done: true }) : this.#ask();
    }
    const step = /** @type {Promise<Step>} */ (this.#steps.shift());
    this.#fill();
    return step;
  }

  /** Ends the iterator and disposes what nobody has taken. */
  async return() {
    this.#ended = true;
    const steps = this.#steps.splice(0);
    await this.iterator.return?.();
    for (const step of steps) await step.then(({ value, done }) => done || dispose(value), () => {});
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #fill() {
    while (!this.#ended && this.#running < this.workers && this.#steps.length < this.size) {
      const step = this.#ask();
      // whoever takes the step gets the error; until then it is nobody's
      step.catch(() => {});
      this.#steps.push(step);
    }
  }

  /** What next() throws at once comes later too, so that steps are in order. */
  async #call() {
    return this.iterator.next();
  }

  async #ask() {
    this.#running++;
    try {
      const step = await this.#call();
      if (step.done) this.#ended = true;
      return step;
    } finally {
      this.#running--;
      this.#fill();
    }
  }
}

/**
 * Keeps elements of an iterator ready: up to maxQueueSize, of which up to `workers` are asked for at the same time. Elements come in the
 * iterator's order, whatever finishes first. A generator (function*, async) is asked for one at a time in any case; a dataset's
 * mapAsync or map in workers runs as often side by side. With workers 0 nothing is asked for ahead, as in Keras.
 *
 * Errors come when their element's turn has come. `return()` ends the iterator and disposes the elements that nobody has taken; whoever
 * stops before the end calls it.
 * @param {AnyIterator} iterator of any kind: next() may answer at once or by a promise
 * @param {{maxQueueSize?: number, workers?: number}} [options] 10 and 1 where not given, as in Keras's fit
 * @returns {Queue} an async iterator
 */
export function enqueue(iterator, { maxQueueSize = 10, workers = 1 } = {}) {
  return new Queue(iterator, workers > 0 ? maxQueueSize : 0, workers);
}
