/**
 * Adam whose steps are as long as a layer's weights let them. You et al., Large Batch Optimization (2020). Source:
 * keras/src/optimizers/lamb.py.
 */
import { add, div, greater, mul, pow, sqrt, square, sub } from '../../ops/elementwise.js';
import { scalar } from '../../ops/creation.js';
import { sum } from '../../ops/reduction.js';
import { where } from '../../ops/shape.js';
import { approach } from './adam.js';
import { Optimizer } from './optimizer.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { Moment, Slots, Updated } from './optimizer.js' */

/** @param {Tensor} x */
const norm = x => sqrt(sum(square(x)));

/** x -= rate |x| / |u| u, u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) */
export class LambOptimizer extends Optimizer {
  static className = 'Lamb';
  static fields = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

  /** @override */
  get slotGroups() {
    return [['momentum', 'velocity']];
  }

  /** @param {Moment} moment @override */
  prepare({ step }) {
    const { beta1, beta2 } = /** @type {any} */ (this);
    return { ofMomentum: sub(1, pow(beta1, step)), ofVelocity: sub(1, pow(beta2, step)) };
  }

  /**
   * @param {Tensor} gradient
   * @param {Tensor} value
   * @param {Slots} slots
   * @param {Moment & Record<string, Tensor>} moment
   * @override
   * @returns {Updated}
   */
  updateStep(gradient, value, slots, { rate, ofMomentum, ofVelocity }) {
    const { beta1, beta2, epsilon } = /** @type {any} */ (this);
    const momentum = approach(slots.momentum, gradient, 1 - beta1);
    const velocity = approach(slots.velocity, square(gradient), 1 - beta2);
    const update = div(div(momentum, ofMomentum), add(sqrt(div(velocity, ofVelocity)), epsilon));
    const [length, step] = [norm(value), norm(update)];
    const ratio = where(greater(length, 0), where(greater(step, 0), div(length, step), scalar(1)), scalar(1));
    return { value: sub(value, mul(mul(ratio, rate), update)), momentum, velocity };
  }
}
