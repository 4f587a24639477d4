/** A weight of a layer. */
import { engine } from '../core/engine.js';
import { Variable } from '../core/tensor.js';
import { arraysEqual, assert } from '../core/util.js';
import { scopedName, uniqueName } from './names.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */
/** @import { Constraint } from './constraints.js' */
/** @import { Regularizer } from './regularizers.js' */

let variables = 0;

/** A weight of a layer: a variable with a name, and perhaps a constraint and a regularizer. */
export class LayerVariable {
  #trainable;
  /** What it adds to the loss. @type {Regularizer | null} */
  regularizer = null;

  /**
   * @param {Tensor | Variable} value a Variable becomes this weight's own; elements of any other tensor are copied
   * @param {DataType | null} [dtype]
   * @param {string} [name]
   * @param {boolean} [trainable]
   * @param {Constraint | null} [constraint]
   */
  constructor(value, dtype, name = 'Variable', trainable = true, constraint = null) {
    this.dtype = dtype ?? value.dtype;
    this.shape = value.shape;
    this.id = variables++;
    this.originalName = scopedName(name);
    this.name = uniqueName(this.originalName);
    this.#trainable = trainable;
    this.val = value instanceof Variable ? value : engine.makeVariable(value, trainable, this.name);
    this.val.constraint = constraint;
  }

  /** What its elements are held to when it is written. @returns {Constraint | null} */
  get constraint() {
    return this.val.constraint;
  }

  set constraint(constraint) {
    this.val.constraint = constraint;
  }

  get trainable() {
    return this.#trainable;
  }

  set trainable(trainable) {
    this.#trainable = trainable;
    this.val.trainable = trainable;
  }

  /** The weight itself: it changes when it is written. @returns {Variable} */
  read() {
    this.#assertNotDisposed();
    return this.val;
  }

  /**
   * Gives the weight other elements, as far as its constraint lets it.
   * @param {Tensor} newValue of the same shape
   */
  write(newValue) {
    const { constraint } = this;
    if (constraint === null) return this.restore(newValue);
    this.#assertFits(newValue);
    if (this.val.id !== newValue.id) engine.scoped('constraint', () => this.val.assign(constraint.apply(newValue)));
    return this;
  }

  /**
   * Gives the weight the elements that it had once, those of a file: no constraint changes them, not even by rounding.
   * @param {Tensor} value of the same shape
   */
  restore(value) {
    this.#assertFits(value);
    if (this.val.id !== value.id) this.val.assign(value);
    return this;
  }

  /** @param {Tensor} value */
  #assertFits(value) {
    this.#assertNotDisposed();
    assert(arraysEqual(value.shape, this.shape), () => `Shape mismatch: ${JSON.stringify(this.shape)} vs. ${JSON.stringify(value.shape)}`, 'SHAPE');
  }

  dispose() {
    this.#assertNotDisposed();
    this.val.dispose();
  }

  #assertNotDisposed() {
    assert(!this.val.isDisposed, () => `LayersVariable ${this.name} is already disposed.`, 'DISPOSED');
  }
}

/**
 * Writes tensors into weights, after all of them were checked.
 * @param {string} owner name of the layer or model, for messages
 * @param {LayerVariable[]} weights
 * @param {readonly Tensor[]} values
 */
export function assignWeights(owner, weights, values) {
  assert(weights.length === values.length, () => `You called setWeights(weights) on layer "${owner}" ` +
    `with a weight list of length ${values.length}, ` +
    `but the layer was expecting ${weights.length} weights. Provided weights: ${values}...`);
  weights.forEach((weight, i) => assert(arraysEqual(weight.shape, values[i].shape),
    () => `Layer weight shape ${weight.shape} not compatible with provided weight shape ${values[i].shape}`, 'SHAPE'));
  weights.forEach((weight, i) => weight.write(values[i]));
}

/** @param {readonly LayerVariable[]} weights */
export function countElements(weights) {
  return weights.reduce((sum, weight) => sum + weight.val.size, 0);
}
