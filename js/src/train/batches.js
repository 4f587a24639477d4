/** Batches: of tensors, cut and shuffled here, or as datasets, generators and iterators give them. */
import { engine } from '../core/engine.js';
import { Tensor } from '../core/tensor.js';
import { enqueue } from '../data/queue.js';
import { valueError } from '../layers/errors.js';
import { dispose } from '../memory.js';
import { tensor1d } from '../ops/creation.js';
import { gather, slice } from '../ops/shape.js';
import { shuffledOrder } from './order.js';

/** @import { Batch } from './step.js' */

/** Tensors of a batch that are to be disposed after it. @typedef {Batch & {size: number, release: () => void}} OwnedBatch */

/**
 * What batches come from: as often as `batches` is called, or once.
 * @typedef {object} BatchSource
 * @property {number | null} size how many batches there are; null: not known
 * @property {number} [samples]
 * @property {number} [batchSize]
 * @property {(epoch: number) => Iterator<OwnedBatch> | AsyncIterator<OwnedBatch>} batches
 */

/** @typedef {boolean | 'batch'} Shuffle true: samples; 'batch': whole batches */

/** Batches of tensors that are all there. */
export class TensorBatches {
  /**
   * @param {Batch} data
   * @param {number} batchSize
   * @param {{shuffle?: Shuffle, seed?: number}} [options]
   */
  constructor(data, batchSize, { shuffle = false, seed = 0 } = {}) {
    this.data = data;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    this.samples = data.xs[0].shape[0];
    this.size = Math.ceil(this.samples / batchSize);
  }

  /** @param {number} epoch @returns {Generator<OwnedBatch, void>} */
  *batches(epoch) {
    const { samples, batchSize, shuffle } = this;
    const order = shuffle === false ? null : shuffledOrder(samples, shuffle === 'batch' ? batchSize : 1, [this.seed, epoch]);
    for (let start = 0; start < samples; start += batchSize) {
      const size = Math.min(batchSize, samples - start);
      yield order === null && size === samples ? { ...this.data, size, release() {} } : this.#cut(start, size, order);
    }
  }

  /** @param {number} start @param {number} size @param {Int32Array | null} order @returns {OwnedBatch} */
  #cut(start, size, order) {
    const made = engine.scoped('batch', () => {
      const indices = order === null ? null : tensor1d(order.subarray(start, start + size), 'int32');
      /** @type {Map<Tensor, Tensor>} */
      const known = new Map();
      const cut = (/** @type {Tensor} */ tensor) => {
        const own = known.get(tensor) ?? (indices === null ? slice(tensor, start, size) : gather(tensor, indices));
        known.set(tensor, own);
        return own;
      };
      const cutAll = (/** @type {(Tensor | null)[]} */ tensors) => tensors.map(tensor => (tensor === null ? null : cut(tensor)));
      const { xs, ys, weights } = this.data;
      return { xs: xs.map(cut), ys: cutAll(ys), weights: cutAll(weights) };
    });
    return { ...made, size, release: () => dispose(made) };
  }
}

/** Batches that something else gives: a dataset, a generator function, an iterable or an iterator. */
export class StreamBatches {
  #source;
  #read;
  #queue;

  /**
   * @param {any} source
   * @param {(value: any) => Batch} read checks what came; runs in a scope of its own
   * @param {{maxQueueSize?: number, workers?: number}} [queue] what is fetched ahead of an iterator that answers by promises
   */
  constructor(source, read, queue = {}) {
    this.#source = source;
    this.#read = read;
    this.#queue = queue;
    const { size } = source;
    /** @type {number | null} */
    this.size = Number.isFinite(size) && size >= 0 ? size : null;
  }

  /** @param {number} _epoch @returns {AsyncGenerator<OwnedBatch, void>} */
  async *batches(_epoch) {
    const iterator = this.#ahead(await iteratorOf(this.#source));
    try {
      for (;;) {
        const { value, done } = await iterator.next();
        if (value != null) yield this.#own(value);
        if (done) return;
      }
    } finally {
      if (iterator !== this.#source) await iterator.return?.();
    }
  }

  /**
   * Of the user's own iterator nothing is taken that is not used; one that answers at once gains nothing by being asked ahead.
   * @param {any} iterator
   */
  #ahead(iterator) {
    const isAsync = typeof iterator[Symbol.asyncIterator] === 'function';
    return isAsync && iterator !== this.#source ? enqueue(iterator, this.#queue) : iterator;
  }

  /** The tensors that came are disposed after the batch, with what was made of them. @param {any} value @returns {OwnedBatch} */
  #own(value) {
    const batch = engine.scoped('batch', () => this.#read(value));
    const release = () => dispose([value, batch]);
    return { ...batch, size: batch.xs[0].shape[0], release };
  }
}

/** Whether data is a stream of batches, and not one tensor or several. @param {any} x */
export function isStream(x) {
  if (x === null || x === undefined || x instanceof Tensor || Array.isArray(x) || ArrayBuffer.isView(x)) return false;
  return typeof x === 'function' || typeof x.iterator === 'function' || typeof x.next === 'function' ||
    typeof x[Symbol.asyncIterator] === 'function' || typeof x[Symbol.iterator] === 'function';
}

/** @param {any} source @returns {Promise<any>} */
async function iteratorOf(source) {
  const given = typeof source === 'function' ? await source() : source;
  if (typeof given.iterator === 'function') return given.iterator();
  if (typeof given.next === 'function') return given;
  if (typeof given[Symbol.asyncIterator] === 'function') return given[Symbol.asyncIterator]();
  if (typeof given[Symbol.iterator] === 'function') return given[Symbol.iterator]();
  throw valueError(`Expected a dataset, a generator function or an iterator of batches, but got ${source}`);
}

/**
 * Epochs over a source. With a number of steps an epoch goes on where the one before has stopped; the source starts again when it has ended.
 * Reference: keras/src/trainers/epoch_iterator.py.
 */
export class Epochs {
  /** @type {Iterator<OwnedBatch> | AsyncIterator<OwnedBatch> | null} */
  #iterator = null;
  #seen = 0;

  /**
   * @param {BatchSource} source
   * @param {number | null} [steps] of an epoch
   */
  constructor(source, steps = null) {
    this.source = source;
    this.steps = steps;
    this.size = source.size;
  }

  /** How many batches an epoch has; null: not known before its end. */
  get numBatches() {
    return this.steps ?? this.size;
  }

  /** @param {number} epoch @returns {AsyncGenerator<OwnedBatch, void>} */
  async *epoch(epoch) {
    if (this.steps === null) await this.#close();
    this.#iterator ??= this.source.batches(epoch);
    let done = 0;
    for (; this.steps === null || done < this.steps; done++) {
      const result = await this.#iterator.next();
      if (result.done) break;
      this.#seen++;
      yield /** @type {OwnedBatch} */ (result.value);
    }
    if (this.steps === null) this.size ??= done;
    else if (done < this.steps) warnOfEnd();
    if (this.steps === null || done < this.steps || this.#seen === this.size) await this.#close();
  }

  async #close() {
    await this.#iterator?.return?.();
    this.#iterator = null;
    this.#seen = 0;
  }

  /** Gives back what the source holds open. */
  async end() {
    await this.#close();
  }
}

function warnOfEnd() {
  console.warn('Your input ran out of data; interrupting training. Make sure that your dataset or generator can generate at least ' +
    '`stepsPerEpoch * epochs` batches. You may need to use the `.repeat()` function when building your dataset.');
}
