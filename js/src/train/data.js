/** What fit and its kin are given, as the tensors of a batch: one an input, one an output, weights of samples. */
import { convertToTensor } from '../core/convert.js';
import { Tensor } from '../core/tensor.js';
import { isTypedArray, ownValue } from '../core/util.js';
import { valueError } from '../layers/errors.js';
import { standardizeInputs } from '../layers/inputs.js';
import { mul } from '../ops/elementwise.js';
import { expandDims } from '../ops/shape.js';
import { tensor1d } from '../ops/creation.js';

/** @import { LayersModel } from '../layers/layers_model.js' */
/** @import { CompileSettings } from './compile.js' */
/** @import { Batch } from './step.js' */

/** One tensor, or one for each end of a model in order or by name. @typedef {any} Data */

/** How much the samples of each class count, by the class's number; for several outputs one an output, in order or by name. */
/** @typedef {Record<number, number>} ClassWeight */

/**
 * @typedef {object} GivenData
 * @property {Data} x
 * @property {Data} [y]
 * @property {Data} [sampleWeight] one a sample, or a sample and step
 * @property {ClassWeight | ClassWeight[] | Record<string, ClassWeight> | null} [classWeight]
 */

/** @param {any} value */
const isOne = value => value instanceof Tensor || isTypedArray(value) || typeof value !== 'object'
  || (Array.isArray(value) && !value.some(isTensorOrNull));

/** @param {any} value */
const isTensorOrNull = value => value instanceof Tensor || isTypedArray(value) || value == null;

/**
 * Checks data against a model. What is new belongs to the caller's scope.
 * @param {LayersModel} model
 * @param {CompileSettings} settings
 * @param {GivenData} given
 * @returns {Batch}
 */
export function standardizeData(model, settings, { x, y, sampleWeight, classWeight }) {
  const xs = standardizeInputs(x, model.ends);
  const ys = standardizeTargets(y, model, settings);
  const weights = weightsOf(sampleWeight, settings.outputNames);
  if (classWeight != null) applyClassWeights(weights, ys, classWeight, settings.outputNames);
  assertLengths(xs, ys, weights);
  return { xs, ys, weights };
}

/**
 * @param {Data} y
 * @param {LayersModel} model
 * @param {CompileSettings} settings
 * @returns {(Tensor | null)[]} null for outputs that need no target
 */
function standardizeTargets(y, model, settings) {
  const { outputs: plans, outputNames: names } = settings;
  const isNeeded = plans.map(({ loss }, i) => loss !== null || settings.places.some(({ output }) => output === i));
  const shapes = model.outputs.map(({ shape }) => shape);
  return inOutputs(y, names, isNeeded).map((target, i) => {
    if (!isNeeded[i]) return null;
    const tensor = convertToTensor(target, names[i], 'fit', 'numeric');
    const y = tensor.rank === 1 && shapes[i].length > 1 ? expandDims(tensor, 1) : tensor;
    assertTarget(y, plans[i].loss, shapes[i]);
    return y;
  });
}

/**
 * @param {Data} y
 * @param {string[]} names
 * @param {boolean[]} isNeeded
 * @returns {any[]}
 */
function inOutputs(y, names, isNeeded) {
  if (y == null) {
    if (isNeeded.some(Boolean)) throw valueError(`No target data: the loss and metrics of ${names.filter((_, i) => isNeeded[i])} need y`);
    return names.map(() => null);
  }
  if (isOne(y)) {
    if (names.length === 1) return [y];
    const only = isNeeded.indexOf(true);
    if (isNeeded.filter(Boolean).length === 1) return names.map((_, i) => (i === only ? y : null));
    throw valueError(`The model target expects ${names.length} Tensor(s), but only received one Tensor. Found: Tensor with shape ${y.shape}`);
  }
  if (!Array.isArray(y)) {
    return names.map((name, i) => {
      if (isNeeded[i] && ownValue(y, name) == null) throw valueError(`No data provided for "${name}". Need data for each key in: ${names}`);
      return ownValue(y, name);
    });
  }
  if (y.length === names.length) return y;
  const needed = names.map((_, i) => i).filter(i => isNeeded[i]);
  if (y.length === needed.length) return names.map((_, i) => (isNeeded[i] ? y[needed.indexOf(i)] : null));
  throw valueError('Error when checking model target: the Array of Tensors that you are passing to your model is not the size the model expected. ' +
    `Expected to see ${names.length} Tensor(s), but instead got the following list of Tensor(s): ${y}`);
}

/** The losses that TensorFlow.js checks targets of, in either spelling. */
const SAME_SHAPE = /^(mean_?squared_?error|mse|binary_?crossentropy|categorical_?crossentropy)$/i;

/**
 * @param {Tensor} y
 * @param {any} loss
 * @param {readonly (number | null)[]} shape of the output
 */
