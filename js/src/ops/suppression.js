/** Non-maximum suppression: of boxes that overlap the best are kept. Reference: Bodla et al., Soft-NMS (2017), and TensorFlow's kernels. */
import { convertToTensor, op } from '../core/convert.js';
import { engine } from '../core/engine.js';
import { assert } from '../core/util.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { TensorLike } from '../core/convert.js' */

/** @typedef {{score: number, boxIndex: number, suppressBeginIndex: number}} Candidate */

/** How much of two boxes is common. @param {Float32Array} boxes @param {number} i @param {number} j */
function overlap(boxes, i, j) {
  const [a, b] = [boxes.subarray(4 * i, 4 * i + 4), boxes.subarray(4 * j, 4 * j + 4)];
  const corners = (/** @type {Float32Array} */ box) => [Math.min(box[0], box[2]), Math.min(box[1], box[3]), Math.max(box[0], box[2]),
    Math.max(box[1], box[3])];
  const [p, q] = [corners(a), corners(b)];
  const area = (/** @type {number[]} */ [top, left, bottom, right]) => (bottom - top) * (right - left);
  if (area(p) <= 0 || area(q) <= 0) return 0;
  const common = Math.max(Math.min(p[2], q[2]) - Math.max(p[0], q[0]), 0) * Math.max(Math.min(p[3], q[3]) - Math.max(p[1], q[1]), 0);
  return common / (area(p) + area(q) - common);
}

/**
 * A place for an element in a sorted list.
 * @template T
 * @param {T[]} list
 * @param {T} target
 * @param {(a: T, b: T) => number} compare
 * @returns {number} below 0: -(place + 1), the target is not there
 */
export function binarySearch(list, target, compare = /** @type {any} */ ((/** @type {any} */ a, /** @type {any} */ b) =>
  (a > b ? 1 : a < b ? -1 : 0))) {
  let [left, right, found] = [0, list.length, false];
  while (left < right) {
    const middle = left + ((right - left) >>> 1);
    const order = compare(target, list[middle]);
    if (order > 0) {
      left = middle + 1;
    } else {
      right = middle;
      found = order === 0;
    }
  }
  return found ? left : -left - 1;
}

/** @template T @param {T[]} list @param {T} element @param {(a: T, b: T) => number} [compare] */
export function binaryInsert(list, element, compare) {
  const place = binarySearch(list, element, compare);
  list.splice(place < 0 ? -(place + 1) : place, 0, element);
}

/** @param {Candidate} a @param {Candidate} b */
const ascending = (a, b) => a.score - b.score || (a.score === b.score ? b.boxIndex - a.boxIndex : 0);

/**
 * @param {Float32Array} boxes
 * @param {Float32Array} scores
 * @param {number} most
 * @param {number} iouThreshold
 * @param {number} scoreThreshold
 * @param {number} sigma 0: what overlaps is dropped; else its score sinks
 */
function select(boxes, scores, most, iouThreshold, scoreThreshold, sigma) {
  /** @type {Candidate[]} */
  const candidates = [];
  scores.forEach((score, boxIndex) => {
    if (score > scoreThreshold) candidates.push({ score, boxIndex, suppressBeginIndex: 0 });
  });
  candidates.sort(ascending);
  const scale = sigma > 0 ? -0.5 / sigma : 0;
  /** @type {number[]} */
  const indices = [];
  /** @type {number[]} */
  const kept = [];
  while (indices.length < most && candidates.length > 0) {
    const candidate = /** @type {Candidate} */ (candidates.pop());
    const before = candidate.score;
    if (before < scoreThreshold) break;
    let ignored = false;
    for (let j = indices.length - 1; j >= candidate.suppressBeginIndex; j--) {
      const iou = overlap(boxes, candidate.boxIndex, indices[j]);
      if (iou >= iouThreshold) {
        ignored = true;
        break;
      }
      candidate.score *= iou <= iouThreshold ? Math.exp(scale * iou * iou) : 0;
      if (candidate.score <= scoreThreshold) break;
    }
    candidate.suppressBeginIndex = indices.length;
    if (ignored) continue;
    if (candidate.score === before) {
      indices.push(candidate.boxIndex);
      kept.push(candidate.score);
    } else if (candidate.score > scoreThreshold) {
      binaryInsert(candidates, candidate, ascending);
    }
  }
  return { indices, scores: kept };
}

