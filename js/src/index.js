/** The tf namespace as an ES module: everything can be called once the import is done. */
import { openConverter, openTarget } from '#platform';
import { startLater } from './backend.js';
import { useConverter } from './io/converting.js';

const ROOT = new URL('../../', import.meta.url);
useConverter(openConverter(ROOT));
await startLater(openTarget(ROOT));

export * from './api.js';
