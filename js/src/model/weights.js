/** The weights of a model as variables that share the model's own elements. */
import { engine } from '../core/engine.js';
import { Variable } from '../core/tensor.js';
import { arraysEqual, assert } from '../core/util.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { Description } from './description.js' */

/** A weight's elements: assigning writes them into the model. */
class WeightValue extends Variable {
  #model;
  #index;

  /**
   * @param {number} model
   * @param {number} index
   * @param {Description['allWeights'][number]} description
   */
  constructor(model, index, { name, shape, dtype, trainable }) {
    super(shape, dtype, engine.native.modelWeight(model, index), engine.newStorage(true), engine.nextTensorId(), name, trainable);
    this.#model = model;
    this.#index = index;
  }

  /**
   * @override
   * @param {Tensor} newValue of the same shape and dtype
   */
  assign(newValue) {
    this.assertFits(newValue);
    engine.native.modelSetWeight(this.#model, this.#index, newValue.handle);
  }
}

/** A weight of a layer. */
export class LayerVariable {
  /**
   * @param {number} model
   * @param {number} index
   * @param {Description['allWeights'][number]} description
   */
  constructor(model, index, description) {
    this.name = description.name;
    this.originalName = description.name;
    this.shape = description.shape;
    this.dtype = description.dtype;
    this.trainable = description.trainable;
    this.val = engine.track(new WeightValue(model, index, description));
  }

  get id() {
    return this.val.id;
  }

  /** The weight itself: it changes when the model's does. @returns {Variable} */
  read() {
    return this.val;
  }

  /** @param {Tensor} newValue */
  write(newValue) {
    this.val.assign(newValue);
    return this;
  }

  dispose() {
    this.val.dispose();
  }
}

/**
 * Writes tensors into weights, after all of them were checked.
 * @param {string} owner name of the layer or model, for messages
 * @param {LayerVariable[]} weights
 * @param {readonly Tensor[]} values
 */
export function assignWeights(owner, weights, values) {
  assert(weights.length === values.length, () => `You called setWeights(weights) on layer "${owner}" with a weight list of length ${values.length}, ` +
    `but the layer was expecting ${weights.length} weights. Provided weights: ${values}...`);
  weights.forEach((weight, i) => assert(arraysEqual(weight.shape, values[i].shape),
    () => `Layer weight shape ${weight.shape} not compatible with provided weight shape ${values[i].shape}`, 'SHAPE'));
  weights.forEach((weight, i) => weight.write(values[i]));
}

/** @param {readonly LayerVariable[]} weights */
export function countElements(weights) {
  return weights.reduce((sum, weight) => sum + weight.shape.reduce((product, dimension) => product * dimension, 1), 0);
}
