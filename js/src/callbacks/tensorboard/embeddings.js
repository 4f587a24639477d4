/**
 * The vectors of Embedding layers for TensorBoard's projector: a table of each, and projector_config.pbtxt, which names them
 * (tensorboard/plugins/projector/projector_config.proto).
 */
import { files } from '#platform';
import { valueError } from '../../layers/errors.js';

/** @param {any} model */
export const embeddingsIn = model => model.layers.filter((/** @type {any} */ layer) => layer.getClassName() === 'Embedding');

/** A file's name of a layer's. @param {any} layer */
const tableOf = layer => `${layer.name.replace(/[^\w.-]/g, '_')}.tsv`;

/** @param {string} text */
const quoted = text => JSON.stringify(text);

/**
 * @param {string} logDir
 * @param {any} model
 * @param {string | Record<string, string> | null} metadata one file for all layers, or a file by layer: a line for each vector
 */
export async function writeProjectorConfig(logDir, model, metadata) {
  const layers = embeddingsIn(model);
  const unknown = metadata === null || typeof metadata === 'string' ? []
    : Object.keys(metadata).filter(name => !layers.some((/** @type {any} */ layer) => layer.name === name));
  if (unknown.length > 0) {
    throw valueError('Unrecognized `Embedding` layer names passed to `TensorBoard` `embeddingsMetadata` argument: ' + unknown.join(', '));
  }
  const entries = layers.map((/** @type {any} */ layer) => {
    const path = typeof metadata === 'string' ? metadata : metadata?.[layer.name];
    const metadataPath = path === undefined ? '' : `  metadata_path: ${quoted(path)}\n`;
    return `embeddings {\n  tensor_name: ${quoted(`${layer.name}/embeddings`)}\n${metadataPath}  tensor_path: ${quoted(tableOf(layer))}\n}\n`;
  });
  await files.write(`${logDir}/projector_config.pbtxt`, entries.join(''));
}

/** @param {string} logDir @param {any} model */
export async function writeEmbeddings(logDir, model) {
  for (const layer of embeddingsIn(model)) {
    const table = layer.getWeights()[0];
    const [count, size] = table.shape;
    const values = await table.data();
    const rows = Array.from({ length: count }, (_, i) => Array.from(values.subarray(i * size, (i + 1) * size)).join('\t'));
    await files.write(`${logDir}/${tableOf(layer)}`, `${rows.join('\n')}\n`);
  }
}
