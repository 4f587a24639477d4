/** Models from and to functions and objects in memory. */
import { assert } from '../core/util.js';

/** @import { Bytes } from './buffers.js' */
/** @import { ModelArtifacts, WeightSpec } from './manifest.js' */
/** @import { SaveResult } from './artifacts.js' */

const DEPRECATED = 'Please call tf.io.fromMemory() with only one argument. The argument should be of type ModelArtifacts. The multi-argument ' +
  'signature of tf.io.fromMemory() has been deprecated and will be removed in a future release.';

/**
 * @param {any} modelArtifacts ModelArtifacts, or a topology with the other arguments
 * @param {[WeightSpec[]?, (Bytes | Bytes[])?, any?]} rest
 * @returns {ModelArtifacts}
 */
function artifactsFrom(modelArtifacts, rest) {
  assert(modelArtifacts != null, () => 'tf.io.fromMemory: expected ModelArtifacts');
  if (rest.length === 0 && (modelArtifacts.modelTopology != null || modelArtifacts.weightSpecs != null)) return modelArtifacts;
  console.warn(DEPRECATED);
  if (rest.length === 0) return { modelTopology: modelArtifacts };
  const [weightSpecs, weightData, trainingConfig] = rest;
  return { modelTopology: modelArtifacts, weightSpecs, weightData: /** @type {any} */ (weightData), trainingConfig };
}

/**
 * A handler for artifacts that are in memory already.
 * @param {ModelArtifacts} modelArtifacts
 * @param {[WeightSpec[]?, (Bytes | Bytes[])?, any?]} rest weightSpecs, weightData, trainingConfig: deprecated
 * @returns {{load: () => Promise<ModelArtifacts>}}
 */
export function fromMemory(modelArtifacts, ...rest) {
  const artifacts = artifactsFrom(modelArtifacts, rest);
  return { load: async () => artifacts };
}

/**
 * The same; its load is synchronous.
 * @param {ModelArtifacts} modelArtifacts
 * @param {[WeightSpec[]?, (Bytes | Bytes[])?, any?]} rest weightSpecs, weightData, trainingConfig: deprecated
 * @returns {{load: () => ModelArtifacts}}
 */
export function fromMemorySync(modelArtifacts, ...rest) {
  const artifacts = artifactsFrom(modelArtifacts, rest);
  return { load: () => artifacts };
}

/**
 * A handler that gives the artifacts of a saved model to a function.
 * @param {(artifacts: ModelArtifacts) => Promise<SaveResult>} saveHandler
 */
export function withSaveHandler(saveHandler) {
  return { save: (/** @type {ModelArtifacts} */ artifacts) => saveHandler(artifacts) };
}

/**
 * The same for a synchronous function.
 * @param {(artifacts: ModelArtifacts) => SaveResult} saveHandler
 */
export function withSaveHandlerSync(saveHandler) {
  return { save: (/** @type {ModelArtifacts} */ artifacts) => saveHandler(artifacts) };
}
