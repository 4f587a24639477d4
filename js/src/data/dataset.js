/**
 * tf.data's Dataset: elements that are made when they are asked for, and what can be done to them. The methods, sizes, orders and what is
 * disposed are TensorFlow.js's (tfjs-data 4.22); window, flatMap, unbatch and cache are those of Python's tf.data.
 */
import { dispose, tidy } from '../memory.js';
import { assert, failure } from '../core/util.js';
import { tensorsIn } from '../core/engine.js';
import { Tensor } from '../core/tensor.js';
import { unstack } from '../ops/shape.js';
import { iteratorFromItems, LazyIterator, zipped } from './lazy_iterator.js';
import { Alea } from './random.js';
import { cloneElement, isTree, mapTree, mapTreeAsync } from './trees.js';
import { WorkerPool } from './workers.js';

/** How many elements: null where nobody knows. @typedef {number | null} Size */
/** @typedef {{workers?: number}} MapOptions how many elements at a time; 1 by default */

/** @param {string} message */
const rangeError = message => Object.assign(new RangeError(message), { code: 'INVALID_ARGUMENT' });

/**
 * Elements in an order; each iterator() begins anew. An element is a number, a text, an array, a tensor, or objects and arrays of such.
 *
 * Methods make further datasets. Tensors of elements that a dataset makes belong to whoever takes them: dispose them, or use forEachAsync.
 */
export class Dataset {
  /** @type {Size} */
  size = null;

  /** @returns {Promise<LazyIterator>} the elements from the first on */
  async iterator() {
    throw failure('UNSUPPORTED', `${this.constructor.name}: a class of datasets must have a method iterator()`);
  }

  async *[Symbol.asyncIterator]() {
    yield* await this.iterator();
  }

