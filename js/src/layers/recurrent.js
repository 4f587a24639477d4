/** Recurrent layers and wrappers around what is written in JavaScript: step by step, as a program is traced. */
import { engine } from '../core/engine.js';
import { newestValue, updateAfterRun } from '../core/program.js';
import { zeros } from '../ops/creation.js';
import { cast } from '../ops/elementwise.js';
import { reshape, slice, stack, where } from '../ops/shape.js';
import { layerError, valueError } from './errors.js';
import { Layer } from './layer.js';
import { toList, toShapes } from './lists.js';
import { deserializeLayer, setVariants } from './registry.js';
import { toDescription } from './serialization.js';
import { States, unknownBatch } from './states.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { Kwargs, LayerArgs } from './layer.js' */
/** @import { AnyTensor, Shape } from './topology.js' */

/** One step of a recurrent layer: call takes [input, ...states] and gives [output, ...states]. */
export class RNNCell extends Layer {
  /** Sizes of the states. @type {number | number[]} */
  stateSize = 0;
}

/** @param {any} cell @returns {number[]} sizes of its states */
function stateSizes(cell) {
  if (cell.cells !== undefined) return cell.cells.flatMap(stateSizes);
  if (cell.stateSize !== undefined) return toList(cell.stateSize);
  return cell.getClassName() === 'LSTMCell' ? [cell.units, cell.units] : [cell.units];
}

/** Cells on top of one another. */
class StackedRNNCells extends RNNCell {
  static className = 'StackedRNNCells';

  /** @param {LayerArgs & {cells: any[]}} args */
  constructor(args) {
    super(args);
    /** @type {any[]} */
    this.cells = args.cells.map(deserializeLayer);
    this.stateSize = this.cells.flatMap(stateSizes);
  }

  /** @override @param {Shape} inputShape */
  build(inputShape) {
    let shape = inputShape;
    for (const cell of this.cells) {
      buildCell(cell, shape);
      shape = [shape[0], stateSizes(cell)[0]];
    }
    this.built = true;
  }

  /** @override @param {Tensor[]} inputs @param {Kwargs} kwargs */
  call([input, ...states], kwargs) {
    let output = input;
    /** @type {Tensor[]} */
    const all = [];
    for (const cell of this.cells) {
      const [next, ...own] = step(cell, [output, ...states.splice(0, stateSizes(cell).length)], kwargs);
      output = next;
      all.push(...own);
    }
    return [output, ...all];
  }

  /** @override */
  get trainableWeights() {
    return this.trainable ? this.cells.flatMap(cell => cell.trainableWeights) : [];
  }

  /** @override */
  get nonTrainableWeights() {
    return this.cells.flatMap(cell => (this.trainable ? cell.nonTrainableWeights : cell.weights));
  }

  /** @override */
  getConfig() {
    return { ...super.getConfig(), cells: this.cells.map(toDescription) };
  }
}

/** Cells of the native library learn their states' shapes from their inputs. @param {any} cell @param {Shape} shape */
function buildCell(cell, shape) {
  if (cell.built) return;
  const isNative = cell.constructor.native !== undefined;
  cell.build(isNative ? [shape, ...stateSizes(cell).map(size => [shape[0], size])] : shape);
  cell.built = true;
}

/** @param {any} cell @param {Tensor[]} inputs @param {Kwargs} kwargs @returns {Tensor[]} */
const step = (cell, inputs, { mask: _, ...kwargs }) => toList(cell.call(inputs, kwargs));

/**
 * @typedef {object} RNNOptions
 * @property {any} cell or several
 * @property {boolean} [returnSequences]
 * @property {boolean} [returnState]
 * @property {boolean} [goBackwards]
 * @property {boolean} [stateful]
 * @property {boolean} [unroll]
 */

/** @typedef {LayerArgs & RNNOptions} RNNArgs */

/** A cell over the steps of a sequence [batch, time, ...]. */
export class RNN extends Layer {
  static className = 'RNN';
  #states = new States();
  /** How many of a call's inputs, the last ones, each step of the cell is given as `constants` among its arguments. Files do not tell. */
  numConstants = 0;

  /** @param {RNNArgs} args */
  constructor(args) {
    super(args);
    if (args.cell == null) throw valueError('cell property is missing for the constructor of RNN.');
    /** @type {any} */
    this.cell = Array.isArray(args.cell) ? new StackedRNNCells({ cells: args.cell }) : deserializeLayer(args.cell);
    if (stateSizes(this.cell).some(size => !(size > 0))) {
      throw valueError('The RNN cell should have an attribute `stateSize` (tuple of integers, one integer per RNN state).');
    }
    this.returnSequences = args.returnSequences ?? false;
    this.returnState = args.returnState ?? false;
    this.goBackwards = args.goBackwards ?? false;
    this.unroll = args.unroll ?? false;
    this.supportsMasking = true;
    /** @type {Layer} */ (this).stateful = args.stateful ?? false;
  }

  /** @override @param {any} inputs @param {Kwargs} [kwargs] */
  apply(inputs, { initialState, constants, ...kwargs } = {}) {
    if (initialState == null && constants == null) return super.apply(inputs, kwargs);
    this.numConstants = constants == null ? 0 : toList(constants).length;
    return super.apply([inputs, initialState ?? [], constants ?? []].flatMap(toList), kwargs);
  }

  /** @override @param {Shape | Shape[]} inputShape */
  build(inputShape) {
    const [[batch, , ...rest]] = toShapes(inputShape);
    if (this.stateful && batch === null) throw unknownBatch();
    buildCell(this.cell, [batch, ...rest]);
    this.built = true;
  }

  /** What a stateful layer has kept. */
  get states() {
    return this.#states.variables;
  }

