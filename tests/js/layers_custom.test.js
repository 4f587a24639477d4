/** What users write: layers, initializers, regularizers, constraints and recurrent cells in JavaScript, in models, saved and loaded; states; transfer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { assertClose, TOLERANCES } from './close.js';
import { goldenCases } from './golden.js';
import { setWeights, tensorOf } from './layers-cases.mjs';
import { tfjs } from './tfjs.js';

/** The same classes for each library. @param {any} library */
function classes(library) {
  class Power extends library.layers.Layer {
    static className = 'Power';

    /** @param {any} args */
    constructor(args) {
      super(args);
      this.exponent = args.exponent;
      this.supportsMasking = true;
    }

    /** @param {number[]} shape */
    build(shape) {
      this.scale = this.addWeight('scale', [shape[shape.length - 1]], 'float32', library.initializers.ones());
      this.offset = this.addWeight('offset', [], 'float32', library.initializers.zeros(), null, false);
      super.build(shape);
    }

    /** @param {any} inputs */
    call(inputs) {
      return library.tidy(() => {
        const x = Array.isArray(inputs) ? inputs[0] : inputs;
        // reads a dimension that is not known before a prediction
        const flat = library.reshape(x, [x.shape[0], -1]);
        return library.add(library.mul(library.pow(flat, library.scalar(this.exponent)), this.scale.read()), this.offset.read());
      });
    }

    getConfig() {
      return { ...super.getConfig(), exponent: this.exponent };
    }
  }

  class Ramp extends library.serialization.Serializable {
    static className = 'Ramp';

    /** @param {number[]} shape */
    apply(shape) {
      return library.reshape(library.range(0, shape.reduce((size, dimension) => size * dimension, 1), 1), shape);
    }

    getConfig() {
      return {};
    }
  }

  class MinimalCell extends library.layers.RNNCell {
    static className = 'MinimalCell';

    /** @param {any} args */
    constructor(args) {
      super(args);
      this.units = args.units;
      this.stateSize = args.units;
    }

    /** @param {number[]} shape */
    build(shape) {
      this.kernel = this.addWeight('kernel', [shape[shape.length - 1], this.units], 'float32', library.initializers.ones());
      this.built = true;
    }

    /** @param {any[]} inputs */
    call([x, state]) {
      const output = library.tanh(library.add(library.matMul(x, this.kernel.read()), state));
      return [output, output];
    }

    getConfig() {
      return { ...super.getConfig(), units: this.units };
    }
  }
  for (const cls of [Power, Ramp, MinimalCell]) library.serialization.registerClass(cls);
  return { Power, Ramp, MinimalCell };
}

const ours = classes(tf);
const theirs = classes(tfjs);

/** @param {any} model @param {any} library */
function weightArtifacts(model, library) {
  const weights = model.weights.map((/** @type {any} */ weight) => weight.read());
  return {
    modelTopology: model.toJSON(null, false),
    weightSpecs: model.weights.map((/** @type {any} */ weight) => ({ name: weight.originalName, shape: weight.shape, dtype: 'float32' })),
    weightData: Float32Array.from(weights.flatMap((/** @type {any} */ weight) => Array.from(weight.dataSync()))).buffer,
    library,
  };
}

/** @param {(library: any, made: any) => any} build @param {number[]} shape of the input */
function compare(build, shape) {
  const [mine, real] = [[tf, ours], [tfjs, theirs]].map(([library, made]) => {
    const model = build(library, made);
    setWeights(library, model);
    return { model, output: [model.predict(tensorOf(library, shape))].flat()[0] };
  });
  assert.deepEqual(mine.output.shape, real.output.shape);
  assertClose(mine.output.dataSync(), real.output.dataSync(), TOLERANCES.model);
  return mine.model;
}

test('a layer in JavaScript computes in a model, in any number of batches', () => {
  const model = compare((library, { Power }) => library.sequential({ layers: [
    library.layers.dense({ units: 3, inputShape: [2] }), new Power({ exponent: 3, name: 'power' }), library.layers.dense({ units: 2 })] }), [5, 2]);
  const x = tensorOf(tf, [5, 2]);
  const whole = model.predict(x).dataSync();
  assertClose(model.predict(x, { batchSize: 2 }).dataSync(), whole, TOLERANCES.op);
  model.getLayer('power').weights[0].write(tf.zeros([3]));
  model.getLayer('power').weights[1].write(tf.scalar(0));
  const [bias] = [model.layers[2].getWeights()[1].arraySync()];
  assertClose(model.predict(x).dataSync(), [0, 1, 2, 3, 4].flatMap(() => bias), TOLERANCES.op, 'a weight that was written is seen');
});

