/** Tensors as bytes, one after the other in the manifest's order, and back; quantized ones become what they were before. */
import { engine } from '../core/engine.js';
import { assert, failure, sizeFromShape } from '../core/util.js';
import { tensor } from '../ops/creation.js';
import { CompositeArrayBuffer, bytesOf } from './buffers.js';
import { STORED_SIZES } from './manifest.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */
/** @import { Bytes } from './buffers.js' */
/** @import { WeightSpec } from './manifest.js' */

/** @typedef {Record<string, Tensor>} NamedTensorMap */
/** @typedef {{name: string, tensor: Tensor}} NamedTensor */

/** A string is its length, then its bytes. */
const LENGTH_BYTES = 4;

// ---- writing

/** @param {Uint8Array[]} strings */
function encodeStrings(strings) {
  return CompositeArrayBuffer.join(strings.flatMap(bytes => [Uint32Array.of(bytes.length), bytes]));
}

/**
 * The bytes of tensors, one after the other, and what they are.
 * @param {NamedTensorMap | NamedTensor[]} tensors
 * @param {'model' | 'optimizer'} [group] what they belong to
 * @returns {Promise<{data: ArrayBuffer, specs: WeightSpec[]}>}
 */
export async function encodeWeights(tensors, group) {
  const list = Array.isArray(tensors) ? tensors : Object.entries(tensors).map(([name, value]) => ({ name, tensor: value }));
  const specs = list.map(({ name, tensor: { shape, dtype } }) => ({ name, shape: [...shape], dtype, ...(group != null && { group }) }));
  const parts = await Promise.all(list.map(async ({ tensor: value }) => {
    if (value.dtype === 'string') return encodeStrings(/** @type {any} */ (await value.bytes()));
    return /** @type {Bytes} */ (/** @type {unknown} */ (await value.data()));
  }));
  return { data: CompositeArrayBuffer.join(parts), specs };
}

// ---- reading

/** @param {number} bits of an IEEE half */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction / 1024 : 1 + fraction / 1024) * 2 ** (Math.max(exponent, 1) - 15);
}

/** @param {WeightSpec} spec */
function checkSpec({ name, dtype, quantization }) {
  const stored = quantization?.dtype;
  if (stored === undefined) {
    assert(dtype === 'string' || (Object.hasOwn(STORED_SIZES, dtype) && !['float16', 'uint8', 'uint16'].includes(dtype)),
      () => `Unsupported dtype in weight '${name}': ${dtype}`, 'UNSUPPORTED');
    return;
  }
  assert(['uint8', 'uint16', 'float16'].includes(stored), () => `Weight ${name} has unknown quantization dtype ${stored}. Supported quantization ` +
    "dtypes are: 'uint8', 'uint16', and 'float16'.", 'UNSUPPORTED');
  if (stored === 'float16') {
    assert(dtype === 'float32',
      () => `Weight ${name} is quantized with ${stored} which only supports weights of type float32 not ${dtype}.`, 'UNSUPPORTED');
    return;
  }
  assert(quantization?.scale !== undefined && quantization.min !== undefined,
    () => `Weight ${name} with quantization ${stored} doesn't have corresponding metadata min and scale.`, 'FORMAT');
  assert(dtype === 'float32' || dtype === 'int32', () => `Unsupported dtype in weight '${name}': ${dtype}`, 'UNSUPPORTED');
}

/** @param {WeightSpec} spec @param {ArrayBuffer} bytes */
function dequantize({ dtype, quantization }, bytes) {
  const { dtype: stored, scale = 1, min = 0 } = /** @type {NonNullable<WeightSpec['quantization']>} */ (quantization);
  if (stored === 'float16') return Float32Array.from(new Uint16Array(bytes), fromHalf);
  const numbers = stored === 'uint8' ? new Uint8Array(bytes) : new Uint16Array(bytes);
  if (dtype === 'int32') return Int32Array.from(numbers, number => Math.round(number * scale + min));
  return Float32Array.from(numbers, number => number * scale + min);
}

/** @param {ArrayBuffer} bytes real and imaginary parts in turn @param {number[]} shape */
function decodeComplex(bytes, shape) {
  const both = new Float32Array(bytes);
  const part = (/** @type {number} */ k) => tensor(Float32Array.from({ length: both.length / 2 }, (_, i) => both[2 * i + k]), shape, 'float32');
  return engine.scoped('decodeWeights', () => engine.complex(part(0), part(1)));
}

/** @param {ArrayBuffer} bytes */
function decodeStrings(bytes) {
  const view = new DataView(bytes);
  const strings = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const length = view.getUint32(at, true);
    strings.push(new Uint8Array(bytes, at + LENGTH_BYTES, length));
    at += LENGTH_BYTES + length;
  }
  return strings;
}

