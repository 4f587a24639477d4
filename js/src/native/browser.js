/** Opens the native library in a browser: the best WebAssembly variant, compiled while it streams. */
import { errorOf } from './error.js';
import { bindConverterHeap, chooseVariant, openWasm } from './wasm.js';

/** @import { Converter, Native } from './native.gen.js' */
/** @typedef {{native: Native, target: 'wasm', variant: string, reason: string}} Target */

/** @param {string} url */
async function compile(url) {
  const response = await fetch(url);
  if (!response.ok) throw errorOf('NOT_FOUND', `${url}: ${response.status} ${response.statusText}`);
  // a server that does not say application/wasm cannot be compiled from the stream
  if (response.headers.get('content-type') !== 'application/wasm') return WebAssembly.compile(await response.arrayBuffer());
  return WebAssembly.compileStreaming(response);
}

/** The address of a file of dist/wasm. @typedef {(file: string) => string} Locate */

/**
 * The Emscripten module of a variant and its compiled WebAssembly.
 * @param {Locate} locate @param {string} variant
 */
async function fetchVariant(locate, variant) {
  const glue = locate(`hornbeam-${variant}.mjs`);
  const [{ default: factory }, wasm] = await Promise.all([import(/* webpackIgnore: true */ /* @vite-ignore */ glue),
    compile(locate(`hornbeam-${variant}.wasm`))]);
  return { factory, wasm };
}

/**
 * @param {Locate} locate @param {string} variant @param {number} threads @param {string} [backend]
 * @returns {Promise<Native>}
 */
async function open(locate, variant, threads, backend) {
  const context = { threads: variant.endsWith('threads') ? threads : 1, ...(backend === undefined ? {} : { backend }) };
  return openWasm({ ...await fetchVariant(locate, variant), context });
}

/**
 * What opens the converter: its module is fetched at the first call, and has a memory of its own at each.
 * @param {Locate} locate
 * @returns {(context: object) => Promise<Converter>}
 */
export function converterAt(locate) {
  /** @type {ReturnType<typeof fetchVariant> | null} */
  let fetched = null;
  return async context => {
    fetched ??= fetchVariant(locate, 'converter').catch(error => {
      fetched = null;
      throw error;
    });
    return openWasm({ ...await fetched, context, bind: bindConverterHeap });
  };
}

/**
 * Throws where the workers of a variant could not find their script, which they look for beside it under its own name.
 * @param {Locate} locate @param {string} variant
 */
function assertOwnName(locate, variant) {
  const file = `hornbeam-${variant}.mjs`;
  if (!locate(file).split('/').at(-1)?.startsWith(file)) throw errorOf('UNSUPPORTED', `a bundler has renamed ${file}`);
}

/**
 * Opens the variant that was asked for, or else the best; where that one's threads cannot be had, the same without them.
 * @param {Locate} locate
 * @param {{threads?: number, variant?: string, backend?: string}} [options] as many threads as the machine has, up to 4, by default
 * @returns {Promise<Target>}
 */
export async function openBrowser(locate, { variant, backend, threads = Math.min(navigator.hardwareConcurrency || 1, 4) } = {}) {
  const chosen = variant ?? chooseVariant({ threads });
  const hasThreads = chosen.endsWith('-threads');
  try {
    if (hasThreads) assertOwnName(locate, chosen);
    const native = await open(locate, chosen, threads, backend);
    return { native, target: 'wasm', variant: chosen,
      reason: variant === undefined ? 'the best that this engine and page can run' : 'it was asked for' };
  } catch (error) {
    if (variant !== undefined || !hasThreads) throw error;
    const single = chosen.slice(0, -'-threads'.length);
    const native = await open(locate, single, 1, backend);
    return { native, target: 'wasm', variant: single, reason: `${chosen} could not be opened: ${/** @type {Error} */ (error).message}` };
  }
}
