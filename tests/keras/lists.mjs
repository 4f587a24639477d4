/** What Keras has and Hornbeam lacks, by name: each layer and operation is there, or in left_out.json with the reason. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../../js/src/index.js';
import { engine } from '../../js/src/core/engine.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Names with "|" between. @param {string[]} names */
const spellings = names => new Set(names.flatMap(name => name.split('|')));

/**
 * @param {string} python of the environment that has Keras
 * @returns {string[]} what is wrong, a line each
 */
export function checkLists(python) {
  const keras = JSON.parse(execFileSync(python, [join(FOLDER, 'lists.py')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  const leftOut = JSON.parse(readFileSync(join(FOLDER, 'left_out.json'), 'utf8'));
  const described = JSON.parse(engine.native.describe());
  const ours = {
    layers: spellings(described.layers.flatMap(({ name, aliases }) => [name, aliases])),
    operations: spellings(described.operations),
  };
  return Object.entries(keras).flatMap(([kind, names]) => {
    const listed = Object.values(leftOut[kind]).flat();
    const missing = names.filter(name => !ours[kind].has(name) && !listed.includes(name));
    const stale = listed.filter((name, i) => ours[kind].has(name) || !names.includes(name) || listed.indexOf(name) !== i);
    return [...missing.map(name => `${kind}: Keras has ${name}`), ...stale.map(name => `${kind}: ${name} need not be in left_out.json`)];
  });
}
