/* SpectralNormalization: another layer, whose kernel W each call in training divides by its largest singular value, found by power iterations that
 * go on from one call to the next: v = u W' / |u W'|, u = v W / |v W|, W = W / (v W u'). In inference the kernel is what training has made of
 * it. Reference: keras/src/layers/normalization/spectral_normalization.py; Miyato et al., Spectral Normalization for Generative
 * Adversarial Networks (2018). */
#include <string.h>

#include "layers/common.h"

typedef struct spectral_config {
  const cJSON *layer;
  int32_t power_iterations;
} spectral_config;

static const horn__field spectral_rows[] = {
    HORN__JSON(spectral_config, layer, NULL, NULL),
    HORN__INT(spectral_config, power_iterations, NULL, "1"),
};

static horn_status spectral_create(horn__layer *layer) {
  const spectral_config *config = layer->config;
  horn__layer *child;
  HORN__TRY(horn__check_least(layer, "power_iterations", &config->power_iterations, 1, 1));
  return horn__add_child(layer, config->layer, layer->prefix, &child);
}

/* Its index, -1: none. */
static int32_t find_kernel(const horn__layer *child) {
  for (size_t i = 0; i < child->weight_count; i++)
    if (strcmp(child->weights[i].name, "kernel") == 0 || strcmp(child->weights[i].name, "embeddings") == 0) return (int32_t)i;
  return -1;
}

/* The weight is there for training to go on from: as long as the kernel's last axis. */
static horn_status spectral_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  horn__layer *child = layer->children[0];
  HORN__TRY(horn__layer_build(child, inputs, count));
  const int32_t kernel = find_kernel(child);
  if (kernel < 0) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s has neither a kernel nor embeddings", child->type->name);
  const horn__shape *shape = &child->weights[kernel].shape;
  HORN__TRY(horn__add_weight(layer, "vector_u", 2, (const int32_t[]){1, shape->dims[shape->rank - 1]}, false));
  layer->weights[0].initializer = "{\"class_name\":\"TruncatedNormal\",\"config\":{\"mean\":0.0,\"stddev\":0.02,\"seed\":null}}";
  return HORN_OK;
}

/* x as long as 1. */
static horn__value unit(horn__graph *g, horn__value x) {
  const horn__reduce all = {.axes = {2, {0, 1}}, .keep_dims = true};
  const horn__value sum = HORN__EMIT(g, Sum, &all, horn__square(g, x));
  return horn__mul(g, x, HORN__EMIT(g, Rsqrt, NULL, HORN__EMIT(g, Maximum, NULL, sum, horn__graph_scalar(g, 1e-14))));
}

/* W / (v W u'), after some power iterations that move u. W of zeros stays, and u with it. */
static horn__value normalized(const horn__call *call, horn__value kernel, horn__value *u) {
  horn__graph *g = call->graph;
  const horn__matmul transposed = {.transpose_b = true};
  const horn__shape *shape = &horn__type_of(g, kernel)->shape;
  const horn__reshape flat = {.shape = {2, {-1, shape->dims[shape->rank - 1]}}};
  const horn__reduce all = {.axes = {.count = -1}};
  const horn__value w = HORN__EMIT(g, Reshape, &flat, kernel), zero = horn__graph_scalar(g, 0);
  horn__value moved = *u, v = HORN__NONE;
  for (int32_t i = 0; i < ((const spectral_config *)call->config)->power_iterations; i++) {
    v = unit(g, HORN__EMIT(g, BatchMatMul, &transposed, moved, w));
    moved = unit(g, HORN__EMIT(g, BatchMatMul, NULL, v, w));
  }
  const horn__value sigma = HORN__EMIT(g, Sum, &all, horn__mul(g, HORN__EMIT(g, BatchMatMul, NULL, v, w), moved));
  const horn__value any = HORN__EMIT(g, Any, &all, HORN__EMIT(g, NotEqual, NULL, kernel, zero));
  *u = horn__select(g, any, moved, *u);
  return horn__select(g, any, horn__div(g, kernel, sigma), kernel);
}

/* The kernel is assigned before the child is called: its gradient is that of the normalized one, though it flows to the weight. */
static horn_status train(horn__call *call) {
  horn__graph *g = call->graph;
  horn__layer *child = call->layer->children[0];
  horn__call inner = {.layer = child, .graph = g};
  const int32_t index = find_kernel(child);
  const horn__value kernel = horn__weight_value(&inner, index);
  horn__value u = horn__moved_weight(call, 0);
  const horn__value next = normalized(call, horn__moved_weight(&inner, index), &u);
  horn__move_weight(call, 0, u);
  horn__move_weight(&inner, index, next);
  const horn__value change = horn__sub(g, kernel, HORN__EMIT(g, StopGradient, NULL, kernel)); /* zeros */
  child->weights[index].value = horn__add(g, child->weights[index].next, change);
  const horn_status status = horn__layer_call(child, g, call->in, call->count, call->out, &call->outputs);
  child->weights[index].value = kernel;
  return status;
}

static horn_status spectral_call(horn__call *call) {
  if (horn__is_training(call->graph)) return train(call);
  return horn__layer_call(call->layer->children[0], call->graph, call->in, call->count, call->out, &call->outputs);
}

const horn__layer_class horn__layer_SpectralNormalization = {
    .name = "SpectralNormalization", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(spectral_config, spectral_rows),
    .create = spectral_create, .build = spectral_build, .call = spectral_call};