/** @param {WeightSpec} spec @param {ArrayBuffer} bytes as many as the spec says */
function decodeWeight(spec, bytes) {
  const { dtype, shape, quantization } = spec;
  if (quantization !== undefined) return tensor(dequantize(spec, bytes), shape, /** @type {DataType} */ (dtype));
  if (dtype === 'string') return tensor(/** @type {any} */ (decodeStrings(bytes)), shape, 'string');
  if (dtype === 'complex64') return decodeComplex(bytes, shape);
  const Kind = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
  return tensor(new Kind(bytes), shape, /** @type {DataType} */ (dtype));
}

/**
 * How many bytes a weight has; those of strings are found by reading their lengths.
 * @param {WeightSpec} spec
 * @param {(at: number) => number | Promise<number>} lengthAt the number that lies at a place behind the weight's begin
 * @returns {Generator<number | Promise<number>, number, number>} asks for the lengths, so that they may come later
 */
function* measure({ shape, dtype, quantization }, lengthAt) {
  const count = sizeFromShape(shape);
  if (quantization !== undefined || dtype !== 'string') return count * STORED_SIZES[quantization?.dtype ?? dtype];
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += LENGTH_BYTES + (yield lengthAt(bytes));
  return bytes;
}

/**
 * Tensors from their bytes, the reverse of encodeWeights.
 * @param {Bytes | Bytes[]} weightData
 * @param {WeightSpec[]} specs
 * @returns {NamedTensorMap}
 */
export function decodeWeights(weightData, specs) {
  const all = new CompositeArrayBuffer(weightData);
  let offset = 0;
  /** @param {string} name @param {number} start @param {number} end */
  const take = (name, start, end) => {
    const bytes = all.slice(start, end);
    if (bytes.byteLength !== end - start) throw failure('FORMAT', `Weight ${name}: expected ${end - start} bytes, got ${bytes.byteLength}`);
    return bytes;
  };
  return Object.fromEntries(specs.map(spec => {
    checkSpec(spec);
    const asked = measure(spec, at => new DataView(take(spec.name, offset + at, offset + at + LENGTH_BYTES)).getUint32(0, true));
    let step = asked.next();
    while (!step.done) step = asked.next(/** @type {number} */ (step.value));
    const bytes = take(spec.name, offset, offset + /** @type {number} */ (step.value));
    offset += bytes.byteLength;
    return [spec.name, decodeWeight(spec, bytes)];
  }));
}

/** Takes bytes from a stream, as many as are asked for. */
class StreamReader {
  #reader;
  /** What has come lies from #start to #end; behind that is room for more. */
  #bytes = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** @param {ReadableStream<Bytes>} stream */
  constructor(stream) {
    this.#reader = stream.getReader();
  }

  /** The next bytes behind a place, which stay where they are. @param {number} at @param {number} count */
  async peek(at, count) {
    await this.#waitFor(at + count);
    return this.#bytes.slice(this.#start + at, this.#start + at + count).buffer;
  }

  /** @param {number} count */
  async take(count) {
    const bytes = await this.peek(0, count);
    this.#start += count;
    return bytes;
  }

  /** @param {number} count */
  async #waitFor(count) {
    for (let held = this.#end - this.#start; held < count; held = this.#end - this.#start) {
      const { done, value } = await this.#reader.read();
      if (done || value == null) throw failure('FORMAT', `Reader is done but ${count - held} bytes are still expected`);
      this.#append(bytesOf(value));
    }
  }

  /** What is held is moved as often as its size doubles, and not with each piece. @param {Uint8Array} bytes */
  #append(bytes) {
    if (this.#end + bytes.length > this.#bytes.length) {
      const held = this.#bytes.subarray(this.#start, this.#end);
      this.#bytes = new Uint8Array(Math.max(2 * held.length, held.length + bytes.length));
      this.#bytes.set(held);
      [this.#start, this.#end] = [0, held.length];
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }
}

/**
 * The same from a stream; a weight is made as soon as its bytes have come.
 * @param {ReadableStream<Bytes>} weightStream
 * @param {WeightSpec[]} specs
 * @returns {Promise<NamedTensorMap>}
 */
export async function decodeWeightsStream(weightStream, specs) {
  /** @type {NamedTensorMap} */
  const tensors = {};
  const reader = new StreamReader(weightStream);
  for (const spec of specs) {
    checkSpec(spec);
    const asked = measure(spec, async at => new DataView(await reader.peek(at, LENGTH_BYTES)).getUint32(0, true));
    let step = asked.next();
    while (!step.done) step = asked.next(await step.value);
    tensors[spec.name] = decodeWeight(spec, await reader.take(/** @type {number} */ (step.value)));
  }
  return tensors;
}
