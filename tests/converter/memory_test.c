/* Converts and inspects small models while allocations fail from the n-th on, n from 1 until none does: an error each time, and no leak (which
 * the sanitizer sees).
 * usage: memory_test FOLDER */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "files.h"
#include "test.h"

typedef struct failing {
  horn__allocator real;
  size_t calls, fails_at;
} failing;

static void *take(void *user, size_t size) {
  failing *f = user;
  return ++f->calls >= f->fails_at ? NULL : f->real.alloc(f->real.user, size);
}

static void give(void *user, void *block) {
  failing *f = user;
  f->real.release(f->real.user, block);
}

static horn_status forget(void *user, const char *name, const void *bytes, size_t size) {
  (void)user;
  (void)name;
  (void)bytes;
  (void)size;
  return HORN_OK;
}

typedef horn_status (*work)(horn_context *ctx, const model_files *model);

static horn_status convert(horn_context *ctx, const model_files *model) { return horn_convert(ctx, model->files, model->count, NULL, forget, NULL); }

static horn_status inspect(horn_context *ctx, const model_files *model) {
  char *json;
  HORN__TRY(horn_convert_inspect(ctx, model->files, model->count, NULL, &json));
  horn_convert_free(ctx, json);
  return HORN_OK;
}

/* Returns whether an allocation failed. */
static bool attempt(const char *name, work run, const model_files *model, size_t n) {
  horn_context *ctx = context_create(0);
  failing f = {.real = ctx->allocator, .fails_at = n};
  ctx->allocator = (horn__allocator){take, give, &f};
  horn_status status = run(ctx, model);
  bool failed = f.calls >= n;
  CHECK(status == (failed ? HORN_E_OUT_OF_MEMORY : HORN_OK), "%s: allocation %zu: status %d: %s", name, n, status, horn_last_error(ctx));
  f.fails_at = SIZE_MAX;
  horn_context_release(ctx);
  return failed;
}

static void fail_each(const char *folder, const char *name, void *user) {
  static const work works[] = {convert, inspect};
  model_files model;
  (void)user;
  model_read(folder, name, &model);
  for (size_t w = 0; w < sizeof works / sizeof works[0]; w++) {
    size_t n = 1;
    while (attempt(name, works[w], &model, n)) n++;
    CHECK(n > 100, "%s: only %zu allocations: the hook does not see them", name, n);
  }
  model_release(&model);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  CHECK(each_file(argv[1], "k3_cnn.deflate.keras", fail_each, NULL) > 0, "no .keras file");
  CHECK(each_file(argv[1], "k3_text.keras", fail_each, NULL) > 0, "no .keras file");
  CHECK(each_file(argv[1], "k2_15_text.saved_model", fail_each, NULL) > 0, "no SavedModel");
  CHECK(each_file(argv[1], "k3_cnn.latest_gzip.h5", fail_each, NULL) > 0, "no .h5 file");
  return test_end();
}
