/** tf.loadLayersModel, tf.models.modelFromJSON */
import { engine } from '../core/engine.js';
import { failure } from '../core/util.js';
import { dispose } from '../memory.js';
import { handlerFor } from '../io/io.js';
import { fromArtifacts } from '../io/manifest.js';
import { compileAsSaved, warnUncompiled } from '../train/training_config.js';
import { LayersModel } from './layers_model.js';
import { LoadedModel } from './loaded.js';
import { deserializeLayer } from './registry.js';
import { registeredClassNames } from './serialization.js';
import { tensorsOf } from './weight_data.js';

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
  const strict = options.strict ?? true;
  const custom = customClassesIn(json.modelTopology ?? json);
  try {
    const model = custom.length === 0 ? await loadNative(text, weights, strict) : loadCustom(text, json, weights, { custom, strict });
    model.userDefinedMetadata = json.userDefinedMetadata;
    await restoreTraining(model, json, weights);
    return model;
  } catch (error) {
    throw withWayOut(/** @type {Error} */ (error));
  }
}

/**
 * What can be done about a class that nobody knows.
 * @param {Error} error
 */
function withWayOut(error) {
  const [, name] = /the class (\S+) is unknown/.exec(error.message) ?? [];
  if (name === 'Lambda') {
    error.message += '. A Lambda is code in Python: write a layer that does the same, with static className = \'Lambda\', ' +
      'and tf.serialization.registerClass it before loading';
  } else if (name !== undefined) {
    error.message += `. Where it is a layer of your own, tf.serialization.registerClass(${name}) before loading`;
  }
  return error;
}

/** @param {string} text @param {Uint8Array | null} weights @param {boolean} strict */
async function loadNative(text, weights, strict) {
  return new LoadedModel(await engine.native.async.modelLoad(text, weights, JSON.stringify({ strict }))).toModel();
}

/**
 * Classes that registerClass brought and a topology's layers name: those of its training do not change how it predicts.
 * @param {any} topology
 * @returns {string[]}
 */
function customClassesIn(topology) {
  const registered = new Set(registeredClassNames());
  if (registered.size === 0) return [];
  const found = new Set();
  const waiting = [topology?.model_config ?? topology];
  while (waiting.length > 0) {
    const value = /** @type {any} */ (waiting.pop());
    if (value === null || typeof value !== 'object') continue;
    const name = value.class_name;
    if (typeof name === 'string' && registered.has(name)) found.add(name);
    for (const inside of Object.values(value)) waiting.push(inside);
  }
  return [...found];
}

/** @typedef {{custom: string[], strict: boolean}} CustomOptions */

/**
 * A model with classes of JavaScript: its layers are made here.
 * @param {string} text
 * @param {any} json
 * @param {Uint8Array | null} weights
 * @param {CustomOptions} options
 */
function loadCustom(text, json, weights, { custom, strict }) {
  const model = modelOf(engine.native.topology(text, JSON.stringify({ custom })));
  try {
    if (weights !== null) engine.scoped('loadWeights', () => model.loadWeights(Object.fromEntries(
      tensorsOf(json.weightsManifest, weights).map(({ name, tensor }) => [name, tensor])), strict));
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/**
 * Compiles a model as it was when it was saved, with its optimizer where that was. What a file of Keras says waits until somebody asks. A model
 * whose training is not known predicts all the same.
 * @param {LayersModel} model
 * @param {any} json
 * @param {Uint8Array | null} weights
 */
async function restoreTraining(model, json, weights) {
  const ofKeras = json.modelTopology?.training_config ?? null;
  /** @type {ReturnType<typeof tensorsOf>} */
  let kept = [];
  try {
    if (weights !== null) kept = tensorsOf(json.weightsManifest, weights, true);
    if (json.trainingConfig == null && kept.length === 0) {
      if (ofKeras !== null) model.compileLater(ofKeras);
    } else if (compileAsSaved(model, json.trainingConfig ?? ofKeras) && kept.length > 0) {
      await model.optimizer.setWeights(kept);
    }
  } catch (error) {
    model.uncompile();
    warnUncompiled(model, error);
  } finally {
    dispose(kept);
  }
}

/** @param {string} topology in the normal form */
function modelOf(topology) {
  const model = deserializeLayer(JSON.parse(topology));
  if (!(model instanceof LayersModel)) throw failure('FORMAT', `Expected a model, got a ${model.getClassName()}`);
  return model;
}

/**
 * Makes a model from what toJSON has written; its weights start as its initializers say.
 * @param {any} modelAndWeightsConfig the topology, or {modelTopology}
 * @returns {Promise<LayersModel>}
 */
async function modelFromJSON(modelAndWeightsConfig) {
  const given = typeof modelAndWeightsConfig === 'string' ? JSON.parse(modelAndWeightsConfig) : modelAndWeightsConfig;
  const topology = given.modelTopology ?? given;
  const custom = customClassesIn(topology);
  try {
    return modelOf(engine.native.topology(JSON.stringify(topology.model_config ?? topology), JSON.stringify({ custom })));
  } catch (error) {
    throw withWayOut(/** @type {Error} */ (error));
  }
}

/** tf.models */
export const models = { modelFromJSON };
