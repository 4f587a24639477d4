/* Layers of Keras 3 that change what is where at random in training: CutMix, MixUp, RandomErasing, RandomShear; and those of which only
 * inference is there: AugMix, RandAugment, RandomElasticTransform, RandomPerspective.
 * Reference: keras/src/layers/preprocessing/image_preprocessing. */
#include "cJSON.h"
#include "layers/augmentation.h"

/* ---- boxes ---------------------------------------------------------------------------------------------------------------------------- */

/* 0, 1, 2, ... along an axis of x, with a 1 in place of its other dimensions. */
static horn__value places(horn__graph *g, horn__value x, int32_t axis) {
  horn__slice line = {{4, {0}}, {4, {1, 1, 1, 1}}};
  line.size.values[axis] = -1;
  const horn__value ones = horn__shift(g, HORN__EMIT(g, Slice, &line, HORN__EMIT(g, ZerosLike, NULL, x)), 1);
  const horn__scan counted = {.axis = axis, .exclusive = true};
  return HORN__EMIT(g, Cumsum, &counted, ones);
}

/* What lies within a part of an axis: `part` (of one, for each image) long, `at` (of one) of the way along. */
static horn__value within(horn__graph *g, horn__value x, horn__value part, horn__value at, int32_t axis) {
  const horn__value whole = horn__side(g, x, axis), length = horn__mul(g, part, whole), place = places(g, x, axis);
  const horn__value start = horn__mul(g, at, horn__sub(g, whole, length));
  return HORN__EMIT(g, LogicalAnd, NULL, HORN__EMIT(g, GreaterEqual, NULL, place, start),
                    HORN__EMIT(g, Less, NULL, place, horn__add(g, start, length)));
}

static horn__value drawn_each(const horn__call *call, horn__value x, horn__range r) { return horn__draw_range(call, x, &horn__one_image, r); }

/* A box for each image, of such parts of the width and the height. All is drawn before what depends on known sizes: open graphs draw alike. */
static horn__value box(const horn__call *call, horn__value x, horn__value wide, horn__value high) {
  const horn__value across = drawn_each(call, x, (horn__range){0, 1}), down = drawn_each(call, x, (horn__range){0, 1});
  return HORN__EMIT(call->graph, LogicalAnd, NULL, within(call->graph, x, wide, across, 2), within(call->graph, x, high, down, 1));
}

/* The images of the batch in a random order: each goes to where its number is among those drawn. */
static horn__value shuffled(const horn__call *call, horn__value x) {
  static const horn__transpose swap = {{2, {1, 0}}};
  static const horn__reduce over_row = {{1, {1}}, false};
  horn__graph *g = call->graph;
  const horn__value numbers = horn__draw_range(call, x, &horn__one_each, (horn__range){0, 1});
  const horn__value smaller = HORN__EMIT(g, Less, NULL, HORN__EMIT(g, Transpose, &swap, numbers), numbers);
  const horn__value rank = HORN__EMIT(g, Sum, &over_row, HORN__EMIT(g, Cast, &(horn__cast){HORN_INT32}, smaller));
  return HORN__EMIT(g, GatherV2, &(horn__gather){0}, x, rank);
}

/* ---- MixUp: w x + (1 - w) of another image, w from Beta(alpha, alpha) ---------------------------------------------------------------------- */

typedef struct mix_config {
  double alpha;
  const cJSON *factor, *seed;
  int32_t data_format;
} mix_config;

static const horn__field mix_up_rows[] = {HORN__FLOAT(mix_config, alpha, NULL, "0.2"), HORN__SEED_ROW(mix_config), HORN__DATA_FORMAT_ROW(mix_config)};

static horn_status mix_up_create(horn__layer *layer) {
  if (((const mix_config *)layer->config)->alpha > 0) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "alpha must be above 0");
}

