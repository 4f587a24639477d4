/** tf.loadLayersModel: where models come from, and what is said about those that are broken or hostile. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as tf from '../../js/src/index.js';
import { serveAnswers, smallModel, writeFiles } from './model_files.js';

const X = [[1, 2, 3, 4, 5, 6, 7]];
/** @param {tf.LayersModel} model */
const outputOf = model => tf.tidy(() => /** @type {tf.Tensor} */ (model.predict(tf.tensor2d(X))).arraySync());

/** What the whole model answers. */
async function expectedOutput() {
  const { json, weights } = smallModel();
  const { modelTopology, weightsManifest } = json;
  const weightData = Uint8Array.from(weights).buffer;
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }));
  const output = outputOf(model);
  model.dispose();
  return output;
}

/** Expects that nothing stays in memory. @param {() => Promise<void>} body */
async function withoutTraces(body) {
  const before = [tf.memory(), tf.engine().registeredVariables];
  await body();
  assert.deepEqual([tf.memory(), tf.engine().registeredVariables], before);
}

/**
 * @param {Promise<unknown>} loading
 * @param {{code?: string, message: RegExp}} expected
 */
const refuses = (loading, expected) => withoutTraces(() => assert.rejects(loading, expected));

// ---- where models come from

test('from a path, a file URL and a relative file URL', async t => {
  const { json, shards } = smallModel();
  const folder = writeFiles(t, { 'model.json': JSON.stringify(json), ...shards });
  const path = join(folder, 'model.json');
  for (const url of [path, pathToFileURL(path).href, `file://${path}`]) {
    const model = await tf.loadLayersModel(url);
    assert.deepEqual(outputOf(model), await expectedOutput());
    model.dispose();
  }
});

test('from HTTP, with a query, headers and progress in bytes', async t => {
  const { json, shards } = smallModel();
  const { url, requests } = await serveAnswers(t, { '/m/model.json': JSON.stringify(json), '/m/shard1.bin': shards['shard1.bin'], '/m/shard2.bin': shards['shard2.bin'] });
  /** @type {number[]} */
  const fractions = [];
  const model = await tf.loadLayersModel(`${url}/m/model.json?token=a/b`, { requestInit: { headers: { 'X-Key': 'k' } }, onProgress: f => fractions.push(f), streamWeights: true });
  assert.deepEqual(outputOf(model), await expectedOutput());
  assert.deepEqual(requests.map(request => request.headers['x-key']), ['k', 'k', 'k']);
  assert.ok(requests.every(request => request.url?.endsWith('?token=a/b')));
  assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
  assert.equal(fractions.at(-1), 1);
  assert.ok(fractions.some(fraction => [40 / 96, 56 / 96].some(part => Math.abs(part - fraction) < 1e-9)), `fractions of bytes: ${fractions}`);
  model.dispose();
});

test('from HTTP, compressed on the way', async t => {
  const { json, weights } = smallModel();
  json.weightsManifest[0].paths = ['all.bin'];
  const gzip = (/** @type {string | Uint8Array} */ content) => (/** @type {any} */ _, /** @type {any} */ response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(content));
  const { url } = await serveAnswers(t, { '/model.json': gzip(JSON.stringify(json)), '/all.bin': gzip(weights) });
  const model = await tf.loadLayersModel(`${url}/model.json`);
  assert.deepEqual(outputOf(model), await expectedOutput());
  model.dispose();
});

test('with weightPathPrefix, weightUrlConverter and fetchFunc', async t => {
  const { json, shards } = smallModel();
  const { url } = await serveAnswers(t, { '/model.json': JSON.stringify(json), '/w/shard1.bin': shards['shard1.bin'], '/w/shard2.bin': shards['shard2.bin'] });
  /** @type {any[]} */
  const fetched = [];
  for (const options of [
    { weightPathPrefix: `${url}/w/` },
    { weightUrlConverter: async (/** @type {string} */ path) => `${url}/w/${path}?signed` },
    { weightPathPrefix: `${url}/w/`, fetchFunc: (/** @type {any} */ address, /** @type {any} */ init) => { fetched.push(address); return fetch(address, init); } },
  ]) {
    const model = await tf.loadLayersModel(`${url}/model.json`, options);
    assert.deepEqual(outputOf(model), await expectedOutput());
    model.dispose();
  }
  assert.equal(fetched.length, 3);
});