  /** @override @param {Tensor | Tensor[] | null} [states] what to go on from, in place of zeros */
  resetStates(states) {
    if (!this.stateful) throw layerError('AttributeError', 'Cannot call resetStates() on an RNN Layer that is not stateful.');
    this.#states.reset(this.name, states);
  }

  /** @override */
  disposeWeights() {
    this.#states.dispose();
    return super.disposeWeights();
  }

  /** @override @param {Shape | Shape[]} inputShape */
  computeOutputShape(inputShape) {
    const [[batch, time]] = toShapes(inputShape);
    const sizes = stateSizes(this.cell);
    const output = this.returnSequences ? [batch, time, sizes[0]] : [batch, sizes[0]];
    return this.returnState ? [output, ...sizes.map(size => [batch, size])] : output;
  }

  /** @override @param {AnyTensor | AnyTensor[]} _inputs @param {any} [mask] */
  computeMask(_inputs, mask) {
    const own = this.returnSequences ? toList(mask)[0] ?? null : null;
    return this.returnState ? [own, ...stateSizes(this.cell).map(() => null)] : own;
  }

  /** @override @param {Tensor | Tensor[]} inputs @param {Kwargs} kwargs */
  call(inputs, kwargs) {
    this.invokeCallHook(inputs, kwargs);
    const [sequence, ...others] = toList(inputs);
    const initial = others.slice(0, others.length - this.numConstants);
    const constants = others.slice(initial.length);
    return engine.scoped('RNN', () => {
      const { outputs, states } = this.#run(sequence, initial, constants.length > 0 ? { ...kwargs, constants } : kwargs);
      const output = this.returnSequences ? stack(outputs, 1) : outputs[outputs.length - 1];
      return this.returnState ? [output, ...states] : output;
    });
  }

  /** @param {Tensor} sequence @param {Tensor[]} initial @param {Kwargs} kwargs */
  #run(sequence, initial, kwargs) {
    const [batch, time, ...rest] = sequence.shape;
    if (time == null) throw valueError(`RNN ${this.name}: a cell written in JavaScript needs to know the number of steps`);
    const sizes = stateSizes(this.cell);
    if (initial.length !== 0 && initial.length !== sizes.length) {
      throw valueError(`RNN Layer has ${sizes.length} state(s) but was passed ${initial.length} initial state(s).`);
    }
    const mask = kwargs.mask == null ? null : /** @type {Tensor} */ (toList(kwargs.mask)[0]);
    const kept = this.stateful ? this.#states.of(sizes.map(size => ({ shape: [batch, size], dtype: 'float32' }))) : [];
    let states = initial.length > 0 ? initial : this.stateful ? kept.map(newestValue) : sizes.map(size => zeros([batch, size]));
    /** @type {Tensor[]} */
    const outputs = [];
    for (let i = 0; i < time; i++) {
      const t = this.goBackwards ? time - 1 - i : i;
      const x = reshape(slice(sequence, [0, t, ...rest.map(() => 0)], [batch, 1, ...rest]), [batch, ...rest]);
      let [output, ...next] = step(this.cell, [x, ...states], kwargs);
      if (mask !== null) {
        const isGiven = cast(slice(mask, [0, t], [batch, 1]), 'bool');
        const before = outputs[outputs.length - 1] ?? zeros(output.shape);
        [output, ...next] = [output, ...next].map((value, k) => where(isGiven, value, k === 0 ? before : states[k - 1]));
      }
      outputs.push(output);
      states = next;
    }
    kept.forEach((state, i) => updateAfterRun(state, states[i]));
    return { outputs, states };
  }

  /** @override */
  get trainableWeights() {
    return this.trainable ? this.cell.trainableWeights : [];
  }

  /** @override */
  get nonTrainableWeights() {
    return this.trainable ? this.cell.nonTrainableWeights : this.cell.weights;
  }

  /** @override */
  getConfig() {
    const { returnSequences, returnState, goBackwards, stateful, unroll } = this;
    return { ...this.cell.getConfig(), ...super.getConfig(),
      returnSequences, returnState, goBackwards, stateful, unroll, cell: toDescription(this.cell) };
  }
}

/** A layer on each step of a sequence. */
export class TimeDistributed extends Layer {
  static className = 'TimeDistributed';

  /** @param {LayerArgs & {layer: any}} args */
  constructor(args) {
    super(args);
    this.layer = deserializeLayer(args.layer);
    this.supportsMasking = true;
  }

  /** @override @param {Shape} inputShape */
  build([batch, , ...rest]) {
    if (!this.layer.built) this.layer.build([batch, ...rest]);
    this.layer.built = true;
    this.built = true;
  }

  /** @override @param {Shape} inputShape */
  computeOutputShape([batch, time, ...rest]) {
    const [first, ...own] = this.layer.computeOutputShape([batch, ...rest]);
    return [first, time, ...own];
  }

  /** @override @param {Tensor | Tensor[]} inputs @param {Kwargs} kwargs */
  call(inputs, kwargs) {
    const { mask: _, ...rest } = kwargs;
    return engine.scoped('TimeDistributed', () => {
      const [x] = toList(inputs);
      const [batch, time, ...shape] = x.shape;
      const y = this.layer.call(reshape(x, [batch * time, ...shape]), rest);
      return reshape(y, [batch, time, ...y.shape.slice(1)]);
    });
  }

  /** @override */
  get trainableWeights() {
    return this.trainable ? this.layer.trainableWeights : [];
  }

  /** @override */
  get nonTrainableWeights() {
    return this.trainable ? this.layer.nonTrainableWeights : this.layer.weights;
  }

  /** @override */
  getConfig() {
    return { ...super.getConfig(), layer: toDescription(this.layer) };
  }
}

setVariants({ RNN, StackedRNNCells, TimeDistributed });
