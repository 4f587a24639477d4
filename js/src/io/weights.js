/** tf.io.loadWeights: the weights of a manifest without a model, all or some. */
import { assert, failure } from '../core/util.js';
import { env } from '../environment.js';
import { CompositeArrayBuffer } from './buffers.js';
import { decodeWeights } from './encoding.js';
import { groupBytes } from './manifest.js';

/** @import { NamedTensorMap } from './encoding.js' */
/** @import { WeightGroup } from './manifest.js' */

/** @param {WeightGroup[]} manifest @param {string[]} names */
function assertFound(manifest, names) {
  const known = manifest.flatMap(({ weights }) => weights.map(({ name }) => name));
  const missing = names.filter(name => !known.includes(name));
  if (missing.length === 0) return;
  throw failure('NOT_FOUND', `Could not find weights in manifest with names: ${missing.join(', ')}. \n` +
    `Manifest JSON has weights with names: ${known.join(', ')}.`);
}

/**
 * The weights of one group that are wanted. Each is read by itself, so that the others cost nothing.
 * @param {WeightGroup} group
 * @param {ArrayBuffer[]} shards
 * @param {(name: string) => boolean} isWanted
 */
function decodeGroup(group, shards, isWanted) {
  const data = new CompositeArrayBuffer(shards);
  let offset = 0;
  return group.weights.map(spec => {
    const start = offset;
    offset += groupBytes({ paths: [], weights: [spec] });
    return isWanted(spec.name) ? decodeWeights(data.slice(start, offset), [spec]) : {};
  });
}

/**
 * A function that loads weights, from one that fetches the bytes of URLs.
 * @param {(fetchUrls: string[]) => Promise<ArrayBuffer[]>} fetchWeightsFunction
 */
export function weightsLoaderFactory(fetchWeightsFunction) {
  /**
   * @param {WeightGroup[]} manifest
   * @param {string} [filePathPrefix] the folder of the shards
   * @param {string[]} [weightNames] those that are wanted; all where left out
   * @returns {Promise<NamedTensorMap>}
   */
  return async (manifest, filePathPrefix = '', weightNames) => {
    if (weightNames != null) assertFound(manifest, weightNames);
    const isWanted = (/** @type {string} */ name) => weightNames == null || weightNames.includes(name);
    const groups = manifest.filter(({ weights }) => weights.some(({ name }) => isWanted(name)));
    const prefix = filePathPrefix === '' || filePathPrefix.endsWith('/') ? filePathPrefix : `${filePathPrefix}/`;
    const buffers = await fetchWeightsFunction(groups.flatMap(({ paths }) => paths.map(path => prefix + path)));
    let at = 0;
    return Object.assign({}, ...groups.flatMap(group => {
      const shards = buffers.slice(at, at + group.paths.length);
      at += group.paths.length;
      return decodeGroup(group, shards, isWanted);
    }));
  };
}

/**
 * Loads the weights of a manifest.
 * @param {WeightGroup[]} manifest
 * @param {string} [filePathPrefix] the folder of the shards
 * @param {string[]} [weightNames] those that are wanted; all where left out
 * @param {RequestInit} [requestInit] of each request
 * @returns {Promise<NamedTensorMap>}
 */
export function loadWeights(manifest, filePathPrefix = '', weightNames, requestInit) {
  const load = weightsLoaderFactory(urls => Promise.all(urls.map(async url => {
    const response = await env().platform.fetch(url, requestInit, { isBinary: true });
    assert(response.ok, () => `Request to ${url} for weights failed with status code ${response.status}.`, 'NOT_FOUND');
    return response.arrayBuffer();
  })));
  return load(manifest, filePathPrefix, weightNames);
}
