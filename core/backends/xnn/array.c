/* Ops that move elements of any dtype: copied in rows as long as both sides go on evenly. Transposes are XNNPACK's, and some paddings. */
#include <string.h>

#include "backends/ref/ref.h"
#include "backends/xnn/walk.h"

/* ---- BroadcastTo, BroadcastLike ------------------------------------------------------------------------------------------------ */

static horn_status broadcast_prepare(horn__step *step) { return horn__walk_prepare(step, 1); }

static bool is_word(const horn__step *step) {
  return horn__dtype_size(step->out[0].type.dtype) == sizeof(uint32_t) && horn__size_of(&step->out[0]) != 0;
}

static void broadcast_row(const horn__step *step, const horn__walk *w, const void *user, const size_t *at, size_t to, size_t count) {
  (void)user;
  const uint32_t *from = (const uint32_t *)step->in[0].data + at[0];
  uint32_t *y = (uint32_t *)step->out[0].data + to;
  if (w->steps[0] != 0) memcpy(y, from, count * sizeof *y);
  for (size_t i = 0; i < count && w->steps[0] == 0; i++) y[i] = *from;
}

static horn_status broadcast(const horn__step *step) {
  horn__walk_run(step, 16, broadcast_row, NULL);
  return HORN_OK;
}

#define BROADCAST {.accepts = is_word, .prepare = broadcast_prepare, .run = broadcast, .finish = horn__walk_finish}

const horn__kernel horn__xnn_BroadcastTo = BROADCAST;
const horn__kernel horn__xnn_BroadcastLike = BROADCAST;

/* ---- Repeat: what is behind the last repeated axis is copied as a row -------------------------------------------------------------- */

typedef struct repetition {
  const int32_t *reps, *dims; /* dims: of y */
  int32_t axes;               /* up to the last repeated one */
  size_t row;                 /* elements */
  const uint32_t *x;
  uint32_t *y;
} repetition;

static bool repeat_accepts(const horn__step *step) {
  const horn__ints *reps = &((const horn__tile *)step->attributes)->reps;
  return is_word(step) && reps->count > 0 && reps->values[reps->count - 1] == 1;
}

/* The row of x that row `i` of y shows. */
static size_t repeated_row(const repetition *r, size_t i) {
  size_t at = 0, stride = 1;
  for (int32_t axis = r->axes - 1; axis >= 0; axis--) {
    const size_t dim = (size_t)r->dims[axis], rep = (size_t)r->reps[axis];
    at += i % dim / rep * stride;
    stride *= dim / rep;
    i /= dim;
  }
  return at;
}

static void repeat_rows(void *context, size_t start, size_t count) {
  const repetition *r = context;
  for (size_t i = start; i < start + count; i++)
    memcpy(r->y + i * r->row, r->x + repeated_row(r, i) * r->row, r->row * sizeof *r->y);
}

static horn_status repeat(const horn__step *step) {
  const horn__ints *reps = &((const horn__tile *)step->attributes)->reps;
  repetition r = {.reps = reps->values, .dims = step->out[0].type.shape.dims, .axes = reps->count, .row = 1, .x = step->in[0].data,
                  .y = step->out[0].data};
  while (r.axes > 0 && r.reps[r.axes - 1] == 1) r.row *= (size_t)r.dims[--r.axes];
  horn__xnn_parallel(step, horn__size_of(&step->out[0]) / r.row, (double)(20 + r.row), repeat_rows, &r);
  return HORN_OK;
}

const horn__kernel horn__xnn_Repeat = {.accepts = repeat_accepts, .run = repeat};

/* ---- parts: a small tensor that lies in a large one -------------------------------------------------------------------------------- */

/* Copies between the whole of `small` and the part of `large` that starts at `begin` (NULL: zeros): all in bytes and rows. */
typedef struct part {
  const horn__shape *small, *large;
  const int32_t *begin;
  size_t width;              /* of an element */
  const unsigned char *from;
  unsigned char *to;
  bool into_large;
} part;

/* Axes from `inner` on are whole in both, so that they and the one before them are one row. */
static int32_t inner_axis(const part *p) {
  int32_t axis = p->small->rank;
  while (axis > 0 && p->small->dims[axis - 1] == p->large->dims[axis - 1]) axis--;
  return axis > 0 ? axis - 1 : 0;
}

