/** What optimizers take: positional arguments as TensorFlow.js has them, options, configs in Keras's and in TensorFlow.js's spelling. */
import { failure } from '../../core/util.js';
import { toCamelCase, toSnakeCase } from '../../layers/names.js';
import { deserializeSchedule, LearningRateSchedule } from '../schedules.js';

/**
 * What every optimizer takes, as Keras 3 has it.
 * @typedef {object} CommonOptions
 * @property {number | LearningRateSchedule} [learningRate]
 * @property {number | null} [weightDecay] decoupled: each step takes this share of the learning rate off each variable
 * @property {number | null} [clipnorm] the largest norm of a variable's gradient
 * @property {number | null} [globalClipnorm] the largest norm of all gradients together
 * @property {number | null} [clipvalue] the largest absolute value in a gradient
 * @property {boolean} [useEma] whether moving averages of the variables are kept
 * @property {number} [emaMomentum]
 * @property {number | null} [emaOverwriteFrequency] after so many steps variables become their averages
 * @property {number | null} [lossScaleFactor] what losses were multiplied with; gradients are divided by it
 * @property {number | null} [gradientAccumulationSteps] how many gradients are averaged for one step
 * @property {string} [name]
 */

/** What a fixed share of configs holds; in Keras's order, between the learning rate and an optimizer's own fields. */
export const COMMON_FIELDS = {
  weightDecay: null, clipnorm: null, globalClipnorm: null, clipvalue: null, useEma: false, emaMomentum: 0.99, emaOverwriteFrequency: null,
  lossScaleFactor: null, gradientAccumulationSteps: null,
};

/** What configs of older Keras hold beside; Keras 3 ignores them too. */
const FORMER_FIELDS = ['decay', 'jitCompile', 'isLegacyOptimizer', 'lr'];

/** @param {any} value */
const isOptions = value => value !== null && typeof value === 'object' && !(value instanceof LearningRateSchedule);

/** A field's name as Keras writes it: beta1 is beta_1, but l1 is l1. @param {string} name */
export const toKerasName = name => toSnakeCase(name).replace(/(?<=[a-z]{2})(\d)/g, '_$1');

/**
 * Fields by their names from arguments: options alone, or values in TensorFlow.js's order with options last.
 * @param {readonly any[]} args
 * @param {readonly string[]} positional
 * @returns {Record<string, any>}
 */
export function readArguments(args, positional) {
  const options = isOptions(args.at(-1)) ? { ...args.at(-1) } : {};
  const values = isOptions(args.at(-1)) ? args.slice(0, -1) : args;
  positional.forEach((name, i) => {
    if (values[i] != null) options[name] = values[i];
  });
  return options;
}

/**
 * All fields of an optimizer: what is given, and defaults.
 * @param {string} who
 * @param {Record<string, any>} defaults
 * @param {Record<string, any>} options by the fields' names
 */
export function completeFields(who, defaults, options) {
  const unknown = Object.keys(options).filter(name => !Object.hasOwn(defaults, name) && name !== 'name');
  if (unknown.length > 0) {
    throw failure('INVALID_ARGUMENT', `${who}: argument(s) not recognized: ${unknown}. It takes ${Object.keys(defaults)}`);
  }
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, options[name] ?? value]));
}

/**
 * A config of a file, or of getConfig, as options.
 * @param {Record<string, any>} config in either spelling
 * @param {Record<string, any>} defaults the fields that the optimizer has
 * @param {Record<string, string>} aliases other names of fields
 */
export function readConfig(config, defaults, aliases) {
  const given = Object.fromEntries(Object.entries(config).map(([key, value]) => [toCamelCase(key), value]));
  /** @type {Record<string, any>} */
  const options = given.lr === undefined ? {} : { learningRate: given.lr };
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(defaults, name) || !FORMER_FIELDS.includes(name)) options[name] = name === 'learningRate' ? readRate(value) : value;
  }
  for (const [alias, name] of Object.entries(aliases)) {
    if (given[alias] === undefined) continue;
    options[name] = given[alias];
    delete options[alias];
  }
  return options;
}

/** @param {any} value a number, or what a config holds for a schedule */
function readRate(value) {
  return value !== null && typeof value === 'object' ? deserializeSchedule(value) : value;
}

/** @param {string} who @param {Record<string, any>} fields */
export function checkFields(who, fields) {
  const { clipnorm, clipvalue, globalClipnorm, useEma, emaMomentum, emaOverwriteFrequency, gradientAccumulationSteps: steps } = fields;
  const refuse = (/** @type {string} */ text) => {
    throw failure('INVALID_ARGUMENT', `${who}: ${text}`);
  };
  if ([clipnorm, clipvalue, globalClipnorm].filter(value => value != null).length > 1) {
    refuse(`only one of clipnorm, clipvalue and globalClipnorm can be set. Received: clipnorm=${clipnorm}, clipvalue=${clipvalue}, ` +
      `globalClipnorm=${globalClipnorm}`);
  }
  if (steps && !(steps >= 2)) refuse(`gradientAccumulationSteps must be an integer >= 2. Received: gradientAccumulationSteps=${steps}`);
  if (useEma && !(emaMomentum >= 0 && emaMomentum <= 1)) refuse(`emaMomentum must be in the range [0, 1]. Received: emaMomentum=${emaMomentum}`);
  if (useEma && emaOverwriteFrequency != null && !(Number.isInteger(emaOverwriteFrequency) && emaOverwriteFrequency >= 1)) {
    refuse(`emaOverwriteFrequency must be an integer >= 1 or null. Received: emaOverwriteFrequency=${emaOverwriteFrequency}`);
  }
  if (!(fields.learningRate instanceof LearningRateSchedule) && typeof fields.learningRate !== 'number') {
    refuse(`learningRate should be a number or a LearningRateSchedule. Received instead: learningRate=${fields.learningRate}`);
  }
}
