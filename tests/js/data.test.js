/** tf.data against TensorFlow.js 4.22 in the same process, and what it does beyond: workers, prefetch, windows, caches, closing. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import * as tf from '../../js/src/index.js';
import { enqueue } from '../../js/src/data/queue.js';
import { DATASETS, QUOTED, REFUSED } from './data-cases.mjs';
import { tfjs } from './tfjs.js';

const WORKER = new URL('data-worker.mjs', import.meta.url);

/** An element as it can be compared: tensors with shape, dtype and values. @param {any} library @param {any} value @returns {any} */
function describe(library, value) {
  if (value instanceof library.Tensor) return { shape: value.shape, dtype: value.dtype, values: [...value.dataSync()] };
  if (ArrayBuffer.isView(value)) return [value.constructor.name, .../** @type {any} */ (value)];
  if (Array.isArray(value)) return value.map(item => describe(library, item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, describe(library, member)]));
}

/** @param {any} library @param {(library: any) => any} build @param {string} method */
async function outcome(library, build, method) {
  const before = library.memory().numTensors;
  const dataset = build(library);
  const rounds = [];
  for (let round = 0; round < 2; round++) {
    const elements = await dataset[method]();
    rounds.push({ elements: describe(library, elements), alive: library.memory().numTensors - before });
    library.dispose(elements);
  }
  return { size: dataset.size, rounds, left: library.memory().numTensors - before };
}

for (const [name, build] of Object.entries(DATASETS)) {
  test(`${name}: elements, size and tensors as TensorFlow.js has them`, async () => {
    for (const method of ['toArray', 'toArrayForTest']) {
      const [actual, expected] = [await outcome(tf, build, method), await outcome(tfjs, build, method)];
      // TensorFlow.js does not look into nested datasets for their size,
      if (Number.isNaN(expected.size)) expected.size = actual.size;
      // draws a new order where one order was asked for, and does not dispose what zip fetches in vain
      if (name === 'one order') expected.rounds[1] = expected.rounds[0];
      if (expected.left !== 0) expected.rounds.forEach((round, i) => { round.alive = actual.rounds[i].alive; });
      expected.left = 0;
      assert.deepEqual(actual, expected, method);
      assert.equal(actual.left, 0, method);
    }
  });
}

test('quoted fields are split as TensorFlow.js splits them', async () => {
  for (const line of QUOTED) {
    for (const delimWhitespace of [false, true]) {
      const text = new TextEncoder().encode(`${delimWhitespace ? line.replaceAll(',', ' ') : line}\n`);
      /** @param {any} library */
      const columns = library => new library.data.CSVDataset(new library.data.FileDataSource(text), { delimWhitespace }).columnNames()
        .catch((/** @type {Error} */ error) => error.message);
      assert.deepEqual(await columns(tf), await columns(tfjs), line);
    }
  }
});

/** @param {any} library @param {(library: any) => any} call @returns {Promise<Error>} */
async function refusal(library, call) {
  try {
    await call(library);
  } catch (error) {
    return /** @type {Error} */ (error);
  }
  return new Error('nothing was thrown');
}

for (const [name, call] of Object.entries(REFUSED)) {
  test(`refused as TensorFlow.js refuses it: ${name}`, async () => {
    const before = tf.memory().numTensors;
    const [actual, expected] = [await refusal(tf, call), await refusal(tfjs, call)];
    assert.equal(actual.message.replace(/\s+/g, ' '), expected.message.replace(/\s+/g, ' '));
    assert.equal(actual instanceof RangeError, expected instanceof RangeError);
    assert.equal(tf.memory().numTensors, before);
  });
}

test('forEachAsync disposes elements, and waits for promises', async () => {
  const before = tf.memory().numTensors;
  /** @type {any[]} */
  const sums = [];
  await tf.data.array([1, 2, 3]).map(x => tf.scalar(x)).batch(2).forEachAsync(async batch => {
    await sleep(1);
    sums.push(batch.sum());
  });
  assert.deepEqual(sums.map(sum => sum.dataSync()[0]), [3, 3]);
  assert.equal(tf.memory().numTensors, before + 2, 'the sums are ours');
  tf.dispose(sums);
});

test('a predicate may answer by a promise', async () => {
  assert.deepEqual(await tf.data.array([1, 2, 3, 4]).filter(async x => x > 2).toArray(), [3, 4]);
});

