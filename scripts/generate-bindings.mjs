/**
 * Reads the declarations of core/include/hornbeam.h and converter/convert.h and writes what the bindings need of them:
 *   wasm/exports.gen.txt            the functions that the WebAssembly build exports
 *   wasm/converter.gen.txt          those of the converter's module
 *   js/src/native/wasm.gen.js       a JavaScript method for each, over the WebAssembly heap
 *   js/src/native/converter.gen.js  the same of the converter's module
 *   node-addon/wrappers.gen.c       a Node-API function for each
 *   js/src/native/native.gen.d.ts   the type of both
 *   js/src/native/errors.gen.js     the codes of core/errors.def, by horn_status
 * `node scripts/generate-bindings.mjs --check` fails where a file is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const HEADER = 'core/include/hornbeam.h';
const CONVERTER_HEADER = 'converter/convert.h';

/** Functions that the bindings call by hand: contexts, and direct access to memory. */
const BY_HAND = ['horn_context_create', 'horn_context_release', 'horn_last_error', 'horn_tensor_data'];

/**
 * How a group of C parameters crosses: `c` are the types of the group, `kind` names the way. The first fit counts.
 * @type {{kind: string, c: RegExp[]}[]}
 */
const GROUPS = [
  { kind: 'context', c: [/^(const )?horn_context \*$/] },
  { kind: 'sizedText', c: [/^const char \*$/, /^size_t length$/] },
  { kind: 'optionalText', c: [/^const char \*\w+_json$/] },
  { kind: 'text', c: [/^const char \*$/] },
  { kind: 'bytes', c: [/^const void \*$/, /^size_t bytes$/] },
  { kind: 'fill', c: [/^void \*$/, /^size_t bytes$/] },
  { kind: 'shape', c: [/^const int32_t \*$/, /^size_t rank$/] },
  { kind: 'handles', c: [/^const horn_tensor \*$/, /^size_t \w*count$/] },
  { kind: 'likeHandles', c: [/^const horn_tensor \*$/] }, // null, or as many as the list before it has
  { kind: 'outInfo', c: [/^horn_dtype \*$/, /^int32_t \*$/, /^size_t \*$/] },
  { kind: 'outList', c: [/^horn_tensor \*$/, /^size_t capacity$/, /^size_t \*$/] },
  { kind: 'outSame', c: [/^horn_tensor \*out_tensors$/] },
  { kind: 'outHandle', c: [/^horn_(tensor|model|graph) \*$/] },
  { kind: 'outText', c: [/^const char \*\*$/] },
  { kind: 'outBytes', c: [/^const void \*\*$/, /^size_t \*$/] },
  { kind: 'number', c: [/^(horn_dtype|size_t|horn_tensor|horn_model|horn_graph)$/] },
];

/** What frees the kinds that the addon copies. @type {Record<string, (p: Param) => string>} */
const FREES = {
  ...Object.fromEntries(['sizedText', 'optionalText', 'text'].map((kind) => [kind, ({ names: [a] }) => `addon_free_text(&${a});`])),
  ...Object.fromEntries(['handles', 'likeHandles'].map((kind) => [kind, ({ names: [a] }) => `addon_free_handles(&${a});`])),
  outSame: () => 'addon_free_handles(&out);',
  outList: () => 'addon_free_handles(&out);',
};

/** @typedef {{kind: string, names: string[]}} Param */
/** @typedef {{name: string, method: string, returns: string, comment: string, params: Param[]}} Declaration */

/** @param {string} text @returns {{type: string, name: string}} */
function parseParameter(text) {
  const match = /^(.*?[\s*])(\w+)$/.exec(text.trim());
  if (!match) throw new Error(`hornbeam.h: cannot read the parameter "${text}"`);
  return { type: match[1].trim().replace(/\s+/g, ' ').replace(/ ?(\*+)$/, ' $1'), name: match[2] };
}

/** @param {RegExp} pattern @param {{type: string, name: string}} parameter */
function fits(pattern, parameter) {
  return pattern.test(parameter.type) || pattern.test(`${parameter.type}${parameter.type.endsWith('*') ? '' : ' '}${parameter.name}`);
}

