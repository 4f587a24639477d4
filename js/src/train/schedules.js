/**
 * Learning-rate schedules: Keras's classes, as ops on the iteration, so that a traced step computes its own rate. Source:
 * keras/src/optimizers/schedules.
 */
import { castTo } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { failure } from '../core/util.js';
import { toCamelCase, toSnakeCase } from '../layers/names.js';
import { registerBuiltIn, registeredClass, Serializable, unknownClass } from '../layers/serialization.js';
import { scalar } from '../ops/creation.js';
import { add, ceil, cos, div, equal, floor, log, minimum, mul, pow, sub, less, lessEqual, greater, logicalAnd } from '../ops/elementwise.js';
import { where } from '../ops/shape.js';

/** @import { Tensor } from '../core/tensor.js' */

/**
 * A learning rate for each step. A schedule of one's own extends this, and has `call` and, to be saved, `getConfig` and a registered class.
 */
export class LearningRateSchedule extends Serializable {
  /**
   * The learning rate; ops alone, since it is traced.
   * @param {Tensor} _step how many steps were made: a scalar of int32
   * @returns {Tensor | number} a scalar
   */
  call(_step) {
    throw failure('UNSUPPORTED', `Learning rate schedule '${this.getClassName()}' must override call(step).`);
  }

  /** The rate at a step, as a number. @param {number} step */
  at(step) {
    return engine.scoped('schedule', () => {
      const rate = this.call(scalar(step, 'int32'));
      return typeof rate === 'number' ? rate : rate.dataSync()[0];
    });
  }
}

/** @param {string} who @param {string} name @param {number} value */
function assertPositive(who, name, value) {
  if (!(value > 0)) throw failure('INVALID_ARGUMENT', `${who}: argument ${name} must be > 0. Received: ${name}=${value}`);
}

/** A schedule whose arguments are one object. */
class FieldSchedule extends LearningRateSchedule {
  /** Arguments and their defaults, in Keras's order; undefined: must be given. @type {Record<string, any>} */
  static fields = {};
  /** What must be above 0. */
  static steps = 'decaySteps';

  /** @param {Record<string, any>} args in Keras's or in TensorFlow.js's spelling */
  constructor(args) {
    super();
    const { fields, className, steps } = /** @type {typeof FieldSchedule} */ (this.constructor);
    if (args === null || typeof args !== 'object') throw failure('INVALID_ARGUMENT', `${className}: expected one object with ${Object.keys(fields)}`);
    const given = Object.fromEntries(Object.entries(args).map(([key, value]) => [toCamelCase(key), value]));
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined && given[name] === undefined) throw failure('INVALID_ARGUMENT', `${className}: argument ${name} must be given`);
      /** @type {any} */ (this)[name] = given[name] ?? value;
    }
    if (steps in fields) assertPositive(className, steps, /** @type {any} */ (this)[steps]);
  }

  /** @override */
  getConfig() {
    const { fields } = /** @type {typeof FieldSchedule} */ (this.constructor);
    return Object.fromEntries(Object.keys(fields).map(name => [name, /** @type {any} */ (this)[name]]));
  }
}

/** @param {Tensor} step */
const real = step => castTo(step, 'float32');

/** rate * decayRate ^ (step / decaySteps); staircase: the exponent is rounded down. */
export class ExponentialDecay extends FieldSchedule {
  static className = 'ExponentialDecay';
  static fields = { initialLearningRate: undefined, decaySteps: undefined, decayRate: undefined, staircase: false, name: 'ExponentialDecay' };

  /** @override @param {Tensor} step */
  call(step) {
    const { initialLearningRate, decayRate } = /** @type {any} */ (this);
    return mul(initialLearningRate, pow(decayRate, periods(step, this)));
  }
}

/** @param {Tensor} step @param {any} schedule */
function periods(step, { decaySteps, staircase }) {
  const count = div(real(step), decaySteps);
  return staircase ? floor(count) : count;
}

/** values[i] up to and with boundaries[i]; the last value after. */
export class PiecewiseConstantDecay extends FieldSchedule {
  static className = 'PiecewiseConstantDecay';
  static fields = { boundaries: undefined, values: undefined, name: 'PiecewiseConstant' };

