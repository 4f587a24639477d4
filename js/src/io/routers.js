/** Who loads and saves models at a URL: every router is asked, and answers with a handler or null. */

/** @import { LoadedModel, ModelArtifacts } from './manifest.js' */
/** @import { SaveResult } from './artifacts.js' */
/** @import { LoadOptions } from './http.js' */

/**
 * @typedef {object} IOHandler
 * @property {() => ModelArtifacts | Promise<ModelArtifacts>} [load]
 * @property {() => Promise<LoadedModel>} [loadModel] load without the way through artifacts; our own handlers have it
 * @property {(artifacts: ModelArtifacts) => SaveResult | Promise<SaveResult>} [save]
 */
/** @typedef {(url: string | string[], options?: LoadOptions) => IOHandler | null} IORouter */

/** @type {IORouter[]} */
const loadRouters = [];
/** @type {IORouter[]} */
const saveRouters = [];

/**
 * Adds a scheme of URLs that models are loaded from.
 * @param {IORouter} loadRouter answers null for URLs that are not its own
 */
export function registerLoadRouter(loadRouter) {
  loadRouters.push(loadRouter);
}

/**
 * Adds a scheme of URLs that models are saved to.
 * @param {IORouter} saveRouter answers null for URLs that are not its own
 */
export function registerSaveRouter(saveRouter) {
  saveRouters.push(saveRouter);
}

/** @param {IORouter[]} routers @param {string | string[]} url @param {LoadOptions} [options] @returns {IOHandler[]} */
function handlersOf(routers, url, options) {
  return routers.map(router => router(url, options)).filter(handler => handler !== null);
}

/**
 * The handlers that can load from a URL.
 * @param {string | string[]} url
 * @param {LoadOptions} [options]
 */
export function getLoadHandlers(url, options) {
  return handlersOf(loadRouters, url, options);
}

/**
 * The handlers that can save to a URL.
 * @param {string | string[]} url
 */
export function getSaveHandlers(url) {
  return handlersOf(saveRouters, url);
}
