/** Models from and to files: paths and file:// URLs in Node, and files that a user chose in a browser. */
import { assert, failure } from '../core/util.js';
import { files, pathsAreFiles } from '#platform';
import { getModelArtifactsInfoForJSON, modelJSONOf } from './artifacts.js';
import { CompositeArrayBuffer } from './buffers.js';
import { convertToFile, convertToLoaded, formatOfName, hasKerasName, isKerasFile, MAGIC_BYTES } from './converting.js';
import { Progress } from './http.js';
import { groupBytes, joinShards, readModelJSON, toArtifacts } from './manifest.js';
import { registerLoadRouter, registerSaveRouter } from './routers.js';

/** @import { SaveResult } from './artifacts.js' */
/** @import { LoadedModel, ModelArtifacts, WeightGroup } from './manifest.js' */
/** @import { LoadOptions } from './http.js' */
/** @import { SavedFile } from './converting.js' */

/**
 * What a model's files are read through.
 * @typedef {object} Folder
 * @property {string} name of model.json, for messages
 * @property {() => Promise<string>} readText of model.json
 * @property {() => Promise<SavedFile[] | null>} readSaved what has to be converted first: a file of Keras, a SavedModel; null for a model.json
 * @property {(paths: string[]) => void} [checkPaths] throws where two of all shards' paths would be one file
 * @property {(path: string) => Promise<{name: string, size: number, read: () => Promise<Uint8Array>}>} open a shard
 * @property {Target} [target] the folder that the URL of a model to save names
 */

/**
 * Where a model is saved.
 * @typedef {object} Target
 * @property {() => Promise<void>} makeFolder
 * @property {(data: Uint8Array) => Promise<void>} writeFile a file in the place of the folder, all bytes or none
 * @property {(name: string) => Promise<string | null>} readText null where there is no such file
 * @property {(name: string, data: string | Uint8Array) => Promise<void>} write all bytes or none
 * @property {(name: string) => Promise<void>} remove
 */

/** The shards of what is saved: the second is used where the first belongs to another model.json. */
const SHARDS = ['weights.bin', 'weights-2.bin'];


/** An IO handler that loads a model from a folder of files, and saves it as model.json and weights.bin, or as one file of Keras. */
class FolderHandler {
  /**
   * @param {Folder} folder
   * @param {LoadOptions} [options]
   */
  constructor(folder, options = {}) {
    this.folder = folder;
    this.options = options;
  }

  async load() {
    return toArtifacts(await this.loadModel());
  }

  /**
   * At every moment the folder holds the old model or the new one. Where model.json stays as it is, as from one checkpoint to the next, the
   * shard alone is replaced; else the new shard gets a name that the old model.json does not have, until a new one has taken its place.
   * @param {ModelArtifacts} artifacts
   * @returns {Promise<SaveResult>}
   */
  async save(artifacts) {
    const { target } = this.folder;
    if (target === undefined) throw failure('UNSUPPORTED', `${this.folder.name}: models cannot be saved to files that a user chose`);
    const format = formatOfName(this.folder.name);
    if (format !== undefined) {
      await target.writeFile(await convertToFile(artifacts, format));
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    }
    await target.makeFolder();
    const { weightData, weightSpecs } = artifacts;
    const jsonWith = (/** @type {string} */ shard) =>
      JSON.stringify(modelJSONOf(artifacts, weightData == null ? [] : [{ paths: [shard], weights: weightSpecs ?? [] }]));
    const old = await target.readText('model.json');
    const inUse = old === null ? undefined : SHARDS.find(shard => old.includes(JSON.stringify(shard)));
    const isSame = inUse !== undefined && jsonWith(inUse) === old;
    const shard = isSame || inUse === undefined ? inUse ?? SHARDS[0] : SHARDS[1 - SHARDS.indexOf(inUse)];
    if (weightData != null) await target.write(shard, new Uint8Array(CompositeArrayBuffer.join(weightData)));
    if (!isSame) await target.write('model.json', jsonWith(shard));
    if (!isSame && inUse !== undefined) await target.remove(inUse);
    return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
  }

  /** @returns {Promise<LoadedModel>} */
  async loadModel() {
    const saved = await this.folder.readSaved();
    if (saved !== null) return this.#convert(saved);
    const text = await this.folder.readText();
    const { json, groups } = readModelJSON(text, this.folder.name);
    return { text, json, weights: json.weightsManifest == null ? null : await this.#loadWeights(groups) };
  }

  /** @param {SavedFile[]} saved */
  async #convert(saved) {
    const { onProgress, signal } = this.options;
    signal?.throwIfAborted();
    const model = await convertToLoaded(saved, this.folder.name);
    signal?.throwIfAborted();
    onProgress?.(1);
    return model;
  }

