/* Reductions over some axes, the index of an extreme along one, and running sums. Reference: TensorFlow's math_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field reduce_rows[] = {
    HORN__INTS(horn__reduce, axes, "axis|reduction_indices", "null"),
    HORN__BOOL(horn__reduce, keep_dims, NULL, "false"),
};

/* Which axes go. */
static horn_status read_axes(const horn__infer *q, const horn__ints *axes, int32_t rank, bool *reduced) {
  for (int32_t i = 0; i < rank; i++) reduced[i] = axes->count < 0;
  for (int32_t i = 0, axis; i < axes->count; i++) {
    if (!horn__axis(axes->values[i], rank, &axis))
      return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is out of range for rank %d", axes->values[i], rank);
    reduced[axis] = true;
  }
  return HORN_OK;
}

static horn_status reduce_shape(horn__infer *q) {
  const horn__reduce *a = q->attributes;
  const horn__shape *x = &q->in[0].shape;
  bool reduced[HORN_MAX_RANK];
  HORN__TRY(read_axes(q, &a->axes, x->rank, reduced));
  horn__shape y = {0};
  for (int32_t i = 0; i < x->rank; i++) {
    if (!reduced[i])
      y.dims[y.rank++] = x->dims[i];
    else if (a->keep_dims)
      y.dims[y.rank++] = 1;
  }
  q->out[0].shape = y;
  return HORN_OK;
}

/* bool counts as 0 and 1 */
static horn_status sum_infer(horn__infer *q) {
  q->out[0].dtype = q->in[0].dtype == HORN_BOOL ? HORN_INT32 : q->in[0].dtype;
  return reduce_shape(q);
}

static horn_status mean_infer(horn__infer *q) {
  q->out[0].dtype = HORN_FLOAT32;
  return reduce_shape(q);
}

static horn_status extreme_infer(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  q->out[0].dtype = q->in[0].dtype;
  return reduce_shape(q);
}

static horn_status logic_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_BOOL));
  q->out[0].dtype = HORN_BOOL;
  return reduce_shape(q);
}

/* ---- gradients ------------------------------------------------------------------------------------------------------------ */

/* A result as it is with keep_dims, so that it broadcasts over the input. */
static horn__value keep(const horn__gradient *q, horn__value y) {
  const horn__reduce *a = q->attributes;
  if (a->keep_dims) return y;
  const int32_t rank = horn__type_of(q->graph, q->in[0])->shape.rank;
  horn__axes kept = {.axes = {.count = 0}};
  bool reduced[HORN_MAX_RANK] = {false};
  for (int32_t i = 0; i < a->axes.count; i++) reduced[a->axes.values[i] < 0 ? a->axes.values[i] + rank : a->axes.values[i]] = true;
  for (int32_t i = 0; i < rank; i++)
    if (a->axes.count < 0 || reduced[i]) kept.axes.values[kept.axes.count++] = i;
  return HORN__EMIT(q->graph, ExpandDims, &kept, y);
}

static horn_status sum_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, BroadcastLike, NULL, keep(q, q->dout[0]), q->in[0]);
  return HORN_OK;
}

static horn_status mean_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__value share = horn__div(g, q->dout[0], HORN__EMIT(g, CountLike, NULL, q->in[0], q->out[0]));
  q->din[0] = HORN__EMIT(g, BroadcastLike, NULL, keep(q, share), q->in[0]);
  return HORN_OK;
}

/* Equal extremes share the gradient, as in TensorFlow; TensorFlow.js gives each of them all of it. */
static horn_status extreme_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__cast to_float = {HORN_FLOAT32};
  const horn__reduce kept = {((const horn__reduce *)q->attributes)->axes, true};
  const horn__value chosen = HORN__EMIT(g, Cast, &to_float, HORN__EMIT(g, Equal, NULL, q->in[0], keep(q, q->out[0])));
  q->din[0] = horn__mul(g, chosen, horn__div(g, keep(q, q->dout[0]), HORN__EMIT(g, Sum, &kept, chosen)));
  return HORN_OK;
}

static horn_status prod_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, ProdGrad, q->attributes, q->dout[0], q->in[0]);
  return HORN_OK;
}

#define REDUCE(Name, infer_rule, more_flags, gradient_rule)                                                                        \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1,          \
                                    .flags = more_flags,                                                                           \
                                    .attributes = HORN__FIELDS(horn__reduce, reduce_rows), .infer = infer_rule, .gradient = gradient_rule};

REDUCE(Sum, sum_infer, 0, sum_gradient)
REDUCE(Mean, mean_infer, 0, mean_gradient)
REDUCE(Prod, sum_infer, 0, prod_gradient)
REDUCE(Max, extreme_infer, 0, extreme_gradient)
REDUCE(Min, extreme_infer, 0, extreme_gradient)
REDUCE(All, logic_infer, HORN__NOT_DIFFERENTIABLE, NULL)
REDUCE(Any, logic_infer, HORN__NOT_DIFFERENTIABLE, NULL)

/* ---- ProdGrad(dy, x): dy times the product of the other elements ------------------------------------------------------------ */

