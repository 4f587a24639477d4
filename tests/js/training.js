/** Models, weights and data of the goldens of training: see tests/golden/generate/training_models.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '../../js/src/index.js';

/** @param {string} name */
export const readTraining = name => JSON.parse(readFileSync(new URL(`../golden/training/${name}.json`, import.meta.url), 'utf8'));

/** Evenly in [-1, 1): the finalizer of MurmurHash3 of seed and place. @param {number} seed @param {number} count */
export function numbers(seed, count) {
  return Float64Array.from({ length: count }, (_, i) => {
    let x = Math.imul(i, 0x9e3779b1) + Math.imul(seed, 0x85ebca77) | 0;
    for (const [shift, factor] of [[16, 0x85ebca6b], [13, 0xc2b2ae35], [16, 1]]) x = Math.imul(x ^ (x >>> shift), factor);
    return (x >>> 8) / 2 ** 23 - 1;
  });
}

/** @param {readonly number[]} shape */
const sizeOf = shape => shape.reduce((product, dimension) => product * dimension, 1);

/**
 * Data of a kind: 'real', or ['class', n], ['onehot', n], ['token', n].
 * @param {number} seed
 * @param {number[]} shape
 * @param {any} kind
 */
export function draw(seed, shape, kind) {
  const values = numbers(seed, sizeOf(shape));
  if (kind === 'real') return tf.tensor(Float32Array.from(values), shape);
  const [name, count] = kind;
  const places = Int32Array.from(values, value => Math.floor(((value + 1) / 2) * count));
  const width = shape[shape.length - 1];
  if (name === 'token') {
    for (const [i, place] of places.entries()) places[i] = i % width < width - (Math.floor(i / width) % 3) ? Math.max(place, 1) : 0;
  }
  const tensor = tf.tensor(places, shape, 'int32');
  return name === 'onehot' ? tf.cast(tf.oneHot(tensor, count), 'float32') : tensor;
}

/** @param {any} golden a model of models.json @param {number} step @param {number} samples */
export function batchOf({ x, ys }, step, samples) {
  const [shape, kind] = x;
  const targets = ys.map(([own, kind]) => [own, kind]).map(([own, kind], i) => draw(step * 10 + 2 + i, [samples, ...own], kind));
  return { x: draw(step * 10 + 1, [samples, ...shape], kind), y: targets.length > 1 ? targets : targets[0] };
}

/** @param {tf.LayersModel} model @param {any} starts */
export function setWeights(model, starts) {
  for (const [name, weights] of Object.entries(starts)) {
    const layer = model.getLayer(name);
    tf.tidy(() => layer.weights.forEach((weight, i) => {
      const [seed, scale, offset] = weights[i];
      const values = Float32Array.from(numbers(seed, sizeOf(/** @type {number[]} */ (weight.shape))), value => value * scale + offset);
      weight.read().assign(tf.tensor(values, /** @type {number[]} */ (weight.shape))); // as they are: setWeights would apply constraints
    }));
  }
}

/** @param {any} golden a model of models.json */
export async function modelOf({ topology, starts }) {
  const model = await tf.models.modelFromJSON(topology);
  setWeights(model, starts);
  return model;
}

/** compile's arguments as Keras has them, in JavaScript's spelling. @param {any} compile */
export const compileArgs = ({ loss, metrics, loss_weights: lossWeights }) => ({ loss, metrics, lossWeights });

/** @param {number} got @param {number} expected @param {string} what */
export function assertLoss(got, expected, what) {
  assert.ok(Math.abs(got - expected) <= 1e-4 * Math.max(1, Math.abs(expected)), `${what}: expected ${expected}, got ${got}`);
}
