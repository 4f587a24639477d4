/**
 * The order of samples in an epoch, and what a step's random layers draw from:
 * functions of a seed and a place, so that a run can be gone on with.
 */

/** One step of a hash of 32 bits: the finalizer of MurmurHash3. @param {number} hash @param {number} number */
function mixIn(hash, number) {
  let mixed = Math.imul(hash ^ number, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Mixes numbers into one of 32 bits. @param {readonly number[]} numbers */
export const mix = numbers => numbers.reduce(mixIn, 0x9e3779b9) | 0;

/**
 * A permutation of 0 to count - 1 (Fisher and Yates), of whole groups where there are any; an incomplete group stays last.
 * @param {number} count
 * @param {number} group how many neighbours stay together
 * @param {readonly number[]} seed
 */
export function shuffledOrder(count, group, seed) {
  const groups = Math.floor(count / group);
  const start = mix(seed);
  const places = Int32Array.from({ length: groups }, (_, i) => i);
  for (let i = groups - 1; i > 0; i--) {
    const k = Math.floor(((mixIn(start, i) >>> 0) / 2 ** 32) * (i + 1));
    [places[i], places[k]] = [places[k], places[i]];
  }
  return Int32Array.from({ length: count }, (_, i) => (i < groups * group ? places[Math.floor(i / group)] * group + (i % group) : i));
}
