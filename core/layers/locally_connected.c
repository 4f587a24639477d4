/* LocallyConnected1D, LocallyConnected2D of Keras 2: convolutions with a kernel of its own at each place. What a kernel's weight looks like
 * depends on `implementation`: 1: [places, window, filters]; 2: from each element to each, used where a window covers it; 3: only those
 * elements, in one row. Along one axis they compute as over images of height 1.
 * Reference: tf_keras/src/layers/locally_connected, tf_keras/src/utils/conv_utils.py (conv_connected_inputs, conv_kernel_idxs). */
#include "layers/convolution.h"

enum { MOST_LINKS = 1 << 26 /* numbers in a table of what is connected */ };

/* Height and width of input, windows and output. */
typedef struct places {
  int32_t axes, in[2], window[2], stride[2], out[2], channels, filters;
  bool same, first; /* padding; channels */
} places;

/* ---- what is connected ---------------------------------------------------------------------------------------------------------- */

/* The elements [*begin, *end) of an axis that the window of output `place` covers; Keras's "same" is not TensorFlow's. */
static void covered(const places *p, int32_t axis, int32_t place, int32_t *begin, int32_t *end) {
  const int64_t left = p->window[axis] / 2, centre = (int64_t)place * p->stride[axis] + (p->same ? 0 : left);
  const int64_t after = centre + p->window[axis] - left;
  *begin = centre < left ? 0 : (int32_t)(centre - left);
  *end = after > p->in[axis] ? p->in[axis] : (int32_t)after;
}

static int32_t flat(const places *p, const int32_t *size, int32_t channels, int32_t row, int32_t column, int32_t channel) {
  return p->first ? (channel * size[0] + row) * size[1] + column : (row * size[1] + column) * channels + channel;
}

/* How many elements the windows of an axis cover together. */
static size_t links_of(const places *p, int32_t axis) {
  size_t links = 0;
  for (int32_t place = 0; place < p->out[axis]; place++) {
    int32_t begin, end;
    covered(p, axis, place, &begin, &end);
    links += (size_t)(end - begin);
  }
  return links;
}

/* Fails where the product of `count` sizes is more than a table may have. */
static horn_status check_links(const horn__layer *layer, const size_t *sizes, size_t count, size_t *out) {
  *out = 1;
  for (size_t i = 0; i < count; i++)
    if (!horn__multiply(*out, sizes[i], out) || *out > MOST_LINKS)
      return horn__layer_fail(layer, HORN_E_LIMIT, "more than %d connections", MOST_LINKS);
  return HORN_OK;
}

static horn_status find_places(const horn__layer *layer, const horn__type *input, places *p) {
  const horn__conv_config *config = layer->config;
  *p = (places){.axes = horn__layer_axes(layer), .filters = config->filters, .same = config->padding != HORN__VALID,
                .first = config->data_format == HORN__CHANNELS_FIRST, .in = {1, 1}, .out = {1, 1}};
  horn__image_numbers(config->kernel_size, p->axes, 1, p->window);
  horn__image_numbers(config->strides, p->axes, 1, p->stride);
  HORN__TRY(horn__conv_channels(layer, input, &p->channels));
  for (int32_t i = 0, axis = 2 - p->axes; i < p->axes; i++, axis++) {
    p->in[axis] = input->shape.dims[i + (p->first ? 2 : 1)];
    if (p->in[axis] < 0 || p->channels < 0) return horn__layer_fail(layer, HORN_E_SHAPE, "the size of its input must be known");
    const int32_t room = p->same ? p->in[axis] : p->in[axis] - p->window[axis] + 1;
    p->out[axis] = room <= 0 ? 0 : (room - 1) / p->stride[axis] + 1;
    if (p->out[axis] == 0) return horn__layer_fail(layer, HORN_E_SHAPE, "a window of %d does not fit into %d", p->window[axis], p->in[axis]);
  }
  size_t number;
  HORN__TRY(check_links(layer, (const size_t[]){(size_t)p->in[0], (size_t)p->in[1], (size_t)p->channels}, 3, &number));
  return check_links(layer, (const size_t[]){(size_t)p->out[0], (size_t)p->out[1], (size_t)p->filters}, 3, &number);
}

