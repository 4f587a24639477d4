#!/usr/bin/env node
/**
 * Builds what set-up's results allow: the native library with addon and converter (build/native), the same under sanitizers
 * (build/sanitize, for tests), each WebAssembly variant (build/wasm-<variant>, copied to dist/wasm), and the JavaScript bundles (dist).
 *
 *   node scripts/build.mjs [--for native|demo|test|keras|tensorboard]
 */
import { cpSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from './setup/context.mjs';
import { runBeside, SetupError } from './setup/run.mjs';
import { TARGETS } from './setup/targets.mjs';

/** @typedef {Record<string, any>} Found what build/setup.json holds */

/** @param {string} folder @param {string[]} definitions @param {Found} found @param {string[]} [targets] all where left out */
async function configureAndBuild(folder, definitions, found, targets = []) {
  const build = join(ROOT, 'build', folder);
  const log = join(ROOT, 'build/logs', `build-${folder}.log`);
  const mend = 'read the log; after a change of compilers remove the folder build and run again';
  const defined = [`CMAKE_MAKE_PROGRAM=${found.ninja}`, ...compilerLauncher(found), ...definitions].map(definition => `-D${definition}`);
  await runBeside(found.cmake, ['-G', 'Ninja', '-S', ROOT, '-B', build, ...defined], { log, mend });
  await runBeside(found.ninja, ['-C', build, ...targets], { log, mend });
}

/**
 * Object files come from the cache outside the clone where another clone has compiled the same sources, wherever that clone lies.
 * @param {Found} found
 */
function compilerLauncher({ ccache, cmake, cache }) {
  if (!ccache) return [];
  const settings = [`CCACHE_DIR=${join(cache, 'objects')}`, 'CCACHE_MAXSIZE=2G', `CCACHE_BASEDIR=${ROOT}`, 'CCACHE_NOHASHDIR=1', 'CCACHE_DEPEND=1'];
  return [`CMAKE_C_COMPILER_LAUNCHER=${[cmake, '-E', 'env', ...settings, ccache].join(';')}`];
}

/** What a user has of build/native; the tests build the rest. */
const SHIPPED = ['addon', 'hornbeam-convert'];

/** @param {Found} found */
const compilers = found => [`CMAKE_C_COMPILER=${found.clang}`, `CMAKE_CXX_COMPILER=${found.clangxx}`, `HORN_XNNPACK=${found.xnnpack.native}`];

/** The module with the converter: it needs no XNNPACK, and so no set-up of its own. */
const CONVERTER = 'converter';

/** @param {string} variant @param {Found} found */
async function buildWasm(variant, found) {
  const folder = `wasm-${variant}`;
  await configureAndBuild(folder, [`CMAKE_TOOLCHAIN_FILE=${found.emscripten.toolchain}`, `HORN_XNNPACK=${found.xnnpack[variant] ?? ''}`, `HORN_VARIANT=${variant}`], found);
  mkdirSync(join(ROOT, 'dist/wasm'), { recursive: true });
  for (const ending of ['mjs', 'wasm']) {
    const file = `hornbeam-${variant}.${ending}`;
    cpSync(join(ROOT, 'build', folder, 'wasm', file), join(ROOT, 'dist/wasm', file));
  }
}

/**
 * Runs the tasks in order, two at a time: while one links on a single core, the other compiles. A line a task is printed at its end.
 * @param {{name: string, body: () => Promise<void>}[]} tasks
 * @param {(text: string) => void} print
 */
async function runTasks(tasks, print) {
  const waiting = [...tasks];
  let ended = 0;
  const worker = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const start = performance.now();
      try {
        await task.body();
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
      print(`[${++ended}/${tasks.length}] ${task.name} ... ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    }
  };
  const ends = await Promise.allSettled([worker(), worker()]);
  const failed = ends.find(end => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * @param {{for?: string, print?: (text: string) => void}} [options] `for`: a key of TARGETS
 */
export async function build({ for: target = 'test', print = text => process.stdout.write(text) } = {}) {
  const found = JSON.parse(readFileSync(join(ROOT, 'build/setup.json'), 'utf8'));
  const isTest = target === 'test';
  const tasks = [{ name: 'native library, addon, converter', body: () => configureAndBuild('native', compilers(found), found, isTest ? [] : SHIPPED) }];
  if (isTest) tasks.push({ name: 'the same with sanitizers', body: () => configureAndBuild('sanitize', [...compilers(found), 'HORN_SANITIZE=ON'], found) });
  const variants = TARGETS[target].wasm.length === 0 ? [] : [...TARGETS[target].wasm, CONVERTER];
  for (const variant of variants) tasks.push({ name: `WebAssembly ${variant}`, body: () => buildWasm(variant, found) });
  await runTasks(tasks, print);
  if (TARGETS[target].wasm.length === 0) return;
  const { buildBundles } = await import('./build-js.mjs'); // of packages that set-up has installed
  await runTasks([{ name: 'JavaScript bundles', body: async () => void (await buildBundles()) }], print);
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
