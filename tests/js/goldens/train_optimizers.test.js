/** Optimizers and schedules against Keras 3, step by step; their state, configs, names and misuse. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Program } from '../../../js/src/core/program.js';
import * as tf from '../../../js/src/index.js';
import { assertClose } from '../close.js';
import { tfjs } from '../tfjs.js';

const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };

const read = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`../../golden/training/${name}.json`, import.meta.url), 'utf8'));
const [{ values, gradients }, ...cases] = read('optimizers');
const NAMES = Object.keys(values);

/** The four variables at their start. */
const makeVariables = () => NAMES.map(name => tf.variable(tf.tensor(values[name].values, values[name].shape), true, undefined, 'float32'));

/** A config of the goldens, where a schedule is [class, config], as Keras serializes it. */
const described = (/** @type {any} */ config) => (Array.isArray(config.learning_rate)
  ? { ...config, learning_rate: { class_name: config.learning_rate[0], config: config.learning_rate[1] } }
  : config);

/** The same as options of JavaScript. */
function asOptions(/** @type {any} */ config) {
  const camel = (/** @type {string} */ key) => key.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  const options = Object.fromEntries(Object.entries(config).map(([key, value]) => [camel(key), value]));
  if (!Array.isArray(config.learning_rate)) return options;
  const [name, args] = config.learning_rate;
  return { ...options, learningRate: new tf.train.schedules[name](args) };
}

function targetsOf(/** @type {any} */ golden, /** @type {any[]} */ variables) {
  return variables.map((val, i) => {
    const [name, config] = golden.constraints?.[NAMES[i]] ?? [];
    return { val, constraint: name === undefined ? null : constraintOf(name, config) };
  });
}

const constraintOf = (/** @type {string} */ name, /** @type {any} */ { max_value: maxValue, ...rest }) =>
  tf.constraints[name[0].toLowerCase() + name.slice(1)]({ ...(maxValue === undefined ? {} : { maxValue }), ...rest });

/** All steps of a golden; by apply alone, or in a Program of the caller's. */
function follow(golden, optimizer, variables, inProgram, upTo = gradients.length, from = 1) {
  const targets = targetsOf(golden, variables);
  const absent = NAMES.map(name => golden.absent?.includes(name) ?? false);
  if (golden.excluded !== undefined && from === 1) optimizer.excludeFromWeightDecay([variables[NAMES.indexOf(golden.excluded[0])]]);
  if (from === 1) optimizer.build(targets);
  const types = NAMES.map(name => ({ shape: values[name].shape, dtype: 'float32' }));
  const given = inputs => inputs.map((x, i) => (absent[i] ? null : x));
  const program = inProgram ? Program.trace(types, (...inputs) => (optimizer.apply(given(inputs)), [])) : null;
  for (let step = from; step <= upTo; step++) {
    if (golden.rates?.[step] !== undefined) optimizer.learningRate = golden.rates[step];
    tf.tidy(() => {
      const inputs = NAMES.map(name => tf.tensor(gradients[step - 1][name], values[name].shape));
      if (program === null) optimizer.apply(given(inputs), targets);
      else program.run(inputs);
    });
    golden.seen[step]?.forEach((expected, i) => assertClose(variables[i].dataSync(), expected, TOLERANCE, `step ${step}, ${NAMES[i]}`));
  }
  program?.dispose();
}

function checkKept({ kept }, optimizer) {
  assert.deepEqual(optimizer.variables.map(({ variable }) => variable.shape), kept.map(({ shape }) => shape));
  optimizer.variables.forEach(({ name, variable }, i) => assertClose(variable.dataSync(), kept[i].values, TOLERANCE, `${i}: ${name}`));
}

const warn = console.warn;
test.beforeEach(() => void (console.warn = () => {}));
test.afterEach(() => void (console.warn = warn));

for (const name of new Set(cases.map(golden => golden.optimizer))) {
  test(`${name} follows Keras, eagerly and within a program`, () => {
    cases.filter(golden => golden.optimizer === name).forEach((golden, i) => {
      for (const inProgram of [false, true]) {
        const variables = makeVariables();
        const optimizer = inProgram ? tf.train[name.toLowerCase()](asOptions(golden.config)) : tf.optimizers.get({ class_name: name, config: described(golden.config) });
        try {
          follow(golden, optimizer, variables, inProgram);
          checkKept(golden, optimizer);
          optimizer.finalizeVariableValues();
          golden.final?.forEach((expected, k) => assertClose(variables[k].dataSync(), expected, TOLERANCE, `final, ${NAMES[k]}`));
        } catch (error) {
          error.message = `${name} ${i} ${JSON.stringify(golden.config)} ${inProgram ? 'in a program' : 'eagerly'}: ${error.message}`;
          throw error;
        }
        tf.dispose([variables]);
        optimizer.dispose();
      }
    });
  });
}