test('from files that a user chose, in any order', async () => {
  const { json, shards } = smallModel();
  const files = [new File([JSON.stringify(json)], 'model.json'), new File([shards['shard2.bin']], 'shard2.bin'), new File([shards['shard1.bin']], 'shard1.bin')];
  const model = await tf.loadLayersModel(tf.io.browserFiles(files));
  assert.deepEqual(outputOf(model), await expectedOutput());
  model.dispose();
  await refuses(tf.loadLayersModel(tf.io.browserFiles(files.slice(0, 2))), { code: 'NOT_FOUND', message: /Weight file with basename 'shard1.bin' is not provided/ });
});

test('files that a user chose: two of one name are not mixed up', async () => {
  const { json, shards } = smallModel();
  const [first, second] = ['shard1.bin', 'shard2.bin'].map((name, i) => new File([Object.values(shards)[i]], name));
  const manifest = new File([JSON.stringify(json)], 'model.json');
  await refuses(tf.loadLayersModel(tf.io.browserFiles([manifest, first, second, new File([shards['shard1.bin']], 'shard1.bin')])),
    { message: /Duplicate file basename found among the chosen files: 'shard1.bin'/ });
  const [{ weights }] = json.weightsManifest;
  json.weightsManifest = [{ paths: ['x/w.bin'], weights: weights.slice(0, 1) }, { paths: ['y/w.bin'], weights: weights.slice(1) }];
  await refuses(tf.loadLayersModel(tf.io.browserFiles([new File([JSON.stringify(json)], 'model.json'), new File([shards['shard1.bin']], 'w.bin')])),
    { code: 'FORMAT', message: /Duplicate file basename found in weights manifest: 'w.bin'/ });
});

test('from a handler, which may change the topology, and from a registered scheme', async () => {
  const { json, weights } = smallModel();
  const handler = { load: async () => ({ modelTopology: json.modelTopology, weightSpecs: json.weightsManifest[0].weights, weightData: [Uint8Array.from(weights).buffer], userDefinedMetadata: { answer: 42 } }) };
  tf.io.registerLoadRouter(url => (String(url).startsWith('mine://') ? handler : null));
  const model = await tf.loadLayersModel('mine://anything');
  assert.deepEqual(outputOf(model), await expectedOutput());
  assert.deepEqual(model.getUserDefinedMetadata(), { answer: 42 });
  model.dispose();
  await assert.rejects(tf.loadLayersModel(/** @type {any} */ ({})), { message: /does not have the `load` method implemented/ });
});

test('artifacts of an HTTP handler can be changed and loaded', async t => {
  const { json, shards } = smallModel();
  const { url } = await serveAnswers(t, { '/model.json': JSON.stringify(json), '/shard1.bin': shards['shard1.bin'], '/shard2.bin': shards['shard2.bin'] });
  const artifacts = await tf.io.http(`${url}/model.json`).load();
  artifacts.modelTopology.model_config.config.name = 'renamed';
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  assert.equal(model.name, 'renamed');
  assert.deepEqual(outputOf(model), await expectedOutput());
  model.dispose();
});

test('a topology without weights has zeros', async () => {
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: smallModel().json.modelTopology }));
  assert.deepEqual(outputOf(model), [[0, 0, 0]]);
  model.dispose();
});

test('NaN and Infinity in a topology, as Python writes them', async t => {
  const { json, shards } = smallModel();
  const text = JSON.stringify(json).replace('"modelTopology":', '"userDefinedMetadata2": [NaN, -Infinity, "NaN"], "modelTopology":');
  const model = await tf.loadLayersModel(join(writeFiles(t, { 'model.json': text, ...shards }), 'model.json'));
  assert.deepEqual(outputOf(model), await expectedOutput());
  model.dispose();
});

// ---- what is broken

test('a file or URL that is not there', async t => {
  await refuses(tf.loadLayersModel('/no/such/model.json'), { code: 'NOT_FOUND', message: /\/no\/such\/model.json: there is no such file/ });
  const { url } = await serveAnswers(t, {});
  await refuses(tf.loadLayersModel(`${url}/model.json`), { code: 'NOT_FOUND', message: /Request to http:.*model.json failed with status code 404. Please verify/ });
  await refuses(tf.loadLayersModel('http://127.0.0.1:1/model.json'), { code: 'NOT_FOUND', message: /Request to http:\/\/127.0.0.1:1\/model.json failed: / });
});

