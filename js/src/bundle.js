/** The tf namespace as one ES module for browsers and bundlers. scripts/build-js.mjs makes dist/hornbeam.mjs of this. */
import { openConverter, openTarget } from '#platform';
import { startLater } from './backend.js';
import { useConverter } from './io/converting.js';

/** Written out one by one, from dist/ on: bundlers understand them so, and take the files along. @type {Record<string, URL>} */
const FILES = {
  'hornbeam-simd.mjs': new URL('./wasm/hornbeam-simd.mjs', import.meta.url),
  'hornbeam-simd.wasm': new URL('./wasm/hornbeam-simd.wasm', import.meta.url),
  'hornbeam-relaxed.mjs': new URL('./wasm/hornbeam-relaxed.mjs', import.meta.url),
  'hornbeam-relaxed.wasm': new URL('./wasm/hornbeam-relaxed.wasm', import.meta.url),
  'hornbeam-simd-threads.mjs': new URL('./wasm/hornbeam-simd-threads.mjs', import.meta.url),
  'hornbeam-simd-threads.wasm': new URL('./wasm/hornbeam-simd-threads.wasm', import.meta.url),
  'hornbeam-relaxed-threads.mjs': new URL('./wasm/hornbeam-relaxed-threads.mjs', import.meta.url),
  'hornbeam-relaxed-threads.wasm': new URL('./wasm/hornbeam-relaxed-threads.wasm', import.meta.url),
  'hornbeam-converter.mjs': new URL('./wasm/hornbeam-converter.mjs', import.meta.url),
  'hornbeam-converter.wasm': new URL('./wasm/hornbeam-converter.wasm', import.meta.url),
};

const locate = (/** @type {string} */ file) => FILES[file].href;
useConverter(openConverter(locate));
await startLater(openTarget(locate));

export * from './api.js';
