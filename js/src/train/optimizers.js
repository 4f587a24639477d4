/** tf.train: optimizers, that change variables along gradients. Formulas, defaults and names of weights are TensorFlow.js's. */
import { engine } from '../core/engine.js';
import { assert, failure } from '../core/util.js';
import { variableGrads } from '../gradients.js';
import { serialization } from '../layers/serialization.js';
import { dispose } from '../memory.js';
import { fill, scalar, zerosLike } from '../ops/creation.js';
import { abs, add, div, maximum, mul, sqrt, square, sub } from '../ops/elementwise.js';

/** @import { Tensor, Variable } from '../core/tensor.js' */

/** @typedef {{name: string, tensor: Tensor}} NamedTensor */
/** @typedef {Record<string, Tensor> | NamedTensor[]} Gradients by the names of their variables */

const EPSILON = 1e-7;

/** What all optimizers share: how gradients are taken, counted and handed to `update`, and the tensors that are kept for each variable. */
export class Optimizer extends serialization.Serializable {
  iterations_ = 0;
  /** What is kept of variables: by the name in files, in the order of the gradients. @type {Record<string, Variable[]>} */
  slots = {};

  /**
   * Changes variables so that f becomes smaller.
   * @param {() => Tensor} f a scalar
   * @param {boolean} [returnCost]
   * @param {Variable[]} [varList] all trainable ones where left out
   * @returns {Tensor | null} f's value before, where returnCost says so
   */
  minimize(f, returnCost = false, varList) {
    const { value, grads } = this.computeGradients(f, varList);
    this.applyGradients(varList == null ? grads : varList.map(({ name }) => ({ name, tensor: grads[name] })));
    dispose(grads);
    if (returnCost) return value;
    value.dispose();
    return null;
  }

  get iterations() {
    return this.iterations_;
  }

  incrementIterations() {
    this.iterations_++;
  }

  /** @param {() => Tensor} f @param {Variable[]} [varList] */
  computeGradients(f, varList) {
    return variableGrads(f, varList);
  }

  /** @param {Gradients} variableGradients */
  applyGradients(variableGradients) {
    const list = Array.isArray(variableGradients)
      ? variableGradients
      : Object.entries(variableGradients).map(([name, tensor]) => ({ name, tensor }));
    engine.scoped('applyGradients', () => list.forEach(({ name, tensor }, i) => {
      const variable = engine.variables.get(name);
      assert(variable !== undefined, () => `Variable with name ${name} is not registered`, 'NOT_FOUND');
      if (tensor != null) this.update(/** @type {Variable} */ (variable), tensor, i);
    }));
    this.afterUpdates();
    this.incrementIterations();
  }

  /**
   * Changes one variable.
   * @param {Variable} _variable
   * @param {Tensor} _gradient
   * @param {number} _index of the gradient
   */
  update(_variable, _gradient, _index) {
    throw failure('UNSUPPORTED', `${this.getClassName()} does not say how variables change`);
  }

  /** What changes once a step. */
  afterUpdates() {}

  /**
   * What is kept of a variable under a name; made at the first need.
   * @param {string} name
   * @param {number} index
   * @param {() => Tensor} initial
   */
  slot(name, index, initial) {
    const list = (this.slots[name] ??= []);
    return (list[index] ??= engine.scoped('slot', () => engine.makeVariable(initial(), false)));
  }

  /** Names of what is kept, in the order of files. @returns {string[]} */
  get slotNames() {
    return [];
  }

  dispose() {
    for (const list of Object.values(this.slots)) dispose(list);
    this.slots = {};
  }

  /** @returns {Promise<NamedTensor>} */
  async saveIterations() {
    return { name: 'iter', tensor: scalar(this.iterations_, 'int32') };
  }

  /** @type {string[]} names of the variables, as they came */
  variableNames = [];

  /** @returns {Promise<NamedTensor[]>} the number of steps, and what is kept of each variable */
  async getWeights() {
    const kept = this.slotNames.flatMap(name => (this.slots[name] ?? []).map((tensor, i) => ({ name: `${this.variableNames[i]}/${name}`, tensor })));
    return [await this.saveIterations(), ...kept];
  }

  /** @param {NamedTensor[]} weightValues as getWeights gives them */
  async setWeights(weightValues) {
    const kept = await this.extractIterations(weightValues);
    const count = kept.length / Math.max(1, this.slotNames.length);
    this.variableNames = kept.slice(0, count).map(({ name }) => name.split('/').slice(0, -1).join('/'));
    this.slots = Object.fromEntries(this.slotNames.map((name, k) =>
      [name, kept.slice(k * count, (k + 1) * count).map(({ tensor }) => engine.makeVariable(tensor, false))]));
  }

