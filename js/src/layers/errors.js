/** The errors of TensorFlow.js's layers: their class says what kind of mistake it was. */
import { failure } from '../core/util.js';

/** @type {Record<string, string>} */
const CODES = { ValueError: 'INVALID_ARGUMENT', AttributeError: 'INVALID_ARGUMENT',
  RuntimeError: 'INVALID_ARGUMENT', NotImplementedError: 'UNSUPPORTED' };

/**
 * @param {'ValueError' | 'AttributeError' | 'RuntimeError' | 'NotImplementedError'} kind
 * @param {string} message
 * @param {string} [code] of core/errors.def
 */
export function layerError(kind, message, code = CODES[kind]) {
  return Object.assign(failure(code, message), { kind });
}

/** @param {string} message @param {string} [code] */
export const valueError = (message, code) => layerError('ValueError', message, code);
