/** A call of a layer or model on tensors of certain types, as a program of the native library. */
import { engine } from '../core/engine.js';
import { Program } from '../core/program.js';
import { seedTensor } from '../ops/random.js';

/** @import { TensorType } from '../core/program.js' */
/** @import { Tensor, Variable } from '../core/tensor.js' */
/** @import { Kwargs, Results } from './layer.js' */

/** What random layers draw from. */
export const newSeed = () => seedTensor(null);

/** States that the body of a program leaves behind, and their new values. @type {{variable: Variable, value: Tensor}[] | null} */
let updates = null;

/**
 * Within a program: a variable has this value after each run.
 * @param {Variable} variable
 * @param {Tensor} value
 */
export function updateAfterRun(variable, value) {
  updates?.push({ variable, value });
}

/**
 * What a variable holds at this point of a program: what an earlier call has left, or what it has before the run.
 * @param {Variable} variable
 * @returns {Tensor}
 */
export function newestValue(variable) {
  return updates?.findLast(update => update.variable === variable)?.value ?? variable;
}

export class CompiledCall {
  #program;
  #training;
  /** Which outputs have masks. @type {boolean[]} */
  #masked = [];
  /** Variables whose new values are the last results. @type {Variable[]} */
  #states = [];

  /**
   * @param {(inputs: Tensor[], masks: (Tensor | null)[], kwargs: Kwargs) => Results} body
   * @param {TensorType[]} types of the inputs, then of those masks that are given
   * @param {(Tensor | null)[]} masks
   * @param {Kwargs} kwargs
   */
  constructor(body, types, masks, kwargs) {
    const given = masks.map(mask => mask !== null);
    this.#training = kwargs.training === true;
    const seedType = { shape: [2], dtype: /** @type {const} */ ('int32') };
    this.#program = Program.trace(this.#training ? [...types, seedType] : types, (...symbols) => {
      const seed = this.#training ? { seed: symbols.at(-1) } : {};
      let next = masks.length;
      const collected = given.map(isGiven => (isGiven ? symbols[next++] : null));
      return this.#collect(() => body(symbols.slice(0, masks.length), collected, { ...kwargs, ...seed }));
    });
  }

  /**
   * Outputs, masks where there are any, new states.
   * @param {() => Results} body
   * @returns {Tensor[]}
   */
  #collect(body) {
    const outer = updates;
    updates = [];
    try {
      const { outputs, masks } = body();
      this.#masked = masks.map(mask => mask !== null);
      this.#states = updates.map(({ variable }) => variable);
      return [...outputs, ...masks.filter(mask => mask !== null), ...updates.map(({ value }) => value)];
    } finally {
      updates = outer;
    }
  }

  /**
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks
   * @returns {Results}
   */
  run(inputs, masks) {
    const tensors = [...inputs, ...masks.filter(mask => mask !== null)];
    const results = this.#training ? engine.scoped('training', () => this.#program.run([...tensors, newSeed()])) : this.#program.run(tensors);
    const count = this.#masked.length;
    let next = count;
    const found = this.#masked.map(isMasked => (isMasked ? results[next++] : null));
    this.#states.forEach((state, i) => {
      state.assign(results[next + i]);
      results[next + i].dispose();
    });
    return { outputs: results.slice(0, count), masks: found };
  }

  dispose() {
    this.#program.dispose();
  }
}
