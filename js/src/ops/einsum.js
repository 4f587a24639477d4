/** tf.einsum: sums of products, by an equation of labels. */
import { castTo, convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert, failure, upcastType } from '../core/util.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/**
 * @param {string} equation
 * @param {number} count of tensors
 * @returns {{inputs: string[], output: string}}
 */
function parse(equation, count) {
  const text = equation.replace(/\s/g, '');
  const arrows = text.split('->').length - 1;
  if (arrows < 1) throw failure('INVALID_ARGUMENT', 'Equations without an arrow are not supported.');
  if (arrows > 1) throw failure('INVALID_ARGUMENT', 'Equation must contain exactly one arrow ("->").');
  const [left, output] = text.split('->');
  assert(!left.includes('...'), () => 'The ellipsis notation ("...") is not supported yet.');
  const inputs = left.split(',');
  if (count !== inputs.length) throw failure('INVALID_ARGUMENT', `Expected ${inputs.length} input tensors, received ${count}`);
  if (count > 2) throw failure('UNSUPPORTED', 'Support for more than 2 input tensors is not implemented yet.');
  for (const label of output) {
    if (!left.includes(label)) {
      throw failure('INVALID_ARGUMENT', `Output subscripts contain the label ${label} not present in the input subscripts.`);
    }
  }
  if (inputs.some(labels => new Set(labels).size !== labels.length)) {
    throw failure('UNSUPPORTED', `Support for duplicate axes in one input tensor is not implemented yet: ${inputs}`);
  }
  return { inputs, output };
}

/**
 * Throws unless each label has one size.
 * @param {string[]} inputs
 * @param {Tensor[]} tensors
 */
function assertSizes(inputs, tensors) {
  const sizes = new Map();
  tensors.forEach((tensor, i) => {
    const labels = [...inputs[i]];
    assert(tensor.rank === labels.length, () => `Rank of the tensor ${tensor.rank} does not match the labels ${inputs[i]}`, 'SHAPE');
    labels.forEach((label, axis) => {
      const size = tensor.shape[axis];
      const known = sizes.get(label);
      assert(known == null || size === null || known === size,
        () => `Expected dimension ${known} at axis ${axis} of input shaped ${JSON.stringify(tensor.shape)}, but got dimension ` +
          `${size}`, 'SHAPE');
      sizes.set(label, size);
    });
  });
}

/** @type {(equation: string, ...tensors: TensorLike[]) => Tensor} */
export const einsum = op('einsum', (equation, ...tensors) => {
  const operands = tensors.map((tensor, i) => convertToTensor(tensor, `tensors${i}`, 'einsum'));
  const { inputs, output } = parse(equation, operands.length);
  assertSizes(inputs, operands);
  const dtype = operands.map(operand => operand.dtype).reduce((a, b) => upcastType(a, b));
  const [result] = engine.run('Einsum', { equation: `${inputs}->${output}` }, operands.map(operand => castTo(operand, 'float32')));
  return castTo(result, dtype === 'bool' ? 'int32' : dtype);
});