/** Numbers as float32 has them, since Keras reads its learning rate from a variable. */
const rounded = (/** @type {any} */ value) => JSON.parse(JSON.stringify(value, (_, x) => (typeof x === 'number' ? Math.fround(x) : x)));

test('configs are Keras\'s, in its order, and make the same optimizer again', () => {
  for (const { optimizer: name, config, written } of cases.filter(({ rates }) => rates === undefined)) {
    const optimizer = tf.optimizers.get({ class_name: name, config: described(config) });
    const { learning_rate: rate } = written.config;
    assert.deepEqual(rounded(optimizer.toKeras()), rounded(written), name);
    assert.deepEqual(Object.keys(optimizer.toKeras().config), Object.keys(written.config));
    const again = tf.optimizers.get(written);
    assert.deepEqual(rounded(again.toKeras()), rounded(written));
    assert.equal(Math.fround(again.learningRate), Math.fround(typeof rate === 'number' ? rate : again.schedule.at(0)));
    const copy = optimizer.constructor.fromConfig(optimizer.constructor, optimizer.getConfig());
    assert.deepEqual(copy.getConfig(), optimizer.getConfig());
    assert.deepEqual(rounded(copy.toKeras().config), rounded(optimizer.toKeras().config));
    for (const one of [optimizer, again, copy]) one.dispose();
  }
});

test('configs of tf.keras and of TensorFlow.js are read', () => {
  const former = tf.optimizers.get({
    class_name: 'Custom>RMSprop', config: { name: 'RMSprop', lr: 0.25, rho: 0.7, decay: 0, momentum: 0.5, jit_compile: false, is_legacy_optimizer: false },
  });
  assert.deepEqual([former.learningRate, former.decay, former.momentum], [0.25, 0.7, 0.5]);
  const ours = tf.optimizers.get({ className: 'RMSProp', config: { learningRate: 0.25, decay: 0.7, momentum: 0, epsilon: 1e-7, centered: true } });
  assert.deepEqual([ours.learningRate, ours.decay, ours.centered], [0.25, 0.7, true]);
  assert.equal(tf.optimizers.get({ className: 'Momentum', config: { learningRate: 0.1, momentum: 0.5, useNesterov: true } }).useNesterov, true);
});

for (const { schedule: name, config, written, rates } of read('schedules')) {
  test(`${name} ${JSON.stringify(config)} is Keras's`, () => {
    const schedule = new tf.train.schedules[name](config);
    const found = rates.map((_, step) => schedule.at(step));
    assertClose(found, rates, { relative: 1e-5, absolute: 1e-7 });
    const optimizer = tf.train.sgd(schedule);
    assert.deepEqual(optimizer.toKeras().config.learning_rate, written);
    const again = tf.optimizers.get(optimizer.toKeras());
    assert.deepEqual(again.toKeras().config.learning_rate, written);
    const copy = tf.SGDOptimizer.fromConfig(tf.SGDOptimizer, optimizer.getConfig());
    assert.deepEqual(copy.toKeras().config.learning_rate, written);
    const x = tf.variable(tf.scalar(0));
    for (const rate of rates.slice(0, 6)) {
      const before = x.dataSync()[0];
      assertClose([optimizer.learningRate], [rate], { relative: 1e-5, absolute: 1e-7 });
      optimizer.applyGradients([{ name: x.name, tensor: tf.scalar(1) }]);
      assertClose([before - x.dataSync()[0]], [rate], { relative: 1e-4, absolute: 1e-6 });
    }
    assert.throws(() => void (optimizer.learningRate = 0.1), /learning rate is not settable/);
  });
}

