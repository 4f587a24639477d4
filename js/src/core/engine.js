/** What is alive: the native library, tidy's scopes, and TensorFlow.js's counts of tensors. All ops run through here. */
import { assert, bytesPerElement, failure, sizeFromShape } from './util.js';
import { Tensor, Variable } from './tensor.js';

/** @import { DataType, Values } from './util.js' */
/** @import { Native } from '../native/native.gen.js' */


/**
 * The elements that a tensor and its clones and reshaped forms share.
 * @typedef {object} Storage
 * @property {number} tensors how many tensors show these elements
 * @property {boolean} mutable whether they may change: a model's weight
 */

/** @typedef {{name: string, id: number, tensors: Tensor[]}} Scope */

/** What the finalizer needs of a tensor that nobody can reach any more. */
/** @typedef {{handle: number, storage: Storage, bytes: number}} Remains */

class Engine {
  /** @type {Native | null} */
  #native = null;
  /** @type {DataType[]} */
  #dtypes = [];
  /** @type {Map<string, number>} */
  #dtypeIndex = new Map();
  /** How many inputs each op takes at most. @type {Map<string, number>} */
  maxInputs = new Map();
  /** @type {Scope[]} */
  #scopes = [];
  #nextScope = 0;
  #nextTensor = 0;
  #nextVariable = 0;
  /** @type {Map<string, Variable>} */
  variables = new Map();
  #numTensors = 0;
  #numDataBuffers = 0;
  #numBytes = 0;
  /** Releases what was dropped without dispose: the net, not the rule. @type {FinalizationRegistry<Remains>} */
  #net = new FinalizationRegistry(remains => this.#release(remains));

  /**
   * Takes the native library that all work goes to.
   * @param {Native} native
   */
  start(native) {
    const description = JSON.parse(native.describe());
    this.#dtypes = description.dtypes;
    this.#dtypeIndex = new Map(this.#dtypes.map((dtype, i) => [dtype, i]));
    this.maxInputs = new Map(description.ops.map((/** @type {{name: string, maxInputs: number}} */ op) => [op.name, op.maxInputs]));
    this.#native = native;
  }

  get started() {
    return this.#native !== null;
  }

