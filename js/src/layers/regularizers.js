/** tf.regularizers: what weights add to the loss. */
import { engine } from '../core/engine.js';
import { eye, zeros } from '../ops/creation.js';
import { abs, add, div, maximum, mul, rsqrt, square, sub } from '../ops/elementwise.js';
import { matMul } from '../ops/linear.js';
import { sum } from '../ops/reduction.js';
import { layerError, valueError } from './errors.js';
import { fromIdentifier, registerBuiltIn, Serializable } from './serialization.js';

/** @import { Tensor } from '../core/tensor.js' */

/** What weights add to the loss. */
export class Regularizer extends Serializable {
  /** @param {Tensor} _x @returns {Tensor} a scalar */
  apply(_x) {
    throw layerError('NotImplementedError', `${this.getClassName()} has no apply()`);
  }
}

/** @typedef {{l1?: number, l2?: number}} L1L2Args */

/** l1 times the sum of absolute values, and l2 times the sum of squares. */
class L1L2 extends Regularizer {
  static className = 'L1L2';

  /** @param {L1L2Args | null} [args] */
  constructor(args) {
    super();
    assertObject(args);
    this.l1 = args?.l1 ?? 0.01;
    this.l2 = args?.l2 ?? 0.01;
  }

  /** @override @param {Tensor} x */
  apply(x) {
    return engine.scoped('L1L2', () => {
      let penalty = zeros([1]);
      if (this.l1 !== 0) penalty = add(penalty, sum(mul(this.l1, abs(x))));
      if (this.l2 !== 0) penalty = add(penalty, sum(mul(this.l2, square(x))));
      return /** @type {any} */ (penalty).asScalar();
    });
  }

  getConfig() {
    return { l1: this.l1, l2: this.l2 };
  }

  /**
   * @override
   * @param {any} cls
   * @param {L1L2Args} config
   */
  static fromConfig(cls, config) {
    if (config.l1 == null && config.l2 == null) return new cls();
    return new cls({ l1: config.l1 ?? 0, l2: config.l2 ?? 0 }); // what one of both leaves out: Keras 3's L2 becomes an L1L2 of l2
  }
}

/** @typedef {{factor?: number, mode?: 'rows' | 'columns'}} OrthogonalArgs */

/**
 * Drives the rows of a matrix, or its columns, to be orthogonal: factor times the mean of |cos| between each two of them.
 * Source: keras/src/regularizers/regularizers.py.
 */
class OrthogonalRegularizer extends Regularizer {
  static className = 'OrthogonalRegularizer';

  /** @param {OrthogonalArgs} [args] */
  constructor(args = {}) {
    super();
    this.factor = args.factor ?? 0.01;
    this.mode = args.mode ?? 'rows';
    if (typeof this.factor !== 'number') throw valueError(`OrthogonalRegularizer: factor must be a number. Received: factor=${this.factor}`);
    if (!['rows', 'columns'].includes(this.mode)) {
      throw valueError(`OrthogonalRegularizer: expected mode to be "rows" or "columns". Received: mode=${this.mode}`);
    }
  }

  /** @override @param {Tensor} x a matrix */
  apply(x) {
    if (x.rank !== 2) throw valueError(`Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=[${x.shape}]`, 'SHAPE');
    return engine.scoped('orthogonal', () => {
      const axis = this.mode === 'rows' ? 1 : 0;
      const unit = mul(x, rsqrt(maximum(sum(square(x), axis, true), EPSILON)));
      const cosines = matMul(unit, unit, axis === 0, axis === 1);
      const size = x.shape[1 - axis];
      const others = mul(cosines, sub(1, eye(size)));
      return div(mul(this.factor / 2, sum(abs(others))), size * (size - 1) / 2);
    });
  }

  getConfig() {
    return { factor: this.factor, mode: this.mode };
  }
}

/** The least square of a length, as Keras's normalize has it. */
const EPSILON = 1e-12;

/** @param {unknown} args */
function assertObject(args) {
  if (args != null && typeof args !== 'object') {
    throw new Error(`Argument to L1L2 regularizer's constructor is expected to be an object, but received: ${args}`);
  }
}

registerBuiltIn(L1L2, OrthogonalRegularizer);

/** Keras has classes for both halves. */
const NAMES = { l1l2: 'L1L2', l1_l2: 'L1L2', orthogonal: 'OrthogonalRegularizer', orthogonal_regularizer: 'OrthogonalRegularizer' };

/**
 * A regularizer from what configs hold for it.
 * @param {any} identifier itself, its name, {className, config}, or null
 * @returns {Regularizer | null}
 */
export function getRegularizer(identifier) {
  if (identifier == null) return null;
  const className = identifier.className ?? identifier.class_name ?? identifier;
  if (className === 'L1' || className === 'l1') return regularizers.l1(identifier.config);
  if (className === 'L2' || className === 'l2') return regularizers.l2(identifier.config);
  return fromIdentifier('regularizer', identifier, NAMES);
}

/** tf.regularizers */
export const regularizers = {
  /** @param {L1L2Args} [config] */
  l1l2: config => new L1L2(config),
  /** @param {{l1?: number}} [config] */
  l1: config => {
    assertObject(config);
    return new L1L2({ l1: config?.l1, l2: 0 });
  },
  /** @param {{l2?: number}} [config] */
  l2: config => {
    assertObject(config);
    return new L1L2({ l2: config?.l2, l1: 0 });
  },
  /** @param {OrthogonalArgs} [config] */
  orthogonal: config => new OrthogonalRegularizer(config),
};
