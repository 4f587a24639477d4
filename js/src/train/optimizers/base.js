/** What an optimizer is set to and keeps: learning rate, count, slots; and how these are written and read. */
import { engine } from '../../core/engine.js';
import { Variable } from '../../core/tensor.js';
import { assert, failure, ownValue } from '../../core/util.js';
import { toSnakeCase } from '../../layers/names.js';
import { serialization } from '../../layers/serialization.js';
import { dispose } from '../../memory.js';
import { scalar } from '../../ops/creation.js';
import { LearningRateSchedule, serializeSchedule } from '../schedules.js';
import { checkFields, COMMON_FIELDS, completeFields, readArguments, readConfig, toKerasName } from './options.js';
import { makeScalar, makeSlot } from './state.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { Constraint } from '../../layers/constraints.js' */
/** @import { SlotType } from './state.js' */

/** @typedef {{name: string, tensor: Tensor}} NamedTensor */
/** @typedef {Variable | {val: Variable, constraint?: Constraint | null}} Target a variable, or a weight of a layer */

/** @param {Target} target @returns {Variable} */
export const variableOf = target => (target instanceof Variable ? target : target.val);

/** What an optimizer is set to and keeps. */
export class OptimizerBase extends serialization.Serializable {
  /** What it takes and the defaults, in the order of Keras's configs. @type {Record<string, any>} */
  static fields = { learningRate: 0.001 };
  /** Fields that arguments may give without their names, as TensorFlow.js has them. @type {string[]} */
  static positional = ['learningRate'];
  /** Other names that configs and options have for fields. @type {Record<string, string>} */
  static aliases = {};
  /** Names in TensorFlow.js's files: of slots, in their order there. @type {Record<string, string>} */
  static fileNames = {};
  /** Names of slots in files of tf.keras, where they are others. @type {Record<string, string>} */
  static formerNames = {};
  /** The class in Keras's files. @type {string | undefined} */
  static kerasName;

  /** The variables of its own: see #scalars. @type {{iteration: Variable, rate: Variable}} */
  #own;
  /** @type {LearningRateSchedule | null} */
  #schedule = null;
  /** What the learning rate was set to, before it was rounded to float32. */
  #givenRate = 0;
  /** @type {Variable[]} */
  #variables = [];
  /** Places of variables among them. @type {Map<Variable, number>} */
  #places = new Map();
  /** @type {Map<Variable, Constraint>} */
  #constraints = new Map();
  /** By name, in the order of the variables. @type {Record<string, Variable[]>} */
  slots = {};
  /** Scalars that it keeps beside. @type {Record<string, Variable>} */
  scalars = {};
  /** What setWeights brought before variables were known. @type {{name: string, tensor: Variable}[]} */
  #waiting = [];
  /** @type {{variables: Variable[], names: string[]}} */
  #undecayed = { variables: [], names: [] };

  /**
   * @param {...any} args values in the order of `positional`, then options by name; or options alone
   */
  constructor(...args) {
    super();
    const cls = this.#class;
    const options = cls.rename(readArguments(args, cls.positional));
    const fields = completeFields(this.getClassName(), cls.defaults, options);
    checkFields(this.getClassName(), fields);
    for (const [name, value] of Object.entries(fields)) if (name !== 'learningRate') /** @type {any} */ (this)[name] = value;
    /** @type {string} */
    this.name = options.name ?? toSnakeCase(this.kerasName);
    this.#own = { iteration: makeScalar(0, 'int32'), rate: makeScalar(0) };
    this.learningRate = fields.learningRate;
  }

