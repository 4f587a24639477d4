/** Tensors, scopes, counts and dtype rules, where TensorFlow.js's recorded answers do not reach. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';

test('which backend does the work, and why', async () => {
  const info = tf.backendInfo();
  const wanted = process.env.HORNBEAM_TARGET ?? 'node';
  assert.equal(info.target, wanted);
  assert.equal(tf.getBackend(), wanted === 'wasm' ? 'wasm' : 'cpu');
  assert.match(info.reason, /asked for|addon/);
  assert.equal(info.version, tf.version.hornbeam);
  await tf.ready();
  assert.equal(await tf.setBackend(tf.getBackend()), true);
  assert.equal(await tf.setBackend('webgl'), false);
  await assert.rejects(tf.setBackend('abacus'), { code: 'NOT_FOUND', message: "Backend name 'abacus' not found in registry" });
});

test('a tensor has the names of TensorFlow.js', async () => {
  const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
  assert.deepEqual([x.shape, x.dtype, x.rank, x.size, x.strides, x.isDisposed], [[2, 3], 'float32', 2, 6, [3], false]);
  assert.deepEqual(x.arraySync(), [[1, 2, 3], [4, 5, 6]]);
  assert.deepEqual(await x.array(), [[1, 2, 3], [4, 5, 6]]);
  assert.deepEqual(await x.data(), new Float32Array([1, 2, 3, 4, 5, 6]));
  assert.deepEqual((await x.bytes()).length, 24);
  assert.equal(x.bufferSync().get(1, 2), 6);
  assert.notEqual(x.id, x.clone().id);
  x.dispose();
  x.dispose();
  assert.equal(x.isDisposed, true);
  assert.throws(() => x.dataSync(), { code: 'DISPOSED', message: 'Tensor is disposed.' });
  assert.throws(() => tf.add(x, 1), { code: 'DISPOSED' });
  assert.throws(() => x.relu(), { code: 'DISPOSED' });
});

test('what is read is a copy', () => {
  const x = tf.tensor1d([1, 2]);
  x.dataSync()[0] = 9;
  assert.deepEqual(x.arraySync(), [1, 2]);
  const values = new Float32Array([1, 2]);
  const y = tf.tensor1d(values);
  values[0] = 9;
  assert.deepEqual(y.arraySync(), [1, 2]);
});

test('empty tensors', () => {
  const empty = tf.zeros([0, 3]);
  assert.deepEqual([empty.size, empty.arraySync(), empty.sum().arraySync()], [0, [], 0]);
  assert.deepEqual(tf.concat([empty, tf.ones([2, 3])]).shape, [2, 3]);
  assert.deepEqual(tf.concat([empty, empty], 0).shape, [0, 3]);
  assert.deepEqual(tf.tensor([]).shape, [0]);
});

test('nested arrays of uneven length are refused', () => {
  assert.throws(() => tf.tensor([[1, 2], [3]]), { code: 'SHAPE', message: 'Element arr[1] should have 2 elements, but has 1 elements' });
  assert.throws(() => tf.tensor([[1, 2], 3]), { code: 'SHAPE' });
  assert.throws(() => tf.tensor([1, [2]]), { code: 'SHAPE' });
});

test('strings and complex numbers', async () => {
  const texts = tf.tensor2d([['a', 'bb'], ['ccc', '\u00fc']]);
  assert.equal(texts.dtype, 'string');
  assert.deepEqual(texts.slice([0, 1], [2, 1]).arraySync(), [['bb'], ['\u00fc']]);
  assert.deepEqual((await texts.bytes())[3], new Uint8Array([0xc3, 0xbc]));
  const product = tf.mul(tf.complex([1, 2], [3, 4]), tf.complex([5, 6], [7, 8]));
  assert.deepEqual(product.arraySync(), [-16, 22, -20, 40]);
  assert.throws(() => tf.tensor([1], [1], 'complex64'), { code: 'DTYPE', message: /use tf.complex/ });
  assert.throws(() => tf.tensor([1], [1], /** @type {any} */ ('float16')), { code: 'DTYPE', message: /float16/ });
});

