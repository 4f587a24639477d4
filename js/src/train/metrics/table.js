/** The metrics that are means of a function: one row each. */
import { binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy } from '../losses/crossentropy.js';
import { categoricalHinge, hinge, squaredHinge } from '../losses/hinge.js';
import {
  cosine, klDivergence, logCosh, meanAbsoluteError, meanAbsolutePercentageError, meanSquaredError, meanSquaredLogarithmicError, poisson,
} from '../losses/regression.js';
import {
  accuracy, binaryAccuracy, categoricalAccuracy, concordanceCorrelation, pearsonCorrelation, sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy, topKCategoricalAccuracy,
} from './functions.js';

/** @import { LossRow } from '../losses/table.js' */

/** As rows of losses. @satisfies {readonly LossRow[]} */
export const MEANS = /** @type {const} */ ([
  { className: 'Accuracy', fn: accuracy },
  { className: 'BinaryAccuracy', fn: binaryAccuracy, options: { threshold: 0.5 } },
  { className: 'CategoricalAccuracy', fn: categoricalAccuracy },
  { className: 'SparseCategoricalAccuracy', fn: sparseCategoricalAccuracy },
  { className: 'TopKCategoricalAccuracy', fn: topKCategoricalAccuracy, options: { k: 5 } },
  { className: 'SparseTopKCategoricalAccuracy', fn: sparseTopKCategoricalAccuracy, options: { k: 5, fromSortedIds: false },
    writtenIfSet: ['fromSortedIds'] },
  { className: 'MeanSquaredError', fn: meanSquaredError, aliases: ['mse', 'MSE'] },
  { className: 'MeanAbsoluteError', fn: meanAbsoluteError, aliases: ['mae', 'MAE'] },
  { className: 'MeanAbsolutePercentageError', fn: meanAbsolutePercentageError, aliases: ['mape', 'MAPE'] },
  { className: 'MeanSquaredLogarithmicError', fn: meanSquaredLogarithmicError, aliases: ['msle', 'MSLE'] },
  { className: 'CosineSimilarity', fn: cosine, options: { axis: -1 }, writtenIfSet: ['axis'] },
  { className: 'LogCoshError', fn: logCosh, name: 'logcosh', aliases: ['log_cosh', 'logCosh'] },
  { className: 'KLDivergence', fn: klDivergence, aliases: ['kld', 'KLD', 'kullback_leibler_divergence', 'kullbackLeiblerDivergence'] },
  { className: 'Poisson', fn: poisson },
  { className: 'Hinge', fn: hinge },
  { className: 'SquaredHinge', fn: squaredHinge },
  { className: 'CategoricalHinge', fn: categoricalHinge },
  { className: 'BinaryCrossentropy', fn: binaryCrossentropy, options: { fromLogits: false, labelSmoothing: 0 }, aliases: ['bce', 'BCE'] },
  { className: 'CategoricalCrossentropy', fn: categoricalCrossentropy, options: { fromLogits: false, labelSmoothing: 0, axis: -1 } },
  { className: 'SparseCategoricalCrossentropy', fn: sparseCategoricalCrossentropy,
    options: { fromLogits: false, ignoreClass: null, axis: -1 } },
  { className: 'PearsonCorrelation', fn: pearsonCorrelation, options: { axis: -1 } },
  { className: 'ConcordanceCorrelation', fn: concordanceCorrelation, options: { axis: -1 } },
]);

/** @typedef {typeof MEANS[number]['className']} MeanName */
