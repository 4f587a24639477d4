/* Conv2D: with a constant filter XNNPACK's convolution, which holds the packed filter; padding is computed as TensorFlow has it. */
#include "backends/xnn/conv.h"

typedef struct conv {
  horn__operator operator; /* first: finish expects it */
  bool biased;             /* the bias is in the operator */
} conv;

/* Sizes as XNNPACK names them. */
typedef struct sizes {
  uint32_t pads[4];        /* top, bottom, left, right */
  uint32_t kernel[2];
  size_t groups, inputs, outputs; /* channels of one group */
} sizes;

static sizes measure(const horn__step *step, size_t groups) {
  const horn__shape *x = &step->in[0].type.shape, *filter = &step->in[1].type.shape, *y = &step->out[0].type.shape;
  sizes s = {.groups = groups, .inputs = (size_t)x->dims[3] / groups, .outputs = (size_t)y->dims[3] / groups};
  for (int32_t axis = 0; axis < 2; axis++) {
    horn__slide slide = horn__conv_slide(step->attributes, filter->dims[axis], axis);
    horn__window(x->dims[1 + axis], slide.window, slide.stride, slide.dilation, slide.padding, &slide.before, &slide.after);
    s.kernel[axis] = (uint32_t)slide.window;
    s.pads[2 * axis] = (uint32_t)slide.before;
    s.pads[2 * axis + 1] = (uint32_t)slide.after;
  }
  return s;
}

/* [h * w * C, O] turned round to [O, h * w * C], as XNNPACK wants a filter. */
static float *turned_filter(const horn__step *step) {
  const horn__shape *filter = &step->in[1].type.shape;
  const size_t columns = (size_t)filter->dims[3], rows = horn__size_of(&step->in[1]) / columns;
  const float *from = step->in[1].data;
  float *to = horn__alloc(step->ctx, rows * columns * sizeof *to, false);
  for (size_t i = 0; i < rows && to != NULL; i++)
    for (size_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
  return to;
}

static enum xnn_status create(const horn__step *step, conv *c, const sizes *s, const float *filter, uint32_t flags) {
  const horn__conv *a = step->attributes;
  const float *bias = horn__xnn_constant(step, 2);
  float low, high;
  c->biased = bias != NULL || !horn__xnn_has(step, 2);
  horn__xnn_clamp(c->biased ? a->activation : HORN__ACTIVATION_LINEAR, &low, &high, &c->operator.activation);
  if (!c->biased) c->operator.activation = a->activation;
  return xnn_create_convolution2d_nhwc_f32(
      s->pads[0], s->pads[3], s->pads[1], s->pads[2], s->kernel[0], s->kernel[1], (uint32_t)a->strides[0], (uint32_t)a->strides[1],
      (uint32_t)a->dilations[0], (uint32_t)a->dilations[1], (uint32_t)s->groups, s->inputs, s->outputs, s->groups * s->inputs,
      s->groups * s->outputs, filter, bias, low, high, flags, NULL, NULL, &c->operator.handle);
}

/* A filter of one channel a group is one of a depthwise convolution, whose layout [h, w, group, output] is TensorFlow's. */
static horn_status create_packed(const horn__step *step, conv *c, const sizes *s) {
  if (s->inputs == 1) return horn__xnn_status(step, create(step, c, s, step->in[1].data, XNN_FLAG_DEPTHWISE_CONVOLUTION));
  float *filter = turned_filter(step);
  if (filter == NULL) return HORN_E_OUT_OF_MEMORY;
  enum xnn_status status = create(step, c, s, filter, 0);
  horn__free(step->ctx, filter);
  return horn__xnn_status(step, status);
}

/* XNNPACK keeps a pointer for each element of the window at each pixel of the result, and multiplies their number unchecked. */
bool horn__conv_fits(const horn__step *step) {
  const horn__shape *filter = &step->in[1].type.shape, *y = &step->out[0].type.shape;
  double pointers = (double)filter->dims[0] * filter->dims[1] * y->dims[0] * ((double)y->dims[1] + 64) * ((double)y->dims[2] + 64);
  return pointers * (double)sizeof(void *) < (double)(SIZE_MAX / 4);
}

horn_status horn__conv_prepare(horn__step *step, size_t groups) {
  HORN__TRY(horn__xnn_state(step, sizeof(conv)));
  conv *c = step->state;
  const sizes s = measure(step, groups);
  const int32_t *x = step->in[0].type.shape.dims, *y = step->out[0].type.shape.dims;
  const double taps = (double)s.kernel[0] * (double)s.kernel[1] * (double)s.inputs;
  size_t alignment = 1, height = 0, width = 0;
  c->operator.pool = horn__xnn_pool(step, 2 * taps * (double)horn__size_of(&step->out[0]));
  HORN__TRY(create_packed(step, c, &s));
  HORN__XNN_TRY(step, xnn_reshape_convolution2d_nhwc_f32(c->operator.handle, (size_t)x[0], (size_t)x[1], (size_t)x[2], &step->workspace_size,
                                                         &alignment, &height, &width, c->operator.pool));
  if (height != (size_t)y[1] || width != (size_t)y[2])
    return horn__fail(step->ctx, HORN_E_INTERNAL, "convolution: XNNPACK makes an image of %zu x %zu, not %d x %d", height, width, y[1], y[2]);
  return HORN_OK;
}

horn_status horn__conv_run(const horn__step *step) {
  const conv *c = step->state;
  float *y = step->out[0].data;
  HORN__XNN_TRY(step, xnn_setup_convolution2d_nhwc_f32(c->operator.handle, step->workspace, step->in[0].data, y));
  HORN__XNN_TRY(step, xnn_run_operator(c->operator.handle, c->operator.pool));
  const size_t channels = (size_t)step->out[0].type.shape.dims[3];
  const horn__epilogue rest = {c->biased ? NULL : step->in[2].data, c->operator.activation};
  horn__xnn_epilogue(step, &rest, y, horn__size_of(&step->out[0]) / channels, channels);
  return HORN_OK;
}

/* ---- Conv2D -------------------------------------------------------------------------------------------------------------- */

static bool is_packed(const horn__step *step) { return horn__xnn_constant(step, 1) != NULL; }

static bool accepts(const horn__step *step) {
  const horn__conv *a = step->attributes;
  if (!is_packed(step)) return horn__columns_accepts(step);
  return horn__xnn_floats(step) && horn__xnn_activates(a->activation) && horn__conv_fits(step);
}

static horn_status prepare(horn__step *step) {
  if (!is_packed(step)) return horn__columns_prepare(step);
  return horn__conv_prepare(step, (size_t)(step->in[0].type.shape.dims[3] / step->in[1].type.shape.dims[2]));
}

static horn_status run(const horn__step *step) { return is_packed(step) ? horn__conv_run(step) : horn__columns_run(step); }

const horn__kernel horn__xnn_Conv2D = {.accepts = accepts, .prepare = prepare, .run = run, .finish = horn__operator_finish};
