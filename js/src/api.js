/** The tf namespace. How it starts is the business of index.js, sync.js and script.js. */
export { Tensor, TensorBuffer, Variable } from './core/tensor.js';
export { backendInfo, getBackend, ready, setBackend, version } from './backend.js';
export { browser } from './browser.js';
export { enableProdMode, env } from './environment.js';
export { customGrad, grad, grads, valueAndGrad, valueAndGrads, variableGrads } from './gradients.js';
export { io } from './io/io.js';
export { dispose, disposeVariables, engine, keep, memory, nextFrame, tidy, time } from './memory.js';
export * from './layers/api.js';
export * from './ops/creation.js';
export * from './ops/elementwise.js';
export * from './ops/linear.js';
export * from './ops/neural.js';
export * from './ops/reduction.js';
export * from './ops/shape.js';
export { util } from './util.js';
import './ops/chained.js';
