/** Losses against Keras 3: values, gradients, configs; names and misuse. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { Program } from '../../../js/src/core/program.js';
import { assertClose } from '../close.js';

const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };
const cases = JSON.parse(readFileSync(new URL('../../golden/training/losses.json', import.meta.url), 'utf8'));

/** @param {{values: number[], shape: number[], dtype: any} | undefined} array */
const tensorOf = array => (array === undefined ? null : tf.tensor(array.values, array.shape, array.dtype));

/** As a golden writes a number: the shortest that reads as the same. @param {any} value */
const isWritten = value => JSON.parse(JSON.stringify(value));

/** A loss of an activation as training traces it, and its sum. */
const traced = (loss, activation, yTrue, yPred, weights, mask) => Program.trace([{ shape: yPred.shape, dtype: 'float32' }], x => {
  const value = loss.compute(yTrue, activation === undefined ? x : tf[activation](x), weights, mask);
  return [value, tf.sum(value)];
});

/** A loss in a program for any number of samples. @param {any} loss @param {string | undefined} activation @param {any[]} tensors */
function ofAnyBatch(loss, activation, tensors) {
  const given = tensors.filter(tensor => tensor !== null);
  return Program.trace(given.map(({ shape, dtype }) => ({ shape: [null, ...shape.slice(1)], dtype })), (...symbols) => {
    const [yTrue, x, ...rest] = tensors.map(tensor => (tensor === null ? null : symbols.shift()));
    return [loss.compute(yTrue, activation === undefined ? x : tf[activation](x), ...rest)];
  }).run(given)[0];
}

for (const name of new Set(cases.map(golden => golden.loss))) {
  test(`${name}: values and gradients are Keras's`, () => {
    cases.filter(golden => golden.loss === name).forEach((golden, i) => {
      const what = `${name} ${i} ${JSON.stringify(golden.config)}`;
      const loss = tf.losses.get({ class_name: name, config: golden.config });
      const [yTrue, yPred, weights, mask] = [golden.yTrue, golden.yPred, golden.sampleWeight, golden.mask].map(tensorOf);
      const program = traced(loss, golden.activation, yTrue, yPred, weights, mask);
      const values = [program.run([yPred])[0]];
      values.push(ofAnyBatch(loss, golden.activation, [yTrue, yPred, weights, mask]));
      // a softmax that has run is gone: only a program sees what is behind it
      if (golden.activation === undefined) values.push(loss.compute(yTrue, yPred, weights, mask));
      for (const value of values) {
        assert.deepEqual(value.shape, golden.value.shape, what);
        assertClose(value.dataSync(), golden.value.values, TOLERANCE, what);
      }
      const [gradient] = program.gradient([false, true]).run([yPred, tf.scalar(1)]);
      assertClose(gradient.dataSync(), golden.gradient.values, { relative: 2e-5, absolute: 2e-6 }, `${what}, gradient`);
    });
  });

  test(`${name}: its config is Keras's`, () => {
    for (const { config, written } of cases.filter(golden => golden.loss === name)) {
      const made = tf.losses.get({ class_name: name, config });
      // what Keras leaves out of a config, and reads all the same, is there
      assert.deepEqual(isWritten(tf.losses.serialize(made)), { ...written, config: { ...config, ...written.config } });
      assert.deepEqual(isWritten(tf.losses.serialize(tf.losses.get(written))), written);
    }
  });
}

test('one loss has the names of Keras and of TensorFlow.js', () => {
  const names = ['mse', 'MSE', 'mean_squared_error', 'meanSquaredError', 'MeanSquaredError'];
  assert.deepEqual(names.map(name => tf.losses.get(name).getClassName()), Array(5).fill('MeanSquaredError'));
  assert.equal(tf.losses.get('mse').name, 'mse');
  for (const name of ['cosineProximity', 'kullbackLeiblerDivergence', 'logcosh', 'huber', 'ctc', 'KLD']) assert.ok(tf.losses.get(name));
  assert.equal(tf.losses.get(null), null);
});

