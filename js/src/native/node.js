/**
 * Opens the native library in Node, at once: what was asked for, else the addon, else WebAssembly.
 *
 * The addon comes from the platform's own package, or from a build in this clone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { errorOf } from './error.js';
import { bindConverterHeap, chooseVariant, openWasm } from './wasm.js';

/** @import { Converter, Native } from './native.gen.js' */
/** @typedef {{native: Native, target: 'node' | 'wasm', variant: string, reason: string}} Target */
/**
 * @typedef {object} Options
 * @property {string} [target] 'node' or 'wasm'; HORNBEAM_TARGET by default
 * @property {number} [threads] HORNBEAM_THREADS by default, else 1
 * @property {string} [backend] kernels: 'xnn' or 'ref'; HORNBEAM_KERNELS by default
 * @property {string} [variant] of WebAssembly; HORNBEAM_VARIANT by default, else the best that the engine can run
 */

const require = createRequire(import.meta.url);

/** Where an addon may be, the first that exists counts. @param {URL} root of the package */
function addonFiles(root) {
  const name = `${process.platform}-${process.arch}`;
  const files = [fileURLToPath(new URL('build/native/node-addon/hornbeam.node', root))];
  try {
    files.unshift(require.resolve(`@hornbeam/${name}/hornbeam.node`));
  } catch {
    // no package for this platform: the build of a clone may be there
  }
  return files;
}

/** @param {URL} root @param {object} context */
function openAddon(root, context) {
  const file = addonFiles(root).find(existsSync);
  if (file === undefined) throw errorOf('NOT_FOUND', `there is no addon for ${process.platform}-${process.arch}`);
  /** @type {Native & Converter} one object has both: they are one library */
  const native = require(file).createContext(JSON.stringify(context));
  return { native, target: /** @type {const} */ ('node'), variant: file };
}

/**
 * What opens the converter: the addon has it, and else it is a WebAssembly module of its own.
 * @param {URL} root of the package
 * @param {Options} [options]
 * @returns {(context: object) => Promise<Converter>}
 */
export function converterIn(root, options = {}) {
  return async context => {
    const { target } = settings(options);
    const file = target === 'wasm' ? undefined : addonFiles(root).find(existsSync);
    if (file !== undefined || target === 'node') return openAddon(root, context).native;
    return openWasm({ ...await partsOf(root, context, 'converter'), bind: bindConverterHeap });
  };
}

/** @param {URL} root @param {object} context @param {string} variant */
async function openVariant(root, context, variant) {
  const native = await openWasm(await partsOf(root, context, variant));
  return { native, target: /** @type {const} */ ('wasm'), variant };
}

/** @param {URL} root @param {object} context @param {string} variant */
async function partsOf(root, context, variant) {
  const base = new URL('dist/wasm/', root);
  const { default: factory } = await import(new URL(`hornbeam-${variant}.mjs`, base).href);
  return { factory, wasm: readFileSync(new URL(`hornbeam-${variant}.wasm`, base)), context };
}

/**
 * Opens what the options ask for. A promise, since WebAssembly's module is imported; the addon itself opens at once (openAddonSync).
 * @param {URL} root of the package
 * @param {Options} [options]
 * @returns {Promise<Target>}
 */
export async function openNode(root, options = {}) {
  const { target, context } = settings(options);
  if (target !== 'wasm') {
    try {
      return { ...openAddon(root, context), reason: target ? 'it was asked for' : 'the addon is there' };
    } catch (error) {
      if (target === 'node') throw error;
      const reason = `the addon could not be opened: ${/** @type {Error} */ (error).message}`;
      return { ...(await openVariant(root, context, variantOf(options, context))), reason };
    }
  }
  return { ...(await openVariant(root, context, variantOf(options, context))), reason: 'it was asked for' };
}

/**
 * As openNode, without waiting, for CommonJS: WebAssembly's module comes with the bundle.
 * @param {URL} root of the package
 * @param {Record<string, Function>} factories Emscripten modules by variant
 * @param {Options} [options]
 * @returns {Target}
 */
export function openNodeSync(root, factories, options = {}) {
  const { target, context } = settings(options);
  let reason = 'it was asked for';
  if (target !== 'wasm') {
    try {
      return { ...openAddon(root, context), reason: target ? reason : 'the addon is there' };
    } catch (error) {
      if (target === 'node') throw error;
      reason = `the addon could not be opened: ${/** @type {Error} */ (error).message}`;
    }
  }
  const variant = variantOf(options, {});
  if (!Object.hasOwn(factories, variant)) {
    throw errorOf('INVALID_ARGUMENT', `WebAssembly ${variant} starts asynchronously: import hornbeam instead of requiring it`);
  }
  const wasm = readFileSync(new URL(`dist/wasm/hornbeam-${variant}.wasm`, root));
  const native = openWasm({ factory: factories[variant], wasm, context: { ...context, threads: 1 } });
  return { native, target: 'wasm', variant, reason };
}

/** @param {Options} options @param {{threads?: number}} context */
function variantOf(options, context) {
  return options.variant ?? process.env.HORNBEAM_VARIANT ?? chooseVariant(context);
}

/** Options, with the environment's for those not given. @param {Options} options */
function settings(options) {
  const { HORNBEAM_TARGET, HORNBEAM_THREADS, HORNBEAM_KERNELS } = process.env;
  const target = options.target ?? HORNBEAM_TARGET;
  if (target !== undefined && target !== 'node' && target !== 'wasm') {
    const who = options.target == null ? 'HORNBEAM_TARGET' : 'hornbeamOptions.target';
    throw errorOf('INVALID_ARGUMENT', `${who}: expected node or wasm, got ${target}`);
  }
  const threads = options.threads ?? Number(HORNBEAM_THREADS ?? 1);
  const backend = options.backend ?? HORNBEAM_KERNELS;
  return { target, context: { threads, ...(backend === undefined ? {} : { backend }) } };
}
