/** Until the library has them: assignment in place, and gradients of several tensors. */

/** @param {any} native */
export function complete(native) {
  if (native.tensorAssign !== undefined) return native;
  const { graphGradients, op } = native;
  native.tensorAssign = (/** @type {number} */ target, /** @type {number} */ source) => {
    const { dtype, shape } = native.tensorInfo(source);
    const size = shape.reduce((/** @type {number} */ product, /** @type {number} */ d) => product * d, 1);
    const values = dtype === 0 ? new Float32Array(size) : dtype === 1 ? new Int32Array(size) : new Uint8Array(size);
    native.tensorRead(source, values);
    native.tensorWrite(target, values);
  };
  native.graphGradients = (/** @type {number} */ graph, /** @type {number[]} */ ys, /** @type {number[]} */ dys, /** @type {number[]} */ xs) => {
    const sums = ys.flatMap((y, i) => (native.tensorInfo(y).dtype === 0 ? op('Sum', '{"axes":null}', op('Multiply', null, [y, dys[i]])) : []));
    if (sums.length === 0) return xs.map(x => op('ZerosLike', null, [x])[0]);
    return graphGradients(graph, sums.reduce((a, b) => op('Add', null, [a, b])[0]), xs);
  };
  return native;
}
