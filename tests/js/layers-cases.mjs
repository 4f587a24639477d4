/** What is asked of a layers API, TensorFlow.js's or ours: each case takes a tf namespace and gives what can be written as JSON. */

/** Numbers that look random and are the same everywhere. @param {number} size @param {number} phase */
const wave = (size, phase) => Array.from({ length: size }, (_, i) => Math.round(1e4 * Math.sin(i * 1.7 + phase) * 0.6) / 1e4);

/** @param {readonly number[]} shape */
const sizeOf = shape => shape.reduce((product, dimension) => product * dimension, 1);

/** @param {any} tf @param {number[]} shape @param {number} phase */
export const tensorOf = (tf, shape, phase = 0) => tf.tensor(wave(sizeOf(shape), phase), shape);

/** Values that fit any weight: variances are positive. @param {any} tf @param {any} layer */
export function setWeights(tf, layer) {
  layer.setWeights(layer.weights.map((/** @type {any} */ weight, /** @type {number} */ i) => {
    const values = tensorOf(tf, weight.shape, i + 1);
    return /variance/.test(weight.originalName) ? values.abs().add(0.5) : values;
  }));
}

/** @param {any} tensor */
const written = tensor => ({ shape: tensor.shape, values: Array.from(tensor.dataSync(), (/** @type {number} */ x) => Number(x.toPrecision(6))) });

/** @param {any} model */
export function summaryOf(model) {
  /** @type {string[]} */
  const lines = [];
  model.summary(undefined, undefined, (/** @type {string} */ line) => lines.push(line));
  return lines;
}

/** @param {() => unknown} body */
function messageOf(body) {
  try {
    body();
  } catch (error) {
    return /** @type {Error} */ (error).message.replaceAll(/_([A-Z]\w*?)\d+/g, '_$1N').replaceAll(/input\d+/g, 'inputN');
  }
  return 'no error';
}

/**
 * One layer of each class, with settings that are not the usual ones; shapes are those of its inputs, without the batch.
 * @type {[string, Record<string, any>, number[][]][]}
 */
