/** Models from and to URLs. Every answer's status is checked, and no shard may be longer than the manifest says. */
import { assert, failure } from '../core/util.js';
import { env } from '../environment.js';
import { getModelArtifactsInfoForJSON, getWeightSpecs, modelJSONOf } from './artifacts.js';
import { CompositeArrayBuffer } from './buffers.js';
import { convertToLoaded, hasKerasName, isKerasFile } from './converting.js';
import { groupBytes, joinShards, readModelJSON, toArtifacts } from './manifest.js';
import { registerLoadRouter, registerSaveRouter } from './routers.js';

/** @import { SaveResult } from './artifacts.js' */
/** @import { LoadedModel, ModelArtifacts, WeightGroup } from './manifest.js' */
/** @import { SavedFile } from './converting.js' */

/**
 * @typedef {object} LoadOptions
 * @property {RequestInit} [requestInit] headers, credentials and the like for each request
 * @property {(fraction: number) => void} [onProgress] called with the fraction of the weights' bytes that have come
 * @property {typeof fetch} [fetchFunc] used instead of fetch
 * @property {boolean} [strict] whether missing and superfluous weights are errors; true by default
 * @property {string} [weightPathPrefix] put before each shard's path instead of the folder of model.json
 * @property {boolean} [fromTFHub] the URL is that of a TensorFlow Hub model
 * @property {(path: string) => string | Promise<string>} [weightUrlConverter] a shard's URL from its path
 * @property {boolean} [streamWeights] load() gives a stream of the weights; models are loaded from a stream in any case
 * @property {AbortSignal} [signal] ends loading
 * @property {number} [maxBytes] of a file of Keras, or of each file of a SavedModel: longer ones are refused; 4 GiB by default. Shards may be as
 * long as their manifest says
 */

/** Of a file whose size no manifest says. */
const MOST_BYTES = 2 ** 32;

/** Counts bytes of all shards and tells onProgress. */
export class Progress {
  #loaded = 0;

  /**
   * @param {number} total
   * @param {((fraction: number) => void) | undefined} onProgress
   */
  constructor(total, onProgress) {
    this.total = total;
    this.onProgress = onProgress;
  }

