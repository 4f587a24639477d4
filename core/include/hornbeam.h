/* hornbeam.h: the whole public interface of the Hornbeam core.
 *
 * Everything outside core/ (wasm, node-addon, converter, any C program) includes this file alone. A script reads the
 * declarations below and writes the wasm export list, the Node-API wrappers and the TypeScript types from them, so each
 * function is declared in the form `HORN_API type horn_name(type name, ...);`.
 *
 * Conventions
 * - A fallible function returns horn_status; results go to the parameters named out_*, written only on success.
 *   horn_last_error(ctx) has the message: who, what was expected, what came.
 * - Tensors, models and graphs are uint32 handles that belong to a context; 0 is never a handle. A released handle is
 *   recognised and answered with HORN_E_DISPOSED, until a million others have been made.
 * - A context is used by one thread at a time; different contexts are independent.
 * - Strings are UTF-8. Strings that the library returns are borrowed: valid until the next call on the same context.
 * - Shapes are arrays of int32, outermost dimension first; -1 is an unknown dimension where that is said.
 */
#ifndef HORNBEAM_H
#define HORNBEAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define HORN_API
#else
#define HORN_API __attribute__((visibility("default")))
#endif

#define HORN_MAX_RANK 8

typedef enum horn_status {
  HORN_OK = 0,
#define HORN_ERROR(NAME, code, meaning) HORN_E_##NAME,
#include "../errors.def"
#undef HORN_ERROR
  HORN_STATUS_COUNT
} horn_status;

typedef enum horn_dtype {
#define HORN_DTYPE(NAME, text, type) HORN_##NAME,
#include "../dtypes.def"
#undef HORN_DTYPE
  HORN_DTYPE_COUNT
} horn_dtype;

typedef struct horn_context horn_context;
typedef uint32_t horn_tensor;
typedef uint32_t horn_model;
typedef uint32_t horn_graph;

/* ---- context ---------------------------------------------------------------------------------------------------- */

/** Version of the library, "major.minor.patch". */
HORN_API const char *horn_version(void);

/** Creates a context. options_json is NULL or an object: {"backend": "xnn" | "ref", "threads": n, "maxBytes": n}
 *  (of what the context allocates, 4 GiB or, in WebAssembly, 1 GiB where not given; what XNNPACK packs comes on top).
 *  On failure *out_ctx is NULL except where a message can be given: then it holds a context good for horn_last_error and
 *  horn_context_release alone. */
HORN_API horn_status horn_context_create(const char *options_json, horn_context **out_ctx);

/** Releases the context and everything that belongs to it. NULL is allowed. */
HORN_API void horn_context_release(horn_context *ctx);

/** The message of the last failed call on this context; "" before any failure. */
HORN_API const char *horn_last_error(const horn_context *ctx);

/** Describes the library as JSON: {"version", "errors", "dtypes", "backend", "backends", "threads", "activations", "ops", "layers",
 *  "operations" (on tensors, that Keras records as layers)}. */
HORN_API horn_status horn_describe(horn_context *ctx, const char **out_json);

/** Counts what is alive, as JSON: {"numTensors", "numBytes", "numModels", "numGraphs", "allocations", "bytesInUse", "maxBytes"}. */
HORN_API horn_status horn_memory(horn_context *ctx, const char **out_json);

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

/** Creates a tensor with a copy of `bytes` bytes at data (zeros where data is NULL and bytes is 0). bytes must be the product of
 *  the shape times the size of the dtype: float32 and int32 four, bool one. A string is given as a uint32 (little-endian) of its length and its
 *  bytes, one behind the other, and zeros are empty strings. */
HORN_API horn_status horn_tensor_create(horn_context *ctx, horn_dtype dtype, const int32_t *shape, size_t rank,
                                        const void *data, size_t bytes, horn_tensor *out_tensor);

/** Releases one handle. The memory goes when no model, graph or other handle uses it. */
HORN_API horn_status horn_tensor_release(horn_context *ctx, horn_tensor tensor);

/** dtype, rank and dimensions of a tensor; out_shape takes HORN_MAX_RANK entries. A tensor of a graph may have -1 dimensions. */
HORN_API horn_status horn_tensor_info(horn_context *ctx, horn_tensor tensor, horn_dtype *out_dtype, int32_t *out_shape,
                                      size_t *out_rank);

/** Copies the elements of a tensor to data; bytes must be their exact size. */
HORN_API horn_status horn_tensor_read(horn_context *ctx, horn_tensor tensor, void *data, size_t bytes);

/** Overwrites the elements of a tensor; bytes must be their exact size. data may be where horn_tensor_data says: who has written there tells
 *  so by this call, and graphs and models with the tensor as a weight see it. */
HORN_API horn_status horn_tensor_write(horn_context *ctx, horn_tensor tensor, const void *data, size_t bytes);