static horn_status mix_up_call(horn__call *call) {
  const mix_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  const horn__value a = horn__draw_gamma(call, x, &horn__one_image, config->alpha);
  const horn__value b = horn__draw_gamma(call, x, &horn__one_image, config->alpha);
  const horn__value sum = horn__shift(g, horn__add(g, a, b), 1e-30); /* both may be zero for a small alpha */
  const horn__value other = shuffled(call, x), weight = horn__div(g, a, sum);
  return horn__augment_return(call, config->data_format, horn__add(g, other, horn__mul(g, weight, horn__sub(g, x, other))));
}

HORN__AUGMENTATION(MixUp, mix_config, mix_up_rows, mix_up_create, mix_up_call);

/* ---- CutMix: a box of another image, of 1 - w of the area, w from Beta(a, a) with a drawn from the factor ----------------------------------- */

static const horn__field cut_mix_rows[] = {HORN__JSON(mix_config, factor, NULL, "1.0"), HORN__SEED_ROW(mix_config),
                                           HORN__DATA_FORMAT_ROW(mix_config)};

static horn_status cut_mix_create(horn__layer *layer) {
  const cJSON *factor = ((const mix_config *)layer->config)->factor;
  return factor == NULL || (cJSON_IsNumber(factor) && factor->valuedouble >= 0 && factor->valuedouble <= 1)
      ? HORN_OK : horn__check_range(layer, "factor", factor, 0, 1);
}

enum { TRIES = 24 };

/* Beta(a, a) for each image by Jöhnk's method, for a up to 1: of uniform u and v with u^(1/a) + v^(1/a) <= 1 the part of the first. At least
 * half of all tries do; the first that does is taken. Computed with logarithms: such powers underflow. */
static horn__value beta(const horn__call *call, horn__value x, horn__value a) {
  static const horn__ints tries = {2, {-1, TRIES}};
  static const horn__reduce over_tries = {{1, {1}}, true};
  const horn__reshape image = {.shape = {4, {-1, 1, 1, 1}}};
  const horn__one_hot chosen = {TRIES, 1, 0, HORN_FLOAT32};
  horn__graph *g = call->graph;
  horn__value powers[2];
  for (int32_t i = 0; i < 2; i++)
    powers[i] = horn__div(g, HORN__EMIT(g, Log, NULL, horn__minus(g, 1, horn__draw_range(call, x, &tries, (horn__range){0, 1}))), a);
  const horn__value sum = horn__add(g, HORN__EMIT(g, Exp, NULL, powers[0]), HORN__EMIT(g, Exp, NULL, powers[1]));
  const horn__value good = horn__as_float(g, HORN__EMIT(g, LessEqual, NULL, sum, horn__graph_scalar(g, 1)));
  const horn__value first = HORN__EMIT(g, OneHot, &chosen, HORN__EMIT(g, ArgMax, &(horn__arg_reduce){1}, good));
  const horn__value part = HORN__EMIT(g, Sigmoid, NULL, horn__sub(g, powers[0], powers[1]));
  return HORN__EMIT(g, Reshape, &image, HORN__EMIT(g, Sum, &over_tries, horn__mul(g, first, part)));
}

static horn_status cut_mix_call(horn__call *call) {
  static const horn__ints one = {2, {1, 1}};
  const mix_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  horn__range factor = config->factor == NULL ? (horn__range){0, 1} : horn__range_of(config->factor);
  if (factor.low < 0) factor.low = 0;
  const horn__value a = horn__shift(g, horn__draw_range(call, x, &one, factor), 1e-6);
  const horn__value part = HORN__EMIT(g, Sqrt, NULL, horn__minus(g, 1, beta(call, x, a)));
  const horn__value other = shuffled(call, x);
  return horn__augment_return(call, config->data_format, horn__select(g, box(call, x, part, part), other, x));
}

HORN__AUGMENTATION(CutMix, mix_config, cut_mix_rows, cut_mix_create, cut_mix_call);

/* ---- RandomErasing ------------------------------------------------------------------------------------------------------- */