/** Makers with the same meaning here and in TensorFlow.js. @type {Record<string, (tf: any) => any>} */
const SHARED = {
  sgd: lib => lib.train.sgd(0.1),
  momentum: lib => lib.train.momentum(0.1, 0.8),
  'momentum, looking ahead': lib => lib.train.momentum(0.1, 0.8, true),
  adagrad: lib => lib.train.adagrad(0.1),
  adadelta: lib => lib.train.adadelta(0.1, 0.9),
  rmsprop: lib => lib.train.rmsprop(0.05, 0.8),
  'rmsprop, with momentum': lib => lib.train.rmsprop(0.05, 0.8, 0.5),
  'rmsprop, centered': lib => lib.train.rmsprop(0.05, 0.8, 0.5, 1e-7, true),
  adam: lib => lib.train.adam(0.05, 0.8, 0.9),
};

for (const [name, make] of Object.entries(SHARED)) {
  test(`${name}: TensorFlow.js goes on from our weights, and we from its`, async () => {
    const start = [[1, -2, 3], [0.5]];
    /** @param {any} lib @param {any} optimizer @param {any[]} variables @param {number} steps */
    const go = (lib, optimizer, variables, steps) => {
      for (let i = 0; i < steps; i++) optimizer.minimize(() => variables[0].square().sum().add(variables[1].sub(2).square().sum()), false, variables);
    };
    const libs = [tf, tfjs];
    const runs = libs.map(lib => ({ lib, optimizer: make(lib), variables: start.map((values, i) => lib.variable(lib.tensor1d(values), true, `${name} ${i}`)) }));
    for (const { lib, optimizer, variables } of runs) go(lib, optimizer, variables, 3);
    const weights = await Promise.all(runs.map(({ optimizer }) => optimizer.getWeights()));
    assert.deepEqual(weights[0].map(weight => weight.name), weights[1].map(weight => weight.name));
    const close = { relative: 1e-4, absolute: 1e-5 };
    for (const [i, { name: path, tensor }] of weights[0].entries()) {
      if (name !== 'rmsprop' || !path.endsWith('momentum')) assertClose(tensor.dataSync(), weights[1][i].tensor.dataSync(), close, path);
    }
    const others = runs.map(({ lib }, i) => ({ lib, optimizer: make(lib), variables: runs[1 - i].variables.map((variable, k) =>
      lib.variable(lib.tensor1d(Array.from(variable.dataSync())), true, `${name} other ${k}`)) }));
    for (const [i, { lib, optimizer }] of others.entries()) {
      await optimizer.setWeights(weights[1 - i].map(({ name: path, tensor }) => ({ name: path, tensor: lib.tensor(tensor.dataSync(), tensor.shape, tensor.dtype) })));
    }
    for (const { lib, optimizer, variables } of [...runs, ...others]) go(lib, optimizer, variables, 3);
    for (const { optimizer, variables } of [...runs, ...others]) {
      assert.equal(optimizer.iterations, 6);
      variables.forEach((variable, k) => assertClose(variable.dataSync(), runs[1].variables[k].dataSync(), close, `${name} ${k}`));
    }
    tf.disposeVariables();
  });
}

/** The last configurations of each optimizer, which have the most in them. */
const TELLING = [...new Set(cases.map(golden => golden.optimizer))].flatMap(name =>
  cases.filter(golden => golden.optimizer === name && golden.rates === undefined).slice(-2));

test('every optimizer goes on from its state to the bit: getWeights, and Keras\'s variables', async () => {
  for (const golden of TELLING) {
    const make = () => tf.optimizers.get({ class_name: golden.optimizer, config: described(golden.config) });
    const variables = makeVariables();
    const whole = make();
    follow(golden, whole, variables, false);
    const half = makeVariables();
    const first = make();
    follow(golden, first, half, false, 5);
    const saved = (await first.getWeights()).map(({ name, tensor }) => ({ name, tensor: tensor.clone() }));
    const values = first.variables.map(({ variable }) => variable.clone());
    for (const how of ['before build', 'after build', 'variables']) {
      const copies = half.map(variable => tf.variable(variable));
      const second = make();
      if (golden.excluded !== undefined) second.excludeFromWeightDecay([copies[NAMES.indexOf(golden.excluded[0])]]);
      if (how === 'before build') await second.setWeights(saved);
      second.build(targetsOf(golden, copies));
      if (how === 'after build') await second.setWeights(saved);
      if (how === 'variables') second.variables.forEach(({ variable }, i) => variable.assign(values[i]));
      follow(golden, second, copies, how === 'variables', gradients.length, 6);
      copies.forEach((copy, i) => assert.deepEqual(copy.dataSync(), variables[i].dataSync(), `${golden.optimizer} ${JSON.stringify(golden.config)} ${how}`));
      second.dispose();
      tf.dispose(copies);
    }
    whole.dispose();
    first.dispose();
    tf.dispose([variables, half, saved, values]);
  }
});

