/** tf.initializers: what weights start from. */
import { eye, fill, ones, zeros } from '../ops/creation.js';
import { mul } from '../ops/elementwise.js';
import { randomNormal, randomUniform, truncatedNormal } from '../ops/random.js';
import { concat } from '../ops/shape.js';
import { engine } from '../core/engine.js';
import { ownValue, sizeFromShape } from '../core/util.js';
import { layerError, valueError } from './errors.js';
import { fromIdentifier, registerBuiltIn, Serializable, toDescription } from './serialization.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { DataType } from '../core/util.js' */

/** What a weight starts from. */
export class Initializer extends Serializable {
  /**
   * @param {readonly number[]} _shape
   * @param {DataType} [_dtype]
   * @returns {Tensor}
   */
  apply(_shape, _dtype) {
    throw layerError('NotImplementedError', `${this.getClassName()} has no apply()`);
  }

  fromConfigUsesCustomObjects() {
    return false;
  }
}

/** Zeros. */
class Zeros extends Initializer {
  static className = 'Zeros';

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype) {
    return zeros(shape, dtype);
  }
}

/** Ones. */
class Ones extends Initializer {
  static className = 'Ones';

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype) {
    return ones(shape, dtype);
  }
}

/** One value everywhere. */
class Constant extends Initializer {
  static className = 'Constant';

  /** @param {{value: number}} args */
  constructor(args) {
    super();
    if (typeof args !== 'object') throw valueError(`Expected argument of type ConstantConfig but got ${args}`);
    if (args.value === undefined) throw valueError(`config must have value set but got ${args}`);
    this.value = args.value;
  }

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype) {
    return fill(shape, this.value, dtype);
  }

  getConfig() {
    return { value: this.value };
  }

  /** Keras's Constant is 0 where its config says nothing. @override @param {any} cls @param {{value?: number}} config */
  static fromConfig(cls, config) {
    return new cls({ value: 0, ...config });
  }
}

/** @param {string} function_ @param {DataType} dtype @param {DataType[]} [allowed] */
function assertDtype(function_, dtype, allowed = ['float32', 'int32']) {
  if (!allowed.includes(dtype)) throw layerError('NotImplementedError', `${function_} does not support dType ${dtype}.`);
}

/** Uniform between minval and maxval. */
class RandomUniform extends Initializer {
  static className = 'RandomUniform';

  /** @param {{minval?: number, maxval?: number, seed?: number}} [args] */
  constructor(args = {}) {
    super();
    this.minval = args.minval ?? -0.05;
    this.maxval = args.maxval ?? 0.05;
    this.seed = args.seed ?? undefined;
  }

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype) {
    return randomUniform(shape, this.minval, this.maxval, dtype, this.seed);
  }

  getConfig() {
    return { minval: this.minval, maxval: this.maxval, seed: this.seed };
  }
}

/** What both normal distributions have. */
class Normal extends Initializer {
  /** @param {{mean?: number, stddev?: number, seed?: number}} [args] */
  constructor(args = {}) {
    super();
    this.mean = args.mean ?? 0;
    this.stddev = args.stddev ?? 0.05;
    this.seed = args.seed ?? undefined;
  }

  getConfig() {
    return { mean: this.mean, stddev: this.stddev, seed: this.seed };
  }
}

/** Normal. */
class RandomNormal extends Normal {
  static className = 'RandomNormal';

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype = 'float32') {
    assertDtype('randomNormal', dtype);
    return randomNormal(shape, this.mean, this.stddev, dtype, this.seed);
  }
}

/** Normal, within two standard deviations. */
class TruncatedNormal extends Normal {
  static className = 'TruncatedNormal';

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype = 'float32') {
    assertDtype('truncatedNormal', dtype);
    return truncatedNormal(shape, this.mean, this.stddev, dtype, this.seed);
  }
}

/** gain times the identity matrix; of the diagonal where the matrix is not square, as Keras has it. */
class Identity extends Initializer {
  static className = 'Identity';

