/** Functions of modules that run in workers: of Node, or of the browser. */
import { moduleUrl, openWorker } from '#platform';
import { Tensor } from '../core/tensor.js';
import { failure } from '../core/util.js';
import { dispose } from '../memory.js';
import { tensor } from '../ops/creation.js';
import { LazyIterator } from './lazy_iterator.js';
import { isTree, mapTree } from './trees.js';

/** @import { WorkerHandle } from '../platform/node.js' */

/** How long workers that have nothing to do are kept, in milliseconds: until the next epoch, as a rule. */
const LINGER = 5000;

/**
 * What a worker does, as text, since a bundle is one file: `port` is where messages come from. A request without an element asks the
 * iterator that the module's function gives. Typed arrays that have a buffer to themselves are moved; where that is refused (a buffer of
 * WebAssembly), they are copied.
 */
const SOURCE = `
let iterator;
const owned = (value, into) => {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) into.add(value.buffer);
  } else if (value !== null && typeof value === 'object') Object.values(value).forEach(member => owned(member, into));
  return into;
};
const answer = async request => {
  const { default: run } = await import(request.url);
  if (typeof run !== 'function') throw new TypeError('the module has no function as its default export');
  if (!request.isStep) return run(request.element);
  iterator ??= Promise.resolve(run(request.argument));
  const { value, done } = await (await iterator).next();
  return { value, done };
};
port.onmessage = async ({ data }) => {
  try {
    const message = { id: data.id, result: await answer(data) };
    try {
      port.postMessage(message, [...owned(message.result, new Set())]);
    } catch {
      port.postMessage(message);
    }
  } catch (error) {
    port.postMessage({ id: data.id, error: String(error?.message ?? error) });
  }
};
`;

/** A worker, and who waits for its answers. */
export class ModuleWorker {
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #nextId = 0;
  #url;
  /** @type {Error | null} */
  #ending = null;
  /** @type {WorkerHandle} */
  #worker;

  /** @param {URL | string} module */
  constructor(module) {
    this.#url = moduleUrl(module);
    this.#worker = openWorker(SOURCE, message => this.#settle(message), error => this.#fail(error));
  }

  get hasEnded() {
    return this.#ending !== null;
  }

  /** How many answers are waited for. */
  get load() {
    return this.#waiting.size;
  }

  /** @param {object} request @returns {Promise<any>} */
  ask(request) {
    if (this.#ending !== null) return Promise.reject(this.#ending);
    const id = this.#nextId++;
    this.#worker.keepAlive(true);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.post({ id, url: this.#url, ...request });
    });
  }

  terminate() {
    this.#worker.terminate();
    this.#fail('it was terminated');
  }

  /** @param {{id: number, result?: any, error?: string}} message */
  #settle({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.load === 0) this.#worker.keepAlive(false);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(this.#failure(error));
  }

  /** @param {string} error why no answer will come */
  #fail(error) {
    this.#ending ??= this.#failure(error);
    for (const { reject } of this.#waiting.values()) reject(this.#ending);
    this.#waiting.clear();
  }

  /** @param {string} message */
  #failure(message) {
    return failure('INVALID_ARGUMENT', `Error thrown in a worker with ${this.#url}: ${message}`);
  }
}

/** A dataset's workers, shared by its iterators. */
export class WorkerPool {
  /** @type {ModuleWorker[]} */
  #workers = [];
  #users = 0;
  /** @type {any} */
  #timer;

  /** @param {URL | string} module @param {number} size */
  constructor(module, size) {
    this.module = module;
    this.size = size;
  }

  /** What the module's function makes of each element. @param {LazyIterator} source */
  open(source) {
    let isOpen = false;
    const start = () => {
      if (isOpen) return;
      isOpen = true;
      this.#acquire();
    };
    const stop = () => {
      if (isOpen) this.#release();
      isOpen = false;
    };
    return new LazyIterator(async () => {
      const step = await source.next();
      if (step.done) {
        stop();
        return step;
      }
      start();
      return { value: await this.#run(step.value), done: false };
    }, async () => {
      stop();
      await source.return();
    });
  }

  /** @param {any} element */
  async #run(element) {
    const worker = this.#workers.reduce((best, other) => (other.load < best.load ? other : best));
    const request = { element: mapTree(element, toMessage) };
    dispose(element);
    return fromMessage(await worker.ask(request));
  }

  #acquire() {
    clearTimeout(this.#timer);
    this.#users++;
    this.#workers = this.#workers.filter(worker => !worker.hasEnded);
    while (this.#workers.length < this.size) this.#workers.push(new ModuleWorker(this.module));
  }

  #release() {
    if (--this.#users > 0) return;
    this.#timer = setTimeout(() => this.#workers.splice(0).forEach(worker => worker.terminate()), LINGER);
    // a program need not wait for that
    this.#timer.unref?.();
  }
}

/**
 * The elements of an iterator that a module's function gives in a worker of its own.
 * @param {URL | string} module
 * @param {any} argument of the function
 */
export function iteratorInWorker(module, argument) {
  const worker = new ModuleWorker(module);
  return new LazyIterator(async () => {
    const { value, done } = await worker.ask({ isStep: true, argument });
    if (done) worker.terminate();
    return done ? { value: null, done } : { value: fromMessage(value), done: false };
  }, () => worker.terminate());
}

/** @param {any} leaf */
function toMessage(leaf) {
  return leaf instanceof Tensor ? { values: leaf.dataSync(), shape: leaf.shape, dtype: leaf.dtype } : leaf;
}

/** @param {any} element with tensors for {values, shape, dtype} */
function fromMessage(element) {
  const isTensor = (/** @type {any} */ value) => isTree(value) && Array.isArray(value.shape) && value.values !== undefined;
  return mapTree(element, leaf => (isTensor(leaf) ? tensor(leaf.values, leaf.shape, leaf.dtype) : leaf),
    value => isTensor(value) || !isTree(value));
}