  /** @returns {typeof OptimizerBase} */
  get #class() {
    return /** @type {any} */ (this.constructor);
  }

  /** All fields with their defaults. @returns {Record<string, any>} */
  static get defaults() {
    return { learningRate: this.fields.learningRate, ...COMMON_FIELDS, ...this.fields };
  }

  /** @param {Record<string, any>} options */
  static rename(options) {
    return Object.fromEntries(Object.entries(options).map(([name, value]) => [ownValue(this.aliases, name) ?? name, value]));
  }

  get kerasName() {
    return this.#class.kerasName ?? this.getClassName();
  }

  // ---- learning rate and iterations

  /**
   * The two variables that every optimizer has. Where tf.disposeVariables has taken them, all starts anew, as numbers of TensorFlow.js's
   * do.
   */
  get #scalars() {
    this.refresh();
    return this.#own;
  }

  refresh() {
    if (!this.#own.iteration.isDisposed) return;
    this.dispose();
    this.#own = { iteration: makeScalar(0, 'int32'), rate: makeScalar(this.#givenRate) };
  }

  /** The learning rate of the next step, a number. Setting a number changes no program; setting a schedule does. @type {any} */
  get learningRate() {
    if (this.#schedule !== null) return this.#schedule.at(this.iteration.dataSync()[0]);
    const [rate] = this.#scalars.rate.dataSync();
    return rate === Math.fround(this.#givenRate) ? this.#givenRate : rate;
  }

  /** @param {number | LearningRateSchedule} rate */
  set learningRate(rate) {
    if (rate instanceof LearningRateSchedule) {
      this.#schedule = rate;
      return;
    }
    if (typeof rate !== 'number') {
      throw failure('INVALID_ARGUMENT', `${this.name}: learningRate must be a number or a LearningRateSchedule, got ${rate}`);
    }
    if (this.#schedule !== null) {
      throw failure('INVALID_ARGUMENT', `${this.name} was created with a LearningRateSchedule, hence its learning rate is not settable. If it is ` +
        'to be, create the optimizer with a number as its learningRate.');
    }
    this.#givenRate = rate;
    const value = scalar(rate);
    this.#scalars.rate.assign(value);
    value.dispose();
  }

  /** @param {number | LearningRateSchedule} learningRate */
  setLearningRate(learningRate) {
    this.learningRate = learningRate;
  }

  /** The schedule of the learning rate; null where it is a number. */
  get schedule() {
    return this.#schedule;
  }

  /** How many steps were made; with gradient accumulation, how often variables were changed. @returns {number} */
  get iterations() {
    return Math.floor(this.iteration.dataSync()[0] / (this.settings.gradientAccumulationSteps || 1));
  }

  /** The variable that counts calls: a scalar of int32. */
  get iteration() {
    return this.#scalars.iteration;
  }

  incrementIterations() {
    this.#setIteration(this.iteration.dataSync()[0] + 1);
  }

  /** @param {number} count */
  #setIteration(count) {
    const value = scalar(count, 'int32');
    this.iteration.assign(value);
    value.dispose();
  }

  /** What options have set. @returns {any} */
  get settings() {
    return this;
  }

  /** The learning rate, where it is a number: a scalar of float32. */
  get rateVariable() {
    return this.#scalars.rate;
  }

  /** All that the ops of a step depend on, beside variables: where it changes, a program that has traced `apply` must be traced anew. */
  get traceKey() {
    const values = Object.keys(this.#class.defaults).map(name => (name === 'learningRate' ? scheduleNumber(this.#schedule) : this.settings[name]));
    return values.join();
  }

  // ---- variables

  /** Names of slots in Keras's order: groups, of which each is made for one variable after the other. @returns {string[][]} */
  get slotGroups() {
    return [];
  }

  get #allGroups() {
    const { useEma, gradientAccumulationSteps } = this.settings;
    return [...(useEma ? [['average']] : []), ...(gradientAccumulationSteps ? [['gradient_accumulator']] : []), ...this.slotGroups];
  }

  /**
   * What a slot starts from: zeros.
   * @param {string} _name
   * @param {Variable} variable
   * @returns {SlotType}
   */
  slotType(_name, variable) {
    return { shape: variable.shape, dtype: variable.dtype, value: 0 };
  }

  /** Scalars that are kept beside slots, and what they start from. @returns {Record<string, number>} */
  get scalarTypes() {
    return {};
  }

  /**
   * Makes what is kept of variables. A second call with the same variables does nothing.
   * @param {readonly Target[]} targets
   */
  build(targets) {
    this.refresh();
    const variables = targets.map(variableOf);
    if (this.#variables.length === 0) this.extend(targets);
    this.#constrain(targets);
    const isSame = variables.length === this.#variables.length && variables.every((variable, i) => variable === this.#variables[i]);
    assert(isSame, () => `${this.name} was built for ${this.#variables.length} variables (${namesOf(this.#variables)}) and was now given ` +
      `${variables.length} (${namesOf(variables)}). When working with a new set of variables, create a new optimizer.`);
  }

  /** @param {readonly Target[]} targets */
  #constrain(targets) {
    for (const target of targets) {
      const { constraint } = /** @type {any} */ (target);
      if (constraint != null) this.#constraints.set(variableOf(target), constraint);
    }
  }

  /** What a variable must be after each step. @param {Variable} variable */
  constraintOf(variable) {
    return this.#constraints.get(variable);
  }

  /** Those that it does not know. @param {Variable[]} variables */
  unknownOf(variables) {
    return variables.filter(variable => !this.#places.has(variable));
  }

  /** @param {readonly Target[]} targets that are new */
  extend(targets) {
    for (const target of targets) {
      const variable = variableOf(target);
      this.#places.set(variable, this.#variables.length);
      this.#variables.push(variable);
      for (const name of this.#allGroups.flat()) (this.slots[name] ??= []).push(makeSlot(this.slotType(name, variable)));
    }
    for (const [name, value] of Object.entries(this.scalarTypes)) this.scalars[name] ??= makeScalar(value);
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) this.#writeSlots(waiting);
    dispose(waiting.map(({ tensor }) => tensor));
  }

  /** The variables that it was built for. */
  get targets() {
    return [...this.#variables];
  }

  /** All that it keeps, in Keras 3's order: iteration, learning rate, slots, scalars. Names are Keras's paths. */
  get variables() {
    const list = [{ name: 'iteration', variable: this.iteration }];
    if (this.#schedule === null) list.push({ name: 'learning_rate', variable: this.rateVariable });
    for (const group of this.#allGroups) {
      this.#variables.forEach(({ name }, i) => group.forEach(slot =>
        list.push({ name: `${name.replace(/[/:]/g, '_')}_${slot}`, variable: this.slots[slot][i] })));
    }
    for (const [name, variable] of Object.entries(this.scalars)) list.push({ name, variable });
    return list.map(({ name, variable }) => ({ name: `${this.name}/${name}`, variable }));
  }

  /** Moving averages of the variables, where useEma keeps them. @returns {Variable[]} */
  get averages() {
    return this.slots.average ?? [];
  }

  /** Gives variables the moving averages that useEma keeps, as Keras does after the last epoch. @param {readonly Target[]} [targets] */
  finalizeVariableValues(targets = this.#variables) {
    if (!this.settings.useEma) return;
    for (const variable of targets.map(variableOf)) variable.assign(this.averages[this.placeOf(variable)]);
  }

  /**
   * Takes variables out of weight decay; before the optimizer is built.
   * @param {readonly Target[]} [targets]
   * @param {readonly string[]} [names] parts of names
   */
  excludeFromWeightDecay(targets = [], names = []) {
    assert(this.#variables.length === 0, () => 'excludeFromWeightDecay() can only be configured before the optimizer is built.');
    this.#undecayed = { variables: targets.map(variableOf), names: [...names] };
  }

  /** @param {Variable} variable */
  isDecayed(variable) {
    const { variables, names } = this.#undecayed;
    return this.settings.weightDecay != null && !variables.includes(variable) && !names.some(name => variable.name.includes(name));
  }

  /** @param {Variable} variable */
  placeOf(variable) {
    const place = this.#places.get(variable);
    if (place === undefined) {
      throw failure('INVALID_ARGUMENT', `Unknown variable: ${variable.name}. ${this.name} can only be called for the variables it was built with. ` +
        'When working with a new set of variables, create a new optimizer.');
    }
    return place;
  }

  dispose() {
    for (const list of Object.values(this.slots)) dispose(list);
    dispose([...Object.values(this.#own), ...Object.values(this.scalars), ...this.#waiting.map(({ tensor }) => tensor)]);
    this.slots = {};
    this.scalars = {};
    this.#waiting = [];
    this.#variables = [];
    this.#places.clear();
    this.#constraints.clear();
  }

  // ---- weights and configs in TensorFlow.js's form

  /** Slots by the names that TensorFlow.js's files have for them. @returns {[string, string][]} name in files, name here */
  get #fileSlots() {
    const { fileNames } = this.#class;
    const known = Object.entries(fileNames).filter(([, slot]) => this.#allGroups.flat().includes(slot));
    const others = this.#allGroups.flat().filter(slot => !Object.values(fileNames).includes(slot)).map(slot => [slot, slot]);
    return /** @type {[string, string][]} */ ([...known, ...others]);
  }

  /** @returns {Promise<NamedTensor>} */
  async saveIterations() {
    return { name: 'iter', tensor: scalar(this.iteration.dataSync()[0], 'int32') };
  }

  /** @returns {Promise<NamedTensor[]>} the number of steps, and what is kept of each variable */
  async getWeights() {
    const kept = this.#fileSlots.flatMap(([file, slot]) => (this.slots[slot] ?? []).map((tensor, i) =>
      ({ name: `${this.#variables[i].name}/${file}`, tensor })));
    const scalars = Object.entries(this.scalars).map(([name, tensor]) => ({ name, tensor }));
    return [await this.saveIterations(), ...kept, ...scalars, ...this.#waiting];
  }

  /**
   * Takes the state of a file: the count first, then slots by name, as getWeights gives them or as an .h5 file of any Keras has them, in
   * its order.
   * @param {NamedTensor[]} weightValues
   */
  async setWeights(weightValues) {
    const kept = await this.extractIterations(weightValues);
    if (this.#variables.length > 0) this.#writeSlots(kept);
    else this.#waiting = kept.map(({ name, tensor }) => ({ name, tensor: engine.makeVariable(tensor, false) }));
  }

  /**
   * The slot, or the scalar, that a weight of a file belongs to, by its name: 'dense/kernel/m' (TensorFlow.js, tf.keras up to 2.10),
   * 'Adam/m/dense/kernel:0'
   * (tf.keras since) or 'adam/dense_kernel_momentum' (Keras 3).
   * @param {string} path
   * @returns {string | undefined}
   */
  #keptUnder(path) {
    const { fileNames, formerNames } = this.#class;
    const parts = path.replace(/:\d+$/, '').split('/');
    const last = /** @type {string} */ (parts.at(-1));
    const kept = [...this.#allGroups.flat(), ...Object.keys(this.scalars)];
    const names = new Map(Object.entries({ ...Object.fromEntries(kept.map(name => [name, name])), ...formerNames, ...fileNames }));
    if (parts.length > 1 && !names.has(last) && names.has(parts[1])) return names.get(parts[1]);
    const ends = kept.filter(name => last.endsWith(`_${name}`)).sort((a, b) => b.length - a.length);
    return names.get(last) ?? ends[0];
  }

  /** @param {NamedTensor[]} weights by name; of each slot in the order of the variables */
  #writeSlots(weights) {
    /** @type {Record<string, number>} */
    const counts = {};
    for (const { name, tensor } of weights) {
      if (/(^|\/)learning_rate(:\d+)?$/.test(name)) {
        if (this.#schedule === null) this.learningRate = tensor.dataSync()[0];
        continue;
      }
      const slot = this.#keptUnder(name);
      const list = slot === undefined ? [] : slot in this.scalars ? [this.scalars[slot]] : this.slots[slot] ?? [];
      const place = counts[slot ?? ''] ?? 0;
      counts[slot ?? ''] = place + 1;
      if (list[place] !== undefined) list[place].assign(tensor);
      else if (slot === undefined) console.warn(`${this.getClassName()} optimizer has no weight for ${name}: it is skipped`);
    }
  }

  /** @param {NamedTensor[]} weightValues */
  async extractIterations(weightValues) {
    this.#setIteration((await weightValues[0].tensor.data())[0]);
    return weightValues.slice(1);
  }

  /**
   * Fields in TensorFlow.js's spelling; of those that Keras added, what differs from the default.
   * @override
   * @returns {Record<string, any>}
   */
  getConfig() {
    const { fields, defaults } = this.#class;
    const names = Object.keys(defaults).filter(name => name in fields || this.settings[name] !== defaults[name]);
    return Object.fromEntries(names.map(name => [name, name === 'learningRate' ? this.#rateConfig() : this.settings[name]]));
  }

  #rateConfig() {
    return this.#schedule === null ? this.learningRate : { className: this.#schedule.getClassName(), config: this.#schedule.getConfig() };
  }

  /**
   * What .keras and .h5 files have for it: Keras 3's names and order.
   * @returns {{module: string, class_name: string, config: Record<string, any>, registered_name: string | null}}
   */
  toKeras() {
    const { fields, aliases } = this.#class;
    const names = Object.fromEntries(Object.entries(aliases).map(([alias, name]) => [name, alias]));
    const own = Object.keys({ ...COMMON_FIELDS, ...fields }).filter(name => name !== 'learningRate' && this.isKerasField(name));
    const config = Object.fromEntries(own.map(name => [toKerasName(names[name] ?? name), this.settings[name]]));
    const rate = this.#schedule === null ? this.learningRate : serializeSchedule(this.#schedule);
    return {
      module: 'keras.optimizers', class_name: this.kerasName, config: { name: this.name, learning_rate: rate, ...config }, registered_name: null,
    };
  }

  /** Whether Keras's class has the field too. @param {string} _name */
  isKerasField(_name) {
    return true;
  }

  /** @param {any} cls @param {Record<string, any>} config in either spelling @override */
  static fromConfig(cls, config) {
    return new cls(readConfig(config, cls.defaults, cls.aliases));
  }
}

/** @param {readonly Variable[]} variables */
export const namesOf = variables => variables.map(({ name }) => name).join(', ');

/** @type {WeakMap<LearningRateSchedule, number>} */
const scheduleNumbers = new WeakMap();
let schedules = 0;

/** A number for each schedule. @param {LearningRateSchedule | null} schedule */
function scheduleNumber(schedule) {
  if (schedule === null) return 0;
  if (!scheduleNumbers.has(schedule)) scheduleNumbers.set(schedule, ++schedules);
  return scheduleNumbers.get(schedule);
}
