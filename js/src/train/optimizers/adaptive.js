/**
 * Learning rates by the sizes of past gradients: Adagrad, Adadelta, RMSprop. Sources: keras/src/optimizers/{adagrad,adadelta,rmsprop}.py.
 */
import { failure } from '../../core/util.js';
import { zerosLike } from '../../ops/creation.js';
import { add, div, mul, sqrt, square, sub } from '../../ops/elementwise.js';
import { Optimizer } from './optimizer.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */
/** @import { Moment, Slots, Updated } from './optimizer.js' */

/** share * average + (1 - share) * value @param {Tensor} average @param {Tensor} value @param {number} share */
const blend = (average, value, share) => add(mul(share, average), mul(1 - share, value));

/** x -= rate g / sqrt(a + epsilon), a += g^2. Duchi et al., Adaptive Subgradient Methods (2011). */
export class AdagradOptimizer extends Optimizer {
  static className = 'Adagrad';
  static fields = { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 };
  static positional = ['learningRate', 'initialAccumulatorValue'];
  static fileNames = { accumulator: 'accumulator' };

  /** @override */
  get slotGroups() {
    return [['accumulator']];
  }

  /** @param {string} name @param {Variable} variable @override */
  slotType(name, variable) {
    const value = name === 'accumulator' ? /** @type {any} */ (this).initialAccumulatorValue : 0;
    return { ...super.slotType(name, variable), value };
  }

  /** @param {Tensor} gradient @param {Tensor} value @param {Slots} slots @param {Moment} moment @override @returns {Updated} */
  updateStep(gradient, value, slots, { rate }) {
    const accumulator = add(slots.accumulator, square(gradient));
    return { value: sub(value, div(mul(rate, gradient), sqrt(add(accumulator, /** @type {any} */ (this).epsilon)))), accumulator };
  }
}

/**
 * x -= rate d, d = sqrt(s + epsilon) / sqrt(a + epsilon) g, with a and s averages of g^2 and d^2. Zeiler, ADADELTA (2012).
 * TensorFlow.js divides by the average before this step's gradient: previousAverage, which arguments by position turn on.
 */
export class AdadeltaOptimizer extends Optimizer {
  static className = 'Adadelta';
  static fields = { learningRate: 0.001, rho: 0.95, epsilon: 1e-7, previousAverage: false };
  static positional = ['learningRate', 'rho', 'epsilon'];
  static fileNames = { accum_grad: 'accumulated_grad', accum_var: 'accumulated_delta_var' };

  /** @param {...any} args learningRate, rho, epsilon, options; or options */
  constructor(...args) {
    super(...(typeof args[0] === 'number' ? [...args.slice(0, 3), { previousAverage: true, ...args[3] }] : args));
  }

  /** @override */
  get slotGroups() {
    return [['accumulated_grad', 'accumulated_delta_var']];
  }

  /** @param {string} name @override */
  isKerasField(name) {
    return name !== 'previousAverage';
  }

  /** @param {Tensor} gradient @param {Tensor} value @param {Slots} slots @param {Moment} moment @override @returns {Updated} */
  updateStep(gradient, value, slots, { rate }) {
    const { rho, epsilon, previousAverage } = /** @type {any} */ (this);
    const root = (/** @type {Tensor} */ x) => sqrt(add(x, epsilon));
    const squares = blend(slots.accumulated_grad, square(gradient), rho);
    const delta = div(mul(root(slots.accumulated_delta_var), gradient), root(previousAverage ? slots.accumulated_grad : squares));
    return {
      value: sub(value, mul(rate, delta)), accumulated_grad: squares,
      accumulated_delta_var: blend(slots.accumulated_delta_var, square(delta), rho),
    };
  }
}

/**
 * x -= rate g / sqrt(v + epsilon), v an average of g^2; centered: less the square of the average. Hinton, Lecture 6.5 (2012); Graves
 * (2013).
 */
export class RMSPropOptimizer extends Optimizer {
  static className = 'RMSProp';
  static kerasName = 'RMSprop';
  static fields = { learningRate: 0.001, decay: 0.9, momentum: 0, epsilon: 1e-7, centered: false };
  static positional = ['learningRate', 'decay', 'momentum', 'epsilon', 'centered'];
  static aliases = { rho: 'decay' };
  static fileNames = { rms: 'velocity', momentum: 'momentum', mg: 'average_gradient' };

  /** @param {...any} args learningRate, decay, momentum, epsilon, centered, options; or options */
  constructor(...args) {
    if (args.length > 0 && args[0] == null) throw failure('INVALID_ARGUMENT', 'learningRate for RMSPropOptimizer must be defined.');
    super(...args);
  }

  /** @override */
  get slotGroups() {
    const { momentum, centered } = /** @type {any} */ (this);
    return [['velocity'], ...(momentum > 0 ? [['momentum']] : []), ...(centered ? [['average_gradient']] : [])];
  }

  /** With zeros for the momentum where there is none: TensorFlow.js always has it, and counts. @override */
  async getWeights() {
    const weights = await super.getWeights();
    if (/** @type {any} */ (this).momentum > 0) return weights;
    const { velocity = [] } = this.slots;
    const absent = velocity.map((slot, i) => ({ name: `${this.targets[i].name}/momentum`, tensor: zerosLike(slot) }));
    return [...weights.slice(0, 1 + absent.length), ...absent, ...weights.slice(1 + absent.length)];
  }

  /** @param {Tensor} gradient @param {Tensor} value @param {Slots} slots @param {Moment} moment @override @returns {Updated} */
  updateStep(gradient, value, slots, { rate }) {
    const { decay: rho, momentum: share, epsilon, centered } = /** @type {any} */ (this);
    const velocity = blend(slots.velocity, square(gradient), rho);
    const centre = centered ? { average_gradient: blend(slots.average_gradient, gradient, rho) } : {};
    const spread = centre.average_gradient === undefined ? velocity : sub(velocity, square(centre.average_gradient));
    const move = div(mul(rate, gradient), sqrt(add(spread, epsilon)));
    const momentum = share > 0 ? { momentum: add(mul(share, slots.momentum), move) } : {};
    return { value: sub(value, momentum.momentum ?? move), velocity, .../** @type {Slots} */ ({ ...momentum, ...centre }) };
  }
}
