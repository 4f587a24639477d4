/** Writes the logs of epochs to a CSV file, as Python's csv module does. Keras: keras/src/callbacks/csv_logger.py. */
import { files } from '#platform';
import { assert } from '../core/util.js';
import { Callback } from './callback.js';
import { floatText } from './python_format.js';

/** @import { Logs } from './callback.js' */

export class CSVLogger extends Callback {
  /** @type {string[] | null} */
  #keys = null;
  #writesHeader = true;

  /**
   * @param {string | {filename: string, separator?: string, append?: boolean}} filename
   * @param {string} [separator]
   * @param {boolean} [append] adds to a file that is there
   */
  constructor(filename, separator = ',', append = false) {
    super();
    const args = typeof filename === 'string' ? { filename, separator, append } : { separator, append, ...filename };
    assert(typeof args.filename === 'string' && args.filename !== '',
      () => `CSVLogger: expected filename to be a path, but got ${args.filename}`);
    assert(typeof args.separator === 'string' && args.separator.length === 1,
      () => `CSVLogger: expected separator to be one character, but got "${args.separator}"`);
    this.filename = args.filename;
    this.separator = args.separator;
    this.append = args.append;
  }

  /** @override */
  async onTrainBegin() {
    this.#keys = null;
    if (this.append) {
      const text = await files.readText(this.filename);
      if (text !== null) this.#writesHeader = text.length === 0;
    } else {
      await files.write(this.filename, '');
    }
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  async onEpochEnd(epoch, logs = {}) {
    let lines = '';
    if (this.#keys === null) {
      const keys = Object.keys(logs).sort();
      this.#keys = keys.some(key => key.startsWith('val_')) ? keys : [...keys, ...keys.map(key => `val_${key}`)];
      if (this.#writesHeader) lines += this.#line(['epoch', ...this.#keys]);
    }
    const texts = this.#keys.map(key => valueText(logs[key]));
    await files.append(this.filename, lines + this.#line([String(epoch), ...texts]));
  }

  /** @param {string[]} fields */
  #line(fields) {
    const quoted = fields.map(field => (/["\r\n]/.test(field) || field.includes(this.separator) ? `"${field.replaceAll('"', '""')}"` : field));
    return `${quoted.join(this.separator)}\r\n`;
  }
}

/** @param {any} value of logs @returns {string} */
function valueText(value) {
  if (value === undefined) return 'NA';
  if (typeof value === 'number') return floatText(value);
  return typeof value === 'string' ? value : `"[${Array.from(value, valueText).join(', ')}]"`;
}