export const LAYERS = [
  ['dense', { units: 3, activation: 'relu' }, [[4]]],
  ['dense', { units: 2, useBias: false, kernelInitializer: 'heUniform', kernelRegularizer: 'l1l2', kernelConstraint: 'maxNorm' }, [[3, 4]]],
  ['activation', { activation: 'hardSigmoid' }, [[5]]],
  ['activation', { activation: 'softmax' }, [[3, 5]]],
  ['dropout', { rate: 0.4, seed: 3 }, [[5]]],
  ['spatialDropout1d', { rate: 0.25 }, [[4, 3]]],
  ['flatten', {}, [[3, 4]]],
  ['repeatVector', { n: 3 }, [[4]]],
  ['reshape', { targetShape: [2, 6] }, [[3, 4]]],
  ['permute', { dims: [2, 1] }, [[3, 4]]],
  ['masking', { maskValue: 0 }, [[3, 2]]],
  ['embedding', { inputDim: 6, outputDim: 3, maskZero: true }, [[4]]],
  ['conv1d', { filters: 2, kernelSize: 2, strides: 2, padding: 'same', activation: 'tanh' }, [[5, 3]]],
  ['conv1d', { filters: 2, kernelSize: 3, padding: 'valid', dilationRate: 2 }, [[6, 2]]],
  ['conv2d', { filters: 2, kernelSize: [2, 3], padding: 'same', biasInitializer: 'ones' }, [[5, 6, 2]]],
  ['conv2d', { filters: 3, kernelSize: 2, strides: [2, 1], dataFormat: 'channelsLast', activation: 'elu' }, [[5, 5, 1]]],
  ['conv3d', { filters: 2, kernelSize: 2 }, [[3, 4, 3, 2]]],
  ['conv2dTranspose', { filters: 2, kernelSize: 3, strides: 2, padding: 'same' }, [[3, 4, 2]]],
  ['conv3dTranspose', { filters: 2, kernelSize: 2, strides: 2 }, [[2, 2, 2, 2]]],
  ['separableConv2d', { filters: 3, kernelSize: 2, depthMultiplier: 1 }, [[4, 4, 2]]],
  ['depthwiseConv2d', { kernelSize: 2, depthMultiplier: 2, activation: 'sigmoid' }, [[4, 4, 2]]],
  ['cropping2D', { cropping: [[1, 0], [1, 2]] }, [[5, 6, 2]]],
  ['upSampling2d', { size: [2, 3] }, [[2, 3, 2]]],
  ['zeroPadding2d', { padding: [1, 2] }, [[3, 3, 2]]],
  ['maxPooling1d', { poolSize: 2, strides: 1 }, [[5, 2]]],
  ['maxPooling2d', { poolSize: [2, 3], padding: 'same' }, [[5, 5, 2]]],
  ['maxPooling3d', { poolSize: 2 }, [[4, 4, 4, 1]]],
  ['averagePooling1d', { poolSize: 3, padding: 'same' }, [[5, 2]]],
  ['averagePooling2d', { poolSize: 2, strides: 1, padding: 'same' }, [[4, 4, 2]]],
  ['averagePooling3d', { poolSize: [1, 2, 2] }, [[2, 4, 4, 1]]],
  ['globalAveragePooling1d', {}, [[4, 3]]],
  ['globalAveragePooling2d', {}, [[4, 3, 2]]],
  ['globalMaxPooling1d', {}, [[4, 3]]],
  ['globalMaxPooling2d', {}, [[4, 3, 2]]],
  ['simpleRNN', { units: 3, returnSequences: true }, [[4, 2]]],
  ['gru', { units: 3, goBackwards: true }, [[4, 2]]],
  ['lstm', { units: 3, recurrentActivation: 'sigmoid', unitForgetBias: true }, [[4, 2]]],
  ['lstm', { units: 2, returnState: true, returnSequences: true }, [[3, 2]]],
  ['convLstm2d', { filters: 2, kernelSize: 2, padding: 'same', returnSequences: true }, [[3, 4, 4, 1]]],
  ['add', {}, [[3, 2], [3, 2], [3, 2]]],
  ['multiply', {}, [[4], [4]]],
  ['average', {}, [[4], [4]]],
  ['maximum', {}, [[4], [4]]],
  ['minimum', {}, [[4], [4]]],
  ['concatenate', { axis: 1 }, [[2, 3], [1, 3]]],
  ['dot', { axes: 1, normalize: true }, [[4], [4]]],
  ['batchNormalization', { axis: -1, epsilon: 0.01 }, [[3, 4]]],
  ['batchNormalization', { scale: false }, [[5]]],
  ['layerNormalization', { axis: 2 }, [[3, 4]]],
  ['gaussianNoise', { stddev: 0.5 }, [[4]]],
  ['gaussianDropout', { rate: 0.5 }, [[4]]],
  ['alphaDropout', { rate: 0.3 }, [[4]]],
  ['reLU', { maxValue: 0.4 }, [[5]]],
  ['reLU', {}, [[5]]],
  ['leakyReLU', { alpha: 0.1 }, [[5]]],
  ['prelu', { sharedAxes: [1] }, [[3, 4]]],
  ['elu', {}, [[5]]],
  ['thresholdedReLU', { theta: 0.2 }, [[5]]],
  ['softmax', { axis: -1 }, [[5]]],
  ['rescaling', { scale: 2, offset: -1 }, [[5]]],
];

/** Layers of which TensorFlow.js has configs alone: its models cannot compute with them. @type {[string, Record<string, any>][]} */
export const CONFIGS = [
  ['resizing', { height: 2, width: 3 }],
  ['centerCrop', { height: 2, width: 2 }],
  ['categoryEncoding', { numTokens: 3, outputMode: 'oneHot' }],
  ['randomWidth', { factor: 0.5 }],
  ['separableConv2d', { filters: 2, kernelSize: 3, strides: [1, 2], padding: 'same' }],
  ['lstm', { units: 2, stateful: true, unroll: true, dropout: 0.5, batchInputShape: [2, 3, 1] }],
  ['gruCell', { units: 2 }],
  ['lstmCell', { units: 2, recurrentDropout: 0.1 }],
  ['simpleRNNCell', { units: 2 }],
  ['convLstm2dCell', { filters: 2, kernelSize: 2 }],
  ['embedding', { inputDim: 3, outputDim: 2, inputLength: 4 }],
  ['reshape', { targetShape: [3, 2], inputShape: [6] }],
  ['maxPooling2d', { poolSize: 3, padding: null, dataFormat: 'channelsFirst' }],
];