  /** @returns {Native} */
  get native() {
    assert(this.#native, () => 'Hornbeam has not started yet: await tf.ready() before calling other methods', 'BACKEND');
    return this.#native;
  }

  // ---- tensors

  /**
   * A tensor with a copy of the values.
   * @param {Values | null} values null: zeros
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   * @returns {Tensor}
   */
  makeTensor(values, shape, dtype) {
    return this.track(new Tensor(shape, dtype, this.#upload(values, shape, dtype), this.newStorage(), this.nextTensorId()));
  }

  /**
   * @param {Values | null} values
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   */
  #upload(values, shape, dtype) {
    const index = this.#dtypeIndex.get(dtype);
    if (index === undefined) throw failure('UNSUPPORTED', `Tensors of dtype ${dtype} are not supported yet`);
    return this.native.tensorCreate(index, [...shape], values);
  }

  /**
   * A tensor for a handle that the native library returned.
   * @param {number} handle
   * @param {boolean} [mutable]
   * @returns {Tensor}
   */
  adopt(handle, mutable = false) {
    const { dtype, shape } = this.native.tensorInfo(handle);
    return this.track(new Tensor(shape, this.#dtypes[dtype], handle, this.newStorage(mutable), this.nextTensorId()));
  }

  /**
   * The same elements in another shape of the same size, without a copy.
   * @param {Tensor} x
   * @param {readonly number[]} shape
   * @returns {Tensor}
   */
  reshape(x, shape) {
    if (x.storage.mutable) return this.reshape(this.run('Identity', null, [x])[0], shape);
    const handle = this.native.tensorReshape(x.handle, [...shape]);
    return this.track(new Tensor(shape, x.dtype, handle, x.storage, this.nextTensorId()));
  }

  /**
   * Runs one op of the native library.
   * @param {string} name as in describe().ops
   * @param {object | null} attributes
   * @param {(Tensor | null)[]} inputs null: an absent optional input
   * @returns {Tensor[]}
   */
  run(name, attributes, inputs) {
    const handles = inputs.map(input => (input === null ? 0 : input.handle));
    return this.native.op(name, attributes && JSON.stringify(attributes), handles).map(handle => this.adopt(handle));
  }

  /** @param {Tensor} tensor */
  read(tensor) {
    const values = tensor.zeroValues();
    this.native.tensorRead(tensor.handle, values);
    return values;
  }

  nextTensorId() {
    return this.#nextTensor++;
  }

  /**
   * @param {boolean} [mutable]
   * @returns {Storage}
   */
  newStorage(mutable = false) {
    this.#numDataBuffers++;
    return { tensors: 0, mutable };
  }

  /**
   * Counts a new tensor, and gives it to the innermost scope.
   * @template {Tensor} T
   * @param {T} tensor
   * @returns {T}
   */
  track(tensor) {
    const { storage } = tensor;
    const bytes = sizeFromShape(tensor.shape) * bytesPerElement(tensor.dtype);
    storage.tensors++;
    this.#numTensors++;
    this.#numBytes += bytes;
    this.#net.register(tensor, { handle: tensor.handle, storage, bytes }, tensor);
    if (!(tensor instanceof Variable)) this.#enterScope(tensor);
    return tensor;
  }

  /** @param {Tensor} tensor */
  #enterScope(tensor) {
    const scope = this.#scopes.at(-1);
    if (scope === undefined) return;
    tensor.scopeId = scope.id;
    scope.tensors.push(tensor);
  }

  /** @param {Tensor} tensor */
  disposeTensor(tensor) {
    this.#net.unregister(tensor);
    this.#release({ handle: tensor.handle, storage: tensor.storage, bytes: tensor.size * bytesPerElement(tensor.dtype) });
  }

  /** @param {Remains} remains */
  #release({ handle, storage, bytes }) {
    this.#numTensors--;
    this.#numBytes -= bytes;
    if (--storage.tensors === 0) this.#numDataBuffers--;
    this.native.tensorRelease(handle);
  }

  // ---- variables

  /**
   * @param {Tensor} initialValue
   * @param {boolean} trainable
   * @param {string} [name]
   * @returns {Variable}
   */
  makeVariable(initialValue, trainable, name = String(this.#nextVariable++)) {
    assert(!this.variables.has(name), () => `Variable with name ${name} was already registered`);
    const { handle, storage } = this.#share(initialValue);
    const variable = new Variable(initialValue.shape, initialValue.dtype, handle, storage, this.nextTensorId(), name, trainable);
    this.variables.set(name, variable);
    return this.track(variable);
  }

  /**
   * Gives a variable another tensor's elements.
   * @param {Variable} variable
   * @param {Tensor} value
   */
  assign(variable, value) {
    variable.throwIfDisposed();
    const { handle, storage } = this.#share(value);
    this.disposeTensor(variable);
    variable.replace(handle, storage);
    this.track(variable);
  }

  /**
   * A second handle for a variable: on the same elements, or on a copy of those that may change.
   * @param {Tensor} value
   * @returns {{handle: number, storage: Storage}}
   */
  #share(value) {
    if (!value.storage.mutable) return { handle: this.native.tensorReshape(value.handle, [...value.shape]), storage: value.storage };
    return { handle: this.native.op('Identity', null, [value.handle])[0], storage: this.newStorage() };
  }

  // ---- scopes

  /** @param {string} [name] */
  startScope(name = 'unnamed scope') {
    this.#scopes.push({ name, id: this.#nextScope++, tensors: [] });
  }

  /**
   * Disposes what the innermost scope has made, except kept tensors and those in result, which belong to the scope around it now.
   * @param {unknown} result
   */
  endScope(result) {
    const scope = /** @type {Scope} */ (this.#scopes.pop());
    const survivors = tensorsIn(result);
    for (const tensor of scope.tensors) if (!tensor.kept && !survivors.has(tensor)) tensor.dispose();
    for (const tensor of survivors) if (!tensor.kept && tensor.scopeId === scope.id) this.#enterScope(tensor);
  }

  /**
   * @template T
   * @param {string} name
   * @param {() => T} body
   * @returns {T}
   */
  scoped(name, body) {
    this.startScope(name);
    let result;
    try {
      result = body();
    } catch (error) {
      this.endScope(null);
      throw error;
    }
    if (result instanceof Promise) console.error('Cannot return a Promise inside of tidy.');
    this.endScope(result);
    return result;
  }

  memory() {
    return { unreliable: false, numTensors: this.#numTensors, numDataBuffers: this.#numDataBuffers, numBytes: this.#numBytes };
  }
}

/**
 * All tensors in nested arrays and objects.
 * @param {unknown} container
 * @returns {Set<Tensor>}
 */
export function tensorsIn(container) {
  /** @type {Set<Tensor>} */
  const tensors = new Set();
  const seen = new Set();
  /** @type {any[]} */
  const waiting = [];
  const visit = (/** @type {any} */ value) => {
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Tensor) tensors.add(value);
    else waiting.push(value);
  };
  visit(container);
  while (waiting.length > 0) for (const value of Object.values(waiting.pop())) visit(value);
  return tensors;
}

export const engine = new Engine();
