/* match.h: brings the arrays of a file to the weights of the model that the core has built from its config. What is known here is how Keras
 * lays weights out in files; which weights a layer has, and their order, the core says. Every shape is checked. */
#ifndef HORN_MATCH_H
#define HORN_MATCH_H

#include "keras/source.h"

typedef struct horn__target {
  const char *name;      /* the core's: "dense/kernel" */
  int32_t rank;
  int32_t dims[HORN_MAX_RANK];
  size_t count;
  bool trainable;
  const horn__saved_array *array; /* once matched */
} horn__target;

/** A layer as horn_model_describe tells of it. */
typedef struct horn__node {
  const char *name, *class_name;
  const cJSON *config;   /* NULL for a model */
  bool model, sequential;
  horn__target **weights; /* its own */
  size_t weight_count;
  struct horn__node *children;
  size_t child_count;
  size_t total;          /* weights, those of all below included */
} horn__node;

typedef struct horn__matching {
  horn_context *ctx;
  horn__arena arena;
  horn__source *source;
  cJSON *description, *config; /* of the core; of the file */
  const cJSON *root;     /* the object with class_name and config in `config` */
  int32_t keras;         /* major version of the Keras that wrote the file */
  bool theano;           /* its convolutions are flipped */
  horn__target *targets;
  size_t target_count;
  horn__target *state;   /* of the optimizer, in TensorFlow.js's order: the count of steps, then slots; none where the file has none */
  size_t state_count;
  horn__node model;
  const horn__saved_group **by_path, **by_label; /* by_path.c: the source's groups, sorted; those with a label */
  size_t label_count;
} horn__matching;

/** Describes the loaded model and finds the array of each of its weights. Released by horn__matching_release also after an error. */
horn_status horn__match(horn_context *ctx, horn_model model, horn__source *source, horn__matching *out);
void horn__matching_release(horn__matching *matching);

/* ---- shared by the files of this folder ---------------------------------------------------------------------------------- */

horn_status horn__match_by_layer(horn__matching *matching);
horn_status horn__match_by_path(horn__matching *matching);
/** Finds the optimizer's state among the file's arrays. */
horn_status horn__match_state(horn__matching *matching);
horn_status horn__match_by_name(horn__matching *matching);

/** Python's to_snake_case: Conv2DTranspose -> conv2d_transpose, PReLU -> p_re_lu. NULL: memory is used up. */
char *horn__match_snake_case(horn__arena *arena, const char *name);
/** The attribute of a wrapper that holds its layer `index`: Bidirectional's are forward_layer and backward_layer; NULL where it is not known. */
const char *horn__match_attribute(const char *class_name, size_t index);

/** Counts how often each class has come in a list of layers. */
typedef struct horn__counter {
  const char **names;
  size_t *counts;
  size_t count;
} horn__counter;
horn_status horn__counter_init(horn__counter *counter, horn__arena *arena, size_t layers);
/** The name of the next layer of a class within its model's path: "dense", "dense_1", ...; tf-keras 2.12 to 2.14 takes steps of 2. */
horn_status horn__counter_next(horn__counter *counter, horn__arena *arena, const char *class_name, size_t step, const char **out);

/** All weights of a layer as Keras's _legacy_weights has them: those that are trained, then the others; layer->total of them. */
horn_status horn__match_file_order(horn__arena *arena, const horn__node *layer, horn__target *const **out);

/** The layers of a model sorted by name, for horn__match_child_named. */
horn_status horn__match_sort_children(horn__matching *matching, const horn__node *model, const horn__node ***out);
/** The layer of that name, NULL where the model has none. */
const horn__node *horn__match_child_named(const horn__node *model, const horn__node *const *sorted, const char *name);

/** Gives arrays[count] to targets[count] in order, shapes checked. `owner` is the layer for messages. */
horn_status horn__match_assign(horn__matching *matching, const char *owner, horn__target *const *targets, size_t target_count,
                               horn__saved_array *const *arrays, size_t count);

/** The arrays of one layer as Keras 2 has them: joins Keras 1's gates, turns Theano's and Keras 1's kernels. arrays may be replaced, and
 *  *count becomes less. */
horn_status horn__match_convert(horn__matching *matching, const horn__node *layer, horn__saved_array **arrays, size_t *count);

/* ---- derive.c: arrays made from others ------------------------------------------------------------------------------------ */

/** Axis i of the result is axis order[i] of the array. */
horn_status horn__derive_transposed(horn__arena *arena, const horn__saved_array *from, const int32_t *order, horn__saved_array **out);
/** The same elements with other dimensions. */
horn_status horn__derive_reshaped(horn__arena *arena, const horn__saved_array *from, int32_t rank, const int32_t *dims, horn__saved_array **out);
/** Reversed along the first `axes` axes. */
horn_status horn__derive_flipped(horn__arena *arena, const horn__saved_array *from, int32_t axes, horn__saved_array **out);
/** Joined along the last axis; the other dimensions must be equal. */
horn_status horn__derive_joined(horn__arena *arena, horn__saved_array *const *from, size_t count, horn__saved_array **out);

#endif