/* ---- weights ----------------------------------------------------------------------------------------------------------------------- */

/* Appends the sizes of an image without batch, of one axis or two. */
static void append_size(const places *p, const int32_t *size, int32_t channels, int32_t *dims, int32_t *rank) {
  if (p->first) dims[(*rank)++] = channels;
  for (int32_t axis = 2 - p->axes; axis < 2; axis++) dims[(*rank)++] = size[axis];
  if (!p->first) dims[(*rank)++] = channels;
}

static horn_status add_kernel(horn__layer *layer, const places *p) {
  const horn__conv_config *config = layer->config;
  size_t number;
  int32_t dims[HORN_MAX_RANK] = {0}, rank = 0;
  const size_t windows[] = {(size_t)p->out[0], (size_t)p->out[1], (size_t)p->window[0], (size_t)p->window[1], (size_t)p->channels};
  const size_t all[] = {(size_t)p->out[0], (size_t)p->out[1], (size_t)p->in[0], (size_t)p->in[1]};
  if (config->implementation == 1) {
    HORN__TRY(check_links(layer, windows, 5, &number));
    return horn__add_weight(layer, "kernel", 3,
        (const int32_t[]){p->out[0] * p->out[1], p->window[0] * p->window[1] * p->channels, p->filters}, true);
  }
  if (config->implementation == 2) {
    HORN__TRY(check_links(layer, all, 4, &number));
    append_size(p, p->in, p->channels, dims, &rank);
    append_size(p, p->out, p->filters, dims, &rank);
    return horn__add_weight(layer, "kernel", rank, dims, true);
  }
  const size_t links[] = {links_of(p, 0), links_of(p, 1), (size_t)p->channels, (size_t)p->filters};
  HORN__TRY(check_links(layer, links, 4, &number));
  return horn__add_weight(layer, "kernel", 1, (const int32_t[]){(int32_t)number}, true);
}

static horn_status local_create(horn__layer *layer) {
  const horn__conv_config *config = layer->config;
  HORN__TRY(horn__check_least(layer, "filters", &config->filters, 1, 1));
  HORN__TRY(horn__check_least(layer, "kernel_size", config->kernel_size, horn__layer_axes(layer), 1));
  HORN__TRY(horn__check_least(layer, "strides", config->strides, horn__layer_axes(layer), 1));
  if (config->implementation < 1 || config->implementation > 3)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "implementation must be 1, 2 or 3, got %d", config->implementation);
  if (config->implementation == 1 && config->padding != HORN__VALID)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "padding must be \"valid\" with implementation 1");
  return HORN_OK;
}

static horn_status local_build(horn__layer *layer, const horn__type *inputs, int32_t count) {
  (void)count;
  const horn__conv_config *config = layer->config;
  places p;
  HORN__TRY(find_places(layer, &inputs[0], &p));
  HORN__TRY(add_kernel(layer, &p));
  const int32_t bias[] = {p.out[0], p.out[1], p.filters};
  return config->use_bias ? horn__add_weight(layer, "bias", p.axes + 1, bias + 2 - p.axes, true) : HORN_OK;
}

/* ---- calls -------------------------------------------------------------------------------------------------------------------------- */

static horn__value reshaped(horn__graph *g, horn__value x, int32_t rank, const int32_t *dims) {
  horn__reshape to = {.shape = {.count = rank + 1}, .keep_first = true};
  for (int32_t i = 0; i < rank; i++) to.shape.values[i + 1] = dims[i];
  return HORN__EMIT(g, Reshape, &to, x);
}

