/** Metrics against Keras 3: results after each batch, state, configs; names and misuse; TensorFlow.js's functions. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Program } from '../../../js/src/core/program.js';
import * as tf from '../../../js/src/index.js';
import { assertClose } from '../close.js';
import { tfjs } from '../tfjs.js';

const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };
/** States are sums of weights, some of them differences of sums. */
const STATE_TOLERANCE = { relative: 1e-5, absolute: 5e-6 };
const cases = JSON.parse(readFileSync(new URL('../../golden/training/metrics.json', import.meta.url), 'utf8'));

/** @param {{values: number[], shape: number[], dtype: any} | undefined} array */
const tensorOf = array => (array === undefined ? null : tf.tensor(array.values, array.shape, array.dtype));

/** As a golden writes a number: the shortest that reads as the same. @param {any} value */
const isWritten = value => JSON.parse(JSON.stringify(value));

/** What updateState takes of a recorded batch. @param {any} batch */
function argumentsOf(batch) {
  const { yTrue, yPred, sampleWeight, mask } = batch;
  return (yPred === undefined ? [yTrue, sampleWeight] : [yTrue, yPred, sampleWeight, mask]).map(tensorOf);
}

/**
 * An update and its result as one program, as training makes it.
 * @param {any} metric @param {any[]} tensors @param {boolean} [isAny] for any number of samples
 */
function tracedUpdate(metric, tensors, isAny = false) {
  const given = tensors.filter(tensor => tensor !== null);
  const typeOf = ({ shape, dtype }) => ({ shape: isAny && shape.length > 0 ? [null, ...shape.slice(1)] : shape, dtype });
  const program = Program.trace(given.map(typeOf), (...symbols) => {
    metric.updateState(...tensors.map(tensor => (tensor === null ? null : symbols.shift())));
    return [metric.result()];
  });
  return program.run(given)[0];
}

/** @param {any} golden @param {(metric: any, tensors: any[], i: number) => any} update its result after a batch */
function follow(golden, update) {
  const what = `${golden.metric} ${JSON.stringify(golden.config)}`;
  const metric = tf.metrics.get({ class_name: golden.metric, config: golden.config });
  golden.batches.forEach((batch, i) => {
    const result = update(metric, argumentsOf(batch), i);
    assert.deepEqual(result.shape, golden.results[i].shape, what);
    assertClose(result.dataSync(), golden.results[i].values, TOLERANCE, `${what}, batch ${i}`);
  });
  assert.deepEqual(metric.variables.map(variable => variable.shape), golden.state.map(({ shape }) => shape), what);
  metric.variables.forEach((variable, i) => {
    const { values, sum } = golden.state[i];
    const found = variable.dataSync();
    assertClose(values === undefined ? [found.reduce((a, b) => a + b, 0)] : found, values ?? [sum], STATE_TOLERANCE, `${what}, state ${i}`);
  });
  return metric;
}

for (const name of new Set(cases.map(golden => golden.metric))) {
  const mine = cases.filter(golden => golden.metric === name);

  test(`${name}: results and state are Keras's, batch by batch`, () => {
    for (const golden of mine) {
      const metric = follow(golden, (made, tensors) => {
        made.updateState(...tensors);
        return made.result();
      });
      metric.resetState();
      assert.ok(metric.variables.every(variable => variable.dataSync().every(value => value === 0)), `${name}: reset`);
    }
  });

  test(`${name}: traced into a program, it is the same`, () => {
    for (const golden of mine) follow(golden, (metric, tensors, i) => tracedUpdate(metric, tensors, i === 1));
  });

  test(`${name}: its config is Keras's`, () => {
    for (const { config, written } of mine) {
      const made = tf.metrics.get({ class_name: name, config: { ...config, name: written.config.name } });
      // what Keras leaves out of a config, and reads all the same, is there
      assert.deepEqual(isWritten(tf.metrics.serialize(made)), { ...written, config: { ...config, ...written.config } });
      assert.deepEqual(isWritten(tf.metrics.serialize(tf.metrics.get(written))), written);
    }
  });
}

