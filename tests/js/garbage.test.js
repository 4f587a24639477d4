/** What was dropped without dispose. The one file of tests for which exact_counts.mjs does nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '../../js/src/index.js';

test('the finalizer gives back what was dropped', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const before = tf.memory().numTensors;
  for (let i = 0; i < 100; i++) tf.ones([1000]);
  for (let i = 0; i < 50 && tf.memory().numTensors > before; i++) {
    collect();
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  assert.ok(tf.memory().numTensors <= before);
});
