/** Bytes in several pieces: weights come in shards. */

/** @typedef {ArrayBuffer | ArrayBufferView} Bytes */

/** @param {Bytes} bytes @returns {Uint8Array<ArrayBuffer>} */
export function bytesOf(bytes) {
  if (!ArrayBuffer.isView(bytes)) return new Uint8Array(bytes);
  return new Uint8Array(/** @type {ArrayBuffer} */ (bytes.buffer), bytes.byteOffset, bytes.byteLength);
}

/** Buffers that are read as if they were one, without a copy of all. */
export class CompositeArrayBuffer {
  /** @type {{bytes: Uint8Array<ArrayBuffer>, start: number, end: number}[]} */
  #shards = [];
  byteLength = 0;

  /** @param {Bytes | Bytes[] | null} [buffers] */
  constructor(buffers) {
    for (const buffer of buffers == null ? [] : Array.isArray(buffers) ? buffers : [buffers]) {
      const bytes = bytesOf(buffer);
      this.#shards.push({ bytes, start: this.byteLength, end: this.byteLength + bytes.byteLength });
      this.byteLength += bytes.byteLength;
    }
  }

  /**
   * One buffer of all.
   * @param {Bytes | Bytes[] | null} [buffers]
   * @returns {ArrayBuffer}
   */
  static join(buffers) {
    return new CompositeArrayBuffer(buffers).slice();
  }

  /**
   * A copy of some bytes; places outside are drawn to the ends.
   * @param {number} [start]
   * @param {number} [end]
   * @returns {ArrayBuffer}
   */
  slice(start = 0, end = this.byteLength) {
    const from = Math.max(0, Number.isNaN(Number(start)) ? 0 : Number(start));
    const to = Math.min(this.byteLength, Number.isNaN(Number(end)) ? 0 : Number(end));
    const out = new Uint8Array(Math.max(0, to - from));
    for (let i = this.#shardAt(from), at = from; at < to; i++) {
      const { bytes, start: begin, end: stop } = this.#shards[i];
      out.set(bytes.subarray(at - begin, Math.min(stop, to) - begin), at - from);
      at = stop;
    }
    return out.buffer;
  }

  /** The shard that has a byte: the last one that begins at or before it. @param {number} at */
  #shardAt(at) {
    let low = 0;
    let high = this.#shards.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#shards[middle].start <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/**
 * One buffer of several.
 * @param {Bytes | Bytes[]} buffers
 */
export function concatenateArrayBuffers(buffers) {
  return CompositeArrayBuffer.join(buffers);
}