  /** @param {number} bytes */
  add(bytes) {
    this.#loaded += bytes;
    if (this.total > 0) this.onProgress?.(this.#loaded / this.total);
  }

  end() {
    if (this.total === 0) this.onProgress?.(1);
  }
}

/**
 * @param {string} url
 * @returns {[string, string]} folder and query
 */
export function parseUrl(url) {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return [path.slice(0, path.lastIndexOf('/') + 1), query < 0 ? '' : url.slice(query)];
}

/** @param {string} url @returns {string} without query and fragment */
const pathOf = url => url.replace(/[?#].*$/s, '');

/** An IO handler that loads a model over HTTP, and saves it with one request. */
export class HTTPRequest {
  #signal;

  /**
   * @param {string | string[]} path the URL of model.json; or that, and one in the folder of the shards
   * @param {LoadOptions} [options]
   */
  constructor(path, options = {}) {
    const [url, shardsUrl] = [path].flat();
    assert(typeof url === 'string' && url.length > 0, () => 'URL path for http must not be null, undefined or empty.');
    assert(typeof path === 'string' || path.length === 2, () => `URL paths for http must have a length of 2, (actual length is ${path.length}).`);
    assert(options.fetchFunc == null || typeof options.fetchFunc === 'function',
      () => 'Must pass a function that matches the signature of `fetch` (see https://developer.mozilla.org/en-US/docs/Web/API/Fetch_API)');
    assert(options.requestInit?.body == null, () => 'requestInit is expected to have no pre-existing body, but has one.');
    this.path = options.fromTFHub ? tfHubUrl(url) : url;
    this.shardsPath = shardsUrl ?? this.path;
    this.options = options;
    this.#signal = options.signal ?? options.requestInit?.signal ?? undefined;
  }

  /**
   * Sends model.json and model.weights.bin as one form, by POST or the method of requestInit.
   * @param {ModelArtifacts} artifacts
   * @returns {Promise<SaveResult>}
   */
  async save(artifacts) {
    const { weightData, weightSpecs } = artifacts;
    const body = new FormData();
    /** @param {string} name @param {BlobPart} part @param {string} type */
    const append = (name, part, type) => body.append(name, new Blob([part], { type }), name);
    const json = modelJSONOf(artifacts, [{ paths: ['./model.weights.bin'], weights: weightSpecs ?? [] }]);
    append('model.json', JSON.stringify(json), 'application/json');
    if (weightData != null) append('model.weights.bin', CompositeArrayBuffer.join(weightData), 'application/octet-stream');
    const response = await this.#send(this.path, { method: 'POST', ...this.options.requestInit, body });
    assert(response.ok, () => `BrowserHTTPRequest.save() failed due to HTTP response status ${response.status}.`);
    return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts), responses: [response] };
  }

  /** @returns {Promise<ModelArtifacts>} */
  async load() {
    if (!this.options.streamWeights || hasKerasName(pathOf(this.path))) return toArtifacts(await this.loadModel());
    const { json, groups } = await this.#loadJSON();
    return { ...json, weightSpecs: getWeightSpecs(groups), getWeightStream: () => this.#stream(groups) };
  }

  /** @returns {Promise<LoadedModel>} */
  async loadModel() {
    if (hasKerasName(pathOf(this.path))) return this.#loadSaved();
    const { text, json, groups } = await this.#loadJSON();
    return { text, json, weights: json.weightsManifest == null ? null : await this.#loadWeights(groups) };
  }

  /** A model that has to be converted: a file of Keras, or a SavedModel by its saved_model.pb. */
  async #loadSaved() {
    const progress = new Progress(0, this.options.onProgress);
    const load = (/** @type {string} */ url) => this.#loadFile(url, progress);
    const first = await load(this.path);
    const isFile = isKerasFile(first) || !/saved_model\.pb$/.test(pathOf(this.path));
    const files = isFile ? [{ name: this.path, data: first }]
      : [{ name: 'saved_model.pb', data: first }, ...await this.#loadVariables(load, progress)];
    const model = await convertToLoaded(files, this.path);
    this.#signal?.throwIfAborted();
    progress.end();
    return model;
  }

  /**
   * The other files of a SavedModel; keras_metadata.pb may be missing.
   * @param {(url: string) => Promise<Uint8Array>} load
   * @param {Progress} progress
   * @returns {Promise<SavedFile[]>}
   */
  async #loadVariables(load, progress) {
    const [folder, query] = parseUrl(this.path);
    const urlOf = (/** @type {string} */ name) => folder + name + query;
    const file = async (/** @type {string} */ name) => ({ name, data: await load(urlOf(name)) });
    const index = await file('variables/variables.index');
    const shards = shardNames(shardCountOf(index.data, urlOf(index.name)));
    const metadata = await this.#loadIfThere(urlOf('keras_metadata.pb'), progress);
    return [index, ...(metadata === null ? [] : [{ name: 'keras_metadata.pb', data: metadata }]), ...await Promise.all(shards.map(file))];
  }

  /** @param {string} url @param {Progress} progress */
  async #loadFile(url, progress) {
    return this.#readFile(await this.#fetch(url, this.#signal), url, progress);
  }

  /** The same; null where the server says that there is no such file. @param {string} url @param {Progress} progress */
  async #loadIfThere(url, progress) {
    const response = await this.#fetch(url, this.#signal);
    if (!isMissing(response)) return this.#readFile(response, url, progress);
    await response.body?.cancel();
    return null;
  }

