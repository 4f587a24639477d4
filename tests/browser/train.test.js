/** The page that trains: the loss falls and is drawn, a checkpoint stays in the browser and is gone on from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { withPage } from './browser.js';

const DIGITS = new URL('../../examples/digits/', import.meta.url);
const images = gunzipSync(readFileSync(new URL('test-digits.gz', DIGITS)));
const labels = readFileSync(new URL('test-labels.bin', DIGITS));

/** The held-out digits in the place of those that npm run train-digits fetches: the first to train with, the last as held-out. */
const [TRAINED, HELD_OUT] = [448, 100];
/** @type {Record<string, Buffer>} */
const FILES = {
  'train-images.bin': images.subarray(0, TRAINED * 784), 'train-labels.bin': labels.subarray(0, TRAINED),
  'heldout-images.bin': images.subarray(-HELD_OUT * 784), 'heldout-labels.bin': labels.subarray(-HELD_OUT),
};

test('the page trains, draws the loss, and goes on from its checkpoint', async () => {
  await withPage(async (page, url) => {
    /** @type {string[]} */
    const problems = [];
    page.on('pageerror', error => problems.push(error.message));
    page.on('console', message => message.type() === 'error' && problems.push(message.text()));
    await page.route('**/build/train-digits/data/*', route => route.fulfill({ body: FILES[route.request().url().split('/').at(-1) ?? ''], contentType: 'application/octet-stream' }));
    await page.goto(`${url}examples/train-digits/page/?epochs=2`);
    await page.locator('#status').filter({ hasText: 'Ready' }).waitFor();
    assert.equal(await page.locator('#resume').isDisabled(), true);
    await page.locator('#train').click();
    await page.locator('#status').filter({ hasText: 'Trained' }).waitFor({ timeout: 120_000 });
    const [first, heldOut] = await Promise.all(['#loss', '#heldout'].map(async id => parseFloat(await page.locator(id).textContent() ?? '')));
    assert.ok(first > 0 && first < 2.3, `loss ${first}`);
    assert.ok(heldOut >= 0 && heldOut <= 100);
    const inked = await page.locator('#chart').evaluate(canvas => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value, i) => i % 4 === 3 && value > 0);
    });
    assert.ok(inked, 'nothing is drawn');
    await page.reload();
    await page.locator('#resume:not([disabled])').click();
    await page.locator('#status').filter({ hasText: 'Trained' }).waitFor({ timeout: 120_000 });
    assert.equal(await page.locator('#epoch').textContent(), '2 / 2');
    assert.deepEqual(problems, []);
  });
});
