/** What a compiled model is trained with, once the shapes of its targets are known: losses, metrics with their states, variables, steps. */
import { engine } from '../core/engine.js';
import { layerError, valueError } from '../layers/errors.js';
import { maskOf } from '../layers/masks.js';
import { Mean } from './metrics/mean.js';
import { Optimizer } from './optimizers/optimizer.js';
import { Step } from './step.js';

/** @import { Tensor, Variable } from '../core/tensor.js' */
/** @import { LayerVariable } from '../layers/variable.js' */
/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { CompileSettings } from './compile.js' */
/** @import { Batch, Forward, Logs, StepKind } from './step.js' */

/** Steps that are kept, one for each kind and types of a batch; older ones make room. */
const MOST_STEPS = 16;

export class TrainingState {
  /** @type {Map<string, Step>} */
  #steps = new Map();
  /** @type {LayersModel} */
  #model;
  /** Losses and metrics were made. */
  #isBuilt = false;
  #warned = false;
  /** @type {any[]} one an output, null where it has none */
  losses = [];
  /** One a place of the settings. @type {import('./metrics/metric.js').Metric[]} */
  metrics = [];
  /** The mean of the total, then of each output's loss where there are several. @type {Mean[]} */
  trackers = [];
  /** What is trained: as it was at the first step after compile. @type {Variable[]} */
  variables = [];
  /** The weights that they are, which have constraints. @type {LayerVariable[] | null} */
  #weights = null;

  /**
   * @param {LayersModel} model
   * @param {CompileSettings} settings
   */
  constructor(model, settings) {
    this.#model = model;
    this.settings = settings;
    this.optimizer = settings.optimizer;
  }

  get metricsNames() {
    return this.settings.metricsNames;
  }

  /** @param {Batch} batch */
  #build({ ys }) {
    if (this.#isBuilt) return;
    const { settings } = this;
    const predicted = this.#model.outputs.map(({ shape }) => shape);
    const targets = ys.map(y => y?.shape ?? null);
    engine.scoped('compile', () => {
      this.losses = settings.resolveLosses(targets, predicted);
      this.metrics = settings.resolveMetrics(targets, predicted);
      this.trackers = settings.metricsNames.slice(0, settings.metricsNames.length - settings.places.length).map(name => new Mean({ name }));
    });
    this.#isBuilt = true;
  }

  // ---- the optimizer

  /**
   * Whether the optimizer's change of the variables is part of a step;
   * one that brings an applyGradients of its own, as TensorFlow.js's do, is not.
   */
  get isTraced() {
    return this.optimizer.applyGradients === Optimizer.prototype.applyGradients;
  }

  /** @param {Tensor} loss */
  scaleLoss(loss) {
    return this.isTraced ? this.optimizer.scaleLoss(loss) : loss;
  }

  /** @param {Tensor[]} gradients one a variable */
  applyGradients(gradients) {
    this.optimizer.applyGradients(this.variables.map(({ name }, i) => ({ name, tensor: gradients[i] })));
  }

  // ---- metrics

  /** Forgets what was before. In the body of a program: at each run of it. */
  resetMetrics() {
    for (const metric of [...this.trackers, ...this.metrics]) metric.resetState();
  }

  /**
   * In the body of a step.
   * @param {Forward} found
   * @param {Batch} batch
   * @returns {Tensor[]} what each says, in the order of metricsNames
   */
  updateMetrics({ total, outputs, losses }, { xs, ys, weights }) {
    const size = xs[0].shape[0];
    const values = [total, ...losses.filter(loss => loss !== null)];
    this.trackers.forEach((tracker, i) => tracker.updateState(values[i], size));
    this.settings.places.forEach(({ output, isWeighted }, i) =>
      this.metrics[i].updateState(/** @type {Tensor} */ (ys[output]), outputs[output], isWeighted ? weights[output] : null, maskOf(outputs[output])));
    return [...this.trackers, ...this.metrics].map(metric => metric.result());
  }

  /** @returns {never} */
  noLoss() {
    throw valueError('No loss to compute. Provide a `loss` argument in `compile()`.');
  }

  // ---- steps

  /**
   * One batch: its logs, and in training the variables have changed.
   * @param {Batch} batch
   * @param {StepKind} kind
   * @param {Tensor | null} seed for training
   * @returns {Logs}
   */
  run(batch, kind, seed) {
    const step = this.#stepFor(batch, kind);
    return step.toLogs(step.run(batch, seed), this.metricsNames);
  }

  /** @param {Batch} batch @param {StepKind} kind */
  #stepFor(batch, kind) {
    this.#build(batch);
    if (kind.isTraining) this.#prepareTraining();
    const typesOf = (/** @type {(Tensor | null)[]} */ tensors) => tensors.map(tensor => tensor && [tensor.dtype, ...tensor.shape]);
    const key = JSON.stringify([kind, kind.isTraining ? this.optimizer.traceKey : null, typesOf(batch.xs),
      typesOf(batch.ys), typesOf(batch.weights)]);
    let step = this.#steps.get(key);
    if (step === undefined) {
      if (this.#steps.size === MOST_STEPS) this.#forget(/** @type {string} */ (this.#steps.keys().next().value));
      step = engine.scoped('trace', () => new Step(this.#model, this, batch, kind));
      this.#steps.set(key, step);
    }
    return step;
  }

  #prepareTraining() {
    if (this.optimizer == null) {
      throw layerError('RuntimeError', 'You must compile a model before training/testing. Use LayersModel.compile(modelCompileConfig).');
    }
    if (this.#weights === null) {
      this.#weights = this.#model.trainableWeights;
      this.variables = this.#weights.map(weight => weight.read());
    }
    if (!this.#warned && this.#model.trainableWeights.length !== this.variables.length) {
      this.#warned = true;
      console.warn('Discrepancy between trainableweights and collected trainable weights. Did you set `model.trainable` without calling ' +
        '`model.compile()` afterwards?');
    }
    if (this.variables.length > 0 && this.isTraced) this.optimizer.build(this.#weights);
    if (this.variables.length === 0) console.warn('The model does not have any trainable weights.');
  }

  /** @param {string} key */
  #forget(key) {
    this.#steps.get(key)?.dispose();
    this.#steps.delete(key);
  }

  /** @param {any} optimizer from now on */
  useOptimizer(optimizer) {
    this.forgetSteps();
    this.optimizer = optimizer;
  }

  /** Forgets traced steps: something that they depend on has changed. */
  forgetSteps() {
    for (const key of [...this.#steps.keys()]) this.#forget(key);
  }

  /** Gives back steps and the states of metrics. */
  dispose() {
    this.forgetSteps();
    const own = this.metrics.filter((metric, i) => metric !== this.settings.places[i].identifier); // others are the caller's
    for (const metric of [...this.trackers, ...own]) metric.dispose();
    this.trackers = [];
    this.metrics = [];
    this.#isBuilt = false;
  }
}
