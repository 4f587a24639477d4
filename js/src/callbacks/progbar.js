/** The progress bar that Keras prints, with the time that is left. Keras: keras/src/utils/progbar.py. */
import { formatNumber } from './python_format.js';

/** @import { Logs } from './callback.js' */

const WIDTH = 20;
/** Seconds between two updates of the bar. */
const INTERVAL = 0.05;

/** @param {string} code @param {string} text */
const styled = (code, text) => `\x1b[${code}m${text}\x1b[0m`;
/** How wide a text is on the screen. @param {string} text */
const widthOf = text => text.replace(/\x1b\[\d+m/g, '').length;

/** @param {number} seconds */
function etaText(seconds) {
  const [hours, minutes, rest] = [seconds / 3600, (seconds % 3600) / 60, seconds % 60].map(part => String(Math.floor(part)));
  if (seconds > 3600) return `${hours}:${minutes.padStart(2, '0')}:${rest.padStart(2, '0')}`;
  return seconds > 60 ? `${minutes}:${rest.padStart(2, '0')}` : `${rest}s`;
}

/** @param {number} seconds of a step @param {string} unit */
function stepText(seconds, unit) {
  if (seconds >= 1 || seconds === 0) return ` ${seconds.toFixed(0)}s/${unit}`;
  return seconds >= 1e-3 ? ` ${(seconds * 1e3).toFixed(0)}ms/${unit}` : ` ${(seconds * 1e6).toFixed(0)}us/${unit}`;
}

/** @param {Logs} logs */
function logsText(logs) {
  const text = (/** @type {number} */ value) => formatNumber(value, Math.abs(value) > 1e-3 ? '.4f' : '.4e', false);
  return Object.entries(logs).map(([name, value]) => ` - ${name}: ${text(value)}`).join('');
}

export class Progbar {
  /** @type {Logs} */
  #logs = {};
  #lastUpdate = 0;
  /** @type {number | null} */
  #afterFirstStep = null;
  #previousWidth = 0;

  /**
   * @param {object} args
   * @param {number | null} args.target steps; null where their number is not known
   * @param {number} args.verbose 0 silent, 1 a bar, 2 a line at the end
   * @param {boolean} args.isTerminal a bar is drawn again and again; else there is a line at the end
   * @param {(text: string) => void} args.write
   * @param {() => number} [args.now] in seconds
   * @param {string} [args.unit]
   */
  constructor({ target, verbose, isTerminal, write, now = () => Date.now() / 1000, unit = 'step' }) {
    this.target = target;
    this.verbose = verbose;
    this.isTerminal = isTerminal;
    this.write = write;
    this.now = now;
    this.unit = unit;
    this.start = now();
  }

  /**
   * @param {number} current steps that are done
   * @param {Logs} logs
   * @param {boolean} isLast
   */
  update(current, logs, isLast) {
    Object.assign(this.#logs, logs);
    const now = this.now();
    const step = this.#secondsOfStep(current, now);
    if (this.verbose === 0) return;
    if (this.verbose === 1 && this.isTerminal) this.#draw(current, isLast, now, step);
    else if (isLast) this.write(this.#line(current, now, step));
  }

  /** The first step is longer than others, and left out where it can be. @param {number} current @param {number} now */
  #secondsOfStep(current, now) {
    if (current === 0) return 0;
    const first = this.#afterFirstStep;
    if (current === 1) this.#afterFirstStep = now;
    return first !== null && current > 1 ? (now - first) / (current - 1) : (now - this.start) / current;
  }

  /** @param {number} current */
  #countText(current) {
    if (this.target === null || this.target <= 0) return `${String(current).padStart(7)}/Unknown`;
    return `${String(current).padStart(String(this.target).length)}/${this.target}`;
  }

  /** @param {number} current @param {number} now @param {number} step */
  #line(current, now, step) {
    return `${this.#countText(current)} - ${(now - this.start).toFixed(0)}s -${stepText(step, this.unit)}${logsText(this.#logs)}\n`;
  }

  /** @param {number} current @param {boolean} isLast @param {number} now @param {number} step */
  #draw(current, isLast, now, step) {
    if (now - this.#lastUpdate < INTERVAL && !isLast) return;
    const { target } = this;
    const isKnown = target !== null && target > 0;
    let bar = this.#countText(current);
    if (isKnown) {
      const done = Math.min(Math.floor((WIDTH * current) / target), WIDTH);
      bar = `${styled('1', bar)} ${done > 0 ? styled('32', '━'.repeat(done)) : ''}${styled('37', '━'.repeat(WIDTH - done))}`;
    }
    const time = isKnown && !isLast ? etaText(step * (target - current)) : `${(now - this.start).toFixed(0)}s`;
    const text = `${bar} ${styled('1', time)}${stepText(step, this.unit)}${logsText(this.#logs)}`;
    const width = widthOf(text);
    this.write(`${'\b'.repeat(this.#previousWidth)}\r${text}${' '.repeat(Math.max(this.#previousWidth - width, 0))}${isLast ? '\n' : ''}`);
    this.#previousWidth = width;
    this.#lastUpdate = now;
  }
}
