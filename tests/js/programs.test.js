/** Programs (functions of tensors traced into native graphs), the tape, and optimizers, where the published specs do not reach. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newestValue, Program, updateAfterRun } from '../../js/src/core/program.js';
import * as tf from '../../js/src/index.js';

const float = (/** @type {(number | null)[]} */ ...shape) => ({ shape, dtype: /** @type {const} */ ('float32') });

/** @param {tf.Tensor} actual @param {any} expected */
function close(actual, expected, tolerance = 1e-5) {
  const values = [expected].flat(Infinity);
  Array.from(actual.dataSync()).forEach((value, i) => assert.ok(Math.abs(value - values[i]) <= tolerance * Math.max(1, Math.abs(values[i])), `${i}: ${value}, expected ${values[i]}`));
  assert.equal(actual.size, values.length);
}

test('a program is traced once, for any batch, and reads variables at each run', () => {
  const v = tf.variable(tf.tensor1d([1, 2]));
  let calls = 0;
  const program = Program.trace([float(null, 2)], x => {
    calls++;
    assert.deepEqual(x.shape, [null, 2]);
    assert.ok(x.isSymbolic);
    assert.throws(() => x.dataSync(), /is being traced and has no elements/);
    return [x.mul(v).sum(1), tf.tidy(() => v.square())];
  });
  assert.deepEqual(program.outputTypes.map(({ shape }) => shape), [[null], [2]]);
  assert.deepEqual(program.variables, [v]);
  close(program.run([tf.tensor2d([[1, 1], [2, 2]])])[0], [3, 6]);
  v.assign(tf.tensor1d([10, 20]));
  const [sums, squares] = program.run([tf.ones([3, 2])]);
  close(sums, [30, 30, 30]);
  close(squares, [100, 400]);
  close(program.run([tf.ones([1, 2])], [1])[0], [100, 400]);
  assert.equal(calls, 1);
  program.dispose();
});

test('the gradient of a program: of inputs, then of variables', () => {
  const v = tf.variable(tf.tensor1d([10, 20]));
  const program = Program.trace([float(null, 2)], x => [x.mul(v).sum(1), v.square()]);
  const [dx, dv] = program.gradient().run([tf.tensor2d([[1, 1], [2, 2]]), tf.tensor1d([1, 1]), tf.tensor1d([0, 1])]);
  close(dx, [[10, 20], [10, 20]]);
  close(dv, [3, 3 + 40]);
});

test('a program is on the tape, and inside another program', () => {
  const v = tf.variable(tf.scalar(3));
  const cube = Program.trace([float(null)], x => [x.pow(3).mul(v)]);
  close(tf.grad(x => cube.run([x])[0])(tf.tensor1d([1, 2])), [9, 36]);
  close(tf.grad(x => tf.grad(y => cube.run([y])[0])(x).sum())(tf.tensor1d([1, 2])), [18, 36]);
  close(tf.variableGrads(() => /** @type {any} */ (cube.run([tf.tensor1d([1, 2])])[0].sum())).grads[v.name], [9]);
  const twice = Program.trace([float(null)], x => cube.run([cube.run([x])[0]]));
  assert.deepEqual(twice.variables, [v]);
  close(twice.run([tf.tensor1d([2])])[0], [3 * 24 ** 3]);
});

test('custom gradients and gradients inside a traced body', () => {
  const v = tf.variable(tf.tensor1d([10, 20]));
  const odd = tf.customGrad((x, save) => {
    save([x]);
    return { value: x.square(), gradFunc: (/** @type {any} */ dy, /** @type {any[]} */ [saved]) => dy.mul(saved.abs()) };
  });
  const program = Program.trace([float(null)], x => [odd(x.mul(v)), tf.grad(y => y.pow(3))(x)]);
  const [a, b] = program.run([tf.tensor1d([3, 4])]);
  close(a, [900, 6400]);
  close(b, [27, 48]);
  const [dx, dv] = program.gradient().run([tf.tensor1d([3, 4]), tf.ones([2]), tf.ones([2])]);
  close(dx, [30 * 10 + 18, 80 * 20 + 24]);
  close(dv, [30 * 3, 80 * 4]);
});

test('gradients of third order, and through disposed intermediates', () => {
  const third = tf.grad(x => tf.grad(y => tf.grad(z => tf.tidy(() => z.square().square()))(y).sum())(x).sum());
  close(third(tf.tensor1d([1, 2])), [24, 48]);
});

test('gradients leave nothing behind', () => {
  const x = tf.tensor1d([1, 2, 3]);
  tf.grad(y => y.square().mul(2).sum())(x).dispose();
  const before = tf.memory();
  for (let i = 0; i < 50; i++) tf.grad(y => tf.tidy(() => y.square().mul(2).reshape([3, 1]).sum()))(x).dispose();
  assert.deepEqual(tf.memory(), before);
});

test('an error while tracing gives everything back', () => {
  const x0 = tf.scalar(1);
  const before = tf.memory().numTensors;
  assert.throws(() => Program.trace([float(2)], x => [x.matMul(x)]), { code: 'SHAPE' });
  assert.throws(() => tf.grad(() => { throw new Error('no'); })(x0), /no/);
  assert.equal(tf.memory().numTensors, before);
  close(tf.add(1, 2), [3]);
});

