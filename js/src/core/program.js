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
  /** Whether the body brought gradients of its own, which the native library does not know. */
  hasCustomGradients = false;
  /** What variables hold at this point of the body, and after each run. @type {Map<Variable, Tensor>} */
  updates = new Map();
  /** What layers add to the loss of the body. @type {Tensor[]} */
  losses = [];

  /** @param {number} graph */
  constructor(graph) {
    this.graph = graph;
  }

  /**
   * What stands for a tensor in the graph: a symbol for a variable, whose elements may change between runs; any other tensor itself.
   * @param {Tensor} tensor
   * @returns {Tensor}
   */
  operand(tensor) {
    return tensor instanceof Variable ? this.weight(tensor) : tensor;
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
    return tensor.isSymbolic ? tensor : this.weight(tensor);
  }
}

/**
 * Gives a variable another value: in the body of a program after each run of it, otherwise at once.
 * @param {Variable} variable
 * @param {Tensor} value of the same shape and dtype
 */
export function updateAfterRun(variable, value) {
  if (engine.trace === null) variable.assign(value);
  else engine.trace.updates.set(variable, engine.trace.lasting(value));
}

/**
 * What a variable holds at this point of a program: what an earlier update has left, or what it has before the run.
 * @param {Variable} variable
 * @returns {Tensor}
 */
export function newestValue(variable) {
  return engine.trace?.updates.get(variable) ?? variable;
}

/** A function from tensors to tensors, traced once into a native graph. */
export class Program {
  #graph;
  #inputs;
  #outputs;
  #body;
  #hasCustomGradients;
  /** Variables that change with each run, and symbols of their new values. @type {[Variable, Tensor][]} */
  #updates;
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
    this.#updates = [...trace.updates];
    /** The tensors outside, variables above all, that the body reads at each run. */
    this.variables = [...trace.weights.keys()];
    net.register(this, trace.graph, this);
  }

  /**
   * Calls the body once with symbols in place of tensors and keeps the graph that its ops make.
   * @param {readonly TensorType[]} inputTypes
   * @param {Body} body
   * @returns {Program}
   */
  static trace(inputTypes, body) {
    const outer = { trace: engine.trace, tape: engine.tape };
    const trace = new Trace(engine.native.graphCreate());
    engine.trace = trace;
    engine.tape = null;
    try {
      const inputs = inputTypes.map(type => trace.input(type));
      const outputs = engine.scoped('trace', () => body(...inputs).map(output => trace.symbolFor(output)));
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
    const wanted = [...only.map(i => this.#outputs[i]), ...this.#updates.map(([, value]) => value)].map(({ handle }) => handle);
    const results = engine.adoptAll(engine.native.graphRun(this.#graph, tensors.map(tensor => tensor.handle), wanted, engine.types));
    const outputs = results.slice(0, only.length);
    this.#updates.forEach(([variable], i) => {
      variable.assign(results[only.length + i]);
      results[only.length + i].dispose();
    });
    const { tape } = engine;
    tape?.record('Program', [...tensors, ...this.variables], outputs, () => {
      const saved = tensors.map(tensor => tape.save(tensor));
      return (dys, wants) => this.#back(saved, dys, only, wants);
    });
    return outputs;
  }

  /**
   * @param {readonly Tensor[]} tensors
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
   * The program that goes back: from this one's inputs and a gradient for each output (float32, its shape) to a gradient for each input
   * and, behind them, for each of `variables`.
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
    return Program.trace([...this.#inputs, ...dyTypes], (...all) => {
      const xs = all.slice(0, this.#inputs.length);
      const dys = all.slice(this.#inputs.length);
      const trace = /** @type {Trace} */ (engine.trace);
      const targets = [...xs, ...this.variables.map(variable => trace.weight(variable))];
      const forward = () => this.#body(...xs).filter((_, i) => given[i]);
      const gradients = this.#hasCustomGradients
        ? backThroughTape(forward, dys, targets)
        : nativeGradients(trace, forward().map(y => trace.symbolFor(y)), dys, targets);
      trace.updates.clear(); // the way there was gone before, and its variables have changed then
      return gradients;
    });
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
