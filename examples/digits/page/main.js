/** The page: a board to draw on, and what the network makes of it. */
import * as tf from '../../../dist/hornbeam.mjs';
import { prepareDigit, SIZE } from './prepare.js';

const MODEL = new URL('../../../build/digits/model.json', import.meta.url).href;
const PEN = 22;

/** @param {string} id @returns {any} */
const byId = id => document.getElementById(id);
const board = /** @type {HTMLCanvasElement} */ (byId('board'));
const pen = /** @type {CanvasRenderingContext2D} */ (board.getContext('2d', { willReadFrequently: true }));
const bars = makeBars();

/** @type {tf.LayersModel | null} */
let model = null;
let isScheduled = false;

/** A row for each digit. */
function makeBars() {
  return Array.from({ length: 10 }, (_, digit) => {
    const row = document.createElement('li');
    row.innerHTML = `<span>${digit}</span><div class="track"><div class="bar"></div></div><span></span>`;
    byId('bars').append(row);
    return row;
  });
}

/** @param {ArrayLike<number>} probabilities */
function showReading(probabilities) {
  const best = Array.from(probabilities).indexOf(Math.max(...Array.from(probabilities)));
  bars.forEach((row, digit) => {
    row.classList.toggle('best', digit === best && probabilities[digit] > 0);
    row.style.setProperty('--share', String(probabilities[digit]));
    /** @type {HTMLElement} */ (row.lastElementChild).textContent = probabilities[digit] > 0 ? `${(probabilities[digit] * 100).toFixed(1)}%` : '';
  });
  byId('answer').textContent = probabilities[best] > 0 ? String(best) : '–';
}

/** Reads the board and shows what the network says of it. */
function read() {
  isScheduled = false;
  if (model === null) return;
  const network = model;
  const ink = tf.tidy(() => tf.browser.fromPixels(board, 1).dataSync());
  const image = prepareDigit(ink, board.width, board.height);
  if (image === null) {
    byId('time').textContent = '';
    showReading(new Float32Array(10));
    return;
  }
  const start = performance.now();
  const probabilities = tf.tidy(() => /** @type {tf.Tensor} */ (network.predict(tf.tensor(image, [1, SIZE, SIZE, 1]))).dataSync());
  byId('time').textContent = `${(performance.now() - start).toFixed(2)} ms`;
  showReading(probabilities);
}

/** Reads once before the next frame, however often the pen has moved. */
function scheduleReading() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(read);
}

function clear() {
  pen.fillStyle = '#000';
  pen.fillRect(0, 0, board.width, board.height);
  byId('hint').hidden = false;
  scheduleReading();
}

/** Where a pointer is on the board, in the board's own pixels. @param {PointerEvent} event */
function placeOf(event) {
  const { left, top, width, height } = board.getBoundingClientRect();
  return /** @type {const} */ ([((event.clientX - left) * board.width) / width, ((event.clientY - top) * board.height) / height]);
}

function preparePen() {
  pen.strokeStyle = '#fff';
  pen.lineWidth = PEN;
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
}

/** The last place of each pointer that is down. @type {Map<number, readonly [number, number]>} */
const down = new Map();

/** @param {PointerEvent} event */
function draw(event) {
  const last = down.get(event.pointerId);
  if (last === undefined) return;
  const points = event.getCoalescedEvents?.() ?? [];
  preparePen();
  pen.beginPath();
  pen.moveTo(...last);
  for (const point of points.length > 0 ? points : [event]) pen.lineTo(...placeOf(point));
  pen.stroke();
  down.set(event.pointerId, placeOf(event));
  scheduleReading();
}

board.addEventListener('pointerdown', event => {
  event.preventDefault();
  board.setPointerCapture(event.pointerId);
  byId('hint').hidden = true;
  down.set(event.pointerId, placeOf(event));
  draw(event);
});
board.addEventListener('pointermove', draw);
for (const end of ['pointerup', 'pointercancel']) board.addEventListener(end, event => down.delete(/** @type {PointerEvent} */ (event).pointerId));
byId('clear').addEventListener('click', clear);
clear();

try {
  model = await tf.loadLayersModel(MODEL, {
    onProgress: fraction => { byId('status').textContent = `Loading the model… ${Math.round(fraction * 100)}%`; },
  });
  const { variant, threads } = tf.backendInfo();
  byId('status').textContent = `Ready · ${model.countParams().toLocaleString('en')} parameters · WebAssembly ${variant}, ${threads} thread${threads === 1 ? '' : 's'}`;
  // The first prediction makes the plan; a person's first stroke shall not wait for it.
  const network = model;
  tf.tidy(() => network.predict(tf.zeros([1, SIZE, SIZE, 1])));
  scheduleReading();
} catch (error) {
  byId('status').textContent = `The model could not be loaded: ${/** @type {Error} */ (error).message}`;
  byId('status').classList.add('failed');
}
