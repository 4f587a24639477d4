/**
 * Steps of one size along the sign of a momentum. Chen et al., Symbolic Discovery of Optimization Algorithms (2023). Source:
 * keras/src/optimizers/lion.py.
 */
import { assert } from '../../core/util.js';
import { add, mul, sign, sub } from '../../ops/elementwise.js';
import { Optimizer } from './optimizer.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { Moment, Slots, Updated } from './optimizer.js' */

/** x -= rate sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g */
export class LionOptimizer extends Optimizer {
  static className = 'Lion';
  static fields = { learningRate: 0.001, beta1: 0.9, beta2: 0.99 };
  static formerNames = { m: 'momentum' };

  /** @param {...any} args learningRate, options */
  constructor(...args) {
    super(...args);
    const { beta1 } = /** @type {any} */ (this);
    assert(beta1 > 0 && beta1 <= 1,
      () => `Lion: beta1 must be in the (0, 1] range. Otherwise, the optimizer degenerates to SignSGD. Received: beta1=${beta1}`);
  }

  /** @override */
  get slotGroups() {
    return [['momentum']];
  }

  /** @param {Tensor} gradient @param {Tensor} value @param {Slots} slots @param {Moment} moment @override @returns {Updated} */
  updateStep(gradient, value, slots, { rate }) {
    const { beta1, beta2 } = /** @type {any} */ (this);
    const mixed = (/** @type {number} */ beta) => add(mul(slots.momentum, beta), mul(gradient, 1 - beta));
    return { value: sub(value, mul(rate, sign(mixed(beta1)))), momentum: mixed(beta2) };
  }
}
