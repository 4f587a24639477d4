/** Callbacks with real fits: stopping and going on to the bit, checkpoints, averages of weights, what a full disk does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../js/src/index.js';

/** @param {import('node:test').TestContext} t */
function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-fit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const x = tf.randomUniform([64, 4], 0, 1, 'float32', 1);
const y = tf.tidy(() => x.sum(1, true).square());
const ARGS = { batchSize: 16, seed: 5, verbose: /** @type {const} */ (0) };

/** The same weights each time. @param {any} [optimizer] @param {number} [units] */
function makeModel(optimizer = tf.train.adam(0.01), units = 8) {
  const initial = (/** @type {number} */ seed) => tf.initializers.glorotUniform({ seed });
  const model = tf.sequential({ layers: [tf.layers.dense({ units, activation: 'relu', inputShape: [4], kernelInitializer: initial(3),
    kernelConstraint: tf.constraints.maxNorm({ maxValue: 0.8 }) }),
    tf.layers.batchNormalization(), tf.layers.dropout({ rate: 0.3 }), tf.layers.dense({ units: 1, kernelInitializer: initial(4) })] });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

const lossesOf = (/** @type {any} */ history) => history.history.loss;
const whole = lossesOf(await makeModel().fit(x, y, { ...ARGS, epochs: 6 }));
const throwingAfter = (/** @type {number} */ last) => ({ onEpochEnd(/** @type {number} */ epoch) { if (epoch === last) throw new Error('power cut'); } });

test('BackupAndRestore goes on to the bit where a fit was interrupted, and leaves nothing', async t => {
  const backupDir = join(temporaryFolder(t), 'backup');
  const callback = () => new tf.callbacks.BackupAndRestore({ backupDir });
  await assert.rejects(makeModel().fit(x, y, { ...ARGS, epochs: 6, callbacks: [callback(), throwingAfter(2)] }), /power cut/);
  const model = makeModel();
  const resumed = await model.fit(x, y, { ...ARGS, epochs: 6, callbacks: callback() });
  assert.deepEqual(resumed.epoch, [3, 4, 5]);
  assert.deepEqual(lossesOf(resumed), whole.slice(3));
  assert.equal(existsSync(backupDir), false);
});

test('BackupAndRestore takes the backup before the last where that is damaged; another model is refused', async t => {
  const backupDir = join(temporaryFolder(t), 'backup');
  const callback = () => new tf.callbacks.BackupAndRestore({ backupDir, doubleCheckpoint: true, deleteCheckpoint: false });
  await makeModel().fit(x, y, { ...ARGS, epochs: 3, callbacks: callback() });
  const latest = join(backupDir, 'latest');
  const [shard] = readdirSync(latest).filter(name => name.endsWith('.bin'));
  writeFileSync(join(latest, shard), readFileSync(join(latest, shard)).subarray(4));
  const resumed = await makeModel().fit(x, y, { ...ARGS, epochs: 6, callbacks: callback() });
  assert.deepEqual(resumed.epoch, [2, 3, 4, 5]);
  assert.deepEqual(lossesOf(resumed), whole.slice(2));
  await assert.rejects(makeModel(undefined, 9).fit(x, y, { ...ARGS, epochs: 7, callbacks: callback() }), { code: 'SHAPE' });
  await assert.rejects(makeModel('sgd').fit(x, y, { ...ARGS, epochs: 7, callbacks: callback() }), /expected a backup of this model, of \d+ variables, got one of \d+/);
  assert.throws(() => new tf.callbacks.BackupAndRestore(''), /Empty `backupDir` argument passed/);
});

test('a checkpoint is loaded and trained on to the bit; after batches too', async t => {
  const folder = temporaryFolder(t);
  await makeModel().fit(x, y, { ...ARGS, epochs: 2, callbacks: [tf.callbacks.modelCheckpoint(join(folder, '{epoch:03d}')),
    tf.callbacks.modelCheckpoint({ filepath: join(folder, 'batches/{epoch}-{batch}-{loss:.1f}'), saveFreq: 3 })] });
  assert.deepEqual(readdirSync(join(folder, 'batches')).map(name => name.slice(0, 3)), ['1-3', '2-2']);
  const model = await tf.loadLayersModel(join(folder, '002/model.json'));
  assert.deepEqual(lossesOf(await model.fit(x, y, { ...ARGS, epochs: 6, initialEpoch: 2 })), whole.slice(2));
  const plain = { filepath: join(folder, 'weights'), saveWeightsOnly: true };
  await makeModel().fit(x, y, { ...ARGS, callbacks: tf.callbacks.modelCheckpoint(plain) });
  assert.equal('trainingConfig' in JSON.parse(readFileSync(join(folder, 'weights/model.json'), 'utf8')), false);
});

test('a checkpoint of the best epoch is that of the lowest val_loss', async t => {
  const folder = temporaryFolder(t);
  const validation = { validationData: [x, y], epochs: 12 };
  const model = makeModel(tf.train.sgd(0.1));
  const { history } = await model.fit(x, y, { ...ARGS, ...validation, callbacks: [
    new tf.callbacks.LearningRateScheduler(epoch => (epoch < 10 ? 0.01 : 0.12)), // the end spoils the model
    tf.callbacks.modelCheckpoint({ filepath: join(folder, 'best'), saveBestOnly: true }),
  ] });
  const best = await tf.loadLayersModel(join(folder, 'best/model.json'));
  const loss = tf.tidy(() => /** @type {any} */ (best.evaluate(x, y, { batchSize: 16 })).dataSync()[0]);
  assert.equal(loss, Math.min(...history.val_loss));
  assert.notEqual(Math.min(...history.val_loss), history.val_loss.at(-1), 'the last epoch is the best: this shows nothing');
});

test('EarlyStopping gives the model the weights of its best epoch', async () => {
  const model = makeModel(tf.train.sgd(0.1));
  /** @type {Record<number, number[][]>} */
  const weights = {};
  const { history, epoch } = await model.fit(x, y, { ...ARGS, epochs: 30, validationData: [x, y], callbacks: [
    { onEpochEnd(/** @type {number} */ i) { weights[i] = model.getWeights().map(each => [...each.dataSync()]); } },
    tf.callbacks.earlyStopping({ patience: 3, restoreBestWeights: true }),
  ] });
  const best = history.val_loss.indexOf(Math.min(...history.val_loss));
  assert.ok(epoch.length < 30 && best === epoch.length - 4, `stopped after ${epoch.length} epochs, the best was ${best}`);
  assert.deepEqual(model.getWeights().map(each => [...each.dataSync()]), weights[best]);
});

test('SwapEMAWeights tests with averages and trains with weights', async () => {
  const optimizer = () => tf.train.sgd(0.1, { useEma: true, emaMomentum: 0.8 });
  const withSwap = makeModel(optimizer());
  const plain = makeModel(optimizer());
  const args = { ...ARGS, epochs: 3 };
  const validationData = [x, y];
  const swapped = await withSwap.fit(x, y, { ...args, validationData, callbacks: new tf.callbacks.SwapEMAWeights() });
  const usual = await plain.fit(x, y, { ...args, validationData });
  assert.deepEqual(lossesOf(swapped), lossesOf(usual), 'training changes');
  assert.notDeepEqual(swapped.history.val_loss, usual.history.val_loss);
  // fit ends with the averages in the model: what the last validation saw
  const loss = tf.tidy(() => /** @type {any} */ (withSwap.evaluate(x, y, { batchSize: 16 })).dataSync()[0]);
  assert.equal(loss, swapped.history.val_loss.at(-1));
  for (const epochs of [3, 5]) { // at the last epoch, and at one that stops
    const model = makeModel(optimizer());
    const stop = { onEpochEnd(/** @type {number} */ epoch) { if (epoch === 2) model.stopTraining = true; } };
    const { history } = await model.fit(x, y, { ...args, epochs, validationData, callbacks: [stop, new tf.callbacks.SwapEMAWeights({ swapOnEpoch: true })] });
    assert.deepEqual(history, swapped.history);
    assert.deepEqual(model.getWeights().map(each => [...each.dataSync()]), withSwap.getWeights().map(each => [...each.dataSync()]));
  }
  await assert.rejects(makeModel().fit(x, y, { ...args, validationData, callbacks: new tf.callbacks.SwapEMAWeights() }), /SwapEMAWeights must be used when `useEma=true` is set/);
});

test('learning rates: set, reduced, and in the history; nothing is traced again', async () => {
  const model = makeModel(tf.train.sgd(0.4));
  const { history } = await model.fit(x, y, { ...ARGS, epochs: 4, callbacks: [new tf.callbacks.LearningRateScheduler(epoch => 0.4 / 2 ** epoch)] });
  assert.deepEqual(history.learning_rate, [0.4, 0.2, 0.1, 0.05].map(Math.fround));
  const other = await model.fit(x, y, { ...ARGS, epochs: 4, callbacks: tf.callbacks.reduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 100, factor: 0.5 }) });
  assert.deepEqual(other.history.learning_rate, [0.05, 0.05, 0.025, 0.0125].map(Math.fround));
});

