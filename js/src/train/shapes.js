/** What 'accuracy' and 'crossentropy' mean. Keras: is_binary_or_sparse_categorical in keras/src/trainers/compile_utils.py */

/** @typedef {readonly (number | null)[]} Shape null: not known */

/**
 * @param {Shape} yTrue
 * @param {Shape} yPred
 * @returns {'Binary' | 'SparseCategorical' | 'Categorical'}
 */
export function kindByShapes(yTrue, yPred) {
  const [truth, guess] = [yTrue.at(-1), yPred.at(-1)];
  if (guess === 1) return 'Binary';
  const isSparse = yTrue.length < yPred.length || (truth === 1 && guess != null && guess > 1);
  return isSparse ? 'SparseCategorical' : 'Categorical';
}
