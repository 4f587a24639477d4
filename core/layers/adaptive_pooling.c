/* AdaptiveAveragePooling1D to 3D, AdaptiveMaxPooling1D to 3D: pools to a given size; window i of an axis of `in` elements goes from floor(i in / out)
 * to ceil((i + 1) in / out). Each axis is pooled by itself, which is the same. Reference: keras/src/layers/pooling/base_adaptive_pooling.py. */
#include "layers/common.h"

typedef struct adaptive_config {
  int32_t output_size[3], data_format;
} adaptive_config;

#define ADAPTIVE_ROWS(axes) {HORN__INT_N(adaptive_config, output_size, axes, NULL, NULL), HORN__DATA_FORMAT_ROW(adaptive_config)}
static const horn__field adaptive1_rows[] = ADAPTIVE_ROWS(1);
static const horn__field adaptive2_rows[] = ADAPTIVE_ROWS(2);
static const horn__field adaptive3_rows[] = ADAPTIVE_ROWS(3);

enum { MOST_TABLE = 1 << 26 };

static horn_status adaptive_create(horn__layer *layer) {
  return horn__check_least(layer, "output_size", ((const adaptive_config *)layer->config)->output_size, horn__layer_axes(layer), 1);
}

static void window_of(int32_t in, int32_t out, int32_t i, int32_t *begin, int32_t *end) {
  *begin = (int32_t)((int64_t)i * in / out);
  *end = (int32_t)((((int64_t)i + 1) * in + out - 1) / out);
}

/* Times a matrix whose column i is one over the length of window i within it. */
static horn__value average_axis(horn__graph *g, horn__value x, int32_t axis, int32_t in, int32_t out) {
  static const horn__reduce columns = {{1, {0}}, true};
  const horn__matmul plain = {.transpose_a = false};
  int32_t *within = horn__arena_alloc(&g->arena, (size_t)in * (size_t)out * sizeof *within), begin, end;
  if (within == NULL) return HORN__NONE;
  for (int32_t i = 0; i < out; i++) {
    window_of(in, out, i, &begin, &end);
    for (int32_t k = 0; k < in; k++) within[k * out + i] = k >= begin && k < end;
  }
  horn__value table = horn__as_float(g, horn__graph_ints(g, 2, (const int32_t[]){in, out}, within));
  table = horn__div(g, table, HORN__EMIT(g, Sum, &columns, table));
  return horn__axis_from_last(g, HORN__EMIT(g, BatchMatMul, &plain, horn__axis_to_last(g, x, axis), table), axis);
}

/* The largest of each window, one after the other. */
static horn__value max_axis(horn__graph *g, horn__value x, int32_t axis, int32_t in, int32_t out) {
  const horn__reduce largest = {{1, {axis}}, true};
  horn__value parts[HORN__MAX_CONCAT];
  int32_t count = 0;
  for (int32_t i = 0; i < out; i++) {
    horn__slice part = {.begin = {axis + 1, {0}}, .size = {axis + 1, {0}}};
    int32_t begin, end;
    window_of(in, out, i, &begin, &end);
    for (int32_t d = 0; d < axis; d++) part.size.values[d] = -1;
    part.begin.values[axis] = begin;
    part.size.values[axis] = end - begin;
    if (count == HORN__MAX_CONCAT) { /* what is there so far becomes the first */
      parts[0] = horn__emit(g, &horn__op_Concat, &(horn__concat){axis}, parts, count);
      count = 1;
    }
    parts[count++] = HORN__EMIT(g, Max, &largest, HORN__EMIT(g, Slice, &part, x));
  }
  return count == 1 ? parts[0] : horn__emit(g, &horn__op_Concat, &(horn__concat){axis}, parts, count);
}

static horn_status adaptive(horn__call *call, horn__value (*pool)(horn__graph *, horn__value, int32_t, int32_t, int32_t)) {
  const adaptive_config *config = call->config;
  const int32_t axes = horn__layer_axes(call->layer), first = config->data_format == HORN__CHANNELS_FIRST ? 2 : 1;
  HORN__TRY(horn__check_rank(call->layer, horn__call_type(call, 0), axes + 2));
  const horn__shape of = horn__call_type(call, 0)->shape;
  horn__value x = call->in[0].value;
  for (int32_t i = 0; i < axes; i++) {
    const int32_t in = of.dims[first + i], out = config->output_size[i];
    if (in < 1) return horn__layer_fail(call->layer, HORN_E_SHAPE, "the size of its input must be known");
    if ((int64_t)in * out > MOST_TABLE) return horn__layer_fail(call->layer, HORN_E_LIMIT, "%d elements to %d are too many", in, out);
    x = pool(call->graph, x, first + i, in, out);
  }
  return horn__return(call, x);
}

static horn_status average_call(horn__call *call) { return adaptive(call, average_axis); }
static horn_status max_call(horn__call *call) { return adaptive(call, max_axis); }

#define ADAPTIVE(Name, rows, function)                                                                                                     \
  const horn__layer_class horn__layer_##Name = {.name = #Name, .min_inputs = 1, .max_inputs = 1,                                            \
                                                .config = HORN__FIELDS(adaptive_config, rows), .create = adaptive_create, .call = function};
ADAPTIVE(AdaptiveAveragePooling1D, adaptive1_rows, average_call)
ADAPTIVE(AdaptiveAveragePooling2D, adaptive2_rows, average_call)
ADAPTIVE(AdaptiveAveragePooling3D, adaptive3_rows, average_call)
ADAPTIVE(AdaptiveMaxPooling1D, adaptive1_rows, max_call)
ADAPTIVE(AdaptiveMaxPooling2D, adaptive2_rows, max_call)
ADAPTIVE(AdaptiveMaxPooling3D, adaptive3_rows, max_call)