  /** @param {{boundaries: number[], values: number[], name?: string}} args */
  constructor(args) {
    super(args);
    const { boundaries, values } = /** @type {any} */ (this);
    if (boundaries.length !== values.length - 1) {
      throw failure('INVALID_ARGUMENT', 'PiecewiseConstantDecay: the length of boundaries should be 1 less than the length of values. Received: ' +
        `boundaries=${boundaries} of length ${boundaries.length}, and values=${values} of length ${values.length}`);
    }
  }

  /** @override @param {Tensor} step */
  call(step) {
    const { boundaries, values } = /** @type {any} */ (this);
    const share = (/** @type {Tensor} */ holds, /** @type {number} */ value) => mul(castTo(holds, 'float32'), value);
    const at = (/** @type {number} */ i) => Math.trunc(boundaries[i]);
    const count = real(step);
    let rate = add(share(lessEqual(count, at(0)), values[0]), share(greater(count, at(boundaries.length - 1)), values[boundaries.length]));
    for (let i = 1; i < boundaries.length; i++) {
      rate = add(rate, share(logicalAnd(greater(count, at(i - 1)), lessEqual(count, at(i))), values[i]));
    }
    return rate;
  }
}

/** From the initial rate to the end's along a power; cycle: again and again, each time with more steps. */
export class PolynomialDecay extends FieldSchedule {
  static className = 'PolynomialDecay';
  static fields = {
    initialLearningRate: undefined, decaySteps: undefined, endLearningRate: 0.0001, power: 1, cycle: false, name: 'PolynomialDecay',
  };

  /** @override @param {Tensor} step */
  call(step) {
    const { initialLearningRate, decaySteps, endLearningRate, power, cycle } = /** @type {any} */ (this);
    const count = real(step);
    const cycles = () => where(equal(count, 0), scalar(1), ceil(div(count, decaySteps)));
    const share = cycle ? div(count, mul(decaySteps, cycles())) : div(minimum(count, decaySteps), decaySteps);
    return add(mul(initialLearningRate - endLearningRate, pow(sub(1, share), power)), endLearningRate);
  }
}

/** rate / (1 + decayRate * step / decaySteps) */
export class InverseTimeDecay extends FieldSchedule {
  static className = 'InverseTimeDecay';
  static fields = { initialLearningRate: undefined, decaySteps: undefined, decayRate: undefined, staircase: false, name: 'InverseTimeDecay' };

  /** @override @param {Tensor} step */
  call(step) {
    const { initialLearningRate, decayRate } = /** @type {any} */ (this);
    return div(initialLearningRate, add(1, mul(decayRate, periods(step, this))));
  }
}

/** Half a cosine down to alpha of the rate, after a straight line up to warmupTarget. Loshchilov and Hutter, SGDR (2017). */
export class CosineDecay extends FieldSchedule {
  static className = 'CosineDecay';
  static fields = {
    initialLearningRate: undefined, decaySteps: undefined, alpha: 0, name: 'CosineDecay', warmupTarget: null, warmupSteps: 0,
  };

  /** @override @param {Tensor} step */
  call(step) {
    const { initialLearningRate, decaySteps, warmupTarget, warmupSteps } = /** @type {any} */ (this);
    if (warmupTarget === null) return this.#decay(minimum(real(step), decaySteps), initialLearningRate);
    const count = minimum(real(step), decaySteps + warmupSteps);
    const decayed = this.#decay(sub(count, warmupSteps), warmupTarget);
    if (warmupSteps === 0) return decayed;
    const risen = add(mul(warmupTarget - initialLearningRate, div(count, warmupSteps)), initialLearningRate);
    return where(less(count, warmupSteps), risen, decayed);
  }

  /** @param {Tensor} count @param {number} from */
  #decay(count, from) {
    const { decaySteps, alpha } = /** @type {any} */ (this);
    const cosine = mul(0.5, add(1, cos(mul(Math.PI, div(count, decaySteps)))));
    return mul(from, add(mul(1 - alpha, cosine), alpha));
  }
}

