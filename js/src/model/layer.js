/** The layers of a loaded model, to look at. */
import { toJavaScriptConfig, SymbolicTensor } from './description.js';
import { assignWeights, countElements } from './weights.js';

/** @import { Tensor } from '../core/tensor.js' */
/** @import { LayerDescription, Shape } from './description.js' */
/** @import { LayerVariable } from './weights.js' */

export class Layer {
  #description;
  /** @type {LayerVariable[]} */
  #variables;

  /**
   * @param {LayerDescription} description
   * @param {LayerVariable[]} variables of the whole model
   * @param {Shape[][]} inputShapes of each call
   */
  constructor(description, variables, inputShapes) {
    this.#description = description;
    this.name = description.name;
    this.trainable = description.trainable;
    this.inputShapes = inputShapes;
    this.layers = layersOf(description, variables, inputShapes[0]?.[0]);
    this.#variables = [...description.weights.map(index => variables[index]), ...this.layers.flatMap(layer => layer.weightsInOrder)];
    this.built = true;
  }

  getClassName() {
    return this.#description.className;
  }

  /** The layer's settings, spelled as TensorFlow.js does. @returns {Record<string, any>} */
  getConfig() {
    const { config, name, trainable } = this.#description;
    return config === undefined ? { name, trainable, layers: this.layers.map(describeInModel) } : toJavaScriptConfig(config);
  }

  /** References to what each call takes: [layer, call, output]. */
  get inbound() {
    return this.#description.inbound ?? [];
  }

  /** One shape, or one a output where there are several. @returns {Shape | Shape[]} */
  get outputShape() {
    const { outputShapes } = this.#description;
    return outputShapes.length === 1 ? outputShapes[0] : outputShapes;
  }

  /** One shape, or one an input where there are several; of the first call. @returns {Shape | Shape[] | undefined} */
  get inputShape() {
    const [shapes] = this.inputShapes;
    return shapes?.length === 1 ? shapes[0] : shapes;
  }

  /** @returns {SymbolicTensor | SymbolicTensor[]} */
  get output() {
    const outputs = this.#description.outputShapes.map(shape => new SymbolicTensor(this.name, shape, this.#description.config?.dtype ?? 'float32'));
    return outputs.length === 1 ? outputs[0] : outputs;
  }

  /** In the order of the file: layer by layer. @returns {LayerVariable[]} */
  get weightsInOrder() {
    return this.#variables;
  }

  get trainableWeights() {
    return this.trainable ? this.#variables.filter(variable => variable.trainable) : [];
  }

  get nonTrainableWeights() {
    return this.trainable ? this.#variables.filter(variable => !variable.trainable) : [...this.#variables];
  }

  /** Trainable ones first. */
  get weights() {
    return [...this.trainableWeights, ...this.nonTrainableWeights];
  }

  /** The weights' values: they change when the model's do. @returns {Tensor[]} */
  getWeights(trainableOnly = false) {
    return (trainableOnly ? this.trainableWeights : this.weights).map(variable => variable.read());
  }

  /** @param {readonly Tensor[]} values in the order of getWeights */
  setWeights(values) {
    assignWeights(this.name, this.weights, values);
  }

  countParams() {
    return countElements(this.#variables);
  }
}

/** @param {Layer} layer */
function describeInModel(layer) {
  return { name: layer.name, className: layer.getClassName(), config: layer.getConfig(), inboundNodes: layer.inbound };
}

/**
 * The layers of a model or wrapper, each with the shapes that its calls take.
 * @param {{className: string, layers: LayerDescription[]}} owner
 * @param {LayerVariable[]} variables
 * @param {Shape | undefined} inputShape of a Sequential
 * @returns {Layer[]}
 */
export function layersOf(owner, variables, inputShape) {
  const byName = new Map(owner.layers.map(layer => [layer.name, layer]));
  /** @type {Shape | undefined} */
  let previous = inputShape;
  return owner.layers.map(layer => {
    const own = layer.className === 'InputLayer' ? layer.outputShapes[0] : previous;
    /** @type {Shape[][]} */
    let inputShapes = own === undefined ? [] : [[own]];
    if (layer.inbound !== undefined && layer.inbound.length > 0) {
      inputShapes = layer.inbound.map(references => references.map(([name, , output]) => byName.get(name)?.outputShapes[output] ?? []));
    }
    previous = layer.outputShapes[0];
    return new Layer(layer, variables, inputShapes);
  });
}