static horn_status prod_grad_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(horn__infer_dtype(q, 1, HORN_FLOAT32));
  horn__infer forward = *q;
  forward.in = &q->in[1];
  HORN__TRY(reduce_shape(&forward));
  const horn__shape y = q->out[0].shape;
  HORN__TRY(horn__infer_shape(q, 0, &y));
  q->out[0] = q->in[1];
  return HORN_OK;
}

/* y_i = dy p / x_i, where p is the product. d (sum of d_i y_i) / d dy is the sum of d_i p / x_i, and / d x_j is y_j (sum of d_i / x_i - d_j / x_j).
 * As in TensorFlow, no x may be 0. */
static horn_status prod_grad_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  const horn__reduce *a = q->attributes, kept = {a->axes, true};
  const horn__value x = q->in[1], d = q->dout[0], one = horn__graph_scalar(g, 1);
  const horn__value slope = HORN__EMIT(g, ProdGrad, a, HORN__EMIT(g, BroadcastLike, NULL, one, q->in[0]), x);
  const horn__value shares = horn__div(g, d, x);
  q->din[0] = HORN__EMIT(g, Sum, a, horn__mul(g, d, slope));
  q->din[1] = horn__mul(g, q->out[0], horn__sub(g, HORN__EMIT(g, Sum, &kept, shares), shares));
  return HORN_OK;
}

const horn__op horn__op_ProdGrad = {.name = "ProdGrad", .id = HORN__OP_ProdGrad, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
                                    .attributes = HORN__FIELDS(horn__reduce, reduce_rows), .infer = prod_grad_infer,
                                    .gradient = prod_grad_gradient};

/* ---- CountLike(x, like): how many elements of x there are for one of `like`; a float32 scalar --------------------------------- */

static horn_status count_like_infer(horn__infer *q) {
  q->out[0] = (horn__type){.shape = {.rank = 0}, .dtype = HORN_FLOAT32};
  return HORN_OK;
}

const horn__op horn__op_CountLike = {.name = "CountLike", .id = HORN__OP_CountLike, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
                                     .flags = HORN__NOT_DIFFERENTIABLE, .shape_only = 3, .attributes = HORN__NO_FIELDS, .infer = count_like_infer};

/* ---- ArgMax, ArgMin ----------------------------------------------------------------------------------------------------------- */

static const horn__field arg_rows[] = {HORN__INT(horn__arg_reduce, axis, "axes", "0")};

static horn_status arg_infer(horn__infer *q) {
  const horn__arg_reduce *a = q->attributes;
  const horn__shape *x = &q->in[0].shape;
  int32_t axis;
  if (!horn__axis(a->axis, x->rank, &axis))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is out of range for rank %d", a->axis, x->rank);
  horn__shape y = {0};
  for (int32_t i = 0; i < x->rank; i++)
    if (i != axis) y.dims[y.rank++] = x->dims[i];
  q->out[0] = (horn__type){y, HORN_INT32};
  return HORN_OK;
}

#define ARG(Name)                                                                                                         \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1, \
                                    .flags = HORN__NOT_DIFFERENTIABLE,                                                    \
                                    .attributes = HORN__FIELDS(horn__arg_reduce, arg_rows), .infer = arg_infer};

ARG(ArgMax)
ARG(ArgMin)

/* ---- Cumsum, Cumprod ------------------------------------------------------------------------------------------------------------ */

static const horn__field scan_rows[] = {
    HORN__INT(horn__scan, axis, NULL, "0"),
    HORN__BOOL(horn__scan, exclusive, NULL, "false"),
    HORN__BOOL(horn__scan, reverse, NULL, "false"),
};

static horn_status scan_infer(horn__infer *q) {
  const horn__scan *a = q->attributes;
  int32_t axis;
  if (!horn__axis(a->axis, q->in[0].shape.rank, &axis))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is out of range for rank %d", a->axis, q->in[0].shape.rank);
  q->out[0] = (horn__type){q->in[0].shape, q->in[0].dtype == HORN_BOOL ? HORN_INT32 : q->in[0].dtype};
  return HORN_OK;
}

/* An element counts in the sums behind it: dx is the running sum of dy from the other end. */
static horn_status cumsum_gradient(horn__gradient *q) {
  horn__scan back = *(const horn__scan *)q->attributes;
  back.reverse = !back.reverse;
  q->din[0] = HORN__EMIT(q->graph, Cumsum, &back, q->dout[0]);
  return HORN_OK;
}

/* A product that has x in it changes by itself / x: dx is the running sum of dy y from the other end, / x. As in TensorFlow, no x may be 0. */
static horn_status cumprod_gradient(horn__gradient *q) {
  horn__scan back = *(const horn__scan *)q->attributes;
  back.reverse = !back.reverse;
  const horn__value sums = HORN__EMIT(q->graph, Cumsum, &back, horn__mul(q->graph, q->dout[0], q->out[0]));
  q->din[0] = horn__div(q->graph, sums, q->in[0]);
  return HORN_OK;
}

#define SCAN(Name, gradient_rule)                                                                                                  \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1,          \
                                    .attributes = HORN__FIELDS(horn__scan, scan_rows), .infer = scan_infer, .gradient = gradient_rule};

SCAN(Cumsum, cumsum_gradient)
SCAN(Cumprod, cumprod_gradient)