test('prefetch keeps elements under way while the caller works', async () => {
  let asked = 0;
  const iterator = await tf.data.func(() => ({ value: asked++, done: false })).prefetch(3).iterator();
  assert.equal((await iterator.next()).value, 0);
  await sleep(1);
  assert.equal(asked, 4);
});

test('mapAsync with workers: so many under way, in order', async () => {
  let running = 0;
  let most = 0;
  const dataset = tf.data.array([5, 1, 4, 2, 3, 6]).mapAsync(async x => {
    most = Math.max(most, ++running);
    await sleep(x * 3);
    running--;
    return x;
  }, { workers: 3 });
  assert.deepEqual(await dataset.toArray(), [5, 1, 4, 2, 3, 6]);
  assert.equal(most, 3);
});

test('a module decodes in workers', async () => {
  const before = tf.memory().numTensors;
  const source = tf.data.array([1, 2, 3, 4, 5, 6])
    .map(x => ({ image: tf.fill([2, 2], x), name: `n${x}`, row: new Float32Array([x, x]) }));
  const dataset = source.map(WORKER, { workers: 2 });
  assert.equal(dataset.size, 6);
  for (let epoch = 0; epoch < 2; epoch++) {
    const elements = await dataset.toArray();
    assert.deepEqual(describe(tf, elements), [1, 2, 3, 4, 5, 6].map(x => ({
      image: { shape: [4], dtype: 'float32', values: [2 * x, 2 * x, 2 * x, 2 * x] },
      name: `n${x}!`, row: ['Float32Array', x, x], isMain: false,
    })));
    tf.dispose(elements);
  }
  await source.map(String(WORKER), { workers: 1 }).batch(3).forEachAsync(({ row }) => assert.deepEqual(row.shape, [3, 2]));
  assert.equal(tf.memory().numTensors, before);
});

test('workers that throw, that do not start, that end', async () => {
  const before = tf.memory().numTensors;
  /** @type {any[]} */
  const scalars = [];
  const each = (/** @type {any} */ url, element = scalars[scalars.push(tf.scalar(1)) - 1]) => tf.data.array([element]).map(url, { workers: 2 }).toArray();
  await assert.rejects(each(WORKER, { fail: 'bad image' }), /Error thrown in a worker with file:.*data-worker\.mjs: bad image/);
  await assert.rejects(each(WORKER, { exit: true }), /data-worker\.mjs: the worker ended with exit code 3/);
  await assert.rejects(each(new URL('missing.mjs', import.meta.url)), /missing\.mjs/);
  await assert.rejects(each(new URL('close.js', import.meta.url)), /the module has no function as its default export/);
  assert.throws(() => tf.data.array([1]).map(x => x, { workers: 2 }), /give the URL of a module/);
  assert.throws(() => tf.data.array([1]).mapAsync(async x => x, { workers: 0 }), /workers must be a positive integer, but got 0/);
  assert.equal(tf.memory().numTensors - before, 2, 'the scalars of the arrays');
  tf.dispose(scalars);
  assert.equal(tf.memory().numTensors, before);
});

test('a generator in a worker', async () => {
  const before = tf.memory().numTensors;
  const dataset = tf.data.generator(new URL('data-generator.mjs', import.meta.url), { argument: 3 }).prefetch(2);
  const elements = await dataset.toArray();
  assert.deepEqual(describe(tf, elements), [0, 1, 2].map(i => ({ xs: { shape: [1, 2], dtype: 'int32', values: [i, i] }, label: i })));
  tf.dispose(elements);
  for await (const element of dataset) {
    tf.dispose(element);
    break;
  }
  assert.equal(tf.memory().numTensors, before);
});

test('leaving a loop ends the sources and disposes what was fetched ahead', async () => {
  const before = tf.memory().numTensors;
  let closed = 0;
  const dataset = tf.data.generator(function* endless() {
    try {
      for (let i = 0; ; i++) yield tf.scalar(i);
    } finally {
      closed++;
    }
  });
  const chains = [
    dataset.prefetch(5), dataset.shuffle(6, 1), dataset.batch(2).prefetch(2), dataset.map(x => x.add(1)).prefetch(3).take(4),
    dataset.filter(() => true).window(3, 1), tf.data.zip([dataset, dataset.prefetch(2)]), dataset.cache().skip(2), dataset.repeat(2),
  ];
  for (const chain of chains) {
    closed = 0;
    for await (const element of chain) {
      tf.dispose(element);
      break;
    }
    assert.ok(closed >= 1);
    assert.equal(tf.memory().numTensors, before);
  }
  tf.dispose(await dataset.prefetch(3).take(2).toArray());
  assert.equal(tf.memory().numTensors, before, 'take gives back what it does not need');
});

