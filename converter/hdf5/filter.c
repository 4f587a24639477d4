/* HDF5 filters undone: deflate, shuffle, fletcher32 and h5py's LZF. */
#include <string.h>

#include "bytes/inflate.h"
#include "hdf5/parts.h"

enum { DEFLATE = 1, SHUFFLE = 2, FLETCHER32 = 3, LZF = 32000, LZF_MAX_RATIO = 264 };

static uint32_t fletcher32(const uint8_t *bytes, size_t size) {
  uint64_t low = 0, high = 0;
  for (size_t i = 0; i + 1 < size; i += 2) {
    low = (low + ((uint32_t)bytes[i] << 8 | bytes[i + 1])) % 65535;
    high = (high + low) % 65535;
  }
  if (size % 2 == 1) {
    low = (low + ((uint32_t)bytes[size - 1] << 8)) % 65535;
    high = (high + low) % 65535;
  }
  return (uint32_t)(high << 16 | low);
}

/* The sums modulo 65535 may be written as 0 or as 65535; libhdf5 before 1.6.3 swapped the halves. */
static bool same_sum(uint32_t sum, uint32_t stored) {
  uint32_t high = stored >> 16, low = stored & 0xFFFF;
  return (sum >> 16) % 65535 == high % 65535 && (sum & 0xFFFF) % 65535 == low % 65535;
}

static horn_status check_sum(horn__h5 *file, horn__cursor *stored) {
  if (stored->size < 4) return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: a chunk is too short for its checksum");
  horn__cursor tail = horn__cursor_from(stored, stored->size - 4);
  if (!same_sum(fletcher32(stored->bytes, stored->size - 4), horn__cursor_u32(&tail)))
    return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: the checksum of a chunk does not fit its data");
  *stored = horn__cursor_part(stored, 0, stored->size - 4);
  return HORN_OK;
}

/* Byte j of all elements lies together. */
static void unshuffle(const uint8_t *in, size_t size, size_t element, uint8_t *out) {
  size_t count = size / element;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < element; j++) out[i * element + j] = in[j * count + i];
  memcpy(out + count * element, in + count * element, size - count * element);
}

/* LZF (Marc Lehmann): a control byte below 32 is a run of that many bytes and one, any other a copy of what came before. */
static bool unlzf(horn__cursor in, uint8_t *out, size_t size, size_t *written) {
  size_t at = 0;
  while (horn__cursor_left(&in) > 0) {
    uint8_t control = horn__cursor_u8(&in);
    if (control < 32) {
      const uint8_t *run = horn__cursor_take(&in, control + 1u);
      if (run == NULL || control + 1u > size - at) return false;
      memcpy(out + at, run, control + 1u);
      at += control + 1u;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) length += horn__cursor_u8(&in);
    length += 2;
    size_t back = ((size_t)(control & 31) << 8 | horn__cursor_u8(&in)) + 1;
    if (in.failed || back > at || length > size - at) return false;
    for (size_t i = 0; i < length; i++, at++) out[at] = out[at - back];
  }
  *written = at;
  return !in.failed;
}

/* One filter undone: `data` is replaced by memory of the heap, *owned. */
static horn_status undo(horn__h5 *file, const horn__h5_filter *filter, size_t expected, horn__cursor *data, uint8_t **owned) {
  if (filter->id == FLETCHER32) return check_sum(file, data);
  if (filter->id != DEFLATE && filter->id != SHUFFLE && filter->id != LZF)
    return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: the data are compressed with filter %d; gzip, lzf, shuffle and fletcher32 are supported",
                      filter->id);
  size_t size = filter->id == SHUFFLE ? data->size : expected, element = filter->parameter == 0 ? 1 : filter->parameter, written = size;
  bool plausible = filter->id == DEFLATE ? horn__inflate_plausible(data->size, size) : size / LZF_MAX_RATIO <= data->size;
  if (!plausible) return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: a chunk of %zu bytes cannot hold the %zu it claims", data->size, size);
  uint8_t *out = horn__alloc(file->ctx, size, false);
  if (out == NULL) return HORN_E_OUT_OF_MEMORY;
  horn_status status = HORN_OK;
  if (filter->id == DEFLATE) status = horn__inflate(file->ctx, "HDF5: chunk", HORN__INFLATE_ZLIB, data->bytes, data->size, out, size);
  if (filter->id == SHUFFLE) unshuffle(data->bytes, size, element, out);
  if (filter->id == LZF && (!unlzf(*data, out, size, &written) || written != size))
    status = horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: the lzf data of a chunk are damaged");
  horn__free(file->ctx, *owned);
  *owned = out;
  *data = horn__cursor_of(out, size);
  return status;
}

/* How long the output of filter i is: a checksum that was taken before it makes it longer. */
static size_t length_after(const horn__h5_object *dataset, size_t i, uint32_t mask) {
  size_t length = dataset->layout.chunk_bytes;
  for (size_t k = 0; k < i; k++)
    if (dataset->filters[k].id == FLETCHER32 && !(mask >> k & 1)) length += 4;
  return length;
}

horn_status horn__h5_unfilter(horn__h5 *file, const horn__h5_object *dataset, horn__cursor stored, uint32_t mask, uint8_t *out) {
  uint8_t *owned = NULL;
  horn_status status = HORN_OK;
  for (size_t i = dataset->filter_count; i-- > 0 && status == HORN_OK;)
    if (!(mask >> i & 1)) status = undo(file, &dataset->filters[i], length_after(dataset, i, mask), &stored, &owned);
  if (status == HORN_OK && stored.size != dataset->layout.chunk_bytes)
    status = horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: a chunk has %zu bytes instead of %zu", stored.size, dataset->layout.chunk_bytes);
  if (status == HORN_OK) memcpy(out, stored.bytes, stored.size);
  horn__free(file->ctx, owned);
  return status;
}
