/** Event files: what TensorBoard reads. tf.node.summaryFileWriter is one that users write to. */
import { files } from '#platform';
import { assert } from '../../core/util.js';
import { histogramEvent, scalarEvent, versionEvent } from './events.js';
import { joined } from './proto.js';
import { recordOf } from './records.js';

/** @import { Tensor } from '../../core/tensor.js' */

let made = 0;

/** Appends events to a file of its own in a folder. */
export class EventWriter {
  /** @type {Uint8Array[]} */
  #queue = [recordOf(versionEvent())];
  #written = Promise.resolve();
  /** What went wrong while nobody waited. @type {unknown} */
  #error = null;

  /** @param {string} folder @param {string} [suffix] of the file's name */
  constructor(folder, suffix = '.v2') {
    this.path = `${folder}/events.out.tfevents.${Math.floor(Date.now() / 1000)}.${files.owner()}.${made++}${suffix}`;
  }

  get queued() {
    return this.#queue.length;
  }

  /** @param {Uint8Array} event */
  add(event) {
    this.#queue.push(recordOf(event));
  }

  /** Writes what is queued, after what is being written; throws what went wrong since the last time. */
  async flush() {
    this.start();
    await this.#written;
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
  }

  /** As flush, without waiting. */
  start() {
    if (this.#queue.length === 0) return;
    const records = joined(this.#queue);
    this.#queue = [];
    this.#written = this.#written.then(() => files.append(this.path, records)).catch(error => {
      this.#error ??= error;
    });
  }
}

/** What tf.node.summaryFileWriter gives. */
export class SummaryFileWriter {
  #writer;
  #flushed = Date.now();

  /** @param {string} folder @param {number} maxQueue @param {number} flushMillis @param {string} suffix */
  constructor(folder, maxQueue, flushMillis, suffix) {
    this.#writer = new EventWriter(folder, suffix);
    this.maxQueue = maxQueue;
    this.flushMillis = flushMillis;
  }

  /**
   * @param {string} name
   * @param {Tensor | number} value
   * @param {number} step
   * @param {string} [_description]
   */
  scalar(name, value, step, _description) {
    const number = typeof value === 'number' ? value : value.dataSync()[0];
    assert(typeof number === 'number', () => `scalar ${name}: expected a number or a scalar tensor, got ${value}`);
    this.#add(scalarEvent(name, number, step));
  }

  /**
   * @param {string} name
   * @param {Tensor | ArrayLike<number>} data
   * @param {number} step
   * @param {number} [buckets] between the smallest and the largest value; 30 by default
   * @param {string} [description]
   */
  histogram(name, data, step, buckets, description) {
    const values = 'dataSync' in data ? data.dataSync() : data;
    this.#add(histogramEvent(name, /** @type {ArrayLike<number>} */ (values), step, buckets, description));
  }

  /** @param {Uint8Array} event */
  #add(event) {
    this.#writer.add(event);
    if (this.#writer.queued < this.maxQueue && Date.now() - this.#flushed < this.flushMillis) return;
    this.#flushed = Date.now();
    this.#writer.start();
  }

  /** Resolves when all is in the file. */
  flush() {
    return this.#writer.flush();
  }
}

/**
 * Writes values to an event file, as tf.node.summaryFileWriter of @tensorflow/tfjs-node does.
 * @param {string} logdir
 * @param {number} [maxQueue] events after which they are written
 * @param {number} [flushMillis] time after which they are
 * @param {string} [filenameSuffix]
 */
export function summaryFileWriter(logdir, maxQueue = 10, flushMillis = 120_000, filenameSuffix = '.v2') {
  assert(typeof logdir === 'string' && logdir !== '', () => 'Invalid logdir: expected a path, or ' + `got ${logdir}`);
  return new SummaryFileWriter(logdir, maxQueue, flushMillis, filenameSuffix);
}
