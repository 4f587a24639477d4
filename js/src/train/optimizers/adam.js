/** Adam and its kin: moving averages of the gradient and of its square. Sources: keras/src/optimizers/{adam,adamw,adamax,nadam}.py. */
import { newestValue } from '../../core/program.js';
import { failure } from '../../core/util.js';
import { abs, add, div, maximum, mul, pow, sqrt, square, sub } from '../../ops/elementwise.js';
import { Optimizer } from './optimizer.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */
/** @import { Moment, Slots, Updated } from './optimizer.js' */

/** average + (value - average) * share @param {Tensor} average @param {Tensor} value @param {number} share */
export const approach = (average, value, share) => add(average, mul(sub(value, average), share));

const BETAS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const POSITIONAL = ['learningRate', 'beta1', 'beta2', 'epsilon'];

/** x -= rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon). Kingma and Ba (2015), with epsilon before its algorithm 1's end. */
export class AdamOptimizer extends Optimizer {
  static className = 'Adam';
  static fields = { learningRate: 0.001, ...BETAS, amsgrad: false };
  static positional = POSITIONAL;
  static fileNames = { m: 'momentum', v: 'velocity', vhat: 'velocity_hat' };

  /** @override */
  get slotGroups() {
    return [['momentum', 'velocity'], ...(/** @type {any} */ (this).amsgrad ? [['velocity_hat']] : [])];
  }

  /** @param {Moment} moment @override */
  prepare({ rate, step }) {
    const { beta1, beta2 } = /** @type {any} */ (this);
    return { alpha: div(mul(rate, sqrt(sub(1, pow(beta2, step)))), sub(1, pow(beta1, step))) };
  }

  /**
   * @param {Tensor} gradient
   * @param {Tensor} value
   * @param {Slots} slots
   * @param {Moment & Record<string, Tensor>} moment
   * @override
   * @returns {Updated}
   */
  updateStep(gradient, value, slots, { alpha }) {
    const { beta1, beta2, epsilon, amsgrad } = /** @type {any} */ (this);
    const momentum = approach(slots.momentum, gradient, 1 - beta1);
    const velocity = approach(slots.velocity, square(gradient), 1 - beta2);
    const hat = amsgrad ? { velocity_hat: maximum(slots.velocity_hat, velocity) } : {};
    const scale = add(sqrt(hat.velocity_hat ?? velocity), epsilon);
    return { value: sub(value, div(mul(momentum, alpha), scale)), momentum, velocity, .../** @type {Slots} */ (hat) };
  }
}

/** Adam with weight decay beside the gradient. Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019). */
export class AdamWOptimizer extends AdamOptimizer {
  static className = 'AdamW';
  static fields = { learningRate: 0.001, weightDecay: 0.004, ...BETAS, amsgrad: false };
  static positional = ['learningRate'];

  /** @param {...any} args learningRate, options */
  constructor(...args) {
    super(...args);
    if (/** @type {any} */ (this).weightDecay === null) {
      throw failure('INVALID_ARGUMENT', 'AdamW: weightDecay must be a number. Received: weightDecay=null');
    }
  }
}

/**
 * x -= rate m / ((1 - beta1^t) (u + epsilon)), u = max(beta2 u, |g|). Kingma and Ba (2015), algorithm 2.
 * decay is TensorFlow.js's: the rate is divided by 1 + decay (t - 1).
 */
export class AdamaxOptimizer extends Optimizer {
  static className = 'Adamax';
  static fields = { learningRate: 0.001, ...BETAS, decay: 0 };
  static positional = [...POSITIONAL, 'decay'];
  static fileNames = { m: 'momentum', v: 'norm' };
  static formerNames = { u: 'norm' };

  /** @override */
  get slotGroups() {
    return [['momentum', 'norm']];
  }

  /** @param {string} name @override */
  isKerasField(name) {
    return name !== 'decay';
  }

  /** @param {Moment} moment @override */
  prepare({ rate, step }) {
    const { beta1, decay } = /** @type {any} */ (this);
    const decayed = decay === 0 ? rate : div(rate, add(1, mul(decay, sub(step, 1))));
    return { rate: decayed, correction: sub(1, pow(beta1, step)) };
  }

  /**
   * @param {Tensor} gradient
   * @param {Tensor} value
   * @param {Slots} slots
   * @param {Moment & Record<string, Tensor>} moment
   * @override
   * @returns {Updated}
   */
  updateStep(gradient, value, slots, { rate, correction }) {
    const { beta1, beta2, epsilon } = /** @type {any} */ (this);
    const momentum = approach(slots.momentum, gradient, 1 - beta1);
    const norm = maximum(mul(slots.norm, beta2), abs(gradient));
    return { value: sub(value, div(mul(rate, momentum), mul(correction, add(norm, epsilon)))), momentum, norm };
  }
}

const NADAM_DECAY = 0.96;

/** Adam with Nesterov's look ahead: beta1 grows by a schedule, u = beta1 (1 - 0.96^t / 2). Dozat (2015). */
export class NadamOptimizer extends Optimizer {
  static className = 'Nadam';
  static fields = { learningRate: 0.001, ...BETAS };
  static formerNames = { m: 'momentum', v: 'velocity', momentum_cache: 'variable' };

  /** @override */
  get slotGroups() {
    return [['momentum', 'velocity']];
  }

  /** The product of all u so far: named as Keras 3 has it. tf.keras's files are without, so it follows from the count. @override */
  get scalarTypes() {
    const { beta1 } = /** @type {any} */ (this);
    const steps = Array.from({ length: this.iterations }, (_, i) => beta1 * (1 - 0.5 * NADAM_DECAY ** (i + 1)));
    return { variable: steps.reduce((product, u) => product * u, 1) };
  }

  /** @param {Moment} moment @param {(variable: Variable, value: Tensor) => void} set @override */
  prepare({ step }, set) {
    const { beta1, beta2 } = /** @type {any} */ (this);
    const share = (/** @type {Tensor} */ t) => mul(beta1, sub(1, mul(0.5, pow(NADAM_DECAY, t))));
    const [now, next] = [share(step), share(add(step, 1))];
    const product = mul(newestValue(this.scalars.variable), now);
    set(this.scalars.variable, product);
    return {
      ofMomentum: div(next, sub(1, mul(product, next))), ofGradient: div(sub(1, now), sub(1, product)), correction: sub(1, pow(beta2, step)),
    };
  }

  /**
   * @param {Tensor} gradient
   * @param {Tensor} value
   * @param {Slots} slots
   * @param {Moment & Record<string, Tensor>} moment
   * @override
   * @returns {Updated}
   */
  updateStep(gradient, value, slots, { rate, ofMomentum, ofGradient, correction }) {
    const { beta1, beta2, epsilon } = /** @type {any} */ (this);
    const momentum = approach(slots.momentum, gradient, 1 - beta1);
    const velocity = approach(slots.velocity, square(gradient), 1 - beta2);
    const direction = add(mul(ofMomentum, momentum), mul(ofGradient, gradient));
    return { value: sub(value, div(mul(direction, rate), add(sqrt(div(velocity, correction)), epsilon))), momentum, velocity };
  }
}
