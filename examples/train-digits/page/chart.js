/** The loss as it falls: a line by batch, another by epoch. Losses have a logarithmic scale. */

const HIGHEST = 3;
const LOWEST = 0.02;

export class Chart {
  /** @type {{at: number, loss: number}[]} */
  #train = [];
  /** @type {{at: number, loss: number}[]} */
  #validation = [];
  #scheduled = false;

  /** @param {HTMLCanvasElement} canvas @param {number} epochs that its width is */
  constructor(canvas, epochs) {
    this.canvas = canvas;
    this.epochs = epochs;
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  clear() {
    this.#train = [];
    this.#validation = [];
    this.#schedule();
  }

  /** @param {number} at epochs since the beginning, parts too @param {number} loss */
  addTrain(at, loss) {
    this.#train.push({ at, loss });
    this.#schedule();
  }

  /** @param {number} at @param {number} loss */
  addValidation(at, loss) {
    this.#validation.push({ at, loss });
    this.#schedule();
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#scheduled = false;
    const { canvas } = this;
    const ratio = globalThis.devicePixelRatio;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    pen.scale(ratio, ratio);
    const colour = (/** @type {string} */ name) => getComputedStyle(canvas).getPropertyValue(name);
    this.#grid(pen, colour('--line'), colour('--quiet'));
    this.#line(pen, this.#train, colour('--leaf'), 1.5);
    this.#line(pen, this.#validation, colour('--berry'), 2.5);
  }

  /** @param {{at: number, loss: number}} point */
  #place({ at, loss }) {
    const height = Math.log(HIGHEST / Math.min(Math.max(loss, LOWEST), HIGHEST)) / Math.log(HIGHEST / LOWEST);
    return /** @type {const} */ ([(at / this.epochs) * this.canvas.clientWidth, height * this.canvas.clientHeight]);
  }

  /** @param {CanvasRenderingContext2D} pen @param {string} line @param {string} text */
  #grid(pen, line, text) {
    pen.strokeStyle = line;
    pen.fillStyle = text;
    pen.font = '12px system-ui, sans-serif';
    for (const loss of [2, 1, 0.5, 0.2, 0.1, 0.05]) {
      const [, y] = this.#place({ at: 0, loss });
      pen.beginPath();
      pen.moveTo(0, y);
      pen.lineTo(this.canvas.clientWidth, y);
      pen.stroke();
      pen.fillText(String(loss), 2, y - 3);
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {{at: number, loss: number}[]} points @param {string} colour @param {number} width */
  #line(pen, points, colour, width) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineJoin = 'round';
    pen.beginPath();
    for (const point of points) pen.lineTo(...this.#place(point));
    pen.stroke();
  }
}
