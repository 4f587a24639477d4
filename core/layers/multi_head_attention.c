/* MultiHeadAttention and GroupedQueryAttention: query, key and value are projected for each head, each step of the query takes the values in
 * proportion to softmax(query key / sqrt(key_dim)), and the heads are projected to the output. In GroupedQueryAttention several heads of the
 * query share one of key and value. Reference: keras/src/layers/attention/multi_head_attention.py, grouped_query_attention.py; Vaswani et al.,
 * Attention Is All You Need (2017); Ainslie et al., GQA (2023). */
#include <math.h>
#include <string.h>

#include "layers/attention.h"

typedef struct heads_config {
  int32_t num_heads, key_dim, value_dim; /* value_dim 0: key_dim */
  int32_t num_key_value_heads;           /* of GroupedQueryAttention; 0: num_heads */
  double dropout;
  bool use_bias, use_gate;
  horn__ints output_shape, attention_axes;
  const cJSON *sliding_window;           /* a number: steps further apart do not see each other */
  bool zero_output_for_mask;             /* Keras 3's rule: where all is masked, and the scores are computed, they are zero */
  HORN__WEIGHT_MEMBERS(kernel);
  HORN__WEIGHT_MEMBERS(bias);
  const cJSON *activity_regularizer, *seed;
} heads_config;

enum { QUERY, VALUE, KEY, ATTENTION_MASK = 6 };
#define PARAMETERS                                                                                                          \
  "query|value|key|query_mask|value_mask|key_mask|attention_mask|return_attention_scores|training|use_causal_mask"

#define HEADS_ROWS                                                                                                          \
  HORN__FLOAT(heads_config, dropout, NULL, "0"), HORN__BOOL(heads_config, use_bias, NULL, "true"),                          \
      HORN__FLAG(heads_config, use_gate), HORN__JSON(heads_config, sliding_window, NULL, "null"),                           \
      HORN__WEIGHT_ROWS(heads_config, kernel, HORN__GLOROT_UNIFORM), HORN__WEIGHT_ROWS(heads_config, bias, HORN__ZEROS),    \
      HORN__JSON(heads_config, activity_regularizer, NULL, "null"), HORN__JSON(heads_config, seed, NULL, "null"),           \
      HORN__OWN(heads_config, zero_output_for_mask)

static const horn__field multi_head_rows[] = {
    HORN__INT(heads_config, num_heads, NULL, NULL),
    HORN__INT(heads_config, key_dim, NULL, NULL),
    HORN__INT(heads_config, value_dim, NULL, "0"),
    HORN__INTS(heads_config, output_shape, NULL, "null"),
    HORN__INTS(heads_config, attention_axes, NULL, "null"),
    HEADS_ROWS,
};

static const horn__field grouped_query_rows[] = {
    {"head_dim", NULL, HORN__FIELD_INT, offsetof(heads_config, key_dim), 1, NULL, NULL},
    {"num_query_heads", NULL, HORN__FIELD_INT, offsetof(heads_config, num_heads), 1, NULL, NULL},
    HORN__INT(heads_config, num_key_value_heads, NULL, NULL),
    HEADS_ROWS,
};

static horn_status heads_create(horn__layer *layer) {
  heads_config *config = layer->config;
  int64_t window;
  HORN__TRY(horn__check_least(layer, "num_heads", &config->num_heads, 1, 1));
  HORN__TRY(horn__check_least(layer, "key_dim", &config->key_dim, 1, 1));
  HORN__TRY(horn__check_least(layer, "value_dim", &config->value_dim, 1, 0));
  if (config->sliding_window != NULL && !horn__json_int(config->sliding_window, 1, INT32_MAX, &window))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "sliding_window must be a positive integer or null");
  if (config->value_dim == 0) config->value_dim = config->key_dim;
  config->zero_output_for_mask = config->zero_output_for_mask || layer->keras >= 3;
  return HORN_OK;
}