test('CSVLogger writes the history', async t => {
  const file = join(temporaryFolder(t), 'log.csv');
  const { history } = await makeModel().fit(x, y, { ...ARGS, epochs: 2, validationData: [x, y], callbacks: tf.callbacks.csvLogger(file) });
  assert.equal(readFileSync(file, 'utf8'), `epoch,loss,val_loss\r\n${[0, 1].map(i => `${i},${history.loss[i]},${history.val_loss[i]}\r\n`).join('')}`);
});

test('a loss that is no number, and a callback that throws: training ends, and the model trains on afterwards', async () => {
  const { log } = console;
  console.log = () => {};
  const wild = makeModel(tf.train.sgd(1e30));
  const { epoch } = await wild.fit(x, y, { ...ARGS, epochs: 50, callbacks: tf.callbacks.terminateOnNaN() }).finally(() => { console.log = log; });
  assert.ok(epoch.length < 10);
  await assert.rejects(wild.fit(x, y, { ...ARGS, callbacks: tf.callbacks.terminateOnNaN({ raiseError: true }) }), /NaN or Inf loss encountered at batch 0/);
  const model = makeModel();
  await assert.rejects(model.fit(x, y, { ...ARGS, epochs: 3, callbacks: { async onTrainBatchEnd() { throw new Error('mine'); } } }), /^Error: mine$/);
  assert.equal((await model.fit(x, y, ARGS)).epoch.length, 1);
});

