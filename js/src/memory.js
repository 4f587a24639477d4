/** tf.tidy and what else decides how long tensors live. */
import { engine as state, tensorsIn } from './core/engine.js';
import { Tensor } from './core/tensor.js';
import { assert, bytesPerElement } from './core/util.js';
import {
  backend, backendNames, findBackend, findBackendFactory, getBackend, ready, registerBackend, removeBackend, reset as resetBackends,
  runKernel, setBackend,
} from './kernels.js';

/** @import { DataType } from './core/util.js' */

/**
 * Runs a function and disposes the tensors that it made, all but those it returns.
 * @template T
 * @param {string | (() => T)} nameOrFn
 * @param {() => T} [fn]
 * @returns {T}
 */
export function tidy(nameOrFn, fn) {
  if (fn === undefined) {
    assert(typeof nameOrFn === 'function', () => 'Please provide a function to tidy()');
    return state.scoped('unnamed scope', nameOrFn);
  }
  assert(typeof nameOrFn === 'string', () => 'When calling with two arguments, the first argument to tidy() must be a string');
  assert(typeof fn === 'function', () => 'When calling with two arguments, the 2nd argument to tidy() must be a function');
  return state.scoped(nameOrFn, fn);
}

/**
 * Saves a tensor from tidy.
 * @template {Tensor} T
 * @param {T} result
 * @returns {T}
 */
export function keep(result) {
  result.kept = true;
  return result;
}

/**
 * Disposes all tensors in nested arrays and objects.
 * @param {unknown} container
 */
export function dispose(container) {
  for (const tensor of tensorsIn(container)) tensor.dispose();
}

/** Disposes all of tf.variable's variables. */
export function disposeVariables() {
  for (const variable of [...state.variables.values()]) variable.dispose();
}

/** How many tensors are alive, of how many buffers and bytes. */
export function memory() {
  return state.memory();
}

/**
 * How long a function takes, in milliseconds.
 * @param {() => unknown} query
 */
export async function time(query) {
  const start = performance.now();
  await query();
  const wallMs = performance.now() - start;
  return { kernelMs: wallMs, wallMs };
}

/** A promise of the next animation frame, or of the next turn of the event loop where there are no frames. */
export function nextFrame() {
  return new Promise(resolve => {
    if (typeof requestAnimationFrame === 'function') requestAnimationFrame(() => resolve(undefined));
    else setTimeout(resolve, 0);
  });
}

/**
 * What a function does: the ops that it runs, and what it leaves.
 * @param {() => any} f
 */
export async function profile(f) {
  const start = state.memory();
  /** @type {any[]} */
  const kernels = [];
  state.observer = (name, inputs, outputs, ms) => {
    const now = state.memory();
    const added = outputs.reduce((sum, { size, dtype }) => sum + size * bytesPerElement(dtype), 0);
    kernels.push({
      name, bytesAdded: added, totalBytesSnapshot: now.numBytes, tensorsAdded: outputs.length, totalTensorsSnapshot: now.numTensors,
      inputShapes: inputs.map(input => input && input.shape), outputShapes: outputs.map(({ shape }) => shape), kernelTimeMs: ms, extraInfo: '',
    });
  };
  try {
    const result = await f();
    const peakBytes = kernels.reduce((peak, { totalBytesSnapshot }) => Math.max(peak, totalBytesSnapshot), -Infinity);
    const { numBytes, numTensors } = state.memory();
    return {
      newBytes: numBytes - start.numBytes, peakBytes, newTensors: numTensors - start.numTensors, kernels, result,
      get kernelNames() {
        return [...new Set(kernels.map(({ name }) => name))];
      },
    };
  } finally {
    state.observer = null;
  }
}

/** tf.engine(): scopes by hand, and what programs and tests ask of TensorFlow.js's engine. */
const surface = {
  /** What is made from here to endScope is disposed, all but the result. @param {string} [name] */
  startScope: name => state.startScope(name),
  /** @param {unknown} [result] */
  endScope: result => state.endScope(result),
  tidy,
  keep,
  memory,
  profile,
  time,
  disposeVariables,
  runKernel,
  ready,
  setBackend,
  registerBackend,
  removeBackend,
  findBackend,
  findBackendFactory,
  backendNames,
  get backend() {
    return backend();
  },
  get backendName() {
    return getBackend();
  },
  get registeredVariables() {
    return Object.fromEntries(state.variables);
  },
  nextTensorId: () => state.nextTensorId(),
  isTapeOn: () => state.tape !== null,
  /** @param {any} values @param {readonly number[]} shape @param {DataType} dtype */
  makeTensor: (values, shape, dtype) => state.makeTensor(values, shape, dtype),
  /** @param {object} dataId @param {readonly number[]} shape @param {DataType} dtype @param {any} [owner] */
  makeTensorFromDataId: (dataId, shape, dtype, owner) => state.makeForeign(owner ?? backend(), dataId, shape, dtype),
  /** @param {Tensor} tensor */
  disposeTensor: tensor => tensor.dispose(),
  /** Forgets flags, variables, scopes and registered backends' states. */
  reset() {
    disposeVariables();
    resetBackends();
  },
};

export function engine() {
  return surface;
}