/** What .h5 files call the weights of an optimizer for d/kernel and d/bias. @type {[string, string, object, string[]][]} */
const FILES = [
  ['tf.keras 2.13', 'SGD', { momentum: 0.9 }, ['iteration:0', 'SGD/m/d/kernel:0', 'SGD/m/d/bias:0']],
  ['tf.keras 2.13', 'RMSprop', { momentum: 0.1, centered: true }, ['iteration:0', 'RMSprop/velocity/d/kernel:0', 'RMSprop/velocity/d/bias:0',
    'RMSprop/momentum/d/kernel:0', 'RMSprop/momentum/d/bias:0', 'RMSprop/average_gradient/d/kernel:0', 'RMSprop/average_gradient/d/bias:0']],
  ['tf.keras 2.13', 'Adam', { amsgrad: true, use_ema: true }, ['iteration:0', 'Adam/average/d/kernel:0', 'Adam/average/d/bias:0', 'Adam/m/d/kernel:0',
    'Adam/v/d/kernel:0', 'Adam/m/d/bias:0', 'Adam/v/d/bias:0', 'Adam/vhat/d/kernel:0', 'Adam/vhat/d/bias:0']],
  ['tf.keras 2.13', 'Ftrl', {}, ['iteration:0', 'Ftrl/accumulator/d/kernel:0', 'Ftrl/linear/d/kernel:0', 'Ftrl/accumulator/d/bias:0', 'Ftrl/linear/d/bias:0']],
  ['tf.keras 2.13', 'Adamax', {}, ['iteration:0', 'Adamax/m/d/kernel:0', 'Adamax/u/d/kernel:0', 'Adamax/m/d/bias:0', 'Adamax/u/d/bias:0']],
  ['tf.keras 2.10', 'RMSprop', { momentum: 0.1, centered: true }, ['RMSprop/iter:0', 'RMSprop/d/kernel/rms:0', 'RMSprop/d/bias/rms:0',
    'RMSprop/d/kernel/momentum:0', 'RMSprop/d/bias/momentum:0', 'RMSprop/d/kernel/mg:0', 'RMSprop/d/bias/mg:0']],
  ['tf.keras 2.10', 'Adam', { amsgrad: true }, ['Adam/iter:0', 'Adam/d/kernel/m:0', 'Adam/d/bias/m:0', 'Adam/d/kernel/v:0', 'Adam/d/bias/v:0',
    'Adam/d/kernel/vhat:0', 'Adam/d/bias/vhat:0']],
  ['tf.keras 2.10', 'Adadelta', {}, ['Adadelta/iter:0', 'Adadelta/d/kernel/accum_grad:0', 'Adadelta/d/bias/accum_grad:0', 'Adadelta/d/kernel/accum_var:0',
    'Adadelta/d/bias/accum_var:0']],
  ['Keras 3', 'Adam', { amsgrad: true, use_ema: true, gradient_accumulation_steps: 2 }, ['adam/iteration', 'adam/learning_rate', 'adam/sequential_d_kernel_average',
    'adam/sequential_d_bias_average', 'adam/sequential_d_kernel_gradient_accumulator', 'adam/sequential_d_bias_gradient_accumulator',
    'adam/sequential_d_kernel_momentum', 'adam/sequential_d_kernel_velocity', 'adam/sequential_d_bias_momentum', 'adam/sequential_d_bias_velocity',
    'adam/sequential_d_kernel_velocity_hat', 'adam/sequential_d_bias_velocity_hat']],
  ['Keras 3', 'Nadam', {}, ['nadam/iteration', 'nadam/learning_rate', 'nadam/sequential_d_kernel_momentum', 'nadam/sequential_d_kernel_velocity',
    'nadam/sequential_d_bias_momentum', 'nadam/sequential_d_bias_velocity', 'nadam/variable']],
  ['Keras 3', 'Adagrad', {}, ['adagrad/iteration', 'adagrad/learning_rate', 'adagrad/sequential_d_kernel_accumulator', 'adagrad/sequential_d_bias_accumulator']],
];

