/* Layers that change images at random in training, and leave them as they are in inference: RandomFlip, RandomRotation, RandomTranslation,
 * RandomZoom, RandomCrop, RandomContrast, RandomBrightness, RandomHeight, RandomWidth.
 * Reference: keras/src/layers/preprocessing/image_preprocessing, tf_keras/layers/preprocessing/image_preprocessing.py. */
#include <math.h>
#include <string.h>

#include "cJSON.h"
#include "layers/augmentation.h"
#include "layers/image.h"

/* ---- factors ---------------------------------------------------------------------------------------------------------------------------- */

static bool is_pair(const cJSON *json) {
  return cJSON_GetArraySize(json) == 2 && cJSON_IsNumber(json->child) && cJSON_IsNumber(json->child->next);
}

horn__range horn__range_of(const cJSON *json) {
  if (cJSON_IsNumber(json)) return (horn__range){-fabs(json->valuedouble), fabs(json->valuedouble)};
  if (json == NULL) return (horn__range){0, 0};
  const double a = json->child->valuedouble, b = json->child->next->valuedouble;
  return (horn__range){fmin(a, b), fmax(a, b)};
}

horn_status horn__check_pair(const horn__layer *layer, const char *field, const cJSON *json) {
  if (json == NULL || (cJSON_IsArray(json) && is_pair(json))) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s must be a list of two numbers", field);
}

horn_status horn__check_range(const horn__layer *layer, const char *field, const cJSON *json, double low, double high) {
  if (!cJSON_IsNumber(json) && !(cJSON_IsArray(json) && is_pair(json)))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s must be a number or a list of two numbers", field);
  const horn__range r = horn__range_of(json);
  if (r.low >= low && r.high <= high) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "%s must be in [%g, %g], got %g to %g", field, low, high, r.low, r.high);
}

/* ---- a call ------------------------------------------------------------------------------------------------------------------------------- */

const horn__ints horn__one_each = {2, {-1, 1}}, horn__one_image = {4, {-1, 1, 1, 1}};

horn_status horn__augment_begin(horn__call *call, int32_t data_format, horn__value *x) {
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), 4));
  *x = horn__to_channels_last(call->graph, horn__as_float(call->graph, call->in[0].value), data_format);
  return call->graph->status;
}

horn_status horn__augment_return(horn__call *call, int32_t data_format, horn__value y) {
  return horn__return(call, horn__from_channels_last(call->graph, y, data_format));
}

horn_status horn__augment_not(horn__call *call) { return horn__return(call, horn__as_float(call->graph, call->in[0].value)); }

horn__value horn__draw_range(const horn__call *call, horn__value x, const horn__ints *shape, horn__range r) {
  return horn__draw_uniform(call, x, shape, r.low, r.high);
}

horn__value horn__chosen(horn__call *call, horn__value x, double probability) {
  const horn__value number = horn__draw_range(call, x, &horn__one_image, (horn__range){0, 1});
  return HORN__EMIT(call->graph, Less, NULL, number, horn__graph_scalar(call->graph, probability));
}

horn__value horn__side(horn__graph *graph, horn__value x, int32_t axis) {
  const int32_t dim = horn__type_of(graph, x)->shape.dims[axis];
  if (dim >= 0) return horn__graph_scalar(graph, dim);
  return HORN__EMIT(graph, CountLike, NULL, x, HORN__EMIT(graph, Max, (&(horn__reduce){{1, {axis}}, true}), x));
}

const char *const horn__fill_interpolations[] = {"nearest", "bilinear", NULL};

horn__value horn__transformed(horn__graph *graph, horn__value x, const horn__value *numbers, const horn__fill *fill) {
  const horn__value zero = horn__scale(graph, numbers[0], 0);
  const horn__value matrix = HORN__EMIT(graph, Concat, &(horn__concat){1}, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
                                        numbers[5], zero, zero);
  const horn__transform attributes = {fill->interpolation, fill->fill_mode, fill->fill_value, {.count = -1}};
  return HORN__EMIT(graph, Transform, &attributes, x, matrix);
}

/* ---- RandomFlip ---------------------------------------------------------------------------------------------------------------- */

