/* Tensor bundles: see bundle.h. */
#include "bundle/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "bundle/table.h"
#include "bytes/crc32c.h"
#include "bytes/protobuf.h"

enum { MAX_SHARDS = 1000, STRING = 7, READ_RATIO = 16 };

const horn_convert_file *horn__file_named(const horn_convert_file *files, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(files[i].name, name) == 0) return &files[i];
  return NULL;
}

/* ---- opening ----------------------------------------------------------------------------------------------------------- */

/* BundleHeaderProto {num_shards = 1, endianness = 2 (1: big)}, at the key "". */
static horn_status read_header(horn__bundle *bundle) {
  horn__proto field;
  bundle->shard_count = 1;
  if (bundle->count == 0 || bundle->records[0].key[0] != '\0')
    return horn__fail(bundle->ctx, HORN_E_FORMAT, "the index of the variables has no header");
  for (horn__cursor at = bundle->records[0].value; horn__proto_next(&at, &field);) {
    if (field.number == 1) bundle->shard_count = field.value > MAX_SHARDS ? 0 : (size_t)field.value;
    if (field.number == 2) bundle->big_endian = field.value == 1;
  }
  return bundle->shard_count > 0 ? HORN_OK : horn__fail(bundle->ctx, HORN_E_FORMAT, "expected 1 to %d files of variables", MAX_SHARDS);
}

static horn_status find_shards(horn__bundle *bundle, const horn_convert_file *files, size_t count, const char *prefix) {
  bundle->shards = horn__arena_alloc(bundle->arena, bundle->shard_count * sizeof *bundle->shards);
  if (bundle->shards == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < bundle->shard_count; i++) {
    char *name = horn__arena_format(bundle->arena, "%s.data-%05zu-of-%05zu", prefix, i, bundle->shard_count);
    if (name == NULL) return HORN_E_OUT_OF_MEMORY;
    const horn_convert_file *file = horn__file_named(files, count, name);
    bundle->shards[i] = file == NULL ? (horn__cursor){.failed = true} : horn__cursor_of(file->bytes, file->size);
    if (file != NULL) bundle->budget += (uint64_t)READ_RATIO * file->size;
  }
  return HORN_OK;
}

horn_status horn__bundle_open(horn__arena *arena, const horn_convert_file *files, size_t count, const char *prefix, horn__bundle *out) {
  char *name = horn__arena_format(arena, "%s.index", prefix);
  if (name == NULL) return HORN_E_OUT_OF_MEMORY;
  const horn_convert_file *index = horn__file_named(files, count, name);
  if (index == NULL) return horn__fail(arena->ctx, HORN_E_FORMAT, "expected the file %s, which holds the weights", name);
  *out = (horn__bundle){.ctx = arena->ctx, .arena = arena};
  HORN__TRY(horn__table_read(arena, horn__cursor_of(index->bytes, index->size), &out->records, &out->count));
  HORN__TRY(read_header(out));
  return find_shards(out, files, count, prefix);
}

/* ---- entries ------------------------------------------------------------------------------------------------------------ */

/* BundleEntryProto {dtype = 1, shape = 2, shard_id = 3, offset = 4, size = 5, crc32c = 6, slices = 7}. */
typedef struct entry {
  uint64_t dtype, shard, offset, size;
  uint32_t crc;
  horn__cursor shape;
  bool sliced;
} entry;

static int by_key(const void *key, const void *record) { return strcmp(key, ((const horn__bundle_record *)record)->key); }

static horn_status find_entry(const horn__bundle *bundle, const char *key, entry *out) {
  const horn__bundle_record *record = bsearch(key, bundle->records, bundle->count, sizeof *record, by_key);
  horn__proto field;
  if (record == NULL) return horn__fail(bundle->ctx, HORN_E_FORMAT, "the variables have no \"%.200s\"", key);
  *out = (entry){0};
  horn__cursor at = record->value;
  while (horn__proto_next(&at, &field)) {
    switch (field.number) {
      case 1: out->dtype = field.value; break;
      case 2: out->shape = field.bytes; break;
      case 3: out->shard = field.value; break;
      case 4: out->offset = field.value; break;
      case 5: out->size = field.value; break;
      case 6: out->crc = (uint32_t)field.value; break;
      case 7: out->sliced = true; break;
      default: break;
    }
  }
  if (at.failed) return horn__fail(bundle->ctx, HORN_E_FORMAT, "\"%.200s\": its entry is damaged", key);
  if (out->sliced) return horn__fail(bundle->ctx, HORN_E_UNSUPPORTED, "\"%.200s\" is stored in slices, which is not supported", key);
  return HORN_OK;
}

static horn_status find_data(const horn__bundle *bundle, const char *key, const entry *e, horn__cursor *out) {
  if (e->shard >= bundle->shard_count || bundle->shards[e->shard].failed)
    return horn__fail(bundle->ctx, HORN_E_FORMAT, "\"%.200s\": file %llu of %zu with variables is not there", key, (unsigned long long)e->shard,
                      bundle->shard_count);
  *out = horn__cursor_part(&bundle->shards[e->shard], e->offset, e->size);
  if (!out->failed) return HORN_OK;
  return horn__fail(bundle->ctx, HORN_E_FORMAT, "\"%.200s\": expected %llu bytes at %llu, the file has %zu: it is cut off or damaged", key,
                    (unsigned long long)e->size, (unsigned long long)e->offset, bundle->shards[e->shard].size);
}

