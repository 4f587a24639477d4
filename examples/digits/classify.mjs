#!/usr/bin/env node
/**
 * Classifies the held-out digits with a converted model and compares with Keras.
 *
 *   HORNBEAM_TARGET=node|wasm node examples/digits/classify.mjs build/digits/model.json [--json]
 */
import * as tf from 'hornbeam';
import { readHeldOut } from './heldout.mjs';

const TIMED_SECONDS = 0.5;

const [path] = process.argv.slice(2);
const digits = readHeldOut();
const model = await tf.loadLayersModel(path);
const images = tf.tensor(digits.images, [digits.count, 28, 28, 1]);
const outputs = tf.tidy(() => /** @type {tf.Tensor} */ (model.predict(images)).dataSync());

const guesses = Array.from({ length: digits.count }, (_, i) => {
  const probabilities = outputs.subarray(i * 10, i * 10 + 10);
  return probabilities.indexOf(Math.max(...probabilities));
});

/**
 * The median time of a prediction, by image.
 * @param {number} batch
 */
function microsecondsPerImage(batch) {
  const x = images.slice(0, batch);
  const times = [];
  for (const end = performance.now() + TIMED_SECONDS * 1000; performance.now() < end;) {
    const start = performance.now();
    tf.tidy(() => /** @type {tf.Tensor} */ (model.predict(x, { batchSize: batch })).dataSync());
    times.push(performance.now() - start);
  }
  x.dispose();
  return (times.sort((a, b) => a - b)[times.length >> 1] * 1000) / batch;
}

const report = {
  ...tf.backendInfo(),
  images: digits.count,
  correct: guesses.filter((guess, i) => guess === digits.labels[i]).length,
  maxDifference: outputs.reduce((largest, value, i) => Math.max(largest, Math.abs(value - digits.outputs[i])), 0),
  microseconds: { 1: microsecondsPerImage(1), 32: microsecondsPerImage(32) },
};
console.log(process.argv.includes('--json') ? JSON.stringify(report) : report);
