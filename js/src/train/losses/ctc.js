/** Connectionist temporal classification. Keras: keras/src/losses/losses.py (ctc), which calls tf.nn.ctc_loss with blank 0. */
import { castTo } from '../../core/convert.js';
import { engine } from '../../core/engine.js';
import { assert } from '../../core/util.js';
import { add, equal, logicalAnd, logicalOr, mul, neg, notEqual, sub } from '../../ops/elementwise.js';
import { einsum } from '../../ops/einsum.js';
import { logSoftmax } from '../../ops/neural.js';
import { logSumExp, sum } from '../../ops/reduction.js';
import { expandDims, pad, reshape, slice, stack, where } from '../../ops/shape.js';

/** @import { Tensor } from '../../core/tensor.js' */

/** The logarithm of what cannot be. */
const IMPOSSIBLE = -1e30;

/** The rows moved by so many places to the right. @param {Tensor} x [batch, states] @param {number} places @param {number} filler */
function shift(x, places, filler) {
  const width = x.shape[1];
  const kept = slice(x, [0, 0], [-1, Math.max(0, width - places)]);
  return pad(kept, [[0, 0], [Math.min(places, width), 0]], filler);
}

/** blank, label, blank, label, ..., blank @param {Tensor} labels int32 [batch, n] @returns {Tensor} [batch, 2 n + 1] */
function withBlanks(labels) {
  const pairs = stack([sub(labels, labels), labels], 2);
  return pad(reshape(pairs, [-1, 2 * labels.shape[1]]), [[0, 0], [0, 1]], 0);
}

/**
 * -log of the probability of all paths that read as the labels: the sum goes over states (labels and the blanks between them) step by step,
 * alpha'(s) = (alpha(s) + alpha(s - 1) + alpha(s - 2) where s may be skipped to) p(s), in logarithms.
 * @param {Tensor} yTrue [batch, length], numbers of classes, padded with 0
 * @param {Tensor} yPred [batch, time, classes], logits; class 0 is the blank
 * @returns {Tensor} [batch]
 */
export function ctc(yTrue, yPred) {
  assert(yTrue.rank === 2, () => 'Targets `y_true` are expected to be a tensor of shape `(batch_size, max_length)` in integer format. ' +
    `Received: y_true.shape=[${yTrue.shape}]`, 'SHAPE');
  assert(yPred.rank === 3, () => 'Logits `y_pred` are expected to be a tensor of shape `(batch_size, max_length, num_classes)`. ' +
    `Received: y_pred.shape=[${yPred.shape}]`, 'SHAPE');
  const labels = castTo(yTrue, 'int32');
  const states = withBlanks(labels);
  const [hot] = engine.run('OneHot', { depth: yPred.shape[2], on_value: 1, off_value: 0, dtype: 'float32' }, [states]);
  const emissions = einsum('btc,bsc->bts', logSoftmax(yPred), hot);
  const skips = logicalAnd(notEqual(states, 0), notEqual(states, shift(states, 2, 0)));
  const places = Int32Array.from({ length: states.shape[1] }, (_, i) => i);
  const place = engine.makeTensor(places, [1, places.length], 'int32');
  const first = (/** @type {number} */ t) => reshape(slice(emissions, [0, t, 0], [-1, 1, -1]), [-1, places.length]);
  let alpha = where(engine.run('Less', null, [place, engine.makeTensor(new Int32Array([2]), [], 'int32')])[0], first(0), IMPOSSIBLE);
  for (let t = 1; t < yPred.shape[1]; t++) {
    const ways = [alpha, shift(alpha, 1, IMPOSSIBLE), where(skips, shift(alpha, 2, IMPOSSIBLE), IMPOSSIBLE)];
    alpha = add(logSumExp(stack(ways, 2), 2), first(t));
  }
  const last = mul(2, expandDims(sum(notEqual(labels, 0), 1), 1));
  const ends = logicalOr(equal(place, last), equal(place, sub(last, 1)));
  return neg(logSumExp(where(ends, alpha, IMPOSSIBLE), 1));
}
