/** hornbeam/converter for browsers and bundlers. scripts/build-js.mjs makes dist/converter.mjs of this. */
import { openConverter } from '#platform';
import { useConverter } from './io/converting.js';

/** @type {Record<string, URL>} */
const FILES = {
  'hornbeam-converter.mjs': new URL('./wasm/hornbeam-converter.mjs', import.meta.url),
  'hornbeam-converter.wasm': new URL('./wasm/hornbeam-converter.wasm', import.meta.url),
};

useConverter(openConverter(file => FILES[file].href));

export { convert, inspect } from './io/converting.js';
