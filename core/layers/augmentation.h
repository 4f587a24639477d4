/* augmentation.h: what the layers share that change images at random in training and leave them as they are in inference. */
#ifndef HORN_LAYERS_AUGMENTATION_H
#define HORN_LAYERS_AUGMENTATION_H

#include "layers/common.h"

/* ---- rows of config tables -------------------------------------------------------------------------------------------- */

#define HORN__SEED_ROW(T) HORN__JSON(T, seed, NULL, "null")

/** How what lies beyond the edges is filled. */
typedef struct horn__fill {
  int32_t fill_mode, interpolation;
  double fill_value;
} horn__fill;
extern const char *const horn__fill_interpolations[];
#define HORN__FILL_MEMBERS           \
  int32_t fill_mode, interpolation; \
  double fill_value;                 \
  const cJSON *seed;                 \
  int32_t data_format
#define HORN__FILL_ROWS(T)                                                                    \
  HORN__ENUM(T, fill_mode, horn__fill_names, NULL, "\"reflect\""),                            \
      HORN__ENUM(T, interpolation, horn__fill_interpolations, NULL, "\"bilinear\""), HORN__FLOAT(T, fill_value, NULL, "0.0"), \
      HORN__SEED_ROW(T), HORN__DATA_FORMAT_ROW(T)

/** A layer class whose call_rule is for training. */
#define HORN__AUGMENTATION_SINCE(later, Name, T, rows, create_rule, call_rule)                                                          \
  static horn_status call_##Name(horn__call *call) { return horn__is_training(call->graph) ? call_rule(call) : horn__augment_not(call); } \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .since_keras3 = later, .min_inputs = 1, .max_inputs = 1,                   \
                                                .config = HORN__FIELDS(T, rows), .create = create_rule, .call = call_##Name}
#define HORN__AUGMENTATION(Name, T, rows, create_rule, call_rule) HORN__AUGMENTATION_SINCE("data_format", Name, T, rows, create_rule, call_rule)

/* ---- factors: two numbers, or one that stands for -x and x --------------------------------------------------------------- */

typedef struct horn__range {
  double low, high;
} horn__range;

horn__range horn__range_of(const cJSON *json);
/** Of values of colours: two numbers; NULL: 0 to 255. */
horn__range horn__values_of(const cJSON *json);
/** Fails unless the field is a number or a pair of them, between low and high. */
horn_status horn__check_range(const horn__layer *layer, const char *field, const cJSON *json, double low, double high);
/** Fails unless the field is left out or a pair of numbers. */
horn_status horn__check_pair(const horn__layer *layer, const char *field, const cJSON *json);

/* ---- a call -------------------------------------------------------------------------------------------------------------- */

/** The image of a training call as float32 [N, H, W, C], and the result in the layer's data format. */
horn_status horn__augment_begin(horn__call *call, int32_t data_format, horn__value *x);
horn_status horn__augment_return(horn__call *call, int32_t data_format, horn__value y);
/** The image as it came, as float32: what inference does. */
horn_status horn__augment_not(horn__call *call);

extern const horn__ints horn__one_each /* [N, 1] */, horn__one_image /* [N, 1, 1, 1] */;
/** Uniform numbers of this shape, where -1 is the dimension of x. */
horn__value horn__draw_range(const horn__call *call, horn__value x, const horn__ints *shape, horn__range r);
/** For each image whether it is one of those that are changed: [N, 1, 1, 1] bool. */
horn__value horn__chosen(horn__call *call, horn__value x, double probability);
/** The size of an axis as a number; it may be unknown until the graph is planned. */
horn__value horn__side(horn__graph *graph, horn__value x, int32_t axis);
/** x by a transformation a0 a1 a2 b0 b1 b2, each [N, 1]. */
horn__value horn__transformed(horn__graph *graph, horn__value x, const horn__value *numbers, const horn__fill *fill);

/* ---- colours --------------------------------------------------------------------------------------------------------------- */

horn__value horn__clip_values(horn__graph *graph, horn__value y, horn__range values);
/** (x - mean) f + mean with the mean of each channel; f between 1 - lower and 1 + upper of `part`. */
horn__value horn__contrasted(const horn__call *call, horn__value x, const cJSON *part, horn__range values);
/** x + f (high - low) of the range of values. */
horn__value horn__brightened(const horn__call *call, horn__value x, const cJSON *part, horn__range values);

#endif
