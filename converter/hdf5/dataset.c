/* HDF5 datasets: numbers of any kind read as float32, from contiguous, compact and chunked storage. */
#include <string.h>

#include "bytes/inflate.h"
#include "bytes/number.h"
#include "hdf5/parts.h"

/* An array is no larger than the bytes of the file can hold, be they packed as well as deflate can: so nobody allocates for more. */
static horn_status check_backing(horn__h5 *file, const horn__h5_object *dataset, size_t bytes) {
  const horn__h5_layout *layout = &dataset->layout;
  size_t backing = layout->kind == HORN__H5_COMPACT ? layout->data.size : file->all.size;
  size_t needed = layout->kind == HORN__H5_CHUNKED ? bytes / HORN__DEFLATE_MAX_RATIO : bytes;
  if (needed <= backing) return HORN_OK;
  return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: an array claims %zu bytes, which the file's %zu cannot hold: it is cut off or damaged", bytes,
                    file->all.size);
}

horn_status horn__h5_describe(horn__h5 *file, horn__h5_object *dataset, horn__h5_shape *out) {
  if (!horn__h5_is_dataset(dataset)) return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: a group is where an array should be");
  const horn__h5_space *space = &dataset->space;
  *out = (horn__h5_shape){.kind = dataset->type.kind, .element = dataset->type.size, .rank = space->rank, .count = space->count};
  memcpy(out->dims, space->dims, sizeof out->dims);
  size_t stored, read;
  if (!horn__multiply(space->count, dataset->type.size, &stored) || !horn__multiply(space->count, sizeof(double), &read))
    return horn__fail(file->ctx, HORN_E_LIMIT, "HDF5: an array of %zu elements is too large", space->count);
  return dataset->external ? HORN_OK : check_backing(file, dataset, stored);
}

/* ---- numbers ------------------------------------------------------------------------------------------------------ */

static void convert(const horn__h5_type *type, const uint8_t *bytes, size_t count, float *out) {
  static const horn__number_kind kinds[] = {[HORN__H5_INT] = HORN__NUMBER_INT, [HORN__H5_UINT] = HORN__NUMBER_UINT,
                                            [HORN__H5_FLOAT16] = HORN__NUMBER_FLOAT16, [HORN__H5_BFLOAT16] = HORN__NUMBER_BFLOAT16,
                                            [HORN__H5_FLOAT32] = HORN__NUMBER_FLOAT32, [HORN__H5_FLOAT64] = HORN__NUMBER_FLOAT64};
  horn__numbers_read(&(horn__number){kinds[type->kind], type->size, type->big_endian}, bytes, count, out);
}

/* The type as numbers: what Keras stores as bfloat16 are two opaque bytes (or an integer) with the attribute dtype. */
static horn_status number_type(horn__h5 *file, horn__h5_object *dataset, const char *who, horn__h5_type *out) {
  *out = dataset->type;
  const char *dtype = NULL;
  bool two_bytes = out->size == 2 && (out->kind == HORN__H5_OPAQUE || out->kind == HORN__H5_UINT);
  if (two_bytes) HORN__TRY(horn__h5_text(file, dataset, "dtype", &dtype));
  if (dtype != NULL && strcmp(dtype, "bfloat16") == 0) out->kind = HORN__H5_BFLOAT16;
  if (out->kind >= HORN__H5_INT && out->kind <= HORN__H5_FLOAT64) return HORN_OK;
  return horn__fail(file->ctx, HORN_E_UNSUPPORTED,
                    "%s: the array has elements of HDF5 class %d and %u bytes, which are no numbers that are supported",
                    who, out->code, out->size);
}

/* What a step of the budget reads. So a small file gives 256 MiB, a large one 64 times its size, also where every weight names the same array,
 * or one that was never written. */
enum { NUMBERS_A_STEP = 16, CHUNK_BYTES_A_STEP = 256 };

/* ---- storage ------------------------------------------------------------------------------------------------------ */

typedef struct reading {
  const char *who;
  horn__h5_type type;
  float *out;
  uint8_t *chunk; /* one chunk, filters undone; NULL where there are none */
} reading;

static void fill(const horn__h5_object *dataset, const reading *r, size_t count) {
  float value = 0;
  if (dataset->fill.size == r->type.size) convert(&r->type, dataset->fill.bytes, 1, &value);
  for (size_t i = 0; i < count; i++) r->out[i] = value;
}

static horn_status read_flat(horn__h5 *file, const horn__h5_object *dataset, reading *r, size_t count) {
  const horn__h5_layout *layout = &dataset->layout;
  if (layout->kind == HORN__H5_CONTIGUOUS && layout->address == HORN__H5_NONE) {
    fill(dataset, r, count);
    return HORN_OK;
  }
  horn__cursor data = layout->data;
  size_t bytes = count * r->type.size; /* describe has checked it */
  if (layout->kind == HORN__H5_CONTIGUOUS) data = horn__cursor_part(&file->all, layout->address, bytes);
  if (data.failed || data.size < bytes)
    return horn__fail(file->ctx, HORN_E_FORMAT, "%s: the file is cut off: the array's %zu bytes are not all in it", r->who, bytes);
  convert(&r->type, data.bytes, count, r->out);
  return HORN_OK;
}

