/** The clone's npm packages, and other versions of Node, which npm ships as packages too. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cachedAlready } from './cache.mjs';
import { NOT_NEEDED, ROOT, VERSIONS } from './context.mjs';
import { run } from './run.mjs';

const LOCK_FILE = join(ROOT, 'package-lock.json');
/** Holds the hash of the lock file that node_modules was installed from. */
const STAMP = join(ROOT, 'node_modules/.hornbeam-lock-sha256');

const MEND = 'see that npm reaches its registry on this machine (npm ping), then run set-up again';

/**
 * `npm ci` where node_modules is not what package-lock.json says.
 * @param {import('./context.mjs').Context} context
 */
export function setUpNpmPackages(context) {
  const wanted = createHash('sha256').update(readFileSync(LOCK_FILE)).digest('hex');
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
    context.worked = true;
    // No install scripts: esbuild's only swaps a wrapper for its binary, and ours must never need one.
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: ROOT, log: context.log('npm'), mend: MEND });
    writeFileSync(STAMP, wanted);
  }
  context.found.nodeApiInclude = join(ROOT, 'node_modules/node-api-headers/include');
}

/**
 * The other Node versions that the tests run on.
 * @param {import('./context.mjs').Context} context
 */
export async function setUpNodes(context) {
  context.found.nodes = { [process.versions.node.split('.')[0]]: process.execPath };
  for (const version of VERSIONS.nodes) {
    const entry = `node-${version}`;
    const path = context.wants.nodes
      ? await cached(context, entry, folder => fetchNode(version, folder, context.log('nodes')))
      : cachedAlready(context, entry);
    if (path) context.found.nodes[version.split('.')[0]] = join(path, 'bin/node');
  }
  return context.wants.nodes ? undefined : NOT_NEEDED;
}

/**
 * The npm package "node" finds its platform's package in an install script; we take that package ourselves.
 * @param {string} version
 * @param {string} folder
 * @param {string} log
 */
function fetchNode(version, folder, log) {
  const work = join(folder, 'work');
  mkdirSync(work);
  run('npm', ['pack', '--silent', `node-${process.platform}-${process.arch}@${version}`], { cwd: work, log, mend: MEND });
  run('sh', ['-c', 'tar -xf *.tgz package/bin/node'], { cwd: work, log });
  mkdirSync(join(folder, 'bin'));
  renameSync(join(work, 'package/bin/node'), join(folder, 'bin/node'));
  rmSync(work, { recursive: true });
  run(join(folder, 'bin/node'), ['--version'], { log });
}
