/* Contexts: made from options, described, counted, released. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/handles.h"
#include "cJSON.h"

#define VERSION "0.1.0"

const char *horn_version(void) { return VERSION; }

/* ---- memory of the system ------------------------------------------------------------------------------------------ */

static void *system_alloc(void *user, size_t size) {
  (void)user;
  return aligned_alloc(64, (size + 63) & ~(size_t)63);
}

static void system_release(void *user, void *block) {
  (void)user;
  free(block);
}

/* Half of what a browser gives, or what a small server has; options may say otherwise. */
#ifdef __EMSCRIPTEN__
#define DEFAULT_MAX_BYTES ((uint64_t)1 << 30)
#else
#define DEFAULT_MAX_BYTES ((uint64_t)4 << 30)
#endif

#define MAX_MAX_BYTES 9007199254740992.0 /* what a JavaScript number counts exactly */

/* ---- options --------------------------------------------------------------------------------------------------------- */

typedef struct options {
  const char *backend;
  int32_t threads;
  double maxBytes;
} options;

static const horn__field option_rows[] = {
    HORN__TEXT(options, backend, NULL, "null"),
    HORN__INT(options, threads, NULL, "1"),
    HORN__FLOAT(options, maxBytes, NULL, "null"),
};
static const horn__fields option_fields = HORN__FIELDS(options, option_rows);

static const horn__backend_class *const backends[] = {
#define HORN_BACKEND(name) &horn__backend_##name,
#include "backends/backends.def"
#undef HORN_BACKEND
};
enum { BACKENDS = sizeof backends / sizeof backends[0], MAX_THREADS = 64 };

static horn_status open_backend(horn_context *ctx, const options *o) {
  if (o->threads < 1 || o->threads > MAX_THREADS)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "context: expected 1 to %d threads, got %d", MAX_THREADS, o->threads);
  for (int i = 0; i < BACKENDS; i++)
    if (o->backend == NULL || strcmp(backends[i]->name, o->backend) == 0) return backends[i]->open(ctx, o->threads, &ctx->backend);
  return horn__fail(ctx, HORN_E_NOT_FOUND, "context: no backend \"%.40s\" in this build", o->backend);
}

static horn_status configure(horn_context *ctx, const char *json, horn__arena *arena, cJSON **document) {
  options o = {0};
  if (json != NULL) HORN__TRY(horn__json_parse(ctx, "options", json, strlen(json), HORN__MAX_DEPTH, document));
  HORN__TRY(horn__fields_read(arena, "context", &option_fields, *document, &o));
  if (o.maxBytes <= 0 || o.maxBytes > MAX_MAX_BYTES)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "context: expected maxBytes above 0 and at most 2^53, got %g", o.maxBytes);
  ctx->max_bytes = isnan(o.maxBytes) ? DEFAULT_MAX_BYTES : (uint64_t)o.maxBytes;
  HORN__TRY(horn__handles_create(ctx));
  return open_backend(ctx, &o);
}

horn_status horn_context_create(const char *options_json, horn_context **out_ctx) {
  horn_context *ctx = calloc(1, sizeof *ctx);
  *out_ctx = ctx;
  if (ctx == NULL) return HORN_E_OUT_OF_MEMORY;
  ctx->allocator = (horn__allocator){system_alloc, system_release, NULL};
  horn__arena arena;
  cJSON *document = NULL;
  horn__arena_init(&arena, ctx);
  horn_status status = configure(ctx, options_json, &arena, &document);
  horn__json_release(document);
  horn__arena_release(&arena);
  return status;
}

static void release_handles(horn_context *ctx) {
  if (ctx->handles == NULL) return;
  for (size_t i = 0; i < ctx->handles->count; i++)
    if (ctx->handles->slots[i].kind != HORN__FREE) horn__entry_release(ctx, &ctx->handles->slots[i]);
  horn__free(ctx, ctx->handles->slots);
  horn__free(ctx, ctx->handles);
}

void horn_context_release(horn_context *ctx) {
  if (ctx == NULL) return;
  release_handles(ctx);
  horn__free(ctx, ctx->answer);
  horn__strings_release(ctx);
  if (ctx->backend != NULL) ctx->backend->type->close(ctx->backend);
  horn__free_spares(ctx);
  free(ctx);
}

const char *horn_last_error(const horn_context *ctx) { return ctx == NULL ? "no context" : ctx->error; }