/* Copies what of a chunk is inside the array: row by row along the last axis. */
static void place_chunk(const horn__h5_object *dataset, const reading *r, const uint64_t *start, const uint8_t *bytes) {
  const horn__h5_space *space = &dataset->space;
  const uint64_t *chunk = dataset->layout.chunk;
  int32_t last = space->rank - 1;
  uint64_t at[HORN__H5_MAX_RANK] = {0}, size[HORN__H5_MAX_RANK];
  for (int32_t i = 0; i <= last; i++) size[i] = space->dims[i] - start[i] < chunk[i] ? space->dims[i] - start[i] : chunk[i];
  for (int32_t axis = 0; axis >= 0;) {
    size_t from = 0, to = 0;
    for (int32_t i = 0; i <= last; i++) {
      from = from * (size_t)chunk[i] + (size_t)at[i];
      to = to * (size_t)space->dims[i] + (size_t)(start[i] + at[i]);
    }
    convert(&r->type, bytes + from * r->type.size, (size_t)size[last], r->out + to);
    for (axis = last - 1; axis >= 0; axis--) {
      if (++at[axis] < size[axis]) break;
      at[axis] = 0;
    }
  }
}

static horn_status read_chunk(horn__h5_walk *walk, const horn__h5_chunk *chunk) {
  const horn__h5_object *dataset = walk->dataset;
  reading *r = walk->user;
  for (int32_t i = 0; i < dataset->space.rank; i++) {
    if (chunk->start[i] >= dataset->space.dims[i]) return HORN_OK; /* left over from when the array was larger */
    if (chunk->start[i] % dataset->layout.chunk[i] != 0) return horn__fail(walk->file->ctx, HORN_E_FORMAT, "%s: a chunk lies between others", r->who);
  }
  HORN__TRY(horn__h5_spend(walk->file, dataset->layout.chunk_bytes / CHUNK_BYTES_A_STEP * (1 + dataset->filter_count)));
  horn__cursor stored = horn__cursor_part(&walk->file->all, chunk->address, chunk->size);
  if (stored.failed) return horn__fail(walk->file->ctx, HORN_E_FORMAT, "%s: the file is cut off: a chunk is not all in it", r->who);
  if (r->chunk != NULL) {
    HORN__TRY(horn__h5_unfilter(walk->file, dataset, stored, chunk->mask, r->chunk));
    place_chunk(dataset, r, chunk->start, r->chunk);
  } else {
    if (stored.size < dataset->layout.chunk_bytes) return horn__fail(walk->file->ctx, HORN_E_FORMAT, "%s: a chunk is too short", r->who);
    place_chunk(dataset, r, chunk->start, stored.bytes);
  }
  return HORN_OK;
}

/* A chunk that no stored bytes justify is not allocated: the ratio is that of the best filter, over the whole file. */
static horn_status check_chunk(horn__h5 *file, const horn__h5_object *dataset, const reading *r) {
  size_t elements = 1;
  for (int32_t i = 0; i < dataset->space.rank; i++) elements *= (size_t)dataset->layout.chunk[i]; /* less than chunk_bytes */
  if (dataset->space.rank == 0 || elements > dataset->layout.chunk_bytes / r->type.size || elements * r->type.size != dataset->layout.chunk_bytes)
    return horn__fail(file->ctx, HORN_E_FORMAT, "%s: the shape of its chunks does not fit its type", r->who);
  if (dataset->layout.chunk_bytes / 2048 > file->all.size)
    return horn__fail(file->ctx, HORN_E_FORMAT, "%s: chunks of %zu bytes, in a file of %zu", r->who, dataset->layout.chunk_bytes, file->all.size);
  return HORN_OK;
}

static horn_status read_chunked(horn__h5 *file, horn__h5_object *dataset, reading *r, size_t count) {
  fill(dataset, r, count);
  if (count == 0) return HORN_OK;
  HORN__TRY(check_chunk(file, dataset, r));
  if (dataset->filter_count > 0) {
    r->chunk = horn__alloc(file->ctx, dataset->layout.chunk_bytes, false);
    if (r->chunk == NULL) return HORN_E_OUT_OF_MEMORY;
  }
  horn__h5_walk walk = {.file = file, .dataset = dataset, .visit = read_chunk, .user = r};
  horn_status status = horn__h5_chunks(&walk);
  horn__free(file->ctx, r->chunk);
  return horn__blame(file->ctx, status, "%s", r->who);
}

horn_status horn__h5_read(horn__h5 *file, horn__h5_object *dataset, const char *who, float *out, size_t count) {
  horn__h5_shape shape;
  reading r = {.who = who, .out = out};
  HORN__TRY(horn__blame(file->ctx, horn__h5_describe(file, dataset, &shape), "%s", who));
  if (shape.count != count) return horn__fail(file->ctx, HORN_E_SHAPE, "%s: expected %zu elements, found %zu", who, count, shape.count);
  if (dataset->external) return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "%s: its data lie in another file, which is refused", who);
  HORN__TRY(number_type(file, dataset, who, &r.type));
  HORN__TRY(horn__blame(file->ctx, horn__h5_spend(file, count / NUMBERS_A_STEP), "%s", who));
  return dataset->layout.kind == HORN__H5_CHUNKED ? read_chunked(file, dataset, &r, count) : read_flat(file, dataset, &r, count);
}
