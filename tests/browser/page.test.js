/** The demo page in Chromium: a drawn digit is read, by mouse and by touch, with and without threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPage } from './browser.js';

/** Strokes in fractions of the board. @type {Record<string, [number, number][][]>} */
const STROKES = {
  1: [[[0.5, 0.15], [0.5, 0.85]]],
  7: [[[0.25, 0.2], [0.75, 0.2], [0.45, 0.85]]],
  0: [[[0.5, 0.15], [0.32, 0.25], [0.27, 0.5], [0.32, 0.75], [0.5, 0.85], [0.68, 0.75], [0.73, 0.5], [0.68, 0.25], [0.5, 0.15]]],
  4: [[[0.35, 0.2], [0.3, 0.55], [0.7, 0.55]], [[0.65, 0.2], [0.65, 0.85]]],
};

/** @param {import('playwright-core').Page} page */
async function opened(page, url) {
  const problems = [];
  page.on('pageerror', error => problems.push(error.message));
  page.on('console', message => message.type() === 'error' && problems.push(message.text()));
  await page.goto(url);
  await page.locator('#status').filter({ hasText: 'Ready' }).waitFor();
  return problems;
}

/** @param {import('playwright-core').Page} page @param {[number, number][][]} strokes */
async function drawWithMouse(page, strokes) {
  const box = await page.locator('#board').boundingBox();
  for (const [[x, y], ...rest] of strokes) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await page.mouse.down();
    for (const [toX, toY] of rest) await page.mouse.move(box.x + toX * box.width, box.y + toY * box.height, { steps: 8 });
    await page.mouse.up();
  }
}

/** @param {import('playwright-core').Page} page */
const answer = page => page.locator('#answer').textContent();

test('digits drawn with a mouse are read', async () => {
  await withPage(async (page, url) => {
    const problems = await opened(page, url);
    for (const [digit, strokes] of Object.entries(STROKES)) {
      await drawWithMouse(page, strokes);
      await page.waitForFunction(expected => document.getElementById('answer').textContent === expected, digit, { timeout: 5000 })
        .catch(async () => assert.fail(`drew ${digit}, read ${await answer(page)}`));
      assert.match(await page.locator('#time').textContent(), /^\d+\.\d\d ms$/);
      const shares = await page.locator('#bars li').evaluateAll(rows => rows.map(row => Number(row.style.getPropertyValue('--share'))));
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-4, 'probabilities add up to 1');
      assert.equal(shares.indexOf(Math.max(...shares)), Number(digit));
      await page.locator('#clear').click();
      await page.waitForFunction(() => document.getElementById('answer').textContent === '–');
    }
    assert.deepEqual(problems, []);
  });
});

test('a digit drawn with a finger on a telephone is read', async () => {
  await withPage(async (page, url) => {
    const problems = await opened(page, url);
    const box = await page.locator('#board').boundingBox();
    const session = await page.context().newCDPSession(page);
    const touch = (type, points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    await touch('touchStart', [{ x: box.x + box.width * 0.5, y: box.y + box.height * 0.15 }]);
    for (let i = 1; i <= 20; i++) await touch('touchMove', [{ x: box.x + box.width * 0.5, y: box.y + box.height * (0.15 + 0.035 * i) }]);
    await touch('touchEnd', []);
    await page.waitForFunction(() => document.getElementById('answer').textContent === '1');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'the page fits the screen');
    assert.deepEqual(problems, []);
  }, { context: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true } });
});

test('without cross-origin isolation the page works on one thread', async () => {
  await withPage(async (page, url) => {
    const problems = await opened(page, url);
    assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), false);
    await drawWithMouse(page, STROKES[1]);
    await page.waitForFunction(() => document.getElementById('answer').textContent === '1');
    assert.match(await page.locator('#status').textContent(), /WebAssembly relaxed, 1 thread$/);
    assert.deepEqual(problems, []);
  }, { isolated: false });
});
