/** Places that keep models under names and can list them: a manager for each scheme. */
import { assert, failure } from '../core/util.js';
import { getLoadHandlers, getSaveHandlers } from './routers.js';

/** @import { ModelArtifactsInfo } from './artifacts.js' */

/**
 * @typedef {object} ModelStoreManager
 * @property {() => Promise<Record<string, ModelArtifactsInfo>>} listModels by path, without the scheme
 * @property {(path: string) => Promise<ModelArtifactsInfo>} removeModel
 */

const SCHEME_END = '://';

/** @type {Map<string, ModelStoreManager>} */
const managers = new Map();

/**
 * @param {string} scheme with or without "://"
 * @param {ModelStoreManager} manager
 */
export function registerManager(scheme, manager) {
  assert(scheme != null, () => 'scheme must not be undefined or null.');
  const [name] = scheme.split(SCHEME_END);
  assert(name.length > 0, () => 'scheme must not be an empty string.');
  assert(!managers.has(name), () => `A model store manager is already registered for scheme '${name}'.`);
  managers.set(name, manager);
}

/** @param {string} scheme */
function managerOf(scheme) {
  const manager = managers.get(scheme);
  if (manager === undefined) throw failure('NOT_FOUND', `Cannot find model manager for scheme '${scheme}'`);
  return manager;
}

/** @param {string} url */
function splitURL(url) {
  const at = url.indexOf(SCHEME_END);
  assert(at >= 0, () => `The url string provided does not contain a scheme. Supported schemes are: ${[...managers.keys()].join(',')}`);
  return { scheme: url.slice(0, at), path: url.slice(at + SCHEME_END.length) };
}

/**
 * All models that stores keep, by URL.
 * @returns {Promise<Record<string, ModelArtifactsInfo>>}
 */
export async function listModels() {
  /** @type {Record<string, ModelArtifactsInfo>} */
  const all = {};
  for (const [scheme, manager] of managers) {
    for (const [path, info] of Object.entries(await manager.listModels())) all[scheme + SCHEME_END + path] = info;
  }
  return all;
}

/**
 * Removes a model from the store that its URL names.
 * @param {string} url
 */
export async function removeModel(url) {
  const { scheme, path } = splitURL(url);
  return managerOf(scheme).removeModel(path);
}

/**
 * @param {string} sourceURL
 * @param {string} destURL
 * @param {'load' | 'save'} way
 */
function onlyHandler(sourceURL, destURL, way) {
  const [handlers, end, url] = way === 'load' ? [getLoadHandlers(sourceURL), 'source', sourceURL]
    : [getSaveHandlers(destURL), 'destination', destURL];
  assert(handlers.length > 0, () => `Copying failed because no ${way} handler is found for ${end} URL ${url}.`);
  assert(handlers.length < 2, () => `Copying failed because more than one (${handlers.length}) ${way} handlers for ${end} URL ${url}.`);
  return handlers[0];
}

/**
 * Copies a model from one URL to another.
 * @param {string} sourceURL
 * @param {string} destURL
 * @returns {Promise<ModelArtifactsInfo>}
 */
export async function copyModel(sourceURL, destURL) {
  assert(sourceURL !== destURL, () => `Old path and new path are the same: '${sourceURL}'`);
  const source = onlyHandler(sourceURL, destURL, 'load');
  const target = onlyHandler(sourceURL, destURL, 'save');
  const { modelArtifactsInfo } = await /** @type {any} */ (target).save(await /** @type {any} */ (source).load());
  return modelArtifactsInfo;
}

/**
 * Copies a model and then removes it from where it was, which must be a store that can.
 * @param {string} sourceURL
 * @param {string} destURL
 */
export async function moveModel(sourceURL, destURL) {
  const { scheme, path } = splitURL(sourceURL);
  const manager = managerOf(scheme);
  const info = await copyModel(sourceURL, destURL);
  await manager.removeModel(path);
  return info;
}
