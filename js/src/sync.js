/** The tf namespace for require(): everything can be called at once. scripts/build-js.mjs makes dist/hornbeam.cjs of this. */
import relaxed from 'hornbeam:glue/relaxed';
import simd from 'hornbeam:glue/simd';
import { startWith } from './backend.js';
import { useConverter } from './io/converting.js';
import { converterIn, openNodeSync } from './native/node.js';
import { startOptions } from './options.js';

useConverter(converterIn(new URL('../', import.meta.url), startOptions()));
startWith(openNodeSync(new URL('../', import.meta.url), { simd, relaxed }, startOptions()));

export * from './api.js';
