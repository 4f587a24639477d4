/** tf.constraints: what weights must be after each step of training. */
import { engine } from '../core/engine.js';
import { add, clipByValue, div, mul, relu, sqrt, square } from '../ops/elementwise.js';
import { sum } from '../ops/reduction.js';
import { layerError } from './errors.js';
import { fromIdentifier, registerBuiltIn, Serializable } from './serialization.js';

/** @import { Tensor } from '../core/tensor.js' */

const EPSILON = 1e-7;

/** What a weight must be. */
export class Constraint extends Serializable {
  /** @param {Tensor} _w @returns {Tensor} the nearest that fits */
  apply(_w) {
    throw layerError('NotImplementedError', `${this.getClassName()} has no apply()`);
  }

  getConfig() {
    return {};
  }
}

/** @typedef {number | number[]} Axes along which norms are taken: [0, 1, 2] for the filters of a convolution */

/** @param {Tensor} w @param {Axes} axis */
const norms = (w, axis) => sqrt(sum(square(w), axis, true));

/** Norms along an axis of at most maxValue. */
class MaxNorm extends Constraint {
  static className = 'MaxNorm';

  /** @param {{maxValue?: number, axis?: Axes}} [args] */
  constructor(args = {}) {
    super();
    this.maxValue = args.maxValue ?? 2;
    this.axis = args.axis ?? 0;
  }

  /** @override @param {Tensor} w */
  apply(w) {
    return engine.scoped('maxNorm', () => {
      const found = norms(w, this.axis);
      return mul(w, div(clipByValue(found, 0, this.maxValue), add(EPSILON, found)));
    });
  }

  getConfig() {
    return { maxValue: this.maxValue, axis: this.axis };
  }
}

/** Norms along an axis of 1. */
class UnitNorm extends Constraint {
  static className = 'UnitNorm';

  /** @param {{axis?: Axes}} [args] */
  constructor(args = {}) {
    super();
    this.axis = args.axis ?? 0;
  }

  /** @override @param {Tensor} w */
  apply(w) {
    return engine.scoped('unitNorm', () => div(w, add(EPSILON, norms(w, this.axis))));
  }

  getConfig() {
    return { axis: this.axis };
  }
}

/** No number below 0. */
class NonNeg extends Constraint {
  static className = 'NonNeg';

  /** @override @param {Tensor} w */
  apply(w) {
    return relu(w);
  }
}

/** Norms along an axis between minValue and maxValue; rate says how far a step goes there. */
class MinMaxNorm extends Constraint {
  static className = 'MinMaxNorm';

  /** @param {{minValue?: number, maxValue?: number, rate?: number, axis?: Axes}} [args] */
  constructor(args = {}) {
    super();
    this.minValue = args.minValue ?? 0;
    this.maxValue = args.maxValue ?? 1;
    this.rate = args.rate ?? 1;
    this.axis = args.axis ?? 0;
  }

  /** @override @param {Tensor} w */
  apply(w) {
    return engine.scoped('minMaxNorm', () => {
      const found = norms(w, this.axis);
      const wanted = add(mul(this.rate, clipByValue(found, this.minValue, this.maxValue)), mul(1 - this.rate, found));
      return mul(w, div(wanted, add(EPSILON, found)));
    });
  }

  getConfig() {
    return { minValue: this.minValue, maxValue: this.maxValue, rate: this.rate, axis: this.axis };
  }
}

registerBuiltIn(MaxNorm, UnitNorm, NonNeg, MinMaxNorm);

/** @type {Record<string, string>} */
const NAMES = {
  maxNorm: 'MaxNorm', minMaxNorm: 'MinMaxNorm', nonNeg: 'NonNeg', unitNorm: 'UnitNorm',
  maxnorm: 'MaxNorm', minmaxnorm: 'MinMaxNorm', nonneg: 'NonNeg', unitnorm: 'UnitNorm',
  max_norm: 'MaxNorm', min_max_norm: 'MinMaxNorm', non_neg: 'NonNeg', unit_norm: 'UnitNorm',
};

/**
 * A constraint from what configs hold for it.
 * @param {any} identifier itself, its name, {className, config}, or null
 * @returns {Constraint | null}
 */
export function getConstraint(identifier) {
  return identifier == null ? null : fromIdentifier('constraint', identifier, NAMES);
}

/** tf.constraints */
export const constraints = {
  /** @param {{maxValue?: number, axis?: Axes}} [args] */
  maxNorm: args => new MaxNorm(args),
  /** @param {{axis?: Axes}} [args] */
  unitNorm: args => new UnitNorm(args),
  nonNeg: () => new NonNeg(),
  /** @param {{minValue?: number, maxValue?: number, rate?: number, axis?: Axes}} [config] */
  minMaxNorm: config => new MinMaxNorm(config),
};
