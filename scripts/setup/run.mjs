/** Running other programs for set-up: everything they print goes to a log file, and a failure says how to mend it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const LOG_LINES_SHOWN = 25;

/** A failure that names what failed, what to do about it, and where the whole log is. */
export class SetupError extends Error {
  /**
   * @param {string} what what failed
   * @param {{mend?: string, log?: string}} [more] how to mend it; the log file whose last lines are worth reading
   */
  constructor(what, { mend, log } = {}) {
    super([what, log && `${lastLines(log)}\nThe whole log: ${log}`, mend && `To mend it: ${mend}`].filter(Boolean).join('\n'));
    this.name = 'SetupError';
  }
}

/**
 * Runs a program to its end, appending its output to a log file.
 * @param {string} command
 * @param {string[]} args
 * @param {{log: string, cwd?: string, env?: Record<string, string>, mend?: string}} options `env` is added to our own
 * @throws {SetupError} when it cannot be started or exits with anything but 0
 */
export function run(command, args, { log, cwd, env, mend }) {
  const file = openLog(command, args, log);
  const result = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', file, file] });
  closeSync(file);
  check(command, result, { mend, log });
}

/**
 * The same without waiting: other programs can run beside it.
 * @param {string} command
 * @param {string[]} args
 * @param {{log: string, cwd?: string, env?: Record<string, string>, mend?: string}} options
 * @returns {Promise<void>}
 */
export async function runBeside(command, args, { log, cwd, env, mend }) {
  const file = openLog(command, args, log);
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', file, file] });
  const [status, signal, error] = await once(child, 'exit').catch(failed => [null, null, failed]);
  closeSync(file);
  check(command, { status, signal, error }, { mend, log });
}

function openLog(command, args, log) {
  mkdirSync(dirname(log), { recursive: true });
  appendFileSync(log, `\n$ ${[command, ...args].join(' ')}\n`);
  return openSync(log, 'a');
}

function check(command, { status, signal, error }, { mend, log }) {
  if (error) throw new SetupError(`${command} could not be started: ${error.message}`, { mend, log });
  if (status !== 0) throw new SetupError(`${command} failed (${signal ?? `exit status ${status}`})`, { mend, log });
}

/**
 * Runs a program and returns what it printed on standard output.
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: Record<string, string>}} [options]
 * @returns {string | undefined} undefined when it cannot be started or fails
 */
export function capture(command, args, { cwd, env } = {}) {
  const result = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function lastLines(log) {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).map(line => `  | ${line}`).join('\n');
  } catch {
    return '';
  }
}
