/** model.summary(): TensorFlow.js's table, character by character. */
import { countElements } from './weights.js';

/** @import { Layer } from './layer.js' */
/** @import { LayerVariable } from './weights.js' */

/** @typedef {{layers: Layer[], trainableWeights: LayerVariable[], nonTrainableWeights: LayerVariable[]}} Summarized */

/**
 * @param {Summarized} model
 * @param {number | undefined} lineLength in characters
 * @param {number[] | undefined} positions where columns end: characters, or fractions of the line
 * @param {(line: string) => void} printFn
 */
export function printSummary(model, lineLength, positions, printFn) {
  const isChain = isChainOfLayers(model.layers);
  const width = lineLength || (isChain ? 90 : 115);
  const ends = columnEnds(positions || (isChain ? [0.32, 0.61, 0.89, 1] : [0.24, 0.48, 0.7, 0.8, 1]), width);
  const print = (/** @type {string[]} */ fields) => printFn(row(fields, ends));
  printFn('_'.repeat(width));
  print(['Layer (type)', 'Input Shape', 'Output shape', 'Param #', ...(isChain ? [] : ['Receives inputs'])]);
  printFn('='.repeat(width));
  model.layers.forEach((layer, i) => {
    for (const fields of rowsOf(layer, isChain)) print(fields);
    printFn((i === model.layers.length - 1 ? '=' : '_').repeat(width));
  });
  const trainable = countElements(model.trainableWeights);
  const fixed = countElements(model.nonTrainableWeights);
  printFn(`Total params: ${trainable + fixed}`);
  printFn(`Trainable params: ${trainable}`);
  printFn(`Non-trainable params: ${fixed}`);
  printFn('_'.repeat(width));
}

/**
 * @param {number[]} positions
 * @param {number} width
 */
function columnEnds(positions, width) {
  return positions[positions.length - 1] <= 1 ? positions.map(position => Math.floor(width * position)) : positions;
}

/**
 * @param {string[]} fields
 * @param {number[]} ends
 */
function row(fields, ends) {
  return fields.reduce((line, field, i) => {
    const start = i === 0 ? '' : `${line.slice(0, -1)} `;
    return (start + field).slice(0, ends[i]).padEnd(ends[i]);
  }, '');
}

/**
 * @param {Layer} layer
 * @param {boolean} isChain
 * @returns {string[][]} one row, and one more for each further input
 */
function rowsOf(layer, isChain) {
  // A model within a model was called once more, when it was made; so TensorFlow.js sees two calls, and of those no single shape.
  const isModel = ['Sequential', 'Functional'].includes(layer.getClassName());
  const inputs = [...(isModel ? layer.inputShapes.slice(0, 1) : []), ...layer.inputShapes].map(shapes => JSON.stringify(shapes)).join(',');
  const output = isModel ? 'multiple' : JSON.stringify(layer.outputShape);
  const first = [`${layer.name} (${layer.getClassName()})`, inputs, output, String(layer.countParams())];
  if (isChain) return [first];
  const [connection = '', ...more] = layer.inbound.flat().map(([name, call, output]) => `${name}[${call}][${output}]`);
  return [[...first, connection], ...more.map(text => ['', '', '', '', text])];
}

/**
 * Whether each layer is called once, on one tensor, and no two layers take the same one.
 * @param {Layer[]} layers
 */
function isChainOfLayers(layers) {
  const sources = layers.flatMap(layer => layer.inbound.flat().map(([name, call]) => `${call} ${name}`));
  const isCalledSimply = (/** @type {Layer} */ layer) => layer.inbound.length <= 1 && (layer.inbound[0]?.length ?? 0) <= 1;
  const hasOneEnd = sources.length === 0 || sources.length === layers.length - 1;
  return layers.every(isCalledSimply) && new Set(sources).size === sources.length && hasOneEnd;
}
