/** The tf namespace for <script>: the WebAssembly is inside. scripts/build-js.mjs makes dist/hornbeam.min.js of this, with the global tf. */
import simd from 'hornbeam:glue/simd';
import wasm from 'hornbeam:wasm/simd';
import { startWith } from './backend.js';
import { openWasm } from './native/wasm.js';

const native = openWasm({ factory: simd, wasm, variant: 'simd', context: { threads: 1 } });
startWith({ native, target: 'wasm', variant: 'simd', reason: 'a script brings the one that every engine runs' });

export * from './api.js';
