/** Which WebAssembly build is taken where nobody says: relaxed SIMD in engines that have it, which Node does from 22 on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';

const { HORNBEAM_TARGET, HORNBEAM_VARIANT, HORNBEAM_THREADS } = process.env;
const hasRelaxed = Number(process.versions.node.split('.')[0]) >= 22;

test('the build that the engine can run best', () => {
  const { target, variant } = tf.backendInfo();
  assert.equal(target, HORNBEAM_TARGET ?? 'node');
  if (target === 'node') return assert.match(variant, /hornbeam\.node$/);
  const threads = Number(HORNBEAM_THREADS ?? 1) > 1 ? '-threads' : '';
  assert.equal(variant, HORNBEAM_VARIANT ?? `${hasRelaxed ? 'relaxed' : 'simd'}${threads}`);
});
