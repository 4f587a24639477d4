/** Layers of the native library: one class each, made from what the library says of it. */
import { castTo } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { newestValue, updateAfterRun } from '../core/program.js';
import { Tensor } from '../core/tensor.js';
import { CompiledCall, newSeed } from './compiled.js';
import { callArguments, inputType, inSlots, programType } from './native_calls.js';
import { NATIVE_SPECS, tensorflowDefaults, visibleConfig } from './native_tables.js';
import { getConstraint } from './constraints.js';
import { layerError, valueError } from './errors.js';
import { getInitializer } from './initializers.js';
import { Layer } from './layer.js';
import { oneOrAll, toList, toShapes } from './lists.js';
import { maskOf, withMasks } from './masks.js';
import { toCamelCase, toSnakeCase } from './names.js';
import { toPythonConfig } from './config.js';
import { getRegularizer, regularizers } from './regularizers.js';
import { Serializable, toDescription, unknownClass } from './serialization.js';
import { deserializeLayer } from './registry.js';
import { States, unknownBatch } from './states.js';
import { SymbolicTensor } from './topology.js';
import { LayerVariable } from './variable.js';
import { withTensorflowNames } from './weight_names.js';

/** @import { TracedTensor, Variable } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */
/** @import { Trace } from '../core/program.js' */
/** @import { Kwargs, LayerArgs, Results } from './layer.js' */
/** @import { AnyTensor, Shape } from './topology.js' */

/** @typedef {{name: string, type: string, count: number, default?: any, choices?: string[]}} FieldDescription */
/**
 * @typedef {{name: string, aliases: string, minInputs: number, maxInputs: number,
 *   parameters: string, config: FieldDescription[]}} ClassDescription
 */
/** @typedef {{shape: Shape, dtype: DataType, mask?: boolean}} InputType */
/**
 * @typedef {{name: string, shape: number[], dtype: DataType, trainable: boolean,
 *   initializer: any, regularizer: any, constraint: any}} WeightDescription
 */
/** @typedef {{className: string, name: string, config: Record<string, any>, trainable: boolean, weights: WeightDescription[],
 *   states?: {shape: Shape, dtype: DataType}[], outputs: (InputType & {mask: boolean})[],
 *   layers: LayerDescription[]}} LayerDescription what horn_layer_describe answers */

/** What all layers have, beside the fields of their class. */
const COMMON = ['name', 'trainable', 'dtype', 'inputDType', 'inputShape', 'batchInputShape', 'batchSize', 'weights'];

/** Layers that join several inputs. */
const MERGES = ['Add', 'Average', 'Maximum', 'Minimum', 'Multiply', 'Subtract'];

/** Programs that a layer keeps for calls on tensors; older ones make room. */
const MOST_PROGRAMS = 16;

/**
 * A value of a field as the layer keeps it: objects for initializers, regularizers, constraints and layers.
 * @param {string} key
 * @param {any} value
 * @returns {any}
 */
function fieldObject(key, value) {
  if (key.endsWith('Initializer')) return value == null ? value : getInitializer(value);
  if (key.endsWith('Regularizer')) return getRegularizer(value);
  if (key.endsWith('Constraint')) return getConstraint(value);
  if (value instanceof Serializable) return value;
  if (Array.isArray(value)) return value.map(element => fieldObject(key, element));
  const isLayer = value !== null && typeof value === 'object' && typeof (value.className ?? value.class_name) === 'string';
  return isLayer ? deserializeLayer(value) : value;
}

/** @param {any} value @returns {any} with objects as {className, config} */
function described(value) {
  if (value instanceof Serializable) return toDescription(value);
  return Array.isArray(value) ? value.map(described) : value;
}

/** @param {any} value @returns {any} a field's value as the native library takes it */
function nativeValue(value) {
  if (value instanceof NativeLayer) return value.topology();
  if (value instanceof Layer) return { class_name: value.getClassName(), config: value.fileConfig() };
  if (value instanceof Serializable) return toPythonConfig(toDescription(value));
  return Array.isArray(value) ? value.map(nativeValue) : value;
}

export class NativeLayer extends Layer {
  /** What the native library says of the class. @type {ClassDescription} */
  static native;

