/** tf.serialization: classes by the names that files have for them. */
import { assert, ownValue } from '../core/util.js';
import { toJavaScriptConfig } from './config.js';
import { valueError } from './errors.js';

/**
 * @typedef {(new (...args: any[]) => Serializable) & {className: string,
 *   fromConfig: (cls: any, config: any, customObjects?: any) => any}} SerializableClass
 */

/** @typedef {{className: string, config: Record<string, any>}} Description */

/** What can be written as {className, config} and made from that again. */
export class Serializable {
  /** @type {string} */
  static className;

  /** The name that files have for the class. @returns {string} */
  getClassName() {
    const cls = /** @type {SerializableClass} */ (this.constructor);
    return cls.className ?? cls.name;
  }

  /** @returns {Record<string, any>} */
  getConfig() {
    return {};
  }

  /**
   * @template {Serializable} T
   * @param {new (config: any) => T} cls
   * @param {Record<string, any>} config
   * @returns {T}
   */
  static fromConfig(cls, config) {
    return new cls(config);
  }
}

/** The classes that files may name. */
export class SerializationMap {
  /** @type {SerializationMap | null} */
  static #instance = null;

  /** @type {Record<string, [SerializableClass, SerializableClass['fromConfig']]>} */
  classNameMap = Object.create(null);

  static getMap() {
    return (SerializationMap.#instance ??= new SerializationMap());
  }

  /** @param {any} cls */
  static register(cls) {
    SerializationMap.getMap().classNameMap[cls.className] = [cls, cls.fromConfig];
  }
}

/** @type {Map<any, string>} */
const registeredNames = new Map();

/**
 * Makes a class known to files: a layer, an initializer, a regularizer, a constraint.
 * @param {any} cls with a static className
 * @param {string} [pkg] goes before the name: 'Package>Class'
 * @param {string} [name] another name than className
 */
export function registerClass(cls, pkg, name) {
  assert(cls.className != null, () => 'Class being registered does not have the static className property defined.');
  assert(typeof cls.className === 'string', () => `className is required to be a string, but got type ${typeof cls.className}`);
  assert(cls.className.length > 0, () => 'Class being registered has an empty-string as its className, which is disallowed.');
  const registered = `${pkg ?? 'Custom'}>${name ?? cls.className}`;
  SerializationMap.register(cls);
  registeredNames.set(cls, registered);
  return cls;
}

/** The name that a class was registered under. @param {any} cls */
export function getRegisteredName(cls) {
  return registeredNames.get(cls) ?? cls.className;
}

/** Names of classes that registerClass brought. @returns {string[]} */
export function registeredClassNames() {
  return [...registeredNames.keys()].map(cls => cls.className);
}

/** @param {string} name */
export function registeredClass(name) {
  return SerializationMap.getMap().classNameMap[name]?.[0];
}

/**
 * @param {string} kind 'layer', 'initializer', ...
 * @param {string} name
 */
export function unknownClass(kind, name) {
  return valueError(`Unknown ${kind}: ${name}. This may be due to one of the following reasons:\n` +
    `1. The ${kind} is defined in Python, in which case it needs to be ported to TensorFlow.js or your JavaScript code.\n` +
    `2. The custom ${kind} is defined in JavaScript, but is not registered properly with tf.serialization.registerClass().`, 'UNSUPPORTED');
}

/** Makes the library's own classes known to files. @param {any[]} classes */
export function registerBuiltIn(...classes) {
  for (const cls of classes) SerializationMap.register(cls);
}

/**
 * An object from what configs hold for it: itself, its class's name, or {className, config}.
 * @template {Serializable} T
 * @param {string} kind for messages
 * @param {any} identifier
 * @param {Record<string, string>} [names] short names of classes
 * @returns {T}
 */
export function fromIdentifier(kind, identifier, names = {}) {
  if (identifier instanceof Serializable) return /** @type {T} */ (identifier);
  const isName = typeof identifier === 'string';
  const className = isName ? ownValue(names, identifier) ?? identifier : identifier?.className ?? identifier?.class_name;
  const cls = typeof className === 'string' ? registeredClass(ownValue(names, className) ?? className) : undefined;
  if (cls === undefined) throw unknownClass(kind, isName ? identifier : String(className));
  return cls.fromConfig(cls, isName ? {} : toJavaScriptConfig(identifier.config ?? {}));
}

/** @param {Serializable | null | undefined} object @returns {Description | null} */
export function toDescription(object) {
  return object == null ? null : { className: object.getClassName(), config: object.getConfig() };
}

/** What tf.serialization has. */
export const serialization = { Serializable, SerializationMap, registerClass, getRegisteredName };