/** @param {string} text @param {string} where @returns {Param[]} */
function groupParameters(text, where) {
  const list = text === 'void' ? [] : text.split(',').map(parseParameter);
  const params = [];
  for (let i = 0; i < list.length; ) {
    const group = GROUPS.find(({ c }) => c.every((pattern, k) => i + k < list.length && fits(pattern, list[i + k])));
    if (!group) throw new Error(`${where}: no way to pass "${list[i].type} ${list[i].name}"`);
    params.push({ kind: group.kind, names: group.c.map((_, k) => list[i + k].name) });
    i += group.c.length;
  }
  return params;
}

/** horn_tensor_create -> tensorCreate @param {string} name */
const methodName = (name) => name.replace(/^horn_/, '').replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** @param {string} file @returns {Declaration[]} */
function parseHeader(file) {
  const header = readFileSync(root + file, 'utf8');
  const pattern = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*HORN_API ([\w ]+?[\s*]+)(horn_\w+)\(([^)]*)\);/g;
  return [...header.matchAll(pattern)].map(([, comment, returns, name, params]) => ({
    name,
    method: methodName(name),
    returns: returns.trim(),
    comment: comment.split('\n').map((line) => line.replace(/^\s*\*\s?/, '').trim()).filter(Boolean).join('\n   * '),
    params: BY_HAND.includes(name) ? [] : groupParameters(params.replace(/\s+/g, ' ').trim(), name),
  }));
}

/** Whether a method returns a list of tensors. It may be given an Int32Array then, to which it writes their types. @param {Declaration} d */
const isTyped = (d) => d.params.some((p) => p.kind === 'outList' || p.kind === 'outSame');

const isOut = (/** @type {Param} */ p) => p.kind.startsWith('out');
const inputs = (/** @type {Declaration} */ d) => d.params.filter((p) => p.kind !== 'context' && !isOut(p));
const output = (/** @type {Declaration} */ d) => d.params.find(isOut);
/** The number of results of outSame: as many as the last list of handles has. */
const sameAs = (/** @type {Declaration} */ d) => d.params.filter((p) => p.kind === 'handles').at(-1)?.names[0];
/** The list that a likeHandles is as long as. */
const listBefore = (/** @type {Declaration} */ d, /** @type {Param} */ p) => d.params.slice(0, d.params.indexOf(p)).findLast(({ kind }) => kind === 'handles')?.names[0];

// ---- TypeScript -----------------------------------------------------------------------------------------------------

/** @type {Record<string, string>} */
const TS = {
  sizedText: 'string', text: 'string', optionalText: 'string | null', bytes: 'ArrayBufferView | null', fill: 'ArrayBufferView', shape: 'ArrayLike<number>',
  handles: 'ArrayLike<number>', likeHandles: 'ArrayLike<number> | null', number: 'number', outInfo: '{ dtype: number; shape: number[] }', outList: 'number[]', outSame: 'number[]',
  outHandle: 'number', outText: 'string', outBytes: 'Uint8Array',
};

/** @param {Declaration} d */
function declareMethod(d) {
  const out = output(d);
  const result = out ? TS[out.kind] : d.returns === 'const char *' ? 'string' : 'void';
  const list = [...inputs(d).map((p) => `${p.names[0]}: ${TS[p.kind]}`), ...(isTyped(d) ? ['types?: Int32Array'] : [])].join(', ');
  return `  /** ${d.comment}\n   */\n  ${d.method}(${list}): ${result};\n`;
}