  /** The fields of the class, by their names in TensorFlow.js. @type {Record<string, any>} */
  #fields = {};
  /** In the order that the native library takes them. @type {LayerVariable[]} */
  #variables = [];
  /** @type {{key: string, description: LayerDescription} | null} */
  #described = null;
  /** @type {Map<string, CompiledCall>} */
  #programs = new Map();
  #states = new States();

  /** @param {LayerArgs & Record<string, any>} [args] */
  constructor(args = {}) {
    super(args);
    if (new.target.className === 'Embedding') this.batchInputShape ??= sequenceShape(args);
    const className = this.getClassName();
    this.inputSpec = NATIVE_SPECS.before(className);
    this.carriesMasks = true;
    const given = Object.entries(withStackedCells(className, args)).filter(([key, value]) => !COMMON.includes(key) && value !== undefined);
    for (const [key, value] of Object.entries({ ...tensorflowDefaults(className), ...Object.fromEntries(given) })) {
      this.#fields[key] = fieldObject(key, value);
    }
    for (const field of this.#class.config) this.#normalize(field);
    this.#complete(JSON.parse(engine.native.layerDescribe(JSON.stringify(this.topology()), null)).config);
    this.activityRegularizer = className === 'ActivityRegularization' ? regularizers.l1l2({ l1: this.#fields.l1, l2: this.#fields.l2 })
      : this.#fields.activityRegularizer ?? null;
    const stateful = this.#fields.stateful === true || this.children.some(isStateful);
    if (stateful) /** @type {Layer} */ (this).stateful = true;
  }

  /**
   * Takes the fields that were not given, and the normal form of those that were, from the native library.
   * @param {Record<string, any>} full
   */
  #complete(full) {
    const given = this.#fields;
    this.#fields = {};
    for (const { name, type } of this.#class.config) {
      const key = toCamelCase(name);
      const value = type === 'enum' && typeof full[name] === 'string' ? toCamelCase(full[name]) : full[name];
      this.#fields[key] = hasObjects(given[key]) ? given[key] : fieldObject(key, value);
      if (!(key in this)) Object.assign(this, { [key]: this.#fields[key] });
    }
  }

  get #class() {
    return /** @type {typeof NativeLayer} */ (this.constructor).native;
  }

  /**
   * Texts of a closed list, in the native library's spelling.
   * @param {FieldDescription} field
   */
  #normalize({ name, type, choices = [], default: standard }) {
    const key = toCamelCase(name);
    const value = this.#fields[key];
    if (type === 'enum' && typeof value === 'string') {
      this.#fields[key] = choices.includes(value) ? value : toSnakeCase(value);
      if (!choices.includes(this.#fields[key]) && /activation$/i.test(key)) throw unknownClass('activation', value);
    }
    if (value === null && ['padding', 'data_format'].includes(name)) delete this.#fields[key];
    if (type === 'int' && standard === undefined && ['units', 'filters'].includes(name) && !(Number.isInteger(value) && value > 0)) {
      throw valueError(name === 'units' ? `Expected units to be a positive integer, but got ${value}.`
        : `Convolution layer expected config.filters to be a 'number' > 0 but got ${JSON.stringify(value)}`);
    }
  }

  /** What the native library makes the layer from. @returns {{class_name: string, config: Record<string, any>}} */
  topology() {
    return { class_name: this.getClassName(), config: this.#inPython(this.#fields) };
  }

  /** The config as files have it. @returns {Record<string, any>} */
  fileConfig() {
    return this.#inPython(this.#visible());
  }

  /** @param {Record<string, any>} fields @returns {Record<string, any>} */
  #inPython(fields) {
    /** @type {Record<string, any>} */
    const config = { ...super.getConfig() };
    const texts = new Set(this.#class.config.filter(field => field.type === 'enum').map(field => field.name));
    for (const [key, value] of Object.entries(fields)) {
      const name = toSnakeCase(key);
      const written = value === undefined ? this.#fields[key] : value;
      if (written !== undefined) config[name] = texts.has(name) && typeof written === 'string' ? toSnakeCase(written) : nativeValue(written);
    }
    const { batchInputShape, ...rest } = config;
    return batchInputShape === undefined ? rest : { ...rest, batch_input_shape: batchInputShape };
  }

  /** @override */
  getConfig() {
    return { ...super.getConfig(), ...Object.fromEntries(Object.entries(this.#visible()).map(([key, value]) => [key, described(value)])) };
  }

  /** The fields that configs show; TensorFlow.js's RNN shows its cell's too. @returns {Record<string, any>} */
  #visible() {
    const fields = visibleConfig(this.getClassName(), this.#fields, this.#class.config);
    return this.#fields.cell instanceof NativeLayer ? { ...this.#fields.cell.#visible(), ...fields } : fields;
  }

  // ---- weights

  /**
   * What the layer makes of inputs.
   * @param {(InputType | null)[]} inputs
   * @param {Kwargs} [kwargs]
   * @returns {LayerDescription}
   */
  describe(inputs, kwargs = {}) {
    if (kwargs.masked !== undefined) {
      const { masked, ...rest } = kwargs;
      return this.describe(inputs.slice(0, masked).map((input, i) => input && { ...input, mask: i === 0 }), rest);
    }
    const call = JSON.stringify({ inputs: inSlots(inputs, kwargs), training: kwargs.training === true, arguments: callArguments(kwargs) });
    if (this.#described?.key !== call) {
      this.#described = { key: call, description: JSON.parse(engine.native.layerDescribe(JSON.stringify(this.topology()), call)) };
    }
    return this.#described.description;
  }

  /** @param {AnyTensor[]} inputs @param {Kwargs} kwargs */
  #buildFor(inputs, kwargs) {
    this.#makeWeights(this.describe(inputs.map(inputType), kwargs));
    this.inputSpec = NATIVE_SPECS.after(this.getClassName(), this.#fields, inputs.map(input => input.shape)) ?? this.inputSpec;
    this.built = true;
  }

  /** @override @param {Shape | Shape[]} inputShape */
  build(inputShape) {
    if (this.built) return;
    const shapes = toShapes(inputShape);
    this.#makeWeights(this.describe(shapes.map(shape => ({ shape, dtype: 'float32' }))));
    this.inputSpec = NATIVE_SPECS.after(this.getClassName(), this.#fields, shapes) ?? this.inputSpec;
    this.built = true;
  }

  /** @param {LayerDescription} description */
  #makeWeights(description) {
    const shared = this.#builtChildren(description);
    for (const [i, weight] of withTensorflowNames(description).entries()) {
      if (shared[i] === undefined) this.#makeWeight(weight);
      else this.takeWeight(shared[i], weight);
    }
    this.#giveToChildren(description);
  }

  /** @param {WeightDescription} weight */
  #makeWeight({ name, shape, dtype, trainable, initializer, regularizer, constraint }) {
    const variable = this.addWeight(name, shape, dtype, this.#instance(name, 'Initializer') ?? getInitializer(initializer),
      this.#instance(name, 'Regularizer') ?? getRegularizer(regularizer), trainable, this.#instance(name, 'Constraint') ?? getConstraint(constraint));
    this.#variables.push(variable);
    this.#expose(name, variable);
  }

  /**
   * The object that the layer was given for a weight, which may be of a class that only JavaScript knows.
   * @param {string} weight
   * @param {string} what
   */
  #instance(weight, what) {
    if (weight.includes('/') || this.#fields.unitForgetBias === true) return null;
    const name = toCamelCase(weight);
    return this.#fields[`${name}${what}`] ?? this.#fields[`${name.replace(/Kernel$/, '')}${what}`] ?? null;
  }

  /** layer.kernel, layer.bias, ... @param {string} name @param {LayerVariable} variable */
  #expose(name, variable) {
    const key = toCamelCase(name);
    if (!name.includes('/') && !(key in this)) Object.assign(this, { [key]: variable });
  }

  /**
   * Takes a weight that another object made: a loaded model, or a layer inside.
   * @param {LayerVariable} variable
   * @param {{name: string, trainable: boolean}} description
   */
  takeWeight(variable, { name, trainable }) {
    this.#variables.push(variable);
    (trainable ? this._trainableWeights : this._nonTrainableWeights).push(variable);
    this.#expose(name, variable);
  }

  /** @override */
  get variables() {
    return this.#variables;
  }

  /** The layers inside: of a wrapper, the cells of a recurrent layer. @returns {Layer[]} */
  get children() {
    return Object.values(this.#fields).flat().filter(value => value instanceof Layer);
  }

  /**
   * The weights of layers inside that were built before: they are shared.
   * @param {LayerDescription} description
   * @returns {LayerVariable[]} one a weight; holes where a weight is to be made
   */
  #builtChildren(description) {
    const { children } = this;
    if (this.getClassName() === 'Bidirectional' || children.length !== description.layers.length) return [];
    const own = description.weights.length - description.layers.reduce((sum, layer) => sum + layer.weights.length, 0);
    return [...new Array(own), ...children.flatMap((child, i) => (child.built ? child.variables : new Array(description.layers[i].weights.length)))];
  }

  /** @param {LayerDescription} description */
  #giveToChildren(description) {
    const inside = this.getClassName() === 'Bidirectional' ? this.#directions(description) : this.children;
    if (inside.length !== description.layers.length) return;
    let next = this.#variables.length - description.layers.reduce((sum, layer) => sum + layer.weights.length, 0);
    for (const [i, { weights, layers }] of description.layers.entries()) {
      const end = next + weights.length;
      const layer = inside[i];
      if (!layer.built && layer instanceof NativeLayer) layer.adopt(weights, this.#variables.slice(next, end), layers);
      next = end;
    }
  }

  /**
   * The two layers of a Bidirectional, by their names in TensorFlow.js.
   * @param {LayerDescription} description
   */
  #directions({ layers }) {
    const [forwardLayer, backwardLayer] = layers.map((layer, i) => /** @type {NativeLayer} */ (
      deserializeLayer({ class_name: layer.className,
        config: { ...layer.config, name: `${i === 0 ? 'forward' : 'backward'}_${this.#fields.layer.name}` } })));
    Object.assign(this, { forwardLayer, backwardLayer });
    return [forwardLayer, backwardLayer];
  }

  /**
   * Takes the weights of a loaded model.
   * @param {LayerDescription} description
   * @param {LayerVariable[]} variables
   */
  restore(description, variables) {
    description.weights.forEach((weight, i) => this.takeWeight(variables[i], weight));
    this.#giveToChildren(description);
    this.built = true;
  }

  /** The regularizers and constraints of the weights of a loaded model, as the description of its last call has them. */
  takeRules() {
    for (const [i, { name, regularizer, constraint }] of (this.#described?.description.weights ?? []).entries()) {
      const variable = this.#variables[i];
      variable.regularizer ??= this.#instance(name, 'Regularizer') ?? getRegularizer(regularizer);
      variable.constraint ??= this.#instance(name, 'Constraint') ?? getConstraint(constraint);
    }
  }

  /**
   * Becomes a view on weights of the layer around it.
   * @param {{name: string, trainable: boolean}[]} weights
   * @param {LayerVariable[]} variables
   * @param {LayerDescription[]} layers
   */
  adopt(weights, variables, layers) {
    weights.forEach((weight, i) => this.takeWeight(variables[i], weight));
    this.built = true;
    this._refCount ??= 1;
    if (layers.length > 0) this.#giveToChildren(/** @type {LayerDescription} */ (/** @type {any} */ ({ weights, layers })));
  }

  // ---- calling

  /** @override @param {any} inputs @param {Kwargs} [kwargs] tensors of parameters by their names, and initialState, are inputs too */
  apply(inputs, kwargs = {}) {
    const { list, rest } = this.withTensorArguments(toList(inputs), kwargs);
    return super.apply(list.length === 1 ? list[0] : list, rest);
  }

  /** @override @param {number} slot */
  parameterName(slot) {
    return this.#class.parameters.split('|')[slot];
  }

  /**
   * A mask that is a tensor of the model is its last input.
   * @param {AnyTensor[]} inputs
   * @param {Kwargs} kwargs
   */
  #withMaskArgument(inputs, { mask, ...rest }) {
    const { list, rest: own } = this.withTensorArguments(inputs, rest);
    return { list: [...list, mask], rest: { ...own, masked: list.length } };
  }

  /**
   * @param {AnyTensor[]} inputs
   * @param {Kwargs} kwargs
   * @returns {{list: AnyTensor[], rest: Kwargs}}
   */
  withTensorArguments(inputs, kwargs) {
    const { initialState, ...rest } = kwargs;
    if (inputs[0] instanceof SymbolicTensor && rest.mask instanceof SymbolicTensor) return this.#withMaskArgument(inputs, rest);
    const list = initialState == null ? [...inputs] : [...inputs, ...toList(initialState)];
    const parameters = this.#class.parameters.split('|').map(toCamelCase);
    const slots = list.map((_, i) => i);
    for (const [slot, name] of parameters.entries()) {
      if (name === '' || !isTensor(rest[name])) continue;
      list.push(rest[name]);
      slots.push(slot);
      delete rest[name];
    }
    return { list, rest: list.length > inputs.length && initialState == null ? { ...rest, slots } : rest };
  }

  /** @override @param {AnyTensor[]} inputs @param {Kwargs} kwargs */
  prepare(inputs, kwargs) {
    if (inputs.length < 2 && MERGES.includes(this.getClassName())) {
      throw valueError(`A merge layer should be called on an Array of at least 2 inputs. Got ${inputs.length} input(s).`);
    }
    super.prepare(inputs, kwargs);
  }

  /** @override @param {AnyTensor[]} inputs @param {Kwargs} kwargs */
  buildFor(inputs, kwargs) {
    if (this.stateful && inputs[0].shape[0] === null && this.batchInputShape?.[0] == null) throw unknownBatch();
    this.#buildFor(inputs, kwargs);
  }

  /** @override @param {SymbolicTensor[]} inputs @param {Kwargs} kwargs */
  outputTypes(inputs, kwargs) {
    return this.describe(inputs.map(inputType), kwargs).outputs;
  }

  /** @override @param {Shape | Shape[]} inputShape */
  computeOutputShape(inputShape) {
    return oneOrAll(this.describe(toShapes(inputShape).map(shape => ({ shape, dtype: /** @type {const} */ ('float32') })))
      .outputs.map(output => output.shape));
  }

  /** @override @param {Tensor | Tensor[]} inputs @param {Kwargs} kwargs */
  call(inputs, kwargs) {
    this.invokeCallHook(inputs, kwargs);
    const list = toList(inputs);
    const masks = kwargs.mask === undefined ? list.map(maskOf) : toList(kwargs.mask);
    return oneOrAll(withMasks(this.compute(list, list.map((_, i) => masks[i] ?? null), kwargs)));
  }

  /** @override @param {Tensor[]} inputs @param {(Tensor | null)[]} masks @param {Kwargs} kwargs */
  run(inputs, masks, kwargs) {
    this.prepare(inputs, kwargs);
    this.invokeCallHook(inputs, kwargs);
    return this.compute(inputs, masks, kwargs);
  }

  /**
   * In the body of a program the layer's ops are added to it; otherwise a program of its own runs.
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks
   * @param {Kwargs} kwargs
   * @returns {Results}
   */
  compute(inputs, masks, kwargs) {
    if (kwargs.masked !== undefined) {
      const { masked, ...rest } = kwargs;
      const mask = castTo(inputs[masked], 'bool');
      return this.compute(inputs.slice(0, masked), masks.slice(0, masked).map((own, i) => (i === 0 ? mask : own)), rest);
    }
    const { trace } = engine;
    if (trace !== null && (this.#variables.length > 0 || inputs.some(input => input.isSymbolic))) return this.#emit(trace, inputs, masks, kwargs);
    engine.trace = null;
    try {
      return this.#program(inputs, masks, kwargs).run(inputs, masks);
    } finally {
      engine.trace = trace;
    }
  }

  /**
   * @param {Trace} trace
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks
   * @param {Kwargs} kwargs
   * @returns {Results}
   */
  #emit(trace, inputs, masks, kwargs) {
    const training = kwargs.training === true;
    const weights = this.#variables.map(variable => variable.read());
    const variables = this.#statesFor(inputs, kwargs);
    const states = variables.map(newestValue);
    const [values, valueMasks] = [inSlots(inputs, kwargs), inSlots(masks, kwargs)];
    const tensors = [...values, ...valueMasks, ...weights, ...states, ...(training ? [trainingSeed(kwargs)] : [])];
    const operands = tensors.map(tensor => tensor && trace.operand(tensor));
    const options = JSON.stringify({ inputs: values.length, training, arguments: callArguments(kwargs) });
    const topology = JSON.stringify(this.topology());
    const results = engine.emit(this.name, operands, handles => engine.native.layerCall(topology, options, handles));
    const changing = [...variables, ...(training ? weights : [])];
    const count = (results.length - changing.length) / 2;
    changing.forEach((variable, i) => {
      const next = results[2 * count + i];
      if (next !== null) updateAfterRun(variable, next);
    });
    return { outputs: /** @type {TracedTensor[]} */ (results.slice(0, count)), masks: results.slice(count, 2 * count) };
  }

  /**
   * What a stateful layer goes on from: zeros at first.
   * @param {Tensor[]} inputs
   * @param {Kwargs} kwargs
   * @returns {Variable[]}
   */
  #statesFor(inputs, kwargs) {
    if (!this.stateful) return [];
    const batch = this.batchInputShape?.[0];
    const types = inputs.map(({ shape, dtype }) => ({ shape: [batch ?? shape[0], ...shape.slice(1)], dtype }));
    const wanted = this.describe(types, kwargs).states ?? [];
    return this.#states.of(wanted);
  }

  /** What a stateful layer has kept. */
  get states() {
    return this.#states.variables;
  }

  /** @override @param {Tensor | Tensor[] | null} [states] what to go on from, in place of zeros */
  resetStates(states) {
    if (!this.stateful) {
      if (this.#class.config.some(({ name }) => name === 'stateful')) {
        throw layerError('AttributeError', 'Cannot call resetStates() on an RNN Layer that is not stateful.');
      }
      super.resetStates();
    }
    this.#states.reset(this.name, states);
  }

  /**
   * @param {Tensor[]} inputs
   * @param {(Tensor | null)[]} masks
   * @param {Kwargs} kwargs
   */
  #program(inputs, masks, kwargs) {
    const { seed: _, ...settings } = kwargs;
    const key = JSON.stringify([inputs.map(programType), masks.map(mask => mask && programType(mask)),
      settings.training === true, callArguments(settings), settings.slots]);
    let program = this.#programs.get(key);
    if (program === undefined) {
      if (this.#programs.size === MOST_PROGRAMS) this.#forgetProgram(/** @type {string} */ (this.#programs.keys().next().value));
      const types = [...inputs, ...masks.filter(mask => mask !== null)].map(programType);
      program = new CompiledCall((...args) => this.#emit(/** @type {Trace} */ (engine.trace), ...args), types, masks, settings);
      this.#programs.set(key, program);
    }
    return program;
  }

  /** @param {string} key */
  #forgetProgram(key) {
    this.#programs.get(key)?.dispose();
    this.#programs.delete(key);
  }

  /** @override */
  disposeWeights() {
    for (const key of [...this.#programs.keys()]) this.#forgetProgram(key);
    this.#states.dispose();
    return super.disposeWeights();
  }
}

/**
 * An Embedding needs no inputShape: it takes sequences, of any length where none is given.
 * @param {{batchSize?: number, inputLength?: number | number[]}} args
 * @returns {Shape}
 */
const sequenceShape = ({ batchSize, inputLength }) => [batchSize ?? null, ...(inputLength == null ? [null] : toList(inputLength))];

/**
 * A recurrent layer takes several cells as one.
 * @param {string} className
 * @param {Record<string, any>} args
 */
function withStackedCells(className, args) {
  if (className !== 'RNN' || !Array.isArray(args.cell)) return args;
  return { ...args, cell: deserializeLayer({ className: 'StackedRNNCells', config: { cells: args.cell } }) };
}

/** @param {any} value */
function hasObjects(value) {
  return value instanceof Serializable || (Array.isArray(value) && value.some(hasObjects));
}

/** @param {unknown} value */
const isTensor = value => value instanceof Tensor || value instanceof SymbolicTensor;

/** What random layers of a call draw from: the program's own seed, or a new one. @param {Kwargs} kwargs @returns {Tensor} */
function trainingSeed(kwargs) {
  return kwargs.seed ?? newSeed();
}

/** @param {Layer} layer @returns {boolean} */
const isStateful = ({ stateful }) => stateful;