test('window', async () => {
  const dataset = tf.data.array([0, 1, 2, 3, 4, 5, 6]);
  // values of Python's tf.data.Dataset.range(7).window(...)
  const cases = [
    [[3], [[0, 1, 2], [3, 4, 5], [6]]],
    [[3, undefined, 1, true], [[0, 1, 2], [3, 4, 5]]],
    [[3, 1, 2, true], [[0, 2, 4], [1, 3, 5], [2, 4, 6]]],
    [[2, 2, 3], [[0, 3], [2, 5], [4], [6]]],
    [[2, 3], [[0, 1], [3, 4], [6]]],
    [[5, 2], [[0, 1, 2, 3, 4], [2, 3, 4, 5, 6], [4, 5, 6], [6]]],
  ];
  for (const [args, expected] of cases) {
    const windows = dataset.window(.../** @type {[number]} */ (args));
    assert.deepEqual(await windows.toArray(), expected);
    assert.equal(windows.size, expected.length);
  }
  const before = tf.memory().numTensors;
  const sums = dataset.map(x => tf.scalar(x)).window(3, 1, 1, true).map(scalars => tf.addN(scalars));
  const values = await sums.toArray();
  assert.deepEqual(values.map(x => x.dataSync()[0]), [3, 6, 9, 12, 15]);
  tf.dispose(values);
  assert.equal(tf.memory().numTensors, before);
  assert.throws(() => dataset.window(0), /size must be a positive integer, but got 0/);
});

test('unbatch and flatMap', async () => {
  const before = tf.memory().numTensors;
  const rows = await tf.data.array([1, 2, 3, 4, 5]).map(x => ({ x: tf.tensor1d([x, -x]), y: x })).batch(2).unbatch().toArray();
  assert.deepEqual(rows.map(({ x, y }) => [[...x.dataSync()], y.dataSync()[0]]), [1, 2, 3, 4, 5].map(x => [[x, -x], x]));
  tf.dispose(rows);
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(await tf.data.array([1, 2]).flatMap(x => tf.data.array([x, 10 * x])).toArray(), [1, 10, 2, 20]);
  assert.deepEqual(await tf.data.array(['ab', 'c']).flatMap(text => text).toArray(), ['a', 'b', 'c']);
  await assert.rejects(tf.data.array([{ a: [1], b: [1, 2] }]).unbatch().toArray(), /expected batches of one length, but got 1 and 2/);
});

