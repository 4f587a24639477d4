/** The network of this example and how it is trained; Node and the page share it. */

export const SIZE = 28;
export const BATCH_SIZE = 64;
export const EPOCHS = 20;
const RATE = 3e-3;
/** Samples that choose when training ends: the last part of the training digits. */
export const VALIDATION_SPLIT = 0.1;
/** What initial values, the order of samples, augmentation and dropout are drawn from: the same run each time. */
export const SEED = 2024;

/**
 * Images [28, 28, 1] with values 0..255, white on black, to probabilities of the ten digits. In training, images are turned, shifted and scaled,
 * each time in another way, and parts of what the network knows are left out (dropout): it shall learn digits, not images.
 * @param {typeof import('hornbeam')} tf
 */
export function buildModel(tf) {
  const { layers } = tf;
  const black = { fillMode: 'constant', fillValue: 0 };
  let seed = SEED;
  const weights = () => ({ kernelInitializer: tf.initializers.glorotUniform({ seed: seed++ }) });
  const block = (/** @type {number} */ filters) => [
    layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false, ...weights() }),
    layers.batchNormalization({ momentum: 0.97 }),
    layers.reLU(),
    layers.maxPooling2d({ poolSize: 2 }),
  ];
  return tf.sequential({
    name: 'digits',
    layers: [
      layers.randomRotation({ factor: 15 / 360, ...black, inputShape: [SIZE, SIZE, 1] }),
      layers.randomTranslation({ heightFactor: 0.08, widthFactor: 0.08, ...black }),
      layers.randomZoom({ heightFactor: [-0.12, 0.15], widthFactor: [-0.12, 0.15], ...black }),
      layers.rescaling({ scale: 1 / 255 }),
      ...block(16), ...block(32), ...block(64),
      layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 48, activation: 'relu', ...weights() }),
      layers.dense({ units: 10, activation: 'softmax', ...weights() }),
    ],
  });
}

/** @param {typeof import('hornbeam')} tf @param {ReturnType<typeof buildModel>} model */
export function compileModel(tf, model) {
  model.compile({ optimizer: tf.train.adam(RATE), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
}

/** Steps get smaller from epoch to epoch, and training ends early where the validation gets no better. @param {typeof import('hornbeam')} tf */
export function callbacks(tf) {
  return [
    tf.callbacks.learningRateScheduler(epoch => (RATE * (1 + Math.cos((Math.PI * epoch) / EPOCHS))) / 2),
    tf.callbacks.earlyStopping({ patience: 5, restoreBestWeights: true }),
  ];
}

/**
 * Digits as tensors.
 * @param {typeof import('hornbeam')} tf
 * @param {Uint8Array} images 784 values each
 * @param {Uint8Array} labels
 */
export function tensorsOf(tf, images, labels) {
  return { x: tf.tensor(Float32Array.from(images), [labels.length, SIZE, SIZE, 1]), y: tf.tensor(Float32Array.from(labels), [labels.length, 1]) };
}
