/* BatchNormalization, LayerNormalization, GroupNormalization, RMSNormalization, UnitNormalization. Reference:
 * keras/src/layers/normalization, tf_keras/src/layers/normalization. */
#include <stdlib.h>

#include "layers/common.h"

/* ---- what they share -------------------------------------------------------------------------------------------------- */

static horn__value mean_over(horn__graph *g, horn__value x, const horn__ints *axes) {
  const horn__reduce reduce = {*axes, true};
  return axes->count == 0 ? x : HORN__EMIT(g, Mean, &reduce, x);
}

/* 1 / sqrt(x + epsilon) */
static horn__value inverse_root(horn__graph *g, horn__value x, double epsilon) {
  return HORN__EMIT(g, Rsqrt, NULL, horn__shift(g, x, epsilon));
}

/* y gamma + beta, either of which may be absent. */
static horn__value scale_and_shift(horn__graph *g, horn__value y, horn__value gamma, horn__value beta) {
  if (gamma != HORN__NONE) y = horn__mul(g, y, gamma);
  return beta == HORN__NONE ? y : horn__add(g, y, beta);
}

/* The axes of a config as axes of an input, none twice. */
static horn_status find_axes(const horn__layer *layer, const horn__ints *axes, const horn__type *input, horn__ints *out) {
  uint32_t seen = 0;
  out->count = axes->count;
  if (axes->count < 1) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "expected at least one axis");
  for (int32_t i = 0; i < axes->count; i++) {
    if (!horn__axis(axes->values[i], input->shape.rank, &out->values[i]))
      return horn__layer_fail(layer, HORN_E_SHAPE, "axis %d is out of range for an input of rank %d", axes->values[i], input->shape.rank);
    if (seen >> out->values[i] & 1) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "axis %d is given twice", axes->values[i]);
    seen |= 1u << out->values[i];
  }
  return HORN_OK;
}

/* The dimensions of the axes, in their order: the shape of a weight along them. */
static horn__shape along(const horn__shape *x, const horn__ints *axes) {
  horn__shape shape = {.rank = axes->count};
  for (int32_t i = 0; i < axes->count; i++) shape.dims[i] = x->dims[axes->values[i]];
  return shape;
}

/* A weight along axes of x, for a product with x: with a 1 for each other axis, unless the axes are x's last. */
static horn__value spread(horn__call *call, horn__value weight, const horn__ints *axes) {
  const horn__shape *x = &horn__call_type(call, 0)->shape;
  horn__reshape shape = {.shape = {.count = x->rank}};
  bool last = true;
  if (weight == HORN__NONE) return weight;
  for (int32_t i = 0; i < x->rank; i++) shape.shape.values[i] = 1;
  for (int32_t i = 0; i < axes->count; i++) {
    last = last && axes->values[i] == x->rank - axes->count + i;
    shape.shape.values[axes->values[i]] = x->dims[axes->values[i]];
  }
  return last ? weight : HORN__EMIT(call->graph, Reshape, &shape, weight);
}

/* ---- BatchNormalization along one axis: y = (x - mean) gamma / sqrt(variance + epsilon) + beta; mean and variance are weights, and in
 * training the batch's, which the weights follow. Ioffe and Szegedy, Batch Normalization (2015) --------------------------------- */

typedef struct batch_normalization_config {
  int32_t axis;
  double momentum, epsilon;
  bool center, scale, renorm;
  bool sample_variance;  /* moves moving_variance, where Keras 2 uses TensorFlow's fused kernel; Keras 3 and TensorFlow.js take the batch's own */
  HORN__WEIGHT_MEMBERS(beta);
  HORN__WEIGHT_MEMBERS(gamma);
  const cJSON *moving_mean_initializer, *moving_variance_initializer;
} batch_normalization_config;

static const horn__field batch_normalization_rows[] = {
    HORN__INT(batch_normalization_config, axis, NULL, "-1"),
    HORN__FLOAT(batch_normalization_config, momentum, NULL, "0.99"),
    HORN__FLOAT(batch_normalization_config, epsilon, NULL, "0.001"),
    HORN__BOOL(batch_normalization_config, center, NULL, "true"),
    HORN__BOOL(batch_normalization_config, scale, NULL, "true"),
    HORN__WEIGHT_ROWS(batch_normalization_config, beta, HORN__ZEROS),
    HORN__WEIGHT_ROWS(batch_normalization_config, gamma, HORN__ONES),
    HORN__JSON(batch_normalization_config, moving_mean_initializer, NULL, HORN__ZEROS),
    HORN__JSON(batch_normalization_config, moving_variance_initializer, NULL, HORN__ONES),
    HORN__FLAG(batch_normalization_config, renorm),
    HORN__OWN(batch_normalization_config, sample_variance),
};