test('a model with a layer in JavaScript is written and loaded', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2], kernelInitializer: /** @type {any} */ (new ours.Ramp()) }), new ours.Power({ exponent: 2 })] });
  assert.deepEqual(Array.from(model.layers[0].getWeights()[0].dataSync()), [0, 1, 2, 3, 4, 5], 'an initializer in JavaScript');
  assert.equal(model.layers[0].getConfig().kernelInitializer.className, 'Ramp');
  setWeights(tf, model);
  const x = tensorOf(tf, [4, 2]);
  const expected = /** @type {tf.Tensor} */ (model.predict(x)).dataSync();
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(/** @type {any} */ (weightArtifacts(model, tf))));
  assertClose(/** @type {tf.Tensor} */ (loaded.predict(x)).dataSync(), expected, TOLERANCES.op);
  const made = await tf.models.modelFromJSON(/** @type {any} */ (model.toJSON(null, true)));
  made.setWeights(model.getWeights());
  assertClose(/** @type {tf.Tensor} */ (made.predict(x)).dataSync(), expected, TOLERANCES.op);
  const artifacts = weightArtifacts(model, tf);
  artifacts.modelTopology.config.layers[1].class_name = 'Nobody';
  await assert.rejects(tf.loadLayersModel(tf.io.fromMemory(/** @type {any} */ (artifacts))), error => {
    assert.match(String(error), /Nobody/);
    assert.match(String(error), /power_Power/);
    assert.match(String(error), /registerClass/);
    return true;
  });
});

test('a recurrent cell in JavaScript, alone and stacked, with a mask', () => {
  compare((library, { MinimalCell }) => library.sequential({ layers: [
    library.layers.rnn({ cell: new MinimalCell({ units: 2 }), inputShape: [4, 3], returnSequences: true })] }), [2, 4, 3]);
  compare((library, { MinimalCell }) => library.sequential({ layers: [
    library.layers.rnn({ cell: [new MinimalCell({ units: 2 }), library.layers.gruCell({ units: 3 })], inputShape: [4, 3] })] }), [2, 4, 3]);
  compare((library, { MinimalCell }) => library.sequential({ layers: [
    library.layers.masking({ maskValue: 0, inputShape: [4, 1] }), library.layers.rnn({ cell: new MinimalCell({ units: 2 }) })] }), [2, 4, 1]);
});

test('one step of a ConvLSTM2D', () => {
  const [mine, real] = [tf, tfjs].map((/** @type {any} */ library) => {
    const cell = library.layers.convLstm2dCell({ filters: 2, kernelSize: 3, padding: 'same' });
    cell.build([2, 4, 4, 1]);
    setWeights(library, cell);
    const results = cell.call([tensorOf(library, [2, 4, 4, 1]), tensorOf(library, [2, 4, 4, 2], 1), tensorOf(library, [2, 4, 4, 2], 2)], {});
    return results.map((/** @type {any} */ result) => result.dataSync());
  });
  mine.forEach((/** @type {any} */ values, /** @type {number} */ i) => assertClose(values, real[i], TOLERANCES.model));
});

test('TimeDistributed around a layer in JavaScript', () => {
  compare((library, { Power }) => library.sequential({ layers: [
    library.layers.timeDistributed({ layer: new Power({ exponent: 2 }), inputShape: [3, 2] })] }), [4, 3, 2]);
});