/* DataType of TensorFlow as a kind of number; false where it is none that is supported. */
static bool number_of(uint64_t dtype, horn__number *out) {
  static const struct {
    uint64_t dtype;
    horn__number number;
  } numbers[] = {{1, {HORN__NUMBER_FLOAT32, 4, false}}, {2, {HORN__NUMBER_FLOAT64, 8, false}}, {3, {HORN__NUMBER_INT, 4, false}},
                 {4, {HORN__NUMBER_UINT, 1, false}},    {5, {HORN__NUMBER_INT, 2, false}},     {6, {HORN__NUMBER_INT, 1, false}},
                 {9, {HORN__NUMBER_INT, 8, false}},     {10, {HORN__NUMBER_UINT, 1, false}},   {14, {HORN__NUMBER_BFLOAT16, 2, false}},
                 {17, {HORN__NUMBER_UINT, 2, false}},   {19, {HORN__NUMBER_FLOAT16, 2, false}}, {22, {HORN__NUMBER_UINT, 4, false}},
                 {23, {HORN__NUMBER_UINT, 8, false}}};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    if (numbers[i].dtype != dtype) continue;
    *out = numbers[i].number;
    return true;
  }
  return false;
}

/* TensorShapeProto {dim = 2 {size = 1}}. */
static horn_status read_shape(const horn__bundle *bundle, const entry *e, horn__bundle_tensor *out) {
  horn__proto field, inner;
  horn__cursor at = e->shape;
  out->count = 1;
  while (horn__proto_next(&at, &field)) {
    if (!horn__proto_is(&field, 2)) continue;
    uint64_t size = 0;
    while (horn__proto_next(&field.bytes, &inner))
      if (inner.number == 1) size = inner.value;
    if (out->rank == HORN_MAX_RANK || size > INT32_MAX || !horn__multiply(out->count, (size_t)size, &out->count))
      return horn__fail(bundle->ctx, HORN_E_LIMIT, "\"%.200s\": its shape is too large", out->key);
    out->dims[out->rank++] = (int32_t)size;
  }
  size_t bytes;
  if (!at.failed && horn__multiply(out->count, out->number.size, &bytes) && bytes == e->size) return HORN_OK;
  return horn__fail(bundle->ctx, HORN_E_FORMAT, "\"%.200s\": %zu elements of %zu bytes in %llu bytes", out->key, out->count, out->number.size,
                    (unsigned long long)e->size);
}

horn_status horn__bundle_tensor_at(horn__bundle *bundle, const char *key, horn__bundle_tensor *out) {
  entry e;
  HORN__TRY(find_entry(bundle, key, &e));
  *out = (horn__bundle_tensor){.key = key, .crc = e.crc};
  if (!number_of(e.dtype, &out->number))
    return horn__fail(bundle->ctx, HORN_E_UNSUPPORTED, "\"%.200s\": elements of TensorFlow's type %llu are no numbers that are supported", key,
                      (unsigned long long)e.dtype);
  out->number.big_endian = bundle->big_endian;
  HORN__TRY(find_data(bundle, key, &e, &out->data));
  return read_shape(bundle, &e, out);
}

static horn_status spend(horn__bundle *bundle, const char *key, uint64_t bytes) {
  if (bytes > bundle->budget) return horn__fail(bundle->ctx, HORN_E_LIMIT, "\"%.200s\": the same data is claimed too often", key);
  bundle->budget -= bytes;
  return HORN_OK;
}

horn_status horn__bundle_read(horn__bundle *bundle, const horn__bundle_tensor *tensor, float *out) {
  HORN__TRY(spend(bundle, tensor->key, tensor->data.size));
  if (horn__crc32c_mask(horn__crc32c(0, tensor->data.bytes, tensor->data.size)) != tensor->crc)
    return horn__fail(bundle->ctx, HORN_E_FORMAT, "\"%.200s\": its CRC is wrong: the file is damaged", tensor->key);
  horn__numbers_read(&tensor->number, tensor->data.bytes, tensor->count, out);
  return HORN_OK;
}

/* A string is its length, the CRC of the length as 32 bits, its bytes. */
horn_status horn__bundle_string(horn__bundle *bundle, const char *key, horn__cursor *out) {
  entry e;
  horn__cursor data;
  HORN__TRY(find_entry(bundle, key, &e));
  if (e.dtype != STRING || e.shape.size != 0) return horn__fail(bundle->ctx, HORN_E_FORMAT, "\"%.200s\": expected a string", key);
  HORN__TRY(find_data(bundle, key, &e, &data));
  HORN__TRY(spend(bundle, key, data.size));
  uint64_t length = horn__cursor_varint(&data);
  horn__cursor_skip(&data, 4);
  const uint8_t *bytes = horn__cursor_take(&data, length);
  if (bytes == NULL || horn__cursor_left(&data) != 0) return horn__fail(bundle->ctx, HORN_E_FORMAT, "\"%.200s\": the string is cut off", key);
  *out = horn__cursor_of(bytes, (size_t)length);
  return HORN_OK;
}
