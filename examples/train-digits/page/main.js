/** The page: trains the network of model.js, shows the loss as it falls, keeps a checkpoint in IndexedDB and goes on from it. */
import * as tf from '../../../dist/hornbeam.mjs';
import { BATCH_SIZE, buildModel, callbacks, compileModel, EPOCHS, SEED, tensorsOf, VALIDATION_SPLIT } from '../model.js';
import { Chart } from './chart.js';

const DATA = new URL('../../../build/train-digits/data/', import.meta.url);
const CHECKPOINT = 'indexeddb://train-digits';
/** ?epochs=2 trains for less, ?samples=640 with fewer digits. */
const parameters = new URL(location.href).searchParams;
const epochs = Number(parameters.get('epochs') ?? EPOCHS);

/** @param {string} id @returns {any} */
const byId = id => document.getElementById(id);
const chart = new Chart(byId('chart'), epochs);

/** @param {string} text @param {boolean} [isFailure] */
function say(text, isFailure = false) {
  byId('status').textContent = text;
  byId('status').classList.toggle('failed', isFailure);
}

/** @param {number} share */
const percent = share => `${(share * 100).toFixed(2)}%`;

/** @param {'train' | 'heldout'} name @param {number} [most] */
async function digits(name, most) {
  const [images, labels] = await Promise.all(['images', 'labels'].map(async part => {
    const response = await fetch(new URL(`${name}-${part}.bin`, DATA));
    if (!response.ok) throw new Error(`${response.url}: ${response.status}; npm run train-digits -- --serve makes it`);
    return new Uint8Array(await response.arrayBuffer());
  }));
  const count = Math.min(most ?? labels.length, labels.length);
  return tensorsOf(tf, images.subarray(0, count * 784), labels.subarray(0, count));
}

/** @param {boolean} isTraining */
async function showButtons(isTraining) {
  const hasCheckpoint = CHECKPOINT in await tf.io.listModels();
  byId('train').disabled = isTraining;
  byId('stop').disabled = !isTraining;
  byId('resume').disabled = isTraining || !hasCheckpoint;
}

/** What the page shows of a training. @param {tf.LayersModel} model @param {number} batches of an epoch */
function display(model, batches) {
  let epoch = 0;
  return {
    onEpochBegin(/** @type {number} */ number) {
      epoch = number;
      byId('epoch').textContent = `${epoch + 1} / ${epochs}`;
    },
    onTrainBatchEnd(/** @type {number} */ batch, /** @type {any} */ logs) {
      chart.addTrain(epoch + (batch + 1) / batches, logs.loss);
      byId('loss').textContent = logs.loss.toFixed(4);
    },
    onEpochEnd(/** @type {number} */ number, /** @type {any} */ logs) {
      chart.addValidation(number + 1, logs.val_loss);
      byId('accuracy').textContent = percent(logs.val_accuracy);
      model.setUserDefinedMetadata({ epoch: number + 1 }); // the checkpoint comes after, and knows where to go on
    },
  };
}

/** @type {tf.LayersModel | null} */
let current = null;

/** @param {tf.LayersModel} model @param {number} initialEpoch */
async function train(model, initialEpoch) {
  current?.dispose();
  current = model;
  await showButtons(true);
  say(`Training on WebAssembly ${tf.backendInfo().variant}, threads: ${tf.backendInfo().threads}`);
  const batches = Math.ceil((trainDigits.y.shape[0] * (1 - VALIDATION_SPLIT)) / BATCH_SIZE);
  const start = performance.now();
  try {
    await model.fit(trainDigits.x, trainDigits.y, {
      batchSize: BATCH_SIZE, epochs, initialEpoch, validationSplit: VALIDATION_SPLIT, seed: SEED,
      callbacks: [...callbacks(tf), display(model, batches), tf.callbacks.modelCheckpoint(CHECKPOINT)],
    });
    const [, accuracy] = /** @type {tf.Tensor[]} */ (model.evaluate(heldOut.x, heldOut.y, { batchSize: 100 }));
    byId('heldout').textContent = percent((await accuracy.data())[0]);
    say(`Trained in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  } catch (error) {
    say(`Training failed: ${/** @type {Error} */ (error).message}`, true);
  }
  await showButtons(false);
}

byId('train').addEventListener('click', async () => {
  chart.clear();
  const model = buildModel(tf);
  compileModel(tf, model);
  await train(model, 0);
});
byId('resume').addEventListener('click', async () => {
  const model = await tf.loadLayersModel(CHECKPOINT);
  const { epoch } = /** @type {{epoch: number}} */ (model.getUserDefinedMetadata());
  await train(model, Math.min(epoch, epochs - 1));
});
byId('stop').addEventListener('click', () => {
  if (current !== null) /** @type {any} */ (current).stopTraining = true;
});

/** @type {Awaited<ReturnType<typeof digits>>} */
let trainDigits;
/** @type {Awaited<ReturnType<typeof digits>>} */
let heldOut;
try {
  const samples = parameters.get('samples');
  [trainDigits, heldOut] = await Promise.all([digits('train', samples === null ? undefined : Number(samples)), digits('heldout')]);
  say(`Ready · ${trainDigits.y.shape[0].toLocaleString('en')} digits`);
  await showButtons(false);
} catch (error) {
  say(`The digits could not be loaded: ${/** @type {Error} */ (error).message}`, true);
}
