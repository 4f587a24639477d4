/** Predicts until it is stopped: one of the threads of workers.test.js. */
import { parentPort, workerData } from 'node:worker_threads';
import * as tf from '../../js/src/index.js';

const { path, values, shape, dtype, rounds } = workerData;
const model = await tf.loadLayersModel(path);
const x = tf.tensor(values, shape, dtype);
for (let round = 0; round < rounds; round++) {
  // in turn on this thread and on the pool, so that a stop may come in either
  const y = round % 2 === 0 ? model.predict(x) : await model.predictAsync(x);
  if (round === 0 || round === rounds - 1) parentPort.postMessage(await y.data());
  y.dispose();
}
