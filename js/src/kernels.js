/** Backends and kernels that programs bring: registries as TensorFlow.js has them. Hornbeam's own ops run on its own backend. */
import { engine } from './core/engine.js';
import { failure } from './core/util.js';
import { getBackend as ownName, ready as started } from './backend.js';
import { env } from './environment.js';

/** @import { Tensor } from './core/tensor.js' */

/** @param {string} name @returns {never} */
function notYetImplemented(name) {
  throw failure('UNSUPPORTED', `'${name}' not yet implemented or not found in the registry. This kernel may not be supported by the ` +
    `tfjs backend you have chosen`);
}

export const EPSILON_FLOAT32 = 1e-7;
export const EPSILON_FLOAT16 = 1e-4;

/** What a backend is asked; another's extends this. */
export class KernelBackend {
  /** @param {object} _dataId @returns {number} */
  refCount(_dataId) { return notYetImplemented('refCount'); }
  /** @param {object} _dataId @returns {void} */
  incRef(_dataId) { notYetImplemented('incRef'); }
  timerAvailable() { return true; }
  /** @param {() => void} _f @returns {any} */
  time(_f) { return notYetImplemented('time'); }
  /** @param {object} _dataId @returns {any} */
  read(_dataId) { return notYetImplemented('read'); }
  /** @param {object} _dataId @returns {any} */
  readSync(_dataId) { return notYetImplemented('readSync'); }
  /** @returns {number} */
  numDataIds() { return notYetImplemented('numDataIds'); }
  /** @param {object} _dataId @param {boolean} [_force] @returns {boolean} */
  disposeData(_dataId, _force) { return notYetImplemented('disposeData'); }
  /** @param {any} _values @param {readonly number[]} _shape @param {string} _dtype @returns {object} */
  write(_values, _shape, _dtype) { return notYetImplemented('write'); }
  /** @returns {any} */
  memory() { return notYetImplemented('memory'); }
  /** @returns {16 | 32} */
  floatPrecision() { return notYetImplemented('floatPrecision'); }
  /** The smallest step that counts. */
  epsilon() { return this.floatPrecision() === 32 ? EPSILON_FLOAT32 : EPSILON_FLOAT16; }
  /** @returns {void} */
  dispose() { notYetImplemented('dispose'); }
}

/** Hornbeam's own backend, as far as it can be asked. */
class OwnBackend extends KernelBackend {
  /** @override @returns {32} */
  floatPrecision() { return 32; }
  /** @override */
  numDataIds() { return engine.memory().numDataBuffers; }
  /** @override */
  memory() { return { unreliable: false }; }
  /** @override @param {() => void} f */
  async time(f) {
    const start = performance.now();
    f();
    return { kernelMs: performance.now() - start };
  }
  /** @override */
  disposeData() { return true; }
  /** Its memory is that of the tensors. @override */
  dispose() {}
}

/** Data of backends by their ids. */
export class DataStorage {
  #data = new WeakMap();
  #count = 0;

  /** @param {any} backend @param {any} dataMover */
  constructor(backend, dataMover) {
    this.backend = backend;
    this.dataMover = dataMover;
  }

