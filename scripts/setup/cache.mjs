/** The cache outside the clone: each entry is made under a temporary name and renamed, so that a half one is never seen. */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const LOCK_POLL_MS = 500;
const LOCK_UNWRITTEN_MS = 10_000;

/**
 * Returns a cache entry's path, making the entry first where it is missing.
 * @param {import('./context.mjs').Context} context
 * @param {string} name the entry, with everything that it depends on (version, key) in its name
 * @param {(temporary: string, final: string) => void | Promise<void>} make fills the folder `temporary`, which becomes `final`
 * @returns {Promise<string>}
 */
export async function cached(context, name, make) {
  const final = join(context.cache, name);
  if (existsSync(final)) return final;
  mkdirSync(dirname(final), { recursive: true });
  await withLock(context, final, async () => {
    if (existsSync(final)) return; // another set-up made it while we waited
    removeLeftovers(final);
    const temporary = `${final}.tmp-${process.pid}`;
    mkdirSync(temporary);
    try {
      await make(temporary, final);
      renameSync(temporary, final);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  });
  context.worked = true;
  return final;
}

/**
 * The path of a cache entry that is already there.
 * @param {import('./context.mjs').Context} context
 * @param {string} name
 * @returns {string | undefined}
 */
export function cachedAlready(context, name) {
  const path = join(context.cache, name);
  return existsSync(path) ? path : undefined;
}

/**
 * A short key for everything that a build depends on.
 * @param {...(string | Buffer)} parts
 */
export function keyOf(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 8);
}

/** Temporary folders of set-ups that were interrupted. The caller holds the entry's lock, so nobody is filling one. */
function removeLeftovers(final) {
  for (const name of readdirSync(dirname(final))) {
    if (name.startsWith(`${basename(final)}.tmp-`)) rmSync(join(dirname(final), name), { recursive: true, force: true });
  }
}

/** Keeps two set-ups that share the cache from making the same entry at once. */
async function withLock(context, final, body) {
  const lock = `${final}.lock`;
  let told = false;
  while (!take(lock)) {
    if (!told) context.print('(waiting for another set-up) ');
    told = true;
    await sleep(LOCK_POLL_MS);
  }
  try {
    await body();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isStale(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isStale(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    if (!owner) return Date.now() - statSync(lock).mtimeMs > LOCK_UNWRITTEN_MS;
    process.kill(owner, 0); // signal 0 only asks whether the process is there
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