test('one metric has the names of Keras and of TensorFlow.js', () => {
  const named = name => tf.metrics.get(name, [null, 4], [null, 4]);
  const names = ['mse', 'MSE', 'mean_squared_error', 'meanSquaredError', 'MeanSquaredError'];
  assert.deepEqual(names.map(name => named(name).getClassName()), Array(5).fill('MeanSquaredError'));
  assert.equal(named('meanAbsoluteError').name, 'meanAbsoluteError');
  assert.deepEqual(['auc', 'AUC', 'mean_io_u'].map(name => tf.metrics.get(name === 'mean_io_u'
    ? { class_name: 'MeanIoU', config: { num_classes: 2 } } : name).getClassName()), ['AUC', 'AUC', 'MeanIoU']);
  const others = ['precision', 'recall', 'f1_score', 'fbeta_score', 'r2_score', 'r2Score', 'topKCategoricalAccuracy', 'kld'];
  for (const name of others) assert.equal(named(name).name, name);
  assert.match(new tf.metrics.AUC().name, /^auc/);
});

test("'accuracy' and 'crossentropy' are chosen by shapes", () => {
  const shapes = [[[null, 1], [null, 1]], [[null], [null, 3]], [[null, 1], [null, 3]], [[null, 3], [null, 3]]];
  const kinds = ['Binary', 'SparseCategorical', 'SparseCategorical', 'Categorical'];
  for (const [name, suffix] of [['accuracy', 'Accuracy'], ['acc', 'Accuracy'], ['ce', 'Crossentropy']]) {
    const made = shapes.map(([yTrue, yPred]) => tf.metrics.get(name, yTrue, yPred));
    assert.deepEqual(made.map(metric => metric.getClassName()), kinds.map(kind => kind + suffix));
    assert.ok(made.every(metric => metric.name === name));
  }
  assert.throws(() => tf.metrics.get('accuracy'), /chosen by the shapes/);
});

test('cosineProximity falls as in TensorFlow.js, CosineSimilarity grows as in Keras', () => {
  const batch = [[[1, 0], [0, 2]], [[3, 0], [1, 1]]];
  const results = ['cosineProximity', 'CosineSimilarity'].map(name => {
    const metric = tf.metrics.get(name);
    metric.updateState(...batch);
    return metric.result().dataSync()[0];
  });
  assertClose(results, [-(1 + Math.SQRT1_2) / 2, (1 + Math.SQRT1_2) / 2], TOLERANCE);
});

test('configs of Keras 2 are read', () => {
  const config = { name: 'acc', dtype: 'float32', fn: 'sparse_categorical_accuracy' };
  const metric = tf.metrics.get({ class_name: 'MeanMetricWrapper', config });
  assert.deepEqual([metric.getClassName(), metric.name], ['SparseCategoricalAccuracy', 'acc']);
  const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
  assert.equal(tf.metrics.get({ class_name: 'Mean', config: { name: 'loss', dtype: policy } }).dtype, 'float32');
});

test('functions and classes of JavaScript are metrics', () => {
  const largest = (yTrue, yPred) => tf.max(tf.abs(tf.sub(yPred, yTrue)), -1);
  const metric = tf.metrics.get(largest);
  assert.equal(metric.name, 'largest');
  metric.updateState([[0, 1], [2, 3]], [[1, 1], [0, 0]], [3, 1]);
  assertClose(metric.result().dataSync(), [1.5], TOLERANCE);
  class Positives extends tf.metrics.Metric {
    static className = 'Positives';
    count = this.addVariable('count');

    update(yTrue, yPred) {
      const found = tf.sum(tf.cast(tf.greater(yPred, 0.5), 'float32'));
      this.assignAdd(this.count, found);
    }

    compute() {
      return this.read(this.count);
    }
  }
  tf.serialization.registerClass(Positives);
  const made = tf.metrics.get({ class_name: 'Positives', config: { name: 'mine' } });
  const batch = [[1, 0, 1], [0.7, 0.8, 0.1]].map(values => tf.tensor1d(values));
  made.updateState(...batch);
  assertClose(tracedUpdate(made, batch).dataSync(), [4], TOLERANCE);
});

