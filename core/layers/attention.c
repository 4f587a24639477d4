/* Attention and AdditiveAttention: inputs query [B, T, D], value [B, S, E] and key [B, S, D] (the value where it is left out); masked steps of
 * the value do not count, and masked steps of the query are zero. Reference: keras/src/layers/attention/attention.py, additive_attention.py;
 * Luong et al., Effective Approaches to Attention-based Neural Machine Translation (2015); Bahdanau et al. (2015). */
#include "layers/attention.h"

typedef struct attention_config {
  double dropout;
  bool use_scale;
  int32_t score_mode;
  bool causal; /* of Keras before 2.10: now an argument of the call */
  bool query_scale; /* of Keras 3's AdditiveAttention, where written in Keras 2's form */
} attention_config;

enum { DOT, CONCAT };
static const char *const score_modes[] = {"dot", "concat", NULL};

/* ---- what attentions share ---------------------------------------------------------------------------------------------- */

/* 1, 2, 3... along an axis of x, which alone is left. */
static horn__value count_along(horn__graph *g, horn__value x, int32_t axis) {
  horn__reduce others = {.axes = {.count = 0}};
  const int32_t rank = horn__type_of(g, x)->shape.rank;
  for (int32_t i = 0; i < rank; i++)
    if (i != axis) others.axes.values[others.axes.count++] = i;
  const horn__value ones = HORN__EMIT(g, BroadcastLike, NULL, horn__graph_scalar(g, 1), HORN__EMIT(g, Sum, &others, x));
  return HORN__EMIT(g, Cumsum, &(horn__scan){.axis = 0}, ones);
}

void horn__step_numbers(horn__graph *g, horn__value query, horn__value value, int32_t axis, horn__value *rows, horn__value *columns) {
  static const horn__axes column = {.axes = {1, {1}}}, row = {.axes = {1, {0}}};
  *rows = HORN__EMIT(g, ExpandDims, &column, count_along(g, query, axis));
  *columns = HORN__EMIT(g, ExpandDims, &row, count_along(g, value, axis));
}

horn__value horn__causal_mask(horn__graph *g, horn__value query, horn__value value, int32_t axis) {
  horn__value rows, columns;
  horn__step_numbers(g, query, value, axis, &rows, &columns);
  return HORN__EMIT(g, GreaterEqual, NULL, rows, columns);
}

horn__value horn__both_masks(horn__graph *g, horn__value a, horn__value b) {
  if (a == HORN__NONE) return b;
  return b == HORN__NONE ? a : HORN__EMIT(g, LogicalAnd, NULL, a, b);
}

/* ---- scores -------------------------------------------------------------------------------------------------------------- */

/* tanh of scale times the sum of each step of the query and each of the key: [B, T, S, D]. */
static horn__value bend_sums(horn__graph *g, horn__value query, horn__value key, horn__value scale) {
  static const horn__axes steps = {.axes = {1, {-2}}}, queries = {.axes = {1, {-3}}};
  horn__value sum = horn__add(g, HORN__EMIT(g, ExpandDims, &steps, query), HORN__EMIT(g, ExpandDims, &queries, key));
  if (scale != HORN__NONE) sum = horn__mul(g, sum, scale);
  return HORN__EMIT(g, Tanh, NULL, sum);
}

static horn__value sum_features(horn__graph *g, horn__value x) {
  static const horn__reduce last = {.axes = {1, {-1}}};
  return HORN__EMIT(g, Sum, &last, x);
}

static horn__value attention_scores(horn__call *call, horn__value query, horn__value key) {
  const attention_config *config = call->config;
  const horn__matmul by_key = {.transpose_b = true, .activation = HORN__ACTIVATION_LINEAR};
  horn__graph *g = call->graph;
  const horn__value scale = config->use_scale ? horn__weight_value(call, 0) : HORN__NONE;
  if (config->score_mode == CONCAT)
    return horn__mul(g, sum_features(g, bend_sums(g, query, key, scale)), horn__weight_value(call, config->use_scale ? 1 : 0));
  const horn__value scores = HORN__EMIT(g, BatchMatMul, &by_key, query, key);
  return scale == HORN__NONE ? scores : horn__mul(g, scores, scale);
}

static horn__value additive_scores(horn__call *call, horn__value query, horn__value key) {
  const attention_config *config = call->config;
  horn__value bent = bend_sums(call->graph, query, key, HORN__NONE);
  if (config->use_scale) bent = horn__mul(call->graph, bent, horn__weight_value(call, 0));
  return sum_features(call->graph, bent);
}

/* ---- calls --------------------------------------------------------------------------------------------------------------- */