test('a disk that is full during a checkpoint: the error names the file, and the last good checkpoint loads', { skip: process.platform === 'win32' }, async t => {
  const folder = temporaryFolder(t);
  const program = fileURLToPath(new URL('checkpoints.mjs', import.meta.url));
  execFileSync(process.execPath, [program, folder, '1']);
  const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`;
  assert.throws(() => execFileSync('sh', ['-c', limited, process.execPath, program, folder, '2'], { stdio: 'pipe', encoding: 'utf8' }),
    (/** @type {any} */ error) => /1\/weights-2\.bin|1\/weights\.bin/.test(error.stderr) && /code: 'IO'/.test(error.stderr));
  const model = await tf.loadLayersModel(join(folder, '1/model.json'));
  assert.equal((await model.fit(tf.ones([4, 64]), tf.ones([4, 1]), { verbose: 0 })).epoch.length, 1);
});

test('checkpoints in Keras\'s formats have the weights of their epoch', async t => {
  const folder = temporaryFolder(t);
  const model = makeModel();
  await model.fit(x, y, { ...ARGS, epochs: 2, callbacks: [
    ...['keras', 'h5'].map(ending => tf.callbacks.modelCheckpoint(join(folder, `{epoch}.${ending}`))),
    tf.callbacks.modelCheckpoint({ filepath: join(folder, '{epoch}.weights.h5'), saveWeightsOnly: true }),
  ] });
  assert.deepEqual(readdirSync(folder).sort(), ['1.h5', '1.keras', '1.weights.h5', '2.h5', '2.keras', '2.weights.h5']);
  const weightsOf = (/** @type {any} */ each) => each.getWeights().map((/** @type {any} */ weight) => [...weight.dataSync()]);
  for (const name of ['2.keras', '2.h5']) assert.deepEqual(weightsOf(await tf.loadLayersModel(join(folder, name))), weightsOf(model), name);
  assert.notDeepEqual(weightsOf(await tf.loadLayersModel(join(folder, '1.keras'))), weightsOf(model));
});
