/** Models of Keras loaded as they are, with no conversion step: files, folders, URLs, files that a user chose; hornbeam/converter. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { convert, inspect } from '../../js/src/converter.js';
import { assertClose, TOLERANCES } from './close.js';
import { KERAS_FILES, kerasModels, REFUSED, savedFiles } from './keras_files.js';
import { serveAnswers, writeFiles } from './model_files.js';

/** @import { KerasArray } from './keras_files.js' */

const MODELS = kerasModels();
/** Weights alone: their topology is elsewhere. */
const hasTopology = (/** @type {string} */ file) => !/\.(weights|weights_only)\.h5$|\.json$/.test(file);

/** @param {KerasArray[]} arrays */
function checkPredictions(model, arrays) {
  tf.tidy(() => {
    const inputs = arrays.filter(({ role }) => role === 'input').map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
    const outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
    const expected = arrays.filter(({ role }) => role === 'output');
    assert.equal(outputs.length, expected.length);
    outputs.forEach((output, i) => assertClose(output.dataSync(), expected[i].values, TOLERANCES.model, expected[i].name));
  });
}

/** @param {KerasArray[]} arrays @returns {tf.LayersModel} */
function checkModel(model, arrays) {
  checkPredictions(model, arrays);
  model.dispose();
}

const cnn = MODELS.find(({ stem }) => stem === 'k3_cnn');

for (const { stem, files, arrays } of MODELS) {
  test(`${stem}: every file of Keras is loaded from its path and predicts what Keras predicts`, async () => {
    for (const file of files.filter(hasTopology)) checkModel(await tf.loadLayersModel(`file://${KERAS_FILES}${file}`), arrays);
  });
}

test('a file is told from its bytes where its name says nothing', async t => {
  const folder = writeFiles(t, { 'a model': savedFiles('k3_cnn.keras')['k3_cnn.keras'] });
  checkModel(await tf.loadLayersModel(`${folder}/a model`), cnn.arrays);
});

test('files and SavedModels are loaded over HTTP, with a query, and progress ends at 1', async t => {
  const saved = savedFiles('k2_cnn.saved_model');
  const { url } = await serveAnswers(t, {
    '/cnn.keras': savedFiles('k3_cnn.keras')['k3_cnn.keras'], '/cnn.h5': savedFiles('k3_cnn.h5')['k3_cnn.h5'],
    ...Object.fromEntries(Object.entries(saved).map(([name, bytes]) => [`/saved/${name}`, bytes])),
  });
  const fractions = [];
  checkModel(await tf.loadLayersModel(`${url}/cnn.keras?token=1`, { onProgress: fraction => fractions.push(fraction) }), cnn.arrays);
  assert.equal(fractions.at(-1), 1);
  checkModel(await tf.loadLayersModel(`${url}/cnn.h5`), cnn.arrays);
  checkModel(await tf.loadLayersModel(`${url}/saved/saved_model.pb`), MODELS.find(({ stem }) => stem === 'k2_cnn').arrays);
  await assert.rejects(tf.loadLayersModel(`${url}/none.keras`), { code: 'NOT_FOUND', message: /none\.keras failed with status code 404/ });
});

/** CRC-32C as TensorFlow's tables have it: turned and shifted. @param {Uint8Array} bytes */
function maskedCrc(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * An index of one block of data that says another number of shards. A footer of 48 bytes starts with the place of the block behind that of data,
 * whose 5 last bytes are its kind and CRC.
 * @param {Uint8Array} index
 * @param {number} count
 */
function withShards(index, count) {
  const copy = Uint8Array.from(index);
  const footer = copy.length - 48;
  const end = (copy[footer] & 0x7f) + 128 * copy[footer + 1];
  copy[4] = count;
  new DataView(copy.buffer).setUint32(end - 4, maskedCrc(copy.subarray(0, end - 4)), true);
  return copy;
}

test('a SavedModel over HTTP: any number of shards, and no error is taken for a missing file', async t => {
  const saved = savedFiles('k2_cnn.saved_model');
  const { 'variables/variables.data-00000-of-00001': data, 'keras_metadata.pb': metadata, ...others } = saved;
  const files = {
    ...others, 'variables/variables.index': withShards(saved['variables/variables.index'], 3), 'variables/variables.data-00000-of-00003': data,
    'variables/variables.data-00001-of-00003': new Uint8Array(1), 'variables/variables.data-00002-of-00003': new Uint8Array(1),
  };
  const answers = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`/saved/${name}`, bytes]));
  const whole = await serveAnswers(t, { ...answers, '/saved/keras_metadata.pb': metadata });
  checkModel(await tf.loadLayersModel(`${whole.url}/saved/saved_model.pb`), MODELS.find(({ stem }) => stem === 'k2_cnn').arrays);
  const failing = await serveAnswers(t, { ...answers, '/saved/keras_metadata.pb': (_, response) => response.writeHead(500).end('oh') });
  await assert.rejects(tf.loadLayersModel(`${failing.url}/saved/saved_model.pb`), { message: /keras_metadata\.pb failed with status code 500/ });
});