static void copy_part(const part *p) {
  size_t strides[2][HORN_MAX_RANK], at[2] = {0, 0}, small = p->width, large = p->width;
  const int32_t inner = inner_axis(p);
  int32_t index[HORN_MAX_RANK] = {0};
  for (int32_t i = p->small->rank - 1; i >= 0; i--) {
    strides[0][i] = small;
    strides[1][i] = large;
    at[1] += (p->begin == NULL ? 0 : (size_t)p->begin[i]) * large;
    small *= (size_t)p->small->dims[i];
    large *= (size_t)p->large->dims[i];
  }
  if (small == 0) return;
  const horn__shape outer = horn__shape_of(inner, p->small->dims);
  const size_t row = p->small->rank == 0 ? p->width : strides[0][inner] * (size_t)p->small->dims[inner];
  for (size_t i = 0, rows = horn__shape_size(&outer); i < rows; i++) {
    memcpy(p->to + at[p->into_large], p->from + at[!p->into_large], row);
    horn__next(&outer, index, 2, (const size_t(*)[HORN_MAX_RANK])strides, at);
  }
}

/* Input `input` into the output at `begin`, or the part of it at `begin` as the output. */
static void copy_input(const horn__step *step, int32_t input, const int32_t *begin, bool into_output) {
  const horn__shape *x = &step->in[input].type.shape, *y = &step->out[0].type.shape;
  copy_part(&(const part){.small = into_output ? x : y, .large = into_output ? y : x, .begin = begin,
                          .width = horn__dtype_size(step->out[0].type.dtype), .from = step->in[input].data, .to = step->out[0].data,
                          .into_large = into_output});
}

/* Numbers of axes that are not given are zeros. */
static const int32_t *all_axes(const horn__ints *given, int32_t *axes) {
  for (int32_t i = 0; i < HORN_MAX_RANK; i++) axes[i] = i < given->count ? given->values[i] : 0;
  return axes;
}

static horn_status slice(const horn__step *step) {
  int32_t axes[HORN_MAX_RANK];
  copy_input(step, 0, all_axes(&((const horn__slice *)step->attributes)->begin, axes), false);
  return HORN_OK;
}

static horn_status slice_like(const horn__step *step) {
  int32_t axes[HORN_MAX_RANK];
  copy_input(step, 0, all_axes(&((const horn__offset *)step->attributes)->begin, axes), false);
  return HORN_OK;
}

static horn_status pad_like(const horn__step *step) {
  int32_t axes[HORN_MAX_RANK];
  memset(step->out[0].data, 0, horn__size_of(&step->out[0]) * horn__dtype_size(step->out[0].type.dtype));
  copy_input(step, 0, all_axes(&((const horn__offset *)step->attributes)->begin, axes), true);
  return HORN_OK;
}

const horn__kernel horn__xnn_Slice = {.run = slice};
const horn__kernel horn__xnn_SliceLike = {.run = slice_like};
const horn__kernel horn__xnn_PadLike = {.run = pad_like};

/* ---- Concat, ConcatGrad: parts one after the other along an axis --------------------------------------------------------------------- */

static int32_t joined_axis(const horn__step *step) {
  const int32_t axis = ((const horn__concat *)step->attributes)->axis;
  return axis < 0 ? axis + step->out[0].type.shape.rank : axis;
}

static horn_status concat(const horn__step *step) {
  const int32_t axis = joined_axis(step);
  int32_t begin[HORN_MAX_RANK] = {0};
  for (int32_t i = 0; i < step->inputs; i++) {
    copy_input(step, i, begin, true);
    begin[axis] += step->in[i].type.shape.dims[axis];
  }
  return HORN_OK;
}

/* Inputs dy, x0 .. xi: the part of dy that is xi's. */
static horn_status concat_grad(const horn__step *step) {
  const int32_t axis = joined_axis(step);
  int32_t begin[HORN_MAX_RANK] = {0};
  for (int32_t i = 1; i < step->inputs - 1; i++) begin[axis] += step->in[i].type.shape.dims[axis];
  copy_input(step, 0, begin, false);
  return HORN_OK;
}

const horn__kernel horn__xnn_Concat = {.run = concat};
const horn__kernel horn__xnn_ConcatGrad = {.run = concat_grad};

/* ---- PadV2: XNNPACK's, and our own ------------------------------------------------------------------------------------------------------ */

static bool pad_accepts(const horn__step *step) {
  const int32_t rank = step->out[0].type.shape.rank;
  return horn__xnn_floats(step) && rank >= 1 && rank <= XNN_MAX_TENSOR_DIMS;
}

