/** Layers as they are in training, against real Keras: outputs, gradients, and what weights become. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { Program } from '../../../js/src/core/program.js';
import { assertClose } from '../close.js';

const TOLERANCE = { relative: 2e-5, absolute: 2e-6 };

/** @param {string} file */
const read = file => JSON.parse(readFileSync(new URL(`../../golden/training/${file}`, import.meta.url), 'utf8'));

/** @param {{values: number[], shape: number[], dtype: any}} array */
const tensorOf = ({ values, shape, dtype }) => tf.tensor(values, shape, dtype);

/**
 * A model of one layer, as the Keras of a golden writes it.
 * @param {string} className
 * @param {any} golden
 */
async function modelOf(className, { engine, config, masking, x }) {
  const before = masking === null ? [] : [{ class_name: 'Masking', config: { name: 'masking', ...masking } }];
  const input = { class_name: 'InputLayer', config: { name: 'input', batch_input_shape: [null, ...x.shape.slice(1)] } };
  const layers = [input, ...before, { class_name: className, config: { name: 'layer', ...config } }];
  const modelTopology = { keras_version: engine.split(' ')[1], class_name: 'Sequential', config: { name: 'model', layers } };
  return /** @type {tf.LayersModel} */ (await tf.loadLayersModel(tf.io.fromMemory({ modelTopology }), { strict: false }));
}

/**
 * Gradients of a training call, by the input and by the trained weights; each is a program that moves what moves, and begins at the same weights.
 * @param {tf.LayersModel} model
 * @param {any} golden
 * @param {() => void} start
 */
function gradientsOf(model, { x, dy, gradients }, start) {
  const trained = model.trainableWeights.map(weight => weight.read());
  const types = [x, dy].map(({ shape }) => ({ shape, dtype: /** @type {const} */ ('float32') }));
  const run = (/** @type {(loss: any, input: tf.Tensor) => tf.Tensor[]} */ derive) => {
    start();
    const program = Program.trace([...types, { shape: [2], dtype: 'int32' }], (input, weights, seed) =>
      derive((/** @type {tf.Tensor} */ z) => tf.sum(tf.mul(model.apply(z, { training: true, seed }), weights)), input));
    const results = program.run([tensorOf(x), tensorOf(dy), tf.tensor1d([1, 2], 'int32')]);
    program.dispose();
    return results;
  };
  const isConnected = gradients[0].values.some((/** @type {number} */ value) => value !== 0); // indices are not
  const ofInput = isConnected ? run((loss, input) => [tf.grad(loss)(input)]) : [tf.zeros(x.shape)];
  if (trained.length === 0) return ofInput;
  return [...ofInput, ...run((loss, input) => {
    const { grads } = tf.variableGrads(() => loss(input), trained);
    return trained.map(({ name }) => grads[name]);
  })];
}

for (const [i, golden] of read('normalization.json').entries()) {
  const { class: className, engine, config, masking } = golden;
  test(`${className} ${i} in training: ${engine} ${JSON.stringify(config.layer?.class_name ?? config)}${masking === null ? '' : ', masked'}`, async () => {
    const model = await modelOf(className, golden);
    const start = () => model.setWeights(golden.weights.map(tensorOf));
    start();
    assertClose(model.apply(tensorOf(golden.x), { training: true }).dataSync(), golden.y.values, TOLERANCE, 'outputs');
    model.getWeights().forEach((weight, k) => assertClose(weight.dataSync(), golden.after[k].values, TOLERANCE, `weight ${k}`));
    assertClose(model.apply(tensorOf(golden.x)).dataSync(), golden.inference.values, TOLERANCE, 'inference');
    const gradients = gradientsOf(model, golden, start);
    golden.gradients.forEach((expected, k) => assertClose(gradients[k].dataSync(), expected.values, { relative: 1e-4, absolute: 1e-5 }, `gradient ${k}`));
  });
}

// ---- recurrent dropout: h is multiplied by one mask at all steps, of zeros and 1 / (1 - rate)

const RATE = 0.5;
const UNITS = 16;
const STEPS = 4;

