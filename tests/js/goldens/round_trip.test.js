/**
 * Every golden model taken apart and put together again: load, toJSON, modelFromJSON, loadWeights by name, predict. The numbers are the
 * loaded model's to the bit, and the topology written again says the same. On WebAssembly a sample of the models, another for each
 * version of Node.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { goldenCases, recordedArrays } from '../golden.js';

/** One of so many models on WebAssembly. */
const SHARE = 6;
const SEED = Number.parseInt(process.versions.node, 10);

/** Keras 3 leaves the name of one's own backward layer alone; the topology that we write is read as Keras 2 and TensorFlow.js name it. */
const RENAMED = ['Bidirectional/k3_gru_own_backward_layer', 'Bidirectional/k3_lstm_own_backward_layer'];

/** @typedef {ReturnType<typeof goldenCases>[number]} Golden */

/** Whether a model is in the sample: by a hash of its name. @param {Golden} golden */
function isDrawn(golden) {
  if (tf.backendInfo().target === 'node') return true;
  const hash = Array.from(`${golden.layer}/${golden.case}`).reduce((sum, char) => Math.imul(sum ^ char.charCodeAt(0), 0x01000193), SEED);
  return (hash >>> 8) % SHARE === 0;
}

/** Configs of layers; that of an Embedding names its dtype once it has been built. @param {any} text */
const withoutDtype = text => JSON.parse(text.replaceAll('"dtype":"float32",', ''));

/** @param {any} model @returns {Record<string, any>} weights by their names in files */
const weightsOf = model => Object.fromEntries(model.weights.map(weight => [weight.originalName, weight.read()]));

/** @param {any} model @param {any} inputs @param {number} batchSize */
function predict(model, inputs, batchSize) {
  const outputs = [model.predict(inputs, { batchSize })].flat();
  const result = outputs.map(output => ({ shape: output.shape, dtype: output.dtype, values: output.dataSync() }));
  tf.dispose(outputs);
  return result;
}

/** @param {Golden} golden */
async function roundTrip(golden) {
  const loaded = await tf.loadLayersModel(golden.path);
  const recorded = recordedArrays(golden).filter(array => array.role === 'input');
  const tensors = recorded.map(array => tf.tensor(array.values, array.shape, array.dtype));
  const isNamed = recorded.every(array => loaded.inputNames.includes(array.name));
  const inputs = isNamed ? Object.fromEntries(recorded.map((array, i) => [array.name, tensors[i]])) : tensors;
  const expected = predict(loaded, inputs, recorded[0].shape[0]);
  const text = loaded.toJSON();
  const rebuilt = await tf.models.modelFromJSON(text);
  assert.deepEqual(withoutDtype(rebuilt.toJSON()), withoutDtype(text));
  const [names, others] = [loaded, rebuilt].map(model => model.weights.map(weight => weight.originalName));
  if (RENAMED.includes(`${golden.layer}/${golden.case}`)) {
    assert.notDeepEqual(others, names);
    rebuilt.setWeights(loaded.getWeights());
  } else {
    assert.deepEqual(others, names);
    rebuilt.loadWeights(weightsOf(loaded));
  }
  assert.deepEqual(predict(rebuilt, inputs, recorded[0].shape[0]), expected);
  tf.dispose(tensors);
  loaded.dispose();
  rebuilt.dispose();
}

/** @type {Map<string, Golden[]>} */
const byLayer = new Map();
for (const golden of goldenCases().filter(isDrawn)) byLayer.set(golden.layer, [...byLayer.get(golden.layer) ?? [], golden]);

for (const [layer, goldens] of byLayer) {
  test(`${layer}: ${goldens.length} models rebuilt from their JSON and weights`, async () => {
    const before = tf.memory();
    for (const golden of goldens) {
      await roundTrip(golden).catch(error => {
        throw new Error(`${golden.layer}/${golden.case}: ${error.message}`, { cause: error });
      });
    }
    assert.deepEqual(tf.memory(), before);
  });
}

test('there are models of many layers', () => assert.ok(byLayer.size > 50));
