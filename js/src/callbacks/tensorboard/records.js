/** TFRecord: length, its checksum, bytes, their checksum (tensorflow.org/tutorials/load_data/tfrecord); checksums are masked CRC-32C. */

const POLYNOMIAL = 0x82f63b78;
const MASK = 0xa282ead8;

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** @param {Uint8Array} data */
export function crc32c(data) {
  let crc = 0xffffffff;
  for (const byte of data) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {Uint8Array} data */
const masked = data => {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0;
};

/** @param {Uint8Array} data */
export function recordOf(data) {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}
