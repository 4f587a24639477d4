/* Reference kernels of the ops that look elements up by index. */
#include <string.h>

#include "backends/ref/ref.h"

/* table [batch, outer, n, inner], indices [batch, count], y [batch, outer, count, inner] */
typedef struct lookup {
  size_t batch, outer, n, count, inner;
} lookup;

static lookup lookup_of(const horn__gather *a, const horn__shape *table, const horn__shape *indices) {
  const int32_t axis = a->axis < 0 ? a->axis + table->rank : a->axis;
  return (lookup){.batch = (size_t)horn__shape_span(table, 0, a->batch_dims),
                  .outer = (size_t)horn__shape_span(table, a->batch_dims, axis),
                  .n = (size_t)table->dims[axis],
                  .count = (size_t)horn__shape_span(indices, a->batch_dims, indices->rank),
                  .inner = (size_t)horn__shape_span(table, axis + 1, table->rank)};
}

static horn_status check_indices(const horn__step *step, const lookup *l) {
  const int32_t *indices = step->in[1].data;
  for (size_t i = 0, n = horn__elements(&step->in[1]); i < n; i++)
    if (indices[i] < 0 || (size_t)indices[i] >= l->n)
      return horn__fail(step->ctx, HORN_E_INVALID_ARGUMENT, "%s: the index value %d is not in [0, %lld]", step->op->name, indices[i],
                        (long long)l->n - 1);
  return HORN_OK;
}

/* Row r of y (of batch * outer * count) is this row of the table. */
static size_t table_row(const horn__step *step, const lookup *l, size_t r) {
  const size_t k = r % l->count, block = r / l->count;
  const int32_t *indices = step->in[1].data;
  return block * l->n + (size_t)indices[block / l->outer * l->count + k];
}

static horn_status gather(const horn__step *step) {
  const lookup l = lookup_of(step->attributes, &step->in[0].type.shape, &step->in[1].type.shape);
  const size_t row = l.inner * horn__dtype_size(step->out[0].type.dtype);
  HORN__TRY(check_indices(step, &l));
  for (size_t r = 0, rows = l.batch * l.outer * l.count; r < rows; r++)
    memcpy((unsigned char *)step->out[0].data + r * row, (const unsigned char *)step->in[0].data + table_row(step, &l, r) * row, row);
  return HORN_OK;
}

static horn_status gather_grad(const horn__step *step) {
  const lookup l = lookup_of(step->attributes, &step->in[2].type.shape, &step->in[1].type.shape);
  const float *dy = step->in[0].data;
  float *table = step->out[0].data;
  HORN__TRY(check_indices(step, &l));
  memset(table, 0, horn__elements(&step->out[0]) * sizeof *table);
  for (size_t r = 0, rows = l.batch * l.outer * l.count; r < rows; r++) {
    float *to = table + table_row(step, &l, r) * l.inner;
    for (size_t i = 0; i < l.inner; i++) to[i] += dy[r * l.inner + i];
  }
  return HORN_OK;
}

const horn__kernel horn__ref_GatherV2 = {.run = gather};
const horn__kernel horn__ref_GatherGrad = {.run = gather_grad};

/* ---- UnsortedSegmentSum ---------------------------------------------------------------------------------------------------------- */

static void add_row(const horn__step *step, size_t to, size_t from, size_t inner) {
  for (size_t i = 0; i < inner; i++) {
    if (step->out[0].type.dtype == HORN_INT32)
      ((uint32_t *)step->out[0].data)[to * inner + i] += ((const uint32_t *)step->in[0].data)[from * inner + i];
    else
      ((float *)step->out[0].data)[to * inner + i] += ((const float *)step->in[0].data)[from * inner + i];
  }
}

static horn_status segment_sum(const horn__step *step) {
  const int32_t *ids = step->in[1].data, segments = ((const horn__segment_sum *)step->attributes)->num_segments;
  const horn__shape *x = &step->in[0].type.shape;
  const size_t inner = (size_t)horn__shape_span(x, step->in[1].type.shape.rank, x->rank);
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(float));
  for (size_t i = 0, n = horn__elements(&step->in[1]); i < n; i++)
    if (ids[i] >= 0 && ids[i] < segments) add_row(step, (size_t)ids[i], i, inner);
  return HORN_OK;
}

const horn__kernel horn__ref_UnsortedSegmentSum = {.run = segment_sum};

/* ---- OneHot ------------------------------------------------------------------------------------------------------------------------ */

static horn_status one_hot(const horn__step *step) {
  const horn__one_hot *a = step->attributes;
  const int32_t *indices = step->in[0].data;
  const size_t depth = (size_t)a->depth;
  for (size_t i = 0, n = horn__elements(&step->in[0]); i < n; i++)
    for (size_t k = 0; k < depth; k++)
      horn__store_element(&step->out[0], i * depth + k, indices[i] >= 0 && (size_t)indices[i] == k ? a->on_value : a->off_value);
  return HORN_OK;
}

const horn__kernel horn__ref_OneHot = {.run = one_hot};