test('a file over HTTP is not read further than maxBytes, and the answer is cancelled', async t => {
  let wasClosed = false;
  const endless = (_, response) => {
    response.on('close', () => { wasClosed = true; });
    response.write(new Uint8Array(70_000));
  };
  const { url } = await serveAnswers(t, { '/endless.keras': endless });
  await assert.rejects(tf.loadLayersModel(`${url}/endless.keras`, { maxBytes: 1000 }), { code: 'FORMAT', message: /expected 1000 bytes, got \d+ or more/ });
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.ok(wasClosed);
});

test('files that a user chose: one file, or all of a SavedModel\'s folder', async () => {
  const chosen = (/** @type {string} */ name) => Object.entries(savedFiles(name)).map(([path, bytes]) => new File([bytes], path.slice(path.lastIndexOf('/') + 1)));
  checkModel(await tf.loadLayersModel(tf.io.browserFiles(chosen('k3_cnn.keras'))), cnn.arrays);
  checkModel(await tf.loadLayersModel(tf.io.browserFiles(chosen('k2_cnn.saved_model'))), MODELS.find(({ stem }) => stem === 'k2_cnn').arrays);
});

test('tf.io handlers give artifacts', async () => {
  const artifacts = await tf.io.fileSystem(`${KERAS_FILES}k3_cnn.keras`).load();
  assert.equal(artifacts.format, 'layers-model');
  assert.deepEqual(artifacts.weightSpecs?.filter(({ group }) => group !== 'optimizer').map(({ name }) => name).sort(),
    cnn.arrays.filter(({ role }) => role === 'weight').map(({ name }) => name).sort());
});

test('what is wrong is said with the name of the file', async t => {
  const whole = savedFiles('k3_cnn.keras')['k3_cnn.keras'];
  const folder = writeFiles(t, { 'cut.keras': whole.subarray(0, 1000), 'page.h5': '<html>', 'empty.keras': '' });
  await assert.rejects(tf.loadLayersModel(`${folder}/cut.keras`), { code: 'FORMAT', message: /cut\.keras: zip: the archive is cut off/ });
  await assert.rejects(tf.loadLayersModel(`${folder}/page.h5`), { code: 'FORMAT', message: /page\.h5: the file looks like a web page/ });
  await assert.rejects(tf.loadLayersModel(`${folder}/empty.keras`), { code: 'FORMAT', message: /empty\.keras: the file is empty/ });
  await assert.rejects(tf.loadLayersModel(`${folder}/none.keras`), { code: 'NOT_FOUND', message: /none\.keras: there is no such file/ });
  await assert.rejects(tf.loadLayersModel(folder), { code: 'IO', message: /is a folder without saved_model\.pb/ });
  await assert.rejects(tf.loadLayersModel(`file://${KERAS_FILES}k3_text.weights.h5`), { code: 'UNSUPPORTED', message: /weights alone/ });
});

test('convert: files in, files out', async () => {
  const files = await convert(savedFiles('k3_cnn.keras')['k3_cnn.keras'], { weightShardSizeBytes: 500 });
  const names = Object.keys(files);
  assert.equal(names.at(-1), 'model.json');
  assert.ok(names.length > 2 && names.slice(0, -1).every(name => /^group1-shard\d+of\d+\.bin$/.test(name)));
  const json = JSON.parse(new TextDecoder().decode(files['model.json']));
  checkModel(await tf.loadLayersModel({
    load: async () => ({
      modelTopology: json.modelTopology, weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
      weightData: json.weightsManifest.flatMap(({ paths }) => paths.map(path => files[path].slice().buffer)),
    }),
  }), cnn.arrays);
});

test('convert: a topology beside weights alone', async () => {
  const [text] = Object.values(savedFiles('k3_text.topology.json'));
  const files = await convert(savedFiles('k3_text.weights.h5'), { topology: new TextDecoder().decode(text) });
  assert.ok(files['model.json'].byteLength > 0);
});

