/** Logs: what callbacks and History are told. */

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
