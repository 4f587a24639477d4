/** A step of training or testing: forward, losses, gradients, optimizer and metrics as one program of the native library, one run a batch. */
import { NoElements } from '../core/tensor.js';
import { engine } from '../core/engine.js';
import { nativeGradients, Program } from '../core/program.js';
import { backThroughTape } from '../core/tape.js';
import { sizeFromShape } from '../core/util.js';
import { attachMask } from '../layers/masks.js';
import { onesLike, scalar } from '../ops/creation.js';
import { add, cast, mul } from '../ops/elementwise.js';
import { sum } from '../ops/reduction.js';
import { concat, reshape } from '../ops/shape.js';

/** @import { Trace } from '../core/program.js' */
/** @import { Tensor } from '../core/tensor.js' */
/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { TrainingState } from './state.js' */

/** What a step is given: inputs, a target for each output that needs one, and weights of samples where there are any. */
/** @typedef {{xs: Tensor[], ys: (Tensor | null)[], weights: (Tensor | null)[]}} Batch */

/** What metrics say, by name: numbers, or arrays of them where a metric says several. @typedef {Record<string, any>} Logs */

/**
 * @typedef {object} StepKind
 * @property {boolean} isTraining
 * @property {boolean} isFresh metrics start at this batch: they say nothing of those before
 */

/** @param {Tensor} tensor */
const typeOf = ({ shape, dtype }) => ({ shape, dtype });

export class Step {
  #program;
  #state;
  /** How many numbers each log has; null: one, not in an array. @type {(number | null)[]} */
  #sizes = [];
  #usesSeed;

  /**
   * @param {LayersModel} model
   * @param {TrainingState} state
   * @param {Batch} batch of the types that it is for
   * @param {StepKind} kind
   */
  constructor(model, state, batch, kind) {
    this.#state = state;
    this.#usesSeed = kind.isTraining;
    const seedType = { shape: [2], dtype: /** @type {const} */ ('int32') };
    const types = [...tensorsOf(batch).map(typeOf), ...(kind.isTraining ? [seedType] : [])];
    const trace = (/** @type {boolean} */ byTape) => Program.trace(types, (...symbols) => {
      const seed = kind.isTraining ? symbols[symbols.length - 1] : null;
      return this.#body(model, state, inPlaces(batch, symbols), { ...kind, seed, byTape });
    });
    try {
      this.#program = trace(false);
    } catch (error) {
      if (error !== NEEDS_TAPE) throw withWayOut(error);
      this.#program = trace(true);
    }
  }

  /**
   * @param {LayersModel} model
   * @param {TrainingState} state
   * @param {Batch} batch of symbols
   * @param {StepKind & {seed: Tensor | null, byTape: boolean}} kind
   * @returns {Tensor[]} all logs, one behind the other; then gradients for an optimizer that is not traced
   */
  #body(model, state, batch, kind) {
    if (kind.isFresh) state.resetMetrics();
    const forward = () => forwardPass(model, state, batch, kind);
    const found = kind.isTraining ? train(state, forward, kind.byTape) : forward();
    const results = state.updateMetrics(found, batch);
    this.#sizes = results.map(({ shape }) => (shape.length === 0 ? null : sizeFromShape(shape)));
    return [concat(results.map(result => reshape(cast(result, 'float32'), [-1]))), ...found.gradients];
  }

  /**
   * @param {Batch} batch
   * @param {Tensor | null} seed for training
   * @returns {Float32Array} what all metrics say now
   */
  run(batch, seed) {
    return engine.scoped('step', () => {
      const [logs, ...gradients] = this.#program.run(this.#usesSeed && seed !== null ? [...tensorsOf(batch), seed] : tensorsOf(batch));
      if (gradients.length > 0) this.#state.applyGradients(gradients);
      return /** @type {Float32Array} */ (logs.dataSync());
    });
  }

  /** @param {Float32Array} values @param {string[]} names @returns {Logs} */
  toLogs(values, names) {
    let next = 0;
    return Object.fromEntries(names.map((name, i) => {
      const size = this.#sizes[i];
      const start = next;
      next += size ?? 1;
      return [name, size === null ? values[start] : Array.from(values.subarray(start, next))];
    }));
  }

  dispose() {
    this.#program.dispose();
  }
}

