/** The C program of examples/c: it links the static library alone, loads the converted digits and predicts as Keras did. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readHeldOut } from '../../examples/digits/heldout.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const native = join(root, 'build/native');
const COUNT = 500;

test('examples/c/predict', t => {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const model = join(folder, 'a model');
  execFileSync(join(native, 'converter/hornbeam-convert'), [join(root, 'examples/digits/digits.keras'), model], { stdio: 'ignore' });
  const { images, outputs } = readHeldOut();
  writeFileSync(join(folder, 'images.bin'), Uint8Array.from(images.subarray(0, COUNT * 28 * 28)));
  const answer = execFileSync(join(native, 'examples/c/predict'), [join(model, 'model.json'), join(folder, 'images.bin'), String(COUNT)], { encoding: 'utf8' });
  const lines = answer.trimEnd().split('\n');
  assert.equal(lines.length, COUNT);
  lines.forEach((line, i) => {
    const row = outputs.subarray(10 * i, 10 * i + 10);
    const [digit, probability] = line.split(' ').map(Number);
    assert.equal(digit, row.indexOf(Math.max(...row)));
    assert.ok(Math.abs(probability - row[digit]) <= 1e-5, `image ${i}: ${probability}, Keras: ${row[digit]}`);
  });
});

test('examples/c/predict says what is wrong', () => {
  const run = (/** @type {string[]} */ ...args) => () => execFileSync(join(native, 'examples/c/predict'), args, { encoding: 'utf8', stdio: 'pipe' });
  assert.throws(run(), /usage: predict/);
  assert.throws(run('/nowhere/model.json', '/nowhere', '1'), /nowhere\/model.json: cannot be read/);
});
