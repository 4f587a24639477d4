/* Embedding: y = embeddings[x]; with mask_zero, the mask is x != 0. Reference: keras/src/layers/core/embedding.py. */
#include "layers/common.h"

typedef struct embedding_config {
  int32_t input_dim, output_dim;
  HORN__WEIGHT_MEMBERS(embeddings);
  const cJSON *activity_regularizer, *input_length;
  bool mask_zero;
} embedding_config;

static const horn__field embedding_rows[] = {
    HORN__INT(embedding_config, input_dim, NULL, NULL),
    HORN__INT(embedding_config, output_dim, NULL, NULL),
    HORN__WEIGHT_ROWS(embedding_config, embeddings, HORN__RANDOM_UNIFORM),
    HORN__JSON(embedding_config, activity_regularizer, NULL, "null"),
    HORN__BOOL(embedding_config, mask_zero, NULL, "false"),
    HORN__JSON(embedding_config, input_length, NULL, "null"),
};

static horn_status embedding_create(horn__layer *layer) {
  const embedding_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "input_dim", &config->input_dim, 1, 1));
  return horn__check_least(layer, "output_dim", &config->output_dim, 1, 1);
}

static horn_status embedding_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)inputs;
  (void)count;
  const embedding_config *config = layer->config;
  return horn__add_weight(layer, "embeddings", 2, (const int32_t[]){config->input_dim, config->output_dim}, true);
}

/* Indices that come as floats are cut to integers, as Keras does; the mask is of what came. */
static horn_status embedding_call(horn__call *call) {
  const embedding_config *config = call->config;
  const horn_dtype dtype = horn__call_type(call, 0)->dtype;
  horn__value x = call->in[0].value;
  if (config->mask_zero) call->out[0].mask = HORN__EMIT(call->graph, NotEqual, NULL, x, horn__graph_scalar_of(call->graph, 0, dtype));
  if (dtype != HORN_INT32) x = HORN__EMIT(call->graph, Cast, &(horn__cast){HORN_INT32}, x);
  return horn__return(call, HORN__EMIT(call->graph, GatherV2, &(horn__gather){0}, horn__weight_value(call, 0), x));
}

const horn__layer_class horn__layer_Embedding = {
    .name = "Embedding", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(embedding_config, embedding_rows),
    .create = embedding_create, .build = embedding_build, .call = embedding_call};
