/** The histories of fit against Keras 3: all arguments that decide what is trained on, weighted and validated. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { assertLoss, batchOf, compileArgs, modelOf, numbers, readTraining } from '../training.js';

const { models } = readTraining('models');
const fits = readTraining('fits');

/** Keras's options in JavaScript's spelling. @param {Record<string, any>} options */
const camel = options => Object.fromEntries(Object.entries(options).map(([name, value]) => [name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), value]));

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
      values.forEach((/** @type {number} */ value, /** @type {number} */ epoch) => assertLoss(history.history[name][epoch], value, `${name}, entry ${epoch}`));
    }
    const logs = model.evaluate(x, y, { batchSize: golden.evaluate_batch ?? 7, returnDict: true });
    for (const [name, value] of Object.entries(golden.evaluate)) assertLoss(logs[name], /** @type {number} */ (value), `evaluate: ${name}`);
    model.dispose();
  });
}
