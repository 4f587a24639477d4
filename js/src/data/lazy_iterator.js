/**
 * What a dataset's iterator() gives: an async iterator with the methods of TensorFlow.js's LazyIterator. Methods that need one element
 * after the other are async generators; map, mapAsync and take pass on as many requests as they get, so that a prefetch behind them lets
 * them work side by side. `return()`, which leaving a `for await` calls, ends the sources and disposes what was fetched ahead.
 */
import { dispose, tidy } from '../memory.js';
import { failure } from '../core/util.js';
import { enqueue } from './queue.js';
import { Alea } from './random.js';
import { batchRows, cloneElement, mapTree, mapTreeAsync, tidyAnswer, transformed } from './trees.js';

/** @import { AnyIterator, Step } from './queue.js' */

/** @returns {Step} */
export const end = () => ({ value: null, done: true });

/** Elements one after the other, made when they are asked for. */
export class LazyIterator {
  #pull;
  #close;

  /**
   * @param {() => Step | Promise<Step>} [pull] the next element; a class of its own has next()
   * @param {() => unknown} [close] ends what the elements come from
   */
  constructor(pull, close) {
    this.#pull = pull;
    this.#close = close;
  }

  /** @param {AnyIterator} iterator any iterator, with the methods of this class */
  static from(iterator) {
    return new LazyIterator(() => iterator.next(), () => iterator.return?.());
  }

  /** @returns {Promise<Step>} */
  async next() {
    return this.#pull === undefined ? end() : this.#pull();
  }

