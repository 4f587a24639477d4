/** Masks of tensors that were computed one by one: TensorFlow.js puts them at the tensors. */

/** @import { Tensor } from '../core/tensor.js' */
/** @import { Results } from './layer.js' */

/** @param {Tensor} tensor @returns {Tensor | null} */
export const maskOf = tensor => /** @type {any} */ (tensor).kerasMask ?? null;

/**
 * A mask stays as long as its tensor: scopes leave it alone, and it is disposed with the tensor.
 * @param {Tensor} tensor
 * @param {Tensor} mask
 */
export function attachMask(tensor, mask) {
  if (tensor.isSymbolic) {
    Object.assign(tensor, { kerasMask: mask });
    return;
  }
  mask.kept = true;
  Object.assign(tensor, {
    kerasMask: mask,
    dispose() {
      mask.dispose();
      Object.getPrototypeOf(tensor).dispose.call(tensor);
    },
  });
}

/**
 * The outputs, each with its mask.
 * @param {Results} results
 * @returns {Tensor[]}
 */
export function withMasks({ outputs, masks }) {
  masks.forEach((mask, i) => {
    if (mask !== null) attachMask(outputs[i], mask);
  });
  return outputs;
}