/** @param {Declaration[]} all @param {Declaration[]} converter */
const typesFile = (all, converter) => `// Written by scripts/generate-bindings.mjs from core/include/hornbeam.h and converter/convert.h.
/** The functions of hornbeam.h on one context; a failure throws an Error whose code is one of core/errors.def. Those that return a list of tensors
 *  write their types to \`types\` where it is given, as far as it has room: for each TYPE_NUMBERS (types.js): dtype, rank, and as many dimensions as
 *  the largest rank. */
export interface Native {
${all.map(declareMethod).join('\n')}
  /** Promise forms: in Node they run on the thread pool. */
  async: {
    modelPredict(model: number, inputs: ArrayLike<number>): Promise<number[]>;
    modelLoad(json: string, weights: ArrayBufferView | null, options_json: string | null): Promise<number>;
  };
}

/** The functions of convert.h on one context. */
export interface Converter {
${converter.map(declareMethod).join('\n')}
  /** Promise forms: in Node they run on the thread pool. */
  async: {
    convertFiles(options_json: string | null, data: ArrayBufferView): Promise<Uint8Array>;
  };
}
`;

// ---- WebAssembly ------------------------------------------------------------------------------------------------------

/** C arguments of a group, as JavaScript over a Heap. @type {Record<string, (names: string[], p: Param, d: Declaration) => string[]>} */
const WASM_ARGUMENTS = {
  context: () => ['heap.context'],
  sizedText: ([a]) => [`...heap.sizedText(${a})`],
  text: ([a]) => [`heap.text(${a})`],
  optionalText: ([a]) => [`heap.optionalText(${a})`],
  bytes: ([a]) => [`...heap.bytes(${a})`],
  fill: ([a]) => [`...heap.room(${a})`],
  shape: ([a]) => [`...heap.shape(${a})`],
  handles: ([a]) => [`...heap.handles(${a})`],
  likeHandles: ([a], p, d) => [`heap.like(${a}, ${listBefore(d, p)})`],
  number: ([a]) => [`heap.number(${a})`],
  outInfo: () => ['out', 'out + 16', 'out + 4'],
  outList: () => ['out + 4', 'MAX_RESULTS', 'out'],
  outSame: () => ['out'],
  outHandle: () => ['out'],
  outText: () => ['out'],
  outBytes: () => ['out', 'out + 4'],
};

/** @type {Record<string, string>} */
const WASM_RESULTS = {
  outInfo: 'heap.info(out)', outList: 'heap.typed(out + 4, heap.uint32(out), types)', outHandle: 'heap.uint32(out)',
  outText: 'heap.string(heap.uint32(out))', outBytes: 'heap.copy(heap.uint32(out), heap.uint32(out + 4))',
};

/** @param {Declaration} d */
function wasmMethod(d) {
  const names = [...inputs(d).map((p) => p.names[0]), ...(isTyped(d) ? ['types'] : [])];
  const out = output(d);
  const room = !out ? '' : `      const out = heap.reserve(${out.kind === 'outSame' ? `4 * ${sameAs(d)}.length` : 'OUT_BYTES'});\n`;
  const call = `heap.exports.${d.name}(${d.params.flatMap((p) => WASM_ARGUMENTS[p.kind](p.names, p, d)).join(', ')})`;
  const result = !out ? '' : `      return ${out.kind === 'outSame' ? `heap.typed(out, ${sameAs(d)}.length, types)` : WASM_RESULTS[out.kind]};\n`;
  const fill = d.params.find((p) => p.kind === 'fill');
  if (d.returns === 'const char *') return `    ${d.method}: () => heap.string(${call}),\n`;
  const after = fill ? `      heap.fill(${fill.names[0]});\n` : '';
  return `    ${d.method}: heap.scoped((${names.join(', ')}) => {\n${room}      heap.check(${call});\n${after}${result}    }),\n`;
}

/** @param {Declaration[]} all @param {string} from @param {string} binder @param {string} type */
const wasmFile = (all, from, binder, type) => `// Written by scripts/generate-bindings.mjs from ${from}.
${all.some(isTyped) ? `/** Results of one call whose number it says: at most this many handles. */
const MAX_RESULTS = 512;
const OUT_BYTES = 4 + 4 * MAX_RESULTS;` : 'const OUT_BYTES = 8;'}

/**
 * The functions of ${from.slice(from.lastIndexOf('/') + 1)} over a WebAssembly heap.
 * @param {import('./heap.js').Heap} heap
 * @returns {Omit<import('./native.gen.js').${type}, 'async'>}
 */
export function ${binder}(heap) {
  return {
${all.map(wasmMethod).join('')}  };
}
`;

