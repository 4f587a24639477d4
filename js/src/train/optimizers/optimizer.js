/**
 * What a step of an optimizer is. It is traced: `apply` in the body of a Program adds its ops to that program; anywhere else it runs a
 * program of
 * its own, made once for a list of variables. TensorFlow.js's API around Keras 3's order of things
 * (keras/src/optimizers/base_optimizer.py).
 */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { newestValue, Program, updateAfterRun } from '../../core/program.js';
import { assert, failure } from '../../core/util.js';
import { variableGrads } from '../../gradients.js';
import { dispose } from '../../memory.js';
import { scalar, zerosLike } from '../../ops/creation.js';
import { add, div, equal, floorDiv, mod, mul, notEqual, sub } from '../../ops/elementwise.js';
import { where } from '../../ops/shape.js';
import { namesOf, OptimizerBase, variableOf } from './base.js';
import { clipGradients } from './gradients.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */
/** @import { NamedTensor, Target } from './base.js' */

/** @typedef {Record<string, Tensor> | NamedTensor[]} Gradients by the names of their variables */
/** @typedef {Record<string, Tensor>} Slots what is kept of a variable, by name */
/** @typedef {{value: Tensor} & Record<string, Tensor>} Updated a variable's new value, and those of its slots that change */

/** @typedef {object} Moment what a step knows beside gradients; scalars of float32
 * @property {Tensor} rate the learning rate
 * @property {Tensor} step counted from 1
 */

const MOST_PROGRAMS = 8;

/** Changes variables along gradients. */
export class Optimizer extends OptimizerBase {
  /** Programs of steps outside of programs, by what they depend on. @type {Map<string, Program>} */
  #programs = new Map();

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

  /** @param {() => Tensor} f @param {Variable[]} [varList] */
  computeGradients(f, varList) {
    return variableGrads(f, varList);
  }

  /** @param {Gradients} variableGradients variables without a gradient are left alone */
  applyGradients(variableGradients) {
    const list = Array.isArray(variableGradients)
      ? variableGradients
      : Object.entries(variableGradients).map(([name, tensor]) => ({ name, tensor }));
    const variables = list.map(({ name }) => {
      const variable = engine.variables.get(name);
      assert(variable !== undefined, () => `Variable with name ${name} is not registered`, 'NOT_FOUND');
      return /** @type {Variable} */ (variable);
    });
    this.refresh();
    const added = this.unknownOf(variables);
    if (added.length > 0) this.extend(added);
    const given = list.flatMap(({ tensor }, i) => (tensor == null ? [] : [i]));
    this.#step(given.map(i => list[i].tensor), given.map(i => variables[i]));
  }

  /**
   * One step, as Keras's apply: unscales, accumulates and clips gradients, decays weights, changes variables and slots, moves averages,
   * applies
   * constraints, and counts. In the body of a Program it adds to that.
   * @param {readonly (Tensor | null)[]} gradients null: a variable that the loss does not depend on
   * @param {readonly Target[]} [targets] the variables, in their order; those of `build` where left out
   */
  apply(gradients, targets) {
    if (gradients.length === 0) return;
    this.refresh();
    if (targets !== undefined && this.targets.length === 0) this.build(targets);
    const variables = targets?.map(variableOf) ?? this.targets;
    assert(variables.length > 0, () => `${this.name}: when passing gradients without variables, the optimizer must already be built on a list of ` +
      'variables. Call optimizer.build(variables) first.');
    assert(gradients.length === variables.length, () => `${this.name}: gradients must match variables one-to-one. Received ${gradients.length} ` +
      `gradients for ${variables.length} variables.`);
    const given = gradients.flatMap((gradient, i) => (gradient == null ? [] : [i]));
    assert(given.length > 0, () => 'No gradients provided for any variable.');
    const missing = variables.filter((_, i) => gradients[i] == null);
    if (missing.length > 0) {
      console.warn(`Gradients do not exist for variables ${namesOf(missing)} when minimizing the loss. If using model.compile(), did you forget to ` +
        'provide a loss argument?');
    }
    this.#step(given.map(i => /** @type {Tensor} */ (gradients[i])), given.map(i => variables[i]));
  }

