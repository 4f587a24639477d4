/** What predict was given, as the tensors that the model takes. */
import { castTo, convertToTensor } from '../core/convert.js';
import { Tensor } from '../core/tensor.js';
import { assert, isTypedArray, ownValue } from '../core/util.js';
import { expandDims } from '../ops/shape.js';

/** @import { DataType } from '../core/util.js' */
/** @import { Shape } from './topology.js' */

/** @typedef {{name: string, shape: Shape, dtype: DataType}} ModelEnd an input of a model */

/** @typedef {Tensor | Tensor[] | Record<string, Tensor>} ModelInput one tensor, or one for each input in order or by name */

/**
 * Checks inputs against the model's and gives them its dtypes.
 * @param {ModelInput} x
 * @param {ModelEnd[]} inputs
 * @returns {Tensor[]} those that were given, or new ones
 */
export function standardizeInputs(x, inputs) {
  const given = inOrder(x, inputs).map((tensor, i) =>
    convertToTensor(tensor, inputs[i].name, 'predict', inputs[i].dtype === 'string' ? 'string' : 'numeric'));
  const tensors = given.map((tensor, i) => (tensor.rank === 1 && inputs[i].shape.length !== 1 ? expandDims(tensor, 1) : tensor));
  inputs.forEach(({ name, shape }, i) => assertShape(tensors[i].shape, name, shape));
  const [samples] = tensors.map(tensor => tensor.shape[0]);
  assert(tensors.every(tensor => tensor.shape[0] === samples),
    () => `All input Tensors (x) should have the same number of samples. Got array shapes: ${JSON.stringify(tensors.map(t => t.shape))}`, 'SHAPE');
  return tensors.map((tensor, i) => castTo(tensor, inputs[i].dtype));
}

/**
 * @param {ModelInput} x
 * @param {ModelEnd[]} inputs
 * @returns {Tensor[]}
 */
function inOrder(x, inputs) {
  if (Array.isArray(x)) {
    assert(x.length === inputs.length, () => 'Error when checking model : the Array of Tensors that ' +
      'you are passing to your model is not the size the ' +
      `the model expected. Expected to see ${inputs.length} Tensor(s), but instead got ${x.length} Tensors(s).`);
    return x;
  }
  if (x instanceof Tensor || isTypedArray(x) || x === null || typeof x !== 'object') {
    assert(inputs.length === 1, () => `The model expects ${inputs.length}  Tensors, but only received one Tensor. ` +
      `Found: array with shape ${JSON.stringify(/** @type {any} */ (x)?.shape)}.`);
    return [/** @type {Tensor} */ (x)];
  }
  return inputs.map(({ name }) => {
    assert(ownValue(x, name) != null, () => `No data provided for "${name}". Need data for each key in: ${inputs.map(input => input.name)}`);
    return x[name];
  });
}

/**
 * The first dimension is the batch's and may be anything.
 * @param {number[]} got
 * @param {string} name
 * @param {Shape} expected
 */
function assertShape(got, name, expected) {
  assert(got.length === expected.length,
    () => `Error when checking : expected ${name} to have ${expected.length} dimension(s), but got array with shape ${JSON.stringify(got)}`, 'SHAPE');
  assert(expected.every((dimension, i) => i === 0 || dimension === null || dimension === got[i]),
    () => `Error when checking : expected ${name} to have shape ${JSON.stringify(expected)} ` +
      `but got array with shape ${JSON.stringify(got)}.`, 'SHAPE');
}