  /** @param {{gain?: number}} [args] */
  constructor(args = {}) {
    super();
    this.gain = args.gain ?? 1;
  }

  /** @override @param {readonly number[]} shape @param {DataType} [_dtype] */
  apply(shape, _dtype) {
    if (shape.length !== 2) throw valueError('Identity matrix initializer can only be used for 2D square matrices.', 'SHAPE');
    return engine.scoped('identity', () => mul(this.gain, eye(shape[0], shape[1])));
  }

  getConfig() {
    return { gain: this.gain };
  }
}

/** What the deviation of a normal distribution becomes where all beyond two deviations is drawn again. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/**
 * How many numbers go into one output, and how many outputs one input goes to. Glorot and Bengio (2010).
 * @param {readonly number[]} shape
 * @param {ScalingArgs} axes which axes are those of inputs and outputs, where it is not the last two
 */
function fans(shape, { inputAxes, outputAxes }) {
  const { length } = shape;
  if (inputAxes != null && outputAxes != null) {
    const [fanIn, fanOut] = [inputAxes, outputAxes].map(axes => sizeFromShape(axes.map(axis => shape[axis < 0 ? axis + length : axis])));
    return { fanIn, fanOut };
  }
  if (length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = sizeFromShape(shape.slice(0, -2));
  return { fanIn: shape[length - 2] * field, fanOut: shape[length - 1] * field };
}

/**
 * @typedef {object} ScalingArgs
 * @property {number} [scale]
 * @property {'fanIn' | 'fanOut' | 'fanAvg'} [mode]
 * @property {'normal' | 'uniform' | 'truncatedNormal' | 'untruncatedNormal'} [distribution] normal: truncatedNormal
 * @property {number | null} [seed]
 * @property {number[] | null} [inputAxes]
 * @property {number[] | null} [outputAxes]
 */

const MODES = ['fanIn', 'fanOut', 'fanAvg'];
const DISTRIBUTIONS = ['normal', 'uniform', 'truncatedNormal', 'untruncatedNormal'];

/** Keeps the variance from layer to layer: its own is scale / fan. */
export class VarianceScaling extends Initializer {
  static className = 'VarianceScaling';

  /** @param {ScalingArgs} args */
  constructor(args) {
    super();
    if (args.scale !== undefined && args.scale < 0) throw valueError(`scale must be a positive float. Got: ${args.scale}`);
    this.scale = args.scale ?? 1;
    this.mode = args.mode ?? 'fanIn';
    if (!MODES.includes(this.mode)) throw valueError(`${this.mode} is not a valid FanMode.  Valid values are ${MODES} or null/undefined.`);
    this.distribution = args.distribution ?? 'normal';
    if (!DISTRIBUTIONS.includes(this.distribution)) {
      throw valueError(`${this.distribution} is not a valid Distribution.  Valid values are ${DISTRIBUTIONS} or null/undefined.`);
    }
    this.seed = args.seed;
    this.inputAxes = args.inputAxes;
    this.outputAxes = args.outputAxes;
  }

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype = 'float32') {
    const { fanIn, fanOut } = fans(shape, this);
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[this.mode];
    const variance = this.scale / Math.max(1, fan);
    if (this.distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return randomUniform(shape, -limit, limit, dtype, this.seed ?? undefined);
    }
    assertDtype(this.getClassName(), dtype);
    if (this.distribution === 'untruncatedNormal') return randomNormal(shape, 0, Math.sqrt(variance), dtype, this.seed ?? undefined);
    return truncatedNormal(shape, 0, Math.sqrt(variance) / TRUNCATED_DEVIATION, dtype, this.seed ?? undefined);
  }

  getConfig() {
    const { scale, mode, distribution, seed, inputAxes, outputAxes } = this;
    return { scale, mode, distribution, seed, ...(inputAxes == null ? {} : { inputAxes }), ...(outputAxes == null ? {} : { outputAxes }) };
  }
}