/* The elements under each window: x [N, H, W, C] -> [N, places, window]. */
static horn__value windows_of(horn__call *call, const places *p) {
  static const horn__transpose channels_before = {{4, {0, 1, 3, 2}}};
  horn__graph *g = call->graph;
  const int32_t count = p->out[0] * p->out[1], window = p->window[0] * p->window[1];
  int32_t *next = horn__arena_alloc(&g->arena, (size_t)count * (size_t)window * sizeof *next), *table = next;
  if (next == NULL) return HORN__NONE;
  for (int32_t place = 0; place < count; place++)
    for (int32_t i = 0; i < window; i++) {
      const int32_t row = place / p->out[1] * p->stride[0] + i / p->window[1], column = place % p->out[1] * p->stride[1] + i % p->window[1];
      *next++ = row * p->in[1] + column;
    }
  horn__value x = reshaped(g, horn__conv_input(call), 2, (const int32_t[]){p->in[0] * p->in[1], p->channels});
  x = HORN__EMIT(g, GatherV2, &(horn__gather){.axis = 1}, x, horn__graph_ints(g, 2, (const int32_t[]){count, window}, table));
  if (p->first) x = HORN__EMIT(g, Transpose, &channels_before, x);
  return reshaped(g, x, 2, (const int32_t[]){count, window * p->channels});
}

static horn__value by_windows(horn__call *call, const places *p) {
  static const horn__transpose places_first = {{3, {1, 0, 2}}};
  horn__graph *g = call->graph;
  horn__value x = HORN__EMIT(g, Transpose, &places_first, windows_of(call, p));
  x = HORN__EMIT(g, BatchMatMul, &(horn__matmul){.transpose_a = false}, x, horn__weight_value(call, 0));
  x = HORN__EMIT(g, Transpose, &places_first, x); /* [N, places, filters] */
  return horn__from_channels_last(g, x, p->first ? HORN__CHANNELS_FIRST : HORN__CHANNELS_LAST);
}

/* 1 where a window covers an element, 0 elsewhere: [H, W, 1, H', W', 1] or [1, H, W, 1, H', W']. */
static horn__value cover_of(horn__graph *g, const places *p) {
  const size_t in = (size_t)p->in[0] * (size_t)p->in[1], out = (size_t)p->out[0] * (size_t)p->out[1];
  int32_t *table = horn__arena_alloc(&g->arena, (in * out + 1) * sizeof *table), dims[HORN_MAX_RANK] = {0}, rank = 0;
  if (table == NULL) return HORN__NONE;
  for (size_t i = 0; i < in; i++)
    for (size_t o = 0; o < out; o++) {
      const int32_t at[] = {(int32_t)i / p->in[1], (int32_t)i % p->in[1]}, to[] = {(int32_t)o / p->out[1], (int32_t)o % p->out[1]};
      bool inside = true;
      for (int32_t axis = 0; axis < 2; axis++) {
        int32_t begin, end;
        covered(p, axis, to[axis], &begin, &end);
        inside = inside && at[axis] >= begin && at[axis] < end;
      }
      table[i * out + o] = inside;
    }
  append_size(p, p->in, 1, dims, &rank);
  append_size(p, p->out, 1, dims, &rank);
  return horn__as_float(g, horn__graph_ints(g, rank, dims, table));
}

static horn__value by_cover(horn__call *call, const places *p) {
  horn__graph *g = call->graph;
  const int32_t in = p->in[0] * p->in[1] * p->channels, out = p->out[0] * p->out[1] * p->filters;
  const horn__reshape matrix = {.shape = {2, {in, out}}};
  const horn__value kernel = HORN__EMIT(g, Reshape, &matrix, horn__mul(g, horn__weight_value(call, 0), cover_of(g, p)));
  const horn__value x = reshaped(g, call->in[0].value, 1, &in);
  return HORN__EMIT(g, BatchMatMul, &(horn__matmul){.transpose_a = false}, x, kernel);
}

/* The elements that output `out` (flat) sees, in order, and itself as often. */
static void append_links(const places *p, int32_t out, int32_t **from, int32_t **to) {
  const int32_t place = p->first ? out % (p->out[0] * p->out[1]) : out / p->filters;
  int32_t top, bottom, left, right;
  covered(p, 0, place / p->out[1], &top, &bottom);
  covered(p, 1, place % p->out[1], &left, &right);
  const int32_t outer = p->first ? p->channels : 1, inner = p->first ? 1 : p->channels;
  for (int32_t c = 0; c < outer; c++)
    for (int32_t row = top; row < bottom; row++)
      for (int32_t column = left; column < right; column++)
        for (int32_t d = 0; d < inner; d++) {
          *(*from)++ = flat(p, p->in, p->channels, row, column, c + d);
          *(*to)++ = out;
        }
}

