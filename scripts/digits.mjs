/** The digit classifier of examples/digits, converted for the demo and the tests. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
export const DIGITS = join(ROOT, 'examples/digits');
const CONVERTER = join(ROOT, 'build/native/converter/hornbeam-convert');

/**
 * Converts a model that Keras saved. The demo page takes digits.keras from build/digits.
 * @param {'digits.keras' | 'digits.h5'} file
 * @returns {string} the path of model.json
 */
export function convertDigits(file) {
  const output = join(ROOT, 'build', file === 'digits.keras' ? 'digits' : 'digits-h5');
  rmSync(output, { recursive: true, force: true });
  execFileSync(CONVERTER, [join(DIGITS, file), output], { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(output, 'model.json');
}
