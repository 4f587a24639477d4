#!/usr/bin/env node
/**
 * What Hornbeam writes for TensorBoard, read by real TensorBoard from PyPI: curves, histograms, images, graphs, hyperparameters and embeddings,
 * compared with what was logged, and tags and graphs with those that real Keras writes for the same models.
 *
 *   npm run test:tensorboard
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../scripts/build.mjs';
import { setup } from '../../scripts/setup.mjs';
import { ROOT } from '../../scripts/setup/context.mjs';
import { SetupError } from '../../scripts/setup/run.mjs';
import { Board } from './board.mjs';

const EPOCHS = 3;

/** The models of models.py. @param {any} tf */
function models(tf) {
  const sequential = tf.sequential({
    name: 'sequential', layers: [tf.layers.dense({ units: 3, activation: 'relu', inputShape: [4], name: 'hidden' }), tf.layers.dense({ units: 2, name: 'out' })],
  });
  const words = tf.input({ shape: [5], dtype: 'int32', name: 'words' });
  const x = tf.layers.embedding({ inputDim: 7, outputDim: 3, name: 'embedding' }).apply(words);
  const parts = [tf.layers.flatten({ name: 'flat' }).apply(x), tf.layers.globalMaxPooling1d({ name: 'pool' }).apply(x)];
  const both = tf.layers.concatenate({ name: 'both' }).apply(parts);
  const branched = tf.model({ inputs: words, outputs: tf.layers.dense({ units: 1, name: 'out' }).apply(both), name: 'branched' });
  return {
    sequential: { model: sequential, x: tf.randomUniform([16, 4], 0, 1, 'float32', 1), y: tf.randomUniform([16, 2], 0, 1, 'float32', 2) },
    branched: { model: branched, x: tf.randomUniform([16, 5], 0, 7, 'int32', 3), y: tf.randomUniform([16, 1], 0, 1, 'float32', 4) },
  };
}

/** Fits the models, and notes what callbacks were told. @param {any} tf @param {string} folder */
async function fitModels(tf, folder) {
  /** @type {Record<string, {history: any, batches: any[], tests: any[], table: Float32Array | undefined}>} */
  const told = {};
  mkdirSync(join(folder, 'branched'));
  writeFileSync(join(folder, 'branched/names.txt'), ['none', 'one', 'two', 'three', 'four', 'five', 'six'].join('\n'));
  for (const [name, { model, x, y }] of Object.entries(models(tf))) {
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['accuracy'] });
    /** @type {any[]} */
    const [batches, tests] = [[], []];
    const noting = {
      onTrainBatchEnd: (/** @type {number} */ _, /** @type {any} */ logs) => { batches.push({ ...logs }); },
      onTestEnd: (/** @type {any} */ logs) => { tests.push({ ...logs }); },
    };
    const board = new tf.callbacks.TensorBoard({
      logDir: join(folder, name), histogramFreq: 1, writeImages: true, writeStepsPerSecond: true, updateFreq: 2,
      embeddingsFreq: name === 'branched' ? 1 : 0, embeddingsMetadata: name === 'branched' ? { embedding: 'names.txt' } : null,
      hparams: { units: 3, optimizer: 'sgd', deep: name === 'branched' },
    });
    const { history } = await model.fit(x, y, { batchSize: 3, epochs: EPOCHS, validationSplit: 0.25, verbose: 0, callbacks: [board, noting] });
    told[name] = { history, batches, tests, table: name === 'branched' ? model.getLayer('embedding').getWeights()[0].dataSync() : undefined };
  }
  const writer = tf.node.summaryFileWriter(join(folder, 'own'));
  for (let step = 0; step < 25; step++) writer.scalar('square', step * step, step);
  writer.histogram('same', tf.fill([100], 2), 7);
  await writer.flush();
  return told;
}

/** The values of a curve by step. @param {Board} board @param {string} run @param {string} tag */
async function curve(board, run, tag) {
  return (await board.ask('data/plugin/scalars/scalars', { run, tag })).map((/** @type {number[]} */ [, step, value]) => [step, Math.fround(value)]);
}

/** @param {any[]} list @param {string} name @param {(i: number) => number} step */
const expectedCurve = (list, name, step) => list.map((logs, i) => [step(i), Math.fround(logs[name])]);

/** @param {Board} board @param {Record<string, any>} told */
async function checkCurves(board, told) {
  for (const [name, { history, batches, tests }] of Object.entries(told)) {
    const epochs = history.loss.map((/** @type {number} */ _, /** @type {number} */ i) => Object.fromEntries(Object.entries(history).map(([key, values]) => [key, values[i]])));
    for (const key of ['loss', 'accuracy']) {
      assert.deepEqual(await curve(board, `${name}/train`, `epoch_${key}`), expectedCurve(epochs, key, i => i));
      assert.deepEqual(await curve(board, `${name}/validation`, `epoch_${key}`), expectedCurve(epochs, `val_${key}`, i => i));
      const everySecond = batches.filter((/** @type {any} */ _, /** @type {number} */ i) => i % 2 === 1);
      assert.deepEqual(await curve(board, `${name}/train`, `batch_${key}`), expectedCurve(everySecond, key, i => 2 * i + 2));
      assert.deepEqual(await curve(board, `${name}/validation`, `evaluation_${key}_vs_iterations`), expectedCurve(tests, key, i => 4 * (i + 1)));
    }
    assert.deepEqual(await curve(board, `${name}/train`, 'epoch_learning_rate'), [0, 1, 2].map(i => [i, Math.fround(0.01)]));
    for (const [, rate] of await curve(board, `${name}/train`, 'epoch_steps_per_second')) assert.ok(rate > 0 && Number.isFinite(rate));
  }
  assert.deepEqual(await curve(board, 'own', 'square'), Array.from({ length: 25 }, (_, i) => [i, i * i]));
  return `curves of ${Object.keys(told).length} models`;
}

