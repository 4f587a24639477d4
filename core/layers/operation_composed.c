/* Operations on tensors that Keras 3 records as layers, third part of the table: those that several ops make. Reference: keras/src/ops/numpy.py,
 * math.py, nn.py, image.py. */
#include <math.h>
#include <string.h>

#include "cJSON.h"
#include "layers/operation.h"

static horn__value number(const horn__call *call, double value) { return horn__graph_scalar(call->graph, value); }
static horn__value greater(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Greater, NULL, a, b); }
static horn__value less(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Less, NULL, a, b); }
static horn__value equal(horn__graph *g, horn__value a, horn__value b) { return HORN__EMIT(g, Equal, NULL, a, b); }
static horn__value absolute(horn__graph *g, horn__value x) { return HORN__EMIT(g, Abs, NULL, x); }

static horn__value whole_part(horn__graph *g, horn__value x) {
  return horn__mul(g, HORN__EMIT(g, Sign, NULL, x), HORN__EMIT(g, Floor, NULL, absolute(g, x)));
}

/* ---- of one tensor of floats ----------------------------------------------------------------------------------------------------------------- */

typedef enum unary_kind {
  CBRT, DEG2RAD, RAD2DEG, EXP2, TRUNC, ERFC, ISNEGINF, ISPOSINF, LOG_SIGMOID, SOFT_SHRINK, HARD_SHRINK, TANH_SHRINK, HARD_TANH, HARD_SILU,
  CELU, SQUAREPLUS, SPARSE_PLUS, SPARSE_SIGMOID, THRESHOLD, SINC, NAN_TO_NUM
} unary_kind;

/* x where it is a number; where not, what the arguments say. */
static horn__value to_numbers(const horn__call *call, horn__value x) {
  horn__graph *g = call->graph;
  const horn__value infinite = HORN__EMIT(g, IsInf, NULL, x), positive = greater(g, x, number(call, 0));
  const double most = horn__argument_number(call, "posinf", -1, 3.4028234663852886e38);
  const double least = horn__argument_number(call, "neginf", -1, -3.4028234663852886e38);
  const horn__value end = horn__select(g, positive, number(call, most), number(call, least));
  const horn__value found = horn__select(g, infinite, end, x), none = HORN__EMIT(g, IsNan, NULL, x);
  return horn__select(g, none, number(call, horn__argument_number(call, "nan", 1, 0)), found);
}

static horn__value between(horn__graph *g, horn__value x, double low, double high) {
  return HORN__EMIT(g, ClipByValue, (&(horn__clip){low, high}), x);
}

static horn__value shrunk(const horn__call *call, horn__value x, bool soft) {
  horn__graph *g = call->graph;
  const double threshold = horn__argument_number(call, "threshold", 1, 0.5);
  const horn__value outside = greater(g, absolute(g, x), number(call, threshold));
  const horn__value y = soft ? horn__sub(g, x, horn__scale(g, HORN__EMIT(g, Sign, NULL, x), threshold)) : x;
  return horn__mask(g, y, outside);
}

static horn__value hypotenuse(horn__graph *g, horn__value a, horn__value b) {
  return HORN__EMIT(g, Sqrt, NULL, horn__add(g, horn__square(g, a), horn__square(g, b)));
}

/* 0 up to -1, (x + 1)^2 / 4 up to 1, x beyond. */
static horn__value sparse_plus(const horn__call *call, horn__value x) {
  horn__graph *g = call->graph;
  const horn__value middle = horn__scale(g, horn__square(g, horn__shift(g, between(g, x, -1, 1), 1)), 0.25);
  return horn__select(g, greater(g, x, number(call, 1)), x, middle);
}

static horn__value sinc(const horn__call *call, horn__value x) {
  horn__graph *g = call->graph;
  const horn__value angle = horn__scale(g, x, 3.14159265358979323846), zero = equal(g, x, number(call, 0)), one = number(call, 1);
  const horn__value safe = horn__select(g, zero, one, angle);
  return horn__select(g, zero, one, horn__div(g, HORN__EMIT(g, Sin, NULL, safe), safe));
}

