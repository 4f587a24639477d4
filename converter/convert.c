/* The library's entries: see convert.h. */
#include "convert.h"

#include "load.h"
#include "write/tfjs.h"

horn_status horn_convert(horn_context *ctx, const horn_convert_file *files, size_t count, const horn_convert_options *options, horn_convert_sink sink,
                         void *user) {
  horn__loaded loaded;
  size_t shard_bytes = options == NULL || options->shard_bytes == 0 ? HORN_CONVERT_SHARD_BYTES : options->shard_bytes;
  horn_status status = horn__load_source(&loaded, ctx, files, count, options);
  if (status == HORN_OK) status = horn__load_model(&loaded);
  if (status == HORN_OK) status = horn__load_weights(&loaded);
  if (status == HORN_OK) status = horn__write_tfjs(&loaded, shard_bytes, sink, user);
  horn__loaded_release(&loaded);
  return status;
}
