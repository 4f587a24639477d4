/* Conv2D, Conv3D and their two backprops each, whose gradients are one another. y[n, i, j, o] = sum over a, b, c of
 * x[n, i * stride + a * dilation - before, ..., c] * filter[a, b, c, o]; 3D has one more i and a. Reference: TensorFlow's nn_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field rows[] = {HORN__CONV_ROWS(2), HORN__INT_N(horn__conv, extra, 2, NULL, "0")};
static const horn__field rows3[] = {HORN__CONV_ROWS(3), HORN__INT_N(horn__conv, extra, 3, NULL, "0")};

/* ---- shape rules --------------------------------------------------------------------------------------------------- */

/* Which inputs are what: each of the three ops has two of x, filter, dy for their elements. */
typedef struct places {
  int32_t x, filter, dy; /* -1: the op has none */
} places;

static horn_status check_inputs(const horn__infer *q, const places *p) {
  const int32_t images[] = {p->x, p->filter, p->dy}, rank = horn__window_axes(q->op) + 2;
  for (int32_t k = 0; k < 3; k++) {
    if (images[k] < 0 || !horn__infer_has(q, images[k])) continue;
    HORN__TRY(horn__infer_dtype(q, images[k], HORN_FLOAT32));
    HORN__TRY(horn__infer_rank(q, images[k], rank));
  }
  const horn__shape *filter = &q->in[p->filter].shape;
  for (int32_t axis = rank - 2; axis < rank; axis++)
    if (filter->dims[axis] == 0) return horn__infer_fail(q, HORN_E_SHAPE, "expected a filter with one channel or more, got none");
  return horn__infer_activation(q, ((const horn__conv *)q->attributes)->activation);
}

/* The filter takes C / groups channels: C must be a multiple of it, and the number of filters one of the groups. */
static horn_status check_groups(const horn__infer *q, const horn__shape *x, const horn__shape *filter) {
  const int32_t last = x->rank - 1, channels = x->dims[last], taken = filter->dims[last - 1], filters = filter->dims[last];
  if (channels < 0 || taken < 0) return HORN_OK;
  char image[HORN__SHAPE_TEXT], kernel[HORN__SHAPE_TEXT];
  horn__shape_text(x, image, sizeof image);
  horn__shape_text(filter, kernel, sizeof kernel);
  if (channels == 0 || channels % taken != 0)
    return horn__infer_fail(q, HORN_E_SHAPE, "the %d channels of x %s are no multiple of the filter's %d %s", channels, image, taken, kernel);
  if (filters >= 0 && filters % (channels / taken) != 0)
    return horn__infer_fail(q, HORN_E_SHAPE, "the %d filters of %s are no multiple of the %d groups that x %s makes", filters, kernel,
                            channels / taken, image);
  return HORN_OK;
}

horn_status horn__infer_conv_size(const horn__infer *q, const horn__shape *x, const horn__shape *filter, horn__shape *y) {
  const int32_t axes = horn__window_axes(q->op);
  for (int32_t axis = 0; axis < axes; axis++) {
    const horn__slide slide = horn__conv_slide(q->attributes, filter->dims[axis], axis);
    HORN__TRY(horn__infer_slide(q, horn__image_axes[3 - axes + axis], &slide, x->dims[1 + axis], &y->dims[1 + axis]));
  }
  return HORN_OK;
}

/* [from's batch, size and channels still open] */
static horn__shape open_image(const horn__shape *from, int32_t channels) {
  horn__shape shape = {.rank = from->rank, .dims = {from->dims[0]}};
  for (int32_t axis = 1; axis < from->rank - 1; axis++) shape.dims[axis] = -1;
  shape.dims[from->rank - 1] = channels;
  return shape;
}

static horn_status forward_shape(const horn__infer *q, const horn__shape *x, const horn__shape *filter, horn__shape *y) {
  HORN__TRY(check_groups(q, x, filter));
  *y = open_image(x, filter->dims[filter->rank - 1]);
  return horn__infer_conv_size(q, x, filter, y);
}

