/** The tape: what was computed while a gradient is being taken, and the way back over it (reverse mode). */
import { engine } from './engine.js';
import { nativeGradients, Program } from './program.js';
import { Tensor } from './tensor.js';
import { arraysEqual, failure } from './util.js';

/** @import { Trace } from './program.js' */
/** @import { Variable } from './tensor.js' */

/**
 * Gradients for the inputs from gradients of the outputs; null where none flows or none is wanted.
 * @typedef {(dys: Tensor[], wants: boolean[]) => (Tensor | null)[]} Back
 */

/** @typedef {{name: string, inputs: (Tensor | null)[], outputs: Tensor[], back: Back}} Entry */

/** Gradient programs of single ops, kept for the next time: the oldest goes first. @type {Map<string, Program>} */
const programs = new Map();
const MOST_PROGRAMS = 1024;

export class Tape {
  /** @type {Entry[]} */
  #entries = [];
  /** Tensors that a gradient may be asked for, and all that depends on them, by id. @type {Set<number>} */
  #watched = new Set();
  /** What tensors that are watched stood for then: a trace may have changed variables since. @type {Map<Tensor, Tensor>} */
  #xs = new Map();
  /** @type {Tensor[]} */
  #saved = [];

  /** @param {readonly Tensor[]} xs */
  watch(xs) {
    for (const x of xs) {
      const symbol = inTrace(x);
      this.#xs.set(x, symbol);
      this.#watched.add(symbol.id);
    }
  }

  /**
   * Keeps a tensor's elements for the way back, though its user may dispose it; it is the same tensor to the tape.
   * @template {Tensor | null} T
   * @param {T} tensor
   * @returns {T}
   */
  save(tensor) {
    if (tensor === null || tensor.isSymbolic) return tensor;
    const shadow = engine.shadow(tensor);
    this.#saved.push(shadow);
    return /** @type {T} */ (shadow);
  }

  /**
   * Keeps what a variable holds now, for the way back.
   * @param {Variable} variable
   * @returns {Tensor}
   */
  saveCopy(variable) {
    const copy = engine.native.op('Identity', null, [variable.handle])[0];
    const shadow = new Tensor(variable.shape, variable.dtype, copy, engine.newStorage(), variable.id);
    this.#saved.push(shadow);
    return shadow;
  }

  /**
   * @param {string} name for messages
   * @param {(Tensor | null)[]} inputs
   * @param {Tensor[]} outputs
   * @param {() => Back} prepare called only where the entry is kept
   */
  record(name, inputs, outputs, prepare) {
    if (!inputs.some(input => input !== null && this.#watched.has(input.id))) return;
    for (const output of outputs) this.#watched.add(output.id);
    this.#entries.push({ name, inputs, outputs, back: prepare() });
  }

  /**
   * One op of the native library on tensors with elements.
   * @param {string} name
   * @param {string | null} attributes
   * @param {(Tensor | null)[]} inputs
   * @param {Tensor[]} outputs
   */
  recordOp(name, attributes, inputs, outputs) {
    this.record(name, inputs, outputs, () => {
      if (name === 'Cast') return ([dy]) => [dy];
      if (name.startsWith('Logical')) return () => noGradient(name);
      if (outputs.every(({ dtype }) => dtype === 'bool' || (dtype === 'int32' && !isIntegerArithmetic(name, inputs)))) return () =>
        inputs.map(zerosFor);
      const saved = inputs.map(input => this.save(input));
      return (dys, wants) => backThroughOp(name, attributes, saved, dys, wants);
    });
  }

  /**
   * One op or layer in the graph that is being traced; it reads symbols of its own, so that the native library goes back through it alone.
   * @param {string} name
   * @param {(Tensor | null)[]} inputs
   * @param {(Tensor | null)[]} own
   * @param {(Tensor | null)[]} results
   */
  recordTraced(name, inputs, own, results) {
    const outputs = /** @type {Tensor[]} */ (results.filter(result => result !== null));
    this.record(name, inputs, outputs, () => (dys, wants) => {
      const places = wants.flatMap((want, i) => (want && own[i]?.isSymbolic && own[i].dtype !== 'bool' ? [i] : []));
      const pick = (/** @type {(Tensor | null)[]} */ tensors) => places.map(i => /** @type {Tensor} */ (tensors[i]));
      const dxs = backInTrace(outputs, dys, pick(own), pick(inputs));
      return inputs.map((_, i) => (places.includes(i) ? dxs[places.indexOf(i)] : null));
    });
  }

  /**
   * The gradients of y, weighted with dy, in the order of targets; null where y does not depend on one.
   * @param {Tensor} y
   * @param {Tensor} dy
   * @param {readonly Tensor[]} targets
   * @returns {(Tensor | null)[]}
   */
  gradients(y, dy, targets) {
    const xs = targets.map(x => this.#xs.get(x) ?? inTrace(x));
    const path = this.#pathBetween(xs, y);
    const relevant = dependentIds(path, xs);
    /** @type {Map<number, Tensor>} */
    const adjoints = new Map([[y.id, dy]]);
    for (const entry of path.reverse()) goBack(entry, relevant, adjoints);
    return xs.map(x => adjoints.get(x.id) ?? null);
  }

  /**
   * The entries that lie on a way from an x to y, in order.
   * @param {readonly Tensor[]} xs
   * @param {Tensor} y
   */
  #pathBetween(xs, y) {
    const fromXs = new Set(xs.map(x => x.id));
    const forward = this.#entries.filter(({ inputs, outputs }) => {
      if (!inputs.some(input => input !== null && fromXs.has(input.id))) return false;
      for (const output of outputs) fromXs.add(output.id);
      return true;
    });
    const toY = new Set([y.id]);
    return forward.reverse().filter(({ inputs, outputs }) => {
      if (!outputs.some(output => toY.has(output.id))) return false;
      for (const input of inputs) if (input !== null) toY.add(input.id);
      return true;
    }).reverse();
  }

