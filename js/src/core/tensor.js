/** tf.Tensor, tf.Variable and tf.TensorBuffer. The chained ops are attached in ops/chained.js. */
import { engine } from './engine.js';
import { tensorToString } from './format.js';
import { arraysEqual, assert, computeStrides, failure, sizeFromShape, toNestedArray, zeroValues } from './util.js';

/** @import { DataType, Values } from './util.js' */
/** @import { Storage } from './engine.js' */

/** An immutable array of numbers with a shape and a dtype. */
export class Tensor {
  /** Whether tidy leaves it alone: see tf.keep. */
  kept = false;
  /** Whether it stands for elements that a Program computes later. */
  isSymbolic = false;
  /** The scope of tidy that disposes it; -1: none. */
  scopeId = -1;
  #handle;
  #storage;

  /**
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   * @param {number} handle
   * @param {Storage} storage
   * @param {number} id
   */
  constructor(shape, dtype, handle, storage, id) {
    /** @type {number[]} */
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeFromShape(shape);
    this.strides = computeStrides(shape);
    this.id = id;
    this.isDisposed = false;
    this.#handle = handle;
    this.#storage = storage;
  }

  get rank() {
    return this.shape.length;
  }

  /** The native handle. */
  get handle() {
    this.throwIfDisposed();
    return this.#handle;
  }

  get storage() {
    return this.#storage;
  }

  /** An object that tensors with the same elements have in common. */
  get dataId() {
    return this.#storage.foreign?.dataId ?? this.#storage;
  }

  /** Zeros in a typed array of this tensor's dtype and size. */
  zeroValues() {
    return zeroValues(this.dtype, this.size);
  }

  /** The elements in a typed array. @returns {Values} */
  dataSync() {
    return engine.read(this);
  }

  /** The elements in a typed array. @returns {Promise<Values>} */
  async data() {
    const { foreign } = this.storage;
    return foreign === undefined ? this.dataSync() : foreign.backend.read(foreign.dataId);
  }

  /** The elements as nested arrays; a number for a scalar. @returns {any} */
  arraySync() {
    return toNestedArray(this.shape, this.dataSync(), this.dtype === 'complex64');
  }

  /** The elements as nested arrays; a number for a scalar. @returns {Promise<any>} */
  async array() {
    return this.arraySync();
  }

  /** The elements' bytes; those of each string. @returns {Promise<Uint8Array | Uint8Array[]>} */
  async bytes() {
    this.throwIfDisposed();
    return this.dtype === 'string' ? engine.readStrings(this) : new Uint8Array(this.dataSync().buffer);
  }

  bufferSync() {
    return new TensorBuffer(this.shape, this.dtype, this.dataSync());
  }

  async buffer() {
    return this.bufferSync();
  }

  /** Gives the memory back. A second call does nothing. */
  dispose() {
    if (this.isDisposed) return;
    engine.disposeTensor(this);
    this.isDisposed = true;
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.dispose();
  }

  throwIfDisposed() {
    if (this.isDisposed) throw failure('DISPOSED', 'Tensor is disposed.');
  }

  /** A tensor of its own with the same elements. @returns {Tensor} */
  clone() {
    this.throwIfDisposed();
    return engine.reshape(this, this.shape);
  }

  /** @param {boolean} [verbose] with dtype, rank and shape */
  toString(verbose = false) {
    return tensorToString(this.dataSync(), this.shape, this.dtype, verbose);
  }

  /** @param {boolean} [verbose] with dtype, rank and shape */
  print(verbose = false) {
    console.log(this.toString(verbose));
  }
}

/** Thrown where code reads elements while it is traced: who traces it can go another way. */
export class NoElements extends Error {
  code = 'INVALID_ARGUMENT';
}

/** A tensor in the body of a Program that is being traced: a symbol of its graph, without elements. Unknown dimensions are null. */
export class TracedTensor extends Tensor {
  isSymbolic = true;