test('a shard that is missing, with its URL and status', async t => {
  const { json, shards } = smallModel();
  const folder = writeFiles(t, { 'model.json': JSON.stringify(json), 'shard1.bin': shards['shard1.bin'] });
  await refuses(tf.loadLayersModel(join(folder, 'model.json')), { code: 'NOT_FOUND', message: /shard2.bin: there is no such file/ });
  const { url } = await serveAnswers(t, { '/model.json': JSON.stringify(json), '/shard1.bin': shards['shard1.bin'] });
  await refuses(tf.loadLayersModel(`${url}/model.json`), { code: 'NOT_FOUND', message: /Request to http:.*\/shard2.bin for weights failed with status code 404/ });
});

test('a shard that is too short or too long', async t => {
  const { json, shards } = smallModel();
  const long = new Uint8Array(1000);
  for (const [second, message] of /** @type {[Uint8Array, RegExp][]} */ ([
    [shards['shard2.bin'].subarray(1), /expected 96 bytes, got 95/], [new Uint8Array(0), /expected 96 bytes, got 40/], [long, /expected 96 bytes, got (1000|1040)/],
  ])) {
    const folder = writeFiles(t, { 'model.json': JSON.stringify(json), 'shard1.bin': shards['shard1.bin'], 'shard2.bin': second });
    await refuses(tf.loadLayersModel(join(folder, 'model.json')), { code: 'FORMAT', message });
    const { url } = await serveAnswers(t, { '/model.json': JSON.stringify(json), '/shard1.bin': shards['shard1.bin'], '/shard2.bin': second });
    await refuses(tf.loadLayersModel(`${url}/model.json`), { code: 'FORMAT', message });
  }
});

test('an answer without an end is cut off at the expected size', async t => {
  const { json, shards } = smallModel();
  let sent = 0;
  const endless = (/** @type {any} */ _, /** @type {import('node:http').ServerResponse} */ response) => {
    const more = (/** @type {Error | null | undefined} */ error) => {
      if (error || response.destroyed || sent >= 2 ** 28) return;
      sent += 65536;
      response.write(new Uint8Array(65536), more);
    };
    more(null);
  };
  const { url } = await serveAnswers(t, { '/model.json': JSON.stringify(json), '/shard1.bin': shards['shard1.bin'], '/shard2.bin': endless });
  await refuses(tf.loadLayersModel(`${url}/model.json`), { code: 'FORMAT', message: /shard2.bin: expected 96 bytes, got \d+ or more/ });
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.ok(sent < 2 ** 26, `the server sent ${sent} bytes`);
});

test('an HTML page where a shard or model.json should be', async t => {
  const { json, shards } = smallModel();
  const page = (/** @type {any} */ _, /** @type {any} */ response) => response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<!doctype html>'.padEnd(56));
  const { url } = await serveAnswers(t, { '/model.json': JSON.stringify(json), '/shard1.bin': shards['shard1.bin'], '/shard2.bin': page, '/page/model.json': page });
  await refuses(tf.loadLayersModel(`${url}/model.json`), { code: 'FORMAT', message: /shard2.bin for weights was answered with an HTML page/ });
  await refuses(tf.loadLayersModel(`${url}/page/model.json`), { code: 'FORMAT', message: /Failed to parse model JSON of response from http.*It looks like an HTML page/ });
});

test('text that is no model.json', async t => {
  for (const [text, message] of /** @type {[string, RegExp][]} */ ([
    ['', /Failed to parse model JSON/], ['{"a": 1', /Failed to parse/], ['{}', /contains neither model topology or manifest/], ['null', /contains neither/], ['[]', /contains neither/],
    ['{"modelTopology": 3}', /./], ['{"modelTopology": {}, "weightsManifest": {}}', /expected weightsManifest to be an array/],
    ['{"modelTopology": {}, "weightsManifest": [{}]}', /expected paths and weights in each group/], ['{"modelTopology": {"class_name": "Nope", "config": {}}}', /Nope/],
  ])) {
    const folder = writeFiles(t, { 'model.json': text });
    await refuses(tf.loadLayersModel(join(folder, 'model.json')), { message });
  }
});