/**
 * @param {string} name
 * @param {TensorLike} boxes
 * @param {TensorLike} scores
 * @param {number} most
 * @param {number} [iouThreshold]
 * @param {number} [scoreThreshold]
 * @param {number} [sigma]
 */
function prepare(name, boxes, scores, most, iouThreshold = 0.5, scoreThreshold = -Infinity, sigma = 0) {
  const areas = convertToTensor(boxes, 'boxes', name, 'float32');
  const points = convertToTensor(scores, 'scores', name, 'float32');
  assert(iouThreshold >= 0 && iouThreshold <= 1, () => `iouThreshold must be in [0, 1], but was '${iouThreshold}'`);
  assert(areas.rank === 2, () => `boxes must be a 2D tensor, but was of rank '${areas.rank}'`, 'SHAPE');
  assert(areas.shape[1] === 4, () => `boxes must have 4 columns, but 2nd dimension was ${areas.shape[1]}`, 'SHAPE');
  assert(points.rank === 1, () => 'scores must be a 1D tensor', 'SHAPE');
  assert(points.shape[0] === areas.shape[0],
    () => `scores has incompatible shape with boxes. Expected ${areas.shape[0]}, but was ${points.shape[0]}`, 'SHAPE');
  assert(sigma >= 0 && sigma <= 1, () => `softNmsSigma must be in [0, 1], but was '${sigma}'`);
  return select(areas.dataSync(), points.dataSync(), Math.min(most, areas.shape[0]), iouThreshold, scoreThreshold, sigma);
}

/** @param {number[]} values */
const ints = values => engine.makeTensor(Int32Array.from(values), [values.length], 'int32');
/** @param {number[]} values */
const floats = values => engine.makeTensor(Float32Array.from(values), [values.length], 'float32');

/** @type {(boxes: TensorLike, scores: TensorLike, maxOutputSize: number, iouThreshold?: number, scoreThreshold?: number) => Tensor} */
const plain = op('nonMaxSuppression', (boxes, scores, maxOutputSize, iouThreshold, scoreThreshold) =>
  ints(prepare('nonMaxSuppression', boxes, scores, maxOutputSize, iouThreshold, scoreThreshold).indices));

/**
 * @type {(boxes: TensorLike, scores: TensorLike, maxOutputSize: number, iouThreshold?: number, scoreThreshold?: number,
 *   softNmsSigma?: number) =>
 *   {selectedIndices: Tensor, selectedScores: Tensor}}
 */
const withScore = op('nonMaxSuppressionWithScore', (boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma) => {
  const found = prepare('nonMaxSuppression', boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma);
  return { selectedIndices: ints(found.indices), selectedScores: floats(found.scores) };
});

/**
 * @type {(boxes: TensorLike, scores: TensorLike, maxOutputSize: number, iouThreshold?: number, scoreThreshold?: number,
 *   padToMaxOutputSize?: boolean) =>
 *   {selectedIndices: Tensor, validOutputs: Tensor}}
 */
const padded = op('nonMaxSuppressionPadded', (boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize = false) => {
  const { indices } = prepare('nonMaxSuppression', boxes, scores, maxOutputSize, iouThreshold, scoreThreshold);
  const missing = padToMaxOutputSize ? Math.max(0, maxOutputSize - indices.length) : 0;
  const validOutputs = engine.makeTensor(Int32Array.of(indices.length), [], 'int32');
  return { selectedIndices: ints([...indices, ...new Array(missing).fill(0)]), validOutputs };
});

/** @template {(...args: any[]) => any} F @param {F} body @returns {(...args: Parameters<F>) => Promise<ReturnType<F>>} */
const later = body => async (...args) => body(...args);

export const nonMaxSuppression = {
  nonMaxSuppression: plain, nonMaxSuppressionAsync: later(plain),
  nonMaxSuppressionWithScore: withScore, nonMaxSuppressionWithScoreAsync: later(withScore),
  nonMaxSuppressionPadded: padded, nonMaxSuppressionPaddedAsync: later(padded),
};
