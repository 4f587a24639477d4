/** The held-out digits and what Keras answered for them. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * @returns {{count: number, images: Float32Array, labels: Uint8Array, outputs: Float32Array, accuracy: number}} images [count, 28, 28] with
 * values 0..255, outputs [count, 10]
 */
export function readHeldOut() {
  const read = (/** @type {string} */ file) => readFileSync(new URL(file, import.meta.url));
  const header = JSON.parse(read('test-digits.json').toString());
  const outputs = Uint8Array.from(read(header.outputs.file));
  return {
    count: header.images.shape[0],
    images: Float32Array.from(gunzipSync(read(header.images.file))),
    labels: Uint8Array.from(read(header.labels.file)),
    outputs: new Float32Array(outputs.buffer),
    accuracy: header.accuracy,
  };
}