test('a manifest that lies: dtypes, shapes, sizes, names', async t => {
  const cases = /** @type {[(weights: any[]) => void, RegExp][]} */ ([
    [weights => { weights[0].dtype = 'float7'; }, /Weight "dense\/kernel": unsupported dtype "float7"/],
    [weights => { weights[0].dtype = '__proto__'; }, /unsupported dtype/],
    [weights => { weights[0].shape = [7, -3]; }, /Weight "dense\/kernel": \[7,-3\] is no shape/],
    [weights => { weights[0].shape = [1e9, 1e9, 1e9]; }, /describes more than/],
    [weights => { weights[0].shape = [1e6, 1e6]; }, /describes more than|expected 4000000000012 bytes, got 96/],
    [weights => { weights[0].shape = [3, 7]; }, /kernel/],
    [weights => { weights[0].name = 'other/kernel'; }, /other\/kernel/],
    [weights => { weights[1] = { ...weights[1], dtype: 'int32' }; }, /bias/],
  ]);
  for (const [change, message] of cases) {
    const { json, shards } = smallModel();
    change(json.weightsManifest[0].weights);
    const folder = writeFiles(t, { 'model.json': JSON.stringify(json), ...shards });
    await refuses(tf.loadLayersModel(join(folder, 'model.json')), { message });
  }
});

test('strict: false takes what fits', async t => {
  const { json, shards } = smallModel();
  json.weightsManifest[0].weights[1].name = 'somebody/else';
  const path = join(writeFiles(t, { 'model.json': JSON.stringify(json), ...shards }), 'model.json');
  await refuses(tf.loadLayersModel(path), { message: /somebody\/else/ });
  const model = await tf.loadLayersModel(path, { strict: false });
  assert.deepEqual(model.getWeights()[1].arraySync(), [0, 0, 0]);
  model.dispose();
});

