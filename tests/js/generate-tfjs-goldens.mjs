#!/usr/bin/env node
/**
 * Records what TensorFlow.js 4.22 answers to op-cases.mjs in tfjs-goldens.json, and what it saves, prints and computes of the models of
 * tfjs-models.mjs in tfjs-models.json. TensorFlow.js is not one of our packages: install it
 * anywhere and say where.
 *
 *   npm install --prefix FOLDER @tensorflow/tfjs@4.22.0
 *   node tests/js/generate-tfjs-goldens.mjs FOLDER
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { CASES, describe, REFUSED, run } from './op-cases.mjs';
import { buildModels, inputFor, summaries } from './tfjs-models.mjs';

const tf = createRequire(resolve(process.argv[2], 'package.json'))('@tensorflow/tfjs');
await tf.setBackend('cpu');

/** @param {[string, ...any[]]} call */
function refusal(call) {
  try {
    run(tf, call);
  } catch (error) {
    return error.message;
  }
  throw new Error(`${JSON.stringify(call).slice(0, 200)} did not throw`);
}

const goldens = {
  generator: `@tensorflow/tfjs ${tf.version.tfjs}, backend ${tf.getBackend()}`,
  results: CASES.map(call => describe(run(tf, call))),
  refusals: REFUSED.map(refusal),
};
const rows = key => `"${key}": [\n${goldens[key].map(row => JSON.stringify(row)).join(',\n')}\n]`;
writeFileSync(new URL('tfjs-goldens.json', import.meta.url), `{\n"generator": ${JSON.stringify(goldens.generator)},\n${rows('results')},\n${rows('refusals')}\n}\n`);

/** @param {any} model */
async function record(model) {
  const values = model.getWeights().map((weight, i) => tf.randomNormal(weight.shape, 0, 0.5, 'float32', 100 + i).abs());
  model.setWeights(values);
  let saved;
  await model.save(tf.io.withSaveHandler(artifacts => { saved = artifacts; return { modelArtifactsInfo: {} }; }));
  const { weightData, ...artifacts } = saved;
  const inputs = model.inputs.map((symbol, i) => inputFor(tf, model, symbol, i));
  return {
    artifacts,
    weights: Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)).toString('base64'),
    summaries: summaries(model),
    layers: model.layers.map(layer => [layer.name, layer.getClassName(), layer.countParams()]),
    weightNames: model.weights.map(weight => weight.originalName),
    inputNames: model.inputNames,
    outputNames: model.outputNames,
    outputs: [model.predict(inputs)].flat().map(describe),
  };
}

const models = {};
for (const [name, model] of Object.entries(buildModels(tf))) models[name] = await record(model);
const members = Object.entries(models).map(([name, model]) => `${JSON.stringify(name)}: ${JSON.stringify(model)}`);
writeFileSync(new URL('tfjs-models.json', import.meta.url), `{\n${members.join(',\n')}\n}\n`);
