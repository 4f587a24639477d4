/** Comparison of numbers with what another library computed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** @typedef {{relative: number, absolute: number}} Tolerance */

const rows = [...readFileSync(new URL('../tolerances.def', import.meta.url), 'utf8').matchAll(/^TOLERANCE\((\w+), ANY, (\S+), (\S+)\)/gm)];
const kinds = new Map(rows.map(([, kind, absolute, relative]) => [kind, { absolute: Number(absolute), relative: Number(relative) }]));

/** @param {string} kind of tests/tolerances.def @returns {Tolerance} */
function tolerance(kind) {
  const found = kinds.get(kind);
  assert.ok(found, `tests/tolerances.def has no row for ${kind}`);
  return found;
}

/** How far a result may be from the recorded one, by what was computed. */
export const TOLERANCES = { op: tolerance('TFJS'), model: tolerance('GOLDEN'), exact: tolerance('EXACT') };

/**
 * Asserts that two lists of numbers are equal within a tolerance; NaN equals NaN, an infinity only itself.
 * @param {ArrayLike<number>} actual
 * @param {ArrayLike<number>} expected
 * @param {Tolerance} tolerance
 * @param {string} [what]
 */
export function assertClose(actual, expected, { relative, absolute }, what = 'values') {
  assert.equal(actual.length, expected.length, `${what}: count`);
  for (let i = 0; i < expected.length; i++) {
    const isSame = Object.is(actual[i], expected[i]) || actual[i] === expected[i];
    if (isSame || Math.abs(actual[i] - expected[i]) <= absolute + relative * Math.max(Math.abs(actual[i]), Math.abs(expected[i]))) continue;
    assert.fail(`${what}: element ${i} is ${actual[i]}, expected ${expected[i]}`);
  }
}
