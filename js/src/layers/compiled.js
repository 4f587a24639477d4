/** A call of a layer or model on tensors of certain types, as a program of the native library. */
import { engine } from '../core/engine.js';
import { Program } from '../core/program.js';
import { seedTensor } from '../ops/random.js';

/** @import { TensorType } from '../core/program.js' */
/** @import { Tensor } from '../core/tensor.js' */
/** @import { Kwargs, Results } from './layer.js' */

/** What random layers draw from. */
export const newSeed = () => seedTensor(null);

export class CompiledCall {
  #program;
  #training;
  /** Which outputs have masks. @type {boolean[]} */
  #masked = [];

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
      const results = body(symbols.slice(0, masks.length), collected, { ...kwargs, ...seed });
      this.#masked = results.masks.map(mask => mask !== null);
      return [...results.outputs, ...results.masks.filter(mask => mask !== null)];
    });
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
    return { outputs: results.slice(0, count), masks: found };
  }

  dispose() {
    this.#program.dispose();
  }
}
