/** compile, fit, evaluate and single batches: arguments, callbacks, memory, saving and going on, TensorFlow.js beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { shuffledOrder } from '../../js/src/train/order.js';
import { tfjs } from './tfjs.js';
import { draw } from './training.js';

/** @param {any} [options] of the first layer */
function classifier(options = {}) {
  return tf.sequential({ layers: [
    tf.layers.dense({ units: 6, activation: 'tanh', inputShape: [4], kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }), ...options }),
    tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
  ] });
}

const COMPILE = { optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] };
const x = draw(1, [20, 4], 'real');
const y = draw(2, [20], ['onehot', 3]);

/** A model's artifacts in memory. @param {any} model @param {any} [config] */
async function artifactsOf(model, config = { includeOptimizer: true }) {
  /** @type {any} */
  let saved = null;
  await model.save({ save: async (/** @type {any} */ artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: /** @type {any} */ ({}) };
  } }, config);
  return saved;
}

/** @param {number[]} got @param {number[]} expected */
function assertNear(got, expected, tolerance = 1e-5) {
  assert.equal(got.length, expected.length);
  got.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i])), `${i}: ${value}, expected ${expected[i]}`));
}

test('fit learns, its logs have names of Keras and of TensorFlow.js, and it leaves no tensors', async () => {
  const model = classifier();
  model.compile({ ...COMPILE, optimizer: tf.train.adam(0.05) });
  /** @type {any[]} */
  const seen = [];
  const args = { batchSize: 8, epochs: 10, verbose: /** @type {const} */ (0), validationSplit: 0.2 };
  await model.fit(x, y, args);
  const before = tf.memory();
  const history = await model.fit(x, y, { ...args, callbacks: { onEpochEnd: (/** @type {number} */ epoch, /** @type {any} */ logs) => void seen.push([epoch, logs]),
    onBatchEnd: (/** @type {number} */ batch, /** @type {any} */ logs) => assert.deepEqual([logs.batch, logs.size, Object.keys(logs)], [batch, 8, ['loss', 'accuracy']]) } });
  assert.deepEqual({ ...tf.memory(), reasons: [] }, { ...before, reasons: [] });
  assert.deepEqual(Object.keys(history.history), ['loss', 'accuracy', 'val_loss', 'val_accuracy']);
  assert.equal(history.history.loss.length, 10);
  assert.ok(history.history.loss[9] < history.history.loss[0]);
  const [, [, logs]] = seen;
  assert.deepEqual([logs.acc, logs.val_acc], [logs.accuracy, logs.val_accuracy]);
  assert.equal(typeof logs.acc, 'number');
  assert.deepEqual([history.history.acc, history.history.val_acc], [history.history.accuracy, history.history.val_accuracy]);
  assert.equal(/** @type {any} */ (history.history).val_acc, history.history.val_accuracy);
  assert.equal(model.history, history);
  assert.deepEqual(model.metricsNames, ['loss', 'accuracy']);
});

test('trainOnBatch and evaluate answer what TensorFlow.js answers, step by step', async () => {
  const ours = classifier();
  const real = tfjs;
  const model = real.sequential({ layers: [real.layers.dense({ units: 6, activation: 'tanh', inputShape: [4] }), real.layers.dense({ units: 3, activation: 'softmax' })] });
  const copy = (/** @type {any} */ tensor) => real.tensor(tensor.dataSync(), tensor.shape, tensor.dtype);
  for (const make of /** @type {((tf: any) => any)[]} */ ([t => t.train.sgd(0.1), t => t.train.momentum(0.1, 0.9), t => t.train.adam(0.01), t => t.train.rmsprop(0.01),
    t => t.train.adagrad(0.05)])) {
    model.setWeights(ours.getWeights().map(copy));
    ours.compile({ ...COMPILE, optimizer: make(tf) });
    model.compile({ ...COMPILE, optimizer: make(real) });
    for (let step = 0; step < 3; step++) {
      assertNear(await ours.trainOnBatch(x, y), await model.trainOnBatch(copy(x), copy(y)), 2e-5);
    }
    assertNear(ours.evaluate(x, y).map((/** @type {any} */ t) => t.dataSync()[0]), model.evaluate(copy(x), copy(y)).map((/** @type {any} */ t) => t.dataSync()[0]), 2e-5);
  }
});

