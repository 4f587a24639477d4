/** The layers between inputs and outputs: which there are, and an order in which they can be computed. */
import { layerError } from './errors.js';

/** @import { Layer } from './layer.js' */
/** @import { Node, SymbolicTensor } from './topology.js' */

/**
 * @typedef {object} Graph
 * @property {Layer[]} layers from inputs to outputs
 * @property {Node[]} nodes in an order in which they can be computed
 * @property {Node[][]} levels the nodes by their distance from the outputs, the farthest first
 */

/** @param {SymbolicTensor} tensor @returns {Node} */
const nodeOf = tensor => tensor.sourceLayer.inboundNodes[tensor.nodeIndex];

/**
 * All calls that outputs depend on, each after those it depends on; and the layers in the order in which they were met.
 * @param {SymbolicTensor[]} outputs
 */
function collect(outputs) {
  /** @type {Set<Node>} */
  const finished = new Set();
  /** @type {Set<Node>} */
  const open = new Set();
  /** @type {Set<Layer>} */
  const met = new Set();
  const stack = outputs.toReversed().map(output => ({ node: nodeOf(output), isLeft: false }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, isLeft } = top;
    if (isLeft) {
      open.delete(node);
      finished.add(node);
    } else if (!finished.has(node)) {
      if (open.has(node)) {
        throw layerError('RuntimeError', `The tensor ${node.outputTensors[0]?.name} ` +
          `at layer "${node.outboundLayer.name}" is part of a cycle.`, 'FORMAT');
      }
      open.add(node);
      met.add(node.outboundLayer);
      stack.push({ node, isLeft: true },
        ...node.inboundLayers.length === 0 ? [] : node.inputTensors.toReversed().map(tensor => ({ node: nodeOf(tensor), isLeft: false })));
    }
  }
  return { nodes: [...finished], met: [...met] };
}

/**
 * How far each layer, and each call, is from the outputs.
 * @param {Node[]} nodes
 */
function depthsOf(nodes) {
  /** @type {Map<Node, number>} */
  const nodeDepths = new Map();
  /** @type {Map<Layer, number>} */
  const layerDepths = new Map();
  for (const node of nodes.toReversed()) {
    const depth = Math.max(nodeDepths.get(node) ?? 0, layerDepths.get(node.outboundLayer) ?? 0);
    layerDepths.set(node.outboundLayer, depth);
    nodeDepths.set(node, depth);
    if (node.inboundLayers.length === 0) continue;
    for (const before of node.inputTensors.map(nodeOf)) nodeDepths.set(before, Math.max(depth + 1, nodeDepths.get(before) ?? 0));
  }
  return { layerDepths, nodeDepths };
}

/** @param {Map<Node, number>} depths */
function levelsOf(depths) {
  /** @type {Node[][]} */
  const levels = [];
  for (const [node, depth] of depths) (levels[depth] ??= []).push(node);
  return levels.filter(level => level !== undefined).reverse();
}

/**
 * The layers and calls between tensors.
 * @param {SymbolicTensor[]} inputs
 * @param {SymbolicTensor[]} outputs
 * @returns {Graph}
 */
export function graphBetween(inputs, outputs) {
  const { nodes, met } = collect(outputs);
  assertConnected(inputs, nodes);
  const { layerDepths: depths, nodeDepths } = depthsOf(nodes);
  for (const { sourceLayer } of inputs) {
    if (met.includes(sourceLayer)) continue;
    met.push(sourceLayer);
    depths.set(sourceLayer, 0);
  }
  const places = new Map(met.map((layer, i) => [layer, i]));
  const depth = (/** @type {Layer} */ layer) => depths.get(layer) ?? 0;
  const place = (/** @type {Layer} */ layer) => places.get(layer) ?? 0;
  const layers = met.toSorted((a, b) => depth(b) - depth(a) || place(a) - place(b));
  assertUniqueNames(layers);
  return { layers, nodes, levels: levelsOf(nodeDepths) };
}

/**
 * Everything must come from the inputs.
 * @param {SymbolicTensor[]} inputs
 * @param {Node[]} nodes
 */
function assertConnected(inputs, nodes) {
  const known = new Set(inputs);
  /** @type {string[]} */
  const reached = [];
  for (const node of nodes) {
    if (node.inboundLayers.length > 0) {
      const missing = node.inputTensors.find(tensor => !known.has(tensor));
      if (missing !== undefined) {
        throw layerError('RuntimeError', `Graph disconnected: cannot obtain value for tensor ${missing.name} ` +
          `at layer "${node.outboundLayer.name}". ` +
          `The following previous layers were accessed without issue: ${reached}`);
      }
      reached.push(node.outboundLayer.name);
      for (const tensor of node.outputTensors) known.add(tensor);
    } else if (!node.outputTensors.every(tensor => known.has(tensor))) {
      throw layerError('RuntimeError', `Graph disconnected: cannot obtain value for tensor ${node.outputTensors[0].name} ` +
        `at layer "${node.outboundLayer.name}". ` +
        `The following previous layers were accessed without issue: ${reached}`);
    }
  }
}

/** @param {Layer[]} layers */
function assertUniqueNames(layers) {
  const names = layers.map(layer => layer.name);
  const twice = names.find((name, i) => names.indexOf(name, i + 1) !== -1);
  if (twice === undefined) return;
  const times = names.filter(name => name === twice).length;
  throw layerError('RuntimeError', `The name "${twice}" is used ${times} times in the model. All layer names should be unique. ` +
    `Layer names: ${JSON.stringify(names)}`);
}

/**
 * The inputs that a tensor comes from.
 * @param {SymbolicTensor} tensor
 * @returns {SymbolicTensor[]}
 */
export function sourceInputs(tensor) {
  const { nodes } = collect([tensor]);
  return nodes.filter(node => node.inboundLayers.length === 0).flatMap(node => node.inputTensors);
}
