/** evaluate: losses and metrics of a model over all samples. */
import { ProgbarLogger } from '../callbacks/progbar_logger.js';
import { engine } from '../core/engine.js';
import { ofBatch, withAliases } from './logs.js';

/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { Epochs, TensorBatches } from './batches.js' */
/** @import { Batch, Logs } from './step.js' */

const KIND = { isTraining: false, isFresh: false };

/**
 * One batch of a test.
 * @param {LayersModel} model
 * @param {Batch} batch
 * @returns {Logs}
 */
function testStep(model, batch) {
  return engine.scoped('evaluate', () => model.trainingState.run(batch, KIND, null));
}

/**
 * All batches, with callbacks between.
 * @param {LayersModel} model
 * @param {Epochs} epochs
 * @param {any} list of callbacks
 * @param {import('../callbacks/yielding.js').YieldPolicy | null} [yields]
 * @returns {Promise<Logs>}
 */
export async function testLoop(model, epochs, list, yields = null) {
  const { trainingState: state } = model;
  state.resetMetrics();
  await list.onTestBegin();
  /** @type {Logs} */
  let logs = {};
  let batch = 0;
  for await (const given of epochs.epoch(0)) {
    try {
      await list.onTestBatchBegin(batch, ofBatch(batch, given.size));
      logs = testStep(model, given);
    } finally {
      given.release();
    }
    await list.onTestBatchEnd(batch, withAliases(ofBatch(batch, given.size, logs), state.settings.aliases));
    batch++;
    if (yields?.isDue('batch')) await yields.nextFrame();
  }
  if (epochs.steps !== null) await epochs.end();
  await list.onTestEnd(withAliases(logs, state.settings.aliases));
  return logs;
}

/**
 * All batches of tensors at once, without callbacks.
 * @param {LayersModel} model
 * @param {TensorBatches} source
 * @param {number} steps
 * @param {ProgbarLogger | null} bar that shows how it goes on
 * @returns {Logs}
 */
export function testNow(model, source, steps, bar) {
  model.trainingState.resetMetrics();
  bar?.onTestBegin();
  /** @type {Logs} */
  let logs = {};
  let done = 0;
  for (const batch of source.batches(0)) {
    try {
      logs = testStep(model, batch);
    } finally {
      batch.release();
    }
    bar?.onTestBatchEnd(done, logs);
    if (++done === steps) break;
  }
  bar?.onTestEnd(logs);
  return logs;
}

/**
 * A progress bar by itself.
 * @param {ProgbarLogger['params']['verbose']} verbose
 * @param {number | null} steps
 * @returns {ProgbarLogger | null} null: nothing is shown
 */
export function barFor(verbose, steps) {
  if (verbose === undefined || verbose === 0 || verbose === false) return null;
  const bar = new ProgbarLogger();
  bar.setParams({ epochs: 1, steps, verbose });
  return bar;
}
