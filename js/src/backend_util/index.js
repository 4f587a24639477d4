/** tf.backend_util and tf.tensor_util: what TensorFlow.js offers to those who write kernels. */
import { convertToTensor, matchTypes } from '../core/convert.js';
import { tensorsIn } from '../core/engine.js';
import { assert, decodeString, encodeString, upcastType } from '../core/util.js';
import * as axes from './axes.js';
import * as complex from './complex.js';
import { sliceUtil } from './slices.js';
import * as windows from './windows.js';
import { RowPartitionType } from '../ops/ragged.js';

/** @import { Tensor } from '../core/tensor.js' */

export { convertToTensor };

export const backend_util = {
  ...axes,
  ...complex,
  ...windows,
  computeOutShape: axes.computeOutShape,
  upcastType,
  slice_util: sliceUtil,
  RowPartitionType,
  SELU_SCALEALPHA: 1.7580993408473768372,
  SELU_SCALE: 1.0507009873554804934,
  ERF_P: 0.3275911,
  ERF_A1: 0.254829592,
  ERF_A2: -0.284496736,
  ERF_A3: 1.421413741,
  ERF_A4: -1.453152027,
  ERF_A5: 1.061405429,
  /** @param {Uint8Array[]} values */
  fromUint8ToStringArray: values => values.map(bytes => decodeString(bytes)),
  /** @param {string[]} values */
  fromStringArrayToUint8: values => values.map(text => encodeString(text)),
  /** @param {unknown[]} messages */
  warn: (...messages) => console.warn(...messages),
  /** @param {unknown[]} messages */
  log: (...messages) => console.log(...messages),
};

export const slice_util = sliceUtil;

export const tensor_util = {
  /** @param {Tensor} a @param {Tensor} b */
  assertTypesMatch(a, b) {
    assert(a.dtype === b.dtype, () => `The dtypes of the first(${a.dtype}) and second(${b.dtype}) input must match`, 'DTYPE');
  },
  /** @param {unknown} container */
  getTensorsInContainer: container => [...tensorsIn(container)],
  /** @param {Tensor} tensor @param {readonly Tensor[]} list */
  isTensorInList: (tensor, list) => list.some(({ id }) => id === tensor.id),
  makeTypesMatch: matchTypes,
};