/** Layers that hold others. @type {[string, (tf: any) => any, number[][]][]} */
export const WRAPPERS = [
  ['bidirectional', tf => tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2, name: 'inner' }), mergeMode: 'concat', name: 'outer' }), [[3, 2]]],
  ['bidirectional sum', tf => tf.layers.bidirectional({ layer: tf.layers.gru({ units: 2, name: 'inner', returnSequences: true }), mergeMode: 'sum', name: 'outer' }), [[3, 2]]],
  ['timeDistributed', tf => tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2, name: 'inner' }), name: 'outer' }), [[3, 4]]],
  ['rnn', tf => tf.layers.rnn({ cell: tf.layers.lstmCell({ units: 2, name: 'inner' }), name: 'outer' }), [[3, 2]]],
  ['rnn of two', tf => tf.layers.rnn({ cell: [tf.layers.gruCell({ units: 2, name: 'one' }), tf.layers.simpleRNNCell({ units: 3, name: 'two' })], name: 'outer' }), [[3, 2]]],
];

/**
 * A layer in a model of its own: config, weights, shapes, and what it computes.
 * @param {any} tf
 * @param {any} layer
 * @param {number[][]} shapes
 */
export function describeLayer(tf, layer, shapes) {
  const inputs = shapes.map((shape, i) => tf.input({ shape, name: `in${i}_${layer.name}_${Math.floor(shapes.length * 100 + i)}` }));
  const output = layer.apply(inputs.length === 1 ? inputs[0] : inputs);
  const model = tf.model({ inputs, outputs: output });
  setWeights(tf, layer);
  const isWhole = layer.getClassName() === 'Embedding';
  const values = shapes.map((shape, i) => (isWhole ? tf.tensor([[1, 2, 0, 5], [3, 0, 0, 4]]) : tensorOf(tf, [2, ...shape], i)));
  const results = [model.predict(values)].flat();
  return {
    className: layer.getClassName(),
    config: JSON.parse(JSON.stringify(layer.getConfig())),
    outputShape: layer.outputShape,
    weights: layer.weights.map((/** @type {any} */ weight) => [weight.originalName, weight.shape, weight.trainable]),
    params: layer.countParams(),
    outputs: results.map(written),
  };
}