static horn_status find_axis(const horn__layer *layer, const horn__type *input, int32_t *out) {
  const batch_normalization_config *config = layer->config;
  if (horn__axis(config->axis, input->shape.rank, out)) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_SHAPE, "axis %d is out of range for an input of rank %d", config->axis, input->shape.rank);
}

static horn_status batch_normalization_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const batch_normalization_config *config = layer->config;
  int32_t axis;
  HORN__TRY(find_axis(layer, &inputs[0], &axis));
  const int32_t *channels = &inputs[0].shape.dims[axis];
  if (config->scale) HORN__TRY(horn__add_weight(layer, "gamma", 1, channels, true));
  if (config->center) HORN__TRY(horn__add_weight(layer, "beta", 1, channels, true));
  HORN__TRY(horn__add_weight(layer, "moving_mean", 1, channels, false));
  return horn__add_weight(layer, "moving_variance", 1, channels, false);
}

/* Mean and variance over all but the last axis of x; with a mask, over the steps that count. */
static void batch_moments(horn__graph *g, horn__value x, horn__value mask, horn__value *mean, horn__value *variance) {
  const int32_t rank = horn__type_of(g, x)->shape.rank, mask_rank = mask == HORN__NONE ? rank : horn__type_of(g, mask)->shape.rank;
  horn__reduce over = {.axes = {.count = rank - 1}};
  horn__axes behind = {.axes = {.count = rank - mask_rank}};
  for (int32_t i = 0; i < rank - 1; i++) over.axes.values[i] = i;
  for (int32_t i = 0; i < behind.axes.count; i++) behind.axes.values[i] = mask_rank + i;
  if (mask == HORN__NONE) {
    *mean = HORN__EMIT(g, Mean, &over, x);
    *variance = HORN__EMIT(g, Mean, &over, horn__square(g, horn__sub(g, x, *mean)));
    return;
  }
  const horn__cast to_float = {HORN_FLOAT32};
  const horn__value counts = HORN__EMIT(g, BroadcastLike, NULL, HORN__EMIT(g, ExpandDims, &behind, HORN__EMIT(g, Cast, &to_float, mask)), x);
  const horn__value total = horn__shift(g, HORN__EMIT(g, Sum, &over, counts), 1e-7); /* keras.config.epsilon() */
  *mean = horn__div(g, HORN__EMIT(g, Sum, &over, horn__mul(g, x, counts)), total);
  const horn__value difference = horn__mul(g, horn__sub(g, x, *mean), counts);
  *variance = horn__div(g, HORN__EMIT(g, Sum, &over, horn__square(g, difference)), total);
}

/* moving = moving momentum + now (1 - momentum) */
static void follow(horn__call *call, int32_t index, horn__value now) {
  horn__graph *g = call->graph;
  const double momentum = ((const batch_normalization_config *)call->config)->momentum;
  const horn__value moving = horn__scale(g, horn__moved_weight(call, index), momentum);
  horn__move_weight(call, index, horn__add(g, moving, horn__scale(g, now, 1 - momentum)));
}

/* Keras 2 normalizes images and volumes by the fused kernel, with their channels first or last. */
static bool is_fused(const horn__call *call, int32_t axis) {
  const int32_t rank = horn__call_type(call, 0)->shape.rank;
  return ((const batch_normalization_config *)call->config)->sample_variance && (rank == 4 || rank == 5) && (axis == 1 || axis == rank - 1);
}

/* Which moves moving_variance by the variance times n / (n - 1). */
static horn__value sample_variance(horn__graph *g, horn__value x, horn__value variance) {
  const horn__value count = HORN__EMIT(g, CountLike, NULL, x, variance);
  const horn__value others = HORN__EMIT(g, Maximum, NULL, horn__shift(g, count, -1), horn__graph_scalar(g, 1));
  return horn__mul(g, variance, horn__div(g, count, others));
}

