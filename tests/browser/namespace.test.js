/** The bundles in Chromium: the recorded op cases, <script> at once, a worker, and tf.browser with real pixels. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertClose, TOLERANCES } from '../js/close.js';
import { CASES } from '../js/op-cases.mjs';
import { withPage } from './browser.js';

const TESTS = fileURLToPath(new URL('../js/', import.meta.url));
const goldens = JSON.parse(readFileSync(`${TESTS}tfjs-goldens.json`, 'utf8'));

/**
 * An empty page of the server, where `files` of tests/js can be imported too.
 * @param {import('playwright-core').Page} page
 * @param {string} url
 * @param {string} [html]
 */
async function emptyPage(page, url, html = '<!doctype html>') {
  await page.route('**/tests/js/*', route => route.fulfill({ path: `${TESTS}${new URL(route.request().url()).pathname.split('/').at(-1)}`, contentType: 'text/javascript' }));
  await page.route('**/empty.html', route => route.fulfill({ body: html, contentType: 'text/html', headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } }));
  await page.goto(`${url}empty.html`);
}

/** @param {any} actual @param {any} expected @param {string} what */
function assertResult(actual, expected, what) {
  if (expected.dtype === undefined) {
    for (const key of Object.keys(expected)) assertResult(actual[key], expected[key], what);
    return;
  }
  assert.deepEqual([actual.dtype, actual.shape], [expected.dtype, expected.shape], what);
  assertClose(actual.values.map(Number), expected.values.map(Number), expected.dtype === 'float32' ? TOLERANCES.op : TOLERANCES.exact, what);
}

for (const isolated of [true, false]) {
  test(`the recorded op cases, ${isolated ? 'with threads' : 'on one thread'}`, async () => {
    await withPage(async (page, url) => {
      if (isolated) await emptyPage(page, url);
      else await page.goto(url).then(() => page.route('**/tests/js/*', route => route.fulfill({ path: `${TESTS}${new URL(route.request().url()).pathname.split('/').at(-1)}`, contentType: 'text/javascript' })));
      const { results, info } = await page.evaluate(async () => {
        const tf = await import(String('/dist/hornbeam.mjs'));
        const { CASES, describe, run } = await import(String('/tests/js/op-cases.mjs'));
        return { info: tf.backendInfo(), results: CASES.map(call => tf.tidy(() => describe(run(tf, call)))) };
      });
      assert.match(info.variant, isolated ? /^relaxed-threads$/ : /^relaxed$/);
      results.forEach((result, i) => assertResult(result, goldens.results[i], JSON.stringify(CASES[i]).slice(0, 100)));
    }, { isolated });
  });
}

test('a script has started when the next one runs', async () => {
  await withPage(async (page, url) => {
    await emptyPage(page, url, '<!doctype html><script src="/dist/hornbeam.min.js"></script><script>window.sum = tf.tensor([1, 2]).add(1).arraySync();</script>');
    assert.deepEqual(await page.evaluate(() => window.sum), [2, 3]);
    assert.deepEqual(await page.evaluate(async () => [window.tf.getBackend(), (await window.tf.ready()) === undefined]), ['wasm', true]);
  });
});

test('a module worker', async () => {
  await withPage(async (page, url) => {
    await page.goto(url);
    const answer = await page.evaluate(() => new Promise((resolve, reject) => {
      const code = `import * as tf from '${location.origin}/dist/hornbeam.mjs'; postMessage([tf.backendInfo().target, tf.tensor([3, 4]).square().sum().arraySync()]);`;
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
      worker.onmessage = event => resolve(event.data);
      worker.onerror = event => reject(new Error(event.message));
    }));
    assert.deepEqual(answer, ['wasm', 25]);
  }, { isolated: false });
});

test('pixels of canvas, ImageData, image and bitmap; pixels onto a canvas', async () => {
  await withPage(async (page, url) => {
    await emptyPage(page, url);
    const shapes = await page.evaluate(async () => {
      const tf = await import(String('/dist/hornbeam.mjs'));
      const canvas = Object.assign(document.createElement('canvas'), { width: 3, height: 2 });
      const context = canvas.getContext('2d');
      context.fillStyle = 'rgb(10, 20, 30)';
      context.fillRect(0, 0, 3, 2);
      const image = new Image();
      image.src = canvas.toDataURL();
      await image.decode();
      const sources = [canvas, context.getImageData(0, 0, 3, 2), image, await createImageBitmap(canvas)];
      const read = sources.map(source => tf.browser.fromPixels(source)).map(x => [x.shape, x.arraySync()[1][2]]);
      read.push(await tf.browser.fromPixelsAsync(image).then(x => [x.shape, x.arraySync()[1][2]]));
      const target = document.createElement('canvas');
      await tf.browser.toPixels(tf.browser.fromPixels(canvas), target);
      return [...read, [[target.height, target.width], Array.from(target.getContext('2d').getImageData(2, 1, 1, 1).data)]];
    });
    assert.deepEqual(shapes, [...Array.from({ length: 5 }, () => [[2, 3, 3], [10, 20, 30]]), [[2, 3], [10, 20, 30, 255]]]);
  });
});
