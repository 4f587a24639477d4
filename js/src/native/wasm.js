/** Opens the WebAssembly build: the variant that the engine can run, on a heap of its own. */
import { errorOf } from './error.js';
import { Heap } from './heap.js';
import { bindConverter } from './converter.gen.js';
import { bindHeap } from './wasm.gen.js';

/** Modules of one function each that only validate where the engine has the feature. */
const PROBES = {
  // (func (result v128) i32.const 0 i8x16.splat)
  simd: [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11],
  // (func (result v128) three splats of 0, f32x4.relaxed_madd)
  relaxed: [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15,
    65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11],
};

/** @param {keyof typeof PROBES} feature */
export function supports(feature) {
  return WebAssembly.validate(new Uint8Array(PROBES[feature]));
}

/** Threads need shared memory; a browser gives it to cross-origin isolated pages. */
export function canShareMemory() {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  return typeof globalThis.crossOriginIsolated === 'boolean' ? globalThis.crossOriginIsolated : true;
}

/**
 * The variant to open: a name of wasm/CMakeLists.txt.
 * @param {{threads?: number}} options
 */
export function chooseVariant({ threads = 1 } = {}) {
  if (!supports('simd')) throw errorOf('UNSUPPORTED', 'this engine has no WebAssembly SIMD, which every build needs');
  const kind = supports('relaxed') ? 'relaxed' : 'simd';
  return threads > 1 && canShareMemory() ? `${kind}-threads` : kind;
}

/**
 * A context in a started Emscripten module.
 * @param {any} module @param {object} options for horn_context_create
 */
function openHeap(module, options) {
  const exports = Object.fromEntries(Object.keys(module).filter((key) => key.startsWith('_')).map((key) => [key.slice(1), module[key]]));
  const heap = new Heap(exports, () => module.wasmMemory.buffer);
  heap.scoped(() => {
    const out = heap.reserve(4);
    const status = exports.horn_context_create(heap.text(JSON.stringify(options)), out);
    heap.context = heap.uint32(out);
    heap.check(status);
  })();
  return heap;
}

/** @param {Heap} heap */
function bindNative(heap) {
  const functions = bindHeap(heap);
  const native = Object.assign(functions, directAccess(heap, functions));
  const async = {
    modelPredict: async (/** @type {number} */ model, /** @type {number[]} */ inputs) => native.modelPredict(model, inputs),
    modelLoad: async (/** @type {string} */ json, /** @type {Uint8Array | null} */ weights, /** @type {string | null} */ load) =>
      native.modelLoad(json, weights, load),
  };
  return Object.assign(native, { async });
}

/** The converter's module. @param {Heap} heap @returns {import('./native.gen.js').Converter} */
export function bindConverterHeap(heap) {
  const functions = bindConverter(heap);
  return { ...functions, async: { convertFiles: async (options, data) => functions.convertFiles(options, data) } };
}

/**
 * Elements go straight to and from a tensor's memory, without the copy that a C argument would be.
 * @param {Heap} heap @param {Omit<import('./native.gen.js').Native, 'async'>} native
 */
function directAccess(heap, native) {
  const create = native.tensorCreate;
  const string = JSON.parse(native.describe()).dtypes.indexOf('string');
  /** @param {number} tensor @param {number} bytes expected, or the C function shall say what is wrong */
  const address = heap.scoped((tensor, bytes) => {
    const out = heap.reserve(8);
    const status = heap.exports.horn_tensor_data(heap.context, tensor, out, out + 4); // strings lie elsewhere
    return status === 0 && heap.uint32(out + 4) === bytes ? heap.uint32(out) : 0;
  });
  const { tensorRead, tensorWrite } = native;
  return {
    tensorCreate(/** @type {number} */ dtype, /** @type {number[]} */ shape, /** @type {ArrayBufferView | null} */ data) {
      if (!data || dtype === string) return create(dtype, shape, data);
      const tensor = create(dtype, shape, null);
      const at = address(tensor, data.byteLength);
      if (at !== 0) {
        heap.write(at, data);
        return tensor;
      }
      native.tensorRelease(tensor);
      return create(dtype, shape, data); // throws: the sizes differ
    },
    tensorRead(/** @type {number} */ tensor, /** @type {ArrayBufferView} */ data) {
      heap.roomAt = address(tensor, data.byteLength);
      if (heap.roomAt === 0) tensorRead(tensor, data);
      else heap.fill(data);
    },
    tensorWrite(/** @type {number} */ tensor, /** @type {ArrayBufferView} */ data) {
      const at = address(tensor, data.byteLength);
      if (at === 0) tensorWrite(tensor, data);
      else {
        heap.write(at, data);
        heap.check(heap.exports.horn_tensor_write(heap.context, tensor, at, data.byteLength)); // says that they were written
      }
    },
  };
}

/**
 * Opens a variant. `factory` is the default export of its Emscripten module, `wasm` the compiled module or its bytes, `bind` what makes
 * functions of it: those of hornbeam.h where left out.
 * @param {{factory: Function, wasm: WebAssembly.Module | BufferSource, context: object, bind?: (heap: Heap) => any}} parts
 * @returns a promise for a variant with threads (their workers start asynchronously), the bindings themselves otherwise
 */
export function openWasm({ factory, wasm, context, bind = bindNative }) {
  const module = wasm instanceof WebAssembly.Module ? wasm : new WebAssembly.Module(wasm);
  const started = factory({
    instantiateWasm(/** @type {WebAssembly.Imports} */ imports, /** @type {Function} */ done) {
      const instance = new WebAssembly.Instance(module, imports);
      return done(instance, module);
    },
  });
  if (typeof started?.then === 'function') return started.then((/** @type {any} */ m) => bind(openHeap(m, context)));
  return bind(openHeap(started, context));
}
