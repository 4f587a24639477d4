/* Layers of Keras 3 that change colours at random in training: AutoContrast (always, and not at random), Equalization, RandomColorDegeneration,
 * RandomColorJitter, RandomGaussianBlur, RandomGrayscale, RandomHue, RandomInvert, RandomPosterization, RandomSaturation, RandomSharpness,
 * Solarization. Reference: keras/src/layers/preprocessing/image_preprocessing. */
#include <math.h>

#include "cJSON.h"
#include "layers/augmentation.h"

/* One table for all: each class has the rows that it has. */
typedef struct color_config {
  const cJSON *factor, *value_range, *seed, *addition_factor, *threshold_factor, *kernel_size, *sigma;
  const cJSON *brightness_factor, *contrast_factor, *saturation_factor, *hue_factor;
  int32_t data_format, bins;
} color_config;

#define END_ROWS HORN__JSON(color_config, value_range, NULL, "[0,255]"), HORN__SEED_ROW(color_config), HORN__DATA_FORMAT_ROW(color_config)

/* A factor of a layer that has none below `low`: one number is low to itself; `initial` where it is left out. */
static horn__range factor_from(const cJSON *json, double low, double initial) {
  if (json == NULL) return (horn__range){low, initial};
  horn__range r = horn__range_of(json);
  if (!cJSON_IsArray(json) && r.low < low) r.low = low;
  return r;
}

/* A field that is left out has a default. */
static horn_status create_from(horn__layer *layer, const char *field, const cJSON *json, double low, double high) {
  const color_config *config = layer->config;
  HORN__TRY(horn__check_pair(layer, "value_range", config->value_range));
  if (json == NULL || (cJSON_IsNumber(json) && json->valuedouble >= low && json->valuedouble <= high)) return HORN_OK;
  return horn__check_range(layer, field, json, low, high);
}

static horn_status unit_create(horn__layer *layer) {
  return create_from(layer, "factor", ((const color_config *)layer->config)->factor, 0, 1);
}
static horn_status signed_create(horn__layer *layer) {
  return create_from(layer, "factor", ((const color_config *)layer->config)->factor, -1, 1);
}

/* ---- pieces ------------------------------------------------------------------------------------------------------------------------ */

/* Values of one range as they are in another. */
static horn__value into_range(horn__graph *g, horn__value x, horn__range from, horn__range to) {
  if (from.low == to.low && from.high == to.high) return x;
  return horn__shift(g, horn__scale(g, horn__shift(g, x, -from.low), (to.high - to.low) / (from.high - from.low)), to.low);
}

static const horn__range bytes = {0, 255}, unit = {0, 1};

static horn__value channel(horn__graph *g, horn__value x, int32_t index) {
  const horn__slice part = {{4, {0, 0, 0, index}}, {4, {-1, -1, -1, 1}}};
  return HORN__EMIT(g, Slice, &part, x);
}

/* ITU-R BT.601 luma, as tf.image.rgb_to_grayscale has it: one channel. */
static horn__value gray(horn__graph *g, horn__value x) {
  const horn__value red = horn__scale(g, channel(g, x, 0), 0.2989), green = horn__scale(g, channel(g, x, 1), 0.587);
  return horn__add(g, horn__add(g, red, green), horn__scale(g, channel(g, x, 2), 0.114));
}

typedef struct hsv {
  horn__value hue, saturation, value; /* [N, H, W, 1]; the first two between 0 and 1 */
} hsv;

