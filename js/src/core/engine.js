/** What is alive: the native library, tidy's scopes, and TensorFlow.js's counts of tensors. All ops run through here. */
import { runComposite } from './composite.js';
import { assert, bytesPerElement, decodeString, failure, flatten, sizeFromShape, toStringBytes, zeroValues } from './util.js';
import { Tensor, TracedTensor, Variable } from './tensor.js';
import { TYPE_NUMBERS, typeAt } from '../native/types.js';

/** @import { DataType, Values } from './util.js' */
/** @import { Native } from '../native/native.gen.js' */
/** @import { Tape } from './tape.js' */
/** @import { Trace } from './program.js' */

/**
 * The elements that a tensor and its clones and reshaped forms share.
 * @typedef {object} Storage
 * @property {number} tensors how many tensors show these elements
 * @property {number} [bytes] how many they take
 * @property {boolean} [isText] whether they are strings
 * @property {[Tensor, Tensor]} [parts] of complex64: real and imaginary, which belong to this storage
 * @property {{backend: any, dataId: object}} [foreign] elements that another backend has
 * @property {boolean} mutable whether they may change: those of a variable
 */

/** @typedef {{name: string, id: number, tensors: Tensor[]}} Scope */

/** What the finalizer needs of a tensor that nobody can reach any more. */
/** @typedef {{handle: number, storage: Storage}} Remains */

const TYPED_RESULTS = 16;

class Engine {
  /** @type {Native | null} */
  #native = null;
  /** @type {DataType[]} */
  #dtypes = [];
  /** @type {Map<string, number>} */
  #dtypeIndex = new Map();
  /** To be given to a native call, so that it says the types of its results. */
  types = new Int32Array(TYPED_RESULTS * TYPE_NUMBERS);
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
  #numStringTensors = 0;
  #numDataBuffers = 0;
  #numBytes = 0;
  /** The backend that a program brought, where one is in use. @type {(() => any) | null} */
  foreign = null;
  /** Whether elements are checked: tf.enableDebugMode. */
  isDebugging = () => false;
  /** Is told of each op: tf.profile. @type {((name: string, inputs: (Tensor | null)[], outputs: Tensor[], ms: number) => void) | null} */
  observer = null;
  /** What is being recorded for gradients. @type {Tape | null} */
  tape = null;
  /** The graph that a Program's body is adding to. @type {Trace | null} */
  trace = null;
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
    if (this.foreign !== null) return this.#write(this.foreign(), values, shape, dtype);
    if (dtype === 'string') return this.#makeStrings(values, shape);
    if (dtype === 'complex64') return this.#makeComplex(values, shape);
    return this.track(new Tensor(shape, dtype, this.#upload(values, shape, dtype), this.newStorage(), this.nextTensorId()));
  }

  /**
   * In debug mode, throws where a program's values are not finite.
   * @param {any} values
   * @param {DataType} dtype
   */
  checkUpload(values, dtype) {
    if (dtype !== 'string' && this.isDebugging()) assertFinite(flatten(values), dtype);
  }

  /**
   * @param {any} backend
   * @param {Values | null} values
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   */
  #write(backend, values, shape, dtype) {
    return this.makeForeign(backend, backend.write(values ?? zeroValues(dtype, sizeFromShape(shape)), shape, dtype), shape, dtype);
  }

  /**
   * A tensor whose elements another backend has.
   * @param {any} backend
   * @param {object} dataId
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   */
  makeForeign(backend, dataId, shape, dtype) {
    const storage = this.newStorage();
    storage.foreign = { backend, dataId };
    return this.track(new Tensor(shape, dtype, 0, storage, this.nextTensorId()));
  }

