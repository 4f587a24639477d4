/* Reference kernels of the ops that move elements. */
#include <string.h>

#include "backends/ref/ref.h"

static size_t width_of(const horn__step *step) { return horn__dtype_size(step->out[0].type.dtype); }

/* Strides of a contiguous tensor, in elements. */
static void contiguous(const horn__shape *shape, size_t *strides) {
  size_t stride = 1;
  for (int32_t i = shape->rank - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= (size_t)shape->dims[i];
  }
}

/* Copies the elements of a box between two tensors: offset and strides of each. */
typedef struct box {
  const horn__shape *shape;
  size_t at[2];
  size_t strides[2][HORN_MAX_RANK];
} box;

enum { FROM = 0, TO = 1 };

static void copy_box(const horn__step *step, int32_t input, box *b) {
  int32_t index[HORN_MAX_RANK] = {0};
  for (size_t i = 0, n = horn__shape_size(b->shape); i < n; i++) {
    horn__copy_element(step->out[0].data, b->at[TO], step->in[input].data, b->at[FROM], width_of(step));
    horn__next(b->shape, index, 2, (const size_t(*)[HORN_MAX_RANK])b->strides, b->at);
  }
}

/* ---- Transpose ---------------------------------------------------------------------------------------------------------------- */

static horn_status transpose(const horn__step *step) {
  const horn__transpose *a = step->attributes;
  const horn__shape *x = &step->in[0].type.shape, *y = &step->out[0].type.shape;
  box b = {.shape = y};
  size_t strides[HORN_MAX_RANK];
  contiguous(x, strides);
  contiguous(y, b.strides[TO]);
  for (int32_t i = 0; i < y->rank; i++) {
    int32_t axis = a->permutation.count < 0 ? y->rank - 1 - i : a->permutation.values[i];
    b.strides[FROM][i] = strides[axis < 0 ? axis + y->rank : axis];
  }
  copy_box(step, 0, &b);
  return HORN_OK;
}

const horn__kernel horn__ref_Transpose = {.run = transpose};

/* ---- a part of a larger tensor -------------------------------------------------------------------------------------------------- */

/* The offset of `begin` in a contiguous tensor. */
static size_t offset_of(const horn__ints *begin, const size_t *strides) {
  size_t offset = 0;
  for (int32_t i = 0; i < begin->count; i++) offset += (size_t)begin->values[i] * strides[i];
  return offset;
}

/* Input `input` is copied into the whole output, or the output is the part of it: `small` lies in the other one at begin. */
static void copy_part(const horn__step *step, int32_t input, const horn__ints *begin, int32_t small) {
  const horn__shape *shapes[2] = {&step->in[input].type.shape, &step->out[0].type.shape};
  box b = {.shape = shapes[small]};
  contiguous(shapes[FROM], b.strides[FROM]);
  contiguous(shapes[TO], b.strides[TO]);
  b.at[1 - small] = offset_of(begin, b.strides[1 - small]);
  copy_box(step, input, &b);
}

static horn_status slice(const horn__step *step) {
  copy_part(step, 0, &((const horn__slice *)step->attributes)->begin, TO);
  return HORN_OK;
}

static horn_status slice_like(const horn__step *step) {
  copy_part(step, 0, &((const horn__offset *)step->attributes)->begin, TO);
  return HORN_OK;
}

static horn_status pad_like(const horn__step *step) {
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * width_of(step));
  copy_part(step, 0, &((const horn__offset *)step->attributes)->begin, FROM);
  return HORN_OK;
}

const horn__kernel horn__ref_Slice = {.run = slice};
const horn__kernel horn__ref_SliceLike = {.run = slice_like};
const horn__kernel horn__ref_PadLike = {.run = pad_like};

/* Shapes of inputs first.. add up along the axis; begin is where input `index` starts. */
static horn__ints part_start(const horn__step *step, int32_t first, int32_t index) {
  const int32_t rank = step->out[0].type.shape.rank, axis = ((const horn__concat *)step->attributes)->axis;
  const int32_t along = axis < 0 ? axis + rank : axis;
  horn__ints begin = {.count = rank};
  for (int32_t i = first; i < index; i++) begin.values[along] += step->in[i].type.shape.dims[along];
  return begin;
}

static horn_status concat(const horn__step *step) {
  for (int32_t i = 0; i < step->inputs; i++) {
    const horn__ints begin = part_start(step, 0, i);
    copy_part(step, i, &begin, FROM);
  }
  return HORN_OK;
}