static hsv to_hsv(horn__graph *g, horn__value x) {
  const horn__reduce over_channels = {{1, {3}}, true};
  const horn__value r = channel(g, x, 0), green = channel(g, x, 1), b = channel(g, x, 2), zero = horn__graph_scalar(g, 0);
  const horn__value most = HORN__EMIT(g, Max, &over_channels, x), span = horn__sub(g, most, HORN__EMIT(g, Min, &over_channels, x));
  const horn__value colored = HORN__EMIT(g, Greater, NULL, span, zero), one = horn__graph_scalar(g, 1);
  const horn__value sixth = horn__div(g, horn__graph_scalar(g, 1.0 / 6), horn__select(g, colored, span, one));
  const horn__value of_red = horn__mul(g, sixth, horn__sub(g, green, b));
  const horn__value of_green = horn__shift(g, horn__mul(g, sixth, horn__sub(g, b, r)), 2.0 / 6);
  const horn__value of_blue = horn__shift(g, horn__mul(g, sixth, horn__sub(g, r, green)), 4.0 / 6);
  horn__value hue = horn__select(g, HORN__EMIT(g, Equal, NULL, green, most), of_green, of_blue);
  hue = horn__mask(g, horn__select(g, HORN__EMIT(g, Equal, NULL, r, most), of_red, hue), colored);
  hue = horn__select(g, HORN__EMIT(g, Less, NULL, hue, zero), horn__shift(g, hue, 1), hue);
  const horn__value bright = HORN__EMIT(g, Greater, NULL, most, zero);
  const horn__value saturation = horn__mask(g, horn__div(g, span, horn__select(g, bright, most, one)), bright);
  return (hsv){hue, saturation, most};
}

/* How much of a colour there is around the hue `at` sixths: |6 h - at| clipped to a ramp. */
static horn__value ramp(horn__graph *g, horn__value hue, double at, double sign, double offset) {
  const horn__value distance = HORN__EMIT(g, Abs, NULL, horn__shift(g, horn__scale(g, hue, 6), -at));
  return horn__clip_values(g, horn__shift(g, horn__scale(g, distance, sign), offset), unit);
}

static horn__value from_hsv(horn__graph *g, hsv color) {
  const horn__value white = horn__minus(g, 1, color.saturation);
  horn__value parts[] = {ramp(g, color.hue, 3, 1, -1), ramp(g, color.hue, 2, -1, 2), ramp(g, color.hue, 4, -1, 2)};
  for (int32_t i = 0; i < 3; i++) parts[i] = horn__mul(g, horn__add(g, white, horn__mul(g, color.saturation, parts[i])), color.value);
  return HORN__EMIT(g, Concat, &(horn__concat){3}, parts[0], parts[1], parts[2]);
}

/* The call of a class: begin, change, return. */
typedef horn__value (*change_rule)(horn__call *call, horn__value x);
static horn_status changed(horn__call *call, change_rule rule) {
  const color_config *config = call->config;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  return horn__augment_return(call, config->data_format, rule(call, x));
}

