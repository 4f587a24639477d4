/** Trains with a checkpoint after each epoch, in the folder of its argument; says so after the first. */
import * as tf from '../../js/src/index.js';

const [folder, epochs] = process.argv.slice(2);
const model = tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [64] }), tf.layers.dense({ units: 1 })] });
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
const x = tf.randomUniform([32, 64], 0, 1, 'float32', 1);
const checkpoint = tf.callbacks.modelCheckpoint(`${folder}/{epoch}`);
await model.fit(x, x.sum(1, true), { epochs: Number(epochs), verbose: 0, callbacks: [checkpoint] });
