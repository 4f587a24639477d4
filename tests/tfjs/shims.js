/** What the specs import of TensorFlow.js's own test helpers (jasmine_util, test_util), written over the public names. */

/** @param {any} tf @returns {Record<string, any>} environments, and describe for those that hold here */
export function jasmineUtil(tf) {
  const testEnv = { name: tf.getBackend(), backendName: tf.getBackend(), isDataSync: true, flags: {} };
  const satisfies = (/** @type {any} */ constraints) => {
    const { flags = {}, predicate = () => true } = constraints ?? {};
    return Object.entries(flags).every(([flag, value]) => tf.env().get(flag) === value) && predicate(testEnv);
  };
  return {
    ALL_ENVS: {},
    NODE_ENVS: { predicate: () => tf.env().platformName === 'node' },
    BROWSER_ENVS: { predicate: () => tf.env().platformName === 'browser' },
    CHROME_ENVS: { flags: { IS_CHROME: true } },
    SYNC_BACKEND_ENVS: { predicate: (/** @type {any} */ env) => env.isDataSync },
    HAS_WORKER: { predicate: () => false },
    HAS_NODE_WORKER: { predicate: () => false },
    TEST_ENVS: [testEnv],
    TestKernelBackend: class extends tf.KernelBackend { dispose() {} },
    runWithLock: (/** @type {any} */ spec) => spec,
    /** @param {string} name @param {any} constraints @param {(env: any) => void} tests */
    describeWithFlags(name, constraints, tests) {
      if (!satisfies(constraints)) return;
      describe(name, () => {
        beforeAll(async () => {
          tf.engine().reset();
          tf.env().set('IS_TEST', true);
          await tf.setBackend(testEnv.backendName);
        });
        beforeEach(() => tf.engine().startScope());
        afterEach(() => {
          tf.engine().endScope();
          tf.disposeVariables();
        });
        afterAll(() => tf.engine().reset());
        tests(testEnv);
      });
    },
  };
}

const EPSILON = 1e-3;

/** @param {any} value @returns {any[] | ArrayLike<any>} */
const flat = value => (ArrayBuffer.isView(value) ? /** @type {any} */ (value) : [value].flat(Infinity).flatMap(item =>
  (ArrayBuffer.isView(item) ? [.../** @type {any} */ (item)] : item)));

/** @param {any} value @returns {number[]} */
const shapeOf = value => (Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []);

/**
 * @param {any} actual
 * @param {any} expected
 * @param {(a: any, b: any) => boolean} same
 */
function expectArrays(actual, expected, same) {
  const isTyped = [actual, expected].map(value => ArrayBuffer.isView(value));
  const [left, right] = [actual, expected].map(flat);
  const problems = [];
  if (isTyped[0] === isTyped[1] && actual.constructor.name !== expected.constructor.name) {
    problems.push(`Arrays are of different type. Actual: ${actual.constructor.name}. Expected: ${expected.constructor.name}`);
  } else if (!isTyped.includes(true) && String(shapeOf(actual)) !== String(shapeOf(expected))) {
    problems.push(`Arrays have different shapes. Actual: [${shapeOf(actual)}]. Expected: [${shapeOf(expected)}]`);
  } else if (left.length !== right.length) {
    problems.push(`Arrays have different lengths: ${left.length}, expected ${right.length}: ${left}, expected ${right}`);
  }
  for (let i = 0; problems.length === 0 && i < right.length; i++) {
    if (!same(left[i], right[i])) problems.push(`Arrays differ at ${i}: ${left[i]}, expected ${right[i]}: ${left}, expected ${right}`);
  }
  if (problems.length > 0) throw new Error(problems[0]);
  expect().nothing();
}

/** @param {number} epsilon @returns {(a: any, b: any) => boolean} */
const within = epsilon => (a, b) => (!Number.isFinite(Number(a)) && !Number.isFinite(Number(b)) ? true : Math.abs(a - b) <= epsilon);

/** @returns {Record<string, any>} comparisons as test_util has them */
export function testUtil(/** @type {any} */ tf) {
  return {
    TEST_EPSILON_FLOAT16: 1e-1,
    testEpsilon: () => EPSILON,
    expectArraysClose: (/** @type {any} */ actual, /** @type {any} */ expected, epsilon = EPSILON) =>
      expectArrays(actual, expected, within(epsilon ?? EPSILON)),
    /** @param {any} actual @param {any} expected */
    expectArraysEqual(actual, expected) {
      const list = typeof expected === 'object' ? expected : [expected];
      const isText = [actual, actual?.[0], list[0]].some(value => typeof value === 'string');
      expectArrays(actual, list, isText ? (a, b) => a == b : within(0)); // eslint-disable-line eqeqeq
    },
    expectNumbersClose(/** @type {number} */ a, /** @type {number} */ b, epsilon = EPSILON) {
      if (!within(epsilon)(a, b)) throw new Error(`Numbers differ: ${a}, expected ${b}`);
      expect().nothing();
    },
    expectValuesInRange(/** @type {ArrayLike<number>} */ actual, /** @type {number} */ low, /** @type {number} */ high) {
      const outside = Array.from(actual).find(value => value < low || value > high);
      if (outside !== undefined) throw new Error(`Value out of range: ${outside}, low: ${low}, high: ${high}`);
    },
    expectArrayBuffersEqual(/** @type {ArrayBuffer} */ actual, /** @type {ArrayBuffer} */ expected) {
      expect(new Uint8Array(actual)).toEqual(new Uint8Array(expected));
    },
    expectPromiseToFail(/** @type {() => Promise<any>} */ body, /** @type {any} */ done) {
      body().then(() => done.fail(), () => done());
      expect().nothing();
    },
    encodeStrings: function encodeStrings(/** @type {any[]} */ list) {
      list.forEach((value, i) => {
        if (Array.isArray(value)) encodeStrings(value);
        else list[i] = tf.util.encodeString(value);
      });
      return list;
    },
  };
}
