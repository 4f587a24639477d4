/** Models in a browser's IndexedDB and localStorage, where and as TensorFlow.js has them: what one saves the other loads. */
import { assert, failure } from '../core/util.js';
import { env } from '../environment.js';
import { assertJSONTopology, getModelArtifactsInfoForJSON } from './artifacts.js';
import { CompositeArrayBuffer } from './buffers.js';
import { registerLoadRouter, registerSaveRouter } from './routers.js';
import { registerManager } from './stores.js';

/** @import { ModelArtifacts } from './manifest.js' */
/** @import { SaveResult } from './artifacts.js' */
/** @import { IOHandler } from './routers.js' */
/** @import { ModelStoreManager } from './stores.js' */

// ---- IndexedDB: a record of artifacts and one of their sizes, by the model's path

const DATABASE = 'tensorflowjs';
const VERSION = 1;
const MODELS = 'models_store';
const INFOS = 'model_info_store';

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  assert(typeof indexedDB !== 'undefined', () => 'The current browser does not appear to support IndexedDB.', 'UNSUPPORTED');
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    for (const name of [MODELS, INFOS]) request.result.createObjectStore(name, { keyPath: 'modelPath' });
  };
  return resultOf(request);
}

/**
 * Runs a transaction over both stores: all of it happens, or nothing.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(models: IDBObjectStore, infos: IDBObjectStore) => Promise<T>} body
 * @returns {Promise<T>}
 */
async function inDatabase(mode, body) {
  const database = await openDatabase();
  try {
    const transaction = database.transaction([MODELS, INFOS], mode);
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? failure('INVALID_ARGUMENT', 'IndexedDB: the transaction was aborted'));
    });
    const done = body(transaction.objectStore(MODELS), transaction.objectStore(INFOS)).catch(error => {
      abort(transaction);
      throw error;
    });
    const [result] = await Promise.all([done, ended]);
    return result;
  } finally {
    database.close();
  }
}

/** Undoes what a transaction has done, unless it has ended by itself. @param {IDBTransaction} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // a failed request has aborted it
  }
}

/** @param {string} path */
const noModel = path => failure('NOT_FOUND', `Cannot find model with path '${path}' in IndexedDB.`);

class IndexedDBHandler {
  /** @param {string} modelPath */
  constructor(modelPath) {
    assert(modelPath != null && modelPath !== '', () => 'For IndexedDB, modelPath must not be null, undefined or empty.');
    this.modelPath = modelPath;
  }

  /** @param {ModelArtifacts} artifacts @returns {Promise<SaveResult>} */
  async save(artifacts) {
    assertJSONTopology(artifacts);
    const { modelPath } = this;
    const modelArtifacts = { ...artifacts, weightData: CompositeArrayBuffer.join(artifacts.weightData) };
    const modelArtifactsInfo = getModelArtifactsInfoForJSON(modelArtifacts);
    await inDatabase('readwrite', async (models, infos) => {
      infos.put({ modelPath, modelArtifactsInfo });
      models.put({ modelPath, modelArtifacts, modelArtifactsInfo });
    });
    return { modelArtifactsInfo };
  }

  /** @returns {Promise<ModelArtifacts>} */
  async load() {
    const record = await inDatabase('readonly', models => resultOf(models.get(this.modelPath)));
    if (record == null) throw noModel(this.modelPath);
    return record.modelArtifacts;
  }
}

/** @type {ModelStoreManager} */
const indexedDBManager = {
  async listModels() {
    const records = await inDatabase('readonly', (_, infos) => resultOf(infos.getAll()));
    return Object.fromEntries(records.map(({ modelPath, modelArtifactsInfo }) => [modelPath, modelArtifactsInfo]));
  },
  async removeModel(path) {
    return inDatabase('readwrite', async (models, infos) => {
      const record = await resultOf(infos.get(path));
      if (record == null) throw noModel(path);
      infos.delete(path);
      models.delete(path);
      return record.modelArtifactsInfo;
    });
  },
};

// ---- localStorage: five texts a model

const ROOT = 'tensorflowjs_models';

/** @param {string} path */
function keysOf(path) {
  const key = (/** @type {string} */ part) => `${ROOT}/${path}/${part}`;
  return {
    info: key('info'), topology: key('model_topology'), weightSpecs: key('weight_specs'), weightData: key('weight_data'),
    modelMetadata: key('model_metadata'),
  };
}

/** @returns {Storage} */
function storage() {
  assert(typeof localStorage !== 'undefined', () => 'The current environment does not support local storage.', 'UNSUPPORTED');
  return localStorage;
}

/** @param {string} path */
function removeKeys(path) {
  for (const key of Object.values(keysOf(path))) storage().removeItem(key);
}

