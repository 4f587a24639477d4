/* The converter for bindings: files and options cross as one block and one JSON text. */
#include <string.h>

#include "base/base.h"
#include "cJSON.h"
#include "convert.h"

typedef struct request {
  cJSON *json;              /* what the options' texts are borrowed from */
  horn_convert_file *files;
  size_t count;
  horn_convert_options options;
} request;

static void release(horn_context *ctx, request *r) {
  horn__json_release(r->json);
  horn__free(ctx, r->files);
}

static horn_status invalid(horn_context *ctx, const char *what) { return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "convert: expected %s", what); }

/* The files, one after the other in the block. */
static horn_status read_files(horn_context *ctx, request *r, const void *data, size_t bytes) {
  const cJSON *list = horn__json_get(r->json, "files"), *item;
  size_t at = 0, count = (size_t)cJSON_GetArraySize(list);
  if (!cJSON_IsArray(list) || count == 0) return invalid(ctx, "at least one file");
  r->files = horn__alloc(ctx, count * sizeof *r->files, true);
  if (r->files == NULL) return HORN_E_OUT_OF_MEMORY;
  cJSON_ArrayForEach(item, list) {
    int64_t size;
    const char *name = horn__json_text(item, "name");
    if (name == NULL || !horn__json_int(horn__json_get(item, "bytes"), 0, (int64_t)1 << 48, &size) || (uint64_t)size > bytes - at)
      return invalid(ctx, "a name and a size within the block for each file");
    r->files[r->count++] = (horn_convert_file){name, (const char *)data + at, (size_t)size};
    at += (size_t)size;
  }
  return at == bytes ? HORN_OK : invalid(ctx, "files that fill the block");
}

static horn_status read_options(horn_context *ctx, request *r) {
  const cJSON *shard = horn__json_get(r->json, "weightShardSizeBytes");
  int64_t size = 0;
  if (shard != NULL && !horn__json_int(shard, 1, INT32_MAX, &size)) return invalid(ctx, "weightShardSizeBytes to be an integer above 0");
  r->options.shard_bytes = (size_t)size;
  r->options.quantize_float16 = horn__json_text(r->json, "quantizeFloat16");
  r->options.quantize_uint8 = horn__json_text(r->json, "quantizeUint8");
  r->options.quantize_uint16 = horn__json_text(r->json, "quantizeUint16");
  r->options.output_format = horn__json_text(r->json, "outputFormat");
  r->options.topology = horn__json_text(r->json, "topology");
  r->options.topology_size = r->options.topology == NULL ? 0 : strlen(r->options.topology);
  return HORN_OK;
}

static horn_status read_request(horn_context *ctx, const char *options_json, const void *data, size_t bytes, request *out) {
  *out = (request){0};
  if (options_json == NULL || data == NULL) return invalid(ctx, "options and files");
  HORN__TRY(horn__json_parse(ctx, "options", options_json, strlen(options_json), HORN__MAX_DEPTH, &out->json));
  HORN__TRY(read_files(ctx, out, data, bytes));
  return read_options(ctx, out);
}

/* ---- the result -------------------------------------------------------------------------------------------------------- */

typedef struct block {
  horn__text contents, list; /* list: of names and sizes */
} block;

static horn_status add_file(void *user, const char *name, const void *bytes, size_t size) {
  block *b = user;
  horn__text_add(&b->list, "%s{\"name\":", b->list.length == 0 ? "[" : ",");
  horn__text_quote(&b->list, name);
  horn__text_add(&b->list, ",\"bytes\":%zu}", size);
  horn__text_bytes(&b->contents, bytes, size);
  return b->contents.status != HORN_OK ? b->contents.status : b->list.status;
}

static horn_status add_list(block *b) {
  horn__text_add(&b->list, "]");
  const uint32_t n = (uint32_t)b->list.length; /* a few names */
  const char length[4] = {(char)(n & 0xff), (char)(n >> 8 & 0xff), (char)(n >> 16 & 0xff), (char)(n >> 24)};
  horn__text_bytes(&b->contents, b->list.data, b->list.length);
  horn__text_bytes(&b->contents, length, sizeof length);
  return b->list.status;
}

horn_status horn_convert_files(horn_context *ctx, const char *options_json, const void *data, size_t bytes,
                               const void **out_data, size_t *out_bytes) {
  request r;
  block b;
  const char *answer;
  horn__text_init(&b.contents, ctx);
  horn__text_init(&b.list, ctx);
  horn_status status = read_request(ctx, options_json, data, bytes, &r);
  if (status == HORN_OK) status = horn_convert(ctx, r.files, r.count, &r.options, add_file, &b);
  if (status == HORN_OK) status = add_list(&b);
  const size_t length = b.contents.length;
  if (status == HORN_OK) status = horn__answer(ctx, &b.contents, &answer);
  else horn__text_release(&b.contents);
  horn__text_release(&b.list);
  release(ctx, &r);
  if (status != HORN_OK) return status;
  *out_data = answer;
  *out_bytes = length;
  return HORN_OK;
}

horn_status horn_inspect_files(horn_context *ctx, const char *options_json, const void *data, size_t bytes, const char **out_json) {
  request r;
  char *json;
  horn_status status = read_request(ctx, options_json, data, bytes, &r);
  if (status == HORN_OK) status = horn_convert_inspect(ctx, r.files, r.count, &r.options, &json);
  release(ctx, &r);
  if (status != HORN_OK) return status;
  horn__text text = {.ctx = ctx, .data = json};
  return horn__answer(ctx, &text, out_json);
}
