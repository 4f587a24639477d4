#!/usr/bin/env node
/**
 * Hornbeam against real Keras, live: the architectures of keras.applications and random models, built and run in Keras with random
 * weights, saved, converted, run in the addon.
 *
 *   npm run test:keras -- [--only lists|written|applications|random] [--application NAME] [--seed N] [--count N]
 *
 * --seed N repeats one random model that failed, for both generations of Keras; --count N: how many random models (300); --first N: the
 * first one's seed (today's date; the same models all day).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { setup } from '../../scripts/setup.mjs';
import { ROOT } from '../../scripts/setup/context.mjs';
import { SetupError } from '../../scripts/setup/run.mjs';
import { Keras } from './keras.mjs';
import { shrink } from './shrink.mjs';

const ENGINES = ['k3', 'k2'];
const APPLICATIONS = { absolute: 1e-4, relative: 0, top: true };
const RANDOM = { absolute: 1e-4, relative: 1e-4, top: false };

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' }, application: { type: 'string' }, seed: { type: 'string' }, first: { type: 'string' },
    count: { type: 'string', default: '300' },
  },
});

/** @typedef {import('./check.mjs').Model} Model */

const applications = () => [...readFileSync(join(ROOT, 'tests/keras/applications.py'), 'utf8').matchAll(/^ {4}"(\w+)": \(/gm)].map(match => match[1]);

class Suite {
  /** @param {Keras} keras @param {typeof import('./check.mjs').check} check @param {string} folder */
  constructor(keras, check, folder) {
    Object.assign(this, { keras, check, folder });
    this.keras = keras;
    this.check = check;
    this.folder = folder;
    this.passed = 0;
    this.failed = 0;
    /** @type {Set<string>} */
    this.leftOut = new Set();
    /** @type {Record<string, number>} how often each layer was in a model */
    this.layers = {};
  }

  /** Asks for all models at once, so that Keras goes on while one is compared. @param {Record<string, unknown>[]} requests @param {(request: any, reply: any) => Promise<void>} act */
  async each(requests, act) {
    const replies = requests.map((request, i) => this.keras.ask({ ...request, folder: join(this.folder, String(i)) }));
    for (const [i, request] of requests.entries()) {
      await act(request, await replies[i]);
      rmSync(join(this.folder, String(i)), { recursive: true, force: true });
    }
  }

  /** @param {string} what @param {string[]} problems */
  report(what, problems) {
    this.count(problems.length === 0);
    console.log(`${what} ... ${problems.length === 0 ? 'ok' : `FAILED\n  ${problems.join('\n  ')}`}`);
  }

  async applications() {
    const names = options.application ? [options.application] : applications();
    await this.each(names.flatMap(application => ENGINES.map(engine => ({ application, engine }))), async ({ application, engine }, reply) => {
      const start = performance.now();
      const problems = reply.error ? [reply.error] : await this.check(reply, APPLICATIONS);
      this.count(problems.length === 0);
      console.log(`${application}, ${engine} ... ${problems.length === 0 ? `${((performance.now() - start) / 1000).toFixed(1)} s` : `FAILED\n  ${problems.join('\n  ')}`}`);
    });
  }

  /** @param {number[]} seeds */
  async random(seeds) {
    const requests = seeds.flatMap(seed => (options.seed ? ENGINES : [ENGINES[seed % 2]]).map(engine => ({ generate: seed, engine })));
    await this.each(requests, async ({ generate, engine }, reply) => {
      if (reply.error) {
        this.count(false);
        console.log(`FAILED: seed ${generate}, ${engine}: ${reply.error}`);
        return;
      }
      this.note(reply);
      const problems = await this.check(reply, RANDOM);
      this.count(problems.length === 0);
      if (problems.length > 0) await this.tell(generate, reply, problems);
    });
  }

  /** @param {Model} reply */
  note({ spec, left_out: leftOut = [] }) {
    leftOut.forEach(name => this.leftOut.add(name));
    for (const node of spec.nodes) this.layers[node.class] = (this.layers[node.class] ?? 0) + 1;
  }

  /** Prints the smallest model that fails. @param {number} seed @param {Model} reply @param {string[]} problems */
  async tell(seed, reply, problems) {
    let last = problems;
    const folder = join(this.folder, 'shrink');
    const spec = await shrink(reply.spec, async candidate => {
      const smaller = await this.keras.ask({ build: candidate, folder });
      const found = smaller.error ? [] : await this.check(smaller, RANDOM);
      if (found.length > 0) last = found;
      return found.length > 0;
    });
    console.log(`FAILED: npm run test:keras -- --seed ${seed} (${reply.spec.engine})\n  ${problems.join('\n  ')}\n  shrunk: ${last.join('; ')}`);
    console.log(`  ${JSON.stringify({ inputs: spec.inputs, nodes: spec.nodes, outputs: spec.outputs })}`);
  }

  /** @param {boolean} passed */
  count(passed) {
    if (passed) this.passed++;
    else this.failed++;
  }
}

async function main() {
  await setup({ for: 'keras' });
  await build({ for: 'keras' });
  const { keras: python } = JSON.parse(readFileSync(join(ROOT, 'build/setup.json'), 'utf8'));
  const { check } = await import('./check.mjs'); // they need the addon
  const { checkLists } = await import('./lists.mjs');
  const { checkGoldens } = await import('./goldens.mjs');
  const { checkWritten } = await import('./written.mjs');
  const keras = new Keras(python);
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-keras-'));
  const suite = new Suite(keras, check, folder);
  try {
    const first = Number(options.first ?? new Date().toISOString().slice(0, 10).replaceAll('-', '')) * (options.first ? 1 : 1000);
    const part = options.only ?? (options.seed ? 'random' : options.application ? 'applications' : undefined);
    if (!part || part === 'lists') {
      suite.report('names of layers and operations', checkLists(python));
      suite.report('golden files, three folders', checkGoldens(python));
    }
    if (!part || part === 'written') suite.report('files that Hornbeam writes, opened by Keras', await checkWritten(keras, join(folder, 'written')));
    if (!part || part === 'applications') await suite.applications();
    if (!part || part === 'random')
      await suite.random(options.seed ? [Number(options.seed)] : Array.from({ length: Number(options.count) }, (_, i) => first + i));
  } finally {
    keras.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const names = Object.entries(suite.layers).sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${name} ${count}`);
  if (names.length > 0) console.log(`\nLayers in random models: ${names.join(', ')}`);
  if (suite.leftOut.size > 0) console.log(`Not drawn, since Hornbeam has no such layer: ${[...suite.leftOut].sort().join(', ')}`);
  console.log(`\n${suite.passed} passed, ${suite.failed} failed`);
  process.exitCode = suite.failed > 0 || suite.passed === 0 ? 1 : 0;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nThe Keras suite could not be set up: ${error.message}`);
  process.exitCode = 1;
}
