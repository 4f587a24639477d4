/** Models that TensorFlow.js builds and saves, for the recording of what it says and computes about them. */

/** @param {any} tf @returns {Record<string, any>} */
export function buildModels(tf) {
  const layers = tf.layers;
  const cnn = tf.sequential({ name: 'cnn' });
  cnn.add(layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu', padding: 'same' }));
  cnn.add(layers.batchNormalization());
  cnn.add(layers.maxPooling2d({ poolSize: 2 }));
  cnn.add(layers.flatten());
  cnn.add(layers.dropout({ rate: 0.5 }));
  cnn.add(layers.dense({ units: 10, activation: 'softmax', kernelInitializer: 'glorotNormal' }));

  const left = tf.input({ shape: [4], name: 'left' });
  const right = tf.input({ shape: [3], name: 'right' });
  const shared = layers.dense({ units: 5, activation: 'tanh', name: 'shared' });
  const a = shared.apply(left);
  const b = shared.apply(layers.dense({ units: 4, name: 'widen' }).apply(right));
  const joined = layers.concatenate({ name: 'joined' }).apply([a, b]);
  const sum = layers.add({ name: 'sum' }).apply([a, b]);
  const twoHeads = tf.model({ inputs: [left, right], outputs: [layers.dense({ units: 2, name: 'head' }).apply(joined), sum], name: 'two_heads' });

  const text = tf.sequential({ name: 'text' });
  text.add(layers.embedding({ inputDim: 20, outputDim: 6, inputLength: 7 }));
  text.add(layers.bidirectional({ layer: layers.lstm({ units: 4 }) }));
  text.add(layers.dense({ units: 1, activation: 'sigmoid', useBias: false }));

  const inner = tf.sequential({ name: 'inner' });
  inner.add(layers.dense({ inputShape: [3], units: 4, activation: 'relu', name: 'inner_dense' }));
  const x = tf.input({ shape: [3], name: 'x' });
  const nested = tf.model({ inputs: x, outputs: layers.dense({ units: 2, name: 'outer_dense' }).apply(inner.apply(x)), name: 'nested' });
  return { cnn, twoHeads, text, nested };
}

/**
 * @param {any} tf
 * @param {any} model
 * @param {any} symbol an input of the model
 * @param {number} index
 */
export function inputFor(tf, model, symbol, index) {
  const shape = [3, ...symbol.shape.slice(1)];
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const isText = model.name === 'text';
  return tf.tensor(Array.from({ length: size }, (_, i) => (isText ? (i * 7) % 20 : Math.sin(i * 1.7 + index))), shape, symbol.dtype);
}

/**
 * What summary() prints, in three widths.
 * @param {any} model
 */
export function summaries(model) {
  const lines = (/** @type {any[]} */ ...args) => {
    /** @type {string[]} */
    const printed = [];
    model.summary(...args, (/** @type {string} */ line) => printed.push(line));
    return printed;
  };
  return [lines(undefined, undefined), lines(60, undefined), lines(100, [30, 50, 70, 80, 100])];
}
