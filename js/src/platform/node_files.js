/**
 * Files in Node. A file is never seen half written: its bytes go to a temporary file beside it, which is synced and renamed, so whoever reads,
 * and whoever comes after a killed process, finds all of the old bytes or all of the new ones.
 */
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure } from '../core/util.js';
import { hasKerasName, isKerasFile, MAGIC_BYTES } from '../io/converting.js';

/** @import { Folder } from '../io/files.js' */
/** @import { SavedFile } from '../io/converting.js' */

/** What a killed process left is removed by the next one that writes here, once nobody has written to it for so long. */
const LEFT_BEHIND_MS = 10 * 60 * 1000;

let written = 0;

/** @param {string} url a path, a file:// URL, or file:// before a relative path as @tensorflow/tfjs-node takes it */
function toPath(url) {
  if (url.startsWith('file:///')) return fileURLToPath(url);
  return url.startsWith('file://') ? url.slice('file://'.length) : url;
}

/** @param {string} path */
const temporaryOf = path => join(dirname(path), `.${basename(path)}.${process.pid}-${++written}.tmp`);

/** @param {string} name of a file, @param {string} path that it may be a temporary one of */
const isTemporaryOf = (name, path) => name.startsWith(`.${basename(path)}.`) && /\.\d+-\d+\.tmp$/.test(name);

/**
 * @template T
 * @param {string} path
 * @param {Promise<T>} work with that file
 */
async function explain(path, work) {
  try {
    return await work;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT') throw Object.assign(failure('NOT_FOUND', `${path}: there is no such file`), { cause: error });
    throw Object.assign(failure('IO', code === 'ENOSPC' ? `${path}: no space is left on the disk (${message})` : `${path}: ${message}`),
      { cause: error });
  }
}

/** Makes renames in a folder last. @param {string} folder */
async function syncFolder(folder) {
  if (process.platform === 'win32') return; // has no such thing
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** @param {string} path @param {string | Uint8Array} data */
async function writeSynced(path, data) {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @param {string} path */
async function removeLeftBehind(path) {
  const now = Date.now();
  for (const name of (await readdir(dirname(path))).filter(name => isTemporaryOf(name, path))) {
    const file = join(dirname(path), name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: now })); // its owner was faster
    if (now - mtimeMs > LEFT_BEHIND_MS) await rm(file, { force: true });
  }
}

/** @param {string} path @param {string | Uint8Array} data */
async function replace(path, data) {
  const temporary = temporaryOf(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeLeftBehind(path);
    await writeSynced(temporary, data);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** @param {string} path @param {number} bytes @returns {Promise<Uint8Array>} how a file starts */
async function readStart(path, bytes) {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What the converter reads of a SavedModel's folder. @param {string} path @returns {Promise<SavedFile[]>} */
async function readSavedModel(path) {
  const names = await readdir(path);
  if (!names.includes('saved_model.pb')) {
    throw new Error('is a folder without saved_model.pb; give the path of its model.json, or of a .keras or .h5 file');
  }
  const variables = await readdir(join(path, 'variables')).catch(() => []);
  const wanted = [...names.filter(name => name.endsWith('.pb')), ...variables.map(name => `variables/${name}`)];
  return Promise.all(wanted.map(async name => ({ name, data: await readFile(join(path, name)) })));
}

/** @param {string} path @returns {Promise<SavedFile[] | null>} */
async function readSaved(path) {
  if ((await stat(path)).isDirectory()) return readSavedModel(path);
  return hasKerasName(path) || isKerasFile(await readStart(path, MAGIC_BYTES)) ? [{ name: path, data: await readFile(path) }] : null;
}

/** A folder must not be where a file is. @param {string} path */
async function makeFolder(path) {
  await mkdir(path, { recursive: true }).catch(error => {
    if (error.code !== 'EEXIST' && error.code !== 'ENOTDIR') throw error;
    throw failure('INVALID_ARGUMENT', `Path ${path} exists as a file. The path must be nonexistent or point to a directory.`);
  });
}

/** Every path may be a file:// URL. Errors have the code NOT_FOUND or IO, and name the file. */
export const files = {
  /**
   * @param {string} url of model.json, or of the folder that a model is saved to
   * @param {string} [prefix] the folder of the shards; that of model.json by default
   * @returns {Folder}
   */
  folder(url, prefix) {
    const model = toPath(url);
    const folder = prefix === undefined ? dirname(model) : toPath(prefix);
    return {
      name: model,
      readText: () => explain(model, readFile(model, 'utf8')),
      readSaved: () => explain(model, readSaved(model)),
      async open(path) {
        const name = join(folder, path);
        const { size } = await explain(name, stat(name));
        return { name, size, read: () => explain(name, readFile(name)) };
      },
      target: {
        writeFile: data => files.write(model, data),
        makeFolder: () => explain(model, makeFolder(model)),
        readText: file => files.readText(join(model, file)),
        write: (file, data) => files.write(join(model, file), data),
        remove: file => files.remove(join(model, file)),
      },
    };
  },

  /**
   * Gives a file other bytes, all or none; makes its folder.
   * @param {string} url
   * @param {string | Uint8Array} data
   */
  write(url, data) {
    const path = toPath(url);
    return explain(path, replace(path, data));
  },

  /**
   * The bytes of a file, piece by piece; it is closed where nobody reads on.
   * @param {string} url
   * @param {number} offset where to begin
   * @param {number} chunkSize
   * @returns {AsyncGenerator<Uint8Array, void>}
   */
  async *chunks(url, offset, chunkSize) {
    const path = toPath(url);
    const handle = await explain(path, open(path, 'r'));
    try {
      for (let at = offset; ; at += chunkSize) {
        const { bytesRead, buffer } = await explain(path, handle.read(new Uint8Array(chunkSize), 0, chunkSize, at));
        if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
        if (bytesRead < chunkSize) return;
      }
    } finally {
      await handle.close();
    }
  },

  /**
   * Adds to the end of a file, and makes it and its folder.
   * @param {string} url
   * @param {string | Uint8Array} data
   */
  async append(url, data) {
    const path = toPath(url);
    await explain(path, mkdir(dirname(path), { recursive: true }).then(() => appendFile(path, data)));
  },

  /** @param {string} url @returns {Promise<string | null>} null where there is no such file */
  readText(url) {
    const path = toPath(url);
    return explain(path, readFile(path, 'utf8').catch(error => {
      if (error.code === 'ENOENT') return null;
      throw error;
    }));
  },

  /** Who writes here, for names of files that several processes write side by side. */
  owner: () => `${hostname()}.${process.pid}`,

  /** Removes a file, or a folder with all that is in it, where there is one. @param {string} url */
  remove(url) {
    const path = toPath(url);
    return explain(path, rm(path, { recursive: true, force: true }));
  },
};
