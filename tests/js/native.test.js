/** The boundary to the native library: hostile arguments, calls from within calls, and what queued work leaves to others. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../js/src/index.js';
import { engine } from '../../js/src/core/engine.js';

const { native } = engine;
const layer = (/** @type {string} */ class_name, /** @type {object} */ config) => ({ class_name, config });
/** @param {object[]} layers @param {object[]} [weights] @param {ArrayBuffer} [weightData] */
const sequential = (layers, weights = [], weightData = new ArrayBuffer(0)) => tf.loadLayersModel(tf.io.fromMemory({
  modelTopology: { class_name: 'Sequential', config: { name: 'made', layers } }, weightSpecs: /** @type {any} */ (weights), weightData,
}));

test('required text is text; settings may be missing', () => {
  const x = tf.scalar(-2);
  const wrong = { name: 'TypeError', code: 'INVALID_ARGUMENT' };
  for (const none of [null, undefined, 1]) {
    assert.throws(() => native.op(/** @type {any} */ (none), null, [x.handle]), wrong);
    assert.throws(() => native.modelLoad(/** @type {any} */ (none), null, null), wrong);
  }
  const [y] = native.op('Abs', null, [x.handle]);
  native.tensorRelease(y);
  x.dispose();
});

test('an argument whose getter calls the same context', () => {
  const x = tf.scalar(-2);
  const inputs = [0];
  Object.defineProperty(inputs, 0, { get: () => JSON.parse(native.memory()).numTensors && x.handle });
  const [y] = native.op('Abs', null, inputs);
  const values = new Float32Array(1);
  native.tensorRead(y, values);
  assert.equal(values[0], 2);
  native.tensorRelease(y);
  x.dispose();
});

// WebAssembly predicts on this very thread
if (tf.backendInfo().target === 'node') {
  test('predictions that wait leave the thread pool to files', async () => {
    const model = await sequential([
      layer('Conv2D', { name: 'conv', filters: 32, kernel_size: [5, 5], padding: 'same', use_bias: false, batch_input_shape: [null, 192, 192, 16] }),
    ], [{ name: 'conv/kernel', shape: [5, 5, 16, 32], dtype: 'float32' }], new ArrayBuffer(5 * 5 * 16 * 32 * 4));
    const x = tf.ones([4, 192, 192, 16]);
    let finished = 0;
    const predictions = Array.from({ length: 16 }, async () => {
      const y = /** @type {tf.Tensor} */ (await model.predictAsync(x));
      finished++;
      return y;
    });
    await readFile(fileURLToPath(import.meta.url));
    // where every job took a thread of the pool, 13 of the 16 would have to finish before a file is opened
    assert.ok(finished < 12, `${finished} predictions were finished before a file was read`);
    tf.dispose([await Promise.all(predictions), x]);
    model.dispose();
  });
}

test('sizes that a 32-bit machine cannot hold are refused, and the context works on', async () => {
  const tooLarge = (/** @type {any} */ error) => ['LIMIT', 'OUT_OF_MEMORY'].includes(error.code);
  assert.throws(() => tf.zeros([65536, 65537]), tooLarge);
  const x = tf.ones([1, 1, 1, 4]);
  // 32 bits refuse the model when it is loaded, 64 bits when memory for the prediction is wanted
  await assert.rejects(async () => {
    const model = await sequential([
      layer('ZeroPadding2D', { name: 'pad', padding: [[16383, 0], [16387, 0]], batch_input_shape: [null, 1, 1, 4] }),
      layer('ReLU', { name: 'relu' }),
      layer('GlobalMaxPooling2D', { name: 'pool' }),
    ]);
    try {
      model.predict(x);
    } finally {
      model.dispose();
    }
  }, tooLarge);
  assert.deepEqual(x.add(1).arraySync(), [[[[2, 2, 2, 2]]]]);
  x.dispose();
});

test("an optimizer's state in the manifest is left out", async () => {
  const model = await sequential([layer('Dense', { name: 'dense', units: 1, use_bias: false, batch_input_shape: [null, 1] })], [
    { name: 'dense/kernel', shape: [1, 1], dtype: 'float32' },
    { name: 'Adam/m/dense/kernel', shape: [1, 1], dtype: 'float32', group: 'optimizer' },
  ], Float32Array.of(3, 5).buffer);
  assert.deepEqual(model.getWeights().map(weight => weight.arraySync()), [[[3]]]);
  assert.deepEqual(/** @type {tf.Tensor} */ (model.predict(tf.ones([1, 1]))).arraySync(), [[3]]);
  model.dispose();
});

test('a variable made of a weight has elements of its own', async () => {
  const model = await sequential([layer('Dense', { name: 'dense', units: 1, use_bias: false, batch_input_shape: [null, 1] })],
    [{ name: 'dense/kernel', shape: [1, 1], dtype: 'float32' }], Float32Array.of(3).buffer);
  const variable = tf.variable(model.getWeights()[0]);
  model.setWeights([tf.tensor2d([[9]])]);
  assert.deepEqual(variable.arraySync(), [[3]]);
  variable.dispose();
  model.dispose();
});

test('a disposed variable takes no value and leaks none', () => {
  const variable = tf.variable(tf.scalar(1));
  const value = tf.scalar(2);
  variable.dispose();
  const handles = () => JSON.parse(native.memory()).numTensors;
  const before = handles();
  assert.throws(() => variable.assign(value), { code: 'DISPOSED' });
  assert.equal(handles(), before);
});

test('int32 images keep all their digits', () => {
  const image = tf.tensor3d([[[16777217]]], [1, 1, 1], 'int32');
  const larger = tf.image.resizeNearestNeighbor(image, [2, 1]);
  assert.equal(larger.dtype, 'int32');
  assert.deepEqual([...larger.dataSync()], [16777217, 16777217]);
});