/** A call in training with this seed. @param {any} layer @param {tf.Tensor} x @param {number} seed */
function callWithSeed(layer, x, seed) {
  const program = Program.trace([{ shape: x.shape, dtype: 'float32' }, { shape: [2], dtype: 'int32' }],
    (input, drawn) => [layer.apply(input, { training: true, seed: drawn })]);
  const [y] = program.run([x, tf.tensor1d([seed, 7], 'int32')]);
  program.dispose();
  return y;
}

/** Kernel, recurrent kernel and bias, gate by gate, with which h becomes x + mask h. @type {Record<string, {x: number[], h: number[], bias: number[]}>} */
const KEEPING = {
  simpleRNN: { x: [1], h: [1], bias: [0] },
  lstm: { x: [0, 0, 1, 0], h: [0, 0, 1, 0], bias: [1, 0, 0, 1] }, // i = o = 1, f = 0
  gru: { x: [0, 0, 1], h: [0, 0, 1], bias: [0, 1, 0] }, // z = 0, r = 1
};

/** The powers of the mask: [batch, units] each. @param {string} name @param {number} batch @param {number} seed */
function recurrentMask(name, batch, seed) {
  const layer = /** @type {any} */ (tf.layers)[name]({ units: UNITS, activation: 'linear', recurrentActivation: 'linear', recurrentDropout: RATE,
    returnSequences: true });
  const x = tf.concat([tf.ones([batch, 1, 1]), tf.zeros([batch, STEPS - 1, 1])], 1);
  layer.apply(x);
  const { x: kernel, h, bias } = KEEPING[name];
  const gates = (/** @type {number[]} */ values) => tf.concat(values.map(value => tf.fill([UNITS], value)), 0);
  layer.setWeights([gates(kernel).reshape([1, -1]), tf.concat(h.map(value => tf.mul(tf.eye(UNITS), value)), 1), gates(bias)]);
  return tf.unstack(callWithSeed(layer, x, seed), 1);
}

test('recurrent dropout is one mask for all steps, drawn from the seed', () => {
  const [first, mask, square, cube] = recurrentMask('simpleRNN', 64, 1);
  assertClose(first.dataSync(), new Float32Array(64 * UNITS).fill(1), TOLERANCE, 'the first state is zeros: nothing to drop');
  const values = mask.dataSync();
  assert.ok(values.every(value => value === 0 || value === 1 / (1 - RATE)));
  assertClose(square.dataSync(), values.map(value => value ** 2), TOLERANCE);
  assertClose(cube.dataSync(), values.map(value => value ** 3), TOLERANCE);
  const share = values.filter(value => value === 0).length / values.length;
  assert.ok(Math.abs(share - RATE) < 5 * Math.sqrt(RATE * (1 - RATE) / values.length), `${share} are dropped`);
  assert.deepEqual(recurrentMask('simpleRNN', 64, 1)[1].dataSync(), values);
  assert.notDeepEqual(recurrentMask('simpleRNN', 64, 2)[1].dataSync(), values);
});

