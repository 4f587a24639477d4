/* Ops on images [N, H, W, C]: parts of them, filters that resize them, projective transformations. Reference: TensorFlow's image_ops
 * (ScaleAndTranslate, ResizeBicubic, ResizeArea, ImageProjectiveTransformV3), keras/src/backend/tensorflow/image.py. */
#include "ops/attributes.h"
#include "ops/emit.h"

static horn_status check_size(const horn__infer *q, const int32_t *size) {
  for (int32_t i = 0; i < 2; i++)
    if (size[i] < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "the size must be positive, got %d", size[i]);
  return HORN_OK;
}

static horn_status check_image(const horn__infer *q, int32_t image) {
  HORN__TRY(horn__infer_rank(q, image, 4));
  for (int32_t i = 1; i < 3; i++)
    if (q->in[image].shape.dims[i] == 0) return horn__infer_fail(q, HORN_E_SHAPE, "an image without pixels has no parts");
  return HORN_OK;
}

/* ---- CenterCrop, CenterPad -------------------------------------------------------------------------------------------- */

static const horn__field center_rows[] = {
    HORN__INT_N(horn__center, size, 2, NULL, NULL),
    HORN__BOOL(horn__center, aspect, NULL, "false"),
    HORN__FLOAT(horn__center, value, NULL, "0"),
};

/* The height that a width has in the ratio of size, or the width of a height: other is the side whose size is `other`. Rounded as Keras does. */
static int32_t in_ratio(int32_t side, int32_t size, int32_t other) {
  const float number = (float)((int64_t)side * size) / (float)other;
  return number >= (float)HORN__MAX_DIM ? HORN__MAX_DIM : (int32_t)number;
}

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }

static horn_status crop_shape(const horn__infer *q, int32_t image, horn__shape *y) {
  const horn__center *a = q->attributes;
  HORN__TRY(check_size(q, a->size));
  HORN__TRY(check_image(q, image));
  *y = q->in[image].shape;
  const int32_t height = y->dims[1], width = y->dims[2];
  const bool known = height >= 0 && width >= 0;
  y->dims[1] = a->size[0], y->dims[2] = a->size[1];
  if (a->aspect) {
    y->dims[1] = known ? most(least(height, in_ratio(width, a->size[0], a->size[1])), 1) : -1;
    y->dims[2] = known ? most(least(width, in_ratio(height, a->size[1], a->size[0])), 1) : -1;
  } else if ((height >= 0 && height < a->size[0]) || (width >= 0 && width < a->size[1])) {
    return horn__infer_fail(q, HORN_E_SHAPE, "an image of %d x %d has no part of %d x %d", height, width, a->size[0], a->size[1]);
  }
  return HORN_OK;
}

/* The same on both sides, so a pixel of what is wanted may be missing. */
static int32_t pad_side(int32_t side, int32_t wanted) { return side + 2 * ((most(side, wanted) - side) / 2); }

static horn_status pad_shape(const horn__infer *q, int32_t image, horn__shape *y) {
  const horn__center *a = q->attributes;
  HORN__TRY(check_size(q, a->size));
  HORN__TRY(check_image(q, image));
  *y = q->in[image].shape;
  const int32_t height = y->dims[1], width = y->dims[2];
  y->dims[1] = y->dims[2] = -1;
  if (height < 0 || width < 0) return HORN_OK;
  y->dims[1] = pad_side(height, in_ratio(width, a->size[0], a->size[1]));
  y->dims[2] = pad_side(width, in_ratio(height, a->size[1], a->size[0]));
  return HORN_OK;
}

/* An op on images and its Grad(dy, x), which gives x's gradient; it is linear but for what it fills in, so the Grad's gradient is the op
 * again, with attributes `a` after `unfilled`. */
#define LINEAR(Name, T, rows, shape_rule, unfilled)                                                                                    \
  static horn_status infer_##Name(horn__infer *q) {                                                                                    \
    q->out[0].dtype = HORN_FLOAT32;                                                                                                    \
    if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");                  \
    return shape_rule(q, 0, &q->out[0].shape);                                                                                         \
  }                                                                                                                                    \
  static horn_status infer_##Name##Grad(horn__infer *q) {                                                                              \
    horn__shape y;                                                                                                                     \
    HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));                                                                                  \
    HORN__TRY(shape_rule(q, 1, &y));                                                                                                   \
    HORN__TRY(horn__infer_shape(q, 0, &y));                                                                                            \
    q->out[0] = (horn__type){q->in[1].shape, HORN_FLOAT32};                                                                            \
    return HORN_OK;                                                                                                                    \
  }                                                                                                                                    \
  static horn_status gradient_##Name(horn__gradient *q) {                                                                              \
    q->din[0] = HORN__EMIT(q->graph, Name##Grad, q->attributes, q->dout[0], q->in[0]);                                                 \
    return HORN_OK;                                                                                                                    \
  }                                                                                                                                    \
  static horn_status gradient_##Name##Grad(horn__gradient *q) {                                                                        \
    T a = *(const T *)q->attributes;                                                                                                   \
    unfilled;                                                                                                                          \
    q->din[0] = HORN__EMIT(q->graph, Name, &a, q->dout[0]);                                                                            \
    return HORN_OK;                                                                                                                    \
  }                                                                                                                                    \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1,              \
                                    .attributes = HORN__FIELDS(T, rows), .infer = infer_##Name, .gradient = gradient_##Name};          \
  const horn__op horn__op_##Name##Grad = {.name = #Name "Grad", .id = HORN__OP_##Name##Grad, .min_inputs = 2, .max_inputs = 2,         \
                                          .outputs = 1, .shape_only = 2, .attributes = HORN__FIELDS(T, rows),                          \
                                          .infer = infer_##Name##Grad, .gradient = gradient_##Name##Grad}