static horn_status conv_infer(horn__infer *q) {
  static const places p = {.x = 0, .filter = 1, .dy = -1};
  HORN__TRY(check_inputs(q, &p));
  q->out[0].dtype = HORN_FLOAT32;
  HORN__TRY(forward_shape(q, &q->in[p.x].shape, &q->in[p.filter].shape, &q->out[0].shape));
  return horn__infer_bias(q, 2, q->out[0].shape.dims[horn__window_axes(q->op) + 1]);
}

/* The smallest size that a convolution makes `size` of, and the extra. */
static horn_status backward_size(const horn__infer *q, int32_t axis, const horn__slide *slide, int32_t size, int32_t *out) {
  const char *name = horn__image_axes[3 - horn__window_axes(q->op) + axis];
  int32_t extra = ((const horn__conv *)q->attributes)->extra[axis], ignored;
  HORN__TRY(horn__infer_slide(q, name, slide, -1, &ignored));
  if (extra < 0 || extra >= slide->stride)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected an extra %s of 0 to %d, got %d", name, slide->stride - 1, extra);
  *out = -1;
  if (size < 0 || slide->window < 0) return HORN_OK;
  int64_t extent = (int64_t)(slide->window - 1) * slide->dilation + 1, room = extent;
  if (slide->padding == HORN__SAME || slide->padding == HORN__CAUSAL) room = 1;
  if (slide->padding == HORN__EXPLICIT) room = extent - slide->before - slide->after;
  int64_t result = size == 0 ? 0 : (int64_t)(size - 1) * slide->stride + room + extra;
  if (result < 0 || result > INT32_MAX)
    return horn__infer_fail(q, HORN_E_LIMIT, "a %s of %d with stride %d has no input that it comes of", name, size, slide->stride);
  *out = (int32_t)result;
  return HORN_OK;
}

static horn_status backward_shape(const horn__infer *q, const horn__shape *dy, const horn__shape *filter, horn__shape *x) {
  *x = open_image(dy, filter->dims[filter->rank - 2]);
  for (int32_t axis = 0; axis < horn__window_axes(q->op); axis++) {
    horn__slide slide = horn__conv_slide(q->attributes, filter->dims[axis], axis);
    HORN__TRY(backward_size(q, axis, &slide, dy->dims[1 + axis], &x->dims[1 + axis]));
  }
  return HORN_OK;
}

static horn_status backprop_input_infer(horn__infer *q) {
  static const places p = {.x = 2, .filter = 1, .dy = 0};
  HORN__TRY(check_inputs(q, &p));
  const horn__shape *dy = &q->in[p.dy].shape, *filter = &q->in[p.filter].shape;
  q->out[0].dtype = HORN_FLOAT32;
  if (horn__infer_has(q, p.x))
    q->out[0].shape = q->in[p.x].shape;
  else
    HORN__TRY(backward_shape(q, dy, filter, &q->out[0].shape));
  horn__shape y;
  HORN__TRY(forward_shape(q, &q->out[0].shape, filter, &y));
  HORN__TRY(horn__infer_shape(q, p.dy, &y));
  return horn__infer_bias(q, 3, q->out[0].shape.dims[horn__window_axes(q->op) + 1]);
}

static horn_status backprop_filter_infer(horn__infer *q) {
  static const places p = {.x = 0, .filter = 2, .dy = 1};
  HORN__TRY(check_inputs(q, &p));
  horn__shape y;
  HORN__TRY(forward_shape(q, &q->in[p.x].shape, &q->in[p.filter].shape, &y));
  HORN__TRY(horn__infer_shape(q, p.dy, &y));
  q->out[0] = q->in[p.filter];
  return HORN_OK;
}

/* ---- gradients ----------------------------------------------------------------------------------------------------- */