static horn_status batch_normalization_call(horn__call *call) {
  const batch_normalization_config *config = call->config;
  horn__graph *g = call->graph;
  int32_t axis, next = 0;
  HORN__TRY(find_axis(call->layer, horn__call_type(call, 0), &axis));
  horn__value gamma = config->scale ? horn__weight_value(call, next++) : HORN__NONE;
  horn__value beta = config->center ? horn__weight_value(call, next++) : HORN__NONE;
  horn__value x = horn__axis_to_last(g, call->in[0].value, axis), y;
  if (horn__is_training(g) && call->layer->trainable) { /* frozen, it infers */
    horn__value now, spread_now;
    batch_moments(g, x, call->in[0].mask, &now, &spread_now);
    follow(call, next, now);
    follow(call, next + 1, is_fused(call, axis) ? sample_variance(g, x, spread_now) : spread_now);
    y = horn__mul(g, horn__sub(g, x, now), inverse_root(g, spread_now, config->epsilon));
    y = scale_and_shift(g, y, gamma, beta);
  } else {
    const horn__value mean = horn__moved_weight(call, next), variance = horn__moved_weight(call, next + 1);
    y = HORN__EMIT(g, FusedBatchNorm, &(horn__batch_norm){config->epsilon}, x, gamma, beta, mean, variance);
  }
  return horn__return(call, horn__axis_from_last(g, y, axis));
}

/* Renormalization takes other weights and other sums. */
static horn_status batch_normalization_create(horn__layer *layer) {
  batch_normalization_config *config = layer->config;
  config->sample_variance = config->sample_variance || layer->keras == 1 || layer->keras == 2;
  if (!config->renorm) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "renorm is not supported");
}

const horn__layer_class horn__layer_BatchNormalization = {
    .name = "BatchNormalization", .aliases = "BatchNormalizationV1|BatchNormalizationV2|SyncBatchNormalization", .mask = HORN__MASK_PASSES,
    .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(batch_normalization_config, batch_normalization_rows),
    .create = batch_normalization_create, .build = batch_normalization_build, .call = batch_normalization_call};

/* ---- LayerNormalization: y = (x - mean) gamma / sqrt(variance + epsilon) + beta over the axes of each sample. Ba et al., Layer
 * Normalization (2016). GroupNormalization has the same fields ------------------------------------------------------------------ */

typedef struct norm_config {
  horn__ints axis; /* GroupNormalization: one */
  int32_t groups;
  double epsilon;
  bool center, scale;
  bool rms_scaling; /* old Keras 3: x gamma / sqrt(variance + epsilon), nothing subtracted and no beta */
  HORN__WEIGHT_MEMBERS(beta);
  HORN__WEIGHT_MEMBERS(gamma);
} norm_config;

#define NORM_ROWS                                                                                                      \
  HORN__FLOAT(norm_config, epsilon, NULL, "0.001"), HORN__BOOL(norm_config, center, NULL, "true"),                     \
      HORN__BOOL(norm_config, scale, NULL, "true"), HORN__WEIGHT_ROWS(norm_config, beta, HORN__ZEROS),                 \
      HORN__WEIGHT_ROWS(norm_config, gamma, HORN__ONES)

static const horn__field layer_normalization_rows[] = {
    HORN__INTS(norm_config, axis, NULL, "-1"), NORM_ROWS, HORN__FLAG(norm_config, rms_scaling)};

static int ascending(const void *a, const void *b) {
  const int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
  return (left > right) - (left < right);
}

/* Keras 3 sorts the axes before it asks for weights along them. */
static void sort_axes(const horn__layer *layer, horn__ints *axes) {
  if (layer->keras >= 3 && axes->count > 1) qsort(axes->values, (size_t)axes->count, sizeof *axes->values, ascending);
}

static horn_status layer_normalization_create(horn__layer *layer) {
  norm_config *config = layer->config;
  sort_axes(layer, &config->axis);
  config->scale = config->scale || config->rms_scaling;
  config->center = config->center && !config->rms_scaling;
  return HORN_OK;
}

