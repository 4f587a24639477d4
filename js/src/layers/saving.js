/** model.save: a model's topology and weights, as TensorFlow.js 4.22 writes them. */
import { CompositeArrayBuffer } from '../io/buffers.js';
import { Variable } from '../core/tensor.js';
import { encodeWeights } from '../io/encoding.js';
import { saveHandlerFor } from '../io/io.js';

/** @import { IOHandler } from '../io/io.js' */
/** @import { ModelArtifacts } from '../io/manifest.js' */
/** @import { LayersModel } from './layers_model.js' */

/**
 * @typedef {object} SaveConfig
 * @property {boolean} [trainableOnly] leaves out weights that are not trained
 * @property {boolean} [includeOptimizer] how it is trained, and the optimizer's weights, are saved too
 */

/**
 * @param {LayersModel} model
 * @param {SaveConfig} config
 * @returns {Promise<ModelArtifacts>}
 */
async function artifactsOf(model, { trainableOnly = false, includeOptimizer = false }) {
  const weights = trainableOnly ? model.trainableWeights : model.weights;
  const encoded = [await encodeWeights(weights.map(weight => ({ name: weight.originalName, tensor: weight.read() })))];
  const { optimizer, userDefinedMetadata } = model;
  const isCompiled = includeOptimizer && optimizer != null;
  if (isCompiled) {
    const kept = await optimizer.getWeights();
    encoded.push(await encodeWeights(kept, 'optimizer'));
    for (const { tensor } of kept) if (!(tensor instanceof Variable)) tensor.dispose(); // made for the file: the count
  }
  return {
    modelTopology: model.toJSON(null, false),
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0', // whose format and defaults it has: model.json is TensorFlow.js's to the letter
    convertedBy: null,
    ...(isCompiled && { trainingConfig: model.getTrainingConfig() }),
    ...(userDefinedMetadata != null && { userDefinedMetadata }),
    weightData: CompositeArrayBuffer.join(encoded.map(({ data }) => data)),
    weightSpecs: encoded.flatMap(({ specs }) => specs),
  };
}

/**
 * Saves a model's topology and weights.
 * @param {LayersModel} model
 * @param {string | IOHandler} target
 * @param {SaveConfig} [config]
 */
export async function saveModel(model, target, config = {}) {
  return saveHandlerFor(target).save(await artifactsOf(model, config));
}
