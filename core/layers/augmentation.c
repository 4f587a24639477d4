/* Layers that change images at random in training, and leave them as they are in inference: RandomFlip, RandomRotation, RandomTranslation,
 * RandomZoom, RandomCrop, RandomContrast, RandomBrightness, RandomHeight, RandomWidth.
 * Reference: keras/src/layers/preprocessing/image_preprocessing, tf_keras/layers/preprocessing/image_preprocessing.py. */
#include <math.h>
#include <string.h>

#include "cJSON.h"
#include "layers/image.h"

/* Rows that all of them have. */
#define SEED_ROW(T) HORN__JSON(T, seed, NULL, "null")

/* A factor: two numbers, or one that stands for -x and x (for RandomContrast: x and x). */
typedef struct range {
  double low, high;
} range;

static bool is_pair(const cJSON *json) {
  return cJSON_GetArraySize(json) == 2 && cJSON_IsNumber(json->child) && cJSON_IsNumber(json->child->next);
}

static range range_of(const cJSON *json) {
  if (cJSON_IsNumber(json)) return (range){-fabs(json->valuedouble), fabs(json->valuedouble)};
  if (json == NULL) return (range){0, 0};
  const double a = json->child->valuedouble, b = json->child->next->valuedouble;
  return (range){fmin(a, b), fmax(a, b)};
}

static horn_status check_range(const horn__layer *layer, const char *field, const cJSON *json, double low, double high) {
  if (!cJSON_IsNumber(json) && !(cJSON_IsArray(json) && is_pair(json)))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s must be a number or a list of two numbers", field);
  const range r = range_of(json);
  if (r.low >= low && r.high <= high) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s must be in [%g, %g], got %g to %g", field, low, high, r.low, r.high);
}

/* ---- a call: the image in NHWC, and what is drawn for each of the batch, before anything that depends on known sizes -------------------------------------------------------- */

/* The image of a training call as float32 [N, H, W, C]. */
static horn_status begin(horn__call *call, int32_t data_format, horn__value *x) {
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  *x = horn__to_channels_last(call->graph, horn__as_float(call->graph, call->in[0].value), data_format);
  return call->graph->status;
}

static horn_status identity(horn__call *call) { return horn__return(call, horn__as_float(call->graph, call->in[0].value)); }

static const horn__ints one_each = {2, {-1, 1}}, one_image = {4, {-1, 1, 1, 1}};

static horn__value draw(const horn__call *call, horn__value x, const horn__ints *shape, range r) {
  return horn__draw_uniform(call, x, shape, r.low, r.high);
}

/* The size of an axis, as a number; it may be unknown until the graph is planned. */
static horn__value side(horn__graph *graph, horn__value x, int32_t axis) {
  const int32_t dim = horn__type_of(graph, x)->shape.dims[axis];
  if (dim >= 0) return horn__graph_scalar(graph, dim);
  return HORN__EMIT(graph, CountLike, NULL, x, HORN__EMIT(graph, Max, (&(horn__reduce){{1, {axis}}, true}), x));
}

typedef struct fill_config {
  int32_t fill_mode, interpolation;
  double fill_value;
} fill_config;

static const char *const interpolations[] = {"nearest", "bilinear", NULL};

/* x by a transformation a0 a1 a2 b0 b1 b2, each [N, 1]. */
static horn__value transformed(horn__graph *graph, horn__value x, const horn__value *numbers, const fill_config *fill) {
  const horn__value zero = horn__scale(graph, numbers[0], 0);
  const horn__value matrix = HORN__EMIT(graph, Concat, &(horn__concat){1}, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
                                        numbers[5], zero, zero);
  const horn__transform attributes = {fill->interpolation, fill->fill_mode, fill->fill_value, {.count = -1}};
  return HORN__EMIT(graph, Transform, &attributes, x, matrix);
}

#define FILL_MEMBERS                 \
  int32_t fill_mode, interpolation; \
  double fill_value;                 \
  const cJSON *seed;                 \
  int32_t data_format
#define FILL_ROWS(T)                                                                                                              \
  HORN__ENUM(T, fill_mode, horn__fill_names, NULL, "\"reflect\""), HORN__ENUM(T, interpolation, interpolations, NULL, "\"bilinear\""), \
      HORN__FLOAT(T, fill_value, NULL, "0.0"), SEED_ROW(T), HORN__DATA_FORMAT_ROW(T)

