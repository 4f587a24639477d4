/* Dot: the products of two tensors along an axis of each, sample by sample: [B, x..., n] and [B, n, y...] -> [B, x..., y...]. Reference:
 * keras/src/layers/merging/dot.py, tf_keras/src/layers/merging/dot.py. */
#include "cJSON.h"
#include "layers/common.h"

typedef struct dot_config {
  const cJSON *axes; /* one for both inputs, or two */
  bool normalize;
  bool small_norms;  /* Keras 3's rule: 1e-7 is the least norm; in Keras 2 it is 1e-6 */
} dot_config;

static const horn__field dot_rows[] = {
    HORN__JSON(dot_config, axes, NULL, NULL),
    HORN__BOOL(dot_config, normalize, NULL, "false"),
    HORN__OWN(dot_config, small_norms),
};

static horn_status dot_create(horn__layer *layer) {
  dot_config *config = layer->config;
  config->small_norms = config->small_norms || layer->keras >= 3;
  return HORN_OK;
}

/* The axis of input i; the batch is none. */
static horn_status find_axis(const horn__call *call, int32_t i, int32_t *out) {
  const cJSON *axes = ((const dot_config *)call->config)->axes;
  const int32_t rank = horn__call_type(call, i)->shape.rank;
  int64_t axis;
  if (cJSON_IsArray(axes) && cJSON_GetArraySize(axes) == 2) axes = cJSON_GetArrayItem(axes, i);
  if (!horn__json_int(axes, -HORN_MAX_RANK, HORN_MAX_RANK, &axis))
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "axes must be an integer or two of them");
  if (rank < 2) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected inputs of rank 2 or more, got rank %d", rank);
  if (!horn__axis((int32_t)axis, rank, out) || *out == 0)
    return horn__layer_fail(call->layer, HORN_E_SHAPE, "axis %d is the batch, or out of range for an input of rank %d", (int)axis, rank);
  return HORN_OK;
}

static horn__value normalized(const horn__call *call, horn__value x, int32_t axis) {
  const horn__reduce reduce = {.axes = {1, {axis}}, .keep_dims = true};
  horn__graph *g = call->graph;
  const double least = ((const dot_config *)call->config)->small_norms ? 1e-14 : 1e-12;
  const horn__value squares = HORN__EMIT(g, Sum, &reduce, horn__square(g, x));
  return horn__mul(g, x, HORN__EMIT(g, Rsqrt, NULL, HORN__EMIT(g, Maximum, NULL, squares, horn__graph_scalar(g, least))));
}

/* "a" is the batch, "b" what is summed; the other axes have letters of their own, in the output in their order. */
static void spell(const int32_t *ranks, const int32_t *axes, char *text) {
  char out[2 * HORN_MAX_RANK], next = 'c';
  size_t made = 0, length = 0;
  out[made++] = 'a';
  for (int32_t i = 0; i < 2; i++) {
    if (i == 1) text[length++] = ',';
    for (int32_t d = 0; d < ranks[i]; d++) {
      const char letter = d == 0 ? 'a' : d == axes[i] ? 'b' : next++;
      text[length++] = letter;
      if (d != 0 && d != axes[i]) out[made++] = letter;
    }
  }
  text[length++] = '-';
  text[length++] = '>';
  for (size_t i = 0; i < made; i++) text[length++] = out[i];
  text[length] = '\0';
}

static horn_status dot_call(horn__call *call) {
  static const horn__axes last = {.axes = {1, {1}}};
  const dot_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value in[2];
  int32_t axes[2], ranks[2];
  char equation[4 * HORN_MAX_RANK + 4];
  for (int32_t i = 0; i < 2; i++) {
    HORN__TRY(find_axis(call, i, &axes[i]));
    ranks[i] = horn__call_type(call, i)->shape.rank;
    in[i] = config->normalize ? normalized(call, call->in[i].value, axes[i]) : call->in[i].value;
  }
  if (ranks[0] + ranks[1] - 3 > HORN_MAX_RANK)
    return horn__layer_fail(call->layer, HORN_E_LIMIT, "the result has more than %d dimensions", HORN_MAX_RANK);
  spell(ranks, axes, equation);
  const horn__value y = HORN__EMIT(g, Einsum, &(horn__einsum){equation}, in[0], in[1]);
  return horn__return(call, ranks[0] + ranks[1] > 4 ? y : HORN__EMIT(g, ExpandDims, &last, y));
}

const horn__layer_class horn__layer_Dot = {
    .name = "Dot", .min_inputs = 2, .max_inputs = 2, .config = HORN__FIELDS(dot_config, dot_rows), .create = dot_create, .call = dot_call};
