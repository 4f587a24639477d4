/** The tf namespace. How it starts is the business of index.js, sync.js and script.js. */
export { namedOp as op } from './core/convert.js';
export { Tensor, TensorBuffer, Variable } from './core/tensor.js';
export { backendInfo, version } from './backend.js';
export { backend_util, slice_util, tensor_util } from './backend_util/index.js';
export { browser } from './browser.js';
export { Callback, CallbackList, callbacks, CustomCallback, EarlyStopping, History, node, registerCallbackConstructor } from './callbacks/index.js';
export { data } from './data/index.js';
export {
  deprecationWarn, disableDeprecationWarnings, enableDebugMode, enableProdMode, env, Environment, setPlatform,
} from './environment.js';
export { customGrad, grad, grads, valueAndGrad, valueAndGrads, variableGrads } from './gradients.js';
export { io } from './io/io.js';
export {
  backend, copyRegisteredKernels, DataStorage, findBackend, findBackendFactory, getBackend, getGradient, getKernel, getKernelsForBackend,
  KernelBackend, ready,
  registerBackend, registerGradient, registerKernel, removeBackend, setBackend, unregisterGradient, unregisterKernel,
} from './kernels.js';
export { dispose, disposeVariables, engine, keep, memory, nextFrame, profile, tidy, time } from './memory.js';
export * from './layers/api.js';
export * from './ops/blocks.js';
export { complex, fft, ifft, imag, irfft, real, rfft, spectral } from './ops/complex.js';
export * from './ops/creation.js';
export { einsum } from './ops/einsum.js';
export * from './ops/elementwise.js';
export { fused } from './ops/fused.js';
export { image } from './ops/images.js';
export {
  bincount, booleanMaskAsync, denseBincount, diag, gatherND, inTopKAsync, lowerBound, meshgrid, scatterND, searchSorted, setdiff1dAsync,
  sparseToDense,
  stridedSlice, tensorScatterUpdate, topk, unique, upperBound, whereAsync,
} from './ops/indexing.js';
export * from './ops/linear.js';
export { math, movingAverage, Reduction } from './ops/losses.js';
export { losses } from './train/losses/losses.js';
export { metrics } from './train/metrics/metrics.js';
export {
  avgPool, batchNorm, conv1d, conv2d, conv2dTranspose, depthwiseConv2d, logSoftmax, maxPool, separableConv2d, softmax,
} from './ops/neural.js';
export { raggedGather, raggedRange, raggedTensorToTensor } from './ops/ragged.js';
export {
  dropout, multinomial, randomGamma, randomNormal, randomStandardNormal, randomUniform, randomUniformInt, truncatedNormal,
} from './ops/random.js';
export * from './ops/recurrent.js';
export * from './ops/reduction.js';
export * from './ops/shape.js';
export { cosineWindow, enclosingPowerOfTwo, linalg, signal } from './ops/signal.js';
export { sparse } from './ops/sparse.js';
export { string } from './ops/string.js';
export * from './ops/volumes.js';
export {
  AdadeltaOptimizer, AdafactorOptimizer, AdagradOptimizer, AdamaxOptimizer, AdamOptimizer, AdamWOptimizer, FtrlOptimizer, LambOptimizer,
  LionOptimizer, MomentumOptimizer, NadamOptimizer, Optimizer, OptimizerConstructors, optimizers, RMSPropOptimizer, SGDOptimizer, train,
} from './train/optimizers/index.js';
export { LearningRateSchedule, schedules } from './train/schedules.js';
export { sumOutType, upcastType } from './core/util.js';
export { deviceUtil as device_util } from './device.js';
export { util } from './util.js';
import './ops/chained.js';
