/* Reference kernel of Einsum: for each element of the output, a walk over all labels that are summed. */
#include "backends/ref/ref.h"
#include "ops/einsum.h"

typedef struct walk {
  int32_t count;                          /* of labels */
  int32_t labels[HORN__MAX_LABELS];       /* those of the output, then those that are summed */
  int32_t index[HORN__MAX_LABELS];
  size_t strides[HORN__MAX_TERMS][HORN__MAX_LABELS], at[HORN__MAX_TERMS];
} walk;

static bool listed(const walk *w, int32_t label) {
  for (int32_t i = 0; i < w->count; i++)
    if (w->labels[i] == label) return true;
  return false;
}

static void list_labels(walk *w, const horn__equation *e) {
  for (int32_t i = 0; i < e->out.rank; i++) w->labels[w->count++] = e->out.labels[i];
  for (int32_t k = 0; k < e->count; k++)
    for (int32_t i = 0; i < e->in[k].rank; i++)
      if (!listed(w, e->in[k].labels[i])) w->labels[w->count++] = e->in[k].labels[i];
}

/* A label that an input has twice walks its diagonal; along an axis of 1 it stays. */
static void set_strides(walk *w, const horn__equation *e, const horn__step *step) {
  for (int32_t k = 0; k < e->count; k++) {
    const horn__shape *shape = &step->in[k].type.shape;
    size_t stride = 1;
    for (int32_t i = shape->rank; i-- > 0; stride *= (size_t)shape->dims[i])
      for (int32_t l = 0; l < w->count && shape->dims[i] != 1; l++)
        if (w->labels[l] == e->in[k].labels[i]) w->strides[k][l] += stride;
  }
}

/* The next position over labels from `from` to `to`; false, back at the first one, at the end. */
static bool next(walk *w, const horn__equation *e, int32_t from, int32_t to) {
  for (int32_t l = to; l-- > from;) {
    const int32_t size = e->sizes[w->labels[l]];
    const bool more = ++w->index[l] < size;
    for (int32_t k = 0; k < e->count; k++) w->at[k] += more ? w->strides[k][l] : 0 - w->strides[k][l] * (size_t)(size - 1);
    if (more) return true;
    w->index[l] = 0;
  }
  return false;
}

static double product(const walk *w, const horn__step *step) {
  double y = 1;
  for (int32_t k = 0; k < step->inputs; k++) y *= ((const float *)step->in[k].data)[w->at[k]];
  return y;
}

static horn_status einsum(const horn__step *step) {
  horn__type types[HORN__MAX_TERMS];
  horn__equation e;
  walk w = {.count = 0};
  const char *reason;
  for (int32_t i = 0; i < step->inputs; i++) types[i] = step->in[i].type;
  if (!horn__equation_read(((const horn__einsum *)step->attributes)->equation, types, step->inputs, &e, &reason)) return HORN_E_INTERNAL;
  list_labels(&w, &e);
  set_strides(&w, &e, step);
  float *out = step->out[0].data;
  bool empty = false;
  for (int32_t l = e.out.rank; l < w.count; l++) empty = empty || e.sizes[w.labels[l]] == 0;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    double sum = 0;
    if (!empty) do sum += product(&w, step); while (next(&w, &e, e.out.rank, w.count));
    out[i] = (float)sum;
    next(&w, &e, 0, e.out.rank);
  }
  return HORN_OK;
}

const horn__kernel horn__ref_Einsum = {.run = einsum};
