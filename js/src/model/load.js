/** tf.loadLayersModel */
import { engine } from '../core/engine.js';
import { handlerFor } from '../io/io.js';
import { fromArtifacts } from '../io/manifest.js';
import { LayersModel } from './layers_model.js';

/** @import { IOHandler } from '../io/io.js' */
/** @import { LoadOptions } from '../io/http.js' */

/**
 * Loads a model that Keras wrote and a converter or TensorFlow.js saved as model.json and its shards.
 * @param {string | IOHandler} pathOrIOHandler a URL, in Node a path too, or an object with a load method
 * @param {LoadOptions} [options]
 * @returns {Promise<LayersModel>}
 */
export async function loadLayersModel(pathOrIOHandler, options = {}) {
  const handler = handlerFor(pathOrIOHandler, options);
  const { text, json, weights } = handler.loadModel ? await handler.loadModel() : fromArtifacts(await handler.load());
  options.signal?.throwIfAborted();
  const model = await engine.native.async.modelLoad(text, weights, JSON.stringify({ strict: options.strict ?? true }));
  return new LayersModel(model, json.userDefinedMetadata);
}
