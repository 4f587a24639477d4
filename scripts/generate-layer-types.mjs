#!/usr/bin/env node
/**
 * Writes js/src/layers/factories.gen.d.ts: what each factory of tf.layers takes, from the field tables with which the native library describes
 * itself. Needs a build. `--check` fails where the file is not current.
 *
 *   node scripts/generate-layer-types.mjs [--check]
 */
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import '../js/src/index.js';
import { engine } from '../js/src/core/engine.js';
import { aliasesOf, factoryName, MODELS } from '../js/src/layers/factories.js';
import { toCamelCase } from '../js/src/layers/names.js';

const FILE = new URL('../js/src/layers/factories.gen.d.ts', import.meta.url);

/** @typedef {{name: string, type: string, count: number, default?: any, aliases?: string, choices?: (string | null)[]}} Field */
/** @typedef {{name: string, config: Field[]}} Class */

const HEAD = `// Written by scripts/generate-layer-types.mjs from the field tables of the native library.
import type { Layer, LayerArgs } from './layer.js';
import type { Serializable } from './serialization.js';

/** A class and its config, as getConfig gives them or as files have them. */
export type Described = { className: string, config?: object } | { class_name: string, config?: object };
/** An initializer, regularizer or constraint: by its name in either spelling, as an object of its class, or described. */
export type Part = string | Serializable | Described;
export type LayerLike = Layer | Described;
`;

/** @param {(string | null)[]} choices both spellings of each */
const union = choices => [...new Set(choices.flatMap(choice => (choice === null ? ['null'] : [`'${toCamelCase(choice)}'`, `'${choice}'`])))].join(' | ');

/** Types of fields whose C type says too little, by the end of their names. @type {[RegExp, string][]} */
const BY_NAME = [
  [/_(initializer|regularizer|constraint)$/, 'Part'], [/^(layer|backward_layer)$/, 'LayerLike'], [/^cell$/, 'LayerLike | LayerLike[]'],
  [/^cells$/, 'LayerLike[]'], [/activation$/, 'Activation'], [/./, 'any'],
];

/** @type {Record<string, string>} */
const BY_TYPE = { int: 'number', padding: 'number | number[] | number[][]', float: 'number', bool: 'boolean', ints: 'number | (number | null)[]', text: 'string' };

/** @param {Field} field @param {Set<string>} sizes names of what may have one number for each axis */
function typeOf(field, sizes) {
  const { name, type, choices = /** @type {(string | null)[]} */ ([]) } = field;
  const isActivation = name.endsWith('activation');
  const plain = type === 'enum' && !isActivation ? union(choices)
    : type === 'int' && sizes.has(name) ? 'number | number[]'
      : BY_TYPE[type] ?? /** @type {[RegExp, string]} */ (BY_NAME.find(([pattern]) => pattern.test(name)))[1];
  return field.default === null && plain !== 'any' && !choices.includes(null) ? `${plain} | null` : plain;
}

/** @param {Field} field @param {Set<string>} sizes @returns {string[]} lines; one a spelling of its name */
function members(field, sizes) {
  const names = [field.name, ...(field.aliases?.split('|') ?? [])].map(toCamelCase);
  const isRequired = field.default === undefined && names.length === 1;
  return [...new Set(names)].map(name => `  ${name}${isRequired ? '' : '?'}: ${typeOf(field, sizes)};`);
}

/** The file's text, by what the native library says of itself. @returns {string} */
export function layerTypes() {
  /** @type {Class[]} */
  const classes = JSON.parse(engine.native.describe()).layers.filter((/** @type {Class} */ { name }) => !MODELS.includes(name));
  const fields = classes.flatMap(({ config }) => config);
  const sizes = new Set(fields.filter(({ type, count }) => type === 'int' && count > 1).map(({ name }) => name));
  const activation = /** @type {Field} */ (fields.find(({ name }) => name === 'activation'));
  const args = classes.map(({ name, config }) =>
    `export interface ${name}Args extends LayerArgs {\n${config.flatMap(field => members(field, sizes)).join('\n')}${config.length > 0 ? '\n' : ''}}\n`);
  const factories = classes.flatMap(({ name, config }) => {
    const isRequired = config.some(field => members(field, sizes).some(member => /^\s+\w+:/.test(member)));
    return [factoryName(name), ...aliasesOf(factoryName(name))].map(key => `  ${key}(args${isRequired ? '' : '?'}: ${name}Args): Layer;`);
  });
  return [HEAD, `/** By name, or a layer. */\nexport type Activation = ${union(activation.choices ?? [])} | LayerLike;\n`, ...args,
    `/** The functions of tf.layers that make the layers of the native library. */\nexport interface LayerFactories {\n${factories.join('\n')}\n}\n`].join('\n');
}

if (process.argv[1] && pathToFileURL(realpathSync(process.argv[1])).href === import.meta.url) {
  const text = layerTypes();
  if (!process.argv.includes('--check')) writeFileSync(FILE, text);
  else if (readFileSync(FILE, 'utf8') !== text) {
    console.error(`${fileURLToPath(FILE)} is not current: run node scripts/generate-layer-types.mjs`);
    process.exitCode = 1;
  }
}
