/** tf.io: where models come from. */
import { pathsAreFiles } from '#platform';
import { assert } from '../core/util.js';
import { browserFiles, fileSystem } from './files.js';
import { HTTPRequest } from './http.js';

/** @import { LoadOptions } from './http.js' */
/** @import { ModelArtifacts, LoadedModel } from './manifest.js' */

/** @typedef {{load: () => ModelArtifacts | Promise<ModelArtifacts>, loadModel?: () => Promise<LoadedModel>}} IOHandler */
/** @typedef {(url: string | string[], options?: LoadOptions) => IOHandler | null} IORouter */

/** @type {IORouter[]} */
const loadRouters = [];

/**
 * Adds a scheme of URLs that loadLayersModel takes.
 * @param {IORouter} router answers null for URLs that are not its own
 */
function registerLoadRouter(router) {
  loadRouters.push(router);
}

/**
 * The handlers of registered routers for a URL.
 * @param {string} url
 * @param {LoadOptions} [options]
 */
function getLoadHandlers(url, options) {
  return loadRouters.map(router => router(url, options)).filter(handler => handler !== null);
}

/** @param {string} url */
function isHTTPScheme(url) {
  return /^https?:\/\//i.test(url);
}

/**
 * A handler for a URL.
 * @param {string} path
 * @param {LoadOptions} [options]
 */
function http(path, options) {
  return new HTTPRequest(path, options);
}

/**
 * A handler for artifacts that are in memory already.
 * @param {ModelArtifacts} modelArtifacts
 * @returns {IOHandler & {load: () => Promise<ModelArtifacts>}}
 */
function fromMemory(modelArtifacts) {
  return { load: async () => modelArtifacts };
}

/**
 * The handler for what loadLayersModel was given.
 * @param {string | IOHandler} source
 * @param {LoadOptions} options
 * @returns {IOHandler}
 */
export function handlerFor(source, options) {
  if (typeof source !== 'string') {
    assert(typeof source?.load === 'function',
      () => 'Cannot proceed with model loading because the IOHandler provided does not have the `load` method implemented.');
    return source;
  }
  const handlers = getLoadHandlers(source, options);
  assert(handlers.length <= 1, () => `Found more than one (${handlers.length}) load handlers for URL '${source}'`);
  if (handlers.length === 1) return handlers[0];
  const isFile = /^file:/i.test(source) || (pathsAreFiles && !isHTTPScheme(source) && !/^(blob|data):/i.test(source));
  return isFile && options.fetchFunc === undefined ? fileSystem(source, options) : http(source, options);
}

export const io = { http, browserHTTPRequest: http, fileSystem, browserFiles, fromMemory, registerLoadRouter, getLoadHandlers, isHTTPScheme };
