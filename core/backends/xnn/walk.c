/* Walks broadcast inputs in long rows. */
#include "backends/xnn/walk.h"

#include "backends/ref/ref.h"

typedef const size_t (*odometer_strides)[HORN_MAX_RANK];

/* Whether `axis` goes on where the row below it ends, in all inputs. */
static bool continues(const horn__walk *w, int32_t axis) {
  for (int32_t k = 0; k < w->inputs; k++)
    if (w->strides[k][axis] != w->steps[k] * w->inner) return false;
  return true;
}

/* Takes axes from the inside into the row as long as they continue it; the others stay outer. */
static horn__walk walk_of(const horn__step *step, int32_t inputs) {
  const horn__shape *shape = &step->out[0].type.shape;
  horn__walk w = {.inputs = inputs, .inner = 1};
  for (int32_t k = 0; k < inputs; k++) horn__broadcast_strides(&step->in[k].type.shape, shape, w.strides[k]);
  int32_t axis = shape->rank - 1;
  for (; axis >= 0; axis--) {
    if (shape->dims[axis] == 1) continue;
    if (w.inner == 1)
      for (int32_t k = 0; k < inputs; k++) w.steps[k] = w.strides[k][axis];
    else if (!continues(&w, axis))
      break;
    w.inner *= (size_t)shape->dims[axis];
  }
  w.outer = horn__shape_of(axis + 1, shape->dims);
  return w;
}

horn_status horn__walk_prepare(horn__step *step, int32_t inputs) {
  HORN__TRY(horn__xnn_state(step, sizeof(horn__walk)));
  *(horn__walk *)step->state = walk_of(step, inputs);
  return HORN_OK;
}

void horn__walk_finish(horn__step *step) {
  horn__free(step->ctx, step->state);
  step->state = NULL;
}

typedef struct work {
  const horn__step *step;
  const horn__walk *walk;
  horn__walk_row *row;
  const void *user;
} work;

/* A part of the only row. */
static void run_inner(void *context, size_t start, size_t count) {
  const work *w = context;
  size_t at[HORN__WALK_INPUTS];
  for (int32_t k = 0; k < w->walk->inputs; k++) at[k] = start * w->walk->steps[k];
  w->row(w->step, w->walk, w->user, at, start, count);
}

/* Sets index and offsets of the odometer to row `row`. */
static void seek(const horn__walk *w, size_t row, int32_t *index, size_t *at) {
  for (int32_t k = 0; k < w->inputs; k++) at[k] = 0;
  for (int32_t axis = w->outer.rank - 1; axis >= 0; axis--) {
    const size_t dim = (size_t)w->outer.dims[axis];
    index[axis] = (int32_t)(row % dim);
    row /= dim;
    for (int32_t k = 0; k < w->inputs; k++) at[k] += (size_t)index[axis] * w->strides[k][axis];
  }
}

static void run_outer(void *context, size_t start, size_t count) {
  const work *w = context;
  int32_t index[HORN_MAX_RANK];
  size_t at[HORN__WALK_INPUTS];
  seek(w->walk, start, index, at);
  for (size_t i = start; i < start + count; i++) {
    w->row(w->step, w->walk, w->user, at, i * w->walk->inner, w->walk->inner);
    horn__next(&w->walk->outer, index, w->walk->inputs, (odometer_strides)w->walk->strides, at);
  }
}

void horn__walk_run(const horn__step *step, double cost, horn__walk_row *row, const void *user) {
  const double call = 20; /* operations that a row costs by itself */
  const horn__walk *walk = step->state;
  work w = {step, walk, row, user};
  const size_t rows = horn__shape_size(&walk->outer);
  if (rows == 1)
    horn__xnn_parallel(step, walk->inner, cost, run_inner, &w);
  else
    horn__xnn_parallel(step, rows, call + cost * (double)walk->inner, run_outer, &w);
}
