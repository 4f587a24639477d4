/* bundle.h: TensorFlow's tensor bundles: an index (a sorted table of LevelDB's form) and files of data. What SavedModels and checkpoints keep
 * their variables in. Reference: tensorflow/core/util/tensor_bundle, tensorflow/core/lib/io/table. */
#ifndef HORN_BUNDLE_H
#define HORN_BUNDLE_H

#include "bytes/cursor.h"
#include "bytes/number.h"
#include "convert.h"

/** One entry of the index: its key, terminated, and what stands there, in the index's memory. */
typedef struct horn__bundle_record {
  const char *key;
  horn__cursor value;
} horn__bundle_record;

typedef struct horn__bundle {
  horn_context *ctx;
  horn__arena *arena;
  horn__bundle_record *records;  /* in the order of their keys */
  size_t count;
  horn__cursor *shards;          /* files of data; .failed where the file is not there */
  size_t shard_count;
  bool big_endian;
  uint64_t budget;               /* bytes that may still be read: entries may claim the same data */
} horn__bundle;

/** A tensor of a bundle: what its entry says, checked against the file of its data. */
typedef struct horn__bundle_tensor {
  const char *key;
  horn__number number;
  int32_t rank;
  int32_t dims[HORN_MAX_RANK];
  size_t count;                  /* of elements */
  horn__cursor data;
  uint32_t crc;                  /* masked */
} horn__bundle_tensor;

/** Opens the bundle `prefix` ("variables/variables") among the files: prefix.index and prefix.data-00000-of-0000n. The files' bytes and the
 *  arena must outlive it. */
horn_status horn__bundle_open(horn__arena *arena, const horn_convert_file *files, size_t count, const char *prefix, horn__bundle *out);

/** The tensor of numbers with this key. */
horn_status horn__bundle_tensor_at(horn__bundle *bundle, const char *key, horn__bundle_tensor *out);
/** Reads its numbers to out, which holds tensor->count, and checks their CRC. */
horn_status horn__bundle_read(horn__bundle *bundle, const horn__bundle_tensor *tensor, float *out);
/** The bytes of a string, which has no shape. */
horn_status horn__bundle_string(horn__bundle *bundle, const char *key, horn__cursor *out);

/** The file with this name, or NULL. */
const horn_convert_file *horn__file_named(const horn_convert_file *files, size_t count, const char *name);

#endif