test('a model that is saved with its optimizer goes on, here and in TensorFlow.js', async () => {
  const real = tfjs;
  const copy = (/** @type {any} */ tensor) => real.tensor(tensor.dataSync(), tensor.shape, tensor.dtype);
  for (const make of [(/** @type {any} */ t) => t.train.adam(0.01), (/** @type {any} */ t) => t.train.momentum(0.1, 0.9), (/** @type {any} */ t) => t.train.rmsprop(0.01)]) {
    const model = classifier();
    model.compile({ ...COMPILE, optimizer: make(tf) });
    for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y);
    const artifacts = await artifactsOf(model);
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    const theirs = await real.loadLayersModel(real.io.fromMemory(artifacts));
    assert.deepEqual(loaded.metricsNames, ['loss', 'accuracy']);
    const expected = [await model.trainOnBatch(x, y), await model.trainOnBatch(x, y)];
    assert.deepEqual([await loaded.trainOnBatch(x, y), await loaded.trainOnBatch(x, y)], expected);
    for (const losses of expected) assertNear(await theirs.trainOnBatch(copy(x), copy(y)), losses, 2e-5);
    const back = await tf.loadLayersModel(tf.io.fromMemory(await artifactsOf(theirs)));
    assertNear(await back.trainOnBatch(x, y), await model.trainOnBatch(x, y), 2e-5);
    assertNear([...back.predict(x).dataSync()], [...loaded.predict(x).dataSync()], 0.05);
  }
});

test('a run that is stopped, saved, loaded and gone on with is the run that was not stopped, to the bit', async () => {
  const make = () => tf.sequential({ layers: [
    tf.layers.dense({ units: 8, activation: 'relu', inputShape: [4], kernelInitializer: tf.initializers.heNormal({ seed: 3 }), kernelRegularizer: 'l1l2', kernelConstraint: 'maxNorm' }),
    tf.layers.dropout({ rate: 0.3 }), tf.layers.batchNormalization(), tf.layers.gaussianNoise({ stddev: 0.1 }),
    tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: tf.initializers.heNormal({ seed: 4 }) })] });
  const args = { batchSize: 8, verbose: /** @type {const} */ (0), seed: 11 };
  const [whole, half] = [make(), make()];
  for (const model of [whole, half]) model.compile(COMPILE);
  const expected = await whole.fit(x, y, { ...args, epochs: 6 });
  const first = await half.fit(x, y, { ...args, epochs: 3 });
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(await artifactsOf(half)));
  const second = await loaded.fit(x, y, { ...args, epochs: 6, initialEpoch: 3 });
  assert.deepEqual(second.epoch, [3, 4, 5]);
  assert.deepEqual([...first.history.loss, ...second.history.loss], expected.history.loss);
  assert.deepEqual(loaded.predict(x).dataSync(), whole.predict(x).dataSync());
  const other = make();
  other.compile(COMPILE);
  assert.notDeepEqual((await other.fit(x, y, { ...args, epochs: 6, seed: 12 })).history.loss, expected.history.loss);
});

test('generators, iterators and datasets give what tensors give', async () => {
  const batches = () => [[0, 8], [8, 8], [16, 4]].map(([start, size]) => [tf.slice(x, start, size), tf.slice(y, start, size)]);
  const fitted = async (/** @type {(model: any) => Promise<any>} */ fit) => {
    const model = classifier();
    model.compile(COMPILE);
    const { history } = await fit(model);
    return { history, evaluated: model.evaluate(x, y, { returnDict: true }) };
  };
  const args = { epochs: 3, verbose: /** @type {const} */ (0) };
  const expected = await fitted(model => model.fit(x, y, { ...args, batchSize: 8, shuffle: false }));
  const before = tf.memory().numTensors;
  const generated = await fitted(model => model.fit(function* () { yield* batches(); }, undefined, args));
  const asynchronous = await fitted(model => model.fit(async function* () { for (const [xs, ys] of batches()) yield { xs, ys }; }, undefined, args));
  const endless = await fitted(model => {
    const iterator = (function* () { for (;;) yield* batches(); })();
    return model.fit(iterator, undefined, { ...args, stepsPerEpoch: 3 });
  });
  const dataset = { size: 3, async iterator() {
    const all = batches().map(([xs, ys]) => ({ xs, ys }));
    return { async next() { return all.length > 0 ? { value: all.shift(), done: false } : { value: null, done: true }; } };
  } };
  const streamed = await fitted(model => model.fitDataset(dataset, { ...args, validationData: dataset, validationBatches: 2 }));
  for (const { history, evaluated } of [generated, asynchronous, endless, streamed]) {
    assert.deepEqual(history.loss, expected.history.loss);
    assert.deepEqual(evaluated, expected.evaluated);
  }
  assert.equal(streamed.history.val_loss.length, 3);
  assert.ok(tf.memory().numTensors - before < 4 * 40); // the four models and optimizers
  const model = classifier();
  model.compile(COMPILE);
  const [loss] = await model.evaluateDataset(dataset);
  assertNear([loss.dataSync()[0]], [model.evaluate(x, y, { returnDict: true }).loss]);
  assertNear([...(await model.predict(function* () { for (const [xs] of batches()) yield xs; })).dataSync()], [...model.predict(x).dataSync()], 1e-6);
});

