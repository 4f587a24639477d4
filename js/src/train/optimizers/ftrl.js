/** Follow the regularized leader. McMahan et al., Ad Click Prediction (2013), with shrinkage. Source: keras/src/optimizers/ftrl.py. */
import { assert } from '../../core/util.js';
import { add, clipByValue, div, mul, pow, square, sub } from '../../ops/elementwise.js';
import { Optimizer } from './optimizer.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */
/** @import { Moment, Slots, Updated } from './optimizer.js' */

const NOT_NEGATIVE = ['initialAccumulatorValue', 'l1RegularizationStrength', 'l2RegularizationStrength', 'l2ShrinkageRegularizationStrength'];

/**
 * n += g^2; z += g + 2 shrinkage x - (n^-p - n_old^-p) / rate x; x = (clip(z, -l1, l1) - z) / (n^-p / rate + 2 l2 + beta / rate),
 * p the power of the learning rate.
 */
export class FtrlOptimizer extends Optimizer {
  static className = 'Ftrl';
  static fields = {
    learningRate: 0.001, learningRatePower: -0.5, initialAccumulatorValue: 0.1, l1RegularizationStrength: 0, l2RegularizationStrength: 0,
    l2ShrinkageRegularizationStrength: 0, beta: 0,
  };

  /** @param {...any} args learningRate, options */
  constructor(...args) {
    super(...args);
    const fields = /** @type {any} */ (this);
    for (const name of NOT_NEGATIVE) assert(fields[name] >= 0, () => `Ftrl: ${name} needs to be positive or zero. Received: ${name}=${fields[name]}`);
    assert(fields.learningRatePower <= 0,
      () => `Ftrl: learningRatePower needs to be negative or zero. Received: learningRatePower=${fields.learningRatePower}`);
  }

  /** @override */
  get slotGroups() {
    return [['accumulator', 'linear']];
  }

  /** @param {string} name @param {Variable} variable @override */
  slotType(name, variable) {
    const value = name === 'accumulator' ? /** @type {any} */ (this).initialAccumulatorValue : 0;
    return { ...super.slotType(name, variable), value };
  }

  /** @param {Tensor} gradient @param {Tensor} value @param {Slots} slots @param {Moment} moment @override @returns {Updated} */
  updateStep(gradient, value, slots, { rate }) {
    const { learningRatePower: power, l1RegularizationStrength: l1, l2RegularizationStrength: l2, beta,
      l2ShrinkageRegularizationStrength: shrinkage } = /** @type {any} */ (this);
    const accumulator = add(slots.accumulator, square(gradient));
    const [now, before] = [accumulator, slots.accumulator].map(sum => pow(sum, -power));
    const shrunk = add(gradient, mul(2 * shrinkage, value));
    const linear = add(slots.linear, sub(shrunk, mul(div(sub(now, before), rate), value)));
    const quadratic = add(div(now, rate), mul(2, add(l2, div(beta, mul(2, rate)))));
    return { value: div(sub(clipByValue(linear, -l1, l1), linear), quadratic), accumulator, linear };
  }
}
