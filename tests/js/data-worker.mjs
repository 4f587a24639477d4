/** What data.test.js runs in workers: an element in, an element out. */
import { isMainThread } from 'node:worker_threads';

/** @param {any} element */
export default function decode({ fail, exit, image, name, row }) {
  if (fail) throw new Error(fail);
  if (exit) process.exit(3);
  const values = image.values.map((/** @type {number} */ value) => 2 * value);
  return { image: { values, shape: [values.length], dtype: image.dtype }, name: `${name}!`, row, isMain: isMainThread };
}