test('an epoch has all samples in an order of its own; batches that are shuffled stay whole', () => {
  const orders = [0, 1, 2].map(epoch => [...shuffledOrder(20, 1, [7, epoch])]);
  for (const order of orders) assert.deepEqual(order.toSorted((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i));
  assert.equal(new Set(orders.map(String)).size, 3);
  assert.deepEqual([...shuffledOrder(20, 1, [7, 1])], orders[1]);
  const whole = [...shuffledOrder(11, 3, [7, 0])];
  assert.deepEqual(whole.slice(9), [9, 10]);
  for (let i = 0; i < 9; i += 3) assert.deepEqual(whole.slice(i, i + 3), [0, 1, 2].map(k => whole[i] + k));
  assert.deepEqual(whole.filter((_, i) => i < 9 && i % 3 === 0).sort(), [0, 3, 6]);
});

test('hooks come in order, and stopTraining ends training after the batch', async () => {
  const model = classifier();
  model.compile(COMPILE);
  /** @type {string[]} */
  const calls = [];
  const names = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd', 'onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'];
  const hooks = Object.fromEntries(names.map(name => [name, async () => void calls.push(name.slice(2))]));
  await model.fit(x, y, { batchSize: 10, epochs: 1, verbose: 0, callbacks: hooks, validationData: [x, y] });
  assert.equal(calls.join(' '), 'TrainBegin EpochBegin TrainBatchBegin TrainBatchEnd TrainBatchBegin TrainBatchEnd ' +
    'TestBegin TestBatchBegin TestBatchEnd TestBatchBegin TestBatchEnd TestEnd EpochEnd TrainEnd');
  let batches = 0;
  const history = await model.fit(x, y, { batchSize: 5, epochs: 9, verbose: 0, callbacks: { onTrainBatchEnd: () => { model.stopTraining = ++batches === 6; } } });
  assert.deepEqual([batches, history.epoch], [6, [0, 1]]);
  await assert.rejects(model.fit(x, y, { verbose: 0, callbacks: { onEpochBegin: () => { throw new Error('mine'); } } }), /mine/);
  const [a, b] = [model.fit(x, y, { verbose: 0 }), model.fit(x, y, { verbose: 0 })];
  await assert.rejects(b, /Cannot start training because another fit\(\) call is ongoing./);
  await a;
  const predicted = [];
  await model.predict(x, { batchSize: 10, callbacks: { onPredictBatchEnd: (/** @type {number} */ batch, /** @type {any} */ logs) => void predicted.push([batch, logs.outputs.shape]) } });
  assert.deepEqual(predicted, [[0, [10, 3]], [1, [10, 3]]]);
  await model.evaluate(x, y, { batchSize: 10, callbacks: { onTestEnd: (/** @type {any} */ logs) => assert.equal(logs.acc, logs.accuracy) } });
});

test('losses and metrics in JavaScript, losses of layers, gradients of their own', async () => {
  class Doubled extends tf.layers.Layer {
    static className = 'DoubledInTraining';
    call(/** @type {any} */ inputs) {
      const input = Array.isArray(inputs) ? inputs[0] : inputs;
      this.addLoss(tf.mean(tf.square(input)));
      return tf.customGrad((/** @type {any} */ t) => ({ value: tf.mul(t, 2), gradFunc: (/** @type {any} */ dy) => tf.mul(dy, 2) }))(input);
    }
  }
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'ones' }), new Doubled({}) ] });
  const squared = (/** @type {any} */ t, /** @type {any} */ p) => tf.mean(tf.square(tf.sub(t, p)), -1);
  model.compile({ optimizer: tf.train.sgd(0.1), loss: squared, metrics: [function distance(/** @type {any} */ t, /** @type {any} */ p) { return tf.abs(tf.sub(t, p)); }] });
  assert.deepEqual(model.metricsNames, ['loss', 'distance']);
  // w = 1, x = 1, y = 0: loss = (2w)^2 + w^2 = 5; its gradient is 10w
  assertNear(await model.trainOnBatch(tf.tensor2d([[1]]), tf.tensor2d([[0]])), [5, 2]);
  assertNear([model.getWeights()[0].dataSync()[0]], [0], 1e-6);
  const own = classifier();
  own.addLoss(() => tf.scalar(3));
  own.compile({ optimizer: 'sgd' });
  assertNear([await own.testOnBatch(x)], [3]);
});