typedef struct flip_config {
  int32_t mode;
  const cJSON *seed;
  int32_t data_format;
  bool both_at_once; /* Keras 3's rule: one draw for both axes */
} flip_config;

enum { HORIZONTAL, VERTICAL, BOTH };
static const char *const flip_modes[] = {"horizontal", "vertical", "horizontal_and_vertical", NULL};
static const horn__field flip_rows[] = {
    HORN__ENUM(flip_config, mode, flip_modes, NULL, "\"horizontal_and_vertical\""),
    HORN__SEED_ROW(flip_config),
    HORN__DATA_FORMAT_ROW(flip_config),
    HORN__OWN(flip_config, both_at_once),
};

static horn_status flip_create(horn__layer *layer) {
  flip_config *config = layer->config;
  config->both_at_once = config->both_at_once || layer->keras >= 3;
  return HORN_OK;
}

static horn__value flipped(horn__graph *graph, horn__value x, horn__value which, int32_t axis) {
  return horn__select(graph, which, HORN__EMIT(graph, Reverse, (&(horn__reverse){{1, {axis}}}), x), x);
}

/* Half of the images: Keras 2 draws for each axis, Keras 3 once for both. */
static horn_status flip_call(horn__call *call) {
  const flip_config *config = call->config;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  horn__value which = horn__chosen(call, x, 0.5);
  if (config->mode != VERTICAL) x = flipped(call->graph, x, which, 2);
  if (config->mode == BOTH && !config->both_at_once) which = horn__chosen(call, x, 0.5);
  if (config->mode != HORIZONTAL) x = flipped(call->graph, x, which, 1);
  return horn__augment_return(call, config->data_format, x);
}

HORN__AUGMENTATION(RandomFlip, flip_config, flip_rows, flip_create, flip_call);

/* ---- RandomRotation: by a part of a whole turn, about the middle ------------------------------------------------------------------ */

typedef struct rotation_config {
  HORN__FILL_MEMBERS;
  const cJSON *factor;
} rotation_config;

static const horn__field rotation_rows[] = {HORN__JSON(rotation_config, factor, NULL, NULL), HORN__FILL_ROWS(rotation_config)};

static horn_status rotation_create(horn__layer *layer) {
  return horn__check_range(layer, "factor", ((const rotation_config *)layer->config)->factor, -1, 1);
}

/* Half of what is left of a side without a pixel: the place of the middle. */
static horn__value middle(horn__graph *graph, horn__value x, int32_t axis) {
  return horn__scale(graph, horn__shift(graph, horn__side(graph, x, axis), -1), 0.5);
}

static horn_status rotation_call(horn__call *call) {
  const rotation_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  const horn__value angle = horn__scale(g, horn__draw_range(call, x, &horn__one_each, horn__range_of(config->factor)), 6.28318530717958647692);
  const horn__value c = HORN__EMIT(g, Cos, NULL, angle), s = HORN__EMIT(g, Sin, NULL, angle);
  const horn__value cx = middle(g, x, 2), cy = middle(g, x, 1);
  const horn__value a2 = horn__add(g, horn__sub(g, cx, horn__mul(g, cx, c)), horn__mul(g, cy, s));
  const horn__value b2 = horn__sub(g, horn__sub(g, cy, horn__mul(g, cx, s)), horn__mul(g, cy, c));
  const horn__fill fill = {config->fill_mode, config->interpolation, config->fill_value};
  const horn__value y = horn__transformed(g, x, (const horn__value[]){c, horn__neg(g, s), a2, s, c, b2}, &fill);
  return horn__return(call, horn__from_channels_last(g, y, config->data_format));
}

HORN__AUGMENTATION(RandomRotation, rotation_config, rotation_rows, rotation_create, rotation_call);

/* ---- RandomTranslation, RandomZoom: by parts of the sides ---------------------------------------------------------------------------- */

typedef struct sides_config {
  HORN__FILL_MEMBERS;
  const cJSON *height_factor, *width_factor;
} sides_config;

