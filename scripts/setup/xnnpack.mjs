/** Builds XNNPACK's static library from scripts/third-party/xnnpack.cmake: once natively, once for each WASM variant. */
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cachedAlready, keyOf } from './cache.mjs';
import { NOT_NEEDED, THIRD_PARTY, VERSIONS } from './context.mjs';
import { capture, run } from './run.mjs';

const RECIPE = join(THIRD_PARTY, 'xnnpack.cmake');
const SMOKE_TEST = join(THIRD_PARTY, 'smoke.c');
const SHIM = join(THIRD_PARTY, 'shim');
const SHIM_HEADERS = ['wasm/arm_neon.h', 'x86/cpuinfo.h'];

/** The WASM variants: options of xnnpack.cmake, and the flags that whoever links them compiles with. */
export const WASM_VARIANTS = {
  simd: { options: [], flags: ['-msimd128'] },
  'simd-threads': { options: ['-DTHREADS=ON'], flags: ['-msimd128', '-pthread'] },
  relaxed: { options: ['-DRELAXED=ON'], flags: ['-msimd128', '-mrelaxed-simd'] },
  'relaxed-threads': { options: ['-DRELAXED=ON', '-DTHREADS=ON'], flags: ['-msimd128', '-mrelaxed-simd', '-pthread'] },
};

/**
 * The native library.
 * @param {import('./context.mjs').Context} context
 */
export async function setUpNativeXnnpack(context) {
  const { clang, clangxx } = context.found;
  await setUpVariant(context, 'native', {
    wanted: true,
    compilerVersion: firstLine(capture(clang, ['--version'])),
    options: [`-DCMAKE_C_COMPILER=${clang}`, `-DCMAKE_CXX_COMPILER=${clangxx}`],
    smoke: (library, folder, log) => {
      run(clang, ['-O1', ...smokeInputs(library), '-lm', '-lpthread', '-o', join(folder, 'smoke')], { log });
      run(join(folder, 'smoke'), [], { log });
    },
  });
}

/**
 * One WASM variant.
 * @param {import('./context.mjs').Context} context
 * @param {string} variant a key of WASM_VARIANTS
 */
export async function setUpWasmXnnpack(context, variant) {
  const { emscripten } = context.found;
  if (!emscripten) return NOT_NEEDED;
  const { options, flags } = WASM_VARIANTS[variant];
  return setUpVariant(context, variant, {
    wanted: context.wants.wasm.includes(variant),
    compilerVersion: `emcc ${emscripten.version}`,
    options: [`-DCMAKE_TOOLCHAIN_FILE=${emscripten.toolchain}`, ...options],
    smoke: (library, folder, log) => {
      const threads = flags.includes('-pthread') ? ['-sPROXY_TO_PTHREAD', '-sPTHREAD_POOL_SIZE=2', '-sEXIT_RUNTIME'] : [];
      run(emscripten.emcc, ['-O1', ...flags, ...threads, ...smokeInputs(library), '-o', join(folder, 'smoke.cjs')], { log });
      run(process.execPath, [...nodeFlagsFor(flags), join(folder, 'smoke.cjs')], { log });
    },
  });
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} variant
 * @param {{wanted: boolean, compilerVersion: string, options: string[],
 *          smoke: (library: string, folder: string, log: string) => void}} how
 */
async function setUpVariant(context, variant, { wanted, compilerVersion, options, smoke }) {
  const entry = `xnnpack-${VERSIONS.sources.xnnpack.version}-${variant}-${keyFor(compilerVersion)}`;
  const path = wanted
    ? await cached(context, entry, folder => build(context, variant, folder, options, smoke))
    : cachedAlready(context, entry);
  if (!path) return NOT_NEEDED;
  context.found.xnnpack = { ...context.found.xnnpack, [variant]: path };
  return undefined;
}

/** Everything that a build's result depends on and that its name does not say. */
function keyFor(compilerVersion) {
  const sources = ['xnnpack', 'pthreadpool', 'fxdiv'].map(name => VERSIONS.sources[name].sha256);
  return keyOf(readFileSync(RECIPE), ...SHIM_HEADERS.map(header => readFileSync(join(SHIM, header))), compilerVersion, process.arch, ...sources);
}

/** Builds, installs into `folder` (include/, lib/libxnnpack.a), then links and runs the smoke test against that. */
function build(context, variant, folder, options, smoke) {
  const log = context.log(`xnnpack-${variant}`);
  const { cmake, ninja, sources } = context.found;
  const work = join(folder, 'work');
  mkdirSync(join(work, 'project'), { recursive: true });
  copyFileSync(RECIPE, join(work, 'project/CMakeLists.txt'));
  const mend = 'a compiler error: try another clang (CLANG=path); a killed compiler: free some memory; then run set-up again';
  run(cmake, ['-G', 'Ninja', '-S', join(work, 'project'), '-B', join(work, 'build'), '-DCMAKE_BUILD_TYPE=Release',
    `-DCMAKE_MAKE_PROGRAM=${ninja}`, `-DCMAKE_INSTALL_PREFIX=${folder}`, `-DXNNPACK_DIR=${sources.xnnpack}`,
    `-DPTHREADPOOL_DIR=${sources.pthreadpool}`, `-DFXDIV_DIR=${sources.fxdiv}`, `-DSHIM_DIR=${SHIM}`, ...options], { log, mend });
  run(cmake, ['--build', join(work, 'build')], { log, mend });
  run(cmake, ['--install', join(work, 'build')], { log, mend });
  smoke(folder, work, log);
  rmSync(work, { recursive: true });
}

const smokeInputs = library => [`-I${join(library, 'include')}`, SMOKE_TEST, join(library, 'lib/libxnnpack.a')];
const firstLine = text => (text ?? '').split('\n')[0];

/** Node 20 has relaxed SIMD behind a flag; from 22 on it is simply there and the flag is refused. */
function nodeFlagsFor(flags) {
  const [major] = process.versions.node.split('.').map(Number);
  return flags.includes('-mrelaxed-simd') && major < 21 ? ['--experimental-wasm-relaxed-simd'] : [];
}
