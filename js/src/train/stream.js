/** One batch of a dataset, a generator or an iterator: {xs, ys, sampleWeight} as TensorFlow.js has it, or [x, y, sampleWeight] as Keras does. */
import { valueError } from '../layers/errors.js';
import { standardizeData } from './data.js';

/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { Batch } from './step.js' */

/**
 * @param {any} value
 * @returns {{x: any, y: any, sampleWeight: any}}
 */
function partsOf(value) {
  if (Array.isArray(value)) {
    if (value.length < 1 || value.length > 3) {
      throw valueError(`A batch is expected to be [x, y] or [x, y, sampleWeight], but got ${value.length} elements`);
    }
    return { x: value[0], y: value[1], sampleWeight: value[2] };
  }
  if (value !== null && typeof value === 'object' && value.xs != null) {
    return { x: value.xs, y: value.ys, sampleWeight: value.sampleWeight ?? value.weights };
  }
  throw valueError('A Dataset iterator for fitDataset() is expected to generate objects of the form `{xs: xVal, ys: yVal}`, ' +
    'where the two values may be ' +
    `\`tf.Tensor\`, an array of Tensors, or a map of string to Tensor.  The provided Dataset instead generates ${value}`);
}

/**
 * @param {LayersModel} model
 * @param {any} [classWeight]
 * @returns {(value: any) => Batch}
 */
export function streamReader(model, classWeight) {
  return value => standardizeData(model, model.trainingState.settings, { ...partsOf(value), classWeight });
}
