/** Datasets that TensorFlow.js and Hornbeam must make the same of: elements, sizes, tensors left over, messages. */
import { fileURLToPath } from 'node:url';

/** @typedef {(tf: any) => any} Build a dataset */

const TABLE = 'a,b,label\n1,2.5,yes\n3,,no\n"4",5.9,"no, ""never"""\r\n';
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @param {any} tf @param {string} text @param {any} [config] */
const table = (tf, text, config) => new tf.data.CSVDataset(new tf.data.FileDataSource(bytes(text)), config);

/** @param {any} tf @param {number} [count] */
const numbers = (tf, count = 7) => tf.data.array(Array.from({ length: count }, (_, i) => i + 1));

/** @param {any} tf */
const tensors = tf => tf.data.array([1, 2, 3, 4, 5].map(x => ({ x, nested: { square: [x * x, -x] }, name: `n${x}` }))).map(
  (/** @type {any} */ { x, nested, name }) => ({ x: tf.tensor1d([x, x + 1]), nested, name, flag: tf.scalar(x > 2, 'bool') }));

/** @param {any} tf */
const pairs = tf => tf.data.zip({ xs: tensors(tf).map((/** @type {any} */ e) => e.x), ys: numbers(tf) });

/** @param {any} tf */
function* counter(tf) {
  for (let i = 0; i < 4; i++) yield tf.tensor([i, i]);
  return 9;
}

/** By name. @type {Record<string, Build>} */
export const DATASETS = {
  array: tf => numbers(tf),
  'array, nested': tf => tf.data.array([{ a: [1, { b: null }], c: undefined }, 'text', [1, 2], new Float32Array([1, 2])]),
  'array, empty': tf => tf.data.array([]),
  map: tf => numbers(tf).map((/** @type {number} */ x) => x * x),
  'map to tensors': tensors,
  'map in place': tf => tensors(tf).map((/** @type {any} */ e) => {
    e.x = tf.add(e.x, 1);
    return e;
  }),
  'map drops tensors': tf => tensors(tf).map((/** @type {any} */ { name }) => name),
  mapAsync: tf => tensors(tf).mapAsync(async (/** @type {any} */ e) => e.flag),
  filter: tf => numbers(tf).filter((/** @type {number} */ x) => x % 2 === 1),
  'filter tensors': tf => tensors(tf).filter((/** @type {any} */ e) => tf.sum(e.x).dataSync()[0] > 5),
  batch: tf => numbers(tf).batch(3),
  'batch, whole ones': tf => numbers(tf).batch(3, false),
  'batch of trees': tf => tensors(tf).batch(2),
  'batch of arrays': tf => tf.data.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]).batch(2),
  'batch of typed arrays': tf => tf.data.array([new Float32Array([1, 2]), new Float32Array([3, 4]), new Float32Array([5, 6])]).batch(2),
  'batch of bytes': tf => tf.data.array([new Uint8Array([1, 2]), new Uint8Array([3, 4])]).batch(2),
  'batch of truths': tf => tf.data.array([true, false, true]).batch(3),
  'batch of texts': tf => tf.data.array(['a', 'b']).batch(2),
  'batch of batches': tf => numbers(tf, 8).batch(2).batch(2),
  take: tf => tensors(tf).take(2),
  'take more than there is': tf => numbers(tf).take(20),
  'take none': tf => numbers(tf).take(0),
  skip: tf => tensors(tf).skip(3),
  'skip more than there is': tf => numbers(tf).skip(20),
  'skip none': tf => numbers(tf).skip(0),
  repeat: tf => tensors(tf).repeat(2),
  'repeat never': tf => numbers(tf).repeat(0),
  'repeat without end': tf => numbers(tf).repeat().take(20),
  concatenate: tf => numbers(tf, 2).concatenate(tensors(tf)),
  zip: pairs,
  'zip an array': tf => tf.data.zip([numbers(tf), [numbers(tf, 3), tf.data.array(['a', 'b', 'c', 'd'])]]),
  'zip the same': tf => {
    const same = numbers(tf, 3);
    return tf.data.zip([same, same]);
  },
  prefetch: tf => tensors(tf).prefetch(3),
  'batches of pairs': tf => pairs(tf).batch(2).prefetch(1),
  'shuffle 3': tf => numbers(tf, 20).shuffle(3, 'a seed'),
  'shuffle all': tf => numbers(tf, 20).shuffle(20, 42),
  'shuffle beyond': tf => tensors(tf).shuffle(50, 7),
  'shuffle one': tf => numbers(tf).shuffle(1, 5),
  'shuffle, repeat, batch': tf => numbers(tf, 5).shuffle(4, 11).repeat(3).batch(4),
  'one order': tf => numbers(tf, 9).shuffle(9, 3, false),
  func: tf => {
    let i = 0;
    return tf.data.func(() => (i < 3 ? { value: tf.scalar(i++), done: false } : { value: null, done: true }));
  },
  generator: tf => tf.data.generator(() => counter(tf)),
  'generator, async': tf => tf.data.generator(async function* letters() {
    yield 'a';
    yield tf.tensor1d([1]);
  }),
  'generator by hand': tf => tf.data.generator(() => {
    let i = 0;
    return { next: () => ({ value: i, done: ++i > 3 }) };
  }),
  lines: tf => new tf.data.TextLineDataset(new tf.data.FileDataSource(bytes('ä€𝄞\n\nsecond\r\nlast'), { chunkSize: 2 })),
  'lines of a file': tf => new tf.data.TextLineDataset(new tf.data.URLDataSource(`file://${fileURLToPath(import.meta.url)}`)),
  csv: tf => table(tf, TABLE),
  'csv with names': tf => table(tf, TABLE, { columnNames: ['x', 'y', 'z'] }),
  'csv without a header': tf => table(tf, '1,2\n3,4', { hasHeader: false, columnNames: ['x', 'y'] }),
  'csv, labels': tf => table(tf, TABLE, { columnConfigs: { label: { isLabel: true }, b: { default: -1, dtype: 'int32' } } }),
  'csv, some columns': tf => table(tf, TABLE,
    { columnConfigs: { a: { dtype: 'bool' }, b: { dtype: 'int32' } }, configuredColumnsOnly: true }),
  'csv, types': tf => table(tf, 'a,b,c,d\ntrue,-1.5,7,2\nTRUE,1e2,x,0\n', { columnConfigs: {
    a: { dtype: 'bool' }, b: { dtype: 'int32' }, c: { dtype: 'string' }, d: { dtype: 'float32' } } }),
  'csv by tabs': tf => table(tf, 'a\tb\n1\t"x\ty"\n', { delimiter: '\t' }),
  'csv by spaces': tf => table(tf, 'a  b   c\n1 2      3\n  4  "5 6"  7\n', { delimWhitespace: true }),
  'csv in batches': tf => table(tf, 'a,b\n1,2\n3,4\n5,6\n').batch(2),
  'csv by two characters': tf => table(tf, 'a::b\nx"::y\n', { delimiter: '::' }),
};

