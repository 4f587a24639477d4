#!/usr/bin/env node
/**
 * Checks what no compiler sees: a README with a table of its folder names every source file and folder there, the files that such a table
 * names exist, no line ends in a space, and no line of the sources is longer than LONGEST.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Columns of a line in the folders whose code is the product. */
const LONGEST = 150;
const SHIPPED = ['core', 'converter', 'js/src', 'node-addon', 'wasm'];

const FOLDERS = ['converter', 'core', 'docs', 'examples', 'js', 'node-addon', 'scripts', 'tests', 'wasm'];
/** Written by builds and runs, and in no commit. */
const MADE = /^(node_modules|build|dist|__pycache__|\..*)$/;
const SOURCE = /\.(c|h|def|js|mjs|py|html|d\.ts)$/;
const TEXT = /\.(c|h|def|js|mjs|py|html|ts|md|txt|sh|css)$/;

/** @param {string} folder @returns {string[]} all files in it, by their paths in the repository */
function filesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).filter(({ name }) => !MADE.test(name)).flatMap(entry => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

/** @param {string} path */
const read = path => readFileSync(join(root, path), 'utf8');

/** @param {string} message */
function complain(message) {
  console.error(message);
  process.exitCode = 1;
}

/** What a README has between backticks, as patterns: `cases_*.c` means all files of such names. @param {string} text */
const namesIn = text => [...text.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name);

/** @param {string} name may have stars */
const patternOf = name => new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`);

/** @param {string} readme @param {string[]} files */
function checkReadme(readme, files) {
  const folder = dirname(readme);
  const text = read(readme);
  const rows = [...text.matchAll(/^\| ([^|]*`[^|]*) \|/gm)].map(([, cell]) => cell);
  if (rows.length === 0) return 0;
  const inside = files.filter(file => file.startsWith(`${folder}/`)).map(file => relative(folder, file));
  const names = namesIn(text);
  const parts = new Set(inside.filter(file => SOURCE.test(file)).map(file => file.replace(/\/.*/, '/')));
  for (const part of parts) {
    const isNamed = names.some(name => patternOf(name).test(part) || (part.endsWith('/') && name.startsWith(part)));
    if (!isNamed && !text.includes(`](${part}`)) complain(`${readme} does not name ${part}`);
  }
  for (const name of rows.flatMap(namesIn).filter(one => SOURCE.test(one))) {
    const pattern = patternOf(name);
    const isThere = name.startsWith('..') ? files.includes(join(folder, name))
      : inside.some(file => pattern.test(file) || pattern.test(basename(file)));
    if (!isThere) complain(`${readme} names ${name}, which is not there`);
  }
  return parts.size;
}

/** @param {string} file */
function checkLines(file) {
  const isLimited = SHIPPED.some(folder => file.startsWith(`${folder}/`)) && SOURCE.test(file) && !file.includes('.gen.');
  read(file).split('\n').forEach((line, i) => {
    if (/[ \t]$/.test(line)) complain(`${file}:${i + 1} ends in a space`);
    if (isLimited && line.length > LONGEST) complain(`${file}:${i + 1} has ${line.length} columns, of ${LONGEST} at most`);
  });
}

const files = FOLDERS.flatMap(filesIn);
const named = files.filter(file => basename(file) === 'README.md').reduce((sum, readme) => sum + checkReadme(readme, files), 0);
files.filter(file => TEXT.test(file)).forEach(checkLines);
if (named === 0) complain('no README was found: the check looks in the wrong place');
console.log(`${named} names in READMEs, and the lines of ${files.length} files checked`);
