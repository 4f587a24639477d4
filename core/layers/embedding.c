/* Embedding: y = embeddings[x]; with mask_zero, the mask is x != 0. ReversibleEmbedding: the same, and where a call says `reverse`, x times the
 * table turned over, for the logits of a language model. Reference: keras/src/layers/core/embedding.py, reversible_embedding.py. */
#include "cJSON.h"
#include "layers/common.h"

typedef struct embedding_config {
  int32_t input_dim, output_dim;
  HORN__WEIGHT_MEMBERS(embeddings);
  const cJSON *activity_regularizer, *input_length;
  bool mask_zero, tie_weights;
  const cJSON *reverse_dtype, *logit_soft_cap;
} embedding_config;

#define EMBEDDING_ROWS                                                                                                \
  HORN__INT(embedding_config, input_dim, NULL, NULL), HORN__INT(embedding_config, output_dim, NULL, NULL),            \
      HORN__WEIGHT_ROWS(embedding_config, embeddings, HORN__RANDOM_UNIFORM),                                          \
      HORN__JSON(embedding_config, activity_regularizer, NULL, "null"), HORN__BOOL(embedding_config, mask_zero, NULL, "false")
static const horn__field embedding_rows[] = {EMBEDDING_ROWS, HORN__JSON(embedding_config, input_length, NULL, "null")};
static const horn__field reversible_rows[] = {
    EMBEDDING_ROWS,
    HORN__BOOL(embedding_config, tie_weights, NULL, "true"),
    HORN__JSON(embedding_config, reverse_dtype, NULL, "null"),
    HORN__JSON(embedding_config, logit_soft_cap, NULL, "null"),
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

/* ---- ReversibleEmbedding ------------------------------------------------------------------------------------------------- */

static horn_status reversible_create(horn__layer *layer) {
  const cJSON *cap = ((const embedding_config *)layer->config)->logit_soft_cap;
  HORN__TRY(embedding_create(layer));
  if (cap == NULL || (cJSON_IsNumber(cap) && cap->valuedouble > 0)) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "logit_soft_cap must be a number above 0, or null");
}

static horn_status reversible_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  const embedding_config *config = layer->config;
  HORN__TRY(embedding_build(layer, inputs, count));
  if (config->tie_weights) return HORN_OK;
  HORN__TRY(horn__add_weight(layer, "reverse_embeddings", 2, (const int32_t[]){config->output_dim, config->input_dim}, true));
  layer->weights[1].initializer = HORN__RANDOM_UNIFORM;
  return HORN_OK;
}

/* cap tanh(x kernel / cap) */
static horn_status reversible_call(horn__call *call) {
  const embedding_config *config = call->config;
  horn__graph *g = call->graph;
  if (!horn__call_flag(call, "reverse")) return embedding_call(call);
  const horn__matmul product = {.transpose_b = config->tie_weights};
  const horn__value kernel = horn__weight_value(call, config->tie_weights ? 0 : 1);
  horn__value y = HORN__EMIT(g, BatchMatMul, &product, horn__as_float(g, call->in[0].value), kernel);
  if (config->logit_soft_cap == NULL) return horn__return(call, y);
  const double cap = config->logit_soft_cap->valuedouble;
  return horn__return(call, horn__scale(g, HORN__EMIT(g, Tanh, NULL, horn__scale(g, y, 1 / cap)), cap));
}

const horn__layer_class horn__layer_ReversibleEmbedding = {
    .name = "ReversibleEmbedding", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(embedding_config, reversible_rows),
    .create = reversible_create, .build = reversible_build, .call = reversible_call};