typedef struct erasing_config {
  const cJSON *factor, *scale, *fill_value, *value_range, *seed;
  int32_t data_format;
} erasing_config;

static const horn__field erasing_rows[] = {
    HORN__JSON(erasing_config, factor, NULL, "1.0"),       HORN__JSON(erasing_config, scale, NULL, "[0.02,0.33]"),
    HORN__JSON(erasing_config, fill_value, NULL, "null"),  HORN__JSON(erasing_config, value_range, NULL, "[0,255]"),
    HORN__SEED_ROW(erasing_config),                        HORN__DATA_FORMAT_ROW(erasing_config),
};

/* A number is 0 to itself. */
static horn__range part_of(const cJSON *json, horn__range initial) {
  const horn__range r = json == NULL ? initial : horn__range_of(json);
  return (horn__range){r.low < 0 ? 0 : r.low, r.high};
}

static horn_status check_part(const horn__layer *layer, const char *field, const cJSON *json) {
  return json == NULL ? HORN_OK : horn__check_range(layer, field, json, cJSON_IsNumber(json) ? -1 : 0, 1);
}

static bool is_fill(const cJSON *json) {
  if (json == NULL || cJSON_IsNumber(json)) return true;
  const cJSON *item;
  bool numbers = cJSON_GetArraySize(json) == 3;
  cJSON_ArrayForEach(item, json) numbers = numbers && cJSON_IsNumber(item);
  return numbers;
}

static horn_status erasing_create(horn__layer *layer) {
  const erasing_config *config = layer->config;
  HORN__TRY(check_part(layer, "factor", config->factor));
  HORN__TRY(check_part(layer, "scale", config->scale));
  HORN__TRY(horn__check_pair(layer, "value_range", config->value_range));
  return is_fill(config->fill_value) ? HORN_OK : horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "fill_value must be a number or a list of three");
}

static horn__value fill_of(const horn__call *call, horn__value x) {
  const erasing_config *config = call->config;
  horn__graph *g = call->graph;
  const horn__range values = horn__values_of(config->value_range);
  const cJSON *fill = config->fill_value;
  if (fill == NULL) return horn__clip_values(g, horn__draw_normal(call, x, NULL, 0, values.high), values);
  horn__value numbers[3];
  const cJSON *item = cJSON_IsArray(fill) ? fill->child : fill;
  if (!cJSON_IsArray(fill)) return horn__clip_values(g, horn__graph_scalar(g, item->valuedouble), values);
  const horn__reshape single = {.shape = {1, {1}}};
  for (int32_t i = 0; i < 3; i++, item = item->next) numbers[i] = HORN__EMIT(g, Reshape, &single, horn__graph_scalar(g, item->valuedouble));
  return horn__clip_values(g, HORN__EMIT(g, Concat, &(horn__concat){0}, numbers[0], numbers[1], numbers[2]), values);
}

/* A box whose sides are square roots of parts of the area. */
static horn_status erasing_call(horn__call *call) {
  const erasing_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x, sides[2];
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  for (int32_t i = 0; i < 2; i++) sides[i] = HORN__EMIT(g, Sqrt, NULL, drawn_each(call, x, part_of(config->scale, (horn__range){0.02, 0.33})));
  const horn__value often = drawn_each(call, x, part_of(config->factor, (horn__range){0, 1}));
  const horn__value chosen = HORN__EMIT(g, Less, NULL, drawn_each(call, x, (horn__range){0, 1}), often), fill = fill_of(call, x);
  const horn__value erased = HORN__EMIT(g, LogicalAnd, NULL, box(call, x, sides[0], sides[1]), chosen);
  return horn__augment_return(call, config->data_format, horn__select(g, erased, fill, x));
}

HORN__AUGMENTATION(RandomErasing, erasing_config, erasing_rows, erasing_create, erasing_call);

/* ---- RandomShear --------------------------------------------------------------------------------------------------------- */