horn_status horn_memory(horn_context *ctx, const char **out_json) {
  horn__text text;
  horn__text_init(&text, ctx);
  size_t bytes = 0;
  for (size_t i = 0; i < ctx->handles->count; i++)
    if (ctx->handles->slots[i].kind == HORN__TENSOR) bytes += ctx->handles->slots[i].as.tensor->bytes;
  horn__text_add(&text,
                 "{\"numTensors\":%zu,\"numBytes\":%zu,\"numModels\":%zu,\"numGraphs\":%zu,\"allocations\":%llu,\"bytesInUse\":%llu,"
                 "\"maxBytes\":%llu}",
                 ctx->handles->alive[HORN__TENSOR], bytes, ctx->handles->alive[HORN__MODEL], ctx->handles->alive[HORN__GRAPH],
                 (unsigned long long)ctx->allocations, (unsigned long long)ctx->bytes_in_use, (unsigned long long)ctx->max_bytes);
  return horn__answer(ctx, &text, out_json);
}

/* ---- describe --------------------------------------------------------------------------------------------------------- */

static void describe_names(horn__text *text, const char *key, const char *const *names) {
  horn__text_add(text, ",\"%s\":[", key);
  for (size_t i = 0; names[i] != NULL; i++) horn__text_add(text, "%s\"%.*s\"", i == 0 ? "" : ",", (int)strcspn(names[i], "|"), names[i]);
  horn__text_add(text, "]");
}

static void describe_errors(horn__text *text) {
  horn__text_add(text, ",\"errors\":[");
  for (int i = 0; i < HORN_STATUS_COUNT; i++) horn__text_add(text, "%s\"%s\"", i == 0 ? "" : ",", horn__status_code((horn_status)i));
  horn__text_add(text, "]");
}

static void describe_backends(horn__text *text, const horn_context *ctx) {
  horn__text_add(text, ",\"backend\":\"%s\",\"threads\":%d,\"backends\":[", ctx->backend->type->name, ctx->backend->threads);
  for (int i = 0; i < BACKENDS; i++) horn__text_add(text, "%s\"%s\"", i == 0 ? "" : ",", backends[i]->name);
  horn__text_add(text, "]");
}

static void describe_ops(horn__text *text) {
  horn__text_add(text, ",\"ops\":[");
  for (int32_t i = 0; i < HORN__OP_COUNT; i++) {
    const horn__op *op = horn__op_at(i);
    horn__text_add(text, "%s{\"name\":\"%s\",\"minInputs\":%d,\"maxInputs\":%d,\"outputs\":%d,\"gradient\":%s,\"attributes\":", i == 0 ? "" : ",",
                   op->name, op->min_inputs, op->max_inputs, op->outputs, op->gradient == NULL ? "false" : "true");
    horn__fields_describe(text, &op->attributes);
    horn__text_add(text, "}");
  }
  horn__text_add(text, "]");
}

static void describe_layers(horn__text *text) {
  horn__text_add(text, ",\"layers\":[");
  for (int32_t i = 0; i < horn__layer_class_count(); i++) {
    const horn__layer_class *type = horn__layer_at(i);
    horn__text_add(text, "%s{\"name\":\"%s\",\"aliases\":\"%s\",\"parameters\":\"%s\",\"minInputs\":%d,\"maxInputs\":%d,\"config\":",
                   i == 0 ? "" : ",",
                   type->name, type->aliases == NULL ? "" : type->aliases, type->parameters == NULL ? "" : type->parameters, type->min_inputs,
                   type->max_inputs);
    horn__fields_describe(text, &type->config);
    horn__text_add(text, "}");
  }
  horn__text_add(text, "]");
}

horn_status horn_describe(horn_context *ctx, const char **out_json) {
  horn__text text;
  horn__text_init(&text, ctx);
  horn__text_add(&text, "{\"version\":\"%s\"", VERSION);
  describe_errors(&text);
  describe_names(&text, "dtypes", horn__dtype_names);
  describe_names(&text, "activations", horn__activation_names);
  describe_backends(&text, ctx);
  describe_ops(&text);
  describe_layers(&text);
  horn__text_add(&text, ",\"operations\":");
  horn__describe_operations(&text);
  horn__text_add(&text, "}");
  return horn__answer(ctx, &text, out_json);
}
