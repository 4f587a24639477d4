/** Real TensorBoard as a process on a host and port of its own, asked through its HTTP API. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:net';

const START_MS = 120_000;
const HOST = '127.0.0.1';

/** @returns {Promise<number>} */
const freePort = () => new Promise(resolve => {
  const server = createServer().listen(0, HOST, () => {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    server.close(() => resolve(port));
  });
});

export class Board {
  /** @param {string} python of the environment that has TensorBoard @param {string} folder of logs */
  static async start(python, folder) {
    const port = await freePort();
    const child = spawn(python, ['-m', 'tensorboard.main', '--logdir', folder, '--host', HOST, '--port', String(port), '--reload_multifile', 'true'],
      { stdio: ['ignore', 'ignore', 'pipe'] });
    const board = new Board(child, `http://${HOST}:${port}`);
    for (const end = Date.now() + START_MS; Date.now() < end; await sleep(200)) {
      if (child.exitCode !== null) throw new Error(`tensorboard ended with ${child.exitCode}:\n${board.log}`);
      const runs = await board.ask('data/runs').catch(() => []);
      if (runs.length > 0) return board;
    }
    board.stop();
    throw new Error(`tensorboard shows no run after ${START_MS / 1000} s:\n${board.log}`);
  }

  /** @param {import('node:child_process').ChildProcess} child @param {string} url */
  constructor(child, url) {
    this.child = child;
    this.url = url;
    this.log = '';
    child.stderr?.on('data', text => { this.log += text; });
  }

  /** @param {string} path @param {Record<string, string>} [query] */
  async get(path, query = {}) {
    const response = await fetch(`${this.url}/${path}?${new URLSearchParams(query)}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}\n${this.log}`);
    return response;
  }

  /** @param {string} path @param {Record<string, string>} [query] @returns {Promise<any>} */
  async ask(path, query) {
    return (await this.get(path, query)).json();
  }

  /** The nodes and connections of a run's model. @param {string} run @returns {Promise<{name: string, inputs: string[], class: string | undefined}[]>} */
  async graph(run) {
    const text = await (await this.get('data/plugin/graphs/graph', { run, tag: 'keras', conceptual: 'true' })).text();
    return text.split(/^node \{$/m).slice(1).map(node => ({
      name: /^  name: "(.*)"$/m.exec(node)?.[1] ?? '',
      inputs: [...node.matchAll(/^  input: "(.*)"$/gm)].map(match => match[1]),
      class: /key: "keras_class"\s+value \{\s+s: "(\w+)"/.exec(node)?.[1],
    }));
  }

  stop() {
    this.child.kill();
  }
}
