/** Every golden model through tf.loadLayersModel: outputs as Keras computed them, by the native model and by its layers, and nothing is left behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { assertClose, TOLERANCES } from '../close.js';
import { goldenCases, recordedArrays } from '../golden.js';

for (const golden of goldenCases()) {
  test(`golden ${golden.layer}/${golden.case}`, async () => {
    const before = tf.memory();
    const model = await tf.loadLayersModel(golden.path);
    const arrays = recordedArrays(golden);
    // Keras sorts inputs and outputs that its user gave as a dict: by name the order does not matter.
    const recorded = arrays.filter(array => array.role === 'input');
    const tensors = recorded.map(array => tf.tensor(array.values, array.shape, array.dtype));
    const isNamed = recorded.every(array => model.inputNames.includes(array.name));
    const inputs = isNamed ? Object.fromEntries(recorded.map((array, i) => [array.name, tensors[i]])) : tensors;
    const expected = arrays.filter(array => array.role === 'output');
    const batchSize = recorded[0].shape[0];
    const check = (/** @type {tf.Tensor | tf.Tensor[]} */ result) => {
      const byName = new Map([result].flat().map((output, i) => [model.outputNames[i], output]));
      const outputs = byName.size === expected.length && expected.every(array => byName.has(array.name))
        ? expected.map(array => byName.get(array.name)) : [result].flat();
      assert.equal(outputs.length, expected.length);
      outputs.forEach((output, i) => {
        assert.deepEqual(output.shape, expected[i].shape);
        if (expected[i].dtype === 'string') return assert.deepEqual(output.dataSync(), expected[i].values);
        assertClose(output.dataSync(), expected[i].values, TOLERANCES.model, expected[i].name);
      });
      tf.dispose(outputs);
    };
    check(model.predict(inputs, { batchSize }));
    model.resetStates();
    const inOrder = isNamed ? model.inputNames.map(name => /** @type {any} */ (inputs)[name]) : tensors;
    check(model.apply(inOrder));
    model.resetStates();
    check(await model.predictAsync(inputs, { batchSize }));
    tf.dispose(inputs);
    model.dispose();
    assert.deepEqual(tf.memory(), before);
  });
}

test('there are golden models', () => assert.ok(goldenCases().length > 100));
