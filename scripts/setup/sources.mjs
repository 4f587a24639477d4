/** The source tarballs of third-party libraries: fetched, checked against versions.json, unpacked into the cache. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { cached } from './cache.mjs';
import { VERSIONS } from './context.mjs';
import { privateApt } from './apt.mjs';
import { run, SetupError } from './run.mjs';

/** Where a library's unpacked source lies in the cache. XNNPACK's is not called plain "xnnpack-", as our builds of it are. */
const entryOf = name => `${name === 'xnnpack' ? 'xnnpack-source' : name}-${VERSIONS.sources[name].version}`;

/**
 * Unpacks every source of versions.json that the cache lacks.
 * @param {import('./context.mjs').Context} context
 */
export async function setUpSources(context) {
  const names = Object.keys(VERSIONS.sources);
  const missing = names.filter(name => !existsSync(join(context.cache, entryOf(name))));
  if (missing.length > 0) fetchTarballs(context, missing);
  context.found.sources = {};
  for (const name of names) {
    context.found.sources[name] = await cached(context, entryOf(name), folder => unpack(context, name, folder));
  }
}

const tarballPath = (context, name) => join(context.cache, 'tarballs', VERSIONS.sources[name].file);
const sha256 = path => createHash('sha256').update(readFileSync(path)).digest('hex');

function unpack(context, name, folder) {
  const strip = VERSIONS.sources[name].topFolder ? 1 : 0;
  run('tar', ['-xf', tarballPath(context, name), '-C', folder, `--strip-components=${strip}`, '--no-same-owner'], {
    log: context.log('sources'),
    mend: 'delete that tarball and run set-up again',
  });
}

/** Puts the tarballs of the named sources into the cache: from HORNBEAM_SOURCES where it has them, else through apt. */
function fetchTarballs(context, names) {
  mkdirSync(join(context.cache, 'tarballs'), { recursive: true });
  const absent = names.filter(name => !hasTarball(context, name) && !takeFromFolder(context, name));
  if (absent.length === 0) return;
  const temporary = mkdtempSync(join(context.cache, 'tarballs/tmp-'));
  try {
    fetchThroughApt(context, absent, temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function hasTarball(context, name) {
  const path = tarballPath(context, name);
  return existsSync(path) && sha256(path) === VERSIONS.sources[name].sha256;
}

function takeFromFolder(context, name) {
  const { file, sha256: wanted } = VERSIONS.sources[name];
  const path = process.env.HORNBEAM_SOURCES && join(resolve(process.env.HORNBEAM_SOURCES), file);
  if (!path || !existsSync(path)) return false;
  if (sha256(path) !== wanted) throw new SetupError(`${path} is not the file of versions.json: its sha256 is ${sha256(path)}, not ${wanted}`);
  keep(context, name, path);
  return true;
}

/** The upstream tarballs ("orig") alone: a mirror may lack Debian's own part of a source package, which we do not use. */
function fetchThroughApt(context, names, folder) {
  const log = context.log('sources');
  const suites = [...new Set(names.map(name => VERSIONS.sources[name].debian.suite))];
  const apt = privateApt(join(folder, 'apt'), { type: 'deb-src', suites, log });
  for (const name of names) {
    const { file, sha256: wanted, debian } = VERSIONS.sources[name];
    const mend = `put ${file} (sha256 ${wanted}) into a folder and set HORNBEAM_SOURCES to that folder`;
    apt(['source', '--download-only', '--tar-only', '-q', '-t', debian.suite, debian.package], folder, mend);
    const path = join(folder, file);
    if (!existsSync(path)) throw new SetupError(`Debian ${debian.suite} has another version of ${name} now`, { log, mend });
    if (sha256(path) !== wanted) throw new SetupError(`${file} from the Debian mirror has the wrong hash`, { log, mend });
    keep(context, name, path);
  }
}

function keep(context, name, path) {
  const temporary = `${tarballPath(context, name)}.tmp-${process.pid}`;
  copyFileSync(path, temporary);
  renameSync(temporary, tarballPath(context, name));
}
