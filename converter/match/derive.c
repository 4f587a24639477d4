/* Arrays derived from arrays: transposed, reshaped, flipped, joined. They are computed when they are read. */
#include <string.h>

#include "match/match.h"

typedef struct derivation {
  const horn__saved_array *from;
  int32_t order[HORN_MAX_RANK]; /* of transposed */
  int32_t axes;                 /* of flipped */
  horn__saved_array *const *parts;
  size_t count;                 /* of joined */
} derivation;

typedef horn_status (*reader)(horn_context *ctx, const horn__saved_array *array, float *out);

static horn_status make(horn__arena *arena, const horn__saved_array *from, reader read, const derivation *how, horn__saved_array **out) {
  horn__saved_array *array = horn__arena_alloc(arena, sizeof *array);
  derivation *kept = horn__arena_alloc(arena, sizeof *kept);
  if (array == NULL || kept == NULL) return HORN_E_OUT_OF_MEMORY;
  *kept = *how;
  *array = *from;
  array->read = read;
  array->from = kept;
  *out = array;
  return HORN_OK;
}

/* Reads `from` into memory of its own. */
static horn_status read_whole(horn_context *ctx, const horn__saved_array *from, float **out) {
  float *whole = horn__alloc(ctx, from->count * sizeof *whole + 1, false); /* the counts were checked by the reader */
  if (whole == NULL) return HORN_E_OUT_OF_MEMORY;
  horn_status status = from->read(ctx, from, whole);
  if (status == HORN_OK)
    *out = whole;
  else
    horn__free(ctx, whole);
  return status;
}

/* Elements between neighbours along each axis. */
static void strides_of(const horn__saved_array *array, size_t *strides) {
  size_t stride = 1;
  for (int32_t i = array->rank - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= (size_t)array->dims[i];
  }
}

/* Element `index` of an array of these dims, as a place in an array of these strides. */
static size_t place_of(size_t index, const horn__saved_array *array, const size_t *strides) {
  size_t place = 0;
  for (int32_t i = array->rank - 1; i >= 0; i--) {
    place += index % (size_t)array->dims[i] * strides[i];
    index /= (size_t)array->dims[i];
  }
  return place;
}

static horn_status read_transposed(horn_context *ctx, const horn__saved_array *array, float *out) {
  const derivation *how = array->from;
  size_t strides[HORN_MAX_RANK], moved[HORN_MAX_RANK];
  float *whole;
  HORN__TRY(read_whole(ctx, how->from, &whole));
  strides_of(how->from, strides);
  for (int32_t i = 0; i < array->rank; i++) moved[i] = strides[how->order[i]];
  for (size_t i = 0; i < array->count; i++) out[i] = whole[place_of(i, array, moved)];
  horn__free(ctx, whole);
  return HORN_OK;
}

horn_status horn__derive_transposed(horn__arena *arena, const horn__saved_array *from, const int32_t *order, horn__saved_array **out) {
  derivation how = {.from = from};
  memcpy(how.order, order, (size_t)from->rank * sizeof *order);
  HORN__TRY(make(arena, from, read_transposed, &how, out));
  for (int32_t i = 0; i < from->rank; i++) (*out)->dims[i] = from->dims[order[i]];
  return HORN_OK;
}

static horn_status read_same(horn_context *ctx, const horn__saved_array *array, float *out) {
  const horn__saved_array *from = ((const derivation *)array->from)->from;
  return from->read(ctx, from, out);
}

horn_status horn__derive_reshaped(horn__arena *arena, const horn__saved_array *from, int32_t rank, const int32_t *dims, horn__saved_array **out) {
  const derivation how = {.from = from};
  HORN__TRY(make(arena, from, read_same, &how, out));
  (*out)->rank = rank;
  memcpy((*out)->dims, dims, (size_t)rank * sizeof *dims);
  return HORN_OK;
}

/* Reversing the first axes reverses the order of the blocks that they number. */
static horn_status read_flipped(horn_context *ctx, const horn__saved_array *array, float *out) {
  const derivation *how = array->from;
  size_t blocks = 1;
  float *whole;
  HORN__TRY(read_whole(ctx, how->from, &whole));
  for (int32_t i = 0; i < how->axes; i++) blocks *= (size_t)array->dims[i];
  size_t block = blocks == 0 ? 0 : array->count / blocks;
  for (size_t i = 0; i < blocks; i++) memcpy(out + i * block, whole + (blocks - 1 - i) * block, block * sizeof *out);
  horn__free(ctx, whole);
  return HORN_OK;
}

horn_status horn__derive_flipped(horn__arena *arena, const horn__saved_array *from, int32_t axes, horn__saved_array **out) {
  const derivation how = {.from = from, .axes = axes};
  return make(arena, from, read_flipped, &how, out);
}

static horn_status read_joined(horn_context *ctx, const horn__saved_array *array, float *out) {
  const derivation *how = array->from;
  size_t width = (size_t)array->dims[array->rank - 1], rows = width == 0 ? 0 : array->count / width, at = 0;
  for (size_t p = 0; p < how->count; p++) {
    const horn__saved_array *part = how->parts[p];
    size_t columns = (size_t)part->dims[part->rank - 1];
    float *whole;
    HORN__TRY(read_whole(ctx, part, &whole));
    for (size_t r = 0; r < rows; r++) memcpy(out + r * width + at, whole + r * columns, columns * sizeof *out);
    horn__free(ctx, whole);
    at += columns;
  }
  return HORN_OK;
}

horn_status horn__derive_joined(horn__arena *arena, horn__saved_array *const *from, size_t count, horn__saved_array **out) {
  const horn__saved_array *first = from[0];
  int64_t width = 0;
  size_t elements = 0;
  for (size_t p = 0; p < count; p++) {
    bool same = from[p]->rank == first->rank && first->rank > 0;
    for (int32_t i = 0; same && i + 1 < first->rank; i++) same = from[p]->dims[i] == first->dims[i];
    if (!same)
      return horn__fail(arena->ctx, HORN_E_SHAPE, "\"%.100s\" and \"%.100s\" cannot be joined: their shapes differ", first->name, from[p]->name);
    width += from[p]->dims[first->rank - 1];
    elements += from[p]->count;
  }
  if (width > INT32_MAX) return horn__fail(arena->ctx, HORN_E_LIMIT, "\"%.100s\": too large", first->name);
  horn__saved_array **parts = horn__arena_alloc(arena, count * sizeof *parts);
  if (parts == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(parts, from, count * sizeof *parts);
  const derivation how = {.parts = parts, .count = count};
  HORN__TRY(make(arena, first, read_joined, &how, out));
  (*out)->dims[first->rank - 1] = (int32_t)width;
  (*out)->count = elements;
  return HORN_OK;
}
