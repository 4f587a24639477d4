#!/usr/bin/env node
/**
 * Sets the clone up: system programs, Emscripten, third-party libraries, npm packages. Both `npm run demo` and `npm test` call
 * it first. Plain Node without dependencies, since nothing is installed yet; a second run finds everything and takes seconds.
 *
 *   node scripts/setup.mjs [--for native|demo|test|keras|tensorboard]
 *
 * HORNBEAM_CACHE           folder for what is downloaded and built (~/.cache/hornbeam)
 * HORNBEAM_SOURCES         folder with source tarballs, asked before the Debian mirror
 * HORNBEAM_DEBIAN_MIRROR   a Debian mirror, where the machine's own apt has none
 * EMCC, CLANG, CHROMIUM    the program to use instead of what is found
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createContext } from './setup/context.mjs';
import { setUpEmscripten } from './setup/emscripten.mjs';
import { setUpKeras } from './setup/keras.mjs';
import { setUpNodes, setUpNpmPackages } from './setup/npm.mjs';
import { writeResults } from './setup/output.mjs';
import { SetupError } from './setup/run.mjs';
import { setUpSources } from './setup/sources.mjs';
import { runSteps } from './setup/steps.mjs';
import { TARGETS } from './setup/targets.mjs';
import { setUpTensorBoard } from './setup/tensorboard.mjs';
import { setUpTools } from './setup/tools.mjs';
import { setUpNativeXnnpack, setUpWasmXnnpack, WASM_VARIANTS } from './setup/xnnpack.mjs';

/**
 * Sets up what a target needs and returns what build/setup.json holds.
 * @param {{for?: string, print?: (text: string) => void}} [options] `for`: a key of TARGETS
 * @returns {Promise<Record<string, any>>}
 */
export async function setup({ for: target = 'test', print = text => process.stdout.write(text) } = {}) {
  if (!Object.hasOwn(TARGETS, target)) {
    throw new SetupError(`no target "${target}"`, { mend: `use one of ${Object.keys(TARGETS).join(', ')}` });
  }
  const context = createContext(TARGETS[target], print);
  await runSteps([
    { name: 'system programs', body: setUpTools },
    { name: 'library sources', body: setUpSources },
    { name: 'XNNPACK native', body: setUpNativeXnnpack },
    { name: 'Emscripten', body: setUpEmscripten },
    ...Object.keys(WASM_VARIANTS).map(variant => ({ name: `XNNPACK ${variant}`, body: context => setUpWasmXnnpack(context, variant) })),
    { name: 'npm packages', body: setUpNpmPackages },
    { name: 'other Node versions', body: setUpNodes },
    { name: 'Keras', body: setUpKeras },
    { name: 'TensorBoard', body: setUpTensorBoard },
    { name: 'build/setup.json', body: writeResults },
  ], context);
  return context.found;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { for: { type: 'string' } } });
  try {
    await setup(values);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\nSet-up failed: ${error.message}`);
    process.exitCode = 1;
  }
}
