/* A prediction on shapes seen before allocates nothing: every golden model is predicted warm while the C library's allocator is counted,
 * on every backend, and the memory in use stays the same.
 * usage: warm_test FOLDER */
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "golden.h"
#include "test.h"

/* ---- the C library's allocator, counted: these definitions take the place of glibc's own ------------------------------------ */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size);

static volatile unsigned long allocator_calls;

void *malloc(size_t size) {
  allocator_calls++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocator_calls++;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  allocator_calls++;
  return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  allocator_calls++;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block == NULL ? 12 : 0;
}

/* ---- predictions --------------------------------------------------------------------------------------------------------------- */

enum { MAX_ENDS = 16, COLD = 3, WARM = 20 };

typedef struct warm_run {
  horn_context *ctx;
  horn_model model;
  horn_tensor in[MAX_ENDS];
  size_t inputs;
} warm_run;

static int predict(warm_run *run) {
  horn_tensor out[MAX_ENDS];
  size_t outputs;
  if (horn_model_predict(run->ctx, run->model, run->in, run->inputs, out, MAX_ENDS, &outputs) != HORN_OK) return 0;
  for (size_t i = 0; i < outputs; i++) horn_tensor_release(run->ctx, out[i]);
  return 1;
}

static unsigned long bytes_in_use(horn_context *ctx) {
  const char *json;
  if (horn_memory(ctx, &json) != HORN_OK) return 0;
  const char *found = strstr(json, "\"bytesInUse\":");
  return found == NULL ? 0 : strtoul(found + strlen("\"bytesInUse\":"), NULL, 10);
}

static void check_warm(warm_run *run, const char *title, const char *backend) {
  int fine = 1;
  for (int i = 0; i < COLD; i++) fine = fine && predict(run);
  bytes_in_use(run->ctx); /* its answer is memory in use too, from the second time on */
  unsigned long bytes = bytes_in_use(run->ctx), before = allocator_calls;
  for (int i = 0; i < WARM; i++) fine = fine && predict(run);
  unsigned long calls = allocator_calls - before;
  CHECK(fine, "%s on %s: %s", title, backend, horn_last_error(run->ctx));
  CHECK(calls == 0, "%s on %s: %d warm predictions called the allocator %lu times", title, backend, WARM, calls);
  CHECK(bytes_in_use(run->ctx) == bytes, "%s on %s: memory went from %lu to %lu bytes", title, backend, bytes, bytes_in_use(run->ctx));
}

static void run_case(const golden_case *golden, const char *options) {
  warm_run run = {0};
  const golden_array *array;
  if (!CHECK(horn_context_create(options, &run.ctx) == HORN_OK, "%s: %s", options, horn_last_error(run.ctx))) return;
  horn_status status = horn_model_load(run.ctx, golden->json, golden->json_length, golden->weights, golden->weight_bytes, NULL, &run.model);
  if (CHECK(status == HORN_OK, "%s on %s: %s", golden->title, options, horn_last_error(run.ctx))) {
    for (size_t at = 0; (array = golden_next(golden, "input", &at)) != NULL && run.inputs < MAX_ENDS; run.inputs++)
      horn_tensor_create(run.ctx, array->dtype, array->shape, array->rank, array->data, array->bytes, &run.in[run.inputs]);
    check_warm(&run, golden->title, options);
  }
  horn_context_release(run.ctx);
}

int main(int argc, char **argv) {
  static const char *const options[] = {
#define HORN_BACKEND(name) "{\"backend\":\"" #name "\",\"threads\":2}",
#include "backends/backends.def"
#undef HORN_BACKEND
  };
  if (argc != 2) {
    fprintf(stderr, "usage: warm_test FOLDER\n");
    return 1;
  }
  free(malloc(1));
  CHECK(allocator_calls > 0, "the allocator is not counted: nothing would be tested");
  cJSON *index = golden_index(argv[1]);
  const cJSON *entry;
  cJSON_ArrayForEach(entry, index) {
    golden_case golden;
    golden_read(argv[1], entry, &golden);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) run_case(&golden, options[i]);
    golden_release(&golden);
  }
  cJSON_Delete(index);
  return test_end();
}
