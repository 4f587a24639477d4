/** System programs: what the machine has is used; what is missing is installed through apt-get where that is possible. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, run, SetupError } from './run.mjs';

const OLDEST_CLANG = 14;
/** Tried in this order: 19 is what our numbers were measured with, then newer ones, then older ones. */
const CLANG_VERSIONS = [19, 20, 21, 22, 18, 17, 16, 15, 14];
const versioned = name => CLANG_VERSIONS.map(version => `${name}-${version}`);

/**
 * @typedef {object} Tool
 * @property {string[]} [commands] names to look for on PATH, the preferred one first
 * @property {string} [variable] environment variable that names the program instead
 * @property {string[]} packages Debian packages that bring it
 * @property {(found: Record<string, any>) => string | undefined} [find] for what is not simply a program on PATH
 * @property {boolean} [optional] set-up goes on without it
 */

/** @type {Record<string, Tool>} */
const TOOLS = {
  cmake: { commands: ['cmake'], packages: ['cmake'] },
  xz: { commands: ['xz'], packages: ['xz-utils'] }, // most of the source tarballs
  ninja: { commands: ['ninja'], packages: ['ninja-build'] },
  python: { commands: ['python3'], packages: ['python3'] }, // Emscripten is written in it
  venv: { packages: ['python3-venv'], find: findVenv }, // Debian has it apart
  // clang, not gcc: gcc 12 spills an accumulator in the GEMM kernels' inner loop, which makes them 2.5 times slower.
  clang: { variable: 'CLANG', commands: [...versioned('clang'), 'clang'], packages: ['clang-19'], find: findClang },
  clangxx: { commands: [], packages: ['clang-19'], find: found => besideClang(found, 'clang++') },
  sanitizers: { packages: ['libclang-rt-19-dev'], find: findSanitizers },
  symbolizer: { packages: ['llvm-19'], find: found => besideClang(found, 'llvm-symbolizer'), optional: true },
  ccache: { commands: ['ccache'], packages: ['ccache'], optional: true }, // a fresh clone then compiles what has changed alone
  chromium: {
    variable: 'CHROMIUM',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    packages: ['chromium'],
  },
};

/**
 * Finds the wanted programs and installs the missing ones.
 * @param {import('./context.mjs').Context} context
 */
export function setUpTools(context) {
  findAll(context);
  const missing = missingTools(context);
  if (missing.length > 0) {
    install(context, missing);
    findAll(context);
  }
  const lacking = missingTools(context).filter(name => !TOOLS[name].optional);
  if (lacking.length > 0) throw new SetupError(`not found: ${lacking.join(', ')}`, { mend: adviceFor(lacking) });
}

/** Looks for every tool, wanted or not, in the table's order: later ones are found beside earlier ones. */
function findAll(context) {
  for (const [name, tool] of Object.entries(TOOLS)) {
    context.found[name] ??= tool.find ? tool.find(context.found) : findCommand(tool);
  }
}

const missingTools = context => context.wants.tools.filter(name => !context.found[name]);
const packagesOf = names => [...new Set(names.flatMap(name => TOOLS[name].packages))];

function adviceFor(names) {
  const variables = names.map(name => TOOLS[name].variable).filter(Boolean);
  const orName = variables.length > 0 ? `, or set ${variables.join(', ')} to the program's path` : '';
  return `on Debian or Ubuntu: sudo apt-get install ${packagesOf(names).join(' ')}; elsewhere install the same programs${orName}`;
}

function install(context, names) {
  const log = context.log('tools');
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return; // the caller then says what is lacking
  context.worked = true;
  const required = names.filter(name => !TOOLS[name].optional);
  const optional = names.filter(name => TOOLS[name].optional);
  if (required.length > 0) aptInstall(packagesOf(required), { log, mend: adviceFor(required) });
  for (const name of optional) {
    try {
      aptInstall(packagesOf([name]), { log });
    } catch {
      context.print(`(no ${name}: ${TOOLS[name].packages.join(' ')} could not be installed) `);
    }
  }
}

/** Installs without an `apt-get update` where the lists at hand serve; they may be missing or old, so a failure updates once. */
function aptInstall(packages, options) {
  const args = ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600', ...packages];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    run('apt-get', args, { ...options, env });
  } catch {
    run('apt-get', ['update', '-q'], { ...options, env });
    run('apt-get', args, { ...options, env });
  }
}

/** @param {Tool} tool */
function findCommand({ commands, variable }) {
  const named = variable && process.env[variable];
  return named || commands.map(onPath).find(Boolean);
}

/**
 * The full path of a program on PATH.
 * @param {string} command
 */
export function onPath(command) {
  return capture('sh', ['-c', 'command -v "$1"', 'sh', command]) || undefined;
}

function findClang() {
  const { variable, commands } = TOOLS.clang;
  const candidates = [process.env[variable], ...commands.map(onPath)].filter(Boolean);
  return candidates.find(path => clangMajor(path) >= OLDEST_CLANG);
}

/** @param {string} clang path of a clang */
function clangMajor(clang) {
  return Number(/clang version (\d+)/.exec(capture(clang, ['--version']) ?? '')?.[1] ?? 0);
}

/** Another program of the LLVM that our clang is of: `/usr/bin/clang-19` -> `/usr/bin/clang++-19`. */
function besideClang({ clang }, name) {
  if (!clang) return undefined;
  const [, folder, suffix] = /^(.*\/)?clang(-\d+)?$/.exec(clang) ?? [];
  const inItsFolder = onPath(`${folder ?? ''}${name}${suffix ?? ''}`);
  return inItsFolder ?? (capture(clang, [`-print-prog-name=${name}`]) || undefined);
}

/** The Python that can make a virtual environment with pip in it. */
function findVenv({ python }) {
  return python && capture(python, ['-c', 'import ensurepip, venv']) !== undefined ? python : undefined;
}

/** Whether our clang can link the sanitizers and libFuzzer; tried, since they come in a package of their own. */
function findSanitizers({ clang }) {
  if (!clang) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-'));
  try {
    const source = join(folder, 'fuzzer.c');
    writeFileSync(source, 'int LLVMFuzzerTestOneInput(const unsigned char* d, unsigned long n) { return d == 0 && n > 0; }\n');
    const linked = capture(clang, ['-fsanitize=address,undefined,fuzzer', source, '-o', join(folder, 'fuzzer')]);
    return linked === undefined ? undefined : 'address,undefined,fuzzer';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
