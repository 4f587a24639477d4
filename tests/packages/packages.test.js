/** Packages on Hornbeam and on TensorFlow.js, in one process and on the same data; tfjs-vis in Chromium. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as hornbeam from 'hornbeam';
import { withPage } from '../browser/browser.js';
import { bundlePackages, runBundle, tensorflow } from './bundle.mjs';

const FOLDER = /** @type {string} */ (process.env.PACKAGES);
const real = await tensorflow();

/** What `body` gives on TensorFlow.js, then on Hornbeam. @param {string} source @param {(tf: any, packages: any) => Promise<any>} body */
async function onBoth(source, body) {
  const script = await bundlePackages(FOLDER, source, 'node');
  const results = [];
  for (const tf of [real, hornbeam]) {
    const before = tf.memory().numTensors;
    results.push(await body(tf, runBundle(script, tf)));
    results.push(tf.memory().numTensors - before);
  }
  return { expected: results[0], actual: results[2], tensors: [results[1], results[3]] };
}

/** Numbers that look random and are the same everywhere. @param {number} count @param {number} seed */
const numbers = (count, seed) => Array.from({ length: count }, (_, i) => Math.abs(Math.sin(i * 12.9898 + seed) * 43758.5453) % 1);

test('knn-classifier', async () => {
  const { expected, actual, tensors } = await onBoth("export * from '@tensorflow-models/knn-classifier';", async (tf, knn) => {
    const classifier = knn.create();
    for (let i = 0; i < 12; i++) {
      const example = tf.tensor1d(numbers(16, i).map((x, j) => x + (j % 3 === i % 3 ? 2 : 0)));
      classifier.addExample(example, ['red', 'green', 'blue'][i % 3]);
      example.dispose();
    }
    const input = tf.tensor1d(numbers(16, 99).map((x, j) => x + (j % 3 === 1 ? 2 : 0)));
    const answers = [await classifier.predictClass(input, 3), await classifier.predictClass(input, 10)];
    const dataset = Object.fromEntries(Object.entries(classifier.getClassifierDataset()).map(([label, tensor]) => [label, tensor.arraySync()]));
    const counts = classifier.getClassExampleCount();
    classifier.dispose();
    input.dispose();
    return { answers, counts, shapes: Object.values(dataset).map(rows => [rows.length, rows[0].length]) };
  });
  assert.equal(actual.answers[0].label, 'green');
  assert.deepEqual(actual, expected);
  assert.equal(tensors[1], tensors[0]);
});

test('nsfwjs', { timeout: 300_000 }, async () => {
  const source = "export { load } from 'nsfwjs/core'; export { MobileNetV2Model } from 'nsfwjs/models/mobilenet_v2';";
  const { expected, actual, tensors } = await onBoth(source, async (tf, { load, MobileNetV2Model }) => {
    const model = await load('MobileNetV2', { modelDefinitions: [MobileNetV2Model] });
    const image = tf.tensor3d(numbers(160 * 120 * 3, 7).map(x => Math.floor(256 * x)), [160, 120, 3], 'int32');
    const classes = await model.classify(image, 5);
    const features = model.infer(image);
    const probabilities = Array.from(await features.data());
    image.dispose();
    features.dispose();
    model.dispose?.();
    return { names: classes.map((/** @type {any} */ c) => c.className), probabilities };
  });
  assert.deepEqual(actual.names, expected.names);
  actual.probabilities.forEach((p, i) => assert.ok(Math.abs(p - expected.probabilities[i]) < 1e-4, `${p} instead of ${expected.probabilities[i]}`));
  assert.ok(tensors[1] <= tensors[0], `${tensors[1]} tensors are left, ${tensors[0]} on TensorFlow.js`);
});

/** In a page, which runs WebAssembly. */
if (process.env.HORNBEAM_TARGET === 'wasm') test('tfjs-vis', async () => {
  const script = await bundlePackages(FOLDER, "export * from '@tensorflow/tfjs-vis';", 'browser');
  await withPage(async (page, url) => {
    await page.route('**/empty.html', route => route.fulfill({ body: '<!doctype html><body></body>', contentType: 'text/html' }));
    await page.goto(`${url}empty.html`);
    await page.evaluate(async () => Object.assign(globalThis, { tfOfPackages: await import(String('/dist/hornbeam.mjs')) }));
    await page.addScriptTag({ content: script });
    const seen = await page.evaluate(async () => {
      const { tfOfPackages: tf, packages: tfvis } = /** @type {any} */ (globalThis);
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 5, inputShape: [3], name: 'first' }), tf.layers.dense({ units: 2, name: 'second' })] });
      await tfvis.show.modelSummary({ name: 'summary', tab: 'Model' }, model);
      await tfvis.show.layer({ name: 'layer', tab: 'Model' }, model.getLayer('first'));
      await tfvis.show.valuesDistribution({ name: 'values', tab: 'Model' }, tf.tensor1d([1, 2, 2, 3, NaN]));
      await tfvis.render.linechart({ name: 'line', tab: 'Charts' }, { values: [[{ x: 0, y: 1 }, { x: 1, y: 3 }]] });
      const labels = tf.tensor1d([0, 1, 2, 1]), predictions = tf.tensor1d([0, 1, 1, 1]);
      return {
        text: document.body.textContent,
        charts: document.querySelectorAll('canvas, svg').length,
        accuracy: await tfvis.metrics.accuracy(labels, predictions),
        perClass: await tfvis.metrics.perClassAccuracy(labels, predictions),
        matrix: await tfvis.metrics.confusionMatrix(labels, predictions),
      };
    });
    assert.match(seen.text, /first[\s\S]*second/);
    assert.ok(seen.charts > 0, 'nothing was drawn');
    assert.equal(seen.accuracy, 0.75);
    assert.deepEqual(seen.perClass.map((/** @type {any} */ c) => c.accuracy), [1, 1, 0]);
    assert.deepEqual(seen.matrix, [[1, 0, 0], [0, 2, 0], [0, 1, 0]]);
  });
});
