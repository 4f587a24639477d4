/** Errors with the codes of core/errors.def. */
import { ERROR_CODES } from './errors.gen.js';

/**
 * @param {number | string} status a horn_status, or a code itself
 * @param {string} message
 * @returns {Error & {code: string}}
 */
export function errorOf(status, message) {
  const code = typeof status === 'number' ? (ERROR_CODES[status] ?? 'INTERNAL') : status;
  return Object.assign(new Error(message), { code });
}
