/** What callbacks share that watch one loss or metric. Keras: keras/src/callbacks/monitor_callback.py. */
import { valueError } from '../layers/errors.js';
import { Callback } from './callback.js';

/** @import { Logs } from './callback.js' */

/** @typedef {'auto' | 'min' | 'max'} Mode */

/** TensorFlow.js's short name of accuracy. @param {string} name */
const otherName = name => (name.endsWith('accuracy') ? name.replace(/accuracy$/, 'acc') : name.replace(/acc$/, 'accuracy'));

/**
 * A value of logs, under TensorFlow.js's name or Keras's.
 * @param {Logs | undefined} logs
 * @param {string} name
 * @returns {number | undefined}
 */
export function logged(logs, name) {
  return logs?.[name] ?? logs?.[otherName(name)];
}

/** What losses and metrics of Keras shall do, by the names that they have where nobody names them. */
const FALLING = /(^|_)(loss|error|mse|mae|mape|msle|rmse|crossentropy|hinge|divergence|kld|poisson|log_?cosh|false_(positives|negatives))(_\d+)?$/i;
const RISING = /(^|_)(acc|accuracy|auc|precision|recall|specificity|sensitivity|score|i_?o_?u|similarity|true_(positives|negatives))(_\d+)?$/i;

/** @param {string} message */
export const warn = message => console.warn(message);

/** The base of EarlyStopping, ModelCheckpoint and ReduceLROnPlateau. */
export class MonitorCallback extends Callback {
  /** 1 where more is better, -1 where less is, 0 until the model's metrics are known. */
  #direction = 0;

  /**
   * @param {string} monitor a name in logs
   * @param {Mode} mode
   * @param {number | null} [baseline] what the first value is to be better than
   * @param {number} [minDelta] what counts as no improvement yet
   */
  constructor(monitor = 'val_loss', mode = 'auto', baseline = null, minDelta = 0) {
    super();
    if (!['auto', 'min', 'max'].includes(mode)) {
      warn(`${this.constructor.name} mode '${mode}' is unknown, fallback to auto mode.`);
      mode = 'auto';
    }
    this.monitor = monitor;
    this.mode = mode;
    /** @type {number | null} */
    this.best = baseline;
    this.minDelta = Math.abs(minDelta);
  }

  /**
   * In mode 'auto', the name tells.
   * @returns {-1 | 1}
   */
  #findDirection() {
    if (this.mode !== 'auto') return this.mode === 'max' ? 1 : -1;
    const name = this.monitor.replace(/^val_/, '');
    if (FALLING.test(name)) return -1;
    if (RISING.test(name)) return 1;
    throw valueError(`${this.constructor.name} callback received monitor=${this.monitor}, but it is not known whether that metric should be ` +
      "maximized or minimized. Pass `mode: 'max'` in order to monitor based on the highest metric value, or pass `mode: 'min'` in order to use " +
      'the lowest value.');
  }

  /**
   * Whether a value is better than another.
   * @param {number} value
   * @param {number | null} reference
   */
  isImprovement(value, reference) {
    if (this.#direction === 0) this.#direction = this.#findDirection();
    if (reference === null) return true;
    return this.#direction === 1 ? value - this.minDelta > reference : value + this.minDelta < reference;
  }

  /** @param {Logs | undefined} logs */
  monitored(logs) {
    return logged(logs, this.monitor);
  }
}

/** @param {Logs | undefined} logs */
export const namesOf = logs => Object.keys(logs ?? {}).join(',');
