/* ResizeBilinear, ResizeNearestNeighbor of images [N, H, W, C], and their gradients. Reference: TensorFlow's image_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static const horn__field rows[] = {
    HORN__INT_N(horn__resize, size, 2, NULL, "0"),
    HORN__INT_N(horn__resize, scale, 2, NULL, "0"),
    HORN__BOOL(horn__resize, align_corners, NULL, "false"),
    HORN__BOOL(horn__resize, half_pixel_centers, NULL, "false"),
};

static horn_status resize_shape(const horn__infer *q, int32_t image, horn__shape *out) {
  const horn__resize *a = q->attributes;
  HORN__TRY(horn__infer_rank(q, image, 4));
  if (a->align_corners && a->half_pixel_centers)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "align_corners and half_pixel_centers exclude each other");
  *out = q->in[image].shape;
  for (int32_t i = 0; i < 2; i++) {
    const int32_t dim = out->dims[1 + i];
    if (a->size[i] < 0 || a->scale[i] < 0 || (a->size[i] == 0) == (a->scale[i] == 0))
      return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "either size or scale must be positive, got %d and %d", a->size[i], a->scale[i]);
    if (dim == 0) return horn__infer_fail(q, HORN_E_SHAPE, "an image without pixels cannot be resized");
    if (dim > INT32_MAX / (a->scale[i] == 0 ? 1 : a->scale[i]))
      return horn__infer_fail(q, HORN_E_LIMIT, "%d pixels cannot be %d times as many", dim, a->scale[i]);
    out->dims[1 + i] = a->size[i] != 0 ? a->size[i] : dim < 0 ? -1 : dim * a->scale[i];
  }
  return HORN_OK;
}

static horn_status bilinear_infer(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  q->out[0].dtype = HORN_FLOAT32;
  return resize_shape(q, 0, &q->out[0].shape);
}

static horn_status nearest_infer(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  q->out[0].dtype = q->in[0].dtype;
  return resize_shape(q, 0, &q->out[0].shape);
}

/* Both Grads (dy, x): x's shape alone is read. */
static horn_status grad_infer(horn__infer *q) {
  horn__shape y;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  HORN__TRY(resize_shape(q, 1, &y));
  HORN__TRY(horn__infer_shape(q, 0, &y));
  q->out[0] = (horn__type){q->in[1].shape, HORN_FLOAT32};
  return HORN_OK;
}

/* Resizing is linear: the gradient of the gradient is the op itself. */
#define RESIZE(Name, infer_rule)                                                                                              \
  static horn_status gradient_##Name(horn__gradient *q) {                                                                     \
    q->din[0] = HORN__EMIT(q->graph, Name##Grad, q->attributes, q->dout[0], q->in[0]);                                        \
    return HORN_OK;                                                                                                           \
  }                                                                                                                           \
  static horn_status gradient_##Name##Grad(horn__gradient *q) {                                                               \
    q->din[0] = HORN__EMIT(q->graph, Name, q->attributes, q->dout[0]);                                                        \
    return HORN_OK;                                                                                                           \
  }                                                                                                                           \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1,     \
                                    .attributes = HORN__FIELDS(horn__resize, rows), .infer = infer_rule,                      \
                                    .gradient = gradient_##Name};                                                             \
  const horn__op horn__op_##Name##Grad = {.name = #Name "Grad", .id = HORN__OP_##Name##Grad, .min_inputs = 2,                 \
                                          .max_inputs = 2, .outputs = 1, .shape_only = 2,                                     \
                                          .attributes = HORN__FIELDS(horn__resize, rows), .infer = grad_infer,                \
                                          .gradient = gradient_##Name##Grad};

RESIZE(ResizeBilinear, bilinear_infer)
RESIZE(ResizeNearestNeighbor, nearest_infer)