static const horn__field translation_rows[] = {
    HORN__JSON(sides_config, height_factor, NULL, NULL),
    HORN__JSON(sides_config, width_factor, NULL, NULL),
    HORN__FILL_ROWS(sides_config),
};
static const horn__field zoom_rows[] = {
    HORN__JSON(sides_config, height_factor, NULL, NULL),
    HORN__JSON(sides_config, width_factor, NULL, "null"), /* null: the same number as for the height */
    HORN__FILL_ROWS(sides_config),
};

static horn_status translation_create(horn__layer *layer) {
  const sides_config *config = layer->config;
  HORN__TRY(horn__check_range(layer, "height_factor", config->height_factor, -1, 1));
  return horn__check_range(layer, "width_factor", config->width_factor, -1, 1);
}

static horn_status zoom_create(horn__layer *layer) {
  const sides_config *config = layer->config;
  HORN__TRY(horn__check_range(layer, "height_factor", config->height_factor, -1, 10));
  return config->width_factor == NULL ? HORN_OK : horn__check_range(layer, "width_factor", config->width_factor, -1, 10);
}

static horn_status translation_call(horn__call *call) {
  const sides_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  const horn__value part_down = horn__draw_range(call, x, &horn__one_each, horn__range_of(config->height_factor));
  const horn__value part_right = horn__draw_range(call, x, &horn__one_each, horn__range_of(config->width_factor));
  const horn__value down = horn__mul(g, part_down, horn__side(g, x, 1)), right = horn__mul(g, part_right, horn__side(g, x, 2));
  const horn__value zero = horn__scale(g, down, 0), one = horn__shift(g, zero, 1);
  const horn__fill fill = {config->fill_mode, config->interpolation, config->fill_value};
  const horn__value y = horn__transformed(g, x, (const horn__value[]){one, zero, horn__neg(g, right), zero, one, horn__neg(g, down)}, &fill);
  return horn__return(call, horn__from_channels_last(g, y, config->data_format));
}

/* The middle stays where it is. */
static horn_status zoom_call(horn__call *call) {
  const sides_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  const horn__value high = horn__shift(g, horn__draw_range(call, x, &horn__one_each, horn__range_of(config->height_factor)), 1);
  const horn__value wide = config->width_factor == NULL
      ? high : horn__shift(g, horn__draw_range(call, x, &horn__one_each, horn__range_of(config->width_factor)), 1);
  const horn__value a2 = horn__mul(g, middle(g, x, 2), horn__minus(g, 1, wide)), b2 = horn__mul(g, middle(g, x, 1), horn__minus(g, 1, high));
  const horn__value zero = horn__scale(g, high, 0);
  const horn__fill fill = {config->fill_mode, config->interpolation, config->fill_value};
  const horn__value y = horn__transformed(g, x, (const horn__value[]){wide, zero, a2, zero, high, b2}, &fill);
  return horn__return(call, horn__from_channels_last(g, y, config->data_format));
}

HORN__AUGMENTATION(RandomTranslation, sides_config, translation_rows, translation_create, translation_call);
HORN__AUGMENTATION(RandomZoom, sides_config, zoom_rows, zoom_create, zoom_call);

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
    HORN__SEED_ROW(crop_config),
    HORN__DATA_FORMAT_ROW(crop_config),
    HORN__OWN(crop_config, only_in_training),
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
  const horn__value room = horn__shift(g, horn__side(g, x, axis), 1.0 - size);
  return HORN__EMIT(g, Floor, NULL, horn__mul(g, number, room));
}

static horn__value random_part(horn__call *call, horn__value x, int32_t height, int32_t width) {
  horn__graph *g = call->graph;
  const horn__transform attributes = {0, HORN__FILL_NEAREST, 0, {2, {height, width}}};
  const horn__ints shape = {2, {1, 1}};
  const horn__value across = horn__draw_range(call, x, &shape, (horn__range){0, 1}), along = horn__draw_range(call, x, &shape, (horn__range){0, 1});
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
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  if (!training || horn__is_smaller(graph, x, config->height, config->width))
    x = horn__smart_resize(graph, x, config->height, config->width);
  else
    x = random_part(call, x, config->height, config->width);
  return horn__return(call, horn__from_channels_last(graph, x, config->data_format));
}

