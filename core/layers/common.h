/* common.h: what layer files share: rows of config tables, defaults as JSON, checks of configs, data formats, random numbers. */
#ifndef HORN_LAYERS_COMMON_H
#define HORN_LAYERS_COMMON_H

#include "layers/layer.h"

/* ---- defaults, as Keras 2 writes them ----------------------------------------------------------------------------- */

#define HORN__GLOROT_UNIFORM "{\"class_name\":\"GlorotUniform\",\"config\":{\"seed\":null}}"
#define HORN__RANDOM_UNIFORM "{\"class_name\":\"RandomUniform\",\"config\":{\"minval\":-0.05,\"maxval\":0.05,\"seed\":null}}"
#define HORN__ORTHOGONAL "{\"class_name\":\"Orthogonal\",\"config\":{\"gain\":1.0,\"seed\":null}}"
#define HORN__ZEROS "{\"class_name\":\"Zeros\",\"config\":{}}"
#define HORN__ONES "{\"class_name\":\"Ones\",\"config\":{}}"

/* ---- rows of config tables ------------------------------------------------------------------------------------------- */

/** Members of a config struct for how a weight starts, is regularized and is constrained; and their rows. */
#define HORN__WEIGHT_MEMBERS(weight) const cJSON *weight##_initializer, *weight##_regularizer, *weight##_constraint
#define HORN__WEIGHT_ROWS(T, weight, initial)                                                        \
  HORN__JSON(T, weight##_initializer, NULL, initial), HORN__JSON(T, weight##_regularizer, NULL, "null"), \
      HORN__JSON(T, weight##_constraint, NULL, "null")

enum { HORN__CHANNELS_LAST, HORN__CHANNELS_FIRST };
extern const char *const horn__data_formats[];
#define HORN__DATA_FORMAT_ROW(T) HORN__ENUM(T, data_format, horn__data_formats, NULL, "\"channels_last\"")

/** Padding of windows: indices are HORN__VALID and HORN__SAME. */
extern const char *const horn__window_paddings[];

/* ---- checks ----------------------------------------------------------------------------------------------------------- */

/** Fails unless each of the `count` values of a config field is at least `low`. */
horn_status horn__check_least(const horn__layer *layer, const char *field, const int32_t *values, int32_t count, int32_t low);

/** Fails unless input 0 of a call, or of a build, has this rank. */
horn_status horn__check_rank(const horn__layer *layer, const horn__type *input, int32_t rank);

/** How many axes the image of a layer over images has: the first row of its table has a number for each. */
static inline int32_t horn__layer_axes(const horn__layer *layer) { return layer->type->config.rows[0].count; }

/* ---- pieces of calls ---------------------------------------------------------------------------------------------------- */

/** x with one axis moved to the end, and a result of it with the last axis moved back there. */
horn__value horn__axis_to_last(horn__graph *graph, horn__value x, int32_t axis);
horn__value horn__axis_from_last(horn__graph *graph, horn__value x, int32_t axis);

/** x [N, C, H, W] as [N, H, W, C] where the format is channels_first, and a result back; the value itself otherwise. */
horn__value horn__to_channels_last(horn__graph *graph, horn__value x, int32_t data_format);
horn__value horn__from_channels_last(horn__graph *graph, horn__value x, int32_t data_format);

/** What a layer over one axis computes with: x [N, L, C] as an image [N, 1, L, C], and a result back. Values of more axes stay. */
horn__value horn__line_to_image(horn__graph *graph, horn__value x, int32_t axes);
horn__value horn__image_to_line(horn__graph *graph, horn__value x, int32_t axes);
/** The numbers of a layer's axes for such an op: of one axis {flat, number}. */
void horn__image_numbers(const int32_t *numbers, int32_t axes, int32_t flat, int32_t *out);

/** Value of dtype float32: x itself, or a Cast of it. */
horn__value horn__as_float(horn__graph *graph, horn__value x);

/** Scores for a softmax, as good as minus infinity where the mask is false: -1e9, or (Keras 2) less by 1e9, through which gradients still flow
 *  where all is masked. */
horn__value horn__mask_scores(horn__graph *graph, horn__value scores, horn__value mask, bool replace);
/** Softmax along one axis, or over several at once. */
horn__value horn__softmax_over(horn__graph *graph, horn__value x, const horn__ints *axes);

/* ---- random numbers, in training: each draw of a graph has a salt of its own ------------------------------------------------ */

/** Inverted dropout: each element of x (float32) is 0 with probability `rate`, or divided by 1 - rate. noise_shape has a 1 for each axis along
 *  which elements share their fate and -1 for the others; NULL: all -1. x itself where the graph is not for training. */
horn__value horn__dropout(const horn__call *call, horn__value x, double rate, const horn__ints *noise_shape);

/** Numbers in [low, high), or with a gamma (of rate 1) or a normal distribution: of the shape of `like`,
 *  or of `shape`, where -1 is the dimension of `like`. The
 *  graph must be for training. */
horn__value horn__draw_uniform(const horn__call *call, horn__value like, const horn__ints *shape, double low, double high);
horn__value horn__draw_gamma(const horn__call *call, horn__value like, const horn__ints *shape, double alpha);
horn__value horn__draw_normal(const horn__call *call, horn__value like, const horn__ints *shape, double mean, double stddev);

#endif
