#!/usr/bin/env node
/**
 * Builds what set-up's results allow: the native library with addon and converter (build/native), the same under sanitizers
 * (build/sanitize, for tests), each WebAssembly variant (build/wasm-<variant>, copied to dist/wasm), and the JavaScript bundles (dist).
 *
 *   node scripts/build.mjs [--for native|demo|test]
 */
import { cpSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from './setup/context.mjs';
import { run, SetupError } from './setup/run.mjs';
import { runSteps } from './setup/steps.mjs';
import { TARGETS } from './setup/targets.mjs';

/** @typedef {Record<string, any>} Found what build/setup.json holds */

/** @param {string} folder @param {string[]} definitions @param {Found} found @param {string[]} [targets] all where left out */
function configureAndBuild(folder, definitions, found, targets = []) {
  const build = join(ROOT, 'build', folder);
  const log = join(ROOT, 'build/logs', `build-${folder}.log`);
  const mend = 'read the log; after a change of compilers remove the folder build and run again';
  run(found.cmake, ['-G', 'Ninja', `-DCMAKE_MAKE_PROGRAM=${found.ninja}`, '-S', ROOT, '-B', build, ...definitions.map(d => `-D${d}`)], { log, mend });
  run(found.ninja, ['-C', build, ...targets], { log, mend });
}

/** What a user has of build/native; the tests build the rest. */
const SHIPPED = ['addon', 'hornbeam-convert'];

/** @param {Found} found */
const compilers = found => [`CMAKE_C_COMPILER=${found.clang}`, `CMAKE_CXX_COMPILER=${found.clangxx}`, `HORN_XNNPACK=${found.xnnpack.native}`];

/** @param {string} variant @param {Found} found */
function buildWasm(variant, found) {
  const folder = `wasm-${variant}`;
  configureAndBuild(folder, [`CMAKE_TOOLCHAIN_FILE=${found.emscripten.toolchain}`, `HORN_XNNPACK=${found.xnnpack[variant]}`, `HORN_VARIANT=${variant}`], found);
  mkdirSync(join(ROOT, 'dist/wasm'), { recursive: true });
  for (const ending of ['mjs', 'wasm']) {
    const file = `hornbeam-${variant}.${ending}`;
    cpSync(join(ROOT, 'build', folder, 'wasm', file), join(ROOT, 'dist/wasm', file));
  }
}

/**
 * @param {{for?: string, print?: (text: string) => void}} [options] `for`: a key of TARGETS
 */
export async function build({ for: target = 'test', print = text => process.stdout.write(text) } = {}) {
  const found = JSON.parse(readFileSync(join(ROOT, 'build/setup.json'), 'utf8'));
  const steps = [{ name: 'native library, addon, converter', body: () => configureAndBuild('native', compilers(found), found, target === 'test' ? [] : SHIPPED) }];
  if (target === 'test') {
    steps.push({ name: 'the same with sanitizers', body: () => configureAndBuild('sanitize', [...compilers(found), 'HORN_SANITIZE=ON'], found) });
  }
  for (const variant of TARGETS[target].wasm) steps.push({ name: `WebAssembly ${variant}`, body: () => buildWasm(variant, found) });
  const bundles = async () => (await import('./build-js.mjs')).buildBundles();
  if (target !== 'native') steps.push({ name: 'JavaScript bundles', body: bundles });
  await runSteps(steps.map(({ name, body }) => ({ name, body: context => { context.worked = true; return body(); } })), /** @type {any} */ ({ print }));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { for: { type: 'string' } } });
  try {
    await build(values);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\nThe build failed: ${error.message}`);
    process.exitCode = 1;
  }
}