#define AUGMENTATION(Name, T, rows, create_rule, call_rule)                                                                   \
  static horn_status call_##Name(horn__call *call) { return horn__is_training(call->graph) ? call_rule(call) : identity(call); } \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .min_inputs = 1, .max_inputs = 1,                              \
                                                .config = HORN__FIELDS(T, rows), .create = create_rule, .call = call_##Name}

/* ---- RandomFlip ---------------------------------------------------------------------------------------------------------------- */

typedef struct flip_config {
  int32_t mode;
  const cJSON *seed;
  int32_t data_format;
} flip_config;

enum { HORIZONTAL, VERTICAL, BOTH };
static const char *const flip_modes[] = {"horizontal", "vertical", "horizontal_and_vertical", NULL};
static const horn__field flip_rows[] = {
    HORN__ENUM(flip_config, mode, flip_modes, NULL, "\"horizontal_and_vertical\""),
    SEED_ROW(flip_config),
    HORN__DATA_FORMAT_ROW(flip_config),
};

/* Half of the images, each axis for itself. */
static horn__value flipped(horn__call *call, horn__value x, int32_t axis) {
  horn__graph *graph = call->graph;
  const horn__value number = draw(call, x, &one_image, (range){0, 1});
  const horn__value flips = HORN__EMIT(graph, LessEqual, NULL, number, horn__graph_scalar(graph, 0.5));
  return horn__select(graph, flips, HORN__EMIT(graph, Reverse, (&(horn__reverse){{1, {axis}}}), x), x);
}

static horn_status flip_call(horn__call *call) {
  const flip_config *config = call->config;
  horn__value x;
  HORN__TRY(begin(call, config->data_format, &x));
  if (config->mode != VERTICAL) x = flipped(call, x, 2);
  if (config->mode != HORIZONTAL) x = flipped(call, x, 1);
  return horn__return(call, horn__from_channels_last(call->graph, x, config->data_format));
}

AUGMENTATION(RandomFlip, flip_config, flip_rows, NULL, flip_call);

/* ---- RandomRotation: by a part of a whole turn, about the middle ------------------------------------------------------------------ */

typedef struct rotation_config {
  FILL_MEMBERS;
  const cJSON *factor;
} rotation_config;

static const horn__field rotation_rows[] = {HORN__JSON(rotation_config, factor, NULL, NULL), FILL_ROWS(rotation_config)};

static horn_status rotation_create(horn__layer *layer) {
  return check_range(layer, "factor", ((const rotation_config *)layer->config)->factor, -1, 1);
}

/* Half of what is left of a side without a pixel: the place of the middle. */
static horn__value middle(horn__graph *graph, horn__value x, int32_t axis) {
  return horn__scale(graph, horn__shift(graph, side(graph, x, axis), -1), 0.5);
}

static horn_status rotation_call(horn__call *call) {
  const rotation_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(begin(call, config->data_format, &x));
  const horn__value angle = horn__scale(g, draw(call, x, &one_each, range_of(config->factor)), 6.28318530717958647692);
  const horn__value c = HORN__EMIT(g, Cos, NULL, angle), s = HORN__EMIT(g, Sin, NULL, angle);
  const horn__value cx = middle(g, x, 2), cy = middle(g, x, 1);
  const horn__value a2 = horn__add(g, horn__sub(g, cx, horn__mul(g, cx, c)), horn__mul(g, cy, s));
  const horn__value b2 = horn__sub(g, horn__sub(g, cy, horn__mul(g, cx, s)), horn__mul(g, cy, c));
  const fill_config fill = {config->fill_mode, config->interpolation, config->fill_value};
  const horn__value y = transformed(g, x, (const horn__value[]){c, horn__neg(g, s), a2, s, c, b2}, &fill);
  return horn__return(call, horn__from_channels_last(g, y, config->data_format));
}

AUGMENTATION(RandomRotation, rotation_config, rotation_rows, rotation_create, rotation_call);

/* ---- RandomTranslation, RandomZoom: by parts of the sides ---------------------------------------------------------------------------- */

typedef struct sides_config {
  FILL_MEMBERS;
  const cJSON *height_factor, *width_factor;
} sides_config;

static const horn__field translation_rows[] = {
    HORN__JSON(sides_config, height_factor, NULL, NULL),
    HORN__JSON(sides_config, width_factor, NULL, NULL),
    FILL_ROWS(sides_config),
};
static const horn__field zoom_rows[] = {
    HORN__JSON(sides_config, height_factor, NULL, NULL),
    HORN__JSON(sides_config, width_factor, NULL, "null"), /* null: the same number as for the height */
    FILL_ROWS(sides_config),
};