/** Thrown while tracing where the body brings gradients of its own. */
const NEEDS_TAPE = new Error('gradients of its own');

/** What can be done about code that cannot be traced. @param {any} error */
function withWayOut(error) {
  if (!(error instanceof NoElements)) return error;
  error.message += '. A training step is traced once: layers, losses and metrics are to be made of ops, ' +
    'and not to read elements (data, dataSync, array, arraySync)';
  return error;
}

/** @param {Batch} batch @returns {Tensor[]} */
const tensorsOf = ({ xs, ys, weights }) => [...xs, ...ys, ...weights].filter(tensor => tensor !== null);

/**
 * Symbols in the places of a batch's tensors.
 * @param {Batch} batch
 * @param {Tensor[]} symbols
 * @returns {Batch}
 */
function inPlaces({ xs, ys, weights }, symbols) {
  let next = 0;
  const take = (/** @type {Tensor | null} */ tensor) => (tensor === null ? null : symbols[next++]);
  return { xs: /** @type {Tensor[]} */ (xs.map(take)), ys: ys.map(take), weights: weights.map(take) };
}

/** Predictions, the loss of each output that has one, the total; gradients that the optimizer is still to be given. */
/** @typedef {{outputs: Tensor[], losses: (Tensor | null)[], total: Tensor, gradients: Tensor[]}} Forward */

/**
 * @param {LayersModel} model
 * @param {TrainingState} state
 * @param {Batch} batch
 * @param {StepKind & {seed: Tensor | null}} kind
 * @returns {Forward}
 */
function forwardPass(model, state, { xs, ys, weights }, { isTraining, seed }) {
  const trace = /** @type {Trace} */ (engine.trace);
  trace.losses = [];
  const { outputs, masks } = model.compute(xs, xs.map(() => null), isTraining ? { training: true, seed } : {});
  masks.forEach((mask, i) => {
    if (mask !== null) attachMask(outputs[i], mask);
  });
  const losses = state.losses.map((loss, i) =>
    (loss === null ? null : loss.compute(ys[i], outputs[i], weights[i] ?? undefined, masks[i] ?? undefined)));
  const own = losses.map((loss, i) => weighted(loss, state.settings.outputs[i].weight));
  const terms = [...own, ...trace.losses.map(sumOf), ...model.calculateLosses().map(sumOf)].filter(term => term !== null);
  return { outputs, losses, gradients: [], total: terms.length === 0 ? state.noLoss() : terms.reduce((total, term) => add(total, term)) };
}

/** @param {Tensor | null} loss @param {number | null} weight */
const weighted = (loss, weight) => (loss === null || weight === null ? loss : mul(loss, weight));

/** What layers add to the loss is a scalar, or summed up. @param {Tensor} loss */
const sumOf = loss => sum(cast(loss, 'float32'));

/**
 * Forward, back, and the optimizer's change of the variables.
 * @param {TrainingState} state
 * @param {() => Forward} forward
 * @param {boolean} byTape
 */
function train(state, forward, byTape) {
  const trace = /** @type {Trace} */ (engine.trace);
  const { variables } = state;
  const targets = () => variables.map(variable => trace.weight(variable));
  if (variables.length === 0) return forward();
  /** @type {Forward | null} */
  let found = null;
  let gradients;
  if (byTape) {
    const total = () => {
      found = forward();
      return [state.scaleLoss(found.total)];
    };
    gradients = backThroughTape(total, [scalar(1)], targets());
  } else {
    found = forward();
    if (trace.hasCustomGradients) throw NEEDS_TAPE;
    gradients = nativeGradients(trace, [trace.symbolFor(state.scaleLoss(found.total))], [trace.symbolFor(onesLike(found.total))], targets());
  }
  if (state.isTraced) state.optimizer.apply(gradients, variables);
  return { .../** @type {Forward} */ (/** @type {unknown} */ (found)), gradients: state.isTraced ? [] : gradients };
}
