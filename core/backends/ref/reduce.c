/* Reference kernels of reductions, arg-reductions and running sums. Sums of float32 are kept in double. */
#include <math.h>

#include "backends/ref/ref.h"

/* The axes of x in two groups: an element of y stands for all indices of the reduced ones. */
typedef struct groups {
  horn__shape kept, reduced;
  size_t kept_strides[1][HORN_MAX_RANK], reduced_strides[1][HORN_MAX_RANK];
} groups;

static groups split_axes(const horn__shape *x, const horn__ints *axes) {
  groups s = {0};
  bool gone[HORN_MAX_RANK] = {false};
  for (int32_t i = 0; i < axes->count; i++) gone[axes->values[i] < 0 ? axes->values[i] + x->rank : axes->values[i]] = true;
  size_t stride = horn__shape_size(x);
  for (int32_t i = 0; i < x->rank && stride > 0; i++) {
    stride /= (size_t)x->dims[i];
    const bool reduced = axes->count < 0 || gone[i];
    horn__shape *shape = reduced ? &s.reduced : &s.kept;
    (reduced ? s.reduced_strides : s.kept_strides)[0][shape->rank] = stride;
    shape->dims[shape->rank++] = x->dims[i];
  }
  return s;
}

/* Steps an offset along one of the groups. */
static inline void next(const horn__shape *shape, int32_t *index, size_t (*strides)[HORN_MAX_RANK], size_t *at) {
  horn__next(shape, index, 1, (const size_t(*)[HORN_MAX_RANK])strides, at);
}

/* out[i] = result of `sum` after `sum = expression` of sum and x for each x that belongs to i. An x without elements has empty groups. */
#define FOLD(function, type_in, type_out, type_sum, initial, expression, result)                                          \
  static horn_status function(const horn__step *step, const horn__ints *axes) {                                           \
    const type_in *in = step->in[0].data;                                                                                 \
    type_out *out = step->out[0].data;                                                                                    \
    groups s = split_axes(&step->in[0].type.shape, axes);                                                                 \
    const bool empty = horn__elements(&step->in[0]) == 0;                                                                 \
    const size_t count = empty ? 0 : horn__shape_size(&s.reduced);                                                        \
    size_t at = 0;                                                                                                        \
    int32_t index[HORN_MAX_RANK] = {0};                                                                                   \
    (void)count;                                                                                                          \
    for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {                                                   \
      type_sum sum = initial;                                                                                             \
      size_t from = at;                                                                                                   \
      int32_t inner[HORN_MAX_RANK] = {0};                                                                                 \
      for (size_t k = 0; k < count; k++) {                                                                                \
        const type_in x = in[from];                                                                                       \
        sum = (expression);                                                                                               \
        next(&s.reduced, inner, s.reduced_strides, &from);                                                                \
      }                                                                                                                   \
      out[i] = (type_out)(result);                                                                                        \
      if (!empty) next(&s.kept, index, s.kept_strides, &at);                                                              \
    }                                                                                                                     \
    return HORN_OK;                                                                                                       \
  }

#define KERNEL(Name, float_fold, int_fold, bool_fold)                             \
  static horn_status run_##Name(const horn__step *step) {                         \
    const horn__ints *axes = &((const horn__reduce *)step->attributes)->axes;     \
    const horn_dtype dtype = step->in[0].type.dtype;                              \
    if (dtype == HORN_BOOL) return bool_fold(step, axes);                         \
    return dtype == HORN_INT32 ? int_fold(step, axes) : float_fold(step, axes);   \
  }                                                                               \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

/* ints wrap around */
FOLD(float_sum, float, float, double, 0, sum + (double)x, sum)
FOLD(int_sum, int32_t, int32_t, uint32_t, 0, sum + (uint32_t)x, (int32_t)sum)
FOLD(bool_sum, uint8_t, int32_t, uint32_t, 0, sum + x, (int32_t)sum)
KERNEL(Sum, float_sum, int_sum, bool_sum)

FOLD(float_mean, float, float, double, 0, sum + (double)x, sum / (double)count)
FOLD(int_mean, int32_t, float, double, 0, sum + x, sum / (double)count)
FOLD(bool_mean, uint8_t, float, double, 0, sum + x, sum / (double)count)
KERNEL(Mean, float_mean, int_mean, bool_mean)