#define COLOR(Name, create_rule, rule, ...)                                            \
  static const horn__field rows_##Name[] = {__VA_ARGS__, END_ROWS};                    \
  static horn_status train_##Name(horn__call *call) { return changed(call, rule); }    \
  HORN__AUGMENTATION(Name, color_config, rows_##Name, create_rule, train_##Name)
#define FACTOR_ROW(initial) HORN__JSON(color_config, factor, NULL, initial)

static horn__value of_each(const horn__call *call, horn__value x, horn__range r) { return horn__draw_range(call, x, &horn__one_image, r); }

/* Whether a number below one is below another, which is drawn from the factor. */
static horn__value drawn_often(const horn__call *call, horn__value x, const cJSON *factor) {
  const horn__value probability = of_each(call, x, factor_from(factor, 0, 1));
  return HORN__EMIT(call->graph, Less, NULL, of_each(call, x, unit), probability);
}

/* ---- hue, saturation ------------------------------------------------------------------------------------------------------------------- */

/* h + f / 2 or h - f / 2, round the circle. */
static horn__value with_hue(const horn__call *call, horn__value x, const cJSON *factor, horn__range values) {
  horn__graph *g = call->graph;
  const horn__value sign = HORN__EMIT(g, Sign, NULL, horn__shift(g, of_each(call, x, unit), -0.5));
  const horn__value by = horn__scale(g, horn__mul(g, sign, of_each(call, x, factor_from(factor, 0, 0))), -0.5);
  hsv color = to_hsv(g, into_range(g, x, values, unit));
  horn__value hue = horn__add(g, color.hue, by);
  hue = horn__select(g, HORN__EMIT(g, Greater, NULL, hue, horn__graph_scalar(g, 1)), horn__shift(g, hue, -1), hue);
  color.hue = horn__select(g, HORN__EMIT(g, Less, NULL, hue, horn__graph_scalar(g, 0)), horn__shift(g, hue, 1), hue);
  return into_range(g, horn__clip_values(g, from_hsv(g, color), unit), unit, values);
}

/* s f / (1 - f) */
static horn__value with_saturation(const horn__call *call, horn__value x, const cJSON *factor, horn__range values) {
  horn__graph *g = call->graph;
  const horn__value drawn = of_each(call, x, horn__range_of(factor));
  const horn__value by = horn__div(g, drawn, horn__shift(g, horn__minus(g, 1, drawn), 1e-7));
  hsv color = to_hsv(g, x);
  color.saturation = horn__clip_values(g, horn__mul(g, color.saturation, by), values);
  return from_hsv(g, color);
}

static horn__value hue_rule(horn__call *call, horn__value x) {
  const color_config *config = call->config;
  return with_hue(call, x, config->factor, horn__values_of(config->value_range));
}
static horn__value saturation_rule(horn__call *call, horn__value x) {
  const color_config *config = call->config;
  return with_saturation(call, x, config->factor, horn__values_of(config->value_range));
}
COLOR(RandomHue, unit_create, hue_rule, FACTOR_ROW(NULL));
COLOR(RandomSaturation, signed_create, saturation_rule, FACTOR_ROW(NULL));

/* ---- RandomColorJitter: brightness, contrast, saturation, hue, those that are given, in this order ------------------------------------------ */

static horn_status jitter_create(horn__layer *layer) {
  const color_config *config = layer->config;
  HORN__TRY(horn__check_pair(layer, "value_range", config->value_range));
  if (config->brightness_factor != NULL) HORN__TRY(horn__check_range(layer, "brightness_factor", config->brightness_factor, -1, 1));
  if (config->contrast_factor != NULL) HORN__TRY(create_from(layer, "contrast_factor", config->contrast_factor, 0, 1));
  if (config->saturation_factor != NULL) HORN__TRY(horn__check_range(layer, "saturation_factor", config->saturation_factor, -1, 1));
  return config->hue_factor == NULL ? HORN_OK : create_from(layer, "hue_factor", config->hue_factor, 0, 1);
}

static horn__value jitter_rule(horn__call *call, horn__value x) {
  const color_config *config = call->config;
  const horn__range values = horn__values_of(config->value_range);
  if (config->brightness_factor != NULL) x = horn__brightened(call, x, config->brightness_factor, values);
  if (config->contrast_factor != NULL) x = horn__contrasted(call, x, config->contrast_factor, values);
  if (config->saturation_factor != NULL) x = with_saturation(call, x, config->saturation_factor, values);
  return config->hue_factor == NULL ? x : with_hue(call, x, config->hue_factor, values);
}

COLOR(RandomColorJitter, jitter_create, jitter_rule, HORN__JSON(color_config, brightness_factor, NULL, "null"),
      HORN__JSON(color_config, contrast_factor, NULL, "null"), HORN__JSON(color_config, saturation_factor, NULL, "null"),
      HORN__JSON(color_config, hue_factor, NULL, "null"));

/* ---- RandomGrayscale, RandomColorDegeneration: all gray, or on the way there ------------------------------------------------------------------ */

static horn__value grayscale_rule(horn__call *call, horn__value x) {
  const cJSON *factor = ((const color_config *)call->config)->factor;
  return horn__select(call->graph, horn__chosen(call, x, factor == NULL ? 0.5 : factor->valuedouble), gray(call->graph, x), x);
}

static horn_status grayscale_create(horn__layer *layer) {
  const cJSON *factor = ((const color_config *)layer->config)->factor;
  if (factor == NULL || cJSON_IsNumber(factor)) return unit_create(layer);
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "factor must be a number");
}

static horn__value degeneration_rule(horn__call *call, horn__value x) {
  const color_config *config = call->config;
  horn__graph *g = call->graph;
  const horn__value way = horn__mul(g, of_each(call, x, horn__range_of(config->factor)), horn__sub(g, gray(g, x), x));
  return horn__clip_values(g, horn__add(g, x, way), horn__values_of(config->value_range));
}

COLOR(RandomGrayscale, grayscale_create, grayscale_rule, FACTOR_ROW("0.5"));
COLOR(RandomColorDegeneration, signed_create, degeneration_rule, FACTOR_ROW(NULL));

