/* A prediction on shapes seen before allocates nothing: every golden model is predicted warm while the C library's allocator is counted,
 * on every backend, and the memory in use stays the same. Nor does a run of a graph, with weights that are written, updated or at rest.
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

/* ---- a graph of the caller's, with a weight ------------------------------------------------------------------------------------------ */

enum { MANY = 100, UNITS = 4 };

typedef struct graph_run {
  horn_context *ctx;
  horn_graph graph;
  horn_tensor in[MANY], weight, symbol, wanted;
} graph_run;

/* y = (the sum of MANY inputs) w */
static int make_graph(graph_run *run) {
  const int32_t shape[2] = {2, UNITS}, square[2] = {UNITS, UNITS};
  horn_tensor x = 0, w = 0;
  size_t count;
  int fine = horn_graph_create(run->ctx, &run->graph) == HORN_OK;
  for (int i = 0; i < MANY; i++) {
    horn_tensor input = 0;
    fine = fine && horn_graph_input(run->ctx, run->graph, HORN_FLOAT32, shape, 2, &input) == HORN_OK;
    fine = fine && horn_tensor_create(run->ctx, HORN_FLOAT32, shape, 2, NULL, 0, &run->in[i]) == HORN_OK;
    if (i == 0)
      x = input;
    else
      fine = fine && horn_op(run->ctx, "Add", NULL, (const horn_tensor[]){x, input}, 2, &x, 1, &count) == HORN_OK;
  }
  fine = fine && horn_tensor_create(run->ctx, HORN_FLOAT32, square, 2, NULL, 0, &run->weight) == HORN_OK;
  fine = fine && horn_graph_weight(run->ctx, run->graph, run->weight, &w) == HORN_OK;
  run->symbol = w;
  return fine && horn_op(run->ctx, "BatchMatMul", NULL, (const horn_tensor[]){x, w}, 2, &run->wanted, 1, &count) == HORN_OK;
}

typedef enum weight_use { AT_REST, WRITTEN, UPDATED } weight_use;

/* Each run makes the weight y, twice. */
static int update_weight(const graph_run *run) {
  horn_tensor next;
  size_t count;
  const horn_tensor halves[] = {run->wanted, run->wanted};
  return horn_op(run->ctx, "Concat", "{\"axis\":0}", halves, 2, &next, 1, &count) == HORN_OK &&
         horn_graph_update(run->ctx, run->graph, run->symbol, next) == HORN_OK;
}

static int run_graph(const graph_run *run, int write) {
  static const float values[UNITS * UNITS] = {1};
  horn_tensor out;
  if (write && horn_tensor_write(run->ctx, run->weight, values, sizeof values) != HORN_OK) return 0;
  if (horn_graph_run(run->ctx, run->graph, run->in, MANY, &run->wanted, 1, &out) != HORN_OK) return 0;
  return horn_tensor_release(run->ctx, out) == HORN_OK;
}

/* Whether the weight is written before each run, by each run or never: once the plan is what it stays, a run allocates nothing. */
static void check_graph(const char *options, weight_use use) {
  static const char *const uses[] = {"at rest", "written", "updated"};
  const int write = use == WRITTEN;
  graph_run run = {0};
  if (!CHECK(horn_context_create(options, &run.ctx) == HORN_OK, "%s: %s", options, horn_last_error(run.ctx))) return;
  int fine = make_graph(&run) && (use != UPDATED || update_weight(&run));
  for (int i = 0; i < WARM; i++) fine = fine && run_graph(&run, write);
  const unsigned long before = allocator_calls;
  for (int i = 0; i < WARM; i++) fine = fine && run_graph(&run, write);
  const unsigned long calls = allocator_calls - before;
  CHECK(fine, "a graph on %s: %s", options, horn_last_error(run.ctx));
  CHECK(calls == 0, "a graph on %s, its weight %s: %d warm runs called the allocator %lu times", options, uses[use], WARM, calls);
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
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    check_graph(options[i], AT_REST);
    check_graph(options[i], WRITTEN);
    check_graph(options[i], UPDATED);
  }
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
