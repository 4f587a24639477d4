/* Element-wise ops of two broadcast inputs, float32, comparisons too; other dtypes are ref's. */
#include <string.h>

#include "backends/xnn/walk.h"

#define COST 24.0 /* operations that an element takes: memory, mostly */

static horn_status prepare(horn__step *step) { return horn__walk_prepare(step, 2); }

static void binary_row(const horn__step *step, const horn__walk *w, const void *user, const size_t *at, size_t to, size_t count) {
  const float *a = step->in[0].data, *b = step->in[1].data;
  float *y = step->out[0].data;
  horn__isa_of(step)->binary(*(const int32_t *)user, a + at[0], w->steps[0], b + at[1], w->steps[1], y + to, count);
}

#define BINARY(Name)                                            \
  static horn_status run_##Name(const horn__step *step) {       \
    static const int32_t function = HORN__BINARY_##Name;        \
    horn__walk_run(step, COST, binary_row, &function);          \
    return HORN_OK;                                             \
  }                                                             \
  const horn__kernel horn__xnn_##Name = {                       \
      .accepts = horn__xnn_floats, .prepare = prepare, .run = run_##Name, .finish = horn__walk_finish};

BINARY(Add)
BINARY(Maximum)
BINARY(Minimum)
BINARY(Multiply)
BINARY(Prelu)
BINARY(RealDiv)
BINARY(SquaredDifference)
BINARY(Sub)

/* ---- comparisons ------------------------------------------------------------------------------------------------------------ */

static bool compares_floats(const horn__step *step) {
  return step->in[0].type.dtype == HORN_FLOAT32 && step->in[1].type.dtype == HORN_FLOAT32 && horn__size_of(&step->out[0]) != 0;
}

static void compare_row(const horn__step *step, const horn__walk *w, const void *user, const size_t *at, size_t to, size_t count) {
  const float *a = step->in[0].data, *b = step->in[1].data;
  uint8_t *y = step->out[0].data;
  horn__isa_of(step)->compare(*(const int32_t *)user, a + at[0], w->steps[0], b + at[1], w->steps[1], y + to, count);
}

#define COMPARE(Name)                                           \
  static horn_status run_##Name(const horn__step *step) {       \
    static const int32_t function = HORN__COMPARE_##Name;       \
    horn__walk_run(step, COST, compare_row, &function);         \
    return HORN_OK;                                             \
  }                                                             \
  const horn__kernel horn__xnn_##Name = {                       \
      .accepts = compares_floats, .prepare = prepare, .run = run_##Name, .finish = horn__walk_finish};

COMPARE(Equal)
COMPARE(Greater)
COMPARE(GreaterEqual)
COMPARE(Less)
COMPARE(LessEqual)
COMPARE(NotEqual)

/* ---- Select(condition, a, b), float32 and int32 -------------------------------------------------------------------------------- */

static bool selects_words(const horn__step *step) {
  return horn__dtype_size(step->out[0].type.dtype) == sizeof(uint32_t) && horn__size_of(&step->out[0]) != 0;
}

static horn_status select_prepare(horn__step *step) { return horn__walk_prepare(step, 3); }

static void select_row(const horn__step *step, const horn__walk *w, const void *user, const size_t *at, size_t to, size_t count) {
  (void)user;
  const uint8_t *condition = step->in[0].data;
  const uint32_t *a = step->in[1].data, *b = step->in[2].data;
  uint32_t *y = step->out[0].data;
  horn__isa_of(step)->select(condition + at[0], w->steps[0], a + at[1], w->steps[1], b + at[2], w->steps[2], y + to, count);
}

static horn_status run_select(const horn__step *step) {
  horn__walk_run(step, COST, select_row, NULL);
  return HORN_OK;
}

const horn__kernel horn__xnn_Select = {
    .accepts = selects_words, .prepare = select_prepare, .run = run_select, .finish = horn__walk_finish};

/* ---- AddN: inputs of one shape --------------------------------------------------------------------------------------------------- */

static void add_piece(void *context, size_t start, size_t count) {
  const horn__step *step = context;
  float *y = (float *)step->out[0].data + start;
  const float *first = (const float *)step->in[0].data + start;
  if (y != first) memcpy(y, first, count * sizeof *y);
  for (int32_t k = 1; k < step->inputs; k++)
    horn__isa_of(step)->binary(HORN__BINARY_Add, y, 1, (const float *)step->in[k].data + start, 1, y, count);
}

static horn_status add_n(const horn__step *step) {
  horn__step copy = *step; /* tasks take what they may change */
  horn__xnn_parallel(step, horn__size_of(&step->out[0]), COST * step->inputs, add_piece, &copy);
  return HORN_OK;
}

const horn__kernel horn__xnn_AddN = {.accepts = horn__xnn_floats, .run = add_n};
