#!/usr/bin/env node
/** Runs the specs on the addon and on WebAssembly, after `npm run build`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const run = fileURLToPath(new URL('run.js', import.meta.url));
const targets = [{ HORNBEAM_TARGET: 'node' }, { HORNBEAM_TARGET: 'wasm', HORNBEAM_VARIANT: 'simd' }];
const failed = targets.filter(env => spawnSync(process.execPath, [run, ...process.argv.slice(2)],
  { env: { ...process.env, ...env }, stdio: 'inherit' }).status !== 0);
process.exitCode = failed.length > 0 ? 1 : 0;
