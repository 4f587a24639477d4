/** Logs: what callbacks and History are told. */

/**
 * Logs of a batch: they know its number and size as TensorFlow.js's do, which are not among the keys.
 * @param {number} batch
 * @param {number} size
 * @param {Record<string, any>} logs
 */
export function ofBatch(batch, size, logs = {}) {
  return Object.defineProperties({ ...logs }, { batch: { value: batch }, size: { value: size } });
}

/**
 * Answers to TensorFlow.js's names too ('acc' for 'accuracy', 'val_acc'): they are not among the keys.
 * @template {Record<string, any>} T
 * @param {T} logs
 * @param {Record<string, string>} aliases
 * @returns {T}
 */
export function withAliases(logs, aliases) {
  for (const [alias, name] of Object.entries(aliases)) {
    for (const prefix of ['', 'val_']) {
      const [key, own] = [prefix + alias, prefix + name];
      if (own in logs && !(key in logs)) Object.defineProperty(logs, key, { get: () => logs[own], enumerable: false, configurable: true });
    }
  }
  return logs;
}