static horn_status concat_grad(const horn__step *step) {
  const horn__ints begin = part_start(step, 1, step->inputs - 1);
  copy_part(step, 0, &begin, TO);
  return HORN_OK;
}

const horn__kernel horn__ref_Concat = {.run = concat};
const horn__kernel horn__ref_ConcatGrad = {.run = concat_grad};

/* ---- PadV2 ---------------------------------------------------------------------------------------------------------------------- */

static void fill(const horn__step *step, double value) {
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) horn__store_element(&step->out[0], i, value);
}

static horn_status pad(const horn__step *step) {
  const horn__pad *a = step->attributes;
  horn__ints begin = {.count = a->paddings.count / 2};
  for (int32_t i = 0; i < begin.count; i++) begin.values[i] = a->paddings.values[2 * i];
  fill(step, a->value);
  copy_part(step, 0, &begin, FROM);
  return HORN_OK;
}

const horn__kernel horn__ref_PadV2 = {.run = pad};

/* ---- MirrorPad, Tile, Repeat: many elements of the large tensor are one of the small tensor ----------------------------------------------- */

/* The element of the small tensor that an index of the large one shows. */
typedef size_t (*source_of)(const void *attributes, const horn__shape *small, const int32_t *index);

static size_t mirror_source(const void *attributes, const horn__shape *small, const int32_t *index) {
  const horn__mirror_pad *a = attributes;
  const int32_t edge = a->mode == 0 ? 0 : 1;
  size_t at = 0;
  for (int32_t i = 0; i < small->rank; i++) {
    int32_t k = index[i] - a->paddings.values[2 * i];
    if (k < 0) k = -k - edge;
    if (k >= small->dims[i]) k = 2 * (small->dims[i] - 1) - k + edge;
    at = at * (size_t)small->dims[i] + (size_t)k;
  }
  return at;
}

static size_t tile_source(const void *attributes, const horn__shape *small, const int32_t *index) {
  (void)attributes;
  size_t at = 0;
  for (int32_t i = 0; i < small->rank; i++) at = at * (size_t)small->dims[i] + (size_t)(index[i] % small->dims[i]);
  return at;
}

static size_t repeat_source(const void *attributes, const horn__shape *small, const int32_t *index) {
  const horn__tile *a = attributes;
  size_t at = 0;
  for (int32_t i = 0; i < small->rank; i++) at = at * (size_t)small->dims[i] + (size_t)(index[i] / a->reps.values[i]);
  return at;
}

static void show(const horn__step *step, source_of source) {
  const horn__shape *small = &step->in[0].type.shape, *large = &step->out[0].type.shape;
  int32_t index[HORN_MAX_RANK] = {0};
  for (size_t i = 0, n = horn__shape_size(large); i < n; i++) {
    horn__copy_element(step->out[0].data, i, step->in[0].data, source(step->attributes, small, index), width_of(step));
    horn__next(large, index, 0, NULL, NULL);
  }
}

static void gather_back(const horn__step *step, source_of source) {
  const horn__shape *large = &step->in[0].type.shape, *small = &step->out[0].type.shape;
  const float *dy = step->in[0].data;
  float *dx = step->out[0].data;
  int32_t index[HORN_MAX_RANK] = {0};
  memset(dx, 0, horn__shape_size(small) * sizeof *dx);
  for (size_t i = 0, n = horn__shape_size(large); i < n; i++) {
    dx[source(step->attributes, small, index)] += dy[i];
    horn__next(large, index, 0, NULL, NULL);
  }
}

static horn_status mirror_pad(const horn__step *step) {
  show(step, mirror_source);
  return HORN_OK;
}

static horn_status mirror_pad_grad(const horn__step *step) {
  gather_back(step, mirror_source);
  return HORN_OK;
}

static horn_status tile(const horn__step *step) {
  show(step, tile_source);
  return HORN_OK;
}

static horn_status tile_grad(const horn__step *step) {
  gather_back(step, tile_source);
  return HORN_OK;
}

static horn_status repeat(const horn__step *step) {
  show(step, repeat_source);
  return HORN_OK;
}

static horn_status repeat_grad(const horn__step *step) {
  gather_back(step, repeat_source);
  return HORN_OK;
}

const horn__kernel horn__ref_MirrorPad = {.run = mirror_pad};
const horn__kernel horn__ref_MirrorPadGrad = {.run = mirror_pad_grad};
const horn__kernel horn__ref_Tile = {.run = tile};
const horn__kernel horn__ref_TileGrad = {.run = tile_grad};
const horn__kernel horn__ref_Repeat = {.run = repeat};
const horn__kernel horn__ref_RepeatGrad = {.run = repeat_grad};