  /**
   * Tensors with a first dimension more: of numbers, texts, arrays or tensors side by side, at each place of an element.
   * @param {number} batchSize
   * @param {boolean} [smallLastBatch] whether the last batch may have fewer
   */
  batch(batchSize, smallLastBatch = true) {
    assert(batchSize > 0, () => `batchSize needs to be positive, but it is\n      ${batchSize}`);
    const round = smallLastBatch ? Math.ceil : Math.floor;
    return this.#derive(source => source.columnMajorBatch(batchSize, smallLastBatch),
      this.size === null ? null : round(this.size / batchSize));
  }

  /** The elements of this, then those of another. @param {Dataset} dataset */
  concatenate(dataset) {
    const sizes = [this.size, dataset.size];
    const size = sizes.includes(Infinity) ? Infinity : sum(sizes);
    return this.#derive(async source => source.concatenate(await dataset.iterator()), size);
  }

  /** The elements that a predicate holds for. @param {(element: any) => boolean | Promise<boolean>} predicate */
  filter(predicate) {
    return this.#derive(source => source.filter(predicate), this.size === Infinity ? Infinity : null);
  }

  /** Calls a function with each element, one after the other, and disposes it. @param {(element: any) => unknown} f */
  async forEachAsync(f) {
    await (await this.iterator()).forEachAsync(f);
  }

  /**
   * What a function makes of each element, in a tidy. The URL of a module instead of a function: see mapAsync.
   * @param {((element: any) => any) | URL | string} transform
   * @param {MapOptions} [options]
   */
  map(transform, options) {
    if (typeof transform !== 'function') return this.mapAsync(transform, options);
    assert(options?.workers === undefined,
      () => 'Dataset.map(): a function runs on this thread. For workers, give the URL of a module whose ' +
      'default export is the function, as new URL(\'./decode.js\', import.meta.url); for promises side by side, mapAsync.');
    return this.#derive(source => source.map(element => tidy(() => transform(element))), this.size);
  }

  /**
   * What a function makes of each element by a promise; the function tidies up itself. With workers: n, up to n elements are under way.
   *
   * The URL of a module instead of a function: its default export is called in workers (of Node or the browser), `workers` of them, while
   * this thread goes on. A worker has no tensors: it gets a tensor as {values, shape, dtype}, and what it returns in that form becomes
   * one. Numbers, texts, arrays and typed arrays go as they are; the buffers of typed arrays that it returns are moved, not copied.
   * @param {((element: any) => any) | URL | string} transform
   * @param {MapOptions} [options]
   */
  mapAsync(transform, { workers = 1 } = {}) {
    assert(Number.isInteger(workers) && workers > 0, () => `Dataset.mapAsync(): workers must be a positive integer, but got ${workers}.`);
    if (typeof transform !== 'function') {
      const pool = new WorkerPool(transform, workers);
      // a second element waits at each worker, so that none stands still
      return this.#derive(source => pool.open(source).prefetch(2 * workers), this.size);
    }
    return this.#derive(source => {
      const mapped = source.mapAsync(transform);
      return workers === 1 ? mapped : mapped.prefetch(workers);
    }, this.size);
  }

  /** Keeps bufferSize elements under way, while whoever takes them works. @param {number} bufferSize */
  prefetch(bufferSize) {
    if (bufferSize == null) throw rangeError('`Dataset.prefetch()` requires bufferSize to be specified.');
    return this.#derive(source => source.prefetch(bufferSize), this.size);
  }

  /** The elements again and again. @param {number} [count] how often; without end where negative or not given */
  repeat(count) {
    const isEndless = count == null || count < 0;
    const factor = isEndless ? Infinity : count;
    const isEmpty = factor === 0 || this.size === 0;
    const size = isEmpty ? 0 : this.size === null ? null : this.size * factor;
    return new DerivedDataset(async () => LazyIterator.from(repeated(this, factor)), size);
  }

  /** The elements after the first ones. @param {number} count none are left where negative, as in Python's tf.data */
  skip(count) {
    const first = count == null || count < 0 ? Infinity : count;
    return this.#derive(source => source.skip(first), this.size === null ? null : first >= this.size ? 0 : this.size - first);
  }

  /**
   * Each time one of the next bufferSize elements, by chance. A seed decides the order, and it is the one of TensorFlow.js.
   * @param {number} bufferSize
   * @param {string | number} [seed]
   * @param {boolean} [reshuffleEachIteration] whether each iterator has another order
   */
  shuffle(bufferSize, seed, reshuffleEachIteration = true) {
    if (bufferSize == null || bufferSize < 0) {
      const advice = this.size === null ? '' : '  If your data fits in main memory (for regular JS objects), and/or GPU memory (for ' +
        `\`tf.Tensor\`s), consider setting bufferSize to the dataset size (${this.size} elements)`;
      throw rangeError(`\`Dataset.shuffle()\` requires bufferSize to be specified.${advice}`);
    }
    const random = new Alea(seed ?? performance.now());
    const draw = () => random.int32() + (reshuffleEachIteration ? random.int32() : 0);
    const fixed = reshuffleEachIteration ? null : draw();
    return this.#derive(source => source.shuffle(bufferSize, fixed ?? draw()), this.size);
  }

  /** The first elements. @param {number} [count] all where negative or not given */
  take(count) {
    const first = count == null || count < 0 ? Infinity : count;
    return this.#derive(source => source.take(count), this.size === null ? null : Math.min(this.size, first));
  }

  /** All elements, which must have an end. @returns {Promise<any[]>} */
  async toArray() {
    assert(this.size !== Infinity, () => 'Can not convert infinite data stream to array.');
    return (await this.iterator()).toArray();
  }

  /** As toArray, with 100 elements under way at a time. @returns {Promise<any[]>} */
  async toArrayForTest() {
    assert(this.size !== Infinity, () => 'Can not convert infinite data stream to array.');
    return (await this.iterator()).toArrayForTest();
  }

  /**
   * Arrays of `size` elements, which may overlap: what follows is mostly map or batch. Python's tf.data gives datasets instead of arrays.
   * @param {number} size
   * @param {number} [shift] from the first element of a window to that of the next
   * @param {number} [stride] from element to element within a window
   * @param {boolean} [dropRemainder] whether windows at the end that have fewer elements are left out
   */
  window(size, shift = size, stride = 1, dropRemainder = false) {
    for (const [name, value] of Object.entries({ size, shift, stride })) {
      assert(Number.isInteger(value) && value > 0, () => `Dataset.window(): ${name} must be a positive integer, but got ${value}.`);
    }
    const reach = (size - 1) * stride + 1;
    const count = (/** @type {number} */ elements) =>
      (dropRemainder ? Math.floor((elements - reach) / shift) + 1 : Math.ceil(elements / shift));
    return this.#derive(source => source.window({ size, shift, stride, dropRemainder }),
      this.size === null ? null : Math.max(0, count(this.size)));
  }

  /**
   * The elements that a function makes of each element: of a dataset, an array or anything else to iterate over.
   * @param {(element: any) => Dataset | Iterable<any> | AsyncIterable<any>} transform
   */
  flatMap(transform) {
    return this.#derive(source => source.flatmap(transform), this.size === Infinity ? Infinity : null);
  }

  /** Undoes batch: the rows of tensors and arrays, one by one. */
  unbatch() {
    return this.#derive(source => source.flatmap(unbatched), this.size === Infinity ? Infinity : null);
  }

  /**
   * Keeps the elements in memory once they have been read to the end, so that what comes before is done once. Its method dispose() gives
   * them back.
   */
  cache() {
    return new CachedDataset(this);
  }

  /**
   * @param {(source: LazyIterator) => LazyIterator | Promise<LazyIterator>} change
   * @param {Size} size
   */
  #derive(change, size) {
    return new DerivedDataset(async () => change(await this.iterator()), size);
  }
}