/**
 * A VarianceScaling with fixed settings. Files have it as what it is, since Keras reads that.
 * @param {string} className
 * @param {number} scale
 * @param {'fanIn' | 'fanAvg'} mode
 * @param {'normal' | 'uniform'} distribution
 */
function scaling(className, scale, mode, distribution) {
  return class extends VarianceScaling {
    static className = className;

    /** @param {{seed?: number | null, inputAxes?: number[] | null, outputAxes?: number[] | null}} [args] */
    constructor(args) {
      super({ scale, mode, distribution, seed: args == null ? null : args.seed, inputAxes: args?.inputAxes, outputAxes: args?.outputAxes });
    }

    getClassName() {
      return VarianceScaling.className;
    }
  };
}

const GlorotUniform = scaling('GlorotUniform', 1, 'fanAvg', 'uniform');
const GlorotNormal = scaling('GlorotNormal', 1, 'fanAvg', 'normal');
const HeNormal = scaling('HeNormal', 2, 'fanIn', 'normal');
const HeUniform = scaling('HeUniform', 2, 'fanIn', 'uniform');
const LeCunNormal = scaling('LeCunNormal', 1, 'fanIn', 'normal');
const LeCunUniform = scaling('LeCunUniform', 1, 'fanIn', 'uniform');

const SCALINGS = [GlorotUniform, GlorotNormal, HeNormal, HeUniform, LeCunNormal, LeCunUniform];

/**
 * Makes rows orthogonal and of length 1, in place. Modified Gram-Schmidt.
 * @param {Float64Array[]} rows at most as many as they are long
 */
function orthonormalize(rows) {
  rows.forEach((row, i) => {
    const scale = 1 / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    for (let k = 0; k < row.length; k++) row[k] *= scale;
    for (let j = i + 1; j < rows.length; j++) {
      const other = rows[j];
      let dot = 0;
      for (let k = 0; k < row.length; k++) dot += row[k] * other[k];
      for (let k = 0; k < row.length; k++) other[k] -= dot * row[k];
    }
  });
}

/** gain times a random matrix with orthogonal rows or columns, whichever are fewer. Saxe et al. (2013). */
class Orthogonal extends Initializer {
  static className = 'Orthogonal';

  /** @param {{gain?: number, seed?: number}} [args] */
  constructor(args) {
    super();
    this.gain = args?.gain ?? 1;
    this.seed = args?.seed ?? undefined;
  }

  /** @override @param {readonly number[]} shape @param {DataType} [dtype] */
  apply(shape, dtype = 'float32') {
    if (shape.length < 2) throw layerError('NotImplementedError', 'Shape must be at least 2D.');
    if (!['int32', 'float32', undefined].includes(dtype)) throw new TypeError(`Unsupported data type ${dtype}.`);
    const columns = shape[shape.length - 1];
    const count = sizeFromShape(shape.slice(0, -1));
    const [few, many] = [Math.min(count, columns), Math.max(count, columns)];
    const start = randomNormal([few, many], 0, 1, 'float32', this.seed);
    const drawn = /** @type {Float32Array} */ (start.dataSync());
    start.dispose();
    const rows = Array.from({ length: few }, (_, i) => Float64Array.from(drawn.subarray(i * many, (i + 1) * many)));
    orthonormalize(rows);
    const values = new Float32Array(few * many);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < columns; j++) values[i * columns + j] = this.gain * (count <= columns ? rows[i][j] : rows[j][i]);
    }
    return engine.makeTensor(values, shape, 'float32');
  }

  getConfig() {
    return { gain: this.gain, seed: this.seed };
  }
}

/** The bias of an LSTM whose forget gate is open at first: ones for the second of its four parts. Jozefowicz et al. (2015). */
class UnitForgetBias extends Initializer {
  static className = 'UnitForgetBias';

  /** @param {{units: number, initializer: any}} args */
  constructor({ units, initializer }) {
    super();
    this.units = units;
    this.initializer = getInitializer(initializer);
  }

