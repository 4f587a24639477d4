/**
 * What event files hold: tensorflow/core/util/event.proto, summary.proto and tensor.proto, with the metadata by which TensorBoard's plugins know
 * their own (tensorboard/plugins: scalar, histogram, image, graph, hparams).
 */
import { bytes, double, integer, joined, message } from './proto.js';

/** @import { Message } from './proto.js' */

const DT_FLOAT = 1;
const DT_DOUBLE = 2;
const DT_STRING = 7;
const CLASS_SCALAR = 1;
const CLASS_TENSOR = 2;

/** @param {readonly number[]} shape */
const shapeOf = shape => message(2, ...shape.map(size => message(2, integer(1, size))));

/** @param {number} dtype @param {readonly number[]} shape @param {Float32Array | Float64Array} values */
const numbers = (dtype, shape, values) =>
  message(8, integer(1, dtype), shapeOf(shape), bytes(4, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));

/** @param {readonly number[]} shape @param {(string | Uint8Array)[]} values */
const strings = (shape, values) => message(8, integer(1, DT_STRING), shapeOf(shape), ...values.map(value => bytes(8, value)));

/**
 * @param {string} plugin
 * @param {{content?: string | Uint8Array, dataClass?: number, description?: string}} [more]
 */
const metadata = (plugin, { content, dataClass, description } = {}) => message(9,
  message(1, bytes(1, plugin), content === undefined ? [] : bytes(2, content)), description === undefined ? [] : bytes(3, description),
  dataClass === undefined ? [] : integer(4, dataClass));

/** @param {number} step @param {Message} what */
const event = (step, what) => joined([...double(1, Date.now() / 1000), ...integer(2, step), ...what]);

/** @param {string} tag @param {number} step @param {Message} tensor @param {Message} meta */
const summary = (tag, step, tensor, meta) => event(step, message(5, message(1, bytes(1, tag), tensor, meta)));

/** What a file begins with. */
export const versionEvent = () => event(0, [...bytes(3, 'brain.Event:2'), ...message(10, bytes(1, 'hornbeam'))]);

/** @param {string} tag @param {number} value @param {number} step */
export const scalarEvent = (tag, value, step) =>
  summary(tag, step, numbers(DT_FLOAT, [], Float32Array.of(value)), metadata('scalars', { dataClass: CLASS_SCALAR }));

/**
 * Counts of values between the smallest and the largest.
 * @param {string} tag
 * @param {ArrayLike<number>} values
 * @param {number} step
 * @param {number} [buckets]
 * @param {string} [description]
 */
export const histogramEvent = (tag, values, step, buckets = 30, description = undefined) =>
  summary(tag, step, numbers(DT_DOUBLE, [buckets, 3], histogramOf(values, buckets)),
    metadata('histograms', { dataClass: CLASS_TENSOR, description }));

/**
 * Rows of left edge, right edge, count (tensorboard/plugins/histogram/summary_v2.py). Values that are no numbers are left out.
 * @param {ArrayLike<number>} values
 * @param {number} buckets
 */
export function histogramOf(values, buckets) {
  const finite = Array.from(values).filter(Number.isFinite);
  const table = new Float64Array(buckets * 3);
  if (finite.length === 0) return table;
  const min = finite.reduce((a, b) => Math.min(a, b));
  const max = finite.reduce((a, b) => Math.max(a, b));
  const width = (max - min) / buckets;
  for (let i = 0; i < buckets; i++) {
    table[i * 3] = min + i * width;
    table[i * 3 + 1] = i === buckets - 1 ? max : min + (i + 1) * width;
  }
  for (const value of finite) {
    const bucket = width === 0 ? buckets - 1 : Math.min(Math.floor((value - min) / width), buckets - 1);
    table[bucket * 3 + 2]++;
  }
  return table;
}

/** @param {string} tag @param {number} width @param {number} height @param {Uint8Array[]} pngs @param {number} step */
export const imagesEvent = (tag, width, height, pngs, step) =>
  summary(tag, step, strings([2 + pngs.length], [String(width), String(height), ...pngs]), metadata('images'));

/** A model as Keras's to_json has it; TensorBoard draws it. @param {string} tag @param {string} json @param {number} step */
export const kerasModelEvent = (tag, json, step) => summary(tag, step, strings([], [json]), metadata('graph_keras_model', { content: '1' }));

// ---- hyperparameters: tensorboard/plugins/hparams/plugin_data.proto

/** @typedef {Record<string, number | string | boolean>} HParams */

/** A google.protobuf.Value. @param {number | string | boolean} value */
function valueOf(value) {
  if (typeof value === 'number') return double(2, value);
  return typeof value === 'string' ? bytes(3, value) : integer(4, Number(value));
}

/** @param {string} tag @param {Message} data */
const hparamsEvent = (tag, data) =>
  summary(tag, 0, numbers(DT_FLOAT, [1], Float32Array.of(0)), metadata('hparams', { content: joined([...integer(1, 0), ...data]) }));

/** @param {HParams} hparams @param {string} group name of the trial */
export const sessionStartEvent = (hparams, group) => {
  const values = Object.entries(hparams).map(([name, value]) => message(1, bytes(1, name), message(2, valueOf(value))));
  return hparamsEvent('_hparams_/session_start_info', message(3, ...values, bytes(4, group), double(5, Date.now() / 1000)));
};

export const sessionEndEvent = () => hparamsEvent('_hparams_/session_end_info', message(4, integer(1, 1), double(2, Date.now() / 1000)));
