/** What Node has and browsers have not: files, and the addon. */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { converterIn, openNode } from '../native/node.js';
import { startOptions } from '../options.js';

export { files } from './node_files.js';

/**
 * The addon, or WebAssembly where it was asked for or there is no addon.
 * @param {URL | ((file: string) => string)} root of the package; a bundle for browsers gives a function
 */
export function openTarget(root) {
  return openNode(/** @type {URL} */ (root), startOptions());
}

/** Where progress is printed. */
export const output = {
  isConsole: false,
  isTerminal: process.stdout.isTTY === true,
  write: (/** @type {string} */ text) => void process.stdout.write(text),
};

/**
 * What opens the converter.
 * @param {URL | ((file: string) => string)} root as of openTarget
 */
export function openConverter(root) {
  return converterIn(/** @type {URL} */ (root), startOptions());
}

/** A URL without a scheme names a file here. */
export const pathsAreFiles = true;

/**
 * @typedef {object} WorkerHandle
 * @property {(message: any) => void} post
 * @property {(isNeeded: boolean) => void} keepAlive whether the program may not end before the worker
 * @property {() => void} terminate
 */

/**
 * A worker that runs a program, which finds its end of the channel as `port`.
 * @param {string} source
 * @param {(message: any) => void} onMessage
 * @param {(error: string) => void} onError
 * @returns {WorkerHandle}
 */
export function openWorker(source, onMessage, onError) {
  const worker = new Worker(`const port = require('node:worker_threads').parentPort;\n${source}`, { eval: true });
  worker.on('message', onMessage);
  worker.on('error', error => onError(error.message));
  worker.on('exit', code => onError(`the worker ended with exit code ${code}`));
  return {
    post: message => worker.postMessage(message),
    keepAlive: isNeeded => (isNeeded ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

/** The address of a module, for a worker. @param {string | URL} module a path too */
export function moduleUrl(module) {
  return /^[a-z][a-z+.-]+:/i.test(String(module)) ? String(module) : pathToFileURL(String(module)).href;
}
