/** Programs (functions of tensors traced into native graphs), the tape, and optimizers, where the published specs do not reach. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Program } from '../../js/src/core/program.js';
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
