/** predict, batch by batch: at once, or with callbacks between, or of a stream of batches. */
import { CallbackList } from '../callbacks/list.js';
import { engine } from '../core/engine.js';
import { standardizeInputs } from '../layers/inputs.js';
import { dispose } from '../memory.js';
import { concat } from '../ops/shape.js';
import { Epochs, isStream, StreamBatches, TensorBatches } from './batches.js';
import { ofBatch } from './logs.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { LayersModel } from '../layers/layers_model.js' */

/**
 * What predict takes, as Keras and TensorFlow.js name it.
 * @typedef {object} ModelPredictArgs
 * @property {number} [batchSize] 32
 * @property {0 | 1 | 2 | 'auto' | boolean} [verbose] shows a progress bar
 * @property {number} [steps] batches, at most
 * @property {any} [callbacks] hooks of predictions; with them, and for a dataset, the answer is a promise
 */

/** @param {any} value of a stream: x, [x, ...] as Keras has it, or {xs, ...} */
function inputOf(value) {
  if (Array.isArray(value)) return value[0];
  return value !== null && typeof value === 'object' && value.xs != null ? value.xs : value;
}

/**
 * @param {LayersModel} model
 * @param {any} x
 * @param {number} batchSize
 */
function sourceOf(model, x, batchSize) {
  const read = (/** @type {any} */ value) => ({ xs: standardizeInputs(inputOf(value), model.ends), ys: [], weights: [] });
  if (isStream(x)) return { source: new StreamBatches(x, read), made: null };
  const made = engine.scoped('predict', () => standardizeInputs(x, model.ends).map(tensor => tensor.clone()));
  return { source: new TensorBatches({ xs: made, ys: [], weights: [] }, batchSize), made };
}

/**
 * Predicts with callbacks between batches.
 * @param {LayersModel} model
 * @param {any} x
 * @param {ModelPredictArgs & {batchSize: number}} args
 * @returns {Promise<Tensor | Tensor[]>} an array where the model has several outputs
 */
export async function predictWatched(model, x, { batchSize, verbose = 0, steps, callbacks }) {
  const { source, made } = sourceOf(model, x, batchSize);
  const epochs = new Epochs(source, steps ?? null);
  const list = CallbackList.of(callbacks, { model, params: { epochs: 1, steps: epochs.numBatches, verbose },
    addProgbar: verbose !== 0 && verbose !== false });
  /** @type {Tensor[][]} */
  const results = [];
  try {
    await list.onPredictBegin();
    let batch = 0;
    for await (const given of epochs.epoch(0)) {
      try {
        await list.onPredictBatchBegin(batch, ofBatch(batch, given.size));
        results.push(engine.scoped('predict', () => [model.predictOnBatch(given.xs)].flat()));
      } finally {
        given.release();
      }
      const outputs = results[results.length - 1];
      await list.onPredictBatchEnd(batch, ofBatch(batch, given.size, { outputs: outputs.length === 1 ? outputs[0] : outputs }));
      batch++;
    }
    await list.onPredictEnd();
    const joined = engine.scoped('predict', () => results[0].map((_, i) => concat(results.map(outputs => outputs[i]), 0)));
    return joined.length === 1 ? joined[0] : joined;
  } finally {
    await epochs.end();
    dispose([made, results]);
  }
}
