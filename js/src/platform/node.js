/** What Node has and browsers have not: files, and the addon. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure } from '../core/util.js';
import { openNode } from '../native/node.js';
import { startOptions } from '../options.js';

/** @import { Folder } from '../io/files.js' */

/** @param {string} url a path, a file:// URL, or file:// before a relative path as @tensorflow/tfjs-node takes it */
function toPath(url) {
  if (url.startsWith('file:///')) return fileURLToPath(url);
  return url.startsWith('file://') ? url.slice('file://'.length) : url;
}

/**
 * @template T
 * @param {string} path
 * @param {Promise<T>} reading
 */
async function explain(path, reading) {
  try {
    return await reading;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    throw Object.assign(failure('NOT_FOUND', code === 'ENOENT' ? `${path}: there is no such file` : `${path}: ${message}`), { cause: error });
  }
}

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
      async open(path) {
        const name = join(folder, path);
        const { size } = await explain(name, stat(name));
        return { name, size, read: () => explain(name, readFile(name)) };
      },
      async write(file, data) {
        await mkdir(model, { recursive: true }).catch(error => {
          if (error.code !== 'EEXIST') throw error;
          throw failure('INVALID_ARGUMENT', `Path ${model} exists as a file. The path must be nonexistent or point to a directory.`);
        });
        await explain(model, writeFile(join(model, file), data));
      },
    };
  },
};

/**
 * The addon, or WebAssembly where it was asked for or there is no addon.
 * @param {URL | ((file: string) => string)} root of the package; a bundle for browsers gives a function
 */
export function openTarget(root) {
  return openNode(/** @type {URL} */ (root), startOptions());
}

/** A URL without a scheme names a file here. */
export const pathsAreFiles = true;