/** Steps of LSTM and GRU as Keras has them, with what multiplies h. @type {Record<string, (x: tf.Tensor, w: tf.Tensor[], mask: tf.Tensor) => tf.Tensor>} */
const REFERENCES = {
  lstm: (x, [kernel, recurrent, bias], mask) => {
    let [h, c] = [tf.zerosLike(mask), tf.zerosLike(mask)];
    for (const step of tf.unstack(x, 1)) {
      const [i, f, g, o] = tf.split(tf.add(tf.add(tf.matMul(step, kernel), bias), tf.matMul(tf.mul(h, mask), recurrent)), 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    }
    return h;
  },
  gru: (x, [kernel, recurrent, bias], mask) => {
    let h = tf.zerosLike(mask);
    for (const step of tf.unstack(x, 1)) {
      const dropped = tf.mul(h, mask);
      const [xz, xr, xh] = tf.split(tf.add(tf.matMul(step, kernel), bias), 3, 1);
      const [uz, ur, uh] = tf.split(recurrent, 3, 1);
      const z = tf.sigmoid(tf.add(xz, tf.matMul(dropped, uz)));
      const r = tf.sigmoid(tf.add(xr, tf.matMul(dropped, ur)));
      const candidate = tf.tanh(tf.add(xh, tf.matMul(tf.mul(r, dropped), uh)));
      h = tf.add(tf.mul(z, dropped), tf.mul(tf.sub(1, z), candidate));
    }
    return h;
  },
};

for (const name of ['lstm', 'gru']) {
  test(`recurrent dropout of ${name}: outputs with the mask`, () => {
    const layer = tf.layers[name]({ units: UNITS, recurrentActivation: 'sigmoid', recurrentDropout: RATE, biasInitializer: 'randomNormal' });
    const x = tf.randomNormal([3, STEPS, 2], 0, 1, 'float32', 5);
    const inference = layer.apply(x).dataSync();
    const weights = layer.getWeights();
    const y = callWithSeed(layer, x, 1);
    assertClose(y.dataSync(), REFERENCES[name](x, weights, recurrentMask(name, 3, 1)[1]).dataSync(), { relative: 1e-4, absolute: 1e-5 });
    assertClose(layer.apply(x).dataSync(), inference, TOLERANCE, 'in inference nothing is dropped');
    assert.notDeepEqual(y.dataSync(), inference);
  });
}

test('recurrent dropout of convLstm2d: the same mask at all steps', () => {
  const layer = tf.layers.convLstm2d({ filters: 8, kernelSize: 1, padding: 'same', activation: 'linear', recurrentActivation: 'linear', useBias: true,
    unitForgetBias: false, recurrentDropout: RATE, returnSequences: true });
  const x = tf.concat([tf.ones([2, 1, 3, 3, 1]), tf.zeros([2, STEPS - 1, 3, 3, 1])], 1);
  layer.apply(x);
  // i = o = 1, f = 0 by bias; g = x + h: c' = h' = x + mask h
  const gates = (/** @type {number[]} */ values) => tf.concat(values.map(value => tf.fill([8], value)), 0);
  const identity = tf.concat([0, 0, 1, 0].map(value => tf.mul(tf.eye(8), value)), 1).reshape([1, 1, 8, 32]);
  layer.setWeights([gates([0, 0, 1, 0]).reshape([1, 1, 1, 32]), identity, gates([1, 0, 0, 1])]);
  const [first, mask, square] = tf.unstack(callWithSeed(layer, x, 3), 1).map(step => step.dataSync());
  assert.ok(first.every((/** @type {number} */ value) => value === 1));
  assert.ok(mask.every((/** @type {number} */ value) => value === 0 || value === 1 / (1 - RATE)));
  assert.ok(mask.includes(0) && mask.includes(2));
  assertClose(square, mask.map((/** @type {number} */ value) => value ** 2), TOLERANCE);
});

test('RandomFlip of Keras 3 flips both axes or none, and keeps that in its config', async () => {
  const layers = [{ class_name: 'InputLayer', config: { name: 'input', batch_shape: [null, 2, 2, 1] } },
    { class_name: 'RandomFlip', config: { name: 'flip', mode: 'horizontal_and_vertical' } }];
  const topology = (/** @type {string} */ version) => ({ keras_version: version, class_name: 'Sequential', config: { name: 'model', layers } });
  const flips = async (/** @type {string} */ version) => {
    const model = /** @type {tf.LayersModel} */ (await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: topology(version) })));
    const again = await tf.models.modelFromJSON(JSON.parse(/** @type {string} */ (model.toJSON())));
    const x = tf.tile(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), [200, 1, 1, 1]);
    const rows = callWithSeed(again, x, 1).reshape([200, 4]).arraySync();
    return [...new Set(rows.map((/** @type {number[]} */ row) => row.join('')))].sort();
  };
  assert.deepEqual(await flips('3.8.0'), ['1234', '4321']);
  assert.deepEqual(await flips('2.15.0'), ['1234', '2143', '3412', '4321']);
});
