/** The digit classifier of examples/digits, converted for the demo and the tests. */
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
export const DIGITS = join(ROOT, 'examples/digits');
const CONVERTER = join(ROOT, 'build/native/converter/hornbeam-convert');

/**
 * Converts a model that Keras saved, unless that was done already. The demo page takes digits.keras from build/digits.
 * @param {'digits.keras' | 'digits.h5'} file
 * @returns {string} the path of model.json
 */
export function convertDigits(file) {
  const source = join(DIGITS, file);
  const output = join(ROOT, 'build', file === 'digits.keras' ? 'digits' : 'digits-h5');
  const model = join(output, 'model.json');
  const isNewer = (/** @type {string} */ other) => statSync(model).mtimeMs > statSync(other).mtimeMs;
  if (existsSync(model) && isNewer(source) && isNewer(CONVERTER)) return model;
  // Beside the old one first: tests run side by side, and one may read what another converts.
  const fresh = `${output}.${process.pid}`;
  execFileSync(CONVERTER, [source, fresh], { stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(output, { recursive: true, force: true });
  try {
    renameSync(fresh, output);
  } catch {
    rmSync(fresh, { recursive: true }); // another process was faster
  }
  return model;
}