for (const [writer, name, config, paths] of FILES) {
  test(`the weights of ${name} in an .h5 file of ${writer} find their places`, async () => {
    for (const isBuilt of [true, false]) {
      const optimizer = tf.optimizers.get({ class_name: name, config });
      const variables = [tf.variable(tf.ones([2, 2])), tf.variable(tf.ones([2]))];
      if (isBuilt) optimizer.build(variables);
      const shapeOf = (/** @type {string} */ path) => (/kernel/.test(path) ? [2, 2] : /bias/.test(path) ? [2] : []);
      await optimizer.setWeights(paths.map((path, i) => ({ name: path, tensor: tf.fill(shapeOf(path), i + 1, i === 0 ? 'int32' : 'float32') })));
      optimizer.build(variables);
      // each weight has its place among the paths as its elements, so each is found where its slot and variable are
      const all = optimizer.variables.map(({ name: path, variable }) => ({ path, value: variable.dataSync()[0], shape: variable.shape }));
      const expected = writer === 'Keras 3' ? all.map((_, i) => i + 1) : null;
      if (expected !== null) assert.deepEqual(all.map(({ value }) => value), expected);
      else for (const { path, value, shape } of all.slice(2)) assert.deepEqual(shape, shapeOf(paths[value - 1]), path);
      assert.equal(new Set(all.slice(2).map(({ value }) => value)).size, paths.length - (writer === 'Keras 3' ? 2 : 1));
      if (writer === 'tf.keras 2.13' && name === 'Adam') assert.equal(optimizer.slots.velocity[1].dataSync()[0], 7);
      if (writer === 'tf.keras 2.10' && name === 'RMSprop') assert.equal(optimizer.slots.average_gradient[0].dataSync()[0], 6);
    }
  });
}

test('Nadam of tf.keras goes on without the product that its files are without', async () => {
  const [{ kept }] = cases.filter(golden => golden.optimizer === 'Nadam');
  const optimizer = tf.train.nadam();
  await optimizer.setWeights([{ name: 'iteration:0', tensor: tf.scalar(12, 'int32') }]);
  optimizer.build(makeVariables());
  assertClose(optimizer.scalars.variable.dataSync(), kept.at(-1).values, TOLERANCE);
});

test('steps make no tensors, and dispose gives all back', () => {
  for (const golden of TELLING) {
    const start = tf.memory().numTensors;
    const variables = makeVariables();
    const optimizer = tf.optimizers.get({ class_name: golden.optimizer, config: described(golden.config) });
    const given = Object.fromEntries(NAMES.map((name, i) => [variables[i].name, tf.tensor(gradients[0][name], values[name].shape)]));
    optimizer.applyGradients(given);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++) optimizer.applyGradients(given);
    assert.equal(tf.memory().numTensors, numTensors, golden.optimizer);
    optimizer.dispose();
    tf.dispose([variables, given]);
    assert.ok(tf.memory().numTensors <= start + NAMES.length, `${golden.optimizer}: ${tf.memory().numTensors - start} are left`);
  }
});

test('a step is traced once, whatever learning rates are set; a changed field traces anew', () => {
  let traces = 0;
  class Counting extends tf.Optimizer {
    static className = 'Counting';
    static fields = { learningRate: 1, factor: 2 };

    get slotGroups() {
      return [['last']];
    }

    updateStep(gradient, value, slots, { rate, step }) {
      traces++;
      return { value: value.sub(gradient.mul(rate).mul(this.factor).add(slots.last.mul(0))), last: step.add(gradient.mul(0)) };
    }
  }
  const optimizer = new Counting(0.5);
  const x = tf.variable(tf.scalar(10));
  const step = () => optimizer.applyGradients({ [x.name]: tf.scalar(1) });
  step();
  optimizer.learningRate = 0.25;
  step();
  optimizer.setLearningRate(2);
  step();
  assert.equal(traces, 1);
  assert.equal(x.dataSync()[0], 10 - 1 - 0.5 - 4);
  assert.equal(optimizer.slots.last[0].dataSync()[0], 3);
  const { traceKey } = optimizer;
  optimizer.factor = 1;
  assert.notEqual(optimizer.traceKey, traceKey);
  step();
  assert.equal(traces, 2);
  assert.equal(x.dataSync()[0], 10 - 5.5 - 2);
  assert.equal(optimizer.iterations, 4);
});

