#!/usr/bin/env node
/**
 * The whole road on one example: sets up, builds, converts the digit classifier that Keras saved as .keras and .h5, classifies held-out
 * digits with the addon and with WebAssembly, and compares with what Keras answered.
 *
 *   node scripts/demo.mjs [--serve [--port N]]     --serve: then serves the page to draw digits on
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { convertDigits, DIGITS } from './digits.mjs';
import { serve } from './serve.mjs';
import { setup } from './setup.mjs';
import { SetupError } from './setup/run.mjs';

/** The largest difference to Keras's probabilities that is rounding. */
const LARGEST_DIFFERENCE = 1e-5;

/**
 * @param {string} model
 * @param {'node' | 'wasm'} target
 */
function classify(model, target) {
  const script = join(DIGITS, 'classify.mjs');
  const answer = execFileSync(process.execPath, [script, model, '--json'], { encoding: 'utf8', env: { ...process.env, HORNBEAM_TARGET: target } });
  return JSON.parse(answer);
}

const COLUMNS = ['model', 'runs in', 'correct', 'largest difference to Keras', 'µs an image: one', '32 at once'];

/** @param {string[][]} rows */
function printTable(rows) {
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map(row => row[i].length)));
  for (const row of [COLUMNS, ...rows]) console.log(`  ${row.map((text, i) => text.padEnd(widths[i])).join('   ').trimEnd()}`);
}

/** @param {{serve: boolean, port: string}} options */
async function demo(options) {
  await setup({ for: 'demo' });
  await build({ for: 'demo' });
  const models = ['digits.keras', 'digits.h5'].map(file => [file, convertDigits(/** @type {any} */ (file))]);
  const targets = /** @type {const} */ (['node', 'wasm']);
  const reports = models.flatMap(([name, path]) => targets.map(target => ({ name, ...classify(path, target) })));
  console.log(`\n${reports[0].images} handwritten digits that the network was not trained on:\n`);
  printTable(reports.map(report => [
    report.name, report.target === 'node' ? 'the Node addon' : `WebAssembly ${report.variant}`,
    `${report.correct} (${((report.correct / report.images) * 100).toFixed(2)}%)`, report.maxDifference.toExponential(1),
    report.microseconds[1].toFixed(0), report.microseconds[32].toFixed(1),
  ]));
  const wrong = reports.filter(report => !(report.maxDifference <= LARGEST_DIFFERENCE));
  if (wrong.length > 0) {
    console.error(`\nFAILED: more than ${LARGEST_DIFFERENCE} away from Keras: ${wrong.map(report => `${report.name} on ${report.target}`).join(', ')}`);
    process.exitCode = 1;
  } else if (options.serve) {
    const { url } = await serve({ port: Number(options.port) });
    console.log(`\nDraw digits of your own at ${url} (Ctrl+C ends it)`);
  } else {
    console.log('\nDraw digits of your own: npm run demo -- --serve');
  }
}

const { values } = parseArgs({ options: { serve: { type: 'boolean', default: false }, port: { type: 'string', default: '8080' } } });
try {
  await demo(values);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nThe demo could not be built: ${error.message}`);
  process.exitCode = 1;
}
