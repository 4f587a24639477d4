#!/usr/bin/env node
/**
 * Serves the pages of the examples: the pages, dist/, the converted model and the digits to train with, and nothing else of the clone.
 *
 *   node scripts/serve.mjs [--port N]
 */
import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGE = '/examples/digits/page/';
const TRAINING_PAGE = '/examples/train-digits/';
const SERVED = [PAGE, TRAINING_PAGE, '/dist/', '/build/digits/', '/build/train-digits/data/'];
/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json',
  '.wasm': 'application/wasm', '.map': 'application/json',
};
/** What a page needs to have threads. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin' };

/**
 * The file of a URL's path; null where there is none to serve.
 * @param {string} path
 */
function fileOf(path) {
  if (!SERVED.some(folder => path.startsWith(folder)) || /[\\\0]|(^|\/)\.\.(\/|$)/.test(path)) return null;
  const file = join(ROOT, path.endsWith('/') ? `${path}index.html` : path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

/**
 * @param {{port?: number, isolated?: boolean}} [options] port 0: any that is free; isolated: whether pages may have threads, by default where
 *   a build with threads is there
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function serve({ port = 0, isolated = existsSync(join(ROOT, 'dist/wasm/hornbeam-simd-threads.wasm')) } = {}) {
  const server = createServer((request, response) => {
    const [pathname] = (request.url ?? '/').split(/[?#]/); // not by URL: it takes // for the start of a host, and throws
    if (pathname === '/') {
      response.writeHead(302, { Location: PAGE }).end();
      return;
    }
    const file = decodable(pathname) ? fileOf(decodeURIComponent(pathname)) : null;
    if (file === null) {
      notFound(response);
      return;
    }
    const headers = { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache', ...(isolated && ISOLATION) };
    const stream = createReadStream(file);
    stream.on('open', () => stream.pipe(response.writeHead(200, headers)));
    stream.on('error', () => (response.headersSent ? response.destroy() : notFound(response)));
  });
  await new Promise(resolve => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${address.port}/`,
    close: () => new Promise(resolve => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

/** @param {import('node:http').ServerResponse} response */
function notFound(response) {
  response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n');
}

/** @param {string} path */
function decodable(path) {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] && pathToFileURL(realpathSync(process.argv[1])).href === import.meta.url) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
  const { url } = await serve({ port: Number(values.port) });
  console.log(`The demo page is at ${url} (Ctrl+C ends it)`);
}
