/** A save is all or nothing: a killed process and a full disk leave the last good model. HORNBEAM_KILLS=200 kills more often. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as tf from '../../js/src/index.js';

const KILLS = Number(process.env.HORNBEAM_KILLS ?? 6);
const SAVER = fileURLToPath(new URL('saver.mjs', import.meta.url));

/** @param {import('node:test').TestContext} t */
function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-saves-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The number of the save that a folder or file holds: all its weights come from one. @param {string} target */
async function savedNumber(target) {
  const isFile = target.endsWith('.keras');
  const model = await tf.loadLayersModel(isFile ? target : join(target, 'model.json'));
  const values = tf.tidy(() => model.getWeights().flatMap(weight => [weight.min().dataSync()[0], weight.max().dataSync()[0]]));
  const [n] = values;
  assert.ok(n >= 1 && values.every(value => value === n), `weights of several saves: ${values}`);
  if (!isFile) assert.deepEqual(model.getUserDefinedMetadata(), { third: Math.floor(n / 3) });
  model.dispose();
  return n;
}

for (const [name, kills] of /** @type {const} */ ([['model', KILLS], ['model.keras', Math.ceil(KILLS / 2)]])) {
  test(`${kills} processes that are killed while they save ${name} leave a whole model`, async t => {
    const target = join(temporaryFolder(t), name);
    const numbers = new Set();
    for (let i = 0; i < kills; i++) {
      const child = spawn(process.execPath, [SAVER, target], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      await Promise.race([once(child.stdout, 'data'), ended]);
      await sleep(Math.random() * 60);
      child.kill('SIGKILL');
      assert.equal((await ended)[1], 'SIGKILL');
      numbers.add(await savedNumber(target));
    }
    assert.ok(numbers.size > 1 || kills < 20, 'all kills came at one moment');
  });
}

test('what killed processes left is removed, what is being written is not', async t => {
  const folder = temporaryFolder(t);
  const [old, young] = ['.weights.bin.123456-1.tmp', '.weights.bin.123457-1.tmp'].map(name => join(folder, name));
  writeFileSync(old, 'half');
  writeFileSync(young, 'half');
  utimesSync(old, new Date(Date.now() - 3_600_000), new Date(Date.now() - 3_600_000));
  await tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }).save(`file://${folder}`);
  assert.equal(existsSync(old), false);
  assert.equal(existsSync(young), true);
});

test('a model of another shape replaces the old one and leaves no file of it', async t => {
  const folder = temporaryFolder(t);
  for (const units of [1, 2, 3, 3]) await tf.sequential({ name: 'm', layers: [tf.layers.dense({ units, inputShape: [1], name: 'd' })] }).save(`file://${folder}`);
  assert.equal(readdirSync(folder).length, 2);
  assert.deepEqual((await tf.loadLayersModel(join(folder, 'model.json'))).outputs[0].shape, [null, 3]);
});

test('a disk that is full: the error names the file, and the last good model loads', { skip: process.platform === 'win32' }, async t => {
  const folder = join(temporaryFolder(t), 'model');
  execFileSync(process.execPath, [SAVER, folder, '2']);
  // no file may have more than 8 blocks of 1024 or 512 bytes: the weights do not fit
  const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`;
  assert.throws(() => execFileSync('sh', ['-c', limited, process.execPath, SAVER, folder], { stdio: 'pipe', encoding: 'utf8' }),
    (/** @type {any} */ error) => /weights(-2)?\.bin: /.test(error.stderr) && /EFBIG|ENOSPC/.test(error.stderr) && /code: 'IO'/.test(error.stderr));
  assert.equal(await savedNumber(folder), 2);
  assert.deepEqual(readdirSync(folder).filter(name => name.endsWith('.tmp')), []);
});