test('a layer may read elements: then its model runs layer by layer', () => {
  const build = (/** @type {any} */ library) => {
    class Largest extends library.layers.Layer {
      static className = 'Largest';

      /** @param {any} inputs */
      call(inputs) {
        const [x] = [inputs].flat();
        return library.mul(x, Math.max(...x.dataSync()) > 0.5 ? 2 : -1);
      }
    }
    return library.sequential({ layers: [library.layers.dense({ units: 3, inputShape: [2] }), new Largest(), library.layers.dense({ units: 1 })] });
  };
  const model = compare(build, [4, 2]);
  const x = tensorOf(tf, [4, 2]);
  const before = tf.memory().numTensors;
  model.predict(x).dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('a stateful layer goes on where the batch before ended', () => {
  const build = (/** @type {any} */ library) => {
    const model = library.sequential({ layers: [library.layers.lstm({ units: 2, stateful: true, batchInputShape: [2, 3, 1] }), library.layers.dense({ units: 1 })] });
    setWeights(library, model);
    const x = tensorOf(library, [2, 3, 1]);
    const run = () => Array.from(model.predict(x).dataSync());
    const results = [run(), run(), run()];
    model.resetStates();
    return [...results, run()];
  };
  const [mine, real] = [build(tf), build(tfjs)];
  mine.forEach((values, i) => assertClose(values, real[i], TOLERANCES.model, `prediction ${i}`));
  assertClose(mine[3], mine[0], TOLERANCES.model, 'after resetStates');
  assert.notDeepEqual(mine[1], mine[0]);
});

test('layers of a loaded model in another model share its weights', async t => {
  const golden = goldenCases().find(({ layer, case: name }) => layer === 'Sequential' && name === 'k2_cnn');
  const base = await tf.loadLayersModel(/** @type {any} */ (golden).path);
  t.after(() => base.dispose());
  const dense = base.getLayer('dense_1');
  const cut = tf.model({ inputs: base.inputs, outputs: /** @type {any} */ (dense.input) });
  const x = tensorOf(tf, [2, ...base.inputs[0].shape.slice(1).map(Number)]);
  const features = /** @type {tf.Tensor} */ (cut.predict(x));
  const top = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [features.shape[1]] })] });
  const joined = tf.model({ inputs: base.inputs, outputs: /** @type {any} */ (top.apply(/** @type {any} */ (dense.input))) });
  assertClose(/** @type {tf.Tensor} */ (joined.predict(x)).dataSync(), /** @type {tf.Tensor} */ (top.predict(features)).dataSync(), TOLERANCES.model);
  const before = /** @type {tf.Tensor} */ (base.predict(x)).dataSync();
  const kernel = base.getLayer('conv2d').weights[0];
  kernel.write(tf.zeros(kernel.shape));
  assert.notDeepEqual(/** @type {tf.Tensor} */ (base.predict(x)).dataSync(), before, 'the native model sees it');
  assertClose(/** @type {tf.Tensor} */ (base.predict(x)).dataSync(),
    /** @type {tf.Tensor} */ (/** @type {any} */ (tf.model({ inputs: base.inputs, outputs: base.outputs })).predict(x)).dataSync(), TOLERANCES.model, 'and the layers');
});

test('gradients go through models, built and loaded', async t => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2], activation: 'tanh', name: 'g1' }), new ours.Power({ exponent: 2, name: 'g2' })] });
  setWeights(tf, model);
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(/** @type {any} */ (weightArtifacts(model, tf))));
  t.after(() => loaded.dispose());
  const x = tensorOf(tf, [3, 2]);
  const [a, b] = [model, loaded].map(each => tf.grad(input => /** @type {tf.Tensor} */ (each.apply(input)).sum())(x).dataSync());
  assertClose(a, b, TOLERANCES.op);
  const step = 1e-2;
  const at = (/** @type {number} */ delta) => /** @type {tf.Tensor} */ (model.predict(x.add(tf.tensor2d([[delta, 0], [0, 0], [0, 0]])))).sum().dataSync()[0];
  assertClose([a[0]], [(at(step) - at(-step)) / (2 * step)], { absolute: 1e-2, relative: 1e-2 }, 'by differences');
  const { grads } = tf.variableGrads(() => /** @type {any} */ (/** @type {tf.Tensor} */ (model.predict(x)).sum()), /** @type {any} */ (model.trainableWeights.map(weight => weight.read())));
  assert.deepEqual(Object.keys(grads).length, model.trainableWeights.length);
});

test('noise has the right spread, in training alone', () => {
  const x = tf.ones([4000]);
  const spread = (/** @type {tf.Tensor} */ y) => [Number(y.mean().dataSync()[0]), Math.sqrt(Number(y.sub(y.mean()).square().mean().dataSync()[0]))];
  for (const [layer, mean, deviation] of /** @type {[any, number, number][]} */ ([
    [tf.layers.gaussianNoise({ stddev: 0.5 }), 1, 0.5], [tf.layers.gaussianDropout({ rate: 0.2 }), 1, 0.5]])) {
    assert.deepEqual(layer.apply(x).dataSync(), x.dataSync());
    assertClose(spread(layer.apply(x, { training: true })), [mean, deviation], { absolute: 0.05, relative: 0 }, layer.name);
  }
  const normal = tf.initializers.randomNormal({ stddev: 1, seed: 1 }).apply([4000], 'float32');
  assertClose(spread(/** @type {any} */ (tf.layers.alphaDropout({ rate: 0.3 }).apply(normal, { training: true }))), [0, 1], { absolute: 0.1, relative: 0 }, 'alphaDropout');
});

