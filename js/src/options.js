/** What a program can say before Hornbeam starts: globalThis.hornbeamOptions, set before the import. */

/**
 * @typedef {object} StartOptions
 * @property {'node' | 'wasm'} [target] in Node: the addon or WebAssembly; HORNBEAM_TARGET says the same
 * @property {number} [threads]
 * @property {string} [variant] of WebAssembly: simd, relaxed, simd-threads or relaxed-threads
 * @property {string} [wasmPath] in a browser: the folder of hornbeam-<variant>.wasm, by default beside the script
 */

/** @returns {StartOptions} */
export function startOptions() {
  return /** @type {any} */ (globalThis).hornbeamOptions ?? {};
}
