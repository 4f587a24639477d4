/** What Node has and browsers have not: files, and the addon. */
import { openNode } from '../native/node.js';
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

/** A URL without a scheme names a file here. */
export const pathsAreFiles = true;