  /** @param {Response} response @param {string} url @param {Progress} progress */
  #readFile(response, url, progress) {
    assert(response.ok, () => `Request to ${url} failed with status code ${response.status}. Please verify this URL points to the model to load.`,
      'NOT_FOUND');
    const most = this.options.maxBytes ?? MOST_BYTES;
    return readShard(response, url, { expected: most, left: most }, progress);
  }

  async #loadJSON() {
    const response = await this.#fetch(this.path, this.#signal);
    assert(response.ok, () => `Request to ${this.path} failed with status code ${response.status}. Please verify this URL points to the model JSON ` +
      'of the model to load.', 'NOT_FOUND');
    // an answer of a fetchFunc of one's own may have no text
    const text = typeof response.text === 'function' ? await response.text() : JSON.stringify(await response.json());
    return { text, ...readModelJSON(text, this.path) };
  }

  /**
   * The bytes of all shards, one shard after the other.
   * @param {WeightGroup[]} groups
   */
  #stream(groups) {
    const load = (/** @type {WeightGroup} */ group) =>
      this.#loadGroup(group, new Progress(0, undefined), this.#signal ?? new AbortController().signal);
    let next = 0;
    return new ReadableStream({
      async pull(controller) {
        if (next === groups.length) return controller.close();
        for (const shard of await load(groups[next++])) controller.enqueue(shard);
      },
    });
  }

  /**
   * Fetches all shards at once; the first failure ends the others.
   * @param {WeightGroup[]} groups
   */
  async #loadWeights(groups) {
    this.#signal?.throwIfAborted(); // the listener would not be called any more
    const abort = new AbortController();
    const onAbort = () => abort.abort(this.#signal?.reason);
    this.#signal?.addEventListener('abort', onAbort, { once: true });
    const progress = new Progress(groups.reduce((sum, group) => sum + groupBytes(group), 0), this.options.onProgress);
    try {
      const shards = await Promise.all(groups.map(group => this.#loadGroup(group, progress, abort.signal)));
      progress.end();
      return joinShards(groups, shards);
    } catch (error) {
      abort.abort(error);
      throw error;
    } finally {
      this.#signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * @param {WeightGroup} group
   * @param {Progress} progress
   * @param {AbortSignal} signal
   */
  #loadGroup(group, progress, signal) {
    const budget = { expected: groupBytes(group), left: groupBytes(group) };
    return Promise.all(group.paths.map(async path => {
      const url = await this.#shardUrl(path);
      const response = await this.#fetch(url, signal);
      assert(response.ok, () => `Request to ${url} for weights failed with status code ${response.status}.`, 'NOT_FOUND');
      return readShard(response, url, budget, progress);
    }));
  }

  /** @param {string} path */
  async #shardUrl(path) {
    if (this.options.weightUrlConverter !== undefined) return this.options.weightUrlConverter(path);
    const [folder, query] = parseUrl(this.shardsPath);
    return (this.options.weightPathPrefix ?? folder) + path + query;
  }

  /**
   * @param {string} url
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<Response>}
   */
  async #fetch(url, signal) {
    signal?.throwIfAborted();
    try {
      return await this.#send(url, { ...this.options.requestInit, ...(signal && { signal }) });
    } catch (error) {
      if (signal?.aborted || !(error instanceof TypeError)) throw error;
      const cause = /** @type {any} */ (error.cause)?.message ?? error.message;
      throw Object.assign(failure('NOT_FOUND', `Request to ${url} failed: ${cause}`), { cause: error });
    }
  }

  /** @param {string} url @param {RequestInit} init @returns {Promise<Response>} */
  #send(url, init) {
    return (this.options.fetchFunc ?? env().platform.fetch)(url, init);
  }
}

/** @param {string} path */
function tfHubUrl(path) {
  return `${path.endsWith('/') ? path : `${path}/`}model.json?tfjs-format=file`;
}

/** Statuses of files that are not there; a store of objects that may not be listed answers 403. */
const MISSING = [403, 404, 410];

/** @param {Response} response a page instead of a file is what servers of apps answer for any path that they do not have */
const isMissing = response => MISSING.includes(response.status) || isPage(response);

/** @param {Response} response */
const isPage = response => (response.headers?.get('content-type') ?? '').startsWith('text/html');

/** As many files of weights as the converter takes. */
const MOST_SHARDS = 1000;

