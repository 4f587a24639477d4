/** Callbacks against what Keras 3 did with the same logs (tests/golden/training/callbacks.json), the list of them, and files they write. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { CallbackList } from '../../../js/src/callbacks/list.js';
import { Progbar } from '../../../js/src/callbacks/progbar.js';
import { formatNumber } from '../../../js/src/callbacks/python_format.js';

const golden = JSON.parse(readFileSync(new URL('../../golden/training/callbacks.json', import.meta.url), 'utf8'));

/** @param {import('node:test').TestContext} t */
function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-callbacks-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Keras's options as ours. @param {Record<string, any>} options */
const camel = options => Object.fromEntries(Object.entries(options).map(([name, value]) => [name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), value]));

/** A model whose one weight is the epoch that has ended. */
function fakeModel() {
  const variable = tf.variable(tf.scalar(-1));
  return {
    stopTraining: false, optimizer: { learningRate: Math.fround(0.01) }, variable, weights: [{ read: () => variable }], saved: /** @type {string[]} */ ([]),
    async save(/** @type {string} */ url) { this.saved.push(url); },
  };
}

/** What console.log is given while work goes on, as Python prints it. @param {() => Promise<void>} work */
async function printed(work) {
  const { log } = console;
  let text = '';
  console.log = line => { text += `${line}\n`; };
  try {
    await work();
  } finally {
    console.log = log;
  }
  return text;
}

/** The loop of fit around one callback. @param {any} callback @param {Record<string, any>[]} epochs @param {number} [batches] */
async function run(callback, epochs, batches = 0) {
  const model = fakeModel();
  const list = CallbackList.of(callback, { model, params: { epochs: epochs.length, verbose: 0, steps: batches } });
  /** @type {any[]} */
  const rates = [];
  let ended = -1;
  const text = await printed(async () => {
    await list.onTrainBegin();
    for (const [epoch, logs] of epochs.entries()) {
      await list.onEpochBegin(epoch);
      for (let batch = 0; batch < batches; batch++) {
        await list.onTrainBatchBegin(batch);
        await list.onTrainBatchEnd(batch, { ...logs });
      }
      model.variable.assign(tf.scalar(epoch));
      ended = epoch;
      const given = { ...logs };
      await list.onEpochEnd(epoch, given);
      rates.push(given.learning_rate ?? null);
      if (model.stopTraining) break;
    }
    await list.onTrainEnd();
  });
  const rate = Math.fround(model.optimizer.learningRate);
  return { ended, weights: model.variable.dataSync()[0], saved: model.saved.map(url => url.replace('file://', '')), rates: rates.map(each => each && Math.fround(each)), rate, text };
}

/** @param {any} expected @param {any} callback @param {string} key @param {number} [batches] */
async function compare(expected, callback, key = 'val_loss', batches = 0) {
  const { options, sequence, ...result } = expected;
  const logs = golden.sequences[sequence].map((/** @type {number} */ value) => ({ [key]: value, ...batches > 0 && { accuracy: value / 3 } }));
  assert.deepEqual(await run(callback, logs, batches), result, JSON.stringify({ options, sequence }));
}

test('EarlyStopping ends when Keras does, with the weights that Keras restores', async () => {
  for (const expected of golden.early_stopping) await compare(expected, tf.callbacks.earlyStopping(camel(expected.options)));
});

test('ReduceLROnPlateau sets the learning rates that Keras sets', async () => {
  for (const expected of golden.plateau) await compare(expected, new tf.callbacks.ReduceLROnPlateau(camel(expected.options)));
});

test('LearningRateScheduler sets the learning rates that Keras sets', async () => {
  /** @type {Record<string, (epoch: number, rate: number) => number>} */
  const schedules = { halved: (_, rate) => rate * 0.5, steps: epoch => 0.1 / (1 + Math.floor(epoch / 3)) };
  for (const { schedule, ...expected } of golden.scheduler) {
    assert.deepEqual(await run(new tf.callbacks.LearningRateScheduler(schedules[schedule], 1), Array.from({ length: 6 }, () => ({ loss: 1 }))), expected);
  }
  await assert.rejects(run(tf.callbacks.learningRateScheduler(/** @type {any} */ (() => 'fast')), [{}]), /The output of the `schedule` function should be a float. Got: fast/);
});

test('ModelCheckpoint saves what Keras saves, under the same names; acc is accuracy', async () => {
  for (const expected of golden.checkpoint) await compare(expected, new tf.callbacks.ModelCheckpoint(camel(expected.options)), 'val_loss', 4);
});