static horn_status layer_normalization_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const norm_config *config = layer->config;
  horn__ints axes;
  HORN__TRY(find_axes(layer, &config->axis, &inputs[0], &axes));
  const horn__shape shape = along(&inputs[0].shape, &axes);
  if (config->scale) HORN__TRY(horn__add_weight(layer, "gamma", shape.rank, shape.dims, true));
  return config->center ? horn__add_weight(layer, "beta", shape.rank, shape.dims, true) : HORN_OK;
}

static horn_status layer_normalization_call(horn__call *call) {
  const norm_config *config = call->config;
  horn__graph *g = call->graph;
  horn__ints axes;
  HORN__TRY(find_axes(call->layer, &config->axis, horn__call_type(call, 0), &axes));
  const horn__value x = horn__as_float(g, call->in[0].value);
  const horn__value difference = horn__sub(g, x, mean_over(g, x, &axes));
  const horn__value inverse = inverse_root(g, mean_over(g, horn__square(g, difference), &axes), config->epsilon);
  const horn__value y = horn__mul(g, config->rms_scaling ? x : difference, inverse);
  const horn__value gamma = config->scale ? spread(call, horn__weight_value(call, 0), &axes) : HORN__NONE;
  const horn__value beta = config->center ? spread(call, horn__weight_value(call, config->scale ? 1 : 0), &axes) : HORN__NONE;
  return horn__return(call, scale_and_shift(g, y, gamma, beta));
}

const horn__layer_class horn__layer_LayerNormalization = {
    .name = "LayerNormalization", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(norm_config, layer_normalization_rows), .create = layer_normalization_create,
    .build = layer_normalization_build, .call = layer_normalization_call};

/* ---- GroupNormalization: the same over all but the batch and groups of channels. Wu and He, Group Normalization (2018) ------------ */

static const horn__field group_normalization_rows[] = {
    HORN__INT(norm_config, groups, NULL, "32"), HORN__INTS(norm_config, axis, NULL, "-1"), NORM_ROWS};

static horn_status group_normalization_create(horn__layer *layer) {
  const norm_config *config = layer->config;
  if (config->axis.count != 1) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "axis must be an integer");
  if (config->groups > 0 || config->groups == -1) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "groups must be positive, or -1 for one a channel, got %d", config->groups);
}

static horn_status group_normalization_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  const norm_config *config = layer->config;
  horn__ints axis;
  HORN__TRY(find_axes(layer, &config->axis, &inputs[0], &axis));
  const int32_t channels = inputs[0].shape.dims[axis.values[0]];
  if (axis.values[0] == 0) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "axis must not be the batch");
  if (channels >= 0 && config->groups > 0 && (channels < config->groups || channels % config->groups != 0))
    return horn__layer_fail(layer, HORN_E_SHAPE, "the number of channels (%d) must be a multiple of the number of groups (%d)", channels,
                            config->groups);
  return layer_normalization_build(layer, inputs, count);
}

/* The mean of each group of channels, of numbers a channel [B, 1..., C], for each of its channels. */
static horn__value group_mean(horn__graph *g, horn__value x, int32_t groups) {
  static const horn__reduce last = {.axes = {1, {2}}, .keep_dims = true};
  const horn__shape shape = horn__type_of(g, x)->shape;
  const int32_t channels = shape.dims[shape.rank - 1];
  const horn__reshape split = {.shape = {3, {-1, groups, channels / groups}}};
  horn__reshape whole = {.shape = {.count = shape.rank, .values = {-1}}};
  for (int32_t i = 1; i < shape.rank; i++) whole.shape.values[i] = i == shape.rank - 1 ? channels : 1;
  const horn__value mean = HORN__EMIT(g, Mean, &last, HORN__EMIT(g, Reshape, &split, x));
  return HORN__EMIT(g, Reshape, &whole, HORN__EMIT(g, BroadcastTo, &split, mean));
}

