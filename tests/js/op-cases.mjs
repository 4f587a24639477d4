/**
 * Calls of the tf namespace with their arguments, each run by TensorFlow.js to record what it answers and by Hornbeam to compare.
 * A tensor is written {t: nested values, d: dtype, s: shape where the values are flat}.
 */

/** @param {any} values @param {string} [dtype] @param {number[]} [shape] */
const t = (values, dtype = 'float32', shape) => ({ t: values, d: dtype, ...(shape && { s: shape }) });
const f = values => t(values);
const i = values => t(values, 'int32');
const b = values => t(values, 'bool');
/** Numbers that repeat nothing soon, in [-2, 2). @param {number[]} shape @param {number} [seed] */
const ramp = (shape, seed = 1) => {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return t(Array.from({ length: size }, (_, k) => Math.fround((((k + seed) * 7919) % 1000) / 250 - 2)), 'float32', shape);
};

const REALS = f([-3.7, -1.5, -1, -0.5, -0, 0, 0.25, 0.5, 1, 1.5, 2.5, 3.7, 20]);
const POSITIVE = f([0.001, 0.1, 0.5, 1, 1.5, 2, 7.25, 100]);
const UNIT = f([-1, -0.9, -0.5, 0, 0.3, 0.9, 1]);
const ODD = f([NaN, Infinity, -Infinity, 0, -0, 1e-38, 3e38]);
const INTS = i([-7, -2, -1, 0, 1, 2, 3, 9]);
const BOOLS = b([true, false, true, true]);

const FLOAT_UNARY = ['ceil', 'cos', 'cosh', 'elu', 'floor', 'sigmoid', 'sin', 'tan', 'tanh', 'exp', 'erf', 'leakyRelu'];
const ANY_UNARY = ['abs', 'asinh', 'atan', 'expm1', 'isFinite', 'isInf', 'isNaN', 'neg', 'relu', 'relu6', 'round', 'selu', 'sign', 'sinh', 'softplus', 'square',
  'step', 'logSigmoid'];
const ARITHMETIC = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference', 'mod', 'pow', 'floorDiv', 'atan2'];
const COMPARE = ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'];
const LOGIC = ['logicalAnd', 'logicalOr', 'logicalXor'];
const REDUCE = ['sum', 'prod', 'max', 'min', 'mean'];
const IMAGE = ramp([1, 5, 6, 2]);