test('ModelCheckpoint says what is wrong', async () => {
  const { ModelCheckpoint } = tf.callbacks;
  await assert.rejects(run(new ModelCheckpoint('a/{val_los:.2f}'), [{ val_loss: 1 }]), /Failed to format this callback filepath: "a\/\{val_los:.2f\}". Reason: 'val_los'/);
  await assert.rejects(run(new ModelCheckpoint('a/{epoch:q}'), [{ val_loss: 1 }]), /Invalid format specifier 'q'/);
  await assert.rejects(run(new ModelCheckpoint('a/{epoch:999999999d}'), [{ val_loss: 1 }]), { code: 'LIMIT' });
  await assert.rejects(run(new ModelCheckpoint({ filepath: 'a', monitor: 'val_fun', saveBestOnly: true }), [{ val_fun: 1 }, { val_fun: 2 }]),
    /ModelCheckpoint callback received monitor=val_fun.*Pass `mode: 'max'`/);
  assert.throws(() => new ModelCheckpoint({ filepath: 'a', saveFreq: /** @type {any} */ ('batch') }), /unrecognized saveFreq: batch/);
  assert.throws(() => new ModelCheckpoint({ filepath: 'a.keras', saveWeightsOnly: true }), /must end in `.weights.h5`/);
  assert.throws(() => new ModelCheckpoint({ filepath: '' }), /expected filepath to be a path or URL/);
});

test('ModelCheckpoint saves a real model to folders, the best one alone', async t => {
  const folder = temporaryFolder(t);
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], useBias: false })] });
  const list = CallbackList.of([tf.callbacks.modelCheckpoint(join(folder, '{epoch:04d}')), tf.callbacks.modelCheckpoint({ filepath: join(folder, 'best'), saveBestOnly: true })],
    { model, params: { epochs: 3 } });
  await list.onTrainBegin();
  for (const [epoch, loss] of [3, 1, 2].entries()) {
    model.setWeights([tf.tensor2d([[loss]])]);
    await list.onEpochEnd(epoch, { val_loss: loss });
  }
  const weightIn = async (/** @type {string} */ name) => (await tf.loadLayersModel(join(folder, name, 'model.json'))).getWeights()[0].dataSync()[0];
  assert.deepEqual([await weightIn('0001'), await weightIn('0002'), await weightIn('0003'), await weightIn('best')], [3, 1, 2, 1]);
});

test('CSVLogger writes the bytes that Keras writes', async t => {
  /** @type {Record<string, Record<string, any>[][]>} */
  const runs = {
    plain: [[{ loss: 0.5, accuracy: 1 }, { loss: 1e-7, accuracy: 0.1 + 0.2 }]],
    validation: [[{ loss: 0.5, val_loss: 123456.75 }, { loss: NaN, val_loss: 1e22 }, { loss: 0.25 }]],
    appended: [[{ loss: 0.5 }], [{ loss: 0.25 }]],
    texts: [[{ note: 'say "no", or not', loss: 2.5e-5 }]],
  };
  for (const { name, separator, bytes } of golden.csv) {
    const filename = join(temporaryFolder(t), 'logs', 'log.csv');
    for (const epochs of runs[name]) await run(tf.callbacks.csvLogger({ filename, separator, append: name === 'appended' }), epochs);
    assert.equal(readFileSync(filename, 'utf8'), bytes);
  }
  assert.throws(() => tf.callbacks.csvLogger('a', ';;'), /expected separator to be one character/);
});

test('numbers are written as Python writes them', () => {
  for (const [value, isInteger, spec, expected] of golden.formats) {
    const format = () => formatNumber(value, spec, isInteger);
    if (expected === null) assert.throws(format, Error, `${value} ${spec}`);
    else assert.equal(format(), expected, `${value} as ${spec}`);
  }
});

test('the progress bar prints what Keras prints', () => {
  for (const { verbose, target, seconds, text } of golden.bars) {
    let now = 1000;
    let got = '';
    const bar = new Progbar({ target, verbose, isTerminal: true, write: part => { got += part; }, now: () => now });
    for (let step = 1; step <= 3; step++) {
      now += seconds;
      bar.update(step, { loss: 1 / step, accuracy: 0.0005 * step }, false);
    }
    bar.target = target ?? 3;
    bar.update(bar.target ?? 3, { loss: 0.25, accuracy: 0.75, val_loss: 12.5 }, true);
    assert.equal(got, text, JSON.stringify({ verbose, target, seconds }));
  }
});

