/** tf.string */
import { convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { fingerPrint64, Long } from '../core/hash.js';
import { assert, decodeString, encodeString, failure } from '../core/util.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** The elements as bytes. @param {Tensor} tensor @returns {Uint8Array[]} */
const bytesOf = tensor => engine.readStrings(tensor);

/** @param {readonly (string | Uint8Array)[]} values @param {readonly number[]} shape */
const strings = (values, shape) => engine.makeTensor(values, shape, 'string');

/** @param {ArrayLike<number>} values @param {readonly number[]} shape */
const ints = (values, shape) => engine.makeTensor(Int32Array.from(values), shape, 'int32');

/**
 * Runs of so many texts as one, within each part of data.
 * @type {(data: TensorLike, dataSplits: TensorLike, separator: string, nGramWidths: number[], leftPad: string, rightPad: string,
 *   padWidth: number,
 *   preserveShortSequences: boolean) => {nGrams: Tensor, nGramsSplits: Tensor}}
 */
const stringNGrams = op('stringNGrams', (data, dataSplits, separator, nGramWidths, leftPad, rightPad, padWidth, preserveShortSequences) => {
  const input = convertToTensor(data, 'data', 'stringNGrams', 'string');
  assert(input.dtype === 'string', () => 'Data must be of datatype string', 'DTYPE');
  assert(input.rank === 1, () => `Data must be a vector, saw: ${input.shape}`, 'SHAPE');
  const splitsTensor = convertToTensor(dataSplits, 'dataSplits', 'stringNGrams');
  assert(splitsTensor.dtype === 'int32', () => 'Data splits must be of datatype int32', 'DTYPE');
  const texts = bytesOf(input).map(bytes => decodeString(bytes));
  const splits = /** @type {number[]} */ (Array.from(splitsTensor.dataSync()));
  assertSplits(splits, texts.length);
  const padOf = (/** @type {number} */ width) => Math.min(padWidth < 0 ? width - 1 : padWidth, width - 1);
  const countOf = (/** @type {number} */ length, /** @type {number} */ width) => Math.max(0, length + 2 * padOf(width) - width + 1);
  /** @type {string[]} */
  const grams = [];
  const gramsSplits = splits.length === 0 ? [] : [0];
  splits.slice(1).forEach((end, i) => {
    const part = texts.slice(splits[i], end);
    const before = grams.length;
    const add = (/** @type {string[]} */ list) => list.forEach(gram => grams.push(gram));
    for (const width of nGramWidths) add(gramsOf(part, width, padOf(width), countOf(part.length, width)));
    if (preserveShortSequences && grams.length === before && part.length > 0) add(short(part));
    gramsSplits.push(grams.length);
  });
  return { nGrams: strings(grams, [grams.length]), nGramsSplits: ints(gramsSplits, [gramsSplits.length]) };

  /** @param {string[]} part @param {number} width @param {number} pad @param {number} count */
  function gramsOf(part, width, pad, count) {
    const padded = [...new Array(pad).fill(leftPad), ...part, ...new Array(pad).fill(rightPad)];
    return Array.from({ length: count }, (_, start) => padded.slice(start, start + width).join(separator));
  }

  /** A part shorter than all widths, whole. @param {string[]} part */
  function short(part) {
    if (padWidth === 0) return [part.join(separator)];
    const pad = padWidth < 0 ? 0 : padWidth;
    return gramsOf(part, part.length + 2 * pad, pad, 1);
  }
});

/** @param {number[]} splits @param {number} size */
function assertSplits(splits, size) {
  if (size > 0 && splits.length > 0 && splits[0] !== 0) throw failure('INVALID_ARGUMENT', `First split value must be 0, got ${splits[0]}`);
  splits.slice(1).forEach((end, i) => {
    if (end < splits[i] || end > size) throw failure('INVALID_ARGUMENT', `Invalid split value ${end}, must be in [${splits[i]}, ${size}]`);
  });
  const last = splits.at(-1);
  if (splits.length > 0 && last !== size) {
    throw failure('INVALID_ARGUMENT', `Last split value must be data size. Expected ${size}, got ${last}`);
  }
}

/**
 * The parts of a text between any of the delimiter's bytes; its bytes one by one where there is no delimiter.
 * @param {Uint8Array} text
 * @param {Uint8Array} delimiters
 * @param {boolean} skipEmpty
 * @returns {Uint8Array[]}
 */
function splitText(text, delimiters, skipEmpty) {
  if (text.length === 0) return [];
  if (delimiters.length === 0) return Array.from(text, (_, i) => text.subarray(i, i + 1));
  /** @type {Uint8Array[]} */
  const parts = [];
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && !delimiters.includes(text[i])) continue;
    if (!skipEmpty || i > start) parts.push(text.slice(start, i));
    start = i + 1;
  }
  return parts;
}

/**
 * The parts of each text, as a sparse tensor.
 * @type {(input: TensorLike, delimiter: TensorLike, skipEmpty?: boolean) => {indices: Tensor, values: Tensor, shape: Tensor}}
 */
const stringSplit = op('stringSplit', (input, delimiter, skipEmpty = true) => {
  const texts = convertToTensor(input, 'input', 'stringSplit', 'string');
  const separator = convertToTensor(delimiter, 'delimiter', 'stringSplit', 'string');
  assert(texts.rank === 1, () => `Input should be Tensor1D but received shape ${texts.shape}`, 'SHAPE');
  assert(separator.rank === 0, () => `Delimiter should be a scalar but received shape ${separator.shape}`, 'SHAPE');
  const [between] = bytesOf(separator);
  const parts = bytesOf(texts).map(text => splitText(text, between, skipEmpty));
  const values = parts.flat();
  const indices = parts.flatMap((list, row) => list.flatMap((_, column) => [row, column]));
  return {
    indices: ints(indices, [values.length, 2]),
    values: strings(values, [values.length]),
    shape: ints([parts.length, parts.reduce((most, list) => Math.max(most, list.length), 0)], [2]),
  };
});

/** The number of a bucket for each text. @type {(input: TensorLike, numBuckets: number) => Tensor} */
const stringToHashBucketFast = op('stringToHashBucketFast', (input, numBuckets) => {
  const texts = convertToTensor(input, 'input', 'stringToHashBucketFast', 'string');
  assert(numBuckets > 0, () => 'Number of buckets must be at least 1');
  const buckets = new Long(BigInt(numBuckets));
  return ints(bytesOf(texts).map(text => fingerPrint64(text).mod(buckets).getLowBitsUnsigned()), texts.shape);
});

/**
 * Texts with what a regular expression finds replaced.
 * @type {(input: TensorLike, pattern: string, rewrite: string, replaceGlobal?: boolean) => Tensor}
 */
const staticRegexReplace = op('staticRegexReplace', (input, pattern, rewrite, replaceGlobal = true) => {
  const texts = convertToTensor(input, 'input', 'staticRegexReplace', 'string');
  const expression = new RegExp(pattern, replaceGlobal ? 'g' : '');
  return strings(bytesOf(texts).map(text => encodeString(decodeString(text).replace(expression, rewrite))), texts.shape);
});

export const string = { stringNGrams, stringSplit, stringToHashBucketFast, staticRegexReplace };
