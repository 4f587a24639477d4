/** Random numbers for initializers: the same seed gives the same numbers. */
import { engine } from '../core/engine.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */

/** @param {number | null | undefined} seed none: another one each time */
function seedTensor(seed) {
  const value = seed ?? Math.floor(Math.random() * 2 ** 31);
  return engine.makeTensor(Int32Array.of(value, seed == null ? Math.floor(Math.random() * 2 ** 31) : 0), [2], 'int32');
}

/**
 * @param {string} op
 * @param {object} attributes
 * @param {number | null | undefined} seed
 * @param {DataType} dtype
 * @returns {Tensor}
 */
function draw(op, attributes, seed, dtype) {
  return engine.scoped('draw', () => {
    const [values] = engine.run(op, attributes, [seedTensor(seed)]);
    return dtype === values.dtype ? values : engine.run('Cast', { dtype }, [values])[0];
  });
}

/** @param {readonly number[]} shape @param {number} minval @param {number} maxval @param {number | null} [seed] @param {DataType} [dtype] */
export const uniform = (shape, minval, maxval, seed, dtype = 'float32') => draw('RandomUniform', { shape, minval, maxval }, seed, dtype);

/** @param {readonly number[]} shape @param {number} mean @param {number} stddev @param {number | null} [seed] @param {DataType} [dtype] */
export const normal = (shape, mean, stddev, seed, dtype = 'float32') => draw('RandomStandardNormal', { shape, mean, stddev }, seed, dtype);

/** Within two standard deviations. @param {readonly number[]} shape @param {number} mean @param {number} stddev @param {number | null} [seed] @param {DataType} [dtype] */
export const truncatedNormal = (shape, mean, stddev, seed, dtype = 'float32') => draw('TruncatedNormal', { shape, mean, stddev }, seed, dtype);