test('what is wrong is named', () => {
  assert.throws(() => tf.metrics.get('nonsense'), /Unknown metric nonsense/);
  assert.throws(() => tf.metrics.get(null), /Could not interpret metric identifier: null/);
  assert.throws(() => new tf.metrics.Precision({ thresholds: [0.5, 1.5] }), /Threshold values must be in \[0, 1\]. Received: \[1.5\]/);
  assert.throws(() => new tf.metrics.AUC({ curve: 'roc curve' }), /Invalid AUC curve value: "roc curve"/);
  assert.throws(() => new tf.metrics.AUC({ num_thresholds: 3 }), /AUC: unknown option num_thresholds/);
  assert.throws(() => new tf.metrics.F1Score({ average: 'mean' }), /Received: average=mean/);
  assert.throws(() => new tf.metrics.MeanIoU(), /numClasses must be a positive integer/);
  assert.throws(() => new tf.metrics.IoU({ numClasses: 2, targetClassIds: [2] }), /Target class id 2 is out of range/);
  assert.throws(() => new tf.metrics.SensitivityAtSpecificity({ specificity: 2 }), /must be in the range \[0, 1\]/);
  assert.throws(() => new tf.metrics.R2Score().updateState([1, 2], [1, 2]), /R2Score expects 2D inputs/);
  assert.throws(() => new tf.metrics.F1Score().updateState([1, 0], [[0.1, 0.9], [0.3, 0.7]]), /y_true.shape=\[2\]/);
  assert.throws(() => new tf.metrics.Precision({ topK: 5 }).updateState([[1, 0]], [[0.2, 0.3]]), /topK must be in \[1, 2\]/);
});

test('an eager metric leaves no tensor behind but its result and its state', () => {
  const metric = new tf.metrics.AUC({ numThresholds: 5 });
  const before = tf.memory().numTensors;
  metric.updateState([0, 1, 1], [0.2, 0.4, 0.8]);
  const result = metric.result();
  assert.equal(tf.memory().numTensors, before + 1);
  result.dispose();
  metric.dispose();
  assert.equal(tf.memory().numTensors, before - metric.variables.length);
});

const MATRICES = [[[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]], [[0.8, 0.1, 0.1], [0.3, 0.4, 0.3], [0.5, 0.2, 0.3], [0.1, 0.9, 0]]];
const BITS = [[1, 0, 1, 1, 0, 0], [1, 1, 0, 1, 0, 1]];

/** Labels and predictions of each function of tf.metrics. @type {Record<string, any[]>} */
const BATCHES = {
  precision: BITS, recall: BITS, r2Score: [[1, 2, 3.5, 4], [1.5, 1.5, 3, 5]], sparseCategoricalAccuracy: [[0, 1, 2, 1], MATRICES[1]],
};

test('the functions of tf.metrics give what they give in TensorFlow.js', () => {
  const names = Object.keys(tfjs.metrics);
  assert.equal(names.length, 16);
  for (const name of names) {
    const batch = BATCHES[name] ?? MATRICES;
    const [mine, real] = [tf, tfjs].map(library => library.metrics[name](...batch.map(values => library.tensor(values))));
    assert.deepEqual([mine.shape, mine.dtype], [real.shape, real.dtype], name);
    assertClose(mine.dataSync(), real.dataSync(), { relative: 1e-5, absolute: 2e-6 }, name);
  }
});

test('trainOnBatch tells of its batch alone, with metrics whose state depends on shapes too', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })] });
  const auc = new tf.metrics.AUC({ multiLabel: true, numThresholds: 10 });
  const made = [new tf.metrics.F1Score({ average: 'macro' }), new tf.metrics.R2Score(), auc];
  model.compile({ optimizer: tf.train.sgd(0), loss: 'categoricalCrossentropy', metrics: made });
  const batches = [1, 2, 1].map(seed => tf.randomNormal([6, 4], 0, 1, 'float32', seed));
  const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3);
  const logs = [];
  for (const batch of batches) logs.push(await model.trainOnBatch(batch, labels));
  assert.deepEqual(logs[2], logs[0]);
  assert.notDeepEqual(logs[1], logs[0]);
});
