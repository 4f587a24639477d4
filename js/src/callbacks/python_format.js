/** Numbers and templates as Python writes them, since names of checkpoints and lines of logs are Python's: `{epoch:04d}-{val_loss:.2f}`. */
import { failure } from '../core/util.js';

/** Enough for any name; a width from a template is no reason to fill memory. */
const MOST_DIGITS = 60;
/** Enough to tell a tie. */
const EXACT_DIGITS = 40;

/**
 * Digits of a number; a tie goes to the even digit, where JavaScript rounds up.
 * @param {'toFixed' | 'toExponential'} method
 * @param {number} value not negative
 * @param {number} precision digits after the point
 */
function rounded(method, value, precision) {
  if (method === 'toFixed' && value >= 1e21) return `${BigInt(value)}.${'0'.repeat(precision)}`.replace(/\.$/, '');
  const [mantissa, exponent] = value[method](precision + 1).split('e');
  const [exact] = value[method](precision + EXACT_DIGITS).split('e');
  const kept = mantissa.slice(0, -1).replace(/\.$/, '');
  if (!mantissa.endsWith('5') || exact !== mantissa.padEnd(exact.length, '0') || Number(kept.at(-1)) % 2 === 1) return value[method](precision);
  return exponent === undefined ? kept : `${kept}e${exponent}`;
}

/** Two digits or more, with a sign. @param {string} text a number as JavaScript writes it with an exponent */
const padExponent = text => text.replace(/e([+-])(\d)$/, 'e$10$2');

/**
 * A float as Python's repr has it: the shortest text that reads back as the number.
 * @param {number} value
 */
export function floatText(value) {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  if (exponent < -4 || exponent >= 16) return padExponent(value.toExponential());
  const text = String(value);
  if (text.includes('e')) return value.toFixed(-exponent + text.split('e')[0].replace(/[-.]/g, '').length - 1);
  return text.includes('.') ? text : `${text}.0`;
}

const SPEC = /^(?:(.)?([<>=^]))?([+ -])?(0)?(\d+)?(,)?(?:\.(\d+))?([bdeEfFgGnosxX%])?$/su;

/**
 * As many digits as asked for, with an exponent where it is far from 0.
 * @param {number} value not negative
 * @param {number} precision digits in all
 * @param {boolean} isFloat has a digit after the point, and an exponent one digit earlier: what no type means
 */
function general(value, precision, isFloat) {
  const digits = Math.max(precision, 1);
  const [mantissa, power] = rounded('toExponential', value, digits - 1).split('e');
  const exponent = Number(power);
  const trim = (/** @type {string} */ text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent < -4 || exponent >= digits - (isFloat ? 1 : 0)) return padExponent(`${trim(mantissa)}e${power}`);
  const text = trim(rounded('toFixed', value, Math.max(digits - 1 - exponent, 0)));
  return isFloat && !text.includes('.') ? `${text}.0` : text;
}

/**
 * The digits of a number without its sign.
 * @param {number} value not negative
 * @param {string} type
 * @param {number | undefined} precision
 * @param {boolean} isInteger
 */
function digitsOf(value, type, precision, isInteger) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : 'inf';
  switch (type) {
    case 'd': case 'n': return String(value);
    case 'b': case 'o': case 'x': return value.toString({ b: 2, o: 8, x: 16 }[type]);
    case 'X': return value.toString(16).toUpperCase();
    case 'f': case 'F': return rounded('toFixed', value, precision ?? 6);
    case '%': return `${rounded('toFixed', value * 100, precision ?? 6)}%`;
    case 'e': return padExponent(rounded('toExponential', value, precision ?? 6));
    case 'E': return padExponent(rounded('toExponential', value, precision ?? 6)).toUpperCase();
    case 'g': return general(value, precision ?? 6, false);
    case 'G': return general(value, precision ?? 6, false).toUpperCase();
    default:
      if (isInteger) return String(value);
      return precision === undefined ? floatText(value) : general(value, precision, true);
  }
}

/** @param {string} text @param {number} width @param {string} fill @param {string} align @param {string} sign */
function pad(text, width, fill, align, sign) {
  const missing = Math.max(width - text.length - sign.length, 0);
  if (align === '=') return sign + fill.repeat(missing) + text;
  if (align === '<') return sign + text + fill.repeat(missing);
  const left = align === '^' ? Math.floor(missing / 2) : missing;
  return fill.repeat(left) + sign + text + fill.repeat(missing - left);
}

/**
 * A number by Python's format specification.
 * @param {number} value
 * @param {string} spec such as 04d or .2f
 * @param {boolean} isInteger an int in Python
 */
export function formatNumber(value, spec, isInteger) {
  const match = SPEC.exec(spec);
  if (match === null) throw failure('INVALID_ARGUMENT', `Invalid format specifier '${spec}'`);
  const [, fill, align, signs, zero, width = '0', comma, precision, type = ''] = match;
  if (type === 's' || ('bdnoxX'.includes(type) && type !== '' && !isInteger)) {
    throw failure('INVALID_ARGUMENT', `Unknown format code '${type}' for ${isInteger ? 'an integer' : 'a float'}, in '${spec}'`);
  }
  if (precision !== undefined && isInteger && 'bdnoxX'.includes(type)) {
    throw failure('INVALID_ARGUMENT', `Precision is not allowed for integers, in '${spec}'`);
  }
  if (Number(width) > MOST_DIGITS || Number(precision ?? 0) > MOST_DIGITS) {
    throw failure('LIMIT', `Format specifier '${spec}': at most ${MOST_DIGITS} digits`);
  }
  const sign = value < 0 || Object.is(value, -0) ? '-' : signs === '+' || signs === ' ' ? signs : '';
  let digits = digitsOf(Math.abs(value), type, precision === undefined ? undefined : Number(precision), isInteger);
  if (comma !== undefined) digits = digits.replace(/^\d+/, whole => whole.replace(/\B(?=(\d{3})+$)/g, ','));
  return pad(digits, Number(width), fill ?? (zero !== undefined ? '0' : ' '), align ?? (zero !== undefined ? '=' : '>'), sign);
}

/**
 * A text with {name} and {name:spec} filled in; {{ and }} are braces.
 * @param {string} template
 * @param {(name: string) => {value: number, isInteger: boolean} | undefined} look
 */
export function formatTemplate(template, look) {
  return template.replace(/\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}|[{}]/g, (whole, name, spec = '') => {
    if (whole === '{{' || whole === '}}') return whole[0];
    if (name === undefined) throw failure('INVALID_ARGUMENT', `Failed to format this callback filepath: "${template}". Reason: single '${whole}'`);
    const found = look(name);
    if (found === undefined) throw failure('NOT_FOUND', `Failed to format this callback filepath: "${template}". Reason: '${name}'`);
    return formatNumber(found.value, spec, found.isInteger);
  });
}
