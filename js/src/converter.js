/** hornbeam/converter in Node: files that Keras saved in, files that tf.loadLayersModel fetches out. */
import { openConverter } from '#platform';
import { useConverter } from './io/converting.js';

useConverter(openConverter(new URL('../../', import.meta.url)));

export { convert, inspect } from './io/converting.js';
