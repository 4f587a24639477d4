/** Writes what was found: build/setup.json for scripts, build/setup.cmake (the same, as set() lines) for CMake. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './context.mjs';

/**
 * @param {import('./context.mjs').Context} context
 */
export function writeResults({ found }) {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  writeIfChanged(join(ROOT, 'build/setup.json'), `${JSON.stringify(found, null, 2)}\n`);
  const lines = flatten(found, 'HORN').map(([name, value]) => `set(${name} [==[${value}]==])`);
  writeIfChanged(join(ROOT, 'build/setup.cmake'), `# Written by scripts/setup.mjs.\n${lines.join('\n')}\n`);
}

/** `{xnnpack: {'simd-threads': path}}` -> `[['HORN_XNNPACK_SIMD_THREADS', path]]` */
function flatten(object, prefix) {
  return Object.entries(object).filter(([, value]) => value !== undefined).flatMap(([key, value]) => {
    const name = `${prefix}_${key.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}`;
    return typeof value === 'object' ? flatten(value, name) : [[name, value]];
  });
}

/** Leaves an unchanged file alone, so that CMake does not configure again for nothing. */
function writeIfChanged(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(`${path}.tmp-${process.pid}`, text);
  renameSync(`${path}.tmp-${process.pid}`, path);
}