static horn_status translation_create(horn__layer *layer) {
  const sides_config *config = layer->config;
  HORN__TRY(check_range(layer, "height_factor", config->height_factor, -1, 1));
  return check_range(layer, "width_factor", config->width_factor, -1, 1);
}

static horn_status zoom_create(horn__layer *layer) {
  const sides_config *config = layer->config;
  HORN__TRY(check_range(layer, "height_factor", config->height_factor, -1, 10));
  return config->width_factor == NULL ? HORN_OK : check_range(layer, "width_factor", config->width_factor, -1, 10);
}

static horn_status translation_call(horn__call *call) {
  const sides_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(begin(call, config->data_format, &x));
  const horn__value part_down = draw(call, x, &one_each, range_of(config->height_factor));
  const horn__value part_right = draw(call, x, &one_each, range_of(config->width_factor));
  const horn__value down = horn__mul(g, part_down, side(g, x, 1)), right = horn__mul(g, part_right, side(g, x, 2));
  const horn__value zero = horn__scale(g, down, 0), one = horn__shift(g, zero, 1);
  const fill_config fill = {config->fill_mode, config->interpolation, config->fill_value};
  const horn__value y = transformed(g, x, (const horn__value[]){one, zero, horn__neg(g, right), zero, one, horn__neg(g, down)}, &fill);
  return horn__return(call, horn__from_channels_last(g, y, config->data_format));
}

/* The middle stays where it is. */
static horn_status zoom_call(horn__call *call) {
  const sides_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(begin(call, config->data_format, &x));
  const horn__value high = horn__shift(g, draw(call, x, &one_each, range_of(config->height_factor)), 1);
  const horn__value wide = config->width_factor == NULL ? high : horn__shift(g, draw(call, x, &one_each, range_of(config->width_factor)), 1);
  const horn__value a2 = horn__mul(g, middle(g, x, 2), horn__minus(g, 1, wide)), b2 = horn__mul(g, middle(g, x, 1), horn__minus(g, 1, high));
  const horn__value zero = horn__scale(g, high, 0);
  const fill_config fill = {config->fill_mode, config->interpolation, config->fill_value};
  const horn__value y = transformed(g, x, (const horn__value[]){wide, zero, a2, zero, high, b2}, &fill);
  return horn__return(call, horn__from_channels_last(g, y, config->data_format));
}

AUGMENTATION(RandomTranslation, sides_config, translation_rows, translation_create, translation_call);
AUGMENTATION(RandomZoom, sides_config, zoom_rows, zoom_create, zoom_call);

/* ---- RandomCrop: one part for the whole batch ------------------------------------------------------------------------------------------ */

typedef struct crop_config {
  int32_t height, width;
  const cJSON *seed;
  int32_t data_format;
  bool only_in_training;
} crop_config;

static const horn__field crop_rows[] = {
    HORN__INT(crop_config, height, NULL, NULL),
    HORN__INT(crop_config, width, NULL, NULL),
    SEED_ROW(crop_config),
    HORN__DATA_FORMAT_ROW(crop_config),
    HORN__FLAG(crop_config, only_in_training),
};

/* In inference Keras 3 leaves the image as it is, and Keras 2 resizes the middle of it. */
static horn_status crop_create(horn__layer *layer) {
  crop_config *config = layer->config;
  if (layer->keras == 3) config->only_in_training = true;
  HORN__TRY(horn__check_least(layer, "height", &config->height, 1, 1));
  return horn__check_least(layer, "width", &config->width, 1, 1);
}

/* The first row or column of the part, [1, 1], from a number below 1. */
static horn__value part_start(horn__graph *g, horn__value x, horn__value number, int32_t axis, int32_t size) {
  const horn__value room = horn__shift(g, side(g, x, axis), 1.0 - size);
  return HORN__EMIT(g, Floor, NULL, horn__mul(g, number, room));
}

static horn__value random_part(horn__call *call, horn__value x, int32_t height, int32_t width) {
  horn__graph *g = call->graph;
  const horn__transform attributes = {0, HORN__FILL_NEAREST, 0, {2, {height, width}}};
  const horn__ints shape = {2, {1, 1}};
  const horn__value across = draw(call, x, &shape, (range){0, 1}), along = draw(call, x, &shape, (range){0, 1});
  const horn__value right = part_start(g, x, across, 2, width), down = part_start(g, x, along, 1, height);
  const horn__value zero = horn__scale(g, right, 0), one = horn__shift(g, zero, 1);
  const horn__value matrix = HORN__EMIT(g, Concat, &(horn__concat){1}, one, zero, right, zero, one, down, zero, zero);
  return HORN__EMIT(g, Transform, &attributes, x, matrix);
}