/** Cosines down one after the other, each tMul times as long and mMul times as high. Loshchilov and Hutter, SGDR (2017). */
export class CosineDecayRestarts extends FieldSchedule {
  static className = 'CosineDecayRestarts';
  static steps = 'firstDecaySteps';
  static fields = { initialLearningRate: undefined, firstDecaySteps: undefined, tMul: 2, mMul: 1, alpha: 0, name: 'SGDRDecay' };

  /** @override @param {Tensor} step */
  call(step) {
    const { initialLearningRate, firstDecaySteps, mMul, alpha } = /** @type {any} */ (this);
    const { restarts, share } = this.#place(div(real(step), firstDecaySteps));
    const cosine = mul(mul(0.5, pow(mMul, restarts)), add(1, cos(mul(Math.PI, share))));
    return mul(initialLearningRate, add(mul(1 - alpha, cosine), alpha));
  }

  /** How many cosines are over, and how much of this one is. @param {Tensor} periods of the first one's length */
  #place(periods) {
    const { tMul } = /** @type {any} */ (this);
    if (tMul === 1) return { restarts: floor(periods), share: sub(periods, floor(periods)) };
    const restarts = floor(div(log(sub(1, mul(periods, 1 - tMul))), Math.log(tMul)));
    const length = pow(tMul, restarts);
    return { restarts, share: div(sub(periods, div(sub(1, length), 1 - tMul)), length) };
  }
}

const CLASSES = { ExponentialDecay, PiecewiseConstantDecay, PolynomialDecay, InverseTimeDecay, CosineDecay, CosineDecayRestarts };
registerBuiltIn(...Object.values(CLASSES));

/**
 * A schedule from what configs hold for it.
 * @param {any} description itself, {className, config} or {class_name, config}
 * @returns {LearningRateSchedule}
 */
export function deserializeSchedule(description) {
  if (description instanceof LearningRateSchedule) return description;
  const name = description?.className ?? description?.class_name;
  const cls = typeof name === 'string' ? registeredClass(name.replace(/^.*>/, '')) : undefined;
  if (cls === undefined || !(cls.prototype instanceof LearningRateSchedule)) throw unknownClass('learning rate schedule', String(name));
  return cls.fromConfig(cls, description.config ?? {});
}

/** As .keras files have it. @param {LearningRateSchedule} schedule */
export function serializeSchedule(schedule) {
  const name = schedule.getClassName();
  const isBuiltIn = Object.hasOwn(CLASSES, name);
  const config = Object.fromEntries(Object.entries(schedule.getConfig()).map(([key, value]) => [toSnakeCase(key), value]));
  return { module: isBuiltIn ? 'keras.optimizers.schedules' : null, class_name: name, config, registered_name: isBuiltIn ? null : name };
}

/** tf.train.schedules: functions in TensorFlow.js's manner, and the classes by their names. */
export const schedules = {
  ...CLASSES,
  LearningRateSchedule,
  /** @param {{initialLearningRate: number, decaySteps: number, decayRate: number, staircase?: boolean, name?: string}} args */
  exponentialDecay: args => new ExponentialDecay(args),
  /** @param {{boundaries: number[], values: number[], name?: string}} args */
  piecewiseConstantDecay: args => new PiecewiseConstantDecay(args),
  /**
   * @param {{initialLearningRate: number, decaySteps: number, endLearningRate?: number, power?: number, cycle?: boolean, name?: string}} args
   */
  polynomialDecay: args => new PolynomialDecay(args),
  /** @param {{initialLearningRate: number, decaySteps: number, decayRate: number, staircase?: boolean, name?: string}} args */
  inverseTimeDecay: args => new InverseTimeDecay(args),
  /**
   * @param {{initialLearningRate: number, decaySteps: number, alpha?: number, warmupTarget?: number | null,
   *   warmupSteps?: number, name?: string}} args
   */
  cosineDecay: args => new CosineDecay(args),
  /** @param {{initialLearningRate: number, firstDecaySteps: number, tMul?: number, mMul?: number, alpha?: number, name?: string}} args */
  cosineDecayRestarts: args => new CosineDecayRestarts(args),
};