  /** Ends the sources and disposes what was fetched ahead. */
  async return() {
    await this.#close?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** @returns {Promise<any[]>} all elements */
  async toArray() {
    const elements = [];
    for (let step = await this.next(); !step.done; step = await this.next()) elements.push(step.value);
    return elements;
  }

  /** All elements, 100 of them under way at a time, which finds what depends on their order. @returns {Promise<any[]>} */
  async toArrayForTest() {
    return this.prefetch(100).toArray();
  }

  /** Reads all elements and drops them; their tensors are the caller's. */
  async resolveFully() {
    await this.resolveWhile(() => true);
  }

  /** @param {(element: any) => boolean} predicate reads until it is false */
  async resolveWhile(predicate) {
    for (let step = await this.next(); !step.done && predicate(step.value); step = await this.next());
  }

  /**
   * Calls a function with each element, whose tensors are disposed after it.
   * @param {(element: any) => unknown} f may answer by a promise
   */
  async forEachAsync(f) {
    await this.map(f).resolveFully();
  }

  /** As forEachAsync, until the function does not answer true. @param {(element: any) => boolean | Promise<boolean>} f */
  async serialForEach(f) {
    await this.serialMapAsync(f).resolveWhile(answer => answer === true);
  }

  /**
   * Where an element cannot be had, asks the handler whether to go on with the next.
   * @param {(error: Error) => boolean} handler
   */
  handleErrors(handler) {
    return LazyIterator.from(withoutErrors(this, handler));
  }

  /** @param {(element: any) => boolean | Promise<boolean>} predicate what it does not hold for is disposed */
  filter(predicate) {
    return LazyIterator.from(filtered(this, predicate));
  }

  /** Tensors of an element that its transform does not have are disposed. @param {(element: any) => any} transform */
  map(transform) {
    return this.#through(async step => ({ value: await transformed(step.value, transform), done: false }));
  }

  /** @param {(element: any) => any} transform answers by a promise */
  mapAsync(transform) {
    return this.map(transform);
  }

  /** As mapAsync, one element after the other. @param {(element: any) => any} transform */
  serialMapAsync(transform) {
    return this.map(transform).serial();
  }

  /** @param {(element: any) => Iterable<any> | AsyncIterable<any>} transform an element's elements */
  flatmap(transform) {
    return LazyIterator.from(flattened(this, transform));
  }

  /**
   * Arrays of batchSize elements.
   * @param {number} batchSize
   * @param {boolean} [smallLastBatch] whether the last may have fewer
   */
  rowMajorBatch(batchSize, smallLastBatch = true) {
    return LazyIterator.from(windows(this, { size: batchSize, shift: batchSize, stride: 1, dropRemainder: !smallLastBatch }));
  }

  /**
   * Elements of tensors: batchSize elements side by side.
   * @param {number} batchSize
   * @param {boolean} [smallLastBatch] whether the last may have fewer
   * @param {(rows: any[]) => any} [join]
   */
  columnMajorBatch(batchSize, smallLastBatch = true, join = rows => tidy(() => batchRows(rows))) {
    return this.rowMajorBatch(batchSize, smallLastBatch).map(join);
  }

  /** @param {{size: number, shift: number, stride: number, dropRemainder: boolean}} options arrays of elements that may overlap */
  window(options) {
    return LazyIterator.from(windows(this, options));
  }

  /** @param {LazyIterator} iterator what comes after this */
  concatenate(iterator) {
    return LazyIterator.from(chained([this, iterator]));
  }

  /** @param {number} [count] all where negative or not given */
  take(count) {
    if (count == null || count < 0) return this;
    let taken = 0;
    return new LazyIterator(() => {
      if (taken++ < count) return this.next();
      return this.return().then(end);
    }, () => this.return());
  }

  /** @param {number} [count] elements to dispose; none where negative or not given */
  skip(count) {
    return count == null || count <= 0 ? this : LazyIterator.from(skipped(this, count));
  }

  /** Keeps so many elements under way. @param {number} bufferSize */
  prefetch(bufferSize) {
    assertBuffer(bufferSize);
    return LazyIterator.from(enqueue(this, { maxQueueSize: bufferSize, workers: bufferSize }));
  }

  /**
   * Each time one of windowSize elements by chance. A seed gives the order that TensorFlow.js gives.
   * @param {number} windowSize
   * @param {string | number} [seed]
   */
  shuffle(windowSize, seed) {
    assertBuffer(windowSize);
    return LazyIterator.from(shuffled(this, windowSize, new Alea(seed ?? performance.now())));
  }

  /** Asks for an element when the one before has come. */
  serial() {
    return LazyIterator.from(chained([this]));
  }

  /** @param {(step: Step) => Promise<Step>} change */
  #through(change) {
    return new LazyIterator(async () => {
      const step = await this.next();
      return step.done ? end() : change(step);
    }, () => this.return());
  }
}

/** @param {number} size */
function assertBuffer(size) {
  if (!(size >= 1)) throw Object.assign(new RangeError('Can\'t create ring buffer of capacity < 1.'), { code: 'INVALID_ARGUMENT' });
}

/** @param {LazyIterator} source @param {(element: any) => boolean | Promise<boolean>} predicate */
async function* filtered(source, predicate) {
  for await (const element of source) {
    let holds;
    try {
      holds = await tidyAnswer(() => predicate(element));
    } catch (error) {
      dispose(element);
      throw error;
    }
    if (holds) yield element;
    else dispose(element);
  }
}

/** @param {LazyIterator} source @param {(error: any) => boolean} handler */
async function* withoutErrors(source, handler) {
  try {
    for (;;) {
      const step = await source.next().catch(error => ({ value: null, done: !handler(error), failed: true }));
      if (step.done) return;
      if (!('failed' in step)) yield step.value;
    }
  } finally {
    await source.return();
  }
}

/** @param {LazyIterator} source @param {(element: any) => Iterable<any> | AsyncIterable<any>} transform */
async function* flattened(source, transform) {
  for await (const element of source) {
    const parts = await transformed(element, transform);
    yield* parts;
  }
}

/**
 * Arrays of elements: each begins `shift` elements after the one before, and takes every stride-th.
 * @param {LazyIterator} source
 * @param {{size: number, shift: number, stride: number, dropRemainder: boolean}} options
 */
