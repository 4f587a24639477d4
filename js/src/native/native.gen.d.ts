// Written by scripts/generate-bindings.mjs from core/include/hornbeam.h and converter/convert.h.
/** The functions of hornbeam.h on one context; a failure throws an Error whose code is one of core/errors.def. Those that return a list of tensors
 *  write their types to `types` where it is given, as far as it has room: for each TYPE_NUMBERS (types.js): dtype, rank, and as many dimensions as
 *  the largest rank. */
export interface Native {
  /** Version of the library, "major.minor.patch".
   */
  version(): string;

  /** Describes the library as JSON: {"version", "errors", "dtypes", "backend", "backends", "threads", "activations", "ops", "layers",
   * "operations" (on tensors, that Keras records as layers)}.
   */
  describe(): string;

  /** Counts what is alive, as JSON: {"numTensors", "numBytes", "numModels", "numGraphs", "allocations", "bytesInUse", "maxBytes"}.
   */
  memory(): string;

  /** Creates a tensor with a copy of `bytes` bytes at data (zeros where data is NULL and bytes is 0). bytes must be the product of
   * the shape times the size of the dtype: float32 and int32 four, bool one. A string is given as a uint32 (little-endian) of its length and its
   * bytes, one behind the other, and zeros are empty strings.
   */
  tensorCreate(dtype: number, shape: ArrayLike<number>, data: ArrayBufferView | null): number;

  /** Releases one handle. The memory goes when no model, graph or other handle uses it.
   */
  tensorRelease(tensor: number): void;

  /** dtype, rank and dimensions of a tensor; out_shape takes HORN_MAX_RANK entries. A tensor of a graph may have -1 dimensions.
   */
  tensorInfo(tensor: number): { dtype: number; shape: number[] };

  /** Copies the elements of a tensor to data; bytes must be their exact size.
   */
  tensorRead(tensor: number, data: ArrayBufferView): void;

  /** Overwrites the elements of a tensor; bytes must be their exact size. data may be where horn_tensor_data says: who has written there tells
   * so by this call, and graphs and models with the tensor as a weight see it.
   */
  tensorWrite(tensor: number, data: ArrayBufferView | null): void;

  /** Copies the elements of source into target, of the same shape and dtype, where all who hold the target see them.
   */
  tensorAssign(target: number, source: number): void;

  /** The elements of a tensor of strings in the form of horn_tensor_create: borrowed, until the next call. The other functions on the bytes of
   * tensors are for numbers.
   */
  tensorStrings(tensor: number): Uint8Array;

  /** A second handle on the same elements with another shape of the same size (no copy).
   */
  tensorReshape(tensor: number, shape: ArrayLike<number>): number;

  /** Runs one op by its name in horn_describe, or adds it to the graph where an input belongs to one. attrs_json is NULL or an object
   * of the op's attributes. out_tensors takes at most `capacity` handles, *out_count says how many were written.
   */
  op(name: string, attrs_json: string | null, inputs: ArrayLike<number>, types?: Int32Array): number[];

  /** Creates an empty graph.
   */
  graphCreate(): number;

  /** Releases a graph; handles of its tensors become invalid.
   */
  graphRelease(graph: number): void;

  /** Adds an input to a graph; dimensions may be -1. The order of the calls is the order of horn_graph_run's inputs.
   */
  graphInput(graph: number, dtype: number, shape: ArrayLike<number>): number;

  /** Adds a tensor whose elements may change between runs, a variable: each run sees what was written last (horn_tensor_write,
   * horn_tensor_assign). Graphs and models may share one. Kernels pack weights that stay as they are over a few runs.
   */
  graphWeight(graph: number, tensor: number): number;

  /** Appends the nodes that compute, by reverse mode, d sum(ys * dys) / dx for each x. dys is NULL, or as many tensors as ys, each of its y's shape
   * or 0: ones. Where no y depends on an x: zeros.
   */
  graphGradients(graph: number, ys: ArrayLike<number>, dys: ArrayLike<number> | null, xs: ArrayLike<number>, types?: Int32Array): number[];

  /** The first input of the op that made a tensor of a graph, where the op has that name; 0 where another made it, or none. Losses of probabilities
   * ask so for the logits behind them.
   */
  graphSource(tensor: number, name: string): number;

  /** Makes `value` what a weight of the graph is after each run, whatever the run is asked for: a run computes it and writes it to the weight's
   * tensor at its end; all that reads the weight in a run reads what it was before. Shape and dtype are the weight's; of several updates of one
   * weight the last one counts.
   */
  graphUpdate(graph: number, weight: number, value: number): void;

  /** Computes the tensors `wanted` of a graph for inputs with elements. The plan for these shapes is made once and kept.
   */
  graphRun(graph: number, inputs: ArrayLike<number>, wanted: ArrayLike<number>, types?: Int32Array): number[];

