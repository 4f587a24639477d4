/** One saved model: converted, loaded, run in the addon, and compared with what Keras answered. */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as tf from '../../js/src/index.js';

const CONVERTER = fileURLToPath(new URL('../../build/native/converter/hornbeam-convert', import.meta.url));

/**
 * @typedef {{file: string, shape: number[], dtype: 'float32' | 'int32'}} Saved a tensor in a file
 * @typedef {{files: string[], inputs: Saved[], outputs: Saved[], spec: any, left_out?: string[]}} Model what serve.py replies
 * @typedef {{absolute: number, relative: number, top: boolean}} Tolerance top: the largest element of each row must be the same one
 */

/** @param {Saved} saved */
async function elements({ file, dtype }) {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return dtype === 'int32' ? new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength)) : new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** @param {ArrayLike<number>} row */
const largest = row => Array.from(row).reduce((best, value, i) => (value > row[best] ? i : best), 0);

/**
 * What is wrong with an output; undefined: nothing.
 * @param {import('../../js/src/index.js').Tensor} found
 * @param {Saved} saved
 * @param {Tolerance} tolerance
 */
async function difference(found, saved, { absolute, relative, top }) {
  if (JSON.stringify(found.shape) !== JSON.stringify(saved.shape)) return `has shape [${found.shape}], Keras's [${saved.shape}]`;
  const [values, expected] = [await found.data(), await elements(saved)];
  let worst = -1;
  let excess = 0;
  expected.forEach((number, i) => {
    const distance = Math.abs(values[i] - number) - (absolute + relative * Math.abs(number));
    if (!(distance <= excess)) [worst, excess] = [i, distance]; // NaN is worse than anything
  });
  if (worst >= 0) return `element ${worst} is ${values[worst]}, Keras's ${expected[worst]}`;
  const classes = saved.shape.at(-1) ?? 1;
  for (let row = 0; top && row < expected.length; row += classes) {
    const [a, b] = [largest(values.subarray(row, row + classes)), largest(expected.subarray(row, row + classes))];
    if (a !== b) return `row ${row / classes}: class ${a} is the largest, Keras's is ${b}`;
  }
  return undefined;
}

/** @param {string} model @param {Model} reply @param {Tolerance} tolerance */
async function compareOutputs(model, reply, tolerance) {
  const loaded = await tf.loadLayersModel(model);
  const inputs = await Promise.all(reply.inputs.map(async saved => tf.tensor(await elements(saved), saved.shape, saved.dtype)));
  const answer = loaded.predict(inputs.length > 1 ? inputs : inputs[0]);
  const outputs = Array.isArray(answer) ? answer : [answer];
  const problems = outputs.length === reply.outputs.length ? [] : [`${outputs.length} outputs, Keras's model has ${reply.outputs.length}`];
  for (const [i, saved] of problems.length > 0 ? [] : reply.outputs.entries()) {
    const problem = await difference(outputs[i], saved, tolerance);
    if (problem) problems.push(`output ${i} ${problem}`);
  }
  tf.dispose([inputs, outputs]);
  loaded.dispose();
  return problems[0];
}

/**
 * What is wrong with a model, for each of its files; empty: nothing.
 * @param {Model} reply
 * @param {Tolerance} tolerance
 * @returns {Promise<string[]>}
 */
export async function check(reply, tolerance) {
  const problems = [];
  for (const file of reply.files) {
    const converted = join(dirname(file), `converted${extname(file).replace('.', '-')}`);
    try {
      await promisify(execFile)(CONVERTER, [file, converted]);
      const problem = await compareOutputs(join(converted, 'model.json'), reply, tolerance);
      if (problem) problems.push(`${extname(file)}: ${problem}`);
    } catch (error) {
      problems.push(`${extname(file)}: ${/** @type {any} */ (error).stderr || /** @type {Error} */ (error).message}`.trim());
    }
    await rm(converted, { recursive: true, force: true });
  }
  return problems;
}
