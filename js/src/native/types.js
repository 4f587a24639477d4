/** How functions that return tensors say their types: for each dtype, rank, and the dimensions of HORN_MAX_RANK. */
export const TYPE_NUMBERS = 10;

/**
 * The type of result i.
 * @param {Int32Array} types
 * @param {number} i
 */
export function typeAt(types, i) {
  const at = TYPE_NUMBERS * i;
  const shape = new Array(types[at + 1]);
  for (let k = 0; k < shape.length; k++) shape[k] = types[at + 2 + k];
  return { dtype: types[at], shape };
}
