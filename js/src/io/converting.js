/** Files of other formats turned into TensorFlow.js's layers format by the converter, which is fetched where it is needed first. */
import { assert, failure } from '../core/util.js';
import { modelJSONOf } from './artifacts.js';
import { CompositeArrayBuffer } from './buffers.js';
import { readModelJSON } from './manifest.js';
import { toSnakeCase } from '../layers/names.js';

/** @import { Converter } from '../native/native.gen.js' */
/** @import { LoadedModel, ModelArtifacts } from './manifest.js' */

/** @typedef {(context: object) => Converter | Promise<Converter>} OpenConverter opens the converter with a context of its own */
/** @typedef {{name: string, data: Uint8Array}} SavedFile a file of a saved model; its name is its path within the model's folder */

/**
 * As the flags of tensorflowjs_converter.
 * @typedef {object} ConvertOptions
 * @property {'tfjs_layers_model' | 'keras' | 'keras_keras' | 'keras_weights'} [outputFormat] TensorFlow.js's layers format, one .h5 of Keras 2, one
 * .keras, or one .weights.h5 of Keras 3. By default 'keras' for files of the layers format, and that format for all others
 * @property {Patterns} [quantizeFloat16] weights to be stored in two bytes, as float16
 * @property {Patterns} [quantizeUint8] weights to be stored in one byte, between the smallest and the largest of each
 * @property {Patterns} [quantizeUint16] the same in two bytes
 * @property {number} [weightShardSizeBytes] of one shard; 4 MiB by default
 * @property {string | object} [topology] the model's JSON, for a file that has weights alone
 */

/**
 * @typedef {boolean | string | string[]} Patterns names of weights with *, ? and [...],
 *   a text of several has commas; true: all that no other fits
 */
/** @typedef {Blob | ArrayBuffer | ArrayBufferView} Content */

/** Beside eight times the files' own size: as the command allows. */
const MOST_BYTES = 2 ** 30;
/** One shard, however large. */
const WHOLE = 2 ** 31 - 1;

/** @type {OpenConverter | null} */
let opener = null;

/** Says how the converter is opened. @param {OpenConverter} open */
export function useConverter(open) {
  opener = open;
}

/** @param {number} bytes of all files */
async function openConverter(bytes) {
  if (opener === null) throw failure('BACKEND', 'The converter was not started');
  return opener({ maxBytes: MOST_BYTES + 8 * bytes });
}

/** How the bytes of HDF5 files and zip archives start. */
const MAGICS = [[0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], [0x50, 0x4b, 0x03, 0x04]];
/** As many bytes as isKerasFile looks at. */
export const MAGIC_BYTES = 8;

/**
 * Whether a file that starts with these bytes is Keras's: .h5 or .keras.
 * @param {Uint8Array} start
 */
export function isKerasFile(start) {
  return MAGICS.some(magic => magic.every((byte, i) => start[i] === byte));
}

/** Whether a name or a path is that of a file which has to be converted. @param {string} path without a query */
export function hasKerasName(path) {
  return /\.(keras|h5|hdf5)$/i.test(path) || /(^|\/)saved_model\.pb$/.test(path);
}

// ---- the call: names and sizes as JSON, contents as one block

/** @param {SavedFile[]} files */
function joined(files) {
  if (files.length === 1) return files[0].data;
  const block = new Uint8Array(files.reduce((sum, { data }) => sum + data.byteLength, 0));
  let offset = 0;
  for (const { data } of files) {
    block.set(data, offset);
    offset += data.byteLength;
  }
  return block;
}

/** @param {Patterns | undefined} patterns */
function listOf(patterns) {
  if (patterns === undefined || patterns === false) return undefined;
  return patterns === true ? '' : [patterns].flat().join(',');
}

/** @param {SavedFile[]} files @param {ConvertOptions} options */
function requestOf(files, { topology, quantizeFloat16, quantizeUint8, quantizeUint16, ...others }) {
  const quantized = { quantizeFloat16: listOf(quantizeFloat16), quantizeUint8: listOf(quantizeUint8), quantizeUint16: listOf(quantizeUint16) };
  const options = { ...others, ...quantized };
  const text = topology === undefined || typeof topology === 'string' ? topology : JSON.stringify(topology);
  return JSON.stringify({ ...options, topology: text, files: files.map(({ name, data }) => ({ name, bytes: data.byteLength })) });
}

/**
 * The contents of files, their names and sizes as JSON, and that JSON's length.
 * @param {Uint8Array} result Node's Buffer has another slice than an array
 * @returns {SavedFile[]}
 */
function filesOf(result) {
  const block = new Uint8Array(result.buffer, result.byteOffset, result.byteLength);
  const end = block.byteLength - 4;
  const length = new DataView(block.buffer, block.byteOffset + end).getUint32(0, true);
  const list = JSON.parse(new TextDecoder().decode(block.subarray(end - length, end)));
  let offset = 0;
  return list.map((/** @type {{name: string, bytes: number}} */ { name, bytes }) => {
    offset += bytes;
    return { name, data: block.subarray(offset - bytes, offset) };
  });
}

