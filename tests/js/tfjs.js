/** TensorFlow.js 4.22 itself, as one namespace, to compare with. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const core = require('@tensorflow/tfjs-core');
const layers = require('@tensorflow/tfjs-layers');
const data = require('@tensorflow/tfjs-data');
require('@tensorflow/tfjs-backend-cpu');

/** Its layers call ops as methods of tensors, which its whole package attaches. @type {Record<string, Function>} */
const METHODS = {
  ...Object.fromEntries(Object.entries(core).filter(([, value]) => typeof value === 'function')),
  flatten: (/** @type {any} */ x) => core.reshape(x, [x.size]),
  asScalar: (/** @type {any} */ x) => core.reshape(x, []),
};
for (const [name, body] of Object.entries(METHODS)) {
  if (name in core.Tensor.prototype) continue;
  core.Tensor.prototype[name] = function method(/** @type {any[]} */ ...args) {
    return body(this, ...args);
  };
}

/** @type {any} */
export const tfjs = { ...core, ...layers, data };
const { warn } = console;
console.warn = () => {};
await tfjs.setBackend('cpu');
console.warn = warn;