static horn_status pad_prepare(horn__step *step) {
  const horn__pad *a = step->attributes;
  const horn__shape *x = &step->in[0].type.shape;
  const float value = (float)a->value;
  size_t shape[XNN_MAX_TENSOR_DIMS], before[XNN_MAX_TENSOR_DIMS], after[XNN_MAX_TENSOR_DIMS];
  HORN__TRY(horn__xnn_state(step, sizeof(horn__operator)));
  horn__operator *o = step->state;
  for (int32_t i = 0; i < x->rank; i++) {
    shape[i] = (size_t)x->dims[i];
    before[i] = (size_t)a->paddings.values[2 * i];
    after[i] = (size_t)a->paddings.values[2 * i + 1];
  }
  o->pool = horn__xnn_pool(step, 4 * (double)horn__size_of(&step->out[0]));
  HORN__XNN_TRY(step, xnn_create_constant_pad_nd_x32(&value, 0, &o->handle));
  return horn__xnn_status(step, xnn_reshape_constant_pad_nd_x32(o->handle, (size_t)x->rank, shape, before, after, o->pool));
}

static horn_status run_pad_operator(const horn__step *step) {
  const horn__operator *o = step->state;
  HORN__XNN_TRY(step, xnn_setup_constant_pad_nd_x32(o->handle, step->in[0].data, step->out[0].data));
  return horn__xnn_status(step, xnn_run_operator(o->handle, o->pool));
}

static horn_status pad(const horn__step *step) {
  const horn__pad *a = step->attributes;
  const float value = (float)a->value;
  float *y = step->out[0].data;
  int32_t begin[HORN_MAX_RANK] = {0};
  for (int32_t i = 0; i < a->paddings.count / 2; i++) begin[i] = a->paddings.values[2 * i];
  for (size_t i = 0, n = horn__size_of(&step->out[0]); i < n; i++) y[i] = value;
  copy_input(step, 0, begin, true);
  return HORN_OK;
}

/* XNNPACK writes each element once, ours twice; but it takes a call a row of the last axis, and ours one for all that go on evenly. */
static bool pad_is_faster(const horn__step *step) {
  const horn__shape *y = &step->out[0].type.shape;
  return y->dims[y->rank - 1] >= 256;
}

const horn__pair horn__xnn_PadV2 = {
    .operator = {.accepts = pad_accepts, .prepare = pad_prepare, .run = run_pad_operator, .finish = horn__operator_finish},
    .own = {.accepts = horn__xnn_floats, .run = pad},
    .is_faster = pad_is_faster};

/* ---- Transpose ----------------------------------------------------------------------------------------------------------------------------- */

static bool transpose_accepts(const horn__step *step) {
  const int32_t rank = step->out[0].type.shape.rank;
  return is_word(step) && rank >= 2 && rank <= XNN_MAX_TENSOR_DIMS;
}

static horn_status transpose_prepare(horn__step *step) {
  const horn__ints *permutation = &((const horn__transpose *)step->attributes)->permutation;
  const horn__shape *x = &step->in[0].type.shape;
  size_t shape[XNN_MAX_TENSOR_DIMS], axes[XNN_MAX_TENSOR_DIMS];
  HORN__TRY(horn__xnn_state(step, sizeof(horn__operator)));
  horn__operator *o = step->state;
  for (int32_t i = 0; i < x->rank; i++) {
    const int32_t axis = permutation->count < 0 ? x->rank - 1 - i : permutation->values[i];
    shape[i] = (size_t)x->dims[i];
    axes[i] = (size_t)(axis < 0 ? axis + x->rank : axis);
  }
  o->pool = horn__xnn_pool(step, 8 * (double)horn__size_of(&step->out[0]));
  HORN__XNN_TRY(step, xnn_create_transpose_nd_x32(0, &o->handle));
  return horn__xnn_status(step, xnn_reshape_transpose_nd_x32(o->handle, (size_t)x->rank, shape, axes, o->pool));
}

static horn_status transpose(const horn__step *step) {
  const horn__operator *o = step->state;
  HORN__XNN_TRY(step, xnn_setup_transpose_nd_x32(o->handle, step->in[0].data, step->out[0].data));
  return horn__xnn_status(step, xnn_run_operator(o->handle, o->pool));
}

const horn__kernel horn__xnn_Transpose = {
    .accepts = transpose_accepts, .prepare = transpose_prepare, .run = transpose, .finish = horn__operator_finish};
