/** Tensors as text: tensor.toString() and tf.print(), in TensorFlow.js's layout. */
import { computeStrides, sizeFromShape } from './util.js';

/** @import { DataType, Values } from './util.js' */

/** Longer axes are shown by their ends. */
const LONGEST_WHOLE_AXIS = 20;
const SHOWN_AT_EACH_END = 3;
const DIGITS = 7;

/**
 * @param {Values} values
 * @param {readonly number[]} shape
 * @param {DataType} dtype
 * @param {boolean} [verbose] with dtype, rank and shape
 * @returns {string}
 */
export function tensorToString(values, shape, dtype, verbose = false) {
  const elements = dtype === 'complex64' ? pairsOf(values) : Array.from(values);
  const widths = columnWidths(elements, shape, dtype);
  const lines = linesOf(elements, shape, dtype, computeStrides(shape), widths, true).map(line => `    ${line}`).join('\n');
  const header = verbose ? [`  dtype: ${dtype}`, `  rank: ${shape.length}`, `  shape: [${shape}]`, '  values:'] : [];
  return ['Tensor', ...header, lines].join('\n');
}

/** @param {Values} values */
function pairsOf(values) {
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);
}

/** @param {number} value */
const rounded = value => parseFloat(value.toFixed(DIGITS)).toString();

/**
 * @param {any} value
 * @param {DataType} dtype
 */
function textOf(value, dtype) {
  if (dtype === 'complex64') return `${rounded(value[0])} + ${rounded(value[1])}j`;
  if (dtype === 'string') return `'${value}'`;
  if (dtype === 'bool') return value === 0 ? 'false' : 'true';
  return rounded(value);
}

/**
 * The widest text of each column, so that rows stand below one another; none for vectors.
 * @param {any[]} values
 * @param {readonly number[]} shape
 * @param {DataType} dtype
 * @returns {number[]}
 */
function columnWidths(values, shape, dtype) {
  if (shape.length < 2) return [];
  const columns = computeStrides(shape)[shape.length - 2];
  const widths = new Array(columns).fill(0);
  const size = sizeFromShape(shape);
  for (let i = 0; i < size; i++) widths[i % columns] = Math.max(widths[i % columns], textOf(values[i], dtype).length);
  return widths;
}

/**
 * @param {any[]} values
 * @param {readonly number[]} shape
 * @param {DataType} dtype
 * @param {number[]} strides
 * @param {number[]} widths
 * @param {boolean} last whether nothing follows on this level
 * @returns {string[]}
 */
function linesOf(values, shape, dtype, strides, widths, last) {
  if (shape.length === 0) return [dtype === 'bool' || dtype === 'complex64' ? textOf(values[0], dtype) : values[0].toString()];
  const size = shape[0];
  const whole = size <= LONGEST_WHOLE_AXIS;
  const shown = Array.from({ length: whole ? size : 2 * SHOWN_AT_EACH_END },
    (_, i) => (whole || i < SHOWN_AT_EACH_END ? i : size - 2 * SHOWN_AT_EACH_END + i));
  if (shape.length === 1) {
    const texts = shown.map(i => textOf(values[i], dtype).padEnd(widths[i] ?? 0));
    if (!whole) texts.splice(SHOWN_AT_EACH_END, 0, '...');
    return [`[${texts.join(', ')}]`];
  }
  const blocks = shown.map(i => linesOf(values.slice(i * strides[0], (i + 1) * strides[0]), shape.slice(1), dtype, strides.slice(1),
    widths, i === size - 1));
  if (!whole) blocks.splice(SHOWN_AT_EACH_END, 0, ['...']);
  return bracket(blocks.flat(), size, shape.length, last);
}

/**
 * @param {string[]} lines
 * @param {number} size
 * @param {number} rank
 * @param {boolean} last
 */
function bracket(lines, size, rank, last) {
  const separator = rank === 2 ? ',' : '';
  lines[0] = `[${size > 0 ? lines[0] + separator : ''}`;
  for (let i = 1; i < lines.length - 1; i++) lines[i] = ` ${lines[i]}${separator}`;
  lines[lines.length - 1] = ` ${lines[lines.length - 1]}]${last ? '' : `,\n${'\n'.repeat(rank - 2)}`}`;
  return lines;
}
