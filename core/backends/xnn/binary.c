/* Element-wise ops of two broadcast inputs, float32; other dtypes are ref's. Axes along which both inputs walk evenly are one. */
#include "backends/ref/ref.h"
#include "backends/xnn/xnn.h"

typedef struct layout {
  horn__shape outer;                 /* axes that are walked by an odometer */
  size_t strides[2][HORN_MAX_RANK];  /* along them, of both inputs; 0: broadcast */
  size_t inner, steps[2];            /* the innermost axis, and 0 or 1 for how each input walks it */
} layout;

/* Whether axis `axis` continues the axis of `count` elements below it, in both inputs. */
static bool continues(const size_t (*strides)[HORN_MAX_RANK], int32_t axis, const size_t *steps, size_t count) {
  return strides[0][axis] == steps[0] * count && strides[1][axis] == steps[1] * count;
}

/* Takes axes from the inside into the innermost one as long as they continue it; the others stay outer. */
static layout make_layout(const horn__step *step) {
  const horn__shape *shape = &step->out[0].type.shape;
  layout l = {.inner = 1};
  for (int32_t k = 0; k < 2; k++) horn__broadcast_strides(&step->in[k].type.shape, shape, l.strides[k]);
  int32_t axis = shape->rank - 1;
  for (; axis >= 0; axis--) {
    if (shape->dims[axis] == 1) continue;
    if (l.inner == 1)
      for (int32_t k = 0; k < 2; k++) l.steps[k] = l.strides[k][axis];
    else if (!continues((const size_t(*)[HORN_MAX_RANK])l.strides, axis, l.steps, l.inner))
      break;
    l.inner *= (size_t)shape->dims[axis];
  }
  l.outer = horn__shape_of(axis + 1, shape->dims);
  return l;
}

static horn_status prepare(horn__step *step) {
  HORN__TRY(horn__xnn_state(step, sizeof(layout)));
  *(layout *)step->state = make_layout(step);
  return HORN_OK;
}

static void finish(horn__step *step) { horn__free(step->ctx, step->state); }

typedef struct pair {
  const layout *layout;
  const horn__isa *isa;
  int32_t function;
  const float *a, *b;
  float *y;
} pair;

static void run_inner(void *context, size_t start, size_t count) {
  const pair *p = context;
  const size_t *steps = p->layout->steps;
  p->isa->binary(p->function, p->a + start * steps[0], steps[0], p->b + start * steps[1], steps[1], p->y + start, count);
}

/* Sets index and offsets of the odometer to the place of outer element `start`. */
static void seek(const layout *l, size_t start, int32_t *index, size_t *at) {
  at[0] = at[1] = 0;
  for (int32_t axis = l->outer.rank - 1; axis >= 0; axis--) {
    size_t dim = (size_t)l->outer.dims[axis];
    index[axis] = (int32_t)(start % dim);
    start /= dim;
    for (int32_t k = 0; k < 2; k++) at[k] += (size_t)index[axis] * l->strides[k][axis];
  }
}

static void run_outer(void *context, size_t start, size_t count) {
  const pair *p = context;
  const layout *l = p->layout;
  int32_t index[HORN_MAX_RANK];
  size_t at[2];
  seek(l, start, index, at);
  for (size_t i = start; i < start + count; i++) {
    p->isa->binary(p->function, p->a + at[0], l->steps[0], p->b + at[1], l->steps[1], p->y + i * l->inner, l->inner);
    horn__next(&l->outer, index, 2, (const size_t(*)[HORN_MAX_RANK])l->strides, at);
  }
}

static horn_status run(const horn__step *step, int32_t function) {
  const double cost = 24, call = 20; /* operations that an element (memory, mostly) and a row take */
  const layout *l = step->state;
  pair p = {l, horn__isa_of(step), function, step->in[0].data, step->in[1].data, step->out[0].data};
  size_t rows = horn__shape_size(&l->outer);
  if (rows == 1)
    horn__xnn_parallel(step, l->inner, cost, run_inner, &p);
  else
    horn__xnn_parallel(step, rows, call + cost * (double)l->inner, run_outer, &p);
  return HORN_OK;
}

#define BINARY(Name)                                                                               \
  static horn_status run_##Name(const horn__step *step) { return run(step, HORN__BINARY_##Name); } \
  const horn__kernel horn__xnn_##Name = {.accepts = horn__xnn_floats, .prepare = prepare, .run = run_##Name, .finish = finish};

BINARY(Add)
BINARY(Maximum)
BINARY(Minimum)
BINARY(Multiply)
BINARY(RealDiv)
BINARY(SquaredDifference)
BINARY(Sub)
