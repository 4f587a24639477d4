/**
 * Tests and predicts with the moving averages of the weights, which an optimizer with useEma keeps. Keras:
 * keras/src/callbacks/swap_ema_weights.py.
 */
import { valueError } from '../layers/errors.js';
import { Callback } from './callback.js';
import { exchange } from './weights.js';

export class SwapEMAWeights extends Callback {
  #isSwapped = false;

  /** @param {{swapOnEpoch?: boolean}} [args] swapOnEpoch: the averages are there at the end of each epoch too, for callbacks that come after */
  constructor({ swapOnEpoch = false } = {}) {
    super();
    this.swapOnEpoch = swapOnEpoch;
  }

  /** @returns {[any, any][]} each trained variable and its average */
  #pairs() {
    const { optimizer } = this.model;
    if (!optimizer?.averages?.length) {
      throw valueError('SwapEMAWeights must be used when `useEma=true` is set on the optimizer. Received: ' +
        `useEma=${Boolean(optimizer?.useEma)}`);
    }
    return optimizer.targets.map((/** @type {any} */ variable, /** @type {number} */ i) => [variable, optimizer.averages[i]]);
  }

  /** @param {boolean} isSwapped */
  #swap(isSwapped) {
    if (this.#isSwapped === isSwapped) return;
    exchange(this.#pairs());
    this.#isSwapped = isSwapped;
  }

  /** @override */
  onEpochBegin() {
    if (this.swapOnEpoch) this.#swap(false);
  }

  /** @override @param {number} epoch */
  onEpochEnd(epoch) {
    if (!this.swapOnEpoch || this.#isSwapped) return;
    this.#swap(true);
    // when fit ends, the optimizer writes its averages into the weights: it shall have them back
    const isLast = epoch === (this.params.epochs ?? 0) - 1 || this.model.stopTraining;
    if (isLast) for (const [variable, average] of this.#pairs()) average.assign(variable);
  }

  /** @override */
  onTestBegin() {
    this.#swap(true);
  }

  /** @override */
  onTestEnd() {
    this.#swap(false);
  }

  /** @override */
  onPredictBegin() {
    this.#swap(true);
  }

  /** @override */
  onPredictEnd() {
    this.#swap(false);
  }
}
