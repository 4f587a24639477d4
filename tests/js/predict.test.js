/** tf.LayersModel: inputs, batches, weights, structure, and what stays in memory. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { engine } from '../../js/src/core/engine.js';
import { assertClose, TOLERANCES } from './close.js';
import { goldenCases } from './golden.js';
import { smallModel, writeFiles } from './model_files.js';

/** A model of one Dense layer, 7 -> 3. @param {import('node:test').TestContext} t */
async function loadSmall(t) {
  const { json, shards } = smallModel();
  const model = await tf.loadLayersModel(join(writeFiles(t, { 'model.json': JSON.stringify(json), ...shards }), 'model.json'));
  t.after(() => model.dispose());
  return model;
}

/** @param {string} layer @param {string} name */
const loadGolden = (layer, name) => {
  const golden = goldenCases().find(entry => entry.layer === layer && entry.case === name);
  assert.ok(golden, `${layer}/${name} is a golden model`);
  return tf.loadLayersModel(golden.path);
};

const samples = (/** @type {number} */ count) => tf.tidy(() => tf.linspace(-1, 1, count * 7).reshape([count, 7]));

test('any batch size gives the same, on this thread and off it', async t => {
  const model = await loadSmall(t);
  const x = samples(70);
  const whole = /** @type {tf.Tensor} */ (model.predictOnBatch(x));
  const before = tf.memory();
  for (const batchSize of [1, 7, 32, 69, 70, 1000]) {
    for (const y of [model.predict(x, { batchSize }), await model.predictAsync(x, { batchSize })].flat()) {
      assert.deepEqual(y.shape, [70, 3]);
      assertClose(y.dataSync(), whole.dataSync(), TOLERANCES.op, `batchSize ${batchSize}`);
      y.dispose();
    }
    assert.deepEqual(tf.memory(), before);
  }
  for (const batchSize of [0, -1, 1.5, NaN]) {
    assert.throws(() => model.predict(x, { batchSize }), { message: `batchSize is required to be a positive integer, but got ${batchSize}` });
    await assert.rejects(model.predictAsync(x, { batchSize }), { code: 'INVALID_ARGUMENT' });
  }
});

test('inputs: a tensor, an array, a map, numbers, other dtypes', async t => {
  const model = await loadSmall(t);
  const x = samples(2);
  const expected = /** @type {tf.Tensor} */ (model.predict(x)).arraySync();
  for (const input of [[x], { [model.inputNames[0]]: x }, [x.arraySync()]]) assert.deepEqual(/** @type {tf.Tensor} */ (model.predict(/** @type {any} */ (input))).arraySync(), expected);
  const whole = tf.tensor2d([[1, 2, 3, 4, 5, 6, 7]], [1, 7], 'int32');
  assert.deepEqual(/** @type {tf.Tensor} */ (model.predict(whole)).arraySync(), /** @type {tf.Tensor} */ (model.predict(whole.cast('float32'))).arraySync());
  assert.equal(/** @type {tf.Tensor} */ (model.apply(x)).shape[0], 2);
});

test('inputs that do not fit are refused, and leave nothing behind', async t => {
  const model = await loadSmall(t);
  const [input] = model.inputNames;
  const x = samples(2);
  const before = tf.memory();
  const cases = /** @type {[any, RegExp][]} */ ([
    [() => tf.ones([2, 4]), new RegExp(`^Error when checking : expected ${input} to have shape \\[null,7\\] but got array with shape \\[2,4\\]\\.$`)],
    [() => tf.ones([2, 7, 1]), new RegExp(`^Error when checking : expected ${input} to have 2 dimension\\(s\\), but got array with shape \\[2,7,1\\]$`)],
    [() => [x, x], /Expected to see 1 Tensor\(s\), but instead got 2 Tensors\(s\)/],
    [() => ({ wrong: x }), new RegExp(`No data provided for "${input}". Need data for each key in: ${input}`)],
    [() => null, /must be a Tensor or TensorLike|INVALID|null/],
  ]);
  for (const [input_, message] of cases) tf.tidy(() => assert.throws(() => model.predict(input_()), { message }));
  await assert.rejects(model.predictAsync({}), /No data provided/);
  assert.deepEqual(tf.memory(), before);
});

