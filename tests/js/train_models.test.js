/** Whole models against Keras 3: the losses of ten steps with every optimizer, and the histories of fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { batchOf, compileArgs, modelOf, numbers, readTraining, setWeights } from './training.js';

const { models, optimizers, steps, batch } = readTraining('models');
const fits = readTraining('fits');

/** @param {number} got @param {number} expected @param {string} what */
function assertClose(got, expected, what) {
  assert.ok(Math.abs(got - expected) <= 1e-4 * Math.max(1, Math.abs(expected)), `${what}: expected ${expected}, got ${got}`);
}

/** Keras's options in JavaScript's spelling. @param {Record<string, any>} options */
const camel = options => Object.fromEntries(Object.entries(options).map(([name, value]) => [name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), value]));

for (const golden of models) {
  test(`ten steps of ${golden.name} follow Keras with every optimizer`, async () => {
    const model = await modelOf(golden);
    const batches = Array.from({ length: steps + 1 }, (_, step) => batchOf(golden, step, batch));
    for (const [name, { losses, test: expected }] of Object.entries(/** @type {Record<string, any>} */ (golden.runs))) {
      setWeights(model, golden.starts);
      model.compile({ optimizer: { className: name, config: optimizers[name] }, ...compileArgs(golden.compile) });
      for (const [step, loss] of losses.entries()) {
        const logs = await model.trainOnBatch(batches[step].x, batches[step].y, { returnDict: true });
        assertClose(logs.loss, loss, `${name}, step ${step}`);
      }
      const logs = await model.testOnBatch(batches[steps].x, batches[steps].y, { returnDict: true });
      assert.deepEqual(Object.keys(logs).sort(), Object.keys(expected).sort());
      for (const [key, value] of Object.entries(expected)) assertClose(logs[key], /** @type {number} */ (value), `${name}, ${key} of the test`);
    }
    model.dispose();
  });
}

/** @param {string} key @param {any} golden @param {number} seed */
const weightOf = (key, golden, seed) => (golden[key] === undefined ? undefined
  : tf.tensor(Float32Array.from(numbers(seed, golden[key].reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b)), value => value * 0.5 + 1), golden[key]));

for (const [i, golden] of fits.entries()) {
  test(`fit ${i}: the history of ${golden.model} with ${Object.keys(golden.fit)} is Keras's`, async () => {
    const own = models.find((/** @type {any} */ { name }) => name === golden.model);
    const model = await modelOf(own);
    model.compile({ optimizer: 'adam', ...compileArgs(own.compile), weightedMetrics: golden.weighted_metrics, stepsPerExecution: golden.steps_per_execution });
    const { x, y } = batchOf(own, 50, golden.samples);
    const held = golden.validation === undefined ? null : batchOf(own, 51, golden.validation);
    const history = await model.fit(x, y, {
      ...camel(golden.fit), shuffle: false, verbose: 0, sampleWeight: weightOf('sample_weight', golden, 7),
      ...(held === null ? {} : { validationData: [held.x, held.y, weightOf('validation_weight', golden, 8)] }),
    });
    assert.deepEqual(history.epoch, golden.epoch);
    assert.deepEqual(Object.keys(history.history).sort(), Object.keys(golden.history).sort());
    for (const [name, values] of Object.entries(golden.history)) {
      assert.equal(history.history[name].length, values.length, name);
      values.forEach((/** @type {number} */ value, /** @type {number} */ epoch) => assertClose(history.history[name][epoch], value, `${name}, entry ${epoch}`));
    }
    const logs = model.evaluate(x, y, { batchSize: 7, returnDict: true });
    for (const [name, value] of Object.entries(golden.evaluate)) assertClose(logs[name], /** @type {number} */ (value), `evaluate: ${name}`);
    model.dispose();
  });
}