test('130,000 strings, and an object of as many elements, do not overflow the stack', () => {
  const count = 130_000;
  const words = new Array(count).fill('a b');
  const { shape } = tf.string.stringSplit(words, ' ');
  assert.deepEqual([...shape.dataSync()], [count, 2]);
  const { nGrams } = tf.string.stringNGrams(words, tf.tensor([0, count], [2], 'int32'), '|', [1], '', '', 0, false);
  assert.equal(nGrams.size, count);
  assert.equal(tf.util.flatten(/** @type {any} */ ({ ...words })).length, count);
});

test('bool plus bool is bool', () => {
  const y = tf.add(tf.tensor1d([true, true, false]), tf.tensor1d([true, false, false]));
  assert.equal(y.dtype, 'bool');
  assert.deepEqual(y.arraySync(), [1, 1, 0]);
});

test('more inputs than one op takes are joined', () => {
  tf.tidy(() => {
    const parts = Array.from({ length: 200 }, (_, i) => tf.tensor1d([i]));
    assert.deepEqual(tf.concat(parts).arraySync(), Array.from({ length: 200 }, (_, i) => i));
  });
});

test('tensors as text', () => {
  assert.equal(tf.scalar(1.5).toString(), 'Tensor\n    1.5');
  assert.equal(tf.tensor2d([[1, 20], [300, 4]]).toString(), 'Tensor\n    [[1  , 20],\n     [300, 4 ]]');
  assert.equal(tf.tensor1d([true, false]).toString(true), 'Tensor\n  dtype: bool\n  rank: 1\n  shape: [2]\n  values:\n    [true, false]');
  assert.equal(tf.range(0, 30).toString(), 'Tensor\n    [0, 1, 2, ..., 27, 28, 29]');
  assert.equal(tf.zeros([2, 2, 1]).toString(), 'Tensor\n    [[[0],\n      [0]],\n\n     [[0],\n      [0]]]');
});

test('memory counts as TensorFlow.js counts', () => {
  const before = tf.memory();
  const since = () => {
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    return [numTensors - before.numTensors, numDataBuffers - before.numDataBuffers, numBytes - before.numBytes];
  };
  const x = tf.ones([2, 3]);
  assert.deepEqual(since(), [1, 1, 24]);
  const clone = x.clone();
  const flat = x.reshape([6]);
  assert.deepEqual(since(), [3, 1, 72]);
  const bool = x.cast('bool');
  assert.deepEqual(since(), [4, 2, 78]);
  const [first, second] = tf.split(x, [1, 1]);
  assert.deepEqual(since(), [6, 4, 102]);
  tf.logSumExp(x).dispose();
  assert.deepEqual(since(), [6, 4, 102]);
  x.dispose();
  assert.deepEqual(since(), [5, 4, 78]);
  assert.deepEqual(clone.arraySync(), [[1, 1, 1], [1, 1, 1]]);
  tf.dispose({ clone, rest: [flat, bool, { first, second }] });
  assert.deepEqual(since(), [0, 0, 0]);
});

test('tidy disposes all but what it returns and what is kept', () => {
  const before = tf.memory().numTensors;
  let kept;
  const result = tf.tidy('named', () => {
    const x = tf.ones([2]);
    kept = tf.keep(x.mul(3));
    const inner = tf.tidy(() => ({ deep: [x.add(1)], other: x.sub(1) && 3 }));
    return { sum: inner.deep[0].add(x), typed: new Float32Array(300000) };
  });
  assert.equal(tf.memory().numTensors - before, 2);
  assert.deepEqual(result.sum.arraySync(), [3, 3]);
  assert.deepEqual(kept.arraySync(), [3, 3]);
  tf.dispose([result, kept]);
  assert.throws(() => tf.tidy(() => { tf.ones([2]); throw new Error('inside'); }), /inside/);
  assert.equal(tf.memory().numTensors, before);
  assert.throws(() => tf.tidy(/** @type {any} */ (3)), /Please provide a function to tidy/);
});

