/** A model's topology as Keras 3 writes it, since TensorBoard draws connections of that form alone. */

/** @param {[string, number, number, ...any[]]} reference [layer, node, tensor], as Keras 2 and TensorFlow.js have it */
const tensorOf = ([name, node, tensor]) => ({ class_name: '__keras_tensor__', config: { keras_history: [name, node, tensor] } });

/** @param {any} node of inbound_nodes: a list of references @returns {any} */
function inboundNode(node) {
  const tensors = node.filter((/** @type {any} */ reference) => Array.isArray(reference)).map(tensorOf);
  return { args: tensors.length === 1 ? tensors : [tensors], kwargs: {} };
}

/** A Sequential shows its input, which is no layer of it. @param {any[]} layers */
function withInput(layers) {
  const [first] = layers;
  const shape = first?.config.batch_input_shape;
  if (shape == null || first.class_name === 'InputLayer') return layers;
  const config = { name: `${first.config.name}_input`, batch_shape: shape, dtype: first.config.dtype ?? 'float32' };
  return [{ class_name: 'InputLayer', config }, ...layers];
}

/**
 * @param {any} topology of a model or layer, {class_name, config}
 * @returns {any}
 */
export function kerasForm(topology) {
  const { config, inbound_nodes: nodes, ...rest } = topology;
  if (!Array.isArray(config?.layers)) return nodes === undefined ? topology : { ...topology, inbound_nodes: nodes.map(inboundNode) };
  const layers = rest.class_name === 'Sequential' ? withInput(config.layers) : config.layers;
  return { ...rest, config: { ...config, layers: layers.map(kerasForm) }, ...nodes !== undefined && { inbound_nodes: nodes.map(inboundNode) } };
}
