/** Every case of op-cases.mjs: results and refusals as TensorFlow.js 4.22 gives them, and no tensor is left behind. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../../js/src/index.js';
import { assertClose, TOLERANCES } from '../close.js';
import { CASES, REFUSED, run } from '../op-cases.mjs';

const goldens = JSON.parse(readFileSync(new URL('../tfjs-goldens.json', import.meta.url), 'utf8'));
/** @param {[string, ...any[]]} call */
const nameOf = call => JSON.stringify(call).slice(0, 120);

/**
 * @param {any} actual a tensor, an array or an object of tensors
 * @param {any} expected
 */
function assertResult(actual, expected) {
  if (Array.isArray(expected)) {
    assert.equal(actual.length, expected.length);
    expected.forEach((part, i) => assertResult(actual[i], part));
  } else if (expected.dtype === undefined) {
    for (const [key, part] of Object.entries(expected)) assertResult(actual[key], part);
  } else {
    assert.equal(actual.dtype, expected.dtype);
    assert.deepEqual(actual.shape, expected.shape);
    assertClose(actual.dataSync(), expected.values.map(Number), expected.dtype === 'float32' ? TOLERANCES.op : TOLERANCES.exact);
  }
}

test('every case was recorded', () => {
  assert.equal(goldens.results.length, CASES.length);
  assert.equal(goldens.refusals.length, REFUSED.length);
});

CASES.forEach((call, i) => {
  test(`op ${i} ${nameOf(call)}`, () => {
    const before = tf.memory();
    tf.tidy(() => assertResult(run(tf, call), goldens.results[i]));
    assert.deepEqual(tf.memory(), before);
  });
});

REFUSED.forEach((call, i) => {
  test(`refused ${i} ${nameOf(call)}`, () => {
    const before = tf.memory();
    tf.tidy(() => assert.throws(() => run(tf, call), { message: goldens.refusals[i] }));
    assert.deepEqual(tf.memory(), before);
  });
});