/* ---- RandomInvert, Solarization, RandomPosterization --------------------------------------------------------------------- */

static horn__value invert_rule(horn__call *call, horn__value x) {
  const color_config *config = call->config;
  const horn__value inverted = horn__minus(call->graph, horn__values_of(config->value_range).high, x);
  return horn__select(call->graph, drawn_often(call, x, config->factor), inverted, x);
}

static horn_status solarize_create(horn__layer *layer) {
  const color_config *config = layer->config;
  HORN__TRY(create_from(layer, "addition_factor", config->addition_factor, 0, 1));
  return create_from(layer, "threshold_factor", config->threshold_factor, 0, 1);
}

/* In bytes: x plus a number, and what then reaches a threshold inverted. */
static horn__value solarize_rule(horn__call *call, horn__value x) {
  const color_config *config = call->config;
  horn__graph *g = call->graph;
  const horn__range values = horn__values_of(config->value_range);
  const horn__range add = factor_from(config->addition_factor, 0, 0), threshold = factor_from(config->threshold_factor, 0, 0);
  const horn__value more = of_each(call, x, (horn__range){add.low, add.high * 255});
  const horn__value limit = of_each(call, x, (horn__range){threshold.low, threshold.high * 255});
  const horn__value y = horn__clip_values(g, horn__add(g, into_range(g, x, values, bytes), more), bytes);
  return into_range(g, horn__select(g, HORN__EMIT(g, Less, NULL, y, limit), y, horn__minus(g, 255, y)), bytes, values);
}

static horn_status posterize_create(horn__layer *layer) {
  return create_from(layer, "factor", ((const color_config *)layer->config)->factor, 1, 8);
}

/* In bytes: only the first `factor` bits stay. */
static horn__value posterize_rule(horn__call *call, horn__value x) {
  const color_config *config = call->config;
  horn__graph *g = call->graph;
  const horn__range values = horn__values_of(config->value_range);
  const horn__value bits = HORN__EMIT(g, Floor, NULL, of_each(call, x, factor_from(config->factor, 1, 1)));
  const horn__value step = HORN__EMIT(g, Pow, NULL, horn__graph_scalar(g, 2), horn__minus(g, 8, bits));
  const horn__value whole = HORN__EMIT(g, Floor, NULL, into_range(g, x, values, bytes));
  return into_range(g, horn__mul(g, HORN__EMIT(g, Floor, NULL, horn__div(g, whole, step)), step), bytes, values);
}

COLOR(RandomInvert, unit_create, invert_rule, FACTOR_ROW("1.0"));
COLOR(Solarization, solarize_create, solarize_rule, HORN__JSON(color_config, addition_factor, NULL, "0.0"),
      HORN__JSON(color_config, threshold_factor, NULL, "0.0"));
COLOR(RandomPosterization, posterize_create, posterize_rule, FACTOR_ROW(NULL));

/* ---- RandomSharpness, RandomGaussianBlur: between an image and its blur -------------------------------------------------- */

/* x under a window [h, w, 1, 1], the same for all channels, however many there are. */
static horn__value blurred(horn__graph *g, horn__value x, horn__value window) {
  static const horn__slice one_pixel = {{4, {0}}, {4, {1, 1, 1, -1}}};
  static const horn__transpose as_filter = {{4, {0, 1, 3, 2}}};
  const horn__conv same = {.strides = {1, 1}, .dilations = {1, 1}, .padding = HORN__SAME};
  const horn__value zeros = HORN__EMIT(g, Slice, &one_pixel, HORN__EMIT(g, ZerosLike, NULL, x));
  return HORN__EMIT(g, DepthwiseConv2dNative, &same, x, horn__add(g, window, HORN__EMIT(g, Transpose, &as_filter, zeros)));
}

static horn__value sharpness_rule(horn__call *call, horn__value x) {
  static const int32_t dims[] = {3, 3, 1, 1}, weights[] = {1, 1, 1, 1, 5, 1, 1, 1, 1};
  const color_config *config = call->config;
  horn__graph *g = call->graph;
  const horn__value window = horn__scale(g, horn__as_float(g, horn__graph_ints(g, 4, dims, weights)), 1.0 / 13);
  const horn__value part = horn__minus(g, 1, horn__scale(g, of_each(call, x, factor_from(config->factor, 0, 0)), 2));
  const horn__value y = horn__add(g, x, horn__mul(g, part, horn__sub(g, blurred(g, x, window), x)));
  return horn__clip_values(g, y, horn__values_of(config->value_range));
}

