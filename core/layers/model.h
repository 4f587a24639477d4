/* model.h: a model: a container layer called once on symbolic inputs, its weights, and a plan for each shape of inputs seen. */
#ifndef HORN_MODEL_H
#define HORN_MODEL_H

#include "io/manifest.h"
#include "layers/layer.h"

enum { HORN__MAX_PLANS = 8 };

typedef struct horn__model {
  horn_context *ctx;
  horn__arena arena;
  cJSON *document;            /* the parsed text; configs point into it */
  horn__layer *root;
  horn__graph *graph;
  horn__value outputs[HORN__MAX_SLOTS]; /* then what the states become */
  int32_t input_count, output_count;
  horn__state *states[HORN__MAX_SLOTS]; /* of its stateful layers; inputs of the graph behind the model's own */
  int32_t state_count;
  const char *input_names[HORN__MAX_SLOTS];
  horn__weight **weights;     /* of all layers, each once: a layer's own, then its children's */
  size_t weight_count;
  bool bound;                 /* all weights have tensors */
  horn__plan *plans[HORN__MAX_PLANS]; /* the most recently used first */
} horn__model;

/** Builds a model from the text of a model.json, a topology, or Keras's to_json(); weights as horn_model_load says. */
horn_status horn__model_load(horn_context *ctx, const char *json, size_t length, const void *weights, size_t bytes, bool strict,
                             horn__model **out);
void horn__model_release(horn__model *model);

/** Gives all weights that have none yet tensors of zeros. */
horn_status horn__model_bind(horn__model *model);

/** Sets the states of its stateful layers to zeros. */
void horn__model_reset_states(horn__model *model);

/** Predicts for inputs with elements; outputs are new tensors, model->output_count of them. */
horn_status horn__model_predict(horn__model *model, horn__tensor *const *inputs, int32_t count, horn__tensor **outputs);

/** Makes a weight of the model show this tensor, of its type. */
void horn__model_share(horn__model *model, horn__weight *weight, horn__tensor *tensor);

/** The object with class_name and config within the text of a model or layer, and the major version of the Keras that wrote it; NULL: none. */
const cJSON *horn__find_topology(const cJSON *document, int32_t *keras);

/** The weights of a layer and of the layers in it: a layer's own, then its children's. prefixes (NULL: not asked) gets what stands before each
 *  one's name. Both have room for horn__count_weights. */
size_t horn__count_weights(const horn__layer *layer);
void horn__list_weights(horn__layer *layer, horn__weight **list, const char **prefixes, size_t *count);

/** The states of a layer and of the layers in it, in the same order; list has room for HORN__MAX_SLOTS. */
horn_status horn__list_states(const horn__layer *layer, horn__state **list, int32_t *count);

/** JSON for horn_layer_describe: what a call has made; out NULL: only the class, the name and the config. */
void horn__layer_describe(const horn__layer *layer, const horn__graph *graph, const horn__slot *out, int32_t outputs, horn__text *text);

/** JSON for horn_model_describe and horn_model_topology. */
void horn__model_describe(const horn__model *model, horn__text *text);
void horn__model_topology(const horn__model *model, horn__text *text);

#endif
