/** What happens to gradients before a step: Keras 3's clipping. Source: keras/src/optimizers/base_optimizer.py. */
import { add, clipByValue, div, maximum, minimum, mul, sqrt, square, sub } from '../../ops/elementwise.js';
import { sum } from '../../ops/reduction.js';

/** @import { Tensor } from '../../core/tensor.js' */

/** @typedef {{clipnorm: number | null, globalClipnorm: number | null, clipvalue: number | null}} Clipping */

/** g * clip / max(|g|, clip) @param {Tensor} gradient @param {number} clip */
const clipByNorm = (gradient, clip) => div(mul(gradient, clip), maximum(sqrt(sum(square(gradient))), clip));

/** All by one factor, so that together they are no longer than clip. @param {Tensor[]} gradients @param {number} clip */
function clipByGlobalNorm(gradients, clip) {
  const norm = sqrt(gradients.map(gradient => sum(square(gradient))).reduce((total, square) => add(total, square)));
  const factor = mul(clip, minimum(div(1, norm), 1 / clip));
  const checked = add(factor, sub(norm, norm)); // infinite gradients are to be seen, not clipped to 0
  return gradients.map(gradient => mul(gradient, checked));
}

/**
 * Gradients as short as the options ask.
 * @param {Tensor[]} gradients
 * @param {Clipping} clipping at most one of them
 */
export function clipGradients(gradients, { clipnorm, globalClipnorm, clipvalue }) {
  if (clipnorm != null && clipnorm > 0) return gradients.map(gradient => clipByNorm(gradient, clipnorm));
  if (globalClipnorm != null && globalClipnorm > 0) return clipByGlobalNorm(gradients, globalClipnorm);
  if (clipvalue != null && clipvalue > 0) return gradients.map(gradient => clipByValue(gradient, -clipvalue, clipvalue));
  return gradients;
}
