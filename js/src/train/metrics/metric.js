/** Metric: what is kept of all batches, and the number that comes of it. Keras: keras/src/metrics/metric.py */
import { castTo, convertToTensor } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { newestValue, updateAfterRun } from '../../core/program.js';
import { layerError } from '../../layers/errors.js';
import { toSnakeCase, uniqueName } from '../../layers/names.js';
import { Serializable } from '../../layers/serialization.js';
import { zeros } from '../../ops/creation.js';
import { add } from '../../ops/elementwise.js';
import { optionsOf } from '../describe.js';

/** @import { Tensor, Variable } from '../../core/tensor.js' */
/** @import { TensorLike } from '../../core/convert.js' */

/** @typedef {{name?: string | null, dtype?: any}} MetricArgs */

/** A dtype as configs have it: its name, or the policy of that name. @param {any} dtype @returns {string | null} */
function dtypeName(dtype) {
  const name = dtype?.config?.name ?? dtype ?? null;
  return name === 'int' ? 'int64' : name;
}

/**
 * What is kept of all batches, and the number that comes of it. Subclasses have `update` and `compute`, made of ops: a training step traces
 * them into its graph, where variables change after each run.
 */
export class Metric extends Serializable {
  static className = 'Metric';
  /** The name of an instance that was given none; null: the class's name, numbered. @type {string | null} */
  static defaultName = null;
  /** The dtype that configs have where none was given. */
  static defaultDtype = 'float32';
  /** The state. @type {Variable[]} */
  variables = [];

  /** @param {MetricArgs} [args] */
  constructor({ name, dtype } = {}) {
    super();
    const cls = /** @type {typeof Metric} */ (this.constructor);
    this.name = name ?? cls.defaultName ?? uniqueName(toSnakeCase(this.getClassName()));
    this.dtype = dtypeName(dtype) ?? cls.defaultDtype;
  }

  /**
   * A part of the state, zeros at first.
   * @param {string} name
   * @param {readonly number[]} [shape]
   * @param {'float32' | 'int32'} [dtype]
   * @returns {Variable}
   */
  addVariable(name, shape = [], dtype = 'float32') {
    const variable = engine.scoped(name, () => engine.makeVariable(zeros([...shape], dtype), false, uniqueName(`${this.name}/${name}`)));
    this.variables.push(variable);
    return variable;
  }

  /** What a part of the state holds by now. @param {Variable} variable @returns {Tensor} */
  read(variable) {
    return newestValue(variable);
  }

  /** Gives a part of the state another value. @param {Variable} variable @param {Tensor} value */
  assign(variable, value) {
    updateAfterRun(variable, value);
  }

  /** Adds to a part of the state. @param {Variable} variable @param {Tensor} amount */
  assignAdd(variable, amount) {
    updateAfterRun(variable, add(newestValue(variable), castTo(amount, variable.dtype)));
  }

  /**
   * Makes the state that depends on the predictions' shape, where it is not there. Before a program is traced, so that what the program does
   * at its start (resetState) finds all of it.
   * @param {readonly (number | null)[]} _yPredShape
   */
  build(_yPredShape) {}

  /**
   * Takes a batch in.
   * @param {TensorLike} yTrue labels
   * @param {TensorLike} [yPred] predictions
   * @param {TensorLike | null} [sampleWeight]
   * @param {TensorLike | null} [mask] of the predictions; means heed it, as in Keras
   */
  updateState(yTrue, yPred, sampleWeight, mask) {
    engine.scoped(this.name, () => {
      const toTensor = (/** @type {any} */ value) => (value == null ? value : convertToTensor(value, 'values', this.name));
      this.update(...[yTrue, yPred, sampleWeight, mask].map(toTensor));
    });
  }

  /**
   * Takes a batch of tensors in, by assign and assignAdd.
   * @param {...any} _batch as updateState takes it
   * @returns {void}
   */
  update(..._batch) {
    throw layerError('NotImplementedError', `${this.getClassName()} has no update()`);
  }

  /** What the batches so far give. @returns {Tensor} mostly a scalar */
  result() {
    return engine.scoped(this.name, () => engine.run('Identity', null, [this.compute()])[0]);
  }

  /** The result, of what read gives. @returns {Tensor} */
  compute() {
    throw layerError('NotImplementedError', `${this.getClassName()} has no compute()`);
  }

  /** Forgets all batches. */
  resetState() {
    engine.scoped(this.name, () => this.variables.forEach(variable => updateAfterRun(variable, zeros(variable.shape, variable.dtype))));
  }

  /** Gives the state back. */
  dispose() {
    this.variables.forEach(variable => variable.dispose());
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { name: this.name, dtype: this.dtype };
  }
}

/** A metric of Keras's, with options. */
export class BuiltInMetric extends Metric {
  /** The options and their defaults. @type {Record<string, any>} */
  static options = {};

  /** @param {MetricArgs & Record<string, any>} [args] */
  constructor(args = {}) {
    super(args);
    /** @type {Record<string, any>} */
    this.options = optionsOf(this.getClassName(), /** @type {typeof BuiltInMetric} */ (this.constructor).options, args);
  }

  /** @override */
  getConfig() {
    return { ...super.getConfig(), ...this.options };
  }
}