  /** @param {NamedTensor[]} weightValues */
  async extractIterations(weightValues) {
    [this.iterations_] = await weightValues[0].tensor.data();
    return weightValues.slice(1);
  }

  /** @param {any} instance */
  static [Symbol.hasInstance](instance) {
    return instance?.minimize != null && instance.computeGradients != null && instance.applyGradients != null;
  }
}

/** An optimizer that keeps tensors of the variables' shape. */
class SlotOptimizer extends Optimizer {
  /** @param {Variable} variable @param {Tensor} gradient @param {number} index @override */
  update(variable, gradient, index) {
    this.variableNames[index] = variable.name;
    const slots = this.slotNames.map(name => this.slot(name, index, () => this.initialSlot(variable)));
    const [value, ...kept] = this.step(variable, gradient, slots);
    slots.forEach((slot, i) => slot.assign(kept[i]));
    variable.assign(value);
  }

  /** @param {Variable} variable @returns {Tensor} */
  initialSlot(variable) {
    return zerosLike(variable);
  }

  /**
   * The new value, and the new slots.
   * @param {Variable} _variable
   * @param {Tensor} _gradient
   * @param {Tensor[]} _slots
   * @returns {Tensor[]}
   */
  step(_variable, _gradient, _slots) {
    return [];
  }
}

/** decay * average + (1 - decay) * value @param {Tensor} average @param {Tensor} value @param {number} decay */
const blend = (average, value, decay) => add(mul(average, decay), mul(value, 1 - decay));

/** x - learningRate * gradient */
export class SGDOptimizer extends Optimizer {
  static className = 'SGD';

  /** @param {number} learningRate */
  constructor(learningRate) {
    super();
    this.learningRate = learningRate;
  }

  /** @param {Variable} variable @param {Tensor} gradient @override */
  update(variable, gradient) {
    variable.assign(add(mul(gradient, -this.learningRate), variable));
  }

  /** @param {number} learningRate */
  setLearningRate(learningRate) {
    this.learningRate = learningRate;
  }

  /** @param {NamedTensor[]} weightValues @override */
  async setWeights(weightValues) {
    const rest = await this.extractIterations(weightValues);
    if (rest.length !== 0) throw failure('INVALID_ARGUMENT', 'SGD optimizer does not have settable weights.');
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { learningRate: this.learningRate };
  }

  /** @param {any} cls @param {any} config @override */
  static fromConfig(cls, config) {
    return new cls(config.learningRate);
  }
}

/** Sutskever et al., On the importance of initialization and momentum (2013). */
export class MomentumOptimizer extends SlotOptimizer {
  static className = 'Momentum';

  /** @param {number} learningRate @param {number} momentum @param {boolean} [useNesterov] */
  constructor(learningRate, momentum, useNesterov = false) {
    super();
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.useNesterov = useNesterov;
  }

  /** @override */
  get slotNames() {
    return ['momentum'];
  }

  /** @param {Variable} variable @param {Tensor} gradient @param {Tensor[]} slots @override */
  step(variable, gradient, [accumulation]) {
    const velocity = add(mul(accumulation, this.momentum), gradient);
    const direction = this.useNesterov ? add(gradient, mul(velocity, this.momentum)) : velocity;
    return [add(mul(direction, -this.learningRate), variable), velocity];
  }

  /** @param {number} learningRate */
  setLearningRate(learningRate) {
    this.learningRate = learningRate;
  }

  /** @param {number} momentum */
  setMomentum(momentum) {
    this.momentum = momentum;
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { learningRate: this.learningRate, momentum: this.momentum, useNesterov: this.useNesterov };
  }

  /** @param {any} cls @param {any} config @override */
  static fromConfig(cls, config) {
    return new cls(config.learningRate, config.momentum, config.useNesterov);
  }
}

/** Duchi et al., Adaptive Subgradient Methods (2011). */
export class AdagradOptimizer extends SlotOptimizer {
  static className = 'Adagrad';

  /** @param {number} learningRate @param {number} [initialAccumulatorValue] */
  constructor(learningRate, initialAccumulatorValue = 0.1) {
    super();
    this.learningRate = learningRate;
    this.initialAccumulatorValue = initialAccumulatorValue;
  }

