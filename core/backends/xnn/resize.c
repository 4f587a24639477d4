/* ResizeBilinear by XNNPACK's operator, which has all three of TensorFlow's ways to place pixels. */
#include "backends/xnn/xnn.h"

/* XNNPACK: no dimension may be 2^24 or more, and its buffer has two pointers and two weights for each pixel of the result. */
enum { MAX_SIDE = (1 << 24) - 1, MAX_PIXELS = 1 << 26 };

static bool accepts(const horn__step *step) {
  const horn__shape *x = &step->in[0].type.shape, *y = &step->out[0].type.shape;
  if (step->in[0].type.dtype != HORN_FLOAT32 || horn__shape_size(x) == 0) return false;
  for (int32_t i = 1; i < 3; i++)
    if (x->dims[i] > MAX_SIDE || y->dims[i] > MAX_SIDE) return false;
  return horn__shape_span(y, 1, 3) <= MAX_PIXELS;
}

static uint32_t flags(const horn__resize *attributes) {
  if (attributes->align_corners) return XNN_FLAG_ALIGN_CORNERS;
  return attributes->half_pixel_centers ? 0 : XNN_FLAG_TENSORFLOW_LEGACY_MODE;
}

static horn_status prepare(horn__step *step) {
  const horn__shape *x = &step->in[0].type.shape, *y = &step->out[0].type.shape;
  HORN__TRY(horn__xnn_state(step, sizeof(horn__operator)));
  horn__operator *operator = step->state;
  size_t channels = (size_t)x->dims[3], alignment = 1;
  operator->pool = horn__xnn_pool(step, 8.0 * (double)horn__shape_size(y));
  HORN__XNN_TRY(step, xnn_create_resize_bilinear2d_nhwc_f32((size_t)y->dims[1], (size_t)y->dims[2], flags(step->attributes), &operator->handle));
  HORN__XNN_TRY(step, xnn_reshape_resize_bilinear2d_nhwc_f32(operator->handle, (size_t)x->dims[0], (size_t)x->dims[1], (size_t)x->dims[2], channels,
                                                             channels, channels, &step->workspace_size, &alignment, operator->pool));
  return HORN_OK;
}

static horn_status run(const horn__step *step) {
  const horn__operator *operator = step->state;
  HORN__XNN_TRY(step, xnn_setup_resize_bilinear2d_nhwc_f32(operator->handle, step->workspace, step->in[0].data, step->out[0].data));
  return horn__xnn_status(step, xnn_run_operator(operator->handle, operator->pool));
}

const horn__kernel horn__xnn_ResizeBilinear = {.accepts = accepts, .prepare = prepare, .run = run, .finish = horn__operator_finish};
