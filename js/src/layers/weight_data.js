/** The weights of a file as tensors: what the manifest describes, the quantized ones made float again. */
import { engine } from '../core/engine.js';
import { decodeWeights } from '../io/encoding.js';
import { weightBytes } from '../io/manifest.js';

/** @import { NamedTensor } from '../io/encoding.js' */
/** @import { WeightGroup } from '../io/manifest.js' */

/**
 * @param {WeightGroup[]} groups
 * @param {Uint8Array} data all shards one after the other
 * @param {boolean} [ofOptimizer] those of the optimizer instead of the model's
 * @returns {NamedTensor[]}
 */
export function tensorsOf(groups, data, ofOptimizer = false) {
  let offset = 0;
  return engine.scoped('tensorsOf', () => groups.flatMap(({ weights }) => weights).flatMap(spec => {
    const start = offset;
    offset += weightBytes(spec);
    if ((spec.group === 'optimizer') !== ofOptimizer) return [];
    return [{ name: spec.name, tensor: decodeWeights(data.subarray(start, offset), [spec])[spec.name] }];
  }));
}
