/** tf.layers, tf.model, tf.sequential against TensorFlow.js 4.22 in the same process: names, configs, JSON, summaries, outputs, mistakes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { assertClose, TOLERANCES } from './close.js';
import { CONFIGS, describeLayer, describeModels, LAYERS, messages, names, smallThings, WRAPPERS } from './layers-cases.mjs';
import { tfjs } from './tfjs.js';

/**
 * Equal, numbers within a tolerance where they are a tensor's.
 * @param {any} actual
 * @param {any} expected
 */
function assertSame(actual, expected) {
  const tensors = (/** @type {any[]} */ list) => list.map(({ shape }) => shape);
  assert.deepEqual(tensors(actual), tensors(expected));
  actual.forEach((/** @type {any} */ { values }, /** @type {number} */ i) => assertClose(values, expected[i].values, TOLERANCES.model, `output ${i}`));
}

/**
 * A topology with null where the other one has it: TensorFlow.js writes null for settings that it leaves undefined, we write what they are.
 * @param {any} value
 * @param {any} other
 * @returns {any}
 */
function withNulls(value, other) {
  if (other === null || value === null || typeof value !== 'object') return other === null ? null : value;
  if (Array.isArray(value)) return value.map((member, i) => withNulls(member, other?.[i]));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withNulls(member, other?.[key])]));
}

test('names that nobody gave', () => assert.deepEqual(names(tf), names(tfjs)));

LAYERS.forEach(([name, config, shapes], i) => {
  test(`${name} ${JSON.stringify(config)}`, () => {
    const make = (/** @type {any} */ library) => describeLayer(library, library.layers[name]({ name: `layer${i}`, ...config }), shapes);
    const [{ outputs, ...actual }, { outputs: wanted, ...expected }] = [make(tf), make(tfjs)];
    assert.deepEqual(actual, expected);
    assertSame(outputs, wanted);
  });
});

for (const [name, config] of CONFIGS) {
  test(`the config of ${name} ${JSON.stringify(config)}`, () => {
    const [actual, expected] = [tf, tfjs].map((/** @type {any} */ library) => JSON.parse(JSON.stringify(library.layers[name]({ name: 'a', ...config }).getConfig())));
    assert.deepEqual(actual, expected);
  });
}

for (const [name, make, shapes] of WRAPPERS) {
  test(name, () => {
    const [{ outputs, ...actual }, { outputs: wanted, ...expected }] = [tf, tfjs].map(library => describeLayer(library, make(library), shapes));
    assert.deepEqual(actual, expected);
    assertSame(outputs, wanted);
  });
}

const models = [tf, tfjs].map(describeModels);
for (const name of Object.keys(models[1])) {
  const [{ results, ...actual }, { results: wanted, ...expected }] = models.map(all => all[name]);
  for (const key of Object.keys(expected)) {
    test(`the model ${name}: ${key}`, () => assert.deepEqual(key === 'topology' ? withNulls(actual[key], expected[key]) : actual[key], expected[key]));
  }
  test(`the model ${name}: what it computes`, () => assertSame(results, wanted));
}

const mistakes = [tf, tfjs].map(messages);
for (const name of Object.keys(mistakes[1])) test(`what is said of: ${name}`, () => assert.equal(mistakes[0][name], mistakes[1][name]));

test('initializers, regularizers, constraints', () => {
  const [actual, expected] = [tf, tfjs].map(smallThings);
  for (const key of ['initializers', 'regularizers', 'constraints', 'constant', 'fixed', 'dispose']) assert.deepEqual(actual[key], expected[key], key);
  for (const key of ['penalties', 'constrained']) assertSame(actual[key], expected[key]);
});

test('tf.layers has all that TensorFlow.js has', () => {
  assert.deepEqual(Object.keys(tfjs.layers).filter(name => !(name in tf.layers)), []);
});
