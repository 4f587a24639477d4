/** A model.json's weightsManifest: what it promises, checked before a byte of weights is fetched. */
import { assert, failure } from '../core/util.js';
import { getModelArtifactsForJSONSync, getWeightSpecs } from './artifacts.js';
import { bytesOf } from './buffers.js';
import { parseJSON } from './json.js';

/**
 * @typedef {object} WeightSpec
 * @property {string} name
 * @property {number[]} shape
 * @property {string} dtype
 * @property {string} [group] 'model' or 'optimizer'
 * @property {{dtype: string, scale?: number, min?: number, original_dtype?: string}} [quantization]
 */

/** @import { Bytes } from './buffers.js' */
/** @typedef {{paths: string[], weights: WeightSpec[]}} WeightGroup */

/**
 * What a model is made of, as TensorFlow.js's IO handlers have it.
 * @typedef {object} ModelArtifacts
 * @property {any} [modelTopology]
 * @property {WeightSpec[]} [weightSpecs]
 * @property {Bytes | Bytes[]} [weightData]
 * @property {string} [format]
 * @property {string} [generatedBy]
 * @property {string | null} [convertedBy]
 * @property {any} [trainingConfig]
 * @property {any} [userDefinedMetadata]
 * @property {any} [signature]
 * @property {any} [modelInitializer]
 * @property {any} [initializerSignature]
 * @property {() => ReadableStream} [getWeightStream] gives the weights instead of weightData
 */

/** @typedef {{text: string, json: any, weights: Uint8Array | null}} LoadedModel a model.json and the bytes of all its shards */

/** Bytes of a stored element; strings are as long as they are. @type {Record<string, number>} */
export const STORED_SIZES = { float32: 4, int32: 4, bool: 1, float16: 2, uint8: 1, uint16: 2, complex64: 8 };

/** No folder of a model has more. */
const MOST_BYTES = 2 ** 40;

/**
 * Reads a model.json.
 * @param {string} text
 * @param {string} from where it came from, for messages
 * @returns {{json: any, groups: WeightGroup[]}}
 */
export function readModelJSON(text, from) {
  let json;
  try {
    json = parseJSON(text);
  } catch (error) {
    const hint = /^\s*</.test(text) ? ' It looks like an HTML page.' : '';
    throw failure('FORMAT', `Failed to parse model JSON of response from ${from}.${hint} Please make sure the server is serving valid JSON ` +
      `for this request. (${/** @type {Error} */ (error).message})`);
  }
  const manifest = json?.weightsManifest;
  assert(json?.modelTopology != null || manifest != null,
    () => `The JSON from HTTP path ${from} contains neither model topology or manifest for weights.`, 'FORMAT');
  return { json, groups: manifest == null ? [] : checkManifest(manifest, from) };
}

/**
 * @param {unknown} manifest
 * @param {string} from
 * @returns {WeightGroup[]}
 */
function checkManifest(manifest, from) {
  assert(Array.isArray(manifest), () => `${from}: expected weightsManifest to be an array`, 'FORMAT');
  for (const group of manifest) {
    assert(Array.isArray(group?.paths) && Array.isArray(group.weights),
      () => `${from}: expected paths and weights in each group of weightsManifest`, 'FORMAT');
    for (const path of group.paths) assertShardPath(path);
    assert(groupBytes(group) <= MOST_BYTES, () => `${from}: weightsManifest describes more than ${MOST_BYTES} bytes`, 'LIMIT');
  }
  return manifest;
}

/**
 * How many bytes the shards of a group have together.
 * @param {WeightGroup} group
 * @returns {number}
 */
export function groupBytes(group) {
  return group.weights.reduce((sum, spec) => sum + weightBytes(spec), 0);
}

/**
 * How many bytes a weight has in its shards; dtypes without a size of their own are refused.
 * @param {WeightSpec} spec
 * @returns {number}
 */