FOLD(float_prod, float, float, double, 1, sum *(double)x, sum)
FOLD(int_prod, int32_t, int32_t, uint32_t, 1, sum *(uint32_t)x, (int32_t)sum)
FOLD(bool_prod, uint8_t, int32_t, uint32_t, 1, sum *x, (int32_t)sum)
KERNEL(Prod, float_prod, int_prod, bool_prod)

/* a NaN stays; without elements: the other end of the range */
FOLD(float_max, float, float, float, -INFINITY, x > sum || isnan(x) ? x : sum, sum)
FOLD(int_max, int32_t, int32_t, int32_t, INT32_MIN, x > sum ? x : sum, sum)
KERNEL(Max, float_max, int_max, int_max)

FOLD(float_min, float, float, float, INFINITY, x < sum || isnan(x) ? x : sum, sum)
FOLD(int_min, int32_t, int32_t, int32_t, INT32_MAX, x < sum ? x : sum, sum)
KERNEL(Min, float_min, int_min, int_min)

FOLD(bool_all, uint8_t, uint8_t, int, 1, sum && x, sum)
KERNEL(All, bool_all, bool_all, bool_all)

FOLD(bool_any, uint8_t, uint8_t, int, 0, sum || x, sum)
KERNEL(Any, bool_any, bool_any, bool_any)

/* SumLike: over the axes along which the shape of `like` was broadcast */
static horn_status sum_like(const horn__step *step) {
  const horn__shape *wide = &step->in[0].type.shape, *like = &step->in[1].type.shape;
  horn__ints axes = {.count = 0};
  for (int32_t i = 0; i < wide->rank; i++) {
    const int32_t at = i - (wide->rank - like->rank);
    if (at < 0 || (like->dims[at] == 1 && wide->dims[i] != 1)) axes.values[axes.count++] = i;
  }
  return step->in[0].type.dtype == HORN_INT32 ? int_sum(step, &axes) : float_sum(step, &axes);
}

const horn__kernel horn__ref_SumLike = {.run = sum_like};

/* ---- ProdGrad: a group without zeros: its product over x; with one zero: only that element has a gradient ------------------- */

static void prod_grad_group(const groups *s, const float *x, float dy, size_t at, float *dx) {
  double product = 1;
  size_t zeros = 0, n = horn__shape_size(&s->reduced), from = at;
  int32_t index[HORN_MAX_RANK] = {0};
  for (size_t k = 0; k < n; k++, horn__next(&s->reduced, index, 1, s->reduced_strides, &from)) {
    if (x[from] == 0)
      zeros++;
    else
      product *= (double)x[from];
  }
  for (size_t k = 0; k < n; k++, horn__next(&s->reduced, index, 1, s->reduced_strides, &at)) {
    const double others = zeros == 0 ? product / (double)x[at] : zeros == 1 && x[at] == 0 ? product : 0;
    dx[at] = (float)((double)dy * others);
  }
}

static horn_status prod_grad(const horn__step *step) {
  const horn__reduce *a = step->attributes;
  const float *dy = step->in[0].data, *x = step->in[1].data;
  if (horn__elements(&step->out[0]) == 0) return HORN_OK;
  groups s = split_axes(&step->in[1].type.shape, &a->axes);
  size_t at = 0;
  int32_t index[HORN_MAX_RANK] = {0};
  for (size_t i = 0, n = horn__elements(&step->in[0]); i < n; i++, next(&s.kept, index, s.kept_strides, &at))
    prod_grad_group(&s, x, dy[i], at, step->out[0].data);
  return HORN_OK;
}

const horn__kernel horn__ref_ProdGrad = {.run = prod_grad};

static horn_status count_like(const horn__step *step) {
  *(float *)step->out[0].data = (float)((double)horn__elements(&step->in[0]) / (double)horn__elements(&step->in[1]));
  return HORN_OK;
}

const horn__kernel horn__ref_CountLike = {.run = count_like};

/* ---- along one axis: lines of n elements that lie `stride` apart -------------------------------------------------------------- */

