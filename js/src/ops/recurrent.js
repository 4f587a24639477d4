/** Cells of recurrent networks, one step at a time. */
import { convertToTensor, convertToTensorArray, op } from '../core/convert.js';
import { add, mul, sigmoid, tanh } from './elementwise.js';
import { matMul } from './linear.js';
import { concat, slice } from './shape.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/**
 * One step of an LSTM: [new c, new h].
 * @type {(forgetBias: TensorLike, lstmKernel: TensorLike, lstmBias: TensorLike, data: TensorLike, c: TensorLike,
 *   h: TensorLike) => [Tensor, Tensor]}
 */
export const basicLSTMCell = op('basicLSTMCell', (forgetBias, lstmKernel, lstmBias, data, c, h) => {
  const [forget, kernel, bias, x, cell, hidden] = [[forgetBias, 'forgetBias'], [lstmKernel, 'lstmKernel'], [lstmBias, 'lstmBias'],
    [data, 'data'], [c, 'c'], [h, 'h']]
    .map(([value, name]) => convertToTensor(/** @type {TensorLike} */ (value), /** @type {string} */ (name), 'basicLSTMCell'));
  const gates = add(matMul(concat([x, hidden], 1), kernel), bias);
  const [batch, width] = [gates.shape[0], gates.shape[1] / 4];
  const [i, j, f, o] = [0, 1, 2, 3].map(k => slice(gates, [0, k * width], [batch, width]));
  const newC = add(mul(sigmoid(i), tanh(j)), mul(cell, sigmoid(add(forget, f))));
  return [newC, mul(tanh(newC), sigmoid(o))];
});

/**
 * One step of several cells, one upon the other: [new cs, new hs].
 * @type {(lstmCells: ((data: Tensor, c: Tensor, h: Tensor) => [Tensor, Tensor])[], data: TensorLike, c: TensorLike[],
 *   h: TensorLike[]) => [Tensor[], Tensor[]]}
 */
export const multiRNNCell = op('multiRNNCell', (lstmCells, data, c, h) => {
  let input = convertToTensor(data, 'data', 'multiRNNCell');
  const cells = convertToTensorArray(c, 'c', 'multiRNNCell');
  const hiddens = convertToTensorArray(h, 'h', 'multiRNNCell');
  const steps = lstmCells.map((cell, i) => {
    const step = cell(input, cells[i], hiddens[i]);
    [, input] = step;
    return step;
  });
  return [steps.map(([newC]) => newC), steps.map(([, newH]) => newH)];
});