/** @type {[string, ...any[]][]} the function's name in tf, and its arguments */
export const CASES = [
  ...FLOAT_UNARY.map(name => [name, REALS]),
  ...ANY_UNARY.flatMap(name => [[name, REALS], [name, INTS], [name, BOOLS]]),
  ...['acos', 'asin', 'atanh'].map(name => [name, UNIT]),
  ...['log', 'log1p', 'sqrt', 'rsqrt', 'reciprocal', 'acosh'].map(name => [name, POSITIVE]),
  ...['abs', 'relu', 'isNaN', 'isInf', 'isFinite', 'neg', 'sqrt', 'log', 'round'].map(name => [name, ODD]),
  ['leakyRelu', REALS, 0.3], ['step', REALS, 0.5], ['clipByValue', REALS, -1, 1.25], ['clipByValue', INTS, -1, 2], ['logicalNot', BOOLS],
  ['exp', INTS], ['leakyRelu', INTS], ['prelu', ramp([2, 3]), f([0.1, 0.2, 0.3])],

  ...ARITHMETIC.flatMap(name => [
    [name, f([[1.5, 2, 3], [4, 5, 6.25]]), f([[2, 0.5, 3], [1, 2, 4]])], [name, f([[1.5, 2, 3], [4, 5, 6]]), f([2, 4, 8])], [name, f([[1], [2]]), f([1, 2, 3])],
    [name, i([7, 8, 9, 3]), i([2, 4, 5, 3])], [name, i([3, 8]), f([2.5, 0.5])], [name, b([true, false]), i([3, 2])], [name, f([1, 2, 3]), 2],
  ]),
  // Not add and sub: their bools are 2 and 255 in TensorFlow.js, which ours cannot be.
  ...ARITHMETIC.slice(2).map(name => [name, b([true, false]), b([true, true])]),
  ['mod', f([5.5, -5.5, 5.5, -5.5]), f([3, 3, -3, -3])], ['floorDiv', f([5.5, -5.5]), f([2, 2])], ['floorDiv', i([7, -7]), i([2, 2])], ['div', i([7, -7]), i([2, 2])],
  ['div', f([1, -1, 0]), f([0, 0, 0])], ['pow', f([2, -2, 0, 4]), f([3, 3, 0, 0.5])], ['pow', i([2, 3]), i([10, 3])],
  ...COMPARE.flatMap(name => [[name, f([1, 2, NaN]), f([1, 3, NaN])], [name, i([1, 2, 3]), f([1, 2.5, 2])], [name, b([true, false]), b([true, true])], [name, f([[1], [2]]), f([1, 2])]]),
  ...LOGIC.map(name => [name, b([true, true, false, false]), b([true, false, true, false])]),
  ['addN', [f([1, 2]), f([3, 4]), f([5, 6])]], ['addN', [i([1]), i([2])]],
  ['where', b([true, false, true]), f([1, 2, 3]), f([4, 5, 6])], ['where', b([[true], [false]]), f([[1, 2]]), i([[3, 4], [5, 6]])],

  ...REDUCE.flatMap(name => [
    [name, ramp([2, 3, 4])], [name, ramp([2, 3, 4]), 1], [name, ramp([2, 3, 4]), -1, true], [name, ramp([2, 3, 4]), [0, 2]], [name, ramp([2, 3, 4]), [1, 2], true],
    [name, i([[1, -2, 3], [4, 5, -6]]), 0], [name, b([[true, false], [true, true]]), 1], [name, f(5)],
  ]),
  ['all', b([[true, false], [true, true]])], ['all', b([[true, false], [true, true]]), 1], ['any', b([[true, false], [false, false]]), 1], ['any', b([[true, false]]), 0, true],
  ['argMax', ramp([3, 5])], ['argMax', ramp([3, 5]), 1], ['argMin', ramp([3, 5]), -1], ['argMax', i([3, 9, 9])],
  ['cumsum', ramp([3, 4]), 1], ['cumsum', ramp([3, 4]), 0, true, true], ['cumprod', ramp([3, 4]), 1, true], ['cumsum', i([1, 2, 3])],
  ['logSumExp', ramp([2, 3]), 1], ['logSumExp', ramp([2, 3]), null, true], ['norm', ramp([3, 4])], ['norm', ramp([3, 4]), 1, 1], ['norm', ramp([3, 4]), 'euclidean', [0, 1]],
  ['norm', ramp([3, 4]), Infinity, [0, 1]], ['moments', ramp([3, 4]), 0], ['moments', ramp([3, 4]), [0, 1], true],

  ['reshape', ramp([2, 6]), [3, -1]], ['reshape', f([7]), []], ['expandDims', ramp([2, 3])], ['expandDims', ramp([2, 3]), 2], ['expandDims', ramp([2, 3]), -1],
  ['squeeze', ramp([1, 2, 1, 3])], ['squeeze', ramp([1, 2, 1, 3]), [0]], ['transpose', ramp([2, 3, 4])], ['transpose', ramp([2, 3, 4]), [1, 0, 2]], ['transpose', i([[1, 2, 3]])],
  ['concat', [ramp([2, 2]), ramp([2, 3], 5)], 1], ['concat', [f([1]), f([2, 3])]], ['concat', [i([1]), i([2])], 0], ['concat', [b([true]), b([false])]],
  ['stack', [f([1, 2]), f([3, 4])]], ['stack', [f([1, 2]), f([3, 4])], 1], ['unstack', ramp([2, 3])], ['unstack', ramp([2, 3]), -1],
  ['split', ramp([4, 3]), 2], ['split', ramp([2, 6]), [1, 2, 3], 1], ['split', ramp([2, 6]), [1, -1, 3], 1],
  ['slice', ramp([4, 5]), [1, 2], [2, -1]], ['slice', ramp([4, 5]), 1], ['slice', ramp([4, 5]), [1]], ['slice', i([1, 2, 3]), 1, 1],
  ['pad', ramp([2, 3]), [[1, 0], [0, 2]]], ['pad', i([1, 2]), [[1, 1]], 9], ['mirrorPad', ramp([3, 3]), [[1, 1], [2, 0]], 'reflect'], ['mirrorPad', ramp([3, 3]), [[1, 1], [2, 0]], 'symmetric'],
  ['tile', ramp([2, 2]), [2, 3]], ['tile', i([1, 2]), [2]], ['broadcastTo', f([[1], [2]]), [3, 2, 4]], ['gather', ramp([4, 3]), i([2, 0, 2])],
  ['gather', ramp([4, 3]), i([[1, 0], [2, 2]]), 1], ['gather', ramp([2, 3, 4]), i([[0, 1], [2, 2]]), 1, 1], ['reverse', ramp([2, 3])], ['reverse', ramp([2, 3]), 1],
  ['oneHot', i([0, 2, 1, 5]), 3], ['oneHot', i([[0, 1]]), 2, 5, -1], ['oneHot', i([1]), 3, 1, 0, 'float32'], ['unsortedSegmentSum', ramp([4, 2]), i([1, 0, 1, 2]), 3],
  ['cast', f([-1.7, 0, 1.2, 2.9]), 'int32'], ['cast', f([-1.7, 0, 0.2]), 'bool'], ['cast', i([-1, 0, 2]), 'bool'], ['cast', b([true, false]), 'float32'], ['cast', i([3]), 'float32'],

  ['matMul', ramp([2, 3]), ramp([3, 4], 3)], ['matMul', ramp([3, 2]), ramp([4, 3], 3), true, true], ['matMul', ramp([2, 2, 3]), ramp([2, 3, 2], 9)],
  ['matMul', ramp([2, 2, 3]), ramp([1, 3, 2], 9)], ['matMul', i([[1, 2], [3, 4]]), i([[5], [6]])], ['dot', f([1, 2, 3]), f([4, 5, 6])], ['dot', ramp([2, 3]), f([4, 5, 6])],
  ['dot', f([1, 2]), ramp([2, 3])], ['outerProduct', f([1, 2, 3]), f([4, 5])],

  ['conv2d', IMAGE, ramp([3, 3, 2, 4], 3), 1, 'same'], ['conv2d', IMAGE, ramp([3, 2, 2, 3], 3), [2, 1], 'valid'], ['conv2d', IMAGE, ramp([3, 3, 2, 2], 3), 1, 1],
  ['conv2d', IMAGE, ramp([2, 2, 2, 2], 3), 1, 'valid', 'NHWC', 2], ['conv2d', IMAGE, ramp([2, 2, 2, 2], 3), 1, [[0, 0], [1, 0], [0, 2], [0, 0]]],
  ['conv2d', ramp([5, 6, 2]), ramp([3, 3, 2, 4], 3), 2, 'same'], ['conv2d', ramp([1, 2, 5, 6]), ramp([3, 3, 2, 3], 3), 1, 'same', 'NCHW'],
  ['depthwiseConv2d', IMAGE, ramp([3, 3, 2, 2], 3), 1, 'same'], ['depthwiseConv2d', IMAGE, ramp([2, 2, 2, 1], 3), [2, 2], 'valid'],
  ['separableConv2d', IMAGE, ramp([3, 3, 2, 2], 3), ramp([1, 1, 4, 3], 5), 1, 'same'], ['conv1d', ramp([2, 6, 3]), ramp([3, 3, 4], 2), 1, 'same'], ['conv1d', ramp([6, 3]), ramp([2, 3, 2], 2), 2, 'valid'],
  ['conv2dTranspose', ramp([1, 3, 3, 2]), ramp([3, 3, 4, 2], 3), [1, 6, 6, 4], 2, 'same'], ['conv2dTranspose', ramp([3, 3, 2]), ramp([2, 2, 1, 2], 3), [4, 4, 1], 1, 'valid'],
  ['divNoNan', f([1, 0, -3]), f([0, 0, 2])], ['divNoNan', i([7, -7]), i([2, 0])],
  ['maxPool', IMAGE, 2, 2, 'same'], ['maxPool', IMAGE, [2, 3], [1, 2], 'valid'], ['maxPool', IMAGE, 3, 2, 1], ['avgPool', IMAGE, 2, 2, 'same'], ['avgPool', IMAGE, [3, 2], 1, 'valid'],
  ['avgPool', ramp([5, 6, 2]), 2, 1, 'same'], ['softmax', ramp([2, 5])], ['softmax', f([1000, 1001, -1000])], ['logSoftmax', ramp([2, 5])],
  ['batchNorm', ramp([2, 3]), f([0.1, 0.2, 0.3]), f([1, 2, 3]), f([1, 0, -1]), f([2, 1, 0.5]), 0.01], ['batchNorm', ramp([2, 3]), f([0.1, 0.2, 0.3]), f([1, 2, 3])],
  ['batchNorm', ramp([2, 2, 2, 3]), f([0.1, 0.2, 0.3]), f([1, 2, 3]), null, f([2, 1, 0.5])],
  ['image.resizeBilinear', ramp([1, 3, 4, 2]), [5, 7]], ['image.resizeBilinear', ramp([3, 4, 1]), [6, 2], true], ['image.resizeBilinear', ramp([3, 4, 1]), [6, 8], false, true],
  ['image.resizeNearestNeighbor', ramp([1, 3, 4, 2]), [5, 7]], ['image.resizeNearestNeighbor', ramp([3, 4, 1]), [6, 2], true], ['image.resizeNearestNeighbor', ramp([3, 4, 1]), [6, 8], false, true],
  ['image.flipLeftRight', ramp([1, 2, 3, 1])],

  ['range', 0, 5], ['range', 5, 0], ['range', 0, 1, 0.25], ['range', 2, 9, 3, 'int32'], ['linspace', 0, 1, 5], ['linspace', 3, -1, 4], ['eye', 3], ['eye', 2, 3, [2], 'int32'],
  ['fill', [2, 2], 3], ['fill', [2], 3, 'int32'], ['ones', [2, 2]], ['ones', [2], 'bool'], ['zeros', [2], 'int32'], ['zerosLike', i([1, 2])], ['onesLike', b([false])],
  ['tensor', [[1, 2], [3, 4]]], ['tensor', [true, false]], ['tensor', 3], ['tensor', [1, 2, 3, 4], [2, 2], 'int32'], ['tensor', [1.9, -1.9], [2], 'int32'], ['tensor', [0.4, 0.6, -2, 0], [4], 'bool'],
  ['tensor1d', [1, 2], 'int32'], ['tensor2d', [1, 2, 3, 4], [2, 2]], ['tensor3d', [[[1]], [[2]]]], ['scalar', 3, 'int32'], ['scalar', true],
];

