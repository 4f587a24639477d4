/** Grey and coloured images as PNG (w3.org/TR/png), 8 bits a channel. */

/** Colour types by channels. @type {Record<number, number>} */
const COLOURS = { 1: 0, 3: 2, 4: 6 };
const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const POLYNOMIAL = 0xedb88320;

/** @param {Uint8Array} data */
function crc32(data) {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {string} name @param {Uint8Array} data */
function chunk(name, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** @param {Uint8Array<ArrayBuffer>} data */
async function deflate(data) {
  const stream = new Blob([data]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param {Uint8Array} pixels [height, width, channels]
 * @param {number} width
 * @param {number} height
 * @param {number} channels 1, 3 or 4
 */
export async function encodePng(pixels, width, height, channels) {
  const row = width * channels;
  const filtered = new Uint8Array(height * (row + 1)); // each row begins with its filter: none
  for (let y = 0; y < height; y++) filtered.set(pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOURS[channels]], 8);
  const chunks = [Uint8Array.from(SIGNATURE), chunk('IHDR', header), chunk('IDAT', await deflate(filtered)), chunk('IEND', new Uint8Array())];
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