test('a pipe gets a line for each epoch', async () => {
  let text = '';
  const logger = tf.callbacks.progbarLogger({ write: (/** @type {string} */ part) => { text += part; }, isTerminal: false });
  const list = CallbackList.of(logger, { model: fakeModel(), params: { epochs: 2, steps: 2, verbose: 'auto' } });
  await list.onTrainBegin();
  for (const epoch of [0, 1]) {
    await list.onEpochBegin(epoch);
    for (const batch of [0, 1]) await list.onTrainBatchEnd(batch, { loss: 1 });
    await list.onTestBegin();
    await list.onTestBatchEnd(0, { loss: 1 });
    await list.onTestEnd({ loss: 1 });
    await list.onEpochEnd(epoch, { loss: 0.5, val_loss: 0.0001 });
  }
  const line = '2/2 - 0s - Nx/step - loss: 0.5000 - val_loss: 1.0000e-04\n';
  assert.equal(text.replace(/\d+(us|ms|s)\/step/g, 'Nx/step'), `Epoch 1/2\n${line}Epoch 2/2\n${line}`);
});

const HOOK_NAMES = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd', 'onTrainBatchBegin', 'onTrainBatchEnd', 'onTestBegin', 'onTestEnd',
  'onTestBatchBegin', 'onTestBatchEnd', 'onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd', 'onYield'];

/** Hooks that note that they were called. @param {string[]} names @param {string[]} notes @param {string} who @param {boolean} isAsync */
const noting = (names, notes, who, isAsync) => Object.fromEntries(names.map(name => [name, isAsync
  ? async (/** @type {any[]} */ ...args) => { await null; notes.push(`${who} ${name} ${args.length}`); }
  : (/** @type {any[]} */ ...args) => { notes.push(`${who} ${name} ${args.length}`); }]));

test('hooks of instances, foreign classes and objects, synchronous or not, are called in order', async () => {
  /** @type {string[]} */
  const notes = [];
  class Own extends tf.Callback {}
  Object.assign(Own.prototype, noting(HOOK_NAMES, notes, 'instance', false));
  class Foreign {}
  Object.assign(Foreign.prototype, noting(HOOK_NAMES.filter(name => !/Train(Batch)/.test(name)), notes, 'foreign', true));
  const list = new tf.CallbackList([new Own(), [/** @type {any} */ (new Foreign())], noting(HOOK_NAMES, notes, 'object', true)].flat());
  for (const name of HOOK_NAMES) {
    notes.length = 0;
    const args = name === 'onYield' ? [0, 1] : /Epoch|Batch/.test(name) ? [3] : [];
    await /** @type {any} */ (list)[name](...args);
    const theirs = name.replace('TrainBatch', 'Batch');
    assert.deepEqual(notes, [`instance ${name} ${args.length + 1}`, `foreign ${theirs} ${args.length + 1}`, `object ${name} ${args.length + 1}`]);
  }
});

test('an object of hooks has its object as this; unknown hooks and values are refused', async () => {
  const object = { seen: 0, onBatchEnd() { this.seen++; } };
  const list = new tf.CallbackList(object);
  await list.onTrainBatchEnd(0);
  assert.equal(object.seen, 1);
  assert.throws(() => new tf.CallbackList(/** @type {any} */ ({ onEpochEnds() {} })), /A callback has no hook onEpochEnds. Its hooks are onTrainBegin/);
  assert.throws(() => new tf.CallbackList(/** @type {any} */ ({ onEpochEnd: 3 })), /The hook onEpochEnd of a callback is expected to be a function, but got 3/);
  assert.throws(() => new tf.CallbackList(/** @type {any} */ (['EarlyStopping'])), /expected instances of tf.Callback or objects of hooks, but got EarlyStopping/);
});

