/** tf.train, and optimizers by their names. */
import { valueError } from '../../layers/errors.js';
import { registerBuiltIn, registeredClass } from '../../layers/serialization.js';
import { schedules } from '../schedules.js';
import { AdafactorOptimizer } from './adafactor.js';
import { AdamaxOptimizer, AdamOptimizer, AdamWOptimizer, NadamOptimizer } from './adam.js';
import { AdadeltaOptimizer, AdagradOptimizer, RMSPropOptimizer } from './adaptive.js';
import { FtrlOptimizer } from './ftrl.js';
import { LambOptimizer } from './lamb.js';
import { LionOptimizer } from './lion.js';
import { Optimizer } from './optimizer.js';
import { MomentumOptimizer, SGDOptimizer } from './sgd.js';

/** @import { CommonOptions } from './options.js' */

export {
  AdadeltaOptimizer, AdafactorOptimizer, AdagradOptimizer, AdamaxOptimizer, AdamOptimizer, AdamWOptimizer, FtrlOptimizer, LambOptimizer,
  LionOptimizer, MomentumOptimizer, NadamOptimizer, Optimizer, RMSPropOptimizer, SGDOptimizer,
};

/** @type {(typeof Optimizer)[]} */
const CLASSES = [
  SGDOptimizer, MomentumOptimizer, AdagradOptimizer, AdadeltaOptimizer, RMSPropOptimizer, AdamOptimizer, AdamWOptimizer, AdamaxOptimizer,
  NadamOptimizer, FtrlOptimizer, LionOptimizer, AdafactorOptimizer, LambOptimizer,
];
registerBuiltIn(...CLASSES);

/** @type {Map<string, typeof Optimizer>} */
const byName = new Map(CLASSES.map(cls => [cls.className.toLowerCase(), cls]));

export const optimizers = {
  /**
   * An optimizer from what compile takes, and what configs hold for it. Names and configs mean Keras's formulas and defaults.
   * @param {any} identifier itself, a name ('adam', 'Adam', 'rmsprop', 'RMSProp'), {className, config} or {class_name, config}
   * @returns {Optimizer}
   */
  get(identifier) {
    if (identifier instanceof Optimizer) return identifier;
    const given = typeof identifier === 'string' ? identifier : identifier?.className ?? identifier?.class_name;
    const name = typeof given === 'string' ? given.replace(/^.*>/, '') : '';
    const cls = byName.get(name.toLowerCase()) ?? registeredClass(name);
    if (cls === undefined || !(/** @type {any} */ (cls).prototype instanceof Optimizer)) {
      throw valueError(`Unknown Optimizer ${typeof identifier === 'string' ? identifier : JSON.stringify(identifier) ?? identifier}. ` +
        `It can be one of ${CLASSES.map(({ className }) => className).join(', ')}`);
    }
    return /** @type {any} */ (cls).fromConfig(cls, identifier.config ?? {});
  },
};

/** @typedef {number | import('../schedules.js').LearningRateSchedule} Rate */

/**
 * tf.train: TensorFlow.js's functions with its arguments and defaults, and options last; Keras's take one object of options, or a learning
 * rate.
 */
