#!/usr/bin/env node
/**
 * Packages that others built on TensorFlow.js, with Hornbeam in its place: knn-classifier, nsfwjs and tfjs-vis give what they give on
 * TensorFlow.js.
 *
 *   npm run test:packages
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../scripts/build.mjs';
import { setup } from '../../scripts/setup.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MANIFEST = join(HERE, 'npm');
const FILES = ['package.json', 'package-lock.json'];

/** Installs the packages beside the other third-party code, once for each lock file. */
function install() {
  const hash = createHash('sha256').update(readFileSync(join(MANIFEST, 'package-lock.json'))).digest('hex').slice(0, 8);
  const folder = join(resolve(process.env.HORNBEAM_CACHE || join(homedir(), '.cache/hornbeam')), `packages-${hash}`);
  if (existsSync(folder)) return folder;
  const half = `${folder}.new`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  for (const file of FILES) cpSync(join(MANIFEST, file), join(half, file));
  // without what they name as peers: that is TensorFlow.js
  const { status } = spawnSync('npm', ['ci', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: half, stdio: 'inherit' });
  if (status !== 0) throw new Error('npm could not install the packages');
  renameSync(half, folder);
  return folder;
}

await setup({ for: 'test' });
await build({ for: 'test' });
const folder = install();
for (const target of ['node', 'wasm']) {
  const env = { ...process.env, HORNBEAM_TARGET: target, PACKAGES: folder };
  const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', join(HERE, 'packages.test.js')], { env, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
