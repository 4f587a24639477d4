/** Copies of a model's weights: the tensors themselves change in place as training goes on. */
import { engine } from '../core/engine.js';
import { tensor } from '../ops/creation.js';

/** @import { Variable } from '../core/tensor.js' */

/** @typedef {{variable: Variable, values: any}[]} Copies */

/** @param {Iterable<Variable>} variables @returns {Promise<Copies>} */
export async function copyOf(variables) {
  const copies = [];
  for (const variable of variables) copies.push({ variable, values: (await variable.data()).slice() });
  return copies;
}

/** Gives variables their old values. They were legal once, so no constraint is applied. @param {Copies} copies */
export function putBack(copies) {
  engine.scoped('putBack', () => copies.forEach(({ variable, values }) => variable.assign(tensor(values, variable.shape, variable.dtype))));
}

/** @param {any} model @returns {Variable[]} */
export const variablesOf = model => model.weights.map((/** @type {any} */ weight) => weight.read());

/**
 * Exchanges the values of pairs of variables.
 * @param {[Variable, Variable][]} pairs
 */
export function exchange(pairs) {
  engine.scoped('exchange', () => pairs.forEach(([a, b]) => {
    const [ofA, ofB] = [a, b].map(variable => tensor(variable.dataSync().slice(), variable.shape, variable.dtype));
    a.assign(ofB);
    b.assign(ofA);
  }));
}
