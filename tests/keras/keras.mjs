/** serve.py as a function: real Keras in a process of its own, asked one thing after the other. */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const ROOT = join(FOLDER, '../..');
const LOG = join(ROOT, 'build/logs/keras.log');

/** The layers that Hornbeam has. */
function knownLayers() {
  const list = readFileSync(join(ROOT, 'core/layers/layers.def'), 'utf8');
  return [...list.matchAll(/^HORN_LAYER\((\w+)\)/gm)].map(match => match[1]);
}

export class Keras {
  /** @param {string} python of the environment that has Keras */
  constructor(python) {
    mkdirSync(dirname(LOG), { recursive: true });
    this.process = spawn(python, [join(FOLDER, 'serve.py'), JSON.stringify(knownLayers())], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr.on('data', text => appendFileSync(LOG, text));
    /** @type {{resolve: (reply: any) => void, reject: (error: Error) => void}[]} */
    this.waiting = [];
    createInterface(this.process.stdout).on('line', line => this.waiting.shift()?.resolve(JSON.parse(line)));
    this.process.on('error', error => this.fail(error));
    this.process.on('exit', code => this.fail(new Error(`serve.py ended with ${code}; see ${LOG}`)));
  }

  /** @param {Error} error */
  fail(error) {
    this.waiting.splice(0).forEach(({ reject }) => reject(error));
  }

  /**
   * @param {Record<string, unknown>} request as serve.py says
   * @returns {Promise<any>} its reply
   */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  close() {
    this.process.stdin.end();
  }
}