  /** @override */
  get slotNames() {
    return ['accumulator'];
  }

  /** @param {Variable} variable @override */
  initialSlot(variable) {
    return fill(variable.shape, this.initialAccumulatorValue);
  }

  /** @param {Variable} variable @param {Tensor} gradient @param {Tensor[]} slots @override */
  step(variable, gradient, [accumulator]) {
    const sum = add(accumulator, square(gradient));
    return [add(mul(div(gradient, sqrt(add(sum, EPSILON))), -this.learningRate), variable), sum];
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { learningRate: this.learningRate, initialAccumulatorValue: this.initialAccumulatorValue };
  }

  /** @param {any} cls @param {any} config @override */
  static fromConfig(cls, config) {
    return new cls(config.learningRate, config.initialAccumulatorValue);
  }
}

/** Zeiler, ADADELTA (2012). */
export class AdadeltaOptimizer extends SlotOptimizer {
  static className = 'Adadelta';

  /** @param {number} learningRate @param {number} rho @param {number | null} [epsilon] */
  constructor(learningRate, rho, epsilon = null) {
    super();
    this.learningRate = learningRate;
    this.rho = rho;
    this.epsilon = epsilon ?? EPSILON;
  }

  /** @override */
  get slotNames() {
    return ['accum_grad', 'accum_var'];
  }

  /** @param {Variable} variable @param {Tensor} gradient @param {Tensor[]} slots @override */
  step(variable, gradient, [gradients, updates]) {
    const newGradients = blend(gradients, square(gradient), this.rho);
    // by the sum before this step, as TensorFlow.js has it
    const update = mul(div(sqrt(add(updates, this.epsilon)), sqrt(add(gradients, this.epsilon))), gradient);
    return [add(mul(update, -this.learningRate), variable), newGradients, blend(updates, square(update), this.rho)];
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { learningRate: this.learningRate, rho: this.rho, epsilon: this.epsilon };
  }

  /** @param {any} cls @param {any} config @override */
  static fromConfig(cls, config) {
    return new cls(config.learningRate, config.rho, config.epsilon);
  }
}

/** Tieleman and Hinton, Lecture 6.5 (2012); centered: Graves, Generating Sequences (2013). */
export class RMSPropOptimizer extends SlotOptimizer {
  static className = 'RMSProp';

  /**
   * @param {number} learningRate
   * @param {number} [decay]
   * @param {number} [momentum]
   * @param {number | null} [epsilon]
   * @param {boolean} [centered]
   */
  constructor(learningRate, decay = 0.9, momentum = 0, epsilon = null, centered = false) {
    super();
    if (learningRate == null) throw failure('INVALID_ARGUMENT', 'learningRate for RMSPropOptimizer must be defined.');
    this.learningRate = learningRate;
    this.decay = decay;
    this.momentum = momentum;
    this.epsilon = epsilon ?? EPSILON;
    this.centered = centered;
  }

  /** @override */
  get slotNames() {
    return this.centered ? ['rms', 'momentum', 'mg'] : ['rms', 'momentum'];
  }

  /** @param {Variable} variable @param {Tensor} gradient @param {Tensor[]} slots @override */
  step(variable, gradient, [squares, moments, means]) {
    const newSquares = blend(squares, square(gradient), this.decay);
    const newMeans = this.centered ? [blend(means, gradient, this.decay)] : [];
    const spread = this.centered ? sub(newSquares, add(square(newMeans[0]), this.epsilon)) : add(newSquares, this.epsilon);
    const newMoments = add(mul(moments, this.momentum), div(mul(gradient, this.learningRate), sqrt(spread)));
    return [sub(variable, newMoments), newSquares, newMoments, ...newMeans];
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    const { learningRate, decay, momentum, epsilon, centered } = this;
    return { learningRate, decay, momentum, epsilon, centered };
  }

  /** @param {any} cls @param {any} config @override */
  static fromConfig(cls, config) {
    return new cls(config.learningRate, config.decay, config.momentum, config.epsilon, config.centered);
  }
}

/** Kingma and Ba, Adam (2015), algorithm 1. */
export class AdamOptimizer extends SlotOptimizer {
  static className = 'Adam';

  /** @param {number} learningRate @param {number} beta1 @param {number} beta2 @param {number | null} [epsilon] */
  constructor(learningRate, beta1, beta2, epsilon = null) {
    super();
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon ?? EPSILON;
  }

  /** @override */
  get slotNames() {
    return ['m', 'v'];
  }

