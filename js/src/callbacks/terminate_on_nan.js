/** Ends training when a loss is no number any more. Keras: keras/src/callbacks/terminate_on_nan.py. */
import { layerError } from '../layers/errors.js';
import { Callback } from './callback.js';
import { floatText } from './python_format.js';

/** @import { Logs } from './callback.js' */

export class TerminateOnNaN extends Callback {
  /** @param {{raiseError?: boolean}} [args] raiseError throws at once, so that no onTrainEnd is called, instead of ending training */
  constructor({ raiseError = false } = {}) {
    super();
    this.raiseError = raiseError;
  }

  /** @override @param {number} batch @param {Logs} [logs] */
  onBatchEnd(batch, logs) {
    const loss = logs?.loss;
    if (loss === undefined || Number.isFinite(loss)) return;
    if (this.raiseError) {
      throw layerError('RuntimeError', `NaN or Inf loss encountered at batch ${batch}. Loss value: ${floatText(loss)}. Terminating training ` +
        'immediately.');
    }
    console.log(`Batch ${batch}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }
}