static horn_status crop_call(horn__call *call) {
  const crop_config *config = call->config;
  horn__graph *graph = call->graph;
  const bool training = horn__is_training(graph);
  if (!training && config->only_in_training) return horn__return(call, call->in[0].value);
  horn__value x;
  HORN__TRY(begin(call, config->data_format, &x));
  if (!training || horn__is_smaller(graph, x, config->height, config->width))
    x = horn__smart_resize(graph, x, config->height, config->width);
  else
    x = random_part(call, x, config->height, config->width);
  return horn__return(call, horn__from_channels_last(graph, x, config->data_format));
}

const horn__layer_class horn__layer_RandomCrop = {
    .name = "RandomCrop", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(crop_config, crop_rows), .create = crop_create,
    .call = crop_call};

/* ---- RandomContrast, RandomBrightness ------------------------------------------------------------------------------------------------------ */

typedef struct color_config {
  const cJSON *factor, *value_range, *seed;
  int32_t data_format;
} color_config;

static const horn__field color_rows[] = {
    HORN__JSON(color_config, factor, NULL, NULL),
    HORN__JSON(color_config, value_range, NULL, "[0,255]"),
    SEED_ROW(color_config),
    HORN__DATA_FORMAT_ROW(color_config),
};

static range values_of(const color_config *config) {
  return config->value_range == NULL ? (range){0, 255} : range_of(config->value_range);
}

static horn_status check_colors(const horn__layer *layer, double low, double high) {
  const color_config *config = layer->config;
  HORN__TRY(check_range(layer, "factor", config->factor, low, high));
  if (config->value_range == NULL || (cJSON_IsArray(config->value_range) && is_pair(config->value_range))) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "value_range must be a list of two numbers");
}

static horn_status contrast_create(horn__layer *layer) { return check_colors(layer, -1, 10); }
static horn_status brightness_create(horn__layer *layer) { return check_colors(layer, -1, 1); }

static horn_status return_colors(horn__call *call, const color_config *config, horn__value y) {
  const range values = values_of(config);
  y = HORN__EMIT(call->graph, ClipByValue, (&(horn__clip){values.low, values.high}), y);
  return horn__return(call, horn__from_channels_last(call->graph, y, config->data_format));
}

/* (x - mean) f + mean with the mean of each channel; f between 1 - lower and 1 + upper. */
static horn_status contrast_call(horn__call *call) {
  const color_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(begin(call, config->data_format, &x));
  const bool pair = cJSON_IsArray(config->factor);
  const double lower = pair ? config->factor->child->valuedouble : config->factor->valuedouble;
  const double upper = pair ? config->factor->child->next->valuedouble : config->factor->valuedouble;
  const horn__value factor = draw(call, x, &one_image, (range){1 - lower, 1 + upper});
  const horn__value mean = HORN__EMIT(g, Mean, (&(horn__reduce){{2, {1, 2}}, true}), x);
  return return_colors(call, config, horn__add(g, horn__mul(g, horn__sub(g, x, mean), factor), mean));
}

/* x + f (high - low) of the range of values */
static horn_status brightness_call(horn__call *call) {
  const color_config *config = call->config;
  const range values = values_of(config);
  horn__value x;
  HORN__TRY(begin(call, config->data_format, &x));
  const horn__value factor = draw(call, x, &one_image, range_of(config->factor));
  return return_colors(call, config, horn__add(call->graph, x, horn__scale(call->graph, factor, values.high - values.low)));
}

AUGMENTATION(RandomContrast, color_config, color_rows, contrast_create, contrast_call);
AUGMENTATION(RandomBrightness, color_config, color_rows, brightness_create, brightness_call);

/* ---- RandomHeight, RandomWidth of Keras 2 -------------------------------------------------------------------------------------------------- */

typedef struct stretch_config {
  const cJSON *factor, *seed;
  const char *interpolation;
} stretch_config;

static const horn__field stretch_rows[] = {
    HORN__JSON(stretch_config, factor, NULL, NULL),
    HORN__TEXT(stretch_config, interpolation, NULL, "\"bilinear\""),
    SEED_ROW(stretch_config),
};

/* A plan's shapes follow from those of its inputs. */
static horn_status stretch_call(horn__call *call) {
  return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "a size that is drawn at random is not supported in training");
}

AUGMENTATION(RandomHeight, stretch_config, stretch_rows, NULL, stretch_call);
AUGMENTATION(RandomWidth, stretch_config, stretch_rows, NULL, stretch_call);
