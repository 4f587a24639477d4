/** Files that Hornbeam writes, opened by real Keras: .keras in Keras 3, .h5 in tf-keras. Each predicts what the model predicts. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '../../js/src/index.js';
import { convert } from '../../js/src/converter.js';
import { kerasModels, REFUSED, savedFiles } from '../js/keras_files.js';

const FORMATS = /** @type {const} */ ({ keras: 'h5', keras_keras: 'keras' });
const NEAR = 1e-5;

/** @typedef {{shape: number[], dtype: string, values: ArrayLike<number>}} Values */

/** Models of golden files, and of layers whose calls or weights each Keras writes its own way. */
function models() {
  const golden = kerasModels().filter(({ stem }) => /^k[23]_[a-z]+$/.test(stem)).map(({ stem, arrays }) => ({
    stem, write: (/** @type {keyof typeof FORMATS} */ outputFormat) => convert(savedFiles(`${stem}.keras`), { outputFormat }),
    inputs: arrays.filter(({ role }) => role === 'input'), outputs: arrays.filter(({ role }) => role === 'output'),
  }));
  return [...golden, attention('multiHeadAttention', { numHeads: 2, keyDim: 4 }), attention('groupedQueryAttention', { headDim: 4, numQueryHeads: 4, numKeyValueHeads: 2 })];
}

/** A layer of several parameters, called with a list. @param {string} kind @param {Record<string, number>} config */
function attention(kind, config) {
  const x = tf.input({ shape: [3, 8] });
  const model = tf.model({ inputs: x, outputs: tf.layers[kind](config).apply([x, x]) });
  const given = tf.randomUniform([2, 3, 8], -1, 1, 'float32', 5);
  const [input, output] = [given, model.predict(given)].map(tensor => ({ shape: tensor.shape, dtype: tensor.dtype, values: tensor.dataSync() }));
  return {
    stem: kind, inputs: [input], outputs: [output],
    write: async (/** @type {keyof typeof FORMATS} */ format) => {
      const file = join(tmpdir(), `hornbeam-written-${process.pid}.${FORMATS[format]}`);
      await model.save(`file://${file}`);
      const bytes = readFileSync(file);
      rmSync(file);
      return { file: bytes };
    },
  };
}

/** @param {Values[]} found @param {Values[]} expected */
function difference(found, expected) {
  if (found.length !== expected.length) return `${found.length} outputs, expected ${expected.length}`;
  for (const [i, { shape, values }] of expected.entries()) {
    if (found[i].shape.join() !== shape.join()) return `output ${i} has shape [${found[i].shape}], expected [${shape}]`;
    const worst = Array.from(values).findIndex((value, at) => !(Math.abs(found[i].values[at] - value) <= NEAR * Math.max(1, Math.abs(value))));
    if (worst >= 0) return `output ${i}: element ${worst} is ${found[i].values[worst]}, expected ${values[worst]}`;
  }
  return undefined;
}

/** @param {{file: string, shape: number[], dtype: string}} saved @returns {Values} */
function read({ file, shape, dtype }) {
  const { buffer } = new Uint8Array(readFileSync(file));
  return { shape, dtype, values: dtype === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer) };
}

/**
 * @param {import('./keras.mjs').Keras} keras
 * @param {string} folder for files
 * @returns {Promise<string[]>} what is wrong, a line each
 */
export async function checkWritten(keras, folder) {
  mkdirSync(folder, { recursive: true });
  const problems = [];
  for (const { stem, write, inputs, outputs } of models()) {
    const given = inputs.map(({ shape, dtype, values }, i) => {
      const file = join(folder, `given${i}`);
      writeFileSync(file, values);
      return { file, shape, dtype };
    });
    for (const [format, ending] of /** @type {[keyof typeof FORMATS, string][]} */ (Object.entries(FORMATS))) {
      if (REFUSED[`${stem} ${format}`] || (stem === 'groupedQueryAttention' && ending === 'h5')) continue; // tests/js/converting.test.js: it is an error; Keras 2 has no such layer
      const open = join(folder, `${stem}.${ending}`);
      writeFileSync(open, Object.values(await write(format))[0]);
      const reply = await keras.ask({ open, given, folder });
      const problem = reply.error ?? difference(reply.outputs.map(read), outputs);
      if (problem) problems.push(`${stem}.${ending}: ${problem}`);
    }
  }
  return problems;
}
