/** What the tf namespace has of layers and models. */
export { constraints } from './constraints.js';
export { input, layers, model, sequential } from './factories.js';
export { initializers } from './initializers.js';
export { LayersModel } from './layers_model.js';
export { loadLayersModel, models } from './load.js';
export { RNN } from './recurrent.js';
export { regularizers } from './regularizers.js';
export { Sequential } from './sequential.js';
export { serialization } from './serialization.js';
export { InputSpec, SymbolicTensor } from './topology.js';
export { LayerVariable } from './variable.js';