/* max(x, 0) + min(alpha (exp(x / alpha) - 1), 0) */
static horn__value celu(const horn__call *call, horn__value x) {
  horn__graph *g = call->graph;
  const double alpha = horn__argument_number(call, "alpha", 1, 1);
  const horn__value below = HORN__EMIT(g, Expm1, NULL, horn__scale(g, HORN__EMIT(g, Minimum, NULL, x, number(call, 0)), 1 / alpha));
  return horn__add(g, HORN__EMIT(g, Relu, NULL, x), horn__scale(g, below, alpha));
}

static horn__value composed(const horn__call *call, horn__value x, unary_kind kind) {
  horn__graph *g = call->graph;
  switch (kind) {
    case CBRT: return horn__mul(g, HORN__EMIT(g, Sign, NULL, x), HORN__EMIT(g, Pow, NULL, absolute(g, x), number(call, 1.0 / 3)));
    case DEG2RAD: return horn__scale(g, x, 3.14159265358979323846 / 180);
    case RAD2DEG: return horn__scale(g, x, 180 / 3.14159265358979323846);
    case EXP2: return HORN__EMIT(g, Pow, NULL, number(call, 2), x);
    case TRUNC: return whole_part(g, x);
    case ERFC: return horn__minus(g, 1, HORN__EMIT(g, Erf, NULL, x));
    case ISNEGINF: return equal(g, x, number(call, -INFINITY));
    case ISPOSINF: return equal(g, x, number(call, INFINITY));
    case LOG_SIGMOID: return horn__neg(g, HORN__EMIT(g, Softplus, NULL, horn__neg(g, x)));
    case SOFT_SHRINK: return shrunk(call, x, true);
    case HARD_SHRINK: return shrunk(call, x, false);
    case TANH_SHRINK: return horn__sub(g, x, HORN__EMIT(g, Tanh, NULL, x));
    case HARD_TANH: return between(g, x, -1, 1);
    case HARD_SILU: return horn__mul(g, x, horn__activation_value(g, x, HORN__ACTIVATION_HARD_SIGMOID_3));
    case CELU: return celu(call, x);
    case SQUAREPLUS: {
      const horn__value root = HORN__EMIT(g, Sqrt, NULL, horn__shift(g, horn__square(g, x), horn__argument_number(call, "b", 1, 4)));
      return horn__scale(g, horn__add(g, x, root), 0.5);
    }
    case SPARSE_PLUS: return sparse_plus(call, x);
    case SPARSE_SIGMOID: return between(g, horn__scale(g, horn__shift(g, x, 1), 0.5), 0, 1);
    case THRESHOLD: {
      const horn__value other = number(call, horn__argument_number(call, "default_value", 2, 0));
      return horn__select(g, greater(g, x, number(call, horn__argument_number(call, "threshold", 1, 0))), x, other);
    }
    case SINC: return sinc(call, x);
    case NAN_TO_NUM: return to_numbers(call, x);
  }
  return HORN__NONE;
}

static horn_status unary(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  return horn__return(call, composed(call, horn__as_float(call->graph, x), (unary_kind)operation->which));
}

/* One half times the sigmoid of the other. */
static horn_status glu(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  int32_t axis;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  const horn__shape of = horn__type_of(g, x)->shape;
  HORN__TRY(horn__axis_of(call, "axis", 1, -1, of.rank, &axis));
  if (of.dims[axis] < 0 || of.dims[axis] % 2 != 0)
    return horn__layer_fail(call->layer, HORN_E_SHAPE, "axis %d must have an even number of elements, got %d", axis, of.dims[axis]);
  const horn__value first = horn__part_of(g, x, axis, 0, of.dims[axis] / 2), second = horn__part_of(g, x, axis, of.dims[axis] / 2, -1);
  return horn__return(call, horn__mul(g, first, HORN__EMIT(g, Sigmoid, NULL, second)));
}

/* ---- of two -------------------------------------------------------------------------------------------------------------- */

typedef enum binary_kind { HYPOT, LOG_ADD_EXP, LOG_ADD_EXP2, DIVIDE_NO_NAN, FMOD, HEAVISIDE, IS_CLOSE, OUTER } binary_kind;

/* max + log(1 + exp(-|a - b|)), to the base of exp(unit). */
static horn__value log_add_exp(horn__graph *g, horn__value a, horn__value b, double unit) {
  const horn__value apart = horn__neg(g, absolute(g, horn__sub(g, a, b)));
  const horn__value rest = HORN__EMIT(g, Log1p, NULL, HORN__EMIT(g, Exp, NULL, horn__scale(g, apart, unit)));
  return horn__add(g, HORN__EMIT(g, Maximum, NULL, a, b), horn__scale(g, rest, 1 / unit));
}