/** @param {ArrayBuffer} buffer */
function toBase64(buffer) {
  const bytes = new Uint8Array(buffer);
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(''));
}

/** @param {string} text */
function fromBase64(text) {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0)).buffer;
}

class LocalStorageHandler {
  /** @param {string} modelPath */
  constructor(modelPath) {
    assert(modelPath != null && modelPath !== '', () => 'For local storage, modelPath must not be null, undefined or empty.');
    this.modelPath = modelPath;
  }

  /** @param {ModelArtifacts} artifacts @returns {Promise<SaveResult>} */
  async save(artifacts) {
    assertJSONTopology(artifacts);
    const { modelTopology, weightSpecs, weightData, ...metadata } = artifacts;
    const modelArtifactsInfo = getModelArtifactsInfoForJSON(artifacts);
    const keys = keysOf(this.modelPath);
    try {
      storage().setItem(keys.info, JSON.stringify(modelArtifactsInfo));
      storage().setItem(keys.topology, JSON.stringify(modelTopology));
      storage().setItem(keys.weightSpecs, JSON.stringify(weightSpecs));
      storage().setItem(keys.weightData, toBase64(CompositeArrayBuffer.join(weightData)));
      storage().setItem(keys.modelMetadata, JSON.stringify(metadata));
    } catch (error) {
      removeKeys(this.modelPath);
      const { modelTopologyBytes, weightSpecsBytes, weightDataBytes } = modelArtifactsInfo;
      throw Object.assign(failure('LIMIT', `Failed to save model '${this.modelPath}' to local storage: size quota being exceeded is a possible ` +
        `cause of this failure: modelTopologyBytes=${modelTopologyBytes}, weightSpecsBytes=${weightSpecsBytes}, ` +
        `weightDataBytes=${weightDataBytes}.`), { cause: error });
    }
    return { modelArtifactsInfo };
  }

  /** @returns {Promise<ModelArtifacts>} */
  async load() {
    const keys = keysOf(this.modelPath);
    const read = (/** @type {string} */ key, /** @type {string} */ missing) => {
      const text = storage().getItem(key);
      if (text === null) throw failure('NOT_FOUND', `In local storage, ${missing}`);
      return text;
    };
    const info = JSON.parse(read(keys.info, `there is no model with name '${this.modelPath}'`));
    assert(info.modelTopologyType === 'JSON', () => 'BrowserLocalStorage does not support loading non-JSON model topology yet.', 'UNSUPPORTED');
    const metadata = Object.entries(JSON.parse(storage().getItem(keys.modelMetadata) ?? '{}'))
      .filter(([key, value]) => value != null || key === 'convertedBy');
    return {
      modelTopology: JSON.parse(read(keys.topology, `the topology of model '${this.modelPath}' is missing.`)),
      weightSpecs: JSON.parse(read(keys.weightSpecs, `the weight specs of model '${this.modelPath}' are missing.`)),
      ...Object.fromEntries(metadata),
      weightData: fromBase64(read(keys.weightData, `the binary weight values of model '${this.modelPath}' are missing.`)),
    };
  }
}

/** @type {ModelStoreManager} */
const localStorageManager = {
  async listModels() {
    const start = `${ROOT}/`;
    const end = '/info';
    const keys = Array.from({ length: storage().length }, (_, i) => storage().key(i) ?? '').filter(key => key.startsWith(start) && key.endsWith(end));
    return Object.fromEntries(keys.map(key => [key.slice(start.length, -end.length), JSON.parse(storage().getItem(key) ?? 'null')]));
  },
  async removeModel(path) {
    const info = storage().getItem(keysOf(path).info);
    if (info === null) throw failure('NOT_FOUND', `Cannot find model at path '${path}'`);
    removeKeys(path);
    return JSON.parse(info);
  },
};

// ---- the schemes

/** @param {string} scheme @param {new (path: string) => IOHandler} Handler @param {ModelStoreManager} manager */
function register(scheme, Handler, manager) {
  const start = `${scheme}://`;
  const router = (/** @type {string | string[]} */ url) =>
    (typeof url === 'string' && url.startsWith(start) && env().getBool('IS_BROWSER') ? new Handler(url.slice(start.length)) : null);
  registerLoadRouter(router);
  registerSaveRouter(router);
  if (env().getBool('IS_BROWSER')) registerManager(scheme, manager);
}

/** Adds indexeddb:// and localstorage://, which only browsers have. */
export function registerBrowserStores() {
  register('indexeddb', IndexedDBHandler, indexedDBManager);
  register('localstorage', LocalStorageHandler, localStorageManager);
}
