/**
 * A private apt: the machine's own mirror, another Debian release's packages, nothing of the system touched, no root needed.
 * It is how set-up gets source tarballs and Emscripten's packages on a machine that may be of another release.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, run, SetupError } from './run.mjs';

const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];

/**
 * Prepares a private apt and fetches its package lists.
 * @param {string} folder an empty folder for its state
 * @param {{type: 'deb' | 'deb-src', suites: string[], log: string}} options
 * @returns {(args: string[], cwd: string, mend?: string) => void} runs `apt-get` with it
 */
export function privateApt(folder, { type, suites, log }) {
  const mirror = debianMirror();
  const keyring = KEYRINGS.find(existsSync);
  if (!keyring) throw new SetupError('no Debian keyring', { mend: 'apt-get install debian-archive-keyring' });

  for (const sub of ['etc/preferences.d', 'state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, sub), { recursive: true });
  }
  writeFileSync(join(folder, 'state/status'), '');
  writeFileSync(join(folder, 'etc/sources.list'), suites.map(suite => `${type} [signed-by=${keyring}] ${mirror} ${suite} main\n`).join(''));
  // Dir::Etc::parts stays the machine's own: its proxy and certificate settings are there.
  writeFileSync(join(folder, 'apt.conf'), `
    Dir::Etc "${folder}/etc"; Dir::Etc::sourcelist "${folder}/etc/sources.list"; Dir::Etc::sourceparts "/dev/null";
    Dir::Etc::parts "/etc/apt/apt.conf.d"; Dir::Etc::main "/etc/apt/apt.conf";
    Dir::State "${folder}/state"; Dir::State::status "${folder}/state/status";
    Dir::Cache "${folder}/cache"; Dir::Log "${folder}";
    APT::Sandbox::User ""; Acquire::Languages "none"; Acquire::Check-Valid-Until "false"; Debug::NoLocking "true";
  `);

  const reachable = 'see that apt-get update works on this machine, or set HORNBEAM_DEBIAN_MIRROR to a Debian mirror that it can reach';
  const env = { APT_CONFIG: join(folder, 'apt.conf') };
  const apt = (args, cwd, mend = reachable) => run('apt-get', args, { cwd, log, env, mend });
  apt(['update', '-q'], folder);
  return apt;
}

/** The Debian mirror that this machine's own apt uses. */
function debianMirror() {
  if (process.env.HORNBEAM_DEBIAN_MIRROR) return process.env.HORNBEAM_DEBIAN_MIRROR;
  const targets = capture('apt-get', ['indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(REPO_URI)', 'Created-By: Packages']) ?? '';
  const mirror = targets.split('\n').map(line => line.split('|')).find(([origin, label]) => origin === 'Debian' && label === 'Debian')?.[2];
  if (!mirror) {
    throw new SetupError('no Debian mirror found in this machine\'s apt sources', {
      mend: 'run apt-get update if this is Debian; elsewhere set HORNBEAM_DEBIAN_MIRROR to a Debian mirror',
    });
  }
  return mirror;
}
