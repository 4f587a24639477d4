/** Whether the generator of the golden files still writes what is committed: three folders alone, each in a process of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/setup/context.mjs';

const GOLDEN = join(ROOT, 'tests/golden');
/** Names that Keras counts, weights whose seeds are such names, and masks that Keras records. */
const FOLDERS = ['Operators', 'AdditiveAttention', 'StackedRNNCells'];

/**
 * Configs are compared, not numbers: the last bits of a sum differ between processors.
 * @param {string} python of the environment that has Keras
 * @returns {string[]} what differs, a line each
 */
export function checkGoldens(python) {
  const out = mkdtempSync(join(tmpdir(), 'hornbeam-golden-'));
  try {
    return FOLDERS.flatMap(folder => {
      execFileSync(python, [join(GOLDEN, 'generate/generate.py'), '--only', folder, '--out', out], { stdio: 'ignore' });
      const [written, committed] = [join(out, folder), join(GOLDEN, folder)].map(path => readdirSync(path).sort());
      if (written.join() !== committed.join()) return [`${folder}: other files`];
      const configs = written.filter(name => name.endsWith('.json') && !readFileSync(join(out, folder, name)).equals(readFileSync(join(GOLDEN, folder, name))));
      return configs.map(name => `${folder}/${name} differs`);
    });
  } finally {
    rmSync(out, { recursive: true });
  }
}
