/** Threads of Node with a Hornbeam each: they work side by side, and may be terminated at any moment. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { assertClose, TOLERANCES } from './close.js';
import { goldenCases, recordedArrays } from './golden.js';

const golden = goldenCases().find(entry => entry.layer === 'Sequential' && /cnn/.test(entry.case));
const arrays = recordedArrays(golden);
const { values, shape, dtype } = arrays.find(array => array.role === 'input');
const expected = arrays.find(array => array.role === 'output');

/** @param {number} rounds */
const start = rounds => new Worker(new URL('worker.mjs', import.meta.url), { workerData: { path: golden.path, values, shape, dtype, rounds } });

test('four workers predict at the same time', async () => {
  await Promise.all(Array.from({ length: 4 }, async () => {
    const worker = start(50);
    const answers = [];
    worker.on('message', answer => answers.push(answer));
    const [code] = await once(worker, 'exit');
    assert.equal(code, 0);
    assert.equal(answers.length, 2);
    for (const answer of answers) assertClose(answer, expected.values, TOLERANCES.model, 'output');
  }));
});

test('workers terminated at random moments take nothing with them', async () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let i = 0; i < 30; i++) {
    const worker = start(1e9);
    // some before they have started, most while they predict
    if (i % 3 !== 0) await once(worker, 'message');
    await delay(20 * random());
    await worker.terminate();
  }
  const worker = start(2);
  const exit = once(worker, 'exit'); // it may come before the answer is compared
  const [answer] = await once(worker, 'message');
  assertClose(answer, expected.values, TOLERANCES.model, 'output');
  await exit;
});
