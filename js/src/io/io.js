/** tf.io: where models come from and go to. */
import { pathsAreFiles } from '#platform';
import { assert } from '../core/util.js';
import { getModelArtifactsForJSON, getModelArtifactsForJSONSync, getModelArtifactsInfoForJSON, getWeightSpecs } from './artifacts.js';
import { registerBrowserStores } from './browser_stores.js';
import { CompositeArrayBuffer, concatenateArrayBuffers } from './buffers.js';
import { registerDownloads } from './downloads.js';
import { decodeWeights, decodeWeightsStream, encodeWeights } from './encoding.js';
import { browserFiles, fileSystem, registerFiles } from './files.js';
import { http, isHTTPScheme, registerHTTP } from './http.js';
import { fromMemory, fromMemorySync, withSaveHandler, withSaveHandlerSync } from './memory.js';
import { getLoadHandlers, getSaveHandlers, registerLoadRouter, registerSaveRouter } from './routers.js';
import { copyModel, listModels, moveModel, removeModel } from './stores.js';
import { loadWeights, weightsLoaderFactory } from './weights.js';

/** @import { LoadOptions } from './http.js' */
/** @typedef {import('./routers.js').IOHandler} IOHandler */

registerHTTP();
registerFiles();
registerBrowserStores();
registerDownloads();

/**
 * The handler for what a model is loaded from.
 * @param {string | IOHandler} source
 * @param {LoadOptions} options
 * @returns {IOHandler & {load: NonNullable<IOHandler['load']>}}
 */
export function handlerFor(source, options) {
  if (typeof source !== 'string') {
    assert(typeof source?.load === 'function',
      () => 'Cannot proceed with model loading because the IOHandler provided does not have the `load` method implemented.');
    return /** @type {any} */ (source);
  }
  const handlers = getLoadHandlers(source, options);
  assert(handlers.length <= 1, () => `Found more than one (${handlers.length}) load handlers for URL '${source}'`);
  if (handlers.length === 1) return handlerFor(handlers[0], options);
  return pathsAreFiles && options.fetchFunc === undefined && !/^(blob|data):/i.test(source) ? fileSystem(source, options) : http(source, options);
}

/**
 * The handler for what a model is saved to.
 * @param {string | IOHandler} target
 * @returns {IOHandler & {save: NonNullable<IOHandler['save']>}}
 */
export function saveHandlerFor(target) {
  if (typeof target !== 'string') {
    assert(typeof target?.save === 'function',
      () => 'LayersModel.save() cannot proceed because the IOHandler provided does not have the `save` attribute defined.');
    return /** @type {any} */ (target);
  }
  const handlers = getSaveHandlers(target);
  assert(handlers.length > 0, () => `Cannot find any save handlers for URL '${target}'`, 'NOT_FOUND');
  assert(handlers.length === 1, () => `Found more than one (${handlers.length}) save handlers for URL '${target}'`);
  return saveHandlerFor(handlers[0]);
}

export const io = {
  CompositeArrayBuffer, browserFiles, browserHTTPRequest: http, concatenateArrayBuffers, copyModel, decodeWeights, decodeWeightsStream, encodeWeights,
  fileSystem, fromMemory, fromMemorySync, getLoadHandlers, getModelArtifactsForJSON, getModelArtifactsForJSONSync, getModelArtifactsInfoForJSON,
  getSaveHandlers, getWeightSpecs, http, isHTTPScheme, listModels, loadWeights, moveModel, registerLoadRouter, registerSaveRouter, removeModel,
  weightsLoaderFactory, withSaveHandler, withSaveHandlerSync,
};