test('shard paths that lead out of the folder are refused before anything is fetched', async t => {
  const paths = ['/etc/passwd', '../shard1.bin', 'a/../../shard1.bin', '..\\shard1.bin', 'a\\b', '%2e%2e/shard1.bin', '%2E./shard1.bin', 'a%2f..%2fb', 'C:/shard1.bin', 'c:shard1.bin',
    'http://example.com/x', 'file:///etc/passwd', '//example.com/x', 'a\0b', '', 'x/..'];
  for (const path of paths) {
    const { json } = smallModel();
    json.weightsManifest[0].paths = [path];
    const { url, requests } = await serveAnswers(t, { '/m/model.json': JSON.stringify(json) });
    const expected = { code: 'FORMAT', message: /leads out of the model's folder/ };
    await refuses(tf.loadLayersModel(`${url}/m/model.json`), expected);
    await refuses(tf.loadLayersModel(`${url}/m/model.json`, { weightUrlConverter: x => x }), expected);
    assert.equal(requests.length, 2, path);
    await refuses(tf.loadLayersModel(join(writeFiles(t, { 'model.json': JSON.stringify(json) }), 'model.json')), expected);
  }
  for (const path of ['./shard1.bin', 'sub/shard1.bin', 'shard..1.bin', '..shard', 'shard 1.bin']) {
    const { json } = smallModel();
    json.weightsManifest[0].paths = [path];
    await refuses(tf.loadLayersModel(join(writeFiles(t, { 'model.json': JSON.stringify(json) }), 'model.json')), { code: 'NOT_FOUND', message: /there is no such file/ });
  }
});

test('loading can be ended', async t => {
  const { json, shards } = smallModel();
  const controller = new AbortController();
  let wasClosed = false;
  const slow = (/** @type {any} */ _, /** @type {import('node:http').ServerResponse} */ response) => {
    response.on('close', () => { wasClosed = true; });
    response.write(shards['shard2.bin'].subarray(0, 1), () => setTimeout(() => controller.abort(new Error('enough')), 20));
  };
  const { url } = await serveAnswers(t, { '/model.json': JSON.stringify(json), '/shard1.bin': shards['shard1.bin'], '/shard2.bin': slow });
  await refuses(tf.loadLayersModel(`${url}/model.json`, { signal: controller.signal }), { message: /enough/ });
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.ok(wasClosed);
  await refuses(tf.loadLayersModel(`${url}/model.json`, { signal: AbortSignal.abort(new Error('never')) }), { message: /never/ });
});

test('loading can be ended between model.json and the shards', async () => {
  const { json, shards } = smallModel();
  const controller = new AbortController();
  const asked = [];
  const fetchFunc = async (/** @type {string} */ url) => {
    asked.push(url);
    if (!url.endsWith('.json')) return new Response(shards[/** @type {'shard1.bin'} */ (url.slice(url.lastIndexOf('/') + 1))]);
    return { ok: true, status: 200, text: async () => (controller.abort(new Error('enough')), JSON.stringify(json)) };
  };
  const loading = tf.loadLayersModel('http://x/model.json', { fetchFunc: /** @type {any} */ (fetchFunc), requestInit: { signal: controller.signal } });
  await refuses(loading, { message: /enough/ });
  assert.equal(asked.length, 1);
});

test('topologies with a cycle or 10,000 deep are refused', async t => {
  const { json } = smallModel();
  const cyclic = structuredClone(json.modelTopology);
  cyclic.model_config.config.self = cyclic;
  await refuses(tf.loadLayersModel(tf.io.fromMemory({ modelTopology: cyclic })), { code: 'FORMAT', message: /cannot be written as JSON/ });
  const layer = (/** @type {string} */ name, /** @type {string} */ from) => ({ class_name: 'Dense', name, config: { name, units: 2 }, inbound_nodes: [[[from, 0, 0, {}]]] });
  const loop = { class_name: 'Functional', config: { name: 'loop', layers: [
    { class_name: 'InputLayer', name: 'x', config: { name: 'x', batch_input_shape: [null, 2] }, inbound_nodes: [] }, layer('a', 'b'), layer('b', 'a')],
  input_layers: [['x', 0, 0]], output_layers: [['b', 0, 0]] } };
  await refuses(tf.loadLayersModel(tf.io.fromMemory({ modelTopology: loop })), { message: /loop|cycle|a|b/ });
  const depth = 10000;
  const deep = `{"modelTopology": ${'{"class_name": "Sequential", "config": {"layers": ['.repeat(depth)}${']}}'.repeat(depth)}}`;
  await refuses(tf.loadLayersModel(join(writeFiles(t, { 'model.json': deep }), 'model.json')), { code: 'LIMIT', message: /./ });
  const brackets = `{"modelTopology": ${'['.repeat(depth)}${']'.repeat(depth)}}`;
  await refuses(tf.loadLayersModel(join(writeFiles(t, { 'model.json': brackets }), 'model.json')), { message: /./ });
});

test('a training_config does not make a model one of classes in JavaScript', async () => {
  const { json, weights } = smallModel();
  const optimizer = { class_name: 'Adam', config: { name: 'Adam', learning_rate: 0.5 } };
  const modelTopology = { ...json.modelTopology, training_config: { loss: 'mse', metrics: [], optimizer_config: optimizer } };
  const artifacts = { modelTopology, weightSpecs: json.weightsManifest[0].weights, weightData: Uint8Array.from(weights).buffer };
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  assert.notEqual(/** @type {any} */ (model).loaded, null, 'the native model predicts');
  assert.equal(model.optimizer.learningRate, 0.5);
  model.dispose();
});

test('a config with 200,000 words is searched for classes in JavaScript', async () => {
  class Unused extends tf.layers.Layer {
    static className = 'Unused';
  }
  tf.serialization.registerClass(Unused);
  const { json, weights } = smallModel();
  const [, dense] = json.modelTopology.model_config.config.layers;
  dense.config.vocabulary = Array.from({ length: 200_000 }, (_, i) => `w${i}`);
  const artifacts = { modelTopology: json.modelTopology, weightSpecs: json.weightsManifest[0].weights, weightData: Uint8Array.from(weights).buffer };
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  assert.deepEqual(outputOf(model), await expectedOutput());
  model.dispose();
});

test('weights of an optimizer that it does not take: the model is loaded without its training', async t => {
  const warn = t.mock.method(console, 'warn', () => {});
  const { json, weights } = smallModel();
  const weightSpecs = [...json.weightsManifest[0].weights, { name: 'iter', shape: [0], dtype: 'float32', group: 'optimizer' }];
  class Stubborn extends tf.SGDOptimizer {
    static className = 'Stubborn';

    /** @override @returns {Promise<void>} */
    async setWeights() {
      throw new Error('these weights are of another optimizer');
    }
  }
  tf.serialization.registerClass(Stubborn);
  const trainingConfig = { loss: 'mean_squared_error', metrics: [], optimizer_config: { class_name: 'Stubborn', config: { learning_rate: 0.1 } } };
  const artifacts = { modelTopology: json.modelTopology, weightSpecs, weightData: Uint8Array.from(weights).buffer, trainingConfig };
  await withoutTraces(async () => {
    const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    assert.deepEqual(outputOf(model), await expectedOutput());
    assert.equal(model.optimizer, undefined);
    assert.match(String(warn.mock.calls[0].arguments[0]), /loaded without what it was compiled with: these weights are of another optimizer/);
    model.dispose();
  });
});