static horn_status multi_head_create(horn__layer *layer) {
  heads_config *config = layer->config;
  config->num_key_value_heads = config->num_heads;
  return heads_create(layer);
}

static horn_status grouped_query_create(horn__layer *layer) {
  heads_config *config = layer->config;
  config->output_shape.count = config->attention_axes.count = -1;
  HORN__TRY(horn__check_least(layer, "num_key_value_heads", &config->num_key_value_heads, 1, 1));
  if (config->num_heads % config->num_key_value_heads != 0)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "num_query_heads must be divisible by num_key_value_heads, got %d and %d",
                            config->num_heads, config->num_key_value_heads);
  return heads_create(layer);
}

/* ---- projections: each has a kernel and, with use_bias, a bias ---------------------------------------------------------------- */

/* The initializer of a config as text, for a weight that is not called as the field is. */
static horn_status start_with(horn__layer *layer, const cJSON *initializer, const char *otherwise) {
  horn__text text;
  horn__weight *weight = &layer->weights[layer->weight_count - 1];
  weight->initializer = otherwise;
  if (initializer == NULL) return HORN_OK;
  horn__text_init(&text, layer->ctx);
  horn__json_write(&text, initializer);
  weight->initializer = text.status == HORN_OK ? horn__arena_text(layer->arena, text.data) : NULL;
  horn__text_release(&text);
  return weight->initializer == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

/* From `from` numbers (1 or 2 axes) to `to`. */
static horn_status add_projection(horn__layer *layer, const char *name, const horn__shape *from, const horn__shape *to) {
  const heads_config *config = layer->config;
  horn__shape kernel = *from;
  if (from->rank + to->rank > HORN_MAX_RANK) return horn__layer_fail(layer, HORN_E_LIMIT, "output_shape has too many dimensions");
  for (int32_t i = 0; i < to->rank; i++) kernel.dims[kernel.rank++] = to->dims[i];
  const char *full = horn__arena_format(layer->arena, "%s/kernel", name);
  if (full == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(horn__add_weight(layer, full, kernel.rank, kernel.dims, true));
  HORN__TRY(start_with(layer, config->kernel_initializer, HORN__GLOROT_UNIFORM));
  if (!config->use_bias) return HORN_OK;
  full = horn__arena_format(layer->arena, "%s/bias", name);
  if (full == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(horn__add_weight(layer, full, to->rank, to->dims, true));
  return start_with(layer, config->bias_initializer, HORN__ZEROS);
}

static horn_status check_inputs(const horn__layer *layer, const horn__type *inputs, int32_t count, int32_t least) {
  for (int32_t i = 0; i <= KEY && i < count; i++)
    if (inputs[i].shape.rank >= 0 &&
        (inputs[i].shape.rank < least || inputs[i].shape.rank != inputs[0].shape.rank || inputs[i].shape.rank == HORN_MAX_RANK))
      return horn__layer_fail(layer, HORN_E_SHAPE, "expected query, value and key of one rank between %d and %d", least, HORN_MAX_RANK - 1);
  return HORN_OK;
}

static horn_status heads_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  const heads_config *config = layer->config;
  HORN__TRY(check_inputs(layer, inputs, count, 3));
  const horn__type *key = count > KEY && inputs[KEY].shape.rank >= 0 ? &inputs[KEY] : &inputs[VALUE];
  const int32_t last = inputs[QUERY].shape.rank - 1, query_dim = inputs[QUERY].shape.dims[last];
  const horn__shape of_query = {1, {query_dim}}, of_key = {1, {key->shape.dims[last]}}, of_value = {1, {inputs[VALUE].shape.dims[last]}};
  const horn__shape queries = {2, {config->num_heads, config->key_dim}}, keys = {2, {config->num_key_value_heads, config->key_dim}};
  const horn__shape values = {2, {config->num_key_value_heads, config->value_dim}}, heads = {2, {config->num_heads, config->value_dim}};
  const horn__shape output = config->output_shape.count > 0 ? horn__shape_of(config->output_shape.count, config->output_shape.values) : of_query;
  if (config->output_shape.count > HORN_MAX_RANK) return horn__layer_fail(layer, HORN_E_LIMIT, "output_shape has too many dimensions");
  HORN__TRY(add_projection(layer, "query", &of_query, &queries));
  HORN__TRY(add_projection(layer, "key", &of_key, &keys));
  if (config->use_gate) HORN__TRY(add_projection(layer, "gate", &of_query, &heads));
  HORN__TRY(add_projection(layer, "value", &of_value, &values));
  return add_projection(layer, "attention_output", &heads, &output);
}

typedef struct speller {
  char text[4 * HORN_MAX_RANK + 8];
  size_t length;
} speller;

static void spell(speller *s, const char *letters, size_t count) {
  memcpy(s->text + s->length, letters, count);
  s->length += count;
  s->text[s->length] = '\0';
}

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

/* x through the projection whose kernel is weight *index, over its last `bound` axes; *index moves on. */
static horn__value project(horn__call *call, horn__value x, int32_t bound, int32_t *index) {
  const heads_config *config = call->config;
  const int32_t rank = horn__type_of(call->graph, x)->shape.rank, all = call->layer->weights[*index].shape.rank - bound;
  const size_t outer = (size_t)(rank - bound), inner = (size_t)bound, made = (size_t)all;
  speller s = {.length = 0};
  spell(&s, letters, outer + inner);
  spell(&s, ",", 1);
  spell(&s, letters + outer, inner + made);
  spell(&s, "->", 2);
  spell(&s, letters, outer);
  spell(&s, letters + outer + inner, made);
  horn__value y = HORN__EMIT(call->graph, Einsum, &(horn__einsum){s.text}, x, horn__weight_value(call, (*index)++));
  return config->use_bias ? horn__add(call->graph, y, horn__weight_value(call, (*index)++)) : y;
}

/* ---- attention ---------------------------------------------------------------------------------------------------------------- */

/* The axes that are attended over, and the equations of the scores (key, query) and of the result (scores, value). */
typedef struct plan {
  horn__ints axes;
  speller dot, combine;
} plan;

/* rank: of the projected query, [B, ..., heads, numbers]. */
static horn_status find_axes(const horn__call *call, int32_t rank, horn__ints *out) {
  const horn__ints *axes = &((const heads_config *)call->config)->attention_axes;
  uint32_t seen = 0;
  out->count = axes->count;
  if (axes->count < 0)
    for (out->count = 0; out->count < rank - 3; out->count++) out->values[out->count] = 1 + out->count;
  for (int32_t i = 0; i < axes->count; i++) {
    out->values[i] = axes->values[i] >= 0 ? axes->values[i] : axes->values[i] + rank - 1;
    if (out->values[i] < 1 || out->values[i] > rank - 3 || seen >> out->values[i] & 1)
      return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "attention_axes must be axes between the batch and the last, got %d",
          axes->values[i]);
    seen |= 1u << out->values[i];
  }
  if (out->count < 1) return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "attention_axes is empty");
  if (rank + out->count - 1 > HORN_MAX_RANK)
    return horn__layer_fail(call->layer, HORN_E_LIMIT, "the scores have more than %d dimensions", HORN_MAX_RANK);
  return HORN_OK;
}