static horn_status group_normalization_call(horn__call *call) {
  const norm_config *config = call->config;
  horn__graph *g = call->graph;
  horn__ints axis, places = {0};
  HORN__TRY(find_axes(call->layer, &config->axis, horn__call_type(call, 0), &axis));
  const horn__value x = horn__axis_to_last(g, horn__as_float(g, call->in[0].value), axis.values[0]);
  const horn__shape shape = horn__type_of(g, x)->shape;
  const int32_t groups = config->groups < 0 ? shape.dims[shape.rank - 1] : config->groups;
  if (shape.dims[shape.rank - 1] < 1) return horn__layer_fail(call->layer, HORN_E_SHAPE, "the number of channels must be known");
  for (int32_t i = 1; i < shape.rank - 1; i++) places.values[places.count++] = i;
  const horn__value difference = horn__sub(g, x, group_mean(g, mean_over(g, x, &places), groups));
  const horn__value variance = group_mean(g, mean_over(g, horn__square(g, difference), &places), groups);
  const horn__value y = horn__mul(g, difference, inverse_root(g, variance, config->epsilon));
  const horn__value gamma = config->scale ? horn__weight_value(call, 0) : HORN__NONE;
  const horn__value beta = config->center ? horn__weight_value(call, config->scale ? 1 : 0) : HORN__NONE;
  return horn__return(call, horn__axis_from_last(g, scale_and_shift(g, y, gamma, beta), axis.values[0]));
}

const horn__layer_class horn__layer_GroupNormalization = {
    .name = "GroupNormalization", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(norm_config, group_normalization_rows), .create = group_normalization_create,
    .build = group_normalization_build, .call = group_normalization_call};

/* ---- RMSNormalization: y = x scale / sqrt(mean of squares + epsilon). Zhang and Sennrich, Root Mean Square Layer Normalization (2019).
 * UnitNormalization: y = x / sqrt(sum of squares) ------------------------------------------------------------------------------------ */

typedef struct root_config {
  horn__ints axis;
  double epsilon;
  bool small_norms; /* of UnitNormalization: Keras 3's rule, 1e-12 is the least norm; in Keras 2 it is 1e-6 */
} root_config;

static const horn__field rms_rows[] = {HORN__INTS(root_config, axis, NULL, "-1"), HORN__FLOAT(root_config, epsilon, NULL, "1e-6")};
static const horn__field unit_rows[] = {HORN__INTS(root_config, axis, NULL, "-1"), HORN__OWN(root_config, small_norms)};

static horn_status rms_create(horn__layer *layer) {
  sort_axes(layer, &((root_config *)layer->config)->axis);
  return HORN_OK;
}

static horn_status rms_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  horn__ints axes;
  HORN__TRY(find_axes(layer, &((const root_config *)layer->config)->axis, &inputs[0], &axes));
  const horn__shape shape = along(&inputs[0].shape, &axes);
  HORN__TRY(horn__add_weight(layer, "scale", shape.rank, shape.dims, true));
  layer->weights[0].initializer = HORN__ONES;
  return HORN_OK;
}

static horn_status rms_call(horn__call *call) {
  const root_config *config = call->config;
  horn__graph *g = call->graph;
  horn__ints axes;
  HORN__TRY(find_axes(call->layer, &config->axis, horn__call_type(call, 0), &axes));
  const horn__value x = horn__as_float(g, call->in[0].value);
  const horn__value y = horn__mul(g, x, inverse_root(g, mean_over(g, horn__square(g, x), &axes), config->epsilon));
  return horn__return(call, horn__mul(g, y, horn__weight_value(call, 0))); /* for other axes than the last Keras broadcasts to the last too */
}

const horn__layer_class horn__layer_RMSNormalization = {
    .name = "RMSNormalization", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(root_config, rms_rows), .create = rms_create,
    .build = rms_build, .call = rms_call};

static horn_status unit_create(horn__layer *layer) {
  root_config *config = layer->config;
  config->small_norms = config->small_norms || layer->keras >= 3;
  return HORN_OK;
}

static horn_status unit_call(horn__call *call) {
  const root_config *config = call->config;
  horn__graph *g = call->graph;
  horn__reduce reduce = {.keep_dims = true};
  HORN__TRY(find_axes(call->layer, &config->axis, horn__call_type(call, 0), &reduce.axes));
  const horn__value x = horn__as_float(g, call->in[0].value);
  const horn__value sum = HORN__EMIT(g, Sum, &reduce, horn__square(g, x));
  const horn__value norm = HORN__EMIT(g, Maximum, NULL, sum, horn__graph_scalar(g, config->small_norms ? 1e-24 : 1e-12));
  return horn__return(call, horn__mul(g, x, HORN__EMIT(g, Rsqrt, NULL, norm)));
}

const horn__layer_class horn__layer_UnitNormalization = {
    .name = "UnitNormalization", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(root_config, unit_rows),
    .create = unit_create, .call = unit_call};
