/** The heap of a WebAssembly instance: passes arguments into it and takes results out. Views are never kept over a call. */
import { errorOf } from './error.js';
import { TYPE_NUMBERS } from './types.js';

const SCRATCH_BYTES = 64 * 1024;
const ALIGN = 8;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Heap {
  /**
   * @param {Record<string, Function>} exports C functions by name
   * @param {() => ArrayBufferLike} buffer the current memory: it changes when the heap grows
   */
  constructor(exports, buffer) {
    this.exports = exports;
    this.buffer = buffer;
    this.context = 0;
    this.scratch = this.allocate(SCRATCH_BYTES);
    this.top = 0;
    /** @type {number[]} blocks of the running call that did not fit the scratch memory */
    this.large = [];
    this.roomAt = 0;
  }

  /** @param {number} bytes */
  allocate(bytes) {
    const at = this.exports.malloc(bytes) >>> 0;
    if (at === 0) throw errorOf('OUT_OF_MEMORY', `memory: ${bytes} bytes could not be allocated`);
    return at;
  }

  /**
   * Makes a function whose scratch memory is given back when it returns.
   * @template {any[]} A @template R
   * @param {(...args: A) => R} body @returns {(...args: A) => R}
   */
  scoped(body) {
    return (...args) => {
      const top = this.top;
      const large = this.large.length;
      try {
        return body(...args);
      } finally {
        this.top = top;
        while (this.large.length > large) this.exports.free(this.large.pop());
      }
    };
  }

  /** Memory until the end of the running call. @param {number} bytes */
  reserve(bytes) {
    const size = (bytes + ALIGN - 1) & -ALIGN;
    if (bytes <= SCRATCH_BYTES && this.top + size <= SCRATCH_BYTES) {
      this.top += size;
      return this.scratch + this.top - size;
    }
    const at = this.allocate(bytes);
    this.large.push(at);
    return at;
  }

  /** @param {string} text @returns {number} address of a terminated string */
  text(text) {
    return this.sizedText(text)[0];
  }

  /** @param {string | null | undefined} text @returns {number} address of a terminated string, 0 for none */
  optionalText(text) {
    return text === null || text === undefined ? 0 : this.text(text);
  }

  /** @param {string} text @returns {[number, number]} address and length */
  sizedText(text) {
    if (typeof text !== 'string') throw wrongType('a string', text);
    const bytes = encoder.encode(text);
    const at = this.reserve(bytes.length + 1);
    const view = new Uint8Array(this.buffer(), at, bytes.length + 1);
    view.set(bytes);
    view[bytes.length] = 0;
    return [at, bytes.length];
  }

  /** @param {ArrayBufferView | ArrayBuffer | null | undefined} data @returns {[number, number]} address and length of a copy */
  bytes(data) {
    if (data === null || data === undefined) return [0, 0];
    const at = this.reserve(Math.max(data.byteLength, 1));
    this.write(at, data);
    return [at, data.byteLength];
  }

  /** @param {number} at @param {ArrayBufferView | ArrayBuffer} data */
  write(at, data) {
    new Uint8Array(this.buffer(), at, data.byteLength).set(bytesOf(data));
  }

  /** Room for a result of data's size; fill() takes it. @param {ArrayBufferView} data @returns {[number, number]} */
  room(data) {
    this.roomAt = this.reserve(Math.max(data.byteLength, 1));
    return [this.roomAt, data.byteLength];
  }

  /** @param {ArrayBufferView} data */
  fill(data) {
    bytesOf(data).set(new Uint8Array(this.buffer(), this.roomAt, data.byteLength));
  }

  /** @param {number} value */
  number(value) {
    if (!isUnsigned(value)) throw wrongType('an unsigned integer', value);
    return value;
  }

  /** @param {ArrayLike<number>} dimensions @returns {[number, number]} address and count */
  shape(dimensions) {
    return this.#integers(dimensions, value => value === (value | 0), 'an array of integers');
  }

  /** @param {ArrayLike<number>} handles @returns {[number, number]} address and count */
  handles(handles) {
    return this.#integers(handles, isUnsigned, 'an array of handles');
  }

  /**
   * @param {ArrayLike<number>} list @param {(value: number) => boolean} isGood @param {string} expected
   * @returns {[number, number]} address and count, as 32-bit integers
   */
  #integers(list, isGood, expected) {
    if (!Array.isArray(list) && !ArrayBuffer.isView(list)) throw wrongType(expected, list);
    const values = new Int32Array(list.length); // getters may make the heap grow, so they come before the view
    for (let i = 0; i < values.length; i++) {
      const value = list[i];
      if (!isGood(value)) throw wrongType(expected, value);
      values[i] = value;
    }
    const at = this.reserve(4 * Math.max(values.length, 1));
    new Int32Array(this.buffer(), at, values.length).set(values);
    return [at, values.length];
  }

  /**
   * A list beside another of the same length; 0 for none.
   * @param {ArrayLike<number> | null | undefined} numbers @param {ArrayLike<number>} list
   */
  like(numbers, list) {
    if (numbers === null || numbers === undefined) return 0;
    const count = list.length;
    const [at, found] = this.handles(numbers);
    if (found !== count) throw errorOf('INVALID_ARGUMENT', `expected ${count} handles, got ${found}`);
    return at;
  }

  /** @param {number} at @param {number} bytes @returns {Uint8Array} */
  copy(at, bytes) {
    return new Uint8Array(this.buffer(), at, bytes).slice();
  }

  /** @param {number} at */
  uint32(at) {
    return new Uint32Array(this.buffer(), at, 1)[0];
  }

  /** @param {number} at @param {number} count @returns {number[]} */
  list(at, count) {
    return Array.from(new Uint32Array(this.buffer(), at, count));
  }

  /**
   * A list of tensors; their types go to `types`, as far as it has room.
   * @param {number} at @param {number} count @param {Int32Array} [types]
   */
  typed(at, count, types) {
    const tensors = this.list(at, count);
    if (types === undefined) return tensors;
    const described = Math.min(count, Math.floor(types.length / TYPE_NUMBERS));
    const out = this.reserve(4 * TYPE_NUMBERS * Math.max(described, 1));
    new Int32Array(this.buffer(), out, TYPE_NUMBERS * described).fill(0);
    for (let i = 0; i < described; i++) {
      const to = out + 4 * TYPE_NUMBERS * i;
      if (tensors[i] !== 0) this.check(this.exports.horn_tensor_info(this.context, tensors[i], to, to + 8, to + 4));
    }
    types.set(new Int32Array(this.buffer(), out, TYPE_NUMBERS * described));
    return tensors;
  }

  /** What horn_tensor_info wrote: dtype, rank, and the shape 16 bytes on. @param {number} at */
  info(at) {
    const rank = this.uint32(at + 4);
    return { dtype: this.uint32(at), shape: Array.from(new Int32Array(this.buffer(), at + 16, rank)) };
  }

  /** @param {number} at @returns {string} */
  string(at) {
    const all = new Uint8Array(this.buffer());
    const start = at >>> 0;
    // a copy, since shared memory cannot be decoded
    return decoder.decode(all.slice(start, all.indexOf(0, start)));
  }

  /** @param {number} status of the call before */
  check(status) {
    if (status !== 0) throw errorOf(status, this.string(this.exports.horn_last_error(this.context)));
  }
}

/** @param {unknown} value */
const isUnsigned = value => typeof value === 'number' && value === value >>> 0;

/** As the addon throws it. @param {string} expected @param {unknown} got */
const wrongType = (expected, got) => Object.assign(new TypeError(`expected ${expected}, got ${String(got)}`), { code: 'INVALID_ARGUMENT' });

/** @param {ArrayBufferView | ArrayBuffer} data */
function bytesOf(data) {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}
