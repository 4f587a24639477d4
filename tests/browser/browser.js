/** Chromium, and the demo page served to it. */
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { convertDigits } from '../../scripts/digits.mjs';
import { serve } from '../../scripts/serve.mjs';

convertDigits('digits.keras');

/** What the caller says, what set-up found, or the usual places. */
function executable() {
  const setup = new URL('../../build/setup.json', import.meta.url);
  const found = existsSync(setup) ? JSON.parse(readFileSync(setup, 'utf8')).chromium : undefined;
  return process.env.CHROMIUM ?? found ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
}

/**
 * Opens a page of the demo server and closes everything afterwards.
 * @param {(page: import('playwright-core').Page, url: string) => Promise<void>} body
 * @param {{isolated?: boolean, args?: string[], context?: import('playwright-core').BrowserContextOptions}} [options]
 */
export async function withPage(body, { isolated = true, args = [], context = {} } = {}) {
  const server = await serve({ isolated });
  const browser = await chromium.launch({ executablePath: executable(), args: ['--no-sandbox', ...args] });
  try {
    const page = await browser.newPage(context);
    await body(page, server.url);
  } finally {
    await browser.close();
    await server.close();
  }
}