static horn__value divide_no_nan(const horn__call *call, horn__value a, horn__value b) {
  horn__graph *g = call->graph;
  const horn__value zero = equal(g, b, number(call, 0));
  return horn__mask(g, horn__div(g, a, horn__select(g, zero, number(call, 1), b)), HORN__EMIT(g, LogicalNot, NULL, zero));
}

static horn__value outer(horn__graph *g, horn__value a, horn__value b) {
  const horn__reshape column = {.shape = {2, {-1, 1}}}, row = {.shape = {2, {1, -1}}};
  return horn__mul(g, HORN__EMIT(g, Reshape, &column, a), HORN__EMIT(g, Reshape, &row, b));
}

static horn_status binary(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value a, b, y = HORN__NONE;
  HORN__TRY(horn__operand_pair(call, &a, &b));
  a = horn__as_float(g, a);
  b = horn__as_float(g, b);
  switch ((binary_kind)operation->which) {
    case HYPOT: y = hypotenuse(g, a, b); break;
    case LOG_ADD_EXP: y = log_add_exp(g, a, b, 1); break;
    case LOG_ADD_EXP2: y = log_add_exp(g, a, b, 0.69314718055994530942); break;
    case DIVIDE_NO_NAN: y = divide_no_nan(call, a, b); break;
    case FMOD: y = horn__sub(g, a, horn__mul(g, b, whole_part(g, horn__div(g, a, b)))); break;
    case HEAVISIDE: {
      const horn__value zero = number(call, 0), sure = horn__select(g, less(g, a, zero), zero, number(call, 1));
      y = horn__select(g, equal(g, a, zero), b, sure);
      break;
    }
    case IS_CLOSE: {
      const double relative = horn__argument_number(call, "rtol", 2, 1e-5), least = horn__argument_number(call, "atol", 3, 1e-8);
      const horn__value room = horn__shift(g, horn__scale(g, absolute(g, b), relative), least);
      y = HORN__EMIT(g, LessEqual, NULL, absolute(g, horn__sub(g, a, b)), room);
      break;
    }
    case OUTER: y = outer(g, a, b); break;
  }
  return horn__return(call, y);
}

/* Of vectors of three along the last axis. */
static horn_status cross(horn__call *call, const horn__operation *operation) {
  static const int32_t three = 3, next[] = {1, 2, 0}, last[] = {2, 0, 1};
  horn__graph *g = call->graph;
  horn__value a, b;
  (void)operation;
  HORN__TRY(horn__operand_pair(call, &a, &b));
  const horn__shape *x = &horn__type_of(g, a)->shape, *y = &horn__type_of(g, b)->shape;
  const double axes = horn__argument_number(call, "axisa", -1, -1) + horn__argument_number(call, "axisb", -1, -1);
  if (axes != -2 || x->rank < 1 || y->rank < 1 || x->dims[x->rank - 1] != 3 || y->dims[y->rank - 1] != 3)
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "vectors of three along the last axis are supported");
  const horn__value forth = horn__graph_ints(g, 1, &three, next), back = horn__graph_ints(g, 1, &three, last);
  const horn__gather of_a = {.axis = x->rank - 1}, of_b = {.axis = y->rank - 1};
  const horn__value plus = horn__mul(g, HORN__EMIT(g, GatherV2, &of_a, a, forth), HORN__EMIT(g, GatherV2, &of_b, b, back));
  const horn__value minus = horn__mul(g, HORN__EMIT(g, GatherV2, &of_a, a, back), HORN__EMIT(g, GatherV2, &of_b, b, forth));
  return horn__return(call, horn__sub(g, plus, minus));
}

static horn_status einsum(horn__call *call, const horn__operation *operation) {
  horn__value in[2];
  (void)operation;
  const char *text = horn__argument_text(call, "subscripts", -1);
  const char *equation = text == NULL ? NULL : horn__arena_format(&call->graph->arena, "%s", text);
  if (equation == NULL) return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected subscripts");
  for (int32_t i = 0; i < 2 && i < call->count; i++) HORN__TRY(horn__argument_tensor(call, "", i, HORN__NONE, &in[i]));
  for (int32_t i = 0; i < 2 && i < call->count; i++) in[i] = horn__as_float(call->graph, in[i]);
  if (call->count > 2) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "one or two tensors are supported, got %d", call->count);
  return horn__return(call, horn__emit(call->graph, &horn__op_Einsum, &(horn__einsum){equation}, in, call->count));
}