  release() {
    for (const shadow of this.#saved) engine.releaseShadow(shadow);
    this.#saved = [];
    this.#entries = [];
  }
}

/**
 * The native library's gradients of ys by symbols that only ys read; recorded, so that they can be differentiated again.
 * @param {Tensor[]} ys
 * @param {Tensor[]} dys
 * @param {Tensor[]} own the symbols that ys read
 * @param {Tensor[]} inputs what these stand for
 * @returns {Tensor[]}
 */
function backInTrace(ys, dys, own, inputs) {
  const trace = /** @type {Trace} */ (engine.trace);
  const { tape } = engine;
  const weights = dys.map(dy => trace.symbolFor(dy));
  const ownWeights = tape === null ? weights : weights.map(dy => engine.identity(dy));
  const dxs = nativeGradients(trace, ys, ownWeights, own);
  tape?.record('Gradient', [...inputs, ...dys], dxs, () => ddxs => backInTrace(dxs, ddxs, [...own, ...ownWeights], [...inputs, ...dys]));
  return dxs;
}

/** What stands for a tensor in the graph that is being traced. @param {Tensor} x @returns {Tensor} */
function inTrace(x) {
  return engine.trace === null ? x : engine.trace.operand(x);
}

/**
 * What the xs lead to.
 * @param {readonly Entry[]} path
 * @param {readonly Tensor[]} xs
 */
function dependentIds(path, xs) {
  const ids = new Set(xs.map(x => x.id));
  for (const { outputs } of path) for (const output of outputs) ids.add(output.id);
  return ids;
}

/**
 * @param {Entry} entry
 * @param {Set<number>} relevant
 * @param {Map<number, Tensor>} adjoints
 */
function goBack({ name, inputs, outputs, back }, relevant, adjoints) {
  if (!outputs.some(output => adjoints.has(output.id))) return;
  const dys = outputs.map(output => adjoints.get(output.id) ?? zerosLike(output));
  const wants = inputs.map(input => input !== null && relevant.has(input.id));
  back(dys, wants).forEach((dx, i) => {
    const input = inputs[i];
    if (dx === null || input === null || !wants[i]) return;
    checkGradient(name, input, dx, i);
    const sum = adjoints.get(input.id);
    adjoints.set(input.id, sum === undefined ? dx : engine.run('Add', null, [sum, dx])[0]);
  });
}

/**
 * @param {string} name
 * @param {Tensor} input
 * @param {Tensor} dx
 * @param {number} i
 */
function checkGradient(name, input, dx, i) {
  if (dx.dtype !== 'float32') {
    throw failure('DTYPE', `Error in gradient for op ${name}. The gradient of input ${i} must have 'float32' dtype, but has '${dx.dtype}'`);
  }
  const fits = dx.isSymbolic || input.isSymbolic || arraysEqual(dx.shape, input.shape);
  if (!fits) {
    throw failure('SHAPE', `Error in gradient for op ${name}. The gradient of input '${i}' has shape '${dx.shape}', ` +
      `which does not match the shape of the input '${input.shape}'`);
  }
}

/** @param {Tensor} output */
function zerosLike(output) {
  if (output.isSymbolic) return engine.run('ZerosLike', null, [output])[0];
  return engine.makeTensor(null, output.shape, 'float32');
}

/**
 * Runs the gradient of one op, made once for each op, attributes and input types.
 * @param {string} name
 * @param {string | null} attributes
 * @param {(Tensor | null)[]} inputs
 * @param {Tensor[]} dys
 * @param {boolean[]} wants
 */
function backThroughOp(name, attributes, inputs, dys, wants) {
  if (isIntegerArithmetic(name, inputs)) {
    const floats = inputs.map(input => input && engine.run('Cast', { dtype: 'float32' }, [input])[0]);
    return backThroughOp(name === 'FloorDiv' ? 'RealDiv' : name, attributes, floats, dys, wants);
  }
  const places = wants.flatMap((want, i) => (want && inputs[i]?.dtype === 'float32' ? [i] : []));
  if (places.length === 0) return wants.map((want, i) => (want ? zerosFor(inputs[i]) : null));
  const given = /** @type {Tensor[]} */ (inputs.filter(input => input !== null));
  const dxs = gradientOfOp(name, attributes, inputs, dys, places).run([...given, ...dys]);
  return wants.map((want, i) => (places.includes(i) ? dxs[places.indexOf(i)] : want ? zerosFor(inputs[i]) : null));
}

/** Ops that compute int32 themselves, and whose derivative is that of the same op of floats. */
const INTEGER_ARITHMETIC = new Set(['Add', 'AddN', 'Sub', 'Multiply', 'FloorDiv', 'Maximum', 'Minimum', 'Mod', 'SquaredDifference', 'Pow',
  'Neg', 'Abs',
  'Square', 'Relu', 'Sum', 'Prod', 'Max', 'Min', 'Cumsum', 'Slice', 'Concat', 'Transpose', 'Tile', 'BroadcastTo', 'Reverse', 'PadV2']);

/**
 * Whether an op computed in int32 alone, where its derivative is that of the same op of floats.
 * @param {string} name
 * @param {(Tensor | null)[]} inputs
 */
function isIntegerArithmetic(name, inputs) {
  return INTEGER_ARITHMETIC.has(name) && inputs.every(input => input?.dtype === 'int32');
}

/** @param {string} name @returns {never} */
function noGradient(name) {
  throw failure('UNSUPPORTED', `Cannot compute gradient: gradient function not found for ${name}.`);
}

/** Where nothing flows, though the output depends on the input: an index, a condition. @param {Tensor | null} input */
function zerosFor(input) {
  return input && engine.makeTensor(null, input.shape, 'float32');
}

/**
 * @param {string} name
 * @param {string | null} attributes
 * @param {(Tensor | null)[]} inputs
 * @param {Tensor[]} dys
 * @param {number[]} places of the inputs to differentiate by
 */
function gradientOfOp(name, attributes, inputs, dys, places) {
  const key = [name, attributes, places, ...inputs.map(input => input && `${input.dtype}[${input.shape}]`)].join('|');
  const known = programs.get(key);
  if (known !== undefined) return known;
  if (programs.size >= MOST_PROGRAMS) {
    const [oldest, program] = /** @type {[string, Program]} */ (programs.entries().next().value);
    programs.delete(oldest);
    program.dispose();
  }
  const program = Program.trace([...inputs.filter(input => input !== null), ...dys], (...all) => {
    const xs = inputs.map(input => (input === null ? null : /** @type {Tensor} */ (all.shift())));
    const ys = engine.run(name, attributes && JSON.parse(attributes), xs);
    return nativeGradients(/** @type {Trace} */ (engine.trace), ys, all, places.map(i => /** @type {Tensor} */ (xs[i])));
  });
  programs.set(key, program);
  return program;
}

/**
 * Runs a body while a tape records what depends on xs, and gives that tape to `use`. Within another gradient the tape is the same, so
 * that the outer one sees what the inner one computes.
 * @template T
 * @template R
 * @param {readonly Tensor[]} xs
 * @param {() => T} body
 * @param {(result: T, tape: Tape) => R} use
 * @returns {R}
 */
export function withTape(xs, body, use) {
  const outer = engine.tape;
  const tape = outer ?? new Tape();
  engine.tape = tape;
  try {
    tape.watch(xs);
    const result = body();
    engine.tape = outer;
    return use(result, tape);
  } finally {
    engine.tape = outer;
    if (outer === null) tape.release();
  }
}

/**
 * The gradients of several ys by a tape; zeros where no y depends on an x.
 * @param {() => Tensor[]} forward
 * @param {Tensor[]} dys
 * @param {Tensor[]} xs
 * @returns {Tensor[]}
 */
export function backThroughTape(forward, dys, xs) {
  return withTape(xs, forward, (ys, tape) => {
    const sums = ys.map((y, i) => tape.gradients(y, dys[i], xs));
    return xs.map((x, i) => {
      const terms = sums.flatMap(dxs => dxs[i] ?? []);
      return terms.length === 0 ? zerosLike(x) : terms.reduce((sum, term) => engine.run('Add', null, [sum, term])[0]);
    });
  });
}
