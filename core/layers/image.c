/* Layers that resize images: Resizing, CenterCrop. Reference: keras/src/layers/preprocessing/image_preprocessing/{resizing,center_crop}.py,
 * keras/src/backend/tensorflow/image.py; tf_keras/layers/preprocessing/image_preprocessing.py. */
#include "layers/image.h"

static horn_status check_sizes(const horn__layer *layer, int32_t height, int32_t width) {
  HORN__TRY(horn__check_least(layer, "height", &height, 1, 1));
  return horn__check_least(layer, "width", &width, 1, 1);
}

horn__value horn__smart_resize(horn__graph *graph, horn__value x, int32_t height, int32_t width) {
  const horn__center center = {.size = {height, width}, .aspect = true};
  const horn__resize attributes = {.size = {height, width}, .half_pixel_centers = true};
  return HORN__EMIT(graph, ResizeBilinear, &attributes, HORN__EMIT(graph, CenterCrop, &center, x));
}

/* ---- Resizing ---------------------------------------------------------------------------------------------------------- */

typedef struct resizing_config {
  int32_t height, width, interpolation;
  bool crop_to_aspect_ratio, pad_to_aspect_ratio, antialias, keep_integers;
  const char *fill_mode;
  double fill_value;
  int32_t data_format;
} resizing_config;

typedef enum interpolation { BILINEAR, NEAREST, BICUBIC, AREA, LANCZOS3, LANCZOS5, GAUSSIAN, MITCHELL } interpolation;
static const char *const interpolations[] = {"bilinear", "nearest",  "bicubic",       "area", "lanczos3",
                                             "lanczos5", "gaussian", "mitchellcubic", NULL};
static const horn__filter filters[] = {[BILINEAR] = HORN__FILTER_TRIANGLE, [BICUBIC] = HORN__FILTER_CUBIC, [AREA] = HORN__FILTER_AREA,
                                       [LANCZOS3] = HORN__FILTER_LANCZOS3, [LANCZOS5] = HORN__FILTER_LANCZOS5,
                                       [GAUSSIAN] = HORN__FILTER_GAUSSIAN, [MITCHELL] = HORN__FILTER_MITCHELL};

static const horn__field resizing_rows[] = {
    HORN__INT(resizing_config, height, NULL, NULL),
    HORN__INT(resizing_config, width, NULL, NULL),
    HORN__ENUM(resizing_config, interpolation, interpolations, NULL, "\"bilinear\""),
    HORN__BOOL(resizing_config, crop_to_aspect_ratio, NULL, "false"),
    HORN__FLAG(resizing_config, pad_to_aspect_ratio),
    HORN__TEXT(resizing_config, fill_mode, NULL, "\"constant\""),
    HORN__FLOAT(resizing_config, fill_value, NULL, "0.0"),
    HORN__FLAG(resizing_config, antialias),
    HORN__OWN(resizing_config, keep_integers),
    HORN__DATA_FORMAT_ROW(resizing_config),
};

/* Keras 3 rounds what it makes of integers; Keras 2 gives floats. */
static horn_status resizing_create(horn__layer *layer) {
  resizing_config *config = layer->config;
  if (layer->keras == 3) config->keep_integers = true;
  if (config->crop_to_aspect_ratio && config->pad_to_aspect_ratio)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "only one of pad_to_aspect_ratio and crop_to_aspect_ratio can be true");
  return check_sizes(layer, config->height, config->width);
}

static horn__value resized(horn__graph *graph, const resizing_config *config, horn__value x) {
  const horn__resize plain = {.size = {config->height, config->width}, .half_pixel_centers = true};
  if (config->interpolation == NEAREST) return HORN__EMIT(graph, ResizeNearestNeighbor, &plain, x);
  if (config->interpolation == BILINEAR && !config->antialias) return HORN__EMIT(graph, ResizeBilinear, &plain, x);
  const horn__filtered filtered = {{config->height, config->width}, (int32_t)filters[config->interpolation], config->antialias};
  return HORN__EMIT(graph, ResizeFiltered, &filtered, x);
}

static horn_status resizing_call(horn__call *call) {
  const resizing_config *config = call->config;
  horn__graph *graph = call->graph;
  const horn__center center = {{config->height, config->width}, true, config->fill_value};
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  const bool integers = horn__call_type(call, 0)->dtype != HORN_FLOAT32;
  horn__value x = horn__to_channels_last(graph, horn__as_float(graph, call->in[0].value), config->data_format);
  if (config->crop_to_aspect_ratio) x = HORN__EMIT(graph, CenterCrop, &center, x);
  if (config->pad_to_aspect_ratio) x = HORN__EMIT(graph, CenterPad, &center, x);
  horn__value y = horn__from_channels_last(graph, resized(graph, config, x), config->data_format);
  if (integers && config->keep_integers) y = HORN__EMIT(graph, Cast, &(horn__cast){HORN_INT32}, HORN__EMIT(graph, Round, NULL, y));
  return horn__return(call, y);
}

const horn__layer_class horn__layer_Resizing = {
    .name = "Resizing", .since_keras3 = "pad_to_aspect_ratio|fill_mode|fill_value|antialias|data_format",
    .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(resizing_config, resizing_rows),
    .create = resizing_create, .call = resizing_call};

/* ---- CenterCrop ---------------------------------------------------------------------------------------------------------- */

typedef struct crop_config {
  int32_t height, width, data_format;
} crop_config;

static const horn__field crop_rows[] = {
    HORN__INT(crop_config, height, NULL, NULL),
    HORN__INT(crop_config, width, NULL, NULL),
    HORN__DATA_FORMAT_ROW(crop_config),
};

static horn_status crop_create(horn__layer *layer) {
  const crop_config *config = layer->config;
  return check_sizes(layer, config->height, config->width);
}

bool horn__is_smaller(const horn__graph *graph, horn__value x, int32_t height, int32_t width) {
  const int32_t *dims = horn__type_of(graph, x)->shape.dims;
  return (dims[1] >= 0 && dims[1] < height) || (dims[2] >= 0 && dims[2] < width);
}

/* A smaller image is made larger. */
static horn_status crop_call(horn__call *call) {
  const crop_config *config = call->config;
  horn__graph *graph = call->graph;
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  const horn__value x = horn__to_channels_last(graph, horn__as_float(graph, call->in[0].value), config->data_format);
  HORN__TRY(graph->status);
  const horn__center center = {.size = {config->height, config->width}};
  const bool smaller = horn__is_smaller(graph, x, config->height, config->width);
  const horn__value y = smaller ? horn__smart_resize(graph, x, config->height, config->width) : HORN__EMIT(graph, CenterCrop, &center, x);
  return horn__return(call, horn__from_channels_last(graph, y, config->data_format));
}

const horn__layer_class horn__layer_CenterCrop = {
    .name = "CenterCrop", .since_keras3 = "data_format", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(crop_config, crop_rows),
    .create = crop_create, .call = crop_call};
