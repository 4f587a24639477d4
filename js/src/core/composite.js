/** Complex numbers: the native library knows a complex64 tensor as two of float32. An op on one is run on these parts. */
import { engine } from './engine.js';
import { failure } from './util.js';

/** @import { Tensor } from './tensor.js' */

/** Ops that treat the parts of complex numbers alike. */
const PARTWISE = new Set(['Add', 'Sub', 'Neg', 'Slice', 'Concat', 'Transpose', 'Reverse', 'Tile', 'GatherV2', 'Identity', 'BroadcastTo',
  'PadV2', 'Sum',
  'Mean', 'Select', 'ZerosLike', 'UnsortedSegmentSum', 'Reshape']);

/** Whether a tensor is made of parts. @param {{dtype: string} | null} tensor */
const isComplex = tensor => tensor?.dtype === 'complex64';

/**
 * Runs one op where an input or the result is complex.
 * @param {string} name
 * @param {any} attributes
 * @param {(Tensor | null)[]} inputs
 * @returns {Tensor[]}
 */
export function runComposite(name, attributes, inputs) {
  return engine.scoped(name, () => runOnComplex(name, attributes, inputs));
}

/**
 * @param {string} name
 * @param {any} attributes
 * @param {(Tensor | null)[]} inputs
 * @returns {Tensor[]}
 */
function runOnComplex(name, attributes, inputs) {
  const [a, b] = inputs;
  if (name === 'Cast') return [cast(/** @type {Tensor} */ (a), attributes.dtype)];
  if (name === 'Abs') return [length(partsOf(a))];
  if (name === 'Multiply') return [multiply(partsOf(a), partsOf(b))];
  if (!PARTWISE.has(name)) throw failure('DTYPE', `${name}: complex64 tensors are not supported`);
  const of = (/** @type {0 | 1} */ i) => engine.run(name, attributes, inputs.map(input => (isComplex(input) ? partsOf(input)[i] : input)));
  const imaginary = of(1);
  return of(0).map((real, i) => engine.complex(real, imaginary[i]));
}

/** @param {Tensor | null} tensor @returns {[Tensor, Tensor]} */
function partsOf(tensor) {
  const { parts } = /** @type {Tensor} */ (tensor).storage;
  if (parts === undefined) throw failure('INTERNAL', 'a complex64 tensor without parts');
  return parts;
}

/**
 * The root of the sum of squares; numbers are scaled first, so that squares neither vanish nor overflow.
 * @param {[Tensor, Tensor]} parts
 */
function length(parts) {
  const [a, b] = parts.map(part => engine.run('Abs', null, [part])[0]);
  const [larger] = engine.run('Maximum', null, [a, b]);
  const one = engine.makeTensor(new Float32Array([1]), [], 'float32');
  const [scale] = engine.run('Select', null, [engine.run('Equal', null, [larger, engine.makeTensor(null, [], 'float32')])[0], one, larger]);
  const scaled = [a, b].map(part => engine.run('RealDiv', null, [part, scale])[0]);
  return product(scale, engine.run('Sqrt', null, [sum(scaled.map(part => product(part, part)))])[0]);
}

/** @param {Tensor} a @param {Tensor} b */
const product = (a, b) => engine.run('Multiply', null, [a, b])[0];

/** @param {Tensor[]} terms */
const sum = ([a, b]) => engine.run('Add', null, [a, b])[0];

/**
 * (a + bi) (c + di)
 * @param {[Tensor, Tensor]} left
 * @param {[Tensor, Tensor]} right
 */
function multiply([a, b], [c, d]) {
  return engine.complex(engine.run('Sub', null, [product(a, c), product(b, d)])[0], sum([product(a, d), product(b, c)]));
}

/**
 * @param {Tensor} x
 * @param {any} dtype
 */
function cast(x, dtype) {
  if (isComplex(x)) return engine.run(dtype === 'float32' ? 'Identity' : 'Cast', dtype === 'float32' ? null : { dtype }, [partsOf(x)[0]])[0];
  const real = x.dtype === 'float32' ? x : engine.run('Cast', { dtype: 'float32' }, [x])[0];
  return engine.complex(real, engine.makeTensor(null, x.shape, 'float32'));
}