test('an optimizer written as TensorFlow.js has them trains a model', async () => {
  class Descent extends tf.Optimizer {
    static className = 'DescentByHand';
    applyGradients(/** @type {any} */ gradients) {
      for (const { name, tensor } of gradients) {
        const variable = /** @type {any} */ (tf.engine().registeredVariables[name]);
        tf.tidy(() => variable.assign(tf.sub(variable, tf.mul(tensor, 0.1))));
      }
    }
  }
  const [by, model] = [classifier(), classifier()];
  by.compile({ ...COMPILE, optimizer: new Descent() });
  model.compile({ ...COMPILE, optimizer: tf.train.sgd(0.1) });
  for (let step = 0; step < 3; step++) assertNear(await by.trainOnBatch(x, y), await model.trainOnBatch(x, y));
  await by.fit(x, y, { epochs: 1, verbose: 0 });
});

test('what is not trainable stays; compile decides what is', async () => {
  const model = classifier();
  model.layers[0].trainable = false;
  model.compile(COMPILE);
  const before = model.getWeights().map(weight => [...weight.dataSync()]);
  const names = model.weights.map(({ name }) => name);
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  const after = Object.fromEntries(model.weights.map(({ name }, i) => [name, [...model.getWeights()[i].dataSync()]]));
  const changed = names.filter((name, i) => before[i].some((value, k) => value !== after[name][k]));
  assert.deepEqual(changed.sort(), model.layers[1].weights.map(({ name }) => name).sort());
  model.layers[0].trainable = true;
  model.compile(COMPILE);
  const kernel = [...model.layers[0].getWeights()[0].dataSync()];
  await model.fit(x, y, { epochs: 1, verbose: 0 });
  assert.notDeepEqual([...model.layers[0].getWeights()[0].dataSync()], kernel);
});

test('several inputs and outputs, in order or by name, with weights of samples', async () => {
  const [a, b] = [tf.input({ shape: [4], name: 'first' }), tf.input({ shape: [2], name: 'second' })];
  const joined = /** @type {any} */ (tf.layers.concatenate().apply([a, b]));
  const model = tf.model({ inputs: [a, b], outputs: [
    /** @type {any} */ (tf.layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(joined)), /** @type {any} */ (tf.layers.dense({ units: 1, name: 'size' }).apply(joined))] });
  const second = draw(3, [20, 2], 'real');
  const size = draw(4, [20], 'real');
  model.compile({ optimizer: 'sgd', loss: { kind: 'categoricalCrossentropy', size: 'meanSquaredError' }, metrics: { kind: 'acc' }, lossWeights: { size: 0.5 } });
  assert.deepEqual(model.metricsNames, ['loss', 'kind_loss', 'size_loss', 'kind_acc']);
  const [total, kind, own] = await model.testOnBatch([x, second], [y, size]);
  assertNear([total], [kind + 0.5 * own]);
  assert.deepEqual(await model.testOnBatch({ second, first: x }, { size, kind: y }), await model.testOnBatch([x, second], [y, size]));
  const ones = tf.ones([20]);
  const zeros = tf.zeros([20]);
  const weighted = await model.testOnBatch([x, second], [y, size], { sampleWeight: { kind: ones, size: zeros }, returnDict: true });
  assertNear([weighted.loss, weighted.size_loss], [kind, 0]);
  const history = await model.fit({ first: x, second }, { kind: y, size }, { epochs: 2, verbose: 0, shuffle: 'batch', classWeight: { kind: { 0: 2 } } });
  assert.deepEqual(Object.keys(history.history), ['loss', 'kind_loss', 'size_loss', 'kind_acc']);
});

