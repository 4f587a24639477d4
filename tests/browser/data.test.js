/** tf.data in Chromium: its fake camera and microphone, workers, files that a user chose. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './browser.js';

/** A camera that shows a moving figure and a microphone that beeps; nobody is asked. */
const DEVICES = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'];

const DECODE = `export default ({ values, shape, dtype }) => ({
  xs: { values: values.map(value => value * 2), shape, dtype },
  isWorker: typeof WorkerGlobalScope === 'function' && self instanceof WorkerGlobalScope,
});`;

/** @param {(page: import('playwright-core').Page) => Promise<void>} body with window.tf */
async function withTf(body) {
  await withPage(async (page, url) => {
    const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
    await page.route('**/data.html', route => route.fulfill({ body: '<!doctype html>', contentType: 'text/html', headers }));
    await page.route('**/decode.js', route => route.fulfill({ body: DECODE, contentType: 'text/javascript', headers }));
    await page.goto(`${url}data.html`);
    await page.evaluate(async () => {
      window.tf = await import(String('/dist/hornbeam.mjs'));
    });
    await body(page);
  }, { args: DEVICES });
}

test('a camera: whole frames, resized, cut out of the middle', async () => {
  await withTf(async page => {
    const result = await page.evaluate(async () => {
      const { tf } = window;
      const before = tf.memory().numTensors;
      const video = Object.assign(document.createElement('video'), { width: 320, height: 240 });
      const camera = await tf.data.webcam(video, { facingMode: 'user' });
      const frame = await camera.capture();
      const { mean, variance } = tf.moments(frame);
      const spread = [mean.arraySync(), variance.arraySync()];
      camera.stop();
      const after = await camera.next();
      const shapes = [];
      for (const centerCrop of [false, true]) {
        const small = await tf.data.webcam(video, { resizeWidth: 80, resizeHeight: 60, centerCrop });
        for await (const image of small) {
          // what a crop must be: the same pixels of the whole frame, taken at the same moment
          const whole = tf.browser.fromPixels(video);
          const [top, left] = [(240 - 60) / 2, (320 - 80) / 2];
          const expected = centerCrop ? whole.slice([top, left, 0], [60, 80, 3]) : tf.image.resizeBilinear(whole, [60, 80], true);
          const difference = image.sub(expected).abs().mean().arraySync();
          shapes.push([image.shape, image.dtype, difference]);
          break;
        }
        shapes.push([small.isClosed]);
      }
      const hidden = await tf.data.webcam(null, { resizeWidth: 64, resizeHeight: 48 });
      const own = (await hidden.capture()).shape;
      hidden.stop();
      const refusals = await Promise.all([
        tf.data.webcam().catch(error => error.message), tf.data.webcam(video, { facingMode: 'up' }).catch(error => error.message),
        tf.data.webcam(video, { deviceId: { exact: 'none' } }).catch(error => error.message),
        (async () => hidden.toArray())().catch(error => error.message),
      ]);
      return { frame: [frame.shape, frame.dtype], spread, after, shapes, own, refusals, kept: before <= tf.memory().numTensors };
    });
    assert.deepEqual(result.frame, [[240, 320, 3], 'int32']);
    assert.ok(result.spread[0] > 10 && result.spread[1] > 100, `the camera shows something: mean and variance ${result.spread}`);
    assert.deepEqual(result.after, { value: null, done: true });
    const [[wholeShape, wholeType, wholeDifference], [isClosed], [cutShape, cutType, cutDifference]] = result.shapes;
    assert.deepEqual([wholeShape, wholeType, cutShape, cutType, isClosed], [[60, 80, 3], 'float32', [60, 80, 3], 'float32', true]);
    assert.ok(wholeDifference < 8 && cutDifference < 8, `${wholeDifference}, ${cutDifference}`);
    assert.deepEqual(result.own, [48, 64, 3]);
    assert.match(result.refusals[0], /^Please provide webcam video element, or resizeWidth and resizeHeight to create a hidden video/);
    assert.match(result.refusals[1], /^Invalid webcam facing mode: up\. Please provide 'user' or 'environment'$/);
    assert.match(result.refusals[2], /^Error thrown while initializing video stream: /);
    assert.match(result.refusals[3], /^Can not convert infinite video stream to array\.$/);
  });
});

