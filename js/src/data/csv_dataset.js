/**
 * tf.data.CSVDataset: the rows of a table of delimited text as objects by column name. As in TensorFlow.js, a row is a line, and what is
 * between the quotes of a field is left as it is, doubled quotes too.
 */
import { assert, failure } from '../core/util.js';
import { Dataset } from './dataset.js';
import { TextLineDataset } from './text_line_dataset.js';

/** @import { DataSource } from './sources.js' */

/**
 * @typedef {object} ColumnConfig
 * @property {boolean} [required] whether an empty field is an error
 * @property {'float32' | 'int32' | 'bool' | 'string'} [dtype] what numbers become: int32 rounds down, bool is 1 or 0
 * @property {any} [default] for an empty field; undefined by default
 * @property {boolean} [isLabel] whether the column is one of ys; elements are {xs, ys} where a column is
 */
/**
 * @typedef {object} CSVConfig
 * @property {boolean} [hasHeader] whether the first line has the columns' names; true by default
 * @property {string[]} [columnNames] instead of those of the header
 * @property {Record<string, ColumnConfig>} [columnConfigs] by column name
 * @property {boolean} [configuredColumnsOnly] whether columns without a config are left out
 * @property {string} [delimiter] one character between fields; a comma by default
 * @property {boolean} [delimWhitespace] whether fields are separated by any number of spaces
 */

/** Elements are objects from column names to numbers, texts, or undefined for an empty field. */
export class CSVDataset extends Dataset {
  /** @type {string[] | null} */
  #names = null;
  /** @type {Promise<string[]> | null} */
  #validated = null;
  #lines;

  /**
   * @param {DataSource} input
   * @param {CSVConfig} [csvConfig]
   */
  constructor(input, csvConfig = {}) {
    super();
    const { hasHeader, columnNames, columnConfigs, configuredColumnsOnly, delimiter, delimWhitespace } = csvConfig ?? {};
    assert(!delimWhitespace || delimiter == null, () => 'Delimiter should not be provided when delimWhitespace is true.');
    this.input = input;
    this.hasHeader = hasHeader !== false;
    this.columnConfigs = columnConfigs ?? {};
    this.configuredColumnsOnly = Boolean(configuredColumnsOnly);
    this.delimWhitespace = Boolean(delimWhitespace);
    this.delimiter = delimWhitespace ? ' ' : delimiter || ',';
    this.#names = columnNames ?? null;
    this.#lines = new TextLineDataset(input);
  }

  /** The columns of elements: those configured, the names given, or those of the header. */
  async columnNames() {
    const names = await this.#columns();
    return this.configuredColumnsOnly ? Object.keys(this.columnConfigs) : names;
  }

  async iterator() {
    const names = await this.#columns();
    const lines = await this.#lines.iterator();
    return (this.hasHeader ? lines.skip(1) : lines).map(line => this.#toElement(line, names));
  }

  /** All names, read and checked once; after an error, again. */
  #columns() {
    this.#validated ??= this.#readColumns().catch(error => {
      this.#validated = null;
      throw error;
    });
    return this.#validated;
  }

  async #readColumns() {
    const header = this.hasHeader ? await this.#readHeader() : null;
    const names = this.#names ?? header;
    assert(names !== null, () => 'Column names must be provided if there is no header line.');
    assert(header === null || header.length === names.length,
      () => `The length of provided columnNames (${names.length}) does not match the length of the header line read from file ` +
      `(${header?.length}).`);
    const repeated = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
    assert(repeated.length === 0, () => `Duplicate column names found: ${repeated}`);
    for (const key of Object.keys(this.columnConfigs)) {
      assert(names.includes(key), () => `The key "${key}" provided in columnConfigs does not match any of the column names (${names}).`);
    }
    return names;
  }

  async #readHeader() {
    const lines = await this.#lines.iterator();
    const { value, done } = await lines.next();
    await lines.return();
    assert(!done, () => 'No data was found for CSV parsing.');
    return this.#fields(value);
  }

  /** @param {string} line @param {string[]} names */
  #toElement(line, names) {
    const fields = this.#fields(line);
    if (fields.length !== names.length) {
      throw failure('FORMAT', `Invalid row in csv file. Should have ${names.length} elements in a row, but got ${fields}`);
    }
    /** @type {Record<string, any>} */
    const features = {};
    /** @type {Record<string, any>} */
    const labels = {};
    names.forEach((name, i) => {
      const config = Object.hasOwn(this.columnConfigs, name) ? this.columnConfigs[name] : undefined;
      if (config === undefined && this.configuredColumnsOnly) return;
      (config?.isLabel ? labels : features)[name] = parse(fields[i], config, name, line);
    });
    return Object.keys(labels).length === 0 ? features : { xs: features, ys: labels };
  }

  /** @param {string} line */
  #fields(line) {
    const isPlain = !line.includes('"') && !this.delimWhitespace && this.delimiter.length === 1;
    return isPlain ? line.split(this.delimiter) : splitQuoted(line, this.delimiter, this.delimWhitespace);
  }
}

/** @param {string} text */
const toBool = text => (text === '1' || text.toLowerCase() === 'true' ? 1 : 0);

/**
 * @param {string} text of a field
 * @param {ColumnConfig | undefined} config
 * @param {string} name
 * @param {string} line
 */
function parse(text, config, name, line) {
  if (text === '') {
    if (config?.default !== undefined) return config.default;
    if (config?.required || config?.isLabel) throw failure('FORMAT', `Required column ${name} is empty in this line: ${line}`);
    return undefined;
  }
  if (config?.dtype === 'bool') return toBool(text);
  const number = Number(text);
  if (Number.isNaN(number)) return text;
  return config?.dtype === 'int32' ? Math.floor(number) : number;
}

/**
 * The fields of a line. A quote counts at a field's beginning only; the field then ends at the first quote that a delimiter follows and
 * that is not the second of two.
 * @param {string} line
 * @param {string} delimiter
 * @param {boolean} skipsEmpty whether delimiters in a row are one
 */
function splitQuoted(line, delimiter, skipsEmpty) {
  const fields = [];
  let at = 0;
  while (at < line.length) {
    if (line[at] === delimiter) {
      if (!skipsEmpty) fields.push('');
      at++;
    } else if (line[at] === '"') {
      const quote = closingQuote(line, at + 1, delimiter);
      if (quote < 0) return [...fields, line.slice(at + 1)];
      fields.push(line.slice(at + 1, quote));
      if (quote + 1 === line.length) return fields;
      at = quote + 2;
    } else {
      const stop = line.indexOf(delimiter, at);
      if (stop < 0 || delimiter.length !== 1) return [...fields, line.slice(at)];
      fields.push(line.slice(at, stop));
      at = stop + 1;
    }
  }
  return [...fields, ''];
}

/** Where a quoted field ends; -1: nowhere. @param {string} line @param {number} from @param {string} delimiter */
function closingQuote(line, from, delimiter) {
  for (let quote = line.indexOf('"', from); quote >= 0; quote = line.indexOf('"', quote + 1)) {
    const next = line[quote + 1];
    if (next === undefined || next === delimiter) return quote;
    // two quotes are text; after one within the field, the next begins a quoted part again
    quote = next === '"' ? quote + 1 : line.indexOf('"', quote + 1);
    if (quote < 0) return -1;
  }
  return -1;
}
