/** What a model is made of, as IO handlers give and take it, and the model.json that says the same. */
import { assert } from '../core/util.js';
import { CompositeArrayBuffer } from './buffers.js';

/** @import { Bytes } from './buffers.js' */
/** @import { ModelArtifacts, WeightGroup, WeightSpec } from './manifest.js' */

/**
 * What saving a model tells.
 * @typedef {object} ModelArtifactsInfo
 * @property {Date} dateSaved
 * @property {'JSON'} modelTopologyType
 * @property {number} modelTopologyBytes
 * @property {number} weightSpecsBytes
 * @property {number} weightDataBytes
 */

/** @typedef {{modelArtifactsInfo: ModelArtifactsInfo, responses?: Response[]}} SaveResult */

/** What artifacts may have beside topology and weights, in the order of files. */
const BESIDES = ['signature', 'userDefinedMetadata', 'modelInitializer', 'initializerSignature'];

/**
 * The model.json of artifacts.
 * @param {ModelArtifacts} artifacts
 * @param {WeightGroup[]} weightsManifest
 */
export function modelJSONOf(artifacts, weightsManifest) {
  assertJSONTopology(artifacts);
  const { modelTopology, format, generatedBy, convertedBy } = artifacts;
  return { modelTopology, format, generatedBy, convertedBy, weightsManifest, ...pick(artifacts, [...BESIDES, 'trainingConfig']) };
}

/** @param {Record<string, any>} from @param {readonly string[]} keys those that are there */
function pick(from, keys) {
  return Object.fromEntries(keys.filter(key => from[key] != null).map(key => [key, from[key]]));
}

/** @param {ModelArtifacts} artifacts */
export function assertJSONTopology({ modelTopology }) {
  assert(!(modelTopology instanceof ArrayBuffer), () => 'Saving a model topology in binary format is not supported', 'UNSUPPORTED');
}

/**
 * The artifacts that a model.json and its weights are.
 * @param {any} modelJSON
 * @param {WeightSpec[]} [weightSpecs] needed where there is a manifest
 * @param {Bytes | Bytes[]} [weightData] needed where there is a manifest
 * @returns {ModelArtifacts}
 */
export function getModelArtifactsForJSONSync(modelJSON, weightSpecs, weightData) {
  const { modelTopology, format, generatedBy, convertedBy, weightsManifest } = modelJSON;
  /** @type {ModelArtifacts} */
  const artifacts = { modelTopology, format, generatedBy, convertedBy, ...pick(modelJSON, ['trainingConfig']) };
  if (weightsManifest != null) {
    assert(weightSpecs != null, () => 'modelJSON has weightsManifest but weightSpecs is null');
    assert(weightData != null, () => 'modelJSON has weightsManifest but weightData is null');
    Object.assign(artifacts, { weightSpecs, weightData });
  }
  return Object.assign(artifacts, pick(modelJSON, BESIDES));
}

/**
 * The same, with a function that reads the weights of a manifest.
 * @param {any} modelJSON
 * @param {(manifest: WeightGroup[]) => Promise<[WeightSpec[], Bytes | Bytes[]]>} loadWeights
 */
export async function getModelArtifactsForJSON(modelJSON, loadWeights) {
  const weights = modelJSON.weightsManifest == null ? [] : await loadWeights(modelJSON.weightsManifest);
  return getModelArtifactsForJSONSync(modelJSON, weights[0], weights[1]);
}

/** @param {unknown} value @returns {number} bytes of its JSON */
const bytesOfJSON = value => (value == null ? 0 : new TextEncoder().encode(JSON.stringify(value)).length);

/**
 * The sizes of a model that is saved now.
 * @param {ModelArtifacts} modelArtifacts
 * @returns {ModelArtifactsInfo}
 */
export function getModelArtifactsInfoForJSON(modelArtifacts) {
  assert(!(modelArtifacts.modelTopology instanceof ArrayBuffer), () => 'Expected JSON model topology, received ArrayBuffer.');
  return {
    dateSaved: new Date(),
    modelTopologyType: 'JSON',
    modelTopologyBytes: bytesOfJSON(modelArtifacts.modelTopology),
    weightSpecsBytes: bytesOfJSON(modelArtifacts.weightSpecs),
    weightDataBytes: new CompositeArrayBuffer(modelArtifacts.weightData).byteLength,
  };
}

/**
 * The weights of all groups of a manifest.
 * @param {WeightGroup[]} weightsManifest
 * @returns {WeightSpec[]}
 */
export function getWeightSpecs(weightsManifest) {
  return weightsManifest.flatMap(({ weights }) => weights);
}
