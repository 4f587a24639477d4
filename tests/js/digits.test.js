/** The digit classifier, from Keras's two files through our converter: what Keras answered for 2,000 held-out digits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeldOut } from '../../examples/digits/heldout.mjs';
import * as tf from '../../js/src/index.js';
import { convertDigits } from '../../scripts/digits.mjs';
import { assertClose } from './close.js';

/** Rounding: probabilities of Keras and of Hornbeam. */
const PROBABILITIES = { relative: 0, absolute: 1e-5 };

for (const file of /** @type {const} */ (['digits.keras', 'digits.h5'])) {
  test(`${file} classifies as Keras does`, async () => {
    const digits = readHeldOut();
    const model = await tf.loadLayersModel(convertDigits(file));
    const images = tf.tensor(digits.images, [digits.count, 28, 28, 1]);
    for (const output of [model.predict(images), await model.predictAsync(images, { batchSize: 500 })].flat()) {
      assertClose(output.dataSync(), digits.outputs, PROBABILITIES);
      const guesses = tf.tidy(() => output.argMax(1).dataSync());
      assert.equal(guesses.filter((guess, i) => guess === digits.labels[i]).length / digits.count, digits.accuracy);
      output.dispose();
    }
    images.dispose();
    model.dispose();
  });
}
