#!/usr/bin/env node
/**
 * Writes the bundles and types to dist/: hornbeam.mjs (browsers and bundlers), hornbeam.cjs (require), hornbeam.min.js (<script>, with the
 * global tf), converter.mjs (hornbeam/converter) and types/. Needs the WebAssembly variants simd and relaxed in dist/wasm.
 *
 *   node scripts/build-js.mjs
 */
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execFileSync } from 'node:child_process';
import esbuild from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = join(ROOT, 'dist');

/** @typedef {import('esbuild').BuildOptions} BuildOptions */

/**
 * Emscripten writes an async function that waits only for Node's require; without that it returns the started module at once.
 * @param {string} variant
 */
function synchronousGlue(variant) {
  const source = readFileSync(join(DIST, 'wasm', `hornbeam-${variant}.mjs`), 'utf8');
  const replacements = [
    [/async function\(moduleArg/, 'function(moduleArg'],
    [/const ?\{ ?createRequire ?\} ?= ?await import\("(?:node:)?module"\);/, ''],
    [/(?:let dirname ?= ?import\.meta\.url;if ?\(dirname\.startsWith\("data:"\)\) ?\{dirname ?= ?"\/"\})?var require ?= ?createRequire\([^)]*\);?/, ''],
  ];
  return replacements.reduce((text, [pattern, replacement]) => {
    if (!(/** @type {RegExp} */ (pattern).test(text))) throw new Error(`hornbeam-${variant}.mjs does not look as expected: no ${pattern}`);
    return text.replace(pattern, /** @type {string} */ (replacement));
  }, source);
}

/** Answers the imports that js/src/build.d.ts declares. @type {import('esbuild').Plugin} */
const buildModules = {
  name: 'hornbeam',
  setup(build) {
    build.onResolve({ filter: /^hornbeam:/ }, ({ path }) => ({ path: path.slice('hornbeam:'.length), namespace: 'hornbeam' }));
    build.onLoad({ filter: /^glue\//, namespace: 'hornbeam' }, ({ path }) => ({ contents: synchronousGlue(path.slice('glue/'.length)), resolveDir: ROOT }));
    build.onLoad({ filter: /^wasm\//, namespace: 'hornbeam' }, ({ path }) => (
      { contents: readFileSync(join(DIST, 'wasm', `hornbeam-${path.slice('wasm/'.length)}.wasm`)), loader: 'binary' }));
  },
};

/** @type {BuildOptions} */
const COMMON = { bundle: true, target: 'es2022', sourcemap: true, legalComments: 'none', logLevel: 'warning', plugins: [buildModules] };
const IN_BROWSER = { ...COMMON, platform: /** @type {const} */ ('browser'), external: ['node:*', 'module', 'fs', 'path', 'url'] };

/** Where a bundle is: what import.meta.url is in a module. */
const URL_IN_COMMONJS = { define: { 'import.meta.url': '__url' }, banner: { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' } };
const URL_IN_SCRIPT = { define: { 'import.meta.url': '__url' }, banner: { js: 'var __url = document.currentScript ? document.currentScript.src : location.href;' } };

/** @type {BuildOptions[]} */
const BUNDLES = [
  { ...IN_BROWSER, entryPoints: [join(ROOT, 'js/src/bundle.js')], outfile: join(DIST, 'hornbeam.mjs'), format: 'esm', minify: true },
  { ...IN_BROWSER, entryPoints: [join(ROOT, 'js/src/converter_bundle.js')], outfile: join(DIST, 'converter.mjs'), format: 'esm', minify: true },
  { ...COMMON, ...URL_IN_COMMONJS, entryPoints: [join(ROOT, 'js/src/sync.js')], outfile: join(DIST, 'hornbeam.cjs'), format: 'cjs', platform: 'node' },
  { ...IN_BROWSER, ...URL_IN_SCRIPT, entryPoints: [join(ROOT, 'js/src/script.js')], outfile: join(DIST, 'hornbeam.min.js'), format: 'iife', globalName: 'tf',
    minify: true },
];

/** The declarations of the tf namespace; methods.d.ts and its like are not written by the compiler, since they are declarations. */
function buildTypes() {
  const types = join(DIST, 'types');
  rmSync(types, { recursive: true, force: true });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', types];
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'js'), ...options], { stdio: 'inherit' });
  for (const file of ['core/methods.d.ts', 'native/native.gen.d.ts', 'layers/factories.gen.d.ts']) {
    mkdirSync(join(types, file, '..'), { recursive: true });
    writeFileSync(join(types, file), readFileSync(join(ROOT, 'js/src', file)));
  }
  const api = join(types, 'api.d.ts');
  writeFileSync(api, `/// <reference path="core/methods.d.ts" />\n${readFileSync(api, 'utf8')}`);
}

/** Minifying drops the comments that tell bundlers to leave an import of an address alone: puts them back. @param {string} name */
function keepImports(name) {
  const file = join(DIST, name);
  const source = readFileSync(file, 'utf8');
  const imports = source.match(/\bimport\(\w+\)/g) ?? [];
  if (imports.length !== 1) throw new Error(`${name} has ${imports.length} imports of addresses, expected 1`);
  writeFileSync(file, source.replace(imports[0], imports[0].replace('(', '(/* webpackIgnore: true */ /* @vite-ignore */ ')));
}

/** Writes everything. */
export async function buildBundles() {
  await Promise.all(BUNDLES.map(options => esbuild.build(options)));
  keepImports('hornbeam.mjs');
  keepImports('converter.mjs');
  buildTypes();
}

if (process.argv[1] && pathToFileURL(realpathSync(process.argv[1])).href === import.meta.url) await buildBundles();
