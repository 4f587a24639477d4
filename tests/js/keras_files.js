/** The files of real Kerases in tests/golden/files, and what they compute. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const KERAS_FILES = fileURLToPath(new URL('../golden/files/', import.meta.url));

/** What a Keras has no word for: models and formats, and what is said of them. @type {Record<string, RegExp>} */
export const REFUSED = {
  'k2_text keras_keras': /gru_old.*Keras 3 has no hard_sigmoid as Keras 2 has it/, 'k3_text keras': /gru_old.*Keras 2 has no hard_sigmoid as Keras 3 has it/,
  'k2_windows keras_keras': /hard_sigmoid/, 'k2_wrapped keras_keras': /an operation cannot be written/, 'k3_wrapped keras_keras': /an operation cannot be written/,
  'k3_wrapped keras': /an operation of Keras 3 cannot be written/,
};

/**
 * @typedef {object} KerasArray
 * @property {string} role
 * @property {string} name
 * @property {number[]} shape
 * @property {'float32' | 'int32'} dtype
 * @property {Float32Array | Int32Array} values
 */

/**
 * All models: by how many writers they were saved, and the arrays that go with them.
 * @returns {{stem: string, files: string[], arrays: KerasArray[]}[]}
 */
export function kerasModels() {
  return readdirSync(KERAS_FILES).filter(name => name.endsWith('.io.json')).map(name => {
    const { files, io, arrays } = JSON.parse(readFileSync(KERAS_FILES + name, 'utf8'));
    const bytes = readFileSync(KERAS_FILES + io);
    let offset = 0;
    return {
      stem: name.slice(0, -'.io.json'.length), files,
      arrays: arrays.map(array => {
        const count = array.shape.reduce((product, dimension) => product * dimension, 1);
        const part = new Uint8Array(bytes.subarray(offset, offset + 4 * count)).buffer;
        offset += 4 * count;
        return { ...array, values: array.dtype === 'int32' ? new Int32Array(part) : new Float32Array(part) };
      }),
    };
  });
}

/**
 * The files that make up a saved model, by their paths within it.
 * @param {string} name a file or a SavedModel's folder in KERAS_FILES
 * @returns {Record<string, Uint8Array>}
 */
export function savedFiles(name) {
  const path = KERAS_FILES + name;
  if (!statSync(path).isDirectory()) return { [name]: readFileSync(path) };
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(file => statSync(`${path}/${file}`).isFile());
  return Object.fromEntries(files.map(file => [file, readFileSync(`${path}/${file}`)]));
}