/* op(first, second, like), without `like` where that is HORN__NONE. */
static horn__value convolve(horn__gradient *q, const horn__op *op, horn__value first, horn__value second, horn__value like) {
  return horn__emit(q->graph, op, q->attributes, (const horn__value[]){first, second, like}, like == HORN__NONE ? 2 : 3);
}

horn_status horn__gradient_of_y(horn__gradient *q, const horn__conv_ops *ops) {
  const horn__value x = q->in[0], filter = q->in[1], dy = q->dout[0];
  q->din[0] = convolve(q, ops->dx, dy, filter, x);
  q->din[1] = convolve(q, ops->dfilter, x, dy, filter);
  return HORN_OK;
}

horn_status horn__gradient_of_dx(horn__gradient *q, const horn__conv_ops *ops) {
  const horn__value dy = q->in[0], filter = q->in[1], ddx = q->dout[0];
  q->din[0] = convolve(q, ops->y, ddx, filter, HORN__NONE);
  q->din[1] = convolve(q, ops->dfilter, ddx, dy, filter);
  return HORN_OK;
}

horn_status horn__gradient_of_dfilter(horn__gradient *q, const horn__conv_ops *ops) {
  const horn__value x = q->in[0], dy = q->in[1], ddfilter = q->dout[0];
  q->din[0] = convolve(q, ops->dx, dy, ddfilter, x);
  q->din[1] = convolve(q, ops->y, x, ddfilter, HORN__NONE);
  return HORN_OK;
}

/* The ops of a kind and their gradients; rows: their table. */
#define CONVOLUTION(Y, DX, DFILTER, rows)                                                                                    \
  static const horn__conv_ops ops_of_##Y = {&horn__op_##Y, &horn__op_##DX, &horn__op_##DFILTER};                              \
  static horn_status gradient_##Y(horn__gradient *q) {                                                                       \
    HORN__TRY(horn__check_unfused(q, ops_of_##Y.y, ((const horn__conv *)q->attributes)->activation, 2));                      \
    return horn__gradient_of_y(q, &ops_of_##Y);                                                                              \
  }                                                                                                                          \
  static horn_status gradient_##DX(horn__gradient *q) {                                                                      \
    HORN__TRY(horn__check_unfused(q, ops_of_##Y.dx, ((const horn__conv *)q->attributes)->activation, 3));                     \
    return horn__gradient_of_dx(q, &ops_of_##Y);                                                                             \
  }                                                                                                                          \
  static horn_status gradient_##DFILTER(horn__gradient *q) { return horn__gradient_of_dfilter(q, &ops_of_##Y); }              \
  const horn__op horn__op_##Y = {.name = #Y, .id = HORN__OP_##Y, .min_inputs = 2, .max_inputs = 3, .outputs = 1,              \
                                 .attributes = HORN__FIELDS(horn__conv, rows), .infer = conv_infer, .gradient = gradient_##Y}; \
  const horn__op horn__op_##DX = {.name = #DX, .id = HORN__OP_##DX, .min_inputs = 2, .max_inputs = 4, .outputs = 1,           \
                                  .shape_only = 4, .attributes = HORN__FIELDS(horn__conv, rows),                             \
                                  .infer = backprop_input_infer, .gradient = gradient_##DX};                                 \
  const horn__op horn__op_##DFILTER = {.name = #DFILTER, .id = HORN__OP_##DFILTER, .min_inputs = 3, .max_inputs = 3,          \
                                       .outputs = 1, .shape_only = 4, .attributes = HORN__FIELDS(horn__conv, rows),          \
                                       .infer = backprop_filter_infer, .gradient = gradient_##DFILTER};

CONVOLUTION(Conv2D, Conv2DBackpropInput, Conv2DBackpropFilter, rows)
CONVOLUTION(Conv3D, Conv3DBackpropInputV2, Conv3DBackpropFilterV2, rows3)