/** Copies the elements of source into target, of the same shape and dtype, where all who hold the target see them. */
HORN_API horn_status horn_tensor_assign(horn_context *ctx, horn_tensor target, horn_tensor source);

/** The elements of a tensor of strings in the form of horn_tensor_create: borrowed, until the next call. The other functions on the bytes of
 *  tensors are for numbers. */
HORN_API horn_status horn_tensor_strings(horn_context *ctx, horn_tensor tensor, const void **out_data, size_t *out_bytes);

/** Where the elements of a tensor lie: borrowed, until the tensor is released or the next call that may write it. */
HORN_API horn_status horn_tensor_data(horn_context *ctx, horn_tensor tensor, const void **out_data, size_t *out_bytes);

/** A second handle on the same elements with another shape of the same size (no copy). */
HORN_API horn_status horn_tensor_reshape(horn_context *ctx, horn_tensor tensor, const int32_t *shape, size_t rank,
                                         horn_tensor *out_tensor);

/* ---- ops: eager on tensors with elements, added to their graph on tensors of a graph ----------------------------- */

/** Runs one op by its name in horn_describe, or adds it to the graph where an input belongs to one. attrs_json is NULL or an object
 *  of the op's attributes. out_tensors takes at most `capacity` handles, *out_count says how many were written. */
HORN_API horn_status horn_op(horn_context *ctx, const char *name, const char *attrs_json, const horn_tensor *inputs,
                             size_t count, horn_tensor *out_tensors, size_t capacity, size_t *out_count);

/** Creates an empty graph. */
HORN_API horn_status horn_graph_create(horn_context *ctx, horn_graph *out_graph);

/** Releases a graph; handles of its tensors become invalid. */
HORN_API horn_status horn_graph_release(horn_context *ctx, horn_graph graph);

/** Adds an input to a graph; dimensions may be -1. The order of the calls is the order of horn_graph_run's inputs. */
HORN_API horn_status horn_graph_input(horn_context *ctx, horn_graph graph, horn_dtype dtype, const int32_t *shape,
                                      size_t rank, horn_tensor *out_tensor);

/** Adds a tensor whose elements may change between runs, a variable: each run sees what was written last (horn_tensor_write,
 *  horn_tensor_assign). Graphs and models may share one. Kernels pack weights that stay as they are over a few runs. */
HORN_API horn_status horn_graph_weight(horn_context *ctx, horn_graph graph, horn_tensor tensor, horn_tensor *out_tensor);

/** Appends the nodes that compute, by reverse mode, d sum(ys * dys) / dx for each x. dys is NULL, or as many tensors as ys, each of its y's shape
 *  or 0: ones. Where no y depends on an x: zeros. */
HORN_API horn_status horn_graph_gradients(horn_context *ctx, horn_graph graph, const horn_tensor *ys, size_t y_count, const horn_tensor *dys,
                                          const horn_tensor *xs, size_t count, horn_tensor *out_tensors);

/** The first input of the op that made a tensor of a graph, where the op has that name; 0 where another made it, or none. Losses of probabilities
 *  ask so for the logits behind them. */
HORN_API horn_status horn_graph_source(horn_context *ctx, horn_tensor tensor, const char *name, horn_tensor *out_tensor);

/** Makes `value` what a weight of the graph is after each run, whatever the run is asked for: a run computes it and writes it to the weight's
 *  tensor at its end; all that reads the weight in a run reads what it was before. Shape and dtype are the weight's; of several updates of one
 *  weight the last one counts. */
HORN_API horn_status horn_graph_update(horn_context *ctx, horn_graph graph, horn_tensor weight, horn_tensor value);

/** Computes the tensors `wanted` of a graph for inputs with elements. The plan for these shapes is made once and kept. */
HORN_API horn_status horn_graph_run(horn_context *ctx, horn_graph graph, const horn_tensor *inputs, size_t count,
                                    const horn_tensor *wanted, size_t wanted_count, horn_tensor *out_tensors);

/* ---- layers by themselves: what JavaScript's layers are made of ---------------------------------------------------- */

/** Describes what a layer makes of its inputs. json is {"class_name", "config"} as Keras 1, 2 or 3 or TensorFlow.js writes it. inputs_json is
 *  a list of {"shape": [null, 28, 28, 1], "dtype": "float32", "mask": false}, null for an input that is left out; or {"inputs": that list,
 *  "training": bool, "arguments": {keyword arguments of the call}}; or NULL: then only className, name, config and trainable are answered.
 *  Answer: {"className", "name", "config": in full, in Keras 2's spelling, "trainable", "weights": [{"name", "shape", "dtype", "trainable",
 *  "initializer", "regularizer", "constraint"}] in the order of Keras's layer.weights (its own, then its children's: "forward_lstm/kernel"),
 *  "states": [{"shape", "dtype"}] (of stateful layers), "outputs": [{"shape", "dtype", "mask": bool}], "layers": [className, name, config,
 *  trainable, weights and layers of each child]}. An initializer is an object {"class_name", "config"} or, as a config may have it, a name. A
 *  weight's trainable is that while the layer's is true. */
