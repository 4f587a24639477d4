/** Squares of gradients kept as rows and columns. Shazeer and Stern, Adafactor (2018). Source: keras/src/optimizers/adafactor.py. */
import { add, div, maximum, minimum, mul, pow, sqrt, square, sub } from '../../ops/elementwise.js';
import { mean } from '../../ops/reduction.js';
import { expandDims } from '../../ops/shape.js';
import { Optimizer } from './optimizer.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */
/** @import { SlotType } from './state.js' */
/** @import { Moment, Slots, Updated } from './optimizer.js' */

/** @param {Tensor} x */
const rootMeanSquare = x => sqrt(mean(square(x)));

/**
 * x -= max(epsilon2, rms(x)) min(rate, 1 / sqrt(t)) u / max(1, rms(u) / clipThreshold), u = g / sqrt(v).
 * v is an average of g^2 + epsilon1; of matrices only the averages of rows and columns, r and c, and v = r c / mean(r).
 */
export class AdafactorOptimizer extends Optimizer {
  static className = 'Adafactor';
  static fields = { learningRate: 0.001, beta2Decay: -0.8, epsilon1: 1e-30, epsilon2: 0.001, clipThreshold: 1, relativeStep: true };
  static formerNames = { r: 'row', c: 'column', v: 'velocity' };

  /** @override */
  get slotGroups() {
    return [['row', 'column', 'velocity']];
  }

  /**
   * Vectors have neither rows nor columns: Keras keeps two zeros for them.
   * @param {string} name
   * @param {Variable} variable
   * @override
   * @returns {SlotType}
   */
  slotType(name, variable) {
    const { shape, rank, dtype } = variable;
    if (name !== 'row' && name !== 'column') return super.slotType(name, variable);
    if (rank < 2) return { shape: [], dtype: 'int32', value: 0 };
    return { shape: name === 'row' ? shape.slice(0, -1) : [...shape.slice(0, -2), shape[rank - 1]], dtype, value: 0 };
  }

  /** relativeStep changes nothing, as in Keras: the rate is bounded either way. @param {Moment} moment @override */
  prepare({ rate, step }) {
    return { bounded: minimum(rate, div(1, sqrt(step))), share: sub(1, pow(step, /** @type {any} */ (this).beta2Decay)) };
  }

  /**
   * @param {Tensor} gradient
   * @param {Tensor} value
   * @param {Slots} slots
   * @param {Moment & Record<string, Tensor>} moment
   * @override
   * @returns {Updated}
   */
  updateStep(gradient, value, slots, { bounded, share }) {
    const { epsilon1, epsilon2, clipThreshold } = /** @type {any} */ (this);
    const kept = this.#averages(add(square(gradient), epsilon1), slots, share);
    const scaled = div(gradient, sqrt(kept.velocity));
    const clipped = div(scaled, maximum(1, div(rootMeanSquare(scaled), clipThreshold)));
    const size = mul(maximum(epsilon2, rootMeanSquare(value)), bounded);
    return { value: sub(value, mul(size, clipped)), ...kept };
  }

  /**
   * @param {Tensor} squares
   * @param {Slots} slots
   * @param {Tensor} share
   * @returns {Slots}
   */
  #averages(squares, slots, share) {
    const blend = (/** @type {Tensor} */ average, /** @type {Tensor} */ x) => add(mul(share, average), mul(sub(1, share), x));
    if (squares.rank < 2) return { velocity: blend(slots.velocity, squares) };
    const row = blend(slots.row, mean(squares, -1));
    const column = blend(slots.column, mean(squares, -2));
    const velocity = mul(expandDims(div(row, mean(row, -1, true)), -1), expandDims(column, -2));
    return { row, column, velocity };
  }
}