enum { MOST_BLUR = 999 };

static horn_status blur_create(horn__layer *layer) {
  const color_config *config = layer->config;
  HORN__TRY(unit_create(layer));
  HORN__TRY(create_from(layer, "sigma", config->sigma, 0, 1));
  if (config->kernel_size == NULL) return HORN_OK;
  HORN__TRY(horn__check_range(layer, "kernel_size", config->kernel_size, -MOST_BLUR, MOST_BLUR));
  const horn__range sizes = horn__range_of(config->kernel_size);
  if (fmod(sizes.high, 2) == 1 && fabs(fmod(sizes.low, 2)) == 1 && (sizes.low > 0 || cJSON_IsNumber(config->kernel_size))) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "kernel_size must be odd numbers");
}

/* exp(-(i / sigma)^2 / 2) along an axis, of sum 1; sigma [1, 1, 1, 1]. */
static horn__value bell(horn__graph *g, int32_t size, horn__value sigma, int32_t axis) {
  int32_t dims[] = {1, 1, 1, 1}, places[MOST_BLUR];
  dims[axis] = size;
  for (int32_t i = 0; i < size; i++) places[i] = i - size / 2;
  const horn__value x = horn__div(g, horn__as_float(g, horn__graph_ints(g, 4, dims, places)), sigma);
  const horn__value y = HORN__EMIT(g, Exp, NULL, horn__scale(g, horn__square(g, x), -0.5));
  return horn__div(g, y, HORN__EMIT(g, Sum, (&(horn__reduce){{1, {axis}}, true}), y));
}

/* One blur for the batch, and for each image whether it has it. Keras takes the elements of a window [width, height] as [height, width]. */
static horn__value blur_rule(horn__call *call, horn__value x) {
  static const horn__ints one = {4, {1, 1, 1, 1}};
  const color_config *config = call->config;
  horn__graph *g = call->graph;
  const cJSON *sizes = config->kernel_size;
  int32_t height = 3, width = 3;
  if (sizes != NULL) height = (cJSON_IsArray(sizes) ? sizes->child : sizes)->valueint;
  if (sizes != NULL) width = (cJSON_IsArray(sizes) ? sizes->child->next : sizes)->valueint;
  const horn__reshape turned = {.shape = {4, {height, width, 1, 1}}};
  const horn__range sigma = factor_from(config->sigma, 0, 1);
  const horn__value across = horn__shift(g, horn__draw_range(call, x, &one, sigma), 1e-6);
  const horn__value down = horn__shift(g, horn__draw_range(call, x, &one, sigma), 1e-6);
  const horn__value window = HORN__EMIT(g, Reshape, &turned, horn__mul(g, bell(g, width, down, 0), bell(g, height, across, 1)));
  const horn__value y = horn__select(g, drawn_often(call, x, config->factor), blurred(g, x, window), x);
  return horn__clip_values(g, y, horn__values_of(config->value_range));
}

COLOR(RandomSharpness, unit_create, sharpness_rule, FACTOR_ROW(NULL));
COLOR(RandomGaussianBlur, blur_create, blur_rule, FACTOR_ROW("1.0"), HORN__JSON(color_config, kernel_size, NULL, "3"),
      HORN__JSON(color_config, sigma, NULL, "1.0"));

/* ---- AutoContrast, Equalization ------------------------------------------------------------------------------------------ */

static horn_status values_create(horn__layer *layer) {
  return horn__check_pair(layer, "value_range", ((const color_config *)layer->config)->value_range);
}

