/**
 * Prints how training, testing and predicting go on. Keras: keras/src/callbacks/progbar_logger.py. With verbose 1, a terminal has a bar, a file
 * or a pipe a line for each epoch, and a browser's console nothing, as TensorFlow.js has it; with verbose 2, all have a line.
 */
import { output } from '#platform';
import { Callback } from './callback.js';
import { Progbar } from './progbar.js';

/** @import { Logs, Params } from './callback.js' */

/** @param {Params['verbose']} verbose */
export const verbosityOf = verbose => (verbose === 'auto' || verbose === true ? 1 : Number(verbose ?? 1));

export class ProgbarLogger extends Callback {
  #seen = 0;
  /** @type {Progbar | null} */
  #progbar = null;
  /** @type {number | null} */
  #target = null;
  #verbose = 1;
  #epochs = 1;
  #isInFit = false;

  /** @param {{write?: (text: string) => void, isTerminal?: boolean}} [args] where to print; stdout or the console by default */
  constructor({ write = output.write, isTerminal = output.isTerminal } = {}) {
    super();
    this.write = write;
    this.isTerminal = isTerminal;
    this.isSilent = output.isConsole && write === output.write;
  }

  /** @override @param {Params} params */
  setParams(params) {
    super.setParams(params);
    const verbose = verbosityOf(params.verbose);
    this.#verbose = verbose === 1 && this.isSilent ? 0 : verbose;
    this.#epochs = params.epochs ?? 1;
    this.#target = params.steps ?? null;
  }

  /** Validation is silent within fit. @override */
  onTrainBegin() {
    this.#isInFit = true;
  }

  /** @override @param {number} epoch */
  onEpochBegin(epoch) {
    this.#begin();
    if (this.#verbose > 0 && this.#epochs > 1) this.write(`Epoch ${epoch + 1}/${this.#epochs}\n`);
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onTrainBatchEnd(batch, logs) {
    this.#update(batch, logs);
  }

  /** @override @param {number} _epoch @param {Logs} [logs] */
  onEpochEnd(_epoch, logs) {
    this.#end(logs);
  }

  /** @override */
  onTestBegin() {
    if (!this.#isInFit) this.#begin();
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onTestBatchEnd(batch, logs) {
    if (!this.#isInFit) this.#update(batch, logs);
  }

  /** @override @param {Logs} [logs] */
  onTestEnd(logs) {
    if (!this.#isInFit) this.#end(logs);
  }

  /** @override */
  onPredictBegin() {
    this.#begin();
  }

  /** @override @param {number} batch */
  onPredictBatchEnd(batch) {
    this.#update(batch);
  }

  /** @override */
  onPredictEnd() {
    this.#end();
  }

  #begin() {
    this.#seen = 0;
    this.#progbar = new Progbar({ target: this.#target, verbose: this.#verbose, isTerminal: this.isTerminal, write: this.write });
  }

  /** @param {number} batch @param {Logs} [logs] */
  #update(batch, logs = {}) {
    this.#seen = batch + 1;
    this.#progbar?.update(this.#seen, logs, false);
  }

  /** How many steps an epoch has is known after the first. @param {Logs} [logs] */
  #end(logs = {}) {
    if (this.#progbar === null) return;
    this.#target ??= this.#seen;
    this.#progbar.target = this.#target;
    this.#progbar.update(this.#target, logs, true);
  }
}