test('cache: read once, clones each time, dispose', async () => {
  const before = tf.memory().numTensors;
  let made = 0;
  const dataset = tf.data.array([1, 2, 3]).map(x => {
    made++;
    return tf.scalar(x);
  }).cache();
  for await (const element of dataset) {
    element.dispose();
    break;
  }
  assert.equal(tf.memory().numTensors, before, 'what was not read to the end is not kept');
  made = 0;
  for (let epoch = 0; epoch < 3; epoch++) {
    const elements = await dataset.toArray();
    assert.deepEqual(elements.map(x => x.dataSync()[0]), [1, 2, 3]);
    tf.dispose(elements);
  }
  assert.equal(made, 3);
  assert.equal(tf.memory().numTensors, before + 3);
  dataset.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('csv from a server, a Blob, a path; sizes, status, columns', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    if (request.url === '/missing.csv') response.writeHead(404).end();
    else if (request.headers.accept === 'text/csv') response.end('a\n5\n');
    else response.end('\ufeffa,b\n1,2\n3,4\n');
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const url = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`;
  try {
    const dataset = tf.data.csv(`${url}/table.csv`);
    assert.deepEqual(await dataset.columnNames(), ['a', 'b']);
    assert.deepEqual(await dataset.toArray(), [{ a: 1, b: 2 }, { a: 3, b: 4 }]);
    assert.equal(requests, 2);
    assert.deepEqual(await tf.data.csv(new Request(`${url}/table.csv`, { headers: { accept: 'text/csv' } })).toArray(), [{ a: 5 }]);
    await assert.rejects(tf.data.csv(`${url}/missing.csv`).toArray(), /missing\.csv failed with status code 404: Not Found/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  assert.deepEqual(await tf.data.csv(new Blob(['a,b\n1,x'])).toArray(), [{ a: 1, b: 'x' }]);
  await assert.rejects(tf.data.csv('file:///nowhere/table.csv').toArray(), /\/nowhere\/table\.csv: there is no such file/);
});

test('enqueue: as many as the queue holds, as many at a time as there are workers', async () => {
  let running = 0;
  let most = 0;
  let asked = 0;
  const source = () => ({
    async next() {
      const value = asked++;
      most = Math.max(most, ++running);
      await sleep(2);
      running--;
      return { value, done: value >= 12 };
    },
  });
  for (const [options, expected] of /** @type {[any, number[]][]} */ ([
    [{ maxQueueSize: 4, workers: 2 }, [2, 5]], [{ maxQueueSize: 3, workers: 8 }, [4, 4]], [{ workers: 0 }, [1, 1]], [{}, [1, 11]],
  ])) {
    [running, most, asked] = [0, 0, 0];
    const queue = enqueue(source(), options);
    assert.equal((await queue.next()).value, 0);
    await sleep(60);
    assert.deepEqual([most, asked], expected);
    const rest = [];
    for await (const value of queue) rest.push(value);
    assert.deepEqual(rest, Array.from({ length: 11 }, (_, i) => i + 1));
    assert.equal((await queue.next()).done, true);
  }
});

test('enqueue: an error comes in its turn; what nobody takes is disposed', async () => {
  const before = tf.memory().numTensors;
  function* failing() {
    yield tf.scalar(1);
    yield tf.scalar(2);
    throw new Error('torn');
  }
  const queue = enqueue(failing());
  await sleep(1);
  for (const expected of [1, 2]) {
    const { value } = await queue.next();
    assert.equal(value.dataSync()[0], expected);
    value.dispose();
  }
  await assert.rejects(queue.next(), /torn/);
  const abandoned = enqueue(failing());
  (await abandoned.next()).value.dispose();
  await abandoned.return();
  assert.equal(tf.memory().numTensors, before);
});

/** y = 2 x, from a dataset. */
function lineModel() {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros' })] });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  return model;
}

test('fit fetches ahead, in workers where it is told to, and leaves nothing behind', async () => {
  const model = lineModel();
  const points = tf.data.array([1, 2, 3, 4, 5, 6, 7, 8]).map(x => ({ xs: tf.tensor1d([x / 8]), ys: tf.tensor1d([x / 4]) }));
  await model.fit(points.batch(4), undefined, { epochs: 1, verbose: 0 });
  const before = tf.memory().numTensors;
  let asked = 0;
  const counted = points.batch(2).map(batch => {
    asked++;
    return batch;
  });
  /** @type {number[]} */
  const ahead = [];
  for (const [options, expected] of /** @type {[any, number[]][]} */ ([[{ maxQueueSize: 2 }, [3, 4, 4, 4]], [{ workers: 0 }, [1, 2, 3, 4]]])) {
    [asked, ahead.length] = [0, 0];
    const callbacks = { onBatchBegin: async () => {
      await sleep(5);
      ahead.push(asked);
    } };
    await model.fit(counted, undefined, { epochs: 1, verbose: 0, callbacks, ...options });
    assert.deepEqual(ahead, expected);
  }
  await model.fit(counted.repeat(), undefined, { epochs: 2, stepsPerEpoch: 3, verbose: 0 });
  assert.equal(tf.memory().numTensors, before, 'what was fetched for a step that did not come is given back');
  const { history } = await model.fit(new URL('data-batches.mjs', import.meta.url), undefined, { epochs: 20, verbose: 0, useMultiprocessing: true });
  assert.ok(history.loss[19] < 1e-3 && history.loss[19] < history.loss[0]);
  await assert.rejects(model.fit(function* none() {}, undefined, { useMultiprocessing: true }), /Give the URL of a module/);
  assert.equal(tf.memory().numTensors, before);
  model.dispose(); // used to the end, so that nothing of it is collected before the count
});