test('inspect describes what can be converted and what cannot', async () => {
  const described = await inspect(new Blob([savedFiles('k3_cnn.keras')['k3_cnn.keras']]));
  assert.equal(described.supported, true);
  assert.equal(described.format, 'Keras archive (.keras)');
  assert.equal(described.parameters, cnn.arrays.filter(({ role }) => role === 'weight').reduce((sum, { values }) => sum + values.length, 0));
});

for (const ending of ['keras', 'h5']) {
  test(`a model saved as .${ending} is loaded again and predicts the same`, async t => {
    const folder = writeFiles(t, {});
    const path = `file://${folder}/deep/model.${ending}`;
    const model = await tf.loadLayersModel(`file://${KERAS_FILES}k3_cnn.keras`);
    const { modelArtifactsInfo } = await model.save(path);
    assert.ok(modelArtifactsInfo.weightDataBytes > 0);
    await model.save(path); // in the place of the first
    model.dispose();
    checkModel(await tf.loadLayersModel(path), cnn.arrays);
    assert.deepEqual(readdirSync(`${folder}/deep`), [`model.${ending}`]);
  });
}

/** All models of one Keras through each format, and back: the same weights, bit for bit, and the same predictions. */
for (const { stem, files, arrays } of MODELS.filter(({ stem }) => /^k[23]_[a-z]+$/.test(stem))) {
  test(`${stem}: what is written as .h5 and .keras is read as it was`, async () => {
    const source = savedFiles(/** @type {string} */ (files.find(file => file === `${stem}.keras`)));
    const tfjs = await convert(source);
    for (const outputFormat of /** @type {const} */ (['keras', 'keras_keras'])) {
      const refused = REFUSED[`${stem} ${outputFormat}`];
      if (refused !== undefined) {
        await assert.rejects(convert(source, { outputFormat }), { code: 'UNSUPPORTED', message: refused });
        continue;
      }
      const written = await convert(source, { outputFormat });
      assert.deepEqual(Object.keys(written), [outputFormat === 'keras' ? 'model.h5' : 'model.keras']);
      const again = await convert(written);
      const { length } = again['group1-shard1of1.bin']; // the optimizer's state, which is not written, comes last
      assert.deepEqual(again['group1-shard1of1.bin'], tfjs['group1-shard1of1.bin'].subarray(0, length));
      checkModel(await tf.loadLayersModel(tf.io.browserFiles([new File(Object.values(written), Object.keys(written)[0])])), arrays);
    }
  });
}

test('a layers model is written as .h5 where nothing is said', async () => {
  assert.deepEqual(Object.keys(await convert(await convert(savedFiles('k3_cnn.keras')['k3_cnn.keras']))), ['model.h5']);
  const one = savedFiles('k3_cnn.keras')['k3_cnn.keras'];
  await assert.rejects(convert({ 'a.keras': one, 'b.keras': one }), { code: 'INVALID_ARGUMENT', message: /2 files, none of them named saved_model.pb or model.json/ });
  await assert.rejects(convert(new TextEncoder().encode('{"modelTopology": {}}')), { code: 'FORMAT', message: /name it model.json and give its shards too/ });
  await assert.rejects(convert(savedFiles('k3_cnn.keras'), { outputFormat: /** @type {any} */ ('onnx') }), { code: 'UNSUPPORTED', message: /output format "onnx"/ });
});

/** What tensorflowjs_converter's own code makes of the weights; tests/converter/generate_quantized.py writes it. */
const QUANTIZED = JSON.parse(readFileSync(new URL('../converter/quantized.json', import.meta.url), 'utf8'));

/** The entries of a manifest with their bytes. @param {Record<string, Uint8Array>} files */
function manifestOf(files) {
  const json = JSON.parse(new TextDecoder().decode(files['model.json']));
  const bytes = Buffer.from(files['group1-shard1of1.bin']);
  let offset = 0;
  return json.weightsManifest[0].weights.map(spec => {
    const width = /** @type {any} */ ({ float16: 2, uint8: 1, uint16: 2, undefined: 4 })[spec.quantization?.dtype];
    const size = spec.shape.reduce((product, dimension) => product * dimension, width);
    offset += size;
    return { ...spec, bytes: bytes.subarray(offset - size, offset) };
  });
}

/** @param {Record<string, Uint8Array>} files */
const modelWeights = files => manifestOf(files).filter(({ group }) => group !== 'optimizer');

