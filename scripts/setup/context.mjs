/** What every step of set-up is handed: where things are, what is wanted, and what has been found so far. */
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's root. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The recipes for third-party code: versions.json, xnnpack.cmake and what they need. */
export const THIRD_PARTY = join(ROOT, 'scripts/third-party');

/** Every version that set-up pins, from versions.json. */
export const VERSIONS = JSON.parse(readFileSync(join(THIRD_PARTY, 'versions.json'), 'utf8'));

/**
 * @typedef {object} Context
 * @property {string} cache folder outside the clone for everything downloaded or built here
 * @property {import('./targets.mjs').Target} wants what the caller needs; the rest is used if the cache has it
 * @property {Record<string, any>} found what build/setup.json will hold
 * @property {boolean} worked set by a step that had to do something, so that its time is printed
 * @property {(text: string) => void} print
 * @property {(step: string) => string} log the log file of a step
 */

/** What a step returns that this target has no use for. */
export const NOT_NEEDED = 'not needed';

/**
 * @param {import('./targets.mjs').Target} wants
 * @param {(text: string) => void} print
 * @returns {Context}
 */
export function createContext(wants, print) {
  const cache = resolve(process.env.HORNBEAM_CACHE || join(homedir(), '.cache/hornbeam'));
  mkdirSync(cache, { recursive: true });
  return { cache, wants, print, found: { cache }, worked: false, log: step => join(ROOT, 'build/logs', `${step}.log`) };
}
