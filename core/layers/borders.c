/* Cropping1D to 3D, ZeroPadding1D to 3D: what is taken from, or put around, a line, an image, a volume.
 * Reference: keras/src/layers/reshaping. */
#include "layers/common.h"

typedef struct borders_config {
  int32_t cropping[6], padding[6]; /* before, after for each axis; a layer has one of the two */
  int32_t data_format;
} borders_config;

/* The axis of x that image axis 0 is. */
static int32_t first_axis(const borders_config *config) { return config->data_format == HORN__CHANNELS_FIRST ? 2 : 1; }

/* ---- ZeroPadding ------------------------------------------------------------------------------------------------------ */

static const horn__field padding1_rows[] = {HORN__PADDING(borders_config, padding, 1, NULL, "1"), HORN__DATA_FORMAT_ROW(borders_config)};
static const horn__field padding2_rows[] = {HORN__PADDING(borders_config, padding, 2, NULL, "1"), HORN__DATA_FORMAT_ROW(borders_config)};
static const horn__field padding3_rows[] = {HORN__PADDING(borders_config, padding, 3, NULL, "1"), HORN__DATA_FORMAT_ROW(borders_config)};

static horn_status padding_create(horn__layer *layer) {
  return horn__check_least(layer, "padding", ((const borders_config *)layer->config)->padding, 2 * horn__layer_axes(layer), 0);
}

static horn_status padding_call(horn__call *call) {
  const borders_config *config = call->config;
  const int32_t axes = horn__layer_axes(call->layer), first = first_axis(config);
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  horn__pad pad = {.paddings = {.count = 2 * (axes + 2)}};
  for (int32_t i = 0; i < 2 * axes; i++) pad.paddings.values[2 * first + i] = config->padding[i];
  return horn__return(call, HORN__EMIT(call->graph, PadV2, &pad, call->in[0].value));
}

/* ---- Cropping ---------------------------------------------------------------------------------------------------------- */

static const horn__field cropping1_rows[] = {HORN__PADDING(borders_config, cropping, 1, NULL, "1")};
static const horn__field cropping2_rows[] = {HORN__PADDING(borders_config, cropping, 2, NULL, "0"), HORN__DATA_FORMAT_ROW(borders_config)};
static const horn__field cropping3_rows[] = {HORN__PADDING(borders_config, cropping, 3, NULL, "1"), HORN__DATA_FORMAT_ROW(borders_config)};

static horn_status cropping_create(horn__layer *layer) {
  return horn__check_least(layer, "cropping", ((const borders_config *)layer->config)->cropping, 2 * horn__layer_axes(layer), 0);
}

/* Keras asks that something is left of every axis. */
static horn_status check_rest(const horn__call *call, int32_t axis, const int32_t *crop) {
  const int32_t size = horn__call_type(call, 0)->shape.dims[axis];
  if (size < 0 || (int64_t)crop[0] + crop[1] < size) return HORN_OK;
  return horn__layer_fail(call->layer, HORN_E_SHAPE, "cropping (%d, %d) leaves nothing of the %d elements of axis %d", crop[0], crop[1], size, axis);
}

static horn_status cropping_call(horn__call *call) {
  const borders_config *config = call->config;
  const int32_t axes = horn__layer_axes(call->layer), first = first_axis(config);
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  horn__slice slice = {.begin = {.count = axes + 2}, .size = {.count = axes + 2}};
  for (int32_t i = 0; i < axes + 2; i++) slice.size.values[i] = -1;
  for (int32_t i = 0; i < axes; i++) {
    HORN__TRY(check_rest(call, first + i, config->cropping + 2 * i));
    slice.begin.values[first + i] = config->cropping[2 * i];
    slice.size.values[first + i] = -1 - config->cropping[2 * i + 1];
  }
  return horn__return(call, HORN__EMIT(call->graph, Slice, &slice, call->in[0].value));
}

#define BORDERS(Name, rows, kind, later)                                                                                           \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .since_keras3 = later, .min_inputs = 1, .max_inputs = 1,     \
                                                .config = HORN__FIELDS(borders_config, rows), .create = kind##_create,       \
                                                .call = kind##_call};
BORDERS(ZeroPadding1D, padding1_rows, padding, "data_format")
BORDERS(ZeroPadding2D, padding2_rows, padding, NULL)
BORDERS(ZeroPadding3D, padding3_rows, padding, NULL)
BORDERS(Cropping1D, cropping1_rows, cropping, NULL)
BORDERS(Cropping2D, cropping2_rows, cropping, NULL)
BORDERS(Cropping3D, cropping3_rows, cropping, NULL)
