/** The files in tests/golden: models and what real Keras computed with them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../golden/', import.meta.url));

/** @typedef {{role: string, name: string, shape: number[], dtype: 'float32' | 'int32' | 'string', values: Float32Array | Int32Array | string[]}} RecordedArray */

/** @returns {{layer: string, case: string, path: string}[]} all cases: `<Layer>/<case>.json` in the folders with a capital */
export function goldenCases() {
  const layers = readdirSync(ROOT, { withFileTypes: true }).filter(entry => entry.isDirectory() && /^[A-Z]/.test(entry.name));
  return layers.flatMap(({ name: layer }) => {
    const names = readdirSync(`${ROOT}${layer}`).filter(file => /^k[^.]*\.json$/.test(file)).map(file => file.slice(0, -5));
    return names.sort().map(name => ({ layer, case: name, path: `${ROOT}${layer}/${name}.json` }));
  });
}

/**
 * Strings as TensorFlow.js stores them, the length of each in four bytes before its bytes.
 * @param {Buffer} file @param {number} offset @param {number} count
 * @returns {{values: string[], end: number}}
 */
function readStrings(file, offset, count) {
  const values = [];
  for (let i = 0; i < count; i++) {
    const start = offset + 4;
    offset = start + file.readUInt32LE(offset);
    values.push(file.toString('utf8', start, offset));
  }
  return { values, end: offset };
}

/**
 * The recorded arrays of a case, in the file's order.
 * @param {{layer: string, path: string}} golden
 * @returns {RecordedArray[]}
 */
export function recordedArrays({ layer, path }) {
  const { io, arrays } = JSON.parse(readFileSync(path, 'utf8')).userDefinedMetadata.golden;
  const file = readFileSync(`${ROOT}${layer}/${io}`);
  let offset = 0;
  return arrays.map(array => {
    const size = array.shape.reduce((product, dimension) => product * dimension, 1);
    if (array.dtype === 'string') {
      const { values, end } = readStrings(file, offset, size);
      offset = end;
      return { ...array, values };
    }
    const bytes = new Uint8Array(file.subarray(offset, offset + size * 4)).buffer;
    offset += size * 4;
    return { ...array, values: array.dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes) };
  });
}