test('a stateful recurrent layer goes on from batch to batch', async () => {
  const model = tf.sequential({ layers: [tf.layers.lstm({ units: 3, stateful: true, batchInputShape: [4, 5, 2] }), tf.layers.dense({ units: 1 })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const [xs, ys] = [draw(5, [8, 5, 2], 'real'), draw(6, [8, 1], 'real')];
  const first = await model.testOnBatch(tf.slice(xs, 0, 4), tf.slice(ys, 0, 4));
  assert.notEqual(await model.testOnBatch(tf.slice(xs, 0, 4), tf.slice(ys, 0, 4)), first);
  model.resetStates();
  assert.equal(await model.testOnBatch(tf.slice(xs, 0, 4), tf.slice(ys, 0, 4)), first);
  await model.fit(xs, ys, { batchSize: 4, epochs: 2, shuffle: false, verbose: 0 });
  await assert.rejects(model.fit(tf.slice(xs, 0, 6), tf.slice(ys, 0, 6), { batchSize: 4, verbose: 0 }), /In a stateful network, you should only pass inputs with a number of samples/);
});

test('evaluate with callbacks rejects what it cannot do, and keeps no tensors', async () => {
  const model = tf.sequential({ layers: [tf.layers.simpleRNN({ units: 2, stateful: true, batchInputShape: [4, 5, 2] }), tf.layers.dense({ units: 1 })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const [xs, ys] = [draw(5, [6, 5, 2], 'real'), draw(6, [6, 1], 'real')];
  const before = tf.memory().numTensors;
  await assert.rejects(model.evaluate(xs, ys, { batchSize: 4, callbacks: {} }), /In a stateful network, you should only pass inputs with a number of samples/);
  await assert.rejects(model.evaluate(xs, ys, { batchSize: 3, callbacks: 5 }), /callbacks: expected instances of tf.Callback or objects of hooks, but got 5/);
  assert.equal(tf.memory().numTensors, before);
});

test('mistakes are told as TensorFlow.js and Keras tell them', async () => {
  const model = classifier();
  const bad = (/** @type {any} */ args) => model.fit(x, y, { verbose: 0, ...args });
  await assert.rejects(model.fit(x, y), /You must compile a model before training\/testing. Use LayersModel.compile\(modelCompileConfig\)./);
  assert.throws(() => model.evaluate(x, y), /You must compile a model before training\/testing/);
  assert.throws(() => model.compile({ ...COMPILE, loss: { other: 'mse' } }), /Unknown entry in loss dictionary: "other". Only expected the following keys: dense_Dense\d+/);
  assert.throws(() => model.compile({ ...COMPILE, loss: ['mse', 'mse'] }), /When passing an Array as loss, it should have one entry per model output. The model has 1 output\(s\)/);
  assert.throws(() => model.compile({ ...COMPILE, optimizer: 'fastest' }), /Unknown Optimizer fastest/);
  assert.throws(() => model.compile({ ...COMPILE, lossWeights: [1, 2] }), /`lossWeights` must match the number of losses/);
  assert.throws(() => tf.sequential().compile(COMPILE), /Sequential model cannot be built: model is empty. Add some layers first./);
  model.compile(COMPILE);
  await assert.rejects(bad({ batchSize: 0 }), /batchSize is required to be a positive integer, but got 0/);
  await assert.rejects(bad({ validationSplit: 1.5 }), /`validationSplit` must be a number between 0 and 1/);
  await assert.rejects(bad({ validationSplit: 0.999 }), /Training data contains 20 samples, which is not sufficient to split it/);
  await assert.rejects(bad({ validationData: [1, 2, 3, 4] }), /When passing validation data, it must contain 2 \(valX, valY\) or 3/);
  await assert.rejects(bad({ sampleWeight: tf.ones([3]) }), /sampleWeight should have one weight a sample. Found 20 input sample\(s\)/);
  await assert.rejects(bad({ shuffle: 'all' }), /shuffle is expected to be true, false or 'batch'/);
  await assert.rejects(bad({ validationFreq: 0 }), /Expected `validationFreq` to be a positive integer/);
  await assert.rejects(model.fit(x, tf.slice(y, 0, 7), { verbose: 0 }), /Input Tensors should have the same number of samples as target Tensors. Found 20 input sample\(s\) and 7 target sample\(s\)./);
  await assert.rejects(model.fit(tf.ones([20, 5]), y, { verbose: 0 }), /expected .* to have shape \[null,4\] but got array with shape \[20,5\]/);
  await assert.rejects(model.fit(x, tf.ones([20, 4]), { verbose: 0 }), /A target Tensor with shape 20,4 was passed for an output of shape ,3/);
  await assert.rejects(model.fit(x, tf.ones([20, 1]), { verbose: 0 }), /You are passing a target array of shape 20,1 while using a loss 'categorical_crossentropy'/);
  await assert.rejects(model.fitDataset({ async iterator() {} }, /** @type {any} */ ({ epochs: 0 })), /For fitDataset\(\), config.epochs is expected to be a positive integer, but got 0/);
  await assert.rejects(model.fit(function* () { yield 3; }, undefined, { verbose: 0 }), /A Dataset iterator for fitDataset\(\) is expected to generate objects of the form/);
  for (const name of ['constructor', 'toString', '__proto__']) {
    const described = { class_name: name, config: { name: 'own' } };
    for (const metric of [name, described]) {
      model.compile({ ...COMPILE, metrics: [metric] });
      await assert.rejects(model.trainOnBatch(x, y), new RegExp(`Unknown metric ${name}`));
    }
    for (const loss of [name, described]) {
      model.compile({ ...COMPILE, loss });
      await assert.rejects(model.trainOnBatch(x, y), new RegExp(`Unknown loss ${name}`));
    }
    assert.throws(() => new tf.metrics.BinaryAccuracy({ [name]: 1, other: 1 }), /BinaryAccuracy: unknown option/);
    assert.throws(() => tf.train.adam(/** @type {any} */ ({ [name === '__proto__' ? 'valueOf' : name]: 1 })), /argument\(s\) not recognized: (constructor|toString|valueOf)/);
  }
  model.compile({ ...COMPILE, loss: (/** @type {any} */ _, /** @type {any} */ p) => tf.scalar(p.dataSync()[0]) });
  await assert.rejects(model.trainOnBatch(x, y), /A training step is traced once: layers, losses and metrics are to be made of ops/);
  const silent = classifier();
  silent.compile({ optimizer: 'sgd', loss: null });
  await assert.rejects(silent.trainOnBatch(x), /No loss to compute. Provide a `loss` argument in `compile\(\)`./);
});

test('a file of Keras says how its model is compiled', async () => {
  const model = classifier();
  const artifacts = await artifactsOf(model, {});
  const wrapped = { class_name: 'MeanMetricWrapper', config: { name: 'acc', dtype: 'float32', fn: 'categorical_accuracy' } };
  artifacts.modelTopology = { ...artifacts.modelTopology, training_config: {
    loss: { class_name: 'CategoricalCrossentropy', config: { reduction: 'sum', name: 'mine', from_logits: false, label_smoothing: 0.1 } }, metrics: [[wrapped]],
    weighted_metrics: null, loss_weights: null, optimizer_config: { class_name: 'Adam', config: { name: 'Adam', learning_rate: 0.02, beta_1: 0.8, amsgrad: true } } } };
  const before = tf.memory().numTensors;
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  assert.equal(tf.memory().numTensors - before, 4);
  assert.deepEqual(loaded.metricsNames, ['loss', 'acc']);
  assert.deepEqual([loaded.optimizer.learningRate, loaded.optimizer.beta1, loaded.optimizer.amsgrad], [0.02, 0.8, true]);
  model.compile({ optimizer: tf.train.adam(0.02, 0.8, 0.999, null, { amsgrad: true }), loss: new tf.losses.CategoricalCrossentropy({ reduction: 'sum', labelSmoothing: 0.1 }), metrics: ['acc'] });
  for (let step = 0; step < 2; step++) assert.deepEqual(await loaded.trainOnBatch(x, y), await model.trainOnBatch(x, y));
});

test('dispose gives all back: weights, metrics, the optimizer that compile has made', async () => {
  const before = tf.memory().numTensors;
  const model = classifier();
  model.compile(COMPILE);
  await model.fit(x, y, { epochs: 2, verbose: 0, validationSplit: 0.5 });
  model.compile({ ...COMPILE, optimizer: 'rmsprop', metrics: ['AUC', 'Precision'] });
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  model.dispose();
  assert.equal(tf.memory().numTensors, before);
});