static bool attended(const horn__ints *axes, int32_t axis) {
  for (int32_t i = 0; i < axes->count; i++)
    if (axes->values[i] == axis) return true;
  return false;
}

static void spell_equations(plan *p, int32_t rank) {
  char source[HORN_MAX_RANK], product[HORN_MAX_RANK * 2];
  size_t length = 0, all = (size_t)rank;
  for (int32_t i = 0, next = rank; i < rank; i++) source[i] = attended(&p->axes, i) ? letters[next++] : letters[i];
  for (int32_t i = 0; i < rank - 1; i++)
    if (!attended(&p->axes, i)) product[length++] = letters[i];
  for (int32_t i = 0; i < p->axes.count; i++) product[length++] = letters[p->axes.values[i]];
  for (int32_t i = 0; i < p->axes.count; i++) product[length++] = source[p->axes.values[i]];
  spell(&p->dot, source, all), spell(&p->dot, ",", 1), spell(&p->dot, letters, all), spell(&p->dot, "->", 2), spell(&p->dot, product, length);
  spell(&p->combine, product, length), spell(&p->combine, ",", 1), spell(&p->combine, source, all), spell(&p->combine, "->", 2);
  spell(&p->combine, letters, all);
}

static horn__value given_mask(const horn__call *call, int32_t input, int32_t axis) {
  const horn__axes one = {.axes = {1, {axis}}};
  if (input >= call->count || call->in[input].value == HORN__NONE || call->in[input].mask == HORN__NONE) return HORN__NONE;
  return HORN__EMIT(call->graph, ExpandDims, &one, call->in[input].mask);
}

