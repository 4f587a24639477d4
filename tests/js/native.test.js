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

test('numbers are integers that fit, in a list or alone', () => {
  const x = tf.scalar(-2);
  const wrong = { name: 'TypeError', code: 'INVALID_ARGUMENT' };
  for (const number of [x.handle + 0.5, x.handle + 2 ** 32, -1, NaN, Infinity, /** @type {any} */ (String(x.handle)), /** @type {any} */ (null)]) {
    assert.throws(() => native.tensorInfo(number), wrong, `handle ${number}`);
    assert.throws(() => native.op('Abs', null, [number]), wrong, `handles ${number}`);
  }
  for (const dimension of [0.5, 2 ** 31, NaN, /** @type {any} */ ('1')]) assert.throws(() => native.tensorReshape(x.handle, [dimension]), wrong, `dimension ${dimension}`);
  for (const list of /** @type {any[]} */ ([null, undefined, 3, {}])) assert.throws(() => native.op('Abs', null, list), wrong);
  x.dispose();
});

test('no bytes are not missing bytes, whatever holds them', () => {
  const { numTensors } = tf.memory();
  const empty = new ArrayBuffer(0);
  for (const none of /** @type {any[]} */ ([empty, new DataView(empty), new Float32Array(0), new Uint8Array(empty)])) {
    assert.throws(() => native.tensorCreate(0, [2], none), { code: 'INVALID_ARGUMENT', message: /expected 8 bytes/ });
    native.tensorRelease(native.tensorCreate(0, [0], none));
  }
  assert.equal(tf.memory().numTensors, numTensors);
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

// ---- what layers, programs and variables are made of

const dense = JSON.stringify(layer('Dense', { name: 'd', units: 2, use_bias: false }));
const floats = (/** @type {number} */ tensor, /** @type {number} */ count) => {
  const values = new Float32Array(count);
  native.tensorRead(tensor, values);
  return [...values];
};

test('a layer by itself, a variable, its gradient', () => {
  const described = JSON.parse(native.layerDescribe(dense, JSON.stringify([{ shape: [null, 1] }])));
  assert.deepEqual(described.weights.map((/** @type {any} */ weight) => [weight.name, weight.shape]), [['kernel', [1, 2]]]);
  const graph = native.graphCreate();
  const kernel = native.tensorCreate(0, [1, 2], Float32Array.of(3, 4));
  const x = native.graphInput(graph, 0, [-1, 1]);
  const weight = native.graphWeight(graph, kernel);
  const types = new Int32Array(20);
  const [y, mask] = native.layerCall(dense, '{"inputs": 1}', [x, 0, weight], types);
  assert.equal(mask, 0);
  assert.deepEqual([...types.subarray(0, 4)], [0, 2, -1, 2]); // float32, rank 2, [null, 2]
  assert.deepEqual([...types.subarray(10)], Array(10).fill(0)); // no mask
  const [dx, dkernel] = native.graphGradients(graph, [y, y], [y, 0], [x, weight]);
  const in1 = native.tensorCreate(0, [1, 1], Float32Array.of(10));
  const [out, dxOut, dkernelOut] = native.graphRun(graph, [in1], [y, dx, dkernel]);
  assert.deepEqual([floats(out, 2), floats(dxOut, 1), floats(dkernelOut, 2)], [[30, 40], [31 * 3 + 41 * 4], [310, 410]]);
  native.tensorAssign(kernel, native.tensorCreate(0, [1, 2], Float32Array.of(1, 2)));
  assert.deepEqual(floats(native.graphRun(graph, [in1], [y])[0], 2), [10, 20]);
  native.tensorWrite(kernel, Float32Array.of(5, 6)); // WebAssembly writes to the memory itself
  assert.deepEqual(floats(native.graphRun(graph, [in1], [y])[0], 2), [50, 60]);
  native.graphRelease(graph);
});

test('lists of handles have no limit, and lists beside others have their length', () => {
  const graph = native.graphCreate();
  const xs = Array.from({ length: 300 }, () => native.graphInput(graph, 0, [1]));
  const y = xs.reduce((sum, x) => native.op('Add', null, [sum, x])[0]);
  const gradients = native.graphGradients(graph, [y], null, xs);
  assert.equal(gradients.length, 300);
  const values = xs.map((_, i) => native.tensorCreate(0, [1], Float32Array.of(i)));
  const types = new Int32Array(35); // has room for three types, not for a fourth
  const results = native.graphRun(graph, values, [y, ...gradients], types);
  assert.deepEqual(floats(results[0], 1), [299 * 150]);
  assert.deepEqual(floats(results[300], 1), [1]);
  assert.deepEqual([...types], [...Array(3).fill([0, 1, 1, 0, 0, 0, 0, 0, 0, 0]).flat(), 0, 0, 0, 0, 0]);
  assert.throws(() => native.graphGradients(graph, [y], [y, y], xs), { code: 'INVALID_ARGUMENT' });
  assert.throws(() => native.layerCall(dense, null, [y]), { code: 'INVALID_ARGUMENT' });
  assert.throws(() => native.layerCall(dense, '{"inputs": 1}', [y, 0, 4294967295]), { code: 'DISPOSED' });
  native.graphRelease(graph);
});

test('topologies in the normal form, with classes that JavaScript brings', () => {
  const text = JSON.stringify(layer('Mine', { name: 'm', some: [1, { of: 'x' }] }));
  assert.throws(() => native.topology(text, null), { code: 'UNSUPPORTED' });
  assert.deepEqual(JSON.parse(native.topology(text, JSON.stringify({ custom: ['Mine'] }))), JSON.parse(text));
});