test('weights are read, written, and counted', async t => {
  const before = tf.memory().numTensors;
  const model = await loadSmall(t);
  assert.equal(tf.memory().numTensors - before, 2);
  assert.deepEqual(model.weights.map(weight => [weight.originalName, weight.shape, weight.dtype, weight.trainable]),
    [['dense/kernel', [7, 3], 'float32', true], ['dense/bias', [3], 'float32', true]]);
  assert.equal(model.countParams(), 24);
  const x = samples(2);
  const [kernel, bias] = model.getWeights();
  const copy = bias.clone();
  const old = copy.arraySync();
  model.setWeights([tf.zeros([7, 3]), tf.tensor1d([1, 2, 3])]);
  assert.deepEqual(/** @type {tf.Tensor} */ (model.predict(x)).arraySync(), [[1, 2, 3], [1, 2, 3]]);
  assert.deepEqual([bias.arraySync(), copy.arraySync()], [[1, 2, 3], old], 'a weight changes, its clone does not');
  model.getLayer('dense').setWeights([tf.zeros([7, 3]), tf.tensor1d([4, 5, 6])]);
  assert.deepEqual(/** @type {tf.Tensor} */ (model.predict(x)).arraySync(), [[4, 5, 6], [4, 5, 6]]);
  model.weights[1].write(tf.tensor1d([7, 8, 9]));
  assert.deepEqual(/** @type {tf.Tensor} */ (model.predict(x)).arraySync(), [[7, 8, 9], [7, 8, 9]]);
  assert.throws(() => model.setWeights([kernel]), { message: /^You called setWeights\(weights\) on layer ".*" with a weight list of length 1, but the layer was expecting 2 weights/ });
  assert.throws(() => model.setWeights([tf.zeros([7, 3]), tf.zeros([4])]), { message: 'Layer weight shape 3 not compatible with provided weight shape 4' });
  assert.deepEqual(model.getWeights()[1].arraySync(), [7, 8, 9]);
});

test('layers are found by name and index', async t => {
  const model = await loadSmall(t);
  const dense = model.getLayer('dense');
  assert.equal(dense, model.getLayer(/** @type {any} */ (undefined), 1));
  assert.equal(dense, model.getLayer(1));
  assert.deepEqual([dense.name, dense.getClassName(), dense.inputShape, dense.outputShape, dense.countParams()], ['dense', 'Dense', [null, 7], [null, 3], 24]);
  const { units, activation, useBias, kernelInitializer } = dense.getConfig();
  assert.deepEqual([units, activation, useBias, kernelInitializer.className], [3, 'relu', true, 'VarianceScaling']);
  assert.throws(() => model.getLayer('nobody'), { code: 'NOT_FOUND', message: 'No such layer: nobody' });
  assert.throws(() => model.getLayer(9), { message: 'Was asked to retrieve layer at index 9, but model only has 2 layer(s).' });
  assert.deepEqual([model.inputs[0].shape, model.outputs[0].shape, model.outputs[0].dtype], [[null, 7], [null, 3], 'float32']);
});

test('a disposed model says so', async t => {
  const { json, shards } = smallModel();
  const model = await tf.loadLayersModel(join(writeFiles(t, { 'model.json': JSON.stringify(json), ...shards }), 'model.json'));
  assert.deepEqual(model.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 2 });
  const expected = { code: 'DISPOSED', message: `Container '${model.name}' is already disposed.` };
  tf.tidy(() => {
    assert.throws(() => model.predict(samples(1)), expected);
    assert.throws(() => model.dispose(), expected);
  });
  const x = samples(1);
  await assert.rejects(model.predictAsync(x), expected);
  x.dispose();
});

test('inputs may be disposed while a prediction is under way', async t => {
  const model = await loadSmall(t);
  const x = samples(40);
  const expected = /** @type {tf.Tensor} */ (model.predict(x)).dataSync();
  const predictions = Array.from({ length: 10 }, () => model.predictAsync(x));
  x.dispose();
  for (const y of await Promise.all(predictions)) assertClose(/** @type {tf.Tensor} */ (y).dataSync(), expected, TOLERANCES.op);
});

for (const [layer, name] of [['Sequential', 'k2_cnn'], ['LSTM', 'k2_dropout']]) {
  test(`10,000 predictions leave memory as it was: ${layer}`, async t => {
    const model = await loadGolden(layer, name);
    t.after(() => model.dispose());
    const inputs = model.inputs.map(input => tf.ones(input.shape.map((dimension, i) => dimension ?? (i === 0 ? 2 : 5)), input.dtype));
    const predict = () => tf.tidy(() => { [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat()[0].dataSync(); });
    const bytesInUse = () => JSON.parse(engine.native.memory()).bytesInUse;
    for (let i = 0; i < 100; i++) predict();
    bytesInUse(); // The library keeps its last answer: from here on it is as long as the next one.
    const [counted, used] = [tf.memory(), bytesInUse()];
    for (let i = 0; i < 10000; i++) predict();
    assert.deepEqual(tf.memory(), counted);
    assert.equal(bytesInUse(), used);
  });
}
