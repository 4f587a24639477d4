/* UpSampling1D to 3D: every element `size` times along each axis of the image; UpSampling2D can interpolate instead.
 * Reference: keras/src/layers/reshaping. */
#include "layers/common.h"

typedef struct upsampling_config {
  int32_t size[3]; /* as many as axes */
  int32_t data_format, interpolation;
} upsampling_config;

typedef enum interpolation { NEAREST, BILINEAR, BICUBIC, LANCZOS3, LANCZOS5, AREA, GAUSSIAN, MITCHELL } interpolation;
static const char *const interpolations[] = {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area", "gaussian", "mitchellcubic", NULL};
static const int32_t filters[] = {[BICUBIC] = HORN__FILTER_CUBIC, [LANCZOS3] = HORN__FILTER_LANCZOS3, [LANCZOS5] = HORN__FILTER_LANCZOS5,
                                  [AREA] = HORN__FILTER_AREA, [GAUSSIAN] = HORN__FILTER_GAUSSIAN, [MITCHELL] = HORN__FILTER_MITCHELL};

static const horn__field rows1[] = {HORN__INT(upsampling_config, size, "length", "2")};
static const horn__field rows2[] = {
    HORN__INT_N(upsampling_config, size, 2, NULL, "2"), HORN__DATA_FORMAT_ROW(upsampling_config),
    HORN__ENUM(upsampling_config, interpolation, interpolations, NULL, "\"nearest\"")};
static const horn__field rows3[] = {HORN__INT_N(upsampling_config, size, 3, NULL, "2"), HORN__DATA_FORMAT_ROW(upsampling_config)};

static horn_status create(horn__layer *layer) {
  return horn__check_least(layer, "size", ((const upsampling_config *)layer->config)->size, horn__layer_axes(layer), 1);
}

static horn__value repeat(horn__graph *graph, const upsampling_config *config, int32_t axes, horn__value x) {
  horn__tile times = {.reps = {.count = axes + 2}};
  for (int32_t i = 0; i < axes + 2; i++) times.reps.values[i] = 1;
  for (int32_t i = 0; i < axes; i++) times.reps.values[i + (config->data_format == HORN__CHANNELS_FIRST ? 2 : 1)] = config->size[i];
  return HORN__EMIT(graph, Repeat, &times, x);
}

/* x [N, H, W, C] by a filter, whose op takes the new size and no scale. */
static horn_status filter(const horn__call *call, horn__value x, horn__value *y) {
  const upsampling_config *config = call->config;
  const int32_t *dims = horn__type_of(call->graph, x)->shape.dims;
  horn__filtered larger = {.filter = filters[config->interpolation]};
  for (int32_t i = 0; i < 2; i++) {
    if (dims[1 + i] < 0) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "this interpolation needs an image of known size");
    if (dims[1 + i] > INT32_MAX / config->size[i])
      return horn__layer_fail(call->layer, HORN_E_LIMIT, "%d pixels cannot be %d times as many", dims[1 + i], config->size[i]);
    larger.size[i] = dims[1 + i] * config->size[i];
  }
  *y = HORN__EMIT(call->graph, ResizeFiltered, &larger, x);
  return HORN_OK;
}

static horn_status interpolate(horn__call *call, horn__value x) {
  const upsampling_config *config = call->config;
  const horn__resize larger = {.scale = {config->size[0], config->size[1]}, .half_pixel_centers = true};
  horn__value y = HORN__NONE;
  x = horn__to_channels_last(call->graph, x, config->data_format);
  HORN__TRY(call->graph->status);
  if (config->interpolation == BILINEAR)
    y = HORN__EMIT(call->graph, ResizeBilinear, &larger, x);
  else
    HORN__TRY(filter(call, x, &y));
  return horn__return(call, horn__from_channels_last(call->graph, y, config->data_format));
}

static horn_status upsampling_call(horn__call *call) {
  const upsampling_config *config = call->config;
  const int32_t axes = horn__layer_axes(call->layer);
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  if (config->interpolation != NEAREST) return interpolate(call, call->in[0].value);
  return horn__return(call, repeat(call->graph, config, axes, call->in[0].value));
}

#define UPSAMPLING(Name, rows)                                                                                                 \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .min_inputs = 1, .max_inputs = 1,                                \
                                                .config = HORN__FIELDS(upsampling_config, rows), .create = create,             \
                                                .call = upsampling_call};
UPSAMPLING(UpSampling1D, rows1)
UPSAMPLING(UpSampling2D, rows2)
UPSAMPLING(UpSampling3D, rows3)