// ---- Node-API ---------------------------------------------------------------------------------------------------------

/** @type {Record<string, (p: Param, i: number, d: Declaration) => {declare: string[], read?: string[], args: string[], result?: string}>} */
const ADDON = {
  sizedText: ({ names: [a] }, i) => ({ declare: [`addon_text ${a} = {0};`], read: [`addon_read_text(call, ${i}, &${a})`], args: [`${a}.data`, `${a}.length`] }),
  text: ({ names: [a] }, i) => ({ declare: [`addon_text ${a} = {0};`], read: [`addon_read_text(call, ${i}, &${a})`], args: [`${a}.data`] }),
  optionalText: ({ names: [a] }, i) => ({ declare: [`addon_text ${a} = {0};`], read: [`addon_read_optional_text(call, ${i}, &${a})`], args: [`${a}.data`] }),
  bytes: ({ names: [a] }, i) => ({ declare: [`addon_bytes ${a} = {0};`], read: [`addon_read_bytes(call, ${i}, &${a})`], args: [`${a}.data`, `${a}.length`] }),
  fill: ({ names: [a] }, i) => ({ declare: [`addon_bytes ${a} = {0};`], read: [`addon_read_bytes(call, ${i}, &${a})`], args: [`${a}.data`, `${a}.length`] }),
  shape: ({ names: [a] }, i) => ({ declare: [`addon_shape ${a} = {0};`], read: [`addon_read_shape(call, ${i}, &${a})`], args: [`${a}.dims`, `${a}.rank`] }),
  handles: ({ names: [a] }, i) => ({ declare: [`addon_handles ${a} = {0};`], read: [`addon_read_handles(call, ${i}, &${a})`], args: [`${a}.handles`, `${a}.count`] }),
  number: ({ names: [a] }, i) => ({ declare: [`uint32_t ${a} = 0;`], read: [`addon_read_number(call, ${i}, &${a})`], args: [a === 'dtype' ? `(horn_dtype)${a}` : a] }),
  likeHandles: (p, i, d) => ({ declare: [`addon_handles ${p.names[0]} = {0};`], read: [`addon_read_like(call, ${i}, &${listBefore(d, p)}, &${p.names[0]})`], args: [`${p.names[0]}.handles`] }),
  outInfo: () => ({ declare: ['horn_dtype out_dtype;', 'int32_t out_shape[HORN_MAX_RANK];', 'size_t out_rank;'], args: ['&out_dtype', 'out_shape', '&out_rank'], result: 'addon_info(call, out_dtype, out_shape, out_rank)' }),
  outList: () => ({ declare: ['addon_handles out = {0};'], read: ['addon_room(call, ADDON_MAX_RESULTS, &out)'], args: ['out.handles', 'ADDON_MAX_RESULTS', '&out.count'], result: 'addon_typed(call, &out, &types)' }),
  outSame: (_, __, d) => ({ declare: ['addon_handles out = {0};'], read: [`addon_room(call, ${sameAs(d)}.count, &out)`], args: ['out.handles'], result: 'addon_typed(call, &out, &types)' }),
  outHandle: () => ({ declare: ['uint32_t out = 0;'], args: ['&out'], result: 'addon_number(call, out)' }),
  outText: () => ({ declare: ['const char *out = NULL;'], args: ['&out'], result: 'addon_string(call, out)' }),
  outBytes: () => ({ declare: ['const void *out = NULL;', 'size_t out_bytes = 0;'], args: ['&out', '&out_bytes'], result: 'addon_copy(call, out, out_bytes)' }),
};

/** An array's getters may run JavaScript that detaches bytes which were read before it. @param {Declaration} d */
function assertBytesLast(d) {
  const kinds = inputs(d).map((p) => p.kind);
  const bytes = kinds.findIndex((kind) => kind === 'bytes' || kind === 'fill');
  const array = Math.max(kinds.lastIndexOf('shape'), kinds.lastIndexOf('handles'), kinds.lastIndexOf('likeHandles'));
  if (bytes >= 0 && bytes < array) throw new Error(`${d.name}: bytes must come after arrays`);
}

