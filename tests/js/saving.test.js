/** Saving: what TensorFlow.js 4.22 saves of the same models, the places that models go to, and tf.io's other functions. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as tf from '../../js/src/index.js';
import { tensorsOf } from '../../js/src/layers/weight_data.js';
import { assertClose, TOLERANCES } from './close.js';
import { serveAnswers, writeFiles } from './model_files.js';
import { buildModels, inputFor } from './tfjs-models.mjs';

const goldens = JSON.parse(readFileSync(new URL('tfjs-models.json', import.meta.url), 'utf8'));
const built = buildModels(tf);

/** @param {any} golden */
const bytesOf = golden => Uint8Array.from(Buffer.from(golden.weights, 'base64')).buffer;
/** @param {any} golden */
const load = golden => tf.loadLayersModel(tf.io.fromMemory({ ...golden.artifacts, weightData: bytesOf(golden) }));

/** @param {any} model @param {object} [config] */
async function artifactsOf(model, config) {
  /** @type {any} */
  let saved;
  const result = await model.save(tf.io.withSaveHandler(async artifacts => {
    saved = artifacts;
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  }), config);
  assert.equal(result.modelArtifactsInfo.weightDataBytes, saved.weightData.byteLength);
  return saved;
}

/** What only one of the two writes, or writes as null where that is the default of the other. */
const SAME_IN_TWO_WAYS = ['data_format', 'dtype', 'seed', 'time_major', 'implementation', 'unit_forget_bias'];

/** A topology without that, and without what is null or false anyway. @param {any} value @returns {any} */
function essence(value) {
  if (Array.isArray(value)) return value.map(essence);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.keys(value).filter(key => value[key] !== null && value[key] !== false && !SAME_IN_TWO_WAYS.includes(key)).sort();
  return Object.fromEntries(kept.map(key => [key, key === 'class_name' && value[key] === 'Functional' ? 'Model' : essence(value[key])]));
}

/** @param {any} model @param {any} golden */
function assertPredicts(model, golden) {
  const inputs = model.inputs.map((/** @type {any} */ symbol, /** @type {number} */ i) => inputFor(tf, model, symbol, i));
  [model.predict(inputs)].flat().forEach((output, i) => assertClose(output.dataSync(), golden.outputs[i].values.map(Number), TOLERANCES.model));
}

for (const [name, golden] of Object.entries(goldens)) {
  for (const how of ['built', 'loaded']) {
    test(`${name}, ${how}, is saved as TensorFlow.js saves it`, async () => {
      const model = how === 'built' ? built[name] : await load(golden);
      if (how === 'built') model.loadWeights(tf.io.decodeWeights(bytesOf(golden), golden.artifacts.weightSpecs));
      const { weightData, modelTopology, ...rest } = await artifactsOf(model);
      const { modelTopology: theirs, ...theirRest } = golden.artifacts;
      assert.deepEqual(rest, theirRest);
      assert.deepEqual(new Uint8Array(weightData), new Uint8Array(bytesOf(golden)));
      assert.deepEqual(essence(modelTopology), essence(theirs));
      assertPredicts(await tf.loadLayersModel(tf.io.fromMemory({ ...rest, modelTopology, weightData })), golden);
    });
  }
}

test('trainableOnly leaves out statistics and frozen layers', async () => {
  const model = tf.sequential({ layers: [
    tf.layers.dense({ units: 2, inputShape: [3], name: 'frozen', trainable: false }), tf.layers.batchNormalization({ name: 'bn' }), tf.layers.dense({ units: 1, name: 'free' }),
  ] });
  const names = (await artifactsOf(model, { trainableOnly: true })).weightSpecs.map((/** @type {any} */ spec) => spec.name);
  assert.deepEqual(names, ['bn/gamma', 'bn/beta', 'free/kernel', 'free/bias']);
});

test('metadata and names that are not ASCII', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], name: 'schön' })] });
  model.setUserDefinedMetadata({ größe: [1, null] });
  const saved = await artifactsOf(model);
  const again = await tf.loadLayersModel(tf.io.fromMemory(saved));
  assert.deepEqual(again.getUserDefinedMetadata(), { größe: [1, null] });
  assert.equal(saved.weightSpecs[0].name, 'schön/kernel');
});

// ---- places

test('to a folder', async t => {
  const folder = writeFiles(t, {});
  const golden = goldens.cnn;
  const model = await load(golden);
  for (const url of [`file://${folder}/new/one`, pathToFileURL(join(folder, 'two')).href]) {
    const { modelArtifactsInfo } = await model.save(url);
    assert.equal(modelArtifactsInfo.weightDataBytes, bytesOf(golden).byteLength);
    assertPredicts(await tf.loadLayersModel(`${url}/model.json`), golden);
  }
  const json = JSON.parse(readFileSync(join(folder, 'new/one/model.json'), 'utf8'));
  assert.deepEqual(Object.keys(json), ['modelTopology', 'format', 'generatedBy', 'convertedBy', 'weightsManifest']);
  assert.deepEqual(json.weightsManifest, [{ paths: ['weights.bin'], weights: golden.artifacts.weightSpecs }]);
  assert.equal(statSync(join(folder, 'new/one/weights.bin')).size, bytesOf(golden).byteLength);
  await tf.io.copyModel(`file://${folder}/new/one/model.json`, `file://${folder}/three`);
  assert.deepEqual(readFileSync(join(folder, 'three/model.json')), readFileSync(join(folder, 'new/one/model.json')));
  writeFileSync(join(folder, 'file'), '');
  await assert.rejects(model.save(`file://${folder}/file`), /exists as a file\. The path must be nonexistent or point to a directory/);
});

