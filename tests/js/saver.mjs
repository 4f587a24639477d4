/** Saves one model again and again to the folder or file of its argument, until it is killed; every weight of the nth save is n. */
import * as tf from '../../js/src/index.js';

const [target, most = 'Infinity'] = process.argv.slice(2);
const model = tf.sequential({ layers: [tf.layers.dense({ units: 256, inputShape: [256] }), tf.layers.dense({ units: 10 })] });
for (let n = 1; n <= Number(most); n++) {
  model.setWeights(model.weights.map(weight => tf.fill(weight.shape, n)));
  // every third save has another model.json, and so other names
  model.setUserDefinedMetadata({ third: Math.floor(n / 3) });
  await model.save(`file://${target}`);
  if (n === 1) process.stdout.write('saved\n');
}