  /** @param {object} dataId */
  get(dataId) {
    if (!this.#data.has(dataId)) this.dataMover.moveData(this.backend, dataId);
    return this.#data.get(dataId);
  }

  /** @param {object} dataId @param {any} value */
  set(dataId, value) {
    this.#count++;
    this.#data.set(dataId, value);
  }

  /** @param {object} dataId */
  has(dataId) { return this.#data.has(dataId); }

  /** @param {object} dataId */
  delete(dataId) {
    this.#count--;
    return this.#data.delete(dataId);
  }

  numDataIds() { return this.#count; }
}

// ---- backends

/** @typedef {() => any} Factory a backend, or a promise of one */

/** @type {Map<string, {factory: Factory, priority: number}>} */
const factories = new Map();
/** @type {Map<string, any>} */
const backends = new Map();
/** @type {{name: string | null, instance: any, pending: Promise<boolean> | null, pendingId: number}} */
const active = { name: null, instance: null, pending: null, pendingId: 0 };
/** TensorFlow.js's own ones: to ask for one that is not there is no mistake. */
const TENSORFLOW_BACKENDS = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'];

/** Hornbeam itself, below what programs register to be taken first. */
function registerOwn() {
  if (!factories.has(ownName())) factories.set(ownName(), { factory: () => new OwnBackend(), priority: 3 });
}

/** @param {string} name @param {Factory} factory @param {number} [priority] the highest is taken where none is set */
export function registerBackend(name, factory, priority = 1) {
  registerOwn();
  if (factories.has(name)) {
    console.warn(`${name} backend was already registered. Reusing existing backend factory.`);
    return false;
  }
  factories.set(name, { factory, priority });
  forget();
  return true;
}

/** Lets the next use choose again, where nobody has set a backend. */
function forget() {
  if (active.name === ownName() && active.pending === null) Object.assign(active, { name: null, instance: null });
}

/** @param {string} name @returns {{success: boolean | Promise<boolean>, asyncInit: boolean}} */
function initialize(name) {
  const entry = factories.get(name);
  if (entry === undefined) throw failure('NOT_FOUND', `Cannot initialize backend ${name}, no registration found.`);
  const complain = (/** @type {any} */ error) => {
    console.warn(`Initialization of backend ${name} failed`);
    console.warn(error.stack || error.message);
    return false;
  };
  try {
    const made = entry.factory();
    if (made instanceof KernelBackend || typeof made?.then !== 'function') {
      backends.set(name, made);
      return { success: true, asyncInit: false };
    }
    const id = ++active.pendingId;
    const success = made.then((/** @type {any} */ backend) => {
      if (id < active.pendingId) return false;
      backends.set(name, backend);
      active.pending = null;
      return true;
    }).catch((/** @type {any} */ error) => {
      if (id < active.pendingId) return false;
      active.pending = null;
      return complain(error);
    });
    active.pending = success;
    return { success, asyncInit: true };
  } catch (error) {
    return { success: complain(error), asyncInit: false };
  }
}

const byPriority = () => [...factories.keys()].sort((a, b) =>
  /** @type {any} */ (factories.get(b)).priority - /** @type {any} */ (factories.get(a)).priority);
const READY = 'Make sure to await tf.ready() or await tf.setBackend() before calling other methods';

/** The backend that is in use; where none is, the one with the highest priority is started. */
export function backend() {
  if (active.pending !== null) throw failure('BACKEND', `Backend '${active.name}' has not yet been initialized. ${READY}`);
  if (active.instance === null) {
    registerOwn();
    for (const name of byPriority()) {
      const { success, asyncInit } = initialize(name);
      if (asyncInit) throw failure('BACKEND', `The highest priority backend '${name}' has not yet been initialized. ${READY}`);
      if (!success) continue;
      use(name);
      break;
    }
  }
  return active.instance;
}

/** @param {string} name */
function use(name) {
  Object.assign(active, { name, instance: backends.get(name) });
  engine.foreign = name === ownName() ? null : () => backend();
  for (const kernel of getKernelsForBackend(name)) kernel.setupFunc?.(active.instance);
}

/** The name of the backend in use: 'cpu' for the addon in Node, 'wasm' for WebAssembly, or another's. */
export function getBackend() {
  return active.name ?? ownName();
}

/**
 * Hornbeam's own backend is chosen when it starts (HORNBEAM_TARGET in Node); a backend that a program registered can be set.
 * @param {string} name
 * @returns {Promise<boolean>} whether it is in use now
 */
export async function setBackend(name) {
  registerOwn();
  if (!factories.has(name)) {
    if (TENSORFLOW_BACKENDS.includes(name)) return false;
    throw failure('NOT_FOUND', `Backend name '${name}' not found in registry`);
  }
  active.name = name;
  if (!backends.has(name)) {
    active.instance = null;
    engine.foreign = () => backend();
    const { success, asyncInit } = initialize(name);
    if (!(asyncInit ? await success : success)) return false;
  }
  use(name);
  return true;
}

/** Waits until everything can be called. Needed after a <script> alone: a module has started when its import is done. */
export async function ready() {
  await started();
  if (active.pending !== null) return void (await active.pending);
  if (active.instance !== null) return;
  registerOwn();
  for (const name of byPriority()) {
    if (!(await initialize(name).success)) continue;
    use(name);
    return;
  }
  throw failure('BACKEND', 'Could not initialize any backends, all backend initializations failed.');
}

/** @param {string} name */
export function findBackend(name) {
  registerOwn();
  if (!backends.has(name) && (!factories.has(name) || initialize(name).asyncInit)) return null;
  return backends.get(name) ?? null;
}

/** @param {string} name */
export function findBackendFactory(name) {
  registerOwn();
  return factories.get(name)?.factory ?? null;
}

/** @param {string} name */
export function removeBackend(name) {
  if (!factories.has(name)) throw failure('NOT_FOUND', `${name} backend not found in registry`);
  if (active.name === name && active.pending !== null) active.pendingId++;
  disposeBackend(name);
  factories.delete(name);
  if (active.name === name) clearActive();
}

/** @param {string} name */
function disposeBackend(name) {
  if (!backends.has(name)) return;
  for (const kernel of getKernelsForBackend(name)) kernel.disposeFunc?.(backends.get(name));
  backends.get(name).dispose();
  backends.delete(name);
}

function clearActive() {
  Object.assign(active, { name: null, instance: null, pending: null });
  engine.foreign = null;
}

/** As in the beginning: backends are started anew, flags are forgotten. */
export function reset() {
  active.pendingId++;
  env().reset();
  for (const name of [...backends.keys()]) disposeBackend(name);
  clearActive();
}

export const backendNames = () => (registerOwn(), [...factories.keys()]);

// ---- kernels and gradients

/**
 * @typedef {{kernelName: string, backendName: string, kernelFunc: Function,
 *   setupFunc?: (backend: any) => void, disposeFunc?: (backend: any) => void}} KernelConfig
 */
/** @typedef {{kernelName: string, inputsToSave?: string[], saveAllInputs?: boolean, outputsToSave?: boolean[], gradFunc: Function}} GradConfig */

/** @type {Map<string, KernelConfig>} */
const kernels = new Map();
/** @type {Map<string, GradConfig>} */
const gradients = new Map();
/** @param {string} kernelName @param {string} backendName */
const keyOf = (kernelName, backendName) => `${backendName}_${kernelName}`;

/** @param {string} kernelName @param {string} backendName */
export const getKernel = (kernelName, backendName) => kernels.get(keyOf(kernelName, backendName));
/** @param {string} kernelName */
export const getGradient = kernelName => gradients.get(kernelName);
/** @param {string} backendName */
export const getKernelsForBackend = backendName => [...kernels.values()].filter(kernel => kernel.backendName === backendName);

/** @param {KernelConfig} config */
export function registerKernel(config) {
  const key = keyOf(config.kernelName, config.backendName);
  if (kernels.has(key)) console.warn(`The kernel '${config.kernelName}' for backend '${config.backendName}' is already registered`);
  kernels.set(key, config);
}

/** @param {GradConfig} config */
export function registerGradient(config) {
  if (gradients.has(config.kernelName) && env().getBool('DEBUG')) console.warn(`Overriding the gradient for '${config.kernelName}'`);
  gradients.set(config.kernelName, config);
}

/** @param {string} kernelName @param {string} backendName */
export function unregisterKernel(kernelName, backendName) {
  if (!kernels.delete(keyOf(kernelName, backendName))) {
    throw failure('NOT_FOUND', `The kernel '${kernelName}' for backend '${backendName}' is not registered`);
  }
}

/** @param {string} kernelName */
export function unregisterGradient(kernelName) {
  if (!gradients.delete(kernelName)) throw failure('NOT_FOUND', `The gradient '${kernelName}' for backend is not registered`);
}

/** @param {string} from @param {string} to */
export function copyRegisteredKernels(from, to) {
  for (const kernel of getKernelsForBackend(from)) registerKernel({ ...kernel, backendName: to });
}

/**
 * Runs a kernel that a program has registered, or an op of the native library by its name.
 * @param {string} kernelName
 * @param {Record<string, Tensor>} inputs
 * @param {Record<string, any>} [attrs]
 * @returns {Tensor | Tensor[]}
 */
export function runKernel(kernelName, inputs, attrs = {}) {
  const current = backend();
  const kernel = getKernel(kernelName, getBackend());
  if (kernel === undefined) return runNative(kernelName, inputs, attrs);
  const before = current.numDataIds();
  const made = /** @type {any} */ (kernel.kernelFunc({ inputs, attrs, backend: current }));
  const infos = [made].flat();
  if (env().getBool('IS_TEST')) assertNoLeak(kernelName, current.numDataIds() - before, infos);
  const outputs = infos.map(info => (info.rank === undefined ? engine.makeForeign(current, info.dataId, info.shape, info.dtype) : info));
  recordGradient(kernelName, inputs, attrs, outputs);
  return Array.isArray(made) ? outputs : outputs[0];
}

/** @param {string} kernelName @param {Record<string, Tensor>} inputs @param {Record<string, any>} attrs */
function runNative(kernelName, inputs, attrs) {
  if (!engine.maxInputs.has(kernelName)) throw failure('NOT_FOUND', `Kernel '${kernelName}' not registered for backend '${getBackend()}'`);
  const outputs = engine.run(kernelName, attrs, Object.values(inputs));
  return outputs.length === 1 ? outputs[0] : outputs;
}

/** @param {string} kernelName @param {number} added @param {any[]} infos */
function assertNoLeak(kernelName, added, infos) {
  const leaked = added - infos.reduce((sum, { dtype }) => sum + (dtype === 'complex64' ? 3 : 1), 0);
  if (leaked > 0) {
    throw failure('INTERNAL', `Backend '${getBackend()}' has an internal memory leak (${leaked} data ids) after running '${kernelName}'`);
  }
}

/** @param {string} kernelName @param {Record<string, Tensor>} inputs @param {Record<string, any>} attrs @param {Tensor[]} outputs */
function recordGradient(kernelName, inputs, attrs, outputs) {
  const names = Object.keys(inputs);
  engine.tape?.record(kernelName, Object.values(inputs), outputs, () => {
    const { inputsToSave = [], saveAllInputs = false, outputsToSave = [], gradFunc = null } = getGradient(kernelName) ?? {};
    if (saveAllInputs && !Array.isArray(inputs)) {
      throw failure('INVALID_ARGUMENT', 'saveAllInputs is true, expected inputs to be an array.');
    }
    const saved = [...(saveAllInputs
      ? Object.values(inputs)
      : inputsToSave.map(name => inputs[name])), ...outputs.filter((_, i) => outputsToSave[i])];
    return dys => {
      if (gradFunc === null) throw failure('UNSUPPORTED', `Cannot compute gradient: gradient function not found for ${kernelName}.`);
      const grads = gradFunc(outputs.length === 1 ? dys[0] : dys, saved, attrs);
      return names.map(name => grads[name]?.() ?? null);
    };
  });
}