typedef struct shear_config {
  HORN__FILL_MEMBERS;
  const cJSON *x_factor, *y_factor;
} shear_config;

static const horn__field shear_rows[] = {HORN__JSON(shear_config, x_factor, NULL, "0.0"), HORN__JSON(shear_config, y_factor, NULL, "0.0"),
                                         HORN__FILL_ROWS(shear_config)};

static horn_status shear_create(horn__layer *layer) {
  const shear_config *config = layer->config;
  if (config->x_factor != NULL) HORN__TRY(horn__check_range(layer, "x_factor", config->x_factor, -1, 1));
  return config->y_factor == NULL ? HORN_OK : horn__check_range(layer, "y_factor", config->y_factor, -1, 1);
}

/* Both to one side or both to the other. */
static horn_status shear_call(horn__call *call) {
  const shear_config *config = call->config;
  horn__graph *g = call->graph;
  horn__value x;
  HORN__TRY(horn__augment_begin(call, config->data_format, &x));
  const horn__value sign = HORN__EMIT(g, Sign, NULL, horn__draw_range(call, x, &horn__one_each, (horn__range){-0.5, 0.5}));
  const horn__value across = horn__mul(g, sign, horn__draw_range(call, x, &horn__one_each, horn__range_of(config->x_factor)));
  const horn__value down = horn__mul(g, sign, horn__draw_range(call, x, &horn__one_each, horn__range_of(config->y_factor)));
  const horn__value zero = horn__scale(g, across, 0), one = horn__shift(g, zero, 1);
  const horn__fill fill = {config->fill_mode, config->interpolation, config->fill_value};
  const horn__value y = horn__transformed(g, x, (const horn__value[]){one, across, zero, down, one, zero}, &fill);
  return horn__augment_return(call, config->data_format, y);
}

HORN__AUGMENTATION(RandomShear, shear_config, shear_rows, shear_create, shear_call);

/* ---- those that are there for inference only ----------------------------------------------------------------------------- */

typedef struct other_config {
  const cJSON *value_range, *factor, *scale, *seed;
  int32_t num_chains, chain_depth, num_ops, fill_mode, data_format;
  double alpha, fill_value;
  bool all_ops;
  const char *interpolation;
} other_config;

static horn_status no_training(horn__call *call) {
  return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "in training it is not supported; give its images to it before, in Keras");
}

#define OTHER(Name, ...)                                                                                                            \
  static const horn__field rows_##Name[] = {__VA_ARGS__, HORN__TEXT(other_config, interpolation, NULL, "\"bilinear\""),              \
                                            HORN__SEED_ROW(other_config), HORN__DATA_FORMAT_ROW(other_config)};                     \
  HORN__AUGMENTATION(Name, other_config, rows_##Name, NULL, no_training)
#define VALUES HORN__JSON(other_config, value_range, NULL, "[0,255]")
#define FACTOR(initial) HORN__JSON(other_config, factor, NULL, initial)

OTHER(AugMix, VALUES, FACTOR("0.3"), HORN__INT(other_config, num_chains, NULL, "3"), HORN__INT(other_config, chain_depth, NULL, "3"),
      HORN__FLOAT(other_config, alpha, NULL, "1.0"), HORN__BOOL(other_config, all_ops, NULL, "true"));
OTHER(RandAugment, VALUES, FACTOR("0.5"), HORN__INT(other_config, num_ops, NULL, "2"));
OTHER(RandomElasticTransform, VALUES, FACTOR("1.0"), HORN__JSON(other_config, scale, NULL, "1.0"),
      HORN__ENUM(other_config, fill_mode, horn__fill_names, NULL, "\"reflect\""), HORN__FLOAT(other_config, fill_value, NULL, "0.0"));
OTHER(RandomPerspective, FACTOR("1.0"), HORN__JSON(other_config, scale, NULL, "1.0"), HORN__FLOAT(other_config, fill_value, NULL, "0.0"));
