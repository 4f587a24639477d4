/** Ends training when a loss or metric improves no more. Keras: keras/src/callbacks/early_stopping.py. */
import { MonitorCallback, namesOf, warn } from './monitor.js';
import { copyOf, putBack, variablesOf } from './weights.js';

/** @import { Logs } from './callback.js' */
/** @import { Mode } from './monitor.js' */
/** @import { Copies } from './weights.js' */

/**
 * @typedef {object} EarlyStoppingCallbackArgs
 * @property {string} [monitor] 'val_loss' by default
 * @property {number} [minDelta] smaller changes are no improvement; 0 by default
 * @property {number} [patience] epochs without improvement after which training ends; 0 by default
 * @property {number} [verbose] 1 prints when training ends
 * @property {Mode} [mode]
 * @property {number | null} [baseline] training ends too if the value does not become better than this
 * @property {boolean} [restoreBestWeights] gives the model the weights of its best epoch when training ends
 * @property {number} [startFromEpoch] epochs before are not looked at; 0 by default
 */

export class EarlyStopping extends MonitorCallback {
  wait = 0;
  stoppedEpoch = 0;
  bestEpoch = 0;
  /** @type {Copies | null} */
  #bestWeights = null;

  /** @param {EarlyStoppingCallbackArgs} [args] */
  constructor({ monitor, minDelta, patience = 0, verbose = 0, mode, baseline = null, restoreBestWeights = false, startFromEpoch = 0 } = {}) {
    super(monitor, mode, null, minDelta);
    this.patience = patience;
    this.verbose = verbose;
    this.baseline = baseline;
    this.restoreBestWeights = restoreBestWeights;
    this.startFromEpoch = startFromEpoch;
  }

  /** @override */
  onTrainBegin() {
    this.wait = 0;
    this.stoppedEpoch = 0;
    this.bestEpoch = 0;
    this.best = null;
    this.#bestWeights = null;
  }

  /** @override @param {number} epoch @param {Logs} [logs] */
  async onEpochEnd(epoch, logs) {
    const current = this.monitored(logs);
    if (current === undefined) {
      warn(`Early stopping conditioned on metric \`${this.monitor}\` which is not available. Available metrics are: ${namesOf(logs)}`);
      return;
    }
    if (epoch < this.startFromEpoch) return;
    if (this.restoreBestWeights && this.#bestWeights === null) await this.#keepWeights(epoch);
    this.wait++;
    if (this.isImprovement(current, this.best)) {
      this.best = current;
      await this.#keepWeights(epoch);
      // waiting begins anew only where the baseline was beaten too
      if (this.baseline === null || this.isImprovement(current, this.baseline)) this.wait = 0;
    } else if (this.wait >= this.patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  /** @param {number} epoch */
  async #keepWeights(epoch) {
    this.bestEpoch = epoch;
    if (this.restoreBestWeights) this.#bestWeights = await copyOf(variablesOf(this.model));
  }

  /** @override */
  onTrainEnd() {
    if (this.stoppedEpoch > 0 && this.verbose > 0) console.log(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (this.#bestWeights === null) return;
    if (this.verbose > 0) console.log(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    putBack(this.#bestWeights);
    this.#bestWeights = null;
  }
}
