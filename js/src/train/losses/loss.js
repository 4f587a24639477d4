/** Loss: what training makes smaller. Keras: keras/src/losses/loss.py */
import { castTo, convertToTensor } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { layerError } from '../../layers/errors.js';
import { Serializable } from '../../layers/serialization.js';
import { uniqueName, toSnakeCase } from '../../layers/names.js';
import { joinMasks, reduceWeighted, standardizeReduction, toSameRank } from './reduce.js';

/** @import { Tensor } from '../../core/tensor.js' */
/** @import { TensorLike } from '../../core/convert.js' */

/** What a loss finds for the samples, and which of them count. @typedef {{values: Tensor, mask: Tensor | null}} SampleLosses */

/**
 * Of float32 tensors (labels, predictions) and options: a tensor with a loss for each sample, or that with a mask.
 * @typedef {(yTrue: Tensor, yPred: Tensor, options: any) => Tensor | SampleLosses} LossFunction
 */

/** @typedef {{reduction?: string | null, name?: string | null, dtype?: unknown}} LossArgs */

/** What training makes smaller. To be subclassed with a `call`. */
export class Loss extends Serializable {
  static className = 'Loss';

  /** @param {LossArgs} [args] */
  constructor({ reduction, name } = {}) {
    super();
    this.reduction = standardizeReduction(reduction);
    this.name = name ?? uniqueName(toSnakeCase(this.getClassName()));
  }

  /**
   * A loss for each sample.
   * @param {Tensor} _yTrue float32
   * @param {Tensor} _yPred float32
   * @returns {Tensor} mostly [batch, ...] without the last axis
   */
  call(_yTrue, _yPred) {
    throw layerError('NotImplementedError', `${this.getClassName()} has no call()`);
  }

  /**
   * A loss for each sample, and which of them count.
   * @param {Tensor} yTrue
   * @param {Tensor} yPred
   * @returns {SampleLosses}
   */
  callWithMask(yTrue, yPred) {
    return { values: this.call(yTrue, yPred), mask: null };
  }

  /**
   * The loss of a batch.
   * @param {TensorLike} yTrue labels
   * @param {TensorLike} yPred predictions
   * @param {TensorLike | null} [sampleWeight] a factor for each sample's loss
   * @param {TensorLike | null} [mask] of the predictions: which samples (or steps) count
   * @returns {Tensor} a scalar; with reduction 'none', one for each sample
   */
  compute(yTrue, yPred, sampleWeight = null, mask = null) {
    return engine.scoped(this.name, () => {
      const [labels, predictions, weights] = [yTrue, yPred, sampleWeight].map((value, i) =>
        (value === null ? null : castTo(convertToTensor(value, ['yTrue', 'yPred', 'sampleWeight'][i], this.name), 'float32')));
      const found = this.callWithMask(/** @type {Tensor} */ (labels), /** @type {Tensor} */ (predictions));
      const given = mask === null ? null : convertToTensor(mask, 'mask', this.name);
      return reduceWeighted(castTo(found.values, 'float32'), weights, joinMasks(given, found.mask), this.reduction);
    });
  }

  /** @override @returns {Record<string, any>} */
  getConfig() {
    return { name: this.name, reduction: this.reduction };
  }
}

/** A function (yTrue, yPred, options) of one number a sample, as a Loss. */
export class LossFunctionWrapper extends Loss {
  static className = 'LossFunctionWrapper';

  /**
   * @param {LossFunction} fn
   * @param {LossArgs} [args]
   * @param {Record<string, any>} [options] for the function
   */
  constructor(fn, args = {}, options = {}) {
    super({ ...args, name: args.name ?? (fn.name || 'loss') });
    this.fn = fn;
    this.options = options;
  }

  /** @override @param {Tensor} yTrue @param {Tensor} yPred */
  callWithMask(yTrue, yPred) {
    const found = this.fn(...toSameRank(yTrue, yPred), this.options);
    return 'values' in found ? found : { values: found, mask: null };
  }

  /** @override @param {Tensor} yTrue @param {Tensor} yPred */
  call(yTrue, yPred) {
    return engine.scoped(this.name, () => this.callWithMask(yTrue, yPred).values);
  }
}
