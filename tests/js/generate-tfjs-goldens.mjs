#!/usr/bin/env node
/**
 * Records what TensorFlow.js 4.22 answers to op-cases.mjs in tfjs-goldens.json. TensorFlow.js is not one of our packages: install it
 * anywhere and say where.
 *
 *   npm install --prefix FOLDER @tensorflow/tfjs@4.22.0
 *   node tests/js/generate-tfjs-goldens.mjs FOLDER
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { CASES, describe, REFUSED, run } from './op-cases.mjs';

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
