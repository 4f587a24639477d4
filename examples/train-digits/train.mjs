#!/usr/bin/env node
/**
 * Trains the digit classifier in Node: checkpoints, TensorBoard, a CSV file, early stopping; then goes on from a checkpoint.
 *
 *   node examples/train-digits/train.mjs [--folder build/train-digits] [--epochs 20]     npm run train-digits makes the folder's digits
 *   node examples/train-digits/train.mjs --resume 5 [--epochs 8]                          goes on from the checkpoint of epoch 5
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from 'hornbeam';
import { BATCH_SIZE, buildModel, callbacks, compileModel, EPOCHS, SEED, tensorsOf, VALIDATION_SPLIT } from './model.js';

const { values: options } = parseArgs({
  options: { folder: { type: 'string', default: 'build/train-digits' }, epochs: { type: 'string', default: String(EPOCHS) }, resume: { type: 'string' } },
});
const { folder } = options;
const checkpoint = (/** @type {string} */ epoch) => join(folder, 'checkpoints', epoch);

/** @param {'train' | 'heldout'} name */
function digits(name) {
  const read = (/** @type {string} */ part) => Uint8Array.from(readFileSync(join(folder, 'data', `${name}-${part}.bin`)));
  return tensorsOf(tf, read('images'), read('labels'));
}

/**
 * @param {tf.LayersModel} model
 * @param {number} initialEpoch
 * @param {number} epochs
 * @param {any[]} more callbacks
 */
function train(model, initialEpoch, epochs, more) {
  const { x, y } = digits('train');
  return model.fit(x, y, { batchSize: BATCH_SIZE, epochs, initialEpoch, validationSplit: VALIDATION_SPLIT, seed: SEED, callbacks: more }).finally(() => tf.dispose([x, y]));
}

/** Writes a checkpoint of each epoch, and what TensorBoard and a spreadsheet read. @param {boolean} append */
const recorders = append => [
  tf.callbacks.modelCheckpoint(checkpoint('{epoch:04d}')),
  tf.callbacks.tensorBoard({ logDir: join(folder, 'logs'), histogramFreq: 1, writeImages: true, updateFreq: 20 }),
  tf.callbacks.csvLogger({ filename: join(folder, 'log.csv'), append }),
];

/** The part of the held-out digits that a model reads. @param {tf.LayersModel} model */
function accuracyOf(model) {
  return tf.tidy(() => {
    const { x, y } = digits('heldout');
    return /** @type {tf.Tensor[]} */ (model.evaluate(x, y, { batchSize: 100 }))[1].dataSync()[0];
  });
}

/** @param {number} accuracy */
const percent = accuracy => `${(accuracy * 100).toFixed(2)}%`;

async function trainFromScratch() {
  for (const name of ['checkpoints', 'logs']) rmSync(join(folder, name), { recursive: true, force: true });
  const model = buildModel(tf);
  compileModel(tf, model);
  const start = performance.now();
  const { epoch, history } = await train(model, 0, Number(options.epochs), [...callbacks(tf), ...recorders(false)]);
  console.log(`\n${epoch.length} epochs in ${((performance.now() - start) / 1000).toFixed(0)} s. Held-out digits that it reads: ${percent(accuracyOf(model))}`);
  await model.save(`file://${join(folder, 'model')}`);
  console.log(`Saved to ${join(folder, 'model')}; curves: tensorboard --logdir ${join(folder, 'logs')}`);
  await goOn(epoch.length - 1, history.loss);
}

/** Trains the last epoch once more, from the checkpoint before it: the loss must be the same to the bit. @param {number} epoch @param {number[]} losses */
async function goOn(epoch, losses) {
  if (epoch < 1) return;
  const model = await tf.loadLayersModel(join(checkpoint(String(epoch).padStart(4, '0')), 'model.json'));
  const { history } = await train(model, epoch, epoch + 1, callbacks(tf));
  const [again, before] = [history.loss[0], losses[epoch]];
  console.log(`Epoch ${epoch + 1} again, from the checkpoint of epoch ${epoch}: loss ${again}, before ${before}: ${again === before ? 'the same to the bit' : 'DIFFERENT'}`);
  if (again !== before) process.exitCode = 1;
}

/** @param {number} epoch */
async function resume(epoch) {
  const model = await tf.loadLayersModel(join(checkpoint(String(epoch).padStart(4, '0')), 'model.json'));
  console.log(`Goes on from the checkpoint of epoch ${epoch}, which reads ${percent(accuracyOf(model))} of the held-out digits`);
  await train(model, epoch, Number(options.epochs), [...callbacks(tf), ...recorders(true)]);
  console.log(`Held-out digits that it reads: ${percent(accuracyOf(model))}`);
}

if (options.resume === undefined) await trainFromScratch();
else await resume(Number(options.resume));