/* Which steps of the value each step of the query sees, [B, T, S]: what the inputs' masks, the call and the config say. */
static horn__value find_mask(const horn__call *call) {
  const heads_config *config = call->config;
  horn__graph *g = call->graph;
  const horn__value query = call->in[QUERY].value, value = call->in[VALUE].value;
  horn__value mask = horn__both_masks(g, given_mask(call, QUERY, -1), given_mask(call, VALUE, -2)), rows, columns;
  mask = horn__both_masks(g, mask, given_mask(call, KEY, -2));
  if (horn__call_flag(call, "use_causal_mask")) mask = horn__both_masks(g, mask, horn__causal_mask(g, query, value, 1));
  if (config->sliding_window != NULL) {
    int64_t window = 0;
    horn__json_int(config->sliding_window, 1, INT32_MAX, &window); /* create has seen it */
    horn__step_numbers(g, query, value, 1, &rows, &columns);
    const horn__value apart = HORN__EMIT(g, Abs, NULL, horn__sub(g, rows, columns));
    mask = horn__both_masks(g, mask, HORN__EMIT(g, Less, NULL, apart, horn__graph_scalar(g, (double)window)));
  }
  if (call->count <= ATTENTION_MASK || call->in[ATTENTION_MASK].value == HORN__NONE) return mask;
  horn__value given = call->in[ATTENTION_MASK].value;
  if (horn__type_of(g, given)->dtype != HORN_BOOL) given = HORN__EMIT(g, Cast, &(horn__cast){HORN_BOOL}, given);
  return horn__both_masks(g, mask, given);
}

/* Softmax over the last axes of the scores; a mask of lower rank gets axes of 1 where the heads are. Keras 3 zeroes what is masked only where it
 * computes the scores by themselves. */
static horn__value weigh(const horn__call *call, horn__value scores, int32_t axes, bool apart) {
  const heads_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value mask = find_mask(call);
  const int32_t rank = horn__type_of(g, scores)->shape.rank;
  horn__ints over = {.count = axes};
  for (int32_t i = 0; i < axes; i++) over.values[i] = rank - axes + i;
  if (mask != HORN__NONE) {
    const int32_t missing = rank - horn__type_of(g, mask)->shape.rank, place = horn__type_of(g, mask)->shape.rank - 2 * axes;
    horn__axes ones = {.axes = {.count = missing}};
    for (int32_t i = 0; i < missing; i++) ones.axes.values[i] = (place < 0 ? 0 : place) + i;
    if (missing > 0) mask = HORN__EMIT(g, ExpandDims, &ones, mask);
    scores = horn__mask_scores(g, scores, mask, config->zero_output_for_mask);
  }
  scores = horn__softmax_over(g, scores, &over);
  return mask != HORN__NONE && apart && config->zero_output_for_mask ? horn__mask(g, scores, mask) : scores;
}

