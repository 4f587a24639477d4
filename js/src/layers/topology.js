/** What a graph of layers is made of: symbolic tensors between layers, nodes for calls, and what a layer expects of its inputs. */
import { valueError } from './errors.js';
import { scopedName, uniqueName } from './names.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */
/** @import { Layer } from './layer.js' */

/** A dimension of null is any size. @typedef {(number | null)[]} Shape */

let tensors = 0;

/** A tensor between layers that has no elements. */
export class SymbolicTensor {
  /**
   * @param {DataType} dtype
   * @param {Shape} shape
   * @param {Layer | null} sourceLayer the layer that makes it
   * @param {SymbolicTensor[]} inputs what that layer was called on
   * @param {Record<string, any>} callArgs
   * @param {string} [name]
   * @param {number} [outputTensorIndex]
   */
  constructor(dtype, shape, sourceLayer, inputs, callArgs, name, outputTensorIndex) {
    this.dtype = dtype;
    this.shape = shape;
    this.sourceLayer = /** @type {Layer} */ (sourceLayer);
    this.inputs = inputs;
    this.callArgs = callArgs;
    this.outputTensorIndex = outputTensorIndex;
    this.id = tensors++;
    if (name != null) {
      this.originalName = scopedName(name);
      this.name = uniqueName(this.originalName);
    } else {
      this.originalName = this.name = '';
    }
    this.rank = shape.length;
    /** Which call of sourceLayer made it, and which of its outputs it is; the call's Node sets them. */
    this.nodeIndex = 0;
    this.tensorIndex = 0;
  }
}

/**
 * @typedef {object} NodeParts
 * @property {Layer} outboundLayer
 * @property {(Layer | null)[]} inboundLayers
 * @property {number[]} nodeIndices
 * @property {number[]} tensorIndices
 * @property {SymbolicTensor[]} inputTensors
 * @property {SymbolicTensor[]} outputTensors
 * @property {any[]} [inputMasks]
 * @property {any[]} [outputMasks]
 * @property {Shape[]} inputShapes
 * @property {Shape | Shape[]} outputShapes
 */

let nodes = 0;

/** One call of a layer on symbolic tensors; it enters the lists of the layers that it connects. */
export class Node {
  /**
   * @param {NodeParts} parts
   * @param {Record<string, any>} [callArgs]
   */
  constructor(parts, callArgs = {}) {
    this.id = nodes++;
    this.outboundLayer = parts.outboundLayer;
    this.inboundLayers = parts.inboundLayers;
    this.nodeIndices = parts.nodeIndices;
    this.tensorIndices = parts.tensorIndices;
    this.inputTensors = parts.inputTensors;
    this.outputTensors = parts.outputTensors;
    this.inputMasks = parts.inputMasks ?? parts.inputTensors.map(() => null);
    this.outputMasks = parts.outputMasks ?? parts.outputTensors.map(() => null);
    this.inputShapes = parts.inputShapes;
    this.outputShapes = parts.outputShapes;
    this.callArgs = callArgs;
    for (const layer of parts.inboundLayers) layer?.outboundNodes.push(this);
    parts.outboundLayer.inboundNodes.push(this);
  }

  getConfig() {
    return {
      outboundLayer: this.outboundLayer.name,
      inboundLayers: this.inboundLayers.map(layer => layer?.name ?? null),
      nodeIndices: this.nodeIndices,
      tensorIndices: this.tensorIndices,
    };
  }
}

/**
 * What a layer expects of an input.
 * @typedef {object} InputSpecArgs
 * @property {DataType} [dtype]
 * @property {Shape} [shape]
 * @property {number} [ndim]
 * @property {number} [maxNDim]
 * @property {number} [minNDim]
 * @property {Record<number, number>} [axes] sizes of axes
 */

/** What a layer expects of an input. */
export class InputSpec {
  /** @param {InputSpecArgs} args */
  constructor({ dtype, shape, ndim, maxNDim, minNDim, axes }) {
    this.dtype = dtype;
    this.shape = shape;
    this.ndim = shape == null ? ndim : shape.length;
    this.maxNDim = maxNDim;
    this.minNDim = minNDim;
    this.axes = axes ?? {};
  }
}

/** @typedef {SymbolicTensor | Tensor} AnyTensor */

/**
 * Throws where inputs are not what a layer expects.
 * @param {string} layer its name
 * @param {(InputSpecArgs | null | undefined)[]} specs
 * @param {AnyTensor[]} inputs
 */
export function assertInputs(layer, specs, inputs) {
  if (inputs.length !== specs.length) {
    throw valueError(`Layer ${layer} expects ${specs.length} inputs, but it received ${inputs.length} input tensors. Input received: ${inputs}`);
  }
  inputs.forEach((input, i) => {
    const spec = specs[i];
    if (spec != null) assertInput(`Input ${i} is incompatible with layer ${layer}`, spec, input);
  });
}

/**
 * @param {string} which for the message
 * @param {InputSpecArgs} spec
 * @param {AnyTensor} input
 */
function assertInput(which, spec, { shape, dtype }) {
  const ndim = shape.length;
  if (spec.ndim != null && ndim !== spec.ndim) throw valueError(`${which}: expected ndim=${spec.ndim}, found ndim=${ndim}`, 'SHAPE');
  if (spec.maxNDim != null && ndim > spec.maxNDim) throw valueError(`${which}: expected max_ndim=${spec.maxNDim}, found ndim=${ndim}`, 'SHAPE');
  if (spec.minNDim != null && ndim < spec.minNDim) throw valueError(`${which}: expected min_ndim=${spec.minNDim}, found ndim=${ndim}.`, 'SHAPE');
  if (spec.dtype != null && dtype !== spec.dtype) throw valueError(`${which} : expected dtype=${spec.dtype}, found dtype=${dtype}.`, 'DTYPE');
  for (const [key, expected] of Object.entries(spec.axes ?? {})) {
    const found = shape.at(Number(key));
    if (expected != null && found !== expected && found != null) {
      throw valueError(`${which}: expected axis ${key} of input shape to have value ${expected} but got shape ${shape}.`, 'SHAPE');
    }
  }
  const { shape: wanted } = spec;
  if (wanted != null && shape.some((dimension, i) => wanted[i] != null && dimension != null && wanted[i] !== dimension)) {
    throw valueError(`${which}: expected shape=${wanted}, found shape=${shape}.`, 'SHAPE');
  }
}
