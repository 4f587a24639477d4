/* UpSampling1D to 3D: every element `size` times along each axis of the image; UpSampling2D can interpolate instead.
 * Reference: keras/src/layers/reshaping. */
#include "layers/common.h"

typedef struct upsampling_config {
  int32_t size[3]; /* as many as axes */
  int32_t data_format, interpolation;
} upsampling_config;

enum { NEAREST, BILINEAR };
static const char *const interpolations[] = {"nearest", "bilinear", NULL};

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

static horn__value interpolate(horn__graph *graph, const upsampling_config *config, horn__value x) {
  const horn__resize larger = {.scale = {config->size[0], config->size[1]}, .half_pixel_centers = true};
  x = horn__to_channels_last(graph, x, config->data_format);
  return horn__from_channels_last(graph, HORN__EMIT(graph, ResizeBilinear, &larger, x), config->data_format);
}

static horn_status upsampling_call(horn__call *call) {
  const upsampling_config *config = call->config;
  const int32_t axes = horn__layer_axes(call->layer);
  const horn__value x = call->in[0].value;
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  return horn__return(call, config->interpolation == BILINEAR ? interpolate(call->graph, config, x) : repeat(call->graph, config, axes, x));
}

#define UPSAMPLING(Name, rows)                                                                                                 \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .min_inputs = 1, .max_inputs = 1,                                \
                                                .config = HORN__FIELDS(upsampling_config, rows), .create = create,             \
                                                .call = upsampling_call};
UPSAMPLING(UpSampling1D, rows1)
UPSAMPLING(UpSampling2D, rows2)
UPSAMPLING(UpSampling3D, rows3)