/* ---- reductions ---------------------------------------------------------------------------------------------------------- */

static horn_status count_nonzero(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  horn__reduce attributes;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__operation_reduce(call, &attributes));
  const horn__value used = HORN__EMIT(g, NotEqual, NULL, x, horn__graph_scalar_of(g, 0, horn__type_of(g, x)->dtype));
  return horn__return(call, HORN__EMIT(g, Sum, &attributes, HORN__EMIT(g, Cast, &(horn__cast){HORN_INT32}, used)));
}

/* The largest less the smallest. */
static horn_status peak_to_peak(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__reduce attributes;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__operation_reduce(call, &attributes));
  return horn__return(call, horn__sub(call->graph, HORN__EMIT(call->graph, Max, &attributes, x), HORN__EMIT(call->graph, Min, &attributes, x)));
}

static horn_status average(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x, weights;
  horn__reduce attributes;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "axis", -1, &attributes.axes));
  attributes.keep_dims = false;
  x = horn__as_float(g, x);
  const cJSON *given = horn__argument(call, "weights", 1);
  if (given == NULL) return horn__return(call, HORN__EMIT(g, Mean, &attributes, x));
  HORN__TRY(horn__argument_value(call, given, x, &weights));
  if (horn__type_of(g, weights)->shape.rank != horn__type_of(g, x)->shape.rank)
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "weights must have the shape of what is averaged");
  weights = horn__add(g, HORN__EMIT(g, ZerosLike, NULL, x), horn__as_float(g, weights));
  const horn__value sum = HORN__EMIT(g, Sum, &attributes, horn__mul(g, x, weights));
  return horn__return(call, horn__div(g, sum, HORN__EMIT(g, Sum, &attributes, weights)));
}

/* ---- places -------------------------------------------------------------------------------------------------------------- */

/* Along one axis, or of all elements in a row. */
static horn_status roll(horn__call *call, const horn__operation *operation) {
  const horn__reshape row = {.shape = {1, {-1}}};
  horn__graph *g = call->graph;
  horn__value x;
  int32_t shift, axis = 0;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_int(call, "shift", 1, 0, &shift));
  const cJSON *along = horn__argument(call, "axis", 2);
  if (along != NULL) HORN__TRY(horn__axis_of(call, "axis", 2, 0, horn__type_of(g, x)->shape.rank, &axis));
  if (cJSON_IsArray(along)) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "one axis is supported");
  const horn__value all = along == NULL ? HORN__EMIT(g, Reshape, &row, x) : x;
  const int32_t size = all == HORN__NONE ? 0 : horn__type_of(g, all)->shape.dims[axis];
  if (size < 0) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "an axis of unknown size cannot be rolled");
  const int32_t first = size == 0 ? 0 : (int32_t)(((int64_t)size - shift % size) % size); /* what comes to the front */
  if (first == 0) return horn__return(call, x);
  const horn__value y = HORN__EMIT(g, Concat, &(horn__concat){axis}, horn__part_of(g, all, axis, first, -1), horn__part_of(g, all, axis, 0, first));
  return horn__return(call, along == NULL ? HORN__EMIT(g, ReshapeLike, NULL, y, x) : y);
}

/* Neighbours' differences, n times. */
static horn_status diff(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  int32_t times, axis;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_int(call, "n", 1, 1, &times));
  HORN__TRY(horn__axis_of(call, "axis", 2, -1, horn__type_of(g, x)->shape.rank, &axis));
  if (times < 0 || times > 64) return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "n must be 0 to 64, got %d", times);
  for (int32_t i = 0; i < times; i++) x = horn__sub(g, horn__part_of(g, x, axis, 1, -1), horn__part_of(g, x, axis, 0, -2));
  return horn__return(call, x);
}

