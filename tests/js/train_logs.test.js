/** Event files of TensorBoard by a reader of its own here; real TensorBoard reads them in tests/tensorboard. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import * as tf from '../../js/src/index.js';
import { histogramOf } from '../../js/src/callbacks/tensorboard/events.js';
import { encodePng } from '../../js/src/callbacks/tensorboard/png.js';
import { crc32c } from '../../js/src/callbacks/tensorboard/records.js';

/** @param {import('node:test').TestContext} t */
function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-logs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The fields of a message: numbers, and bytes. @param {Buffer} bytes @returns {Record<number, any[]>} */
function fieldsOf(bytes) {
  /** @type {Record<number, any[]>} */
  const fields = {};
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const list = fields[key >> 3] ??= [];
    if ((key & 7) === 0) list.push(varint());
    else if ((key & 7) === 1) list.push(bytes.readDoubleLE((at += 8) - 8));
    else {
      const length = varint();
      list.push(bytes.subarray(at, at += length));
    }
  }
  return fields;
}

/** The scalars of an event file, each with its step; all checksums are right. @param {string} folder */
function scalarsIn(folder) {
  const [name] = readdirSync(folder);
  assert.match(name, /^events\.out\.tfevents\.\d+\..+\.\d+\.\d+\.v2$/);
  const file = readFileSync(join(folder, name));
  const masked = (/** @type {Buffer} */ data) => {
    const crc = crc32c(data);
    return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  };
  const found = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    assert.equal(file.readUInt32LE(at + 8), masked(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    assert.equal(file.readUInt32LE(at + 12 + length), masked(data));
    at += 16 + length;
    const event = fieldsOf(data);
    assert.ok(Math.abs(event[1][0] - Date.now() / 1000) < 60);
    if (event[5] === undefined) continue;
    const value = fieldsOf(fieldsOf(event[5][0])[1][0]);
    const tensor = fieldsOf(value[8][0]);
    if (tensor[1][0] === 1) found.push([value[1][0].toString(), event[2][0], tensor[4][0].readFloatLE(0)]);
  }
  return found;
}

test('checksums are CRC-32C', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
});

test('histograms count all finite values, those of one value too', () => {
  assert.deepEqual([...histogramOf([0, 1, 2, 3, 4, NaN, Infinity], 2)], [0, 2, 2, 2, 4, 3]);
  assert.deepEqual([...histogramOf([5, 5], 3)], [5, 5, 0, 5, 5, 0, 5, 5, 2]);
  assert.deepEqual([...histogramOf([], 1)], [0, 0, 0]);
});

test('images are PNG', async () => {
  const png = Buffer.from(await encodePng(Uint8Array.of(1, 2, 3, 4, 5, 6), 3, 2, 1));
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]], [3, 2, 8, 0]);
  const length = png.readUInt32BE(33);
  assert.deepEqual([...inflateSync(png.subarray(41, 41 + length))], [0, 1, 2, 3, 0, 4, 5, 6]);
});

test('tf.node.summaryFileWriter writes what it is given, in order', async t => {
  const folder = join(temporaryFolder(t), 'logs');
  const writer = tf.node.summaryFileWriter(folder, 3);
  const expected = Array.from({ length: 10 }, (_, step) => [`tag${step % 2}`, step, step / 4]);
  for (const [tag, step, value] of expected) writer.scalar(/** @type {string} */ (tag), step === 5 ? tf.scalar(/** @type {number} */ (value)) : /** @type {number} */ (value), /** @type {number} */ (step));
  writer.histogram('h', tf.tensor1d([1, 2]), 1);
  await writer.flush();
  assert.deepEqual(scalarsIn(folder), expected);
  assert.throws(() => tf.node.summaryFileWriter(''), /Invalid logdir/);
  const lost = tf.node.summaryFileWriter('/dev/null/logs');
  lost.scalar('a', 1, 0);
  await assert.rejects(lost.flush(), { code: 'IO' });
});

test('tf.node.tensorBoard logs a fit by epochs and batches', async t => {
  const folder = temporaryFolder(t);
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.ones([8, 2]);
  const { history } = await model.fit(x, tf.ones([8, 1]), { batchSize: 4, epochs: 2, verbose: 0, validationData: [x, tf.ones([8, 1])],
    callbacks: tf.node.tensorBoard(folder, { updateFreq: 'batch' }) });
  const logged = scalarsIn(join(folder, 'train'));
  const named = (/** @type {string} */ name) => logged.filter(([tag]) => tag === name).map(([, step, value]) => [step, value]);
  assert.deepEqual(named('epoch_loss'), history.loss.map((value, i) => [i, Math.fround(value)]));
  assert.deepEqual(named('batch_loss').map(([step]) => step), [1, 2, 3, 4]);
  assert.deepEqual(named('epoch_learning_rate'), [[0, Math.fround(0.01)], [1, Math.fround(0.01)]]);
  assert.deepEqual(scalarsIn(join(folder, 'validation')).map(([tag, step]) => `${tag} ${step}`),
    ['evaluation_loss_vs_iterations 2', 'epoch_loss 0', 'evaluation_loss_vs_iterations 4', 'epoch_loss 1']);
  assert.throws(() => new tf.callbacks.TensorBoard({ profileBatch: 2 }), { code: 'UNSUPPORTED' });
  assert.throws(() => new tf.callbacks.TensorBoard({ updateFreq: /** @type {any} */ ('often') }), /expected updateFreq to be 'batch', 'epoch' or a number/);
});