  /** Describes what a layer makes of its inputs. json is {"class_name", "config"} as Keras 1, 2 or 3 or TensorFlow.js writes it. inputs_json is
   * a list of {"shape": [null, 28, 28, 1], "dtype": "float32", "mask": false}, null for an input that is left out; or {"inputs": that list,
   * "training": bool, "arguments": {keyword arguments of the call}}; or NULL: then only className, name, config and trainable are answered.
   * Answer: {"className", "name", "config": in full, in Keras 2's spelling, "trainable", "weights": [{"name", "shape", "dtype", "trainable",
   * "initializer", "regularizer", "constraint"}] in the order of Keras's layer.weights (its own, then its children's: "forward_lstm/kernel"),
   * "states": [{"shape", "dtype"}] (of stateful layers), "outputs": [{"shape", "dtype", "mask": bool}], "layers": [className, name, config,
   * trainable, weights and layers of each child]}. An initializer is an object {"class_name", "config"} or, as a config may have it, a name. A
   * weight's trainable is that while the layer's is true.
   */
  layerDescribe(json: string, inputs_json: string | null): string;

  /** Adds one call of a layer to the graph that its tensors belong to. tensors: the inputs, then as many masks (0: none; an input of 0 is left
   * out), then the weights and the states in horn_layer_describe's order, then, in training, a seed (int32 [2]: random layers draw from it).
   * options_json: {"inputs": n, "training": bool, "arguments": {keyword arguments of the call}}. Out: the outputs, then as many masks (0:
   * none), then what the states become, then, in training, what each weight becomes where no gradient says so, a moving average (0: it stays as
   * it is): horn_graph_update keeps them. Tensors with elements become constants; one tensor at least must belong to a graph.
   */
  layerCall(json: string, options_json: string | null, tensors: ArrayLike<number>, types?: Int32Array): number[];

  /** The topology of a model, or of a layer, in the one normal form (see horn_model_topology), from any text that horn_model_load takes, without
   * building anything. options_json is NULL or {"custom": [class names that the caller brings: their config is kept, without what only Keras 3
   * writes]}.
   */
  topology(json: string, options_json: string | null): string;

  /** Builds a model from the text of a model.json (or of its modelTopology) of TensorFlow.js or Keras 1, 2 or 3, and the bytes of its
   * weights: all shards in the manifest's order, one after the other. weights may be NULL with bytes 0 where the text has no manifest:
   * the weights are then zeros until horn_model_set_weight. options_json is NULL or {"strict": bool}: false ignores weights without a
   * layer and leaves weights without bytes zero.
   */
  modelLoad(json: string, weights: ArrayBufferView | null, options_json: string | null): number;

  /** Releases a model.
   */
  modelRelease(model: number): void;

  /** Describes a model as JSON: {"name", "className", "inputs": [{"name", "shape", "dtype"}], "outputs": [...], "weights": [index...],
   * "layers": [layer...], "allWeights": [{"name", "shape", "dtype", "trainable"}]} with layer = {"name", "className", "trainable", "config",
   * "outputShapes", "inbound": [[["layer", node, tensor]...] a call], "weights": [index...], "layers": [layer...]}. A layer's own weights are in
   * the order of Keras's layer.weights; an index is that in allWeights and of horn_model_weight. Unknown dimensions are null.
   */
  modelDescribe(model: number): string;

  /** The topology in the one normal form that Hornbeam writes and TensorFlow.js 4.22 reads: {"class_name", "config", ...}. Two activations it
   * does not know: "exponential", and the hard_sigmoid of Keras 3, another function than Keras 2's and written as "hard_sigmoid_3".
   */
  modelTopology(model: number): string;

  /** A handle on the weight with this index, sharing its elements: what is written to it (horn_tensor_write, horn_tensor_assign) is the model's.
   */
  modelWeight(model: number, index: number): number;

  /** Makes the weight with this index share a tensor's elements, from now on; shape and dtype must be equal.
   */
  modelShareWeight(model: number, index: number, tensor: number): void;

  /** Copies a tensor's elements into the weight with this index; shape and dtype must be equal.
   */
  modelSetWeight(model: number, index: number, tensor: number): void;

  /** Sets the states of the model's stateful recurrent layers to zeros. They are zeros at first, and each prediction goes on from what the one
   * before has left.
   */
  modelResetStates(model: number): void;

  /** Predicts: `count` inputs in the model's order, outputs in the model's order. The first call with new input shapes makes a plan;
   * further ones with the same shapes allocate nothing when earlier outputs were released.
   */
  modelPredict(model: number, inputs: ArrayLike<number>, types?: Int32Array): number[];

  /** Promise forms: in Node they run on the thread pool. */
  async: {
    modelPredict(model: number, inputs: ArrayLike<number>): Promise<number[]>;
    modelLoad(json: string, weights: ArrayBufferView | null, options_json: string | null): Promise<number>;
  };
}

/** The functions of convert.h on one context. */
export interface Converter {
  /** Converts files. options_json: {"files": [{"name", "bytes"}], "outputFormat", "quantizeFloat16", "quantizeUint8",
   * "quantizeUint16", "weightShardSizeBytes", "topology"}. The result has the contents of all files, the
   * JSON [{"name", "bytes"}], and the length of that JSON as a little-endian uint32; it is borrowed until the next call on the context.
   */
  convertFiles(options_json: string | null, data: ArrayBufferView | null): Uint8Array;

  /** Describes files as horn_convert_inspect does. options_json: as of horn_convert_files.
   */
  inspectFiles(options_json: string | null, data: ArrayBufferView | null): string;

  /** Promise forms: in Node they run on the thread pool. */
  async: {
    convertFiles(options_json: string | null, data: ArrayBufferView): Promise<Uint8Array>;
  };
}