LINEAR(CenterCrop, horn__center, center_rows, crop_shape, a.value = 0);
LINEAR(CenterPad, horn__center, center_rows, pad_shape, a.value = 0);

/* ---- ResizeFiltered ----------------------------------------------------------------------------------------------------- */

static const char *const filters[] = {"triangle", "bicubic", "lanczos3", "lanczos5", "gaussian", "mitchellcubic", "area", NULL};
static const horn__field filtered_rows[] = {
    HORN__INT_N(horn__filtered, size, 2, NULL, NULL),
    HORN__ENUM(horn__filtered, filter, filters, NULL, NULL),
    HORN__BOOL(horn__filtered, antialias, NULL, "false"),
};

static horn_status filtered_shape(const horn__infer *q, int32_t image, horn__shape *y) {
  const horn__filtered *a = q->attributes;
  HORN__TRY(check_size(q, a->size));
  HORN__TRY(check_image(q, image));
  *y = q->in[image].shape;
  y->dims[1] = a->size[0], y->dims[2] = a->size[1];
  return HORN_OK;
}

LINEAR(ResizeFiltered, horn__filtered, filtered_rows, filtered_shape, (void)0);

/* ---- Transform ------------------------------------------------------------------------------------------------------------ */

const char *const horn__fill_names[] = {"constant", "reflect", "wrap", "nearest", NULL};
static const char *const interpolations[] = {"nearest", "bilinear", NULL};
static const horn__field transform_rows[] = {
    HORN__ENUM(horn__transform, interpolation, interpolations, NULL, "\"nearest\""),
    HORN__ENUM(horn__transform, fill_mode, horn__fill_names, NULL, "\"constant\""),
    HORN__FLOAT(horn__transform, fill_value, NULL, "0"),
    HORN__INTS(horn__transform, output_shape, NULL, "null"),
};

static horn_status transform_shape(const horn__infer *q, int32_t image, int32_t transforms, horn__shape *y) {
  const horn__transform *a = q->attributes;
  int32_t eight = 8;
  HORN__TRY(check_image(q, image));
  HORN__TRY(horn__infer_dtype(q, transforms, HORN_FLOAT32));
  HORN__TRY(horn__infer_rank(q, transforms, 2));
  HORN__TRY(horn__infer_dim(q, transforms, 1, &eight));
  *y = q->in[image].shape;
  if (q->in[transforms].shape.dims[0] != 1) HORN__TRY(horn__infer_dim(q, transforms, 0, &y->dims[0]));
  if (a->output_shape.count >= 0) {
    if (a->output_shape.count != 2)
      return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected an output_shape of 2 numbers, got %d", a->output_shape.count);
    HORN__TRY(check_size(q, a->output_shape.values));
    y->dims[1] = a->output_shape.values[0], y->dims[2] = a->output_shape.values[1];
  }
  return HORN_OK;
}

static horn_status transform_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  q->out[0].dtype = HORN_FLOAT32;
  return transform_shape(q, 0, 1, &q->out[0].shape);
}

static horn_status transform_grad_infer(horn__infer *q) {
  horn__shape y;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(transform_shape(q, 2, 1, &y));
  HORN__TRY(horn__infer_shape(q, 0, &y));
  q->out[0] = (horn__type){q->in[2].shape, HORN_FLOAT32};
  return HORN_OK;
}

/* Of the image; the numbers of a transformation have none. */
static horn_status transform_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, TransformGrad, q->attributes, q->dout[0], q->in[1], q->in[0]);
  return HORN_OK;
}

/* dx is the transpose of dy's linear part: Transform without what it fills in. */
static horn_status transform_grad_gradient(horn__gradient *q) {
  horn__transform linear = *(const horn__transform *)q->attributes;
  linear.fill_value = 0;
  q->din[0] = HORN__EMIT(q->graph, Transform, &linear, q->dout[0], q->in[1]);
  return HORN_OK;
}

const horn__op horn__op_Transform = {
    .name = "Transform", .id = HORN__OP_Transform, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
    .attributes = HORN__FIELDS(horn__transform, transform_rows), .infer = transform_infer, .gradient = transform_gradient};
const horn__op horn__op_TransformGrad = {
    .name = "TransformGrad", .id = HORN__OP_TransformGrad, .min_inputs = 3, .max_inputs = 3, .outputs = 1, .shape_only = 4,
    .attributes = HORN__FIELDS(horn__transform, transform_rows), .infer = transform_grad_infer,
    .gradient = transform_grad_gradient};