export const train = {
  schedules,
  /**
   * @param {Rate | CommonOptions & {momentum?: number, nesterov?: boolean}} [learningRate]
   * @param {CommonOptions & {momentum?: number, nesterov?: boolean}} [options]
   */
  sgd: (learningRate, options) => make(SGDOptimizer, [learningRate], options),
  /**
   * @param {Rate | CommonOptions} learningRate
   * @param {number} [momentum]
   * @param {boolean} [useNesterov]
   * @param {CommonOptions} [options]
   */
  momentum: (learningRate, momentum, useNesterov = false, options) => make(MomentumOptimizer, [learningRate, momentum, useNesterov], options),
  /**
   * @param {Rate | CommonOptions & {rho?: number, momentum?: number, epsilon?: number, centered?: boolean}} learningRate
   * @param {number} [decay]
   * @param {number} [momentum]
   * @param {number | null} [epsilon]
   * @param {boolean} [centered]
   * @param {CommonOptions} [options]
   */
  rmsprop: (learningRate, decay, momentum, epsilon, centered, options) =>
    make(RMSPropOptimizer, [learningRate, decay, momentum, epsilon, centered], options),
  /**
   * @param {Rate | CommonOptions & {beta1?: number, beta2?: number, epsilon?: number, amsgrad?: boolean}} [learningRate]
   * @param {number} [beta1]
   * @param {number} [beta2]
   * @param {number | null} [epsilon]
   * @param {CommonOptions & {amsgrad?: boolean}} [options]
   */
  adam: (learningRate, beta1, beta2, epsilon, options) => make(AdamOptimizer, [learningRate, beta1, beta2, epsilon], options),
  /**
   * @param {Rate | CommonOptions & {rho?: number, epsilon?: number}} [learningRate] options: Keras's formula; a number: TensorFlow.js's
   * @param {number} [rho]
   * @param {number | null} [epsilon]
   * @param {CommonOptions} [options]
   */
  adadelta: (learningRate = 0.001, rho, epsilon, options) => make(AdadeltaOptimizer, [learningRate, rho, epsilon], options),
  /**
   * @param {Rate | CommonOptions & {beta1?: number, beta2?: number, epsilon?: number}} [learningRate]
   * @param {number} [beta1]
   * @param {number} [beta2]
   * @param {number | null} [epsilon]
   * @param {number} [decay]
   * @param {CommonOptions} [options]
   */
  adamax: (learningRate = 0.002, beta1, beta2, epsilon, decay, options) =>
    make(AdamaxOptimizer, [learningRate, beta1, beta2, epsilon, decay], options),
  /**
   * @param {Rate | CommonOptions & {initialAccumulatorValue?: number, epsilon?: number}} learningRate
   * @param {number} [initialAccumulatorValue]
   * @param {CommonOptions} [options]
   */
  adagrad: (learningRate, initialAccumulatorValue, options) => make(AdagradOptimizer, [learningRate, initialAccumulatorValue], options),
  /** @param {Rate | CommonOptions & {beta1?: number, beta2?: number, epsilon?: number, amsgrad?: boolean}} [options] */
  adamw: options => make(AdamWOptimizer, [options]),
  /** @param {Rate | CommonOptions & {beta1?: number, beta2?: number, epsilon?: number}} [options] */
  nadam: options => make(NadamOptimizer, [options]),
  /**
   * @param {Rate | CommonOptions & {learningRatePower?: number, initialAccumulatorValue?: number, l1RegularizationStrength?: number,
   *   l2RegularizationStrength?: number, l2ShrinkageRegularizationStrength?: number, beta?: number}} [options]
   */
  ftrl: options => make(FtrlOptimizer, [options]),
  /** @param {Rate | CommonOptions & {beta1?: number, beta2?: number}} [options] */
  lion: options => make(LionOptimizer, [options]),
  /**
   * @param {Rate | CommonOptions & {beta2Decay?: number, epsilon1?: number, epsilon2?: number, clipThreshold?: number,
   *   relativeStep?: boolean}} [options]
   */
  adafactor: options => make(AdafactorOptimizer, [options]),
  /** @param {Rate | CommonOptions & {beta1?: number, beta2?: number, epsilon?: number}} [options] */
  lamb: options => make(LambOptimizer, [options]),
};

/**
 * @template {typeof Optimizer} C
 * @param {C} cls
 * @param {any[]} args
 * @param {object} [options]
 * @returns {InstanceType<C>}
 */
function make(cls, args, options) {
  const isWhole = args[0] !== null && typeof args[0] === 'object' && !(args[0] instanceof schedules.LearningRateSchedule);
  const all = isWhole ? [args[0]] : options === undefined ? args : [...args, options];
  return /** @type {any} */ (new cls(...all));
}

/** The same as static functions. */
export class OptimizerConstructors {}
Object.assign(OptimizerConstructors, train);
