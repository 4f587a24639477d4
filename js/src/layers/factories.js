/** tf.layers, tf.input, tf.model, tf.sequential: what makes layers and models. */
import { engine } from '../core/engine.js';
import { ConvLSTM2DCell } from './conv_lstm_cell.js';
import { input, InputLayer } from './input_layer.js';
import { Layer } from './layer.js';
import { LayersModel } from './layers_model.js';
import { NativeLayer } from './native_layer.js';
import { RNN, RNNCell } from './recurrent.js';
import { holdsForeign, variantOf } from './registry.js';
import { registerBuiltIn, SerializationMap } from './serialization.js';
import { Sequential } from './sequential.js';

/** @import { ContainerArgs } from './container.js' */
/** @import { LayerFactories } from './factories.gen.js' */
/** @import { ClassDescription } from './native_layer.js' */
/** @import { SequentialArgs } from './sequential.js' */

/** Classes that are no layers of tf.layers' own. */
export const MODELS = ['Functional', 'Sequential', 'InputLayer'];

/** Names that follow no rule. @type {Record<string, string>} */
const NAMES = { PReLU: 'prelu', ConvLSTM1D: 'convLstm1d', ConvLSTM2D: 'convLstm2d', ConvLSTM3D: 'convLstm3d' };

/**
 * 'Conv2D': 'conv2d', 'LSTMCell': 'lstmCell', 'ReLU': 'reLU'; Cropping2D alone keeps its D.
 * @param {string} className
 */
export function factoryName(className) {
  if (Object.hasOwn(NAMES, className)) return NAMES[className];
  const small = className.replace(/^[A-Z]+(?=[A-Z][a-z]|$|\d)|^[A-Z]/, letters => letters.toLowerCase());
  return small.startsWith('cropping') ? small : small.replace(/([123])D/, '$1d');
}

/** Other names of pooling layers: maxPool2d, avgPool2d, avgPooling2d. @param {string} name */
export function aliasesOf(name) {
  if (/^(globalM|m)axPooling[123]d$/.test(name)) return [name.replace('Pooling', 'Pool')];
  return /^averagePooling[123]d$/.test(name) ? [name.replace('averagePooling', 'avgPool'), name.replace('averagePooling', 'avgPooling')] : [];
}

/**
 * Functions that make layers, by their names in TensorFlow.js; filled when the native library has started.
 * @type {{input: typeof input, inputLayer: (args: import('./input_layer.js').InputLayerArgs) => InputLayer, Layer: typeof Layer,
 *   RNN: typeof RNN, RNNCell: typeof RNNCell, convLstm2dCell: (args: any) => ConvLSTM2DCell} & LayerFactories}
 */
export const layers = /** @type {any} */ ({
  input, Layer, RNN, RNNCell,
  inputLayer: (/** @type {any} */ args) => new InputLayer(args),
  convLstm2dCell: (/** @type {any} */ args) => new ConvLSTM2DCell(args),
});

/** @param {ClassDescription} description */
function addClass(description) {
  const { name, aliases } = description;
  /** A layer of the native library. */
  const Class = class extends NativeLayer {
    static className = name;
    static native = description;
  };
  Object.defineProperty(Class, 'name', { value: name });
  registerBuiltIn(Class);
  for (const alias of aliases === '' ? [] : aliases.split('|')) {
    SerializationMap.getMap().classNameMap[alias] = [/** @type {any} */ (Class), Class.fromConfig];
  }
  const Variant = variantOf(name);
  const factory = (/** @type {any} */ args) => (Variant !== undefined && holdsForeign(args ?? {}) ? new Variant(args) : new Class(args));
  for (const key of [factoryName(name), ...aliasesOf(factoryName(name))]) /** @type {any} */ (layers)[key] = factory;
}

/** Fills tf.layers with what the native library has. */
export function startLayers() {
  /** @type {ClassDescription[]} */
  const classes = JSON.parse(engine.native.describe()).layers;
  for (const description of classes) if (!MODELS.includes(description.name)) addClass(description);
}

/**
 * A model of layers one after the other.
 * @param {SequentialArgs} [config]
 * @returns {Sequential}
 */
export function sequential(config) {
  return new Sequential(config);
}

/**
 * A model between symbolic tensors.
 * @param {ContainerArgs} args
 * @returns {LayersModel}
 */
export function model(args) {
  return new LayersModel(args);
}

export { input };