  /**
   * @param {Tensor[]} gradients
   * @param {Variable[]} variables
   */
  #step(gradients, variables) {
    if (engine.trace === null) this.#programFor(gradients, variables).run(gradients);
    else this.#emit(gradients, variables);
  }

  /**
   * @param {Tensor[]} gradients
   * @param {Variable[]} variables
   */
  #programFor(gradients, variables) {
    const key = [this.traceKey, ...variables.map(({ id }) => id)].join();
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const types = gradients.map(({ dtype }, i) => ({ shape: variables[i].shape, dtype }));
    const program = Program.trace(types, (...symbols) => {
      this.#emit(symbols, variables);
      return [];
    });
    this.#programs.set(key, program);
    if (this.#programs.size > MOST_PROGRAMS) this.#forget(/** @type {string} */ (this.#programs.keys().next().value));
    return program;
  }

  /** @param {string} key */
  #forget(key) {
    this.#programs.get(key)?.dispose();
    this.#programs.delete(key);
  }

  /**
   * @param {Tensor[]} gradients
   * @param {Variable[]} variables
   */
  #emit(gradients, variables) {
    const { lossScaleFactor: scale, gradientAccumulationSteps: steps } = this.settings;
    const count = newestValue(this.iteration);
    const iterations = steps ? floorDiv(count, scalar(steps, 'int32')) : count;
    const moment = { rate: this.#rateAt(count), step: castTo(add(iterations, scalar(1, 'int32')), 'float32') };
    const unscaled = scale == null ? gradients : gradients.map(gradient => div(gradient, scale));
    const isLast = steps ? equal(mod(add(count, scalar(1, 'int32')), scalar(steps, 'int32')), scalar(0, 'int32')) : null;
    /** @type {(variable: Variable, value: Tensor) => void} */
    const set = (variable, value) => updateAfterRun(variable, isLast === null ? value : where(isLast, value, newestValue(variable)));
    this.#move(isLast === null ? unscaled : this.#accumulate(unscaled, variables, isLast), variables, moment, set);
    this.#average(iterations);
    for (const variable of variables) {
      const constraint = this.constraintOf(variable);
      if (constraint !== undefined) updateAfterRun(variable, constraint.apply(newestValue(variable)));
    }
    updateAfterRun(this.iteration, add(count, scalar(1, 'int32')));
  }

  /** @param {Tensor} count @returns {Tensor} */
  #rateAt(count) {
    if (this.schedule === null) return newestValue(this.rateVariable);
    const rate = this.schedule.call(count);
    return typeof rate === 'number' ? scalar(rate) : castTo(rate, 'float32');
  }

  /**
   * The mean of the gradients since variables were changed last; it counts in the last of the steps alone.
   * @param {Tensor[]} gradients
   * @param {Variable[]} variables
   * @param {Tensor} isLast
   */
  #accumulate(gradients, variables, isLast) {
    return gradients.map((gradient, i) => {
      const accumulator = this.slots.gradient_accumulator[this.placeOf(variables[i])];
      const total = add(gradient, newestValue(accumulator));
      updateAfterRun(accumulator, where(isLast, zerosLike(total), total));
      return div(total, this.settings.gradientAccumulationSteps);
    });
  }

  /**
   * @param {Tensor[]} gradients
   * @param {Variable[]} variables
   * @param {Moment} moment
   * @param {(variable: Variable, value: Tensor) => void} set
   */
  #move(gradients, variables, moment, set) {
    const known = { ...moment, ...this.prepare(moment, set) };
    clipGradients(gradients, this.settings).forEach((gradient, i) => {
      const variable = variables[i];
      const place = this.placeOf(variable);
      const old = newestValue(variable);
      const decayed = this.isDecayed(variable) ? sub(old, mul(mul(old, this.settings.weightDecay), moment.rate)) : old;
      const names = this.slotGroups.flat();
      const slots = Object.fromEntries(names.map(name => [name, newestValue(this.slots[name][place])]));
      const { value, ...kept } = this.updateStep(gradient, decayed, slots, known);
      for (const [name, slot] of Object.entries(kept)) set(this.slots[name][place], slot);
      set(variable, value);
    });
  }

  /**
   * Moves the averages of useEma, from the first value on, and gives them to the variables where it is time.
   * @param {Tensor} iterations
   */
  #average(iterations) {
    const { useEma, emaMomentum, emaOverwriteFrequency: frequency } = this.settings;
    if (!useEma) return;
    const momentum = mul(castTo(notEqual(iterations, scalar(0, 'int32')), 'float32'), emaMomentum);
    const isTime = frequency && equal(mod(add(iterations, scalar(1, 'int32')), scalar(frequency, 'int32')), scalar(0, 'int32'));
    this.targets.forEach((variable, i) => {
      const [value, average] = [newestValue(variable), newestValue(this.averages[i])];
      const moved = add(mul(momentum, average), mul(sub(1, momentum), value));
      updateAfterRun(this.averages[i], moved);
      if (isTime) updateAfterRun(variable, where(isTime, moved, value));
    });
  }

  /**
   * What all variables of a step have in common, computed once.
   * @param {Moment} _moment
   * @param {(variable: Variable, value: Tensor) => void} _set writes a scalar
   * @returns {Record<string, Tensor>} added to what updateStep gets as moment
   */
  prepare(_moment, _set) {
    return {};
  }

  /**
   * The new value of a variable, and its new slots: the formula of an optimizer. Ops alone, since it is traced.
   * @param {Tensor} _gradient
   * @param {Tensor} _value
   * @param {Slots} _slots
   * @param {Moment & Record<string, Tensor>} _moment
   * @returns {Updated}
   */
  updateStep(_gradient, _value, _slots, _moment) {
    throw failure('UNSUPPORTED', `${this.getClassName()} does not say how variables change: it needs updateStep(gradient, value, slots, moment)`);
  }

  /** A loss multiplied by lossScaleFactor, by which gradients are divided again. @param {Tensor} loss */
  scaleLoss(loss) {
    const { lossScaleFactor } = this.settings;
    return lossScaleFactor == null ? loss : mul(loss, lossScaleFactor);
  }

  /** @override */
  dispose() {
    super.dispose();
    for (const key of [...this.#programs.keys()]) this.#forget(key);
  }

  /** @param {any} instance */
  static [Symbol.hasInstance](instance) {
    return instance?.minimize != null && instance.computeGradients != null && instance.applyGradients != null;
  }
}