  /** @param {Variable} variable @param {Tensor} gradient @param {Tensor[]} slots @override */
  step(variable, gradient, [first, second]) {
    const t = this.iterations_ + 1;
    const m = blend(first, gradient, this.beta1);
    const v = blend(second, square(gradient), this.beta2);
    const direction = div(div(m, 1 - this.beta1 ** t), add(sqrt(div(v, 1 - this.beta2 ** t)), this.epsilon));
    return [add(mul(direction, -this.learningRate), variable), m, v];
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { learningRate: this.learningRate, beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }

  /** @param {any} cls @param {any} config @override */
  static fromConfig(cls, config) {
    return new cls(config.learningRate, config.beta1, config.beta2, config.epsilon);
  }
}

/** Kingma and Ba, Adam (2015), algorithm 2. */
export class AdamaxOptimizer extends SlotOptimizer {
  static className = 'Adamax';

  /** @param {number} learningRate @param {number} beta1 @param {number} beta2 @param {number | null} [epsilon] @param {number} [decay] */
  constructor(learningRate, beta1, beta2, epsilon = null, decay = 0) {
    super();
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon ?? EPSILON;
    this.decay = decay;
  }

  /** @override */
  get slotNames() {
    return ['m', 'v'];
  }

  /** @param {Variable} variable @param {Tensor} gradient @param {Tensor[]} slots @override */
  step(variable, gradient, [first, norm]) {
    const rate = -this.learningRate / (this.iterations_ * this.decay + 1) / (1 - this.beta1 ** (this.iterations_ + 1));
    const m = blend(first, gradient, this.beta1);
    const u = maximum(mul(norm, this.beta2), abs(gradient));
    return [add(mul(div(m, add(u, this.epsilon)), rate), variable), m, u];
  }

  /** @override @returns {Promise<NamedTensor[]>} */
  async getWeights() {
    throw failure('UNSUPPORTED', 'getWeights() is not implemented for Adamax yet.');
  }

  /** @param {NamedTensor[]} _weightValues @override */
  async setWeights(_weightValues) {
    throw failure('UNSUPPORTED', 'setWeights() is not implemented for Adamax yet.');
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    const { learningRate, beta1, beta2, epsilon, decay } = this;
    return { learningRate, beta1, beta2, epsilon, decay };
  }

  /** @param {any} cls @param {any} config @override */
  static fromConfig(cls, config) {
    return new cls(config.learningRate, config.beta1, config.beta2, config.epsilon, config.decay);
  }
}

for (const optimizer of [SGDOptimizer, MomentumOptimizer, AdagradOptimizer, AdadeltaOptimizer, RMSPropOptimizer, AdamOptimizer, AdamaxOptimizer]) {
  serialization.registerClass(optimizer);
}

/** Optimizers with TensorFlow.js's defaults. */
export const train = {
  /** @param {number} learningRate */
  sgd: learningRate => new SGDOptimizer(learningRate),
  /** @param {number} learningRate @param {number} momentum @param {boolean} [useNesterov] */
  momentum: (learningRate, momentum, useNesterov = false) => new MomentumOptimizer(learningRate, momentum, useNesterov),
  /**
   * @param {number} learningRate
   * @param {number} [decay]
   * @param {number} [momentum]
   * @param {number | null} [epsilon]
   * @param {boolean} [centered]
   */
  rmsprop: (learningRate, decay = 0.9, momentum = 0, epsilon = null, centered = false) =>
    new RMSPropOptimizer(learningRate, decay, momentum, epsilon, centered),
  adam: (learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, /** @type {number | null} */ epsilon = null) =>
    new AdamOptimizer(learningRate, beta1, beta2, epsilon),
  adadelta: (learningRate = 0.001, rho = 0.95, /** @type {number | null} */ epsilon = null) => new AdadeltaOptimizer(learningRate, rho, epsilon),
  adamax: (learningRate = 0.002, beta1 = 0.9, beta2 = 0.999, /** @type {number | null} */ epsilon = null, decay = 0) =>
    new AdamaxOptimizer(learningRate, beta1, beta2, epsilon, decay),
  /** @param {number} learningRate @param {number} [initialAccumulatorValue] */
  adagrad: (learningRate, initialAccumulatorValue = 0.1) => new AdagradOptimizer(learningRate, initialAccumulatorValue),
};

/** The same as static functions. */
export class OptimizerConstructors {}
Object.assign(OptimizerConstructors, train);