test('a microphone: spectrograms and waveforms', async () => {
  await withTf(async page => {
    const result = await page.evaluate(async () => {
      const { tf } = window;
      const before = tf.memory().numTensors;
      const microphone = await tf.data.microphone(
        { fftSize: 512, columnTruncateLength: 200, numFramesPerSpectrogram: 60, includeWaveform: true });
      const { spectrogram, waveform } = await microphone.capture();
      const [loudest, quietest] = [spectrogram.max().arraySync(), spectrogram.min().arraySync()];
      const shapes = [spectrogram.shape, waveform.shape];
      const swing = waveform.max().arraySync() - waveform.min().arraySync();
      const rate = microphone.getSampleRate();
      microphone.stop();
      tf.dispose([spectrogram, waveform]);
      const after = await microphone.next();
      const plain = await tf.data.microphone({ numFramesPerSpectrogram: 2 });
      const { value } = await plain.next();
      const defaults = [value.spectrogram.shape, value.waveform];
      await plain.return();
      const refusals = await Promise.all([
        tf.data.microphone({ fftSize: 1000 }).catch(error => error.message),
        tf.data.microphone({ includeSpectrogram: false }).catch(error => error.message),
        tf.data.microphone({ sampleRateHz: 12345 }).catch(error => error.message),
        (async () => plain.toArray())().catch(error => error.message),
      ]);
      return { shapes, loudest, quietest, swing, rate, after, defaults, refusals, isFinite: Number.isFinite(quietest), before };
    });
    assert.deepEqual(result.shapes, [[60, 200, 1], [60 * 512, 1]]);
    assert.ok(result.isFinite && result.loudest - result.quietest > 20, `decibels from ${result.quietest} to ${result.loudest}`);
    assert.ok(result.swing > 0.01, 'the beep is in the samples');
    assert.ok(result.rate >= 8000);
    assert.deepEqual(result.after, { value: null, done: true });
    assert.deepEqual(result.defaults, [[2, 1024, 1], undefined]);
    assert.equal(result.refusals[0], 'Invalid fftSize: it must be a power of 2 between 2 to 4 and 2 to 14, but got 1000');
    assert.equal(result.refusals[1], 'Both includeSpectrogram and includeWaveform are false. At least one type of data should be returned.');
    assert.match(result.refusals[2], /^Mismatch in sampling rate: Expected: 12345; Actual: \d+$/);
    assert.equal(result.refusals[3], 'Can not convert infinite audio stream to array.');
  });
});

test('a module decodes in workers of the page; a file that a user chose is a table', async () => {
  await withTf(async page => {
    const result = await page.evaluate(async () => {
      const { tf } = window;
      const before = tf.memory().numTensors;
      const decoded = await tf.data.array([1, 2, 3, 4]).map(x => tf.fill([2], x)).map('decode.js', { workers: 2 }).toArray();
      const values = decoded.map(({ xs, isWorker }) => [xs.arraySync(), isWorker]);
      tf.dispose(decoded);
      const missing = await tf.data.array([1]).map(new URL('/missing.js', location.href), { workers: 1 }).toArray()
        .catch(error => error.message);
      const rows = await tf.data.csv(new File(['a,b\n1,ä\n'], 'table.csv')).toArray();
      return { values, missing, rows, left: tf.memory().numTensors - before };
    });
    assert.deepEqual(result.values, [1, 2, 3, 4].map(x => [[2 * x, 2 * x], true]));
    assert.match(result.missing, /^Error thrown in a worker with http.*missing\.js: /);
    assert.deepEqual(result.rows, [{ a: 1, b: 'ä' }]);
    assert.equal(result.left, 0);
  });
});
