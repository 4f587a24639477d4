/** Variables of optimizers: scalars, and slots, which are tensors kept for each variable. */
import { engine } from '../../core/engine.js';
import { sizeFromShape, zeroValues } from '../../core/util.js';

/** @import { DataType } from '../../core/util.js' */

/** @typedef {{shape: readonly number[], dtype: DataType, value: number}} SlotType what a slot is made as: one value everywhere */

/** A variable of one value. @param {SlotType} type */
export function makeSlot(type) {
  const initial = constant(type);
  const slot = engine.makeVariable(initial, false);
  initial.dispose();
  return slot;
}

/** @param {number} value @param {DataType} [dtype] */
export const makeScalar = (value, dtype = 'float32') => makeSlot({ shape: [], dtype, value });

/** @param {SlotType} type */
function constant({ shape, dtype, value }) {
  return engine.makeTensor(zeroValues(dtype, sizeFromShape(shape)).fill(/** @type {never} */ (value)), shape, dtype);
}
