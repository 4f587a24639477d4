/** The losses: one row each. Classes, functions by name and configs come from here. */
import { toCamelCase, toSnakeCase } from '../../layers/names.js';
import {
  binaryCrossentropy, binaryFocalCrossentropy, categoricalCrossentropy, categoricalFocalCrossentropy, categoricalGeneralizedCrossEntropy,
  sparseCategoricalCrossentropy,
} from './crossentropy.js';
import { ctc } from './ctc.js';
import { categoricalHinge, hinge, squaredHinge } from './hinge.js';
import {
  cosineSimilarity, huber, klDivergence, logCosh, meanAbsoluteError, meanAbsolutePercentageError, meanSquaredError,
  meanSquaredLogarithmicError, poisson,
} from './regression.js';
import { circle, dice, tversky } from './similarity.js';

/** @import { LossFunction } from './loss.js' */

/**
 * @typedef {object} LossRow
 * @property {string} className Keras 3's
 * @property {LossFunction} fn
 * @property {Record<string, any>} [options] of the function, in the order of Keras's config, with their defaults
 * @property {readonly string[]} [writtenIfSet] options that Keras reads in configs but does not write (or only where they are set):
 *   they are written where they are not the default, so that what is loaded is what was saved
 * @property {readonly string[]} [aliases] other names of the function
 * @property {string} [name] of an instance, where it is not the function's
 */

const CROSSENTROPY = { fromLogits: false, labelSmoothing: 0, axis: -1 };

/** @satisfies {readonly LossRow[]} */
export const LOSSES = /** @type {const} */ ([
  { className: 'MeanSquaredError', fn: meanSquaredError, aliases: ['mse', 'MSE'] },
  { className: 'MeanAbsoluteError', fn: meanAbsoluteError, aliases: ['mae', 'MAE'] },
  { className: 'MeanAbsolutePercentageError', fn: meanAbsolutePercentageError, aliases: ['mape', 'MAPE'] },
  { className: 'MeanSquaredLogarithmicError', fn: meanSquaredLogarithmicError, aliases: ['msle', 'MSLE'] },
  { className: 'CosineSimilarity', fn: cosineSimilarity, options: { axis: -1 }, writtenIfSet: ['axis'],
    aliases: ['cosineProximity', 'cosine_proximity', 'cosine'] },
  { className: 'Huber', fn: huber, options: { delta: 1 }, writtenIfSet: ['delta'],
    name: 'huber_loss' },
  { className: 'LogCosh', fn: logCosh, aliases: ['logcosh', 'LogCosh'] },
  { className: 'Hinge', fn: hinge },
  { className: 'SquaredHinge', fn: squaredHinge },
  { className: 'CategoricalHinge', fn: categoricalHinge },
  { className: 'KLDivergence', fn: klDivergence, aliases: ['kld', 'KLD', 'kullback_leibler_divergence', 'kullbackLeiblerDivergence'] },
  { className: 'Poisson', fn: poisson },
  { className: 'BinaryCrossentropy', fn: binaryCrossentropy, options: CROSSENTROPY, aliases: ['bce', 'BCE'] },
  { className: 'BinaryFocalCrossentropy', fn: binaryFocalCrossentropy,
    options: { ...CROSSENTROPY, applyClassBalancing: false, alpha: 0.25, gamma: 2 } },
  { className: 'CategoricalCrossentropy', fn: categoricalCrossentropy, options: CROSSENTROPY },
  { className: 'CategoricalFocalCrossentropy', fn: categoricalFocalCrossentropy, options: { ...CROSSENTROPY, alpha: 0.25, gamma: 2 } },
  { className: 'SparseCategoricalCrossentropy', fn: sparseCategoricalCrossentropy,
    options: { fromLogits: false, ignoreClass: null, axis: -1 }, writtenIfSet: ['axis'] },
  { className: 'Dice', fn: dice, options: { axis: null } },
  { className: 'Tversky', fn: tversky, options: { alpha: 0.5, beta: 0.5, axis: null } },
  { className: 'Circle', fn: circle, options: { gamma: 80, margin: 0.4, removeDiagonal: true } },
  { className: 'CTC', fn: ctc },
  { className: 'CategoricalGeneralizedCrossEntropy', fn: categoricalGeneralizedCrossEntropy, options: { q: 0.5 } },
]);

/** @typedef {typeof LOSSES[number]['className']} LossName */

/** Keras's spelling of a class's function: 'kl_divergence', 'ctc', 'mean_squared_error'. @param {string} className */
export function functionName(className) {
  return className === 'KLDivergence' ? 'kl_divergence' : toSnakeCase(className);
}

/**
 * All names by which strings may mean a row: the class, its function and an instance in both spellings, and others.
 * @template {{className: string, name?: string, aliases?: readonly string[]}} Row
 * @param {readonly Row[]} rows
 * @returns {Map<string, Row>}
 */
export function byName(rows) {
  return new Map(rows.flatMap(row => {
    const name = functionName(row.className);
    const names = row.name === undefined ? [name] : [name, row.name];
    const all = [row.className, ...names, ...names.map(toCamelCase), ...(row.aliases ?? [])];
    return all.map(key => /** @type {[string, Row]} */ ([key, row]));
  }));
}