test('to a server, as a form', async t => {
  /** @type {any} */
  let got;
  const { url } = await serveAnswers(t, {
    '/upload': async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const form = await new Response(Buffer.concat(chunks), { headers: { 'content-type': String(request.headers['content-type']) } }).formData();
      got = { method: request.method, key: request.headers['x-key'], names: [...form.keys()], json: JSON.parse(await form.get('model.json').text()), bytes: await form.get('model.weights.bin').arrayBuffer() };
      response.end('thanks');
    },
    '/full': (_, response) => void response.writeHead(507).end(),
  });
  const golden = goldens.twoHeads;
  const model = await load(golden);
  const result = await model.save(`${url}/upload`);
  assert.equal(await result.responses[0].text(), 'thanks');
  assert.deepEqual([got.method, got.names], ['POST', ['model.json', 'model.weights.bin']]);
  assert.deepEqual(got.json.weightsManifest, [{ paths: ['./model.weights.bin'], weights: golden.artifacts.weightSpecs }]);
  assert.deepEqual(got.bytes, bytesOf(golden));
  await model.save(tf.io.http(`${url}/upload`, { requestInit: { method: 'PUT', headers: { 'X-Key': 'k' } } }));
  assert.deepEqual([got.method, got.key], ['PUT', 'k']);
  await assert.rejects(model.save(`${url}/full`), /BrowserHTTPRequest\.save\(\) failed due to HTTP response status 507\./);
});

test('to what cannot save', async () => {
  const model = await load(goldens.nested);
  await assert.rejects(model.save('nowhere://x'), /Cannot find any save handlers for URL 'nowhere:\/\/x'/);
  await assert.rejects(model.save('indexeddb://x'), /Cannot find any save handlers/); // Node has no such place
  await assert.rejects(model.save(/** @type {any} */ ({ load() {} })), /the IOHandler provided does not have the `save` attribute defined/);
  tf.io.registerSaveRouter(url => (url === 'twice://x' ? { save: async () => /** @type {any} */ ({}) } : null));
  tf.io.registerSaveRouter(url => (url === 'twice://x' ? { save: async () => /** @type {any} */ ({}) } : null));
  await assert.rejects(model.save('twice://x'), /Found more than one \(2\) save handlers for URL 'twice:\/\/x'/);
  model.dispose();
  await assert.rejects(model.save('file:///tmp/never'), /disposed/);
});

// ---- weights without a model

test('encodeWeights and decodeWeights: every dtype, and back', async () => {
  const tensors = {
    floats: tf.tensor([[1.5, -2], [3, 4]]), ints: tf.tensor([1, -2, 3], [3], 'int32'), bools: tf.tensor([true, false], [2], 'bool'), scalar: tf.scalar(7),
    strings: tf.tensor(['', 'größe', 'x'.repeat(300)], [3], 'string'), empty: tf.zeros([0, 3]), complex: tf.complex([1, 2], [3, 4]),
  };
  const { data, specs } = await tf.io.encodeWeights(tensors, 'optimizer');
  assert.deepEqual(specs.map(spec => [spec.name, spec.shape, spec.dtype, spec.group]), Object.entries(tensors).map(([name, x]) => [name, x.shape, x.dtype, 'optimizer']));
  const split = [data.slice(0, 5), data.slice(5, 6), data.slice(6)];
  const stream = new Blob([new Uint8Array(data)]).stream();
  for (const decoded of [tf.io.decodeWeights(data, specs), tf.io.decodeWeights(split, specs), await tf.io.decodeWeightsStream(stream, specs)]) {
    for (const [name, x] of Object.entries(tensors)) {
      assert.deepEqual([decoded[name].dtype, decoded[name].shape, [...decoded[name].dataSync()]], [x.dtype, x.shape, [...x.dataSync()]], name);
    }
  }
  assert.throws(() => tf.io.decodeWeights(data.slice(0, -1), specs), { code: 'FORMAT', message: /Weight complex: expected 16 bytes, got 15/ });
  await assert.rejects(tf.io.decodeWeightsStream(new Blob([data.slice(0, 20)]).stream(), specs), /Reader is done but 8 bytes are still expected/);
});

