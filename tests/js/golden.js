/** The files in tests/golden: models and what real Keras computed with them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../golden/', import.meta.url));

/** @typedef {{role: string, name: string, shape: number[], dtype: 'float32' | 'int32', values: Float32Array | Int32Array}} RecordedArray */

/** @returns {{layer: string, case: string, path: string}[]} all cases */
export function goldenCases() {
  const index = JSON.parse(readFileSync(`${ROOT}index.json`, 'utf8'));
  return index.map(entry => ({ ...entry, path: `${ROOT}${entry.layer}/${entry.case}.json` }));
}

/**
 * The recorded arrays of a case, in the file's order.
 * @param {{layer: string, path: string}} golden
 * @returns {RecordedArray[]}
 */
export function recordedArrays({ layer, path }) {
  const { io, arrays } = JSON.parse(readFileSync(path, 'utf8')).userDefinedMetadata.golden;
  const { buffer, byteOffset } = readFileSync(`${ROOT}${layer}/${io}`);
  let offset = byteOffset;
  return arrays.map(array => {
    const size = array.shape.reduce((product, dimension) => product * dimension, 1);
    const bytes = buffer.slice(offset, offset + size * 4);
    offset += size * 4;
    return { ...array, values: array.dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes) };
  });
}