test('a schedule of one\'s own is traced, saved and read', () => {
  class Halving extends tf.LearningRateSchedule {
    static className = 'Halving';

    constructor({ start }) {
      super();
      this.start = start;
    }

    call(step) {
      return tf.mul(this.start, tf.pow(0.5, step.cast('float32')));
    }

    getConfig() {
      return { start: this.start };
    }
  }
  tf.serialization.registerClass(Halving);
  const optimizer = tf.train.adam({ learningRate: new Halving({ start: 0.5 }) });
  const again = tf.optimizers.get(optimizer.toKeras());
  assert.deepEqual([0, 1, 3].map(step => again.schedule.at(step)), [0.5, 0.25, 0.0625]);
  assert.equal(again.learningRate, 0.5);
  again.incrementIterations();
  assert.equal(again.learningRate, 0.25);
});

test('names of optimizers, as Keras and as TensorFlow.js spell them', () => {
  for (const name of ['sgd', 'SGD', 'rmsprop', 'RMSProp', 'RMSprop', 'adam', 'Adam', 'adamw', 'AdamW', 'adadelta', 'adagrad', 'adamax', 'nadam', 'Nadam',
    'ftrl', 'lion', 'adafactor', 'lamb', 'momentum']) {
    assert.equal(tf.optimizers.get(name).getClassName().toLowerCase(), name.toLowerCase());
  }
  assert.equal(tf.optimizers.get('adamax').learningRate, 0.001);
  assert.equal(tf.train.adamax().learningRate, 0.002);
  const made = tf.train.adam(0.1);
  assert.equal(tf.optimizers.get(made), made);
  assert.equal(made.learningRate, 0.1);
  assert.throws(() => tf.optimizers.get('adem'), /Unknown Optimizer adem/);
  assert.throws(() => tf.optimizers.get({ class_name: 'Dense', config: {} }), /Unknown Optimizer/);
  assert.throws(() => tf.optimizers.get(undefined), /Unknown Optimizer/);
});

test('arguments by position, options behind them, options alone', () => {
  const a = tf.train.adam(0.1, 0.8, undefined, null, { clipnorm: 1, amsgrad: true });
  assert.deepEqual([a.learningRate, a.beta1, a.beta2, a.epsilon, a.clipnorm, a.amsgrad], [0.1, 0.8, 0.999, 1e-7, 1, true]);
  const b = tf.train.rmsprop({ learningRate: 0.1, rho: 0.5, weightDecay: 0.01, name: 'mine' });
  assert.deepEqual([b.learningRate, b.decay, b.weightDecay, b.name], [0.1, 0.5, 0.01, 'mine']);
  const c = tf.train.adamw(0.1);
  assert.deepEqual([c.learningRate, c.weightDecay], [0.1, 0.004]);
  assert.equal(tf.train.adadelta(0.1).previousAverage, true);
  assert.equal(tf.train.adadelta({ learningRate: 0.1 }).previousAverage, false);
});

test('what is wrong is said', () => {
  assert.throws(() => tf.train.adam({ learningrate: 1 }), /Adam: argument\(s\) not recognized: learningrate\. It takes learningRate,/);
  assert.throws(() => tf.train.adam({ clipnorm: 1, clipvalue: 1 }), /only one of clipnorm, clipvalue and globalClipnorm/);
  assert.throws(() => tf.train.sgd({ gradientAccumulationSteps: 1 }), /must be an integer >= 2/);
  assert.throws(() => tf.train.sgd({ useEma: true, emaMomentum: 2 }), /emaMomentum must be in the range/);
  assert.throws(() => tf.train.sgd({ useEma: true, emaOverwriteFrequency: 0.5 }), /emaOverwriteFrequency must be an integer/);
  assert.throws(() => tf.train.sgd(0.1, { momentum: 2 }), /momentum must be in the range \[0, 1\]/);
  assert.throws(() => tf.train.sgd('fast'), /learningRate should be a number or a LearningRateSchedule/);
  assert.throws(() => tf.train.lion({ beta1: 0 }), /degenerates to SignSGD/);
  assert.throws(() => tf.train.ftrl({ learningRatePower: 1 }), /learningRatePower needs to be negative or zero/);
  assert.throws(() => tf.train.rmsprop(), /learningRate for RMSPropOptimizer must be defined/);
  assert.throws(() => new tf.train.schedules.CosineDecay({ initialLearningRate: 1, decaySteps: 0 }), /decaySteps must be > 0/);
  assert.throws(() => new tf.train.schedules.CosineDecay({ decaySteps: 1 }), /CosineDecay: argument initialLearningRate must be given/);
  assert.throws(() => new tf.train.schedules.PiecewiseConstantDecay({ boundaries: [1], values: [1] }), /length of boundaries should be 1 less/);
  assert.throws(() => new tf.LearningRateSchedule().call(), /must override call/);
  const [x, y] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(1))];
  const optimizer = tf.train.adam();
  assert.throws(() => optimizer.apply([tf.scalar(1)]), /Call optimizer.build\(variables\) first/);
  optimizer.build([x]);
  optimizer.build([x]);
  assert.throws(() => optimizer.build([x, y]), /was built for 1 variables .* now given 2/);
  assert.throws(() => optimizer.apply([tf.scalar(1)], [y]), /Unknown variable/);
  assert.throws(() => optimizer.apply([tf.scalar(1), tf.scalar(1)]), /gradients must match variables one-to-one/);
  assert.throws(() => optimizer.apply([null]), /No gradients provided for any variable/);
  assert.throws(() => optimizer.applyGradients({ nobody: tf.scalar(1) }), /Variable with name nobody is not registered/);
  assert.throws(() => optimizer.excludeFromWeightDecay([x]), /only be configured before the optimizer is built/);
  assert.throws(() => new tf.Optimizer().applyGradients({ [x.name]: tf.scalar(1) }), /does not say how variables change/);
});