test('decodeWeightsStream does not copy all strings for each of them', { timeout: 20_000 }, async () => {
  const count = 100_000;
  const words = Array.from({ length: count }, (_, i) => `the word number ${i}`);
  const { data, specs } = await tf.io.encodeWeights({ words: tf.tensor(words, [count], 'string'), after: tf.scalar(7) });
  const { words: decoded, after } = await tf.io.decodeWeightsStream(new Blob([data]).stream(), specs);
  assert.deepEqual([decoded.dataSync().at(-1), after.dataSync()[0]], [words.at(-1), 7]);
});

test('weights of a file are found behind those that are left out', () => {
  const spec = (name, dtype, group) => ({ name, shape: [1], dtype, group });
  const groups = [{ paths: [], weights: [spec('c', 'complex64', 'optimizer'), spec('x', 'float32')] }];
  const [{ name, tensor }] = tensorsOf(groups, new Uint8Array(Float32Array.of(1, 2, 3).buffer));
  assert.deepEqual([name, tensor.dataSync()[0]], ['x', 3]);
  groups[0].weights.unshift(spec('s', 'string', 'optimizer'));
  const before = tf.memory().numTensors;
  assert.throws(() => tensorsOf(groups, new Uint8Array(16)), { code: 'UNSUPPORTED', message: /Weight "s": unsupported dtype "string"/ });
  assert.equal(tf.memory().numTensors, before);
});

test('quantized weights', () => {
  const q = (/** @type {string} */ dtype, /** @type {any} */ quantization, /** @type {ArrayBuffer} */ data, size = data.byteLength) =>
    [...tf.io.decodeWeights(data, [{ name: 'w', shape: [size], dtype, quantization }]).w.dataSync()];
  assert.deepEqual(q('float32', { dtype: 'uint8', scale: 0.5, min: -1 }, Uint8Array.of(0, 3, 255).buffer), [-1, 0.5, 126.5]);
  assert.deepEqual(q('int32', { dtype: 'uint16', scale: 0.4, min: 1 }, Uint16Array.of(1, 65535).buffer, 2), [1, 26215]);
  assert.deepEqual(q('float32', { dtype: 'float16' }, Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0xfc00, 0x8000).buffer, 6), [1, -2, 65504, 2 ** -24, -Infinity, -0]);
  assert.throws(() => q('int32', { dtype: 'float16' }, new ArrayBuffer(2), 1), /only supports weights of type float32 not int32/);
  assert.throws(() => q('float32', { dtype: 'uint8' }, new ArrayBuffer(2)), /doesn't have corresponding metadata min and scale/);
  assert.throws(() => q('float32', { dtype: 'int4', scale: 1, min: 1 }, new ArrayBuffer(2)), /unknown quantization dtype int4/);
});

test('loadWeights takes some of a manifest and fetches no more', async t => {
  const { url, requests } = await serveAnswers(t, { '/w/a1': Uint8Array.of(0, 0, 128, 63, 0), '/w/a2': Uint8Array.of(0, 0, 64, 1, 0, 0, 0), '/w/b': Uint8Array.of(1, 0) });
  const manifest = [
    { paths: ['a1', 'a2'], weights: [{ name: 'x', shape: [2], dtype: 'float32' }, { name: 'n', shape: [], dtype: 'int32' }] },
    { paths: ['b'], weights: [{ name: 'flags', shape: [2], dtype: 'bool' }] },
  ];
  const all = await tf.io.loadWeights(manifest, `${url}/w`);
  assert.deepEqual([all.x.arraySync(), all.n.arraySync(), all.flags.arraySync()], [[1, 2], 1, [1, 0]]);
  requests.length = 0;
  const some = await tf.io.loadWeights(manifest, `${url}/w/`, ['n']);
  assert.deepEqual([Object.keys(some), requests.length], [['n'], 2]);
  await assert.rejects(tf.io.loadWeights(manifest, url, ['n', 'm']), /Could not find weights in manifest with names: m\. \nManifest JSON has weights with names: x, n, flags\./);
  await assert.rejects(tf.io.loadWeights(manifest, url), /weights failed with status code 404/);
});

test('CompositeArrayBuffer reads pieces as one', () => {
  const pieces = [Uint8Array.of(1, 2, 3).buffer, new ArrayBuffer(0), Uint8Array.of(9, 4, 5, 9).subarray(1, 3), Uint8Array.of(6).buffer];
  const all = new tf.io.CompositeArrayBuffer(pieces);
  const bytes = (/** @type {number[]} */ ...range) => [...new Uint8Array(all.slice(...range))];
  assert.equal(all.byteLength, 6);
  assert.deepEqual([bytes(), bytes(2, 5), bytes(-3, 1), bytes(5), bytes(4, 100), bytes(3, 3), bytes(6)], [[1, 2, 3, 4, 5, 6], [3, 4, 5], [1], [6], [5, 6], [], []]);
  assert.equal(tf.io.CompositeArrayBuffer.join([]).byteLength, 0);
  assert.equal(tf.io.CompositeArrayBuffer.join(undefined).byteLength, 0);
});
