#!/usr/bin/env node
/**
 * Runs the specs that @tensorflow/tfjs-core publishes against Hornbeam, and fails where one does that is not on the list of those that
 * do not apply (exclusions.json).
 *
 *   node tests/tfjs/run.js [--only TEXT in names of files] [--verbose]        HORNBEAM_TARGET as everywhere
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { runInThisContext } from 'node:vm';
import * as tf from '../../js/src/index.js';
import { inferShape } from '../../js/src/core/util.js';
import { bundleSpecs } from './bundle.js';
import { jasmineUtil, testUtil } from './shims.js';

const require = createRequire(import.meta.url);
const { values: options } = parseArgs({ options: { only: { type: 'string' }, verbose: { type: 'boolean' }, json: { type: 'string' } } });

/**
 * Cases that do not apply, with the reason: by file, by the end of their name, '*' for all.
 * @type {Record<string, Record<string, string>>}
 */
const exclusions = JSON.parse(readFileSync(new URL('exclusions.json', import.meta.url), 'utf8'));

const jasmine = require('jasmine-core').noGlobals();
Object.assign(globalThis, jasmine);
const env = jasmine.jasmine.getEnv();
env.configure({ random: false, failSpecWithNoExpectations: false });
jasmine.jasmine.DEFAULT_TIMEOUT_INTERVAL = 20000;

/** Modules of ours that answer for internal ones of TensorFlow.js with the same names. */
const OURS = ['core/convert', 'kernels', 'core/hash', 'environment', 'io/files', 'ops/random', 'ops/suppression'];
const ours = Object.assign({}, ...(await Promise.all(OURS.map(name => import(`../../js/src/${name}.js`)))));
const { util, backend_util, slice_util, tensor_util, device_util, io, serialization } = /** @type {any} */ (tf);
const namespace = { ...tf, test_util: testUtil(tf) };
const flat = {
  ...ours, inferShape, ...io, ...slice_util, ...device_util, ...backend_util, ...util, ...tensor_util, ...serialization, ...tf,
  ENGINE: /** @type {any} */ (tf).engine(), TestKernelBackend: class extends tf.KernelBackend { dispose() {} },
};
Object.assign(globalThis, { tfjsSpecs: { tf: namespace, util, flat, jasmineUtil: jasmineUtil(tf), testUtil: testUtil(tf) } });

/** @typedef {{file: string, name: string, passed: boolean, message: string}} Result */
/** @type {Result[]} */
const results = [];
const files = new Map();

/** Runs a spec file's top level, which describes its cases. @param {{name: string, text: string}} spec */
function define({ name, text }) {
  const suite = describe(name, () => {
    try {
      runInThisContext(`(function (require, module, exports) {${text}\n})`, { filename: name })(require, { exports: {} }, {});
    } catch (error) {
      it('loads', () => { throw error; });
    }
    // A file for browsers alone describes nothing here.
    it('is read', () => {});
  });
  files.set(suite.id, name);
}

/** @param {any} result of a case @returns {string} the file that it is in */
function fileOf(result) {
  return [...files.values()].find(name => result.fullName.startsWith(`${name} `)) ?? '';
}

env.addReporter({
  specDone(/** @type {any} */ result) {
    const file = fileOf(result);
    const name = result.fullName.slice(file.length + 1);
    if (name === 'is read' || result.status === 'excluded' || result.status === 'pending') return;
    const [failure] = result.failedExpectations;
    results.push({ file, name, passed: result.status === 'passed', message: failure ? `${failure.message}\n${failure.stack ?? ''}` : '' });
  },
});

/** @param {Result} result @returns {string | undefined} why the case does not apply */
function exclusionOf({ file, name }) {
  const list = exclusions[file] ?? {};
  const key = Object.keys(list).find(end => end === '*' || name.endsWith(end));
  return key === undefined ? undefined : list[key];
}

/** Entries of the list that no case has. Two cases are for backends named cpu alone, so that one target says it. */
function staleExclusions() {
  return Object.entries(exclusions).flatMap(([file, list]) => Object.keys(list)
    .filter(end => !results.some(result => result.file === file && (end === '*' || result.name.endsWith(end)))).map(end => `${file}: ` +
      `${end}`));
}

const warnings = console.warn;
if (!options.verbose) console.warn = () => {};
const start = performance.now();
for (const spec of await bundleSpecs(options.only)) define(spec);
await env.execute();
console.warn = warnings;

const excluded = results.filter(result => exclusionOf(result) !== undefined);
const counted = results.filter(result => exclusionOf(result) === undefined);
const failed = counted.filter(result => !result.passed);
for (const { file, name, message } of failed) console.log(`FAILED ${file}: ${name}\n    ` +
  `${message.split('\n').slice(0, options.verbose ? 20 : 1).join('\n    ').slice(0, options.verbose ? 4000 : 300)}`);
for (const { file, name, passed } of excluded) if (passed && options.verbose) console.log(`passes, though excluded: ${file}: ${name}`);
const stale = options.only === undefined && tf.getBackend() === 'cpu' ? staleExclusions() : [];
for (const entry of stale) console.log(`exclusions.json names a case that is not there: ${entry}`);
if (options.json) writeFileSync(options.json, JSON.stringify(results));
console.log(`${tf.backendInfo().target} ${tf.getBackend()}: ${results.length} cases of @tensorflow/tfjs-core in ` +
  `${((performance.now() - start) / 1000).toFixed(0)} s: ` +
  `${counted.length - failed.length} passed, ${failed.length} failed, ${excluded.length} do not apply`);
process.exitCode = failed.length > 0 || stale.length > 0 || results.length === 0 ? 1 : 0;