test("'crossentropy' is chosen by shapes", () => {
  const chosen = [[[null, 1], [null, 1]], [[null], [null, 3]], [[null, 1], [null, 3]], [[null, 3], [null, 3]]]
    .map(shapes => tf.losses.get('crossentropy', ...shapes).getClassName());
  const sparse = 'SparseCategoricalCrossentropy';
  assert.deepEqual(chosen, ['BinaryCrossentropy', sparse, sparse, 'CategoricalCrossentropy']);
  assert.throws(() => tf.losses.get('ce'), /chosen by the shapes/);
});

test('configs of Keras 2 are read', () => {
  const config = { reduction: 'auto', name: 'bce', from_logits: true, label_smoothing: 0.2, axis: -1, fn: 'binary_crossentropy' };
  const loss = tf.losses.get({ class_name: 'BinaryCrossentropy', config });
  assert.equal(loss.reduction, 'sum_over_batch_size');
  assert.equal(loss.getConfig().labelSmoothing, 0.2);
  const wrapped = { class_name: 'LossFunctionWrapper', config: { reduction: 'sum', name: 'mse', fn: 'mean_squared_error' } };
  assert.equal(tf.losses.get(wrapped).getClassName(), 'MeanSquaredError');
});

test('functions and classes of JavaScript are losses', () => {
  const cube = (yTrue, yPred) => tf.mean(tf.pow(tf.abs(tf.sub(yPred, yTrue)), 3), -1);
  const loss = tf.losses.get(cube);
  assert.equal(loss.name, 'cube');
  assertClose(loss.compute([[0, 1], [2, 3]], [[1, 1], [0, 3]], [1, 0.5]).dataSync(), [1.25], TOLERANCE);
  class Absolute extends tf.losses.Loss {
    static className = 'Absolute';

    call(yTrue, yPred) {
      return tf.sum(tf.abs(tf.sub(yTrue, yPred)), -1);
    }
  }
  tf.serialization.registerClass(Absolute);
  const absolute = tf.losses.get({ class_name: 'Absolute', config: { name: 'far', reduction: 'sum' } });
  assert.equal(absolute.name, 'far');
  assertClose(absolute.compute([[1, 2]], [[3, 0]]).dataSync(), [4], TOLERANCE);
});

test('what is wrong is named', () => {
  assert.throws(() => tf.losses.get('nonsense'), /Unknown loss nonsense/);
  assert.throws(() => tf.losses.get('softmaxCrossEntropy'), /Use "categoricalCrossentropy"/);
  assert.throws(() => new tf.losses.Huber({ delta: 1, from_logits: true }), /Huber: unknown option from_logits, expected one of delta/);
  assert.throws(() => new tf.losses.Hinge({ reduction: 'median' }), /Received: reduction=median/);
  assert.throws(() => new tf.losses.CategoricalGeneralizedCrossEntropy({ q: 1 }), /q must be in the interval/);
  assert.throws(() => tf.losses.get('categorical_crossentropy').compute([[1, 0]], [[1, 0, 0]]), /must have the same shape/);
  const sparse = tf.losses.get('sparse_categorical_crossentropy');
  assert.throws(() => sparse.compute([0, 1], [[1, 0, 0]]), /the same shape up until the last dimension/);
});

test('an eager loss leaves one tensor behind', () => {
  const loss = new tf.losses.SparseCategoricalCrossentropy({ ignoreClass: 0 });
  const [yTrue, yPred] = [tf.tensor1d([0, 1], 'int32'), tf.tensor2d([[0.5, 0.5], [0.2, 0.8]])];
  const before = tf.memory().numTensors;
  const value = loss.compute(yTrue, yPred);
  assert.equal(tf.memory().numTensors, before + 1);
  value.dispose();
});

test('a layer whose activation is a softmax shows what is behind it', () => {
  const input = tf.input({ shape: [3] });
  const model = tf.model({ inputs: input, outputs: tf.layers.activation({ activation: 'softmax' }).apply(input) });
  const losses = { categoricalCrossentropy: [[0, 1, 0]], sparseCategoricalCrossentropy: [[1]] };
  for (const [loss, label] of Object.entries(losses)) {
    model.compile({ optimizer: 'sgd', loss });
    assertClose(model.evaluate(tf.tensor2d([[40, 0, 0]]), tf.tensor2d(label)).dataSync(), [40], TOLERANCE);
  }
});
