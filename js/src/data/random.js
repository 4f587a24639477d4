/**
 * Alea, Johannes Baagøe's generator: a multiply-with-carry over three fractions of 32 bits, started by the hash Mash of a text. It is the
 * one that TensorFlow.js shuffles datasets with (seedrandom.alea), so that a seed gives the same order here as there.
 */
const FRACTION = 2 ** -32;
const MULTIPLIER = 2091639;

/** Mash: a hash that goes on from text to text. @returns {(text: string) => number} a fraction in [0, 1) */
function makeMash() {
  let state = 0xefc8249d;
  return text => {
    for (let i = 0; i < text.length; i++) {
      state += text.charCodeAt(i);
      const product = 0.02519603282416938 * state;
      const whole = product >>> 0;
      const mixed = (product - whole) * whole;
      state = mixed >>> 0;
      state += (mixed - state) * 2 ** 32;
    }
    return (state >>> 0) * FRACTION;
  };
}

/** Numbers in [0, 1) that a seed decides. */
export class Alea {
  #parts;
  #carry = 1;

  /** @param {string | number} seed */
  constructor(seed) {
    const mash = makeMash();
    const blank = [mash(' '), mash(' '), mash(' ')];
    this.#parts = blank.map(part => {
      const rest = part - mash(String(seed));
      return rest < 0 ? rest + 1 : rest;
    });
  }

  /** The next number in [0, 1). */
  next() {
    const [first, second, third] = this.#parts;
    const sum = MULTIPLIER * first + this.#carry * FRACTION;
    this.#carry = Math.trunc(sum);
    this.#parts = [second, third, sum - this.#carry];
    return this.#parts[2];
  }

  /** The next whole number of 32 bits, signed. */
  int32() {
    return (this.next() * 2 ** 32) | 0;
  }
}
