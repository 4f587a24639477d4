/** Models in a browser's own places: indexeddb://, localstorage://, downloads:// and chosen files, to and from TensorFlow.js itself too. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withPage } from './browser.js';

const CORE = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-core/dist/tf-core.min.js'));

/** A Dense layer: y = x [[2], [3]] + 1. */
const MODEL = {
  modelTopology: { class_name: 'Sequential', config: { name: 'm', layers: [{ class_name: 'Dense', config: { name: 'd', units: 1, batch_input_shape: [null, 2] } }] } },
  weightSpecs: [{ name: 'd/kernel', shape: [2, 1], dtype: 'float32' }, { name: 'd/bias', shape: [1], dtype: 'float32' }],
  format: 'layers-model', generatedBy: 'a test', convertedBy: null, userDefinedMetadata: { some: ['thing'] },
};

/* global hornbeam, tf, artifacts, sample, failure */

/**
 * Runs a function in a page that has Hornbeam as `hornbeam`, TensorFlow.js's core as `tf`, and these helpers: artifacts(), the model above;
 * sample(source), what Hornbeam predicts with the model there for [[1, 10]]; failure(promise), the message that it is rejected with.
 * @template A, T
 * @param {(argument: A) => Promise<T>} body
 * @param {A} [argument]
 * @param {(page: import('playwright-core').Page) => void} [prepare]
 * @returns {Promise<T>}
 */
async function inPage(body, argument, prepare = () => {}) {
  let result;
  await withPage(async (page, url) => {
    await page.route('**/tf-core.js', route => route.fulfill({ path: CORE, contentType: 'text/javascript' }));
    await page.route('**/storage.html', route => route.fulfill({ body: '<!doctype html><script src="/tf-core.js"></script>', contentType: 'text/html' }));
    await page.goto(`${url}storage.html`);
    prepare(page);
    await page.evaluate(async model => {
      window.hornbeam = await import(String('/dist/hornbeam.mjs'));
      window.artifacts = () => ({ ...structuredClone(model), weightData: Float32Array.of(2, 3, 1).buffer });
      window.sample = async source => {
        const loaded = await hornbeam.loadLayersModel(source);
        return [loaded.predict(hornbeam.tensor([[1, 10]])).dataSync()[0], loaded.getUserDefinedMetadata()];
      };
      window.failure = promise => promise.then(() => 'no error', error => error.message);
    }, MODEL);
    result = await page.evaluate(body, argument);
  }, { isolated: false });
  return result;
}

const SAMPLE = [33, { some: ['thing'] }];

for (const scheme of ['indexeddb', 'localstorage']) {
  test(`${scheme}://: what one saves the other loads`, async () => {
    const found = await inPage(async scheme => {
      const plain = ({ weightData, ...rest }) => ({ ...rest, weights: [...new Float32Array(weightData)] });
      const { modelArtifactsInfo: saved } = await hornbeam.io.getSaveHandlers(`${scheme}://a/b`)[0].save(artifacts());
      const theirs = plain(await tf.io.getLoadHandlers(`${scheme}://a/b`)[0].load());
      const { modelArtifactsInfo: savedByThem } = await tf.io.getSaveHandlers(`${scheme}://c`)[0].save(artifacts());
      const dropDate = ({ dateSaved, ...info }) => info;
      return {
        theirs, isSame: JSON.stringify(theirs) === JSON.stringify(plain(await hornbeam.io.getLoadHandlers(`${scheme}://a/b`)[0].load())),
        infos: [dropDate(saved), dropDate(savedByThem)],
        samples: [await sample(`${scheme}://a/b`), await sample(`${scheme}://c`)],
        lists: [Object.keys(await hornbeam.io.listModels()), Object.keys(await tf.io.listModels())],
        copied: dropDate(await hornbeam.io.copyModel(`${scheme}://c`, `${scheme}://d`)),
        moved: dropDate(await hornbeam.io.moveModel(`${scheme}://d`, `${scheme}://e`)),
        sampleOfMoved: await sample(`${scheme}://e`),
        left: Object.keys(await tf.io.listModels()),
        removed: dropDate(await hornbeam.io.removeModel(`${scheme}://a/b`)),
        missing: await failure(hornbeam.loadLayersModel(`${scheme}://a/b`)),
        notThere: await failure(hornbeam.io.removeModel(`${scheme}://nothing`)),
        sameName: await failure(hornbeam.io.copyModel(`${scheme}://c`, `${scheme}://c`)),
        noName: await failure(hornbeam.loadLayersModel(`${scheme}://`)),
        savedModel: dropDate((await (await hornbeam.loadLayersModel(`${scheme}://c`)).save(`${scheme}://f`)).modelArtifactsInfo).weightDataBytes,
        sampleOfSaved: await sample(`${scheme}://f`),
      };
    }, scheme);
    const { weightSpecs, modelTopology, ...rest } = MODEL;
    assert.deepEqual(found.theirs, { modelTopology, weightSpecs, ...rest, weights: [2, 3, 1] });
    assert.ok(found.isSame);
    assert.deepEqual(found.infos[0], found.infos[1]);
    assert.deepEqual(found.samples, [SAMPLE, SAMPLE]);
    assert.deepEqual(found.lists[0].sort(), [`${scheme}://a/b`, `${scheme}://c`]);
    assert.deepEqual(found.lists[1].sort(), found.lists[0]);
    assert.deepEqual([found.copied, found.moved, found.removed], Array(3).fill(found.infos[0]));
    assert.deepEqual(found.sampleOfMoved, SAMPLE);
    assert.deepEqual(found.left.sort(), [`${scheme}://a/b`, `${scheme}://c`, `${scheme}://e`]);
    assert.match(found.missing, scheme === 'indexeddb' ? /Cannot find model with path 'a\/b' in IndexedDB/ : /In local storage, there is no model with name 'a\/b'/);
    assert.match(found.notThere, /Cannot find model (with|at) path 'nothing'/);
    assert.match(found.sameName, /Old path and new path are the same/);
    assert.deepEqual([found.savedModel, found.sampleOfSaved], [12, SAMPLE]);
    assert.match(found.noName, /modelPath must not be null, undefined or empty/);
  });
}