test('after tf.disposeVariables an optimizer starts anew', () => {
  const optimizer = tf.train.momentum(0.5, 0.5);
  for (let i = 0; i < 2; i++) {
    const x = tf.variable(tf.scalar(1));
    optimizer.minimize(() => x.square());
    assert.equal(x.dataSync()[0], 0);
    assert.equal(optimizer.iterations, 1);
    tf.disposeVariables();
  }
});

test('fit: constraints, the scale of losses and averages are the optimizer\'s', async () => {
  const [x, y] = [tf.tensor([[1, 2], [3, -1], [0, 1], [2, 2]]), tf.tensor([[3], [-4], [1], [5]])];
  const trained = async (/** @type {any} */ options) => {
    const model = tf.sequential({ layers: [tf.layers.dense({
      units: 1, inputShape: [2], kernelInitializer: 'ones', kernelConstraint: tf.constraints.maxNorm({ maxValue: 1 }), biasConstraint: tf.constraints.nonNeg(),
    })] });
    const optimizer = tf.train.adam({ learningRate: 0.1, ...options });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 5, batchSize: 2, shuffle: false, verbose: 0 });
    return { optimizer, weights: model.getWeights().map(weight => weight.dataSync()) };
  };
  const { weights: plain } = await trained({});
  assertClose([Math.hypot(...plain[0])], [1], TOLERANCE);
  assert.ok(plain[1][0] >= 0);
  const { weights: scaled } = await trained({ lossScaleFactor: 128 });
  scaled.forEach((values, i) => assertClose(values, plain[i], TOLERANCE));
  const { optimizer, weights: averaged } = await trained({ useEma: true, emaMomentum: 0.9 });
  averaged.forEach((values, i) => assert.deepEqual(values, optimizer.averages[i].dataSync()));
  assert.notDeepEqual(averaged[0], plain[0]);
});

test('a model that is saved and loaded goes on to the bit, and saving leaves no tensors behind', async () => {
  const [x, y] = [tf.tensor([[1, 2], [3, -1], [0, 1], [2, 2]]), tf.tensor([[3], [-4], [1], [5]])];
  const options = { epochs: 2, batchSize: 2, shuffle: false, verbose: 0 };
  for (const optimizer of [tf.train.rmsprop({ centered: true }), tf.train.nadam({ useEma: true, emaOverwriteFrequency: 3 }),
    tf.train.sgd({ learningRate: new tf.train.schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 9 }), momentum: 0.9 })]) {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await model.fit(x, y, options);
    const save = async () => {
      let saved;
      await model.save(tf.io.withSaveHandler(async artifacts => ((saved = artifacts), { modelArtifactsInfo: {} })), { includeOptimizer: true });
      return saved;
    };
    await save();
    const { numTensors } = tf.memory();
    const saved = await save();
    assert.equal(tf.memory().numTensors, numTensors);
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    for (const each of [model, loaded]) await each.fit(x, y, options);
    assert.deepEqual(loaded.getWeights().map(weight => weight.dataSync()), model.getWeights().map(weight => weight.dataSync()));
    assert.deepEqual(loaded.optimizer.toKeras().config, model.optimizer.toKeras().config);
  }
});
