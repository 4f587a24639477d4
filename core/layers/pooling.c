/* MaxPooling1D to 3D, AveragePooling1D to 3D, and their global forms. Reference: keras/src/layers/pooling. */
#include "layers/common.h"

/* ---- windows -------------------------------------------------------------------------------------------------------- */

typedef struct pool_config {
  int32_t pool_size[3]; /* as many as axes */
  horn__ints strides;   /* null: pool_size */
  int32_t padding, data_format;
} pool_config;

#define POOL_ROWS(axes)                                                                                               \
  {HORN__INT_N(pool_config, pool_size, axes, NULL, "2"),                                                       \
   HORN__ENUM(pool_config, padding, horn__window_paddings, NULL, "\"valid\""),                                       \
   HORN__INTS(pool_config, strides, NULL, "null"), HORN__DATA_FORMAT_ROW(pool_config)}
static const horn__field pool1_rows[] = POOL_ROWS(1), pool2_rows[] = POOL_ROWS(2), pool3_rows[] = POOL_ROWS(3);

static horn_status pool_create(horn__layer *layer) {
  pool_config *config = layer->config;
  horn__ints *strides = &config->strides;
  const int32_t axes = horn__layer_axes(layer), given = strides->count;
  if (given != -1 && given != 1 && given != axes)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "strides must be 1 or %d integers, got %d", axes, given);
  for (int32_t i = 0; i < axes && given != axes; i++) strides->values[i] = given == -1 ? config->pool_size[i] : strides->values[0];
  strides->count = axes;
  HORN__TRY(horn__check_least(layer, "pool_size", config->pool_size, axes, 1));
  return horn__check_least(layer, "strides", strides->values, axes, 1);
}

static horn_status pool(horn__call *call, const horn__op *images, const horn__op *volumes) {
  const pool_config *config = call->config;
  const int32_t axes = horn__layer_axes(call->layer);
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  horn__pool attributes = {.padding = config->padding};
  horn__image_numbers(config->pool_size, axes, 1, attributes.size);
  horn__image_numbers(config->strides.values, axes, 1, attributes.strides);
  horn__value x = horn__to_channels_last(call->graph, call->in[0].value, config->data_format);
  x = horn__line_to_image(call->graph, x, axes);
  horn__value y = horn__emit(call->graph, axes == 3 ? volumes : images, &attributes, &x, 1);
  return horn__return(call, horn__from_channels_last(call->graph, horn__image_to_line(call->graph, y, axes), config->data_format));
}

static horn_status max_call(horn__call *call) { return pool(call, &horn__op_MaxPool, &horn__op_MaxPool3D); }
static horn_status average_call(horn__call *call) { return pool(call, &horn__op_AvgPool, &horn__op_AvgPool3D); }

#define POOL(Name, other, rows, function)                                                                                        \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .aliases = other, .min_inputs = 1, .max_inputs = 1,                \
                                                .config = HORN__FIELDS(pool_config, rows), .create = pool_create, .call = function};
POOL(MaxPooling1D, "MaxPool1D", pool1_rows, max_call)
POOL(MaxPooling2D, "MaxPool2D", pool2_rows, max_call)
POOL(MaxPooling3D, "MaxPool3D", pool3_rows, max_call)
POOL(AveragePooling1D, "AvgPool1D|AvgPooling1D", pool1_rows, average_call)
POOL(AveragePooling2D, "AvgPool2D|AvgPooling2D", pool2_rows, average_call)
POOL(AveragePooling3D, "AvgPool3D|AvgPooling3D", pool3_rows, average_call)

/* ---- whole images --------------------------------------------------------------------------------------------------- */

typedef struct global_config {
  int32_t data_format;
  bool keepdims;
} global_config;

static const horn__field global_rows[] = {HORN__DATA_FORMAT_ROW(global_config), HORN__BOOL(global_config, keepdims, NULL, "false")};

/* The axes of the image, in an input of `axes` of them. */
static horn__reduce over_image(const horn__call *call, int32_t axes) {
  const global_config *config = call->config;
  horn__reduce attributes = {.axes = {.count = axes}, .keep_dims = config->keepdims};
  for (int32_t i = 0; i < axes; i++) attributes.axes.values[i] = i + (config->data_format == HORN__CHANNELS_FIRST ? 2 : 1);
  return attributes;
}

static horn_status global(horn__call *call, const horn__op *op, int32_t axes) {
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  const horn__reduce attributes = over_image(call, axes);
  return horn__return(call, horn__emit(call->graph, op, &attributes, &call->in[0].value, 1));
}

/* The mean of the steps whose mask is true: of all sum(x mask) / sum(mask). */
static horn_status masked_average(horn__call *call) {
  const horn__axes channels = {{1, {((const global_config *)call->config)->data_format == HORN__CHANNELS_FIRST ? 1 : 2}}};
  const horn__reduce steps = over_image(call, 1);
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 3));
  horn__value mask = HORN__EMIT(call->graph, ExpandDims, &channels, horn__as_float(call->graph, call->in[0].mask));
  horn__value sum = HORN__EMIT(call->graph, Sum, &steps, horn__mul(call->graph, call->in[0].value, mask));
  return horn__return(call, horn__div(call->graph, sum, HORN__EMIT(call->graph, Sum, &steps, mask)));
}

static horn_status global_average1_call(horn__call *call) {
  return call->in[0].mask == HORN__NONE ? global(call, &horn__op_Mean, 1) : masked_average(call);
}

static horn_status global_average2_call(horn__call *call) { return global(call, &horn__op_Mean, 2); }
static horn_status global_average3_call(horn__call *call) { return global(call, &horn__op_Mean, 3); }
static horn_status global_max1_call(horn__call *call) { return global(call, &horn__op_Max, 1); }
static horn_status global_max2_call(horn__call *call) { return global(call, &horn__op_Max, 2); }
static horn_status global_max3_call(horn__call *call) { return global(call, &horn__op_Max, 3); }

#define GLOBAL(Name, other, function)                                                                             \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .aliases = other, .min_inputs = 1, .max_inputs = 1, \
                                                .config = HORN__FIELDS(global_config, global_rows), .call = function};
GLOBAL(GlobalMaxPooling1D, "GlobalMaxPool1D", global_max1_call)
GLOBAL(GlobalMaxPooling2D, "GlobalMaxPool2D", global_max2_call)
GLOBAL(GlobalMaxPooling3D, "GlobalMaxPool3D", global_max3_call)
GLOBAL(GlobalAveragePooling1D, "GlobalAvgPool1D|GlobalAvgPooling1D", global_average1_call)
GLOBAL(GlobalAveragePooling2D, "GlobalAvgPool2D|GlobalAvgPooling2D", global_average2_call)
GLOBAL(GlobalAveragePooling3D, "GlobalAvgPool3D|GlobalAvgPooling3D", global_average3_call)
