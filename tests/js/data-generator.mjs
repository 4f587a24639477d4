/** What data.test.js makes elements with in a worker. */

/** @param {number} count */
export default async function* elements(count) {
  for (let i = 0; i < count; i++) yield { xs: { values: new Int32Array([i, i]), shape: [1, 2], dtype: 'int32' }, label: i };
}
