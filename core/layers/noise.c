/* Layers that add or multiply noise in training, and are the identity in inference.
 *   GaussianNoise:   y = x + n, n ~ N(0, stddev^2)
 *   GaussianDropout: y = x n, n ~ N(1, rate / (1 - rate))
 *   AlphaDropout:    what is dropped becomes a' = -scale alpha of SELU; y = a (x or a') + b keeps mean 0 and variance 1.
 * Reference: keras/src/layers/regularization; Klambauer et al., Self-Normalizing Neural Networks (2017). */
#include <math.h>

#include "cJSON.h"
#include "layers/common.h"

typedef struct noise_config {
  double stddev, rate;
  horn__ints noise_shape;
  const cJSON *seed;
} noise_config;

static horn_status check_rate(horn__layer *layer) {
  const double rate = ((const noise_config *)layer->config)->rate;
  if (rate >= 0 && rate <= 1) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "rate must be in [0, 1], got %g", rate);
}

/* ---- GaussianNoise --------------------------------------------------------------------------------------------------- */

static const horn__field noise_rows[] = {HORN__FLOAT(noise_config, stddev, NULL, NULL), HORN__JSON(noise_config, seed, NULL, "null")};

static horn_status check_stddev(horn__layer *layer) {
  const double stddev = ((const noise_config *)layer->config)->stddev;
  if (stddev >= 0) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "stddev must not be negative, got %g", stddev);
}

static horn_status noise_call(horn__call *call) {
  horn__value x = call->in[0].value;
  const double stddev = ((const noise_config *)call->config)->stddev;
  if (!horn__is_training(call->graph) || stddev == 0) return horn__return(call, x);
  x = horn__as_float(call->graph, x);
  return horn__return(call, horn__add(call->graph, x, horn__draw_normal(call, x, NULL, 0, stddev)));
}

const horn__layer_class horn__layer_GaussianNoise = {
    .name = "GaussianNoise", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(noise_config, noise_rows), .create = check_stddev, .call = noise_call};

/* ---- GaussianDropout ------------------------------------------------------------------------------------------------- */

static const horn__field gaussian_rows[] = {HORN__FLOAT(noise_config, rate, NULL, NULL), HORN__JSON(noise_config, seed, NULL, "null")};

static horn_status gaussian_call(horn__call *call) {
  horn__value x = call->in[0].value;
  const double rate = ((const noise_config *)call->config)->rate;
  if (!horn__is_training(call->graph) || rate == 0) return horn__return(call, x);
  x = horn__as_float(call->graph, x);
  return horn__return(call, horn__mul(call->graph, x, horn__draw_normal(call, x, NULL, 1, sqrt(rate / (1 - rate)))));
}

const horn__layer_class horn__layer_GaussianDropout = {
    .name = "GaussianDropout", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(noise_config, gaussian_rows), .create = check_rate, .call = gaussian_call};

/* ---- AlphaDropout ---------------------------------------------------------------------------------------------------- */

static const horn__field alpha_rows[] = {
    HORN__FLOAT(noise_config, rate, NULL, NULL),
    HORN__INTS(noise_config, noise_shape, NULL, "null"),
    HORN__JSON(noise_config, seed, NULL, "null"),
};

static const double selu_alpha = 1.6732632423543772848170429916717, selu_scale = 1.0507009873554804934193349852946;

static horn_status alpha_call(horn__call *call) {
  const noise_config *config = call->config;
  horn__graph *graph = call->graph;
  horn__value x = call->in[0].value;
  const double rate = config->rate, dropped = -selu_alpha * selu_scale, a = 1 / sqrt((1 - rate) * (1 + rate * dropped * dropped));
  horn__ints noise = config->noise_shape;
  if (!horn__is_training(graph) || rate == 0) return horn__return(call, x);
  for (int32_t i = 0; i < noise.count; i++)
    if (noise.values[i] != 1) noise.values[i] = -1; /* the size of an axis means as much as one that is left open */
  x = horn__as_float(graph, x);
  horn__value drawn = horn__draw_uniform(call, x, noise.count < 0 ? NULL : &noise, 0, 1);
  horn__value keep = HORN__EMIT(graph, GreaterEqual, NULL, drawn, horn__graph_scalar(graph, rate));
  horn__value y = HORN__EMIT(graph, Select, NULL, keep, x, horn__graph_scalar(graph, dropped));
  return horn__return(call, horn__shift(graph, horn__scale(graph, y, a), -a * dropped * rate));
}

const horn__layer_class horn__layer_AlphaDropout = {
    .name = "AlphaDropout", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(noise_config, alpha_rows), .create = check_rate, .call = alpha_call};
