/** Models that TensorFlow.js 4.22 saved: loaded, looked at, and run; all as it does it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { assertClose, TOLERANCES } from '../close.js';
import { inputFor, summaries } from '../tfjs-models.mjs';

const goldens = JSON.parse(readFileSync(new URL('../tfjs-models.json', import.meta.url), 'utf8'));

/** @param {any} golden */
const load = golden => tf.loadLayersModel(tf.io.fromMemory({ ...golden.artifacts, weightData: Uint8Array.from(Buffer.from(golden.weights, 'base64')).buffer }));

for (const [name, golden] of Object.entries(goldens)) {
  test(`${name}: predicts`, async () => {
    const model = await load(golden);
    const inputs = model.inputs.map((symbol, i) => inputFor(tf, model, symbol, i));
    const outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
    outputs.forEach((output, i) => {
      assert.deepEqual(output.shape, golden.outputs[i].shape);
      assertClose(output.dataSync(), golden.outputs[i].values.map(Number), TOLERANCES.model);
    });
    assert.equal(outputs.length, golden.outputs.length);
    tf.dispose([inputs, outputs]);
    model.dispose();
  });

  test(`${name}: summary, layers, names`, async () => {
    const model = await load(golden);
    assert.deepEqual(summaries(model), golden.summaries);
    assert.deepEqual(model.layers.map(layer => [layer.name, layer.getClassName(), layer.countParams()]), golden.layers);
    assert.deepEqual(model.weights.map(weight => weight.originalName), golden.weightNames);
    assert.deepEqual(model.inputNames, golden.inputNames);
    assert.deepEqual(model.outputNames, golden.outputNames);
    model.dispose();
  });

  test(`${name}: written and loaded again it is the same`, async () => {
    const model = await load(golden);
    const weights = model.getWeights();
    const specs = model.weights.map(weight => ({ name: weight.originalName, shape: weight.shape, dtype: weight.dtype }));
    const weightData = weights.map(weight => Float32Array.from(weight.dataSync()).buffer);
    const again = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: JSON.parse(String(model.toJSON())), weightSpecs: specs, weightData }));
    assert.deepEqual(summaries(again), golden.summaries);
    again.getWeights().forEach((weight, i) => assert.deepEqual(weight.dataSync(), weights[i].dataSync()));
    again.dispose();
    model.dispose();
  });
}