/* Each head of key or value as often as heads of the query share it. */
static horn__value repeat_heads(const horn__call *call, horn__value x) {
  const heads_config *config = call->config;
  horn__graph *g = call->graph;
  const int32_t times = config->num_heads / config->num_key_value_heads;
  const horn__type type = {{1, {config->num_heads}}, HORN_INT32};
  horn__tensor *which;
  if (times == 1 || g->status != HORN_OK) return x;
  g->status = horn__tensor_create(g->ctx, &type, false, &which);
  if (g->status != HORN_OK) return HORN__NONE;
  for (int32_t i = 0; i < config->num_heads; i++) ((int32_t *)which->data)[i] = i / times;
  const horn__value heads = horn__graph_tensor(g, which, HORN__CONSTANT);
  horn__tensor_release(g->ctx, which);
  return HORN__EMIT(g, GatherV2, &(horn__gather){.axis = 2}, x, heads);
}

static horn_status heads_call(horn__call *call) {
  const heads_config *config = call->config;
  horn__graph *g = call->graph;
  const bool has_key = call->count > KEY && call->in[KEY].value != HORN__NONE, wanted = horn__call_flag(call, "return_attention_scores");
  const horn__value key_in = has_key ? call->in[KEY].value : call->in[VALUE].value;
  plan p = {.axes = {.count = 0}};
  int32_t next = 0;
  horn__value gate = HORN__NONE;
  horn__value query = project(call, call->in[QUERY].value, 1, &next);
  const horn__value key = repeat_heads(call, project(call, key_in, 1, &next));
  if (config->use_gate) gate = HORN__EMIT(g, Sigmoid, NULL, project(call, call->in[QUERY].value, 1, &next));
  const horn__value value = repeat_heads(call, project(call, call->in[VALUE].value, 1, &next));
  HORN__TRY(g->status);
  const int32_t rank = horn__type_of(g, query)->shape.rank;
  HORN__TRY(find_axes(call, rank, &p.axes));
  spell_equations(&p, rank);
  query = horn__scale(g, query, 1 / sqrt(config->key_dim));
  const horn__value scores = HORN__EMIT(g, Einsum, &(horn__einsum){p.dot.text}, key, query);
  HORN__TRY(g->status);
  const horn__value weights = weigh(call, scores, p.axes.count, wanted || config->dropout > 0 || rank != 4);
  horn__value y = HORN__EMIT(g, Einsum, &(horn__einsum){p.combine.text}, horn__dropout(call, weights, config->dropout, NULL), value);
  if (gate != HORN__NONE) y = horn__mul(g, y, gate);
  HORN__TRY(g->status);
  if (wanted) {
    call->out[1].value = weights;
    call->outputs = 2;
  }
  return horn__return(call, project(call, y, 2, &next));
}

const horn__layer_class horn__layer_MultiHeadAttention = {
    .name = "MultiHeadAttention", .since_keras3 = "use_gate|sliding_window|seed", .mask = HORN__MASK_PASSES, .parameters = PARAMETERS,
    .min_inputs = 2, .max_inputs = ATTENTION_MASK + 1, .config = HORN__FIELDS(heads_config, multi_head_rows), .create = multi_head_create,
    .build = heads_build, .call = heads_call};

static horn_status grouped_query_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  if (inputs[QUERY].shape.rank != 3) return horn__check_rank(layer, &inputs[QUERY], 3);
  return heads_build(layer, inputs, count);
}

const horn__layer_class horn__layer_GroupedQueryAttention = {
    .name = "GroupedQueryAttention", .aliases = "GroupQueryAttention", .mask = HORN__MASK_PASSES, .parameters = PARAMETERS, .min_inputs = 2,
    .max_inputs = ATTENTION_MASK + 1, .config = HORN__FIELDS(heads_config, grouped_query_rows), .create = grouped_query_create,
    .build = grouped_query_build, .call = heads_call};
