/** Which native library does the work, and why that one. */
import { engine } from './core/engine.js';
import { failure } from './core/util.js';
import { startLayers } from './layers/factories.js';

/** @import { Native } from './native/native.gen.js' */

/**
 * @typedef {object} Target
 * @property {Native} native
 * @property {'node' | 'wasm'} target the Node-API addon, or WebAssembly
 * @property {string} variant which build of it
 * @property {string} reason why it was taken
 */

/** @type {Target | null} */
let taken = null;
/** @type {Promise<void> | null} */
let starting = null;

/** @param {Target} target */
export function startWith(target) {
  engine.start(target.native);
  startLayers();
  taken = target;
}

/**
 * Starts when the target has come.
 * @param {Promise<Target>} target
 * @returns {Promise<void>}
 */
export function startLater(target) {
  starting = target.then(startWith);
  return starting;
}

/** Waits until everything can be called. Needed after a <script> alone: a module has started when its import is done. */
export async function ready() {
  await starting;
  if (taken === null) throw failure('BACKEND', 'Hornbeam was not started');
}

/** @returns {Target} */
function current() {
  if (taken === null) throw failure('BACKEND', 'Hornbeam has not started yet: await tf.ready() before calling other methods');
  return taken;
}

/** 'cpu' for the addon in Node, 'wasm' for WebAssembly. */
export function getBackend() {
  return current().target === 'wasm' ? 'wasm' : 'cpu';
}

/** What does the work: the target, its build and why it was taken, its kernels and threads, and the library's version. */
export function backendInfo() {
  const { native, target, variant, reason } = current();
  const { version: library, backend: kernels, threads } = JSON.parse(native.describe());
  return { backend: getBackend(), target, variant, reason, kernels, threads, version: library };
}

export const version = {
  get hornbeam() {
    return current().native.version();
  },
};