  /**
   * @param {Values | null} values null: empty strings
   * @param {readonly number[]} shape
   */
  #makeStrings(values, shape) {
    const strings = toStringBytes(values ?? new Array(sizeFromShape(shape)).fill(''));
    const storage = this.newStorage();
    storage.bytes = strings.reduce((sum, { length }) => sum + length, 0);
    const handle = this.native.tensorCreate(this.dtypeIndex('string'), [...shape], packStrings(strings));
    return this.track(new Tensor(shape, 'string', handle, storage, this.nextTensorId()));
  }

  /** The elements of a tensor of strings, in UTF-8. @param {Tensor} tensor */
  readStrings(tensor) {
    return unpackStrings(this.native.tensorStrings(tensor.handle), tensor.size);
  }

  /**
   * @param {Values | null} values pairs
   * @param {readonly number[]} shape
   */
  #makeComplex(values, shape) {
    const pairs = values ?? new Float32Array(2 * sizeFromShape(shape));
    const half = (/** @type {0 | 1} */ i) => this.makeTensor(Float32Array.from({ length: pairs.length / 2 }, (_, k) => pairs[2 * k + i]),
      shape, 'float32');
    return this.scoped('complex', () => this.complex(half(0), half(1)));
  }

  /**
   * A complex64 tensor of two of float32.
   * @param {Tensor} real
   * @param {Tensor} imag
   * @returns {Tensor}
   */
  complex(real, imag) {
    const storage = this.newStorage();
    storage.parts = [this.shadow(real), this.shadow(imag)];
    return this.track(new Tensor(real.shape, 'complex64', 0, storage, this.nextTensorId()));
  }

  /**
   * @param {Values | null} values
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   */
  #upload(values, shape, dtype) {
    return this.native.tensorCreate(this.dtypeIndex(dtype), [...shape], values);
  }

  /**
   * A tensor for a handle that the native library returned.
   * @param {number} handle
   * @param {boolean} [mutable]
   * @param {{dtype: number, shape: number[]}} [type]
   * @returns {Tensor}
   */
  adopt(handle, mutable = false, type = this.native.tensorInfo(handle)) {
    const { dtype, shape } = type;
    return this.track(new Tensor(shape, this.#dtypes[dtype], handle, this.newStorage(mutable), this.nextTensorId()));
  }

  /**
   * Tensors for the results of the native call just made, which was given `types`.
   * @param {number[]} handles
   * @returns {Tensor[]}
   */
  adoptAll(handles) {
    return handles.map((handle, i) => this.adopt(handle, false, i < TYPED_RESULTS ? typeAt(this.types, i) : undefined));
  }

  /**
   * A tensor for a symbol of the graph that is being traced.
   * @param {number} handle
   * @returns {TracedTensor}
   */
  symbol(handle) {
    const { dtype, shape } = this.native.tensorInfo(handle);
    const dimensions = shape.map(dimension => (dimension < 0 ? /** @type {any} */ (null) : dimension));
    return new TracedTensor(dimensions, this.#dtypes[dtype], handle, { tensors: 0, mutable: false }, this.nextTensorId());
  }

  /** @param {DataType} dtype @returns {number} its number in the native library */
  dtypeIndex(dtype) {
    const index = this.#dtypeIndex.get(dtype);
    if (index === undefined) throw failure('UNSUPPORTED', `Tensors of dtype ${dtype} are not supported yet`);
    return index;
  }

  /**
   * The same elements in another shape of the same size, without a copy.
   * @param {Tensor} x
   * @param {readonly number[]} shape null or -1 where a dimension of a traced tensor is not known
   * @returns {Tensor}
   */
  reshape(x, shape) {
    const source = this.trace === null ? x : this.trace.operand(x);
    if (source.isSymbolic) return this.run('Reshape', { shape: shape.map(dimension => dimension ?? -1) }, [source])[0];
    if (x.storage.parts !== undefined) return this.#reshapeParts(x.storage.parts, shape);
    if (x.storage.mutable) return this.reshape(this.run('Identity', null, [x])[0], shape);
    const handle = this.native.tensorReshape(x.handle, [...shape]);
    const y = this.track(new Tensor(shape, x.dtype, handle, x.storage, this.nextTensorId()));
    this.tape?.record('Reshape', [x], [y], () => ([dy]) => [this.reshape(dy, x.shape)]);
    return y;
  }

  /**
   * @param {[Tensor, Tensor]} parts
   * @param {readonly number[]} shape
   */
  #reshapeParts(parts, shape) {
    return this.scoped('reshape', () => this.complex(this.reshape(parts[0], shape), this.reshape(parts[1], shape)));
  }

  /**
   * Runs one op of the native library, or adds it to the graph that is being traced.
   * @param {string} name as in describe().ops
   * @param {object | null} attributes
   * @param {(Tensor | null)[]} inputs null: an absent optional input
   * @returns {Tensor[]}
   */
  run(name, attributes, inputs) {
    const { trace } = this;
    const operands = trace === null ? inputs : inputs.map(input => input && trace.operand(input));
    if (operands.some(isComposite) || /** @type {any} */ (attributes)?.dtype === 'complex64') return runComposite(name, attributes, inputs);
    const json = attributes && textOf(attributes);
    if (operands.some(operand => operand?.isSymbolic)) {
      return /** @type {Tensor[]} */ (this.emit(name, operands, handles => this.native.op(name, json, handles)));
    }
    if (this.foreign !== null) {
      throw failure('BACKEND', `${name}: Hornbeam's ops run on its own backend, not on one that a program brought`);
    }
    const start = this.observer === null ? 0 : performance.now();
    const outputs = this.adoptAll(this.native.op(name, json, handlesOf(operands), this.types));
    this.tape?.recordOp(name, json, operands, outputs);
    this.observer?.(name, operands, outputs, performance.now() - start);
    return outputs;
  }

  /** Another symbol for the same elements, unknown to the tape. @param {Tensor} symbol @returns {TracedTensor} */
  identity(symbol) {
    return this.symbol(this.native.op('Identity', null, [symbol.handle])[0]);
  }

  /**
   * Adds an op or the ops of a layer to the graph that is being traced. Their inputs get symbols of their own while a gradient is taken, so that
   * the native library goes back through these ops alone.
   * @param {string} name for messages
   * @param {(Tensor | null)[]} inputs
   * @param {(handles: number[]) => number[]} add 0: an output that is left out
   * @returns {(TracedTensor | null)[]}
   */
  emit(name, inputs, add) {
    const { tape } = this;
    const own = tape === null ? inputs : inputs.map(input => (input?.isSymbolic ? this.identity(input) : input));
    const outputs = add(handlesOf(own)).map(handle => (handle === 0 ? null : this.symbol(handle)));
    tape?.recordTraced(name, inputs, own, outputs);
    return outputs;
  }

  /** @param {Tensor} tensor */
  read(tensor) {
    const { parts, foreign } = tensor.storage;
    tensor.throwIfDisposed();
    if (foreign !== undefined) return foreign.backend.readSync(foreign.dataId);
    if (tensor.dtype === 'string') return this.readStrings(tensor).map(bytes => decodeString(bytes));
    const values = tensor.zeroValues();
    if (parts !== undefined) {
      parts.forEach((part, i) => this.read(part).forEach((/** @type {number} */ value, /** @type {number} */ k) => void (values[2 * k + i] = value)));
      return values;
    }
    this.native.tensorRead(tensor.handle, values);
    return values;
  }

  /**
   * A tensor's elements under the same id, not counted: they outlive its dispose.
   * @param {Tensor} tensor
   * @returns {Tensor}
   */
  shadow(tensor) {
    if (tensor.isSymbolic) return tensor;
    return new Tensor(tensor.shape, tensor.dtype, this.native.tensorReshape(tensor.handle, tensor.shape), tensor.storage, tensor.id);
  }

  /** @param {Tensor} shadow */
  releaseShadow(shadow) {
    if (!shadow.isSymbolic) this.native.tensorRelease(shadow.handle);
  }

  nextTensorId() {
    return this.#nextTensor++;
  }

  /**
   * @param {boolean} [mutable]
   * @returns {Storage}
   */
  newStorage(mutable = false) {
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
    storage.bytes ??= tensor.size * bytesPerElement(tensor.dtype);
    if (storage.tensors++ === 0) this.#numDataBuffers++;
    this.#numBytes += storage.bytes;
    this.#numTensors++;
    storage.isText ??= tensor.dtype === 'string';
    if (storage.isText) this.#numStringTensors++;
    this.#net.register(tensor, { handle: tensor.handle, storage }, tensor);
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
    this.#release({ handle: tensor.handle, storage: tensor.storage });
  }

  /** @param {Remains} remains */
  #release({ handle, storage }) {
    this.#numTensors--;
    if (storage.isText) this.#numStringTensors--;
    this.#numBytes -= storage.bytes ?? 0;
    if (--storage.tensors === 0) {
      this.#numDataBuffers--;
      storage.foreign?.backend.disposeData(storage.foreign.dataId);
      storage.parts?.forEach(part => this.releaseShadow(part));
    }
    if (handle !== 0) this.native.tensorRelease(handle);
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
    const { shape, dtype } = initialValue;
    const isNative = !isComposite(initialValue);
    const handle = isNative ? this.native.op('Identity', null, [initialValue.handle])[0] : 0;
    const variable = new Variable(shape, dtype, handle, isNative
      ? this.newStorage(true)
      : initialValue.storage, this.nextTensorId(), name, trainable);
    this.variables.set(name, variable);
    return this.track(variable);
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

  /** @returns {{unreliable: boolean, numTensors: number, numDataBuffers: number, numBytes: number, reasons?: string[]}} */
  memory() {
    const counts = { unreliable: false, numTensors: this.#numTensors, numDataBuffers: this.#numDataBuffers, numBytes: this.#numBytes };
    if (this.#numStringTensors === 0) return counts;
    return { ...counts, unreliable: true, reasons: ['Memory usage by string tensors is approximate (2 bytes per character)'] };
  }
}

/** Attributes as JSON, which has no infinities: 1e999 is read as one. @param {object} attributes */
function textOf(attributes) {
  const text = JSON.stringify(attributes);
  if (!text.includes('null')) return text;
  return JSON.stringify(attributes, (_, value) => (value === Infinity || value === -Infinity ? String(value) : value))
    .replace(/"(-?)Infinity"/g, '$11e999');
}

/** @param {Values} values @param {DataType} dtype */
function assertFinite(values, dtype) {
  for (const value of values) {
    if (!Number.isFinite(value)) throw failure('INVALID_ARGUMENT', `A tensor of type ${dtype} being uploaded contains ${value}.`);
  }
}

/** Strings as the native library takes them: length and bytes of one behind the other. @param {Uint8Array[]} strings */
function packStrings(strings) {
  const bytes = new Uint8Array(strings.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of strings) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** @param {Uint8Array} bytes @param {number} count */
function unpackStrings(bytes, count) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 0;
  return Array.from({ length: count }, () => {
    const start = at + 4;
    at = start + view.getUint32(at, true);
    return Uint8Array.from(bytes.subarray(start, at));
  });
}

/** Whether a tensor is not one of the native library's, but made of such. @param {Tensor | null} tensor */
function isComposite(tensor) {
  return tensor !== null && tensor.dtype === 'complex64';
}

/** @param {readonly (Tensor | null)[]} tensors */
function handlesOf(tensors) {
  return tensors.map(tensor => (tensor === null ? 0 : tensor.handle));
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