test('dropout drops in training alone', () => {
  const model = tf.sequential({ layers: [tf.layers.dropout({ rate: 0.5, inputShape: [1000] })] });
  const x = tf.ones([1, 1000]);
  assert.deepEqual(/** @type {tf.Tensor} */ (model.predict(x)).dataSync(), x.dataSync());
  const dropped = /** @type {any} */ (model.apply(x, { training: true })).dataSync();
  const zeros = dropped.filter((/** @type {number} */ value) => value === 0).length;
  assert.ok(zeros > 350 && zeros < 650, `${zeros} of 1000`);
  assert.notDeepEqual(/** @type {any} */ (model.apply(x, { training: true })).dataSync(), dropped);
});

test('seeds make initializers repeat themselves; what they draw has the right spread', () => {
  for (const name of ['glorotNormal', 'glorotUniform', 'heNormal', 'heUniform', 'leCunNormal', 'leCunUniform', 'randomNormal', 'randomUniform', 'truncatedNormal', 'orthogonal']) {
    const draw = (/** @type {number} */ seed) => /** @type {any} */ (tf.initializers)[name]({ seed }).apply([60, 40], 'float32').dataSync();
    assert.deepEqual(draw(3), draw(3), name);
    assert.notDeepEqual(draw(3), draw(4), name);
    const spread = (/** @type {any} */ values) => Math.sqrt(values.reduce((/** @type {number} */ sum, /** @type {number} */ x) => sum + x * x, 0) / values.length);
    // its normal scalings are narrower than they should be by what truncation takes: ours are Keras's, in train_penalties.test.js
    if (/(glorot|he|leCun)Normal/.test(name)) continue;
    const real = tfjs.initializers[name]({ seed: 3 }).apply([60, 40], 'float32').dataSync();
    assertClose([spread(draw(3))], [spread(real)], { absolute: 0, relative: 0.1 }, name);
  }
  const q = tf.initializers.orthogonal().apply([3, 5], 'float32');
  assertClose(tf.matMul(q, q.transpose()).dataSync(), tf.eye(3).dataSync(), TOLERANCES.model);
});

test('models built and dropped leave nothing behind', () => {
  const before = tf.memory();
  const model = tf.sequential({ layers: [tf.layers.lstm({ units: 2, inputShape: [3, 2] }), tf.layers.dropout({ rate: 0.1 }), tf.layers.dense({ units: 1 })] });
  const x = tensorOf(tf, [2, 3, 2]);
  tf.dispose([model.predict(x), model.predict(x, { batchSize: 1 }), model.apply(x, { training: true })]);
  x.dispose();
  assert.deepEqual(model.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 5 });
  assert.deepEqual(tf.memory(), before);
  assert.throws(() => model.predict(x), { message: `Container '${model.name}' is already disposed.` });
});

