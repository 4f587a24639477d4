/** Names of layers and weights, numbered and spelled as TensorFlow.js does. */

/** How many names were given out for each prefix. @type {Map<string, number>} */
const counts = new Map();

/** How often each name of a tensor was asked for. @type {Map<string, number>} */
const usedNames = new Map();

/** Names of the layers whose apply is running, outermost first. @type {string[]} */
const scopes = [];

/**
 * 'input1', 'input2', ...
 * @param {string} prefix
 */
export function numbered(prefix) {
  const number = (counts.get(prefix) ?? 0) + 1;
  counts.set(prefix, number);
  return `${prefix}${number}`;
}

/**
 * Runs a function in which the names of new tensors begin with `name/`.
 * @template T
 * @param {string} name
 * @param {() => T} body
 * @returns {T}
 */
export function nameScope(name, body) {
  scopes.push(name);
  try {
    return body();
  } finally {
    scopes.pop();
  }
}

/** @param {string} name */
export function scopedName(name) {
  return [...scopes, name].join('/');
}

/**
 * The name itself, or with a number behind it where it was given out before.
 * @param {string} name
 */
export function uniqueName(name) {
  const uses = usedNames.get(name) ?? 0;
  usedNames.set(name, uses + 1);
  if (uses === 0) return name;
  const unique = `${name}_${uses}`;
  usedNames.set(unique, 1);
  return unique;
}

/** @param {string} name 'BatchNormalization' */
export function toSnakeCase(name) {
  const text = name.replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2').replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return text.startsWith('_') ? `private${text}` : text;
}

/** @param {string} name 'batch_normalization' */
export function toCamelCase(name) {
  if (name.length <= 1 || !name.includes('_')) return name;
  return name.replace(/_+(\w|$)/g, (_, letter) => letter.toUpperCase());
}