HORN_API horn_status horn_layer_describe(horn_context *ctx, const char *json, const char *inputs_json, const char **out_json);

/** Adds one call of a layer to the graph that its tensors belong to. tensors: the inputs, then as many masks (0: none; an input of 0 is left
 *  out), then the weights and the states in horn_layer_describe's order, then, in training, a seed (int32 [2]: random layers draw from it).
 *  options_json: {"inputs": n, "training": bool, "arguments": {keyword arguments of the call}}. Out: the outputs, then as many masks (0:
 *  none), then what the states become, then, in training, what each weight becomes where no gradient says so, a moving average (0: it stays as
 *  it is): horn_graph_update keeps them. Tensors with elements become constants; one tensor at least must belong to a graph. */
HORN_API horn_status horn_layer_call(horn_context *ctx, const char *json, const char *options_json, const horn_tensor *tensors, size_t count,
                                     horn_tensor *out_tensors, size_t capacity, size_t *out_count);

/** The topology of a model, or of a layer, in the one normal form (see horn_model_topology), from any text that horn_model_load takes, without
 *  building anything. options_json is NULL or {"custom": [class names that the caller brings: their config is kept, without what only Keras 3
 *  writes]}. */
HORN_API horn_status horn_topology(horn_context *ctx, const char *json, size_t length, const char *options_json, const char **out_json);

/* ---- models ------------------------------------------------------------------------------------------------------ */

/** Builds a model from the text of a model.json (or of its modelTopology) of TensorFlow.js or Keras 1, 2 or 3, and the bytes of its
 *  weights: all shards in the manifest's order, one after the other. weights may be NULL with bytes 0 where the text has no manifest:
 *  the weights are then zeros until horn_model_set_weight. options_json is NULL or {"strict": bool}: false ignores weights without a
 *  layer and leaves weights without bytes zero. */
HORN_API horn_status horn_model_load(horn_context *ctx, const char *json, size_t length, const void *weights, size_t bytes,
                                     const char *options_json, horn_model *out_model);

/** Releases a model. */
HORN_API horn_status horn_model_release(horn_context *ctx, horn_model model);

/** Describes a model as JSON: {"name", "className", "inputs": [{"name", "shape", "dtype"}], "outputs": [...], "weights": [index...],
 *  "layers": [layer...], "allWeights": [{"name", "shape", "dtype", "trainable"}]} with layer = {"name", "className", "trainable", "config",
 *  "outputShapes", "inbound": [[["layer", node, tensor]...] a call], "weights": [index...], "layers": [layer...]}. A layer's own weights are in
 *  the order of Keras's layer.weights; an index is that in allWeights and of horn_model_weight. Unknown dimensions are null. */
HORN_API horn_status horn_model_describe(horn_context *ctx, horn_model model, const char **out_json);

/** The topology in the one normal form that Hornbeam writes and TensorFlow.js 4.22 reads: {"class_name", "config", ...}. Two activations it
 *  does not know: "exponential", and the hard_sigmoid of Keras 3, another function than Keras 2's and written as "hard_sigmoid_3". */
HORN_API horn_status horn_model_topology(horn_context *ctx, horn_model model, const char **out_json);

/** A handle on the weight with this index, sharing its elements: what is written to it (horn_tensor_write, horn_tensor_assign) is the model's. */
HORN_API horn_status horn_model_weight(horn_context *ctx, horn_model model, size_t index, horn_tensor *out_tensor);

/** Makes the weight with this index share a tensor's elements, from now on; shape and dtype must be equal. */
HORN_API horn_status horn_model_share_weight(horn_context *ctx, horn_model model, size_t index, horn_tensor tensor);

/** Copies a tensor's elements into the weight with this index; shape and dtype must be equal. */
HORN_API horn_status horn_model_set_weight(horn_context *ctx, horn_model model, size_t index, horn_tensor tensor);

/** Sets the states of the model's stateful recurrent layers to zeros. They are zeros at first, and each prediction goes on from what the one
 *  before has left. */
HORN_API horn_status horn_model_reset_states(horn_context *ctx, horn_model model);

/** Predicts: `count` inputs in the model's order, outputs in the model's order. The first call with new input shapes makes a plan;
 *  further ones with the same shapes allocate nothing when earlier outputs were released. */
HORN_API horn_status horn_model_predict(horn_context *ctx, horn_model model, const horn_tensor *inputs, size_t count,
                                        horn_tensor *out_tensors, size_t capacity, size_t *out_count);

#ifdef __cplusplus
}
#endif

#endif