/** Calls that throw; the messages are recorded. @type {[string, ...any[]][]} */
export const REFUSED = [
  ['tensor', [1, 2, 3], [2, 2]], ['tensor', [[1, 2]], [2, 1, 1]], ['tensor', [1, 2], [2, -1]], ['tensor1d', [[1]]], ['tensor2d', [1, 2]], ['tensor2d', [1, 2], [1, 2, 3]],
  ['tensor3d', [1]], ['tensor4d', [[1]], [1, 1, 1, 1]], ['scalar', [1]], ['zeros', [2, 1.5]], ['range', 0, 1, 0], ['linspace', 0, 1, 0],
  ['add', f([1, 2]), f([1, 2, 3])], ['sqrt', i([1])], ['logicalNot', f([1])], ['logicalAnd', f([1]), b([true])], ['all', f([1])], ['softmax', i([1, 2])], ['softmax', ramp([2, 2]), 0],
  ['sum', ramp([2, 3]), 2], ['argMax', ramp([2, 3]), -3], ['reshape', ramp([2, 3]), [4, 2]], ['reshape', ramp([2, 3]), [-1, -1]], ['reshape', ramp([2, 3]), [-1, 4]], ['reshape', ramp([2, 3]), [-2, 3]],
  ['expandDims', ramp([2]), 3], ['squeeze', ramp([2, 1]), [0]], ['transpose', ramp([2, 3]), [0]], ['transpose', ramp([2, 3]), [0, 2]], ['concat', []], ['concat', [ramp([2]), ramp([2, 2])]],
  ['concat', [ramp([2, 2]), ramp([3, 3])]], ['stack', []], ['unstack', ramp([2]), 1], ['split', ramp([4]), 3], ['split', ramp([4]), [1, 2]], ['slice', ramp([2, 3]), [0, 0], [3, 1]],
  ['slice', f(1), 0], ['slice', ramp([2, 3]), [0, -1]], ['slice', ramp([2]), [0], [-2]], ['pad', f(1), []], ['tile', ramp([2]), [1, 2]], ['broadcastTo', ramp([2]), [3]], ['gather', ramp([3]), i([3])],
  ['gather', ramp([3]), f([0])], ['oneHot', i([0]), 1], ['clipByValue', ramp([2]), 2, 1], ['matMul', ramp([2, 3]), ramp([2, 3])], ['dot', ramp([1, 1, 1]), ramp([1])], ['dot', ramp([2]), ramp([3])],
  ['conv2d', ramp([5, 5]), ramp([3, 3, 2, 4]), 1, 'same'], ['conv2d', IMAGE, ramp([3, 3, 3, 4]), 1, 'same'], ['conv2d', IMAGE, ramp([3, 3, 2]), 1, 'same'], ['conv2d', IMAGE, ramp([3, 3, 2, 4]), 2, 'same', 'NHWC', 2],
  ['conv2d', IMAGE, ramp([3, 3, 2, 4]), 1, 'full'], ['conv2d', IMAGE, ramp([3, 3, 2, 4]), 1, 'same', 'NHWC', 1, 'floor'], ['maxPool', ramp([2]), 1, 1, 'same'], ['avgPool', i([[[[1]]]]), 1, 1, 'same'],
  ['batchNorm', ramp([2, 2]), ramp([2]), ramp([1, 2])], ['image.resizeBilinear', ramp([2]), [1, 1]], ['image.resizeBilinear', ramp([2, 2, 1]), [1]], ['image.resizeBilinear', ramp([2, 2, 1]), [1, 1], true, true],
  ['cast', ramp([2]), 'float16'], ['addN', [f([1]), i([1])]], ['addN', [f([1]), f([1, 2])]], ['addN', []], ['abs', null], ['abs', { a: 1 }], ['where', f([1]), f([1]), f([1])], ['eye', 2, 2, [1, 1, 1, 1]],
];

/**
 * Arguments as a tf namespace takes them.
 * @param {any} tf
 * @param {any} argument
 * @returns {any}
 */
export function toArgument(tf, argument) {
  if (Array.isArray(argument)) return argument.map(element => toArgument(tf, element));
  return argument !== null && typeof argument === 'object' && 't' in argument ? tf.tensor(argument.t, argument.s, argument.d) : argument;
}

/**
 * @param {any} tf
 * @param {[string, ...any[]]} call
 * @returns {any} a tensor, an array or an object of tensors
 */
export function run(tf, [name, ...args]) {
  const body = name.split('.').reduce((owner, key) => owner[key], tf);
  return body(...args.map(argument => toArgument(tf, argument)));
}

/**
 * Tensors as JSON: NaN and infinities as text.
 * @param {any} result
 * @returns {any}
 */
export function describe(result) {
  if (Array.isArray(result)) return result.map(describe);
  if (result.dataSync === undefined) return Object.fromEntries(Object.entries(result).map(([key, value]) => [key, describe(value)]));
  const values = Array.from(result.dataSync(), value => (Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value)));
  return { dtype: result.dtype, shape: result.shape, values };
}