/* The lower (which 0) or upper triangle of the last two axes. */
static horn_status triangle(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  int32_t k, dims[2];
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_int(call, "k", 1, 0, &k));
  const horn__shape of = horn__type_of(g, x)->shape;
  for (int32_t i = 0; i < 2; i++) dims[i] = of.rank < 2 ? -1 : of.dims[of.rank - 2 + i];
  if (dims[0] < 0 || dims[1] < 0 || (int64_t)dims[0] * dims[1] > 1 << 26)
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "the last two axes must be known, and of at most 2^26 elements");
  int32_t *kept = horn__arena_alloc(&g->arena, ((size_t)dims[0] * (size_t)dims[1] + 1) * sizeof *kept);
  if (kept == NULL) return HORN_E_OUT_OF_MEMORY;
  for (int32_t i = 0; i < dims[0]; i++)
    for (int32_t j = 0; j < dims[1]; j++) kept[i * dims[1] + j] = operation->which == 0 ? (int64_t)j - i <= k : (int64_t)j - i >= k;
  const horn__value mask = HORN__EMIT(g, Cast, &(horn__cast){HORN_BOOL}, horn__graph_ints(g, 2, dims, kept));
  return horn__return(call, horn__select(g, mask, x, HORN__EMIT(g, ZerosLike, NULL, x)));
}

/* y[..., i, ...] = x[..., indices[..., i, ...], ...] */
static horn_status take_along_axis(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x, indices;
  int32_t axis;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_tensor(call, "indices", 1, HORN__NONE, &indices));
  if (horn__argument(call, "axis", 2) == NULL) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "an axis must be given");
  const int32_t rank = horn__type_of(g, x)->shape.rank;
  HORN__TRY(horn__axis_of(call, "axis", 2, 0, rank, &axis));
  const horn__gather last = {.axis = rank - 1, .batch_dims = rank - 1};
  indices = HORN__EMIT(g, Cast, &(horn__cast){HORN_INT32}, horn__axis_to_last(g, indices, axis));
  return horn__return(call, horn__axis_from_last(g, HORN__EMIT(g, GatherV2, &last, horn__axis_to_last(g, x, axis), indices), axis));
}

/* Tensors side by side: along axis `which`, or the first of vectors that are too short for it. */
static horn_status side_by_side(horn__call *call, const horn__operation *operation) {
  horn__value parts[HORN__MAX_SLOTS];
  int32_t count;
  HORN__TRY(horn__argument_tensors(call, "xs", 0, parts, &count));
  const int32_t rank = horn__type_of(call->graph, parts[0])->shape.rank;
  if (rank < 2 || rank <= operation->which) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "tensors of rank %d are not supported", rank);
  return horn__return(call, horn__emit(call->graph, &horn__op_Concat, &(horn__concat){operation->which}, parts, count));
}

/* How many of the bins each element is at or above. */
static horn_status digitize(horn__call *call, const horn__operation *operation) {
  const horn__reshape row = {.shape = {2, {1, -1}}};
  const horn__search_sorted right = {.side = 1};
  horn__graph *g = call->graph;
  horn__value x, bins;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_tensor(call, "bins", 1, x, &bins));
  const horn__value places = HORN__EMIT(g, SearchSorted, &right, HORN__EMIT(g, Reshape, &row, horn__as_float(g, bins)),
                                        HORN__EMIT(g, Reshape, &row, horn__as_float(g, x)));
  return horn__return(call, HORN__EMIT(g, ReshapeLike, NULL, places, x));
}

static int32_t layout_of(const horn__call *call) {
  const char *format = horn__argument_text(call, "data_format", -1);
  return format != NULL && strcmp(format, "channels_first") == 0 ? HORN__CHANNELS_FIRST : HORN__CHANNELS_LAST;
}

/* Of images, as Keras's backends do: pixels have centres. */
static horn_status resize(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__ints size;
  (void)operation;
  HORN__TRY(horn__argument_tensor(call, "images", 0, HORN__NONE, &x));
  HORN__TRY(horn__argument_ints(call, "size", 1, &size));
  HORN__TRY(horn__check_rank(call->layer, horn__type_of(call->graph, x), 4));
  const char *name = horn__argument_text(call, "interpolation", -1);
  const bool nearest = name != NULL && strcmp(name, "nearest") == 0, linear = name == NULL || strcmp(name, "bilinear") == 0;
  const bool more = horn__argument_flag(call, "antialias") || horn__argument_flag(call, "crop_to_aspect_ratio")
      || horn__argument_flag(call, "pad_to_aspect_ratio");
  if (size.count != 2 || more || (!nearest && !linear))
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "bilinear and nearest to a size of two numbers are supported; see the layer Resizing");
  const int32_t layout = layout_of(call);
  const horn__resize attributes = {.size = {size.values[0], size.values[1]}, .half_pixel_centers = true};
  x = horn__to_channels_last(call->graph, horn__as_float(call->graph, x), layout);
  x = horn__emit(call->graph, nearest ? &horn__op_ResizeNearestNeighbor : &horn__op_ResizeBilinear, &attributes, &x, 1);
  return horn__return(call, horn__from_channels_last(call->graph, x, layout));
}