static horn__value find_mask(const horn__call *call) {
  static const horn__axes queries = {.axes = {1, {-2}}};
  horn__graph *g = call->graph;
  horn__value mask = HORN__NONE, value = call->in[1].value;
  if (call->in[1].mask != HORN__NONE) mask = HORN__EMIT(g, ExpandDims, &queries, call->in[1].mask);
  if (!((const attention_config *)call->config)->causal && !horn__call_flag(call, "use_causal_mask")) return mask;
  const horn__value key = call->count > 2 ? call->in[2].value : value;
  return horn__both_masks(g, mask, horn__causal_mask(g, call->in[0].value, key, horn__call_type(call, 0)->shape.rank - 2));
}

static horn_status attend(horn__call *call, horn__value (*scores_of)(horn__call *call, horn__value query, horn__value key)) {
  static const horn__axes features = {.axes = {1, {-1}}};
  const attention_config *config = call->config;
  horn__graph *g = call->graph;
  for (int32_t i = 0; i < call->count; i++)
    if (horn__call_type(call, i)->shape.rank < 3 || horn__call_type(call, i)->shape.rank != horn__call_type(call, 0)->shape.rank)
      return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected inputs of one rank, 3 or more");
  horn__value scores = scores_of(call, call->in[0].value, call->in[call->count - 1].value);
  const horn__value mask = find_mask(call);
  if (mask != HORN__NONE) scores = horn__select(g, mask, scores, horn__shift(g, scores, -1e9));
  const horn__value weights = HORN__EMIT(g, Softmax, NULL, scores);
  horn__value y = HORN__EMIT(g, BatchMatMul, NULL, horn__dropout(call, weights, config->dropout, NULL), call->in[1].value);
  if (call->in[0].mask != HORN__NONE) y = horn__mask(g, y, HORN__EMIT(g, ExpandDims, &features, call->in[0].mask));
  if (horn__call_flag(call, "return_attention_scores")) {
    call->out[1].value = weights;
    call->outputs = 2;
  }
  return horn__return(call, y);
}

static horn_status attention_call(horn__call *call) { return attend(call, attention_scores); }
static horn_status additive_call(horn__call *call) { return attend(call, additive_scores); }

static horn_status add_scalar(horn__layer *layer, const char *name) {
  HORN__TRY(horn__add_weight(layer, name, 0, NULL, true));
  layer->weights[layer->weight_count - 1].initializer = HORN__ONES;
  return HORN_OK;
}

static horn_status attention_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)inputs;
  (void)count;
  const attention_config *config = layer->config;
  if (config->use_scale) HORN__TRY(add_scalar(layer, "scale"));
  return config->score_mode == CONCAT ? add_scalar(layer, "concat_score_weight") : HORN_OK;
}

static int32_t features(const horn__type *type) { return type->shape.rank < 1 ? 0 : type->shape.dims[type->shape.rank - 1]; }

/* The scale is as long as the query's features in Keras 3, as the value's in Keras 2: that must be the same number there, or 1, which is
 * broadcast. */
static horn_status additive_create(horn__layer *layer) {
  if (layer->keras == 3) ((attention_config *)layer->config)->query_scale = true;
  return HORN_OK;
}

static horn_status additive_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  const bool is_one = !((const attention_config *)layer->config)->query_scale && count >= 2 && features(&inputs[1]) == 1;
  const horn__shape *scaled = &inputs[is_one ? 1 : 0].shape;
  if (!((const attention_config *)layer->config)->use_scale) return HORN_OK;
  if (scaled->rank < 1) return horn__layer_fail(layer, HORN_E_SHAPE, "expected inputs of rank 3 or more");
  HORN__TRY(horn__add_weight(layer, "scale", 1, &scaled->dims[scaled->rank - 1], true));
  layer->weights[0].initializer = HORN__GLOROT_UNIFORM;
  return HORN_OK;
}

static const horn__field attention_rows[] = {
    HORN__FLOAT(attention_config, dropout, NULL, "0"),
    HORN__BOOL(attention_config, use_scale, NULL, "false"),
    HORN__ENUM(attention_config, score_mode, score_modes, NULL, "\"dot\""),
    HORN__FLAG(attention_config, causal),
};

const horn__layer_class horn__layer_Attention = {
    .name = "Attention", .mask = HORN__MASK_PASSES, .min_inputs = 2, .max_inputs = 3, .config = HORN__FIELDS(attention_config, attention_rows),
    .build = attention_build, .call = attention_call};

static const horn__field additive_rows[] = {
    HORN__FLOAT(attention_config, dropout, NULL, "0"),
    HORN__BOOL(attention_config, use_scale, NULL, "true"),
    HORN__FLAG(attention_config, causal),
    HORN__OWN(attention_config, query_scale),
};

const horn__layer_class horn__layer_AdditiveAttention = {
    .name = "AdditiveAttention", .mask = HORN__MASK_PASSES, .min_inputs = 2, .max_inputs = 3,
    .config = HORN__FIELDS(attention_config, additive_rows), .create = additive_create, .build = additive_build, .call = additive_call};