/** A dataset by a function. */
class DerivedDataset extends Dataset {
  #begin;

  /** @param {() => Promise<LazyIterator>} begin @param {Size} size */
  constructor(begin, size) {
    super();
    this.#begin = begin;
    this.size = size;
  }

  async iterator() {
    return this.#begin();
  }
}

/** Dataset.cache(). */
class CachedDataset extends Dataset {
  /** @type {any[] | null} */
  #elements = null;
  #source;

  /** @param {Dataset} source */
  constructor(source) {
    super();
    this.#source = source;
    this.size = source.size;
  }

  async iterator() {
    return this.#elements === null ? LazyIterator.from(this.#record()) : iteratorFromItems(this.#elements);
  }

  /** Gives the elements back; the next iterator reads them again. */
  dispose() {
    dispose(this.#elements);
    this.#elements = null;
  }

  async *#record() {
    /** @type {any[]} */
    let elements = [];
    try {
      for await (const element of await this.#source.iterator()) {
        elements.push(keepAll(cloneElement(element)));
        yield element;
      }
      // another iterator may have been faster
      if (this.#elements === null) [this.#elements, elements] = [elements, []];
      this.size ??= this.#elements.length;
    } finally {
      dispose(elements);
    }
  }
}

/** @param {any} element whose tensors no tidy shall dispose */
function keepAll(element) {
  for (const tensor of tensorsIn(element)) tensor.kept = true;
  return element;
}

/** @param {Size[]} sizes @returns {Size} */
function sum(sizes) {
  return sizes.reduce((total, size) => (total === null || size === null ? null : total + size), 0);
}

/** @param {Dataset} dataset @param {number} count */
async function* repeated(dataset, count) {
  for (let round = 0; round < count; round++) {
    let isEmpty = true;
    for await (const element of await dataset.iterator()) {
      isEmpty = false;
      yield element;
    }
    // for ever nothing is nothing
    if (isEmpty) return;
  }
}

/** @param {any} batch @returns {any[]} its rows */
function unbatched(batch) {
  /** @type {any[][]} */
  const columns = [];
  const isColumn = (/** @type {any} */ value) => !isTree(value) || Array.isArray(value);
  mapTree(batch, column => columns.push(column instanceof Tensor ? unstack(column) : Array.from(column)), isColumn);
  const lengths = new Set(columns.map(column => column.length));
  assert(lengths.size === 1, () => `Dataset.unbatch(): expected batches of one length, but got ${[...lengths].join(' and ')}.`, 'SHAPE');
  return Array.from({ length: columns[0].length }, (_, row) => {
    let next = 0;
    return mapTree(batch, () => columns[next++][row], isColumn);
  });
}

/**
 * A dataset whose iterators a function makes.
 * @param {() => LazyIterator | Promise<LazyIterator>} iteratorFn
 * @param {Size} [size]
 * @returns {Dataset}
 */
export function datasetFromIteratorFn(iteratorFn, size = null) {
  return new DerivedDataset(async () => iteratorFn(), size);
}

/** The elements of an array; tensors are given as clones. @param {any[]} items */
export function array(items) {
  return datasetFromIteratorFn(() => iteratorFromItems(items), items.length);
}

/**
 * Elements of several datasets side by side, in the structure that the datasets are given in, as long as each has one.
 * @param {any} datasets an array or object of datasets, in any depth
 */
export function zip(datasets) {
  assert(isTree(datasets), () => 'The argument to zip() must be an object or array.');
  const isLeaf = (/** @type {any} */ value) => value instanceof Dataset || !isTree(value);
  const begin = (/** @type {any} */ dataset) => {
    assert(dataset instanceof Dataset, () => 'Leaves of the structure passed to zip() must be Datasets, not primitives.');
    return dataset.iterator();
  };
  const iterator = async () => LazyIterator.from(zipped(await mapTreeAsync(datasets, begin, isLeaf)));
  return datasetFromIteratorFn(iterator, zippedSize(datasets, isLeaf));
}

/** The smallest size, where all are known. @param {any} datasets @param {(value: any) => boolean} isLeaf @returns {Size} */
function zippedSize(datasets, isLeaf) {
  /** @type {Size[]} */
  const sizes = [];
  mapTree(datasets, dataset => sizes.push(dataset.size ?? null), isLeaf);
  return sizes.length === 0 || sizes.includes(null) ? null : Math.min(.../** @type {number[]} */ (sizes));
}