/* The numbers alone that a tensor has: what is none counts as 0 (of products 1, of the largest and smallest as the other end). */
static horn_status reduce_numbers(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  horn__reduce attributes;
  const horn__op *op = operation->op;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__operation_reduce(call, &attributes));
  x = horn__as_float(g, x);
  const double other = op == &horn__op_Prod ? 1 : op == &horn__op_Max ? -INFINITY : op == &horn__op_Min ? INFINITY : 0;
  const horn__value none = HORN__EMIT(g, IsNan, NULL, x), numbers = horn__select(g, none, number(call, other), x);
  if (op != &horn__op_Mean) return horn__return(call, horn__emit(g, op, &attributes, &numbers, 1));
  const horn__value there = horn__as_float(g, HORN__EMIT(g, LogicalNot, NULL, none));
  return horn__return(call, horn__div(g, HORN__EMIT(g, Sum, &attributes, numbers), HORN__EMIT(g, Sum, &attributes, there)));
}

/* (x - mean) / sqrt(variance + epsilon) gamma + beta over some axes, or (which 1) x / sqrt(mean of squares + epsilon) scale. */
static horn_status normalize(horn__call *call, const horn__operation *operation) {
  static const char *const factors[] = {"gamma", "beta"};
  horn__graph *g = call->graph;
  horn__value x;
  horn__reduce over = {.keep_dims = true};
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "axis", -1, &over.axes));
  if (over.axes.count < 0) over.axes = (horn__ints){1, {-1}};
  const double epsilon = horn__argument_number(call, "epsilon", -1, 1e-7);
  if (operation->which == 0) x = horn__sub(g, x, HORN__EMIT(g, Mean, &over, x));
  const horn__value squares = HORN__EMIT(g, Mean, &over, horn__square(g, x));
  horn__value y = horn__mul(g, x, HORN__EMIT(g, Rsqrt, NULL, horn__shift(g, squares, epsilon)));
  for (int32_t i = 0; i < 2; i++) {
    horn__value factor;
    const cJSON *json = horn__argument(call, operation->which == 1 && i == 0 ? "scale" : factors[i], i + 1);
    if (json == NULL) continue;
    HORN__TRY(horn__argument_value(call, json, y, &factor));
    const int32_t rank = horn__type_of(g, factor)->shape.rank;
    if (rank > 1 ||
        (rank == 1 && (over.axes.count != 1 || (over.axes.values[0] != -1 && over.axes.values[0] != horn__type_of(g, x)->shape.rank - 1))))
      return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "factors of the last axis alone are supported");
    y = i == 0 ? horn__mul(g, y, factor) : horn__add(g, y, factor);
  }
  return horn__return(call, y);
}

/* Rows the other way (which 0), or columns (1). */
static horn_status flip_axis(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  return horn__return(call, HORN__EMIT(call->graph, Reverse, (&(horn__reverse){{1, {operation->which}}}), x));
}

/* Depth to space, or space to depth. */
static horn_status space(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__depth_to_space attributes;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_int(call, "block_size", 1, 2, &attributes.block_size));
  HORN__TRY(horn__check_rank(call->layer, horn__type_of(call->graph, x), 4));
  x = horn__to_channels_last(call->graph, x, layout_of(call));
  return horn__return(call, horn__from_channels_last(call->graph, horn__emit(call->graph, operation->op, &attributes, &x, 1), layout_of(call)));
}

