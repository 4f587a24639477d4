/** Real Keras for `npm run test:keras`: a virtual environment in the cache with the packages that the golden files' generator pins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cachedAlready, keyOf } from './cache.mjs';
import { NOT_NEEDED, ROOT } from './context.mjs';
import { capture, run } from './run.mjs';

const REQUIREMENTS = join(ROOT, 'tests/golden/generate/requirements.txt');
const MEND = 'TensorFlow needs CPython 3.11 to 3.13 with pip on 64-bit Linux; see that pip reaches its index on this machine';

/**
 * Makes the environment and records its Python.
 * @param {import('./context.mjs').Context} context
 */
export async function setUpKeras(context) {
  const { python } = context.found;
  const entry = `keras-${keyOf(readFileSync(REQUIREMENTS), capture(python ?? 'python3', ['--version']) ?? '')}`;
  const path = context.wants.keras ? await cached(context, entry, folder =>
    makeEnvironment({ python, folder, log: context.log('keras'), requirements: REQUIREMENTS, modules: 'keras, tf_keras' })) : cachedAlready(context, entry);
  if (path) context.found.keras = join(path, 'bin/python');
  return context.wants.keras ? undefined : NOT_NEEDED;
}

/**
 * A virtual environment. It is renamed afterwards: its python finds its packages all the same, its other programs name the old path and are not used.
 * @param {{python: string, folder: string, log: string, requirements: string, modules: string}} what modules: what can be imported in the end
 */
export function makeEnvironment({ python, folder, log, requirements, modules }) {
  run(python, ['-m', 'venv', folder], { log, mend: MEND });
  run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements], { log, mend: MEND });
  run(join(folder, 'bin/python'), ['-c', `import ${modules}`], { log, mend: MEND });
}
