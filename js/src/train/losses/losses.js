/** Losses by name: classes of tf.losses, losses.get and losses.serialize. */
import { assert, failure } from '../../core/util.js';
import { valueError } from '../../layers/errors.js';
import { registeredClass } from '../../layers/serialization.js';
import { losses as functions } from '../../ops/losses.js';
import { describe, optionsOf, writtenOptions } from '../describe.js';
import { kindByShapes } from '../shapes.js';
import { Loss, LossFunctionWrapper } from './loss.js';
import { byName, functionName, LOSSES } from './table.js';

/** @import { LossArgs } from './loss.js' */
/** @import { LossName, LossRow } from './table.js' */

/** @param {LossRow} row */
function makeClass({ className, fn, options = {}, writtenIfSet = [], name = functionName(className) }) {
  /** One of Keras's losses. */
  const Class = class extends LossFunctionWrapper {
    static className = className;

    /** @param {LossArgs & Record<string, any>} [args] */
    constructor(args = {}) {
      super(fn, { ...args, name: args.name ?? name }, optionsOf(className, options, args));
      const { q } = this.options;
      assert(q === undefined || (q > 0 && q < 1), () => 'q must be in the interval (0, 1)');
    }

    /** @override */
    getConfig() {
      return { ...super.getConfig(), ...writtenOptions(this.options, options, writtenIfSet) };
    }
  };
  Object.defineProperty(Class, 'name', { value: className });
  return Class;
}

/** @typedef {new (args?: LossArgs & Record<string, any>) => LossFunctionWrapper} LossClass */

/** Keras's losses by class name. @type {Record<LossName, LossClass>} */
export const lossClasses = Object.assign({}, ...LOSSES.map(row => ({ [row.className]: makeClass(row) })));

/** @type {Map<string, LossRow & {className: LossName}>} */
const rows = byName(LOSSES);

/** The function of a loss by any of its names. @param {string} name */
export const lossFunction = name => rows.get(name);

/** @param {string} identifier @returns {Loss} */
function fromName(identifier) {
  const row = rows.get(identifier);
  if (row !== undefined) return new lossClasses[row.className](identifier === row.className ? {} : { name: identifier });
  const cls = /** @type {any} */ (registeredClass(identifier));
  if (cls?.prototype instanceof Loss) return new cls();
  const hint = identifier.toLowerCase().includes('softmaxcrossentropy')
    ? '. Use "categoricalCrossentropy" as the string name for tf.losses.softmaxCrossEntropy' : '';
  throw valueError(`Unknown loss ${identifier}${hint}`);
}

/** @param {any} description {class_name | className, config} @returns {Loss} */
function fromDescription(description) {
  const className = description.class_name ?? description.className;
  if (typeof className !== 'string') throw valueError(`Could not interpret loss identifier: ${JSON.stringify(description)}`);
  const config = description.config ?? {};
  if (className === 'function' || typeof config === 'string') return fromName(config);
  const wrapped = className === 'LossFunctionWrapper' ? nameOfFunction(config.fn) : className;
  const row = rows.get(wrapped);
  const cls = /** @type {any} */ (row === undefined ? registeredClass(wrapped) : lossClasses[row.className]);
  if (!(cls?.prototype instanceof Loss)) throw valueError(`Unknown loss ${wrapped}`);
  return cls.fromConfig(cls, describe.read(config));
}

/** A function as configs have it: its name, or {class_name: 'function', config: name}. @param {any} fn */
const nameOfFunction = fn => (typeof fn === 'string' ? fn : fn?.config ?? '');

/**
 * A loss from what compile takes and configs hold for it.
 * @param {any} identifier a Loss; the name of a class or function in Keras's or TensorFlow.js's spelling; {class_name, config};
 *   a function (yTrue, yPred) => Tensor; null
 * @param {readonly (number | null)[]} [yTrueShape] what 'crossentropy' and 'ce' are chosen by
 * @param {readonly (number | null)[]} [yPredShape]
 * @returns {Loss | null} null for null
 */
export function getLoss(identifier, yTrueShape, yPredShape) {
  if (identifier === null || identifier === undefined) return null;
  if (identifier instanceof Loss) return identifier;
  if (typeof identifier === 'function') return fromFunction(identifier);
  if (typeof identifier === 'object') return fromDescription(identifier);
  if (typeof identifier !== 'string') throw valueError(`Could not interpret loss identifier: ${identifier}`);
  if (!['crossentropy', 'ce'].includes(identifier.toLowerCase())) return fromName(identifier);
  if (yTrueShape === undefined || yPredShape === undefined) {
    throw failure('INVALID_ARGUMENT', `The loss '${identifier}' is chosen by the shapes of labels and predictions`);
  }
  return new lossClasses[/** @type {const} */ (`${kindByShapes(yTrueShape, yPredShape)}Crossentropy`)]({ name: identifier });
}

/** @param {any} fn a class of losses, or a function @returns {Loss} */
function fromFunction(fn) {
  if (fn.prototype instanceof Loss) return new fn();
  return new LossFunctionWrapper((yTrue, yPred) => fn(yTrue, yPred), { name: fn.name || 'loss' });
}

/** As Keras 3 writes a loss: {module, class_name, config, registered_name}. @param {Loss} loss */
export function serializeLoss(loss) {
  if (loss.getClassName() === 'LossFunctionWrapper') {
    return { module: 'builtins', class_name: 'function', config: loss.name, registered_name: 'function' };
  }
  return describe.write('keras.losses', loss, loss.getClassName() in lossClasses);
}

/** What tf.losses has: TensorFlow.js's functions, Keras's classes. */
export const losses = { ...functions, ...lossClasses, Loss, get: getLoss, serialize: serializeLoss };
