/**
 * Messages in protocol buffers' wire format (protobuf.dev/programming-guides/encoding):
 * each field is a key and a value, fields one after the other.
 */

/** @typedef {Uint8Array[]} Message pieces one after the other */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

const text = new TextEncoder();

/** @param {number | bigint} value as an int64 */
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** @param {number} field @param {number} type */
const key = (field, type) => varint((field << 3) | type);

/** @param {Message} message */
export function joined(message) {
  const all = new Uint8Array(message.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of message) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** An int32, int64, bool or enum. @param {number} field @param {number} value @returns {Message} */
export const integer = (field, value) => [key(field, VARINT), varint(value)];

/** @param {number} field @param {number} value @returns {Message} */
export const double = (field, value) => [key(field, FIXED64), new Uint8Array(new Float64Array([value]).buffer)];

/** @param {number} field @param {Uint8Array | string} value @returns {Message} */
export function bytes(field, value) {
  const content = typeof value === 'string' ? text.encode(value) : value;
  return [key(field, BYTES), varint(content.length), content];
}

/** @param {number} field @param {...Message} parts of the message within @returns {Message} */
export const message = (field, ...parts) => bytes(field, joined(parts.flat()));