function assertTarget(y, loss, shape) {
  if (typeof loss !== 'string') return;
  if (/^categorical_?crossentropy$/i.test(loss) && y.shape[y.shape.length - 1] === 1 && shape[shape.length - 1] !== 1) {
    throw valueError(`You are passing a target array of shape ${y.shape} while using a loss 'categorical_crossentropy'. 'categorical_crossentropy'` +
      'expects targets to be binary matrices (1s and 0s) of shape [samples, classes].');
  }
  if (!SAME_SHAPE.test(loss) || y.shape.length !== shape.length) return;
  if (y.shape.some((dimension, i) => i > 0 && shape[i] !== null && dimension !== shape[i] && dimension !== 1 && shape[i] !== 1)) {
    throw valueError(`A target Tensor with shape ${y.shape} was passed for an output of shape ${shape}, while using a loss function that expects ` +
      'targets to have the same shape as the output.');
  }
}

/**
 * One weight a sample for each output; null: all count the same.
 * @param {Data} sampleWeight
 * @param {string[]} names
 * @returns {(Tensor | null)[]}
 */
function weightsOf(sampleWeight, names) {
  if (sampleWeight == null) return names.map(() => null);
  const convert = (/** @type {any} */ weight) => (weight == null ? null : convertToTensor(weight, 'sampleWeight', 'fit', 'numeric'));
  if (isOne(sampleWeight)) {
    const weight = convert(sampleWeight);
    return names.map(() => weight);
  }
  if (!Array.isArray(sampleWeight)) {
    const unknown = Object.keys(sampleWeight).find(name => !names.includes(name));
    if (unknown !== undefined) throw valueError(`Unknown entry in sampleWeight: "${unknown}". Only expected the following keys: ${names}`);
    return names.map(name => convert(ownValue(sampleWeight, name)));
  }
  if (sampleWeight.length !== names.length) {
    throw valueError(`When passing an Array as sampleWeight, it should have one entry per model output. ` +
      `The model has ${names.length} output(s), but ` +
      `got ${sampleWeight.length}.`);
  }
  return sampleWeight.map(convert);
}

/**
 * Multiplies weights of samples with those of their classes, which replaces entries of `weights`.
 * @param {(Tensor | null)[]} weights
 * @param {(Tensor | null)[]} ys
 * @param {any} classWeight
 * @param {string[]} names
 */
function applyClassWeights(weights, ys, classWeight, names) {
  perOutput(classWeight, names).forEach((own, i) => {
    const y = ys[i];
    if (own == null || y === null) return;
    const byClass = tensor1d(Float32Array.from(classesOf(y), number => own[number] ?? 1));
    const given = weights[i];
    weights[i] = given === null ? byClass : mul(given, given.rank === 2 ? expandDims(byClass, 1) : byClass);
  });
}

/** @param {any} classWeight @param {string[]} names @returns {(ClassWeight | null | undefined)[]} */
function perOutput(classWeight, names) {
  if (Array.isArray(classWeight)) {
    if (classWeight.length === names.length) return classWeight;
    throw valueError(`When classWeight is an Array, it should have one entry per model output (${names.length}), but got ${classWeight.length}. ` +
      'Make sure that you have specified a class weight for each output.');
  }
  if (typeof classWeight !== 'object') throw valueError(`classWeight is expected to be an object of a number for each class, but got ${classWeight}`);
  if (Object.keys(classWeight).some(key => names.includes(key))) return names.map(name => ownValue(classWeight, name));
  if (names.length === 1) return [classWeight];
  throw valueError(`The model has multiple (${names.length}) outputs, so \`classWeight\` ` +
    `must be either an array with ${names.length} elements or an ` +
    `object with ${names} keys. Provided \`classWeight\` not understood: ${JSON.stringify(classWeight)}`);
}

/** The number of each sample's class: the place of the largest element, or the one element. @param {Tensor} y */
function classesOf(y) {
  const { rank, shape } = y;
  if (rank > 2) throw valueError(`classWeight needs one class a sample, but the target has the shape [${shape}]`);
  const values = /** @type {Float32Array} */ (y.dataSync());
  const width = rank === 1 ? 1 : shape[1];
  return Array.from({ length: shape[0] }, (_, i) => {
    if (width === 1) return Math.round(values[i]);
    const row = values.subarray(i * width, (i + 1) * width);
    return row.reduce((best, value, k) => (value > row[best] ? k : best), 0);
  });
}

/**
 * @param {Tensor[]} xs
 * @param {(Tensor | null)[]} ys
 * @param {(Tensor | null)[]} weights
 */
function assertLengths(xs, ys, weights) {
  const [samples] = xs.map(({ shape }) => shape[0]);
  const targets = ys.filter(y => y !== null);
  if (targets.some(({ shape }) => shape[0] !== targets[0].shape[0])) {
    throw valueError(`All target Tensors (y) should have the same number of samples. ` +
      `Got array shapes: ${JSON.stringify(targets.map(y => y.shape))}`, 'SHAPE');
  }
  if (targets.length > 0 && targets[0].shape[0] !== samples) {
    throw valueError(`Input Tensors should have the same number of samples as target Tensors. Found ${samples} input sample(s) and ` +
      `${targets[0].shape[0]} target sample(s).`, 'SHAPE');
  }
  const wrong = weights.find(weight => weight !== null && weight.shape[0] !== samples);
  if (wrong != null) {
    throw valueError(`sampleWeight should have one weight a sample. ` +
      `Found ${samples} input sample(s) and weights of shape [${wrong.shape}].`, 'SHAPE');
  }
}
