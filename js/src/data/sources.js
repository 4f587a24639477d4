/** Where bytes come from: files, blobs, URLs. Their iterators give chunks of bytes. */
import { files, pathsAreFiles } from '#platform';
import { assert, failure } from '../core/util.js';
import { env } from '../environment.js';
import { LazyIterator } from './lazy_iterator.js';

/** @typedef {{offset?: number, chunkSize?: number}} ChunkOptions where to begin, and the bytes of a chunk: 0 and 1 MiB where not given */

const CHUNK_SIZE = 1024 * 1024;

/** @param {string} source whether it names a file: by file://, or in Node by a path */
function isFile(source) {
  return source.startsWith('file://') || (pathsAreFiles && !/^[a-z][a-z+.-]+:/i.test(source));
}

/** Bytes in chunks, from the first on for each iterator. */
export class DataSource {
  /** @returns {Promise<LazyIterator>} */
  async iterator() {
    throw failure('UNSUPPORTED', `${this.constructor.name}: a class of data sources must have a method iterator()`);
  }
}

/** A File, Blob or Uint8Array; in Node also a file by its path or file:// URL. */
export class FileDataSource extends DataSource {
  /** @param {string | Blob | Uint8Array} input @param {ChunkOptions} [options] */
  constructor(input, options = {}) {
    super();
    this.input = input;
    this.options = options;
  }

  async iterator() {
    const { offset = 0, chunkSize = CHUNK_SIZE } = this.options;
    if (typeof this.input === 'string' && isFile(this.input)) return LazyIterator.from(files.chunks(this.input, offset, chunkSize));
    assert(this.input instanceof Uint8Array || this.input instanceof Blob,
      () => 'FileChunkIterator only supports File, Blob and Uint8Array right now.');
    return LazyIterator.from(slices(this.input, offset, chunkSize));
  }
}

/** What a URL is answered with, fetched for each iterator and read as it comes; a file by file://. */
export class URLDataSource extends DataSource {
  /** @param {string | URL | Request} url @param {ChunkOptions} [fileOptions] */
  constructor(url, fileOptions = {}) {
    super();
    this.url = url instanceof URL ? url.href : url;
    this.fileOptions = fileOptions;
  }

  async iterator() {
    if (typeof this.url === 'string' && isFile(this.url)) return new FileDataSource(this.url, this.fileOptions).iterator();
    const request = typeof this.url === 'string' ? this.url : this.url.clone();
    const response = await env().platform.fetch(request);
    const url = typeof request === 'string' ? request : request.url;
    assert(response.ok, () => `Request to ${url} failed with status code ${response.status}: ${response.statusText}`, 'NOT_FOUND');
    if (response.body) return LazyIterator.from(streamed(response.body));
    return new FileDataSource(new Uint8Array(await response.arrayBuffer()), this.fileOptions).iterator();
  }
}

/** @param {Uint8Array | Blob} input @param {number} offset @param {number} chunkSize */
async function* slices(input, offset, chunkSize) {
  const size = input instanceof Uint8Array ? input.byteLength : input.size;
  for (let at = offset; at < size; at += chunkSize) {
    const part = input.slice(at, at + chunkSize);
    yield part instanceof Uint8Array ? part : new Uint8Array(await part.arrayBuffer());
  }
}

/** @param {ReadableStream<Uint8Array>} body which is given up where nobody reads on */
async function* streamed(body) {
  const reader = body.getReader();
  let isDone = false;
  try {
    for (let part = await reader.read(); !(isDone = part.done); part = await reader.read()) yield part.value;
  } finally {
    if (!isDone) await reader.cancel();
  }
}