  /**
   * Compares all sizes before it reads anything.
   * @param {WeightGroup[]} groups
   */
  async #loadWeights(groups) {
    const { onProgress, signal } = this.options;
    this.folder.checkPaths?.(groups.flatMap(({ paths }) => paths));
    const shards = await Promise.all(groups.map(group => Promise.all(group.paths.map(path => this.folder.open(path)))));
    groups.forEach((group, i) => {
      const expected = groupBytes(group);
      const got = shards[i].reduce((sum, shard) => sum + shard.size, 0);
      assert(got === expected, () => `Weights ${shards[i].map(shard => shard.name).join(', ')}: expected ${expected} bytes, got ${got}`, 'FORMAT');
    });
    const progress = new Progress(groups.reduce((sum, group) => sum + groupBytes(group), 0), onProgress);
    /** @type {Uint8Array[][]} */
    const bytes = groups.map(() => []);
    for (const [i, group] of shards.entries()) {
      for (const shard of group) {
        signal?.throwIfAborted();
        const data = await shard.read();
        bytes[i].push(data);
        progress.add(data.byteLength);
      }
    }
    progress.end();
    return joinShards(groups, bytes);
  }
}

/**
 * A handler for a path or a file:// URL; Node only.
 * @param {string} url
 * @param {LoadOptions} [options]
 */
export function fileSystem(url, options) {
  return new FolderHandler(files.folder(url, options?.weightPathPrefix), options);
}

/** Adds file://, which only Node has. */
export function registerFiles() {
  if (!pathsAreFiles) return;
  const isFile = (/** @type {string | string[]} */ url) => typeof url === 'string' && /^file:/i.test(url);
  registerLoadRouter((url, options) => (isFile(url) && options?.fetchFunc === undefined ? fileSystem(/** @type {string} */ (url), options) : null));
  registerSaveRouter(url => (isFile(url) ? fileSystem(/** @type {string} */ (url)) : null));
}

/**
 * The files of a saved model among those that a user chose: all of a SavedModel's folder, or one of Keras; null for a model.json.
 * @param {File[]} chosen
 * @returns {Promise<SavedFile[] | null>}
 */
async function readChosen(chosen) {
  const pathOf = (/** @type {File} */ file) => file.webkitRelativePath || file.name;
  const read = async (/** @type {File} */ file, /** @type {string} */ name) => ({ name, data: new Uint8Array(await file.arrayBuffer()) });
  const graph = chosen.find(({ name }) => name === 'saved_model.pb');
  if (graph !== undefined) {
    const folder = pathOf(graph).slice(0, -graph.name.length);
    const inFolder = (/** @type {File} */ file) =>
      (file.name.startsWith('variables.') ? `variables/${file.name}` : pathOf(file).slice(folder.length));
    return Promise.all(chosen.map(file => read(file, inFolder(file))));
  }
  const isKeras = hasKerasName(chosen[0].name) || isKerasFile(new Uint8Array(await chosen[0].slice(0, MAGIC_BYTES).arrayBuffer()));
  return isKeras ? [await read(chosen[0], chosen[0].name)] : null;
}

/** @param {string} path */
const baseName = path => path.slice(path.lastIndexOf('/') + 1);

/**
 * Chosen files have no folders: paths that differ in their folders alone cannot be told apart.
 * @param {string[]} paths of all shards
 */
function assertOwnNames(paths) {
  const names = new Set();
  for (const name of paths.map(baseName)) {
    assert(!names.has(name), () => `Duplicate file basename found in weights manifest: '${name}'`, 'FORMAT');
    names.add(name);
  }
}

/**
 * A handler for files that a user chose: model.json first, then all shards in any order; or a .keras or .h5 file, or a SavedModel's folder.
 * Shards are found by their names without folders: where two have one name, that is an error.
 * @param {ArrayLike<File>} chosen
 */
export function browserFiles(chosen) {
  assert(chosen != null && chosen.length >= 1, () => `When calling browserFiles, at least 1 file is required, but received ${chosen}`);
  const [model, ...shards] = Array.from(chosen);
  const byName = new Map(shards.map(file => [file.name, file]));
  const twice = new Set(shards.filter(file => byName.get(file.name) !== file).map(({ name }) => name));
  return new FolderHandler({
    name: model.name,
    readSaved: () => readChosen([model, ...shards]),
    readText: () => model.text(),
    checkPaths: assertOwnNames,
    async open(path) {
      const file = byName.get(baseName(path));
      assert(!twice.has(baseName(path)), () => `Duplicate file basename found among the chosen files: '${baseName(path)}'`);
      assert(file !== undefined, () => `Weight file with basename '${baseName(path)}' is not provided.`, 'NOT_FOUND');
      return { name: file.name, size: file.size, read: async () => new Uint8Array(await file.arrayBuffer()) };
    },
  });
}
