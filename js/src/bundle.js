/** The tf namespace as one ES module for browsers and bundlers. scripts/build-js.mjs makes dist/hornbeam.mjs of this. */
import { openTarget } from '#platform';
import { startLater } from './backend.js';

await startLater(openTarget(new URL('../', import.meta.url)));

export * from './api.js';
