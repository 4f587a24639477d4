/** tf.einsum: sums of products, by an equation of labels, as products of matrices. */
import { convertToTensor, op } from '../core/convert.js';
import { assert, failure } from '../core/util.js';
import { mul } from './elementwise.js';
import { matMul } from './linear.js';
import { sum } from './reduction.js';
import { reshape, transpose } from './shape.js';

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
    if (!left.includes(label)) throw failure('INVALID_ARGUMENT', `Output subscripts contain the label ${label} not present in the input subscripts.`);
  }
  if (inputs.some(labels => new Set(labels).size !== labels.length)) {
    throw failure('UNSUPPORTED', `Support for duplicate axes in one input tensor is not implemented yet: ${inputs}`);
  }
  return { inputs, output };
}

/**
 * @param {string[]} inputs
 * @param {Tensor[]} tensors
 * @returns {Map<string, number>} the size of each label
 */
function sizesOf(inputs, tensors) {
  const sizes = new Map();
  tensors.forEach((tensor, i) => {
    const labels = [...inputs[i]];
    assert(tensor.rank === labels.length, () => `Rank of the tensor ${tensor.rank} does not match the labels ${inputs[i]}`, 'SHAPE');
    labels.forEach((label, axis) => {
      const size = tensor.shape[axis];
      const known = sizes.get(label);
      assert(known === undefined || known === size,
        () => `Expected dimension ${known} at axis ${axis} of input shaped ${JSON.stringify(tensor.shape)}, but got dimension ${size}`, 'SHAPE');
      sizes.set(label, size);
    });
  });
  return sizes;
}

/**
 * Sums over the labels that nobody else has, and brings the others into an order.
 * @param {Tensor} tensor
 * @param {string} labels
 * @param {string} wanted
 */
function arrange(tensor, labels, wanted) {
  const alone = [...labels].flatMap((label, axis) => (wanted.includes(label) ? [] : [axis]));
  const summed = alone.length === 0 ? tensor : sum(tensor, alone);
  const left = [...labels].filter(label => wanted.includes(label));
  return transpose(summed, [...wanted].map(label => left.indexOf(label)));
}

/** @type {(equation: string, ...tensors: TensorLike[]) => Tensor} */
export const einsum = op('einsum', (equation, ...tensors) => {
  const operands = tensors.map((tensor, i) => convertToTensor(tensor, `tensors${i}`, 'einsum'));
  const { inputs, output } = parse(equation, operands.length);
  const sizes = sizesOf(inputs, operands);
  if (operands.length === 1) return arrange(operands[0], inputs[0], output);
  const [a, b] = inputs;
  const pick = (/** @type {string} */ labels, /** @type {(label: string) => boolean} */ wanted) => [...labels].filter(wanted).join('');
  const batch = pick(a, label => b.includes(label) && output.includes(label));
  const inner = pick(a, label => b.includes(label) && !output.includes(label));
  const rows = pick(a, label => !b.includes(label) && output.includes(label));
  const columns = pick(b, label => !a.includes(label) && output.includes(label));
  const sizeOf = (/** @type {string} */ labels) => [...labels].reduce((product, label) => product * /** @type {number} */ (sizes.get(label)), 1);
  const shapeOf = (/** @type {string} */ labels) => [...labels].map(label => /** @type {number} */ (sizes.get(label)));
  const left = reshape(arrange(operands[0], a, batch + rows + inner), [sizeOf(batch), sizeOf(rows), sizeOf(inner)]);
  const right = reshape(arrange(operands[1], b, batch + inner + columns), [sizeOf(batch), sizeOf(inner), sizeOf(columns)]);
  const product = inner === '' ? mul(left, right) : matMul(left, right);
  const order = batch + rows + columns;
  return transpose(reshape(product, shapeOf(order)), [...output].map(label => order.indexOf(label)));
});
