// Written by scripts/generate-bindings.mjs from converter/convert.h.
const OUT_BYTES = 8;

/**
 * The functions of convert.h over a WebAssembly heap.
 * @param {import('./heap.js').Heap} heap
 * @returns {Omit<import('./native.gen.js').Converter, 'async'>}
 */
export function bindConverter(heap) {
  return {
    convertFiles: heap.scoped((options_json, data) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_convert_files(heap.context, heap.optionalText(options_json), ...heap.bytes(data), out, out + 4));
      return heap.copy(heap.uint32(out), heap.uint32(out + 4));
    }),
    inspectFiles: heap.scoped((options_json, data) => {
      const out = heap.reserve(OUT_BYTES);
      heap.check(heap.exports.horn_inspect_files(heap.context, heap.optionalText(options_json), ...heap.bytes(data), out));
      return heap.string(heap.uint32(out));
    }),
  };
}
