/** The package as its users see it: import, require, types, and one namespace in all of them. Needs the bundles in dist/. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as source from '../../js/src/index.js';
import { layerTypes } from '../../scripts/generate-layer-types.mjs';
import { writeFiles } from './model_files.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);

test('require gives at once what import gives', async () => {
  const imported = await import('hornbeam');
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(source).sort());
  if (process.env.HORNBEAM_VARIANT?.endsWith('threads')) {
    assert.throws(() => require('hornbeam'), /starts asynchronously: import hornbeam instead of requiring it/);
    return;
  }
  const required = require('hornbeam');
  required.tensor([1]).dispose();
  assert.equal(required.backendInfo().target, process.env.HORNBEAM_TARGET ?? 'node');
  assert.deepEqual(Object.keys(required).filter(name => name !== 'default').sort(), Object.keys(imported).sort());
});

test('an addon that is asked for but missing, and a target that does not exist', () => {
  const run = (/** @type {Record<string, string>} */ env, first = '') => spawnSync(process.execPath, ['-e', `${first}require('hornbeam')`], { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } });
  const unknown = run({ HORNBEAM_TARGET: 'abacus' });
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /HORNBEAM_TARGET: expected node or wasm, got abacus/);
  assert.match(run({}, "globalThis.hornbeamOptions = { target: 'abacus' };").stderr, /hornbeamOptions.target: expected node or wasm, got abacus/);
});

const PROGRAM = `
import * as tf from 'hornbeam';
const x: tf.Tensor = tf.tensor2d([[1, 2], [3, 4]]);
const y = x.matMul(x, false, true).relu().add(1).mean(0);
const shape: number[] = y.shape;
async function load(): Promise<number> {
  const model: tf.LayersModel = await tf.loadLayersModel('model.json', { onProgress: (fraction: number) => console.log(fraction) });
  const output = model.predict(x, { batchSize: 2 });
  return Array.isArray(output) ? output.length : output.dataSync()[0];
}
const layer = tf.layers.conv2d({ filters: 3, kernelSize: [3, 3], padding: 'same', activation: tf.layers.leakyReLU({ negativeSlope: 0.1 }) });
export const made = { layer, shape, load, kept: tf.tidy(() => tf.keep(y)) };
`;

test('the types are those of the namespace', t => {
  const folder = writeFiles(t, {
    'program.ts': PROGRAM, 'wrong.ts': "import * as tf from 'hornbeam';\nexport const x: string = tf.ones([1]).relu();\n",
    'misspelt.ts': "import * as tf from 'hornbeam';\nexport const layer = tf.layers.dense({ units: 3, activation: 'rellu' });\n", 'package.json': '{"type": "module"}',
  });
  const check = (/** @type {string} */ file) => spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022',
    '--module', 'nodenext', '--lib', 'es2023,dom,dom.iterable,esnext.disposable', '--types', '', '--skipLibCheck', join(folder, file)], { encoding: 'utf8', cwd: folder });
  execFileSync('mkdir', ['-p', join(folder, 'node_modules')]);
  execFileSync('ln', ['-s', ROOT, join(folder, 'node_modules/hornbeam')]);
  assert.deepEqual([check('program.ts').stdout, check('program.ts').status], ['', 0]);
  assert.match(check('misspelt.ts').stdout, /Type '"rellu"' is not assignable to type 'Activation/);
  assert.match(check('wrong.ts').stdout, /Type 'Tensor' is not assignable to type 'string'/);
});

test('the types of the factories of tf.layers are current: npm run gen:layers', () => {
  assert.equal(readFileSync(join(ROOT, 'js/src/layers/factories.gen.d.ts'), 'utf8'), layerTypes());
});
