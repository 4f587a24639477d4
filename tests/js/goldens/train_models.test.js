/** Whole models against Keras 3: the losses of ten steps with every optimizer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLoss, batchOf, compileArgs, modelOf, readTraining, setWeights } from '../training.js';

const { models, optimizers, steps, batch } = readTraining('models');

for (const golden of models) {
  test(`ten steps of ${golden.name} follow Keras with every optimizer`, async () => {
    const model = await modelOf(golden);
    const batches = Array.from({ length: steps + 1 }, (_, step) => batchOf(golden, step, batch));
    for (const [name, { losses, test: expected }] of Object.entries(/** @type {Record<string, any>} */ (golden.runs))) {
      setWeights(model, golden.starts);
      model.compile({ optimizer: { className: name, config: optimizers[name] }, ...compileArgs(golden.compile) });
      for (const [step, loss] of losses.entries()) {
        const logs = await model.trainOnBatch(batches[step].x, batches[step].y, { returnDict: true });
        assertLoss(logs.loss, loss, `${name}, step ${step}`);
      }
      const logs = await model.testOnBatch(batches[steps].x, batches[steps].y, { returnDict: true });
      assert.deepEqual(Object.keys(logs).sort(), Object.keys(expected).sort());
      for (const [key, value] of Object.entries(expected)) assertLoss(logs[key], /** @type {number} */ (value), `${name}, ${key} of the test`);
    }
    model.dispose();
  });
}