  /** @override @param {readonly number[]} _shape @param {DataType} [dtype] */
  apply(_shape, dtype) {
    const { units, initializer } = this;
    const parts = () => [initializer.apply([units], dtype), ones([units], dtype), initializer.apply([2 * units], dtype)];
    return engine.scoped('unitForgetBias', () => concat(parts(), 0));
  }

  getConfig() {
    return { units: this.units, initializer: toDescription(this.initializer) };
  }
}

const CLASSES = {
  constant: Constant, glorotNormal: GlorotNormal, glorotUniform: GlorotUniform, heNormal: HeNormal, heUniform: HeUniform, identity: Identity,
  leCunNormal: LeCunNormal, leCunUniform: LeCunUniform, ones: Ones, orthogonal: Orthogonal, randomNormal: RandomNormal,
  randomUniform: RandomUniform, truncatedNormal: TruncatedNormal, varianceScaling: VarianceScaling, zeros: Zeros,
};
registerBuiltIn(UnitForgetBias, ...Object.values(CLASSES));

/** Keras's spelling of what TensorFlow.js spells otherwise, in texts and as classes. */
const KERAS_NAMES = {
  LecunNormal: 'LeCunNormal', LecunUniform: 'LeCunUniform', lecunNormal: 'LeCunNormal', lecunUniform: 'LeCunUniform',
  OrthogonalInitializer: 'Orthogonal', IdentityInitializer: 'Identity', normal: 'RandomNormal', uniform: 'RandomUniform', one: 'Ones', zero: 'Zeros',
};

/** @type {Record<string, string>} */
const NAMES = { ...KERAS_NAMES };
for (const [name, cls] of Object.entries(CLASSES)) {
  NAMES[name] = cls.className;
  NAMES[name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)] = cls.className;
}
NAMES.lecun_normal = 'LeCunNormal';
NAMES.lecun_uniform = 'LeCunUniform';

/**
 * An initializer from what configs hold for it.
 * @param {any} identifier itself, its name, or {className, config}
 * @returns {Initializer}
 */
export function getInitializer(identifier) {
  const given = typeof identifier === 'string' ? identifier : identifier?.className ?? identifier?.class_name;
  const name = ownValue(NAMES, given) ?? given;
  if (identifier instanceof Serializable) return /** @type {any} */ (identifier);
  // a layer is called Identity too
  if (name === Identity.className) return Identity.fromConfig(Identity, identifier.config ?? {});
  const fixed = typeof identifier === 'string' ? SCALINGS.find(cls => cls.className === name) : undefined;
  if (fixed !== undefined) return new fixed();
  return fromIdentifier('initializer', identifier, NAMES);
}

/** tf.initializers */
export const initializers = {
  /** @param {{value: number}} args */
  constant: args => new Constant(args),
  /** @param {{seed?: number}} [args] */
  glorotNormal: args => new GlorotNormal(args),
  /** @param {{seed?: number}} [args] */
  glorotUniform: args => new GlorotUniform(args),
  /** @param {{seed?: number}} [args] */
  heNormal: args => new HeNormal(args),
  /** @param {{seed?: number}} [args] */
  heUniform: args => new HeUniform(args),
  /** @param {{gain?: number}} [args] */
  identity: args => new Identity(args),
  /** @param {{seed?: number}} [args] */
  leCunNormal: args => new LeCunNormal(args),
  /** @param {{seed?: number}} [args] */
  leCunUniform: args => new LeCunUniform(args),
  ones: () => new Ones(),
  /** @param {{gain?: number, seed?: number}} [args] */
  orthogonal: args => new Orthogonal(args),
  /** @param {{mean?: number, stddev?: number, seed?: number}} [args] */
  randomNormal: args => new RandomNormal(args),
  /** @param {{minval?: number, maxval?: number, seed?: number}} [args] */
  randomUniform: args => new RandomUniform(args),
  /** @param {{mean?: number, stddev?: number, seed?: number}} [args] */
  truncatedNormal: args => new TruncatedNormal(args),
  /** @param {ScalingArgs} args */
  varianceScaling: args => new VarianceScaling(args),
  zeros: () => new Zeros(),
};