export function weightBytes(spec) {
  const stored = spec?.quantization?.dtype ?? spec?.dtype;
  const size = Object.hasOwn(STORED_SIZES, stored) ? STORED_SIZES[stored] : undefined;
  assert(size !== undefined, () => `Weight ${JSON.stringify(spec?.name)}: unsupported dtype ${JSON.stringify(stored)}`, 'UNSUPPORTED');
  assert(Array.isArray(spec.shape) && spec.shape.every(dimension => Number.isSafeInteger(dimension) && dimension >= 0),
    () => `Weight ${JSON.stringify(spec.name)}: ${JSON.stringify(spec.shape)} is no shape`, 'FORMAT');
  return spec.shape.reduce((product, dimension) => product * dimension, size);
}

/** What could lead out of the model's folder, plain or percent-encoded. */
const LEADS_OUT = /^[/\\]|^[a-z][a-z0-9+.-]*:|(^|[/\\])\.\.([/\\]|$)|[\\\0]|%(2e|2f|5c|00)/i;

/**
 * Shards lie in the folder of their model.json or below; anything else is refused.
 * @param {unknown} path
 */
export function assertShardPath(path) {
  assert(typeof path === 'string' && path.length > 0 && !LEADS_OUT.test(path),
    () => `weightsManifest: the shard path ${JSON.stringify(path)} leads out of the model's folder`, 'FORMAT');
}

/**
 * Joins shards in the manifest's order, each group as long as the manifest says.
 * @param {WeightGroup[]} groups
 * @param {Uint8Array[][]} shards of each group
 * @returns {Uint8Array}
 */
export function joinShards(groups, shards) {
  groups.forEach((group, i) => {
    const expected = groupBytes(group);
    const got = shards[i].reduce((sum, shard) => sum + shard.byteLength, 0);
    assert(got === expected, () => `Weights ${group.paths.join(', ')}: expected ${expected} bytes, got ${got}`, 'FORMAT');
  });
  const all = shards.flat();
  if (all.length === 1) return all[0];
  const joined = new Uint8Array(all.reduce((sum, shard) => sum + shard.byteLength, 0));
  let offset = 0;
  for (const shard of all) {
    joined.set(shard, offset);
    offset += shard.byteLength;
  }
  return joined;
}

/**
 * @param {LoadedModel} model
 * @returns {ModelArtifacts}
 */
export function toArtifacts({ json, weights }) {
  if (weights === null) return getModelArtifactsForJSONSync(json);
  return getModelArtifactsForJSONSync(json, getWeightSpecs(json.weightsManifest), weights.slice().buffer);
}

/**
 * @param {ModelArtifacts} artifacts
 * @returns {LoadedModel}
 */
export function fromArtifacts(artifacts) {
  const { modelTopology, weightSpecs, weightData, ...rest } = artifacts;
  assert(modelTopology != null, () => 'The model artifacts have no modelTopology', 'FORMAT');
  assert(!(modelTopology instanceof ArrayBuffer), () => 'A modelTopology in binary format is not supported', 'UNSUPPORTED');
  if (weightData == null) return asLoadedModel({ ...rest, modelTopology }, null);
  assert(weightSpecs != null,
    () => 'LayersModel artifacts contains weight data, but not weight specs. Therefore loading of weights cannot proceed.', 'FORMAT');
  const groups = [{ paths: ['weights.bin'], weights: weightSpecs }];
  const buffers = Array.isArray(weightData) ? weightData : [weightData];
  const weights = joinShards(checkManifest(groups, 'model artifacts'), [buffers.map(buffer => bytesOf(buffer))]);
  return asLoadedModel({ ...rest, modelTopology, weightsManifest: groups }, weights);
}

/**
 * @param {any} json
 * @param {Uint8Array | null} weights
 * @returns {LoadedModel}
 */
function asLoadedModel(json, weights) {
  try {
    return { text: JSON.stringify(json), json, weights };
  } catch (error) {
    // A topology with a cycle, or nested deeper than the engine's stack.
    throw failure('FORMAT', `modelTopology cannot be written as JSON: ${/** @type {Error} */ (error).message}`);
  }
}
