#!/usr/bin/env node
/**
 * Checks who includes whom: each folder of C code may include the folders and headers that RULES names, and nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folder -> what its files may include: folders (with all files in them) or single headers. The folder itself is always allowed. */
const BASE = ['hornbeam.h', 'errors.def', 'dtypes.def', 'core/base'];
const TENSOR = [...BASE, 'core/tensor'];
const OP = [...TENSOR, 'core/ops/op.h', 'core/ops/ops.def', 'core/ops/attributes.h', 'core/ops/einsum.h', 'core/ops/activations.def'];
const BACKEND = [...OP, 'core/backends/backend.h', 'core/backends/backends.def'];
const GRAPH = [...BACKEND, 'core/graph/graph.h', 'core/ops/emit.h'];
const LAYER = [...GRAPH, 'cJSON.h'];
const RULES = {
  'core/include': ['errors.def', 'dtypes.def'],
  'core/base': [...BASE, 'cJSON.h'],
  'core/io': [...BASE, 'cJSON.h'],
  'core/tensor': TENSOR,
  'core/ops': GRAPH,
  'core/backends': BACKEND,
  'core/backends/ref': BACKEND,
  'core/backends/none': BACKEND,
  'core/backends/xnn': [...BACKEND, 'core/backends/ref', 'xnnpack.h', 'pthreadpool.h'], // ref is its fallback
  'core/graph': GRAPH,
  'core/layers': [...LAYER, 'core/io'],
  'core/api': [...LAYER, 'core/layers', 'core/io'],
  'wasm': ['hornbeam.h'],
  'node-addon': ['hornbeam.h', 'converter/convert.h', 'errors.def', 'node_api.h'],
  'examples/c': ['hornbeam.h'],
  'converter': ['hornbeam.h', 'core/base', 'core/io', 'core/layers/fields.h', 'cJSON.h', 'zlib.h'],
};

/** @param {string} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.(c|h|def)$/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

const files = ['core', 'wasm', 'node-addon', 'converter', 'examples/c'].flatMap(sources);

/** The longest rule that a file falls under. @param {string} file */
const ruleOf = file => Object.keys(RULES).filter(folder => file.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0];

/** What `#include "name"` in a file means: a file of ours, or a header from elsewhere. @param {string} file @param {string} name */
function resolve(file, name) {
  const here = join(file, '..', name);
  const candidates = [here, join('core', name), join('core/include', name), join('converter', name)];
  return candidates.find(candidate => files.includes(candidate)) ?? name;
}

/** @param {string} allowed @param {string} target */
const matches = (allowed, target) => target === allowed || target.startsWith(`${allowed}/`) || (!allowed.includes('/') && target.endsWith(`/${allowed}`));

let checked = 0;
for (const file of files) {
  const rule = ruleOf(file);
  for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(/^#include "([^"]+)"/gm)) {
    const target = resolve(file, name);
    checked++;
    if (rule === undefined || ![rule, ...RULES[rule]].some(allowed => matches(allowed, target))) {
      console.error(`${file} includes ${target}, which ${rule ?? 'no rule'} does not allow`);
      process.exitCode = 1;
    }
    if (target.endsWith('.c')) {
      console.error(`${file} includes ${target}: a .c file is never included`);
      process.exitCode = 1;
    }
  }
}
if (checked === 0) {
  console.error('no include was found: the check looks in the wrong place');
  process.exitCode = 1;
}
console.log(`${checked} includes of ${files.length} files checked`);
