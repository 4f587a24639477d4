/** Callbacks that set the learning rate. Keras: learning_rate_scheduler.py and reduce_lr_on_plateau.py in keras/src/callbacks. */
import { assert } from '../core/util.js';
import { valueError } from '../layers/errors.js';
import { Callback } from './callback.js';
import { MonitorCallback, namesOf, warn } from './monitor.js';
import { floatText } from './python_format.js';

/** @import { Logs } from './callback.js' */
/** @import { Mode } from './monitor.js' */

/** @typedef {(epoch: number, learningRate: number) => number} Schedule the rate for an epoch, which counts from 0, from the one before */

/**
 * What the optimizer learns at now, a float32; where it has a schedule, what that says of its step.
 * @param {any} optimizer
 * @returns {number}
 */
export function learningRateOf(optimizer) {
  const rate = optimizer?.learningRate;
  assert(typeof rate === 'number', () => `Optimizer must have a "learningRate" attribute that is a number, got ${rate}`);
  return Math.fround(rate);
}

/** Sets the learning rate at the beginning of every epoch. */
export class LearningRateScheduler extends Callback {
  /**
   * @param {Schedule | {schedule: Schedule, verbose?: number}} schedule gives the rate for an epoch
   * @param {number} [verbose] 1 prints the rate
   */
  constructor(schedule, verbose = 0) {
    super();
    const args = typeof schedule === 'function' ? { schedule, verbose } : { verbose, ...schedule };
    assert(typeof args.schedule === 'function', () => `LearningRateScheduler: expected schedule to be a function, but got ${args.schedule}`);
    this.schedule = args.schedule;
    this.verbose = args.verbose;
  }

  /** @override @param {number} epoch */
  onEpochBegin(epoch) {
    const { optimizer } = this.model;
    const rate = this.schedule(epoch, learningRateOf(optimizer));
    if (typeof rate !== 'number' || Number.isNaN(rate)) {
      throw valueError(`The output of the \`schedule\` function should be a float. Got: ${rate}`);
    }
    optimizer.learningRate = rate;
    if (this.verbose > 0) console.log(`\nEpoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${floatText(rate)}.`);
  }

  /** @override @param {number} _epoch @param {Logs} [logs] */
  onEpochEnd(_epoch, logs = {}) {
    logs.learning_rate = learningRateOf(this.model.optimizer);
  }
}

/**
 * @typedef {object} ReduceLROnPlateauArgs
 * @property {string} [monitor] 'val_loss' by default
 * @property {number} [factor] the new rate as a part of the old one, below 1; 0.1 by default
 * @property {number} [patience] epochs without improvement after which the rate is reduced; 10 by default
 * @property {number} [verbose] 1 prints the new rate
 * @property {Mode} [mode]
 * @property {number} [minDelta] smaller changes are no improvement; 1e-4 by default
 * @property {number} [cooldown] epochs after a reduction that are not counted; 0 by default
 * @property {number} [minLr] no rate below; 0 by default
 */

/** Reduces the learning rate when a loss or metric improves no more. */
export class ReduceLROnPlateau extends MonitorCallback {
  wait = 0;
  cooldownCounter = 0;

  /** @param {ReduceLROnPlateauArgs} [args] */
  constructor({ monitor, factor = 0.1, patience = 10, verbose = 0, mode, minDelta = 1e-4, cooldown = 0, minLr = 0 } = {}) {
    super(monitor, mode, null, minDelta);
    if (!(factor < 1)) throw valueError(`ReduceLROnPlateau does not support a factor >= 1.0. Received factor=${factor}`);
    this.factor = factor;
    this.patience = patience;
    this.verbose = verbose;
    this.cooldown = cooldown;
    this.minLr = minLr;
  }

  /** @override */
  onTrainBegin() {
    this.best = null;
    this.cooldownCounter = 0;
    this.wait = 0;
  }

  get inCooldown() {
    return this.cooldownCounter > 0;
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  onEpochEnd(epoch, logs = {}) {
    logs.learning_rate = learningRateOf(this.model.optimizer);
    const current = this.monitored(logs);
    if (current === undefined) {
      warn(`Learning rate reduction is conditioned on metric \`${this.monitor}\` which is not available. Available metrics are: ${namesOf(logs)}.`);
      return;
    }
    if (this.inCooldown) {
      this.cooldownCounter--;
      this.wait = 0;
    }
    if (this.isImprovement(current, this.best)) {
      this.best = current;
      this.wait = 0;
    } else if (!this.inCooldown && ++this.wait >= this.patience && this.#reduce(epoch)) {
      this.cooldownCounter = this.cooldown;
      this.wait = 0;
    }
  }

  /** @param {number} epoch */
  #reduce(epoch) {
    const { optimizer } = this.model;
    const old = learningRateOf(optimizer);
    if (old <= Math.fround(this.minLr)) return false;
    const rate = Math.max(old * this.factor, this.minLr);
    optimizer.learningRate = rate;
    if (this.verbose > 0) console.log(`\nEpoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${floatText(rate)}.`);
    return true;
  }
}
