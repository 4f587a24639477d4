/** Bundles a package that is built on TensorFlow.js; its imports of TensorFlow.js are answered with `globalThis.tfOfPackages`. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const TENSORFLOW = /^@tensorflow\/tfjs(-core|-layers)?(\/.*)?$/;

/** The namespace, or nothing where a module is imported for what it registers. */
const answer = {
  name: 'tensorflow',
  setup(/** @type {import('esbuild').PluginBuild} */ { onResolve, onLoad }) {
    onResolve({ filter: TENSORFLOW }, ({ path }) => ({ path, namespace: 'tensorflow' }));
    onLoad({ filter: /./, namespace: 'tensorflow' }, ({ path }) => ({ contents: TENSORFLOW.exec(path)?.[2] ? '' : 'module.exports = globalThis.tfOfPackages;' }));
  },
};

/**
 * @param {string} folder where the packages are installed
 * @param {string} source an ES module that exports what is wanted of them
 * @param {'node' | 'browser'} platform
 * @param {import('esbuild').Plugin[]} [plugins]
 * @returns {Promise<string>} a script that sets globalThis.packages
 */
export async function bundlePackages(folder, source, platform, plugins = [answer]) {
  const result = await build({
    stdin: { contents: source, resolveDir: folder }, bundle: true, write: false, platform, format: 'iife', globalName: 'packages', logLevel: 'silent', mainFields: ['module', 'main'],
    footer: { js: 'globalThis.packages = packages;' }, plugins, define: platform === 'browser' ? { global: 'globalThis' } : {},
    banner: platform === 'node' ? { js: 'var require = globalThis.requireOfPackages;' } : {},
  });
  return result.outputFiles[0].text;
}

/** Runs a bundle in this process, and gives what it exports. @param {string} script @param {any} [tf] the namespace it is to use */
export function runBundle(script, tf) {
  Object.assign(globalThis, { tfOfPackages: tf, requireOfPackages: createRequire(import.meta.url) });
  (0, eval)(script);
  return /** @type {any} */ (globalThis).packages;
}

/** The real TensorFlow.js, its chained ops included. */
export async function tensorflow() {
  const source = `import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'; import '@tensorflow/tfjs-backend-cpu';
    export * from '@tensorflow/tfjs-core'; export * from '@tensorflow/tfjs-layers';`;
  return runBundle(await bundlePackages(fileURLToPath(new URL('.', import.meta.url)), source, 'node', []));
}
