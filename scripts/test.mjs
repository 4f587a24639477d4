#!/usr/bin/env node
/**
 * Sets up, builds, and runs every test: checks of the sources, the C tests plain and under sanitizers, the JavaScript tests on the addon
 * and on each WebAssembly variant in the Node versions that have them, and the pages in headless Chromium.
 *
 *   node scripts/test.mjs [TEXT]     only the suites whose name contains TEXT
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';
import { setup } from './setup.mjs';
import { ROOT } from './setup/context.mjs';
import { SetupError } from './setup/run.mjs';

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {[string, ...string[]]} command
 * @property {Record<string, string>} [env]
 */

const node = process.execPath;
const CORES = String(availableParallelism());
const script = (/** @type {string} */ name) => join('scripts', name);
const jsTests = (/** @type {string} */ folder) =>
  readdirSync(join(ROOT, 'tests', folder)).filter(file => file.endsWith('.test.js')).map(file => join('tests', folder, file));

/** @param {string} name @param {string | string[]} folders of tests/ @param {Record<string, string>} env @param {string} [program] */
const jsSuite = (name, folders, env, program = node) => ({
  name, env,
  command: /** @type {Suite['command']} */ ([program, '--import', './tests/js/exact_counts.mjs', '--test', '--test-reporter=dot', `--test-concurrency=${CORES}`, ...[folders].flat().flatMap(jsTests)]),
});

/** What depends on the kernels runs once for each kind of them; the rest, which depends on the engine, in each version of Node too. */
const ALL = ['js', 'js/goldens'];

/** @param {Record<string, any>} found what build/setup.json holds @returns {Suite[]} */
function suites(found) {
  const ctest = join(dirname(found.cmake), 'ctest');
  const newer = Object.entries(found.nodes).filter(([, program]) => program !== node);
  return [
    { name: 'who includes whom', command: [node, script('check-includes.mjs')] },
    { name: 'READMEs and lines', command: [node, script('check-files.mjs')] },
    { name: 'generated files are current', command: [node, script('generate-bindings.mjs'), '--check'] },
    { name: 'types of the JavaScript', command: [node, join('node_modules/typescript/bin/tsc'), '-p', 'js/tsconfig.json'] },
    { name: 'C', command: [ctest, '--test-dir', 'build/native', '--parallel', CORES, '--output-on-failure', '--no-tests=error'] },
    {
      name: 'C under sanitizers', command: [ctest, '--test-dir', 'build/sanitize', '--parallel', CORES, '--output-on-failure', '--no-tests=error'],
      env: { ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' },
    },
    jsSuite('the C example, the server of the pages', 'examples', {}),
    jsSuite('JavaScript on the addon', ALL, { HORNBEAM_TARGET: 'node' }),
    jsSuite('JavaScript on WebAssembly simd', ALL, { HORNBEAM_TARGET: 'wasm', HORNBEAM_VARIANT: 'simd' }),
    jsSuite('JavaScript on WebAssembly simd-threads', 'js', { HORNBEAM_TARGET: 'wasm', HORNBEAM_VARIANT: 'simd-threads', HORNBEAM_THREADS: '2' }),
    ...newer.map(([version, program]) =>
      jsSuite(`JavaScript on the addon, Node ${version}`, 'js', { HORNBEAM_TARGET: 'node', HORNBEAM_THREADS: '2' }, program)),
    // the first that has relaxed SIMD, as it chooses by itself; then the newest
    ...newer.slice(0, 1).map(([version, program]) => jsSuite(`JavaScript on WebAssembly, Node ${version}`, 'js', { HORNBEAM_TARGET: 'wasm' }, program)),
    ...newer.slice(-1).map(([version, program]) => jsSuite(`JavaScript on WebAssembly relaxed-threads, Node ${version}`, ALL,
      { HORNBEAM_TARGET: 'wasm', HORNBEAM_VARIANT: 'relaxed-threads', HORNBEAM_THREADS: '2' }, program)),
    jsSuite('pages in Chromium', 'browser', { CHROMIUM: found.chromium }),
  ];
}

/** @param {Suite} suite @param {string} counter */
function runSuite(suite, counter) {
  process.stdout.write(`${counter} ${suite.name} ... `);
  const start = performance.now();
  const [program, ...args] = suite.command;
  const result = spawnSync(program, args, { cwd: ROOT, env: { ...process.env, ...suite.env }, encoding: 'utf8', maxBuffer: 1 << 28 });
  const passed = result.status === 0;
  console.log(`${passed ? '' : 'FAILED '}${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (!passed) console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`.trimEnd().split('\n').slice(-200).join('\n'));
  return passed;
}

try {
  await setup({ for: 'test' });
  await build({ for: 'test' });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nThe tests could not be built: ${error.message}`);
  process.exit(1);
}
const found = JSON.parse(readFileSync(join(ROOT, 'build/setup.json'), 'utf8'));
const wanted = suites(found).filter(({ name }) => name.includes(process.argv[2] ?? ''));
const failed = wanted.filter((suite, i) => !runSuite(suite, `[${i + 1}/${wanted.length}]`));
if (failed.length > 0) console.log(`\nFailed: ${failed.map(({ name }) => name).join('; ')}`);
console.log(`\n${wanted.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 || wanted.length === 0 ? 1 : 0;
