/* Sum, Mean, Max and SumLike where the axes that go are next to each other: [outer, reduced, inner] -> [outer, inner]. */
#include "backends/xnn/xnn.h"

typedef struct reduction {
  size_t outer, reduced, inner;
} reduction;

/* Splits a shape by which axes go; false where they are not next to each other. Axes of size 1 are either. */
static bool split(const horn__shape *x, const bool *goes, reduction *r) {
  *r = (reduction){1, 1, 1};
  for (int32_t i = 0; i < x->rank; i++) {
    const size_t dim = (size_t)x->dims[i];
    if (dim == 1) continue;
    if (!goes[i] && r->reduced == 1)
      r->outer *= dim;
    else if (!goes[i])
      r->inner *= dim;
    else if (r->inner == 1)
      r->reduced *= dim;
    else
      return false;
  }
  return true;
}

static bool reduce_split(const horn__step *step, reduction *r) {
  const horn__reduce *a = step->attributes;
  const horn__shape *x = &step->in[0].type.shape;
  bool goes[HORN_MAX_RANK];
  for (int32_t i = 0; i < x->rank; i++) goes[i] = a->axes.count < 0;
  for (int32_t i = 0, axis; i < a->axes.count; i++)
    if (horn__axis(a->axes.values[i], x->rank, &axis)) goes[axis] = true;
  return split(x, goes, r);
}

/* The axes along which the narrow shape is broadcast go. */
static bool like_split(const horn__step *step, reduction *r) {
  const horn__shape *wide = &step->in[0].type.shape, *narrow = &step->out[0].type.shape;
  bool goes[HORN_MAX_RANK];
  for (int32_t i = 0; i < wide->rank; i++) {
    const int32_t axis = i - (wide->rank - narrow->rank);
    goes[i] = axis < 0 || narrow->dims[axis] != wide->dims[i];
  }
  return split(wide, goes, r);
}

static bool reduce_accepts(const horn__step *step) {
  reduction r;
  return horn__xnn_floats(step) && reduce_split(step, &r);
}

static bool like_accepts(const horn__step *step) {
  reduction r;
  return step->in[0].type.dtype == HORN_FLOAT32 && horn__size_of(&step->in[0]) != 0 && like_split(step, &r);
}

/* ---- running ---------------------------------------------------------------------------------------------------------- */

typedef struct work {
  const horn__isa *isa;
  const reduction *shape;
  const float *x;
  float *y;
  bool largest, mean;
} work;

#define BLOCK ((size_t)HORN__COLUMN_BLOCK) /* inner elements of one piece of work */

static void scale(const work *w, float *y, size_t count) {
  const float by = 1.0f / (float)w->shape->reduced;
  if (w->mean) w->isa->binary(HORN__BINARY_Multiply, y, 1, &by, 0, y, count);
}

static void run_rows(void *context, size_t start, size_t count) {
  const work *w = context;
  const size_t n = w->shape->reduced;
  for (size_t i = start; i < start + count; i++) (w->largest ? w->isa->row_max : w->isa->row_sum)(w->x + i * n, n, w->y + i);
  scale(w, w->y + start, count);
}

static void run_blocks(void *context, size_t start, size_t count) {
  const work *w = context;
  const size_t inner = w->shape->inner, reduced = w->shape->reduced, blocks = (inner + BLOCK - 1) / BLOCK;
  for (size_t i = start; i < start + count; i++) {
    const size_t at = i % blocks * BLOCK, width = inner - at < BLOCK ? inner - at : BLOCK;
    const float *x = w->x + i / blocks * reduced * inner + at;
    float *y = w->y + i / blocks * inner + at;
    if (w->largest)
      w->isa->window_max(x, 1, 0, reduced, inner, y, width);
    else
      w->isa->column_sums(x, reduced, inner, y, width);
    scale(w, y, width);
  }
}

static horn_status run(const horn__step *step, const reduction *r, bool largest, bool mean) {
  const double cost = 6, call = 40; /* operations an element, a piece */
  work w = {horn__isa_of(step), r, step->in[0].data, step->out[0].data, largest, mean};
  if (r->inner == 1)
    horn__xnn_parallel(step, r->outer, call + cost * (double)r->reduced, run_rows, &w);
  else
    horn__xnn_parallel(step, r->outer * ((r->inner + BLOCK - 1) / BLOCK), call + cost * (double)(r->reduced * BLOCK), run_blocks, &w);
  return HORN_OK;
}

static horn_status reduce(const horn__step *step, bool largest, bool mean) {
  reduction r;
  reduce_split(step, &r);
  return run(step, &r, largest, mean);
}

static horn_status sum(const horn__step *step) { return reduce(step, false, false); }
static horn_status mean(const horn__step *step) { return reduce(step, false, true); }
static horn_status max(const horn__step *step) { return reduce(step, true, false); }

static horn_status sum_like(const horn__step *step) {
  reduction r;
  like_split(step, &r);
  return run(step, &r, false, false);
}

const horn__kernel horn__xnn_Sum = {.accepts = reduce_accepts, .run = sum};
const horn__kernel horn__xnn_Mean = {.accepts = reduce_accepts, .run = mean};
const horn__kernel horn__xnn_Max = {.accepts = reduce_accepts, .run = max};
const horn__kernel horn__xnn_SumLike = {.accepts = like_accepts, .run = sum_like};
