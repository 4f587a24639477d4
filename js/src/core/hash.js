/** Farm fingerprints: the hash of tf.string.stringToHashBucketFast. Reference: Pike and Alakuijala, FarmHash (farmhashna, Fingerprint64). */

const MASK = (1n << 64n) - 1n;
const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;

/** A 64-bit number without a sign, with the operations that a hash takes. */
export class Long {
  /** @param {bigint} value */
  constructor(value) {
    this.value = value & MASK;
  }

  /** @param {Long | number} other */
  static #of(other) {
    return other instanceof Long ? other.value : BigInt(Math.trunc(other)) & MASK;
  }

  /** @param {Long | number} other */
  add(other) { return new Long(this.value + Long.#of(other)); }
  /** @param {Long | number} other */
  sub(other) { return new Long(this.value - Long.#of(other)); }
  /** @param {Long | number} other */
  mul(other) { return new Long(this.value * Long.#of(other)); }
  /** @param {Long | number} other */
  mod(other) { return new Long(this.value % Long.#of(other)); }
  /** @param {Long | number} other */
  xor(other) { return new Long(this.value ^ Long.#of(other)); }
  /** @param {Long | number} other */
  and(other) { return new Long(this.value & Long.#of(other)); }
  /** @param {number} bits */
  shru(bits) { return new Long(this.value >> BigInt(bits)); }
  getLowBits() { return Number(BigInt.asIntN(32, this.value)); }
  getLowBitsUnsigned() { return Number(this.value & 0xffffffffn); }
  toNumber() { return Number(this.value); }
  toString() { return this.value.toString(); }
}

/** @param {string} hex */
export function hexToLong(hex) {
  return new Long(BigInt(`0x${hex}`));
}

const rotate = (/** @type {bigint} */ x, /** @type {bigint} */ bits) => ((x >> bits) | (x << (64n - bits))) & MASK;
const shiftMix = (/** @type {bigint} */ x) => x ^ (x >> 47n);

/** @param {bigint} u @param {bigint} v @param {bigint} mul */
function hash16(u, v, mul) {
  let a = ((u ^ v) * mul) & MASK;
  a ^= a >> 47n;
  let b = ((v ^ a) * mul) & MASK;
  b ^= b >> 47n;
  return (b * mul) & MASK;
}

/** @typedef {{view: DataView, length: number}} Text */

/** @param {Text} s @param {number} at */
const fetch64 = (s, at) => s.view.getBigUint64(at, true);
/** @param {Text} s @param {number} at */
const fetch32 = (s, at) => BigInt(s.view.getUint32(at, true));

/** @param {Text} s */
function upTo16(s) {
  const { length, view } = s;
  if (length >= 8) {
    const mul = (K2 + BigInt(length) * 2n) & MASK;
    const a = (fetch64(s, 0) + K2) & MASK;
    const b = fetch64(s, length - 8);
    const c = (rotate(b, 37n) * mul + a) & MASK;
    const d = ((rotate(a, 25n) + b) * mul) & MASK;
    return hash16(c, d, mul);
  }
  if (length >= 4) {
    const mul = (K2 + BigInt(length) * 2n) & MASK;
    return hash16((BigInt(length) + (fetch32(s, 0) << 3n)) & MASK, fetch32(s, length - 4), mul);
  }
  if (length === 0) return K2;
  const y = BigInt(view.getUint8(0) + (view.getUint8(length >> 1) << 8));
  const z = BigInt(length + (view.getUint8(length - 1) << 2));
  return (shiftMix(((y * K2) ^ (z * K0)) & MASK) * K2) & MASK;
}

/** @param {Text} s */
function upTo32(s) {
  const { length } = s;
  const mul = (K2 + BigInt(length) * 2n) & MASK;
  const a = (fetch64(s, 0) * K1) & MASK;
  const b = fetch64(s, 8);
  const c = (fetch64(s, length - 8) * mul) & MASK;
  const d = (fetch64(s, length - 16) * K2) & MASK;
  return hash16((rotate((a + b) & MASK, 43n) + rotate(c, 30n) + d) & MASK, (a + rotate((b + K2) & MASK, 18n) + c) & MASK, mul);
}

/** @param {Text} s */
function upTo64(s) {
  const { length } = s;
  const mul = (K2 + BigInt(length) * 2n) & MASK;
  const a = (fetch64(s, 0) * K2) & MASK;
  const b = fetch64(s, 8);
  const c = (fetch64(s, length - 8) * mul) & MASK;
  const d = (fetch64(s, length - 16) * K2) & MASK;
  const y = (rotate((a + b) & MASK, 43n) + rotate(c, 30n) + d) & MASK;
  const z = hash16(y, (a + rotate((b + K2) & MASK, 18n) + c) & MASK, mul);
  const e = (fetch64(s, 16) * mul) & MASK;
  const f = fetch64(s, 24);
  const g = ((y + fetch64(s, length - 32)) * mul) & MASK;
  const h = ((z + fetch64(s, length - 24)) * mul) & MASK;
  return hash16((rotate((e + f) & MASK, 43n) + rotate(g, 30n) + h) & MASK, (e + rotate((f + a) & MASK, 18n) + g) & MASK, mul);
}

/**
 * A hash of 32 bytes and two seeds, as two numbers.
 * @param {Text} s @param {number} at @param {bigint} a @param {bigint} b @returns {[bigint, bigint]}
 */
function weak32(s, at, a, b) {
  const [w, x, y, z] = [0, 8, 16, 24].map(offset => fetch64(s, at + offset));
  let first = (a + w) & MASK;
  let second = rotate((b + first + z) & MASK, 21n);
  const c = first;
  first = (first + x + y) & MASK;
  second = (second + rotate(first, 44n)) & MASK;
  return [(first + z) & MASK, (second + c) & MASK];
}

/** @param {Text} s */
function longer(s) {
  const { length } = s;
  const seed = 81n;
  let x = seed;
  let y = (seed * K1 + 113n) & MASK;
  let z = (shiftMix((y * K2 + 113n) & MASK) * K2) & MASK;
  let v = /** @type {[bigint, bigint]} */ ([0n, 0n]);
  let w = v;
  x = (x * K2 + fetch64(s, 0)) & MASK;
  const end = ((length - 1) >> 6) * 64;
  const last = end + ((length - 1) & 63) - 63;
  const step = (/** @type {number} */ at, /** @type {bigint} */ mul, /** @type {bigint} */ times) => {
    x = (rotate((x + y + v[0] + fetch64(s, at + 8)) & MASK, 37n) * mul) & MASK;
    y = (rotate((y + v[1] + fetch64(s, at + 48)) & MASK, 42n) * mul) & MASK;
    x ^= (w[1] * times) & MASK;
    y = (y + v[0] * times + fetch64(s, at + 40)) & MASK;
    z = (rotate((z + w[0]) & MASK, 33n) * mul) & MASK;
    v = weak32(s, at, (v[1] * mul) & MASK, (x + w[0]) & MASK);
    w = weak32(s, at + 32, (z + w[1]) & MASK, (y + fetch64(s, at + 16)) & MASK);
    [z, x] = [x, z];
  };
  for (let at = 0; at !== end; at += 64) step(at, K1, 1n);
  const mul = (K1 + ((z & 0xffn) << 1n)) & MASK;
  w = [(w[0] + BigInt((length - 1) & 63)) & MASK, w[1]];
  v = [(v[0] + w[0]) & MASK, v[1]];
  w = [(w[0] + v[0]) & MASK, w[1]];
  step(last, mul, 9n);
  return hash16((hash16(v[0], w[0], mul) + shiftMix(y) * K0 + z) & MASK, (hash16(v[1], w[1], mul) + x) & MASK, mul);
}

/**
 * The fingerprint of the first `length` bytes.
 * @param {Uint8Array} bytes
 * @param {number} [length]
 * @returns {Long}
 */
export function fingerPrint64(bytes, length = bytes.length) {
  const text = { view: new DataView(bytes.buffer, bytes.byteOffset, length), length };
  const hash = length <= 16 ? upTo16 : length <= 32 ? upTo32 : length <= 64 ? upTo64 : longer;
  return new Long(hash(text));
}
