/** Regularizers, constraints and initializers against Keras 3. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { getConstraint } from '../../../js/src/layers/constraints.js';
import { getInitializer } from '../../../js/src/layers/initializers.js';
import { getRegularizer } from '../../../js/src/layers/regularizers.js';
import * as tf from '../../../js/src/index.js';
import { assertClose } from '../close.js';

const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };
const cases = JSON.parse(readFileSync(new URL('../../golden/training/penalties.json', import.meta.url), 'utf8'));

/** @type {Record<string, (identifier: any) => any>} */
const GETTERS = { regularizers: getRegularizer, constraints: getConstraint, initializers: getInitializer };

for (const { kind, class: name, config, written, x, shape, value } of cases.filter(golden => golden.kind !== 'random')) {
  test(`${name} ${JSON.stringify(config)} of [${shape ?? x.shape}] is Keras's`, () => {
    // Keras forgets the gain of an Identity when it writes it
    for (const identifier of [{ class_name: name, config }, ...(name === 'Identity' ? [] : [written])]) {
      const made = GETTERS[kind](identifier);
      const again = GETTERS[kind]({ className: made.getClassName(), config: made.getConfig() });
      for (const one of [made, again]) {
        const found = one.apply(kind === 'initializers' ? shape : tf.tensor(x.values, x.shape));
        assert.deepEqual(found.shape, value.shape);
        assertClose(found.dataSync(), value.values, TOLERANCE);
      }
    }
  });
}

for (const { class: name, config, written, shape, mean, deviation, largest } of cases.filter(golden => golden.kind === 'random')) {
  test(`${name} ${JSON.stringify(config)} is as wide as Keras's, and the same for a seed`, () => {
    const initializer = getInitializer(written);
    const x = initializer.apply(shape);
    const { mean: found, variance } = tf.moments(x);
    assertClose(found.dataSync(), [mean], { relative: 0, absolute: deviation * 0.03 });
    assertClose(variance.sqrt().dataSync(), [deviation], { relative: 0.03, absolute: 0 });
    if (!/RandomNormal|untruncated|Orthogonal/.test(name + config.distribution)) assertClose(x.abs().max().dataSync(), [largest], { relative: 0.01, absolute: 0 });
    assert.deepEqual(initializer.apply(shape).dataSync(), x.dataSync());
    assert.deepEqual(getInitializer(written).apply(shape).dataSync(), x.dataSync());
    assert.notDeepEqual(getInitializer({ class_name: name, config: { ...config, seed: 6 } }).apply(shape).dataSync(), x.dataSync());
  });
}

test('Orthogonal has orthogonal rows or columns, whichever are fewer', () => {
  for (const shape of [[3, 5], [5, 3], [2, 2, 3, 4]]) {
    const x = getInitializer({ class_name: 'OrthogonalInitializer', config: { gain: 2, seed: 1 } }).apply(shape).reshape([-1, shape.at(-1)]);
    const rows = x.shape[0] <= x.shape[1];
    assertClose(tf.matMul(x, x, !rows, rows).dataSync(), tf.eye(Math.min(...x.shape)).mul(4).dataSync(), TOLERANCE);
  }
});

test('axes of inputs and outputs', () => {
  const deviation = args => tf.moments(getInitializer({ class_name: 'HeNormal', config: { seed: 3, ...args } }).apply([100, 4, 50])).variance.sqrt().dataSync()[0];
  assertClose([deviation({})], [Math.sqrt(2 / 400)], { relative: 0.03, absolute: 0 });
  assertClose([deviation({ input_axes: [0], output_axes: [1, -1] })], [Math.sqrt(2 / 100)], { relative: 0.03, absolute: 0 });
});

test('names, as Keras and as TensorFlow.js spell them', () => {
  for (const name of ['maxNorm', 'max_norm', 'MaxNorm', 'maxnorm']) assert.equal(getConstraint(name).getClassName(), 'MaxNorm');
  for (const name of ['nonNeg', 'non_neg', 'NonNeg', 'unitNorm', 'unit_norm', 'minMaxNorm', 'min_max_norm']) assert.ok(getConstraint(name));
  for (const name of ['l1', 'l2', 'l1l2', 'l1_l2', 'L1', 'L2', 'L1L2', 'orthogonal_regularizer', 'OrthogonalRegularizer']) assert.ok(getRegularizer(name));
  for (const name of ['zeros', 'zero', 'Zeros', 'ones', 'one', 'constant', 'identity', 'IdentityInitializer', 'normal', 'random_normal', 'uniform', 'random_uniform',
    'truncated_normal', 'glorot_uniform', 'glorotUniform', 'GlorotNormal', 'he_normal', 'he_uniform', 'lecun_normal', 'LecunUniform', 'leCunUniform',
    'variance_scaling', 'orthogonal']) assert.ok(getInitializer(name).apply([3, 3]), name);
});

test('what is wrong is said', () => {
  assert.throws(() => tf.regularizers.orthogonal({ mode: 'diagonal' }), /expected mode to be "rows" or "columns". Received: mode=diagonal/);
  assert.throws(() => tf.regularizers.orthogonal().apply(tf.ones([3])), /must have rank 2. Received: inputs.shape=\[3\]/);
  assert.throws(() => getInitializer('identity').apply([3]), /can only be used for 2D square matrices/);
  assert.throws(() => getConstraint('maxNrm'), /Unknown constraint: maxNrm/);
});