/** @param {any} tf */
function buildModels(tf) {
  const { layers } = tf;
  const chain = tf.sequential({ name: 'chain' });
  chain.add(layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu', name: 'conv' }));
  chain.add(layers.batchNormalization({ name: 'norm' }));
  chain.add(layers.flatten({ name: 'flat' }));
  chain.add(layers.dense({ units: 3, activation: 'softmax', name: 'out' }));

  const left = tf.input({ shape: [4], name: 'left' });
  const right = tf.input({ shape: [3], name: 'right' });
  const shared = layers.dense({ units: 5, activation: 'tanh', name: 'shared' });
  const a = shared.apply(left);
  const b = shared.apply(layers.dense({ units: 4, name: 'widen' }).apply(right));
  const heads = [layers.dense({ units: 2, name: 'head' }).apply(layers.concatenate({ name: 'joined' }).apply([a, b])), layers.add({ name: 'sum' }).apply([a, b])];
  const branches = tf.model({ inputs: [left, right], outputs: heads, name: 'branches' });

  const inner = tf.sequential({ name: 'inner', layers: [layers.dense({ inputShape: [3], units: 4, activation: 'relu', name: 'inner_dense' }), layers.dense({ units: 3, name: 'inner_out' })] });
  const x = tf.input({ shape: [3], name: 'x' });
  const nested = tf.model({ inputs: x, outputs: layers.dense({ units: 2, name: 'outer_dense' }).apply(inner.apply(inner.apply(x))), name: 'nested' });
  const stacked = tf.sequential({ name: 'stacked', layers: [
    tf.sequential({ name: 'first', layers: [layers.dense({ inputShape: [3], units: 4, name: 'first_dense' })] }), layers.dense({ units: 1, name: 'last' })] });

  const words = tf.input({ shape: [null], name: 'words' });
  const embedded = layers.embedding({ inputDim: 9, outputDim: 3, maskZero: true, name: 'embedded' }).apply(words);
  const [sequence, h, c] = layers.lstm({ units: 2, returnSequences: true, returnState: true, name: 'encoder' }).apply(embedded);
  const decoded = layers.lstm({ units: 2, name: 'decoder' }).apply(sequence, { initialState: [h, c] });
  const states = tf.model({ inputs: words, outputs: [decoded, h], name: 'states' });
  return { chain, branches, nested, stacked, states };
}

/** @param {any} tf @param {any} model */
function inputsFor(tf, model) {
  return model.inputs.map((/** @type {any} */ { shape, name }, /** @type {number} */ i) =>
    (name === 'words' ? tf.tensor2d([[1, 5, 0, 0], [3, 8, 2, 0], [7, 1, 1, 4]]) : tensorOf(tf, [3, ...shape.slice(1)], i)));
}

/** @param {any} tf */
export function describeModels(tf) {
  return Object.fromEntries(Object.entries(buildModels(tf)).map(([name, model]) => {
    setWeights(tf, model);
    const results = [model.predict(inputsFor(tf, model))].flat().map(written);
    const { keras_version: _, backend: __, ...topology } = model.toJSON(null, false);
    return [name, {
      summary: summaryOf(model),
      config: JSON.parse(JSON.stringify(model.getConfig())),
      topology: JSON.parse(JSON.stringify(topology)),
      layers: model.layers.map((/** @type {any} */ layer) => layer.name),
      weights: model.weights.map((/** @type {any} */ weight) => [weight.originalName, weight.shape, weight.trainable]),
      names: [model.name, model.getClassName(), model.inputNames, model.outputNames],
      params: model.countParams(),
      shapes: [model.inputs, model.outputs].map(ends => ends.map((/** @type {any} */ end) => end.shape)),
      computed: model.computeOutputShape(model.inputs.length === 1 ? [7, ...model.inputs[0].shape.slice(1)] : model.inputs.map((/** @type {any} */ end) => [7, ...end.shape.slice(1)])),
      results,
    }];
  }));
}

/** Names that nobody gave; to be asked for first. @param {any} tf */
export function names(tf) {
  const { layers } = tf;
  const x = tf.input({ shape: [3] });
  const y = tf.input({ shape: [3] });
  const dense = layers.dense({ units: 2 });
  const made = dense.apply(x);
  const again = dense.apply(y);
  const norm = layers.batchNormalization();
  const out = norm.apply(made);
  const sequential = tf.sequential();
  sequential.add(layers.dense({ units: 2, inputShape: [3] }));
  const model = tf.model({ inputs: x, outputs: out });
  return {
    tensors: [x, y, made, again, out].map(tensor => [tensor.name, tensor.originalName, tensor.nodeIndex, tensor.tensorIndex, tensor.rank, tensor.dtype]),
    layers: ['reLU', 'leakyReLU', 'prelu', 'elu', 'thresholdedReLU', 'flatten', 'add', 'globalMaxPooling2d', 'gaussianNoise', 'softmax', 'upSampling2d', 'zeroPadding2d']
      .map(name => [layers[name]({ stddev: 1 }).name, layers[name]({ stddev: 1 }).name]),
    weights: [...dense.weights, ...norm.weights, ...sequential.weights].map((/** @type {any} */ weight) => [weight.name, weight.originalName]),
    models: [sequential.name, model.name, tf.sequential().name, tf.model({ inputs: x, outputs: out }).name, sequential.inputs[0].name],
    nodes: [dense.inboundNodes.length, x.sourceLayer.outboundNodes.length, dense.getInputAt(1) === y, dense.getOutputAt(0) === made, norm.output === out, norm.input === made],
  };
}

/** Mistakes, by what they say. @param {any} tf @returns {Record<string, string>} */
export function messages(tf) {
  const { layers } = tf;
  const x = tf.input({ shape: [3] });
  const y = tf.input({ shape: [4] });
  const dense = layers.dense({ units: 1, name: 'dense' });
  dense.apply(x);
  const one = tf.sequential({ layers: [layers.dense({ units: 1, inputShape: [2], name: 'one' })] });
  /** @type {Record<string, () => unknown>} */
  const mistakes = {
    'no units': () => layers.dense({}),
    'negative units': () => layers.dense({ units: -1 }),
    'unknown activation': () => layers.dense({ units: 1, activation: 'foo' }),
    'unknown initializer': () => layers.dense({ units: 1, kernelInitializer: 'foo' }),
    'unknown regularizer': () => layers.dense({ units: 1, kernelRegularizer: 'foo' }),
    'unknown constraint': () => layers.dense({ units: 1, kernelConstraint: 'foo' }),
    'tensors and symbols': () => layers.dense({ units: 1 }).apply([tf.ones([2, 2]), x]),
    'rank': () => layers.dense({ units: 1, name: 'rank' }).apply(tf.ones([2])),
    'rank of conv': () => layers.conv1d({ filters: 1, kernelSize: 1, name: 'rank' }).apply(x),
    'channels': () => dense.apply(y),
    'channels of tensors': () => dense.apply(tf.ones([2, 4])),
    'no input': () => layers.dense({ units: 1, name: 'a' }).input,
    'no output': () => layers.dense({ units: 1, name: 'a' }).output,
    'no output shape': () => layers.dense({ units: 1, name: 'a' }).outputShape,
    'several outputs': () => {
      const twice = layers.dense({ units: 1, name: 'a' });
      twice.apply(x);
      twice.apply(x);
      return twice.output;
    },
    'node out of range': () => dense.getOutputAt(9),
    'not built': () => layers.dense({ units: 1, name: 'a' }).countParams(),
    'dispose unbuilt': () => layers.dense({ units: 1, name: 'a' }).dispose(),
    'setWeights count': () => dense.setWeights([]),
    'setWeights shape': () => dense.setWeights([tf.ones([1]), tf.ones([1])]),
    'reset without states': () => dense.resetStates(),
    'no input shape': () => tf.sequential().add(layers.dense({ units: 1 })),
    'no layers': () => tf.sequential().predict(tf.ones([1, 1])),
    'no layers to sum up': () => tf.sequential().summary(),
    'nothing to pop': () => tf.sequential().pop(),
    'the same input twice': () => tf.model({ inputs: [x, x], outputs: dense.output }),
    'input to an input': () => x.sourceLayer.apply(tf.ones([1])),
    'input without shape': () => tf.input({}),
    'input with two shapes': () => tf.input({ shape: [1], batchShape: [1, 1] }),
    'no such layer': () => one.getLayer('q'),
    'no such index': () => one.getLayer(null, 44),
    'no layer asked for': () => one.getLayer(),
    'weights without a place': () => one.loadWeights({ 'one/kernel': tf.ones([2, 1]), 'one/bias': tf.ones([1]), 'y/bias': tf.ones([1]) }),
    'weights missing': () => one.loadWeights({ 'one/kernel': tf.ones([2, 1]) }),
    'weights of another shape': () => one.loadWeights({ 'one/kernel': tf.ones([2, 2]), 'one/bias': tf.ones([1]) }),
    'predict with another shape': () => one.predict(tf.ones([3, 4])),
    'predict with another rank': () => one.predict(tf.ones([3, 4, 1])),
    'predict with two': () => one.predict([tf.ones([3, 2]), tf.ones([3, 2])]),
    'metadata': () => one.setUserDefinedMetadata(3),
    'merge of one': () => layers.add().apply([x]),
    'states of unknown batch': () => tf.sequential({ layers: [layers.lstm({ units: 1, stateful: true, inputShape: [3, 2], name: 'a' })] }).resetStates(),
    'reset of a layer without states': () => layers.lstm({ units: 1 }).resetStates(),
    'constant without value': () => tf.initializers.constant({}),
    'identity of a vector': () => tf.initializers.identity({}).apply([3]),
    'orthogonal vector': () => tf.initializers.orthogonal({}).apply([3]),
    'negative scale': () => tf.initializers.varianceScaling({ scale: -1 }),
    'l1 of a number': () => tf.regularizers.l1(3),
    'class without name': () => tf.serialization.registerClass(class {}),
    'weight twice': () => {
      const layer = new (class Twice extends layers.Layer {
        static className = 'Twice';
      })({ name: 'twice' });
      layer.addWeight('a', [1], 'float32', tf.initializers.zeros());
      layer.addWeight('a', [1], 'float32', tf.initializers.zeros());
    },
  };
  return Object.fromEntries(Object.entries(mistakes).map(([name, mistake]) => [name, messageOf(mistake)]));
}

/** @param {any} tf */
export function smallThings(tf) {
  const objects = (/** @type {Record<string, (args?: any) => any>} */ factories, /** @type {any} */ args) => Object.fromEntries(Object.entries(factories)
    .map(([name, make]) => [name, [make(args).getClassName(), JSON.parse(JSON.stringify(make(args).getConfig()))]]));
  const w = tensorOf(tf, [3, 2], 1).mul(4);
  return {
    initializers: objects(tf.initializers, { value: 2, scale: 1 }),
    regularizers: objects({ l1: tf.regularizers.l1, l1l2: tf.regularizers.l1l2, l2: tf.regularizers.l2 }, {}),
    constraints: objects(tf.constraints, {}),
    penalties: ['l1', 'l2', 'l1l2'].map(name => written(tf.regularizers[name]({ l1: 0.1, l2: 0.2 }).apply(w))),
    constrained: ['maxNorm', 'minMaxNorm', 'nonNeg', 'unitNorm'].map(name => written(tf.constraints[name]({}).apply(w))),
    fixed: ['zeros', 'ones', 'identity'].map(name => written(tf.initializers[name]({}).apply([2, 2]))),
    constant: written(tf.initializers.constant({ value: 3 }).apply([2])),
    layers: Object.keys(tf.layers).sort(),
    dispose: tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }).dispose(),
  };
}
