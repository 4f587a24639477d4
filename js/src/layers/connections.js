/** The connections of a Functional in configs: calls read and made again, and calls written. */
import { toPythonConfig } from './config.js';
import { layerError, valueError } from './errors.js';
import { toCamelCase } from './names.js';

/** @import { Kwargs, Layer } from './layer.js' */
/** @import { LayerJSON } from './registry.js' */
/** @import { Node, SymbolicTensor } from './topology.js' */

/**
 * [layer's name, which of its calls, which of that call's outputs, keyword arguments]
 * @typedef {[string, number, number, Kwargs?]} Reference
 */

/**
 * Makes the layers of a Functional's config, and connects them as its nodes say.
 * @param {any} config in either spelling
 * @param {(json: LayerJSON, index: number) => Layer} create
 * @param {(layer: Layer, inputs: SymbolicTensor[], kwargs: Kwargs) => void} connect
 */
export function connectLayers(config, create, connect) {
  const entries = /** @type {any[]} */ (config.layers);
  const nameOf = (/** @type {any} */ entry) => /** @type {string} */ (entry.name ?? entry.config.name);
  const layers = new Map(entries.map((entry, i) => [nameOf(entry), create(entry, i)]));
  const find = (/** @type {Reference} */ [name, node, tensor]) => {
    const layer = layers.get(name);
    if (layer === undefined) throw valueError(`A node refers to the layer "${name}", which is not there`, 'FORMAT');
    return layer.inboundNodes[node]?.outputTensors[tensor];
  };
  const waiting = entries.map(entry => ({
    layer: /** @type {Layer} */ (layers.get(nameOf(entry))),
    calls: /** @type {any[]} */ (entry.inboundNodes ?? entry.inbound_nodes ?? []).map(call => readCall(call, name => layers.has(name))),
  }));
  for (let isMoving = true; isMoving;) {
    isMoving = false;
    for (const { layer, calls } of waiting) {
      while (calls.length > 0) {
        const [{ references, kwargs, named }] = calls;
        const inputs = references.map(find);
        const arguments_ = named.map(([key, reference]) => [key, find(reference)]);
        if ([...inputs, ...arguments_.map(([, tensor]) => tensor)].some(tensor => tensor === undefined)) break;
        calls.splice(0, 1);
        connect(layer, /** @type {SymbolicTensor[]} */ (inputs), { ...kwargs, ...Object.fromEntries(arguments_) });
        isMoving = true;
      }
    }
  }
  const stuck = waiting.find(({ calls }) => calls.length > 0);
  if (stuck !== undefined) throw layerError('RuntimeError', `The inputs of layer "${stuck.layer.name}" are never made`, 'FORMAT');
  const ends = (/** @type {Reference[]} */ references) => references.map(reference => {
    const tensor = find(reference);
    if (tensor !== undefined) return tensor;
    const [name, call, output] = reference;
    throw valueError(`The model refers to output ${output} of call ${call} of the layer "${name}", which is not there`, 'FORMAT');
  });
  return { inputs: ends(config.inputLayers ?? config.input_layers), outputs: ends(config.outputLayers ?? config.output_layers) };
}

/**
 * A call in a file: inputs, keyword arguments, and those of them that are tensors.
 * @typedef {{references: Reference[], kwargs: Kwargs, named: [string, Reference][]}} Call
 */

/**
 * @param {any} call [[layer, node, tensor, keyword arguments], ...]; of an operation {args, kwargs}
 * @param {(name: string) => boolean} isLayer
 * @returns {Call}
 */
function readCall(call, isLayer) {
  if (!Array.isArray(call)) return { references: [...referencesIn(call, isLayer)], kwargs: { operation: call }, named: [] };
  const all = Object.entries(Object.assign({}, ...call.map(reference => reference[3] ?? {})))
    .map(([key, value]) => /** @type {[string, any]} */ ([toCamelCase(key), value]));
  const isTensor = (/** @type {[string, any]} */ [, value]) => isReference(value, isLayer);
  return { references: call, kwargs: Object.fromEntries(all.filter(entry => !isTensor(entry))), named: all.filter(isTensor) };
}

/** @param {any} value @param {(name: string) => boolean} isLayer */
function isReference(value, isLayer) {
  const [name, node, tensor] = Array.isArray(value) ? value : [];
  return typeof name === 'string' && Number.isInteger(node) && Number.isInteger(tensor) && isLayer(name);
}

/**
 * The tensors that an operation's arguments name, in their order.
 * @param {any} value
 * @param {(name: string) => boolean} isLayer
 * @returns {Generator<Reference>}
 */
function* referencesIn(value, isLayer) {
  if (isReference(value, isLayer)) yield value;
  else if (value !== null && typeof value === 'object') for (const member of Object.values(value)) yield* referencesIn(member, isLayer);
}

/**
 * A call as files have it.
 * @param {Node} node
 * @param {(tensor: SymbolicTensor) => any[]} reference
 */
export function writtenCall({ callArgs, inputTensors, outboundLayer }, reference) {
  const { slots, operation, masked, ...kwargs } = callArgs;
  if (operation !== undefined) return operation;
  const named = Object.fromEntries((slots ?? []).flatMap((/** @type {number} */ slot, /** @type {number} */ i) =>
    (slot === i ? [] : [[outboundLayer.parameterName(slot), reference(inputTensors[i])]])));
  if (masked !== undefined) named.mask = reference(inputTensors[masked]);
  const written = { ...writableArguments(kwargs, outboundLayer.name), ...named };
  return inputTensors.filter((_, i) => (slots === undefined || slots[i] === i) && i !== masked)
    .map(tensor => [...reference(tensor), written]);
}

/** A call in Keras's spelling; that of an operation is in it already. @param {any} call */
export const fileCall = call => (Array.isArray(call) ? toPythonConfig(call, 'inboundNodes') : call);

/** @param {Kwargs} kwargs @param {string} layer @returns {Kwargs} */
function writableArguments(kwargs, layer) {
  const isObject = (/** @type {unknown} */ value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  if (!Object.values(kwargs).some(value => typeof value === 'function' || isObject(value))) return kwargs;
  console.warn(`Layer ${layer} was passed non-serializable keyword arguments: ${Object.keys(kwargs)}. ` +
    'They will not be included in the serialized model (and thus will be missing at deserialization time).');
  return {};
}