/**
 * How many files of weights a SavedModel has: its index starts with the empty key and BundleHeaderProto {num_shards = 1, ...}, whose length
 * is one byte. A first block that is packed with Snappy has its length and the tag of a literal before that.
 * Reference: tensorflow/core/util/tensor_bundle/tensor_bundle.h, google/snappy/format_description.txt.
 * @param {Uint8Array} index variables.index
 * @param {string} url
 */
function shardCountOf(index, url) {
  let at = 0;
  if (index[0] !== 0) {
    while (index[at] >= 0x80) at++;
    const tag = index[at + 1] >> 2;
    at += 2 + Math.max(0, tag - 59);
  }
  assert(index[at] === 0 && index[at + 1] === 0, () => `${url}: the index of the variables has no header`, 'FORMAT');
  if (index[at + 2] === 0 || index[at + 3] !== 0x08) return 1; // as a field has it that is left out
  const count = (index[at + 4] & 0x7f) + (index[at + 4] >= 0x80 ? 128 * index[at + 5] : 0);
  assert(count >= 1 && count <= MOST_SHARDS, () => `${url}: expected 1 to ${MOST_SHARDS} files of variables`, 'FORMAT');
  return count;
}

/** @param {number} count */
function shardNames(count) {
  const digits = (/** @type {number} */ number) => String(number).padStart(5, '0');
  return Array.from({ length: count }, (_, i) => `variables/variables.data-${digits(i)}-of-${digits(count)}`);
}

/**
 * Reads an answer as it comes, and stops where it is longer than what is left of the group's bytes; an answer that is not read is cancelled.
 * @param {Response} response
 * @param {string} url
 * @param {{expected: number, left: number}} budget
 * @param {Progress} progress
 * @returns {Promise<Uint8Array>}
 */
async function readShard(response, url, budget, progress) {
  const reader = response.body?.getReader();
  try {
    const header = (/** @type {string} */ name) => response.headers?.get(name) ?? '';
    assert(!isPage(response), () => `Request to ${url} for weights was answered with an HTML page, expected binary data.`, 'FORMAT');
    const announced = header('content-encoding') === '' && header('content-length') !== '' ? Number(header('content-length')) : 0;
    assertFits(url, budget, announced);
    if (reader !== undefined) return await readAll(reader, bytes => take(url, budget, progress, bytes));
    const whole = new Uint8Array(await response.arrayBuffer());
    take(url, budget, progress, whole.byteLength);
    return whole;
  } catch (error) {
    reader?.cancel(error).catch(() => {}); // the error is thrown, and not what cancelling says
    throw error;
  }
}

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {(bytes: number) => void} count is told of each chunk
 */
async function readAll(reader, count) {
  const chunks = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    count(part.value.byteLength);
    length += part.value.byteLength;
    chunks.push(part.value);
  }
  return concatenate(chunks, length);
}

/**
 * @param {string} url
 * @param {{expected: number, left: number}} budget
 * @param {number} bytes
 */
function assertFits(url, budget, bytes) {
  assert(bytes <= budget.left,
    () => `Weights ${url}: expected ${budget.expected} bytes, got ${budget.expected - budget.left + bytes} or more`, 'FORMAT');
}

/**
 * @param {string} url
 * @param {{expected: number, left: number}} budget
 * @param {Progress} progress
 * @param {number} bytes
 */
function take(url, budget, progress, bytes) {
  assertFits(url, budget, bytes);
  budget.left -= bytes;
  progress.add(bytes);
}

/**
 * @param {Uint8Array[]} chunks
 * @param {number} length
 */
function concatenate(chunks, length) {
  if (chunks.length === 1) return chunks[0];
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

/** @param {string} url */
export function isHTTPScheme(url) {
  return /^https?:\/\//i.test(url);
}

/**
 * A handler for a URL.
 * @param {string | string[]} path
 * @param {LoadOptions} [options]
 */
export function http(path, options) {
  return new HTTPRequest(path, options);
}

/** Adds http:// and https://. */
export function registerHTTP() {
  registerLoadRouter((url, options) => ([url].flat().every(isHTTPScheme) ? http(url, options) : null));
  registerSaveRouter(url => ([url].flat().every(isHTTPScheme) ? http(url) : null));
}
