/** Comparison of numbers with what another library computed. */
import assert from 'node:assert/strict';

/** @typedef {{relative: number, absolute: number}} Tolerance */

/** How far a result may be from the recorded one, by what was computed. @type {Record<string, Tolerance>} */
export const TOLERANCES = {
  op: { relative: 2e-6, absolute: 2e-6 },
  model: { relative: 1e-4, absolute: 1e-5 },
  exact: { relative: 0, absolute: 0 },
};

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
    if (isSame || Math.abs(actual[i] - expected[i]) <= absolute + relative * Math.abs(expected[i])) continue;
    assert.fail(`${what}: element ${i} is ${actual[i]}, expected ${expected[i]}`);
  }
}
