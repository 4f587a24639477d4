/** The tf namespace as an ES module: everything can be called once the import is done. */
import { openTarget } from '#platform';
import { startLater } from './backend.js';

await startLater(openTarget(new URL('../../', import.meta.url)));

export * from './api.js';
