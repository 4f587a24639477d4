/** Elements of datasets: a number, text, array or tensor, or objects and arrays of elements in any depth. */
import { engine, tensorsIn } from '../core/engine.js';
import { Tensor } from '../core/tensor.js';
import { failure, isTypedArray } from '../core/util.js';
import { tensor } from '../ops/creation.js';
import { stack } from '../ops/shape.js';

/**
 * Whether a value has members to visit: an array or an object, but no tensor, typed array, promise, Blob or the like.
 * @param {any} value
 */
export function isTree(value) {
  return Array.isArray(value) || (!(value instanceof Tensor) && Object.prototype.toString.call(value) === '[object Object]');
}

/**
 * The same structure with other leaves. A leaf that is there twice is asked for once; undefined becomes null.
 * @param {any} tree
 * @param {(leaf: any) => any} change
 * @param {(value: any) => boolean} [isLeaf]
 * @param {Map<any, any>} [seen] what became of values met before
 * @param {Set<any>} [around] the trees that the value is in
 * @returns {any}
 */
export function mapTree(tree, change, isLeaf = value => !isTree(value), seen = new Map(), around = new Set()) {
  if (tree == null) return null;
  if (around.has(tree)) throw failure('INVALID_ARGUMENT', 'Circular references are not supported.');
  if (seen.has(tree)) return seen.get(tree);
  if (isLeaf(tree)) {
    const leaf = change(tree);
    seen.set(tree, leaf);
    return leaf;
  }
  /** @type {any} */
  const copy = Array.isArray(tree) ? [] : Object.create(Object.getPrototypeOf(tree));
  around.add(tree);
  for (const key of Object.keys(tree)) copy[key] = mapTree(tree[key], change, isLeaf, seen, around);
  around.delete(tree);
  return copy;
}

/**
 * As mapTree, with leaves that are waited for, all at the same time.
 * @param {any} tree
 * @param {(leaf: any) => any} change
 * @param {(value: any) => boolean} [isLeaf]
 * @returns {Promise<any>}
 */
export async function mapTreeAsync(tree, change, isLeaf) {
  /** @type {Map<any, any>} */
  const leaves = new Map();
  mapTree(tree, leaf => leaves.set(leaf, change(leaf)), isLeaf);
  const values = await Promise.all(leaves.values());
  const results = new Map([...leaves.keys()].map((leaf, i) => [leaf, values[i]]));
  return mapTree(tree, leaf => results.get(leaf), isLeaf);
}

/** An element with clones of its tensors. @param {any} element */
export function cloneElement(element) {
  return mapTree(element, leaf => (leaf instanceof Tensor ? leaf.clone() : leaf));
}

/**
 * Disposes tensors of an element that are not in a result made from it.
 * @param {Iterable<Tensor>} inputs
 * @param {unknown} result
 */
export function disposeUnused(inputs, result) {
  const used = tensorsIn(result);
  for (const input of inputs) if (!used.has(input)) input.dispose();
}

/**
 * What a function makes of an element. Tensors of the element that the result does not have are disposed, all where the function
 * throws.
 * @param {any} element the function may change it in place
 * @param {(element: any) => any} transform
 * @returns {Promise<any>}
 */
export async function transformed(element, transform) {
  const inputs = tensorsIn(element);
  let result;
  try {
    const given = transform(element);
    // a promise is waited for: its function still needs the element
    result = given instanceof Promise ? await given : given;
  } catch (error) {
    disposeUnused(inputs, null);
    throw error;
  }
  disposeUnused(inputs, result);
  return result;
}

/** As tf.tidy; what the function answers may be a promise, whose tensors are its own business. @param {() => any} body */
export function tidyAnswer(body) {
  engine.startScope('predicate');
  try {
    return body();
  } finally {
    engine.endScope(null);
  }
}

/** Whether rows like this become one tensor. An array that holds tensors is a tree: each place becomes a tensor. @param {any} row */
function isBatchable(row) {
  if (Array.isArray(row)) return !row.some(item => item instanceof Tensor);
  return row === null || (typeof row !== 'object' && typeof row !== 'function') || row instanceof Tensor || isTypedArray(row);
}

/**
 * Elements of one structure as one element whose leaves are tensors with a first dimension more.
 * @param {any[]} rows at least one
 * @param {Set<any>} [around] the trees that the first row is in
 * @returns {any}
 */
export function batchRows(rows, around = new Set()) {
  const [first] = rows;
  if (around.has(first)) throw failure('INVALID_ARGUMENT', 'Circular references are not supported.');
  if (first === undefined || isBatchable(first)) return joinRows(rows);
  if (!isTree(first)) throw failure('INVALID_ARGUMENT', `Can't recurse into non-iterable type: ${first}`);
  /** @type {any} */
  const batch = Array.isArray(first) ? [] : {};
  around.add(first);
  for (const key of Object.keys(first)) batch[key] = batchRows(rows.map(row => row[key]), around);
  around.delete(first);
  return batch;
}

/** @param {any[]} rows numbers, texts, arrays or tensors @returns {Tensor} */
function joinRows(rows) {
  if (rows[0] instanceof Tensor) return stack(rows);
  const { constructor, length } = Object(rows[0]);
  if (!isTypedArray(rows[0]) || rows.some(row => row?.constructor !== constructor || row.length !== length)) return tensor(rows);
  // as typed arrays side by side, which need no look at each element
  const values = new constructor(rows.length * length);
  rows.forEach((row, i) => values.set(row, i * length));
  return tensor(values, [rows.length, length]);
}
