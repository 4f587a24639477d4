/** The names that TensorFlow.js gives to the weights of layers within layers. */

/** @import { LayerDescription, WeightDescription } from './native_layer.js' */

/**
 * The weights of cells are named without the cell, or by its number where there are several; within wrappers too.
 * @param {LayerDescription} description
 * @returns {WeightDescription[]}
 */
export function withTensorflowNames({ className, weights, layers }) {
  if (className === 'RNN') {
    const owners = layers.flatMap(cellPrefixes);
    return weights.map((weight, i) => ({ ...weight, name: `${owners[i]}${weight.name.slice(weight.name.lastIndexOf('/') + 1)}` }));
  }
  const inner = layers.flatMap(layer => layer.weights.map(({ name }) => name));
  const renamed = layers.flatMap(withTensorflowNames);
  return weights.map((weight, i) => ({ ...weight, name: withEnding(weight.name, inner[i], renamed[i]?.name) }));
}

/** @param {string} name @param {string | undefined} ending @param {string | undefined} other in its place, where the name has it */
function withEnding(name, ending, other) {
  return ending !== undefined && name.endsWith(ending) ? `${name.slice(0, -ending.length)}${other}` : name;
}

/** What stands before the names of a cell's weights. @param {LayerDescription} cell @returns {string[]} one a weight */
function cellPrefixes({ className, weights, layers }) {
  if (className !== 'StackedRNNCells') return weights.map(() => '');
  return layers.flatMap((cell, i) => cellPrefixes(cell).map(prefix => `RNNCell_${i}/${prefix}`));
}