/** @param {Declaration} d */
function addonFunction(d) {
  let index = 0;
  const parts = d.params.map((p) => p.kind === 'context' ? { declare: [], args: ['call->ctx'] } : ADDON[p.kind](p, isOut(p) ? -1 : index++, d));
  if (isTyped(d)) parts.push({ declare: ['addon_bytes types = {0};'], read: [`addon_read_bytes(call, ${index}, &types)`], args: [] });
  const reads = parts.flatMap((part) => part.read ?? []);
  assertBytesLast(d);
  const call = `${d.name}(${parts.flatMap((part) => part.args).join(', ')})`;
  const result = parts.map((part) => part.result).find(Boolean) ?? 'addon_undefined(call)';
  const lines = [`static napi_value wrap_${d.name}(addon_call *call) {`, ...parts.flatMap((part) => part.declare).map((line) => `  ${line}`)];
  const frees = d.params.flatMap((p) => (Object.hasOwn(FREES, p.kind) ? [FREES[p.kind](p)] : []));
  if (d.returns === 'const char *') lines.push(`  return addon_string(call, ${call});`);
  else {
    lines.push('  napi_value result = NULL;');
    const condition = [...reads, 'addon_enter(call)', `addon_check(call, ${call})`].join(' &&\n      ');
    lines.push(`  if (${condition})`, `    result = ${result};`, ...frees.map((line) => `  ${line}`), '  return result;');
  }
  lines.push('}', '');
  return lines.join('\n');
}

/** @param {Declaration[]} all */
const addonFile = (all) => `/* Written by scripts/generate-bindings.mjs from core/include/hornbeam.h and converter/convert.h. */
#include "addon.h"
#include "convert.h"

${all.map(addonFunction).join('\n')}
const addon_function addon_functions[] = {
${all.map((d) => `    {"${d.method}", wrap_${d.name}},`).join('\n')}
};
const size_t addon_function_count = sizeof addon_functions / sizeof addon_functions[0];
`;

const errorsFile = () => {
  const errors = readFileSync(`${root}core/errors.def`, 'utf8');
  const codes = ['OK', ...[...errors.matchAll(/^HORN_ERROR\(\w+, "(\w+)"/gm)].map(([, code]) => code)];
  return `// Written by scripts/generate-bindings.mjs from core/errors.def.\nexport const ERROR_CODES = ${JSON.stringify(codes).replaceAll('"', "'").replaceAll(',', ', ')};\n`;
};

// ---- files ------------------------------------------------------------------------------------------------------------

const declarations = parseHeader(HEADER);
const wrapped = declarations.filter((d) => !BY_HAND.includes(d.name));
const converter = parseHeader(CONVERTER_HEADER);
/** @param {string[]} names */
const exportsFile = (names) => `${[...names, 'malloc', 'free'].map((name) => `_${name}`).join('\n')}\n`;
/** @type {Record<string, string>} */
const files = {
  'wasm/exports.gen.txt': exportsFile(declarations.map((d) => d.name)),
  'wasm/converter.gen.txt': exportsFile(['horn_context_create', 'horn_context_release', 'horn_last_error', ...converter.map((d) => d.name)]),
  'js/src/native/wasm.gen.js': wasmFile(wrapped, HEADER, 'bindHeap', 'Native'),
  'js/src/native/converter.gen.js': wasmFile(converter, CONVERTER_HEADER, 'bindConverter', 'Converter'),
  'node-addon/wrappers.gen.c': addonFile([...wrapped, ...converter]),
  'js/src/native/native.gen.d.ts': typesFile(wrapped, converter),
  'js/src/native/errors.gen.js': errorsFile(),
};

const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(files)) {
  let current = '';
  try {
    current = readFileSync(root + name, 'utf8');
  } catch {
    // a missing file is not current
  }
  if (current === text) continue;
  if (check) {
    console.error(`${name} is not current: run node scripts/generate-bindings.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(root + name, text);
    console.log(`wrote ${name}`);
  }
}
