/* MaxPooling2D, AveragePooling2D, GlobalMaxPooling2D, GlobalAveragePooling2D. Reference: keras/src/layers/pooling. */
#include "layers/common.h"

/* ---- windows -------------------------------------------------------------------------------------------------------- */

typedef struct pool_config {
  int32_t pool_size[2];
  horn__ints strides; /* null: pool_size */
  int32_t padding, data_format;
} pool_config;

static const horn__field pool_rows[] = {
    HORN__INT_N(pool_config, pool_size, 2, NULL, "2"),
    HORN__ENUM(pool_config, padding, horn__window_paddings, NULL, "\"valid\""),
    HORN__INTS(pool_config, strides, NULL, "null"),
    HORN__DATA_FORMAT_ROW(pool_config),
};

static horn_status pool_create(horn__layer *layer) {
  pool_config *config = layer->config;
  horn__ints *strides = &config->strides;
  if (strides->count == -1) *strides = (horn__ints){.count = 2, .values = {config->pool_size[0], config->pool_size[1]}};
  if (strides->count == 1) *strides = (horn__ints){.count = 2, .values = {strides->values[0], strides->values[0]}};
  if (strides->count != 2) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "strides must be 1 or 2 integers, got %d", strides->count);
  HORN__TRY(horn__check_least(layer, "pool_size", config->pool_size, 2, 1));
  return horn__check_least(layer, "strides", strides->values, 2, 1);
}

static horn_status pool(horn__call *call, const horn__op *op) {
  const pool_config *config = call->config;
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  const horn__pool attributes = {.size = {config->pool_size[0], config->pool_size[1]},
                                 .strides = {config->strides.values[0], config->strides.values[1]},
                                 .padding = config->padding};
  horn__value x = horn__to_channels_last(call->graph, call->in[0].value, config->data_format);
  return horn__return(call, horn__from_channels_last(call->graph, horn__emit(call->graph, op, &attributes, &x, 1), config->data_format));
}

static horn_status max_call(horn__call *call) { return pool(call, &horn__op_MaxPool); }
static horn_status average_call(horn__call *call) { return pool(call, &horn__op_AvgPool); }

const horn__layer_class horn__layer_MaxPooling2D = {
    .name = "MaxPooling2D", .aliases = "MaxPool2D", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(pool_config, pool_rows),
    .create = pool_create, .call = max_call};

const horn__layer_class horn__layer_AveragePooling2D = {
    .name = "AveragePooling2D", .aliases = "AvgPool2D|AvgPooling2D", .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(pool_config, pool_rows), .create = pool_create, .call = average_call};

/* ---- whole images --------------------------------------------------------------------------------------------------- */

typedef struct global_config {
  int32_t data_format;
  bool keepdims;
} global_config;

static const horn__field global_rows[] = {HORN__DATA_FORMAT_ROW(global_config), HORN__BOOL(global_config, keepdims, NULL, "false")};

static horn_status global(horn__call *call, const horn__op *op) {
  const global_config *config = call->config;
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  const int32_t first = config->data_format == HORN__CHANNELS_FIRST ? 2 : 1;
  const horn__reduce attributes = {.axes = {2, {first, first + 1}}, .keep_dims = config->keepdims};
  return horn__return(call, horn__emit(call->graph, op, &attributes, &call->in[0].value, 1));
}

static horn_status global_max_call(horn__call *call) { return global(call, &horn__op_Max); }
static horn_status global_average_call(horn__call *call) { return global(call, &horn__op_Mean); }

const horn__layer_class horn__layer_GlobalMaxPooling2D = {
    .name = "GlobalMaxPooling2D", .aliases = "GlobalMaxPool2D", .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(global_config, global_rows), .call = global_max_call};

const horn__layer_class horn__layer_GlobalAveragePooling2D = {
    .name = "GlobalAveragePooling2D", .aliases = "GlobalAvgPool2D|GlobalAvgPooling2D", .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(global_config, global_rows), .call = global_average_call};
