/** Real TensorBoard for `npm run test:tensorboard`: a virtual environment of its own in the cache, small beside that of Keras. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cachedAlready, keyOf } from './cache.mjs';
import { NOT_NEEDED, ROOT } from './context.mjs';
import { makeEnvironment } from './keras.mjs';
import { capture } from './run.mjs';

const REQUIREMENTS = join(ROOT, 'tests/tensorboard/requirements.txt');

/**
 * Makes the environment and records its Python.
 * @param {import('./context.mjs').Context} context
 */
export async function setUpTensorBoard(context) {
  const { python } = context.found;
  const entry = `tensorboard-${keyOf(readFileSync(REQUIREMENTS), capture(python ?? 'python3', ['--version']) ?? '')}`;
  const make = (/** @type {string} */ folder) => makeEnvironment({ python, folder, log: context.log('tensorboard'), requirements: REQUIREMENTS, modules: 'tensorboard.main' });
  const path = context.wants.tensorboard ? await cached(context, entry, make) : cachedAlready(context, entry);
  if (path) context.found.tensorboard = join(path, 'bin/python');
  return context.wants.tensorboard ? undefined : NOT_NEEDED;
}
