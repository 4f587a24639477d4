/** The server of the pages: what it serves, and that no request ends it. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { serve } from '../../scripts/serve.mjs';

/** The first line of the answer to a request for a path as it is, which fetch would put in order. @param {string} url @param {string} path */
function statusOf(url, path) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.on('data', data => { text += data; });
    socket.on('end', () => resolve(Number(text.split(' ')[1])));
    socket.on('error', reject);
  });
}

test('the pages are served, all else is not found, and the server goes on', async () => {
  const { url, close } = await serve();
  try {
    for (const path of ['//', '///', '/%', '/../package.json', '/dist/../package.json', '/dist/%2e%2e/package.json', '/dist/%00', '/absent', '/package.json', 'http://a:b/']) {
      assert.equal(await statusOf(url, path), 404, path);
    }
    assert.equal(await statusOf(url, '/'), 302);
    assert.equal(await statusOf(url, '/examples/digits/page/?a=//'), 200);
    const response = await fetch(`${url}examples/digits/page/`);
    assert.match(response.headers.get('content-type') ?? '', /text\/html/);
    assert.match(await response.text(), /^<!doctype html>/i);
  } finally {
    await close();
  }
});