/* Each channel of an image from its darkest to its brightest over all of the range; one of a single value stays. */
static horn_status auto_contrast_call(horn__call *call) {
  const color_config *config = call->config;
  const horn__reduce of_image = {{2, {1, 2}}, true};
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  const horn__value low = HORN__EMIT(g, Min, &of_image, x), span = horn__sub(g, HORN__EMIT(g, Max, &of_image, x), low);
  const horn__value varied = HORN__EMIT(g, Greater, NULL, span, horn__graph_scalar(g, 0));
  const horn__value part = horn__div(g, horn__sub(g, x, low), horn__select(g, varied, span, horn__graph_scalar(g, 1)));
  const horn__value y = into_range(g, horn__clip_values(g, part, unit), unit, horn__values_of(config->value_range));
  return horn__augment_return(call, config->data_format, horn__select(g, varied, y, x));
}

static const horn__field auto_contrast_rows[] = {HORN__JSON(color_config, value_range, NULL, "[0,255]"), HORN__DATA_FORMAT_ROW(color_config)};
const horn__layer_class horn__layer_AutoContrast = {
    .name = "AutoContrast", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(color_config, auto_contrast_rows),
    .create = values_create, .call = auto_contrast_call};

enum { MOST_BINS = 1 << 16 };

static horn_status equalize_create(horn__layer *layer) {
  const color_config *config = layer->config;
  HORN__TRY(values_create(layer));
  if (config->bins >= 2 && config->bins <= MOST_BINS) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "bins must be 2 to %d, got %d", MOST_BINS, config->bins);
}

static horn__value to_bin(horn__graph *g, horn__value x, int32_t bins) {
  const horn__value place = horn__clip_values(g, horn__scale(g, horn__div(g, x, horn__graph_scalar(g, 255)), bins - 1), (horn__range){0, bins - 1});
  return HORN__EMIT(g, Cast, &(horn__cast){HORN_INT32}, place);
}

/* Each row of x by its cumulative histogram c: round(255 (c - first) / (last - first)) of a value's bin. */
static horn__value equalized(horn__graph *g, horn__value x, int32_t bins) {
  static const horn__reduce over_row = {{1, {1}}, true};
  const horn__slice last = {{2, {0, bins - 1}}, {2, {-1, 1}}};
  const horn__scan along = {.axis = 1};
  const horn__gather of_row = {.axis = 1, .batch_dims = 1};
  const horn__value bin = to_bin(g, x, bins), counts = HORN__EMIT(g, DenseBincount, &(horn__bincount){.size = bins}, bin);
  const horn__value sums = HORN__EMIT(g, Cumsum, &along, counts), used = HORN__EMIT(g, Greater, NULL, counts, horn__graph_scalar(g, 0));
  const horn__value total = HORN__EMIT(g, Slice, &last, sums);
  const horn__value first = HORN__EMIT(g, Min, &over_row, horn__select(g, used, sums, total)), span = horn__sub(g, total, first);
  const horn__value several = HORN__EMIT(g, Greater, NULL, span, horn__graph_scalar(g, 0));
  horn__value table = horn__div(g, horn__scale(g, horn__sub(g, sums, first), 255), horn__select(g, several, span, horn__graph_scalar(g, 1)));
  table = horn__clip_values(g, HORN__EMIT(g, Round, NULL, table), bytes);
  return horn__select(g, several, HORN__EMIT(g, GatherV2, &of_row, table, bin), x);
}

/* Each channel of the whole batch as a row. */
static horn_status equalize_call(horn__call *call) {
  static const horn__transpose channels_first = {{4, {3, 0, 1, 2}}}, channels_last = {{4, {1, 2, 3, 0}}};
  const horn__reshape row = {.shape = {2, {0, -1}}, .keep_first = true};
  const color_config *config = call->config;
  const horn__range values = horn__values_of(config->value_range);
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  x = HORN__EMIT(g, Transpose, &channels_first, into_range(g, x, values, bytes));
  horn__value y = equalized(g, HORN__EMIT(g, Reshape, &row, x), config->bins);
  y = HORN__EMIT(g, Transpose, &channels_last, HORN__EMIT(g, ReshapeLike, NULL, y, x));
  return horn__augment_return(call, config->data_format, into_range(g, y, bytes, values));
}

static const horn__field equalize_rows[] = {HORN__JSON(color_config, value_range, NULL, "[0,255]"), HORN__INT(color_config, bins, NULL, "256"),
                                            HORN__DATA_FORMAT_ROW(color_config)};
HORN__AUGMENTATION(Equalization, color_config, equalize_rows, equalize_create, equalize_call);
