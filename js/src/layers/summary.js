/** model.summary(): TensorFlow.js's table, character by character. */
import { countElements } from './variable.js';

/** @import { Layer } from './layer.js' */
/** @import { Net } from './container.js' */
/** @import { Node } from './topology.js' */
/** @import { LayerVariable } from './variable.js' */

/** @typedef {{layers: Layer[], net: Net | null, trainableWeights: LayerVariable[], nonTrainableWeights: LayerVariable[]}} Summarized */

/**
 * @param {Summarized} model
 * @param {number | undefined} lineLength in characters
 * @param {number[] | undefined} positions where columns end: characters, or fractions of the line
 * @param {(line: string) => void} printFn
 */
export function printSummary(model, lineLength, positions, printFn) {
  const isChain = isChainOfLayers(model);
  const width = lineLength || (isChain ? 90 : 115);
  const ends = columnEnds(positions || (isChain ? [0.32, 0.61, 0.89, 1] : [0.24, 0.48, 0.7, 0.8, 1]), width);
  const print = (/** @type {string[]} */ fields) => printFn(row(fields, ends));
  printFn('_'.repeat(width));
  print(['Layer (type)', 'Input Shape', 'Output shape', 'Param #', ...(isChain ? [] : ['Receives inputs'])]);
  printFn('='.repeat(width));
  const relevant = isChain ? null : new Set(model.net?.nodes);
  model.layers.forEach((layer, i) => {
    for (const fields of rowsOf(layer, relevant)) print(fields);
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
 * @param {Set<Node> | null} relevant the model's own nodes, where connections are shown
 * @returns {string[][]} one row, and one more for each further input
 */
function rowsOf(layer, relevant) {
  const inputs = layer.inboundNodes.map(node => JSON.stringify(node.inputShapes)).join(',');
  const first = [`${layer.name} (${layer.getClassName()})`, inputs, outputShapeOf(layer), String(layer.countParams())];
  if (relevant === null) return [first];
  const [connection = '', ...more] = layer.inboundNodes.filter(node => relevant.has(node))
    .flatMap(node => node.inboundLayers.map((inbound, i) => `${inbound?.name}[${node.nodeIndices[i]}][${node.tensorIndices[i]}]`));
  return [[...first, connection], ...more.map(text => ['', '', '', '', text])];
}

/** @param {Layer} layer */
function outputShapeOf(layer) {
  try {
    return JSON.stringify(layer.outputShape);
  } catch {
    return 'multiple';
  }
}

/**
 * Whether each layer is called once, on one tensor, and no two stand side by side.
 * @param {Summarized} model
 */
function isChainOfLayers({ layers, net }) {
  const levels = net?.levels ?? [];
  if (levels.some(level => level.length > 1 || level[0].inboundLayers.length > 1)) return false;
  const nodes = new Set(levels.flat());
  return layers.every(layer => layer.inboundNodes.filter(node => nodes.has(node)).length <= 1);
}
