/** What a stateful layer keeps from one call to the next. */
import { engine } from '../core/engine.js';
import { zeros } from '../ops/creation.js';
import { valueError } from './errors.js';
import { toList } from './lists.js';
import { uniqueName } from './names.js';

/** @import { Tensor, Variable } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */

export function unknownBatch() {
  return valueError('If an RNN is stateful, it needs to know its batch size. Specify the batch size of your input tensors: \n' +
    '- If using a Sequential model, specify the batch size by passing a `batchInputShape` option to your first layer.\n' +
    '- If using the functional API, specify the batch size by passing a `batchShape` option to your Input layer.');
}

/** The states of a layer, which are made at its first call. */
export class States {
  /** @type {Variable[]} */
  variables = [];

  /**
   * The states, zeros at first.
   * @param {{shape: readonly (number | null)[], dtype: DataType}[]} types
   */
  of(types) {
    if (types.some(({ shape }) => shape.includes(null))) throw unknownBatch();
    if (this.variables.length === 0) this.variables = types.map(({ shape, dtype }) => zeroVariable(/** @type {number[]} */ (shape), dtype));
    return this.variables;
  }

  /**
   * @param {string} layer its name, for messages
   * @param {Tensor | Tensor[] | null} [states] what to go on from, in place of zeros
   */
  reset(layer, states) {
    const given = states == null ? [] : toList(states);
    if (given.length !== 0 && given.length !== this.variables.length) {
      throw valueError(`Layer ${layer} expects ${this.variables.length} state(s), but it received ${given.length} state value(s). Input received: ` +
        `${states}`);
    }
    engine.scoped('resetStates', () => this.variables.forEach((state, i) => state.assign(given[i] ?? zeros(state.shape, state.dtype))));
  }

  dispose() {
    for (const state of this.variables) state.dispose();
  }
}

/** @param {number[]} shape @param {DataType} dtype */
function zeroVariable(shape, dtype) {
  return engine.scoped('state', () => engine.makeVariable(zeros(shape, dtype), false, uniqueName('state')));
}