/* Each element times its weight, added up for each output. */
static horn__value by_links(horn__call *call, const places *p) {
  static const horn__transpose swap = {{2, {1, 0}}};
  static const horn__axes last = {{1, {1}}};
  horn__graph *g = call->graph;
  const int32_t number = call->layer->weights[0].shape.dims[0], in = p->in[0] * p->in[1] * p->channels;
  const int32_t outputs = p->out[0] * p->out[1] * p->filters;
  int32_t *from = horn__arena_alloc(&g->arena, (size_t)number * 2 * sizeof *from), *to = from + number, *next_from = from, *next_to = to;
  if (from == NULL) return HORN__NONE;
  for (int32_t out = 0; out < outputs; out++) append_links(p, out, &next_from, &next_to);
  horn__value x = HORN__EMIT(g, Transpose, &swap, reshaped(g, call->in[0].value, 1, &in));
  x = HORN__EMIT(g, GatherV2, &(horn__gather){.axis = 0}, x, horn__graph_ints(g, 1, &number, from));
  x = horn__mul(g, x, HORN__EMIT(g, ExpandDims, &last, horn__weight_value(call, 0)));
  x = HORN__EMIT(g, UnsortedSegmentSum, &(horn__segment_sum){outputs}, x, horn__graph_ints(g, 1, &number, to));
  return HORN__EMIT(g, Transpose, &swap, x);
}

/* The elements of y and of the bias are in the order of the layer's own data format; Keras takes those of the bias as they come. */
static horn_status local_call(horn__call *call) {
  const horn__conv_config *config = call->config;
  horn__graph *g = call->graph;
  horn__reshape of_bias = {.shape = {.count = 0}};
  places p;
  HORN__TRY(find_places(call->layer, horn__call_type(call, 0), &p));
  append_size(&p, p.out, p.filters, of_bias.shape.values, &of_bias.shape.count);
  horn__value y = config->implementation == 1 ? by_windows(call, &p) : config->implementation == 2 ? by_cover(call, &p) : by_links(call, &p);
  y = reshaped(g, y, of_bias.shape.count, of_bias.shape.values);
  if (config->use_bias) y = horn__add(g, y, HORN__EMIT(g, Reshape, &of_bias, horn__weight_value(call, 1)));
  return horn__return(call, horn__activation_value(g, y, config->activation));
}

/* ---- the classes ----------------------------------------------------------------------------------------------------------------------- */

#define LOCAL_ROWS(axes)                                                                                                                    \
  {HORN__INT_N(horn__conv_config, kernel_size, axes, NULL, NULL), HORN__INT_N(horn__conv_config, strides, axes, NULL, "1"),                 \
   HORN__ENUM(horn__conv_config, padding, horn__window_paddings, NULL, "\"valid\""), HORN__DATA_FORMAT_ROW(horn__conv_config),              \
   HORN__ENUM(horn__conv_config, activation, horn__activation_names, NULL, HORN__LINEAR), HORN__BOOL(horn__conv_config, use_bias, NULL, "true"), \
   HORN__INT(horn__conv_config, filters, NULL, NULL), HORN__INT(horn__conv_config, implementation, NULL, "1"),                              \
   HORN__WEIGHT_ROWS(horn__conv_config, kernel, HORN__GLOROT_UNIFORM), HORN__WEIGHT_ROWS(horn__conv_config, bias, HORN__ZEROS),              \
   HORN__JSON(horn__conv_config, activity_regularizer, NULL, "null")}
static const horn__field local1_rows[] = LOCAL_ROWS(1);
static const horn__field local2_rows[] = LOCAL_ROWS(2);

#define LOCAL(Name, rows)                                                                                                        \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .min_inputs = 1, .max_inputs = 1,                                   \
                                                .config = HORN__FIELDS(horn__conv_config, rows), .create = local_create,          \
                                                .build = local_build, .call = local_call};
LOCAL(LocallyConnected1D, local1_rows)
LOCAL(LocallyConnected2D, local2_rows)
