/** The tf namespace for <script>: the WebAssembly is inside. scripts/build-js.mjs makes dist/hornbeam.min.js of this, with the global tf. */
import simd from 'hornbeam:glue/simd';
import wasm from 'hornbeam:wasm/simd';
import { openConverter } from '#platform';
import { startWith } from './backend.js';
import { useConverter } from './io/converting.js';
import { openWasm } from './native/wasm.js';

const native = openWasm({ factory: simd, wasm, context: { threads: 1 } });
useConverter(openConverter(file => new URL(`./wasm/${file}`, import.meta.url).href));
startWith({ native, target: 'wasm', variant: 'simd', reason: 'a script brings the one that every engine runs' });

export * from './api.js';
