/** Models that TensorFlow.js 4.22 itself saves and loads: what one of the two saves the other loads, and both predict the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { assertClose, TOLERANCES } from './close.js';
import { LAYERS, setWeights, tensorOf, WRAPPERS } from './layers-cases.mjs';
import { buildModels, inputFor } from './tfjs-models.mjs';
import { tfjs } from './tfjs.js';

/** Layers that TensorFlow.js cannot run, or cannot load from what it saved itself. */
const NOT_THERE = ['elu {"alpha":0.5}', 'separableConv2d {"filters":3,"kernelSize":2,"depthMultiplier":2}', 'resizing {"height":2,"width":3}'];

/** @param {any} model @param {any} library the one that saves */
async function saved(model, library) {
  /** @type {any} */
  let artifacts;
  await model.save(library.io.withSaveHandler(async (/** @type {any} */ given) => {
    artifacts = given;
    return { modelArtifactsInfo: library.io.getModelArtifactsInfoForJSON(given) };
  }));
  // through JSON, as a file does
  return { ...JSON.parse(JSON.stringify({ ...artifacts, weightData: undefined })), weightData: artifacts.weightData };
}

/** @param {any} model @param {any[]} inputs */
const predict = (model, inputs) => [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat().map(output => ({ shape: output.shape, values: output.dataSync() }));

/** @param {any[]} actual @param {any[]} expected */
function assertSame(actual, expected) {
  assert.deepEqual(actual.map(output => output.shape), expected.map(output => output.shape));
  expected.forEach((output, i) => assertClose(actual[i].values, output.values, TOLERANCES.model));
}

/** @param {any} model */
const weightsOf = model => model.weights.map((/** @type {any} */ weight) => [weight.originalName, weight.shape, weight.trainable]);

/**
 * Saves with one, loads with the other.
 * @param {any} from
 * @param {any} to
 * @param {(library: any) => any} build
 * @param {(library: any, model: any) => any[]} inputs
 */
async function pass(from, to, build, inputs) {
  const model = build(from);
  setWeights(from, model);
  const artifacts = await saved(model, from);
  const loaded = await to.loadLayersModel(to.io.fromMemory(artifacts));
  assertSame(predict(loaded, inputs(to, loaded)), predict(model, inputs(from, model)));
  assert.deepEqual(weightsOf(loaded), weightsOf(model));
  const again = await saved(loaded, to);
  assert.deepEqual(again.weightSpecs, artifacts.weightSpecs);
  const [before, after] = [artifacts, again].map(({ weightData }) => new Float32Array(tf.io.CompositeArrayBuffer.join(weightData)));
  // TensorFlow.js constrains weights that it loads, which rounds them
  if (JSON.stringify(artifacts.modelTopology).includes('"max_value"')) assertClose(after, before, TOLERANCES.model);
  else assert.deepEqual(after, before);
}

/**
 * @param {string} name
 * @param {(library: any) => any} build
 * @param {(library: any, model: any) => any[]} inputs
 */
function testBothWays(name, build, inputs) {
  if (NOT_THERE.includes(name)) {
    test(`${name}: TensorFlow.js cannot; ours is loaded here`, async () => {
      await assert.rejects(pass(tfjs, tfjs, build, inputs));
      await pass(tf, tf, build, inputs);
    });
    return;
  }
  test(`${name}: theirs is loaded here`, () => pass(tfjs, tf, build, inputs));
  test(`${name}: ours is loaded there`, () => pass(tf, tfjs, build, inputs));
}

for (const name of Object.keys(buildModels(tfjs))) {
  testBothWays(name, library => buildModels(library)[name], (library, model) => model.inputs.map((/** @type {any} */ symbol, /** @type {number} */ i) => inputFor(library, model, symbol, i)));
}

/** @param {any} library @param {any} layer @param {number[][]} shapes */
function modelOf(library, layer, shapes) {
  const inputs = shapes.map((shape, i) => library.input({ shape, name: `in${i}_${layer.name}` }));
  return library.model({ inputs, outputs: layer.apply(inputs.length === 1 ? inputs[0] : inputs), name: `model_${layer.name}` });
}

LAYERS.forEach(([factory, config, shapes], i) => {
  const isIds = factory === 'embedding';
  testBothWays(`${factory} ${JSON.stringify(config)}`, library => modelOf(library, library.layers[factory]({ name: `saved${i}`, ...config }), shapes),
    library => shapes.map((shape, k) => (isIds ? library.tensor([[1, 2, 0, 5], [3, 0, 0, 4]]) : tensorOf(library, [2, ...shape], k))));
});
WRAPPERS.forEach(([name, make, shapes]) => testBothWays(name, library => modelOf(library, make(library), shapes), library => shapes.map((shape, k) => tensorOf(library, [2, ...shape], k))));