  /** @override @returns {never} */
  dataSync() {
    throw new NoElements(`A tensor [${this.shape.map(dimension => dimension ?? 'null')}] is being traced and has no elements`);
  }

  /** Its graph owns it. @override */
  dispose() {}

  /** @override @returns {string} */
  toString() {
    return `Tensor being traced, dtype: ${this.dtype}, shape: [${this.shape.map(dimension => dimension ?? 'null')}]`;
  }
}

/** A tensor whose elements can be assigned. Scopes leave it alone. */
export class Variable extends Tensor {
  /** What optimizers hold its elements to. @type {any} */
  constraint = null;

  /**
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   * @param {number} handle
   * @param {Storage} storage
   * @param {number} id
   * @param {string} name
   * @param {boolean} trainable
   */
  constructor(shape, dtype, handle, storage, id, name, trainable) {
    super(shape, dtype, handle, storage, id);
    this.name = name;
    this.trainable = trainable;
  }

  /**
   * Takes another tensor's elements, in place: graphs that read this variable see them. A tensor that is only known when a program runs is
   * taken at the end of each run.
   * @param {Tensor} newValue of the same shape and dtype
   */
  assign(newValue) {
    if (newValue.isSymbolic && engine.trace !== null) return engine.trace.update(this, newValue);
    this.assertFits(newValue);
    engine.native.tensorAssign(this.handle, newValue.handle);
  }

  /** @param {Tensor} newValue */
  assertFits(newValue) {
    assert(this.storage.parts === undefined, () => `A variable of ${this.dtype} cannot be assigned`, 'UNSUPPORTED');
    assert(newValue.dtype === this.dtype,
      () => `dtype of the new value (${newValue.dtype}) and previous value (${this.dtype}) must match`, 'DTYPE');
    assert(arraysEqual(newValue.shape, this.shape),
      () => `shape of the new value (${newValue.shape}) and previous value (${this.shape}) must match`, 'SHAPE');
  }

  dispose() {
    if (engine.variables.get(this.name) === this) engine.variables.delete(this.name);
    super.dispose();
  }
}

/** Elements that are set one by one before they become a tensor. */
export class TensorBuffer {
  /**
   * @param {readonly number[]} shape
   * @param {DataType} dtype
   * @param {Values} [values]
   */
  constructor(shape, dtype, values) {
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeFromShape(shape);
    this.strides = computeStrides(shape);
    if (values !== undefined) {
      assert(values.length === this.size,
        () => `Length of values '${values.length}' does not match the size inferred by the shape '${this.size}'.`);
    }
    this.values = values ?? zeroValues(dtype, this.size);
  }

  get rank() {
    return this.shape.length;
  }

  /**
   * @param {number} value
   * @param {...number} location
   */
  set(value, ...location) {
    const at = location.length === 0 ? [0] : location;
    assert(at.length === this.rank, () => `The number of provided coordinates (${at.length}) must match the rank (${this.rank})`);
    this.values[this.locToIndex(at)] = value;
  }

  /** @param {...number} location */
  get(...location) {
    const at = location.length === 0 ? [0] : location;
    assert(at.every((coordinate, axis) => coordinate >= 0 && coordinate < this.shape[axis]),
      () => `Requested out of range element at ${at}.   Buffer shape=${this.shape}`);
    return this.values[this.locToIndex(at)];
  }

  /** @param {readonly number[]} location */
  locToIndex(location) {
    if (this.rank === 0) return 0;
    return location.reduce((index, coordinate, axis) => index + coordinate * (this.strides[axis] ?? 1), 0);
  }

  /** @param {number} index */
  indexToLoc(index) {
    return this.shape.map((dimension, axis) => Math.floor(index / (this.strides[axis] ?? 1)) % dimension);
  }

  toTensor() {
    return engine.makeTensor(this.values, this.shape, this.dtype);
  }
}
