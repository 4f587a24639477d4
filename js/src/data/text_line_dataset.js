/** tf.data.TextLineDataset: the lines of a text. */
import { Dataset } from './dataset.js';
import { LazyIterator } from './lazy_iterator.js';

/** @import { DataSource } from './sources.js' */

/** The lines of a source of UTF-8, without their ends; an empty last one is left out. */
export class TextLineDataset extends Dataset {
  /** @param {DataSource} input */
  constructor(input) {
    super();
    this.input = input;
  }

  async iterator() {
    return LazyIterator.from(lines(await this.input.iterator()));
  }
}

/** @param {LazyIterator} chunks of bytes */
async function* lines(chunks) {
  const decoder = new TextDecoder('utf-8');
  let begun = '';
  for await (const chunk of chunks) {
    const parts = (begun + decoder.decode(chunk, { stream: true })).split('\n');
    begun = /** @type {string} */ (parts.pop());
    for (const line of parts) yield withoutReturn(line);
  }
  begun += decoder.decode();
  if (begun !== '') yield withoutReturn(begun);
}

/** @param {string} line of Windows, which ends lines with \r\n */
function withoutReturn(line) {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
