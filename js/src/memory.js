/** tf.tidy and what else decides how long tensors live. */
import { engine as state, tensorsIn } from './core/engine.js';
import { Tensor } from './core/tensor.js';
import { assert } from './core/util.js';

/**
 * Runs a function and disposes the tensors that it made, all but those it returns.
 * @template T
 * @param {string | (() => T)} nameOrFn
 * @param {() => T} [fn]
 * @returns {T}
 */
export function tidy(nameOrFn, fn) {
  if (fn === undefined) {
    assert(typeof nameOrFn === 'function', () => 'Please provide a function to tidy()');
    return state.scoped('unnamed scope', nameOrFn);
  }
  assert(typeof nameOrFn === 'string', () => 'When calling with two arguments, the first argument to tidy() must be a string');
  assert(typeof fn === 'function', () => 'When calling with two arguments, the 2nd argument to tidy() must be a function');
  return state.scoped(nameOrFn, fn);
}

/**
 * Saves a tensor from tidy.
 * @template {Tensor} T
 * @param {T} result
 * @returns {T}
 */
export function keep(result) {
  result.kept = true;
  return result;
}

/**
 * Disposes all tensors in nested arrays and objects.
 * @param {unknown} container
 */
export function dispose(container) {
  for (const tensor of tensorsIn(container)) tensor.dispose();
}

/** Disposes all of tf.variable's variables. */
export function disposeVariables() {
  for (const variable of [...state.variables.values()]) variable.dispose();
}

/** How many tensors are alive, of how many buffers and bytes. */
export function memory() {
  return state.memory();
}

/**
 * How long a function takes, in milliseconds.
 * @param {() => unknown} query
 */
export async function time(query) {
  const start = performance.now();
  await query();
  const wallMs = performance.now() - start;
  return { kernelMs: wallMs, wallMs };
}

/** A promise of the next animation frame, or of the next turn of the event loop where there are no frames. */
export function nextFrame() {
  return new Promise(resolve => {
    if (typeof requestAnimationFrame === 'function') requestAnimationFrame(() => resolve(undefined));
    else setTimeout(resolve, 0);
  });
}

/** Scopes by hand: what is made between startScope and endScope is disposed, all but the result. */
const scopes = {
  /** @param {string} [name] */
  startScope: name => state.startScope(name),
  /** @param {unknown} [result] */
  endScope: result => state.endScope(result),
  tidy,
  keep,
  memory,
  disposeVariables,
  get registeredVariables() {
    return Object.fromEntries(state.variables);
  },
};

export function engine() {
  return scopes;
}
