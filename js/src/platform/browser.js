/** What browsers have in the place of Node's files: nothing; a URL without a scheme is fetched. */
import { failure } from '../core/util.js';
import { openBrowser } from '../native/browser.js';
import { startOptions } from '../options.js';

/** @import { Folder } from '../io/files.js' */

export const files = {
  /**
   * @param {string} url
   * @returns {Folder}
   */
  folder(url) {
    throw failure('UNSUPPORTED', `${url}: a browser cannot read files; give a URL, or files that the user chose to tf.io.browserFiles`);
  },
};

/**
 * WebAssembly from the folder wasm/ of the package's dist/, or from wasmPath.
 * @param {URL | ((file: string) => string)} root of the package, or the address of each file of dist/wasm
 */
export function openTarget(root) {
  const locate = root instanceof URL ? (/** @type {string} */ file) => new URL(`dist/wasm/${file}`, root).href : root;
  const { wasmPath, threads, variant } = startOptions();
  const fromPath = (/** @type {string} */ file) => new URL(file, new URL(wasmPath ?? '', location.href)).href;
  return openBrowser(wasmPath === undefined ? locate : fromPath, { threads, variant });
}

export const pathsAreFiles = false;