async function* windows(source, { size, shift, stride, dropRemainder }) {
  /** The elements from the next window's first on. @type {any[]} */
  let held = [];
  const reach = (size - 1) * stride + 1;
  const take = (/** @type {number} */ count) => {
    const rows = held.filter((_, i) => i < reach && i % stride === 0).slice(0, count);
    // an element of a later window too stays ours
    const window = shift < reach ? rows.map(cloneElement) : rows;
    const given = new Set(window);
    dispose(held.slice(0, shift).filter(element => !given.has(element)));
    held = held.slice(shift);
    return window;
  };
  try {
    // elements between two windows are in none
    let gap = 0;
    for await (const element of source) {
      if (gap > 0) {
        dispose(element);
        gap--;
        continue;
      }
      held.push(element);
      if (held.length < reach) continue;
      gap = Math.max(0, shift - held.length);
      yield take(size);
    }
    while (!dropRemainder && held.length > 0) yield take(size);
  } finally {
    dispose(held);
  }
}

/** @param {Iterable<LazyIterator> | AsyncIterable<LazyIterator>} iterators one after the other, each asked for when its turn has come */
export async function* chained(iterators) {
  for await (const iterator of iterators) yield* iterator;
}

/** @param {LazyIterator} source @param {number} count */
async function* skipped(source, count) {
  let left = count;
  for await (const element of source) {
    if (left-- > 0) dispose(element);
    else yield element;
  }
}

/**
 * Draws as TensorFlow.js does: places whose element turns out to be the end count too.
 * @param {LazyIterator} source
 * @param {number} size
 * @param {Alea} random
 */
async function* shuffled(source, size, random) {
  /** @type {Promise<Step>[]} */
  const buffer = [];
  const refill = () => {
    while (buffer.length < size) {
      const step = source.next();
      step.catch(() => {});
      buffer.push(step);
    }
  };
  const draw = () => {
    const index = Math.floor(random.next() * buffer.length);
    const drawn = buffer[index];
    const last = /** @type {Promise<Step>} */ (buffer.pop());
    if (index < buffer.length) buffer[index] = last;
    return drawn;
  };
  try {
    refill();
    while (buffer.length > 0) {
      const step = await draw();
      if (step.done) continue;
      refill();
      yield step.value;
    }
  } finally {
    await source.return();
    for (const step of buffer) await step.then(({ value, done }) => done || dispose(value), () => {});
  }
}

/**
 * Elements with the structure of the iterators, as long as each has one.
 * @param {any} iterators a tree of them; one that is in two places is asked once
 */
export async function* zipped(iterators) {
  const isIterator = (/** @type {any} */ value) => value instanceof LazyIterator;
  try {
    for (;;) {
      /** @type {Step[]} */
      const steps = [];
      const element = await mapTreeAsync(iterators, async iterator => {
        const step = await iterator.next();
        steps.push(step);
        return step.done ? null : step.value;
      }, isIterator);
      if (steps.length === 0 || steps.some(({ done }) => done)) {
        dispose(element);
        return;
      }
      yield element;
    }
  } finally {
    /** @type {LazyIterator[]} */
    const open = [];
    mapTree(iterators, iterator => open.push(iterator), isIterator);
    for (const iterator of open) await iterator.return();
  }
}

/** @param {readonly any[]} items an iterator of clones of them */
export function iteratorFromItems(items) {
  let index = 0;
  return new LazyIterator(() => (index < items.length ? { value: cloneElement(items[index++]), done: false } : end()));
}

/**
 * @param {() => Step | Promise<Step>} f
 * @param {() => unknown} [close]
 */
export function iteratorFromFunction(f, close) {
  return new LazyIterator(() => {
    try {
      return f();
    } catch (error) {
      const cause = /** @type {any} */ (error);
      const message = `Error thrown while iterating through a dataset: ${cause?.message ?? cause}`;
      throw cause instanceof Error ? Object.assign(cause, { message }) : failure('INVALID_ARGUMENT', message);
    }
  }, close);
}