for (const [name, make] of Object.entries({
  sgd: () => tf.train.sgd(0.1), momentum: () => tf.train.momentum(0.1, 0.5, true), rmsprop: () => tf.train.rmsprop(0.05, 0.9, 0.1, null, true),
  adam: () => tf.train.adam(0.2), adadelta: () => tf.train.adadelta(0.1), adamax: () => tf.train.adamax(0.2), adagrad: () => tf.train.adagrad(0.5),
})) {
  test(`${name} finds a minimum and keeps its state in constant memory`, async () => {
    const x = tf.variable(tf.tensor1d([1, -2]));
    const optimizer = make();
    const loss = () => /** @type {any} */ (x.sub([0.5, 0.25]).square().sum());
    const first = /** @type {tf.Tensor} */ (optimizer.minimize(loss, true, [x])).dataSync()[0];
    const before = tf.memory().numTensors;
    for (let i = 0; i < 60; i++) optimizer.minimize(loss, false, [x]);
    assert.equal(tf.memory().numTensors, before);
    assert.ok(loss().dataSync()[0] < first * 0.1, `${name}: ${loss().dataSync()[0]} of ${first}`);
    assert.equal(optimizer.iterations, 61);
    optimizer.dispose();
  });
}

test('a program updates variables at the end of each run, once, whatever it is asked for', () => {
  const count = tf.variable(tf.scalar(0, 'int32'));
  const total = tf.variable(tf.tensor1d([0, 0]));
  const program = Program.trace([float(2)], x => {
    updateAfterRun(total, total.add(x));
    updateAfterRun(total, newestValue(total).add(x));
    count.assign(tf.add(count, tf.scalar(1, 'int32')));
    return [newestValue(total).sum(), x.neg(), total];
  });
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const [sum, negative, newest] = program.run([tf.tensor1d([1, 2])]);
    close(sum, [6]);
    close(negative, [-1, -2]);
    close(newest, [2, 4]);
  });
  close(total, [2, 4]);
  tf.tidy(() => void program.run([tf.tensor1d([1, 2])], [1]));
  tf.tidy(() => void program.run([tf.tensor1d([1, 2])], []));
  close(total, [6, 12]);
  close(count, [3]);
  assert.equal(tf.memory().numTensors, before);
  tf.tidy(() => close(program.run([total], [1])[0], [-6, -12])); // an input that the run changes
  close(total, [18, 36]);
  assert.throws(() => Program.trace([float(3)], x => (updateAfterRun(total, x), [x])), /shape of the new value \(3\) and previous value \(2\) must match/);
  assert.throws(() => Program.trace([float(null)], x => (updateAfterRun(total, x.cast('int32')), [x])), /update: expected \[2\] of float32, got \[null\] of int32/);
  program.dispose();
});

test('the gradient of a program that updates reads what the run has read, and updates nothing', () => {
  const state = tf.variable(tf.tensor1d([3]));
  const program = Program.trace([float(1)], x => {
    const y = state.mul(x);
    updateAfterRun(state, y);
    return [y.sum()];
  });
  close(tf.grad(x => program.run([x])[0])(tf.tensor1d([2])), [3]);
  close(state, [6]);
  close(tf.grad(x => program.run([x])[0])(tf.tensor1d([2])), [6]);
  close(state, [12]);
  const { grads, value } = tf.variableGrads(() => /** @type {any} */ (program.run([tf.tensor1d([5])])[0]), [state]);
  close(value, [60]);
  close(grads[state.name], [5]);
  close(state, [60]);
  const outer = Program.trace([float(1)], x => program.run([program.run([x])[0].reshape([1])]));
  close(outer.run([tf.tensor1d([2])])[0], [60 * 2 * 60 * 2 * 60 * 2 / 2 / 60]);
});

test('outside of a program an update happens at once', () => {
  const v = tf.variable(tf.tensor1d([1, 2]));
  updateAfterRun(v, tf.tensor1d([3, 4]));
  close(newestValue(v), [3, 4]);
});

test('a step of training is one program: gradients within it, moving averages and weights', () => {
  const layer = tf.layers.batchNormalization({ momentum: 0.5 });
  const weight = tf.variable(tf.tensor2d([[2]]));
  const x = tf.tensor2d([[1], [3]]);
  layer.apply(tf.zeros([1, 1]));
  const step = Program.trace([float(null, 1), { shape: [2], dtype: 'int32' }], (input, seed) => {
    const loss = () => /** @type {any} */ (tf.tidy(() => layer.apply(input.matMul(weight), { training: true, seed }).square().mean()));
    const { value, grads } = tf.variableGrads(loss, [weight]);
    updateAfterRun(weight, weight.sub(grads[weight.name].mul(0).add(1)));
    return [value];
  });
  const seed = tf.tensor1d([1, 2], 'int32');
  close(step.run([x, seed])[0], [1 / (1 + 1e-3 / 4)], 1e-3);
  close(weight, [1]);
  close(layer.getWeights()[2], [2]); // half of the mean 4
  close(layer.getWeights()[3], [2.5]); // half of 1 and of the variance 4
  step.run([x, seed]);
  close(weight, [0]);
  close(layer.getWeights()[2], [2]); // (2 + 2) / 2
  close(layer.getWeights()[3], [1.75]); // (2.5 + 1) / 2
});

test('moving averages follow every call of a layer in training', () => {
  const layer = tf.layers.batchNormalization({ momentum: 0.5 });
  const x = tf.tensor2d([[1], [3]]);
  layer.apply(x, { training: true });
  close(layer.getWeights()[2], [1]);
  layer.apply(x);
  close(layer.getWeights()[2], [1]);
  const input = tf.input({ shape: [1] });
  const model = tf.model({ inputs: input, outputs: layer.apply(layer.apply(input)) });
  model.apply(x, { training: true });
  close(layer.getWeights()[2], [(1 + 2) / 2 / 2]); // of the first call, then of the second, whose mean is 0
});
