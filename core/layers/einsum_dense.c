/* EinsumDense: y = activation(einsum(equation, x, kernel) + bias). Reference: keras/src/layers/core/einsum_dense.py. */
#include <string.h>

#include "layers/common.h"

typedef struct einsum_dense_config {
  const char *equation, *bias_axes;
  horn__ints output_shape; /* without the batch, and without what an ellipsis stands for; -1: unknown */
  int32_t activation;
  HORN__WEIGHT_MEMBERS(kernel);
  HORN__WEIGHT_MEMBERS(bias);
  const cJSON *activity_regularizer;
} einsum_dense_config;

static const horn__field einsum_dense_rows[] = {
    HORN__TEXT(einsum_dense_config, equation, NULL, NULL),
    HORN__INTS(einsum_dense_config, output_shape, NULL, NULL),
    HORN__ENUM(einsum_dense_config, activation, horn__activation_names, NULL, "\"linear\""),
    HORN__TEXT(einsum_dense_config, bias_axes, NULL, "null"),
    HORN__WEIGHT_ROWS(einsum_dense_config, kernel, HORN__GLOROT_UNIFORM),
    HORN__WEIGHT_ROWS(einsum_dense_config, bias, HORN__ZEROS),
    HORN__JSON(einsum_dense_config, activity_regularizer, NULL, "null"),
};

/* The letters of the equation's terms, and what is known of its axes. */
typedef struct terms {
  char x[HORN_MAX_RANK + 1], kernel[HORN_MAX_RANK + 1], y[HORN_MAX_RANK + 1];
  bool left, right;   /* where the ellipsis is */
  int32_t elided;     /* axes that it stands for */
  int32_t sizes[HORN_MAX_RANK * 3]; /* of the output */
  int32_t rank;
} terms;

/* Letters up to one of the characters of `ends`; NULL where there are none, or too many. */
static const char *read_letters(const char *text, const char *ends, char *out) {
  int32_t count = 0;
  for (; *text != '\0' && strchr(ends, *text) == NULL; text++) {
    if (*text == ' ') continue;
    if (count == HORN_MAX_RANK) return NULL;
    out[count++] = *text;
  }
  out[count] = '\0';
  return count == 0 ? NULL : text;
}

static const char *skip(const char *text, const char *word) {
  const size_t length = strlen(word);
  return text != NULL && strncmp(text, word, length) == 0 ? text + length : NULL;
}

/* x,k->y with an ellipsis before x and y, behind them, or nowhere. */
static bool read_terms(const char *text, terms *t) {
  *t = (terms){.left = strncmp(text, "...", 3) == 0};
  text = read_letters(t->left ? text + 3 : text, ".,", t->x);
  if (text == NULL) return false;
  t->right = !t->left && *text == '.';
  text = skip(text, t->right ? "...," : ",");
  text = text == NULL ? NULL : read_letters(text, "-", t->kernel);
  text = skip(text, t->left ? "->..." : "->");
  text = text == NULL ? NULL : read_letters(text, ".", t->y);
  return text != NULL && strcmp(text, t->right ? "..." : "") == 0;
}

/* The output's sizes: the batch, what the ellipsis stands for, and output_shape. */
static horn_status set_sizes(const horn__layer *layer, const horn__shape *x, terms *t) {
  const horn__ints *given = &((const einsum_dense_config *)layer->config)->output_shape;
  t->elided = x->rank - (int32_t)strlen(t->x);
  if (t->elided < 0 || (t->elided > 0 && !t->left && !t->right) || x->rank < 1)
    return horn__layer_fail(layer, HORN_E_SHAPE, "the equation does not fit an input of rank %d", x->rank);
  t->sizes[t->rank++] = x->dims[0];
  for (int32_t i = 1; t->left && i < t->elided; i++) t->sizes[t->rank++] = x->dims[i];
  for (int32_t i = 0; i < given->count; i++) t->sizes[t->rank++] = given->values[i];
  for (int32_t i = x->rank - t->elided; t->right && i < x->rank; i++) t->sizes[t->rank++] = x->dims[i];
  return HORN_OK;
}

static int32_t place(const char *letters, char letter) {
  const char *found = strchr(letters, letter);
  return found == NULL ? -1 : (int32_t)(found - letters);
}

/* The size of a letter of the output, -1 where output_shape is too short. */
static int32_t output_size(const terms *t, int32_t index) {
  const int32_t at = index + (t->left ? t->elided : 0);
  return at < t->rank ? t->sizes[at] : -1;
}

static horn_status add_kernel(horn__layer *layer, const horn__shape *x, const terms *t) {
  int32_t dims[HORN_MAX_RANK], rank = (int32_t)strlen(t->kernel);
  for (int32_t i = 0; i < rank; i++) {
    const int32_t out = place(t->y, t->kernel[i]), in = place(t->x, t->kernel[i]);
    if (out < 0 && in < 0)
      return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "the kernel's axis \"%c\" is one of neither the input nor the output", t->kernel[i]);
    dims[i] = out >= 0 ? output_size(t, out) : x->dims[in + (t->left ? t->elided : 0)];
  }
  return horn__add_weight(layer, "kernel", rank, dims, true);
}

/* From the first of bias_axes on, with 1 for the axes that are not among them. */
static horn_status add_bias(horn__layer *layer, const char *axes, const terms *t) {
  int32_t dims[HORN_MAX_RANK * 2], rank = 0, length = (int32_t)strlen(t->y);
  for (const char *axis = axes; *axis != '\0'; axis++)
    if (place(t->y, *axis) < 0)
      return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "bias_axes has \"%c\", which is no axis of the output", *axis);
  for (int32_t i = 0; i < length; i++) {
    const bool learnt = place(axes, t->y[i]) >= 0;
    if (learnt || rank > 0) dims[rank++] = learnt ? output_size(t, i) : 1;
  }
  for (int32_t i = 0; t->right && i < t->elided; i++) dims[rank++] = 1;
  return horn__add_weight(layer, "bias", rank, dims, true);
}

static horn_status einsum_dense_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const einsum_dense_config *config = layer->config;
  terms t;
  if (!read_terms(config->equation, &t))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT,
                            "equation must be of the form [X],[Y]->[Z], ...[X],[Y]->...[Z], or [X]...,[Y]->[Z]..., got \"%.100s\"", config->equation);
  HORN__TRY(set_sizes(layer, &inputs[0].shape, &t));
  HORN__TRY(add_kernel(layer, &inputs[0].shape, &t));
  return config->bias_axes == NULL || config->bias_axes[0] == '\0' ? HORN_OK : add_bias(layer, config->bias_axes, &t);
}

static horn_status einsum_dense_call(horn__call *call) {
  const einsum_dense_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value y = HORN__EMIT(g, Einsum, &(horn__einsum){config->equation}, call->in[0].value, horn__weight_value(call, 0));
  if (call->layer->weight_count > 1) y = horn__add(g, y, horn__weight_value(call, 1));
  return horn__return(call, horn__activation_value(g, y, config->activation));
}

const horn__layer_class horn__layer_EinsumDense = {
    .name = "EinsumDense", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(einsum_dense_config, einsum_dense_rows),
    .build = einsum_dense_build, .call = einsum_dense_call};
