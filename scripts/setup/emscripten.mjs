/**
 * Emscripten: the machine's own emcc where it is new enough, else a private copy made of Debian's packages.
 *
 * The copy brings its own C library, so that the packages of one Debian release run on another, and needs no root. Its programs
 * are pointed at that library by patchelf; a wrapper script around ld.so would not do, since clang starts itself again through
 * /proc/self/exe, which would then be ld.so.
 */
import { cpSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, cachedAlready, keyOf } from './cache.mjs';
import { NOT_NEEDED, VERSIONS } from './context.mjs';
import { privateApt } from './apt.mjs';
import { capture, run, SetupError } from './run.mjs';
import { onPath } from './tools.mjs';

const PACKAGES = [
  'emscripten', 'binaryen', 'node-acorn', 'clang-19', 'lld-19', 'llvm-19', 'llvm-19-linker-tools', 'libclang-common-19-dev',
  'libclang-cpp19', 'libllvm19', 'libc6', 'libgcc-s1', 'libstdc++6', 'liblzma5', 'libmd0', 'libbsd0', 'libzstd1', 'zlib1g',
  'libffi8', 'libtinfo6', 'libedit2', 'libxml2', 'libz3-4', 'patchelf',
];

/** 2.5 GB unpacked otherwise. emcc builds a left-out system library the first time that a link asks for it. */
const LEFT_OUT = [
  './usr/share/doc/*', './usr/share/man/*', '*/gconv/*', '*/emscripten/test/*',
  '*/wasm32-emscripten/pic/*', '*/wasm32-emscripten/lto/*', '*/wasm32-emscripten/lto-pic/*',
  '*san*.a', '*-ww*.a', '*libSDL*', '*wasmfs*', '*libGL*emu*', '*libGL*ofb*', '*libGL*es3*', '*libGL*webgl2*',
];

const LIBRARIES = 'usr/lib/x86_64-linux-gnu';
const LOADER = `${LIBRARIES}/ld-linux-x86-64.so.2`;
const LLVM = 'usr/lib/llvm-19';
const LLVM_PROGRAMS = ['clang', 'lld', 'llvm-ar', 'llvm-nm', 'llvm-objcopy', 'llvm-objdump', 'llvm-dwarfdump', 'llvm-dwp',
  'llvm-cxxfilt', 'llvm-size'];
const EMSCRIPTEN = 'usr/share/emscripten';

/**
 * Finds or makes an emcc and records it, its version and its CMake toolchain file.
 * @param {import('./context.mjs').Context} context
 */
export async function setUpEmscripten(context) {
  const emcc = ownEmcc() ?? (await privateEmcc(context));
  if (!emcc) return NOT_NEEDED;
  const root = dirname(capture('realpath', [emcc]) ?? emcc);
  const emscriptenRoot = capture(join(root, 'em-config'), ['EMSCRIPTEN_ROOT']) ?? root;
  context.found.emscripten = {
    emcc,
    version: emccVersion(emcc),
    toolchain: join(emscriptenRoot, 'cmake/Modules/Platform/Emscripten.cmake'),
  };
  return undefined;
}

/** @returns {string | undefined} the machine's emcc; one that EMCC names must be new enough, one on PATH may be passed over */
function ownEmcc() {
  const named = process.env.EMCC;
  const emcc = named || onPath('emcc');
  if (!emcc) return undefined;
  const version = emccVersion(emcc);
  const oldest = VERSIONS.emscripten.oldest;
  if (version && isAtLeast(version, oldest)) return emcc;
  if (named) throw new SetupError(`EMCC=${named} is ${version ?? 'not an emcc'}`, { mend: `name an emcc of version ${oldest} or newer` });
  return undefined;
}

/** @returns {Promise<string | undefined>} the private copy's emcc; undefined when it is neither wanted nor there */
async function privateEmcc(context) {
  const { version, suite } = VERSIONS.emscripten;
  const entry = `emscripten-${version}-${keyOf(suite, ...PACKAGES, ...LEFT_OUT)}`;
  const prefix = context.wants.wasm.length > 0
    ? await cached(context, entry, (temporary, final) => makePrefix(context, temporary, final))
    : cachedAlready(context, entry);
  return prefix && join(prefix, EMSCRIPTEN, 'emcc');
}

function emccVersion(emcc) {
  return /\b(\d+\.\d+\.\d+)\b/.exec(capture(emcc, ['--version']) ?? '')?.[1];
}

function isAtLeast(version, oldest) {
  return version.localeCompare(oldest, 'en', { numeric: true }) >= 0;
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} prefix where it is put together
 * @param {string} final where it will lie when it runs: programs and configuration name this path
 */
function makePrefix(context, prefix, final) {
  const log = context.log('emscripten');
  if (process.platform !== 'linux' || process.arch !== 'x64' || !onPath('apt-get') || !onPath('dpkg-deb')) {
    throw new SetupError('no emcc on this machine, and no private copy can be made (that takes apt and dpkg on 64-bit x86 Linux)', {
      mend: `install the Emscripten SDK, ${VERSIONS.emscripten.oldest} or newer, and put emcc on PATH or name it by EMCC`,
    });
  }
  const work = join(prefix, 'work');
  mkdirSync(join(work, 'debs'), { recursive: true });
  const apt = privateApt(join(work, 'apt'), { type: 'deb', suites: [VERSIONS.emscripten.suite], log });
  apt(['download', '-q', ...PACKAGES], join(work, 'debs'));
  unpackAll(join(work, 'debs'), prefix, log);
  rmSync(work, { recursive: true });

  patchPrograms(prefix, final, log);
  // The packaged acorn is found through a search path that only Debian's own Node has.
  cpSync(join(prefix, 'usr/share/nodejs/acorn'), join(prefix, EMSCRIPTEN, 'node_modules/acorn'), { recursive: true, dereference: true });
  writeFileSync(join(prefix, EMSCRIPTEN, '.emscripten'), configuration(final));
}

function unpackAll(folder, prefix, log) {
  const leftOut = LEFT_OUT.map(pattern => `--exclude=${pattern}`);
  for (const deb of readdirSync(folder)) {
    run('bash', ['-c', 'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x --no-same-owner -C "$2" "${@:3}"', 'bash',
      join(folder, deb), prefix, ...leftOut], { log });
  }
}

/** Points the programs at the copy's own loader and libraries. patchelf, of the copy itself, has to be started through them. */
function patchPrograms(prefix, final, log) {
  const binaryen = readdirSync(join(prefix, 'usr/bin')).filter(name => name.startsWith('wasm')).map(name => `usr/bin/${name}`);
  for (const program of [...LLVM_PROGRAMS.map(name => `${LLVM}/bin/${name}`), ...binaryen]) {
    if (lstatSync(join(prefix, program)).isSymbolicLink()) continue; // what it points to has its own turn
    run(join(prefix, LOADER), ['--library-path', join(prefix, LIBRARIES), join(prefix, 'usr/bin/patchelf'),
      '--set-interpreter', join(final, LOADER),
      '--force-rpath', '--set-rpath', `${join(final, LIBRARIES)}:${join(final, LLVM, 'lib')}`, join(prefix, program)], { log });
  }
}

/** Emscripten reads the file .emscripten beside emcc. Its cache must be writable for libraries that are left out above. */
function configuration(final) {
  return `# Written by Hornbeam's set-up.
LLVM_ROOT = '${join(final, LLVM, 'bin')}'
BINARYEN_ROOT = '${join(final, 'usr')}'
NODE_JS = 'node'
CACHE = '${join(final, EMSCRIPTEN, 'cache')}'
FROZEN_CACHE = False
`;
}
