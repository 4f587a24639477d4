/* Dropout and its kin: noise in training, the identity in inference. Reference: keras/src/layers/regularization. */
#include "cJSON.h"
#include "layers/common.h"

/* ---- Dropout -------------------------------------------------------------------------------------------------------- */

typedef struct dropout_config {
  double rate;
  horn__ints noise_shape;
  const cJSON *seed;
} dropout_config;

static const horn__field dropout_rows[] = {
    HORN__FLOAT(dropout_config, rate, NULL, NULL),
    HORN__INTS(dropout_config, noise_shape, NULL, "null"),
    HORN__JSON(dropout_config, seed, NULL, "null"),
};

static horn_status check_rate(const horn__layer *layer, double rate) {
  if (rate >= 0 && rate <= 1) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "rate must be in [0, 1], got %g", rate);
}

static horn_status dropout_create(horn__layer *layer) { return check_rate(layer, ((const dropout_config *)layer->config)->rate); }

/* A noise shape that names the size of an axis means as much as one that leaves it open. */
static horn_status dropout_call(horn__call *call) {
  const dropout_config *config = call->config;
  horn__ints noise = config->noise_shape;
  for (int32_t i = 0; i < noise.count; i++)
    if (noise.values[i] != 1) noise.values[i] = -1;
  if (!horn__is_training(call->graph)) return horn__return(call, call->in[0].value);
  return horn__return(call, horn__dropout(call, horn__as_float(call->graph, call->in[0].value), config->rate, &noise));
}

const horn__layer_class horn__layer_Dropout = {
    .name = "Dropout", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(dropout_config, dropout_rows), .create = dropout_create, .call = dropout_call};

/* ---- SpatialDropout: whole channels, the same at all places of a line, an image, a volume ------------------------------------- */

typedef struct spatial_config {
  double rate;
  const cJSON *seed;
  int32_t data_format;
} spatial_config;

static const horn__field line_rows[] = {HORN__FLOAT(spatial_config, rate, NULL, NULL), HORN__JSON(spatial_config, seed, NULL, "null")};
static const horn__field image_rows[] = {HORN__FLOAT(spatial_config, rate, NULL, NULL), HORN__JSON(spatial_config, seed, NULL, "null"),
                                         HORN__DATA_FORMAT_ROW(spatial_config)};

static horn_status spatial_create(horn__layer *layer) { return check_rate(layer, ((const spatial_config *)layer->config)->rate); }

static horn_status spatial_dropout(horn__call *call, int32_t rank) {
  const spatial_config *config = call->config;
  horn__ints noise = {.count = rank};
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), rank));
  for (int32_t i = 0; i < rank; i++) noise.values[i] = 1;
  noise.values[0] = noise.values[config->data_format == HORN__CHANNELS_FIRST ? 1 : rank - 1] = -1;
  return horn__return(call, horn__dropout(call, call->in[0].value, config->rate, &noise));
}

static horn_status line_call(horn__call *call) { return spatial_dropout(call, 3); }
static horn_status image_call(horn__call *call) { return spatial_dropout(call, 4); }
static horn_status volume_call(horn__call *call) { return spatial_dropout(call, 5); }

const horn__layer_class horn__layer_SpatialDropout1D = {
    .name = "SpatialDropout1D", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(spatial_config, line_rows), .create = spatial_create, .call = line_call};

const horn__layer_class horn__layer_SpatialDropout2D = {
    .name = "SpatialDropout2D", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(spatial_config, image_rows), .create = spatial_create, .call = image_call};

const horn__layer_class horn__layer_SpatialDropout3D = {
    .name = "SpatialDropout3D", .mask = HORN__MASK_PASSES, .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(spatial_config, image_rows), .create = spatial_create, .call = volume_call};