/** @param {Board} board */
async function checkWeights(board) {
  const [[, step, buckets]] = await board.ask('data/plugin/histograms/histograms', { run: 'sequential/train', tag: 'sequential/hidden/kernel/histogram' });
  assert.deepEqual([step, buckets.length, buckets.reduce((/** @type {number} */ sum, /** @type {number[]} */ bucket) => sum + bucket[2], 0)], [0, 30, 12]);
  const [[, , same]] = await board.ask('data/plugin/histograms/histograms', { run: 'own', tag: 'same' });
  assert.deepEqual(same.at(-1), [2, 2, 100]);
  const images = await board.ask('data/plugin/images/images', { run: 'sequential/train', tag: 'sequential/hidden/kernel/image', sample: '0' });
  assert.equal(images.length, EPOCHS);
  const png = Buffer.from(await (await board.get('data/plugin/images/individualImage', Object.fromEntries(new URLSearchParams(images[0].query)))).arrayBuffer());
  assert.deepEqual([png.subarray(1, 4).toString(), png.readUInt32BE(16), png.readUInt32BE(20)], ['PNG', 4, 3]);
  return 'histograms and images of weights';
}

/** @param {Board} board @param {Record<string, any>} told @param {string} folder */
async function checkRest(board, told, folder) {
  const response = await fetch(`${board.url}/data/plugin/hparams/experiment`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"experimentName":""}' });
  const { hparamInfos } = /** @type {any} */ (await response.json());
  assert.deepEqual(Object.fromEntries(hparamInfos.map((/** @type {any} */ info) => [info.name, info.type])),
    { deep: 'DATA_TYPE_BOOL', optimizer: 'DATA_TYPE_STRING', units: 'DATA_TYPE_FLOAT64' });
  const [run] = await board.ask('data/plugin/projector/runs');
  assert.equal(run, 'branched');
  const { embeddings } = await board.ask('data/plugin/projector/info', { run });
  assert.deepEqual([embeddings[0].tensorName, embeddings[0].tensorShape], ['embedding/embeddings', [7, 3]]);
  const vectors = await (await board.get('data/plugin/projector/tensor', { run, name: 'embedding/embeddings' })).arrayBuffer();
  assert.deepEqual(new Float32Array(vectors), told.branched.table);
  assert.equal(await (await board.get('data/plugin/projector/metadata', { run, name: 'embedding/embeddings', num_rows: '7' })).text(), readFileSync(join(folder, 'branched/names.txt'), 'utf8'));
  return 'hyperparameters and embeddings';
}

/** @param {Board} board @param {Board} ofKeras @param {string[]} names of models */
async function compareWithKeras(board, ofKeras, names) {
  for (const name of names) {
    for (const run of [`${name}/train`, `${name}/validation`]) {
      for (const plugin of ['scalars', 'histograms', 'images']) {
        const tags = async (/** @type {Board} */ from) => Object.keys((await from.ask(`data/plugin/${plugin}/tags`))[run] ?? {}).sort();
        assert.deepEqual(await tags(board), await tags(ofKeras), `${plugin} of ${run}`);
      }
    }
    const [ours, theirs] = [await board.graph(`${name}/train`), await ofKeras.graph(`${name}/train`)];
    const sorted = (/** @type {any[]} */ nodes) => nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    assert.ok(theirs.length > 2 && theirs.some(node => node.inputs.length > 0), 'TensorBoard draws no graph of Keras');
    assert.deepEqual(sorted(ours), sorted(theirs));
  }
  return 'tags and graphs equal those of Keras';
}

async function main() {
  await setup({ for: 'tensorboard' });
  await build({ for: 'tensorboard' });
  const found = JSON.parse(readFileSync(join(ROOT, 'build/setup.json'), 'utf8'));
  const tf = await import('../../js/src/index.js'); // needs the addon
  const [folder, kerasFolder] = ['ours', 'keras'].map(name => mkdtempSync(join(tmpdir(), `hornbeam-board-${name}-`)));
  /** @type {Board[]} */
  const boards = [];
  try {
    const told = await fitModels(tf, folder);
    const libraries = join(found.tensorboard, '../../lib');
    const packages = join(libraries, readdirSync(libraries).find(name => name.startsWith('python')) ?? '', 'site-packages');
    execFileSync(found.keras, [join(ROOT, 'tests/tensorboard/models.py'), kerasFolder], { env: { ...process.env, PYTHONPATH: packages }, stdio: ['ignore', 'ignore', 'pipe'] });
    boards.push(await Board.start(found.tensorboard, folder), await Board.start(found.tensorboard, kerasFolder));
    console.log(await checkCurves(boards[0], told));
    console.log(await checkWeights(boards[0]));
    console.log(await checkRest(boards[0], told, folder));
    console.log(await compareWithKeras(boards[0], boards[1], Object.keys(told)));
  } finally {
    boards.forEach(board => board.stop());
    for (const path of [folder, kerasFolder]) rmSync(path, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nThe TensorBoard suite could not be set up: ${error.message}`);
  process.exitCode = 1;
}
