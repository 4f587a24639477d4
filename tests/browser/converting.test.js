/** A .keras file in a page: loaded with no conversion step, by a module that is fetched then and not before, and given to the user as a download. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { assertClose, TOLERANCES } from '../js/close.js';
import { KERAS_FILES, kerasModels } from '../js/keras_files.js';
import { withPage } from './browser.js';

/* global hornbeam */

test('a .keras file is loaded from its URL and predicts what Keras predicts; what is saved as .keras is loaded again', async () => {
  const { arrays } = kerasModels().find(({ stem }) => stem === 'k3_cnn');
  const [input, output] = ['input', 'output'].map(role => arrays.find(array => array.role === role));
  const fetched = [];
  let saved;
  const found = {};
  await withPage(async (page, url) => {
    await page.route('**/cnn.keras', route => route.fulfill({ path: `${KERAS_FILES}k3_cnn.keras`, contentType: 'application/octet-stream' }));
    await page.route('**/empty.html', route => route.fulfill({ body: '<!doctype html>', contentType: 'text/html' }));
    page.on('request', request => fetched.push(request.url().split('/').at(-1)));
    page.on('download', download => { saved = download.path().then(path => [download.suggestedFilename(), readFileSync(path)]); });
    await page.goto(`${url}empty.html`);
    await page.evaluate(async () => { window.hornbeam = await import(String('/dist/hornbeam.mjs')); });
    found.before = fetched.filter(name => name.startsWith('hornbeam-converter'));
    found.values = await page.evaluate(async ({ values, shape }) => {
      window.model = await hornbeam.loadLayersModel('/cnn.keras');
      return [...window.model.predict(hornbeam.tensor(values, shape)).dataSync()];
    }, { values: [...input.values], shape: input.shape });
    found.after = fetched.filter(name => name.startsWith('hornbeam-converter')).sort();
    await page.evaluate(async () => {
      await window.model.save('downloads://mine.keras');
      await new Promise(resolve => setTimeout(resolve, 500));
    });
    const [name, bytes] = await saved;
    found.name = name;
    found.again = await page.evaluate(async ({ bytes, values, shape }) => {
      const again = await hornbeam.loadLayersModel(hornbeam.io.browserFiles([new File([Uint8Array.from(bytes)], 'again.keras')]));
      return [...again.predict(hornbeam.tensor(values, shape)).dataSync()];
    }, { bytes: [...bytes], values: [...input.values], shape: input.shape });
  }, { isolated: false });
  assert.deepEqual(found.before, []);
  assert.deepEqual(found.after, ['hornbeam-converter.mjs', 'hornbeam-converter.wasm']);
  assertClose(found.values, output.values, TOLERANCES.model);
  assert.equal(found.name, 'mine.keras');
  assertClose(found.again, output.values, TOLERANCES.model);
});
