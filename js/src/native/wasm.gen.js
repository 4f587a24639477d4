// Written by scripts/generate-bindings.mjs from core/include/hornbeam.h.
/** Results of one call whose number it says: at most this many handles. */
const MAX_RESULTS = 512;
const OUT_BYTES = 4 + 4 * MAX_RESULTS;

/**
 * The functions of hornbeam.h over a WebAssembly heap.
 * @param {import('./heap.js').Heap} heap
 * @returns {Omit<import('./native.gen.js').Native, 'async'>}
 */
export function bindHeap(heap) {
  return {
    version: () => heap.string(heap.exports.horn_version()),
    describe: heap.scoped(() => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_describe(heap.context, out));
      return heap.string(heap.uint32(out));
    }),
    memory: heap.scoped(() => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_memory(heap.context, out));
      return heap.string(heap.uint32(out));
    }),
    tensorCreate: heap.scoped((dtype, shape, data) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_tensor_create(heap.context, heap.number(dtype), ...heap.shape(shape), ...heap.bytes(data), out));
      return heap.uint32(out);
    }),
    tensorRelease: heap.scoped((tensor) => {
      heap.check(heap.exports.horn_tensor_release(heap.context, heap.number(tensor)));
    }),
    tensorInfo: heap.scoped((tensor) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_tensor_info(heap.context, heap.number(tensor), out, out + 16, out + 4));
      return heap.info(out);
    }),
    tensorRead: heap.scoped((tensor, data) => {
      heap.check(heap.exports.horn_tensor_read(heap.context, heap.number(tensor), ...heap.room(data)));
      heap.fill(data);
    }),
    tensorWrite: heap.scoped((tensor, data) => {
      heap.check(heap.exports.horn_tensor_write(heap.context, heap.number(tensor), ...heap.bytes(data)));
    }),
    tensorAssign: heap.scoped((target, source) => {
      heap.check(heap.exports.horn_tensor_assign(heap.context, heap.number(target), heap.number(source)));
    }),
    tensorStrings: heap.scoped((tensor) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_tensor_strings(heap.context, heap.number(tensor), out, out + 4));
      return heap.copy(heap.uint32(out), heap.uint32(out + 4));
    }),
    tensorReshape: heap.scoped((tensor, shape) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_tensor_reshape(heap.context, heap.number(tensor), ...heap.shape(shape), out));
      return heap.uint32(out);
    }),
    op: heap.scoped((name, attrs_json, inputs, types) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_op(heap.context, heap.text(name), heap.optionalText(attrs_json), ...heap.handles(inputs), out + 4, MAX_RESULTS, out));
      return heap.typed(out + 4, heap.uint32(out), types);
    }),
    graphCreate: heap.scoped(() => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_graph_create(heap.context, out));
      return heap.uint32(out);
    }),
    graphRelease: heap.scoped((graph) => {
      heap.check(heap.exports.horn_graph_release(heap.context, heap.number(graph)));
    }),
    graphInput: heap.scoped((graph, dtype, shape) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_graph_input(heap.context, heap.number(graph), heap.number(dtype), ...heap.shape(shape), out));
      return heap.uint32(out);
    }),
    graphWeight: heap.scoped((graph, tensor) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_graph_weight(heap.context, heap.number(graph), heap.number(tensor), out));
      return heap.uint32(out);
    }),
    graphGradients: heap.scoped((graph, ys, dys, xs, types) => {
      const out = heap.reserve(4 * xs.length);
      heap.check(heap.exports.horn_graph_gradients(heap.context, heap.number(graph), ...heap.handles(ys), heap.like(dys, ys), ...heap.handles(xs), out));
      return heap.typed(out, xs.length, types);
    }),
    graphSource: heap.scoped((tensor, name) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_graph_source(heap.context, heap.number(tensor), heap.text(name), out));
      return heap.uint32(out);
    }),
    graphUpdate: heap.scoped((graph, weight, value) => {
      heap.check(heap.exports.horn_graph_update(heap.context, heap.number(graph), heap.number(weight), heap.number(value)));
    }),
    graphRun: heap.scoped((graph, inputs, wanted, types) => {
      const out = heap.reserve(4 * wanted.length);
      heap.check(heap.exports.horn_graph_run(heap.context, heap.number(graph), ...heap.handles(inputs), ...heap.handles(wanted), out));
      return heap.typed(out, wanted.length, types);
    }),
    layerDescribe: heap.scoped((json, inputs_json) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_layer_describe(heap.context, heap.text(json), heap.optionalText(inputs_json), out));
      return heap.string(heap.uint32(out));
    }),
    layerCall: heap.scoped((json, options_json, tensors, types) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_layer_call(heap.context, heap.text(json), heap.optionalText(options_json), ...heap.handles(tensors), out + 4, MAX_RESULTS, out));
      return heap.typed(out + 4, heap.uint32(out), types);
    }),
    topology: heap.scoped((json, options_json) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_topology(heap.context, ...heap.sizedText(json), heap.optionalText(options_json), out));
      return heap.string(heap.uint32(out));
    }),
    modelLoad: heap.scoped((json, weights, options_json) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_model_load(heap.context, ...heap.sizedText(json), ...heap.bytes(weights), heap.optionalText(options_json), out));
      return heap.uint32(out);
    }),
    modelRelease: heap.scoped((model) => {
      heap.check(heap.exports.horn_model_release(heap.context, heap.number(model)));
    }),
    modelDescribe: heap.scoped((model) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_model_describe(heap.context, heap.number(model), out));
      return heap.string(heap.uint32(out));
    }),
    modelTopology: heap.scoped((model) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_model_topology(heap.context, heap.number(model), out));
      return heap.string(heap.uint32(out));
    }),
    modelWeight: heap.scoped((model, index) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_model_weight(heap.context, heap.number(model), heap.number(index), out));
      return heap.uint32(out);
    }),
    modelShareWeight: heap.scoped((model, index, tensor) => {
      heap.check(heap.exports.horn_model_share_weight(heap.context, heap.number(model), heap.number(index), heap.number(tensor)));
    }),
    modelSetWeight: heap.scoped((model, index, tensor) => {
      heap.check(heap.exports.horn_model_set_weight(heap.context, heap.number(model), heap.number(index), heap.number(tensor)));
    }),
    modelResetStates: heap.scoped((model) => {
      heap.check(heap.exports.horn_model_reset_states(heap.context, heap.number(model)));
    }),
    modelPredict: heap.scoped((model, inputs, types) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_model_predict(heap.context, heap.number(model), ...heap.handles(inputs), out + 4, MAX_RESULTS, out));
      return heap.typed(out + 4, heap.uint32(out), types);
    }),
  };
}