/** Fields that quotes make difficult. */
export const QUOTED = [
  '"a",b', '"a"x",b"', '"a""b",c', '"a"",b', 'a"b",c', '"a,b', '"",""', '"a"x"y,z",w', '"""",b', ',"",', '"a" ,b', '"a,""b,c"',
];

/** What is refused, and where: when the dataset is made, or when it is read. @type {Record<string, (tf: any) => any>} */
export const REFUSED = {
  'batch 0': tf => numbers(tf).batch(0),
  'prefetch undefined': tf => numbers(tf).prefetch(),
  'prefetch 0': tf => numbers(tf).prefetch(0).toArray(),
  'shuffle undefined': tf => numbers(tf).shuffle(),
  'shuffle undefined, size unknown': tf => tf.data.generator(() => counter(tf)).shuffle(),
  'toArray without end': tf => numbers(tf).repeat().toArray(),
  'toArrayForTest without end': tf => numbers(tf).repeat().toArrayForTest(),
  'zip a number': tf => tf.data.zip(3),
  'zip numbers': tf => tf.data.zip([1, 2]).toArray(),
  'a generator throws': tf => tf.data.generator(function* broken() {
    yield 1;
    throw new Error('out of paper');
  }).toArray(),
  'a transform throws': tf => numbers(tf).map(() => {
    throw new Error('no');
  }).toArray(),
  'batch functions': tf => tf.data.array([() => 1]).batch(1).toArray(),
  'a circle': tf => {
    /** @type {any} */
    const circle = { a: 1 };
    circle.self = circle;
    return tf.data.array([circle]).toArray();
  },
  'a circle in a batch': tf => tf.data.generator(function* circles() {
    /** @type {any} */
    const circle = { a: 1 };
    circle.self = circle;
    yield circle;
  }).batch(1).toArray(),
  'csv without names': tf => table(tf, '1,2', { hasHeader: false }).toArray(),
  'csv without data': tf => table(tf, '').toArray(),
  'csv, names missing': tf => table(tf, TABLE, { columnNames: ['a', 'b'] }).toArray(),
  'csv, names twice': tf => table(tf, 'a,a\n1,2').toArray(),
  'csv, unknown column': tf => table(tf, TABLE, { columnConfigs: { d: {} } }).columnNames(),
  'csv, required': tf => table(tf, TABLE, { columnConfigs: { b: { required: true } } }).toArray(),
  'csv, a short row': tf => table(tf, 'a,b\n1\n').toArray(),
  'csv, two delimiters': tf => table(tf, TABLE, { delimWhitespace: true, delimiter: ',' }),
  'a source that is none': tf => new tf.data.FileDataSource(5).iterator(),
  webcam: tf => tf.data.webcam(),
  microphone: tf => tf.data.microphone(),
};
