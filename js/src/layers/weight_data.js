/** The weights of a file as tensors: what the manifest describes, the quantized ones made float again. */
import { engine } from '../core/engine.js';
import { failure, sizeFromShape } from '../core/util.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType, Values } from '../core/util.js' */
/** @import { WeightGroup, WeightSpec } from '../io/manifest.js' */

/** @param {number} bits of an IEEE half */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @type {Record<string, (bytes: ArrayBuffer) => Values | Uint16Array>} */
const READERS = {
  float32: bytes => new Float32Array(bytes),
  int32: bytes => new Int32Array(bytes),
  bool: bytes => new Uint8Array(bytes),
  uint8: bytes => new Uint8Array(bytes),
  uint16: bytes => new Uint16Array(bytes),
  float16: bytes => Float32Array.from(new Uint16Array(bytes), fromHalf),
};

/** Bytes of an element. @type {Record<string, number>} */
const SIZES = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 };

/** @param {WeightSpec} spec @param {ArrayBuffer} bytes @returns {Values} */
function valuesOf({ name, dtype, quantization }, bytes) {
  const stored = quantization?.dtype ?? dtype;
  if (!Object.hasOwn(READERS, stored)) throw failure('UNSUPPORTED', `Weight ${name}: unsupported dtype ${stored}`);
  const values = READERS[stored](bytes);
  if (quantization === undefined || stored === 'float16') return /** @type {Values} */ (values);
  const { scale = 1, min = 0 } = quantization;
  return dtype === 'int32' ? Int32Array.from(values, value => Math.round(value * scale + min)) : Float32Array.from(values, value => value * scale + min);
}

/**
 * @param {WeightGroup[]} groups
 * @param {Uint8Array} data all shards one after the other
 * @param {boolean} [ofOptimizer] those of the optimizer instead of the model's
 * @returns {{name: string, tensor: Tensor}[]}
 */
export function tensorsOf(groups, data, ofOptimizer = false) {
  let offset = 0;
  return groups.flatMap(({ weights }) => weights).flatMap(spec => {
    const start = offset;
    offset += sizeFromShape(spec.shape) * SIZES[spec.quantization?.dtype ?? spec.dtype];
    if ((spec.group === 'optimizer') !== ofOptimizer) return [];
    return [{ name: spec.name, tensor: engine.makeTensor(valuesOf(spec, Uint8Array.from(data.subarray(start, offset)).buffer), spec.shape, /** @type {DataType} */ (spec.dtype)) }];
  });
}