test('yieldEvery: after batches, epochs, or milliseconds', async () => {
  /** @type {Record<string, string[]>} */
  const expected = { batch: ['0 0', '0 1', '1 0', '1 1'], epoch: ['0 0', '1 0'] };
  for (const [yieldEvery, calls] of Object.entries(expected)) {
    /** @type {string[]} */
    const notes = [];
    const list = CallbackList.of({ onYield: (/** @type {number} */ epoch, /** @type {number} */ batch) => { notes.push(`${epoch} ${batch}`); } },
      { model: fakeModel(), params: {}, yieldEvery: /** @type {any} */ (yieldEvery), addHistory: true });
    for (const epoch of [0, 1]) {
      await list.onEpochBegin(epoch);
      for (const batch of [0, 1]) await list.onTrainBatchEnd(batch);
      await list.onEpochEnd(epoch);
    }
    assert.deepEqual(notes, calls);
  }
  let now = 0;
  let yields = 0;
  const custom = new tf.CustomCallback({ onYield: () => { yields++; }, nowFunc: () => now, nextFrameFunc: async () => {} }, 10);
  for (now = 0; now < 35; now += 2) await custom.onTrainBatchEnd(now);
  assert.equal(yields, 3);
  assert.throws(() => new tf.CustomCallback({ onYield() {} }, 'never'), /yieldEvery is `never` but you provided an `onYield` callback/);
  assert.throws(() => new tf.CustomCallback({}, /** @type {any} */ ('often')), /yieldEvery is expected to be 'auto', .*but got often/);
});

test('a history notes all logs; registered callbacks are made for their verbosity', async () => {
  class Registered extends tf.Callback {}
  tf.registerCallbackConstructor(2, Registered);
  assert.throws(() => tf.registerCallbackConstructor(2, Registered), /Duplicate callback constructor/);
  assert.throws(() => tf.registerCallbackConstructor(-1, Registered), /Verbosity level is expected to be an integer >= 0, but got -1/);
  const has = (/** @type {number} */ verbose) => CallbackList.of(null, { model: {}, params: { verbose }, addHistory: true }).callbacks.some(each => each instanceof Registered);
  assert.deepEqual([has(1), has(2)], [false, true]);
  const model = fakeModel();
  const list = CallbackList.of([], { model, params: {}, addHistory: true });
  await list.onTrainBegin();
  await list.onEpochEnd(4, { loss: 1 });
  await list.onEpochEnd(5, { loss: 2, val_loss: 3 });
  assert.deepEqual(JSON.parse(JSON.stringify(list.history)), { epoch: [4, 5], history: { loss: [1, 2], val_loss: [3] }, params: {}, validationData: null });
  assert.equal(list.history?.model, model);
  assert.ok(list.history instanceof tf.History && /** @type {any} */ (model).history === list.history);
});

test('TerminateOnNaN ends training, or throws', async () => {
  for (const loss of [NaN, Infinity]) {
    const result = await run(tf.callbacks.terminateOnNaN(), [{ loss: 1 }, { loss }, { loss: 1 }], 1);
    assert.deepEqual([result.ended, result.text], [1, 'Batch 0: Invalid loss, terminating training\n']);
  }
  await assert.rejects(run(tf.callbacks.terminateOnNaN({ raiseError: true }), [{ loss: NaN }], 1), /NaN or Inf loss encountered at batch 0. Loss value: nan/);
});

test('an error of a callback is that of training', async () => {
  await assert.rejects(run({ onEpochEnd() { throw new Error('my own'); } }, [{}]), /^Error: my own$/);
  await assert.rejects(run({ async onBatchEnd() { throw new Error('mine, later'); } }, [{}], 1), /^Error: mine, later$/);
});

test('RemoteMonitor posts forms and JSON; a server that is not there is a warning', async t => {
  /** @type {string[]} */
  const bodies = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', part => { body += part; });
    request.on('end', () => {
      bodies.push(`${request.method} ${request.url} ${request.headers['content-type']} ${request.headers['x-mine'] ?? ''} ${decodeURIComponent(body)}`);
      response.end('ok');
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  const root = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
  await run(tf.callbacks.remoteMonitor({ root }), [{ loss: 0.5 }]);
  await run(tf.callbacks.remoteMonitor({ root, path: '/log', sendAsJson: true, headers: { 'X-Mine': 'yes' } }), [{ loss: 0.25 }]);
  assert.deepEqual(bodies, ['POST /publish/epoch/end/ application/x-www-form-urlencoded  data={"epoch":0,"loss":0.5}', 'POST /log application/json yes {"epoch":0,"loss":0.25}']);
  const { warn } = console;
  let warning = '';
  console.warn = text => { warning += text; };
  await run(tf.callbacks.remoteMonitor({ root: 'http://127.0.0.1:1' }), [{ loss: 1 }]).finally(() => { console.warn = warn; });
  assert.equal(warning, 'Could not reach RemoteMonitor root server at http://127.0.0.1:1');
});
