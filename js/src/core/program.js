/** Program: a function from tensors to tensors, traced once into a graph of the native library. */
import { engine } from './engine.js';
import { backThroughTape } from './tape.js';
import { Variable } from './tensor.js';
import { assert } from './util.js';

/** @import { DataType } from './util.js' */
/** @import { Tensor, TracedTensor } from './tensor.js' */

/** @typedef {{shape: readonly (number | null)[], dtype: DataType}} TensorType null: not known before a run */
/** @typedef {(...inputs: Tensor[]) => Tensor[]} Body */

/** Releases graphs of programs that were dropped without dispose. @type {FinalizationRegistry<number>} */
const net = new FinalizationRegistry(graph => engine.native.graphRelease(graph));

/** What the body of a program adds to while it runs. */
export class Trace {
  /** Variables that the body has used, and their symbols. @type {Map<Tensor, TracedTensor>} */
  weights = new Map();
  /** What variables are after each run of the program, in symbols. @type {Map<Variable, Tensor>} */
  updates = new Map();
  /** Whether the body brought gradients of its own, which the native library does not know. */
  hasCustomGradients = false;
  /** What layers add to the loss of the body; null where nobody asks. @type {Tensor[] | null} */
  losses = null;

  /** @param {number} graph */
  constructor(graph) {
    this.graph = graph;
  }

  /**
   * What stands for a tensor in the graph: a symbol for a variable, whose elements may change between runs, or for what the body has made of it
   * so far; any other tensor itself.
   * @param {Tensor} tensor
   * @returns {Tensor}
   */
  operand(tensor) {
    return tensor instanceof Variable ? this.updates.get(tensor) ?? this.weight(tensor) : tensor;
  }

  /**
   * A symbol that is read from the tensor at each run.
   * @param {Tensor} tensor
   * @returns {TracedTensor}
   */
  weight(tensor) {
    const known = this.weights.get(tensor);
    if (known !== undefined) return known;
    const symbol = engine.symbol(engine.native.graphWeight(this.graph, tensor.handle));
    this.weights.set(tensor, symbol);
    return symbol;
  }

  /**
   * @param {TensorType} type
   * @returns {TracedTensor}
   */
  input({ shape, dtype }) {
    return engine.symbol(engine.native.graphInput(this.graph, engine.dtypeIndex(dtype), shape.map(dimension => dimension ?? -1)));
  }

  /** A symbol that outlives the tensor: its elements do not change. @param {Tensor} tensor @returns {Tensor} */
  lasting(tensor) {
    if (tensor.isSymbolic) return tensor;
    return tensor instanceof Variable ? this.weight(tensor) : engine.symbol(engine.native.graphWeight(this.graph, tensor.handle));
  }

  /** A symbol for any tensor. @param {Tensor} tensor @returns {Tensor} */
  symbolFor(tensor) {
    const operand = this.operand(tensor);
    return operand.isSymbolic ? operand : this.weight(operand);
  }

  /**
   * What a variable is from here on: the graph writes it at the end of each run.
   * @param {Variable} variable
   * @param {Tensor} value
   */
  update(variable, value) {
    if (!value.shape.includes(/** @type {any} */ (null))) variable.assertFits(value);
    this.updates.set(variable, this.lasting(this.operand(value)));
  }

  /** Makes the graph write what the variables become, at the end of each run. */
  keepUpdates() {
    for (const [variable, value] of this.updates) engine.native.graphUpdate(this.graph, this.weight(variable).handle, value.handle);
  }
}

/**
 * Gives a variable another value: at the end of each run where the body of a program says so, at once elsewhere. The one way in which code that
 * may be traced changes a variable.
 * @param {Variable} variable
 * @param {Tensor} value of its shape and dtype
 */
export function updateAfterRun(variable, value) {
  if (engine.trace === null) variable.assign(value);
  else engine.trace.update(variable, value);
}

/**
 * What a variable holds at this point of a program's body: what updateAfterRun has given it, or what it has before the run.
 * @param {Variable} variable
 * @returns {Tensor}
 */
export function newestValue(variable) {
  return engine.trace === null ? variable : engine.trace.operand(variable);
}

/**
 * What the op of that name was applied to that made a tensor of the program being traced; null where no such op made it.
 * @param {Tensor} tensor
 * @param {string} name as in describe().ops
 * @returns {Tensor | null}
 */
export function sourceOf(tensor, name) {
  // a tape knows tensors, not symbols: it would not find the way back
  if (!tensor.isSymbolic || engine.tape !== null) return null;
  const handle = engine.native.graphSource(tensor.handle, name);
  return handle === 0 ? null : engine.symbol(handle);
}

/** A function from tensors to tensors, traced once into a native graph. */
export class Program {
  #graph;
  #inputs;
  #outputs;
  #body;
  #hasCustomGradients;
  /** Variables that a run changes. @type {Variable[]} */
  #updated;
  /** @type {Program | null} */
  #gradient = null;

  /**
   * @param {Trace} trace
   * @param {Body} body
   * @param {readonly TensorType[]} inputs
   * @param {Tensor[]} outputs symbols
   */
  constructor(trace, body, inputs, outputs) {
    this.#graph = trace.graph;
    this.#body = body;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#hasCustomGradients = trace.hasCustomGradients;
    /** The tensors outside, variables above all, that the body reads at each run. */
    this.variables = [...trace.weights.keys()];
    this.#updated = [...trace.updates.keys()];
    net.register(this, trace.graph, this);
  }

