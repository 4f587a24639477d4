/** A drawing as MNIST has its digits: in a 20 x 20 box with grey edges, its centre of mass in the middle of 28 x 28. */

export const SIZE = 28;
const BOX = 20;
/** Fainter ink is no ink. */
const FAINTEST = 16;

/**
 * @param {ArrayLike<number>} pixels brightness 0..255 of each pixel, row by row: white ink on black
 * @param {number} width
 * @param {number} height
 * @returns {Float32Array | null} 28 x 28 values 0..255; null where nothing is drawn
 */
export function prepareDigit(pixels, width, height) {
  const ink = boundsOfInk(pixels, width, height);
  if (ink === null) return null;
  const scale = Math.max(ink.width, ink.height) / BOX;
  const small = shrink(pixels, width, ink, scale);
  return centre(small);
}

/**
 * @param {ArrayLike<number>} pixels
 * @param {number} width
 * @param {number} height
 */
function boundsOfInk(pixels, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[y * width + x] < FAINTEST) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Each small pixel is the mean of those it covers.
 * @param {ArrayLike<number>} pixels
 * @param {number} width
 * @param {{left: number, top: number, width: number, height: number}} ink
 * @param {number} scale
 */
function shrink(pixels, width, ink, scale) {
  const columns = Math.max(1, Math.round(ink.width / scale));
  const rows = Math.max(1, Math.round(ink.height / scale));
  const values = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x0, x1] = [ink.left + (column * ink.width) / columns, ink.left + ((column + 1) * ink.width) / columns];
      const [y0, y1] = [ink.top + (row * ink.height) / rows, ink.top + ((row + 1) * ink.height) / rows];
      values[row * columns + column] = meanOf(pixels, width, x0, y0, x1, y1);
    }
  }
  return { columns, rows, values };
}

/**
 * @param {ArrayLike<number>} pixels
 * @param {number} width
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
function meanOf(pixels, width, x0, y0, x1, y1) {
  let sum = 0;
  for (let y = Math.floor(y0); y < y1; y++) {
    const tall = Math.min(y + 1, y1) - Math.max(y, y0);
    for (let x = Math.floor(x0); x < x1; x++) sum += pixels[y * width + x] * tall * (Math.min(x + 1, x1) - Math.max(x, x0));
  }
  return sum / ((x1 - x0) * (y1 - y0));
}

/** @param {{columns: number, rows: number, values: Float32Array}} small */
function centre({ columns, rows, values }) {
  let [mass, sumX, sumY] = [0, 0, 0];
  values.forEach((value, i) => {
    mass += value;
    sumX += value * ((i % columns) + 0.5);
    sumY += value * (Math.floor(i / columns) + 0.5);
  });
  const offset = (/** @type {number} */ sum, /** @type {number} */ length) => Math.min(SIZE - length, Math.max(0, Math.round(SIZE / 2 - sum / mass)));
  const [left, top] = [offset(sumX, columns), offset(sumY, rows)];
  const image = new Float32Array(SIZE * SIZE);
  values.forEach((value, i) => {
    image[(top + Math.floor(i / columns)) * SIZE + left + (i % columns)] = value;
  });
  return image;
}