typedef struct lines {
  size_t count, n, stride;
} lines;

static lines lines_along(const horn__shape *shape, int32_t axis) {
  if (axis < 0) axis += shape->rank;
  lines l = {.n = (size_t)shape->dims[axis], .stride = (size_t)horn__shape_span(shape, axis + 1, shape->rank)};
  l.count = (size_t)horn__shape_span(shape, 0, axis) * l.stride;
  return l;
}

/* Where line i begins. */
static inline size_t line_start(const lines *l, size_t i) { return i / l->stride * l->n * l->stride + i % l->stride; }

#define ARG(function, type_in, better)                                                               \
  static void function(const horn__step *step, const lines *l) {                                     \
    for (size_t i = 0; i < l->count; i++) {                                                          \
      const type_in *x = (const type_in *)step->in[0].data + line_start(l, i);                       \
      size_t best = 0;                                                                               \
      for (size_t k = 1; k < l->n; k++)                                                              \
        if (x[k * l->stride] better x[best * l->stride]) best = k;                                   \
      ((int32_t *)step->out[0].data)[i] = (int32_t)best;                                             \
    }                                                                                                \
  }

#define ARG_KERNEL(Name, better)                                                                              \
  ARG(float_##Name, float, better)                                                                            \
  ARG(int_##Name, int32_t, better)                                                                            \
  ARG(bool_##Name, uint8_t, better)                                                                           \
  static horn_status run_##Name(const horn__step *step) {                                                     \
    const lines l = lines_along(&step->in[0].type.shape, ((const horn__arg_reduce *)step->attributes)->axis); \
    const horn_dtype dtype = step->in[0].type.dtype;                                                          \
    if (dtype == HORN_BOOL) bool_##Name(step, &l);                                                            \
    if (dtype == HORN_INT32) int_##Name(step, &l);                                                            \
    if (dtype == HORN_FLOAT32) float_##Name(step, &l);                                                        \
    return HORN_OK;                                                                                           \
  }                                                                                                           \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

ARG_KERNEL(ArgMax, >)
ARG_KERNEL(ArgMin, <)

/* Each element is the sum up to it: with it, or without where exclusive. */
#define SCAN(function, type_in, type_out, type_sum, initial, expression)                             \
  static void function(const horn__step *step, const lines *l, const horn__scan *a) {                \
    for (size_t i = 0; i < l->count; i++) {                                                          \
      const size_t start = line_start(l, i);                                                         \
      type_sum sum = initial;                                                                        \
      for (size_t k = 0; k < l->n; k++) {                                                            \
        const size_t at = start + (a->reverse ? l->n - 1 - k : k) * l->stride;                       \
        const type_in x = ((const type_in *)step->in[0].data)[at];                                   \
        const type_sum before = sum;                                                                 \
        sum = (expression);                                                                          \
        ((type_out *)step->out[0].data)[at] = (type_out)(a->exclusive ? before : sum);               \
      }                                                                                              \
    }                                                                                                \
  }

#define SCAN_KERNEL(Name, initial, operator)                                       \
  SCAN(float_##Name, float, float, double, initial, sum operator(double) x)        \
  SCAN(int_##Name, int32_t, int32_t, uint32_t, initial, sum operator(uint32_t) x)  \
  SCAN(bool_##Name, uint8_t, int32_t, uint32_t, initial, sum operator(uint32_t) x) \
  static horn_status run_##Name(const horn__step *step) {                          \
    const horn__scan *a = step->attributes;                                        \
    const lines l = lines_along(&step->in[0].type.shape, a->axis);                 \
    const horn_dtype dtype = step->in[0].type.dtype;                               \
    if (dtype == HORN_BOOL) bool_##Name(step, &l, a);                              \
    if (dtype == HORN_INT32) int_##Name(step, &l, a);                              \
    if (dtype == HORN_FLOAT32) float_##Name(step, &l, a);                          \
    return HORN_OK;                                                                \
  }                                                                                \
  const horn__kernel horn__ref_##Name = {.run = run_##Name};

SCAN_KERNEL(Cumsum, 0, +)
SCAN_KERNEL(Cumprod, 1, *)
