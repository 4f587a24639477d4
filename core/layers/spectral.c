/* SpectralNormalization: another layer, whose kernel training divides by its largest singular value. In inference the kernel is what training has
 * made of it. Reference: keras/src/layers/normalization/spectral_normalization.py; Miyato et al., Spectral Normalization for Generative
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

static const horn__weight *find_kernel(const horn__layer *child) {
  for (size_t i = 0; i < child->weight_count; i++)
    if (strcmp(child->weights[i].name, "kernel") == 0 || strcmp(child->weights[i].name, "embeddings") == 0) return &child->weights[i];
  return NULL;
}

/* The weight is there for training to go on from: as long as the kernel's last axis. */
static horn_status spectral_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  horn__layer *child = layer->children[0];
  HORN__TRY(horn__layer_build(child, inputs, count));
  const horn__weight *kernel = find_kernel(child);
  if (kernel == NULL) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s has neither a kernel nor embeddings", child->type->name);
  HORN__TRY(horn__add_weight(layer, "vector_u", 2, (const int32_t[]){1, kernel->shape.dims[kernel->shape.rank - 1]}, false));
  layer->weights[0].initializer = "{\"class_name\":\"TruncatedNormal\",\"config\":{\"mean\":0.0,\"stddev\":0.02,\"seed\":null}}";
  return HORN_OK;
}

static horn_status spectral_call(horn__call *call) {
  if (horn__is_training(call->graph)) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "it cannot be trained yet");
  return horn__layer_call(call->layer->children[0], call->graph, call->in, call->count, call->out, &call->outputs);
}

const horn__layer_class horn__layer_SpectralNormalization = {
    .name = "SpectralNormalization", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(spectral_config, spectral_rows),
    .create = spectral_create, .build = spectral_build, .call = spectral_call};
