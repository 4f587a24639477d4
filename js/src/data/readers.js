/** tf.data.csv, func, generator, webcam and microphone. */
import { assert } from '../core/util.js';
import { CSVDataset } from './csv_dataset.js';
import { datasetFromIteratorFn } from './dataset.js';
import { iteratorFromFunction } from './lazy_iterator.js';
import { MicrophoneIterator } from './microphone.js';
import { FileDataSource, URLDataSource } from './sources.js';
import { WebcamIterator } from './webcam.js';
import { iteratorInWorker } from './workers.js';

/** @import { CSVConfig } from './csv_dataset.js' */
/** @import { MicrophoneConfig } from './microphone.js' */
/** @import { WebcamConfig } from './webcam.js' */
/** @import { AnyIterator, Step } from './queue.js' */

/**
 * The rows of a table.
 * @param {string | URL | Request | Blob | Uint8Array} source a URL (file:// in Node), a file that the user chose, or bytes
 * @param {CSVConfig} [csvConfig]
 */
export function csv(source, csvConfig = {}) {
  const isContent = source instanceof Uint8Array || source instanceof Blob;
  return new CSVDataset(isContent ? new FileDataSource(source) : new URLDataSource(source), csvConfig);
}

/** Elements that a function gives, called for each one. @param {() => Step | Promise<Step>} f answers {value, done} */
export function func(f) {
  return datasetFromIteratorFn(() => iteratorFromFunction(f));
}

/**
 * Elements of an iterator, made anew for each iteration: by a generator function (function*, async), or a function that returns one.
 *
 * The URL of a module instead: its default export, such a function, is called in a worker, with `argument`, and the elements are made
 * there; as with mapAsync, {values, shape, dtype} becomes a tensor. Use prefetch behind it.
 * @param {(() => AnyIterator | Promise<AnyIterator>) | URL | string} generator
 * @param {{argument?: any}} [options]
 */
function generatorOf(generator, { argument } = {}) {
  if (typeof generator === 'string' || generator instanceof URL) return datasetFromIteratorFn(() => iteratorInWorker(generator, argument));
  assert(typeof generator === 'function', () => `tf.data.generator(): expected a function or the URL of a module, but got ${generator}.`);
  return datasetFromIteratorFn(async () => {
    const iterator = await generator();
    return iteratorFromFunction(() => iterator.next(), () => iterator.return?.());
  });
}
export { generatorOf as generator };

/**
 * Frames of a camera, as an iterator. In browsers alone.
 * @param {HTMLVideoElement} [webcamVideoElement] a hidden one where not given; resizeWidth and resizeHeight must be given then
 * @param {WebcamConfig} [webcamConfig]
 */
export async function webcam(webcamVideoElement, webcamConfig) {
  return WebcamIterator.create(webcamVideoElement, webcamConfig);
}

/** Spectrograms or waveforms of a microphone, as an iterator. In browsers alone. @param {MicrophoneConfig} [microphoneConfig] */
export async function microphone(microphoneConfig) {
  return MicrophoneIterator.create(microphoneConfig);
}
