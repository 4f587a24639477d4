/** A small model as files: on disk, or behind a server that can be told to misbehave. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GOLDEN = new URL('../golden/Dense/', import.meta.url);

/** A model.json of one Dense layer (7 -> 3) in two shards, and the bytes of all its weights. */
export function smallModel() {
  const json = JSON.parse(readFileSync(new URL('k3_relu.json', GOLDEN), 'utf8'));
  const weights = readFileSync(new URL('k3_relu.bin', GOLDEN));
  json.weightsManifest[0].paths = ['shard1.bin', 'shard2.bin'];
  return { json, weights, shards: { 'shard1.bin': weights.subarray(0, 40), 'shard2.bin': weights.subarray(40) } };
}

/**
 * Writes files to a folder that is removed when the test ends.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string | Uint8Array>} files
 */
export function writeFiles(t, files) {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/**
 * Serves answers by path; a path without an answer is a 404 page.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string | Uint8Array | ((request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void)>} answers
 * @returns {Promise<{url: string, requests: import('node:http').IncomingMessage[]}>}
 */
export async function serveAnswers(t, answers) {
  /** @type {import('node:http').IncomingMessage[]} */
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const answer = answers[new URL(request.url ?? '/', 'http://localhost').pathname];
    if (typeof answer === 'function') answer(request, response);
    else if (answer === undefined) response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>Not found</html>');
    else response.end(answer);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => new Promise(resolve => {
    server.closeAllConnections();
    server.close(resolve);
  }));
  return { url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`, requests };
}