/* ITU-R BT.601 luma. */
static horn_status to_gray(horn__call *call, const horn__operation *operation) {
  static const double weights[] = {0.2989, 0.587, 0.114};
  horn__graph *g = call->graph;
  horn__value x, y = HORN__NONE;
  (void)operation;
  HORN__TRY(horn__argument_tensor(call, "images", 0, HORN__NONE, &x));
  const int32_t axis = layout_of(call) == HORN__CHANNELS_FIRST ? horn__type_of(g, x)->shape.rank - 3 : horn__type_of(g, x)->shape.rank - 1;
  if (axis < 0) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected images");
  for (int32_t i = 0; i < 3; i++) {
    const horn__value part = horn__scale(g, horn__part_of(g, x, axis, i, 1), weights[i]);
    y = i == 0 ? part : horn__add(g, y, part);
  }
  return horn__return(call, y);
}

/* ---- the table ----------------------------------------------------------------------------------------------------------- */

const horn__operation horn__composed_operations[] = {
    {"Cbrt", unary, NULL, CBRT},
    {"Deg2rad", unary, NULL, DEG2RAD},
    {"Rad2deg", unary, NULL, RAD2DEG},
    {"Exp2", unary, NULL, EXP2},
    {"Trunc", unary, NULL, TRUNC},
    {"Erfc", unary, NULL, ERFC},
    {"Isneginf", unary, NULL, ISNEGINF},
    {"Isposinf", unary, NULL, ISPOSINF},
    {"LogSigmoid", unary, NULL, LOG_SIGMOID},
    {"SoftShrink", unary, NULL, SOFT_SHRINK},
    {"HardShrink", unary, NULL, HARD_SHRINK},
    {"TanhShrink", unary, NULL, TANH_SHRINK},
    {"HardTanh", unary, NULL, HARD_TANH},
    {"HardSilu", unary, NULL, HARD_SILU},
    {"Celu", unary, NULL, CELU},
    {"Squareplus", unary, NULL, SQUAREPLUS},
    {"SparsePlus", unary, NULL, SPARSE_PLUS},
    {"SparseSigmoid", unary, NULL, SPARSE_SIGMOID},
    {"Threshold", unary, NULL, THRESHOLD},
    {"Sinc", unary, NULL, SINC},
    {"NanToNum", unary, NULL, NAN_TO_NUM},
    {"Glu", glu, NULL, 0},
    {"Hypot", binary, NULL, HYPOT},
    {"Logaddexp", binary, NULL, LOG_ADD_EXP},
    {"Logaddexp2", binary, NULL, LOG_ADD_EXP2},
    {"DivideNoNan", binary, NULL, DIVIDE_NO_NAN},
    {"Fmod", binary, NULL, FMOD},
    {"Heaviside", binary, NULL, HEAVISIDE},
    {"Isclose", binary, NULL, IS_CLOSE},
    {"Outer", binary, NULL, OUTER},
    {"Cross", cross, NULL, 0},
    {"Einsum", einsum, NULL, 0},
    {"CountNonzero", count_nonzero, NULL, 0},
    {"Ptp", peak_to_peak, NULL, 0},
    {"Average", average, NULL, 0},
    {"Roll", roll, NULL, 0},
    {"Diff", diff, NULL, 0},
    {"Tril", triangle, NULL, 0},
    {"Triu", triangle, NULL, 1},
    {"TakeAlongAxis", take_along_axis, NULL, 0},
    {"Vstack", side_by_side, NULL, 0},
    {"Hstack", side_by_side, NULL, 1},
    {"Dstack", side_by_side, NULL, 2},
    {"Digitize", digitize, NULL, 0},
    {"Nansum", reduce_numbers, &horn__op_Sum, 0},
    {"Nanprod", reduce_numbers, &horn__op_Prod, 0},
    {"Nanmax", reduce_numbers, &horn__op_Max, 0},
    {"Nanmin", reduce_numbers, &horn__op_Min, 0},
    {"Nanmean", reduce_numbers, &horn__op_Mean, 0},
    {"LayerNorm", normalize, NULL, 0},
    {"RMSNorm", normalize, NULL, 1},
    {"Flipud", flip_axis, NULL, 0},
    {"Fliplr", flip_axis, NULL, 1},
    {"DepthToSpace", space, &horn__op_DepthToSpace, 0},
    {"SpaceToDepth", space, &horn__op_SpaceToDepth, 0},
    {"RGBToGrayscale", to_gray, NULL, 0},
    {"Resize", resize, NULL, 0},
    {NULL, NULL, NULL, 0},
};