test('a layer as an activation: applied last, saved with its layer, its weights too', async () => {
  const before = tf.memory().numTensors;
  const model = tf.sequential({ layers: [
    tf.layers.dense({ units: 2, inputShape: [3], kernelInitializer: 'ones', activation: tf.layers.leakyReLU({ alpha: 0.5 }), name: 'first' }),
    tf.layers.dense({ units: 1, kernelInitializer: 'ones', activation: tf.layers.prelu({ alphaInitializer: 'ones', name: 'learnt' }), name: 'last' }),
  ] });
  assert.deepEqual(model.weights.map(weight => weight.originalName), ['first/kernel', 'first/bias', 'last/kernel', 'last/bias', 'last/learnt/alpha']);
  const rebuilt = await tf.models.modelFromJSON(model.toJSON());
  tf.tidy(() => rebuilt.layers[1].setWeights([tf.ones([2, 1]), tf.zeros([1]), tf.tensor1d([0.25])]));
  const x = tf.tensor2d([[-1, -2, -3]]);
  const results = tf.tidy(() => [model, rebuilt].map(each => each.predict(x).dataSync()[0]));
  assert.deepEqual(results, [-6, -1.5]);
  x.dispose();
  assert.deepEqual(model.layers[0].getConfig().activation.className, 'LeakyReLU');
  assert.throws(() => tf.layers.lstm({ units: 2, activation: tf.layers.leakyReLU() }), /activation as an object of class LeakyReLU is not supported/);
  model.dispose();
  rebuilt.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('a stateful recurrent layer with a cell in JavaScript goes on where it was', () => {
  const outcome = (/** @type {any} */ library, /** @type {any} */ { MinimalCell }) => {
    const layer = library.layers.rnn({ cell: new MinimalCell({ units: 2 }), stateful: true, batchInputShape: [2, 3, 2] });
    const model = library.sequential({ layers: [layer] });
    const x = tensorOf(library, [2, 3, 2]);
    const runs = [0, 1, 2].map(() => Array.from(model.predict(x, { batchSize: 2 }).dataSync()));
    model.resetStates();
    return [...runs, Array.from(model.predict(x, { batchSize: 2 }).dataSync())];
  };
  const [mine, real] = [outcome(tf, ours), outcome(tfjs, theirs)];
  real.forEach((values, i) => assertClose(mine[i], values, TOLERANCES.model));
  assert.deepEqual(mine[3], mine[0]);
  assert.notDeepEqual(mine[1], mine[0]);
  assert.throws(() => tf.sequential({ layers: [tf.layers.rnn({ cell: new ours.MinimalCell({ units: 2 }), stateful: true, inputShape: [3, 2] })] }),
    /If an RNN is stateful, it needs to know its batch size/);
});

test('one step of a ConvLSTM2D with channels first is that of channels last, transposed', () => {
  const first = (/** @type {any} */ x) => tf.transpose(x, [0, 3, 1, 2]);
  const inputs = [tensorOf(tf, [2, 4, 5, 3]), tensorOf(tf, [2, 4, 5, 2], 1), tensorOf(tf, [2, 4, 5, 2], 2)];
  const [last, transposed] = ['channelsLast', 'channelsFirst'].map(dataFormat => {
    const cell = tf.layers.convLstm2dCell({ filters: 2, kernelSize: 3, padding: 'same', dataFormat });
    cell.build(dataFormat === 'channelsFirst' ? [2, 3, 4, 5] : [2, 4, 5, 3]);
    setWeights(tf, cell);
    return cell.call(dataFormat === 'channelsFirst' ? inputs.map(first) : inputs, {});
  });
  last.forEach((/** @type {any} */ value, /** @type {number} */ i) =>
    assertClose(/** @type {any} */ (transposed[i]).dataSync(), first(value).dataSync(), TOLERANCES.model));
  assert.throws(() => tf.layers.convLstm2dCell({ filters: 2, kernelSize: 3, dataFormat: 'middle' }), /dataFormat to be channelsFirst or channelsLast/);
});

test('constants of a recurrent layer reach each step of a cell in JavaScript', () => {
  /** h' = x + h + constant. */
  class Adding extends tf.layers.RNNCell {
    static className = 'Adding';
    stateSize = 2;

    build() {
      this.built = true;
    }

    /** @param {any[]} inputs @param {any} kwargs */
    call([x, h], { constants: [constant] }) {
      const sum = tf.add(tf.add(x, h), constant);
      return [sum, sum];
    }
  }
  tf.serialization.registerClass(Adding);
  const [x, constant, state] = [[3, 2], [2], [2]].map(shape => tf.input({ shape }));
  const layer = tf.layers.rnn({ cell: new Adding({}) });
  const model = tf.model({ inputs: [x, constant, state], outputs: layer.apply(x, { constants: [constant], initialState: [state] }) });
  const values = [tf.ones([1, 3, 2]), tf.fill([1, 2], 10), tf.fill([1, 2], 100)];
  assert.deepEqual([...model.predict(values).dataSync()], [133, 133]);
});

test('a recurrent layer with cells in JavaScript is written and loaded', async () => {
  for (const cell of [new ours.MinimalCell({ units: 2 }), [new ours.MinimalCell({ units: 2 }), tf.layers.gruCell({ units: 3 })]]) {
    const model = tf.sequential({ layers: [tf.layers.rnn({ cell, inputShape: [4, 3] })] });
    const loaded = await tf.models.modelFromJSON(model.toJSON());
    loaded.setWeights(model.getWeights());
    const x = tensorOf(tf, [2, 4, 3]);
    assertClose(loaded.predict(x).dataSync(), model.predict(x).dataSync(), TOLERANCES.model);
  }
});
