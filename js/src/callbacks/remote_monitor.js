/** Sends the logs of epochs to a server. Keras: keras/src/callbacks/remote_monitor.py. */
import { env } from '../environment.js';
import { Callback } from './callback.js';
import { warn } from './monitor.js';

/** @import { Logs } from './callback.js' */

/**
 * @typedef {object} RemoteMonitorArgs
 * @property {string} [root] URL of the server; http://localhost:9000 by default
 * @property {string} [path] /publish/epoch/end/ by default
 * @property {string} [field] of the form that carries the JSON; 'data' by default
 * @property {Record<string, string> | null} [headers]
 * @property {boolean} [sendAsJson] the body is the JSON itself, and no form
 */

export class RemoteMonitor extends Callback {
  /** @param {RemoteMonitorArgs} [args] */
  constructor({ root = 'http://localhost:9000', path = '/publish/epoch/end/', field = 'data', headers = null, sendAsJson = false } = {}) {
    super();
    this.root = root;
    this.path = path;
    this.field = field;
    this.headers = headers;
    this.sendAsJson = sendAsJson;
  }

  /** A server that does not answer is a warning, no error. @override @param {number} epoch @param {Logs} [logs] */
  async onEpochEnd(epoch, logs = {}) {
    const json = JSON.stringify({ epoch, ...logs });
    const [type, body] = this.sendAsJson ? ['application/json', json]
      : ['application/x-www-form-urlencoded', new URLSearchParams({ [this.field]: json }).toString()];
    try {
      const headers = { 'Content-Type': type, ...this.headers };
      const response = await env().platform.fetch(this.root + this.path, { method: 'POST', headers, body });
      await response.arrayBuffer(); // so that the connection is free again
    } catch {
      warn(`Could not reach RemoteMonitor root server at ${this.root}`);
    }
  }
}
