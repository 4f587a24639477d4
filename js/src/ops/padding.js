/** Padding as the native ops of windows take it. */
import { checkPadOnDimRoundingMode } from '../backend_util/windows.js';
import { failure } from '../core/util.js';

/** @import { DimRoundingMode, Pad } from '../backend_util/windows.js' */

/**
 * A window along one axis: sizes, and where TensorFlow.js has it begin and how often it fits.
 * @typedef {{size: number, window: number, stride: number, out: number, before: number}} Extent
 */

/**
 * Padding that gives the output sizes asked for: rounding a size up needs elements beyond the end.
 * @param {string} who
 * @param {Pad} pad
 * @param {DimRoundingMode} roundingMode
 * @param {Extent[]} extents
 */
export function checkedPads(who, pad, roundingMode, extents) {
  checkPadOnDimRoundingMode(who, pad, roundingMode);
  if (pad === 'valid' || pad === 'same') return { padding: pad };
  if (typeof pad !== 'number' && !Array.isArray(pad)) throw failure('INVALID_ARGUMENT', `Unknown padding parameter: ${pad}`);
  const pads = extents.map(({ size, window, stride, out, before }) => [before, Math.max(0, (out - 1) * stride + window - size - before)]);
  return { padding: 'explicit', pads };
}