for (const [name, expected] of Object.entries(QUANTIZED).filter(([name]) => name !== 'patterns')) {
  test(`quantization: ${name} is byte for byte what tensorflowjs_converter stores`, async () => {
    const [model, dtype] = name.split(' ');
    const option = { float16: 'quantizeFloat16', uint8: 'quantizeUint8', uint16: 'quantizeUint16' }[dtype];
    const files = await convert(savedFiles(`${model}.h5`), { [option]: true });
    const entries = modelWeights(files);
    assert.deepEqual(entries.map(entry => entry.name).sort(), Object.keys(expected).sort());
    for (const { name, bytes, quantization } of entries) {
      const { bytes: theirs, ...metadata } = expected[name];
      assert.deepEqual(quantization, { dtype, ...metadata, original_dtype: 'float32' }, name);
      assert.equal(bytes.toString('base64'), theirs, name);
    }
    const again = await convert(await convert(files, { outputFormat: 'tfjs_layers_model' }), { [option]: true, outputFormat: 'tfjs_layers_model' }); // float32 in between
    const { length } = again['group1-shard1of1.bin'];
    if (dtype === 'float16') assert.deepEqual(again['group1-shard1of1.bin'], files['group1-shard1of1.bin'].subarray(0, length));
  });
}

test('quantization: names are chosen by patterns, and a name that two of them want is refused', async () => {
  const source = savedFiles('k3_cnn.keras');
  const { given, chosen } = QUANTIZED.patterns;
  const entries = modelWeights(await convert(source, { quantizeUint8: given.uint8, quantizeFloat16: given.float16, quantizeUint16: given.uint16 }));
  assert.deepEqual(Object.fromEntries(entries.map(({ name, quantization }) => [name, quantization?.dtype]).sort()), chosen);
  await assert.rejects(convert(source, { quantizeUint8: '*kernel', quantizeUint16: 'dense/*' }),
    { code: 'INVALID_ARGUMENT', message: /"dense\/kernel" is to be both uint8 and uint16/ });
  await assert.rejects(convert(source, { quantizeUint8: true, quantizeUint16: true }), { code: 'INVALID_ARGUMENT', message: /both uint8 and uint16/ });
});

/** Keras's names of slots, and TensorFlow.js's. */
const SLOTS = /** @type {const} */ ([[/(^adam\/.*_momentum$|^Adam\/m\/)/, 'm'], [/(^adam\/.*_velocity$|^Adam\/v\/)/, 'v']]);

for (const { stem, files, arrays } of MODELS.filter(({ stem }) => stem.endsWith('_cnn'))) {
  test(`${stem}: the state of the optimizer is there, in TensorFlow.js's order`, async () => {
    const saved = arrays.filter(({ role }) => role === 'optimizer');
    const trained = saved.filter(({ name }) => SLOTS[0][0].test(name)).length;
    for (const file of files.filter(file => /^[^.]*\.(h5|keras)$/.test(file))) {
      const state = manifestOf(await convert(savedFiles(file))).filter(({ group }) => group === 'optimizer');
      assert.deepEqual([state[0].name, state[0].dtype, state[0].bytes.readInt32LE()], ['iter', 'int32', saved[0].values[0]]);
      assert.equal(state.length, 1 + 2 * trained, file);
      SLOTS.forEach(([pattern, slot], s) => saved.filter(({ name }) => pattern.test(name)).forEach(({ name, shape, values }, i) => {
        const entry = state[1 + s * trained + i];
        assert.ok(entry.name.endsWith(`/${slot}`), `${file}: ${entry.name} is ${name}`);
        assert.deepEqual(entry.shape, shape);
        assert.deepEqual(new Float32Array(new Uint8Array(entry.bytes).buffer), values, name);
      }));
    }
  });
}

test('convert refuses what is no file', async () => {
  await assert.rejects(convert(/** @type {any} */ ('model.h5')), { message: /expected the bytes of a file/ });
  await assert.rejects(convert({}), { code: 'INVALID_ARGUMENT', message: /at least one file/ });
  await assert.rejects(convert(new Uint8Array(3), { weightShardSizeBytes: 0 }), { code: 'INVALID_ARGUMENT', message: /weightShardSizeBytes/ });
});

test('an .h5 spells the options of the optimizer as Keras does', async t => {
  const file = `${writeFiles(t, {})}/model.h5`;
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  await model.save(`file://${file}`, { includeOptimizer: true });
  const text = readFileSync(file, 'latin1');
  assert.match(text, /"learning_rate":\s*0\.001/);
  assert.match(text, /"beta_1":/);
  assert.match(text, /"loss_weights":\s*null/);
  assert.doesNotMatch(text, /learningRate|beta1/);
});
