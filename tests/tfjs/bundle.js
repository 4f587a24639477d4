/** Bundles the spec files that @tensorflow/tfjs-core publishes, with what they import of TensorFlow.js replaced by what Hornbeam exports. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import esbuild from 'esbuild';

const DIST = join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json')), 'dist');

/** Helpers of the tests themselves: bundled as they are. */
const HELPERS = ['rand_util', 'image_test_util', 'identity_pool_test'];

/** Modules that the runner offers as globals, by the names they are imported under. @type {Record<string, string>} */
const OFFERED = { index: 'tf', '..': 'tf', jasmine_util: 'jasmineUtil', test_util: 'testUtil', util: 'util' };

/**
 * What an import is answered with. Internal modules are answered with one flat object of all public names.
 * @type {esbuild.Plugin}
 */
const replaceTensorFlow = {
  name: 'replace TensorFlow.js',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point') return null;
      const name = path === '..' ? path : basename(path);
      if (HELPERS.includes(name)) return { path: join(dirname(importer), `${path}.js`) };
      return { path: OFFERED[name] ?? 'flat', namespace: 'offered' };
    });
    build.onLoad({ filter: /./, namespace: 'offered' }, ({ path }) => ({ contents: `module.exports = globalThis.tfjsSpecs.${path};` }));
  },
};

/** @param {string} folder @returns {string[]} */
function specsIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return specsIn(path);
    return entry.name.endsWith('_test.js') && !HELPERS.includes(entry.name.slice(0, -'.js'.length)) ? [path] : [];
  });
}

/**
 * Every spec file as one script.
 * @param {string} [only] text in the names of the files wanted
 * @returns {Promise<{name: string, text: string}[]>} by name
 */
export async function bundleSpecs(only = '') {
  const entryPoints = specsIn(DIST).filter(path => relative(DIST, path).includes(only));
  const { outputFiles } = await esbuild.build({
    entryPoints, bundle: true, format: 'cjs', platform: 'node', write: false, outbase: DIST, outdir: 'specs', plugins: [replaceTensorFlow],
    logLevel: 'error', sourcemap: false,
  });
  return outputFiles.map(({ path, text }) => ({ name: relative('specs', path).split(sep).join('/'), text })).sort((a, b) =>
    (a.name < b.name ? -1 : 1));
}