/** @param {SavedFile[]} files @param {ConvertOptions} options */
async function convertFiles(files, options) {
  const block = joined(files);
  const converter = await openConverter(block.byteLength);
  return filesOf(await converter.async.convertFiles(requestOf(files, options), block));
}

/**
 * A saved model as what loading takes.
 * @param {SavedFile[]} files
 * @param {string} from where they came from, for messages
 * @param {ConvertOptions} [options]
 * @returns {Promise<LoadedModel>}
 */
export async function convertToLoaded(files, from, options = {}) {
  try {
    const converted = await convertFiles(files, { weightShardSizeBytes: WHOLE, ...options });
    const text = new TextDecoder().decode(converted[converted.length - 1].data);
    const shards = converted.slice(0, -1).map(({ data }) => data);
    const weights = shards.length === 0 ? new Uint8Array(0) : joined(shards.map(data => ({ name: '', data })));
    return { text, json: readModelJSON(text, from).json, weights };
  } catch (error) {
    if (error instanceof Error && !error.message.startsWith(from)) error.message = `${from}: ${error.message}`;
    throw error;
  }
}

/** Formats of files by the ending of their name. @type {[RegExp, NonNullable<ConvertOptions['outputFormat']>][]} */
const FORMATS = [[/\.weights\.h5$/i, 'keras_weights'], [/\.(h5|hdf5)$/i, 'keras'], [/\.keras$/i, 'keras_keras']];

/**
 * The format that a model is to be saved in as one file; undefined where its name says none.
 * @param {string} name
 */
export function formatOfName(name) {
  return FORMATS.find(([ending]) => ending.test(name))?.[1];
}

/**
 * Keras spells the optimizer's options in snake_case (learning_rate, beta_1), TensorFlow.js does not; and asks for all of its fields.
 * @param {any} training
 */
function kerasTraining(training) {
  const options = training?.optimizer_config?.config;
  if (options === undefined) return training;
  const config = Object.fromEntries(Object.entries(options).map(([key, value]) => [toSnakeCase(key).replace(/^(beta)(\d)$/, '$1_$2'), value]));
  return { loss_weights: null, weighted_metrics: null, ...training, optimizer_config: { ...training.optimizer_config, config } };
}

/**
 * A model as a file of Keras.
 * @param {ModelArtifacts} artifacts
 * @param {ConvertOptions['outputFormat']} outputFormat
 * @returns {Promise<Uint8Array>}
 */
export async function convertToFile(artifacts, outputFormat) {
  const shard = { name: 'weights.bin', data: new Uint8Array(CompositeArrayBuffer.join(artifacts.weightData)) };
  const all = { ...artifacts, trainingConfig: kerasTraining(artifacts.trainingConfig) };
  const json = modelJSONOf(all, [{ paths: [shard.name], weights: artifacts.weightSpecs ?? [] }]);
  const [file] = await convertFiles([{ name: 'model.json', data: new TextEncoder().encode(JSON.stringify(json)) }, shard], { outputFormat });
  return file.data;
}

// ---- hornbeam/converter

/** @param {Content} content @returns {Promise<Uint8Array>} */
async function bytesOfContent(content) {
  if (content instanceof Blob) return new Uint8Array(await content.arrayBuffer());
  if (ArrayBuffer.isView(content)) return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  assert(content instanceof ArrayBuffer, () => `convert: expected the bytes of a file, got ${content}`);
  return new Uint8Array(content);
}

/** @param {Content | Record<string, Content>} files @returns {Promise<SavedFile[]>} */
async function savedFiles(files) {
  assert(files != null && typeof files === 'object', () => `convert: expected the bytes of a file, or an object of files by name, got ${files}`);
  const isOne = files instanceof Blob || files instanceof ArrayBuffer || ArrayBuffer.isView(files);
  const named = isOne ? { model: files } : files;
  return Promise.all(Object.entries(named).map(async ([name, content]) => ({ name, data: await bytesOfContent(content) })));
}

/**
 * Converts a saved model.
 * @param {Content | Record<string, Content>} files one file of Keras (.keras, .h5), or the files of a SavedModel by their paths in its folder, or
 * model.json with its shards
 * @param {ConvertOptions} [options]
 * @returns {Promise<Record<string, Uint8Array>>} files by name: shards and model.json, the last; or model.h5, model.keras, model.weights.h5
 */
export async function convert(files, options = {}) {
  const converted = await convertFiles(await savedFiles(files), options);
  return Object.fromEntries(converted.map(({ name, data }) => [name, data]));
}

/**
 * Describes a saved model: {format, kerasVersion, backend, name, className, supported, reason, parameters, trainableParameters, layers,
 * unsupported}.
 * @param {Content | Record<string, Content>} files as of convert
 * @param {ConvertOptions} [options]
 * @returns {Promise<any>}
 */
export async function inspect(files, options = {}) {
  const list = await savedFiles(files);
  const block = joined(list);
  return JSON.parse((await openConverter(block.byteLength)).inspectFiles(requestOf(list, options), block));
}