test('variables', () => {
  const before = tf.memory().numTensors;
  const initial = tf.tensor1d([1, 2]);
  const v = tf.tidy(() => tf.variable(initial, true, 'v'));
  assert.ok(v instanceof tf.Tensor && v instanceof tf.Variable);
  assert.throws(() => tf.variable(initial, true, 'v'), { message: 'Variable with name v was already registered' });
  const clone = v.clone();
  v.assign(v.add(1));
  assert.deepEqual(v.arraySync(), [2, 3]);
  assert.deepEqual([clone.arraySync(), initial.arraySync()], [[1, 2], [1, 2]]);
  assert.throws(() => v.assign(tf.tensor1d([1])), { message: 'shape of the new value (1) and previous value (2) must match' });
  assert.throws(() => v.assign(tf.tensor1d([1, 2], 'int32')), { message: 'dtype of the new value (int32) and previous value (float32) must match' });
  tf.disposeVariables();
  assert.equal(v.isDisposed, true);
  assert.ok(tf.memory().numTensors > before);
});

test('a buffer is filled and becomes a tensor', () => {
  const buffer = tf.buffer([2, 2], 'int32');
  buffer.set(7, 1, 0);
  assert.deepEqual(buffer.toTensor().arraySync(), [[0, 0], [7, 0]]);
  assert.deepEqual(buffer.indexToLoc(2), [1, 0]);
  assert.throws(() => buffer.get(2, 0), /out of range/);
  assert.throws(() => buffer.set(1, 1), /must match the rank/);
});

test('pixels in and out', async () => {
  const pixels = { data: new Uint8Array([1, 2, 3, 255, 4, 5, 6, 255]), width: 2, height: 1 };
  const image = tf.browser.fromPixels(pixels);
  assert.deepEqual([image.shape, image.dtype, image.arraySync()], [[1, 2, 3], 'int32', [[[1, 2, 3], [4, 5, 6]]]]);
  assert.deepEqual(tf.browser.fromPixels(pixels, 1).arraySync(), [[[1], [4]]]);
  assert.deepEqual(tf.browser.fromPixels(pixels, 4).size, 8);
  assert.deepEqual(Array.from(await tf.browser.toPixels(image)), [...pixels.data]);
  assert.deepEqual(Array.from(await tf.browser.toPixels(tf.tensor2d([[0, 1]]))), [0, 0, 0, 255, 255, 255, 255, 255]);
  await assert.rejects(tf.browser.toPixels(tf.tensor2d([[0, 2]])), /must be in the range \[0 - 1\]/);
  assert.throws(() => tf.browser.fromPixels({ ...pixels, height: 9 }), { code: 'SHAPE' });
  assert.throws(() => tf.browser.fromPixels(/** @type {any} */ (null)), /can not be null/);
});

test('pixels with channels that do not exist, and an image whose bitmap is closed in any case', async t => {
  const pixels = { data: new Uint8Array(8), width: 2, height: 1 };
  assert.throws(() => tf.browser.fromPixels(pixels, 5), /Cannot construct Tensor with more than 4 channels from pixels/);
  for (const channels of [0, -1, 1.5, NaN]) assert.throws(() => tf.browser.fromPixels(pixels, channels), /numChannels to be an integer from 1 to 4/);
  class HTMLImageElement {}
  let closed = 0;
  const bitmap = Object.assign(new HTMLImageElement(), { width: 2, height: 1, close: () => closed++ });
  Object.assign(globalThis, { HTMLImageElement, createImageBitmap: async () => bitmap });
  t.after(() => ['HTMLImageElement', 'createImageBitmap'].forEach(name => delete globalThis[name]));
  await assert.rejects(tf.browser.fromPixelsAsync(/** @type {any} */ (new HTMLImageElement()), 5), /more than 4 channels/);
  assert.equal(closed, 1);
});
