/** tf.data.microphone: spectrograms (by an AnalyserNode's FFT) and waveforms of what a microphone hears. */
import { assert, failure } from '../core/util.js';
import { env } from '../environment.js';
import { tensor } from '../ops/creation.js';
import { end, LazyIterator } from './lazy_iterator.js';

/**
 * @typedef {object} MicrophoneConfig
 * @property {44100 | 48000} [sampleRateHz] an error where the device has another; the device's by default
 * @property {number} [fftSize] samples of a frame, and of its frequencies: a power of two from 16 to 16,384; 1024 by default
 * @property {number} [columnTruncateLength] frequencies that are kept of each frame; fftSize by default
 * @property {number} [numFramesPerSpectrogram] 43 by default
 * @property {MediaTrackConstraints} [audioTrackConstraints]
 * @property {number} [smoothingTimeConstant] how much of the frame before is averaged in; 0 by default
 * @property {boolean} [includeSpectrogram] true by default
 * @property {boolean} [includeWaveform] false by default
 */

/** How long start() waits for a device that is silent at first, in milliseconds. */
const PATIENCE = 1000;

/** @param {number} ms */
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

/**
 * Elements {spectrogram, waveform}: decibels [numFrames, columnTruncateLength, 1] and samples [numFrames * fftSize, 1]; undefined where not
 * included. A stream that falls silent ends its spectrogram early; zeros stand before it. Runs until stop().
 */
export class MicrophoneIterator extends LazyIterator {
  isClosed = false;
  /** @type {MediaStream | undefined} */
  stream;
  /** @type {AudioContext | undefined} */
  audioContext;
  /** @type {AnalyserNode | undefined} */
  analyser;

  /** @param {MicrophoneConfig} microphoneConfig */
  constructor(microphoneConfig) {
    super();
    const config = microphoneConfig;
    this.microphoneConfig = config;
    this.fftSize = config.fftSize || 1024;
    const log2 = Math.log2(this.fftSize);
    assert(Number.isInteger(log2) && log2 >= 4 && log2 <= 14,
      () => `Invalid fftSize: it must be a power of 2 between 2 to 4 and 2 to 14, but got ${this.fftSize}`);
    this.numFrames = config.numFramesPerSpectrogram || 43;
    /** @type {number | undefined} */
    this.sampleRateHz = config.sampleRateHz;
    this.columnTruncateLength = config.columnTruncateLength || this.fftSize;
    this.includeSpectrogram = config.includeSpectrogram !== false;
    this.includeWaveform = config.includeWaveform === true;
    assert(this.includeSpectrogram || this.includeWaveform,
      () => 'Both includeSpectrogram and includeWaveform are false. At least one type of data should be returned.');
  }

  summary() {
    return 'microphone';
  }

  /** @param {MicrophoneConfig} [microphoneConfig] */
  static async create(microphoneConfig = {}) {
    assert(env().get('IS_BROWSER'), () => 'microphone API is only supported in browser environment.', 'UNSUPPORTED');
    const iterator = new MicrophoneIterator(microphoneConfig);
    await iterator.start();
    return iterator;
  }

  /** Asks the user for the microphone, and waits until it hears something, for a second at most. */
  async start() {
    const { audioTrackConstraints, smoothingTimeConstant } = this.microphoneConfig;
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: audioTrackConstraints ?? true, video: false });
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw Object.assign(failure('UNSUPPORTED', `Error thrown while initializing video stream: ${message}`), { cause: error });
    }
    this.audioContext = new AudioContext();
    const { sampleRate } = this.audioContext;
    if (this.sampleRateHz && sampleRate !== this.sampleRateHz) {
      const expected = this.sampleRateHz;
      await this.#close();
      throw failure('INVALID_ARGUMENT', `Mismatch in sampling rate: Expected: ${expected}; Actual: ${sampleRate}`);
    }
    this.sampleRateHz = sampleRate;
    this.analyser = this.audioContext.createAnalyser();
    this.analyser.fftSize = this.fftSize * 2;
    this.analyser.smoothingTimeConstant = smoothingTimeConstant || 0;
    this.audioContext.createMediaStreamSource(this.stream).connect(this.analyser);
    const stop = performance.now() + PATIENCE;
    while (this.#frequencies()[0] === -Infinity && performance.now() < stop) await sleep(this.#frameTime());
  }

  async next() {
    if (this.isClosed) return end();
    const { frequencies, samples } = await this.#listen();
    const spectrogram = this.includeSpectrogram ? framesToTensor(frequencies, [this.numFrames, this.columnTruncateLength, 1]) : undefined;
    const waveform = this.includeWaveform ? framesToTensor(samples, [this.numFrames * this.fftSize, 1]) : undefined;
    return { value: { spectrogram, waveform }, done: false };
  }

  /** One element. @returns {Promise<any>} */
  async capture() {
    return (await this.next()).value;
  }

  /** Turns the microphone off. */
  stop() {
    if (!this.isClosed) void this.#close();
  }

  async return() {
    if (!this.isClosed) await this.#close();
    return { value: undefined, done: true };
  }

  /** Samples a second. */
  getSampleRate() {
    return this.sampleRateHz;
  }

  /** @returns {Promise<any[]>} */
  toArray() {
    throw failure('UNSUPPORTED', 'Can not convert infinite audio stream to array.');
  }

  async #close() {
    this.isClosed = true;
    this.analyser?.disconnect();
    this.stream?.getTracks().forEach(track => track.stop());
    await this.audioContext?.close();
  }

  /** How long the samples of a frame last, in milliseconds. */
  #frameTime() {
    return this.fftSize / /** @type {number} */ (this.sampleRateHz) * 1000;
  }

  #frequencies() {
    const frame = new Float32Array(this.fftSize);
    this.analyser?.getFloatFrequencyData(frame);
    return frame.subarray(0, this.columnTruncateLength);
  }

  #samples() {
    const frame = new Float32Array(this.fftSize);
    this.analyser?.getFloatTimeDomainData(frame);
    return frame;
  }

  /** Frames, each as long after the one before as its samples last. */
  async #listen() {
    /** @type {Float32Array[]} */
    const frequencies = [];
    /** @type {Float32Array[]} */
    const samples = [];
    const begin = performance.now();
    for (let frame = 1; frame <= this.numFrames && !this.isClosed; frame++) {
      await sleep(Math.max(0, begin + frame * this.#frameTime() - performance.now()));
      const heard = this.#frequencies();
      if (this.includeSpectrogram && heard[0] === -Infinity) break;
      if (this.includeSpectrogram) frequencies.push(heard);
      if (this.includeWaveform) samples.push(this.#samples());
    }
    return { frequencies, samples };
  }
}

/**
 * Frames one after the other, at the end of a tensor; the rest is zeros.
 * @param {Float32Array[]} frames
 * @param {number[]} shape
 */
function framesToTensor(frames, shape) {
  const values = new Float32Array(shape.reduce((product, size) => product * size));
  let at = values.length - frames.reduce((sum, { length }) => sum + length, 0);
  for (const frame of frames) {
    values.set(frame, at);
    at += frame.length;
  }
  return tensor(values, shape);
}