test('indexeddb://: a model that cannot be stored leaves nothing', async () => {
  const [message, listed, again] = await inPage(async () => {
    const save = given => hornbeam.io.getSaveHandlers('indexeddb://odd')[0].save(given);
    const message = await failure(save({ ...artifacts(), userDefinedMetadata: { notes: () => {} } }));
    const listed = Object.keys(await hornbeam.io.listModels());
    await save(artifacts());
    return [message, listed, await sample('indexeddb://odd')];
  });
  assert.match(message, /could not be cloned/);
  assert.deepEqual(listed, []);
  assert.deepEqual(again, SAMPLE);
});

test('localstorage://: a model that is too large leaves nothing', async () => {
  const [message, keys] = await inPage(async () => {
    const large = { ...artifacts(), weightData: new ArrayBuffer(6 << 20) };
    return [await failure(hornbeam.io.getSaveHandlers('localstorage://large')[0].save(large)), localStorage.length];
  });
  assert.match(message, /Failed to save model 'large' to local storage: size quota being exceeded.*weightDataBytes=6291456/);
  assert.equal(keys, 0);
});

test('downloads://, and the files chosen again', async () => {
  const files = [];
  const bytes = await inPage(async () => {
    const { modelArtifactsInfo } = await hornbeam.io.getSaveHandlers('downloads://mine')[0].save(artifacts());
    await new Promise(resolve => setTimeout(resolve, 500));
    return modelArtifactsInfo.weightDataBytes;
  }, null, page => page.on('download', download => files.push(download.path().then(path => [download.suggestedFilename(), readFileSync(path).toString('base64')]))));
  assert.equal(bytes, 12);
  const got = Object.fromEntries(await Promise.all(files));
  assert.deepEqual(Object.keys(got).sort(), ['mine.json', 'mine.weights.bin']);
  const json = JSON.parse(Buffer.from(got['mine.json'], 'base64').toString());
  assert.deepEqual(json.weightsManifest, [{ paths: ['./mine.weights.bin'], weights: MODEL.weightSpecs }]);
  assert.deepEqual(Object.keys(json), ['modelTopology', 'format', 'generatedBy', 'convertedBy', 'weightsManifest', 'userDefinedMetadata']);
  const samples = await inPage(async texts => {
    const chosen = ['mine.json', 'mine.weights.bin'].map(name => new File([Uint8Array.from(atob(texts[name]), c => c.charCodeAt(0))], name));
    const theirs = await tf.io.browserFiles(chosen).load();
    return [await sample(hornbeam.io.browserFiles(chosen)), [...new Float32Array(tf.io.CompositeArrayBuffer.join(theirs.weightData))]];
  }, got);
  assert.deepEqual(samples, [SAMPLE, [2, 3, 1]]);
});