const horn__layer_class horn__layer_RandomCrop = {
    .name = "RandomCrop", .since_keras3 = "data_format", .min_inputs = 1, .max_inputs = 1,
    .config = HORN__FIELDS(crop_config, crop_rows), .create = crop_create, .call = crop_call};

/* ---- RandomContrast, RandomBrightness ------------------------------------------------------------------------------------------------------ */

typedef struct color_config {
  const cJSON *factor, *value_range, *seed;
  int32_t data_format;
} color_config;

static const horn__field color_rows[] = {
    HORN__JSON(color_config, factor, NULL, NULL),
    HORN__JSON(color_config, value_range, NULL, "[0,255]"),
    HORN__SEED_ROW(color_config),
    HORN__DATA_FORMAT_ROW(color_config),
};

horn__range horn__values_of(const cJSON *json) { return json == NULL ? (horn__range){0, 255} : horn__range_of(json); }

static horn_status check_colors(const horn__layer *layer, double low, double high) {
  const color_config *config = layer->config;
  HORN__TRY(horn__check_range(layer, "factor", config->factor, low, high));
  return horn__check_pair(layer, "value_range", config->value_range);
}

static horn_status contrast_create(horn__layer *layer) { return check_colors(layer, -1, 10); }
static horn_status brightness_create(horn__layer *layer) { return check_colors(layer, -1, 1); }

horn__value horn__clip_values(horn__graph *graph, horn__value y, horn__range values) {
  return HORN__EMIT(graph, ClipByValue, (&(horn__clip){values.low, values.high}), y);
}

horn__value horn__contrasted(const horn__call *call, horn__value x, const cJSON *part, horn__range values) {
  horn__graph *g = call->graph;
  const bool pair = cJSON_IsArray(part);
  const double lower = pair ? part->child->valuedouble : part->valuedouble, upper = pair ? part->child->next->valuedouble : part->valuedouble;
  const horn__value factor = horn__draw_range(call, x, &horn__one_image, (horn__range){1 - lower, 1 + upper});
  const horn__value mean = HORN__EMIT(g, Mean, (&(horn__reduce){{2, {1, 2}}, true}), x);
  return horn__clip_values(g, horn__add(g, horn__mul(g, horn__sub(g, x, mean), factor), mean), values);
}

horn__value horn__brightened(const horn__call *call, horn__value x, const cJSON *part, horn__range values) {
  horn__graph *g = call->graph;
  const horn__value factor = horn__draw_range(call, x, &horn__one_image, horn__range_of(part));
  return horn__clip_values(g, horn__add(g, x, horn__scale(g, factor, values.high - values.low)), values);
}

static horn_status contrast_call(horn__call *call) {
  const color_config *config = call->config;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  return horn__augment_return(call, config->data_format, horn__contrasted(call, x, config->factor, horn__values_of(config->value_range)));
}

static horn_status brightness_call(horn__call *call) {
  const color_config *config = call->config;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  return horn__augment_return(call, config->data_format, horn__brightened(call, x, config->factor, horn__values_of(config->value_range)));
}

HORN__AUGMENTATION_SINCE("data_format|value_range", RandomContrast, color_config, color_rows, contrast_create, contrast_call);
HORN__AUGMENTATION(RandomBrightness, color_config, color_rows, brightness_create, brightness_call);

/* ---- RandomHeight, RandomWidth of Keras 2 -------------------------------------------------------------------------------------------------- */

typedef struct stretch_config {
  const cJSON *factor, *seed;
  const char *interpolation;
} stretch_config;

static const horn__field stretch_rows[] = {
    HORN__JSON(stretch_config, factor, NULL, NULL),
    HORN__TEXT(stretch_config, interpolation, NULL, "\"bilinear\""),
    HORN__SEED_ROW(stretch_config),
};

/* A plan's shapes follow from those of its inputs. */
static horn_status stretch_call(horn__call *call) {
  return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "a size that is drawn at random is not supported in training");
}

HORN__AUGMENTATION(RandomHeight, stretch_config, stretch_rows, NULL, stretch_call);
HORN__AUGMENTATION(RandomWidth, stretch_config, stretch_rows, NULL, stretch_call);
