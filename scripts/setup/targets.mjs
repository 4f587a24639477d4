/** What each use of the clone needs. Whatever a smaller target leaves out is still used when the cache already has it. */

/**
 * @typedef {object} Target
 * @property {string[]} tools system programs, keys of TOOLS in tools.mjs
 * @property {string[]} wasm WASM variants of XNNPACK to build, keys of WASM_VARIANTS in xnnpack.mjs
 * @property {boolean} nodes whether the other Node versions are needed
 * @property {boolean} keras whether real Keras is needed
 * @property {boolean} [tensorboard] whether real TensorBoard is
 */

const NATIVE_TOOLS = ['xz', 'cmake', 'ninja', 'clang', 'clangxx', 'ccache'];
const WASM_TOOLS = [...NATIVE_TOOLS, 'python'];

/** @type {Record<string, Target>} */
export const TARGETS = {
  native: { tools: NATIVE_TOOLS, wasm: [], nodes: false, keras: false },
  demo: { tools: WASM_TOOLS, wasm: ['simd', 'relaxed'], nodes: false, keras: false },
  test: {
    tools: [...WASM_TOOLS, 'sanitizers', 'symbolizer', 'chromium'],
    wasm: ['simd', 'simd-threads', 'relaxed', 'relaxed-threads'],
    nodes: true,
    keras: false,
  },
  keras: { tools: [...NATIVE_TOOLS, 'python', 'venv'], wasm: [], nodes: false, keras: true },
  tensorboard: { tools: [...NATIVE_TOOLS, 'python', 'venv'], wasm: [], nodes: false, keras: true, tensorboard: true },
};
