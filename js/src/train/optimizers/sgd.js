/**
 * Gradient descent, and with momentum: Keras's SGD and TensorFlow.js's Momentum. Sutskever et al., On the importance of initialization and
 * momentum (2013).
 */
import { assert } from '../../core/util.js';
import { add, mul, sub } from '../../ops/elementwise.js';
import { Optimizer } from './optimizer.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { Moment, Slots, Updated } from './optimizer.js' */

/** m = momentum m - rate g; x += m, or, looking ahead (nesterov), x += momentum m - rate g. Source: keras/src/optimizers/sgd.py. */
export class SGDOptimizer extends Optimizer {
  static className = 'SGD';
  static fields = { learningRate: 0.01, momentum: 0, nesterov: false };
  static fileNames = { momentum: 'momentum' };
  static formerNames = { m: 'momentum' };

  /** @param {...any} args learningRate, options */
  constructor(...args) {
    super(...args);
    const { momentum } = /** @type {any} */ (this);
    assert(momentum >= 0 && momentum <= 1, () => `SGD: momentum must be in the range [0, 1]. Received: momentum=${momentum}`);
  }

  /** @override */
  get slotGroups() {
    return /** @type {any} */ (this).momentum !== 0 ? [['momentum']] : [];
  }

  /** @param {Tensor} gradient @param {Tensor} value @param {Slots} slots @param {Moment} moment @override @returns {Updated} */
  updateStep(gradient, value, slots, { rate }) {
    const { momentum: share, nesterov } = /** @type {any} */ (this);
    const move = mul(gradient, rate);
    if (share === 0) return { value: sub(value, move) };
    const momentum = sub(mul(slots.momentum, share), move);
    return { value: add(value, nesterov ? sub(mul(momentum, share), move) : momentum), momentum };
  }
}

/**
 * m = momentum m + g; x -= rate m, or, looking ahead, x -= rate (g + momentum m). TensorFlow.js's: m does not have the learning rate in
 * it.
 */
export class MomentumOptimizer extends Optimizer {
  static className = 'Momentum';
  static fields = { learningRate: 0.01, momentum: 0.9, useNesterov: false };
  static positional = ['learningRate', 'momentum', 'useNesterov'];
  static aliases = { nesterov: 'useNesterov' };
  static fileNames = { momentum: 'momentum' };

  /** @override */
  get slotGroups() {
    return [['momentum']];
  }

  /** @param {number} momentum */
  setMomentum(momentum) {
    /** @type {any} */ (this).momentum = momentum;
  }

  /** @param {Tensor} gradient @param {Tensor} value @param {Slots} slots @param {Moment} moment @override @returns {Updated} */
  updateStep(gradient, value, slots, { rate }) {
    const { momentum: share, useNesterov } = /** @type {any} */ (this);
    const momentum = add(mul(slots.momentum, share), gradient);
    return { value: sub(value, mul(useNesterov ? add(gradient, mul(momentum, share)) : momentum, rate)), momentum };
  }
}