  /**
   * Calls the body once with symbols in place of tensors and keeps the graph that its ops make. What the body gives to updateAfterRun becomes
   * of the variables at the end of each run, once, whatever outputs the run is asked for.
   * @param {readonly TensorType[]} inputTypes
   * @param {Body} body
   * @param {boolean} [updates] false: a run changes no variable
   * @returns {Program}
   */
  static trace(inputTypes, body, updates = true) {
    const outer = { trace: engine.trace, tape: engine.tape };
    const trace = new Trace(engine.native.graphCreate());
    engine.trace = trace;
    engine.tape = null;
    try {
      const inputs = inputTypes.map(type => trace.input(type));
      const outputs = engine.scoped('trace', () => body(...inputs).map(output => trace.symbolFor(output)));
      if (updates) trace.keepUpdates();
      else trace.updates.clear();
      return new Program(trace, body, inputTypes, outputs);
    } catch (error) {
      engine.native.graphRelease(trace.graph);
      throw error;
    } finally {
      engine.trace = outer.trace;
      engine.tape = outer.tape;
    }
  }

  /** The types of what run returns; dimensions that depend on the inputs are null. @returns {TensorType[]} */
  get outputTypes() {
    return this.#outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  }

  /**
   * Computes the outputs. In the body of another program its ops become that program's.
   * @param {readonly Tensor[]} tensors
   * @param {readonly number[]} [only] which outputs; all where left out
   * @returns {Tensor[]}
   */
  run(tensors, only = this.#outputs.map((_, i) => i)) {
    assert(tensors.length === this.#inputs.length, () => `A program of ${this.#inputs.length} inputs was run with ${tensors.length}`);
    if (engine.trace !== null) {
      const outputs = this.#body(...tensors);
      return only.map(i => outputs[i]);
    }
    const { tape } = engine;
    const before = tape === null ? [] : this.#updated.map(variable => tape.saveCopy(variable));
    const wanted = only.map(i => this.#outputs[i].handle);
    const outputs = engine.adoptAll(engine.native.graphRun(this.#graph, tensors.map(tensor => tensor.handle), wanted, engine.types));
    tape?.record('Program', [...tensors, ...this.variables], outputs, () => {
      const saved = tensors.map(tensor => tape.save(tensor));
      return (dys, wants) => this.#back([...saved, ...before], dys, only, wants);
    });
    return outputs;
  }

  /**
   * @param {readonly Tensor[]} tensors the inputs, and what the variables were that the run has changed
   * @param {Tensor[]} dys of the outputs `only`
   * @param {readonly number[]} only
   * @param {boolean[]} wants of inputs and variables
   */
  #back(tensors, dys, only, wants) {
    const all = this.#outputs.map((output, i) => (only.includes(i) ? dys[only.indexOf(i)] : null));
    const gradient = this.gradient(all.map(dy => dy !== null));
    const places = wants.flatMap((want, i) => (want ? [i] : []));
    const dxs = gradient.run([...tensors, ...all.filter(dy => dy !== null)], places);
    return wants.map((want, i) => (want ? dxs[places.indexOf(i)] : null));
  }

  /**
   * The program that goes back: from this one's inputs, what the variables were that a run changes, and a gradient for each output (float32,
   * its shape) to a gradient for each input and, behind them, for each of `variables`. It changes no variable.
   * @param {boolean[]} [given] which outputs a gradient comes for; all where left out
   * @returns {Program}
   */
  gradient(given = this.#outputs.map(() => true)) {
    const isWhole = given.every(Boolean);
    if (isWhole && this.#gradient !== null) return this.#gradient;
    const made = this.#traceGradient(given);
    if (isWhole) this.#gradient = made;
    return made;
  }

  /** @param {boolean[]} given */
  #traceGradient(given) {
    const dyTypes = this.#outputs.flatMap(({ shape }, i) => (given[i] ? [{ shape, dtype: /** @type {const} */ ('float32') }] : []));
    const types = [...this.#inputs, ...this.#updated.map(({ shape, dtype }) => ({ shape, dtype })), ...dyTypes];
    return Program.trace(types, (...all) => {
      const xs = all.slice(0, this.#inputs.length);
      const dys = all.slice(this.#inputs.length + this.#updated.length);
      const trace = /** @type {Trace} */ (engine.trace);
      this.#updated.forEach((variable, i) => trace.weights.set(variable, /** @type {TracedTensor} */ (all[xs.length + i])));
      const targets = [...xs, ...this.variables.map(variable => trace.weight(variable))];
      const forward = () => this.#body(...xs).filter((_, i) => given[i]);
      if (this.#hasCustomGradients) return backThroughTape(forward, dys, targets);
      return nativeGradients(trace, forward().map(y => trace.symbolFor(y)), dys, targets);
    }, false);
  }

  /** Gives the graph back. */
  dispose() {
    net.unregister(this);
    engine.native.graphRelease(this.#graph);
    this.#gradient?.dispose();
    this.#gradient = null;
  }
}

/**
 * The gradients of symbols, by the native library's rules.
 * @param {Trace} trace
 * @param {readonly Tensor[]} ys
 * @param {readonly Tensor[]} dys
 * @param {readonly Tensor[]} xs
 * @returns {TracedTensor[]}
 */
export function nativeGradients(trace, ys, dys, xs) {
  const handles = (/** @type {readonly Tensor[]} */ tensors) => tensors.map(tensor => tensor.handle);
  return engine.native.graphGradients(trace.graph, handles(ys), handles(dys), handles(xs)).map(handle => engine.symbol(handle));
}
