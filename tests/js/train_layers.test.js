/** Layers as they are in training, against real Keras: outputs, gradients, and what weights become. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { Program } from '../../js/src/core/program.js';
import { assertClose } from './close.js';

const TOLERANCE = { relative: 2e-5, absolute: 2e-6 };

/** @param {string} file */
const read = file => JSON.parse(readFileSync(new URL(`../golden/training/${file}`, import.meta.url), 'utf8'));

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

/** Outputs and gradients of a training call, as one program; it moves what moves. @param {tf.LayersModel} model @param {any} golden */
function trainingCall(model, { x, dy }) {
  const trained = model.trainableWeights.map(weight => weight.read());
  const types = [x, dy].map(({ shape }) => ({ shape, dtype: /** @type {const} */ ('float32') }));
  const program = Program.trace([...types, { shape: [2], dtype: 'int32' }], (input, weights, seed) => {
    const loss = (/** @type {tf.Tensor} */ z) => tf.sum(tf.mul(model.apply(z, { training: true, seed }), weights));
    const ofVariables = () => tf.variableGrads(() => /** @type {any} */ (loss(input)), trained).grads;
    const grads = trained.length === 0 ? {} : ofVariables();
    return [tf.grad(loss)(input), ...trained.map(({ name }) => grads[name])];
  });
  const results = program.run([tensorOf(x), tensorOf(dy), tf.tensor1d([1, 2], 'int32')]);
  program.dispose();
  return results;
}

for (const [i, golden] of read('normalization.json').entries()) {
  const { engine, config, masking } = golden;
  test(`BatchNormalization ${i} in training: ${engine} ${JSON.stringify(config)}${masking === null ? '' : ', masked'}`, async () => {
    const model = await modelOf('BatchNormalization', golden);
    const start = () => model.setWeights(golden.weights.map(tensorOf));
    start();
    assertClose(model.apply(tensorOf(golden.x), { training: true }).dataSync(), golden.y.values, TOLERANCE, 'outputs');
    model.getWeights().forEach((weight, k) => assertClose(weight.dataSync(), golden.after[k].values, TOLERANCE, `weight ${k}`));
    assertClose(model.apply(tensorOf(golden.x)).dataSync(), golden.inference.values, TOLERANCE, 'inference');
    start();
    const gradients = trainingCall(model, golden);
    golden.gradients.forEach((expected, k) => assertClose(gradients[k].dataSync(), expected.values, { relative: 1e-4, absolute: 1e-5 }, `gradient ${k}`));
  });
}
