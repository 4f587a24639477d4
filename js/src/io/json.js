/** JSON as Python writes it: with NaN and Infinity. */

/** A string, or one of the numbers that JSON does not have. */
const STRING_OR_NOT_JSON = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * JSON.parse that reads NaN and Infinity as null, for looking at a manifest; the native library gets the text itself.
 * @param {string} text
 * @returns {any}
 */
export function parseJSON(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const replaced = text.replace(STRING_OR_NOT_JSON, match => (match.startsWith('"') ? match : 'null'));
    if (replaced === text) throw error;
    return JSON.parse(replaced);
  }
}
