/** What browsers have in the place of Node's files: nothing; a URL without a scheme is fetched. */
import { failure } from '../core/util.js';
import { converterAt, openBrowser } from '../native/browser.js';
import { startOptions } from '../options.js';

/** @import { WorkerHandle } from './node.js' */

/** @param {string} url @returns {never} */
function noFiles(url) {
  throw failure('UNSUPPORTED', `${url}: a browser cannot read or write files; give a URL, or files that the user chose to tf.io.browserFiles`);
}

/** @type {typeof import('./node_files.js').files} */
export const files = { folder: noFiles, write: noFiles, append: noFiles, readText: noFiles,
  remove: noFiles, chunks: noFiles, owner: () => 'browser' };

/**
 * The addresses of WebAssembly: in the folder wasm/ of the package's dist/, or in wasmPath.
 * @param {URL | ((file: string) => string)} root of the package, or the address of each file of dist/wasm
 * @returns {(file: string) => string}
 */
function locateIn(root) {
  const { wasmPath } = startOptions();
  if (wasmPath !== undefined) return file => new URL(file, new URL(wasmPath, location.href)).href;
  return root instanceof URL ? file => new URL(`dist/wasm/${file}`, root).href : root;
}

/** @param {URL | ((file: string) => string)} root */
export function openTarget(root) {
  const { threads, variant } = startOptions();
  return openBrowser(locateIn(root), { threads, variant });
}

/** What opens the converter. @param {URL | ((file: string) => string)} root */
export function openConverter(root) {
  return converterAt(locateIn(root));
}

/** Lines on the console. */
export const output = { isConsole: true, isTerminal: false, write: (/** @type {string} */ text) => console.log(text.trimEnd()) };

export const pathsAreFiles = false;

/**
 * A worker that runs a program, which finds its end of the channel as `port`. It has the page's origin, and needs blob: in the worker-src of a
 * Content-Security-Policy.
 * @param {string} source
 * @param {(message: any) => void} onMessage
 * @param {(error: string) => void} onError
 * @returns {WorkerHandle}
 */
export function openWorker(source, onMessage, onError) {
  const address = URL.createObjectURL(new Blob([`const port = self;\n${source}`], { type: 'text/javascript' }));
  const worker = new Worker(address, { type: 'module' });
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = ({ message }) => onError(message ?? 'the worker could not be started');
  return {
    post: message => worker.postMessage(message),
    keepAlive: () => {},
    terminate() {
      worker.terminate();
      URL.revokeObjectURL(address);
    },
  };
}

/** The address of a module, for a worker. @param {string | URL} module */
export function moduleUrl(module) {
  return new URL(module, location.href).href;
}
