/* Loads every golden model through the public interface, predicts, and compares with what Keras computed; once on every backend. The model
 * that its written topology describes must be the same model, and be written the same.
 * usage: goldens_test FOLDER [TEXT]: only cases whose title contains TEXT */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "golden.h"
#include "hornbeam.h"
#include "test.h"
#include "tolerances.h"

enum { MAX_ENDS = 16 };

typedef struct model_run {
  horn_context *ctx;
  const char *backend;
  const golden_case *golden;
  horn_model model;
  horn_tensor in[MAX_ENDS], out[MAX_ENDS];
  size_t inputs, outputs;
  double error; /* the largest of all outputs, relative to max(1, |expected|) */
} model_run;

static int succeeded(const model_run *run, horn_status status, const char *what) {
  return CHECK(status == HORN_OK, "%s on %s: %s: %s", run->golden->title, run->backend, what, horn_last_error(run->ctx));
}

/* The role of arrays in prediction `index`: "input", then "input_1". */
static const char *role_of(const char *kind, int index, char out[16]) {
  snprintf(out, 16, index == 0 ? "%s" : "%s_%d", kind, index);
  return out;
}

static int create_inputs(model_run *run, int index) {
  const golden_array *array;
  char role[16];
  role_of("input", index, role);
  for (size_t at = 0; (array = golden_next(run->golden, role, &at)) != NULL && run->inputs < MAX_ENDS; run->inputs++)
    if (!succeeded(run, horn_tensor_create(run->ctx, array->dtype, array->shape, array->rank, array->data, array->bytes, &run->in[run->inputs]), "input"))
      return 0;
  return CHECK(run->inputs > 0, "%s: no inputs recorded", run->golden->title);
}

static int same_shape(const model_run *run, const golden_array *expected, horn_tensor output) {
  horn_dtype dtype;
  int32_t shape[HORN_MAX_RANK];
  size_t rank;
  if (!succeeded(run, horn_tensor_info(run->ctx, output, &dtype, shape, &rank), "info")) return 0;
  return CHECK(dtype == expected->dtype && rank == expected->rank && memcmp(shape, expected->shape, rank * sizeof *shape) == 0,
               "%s on %s: output %s has another shape or dtype", run->golden->title, run->backend, expected->name);
}

static void compare_strings(const model_run *run, const golden_array *expected, horn_tensor output) {
  const void *data;
  size_t bytes;
  if (!succeeded(run, horn_tensor_strings(run->ctx, output, &data, &bytes), "strings")) return;
  CHECK(bytes == expected->bytes && memcmp(data, expected->data, bytes) == 0, "%s on %s: output %s has other strings", run->golden->title,
        run->backend, expected->name);
}

static void compare_output(model_run *run, const golden_array *expected, horn_tensor output) {
  const void *data;
  size_t bytes, wrong = 0;
  double first = 0, wanted = 0;
  if (!same_shape(run, expected, output)) return;
  if (expected->dtype == HORN_STRING) {
    compare_strings(run, expected, output);
    return;
  }
  if (!succeeded(run, horn_tensor_data(run->ctx, output, &data, &bytes), "data")) return;
  for (size_t i = 0; i < expected->elements; i++) {
    double a = golden_element(expected->dtype, data, i), b = golden_element(expected->dtype, expected->data, i);
    double error = fabs(a - b) / fmax(1, fabs(b));
    if (!(error <= run->error)) run->error = error; /* NaN stays */
    if (tolerance_agree(run->golden->layer, expected->dtype, TOLERANCE_GOLDEN, a, b)) continue;
    if (wrong++ == 0) first = a, wanted = b;
  }
  CHECK(wrong == 0, "%s on %s: output %s: %zu of %zu elements differ, the first: expected %.9g, got %.9g", run->golden->title, run->backend,
        expected->name, wrong, expected->elements, wanted, first);
}

static void compare_outputs(model_run *run, int index) {
  const golden_array *array;
  size_t count = 0;
  char role[16];
  role_of("output", index, role);
  for (size_t at = 0; (array = golden_next(run->golden, role, &at)) != NULL; count++)
    if (count < run->outputs) compare_output(run, array, run->out[count]);
  CHECK(count == run->outputs && count > 0, "%s on %s: expected %zu outputs, got %zu", run->golden->title, run->backend, count, run->outputs);
}

static int predict(model_run *run) {
  const golden_case *g = run->golden;
  if (!succeeded(run, horn_model_load(run->ctx, g->json, g->json_length, g->weights, g->weight_bytes, NULL, &run->model), "load")) return 0;
  if (!create_inputs(run, 0)) return 0;
  return succeeded(run, horn_model_predict(run->ctx, run->model, run->in, run->inputs, run->out, MAX_ENDS, &run->outputs), "predict");
}

static void release_tensors(model_run *run) {
  for (size_t i = 0; i < run->inputs; i++) horn_tensor_release(run->ctx, run->in[i]);
  for (size_t i = 0; i < run->outputs; i++) horn_tensor_release(run->ctx, run->out[i]);
  run->inputs = run->outputs = 0;
}

static void release(model_run *run) {
  release_tensors(run);
  if (run->model != 0) horn_model_release(run->ctx, run->model);
}

/* ---- further predictions of models with a memory -------------------------------------------------------------------------------- */

static int predict_again(model_run *run, int index) {
  release_tensors(run);
  if (!create_inputs(run, index)) return 0;
  if (!succeeded(run, horn_model_predict(run->ctx, run->model, run->in, run->inputs, run->out, MAX_ENDS, &run->outputs), "predict again")) return 0;
  compare_outputs(run, index);
  return 1;
}

/* Each goes on from the states that the one before has left, until they are reset. */
static void check_memory(model_run *run) {
  char role[16];
  int index = 1;
  for (size_t at = 0; golden_next(run->golden, role_of("input", index, role), &at) != NULL; index++, at = 0)
    if (!predict_again(run, index)) return;
  if (index > 1 && succeeded(run, horn_model_reset_states(run->ctx, run->model), "reset states")) predict_again(run, 0);
}

/* ---- written and read again ---------------------------------------------------------------------------------------------- */

static int copy_weights(const model_run *run, horn_model to) {
  horn_tensor weight;
  for (size_t i = 0; horn_model_weight(run->ctx, run->model, i, &weight) == HORN_OK; i++) {
    int ok = succeeded(run, horn_model_set_weight(run->ctx, to, i, weight), "set weight of the model read again");
    horn_tensor_release(run->ctx, weight);
    if (!ok) return 0;
  }
  return 1;
}

/* A copy of a tensor's bytes, NULL where it cannot be read. */
static void *copy_bytes(const model_run *run, horn_tensor tensor, size_t *bytes) {
  horn_dtype dtype;
  int32_t shape[HORN_MAX_RANK];
  size_t rank;
  const void *data;
  if (!succeeded(run, horn_tensor_info(run->ctx, tensor, &dtype, shape, &rank), "info")) return NULL;
  const horn_status status = (dtype == HORN_STRING ? horn_tensor_strings : horn_tensor_data)(run->ctx, tensor, &data, bytes);
  void *copy = succeeded(run, status, "data") ? malloc(*bytes + 1) : NULL;
  return copy == NULL ? NULL : memcpy(copy, data, *bytes);
}

static void compare_models(const model_run *a, const model_run *b) {
  CHECK(a->outputs == b->outputs, "%s: the model read again has %zu outputs instead of %zu", a->golden->title, b->outputs, a->outputs);
  for (size_t i = 0; i < a->outputs && i < b->outputs; i++) {
    size_t bytes = 0, others = 1;
    void *first = copy_bytes(a, a->out[i], &bytes), *second = copy_bytes(a, b->out[i], &others);
    CHECK(first != NULL && second != NULL && bytes == others && memcmp(first, second, bytes) == 0,
          "%s on %s: output %zu of the model read again differs", a->golden->title, a->backend, i);
    free(first);
    free(second);
  }
}

static char *topology(const model_run *run) {
  const char *json;
  return succeeded(run, horn_model_topology(run->ctx, run->model, &json), "topology") ? strdup(json) : NULL;
}

static void check_round_trip(const model_run *run) {
  model_run again = {.ctx = run->ctx, .backend = run->backend, .golden = run->golden};
  char *written = topology(run), *rewritten = NULL;
  if (written == NULL || !succeeded(run, horn_model_load(run->ctx, written, strlen(written), NULL, 0, NULL, &again.model), "load what was written")) goto done;
  if (!copy_weights(run, again.model) || !create_inputs(&again, 0)) goto done;
  if (!succeeded(run, horn_model_predict(run->ctx, again.model, again.in, again.inputs, again.out, MAX_ENDS, &again.outputs), "predict again")) goto done;
  compare_models(run, &again);
  rewritten = topology(&again);
  CHECK(rewritten != NULL && strcmp(written, rewritten) == 0, "%s: written %s, then %s", run->golden->title, written, rewritten == NULL ? "?" : rewritten);
done:
  release(&again);
  free(written);
  free(rewritten);
}

static void run_case(horn_context *ctx, const char *backend, const golden_case *golden) {
  model_run run = {.ctx = ctx, .backend = backend, .golden = golden};
  unsigned failed = test_totals.failed;
  if (predict(&run)) {
    compare_outputs(&run, 0);
    check_round_trip(&run);
    check_memory(&run);
  }
  if (failed == test_totals.failed)
    printf("ok   %-4s %-50s max error %.2g\n", backend, golden->title, run.error);
  else
    printf("FAIL %-4s %s\n", backend, golden->title);
  release(&run);
}

static void run_backend(const char *folder, const char *filter, const cJSON *backend, const cJSON *index) {
  const char *name = backend->valuestring;
  char options[100];
  horn_context *ctx;
  const cJSON *entry;
  size_t cases = 0;
  snprintf(options, sizeof options, "{\"backend\":\"%s\"}", name);
  if (!CHECK(horn_context_create(options, &ctx) == HORN_OK, "context on %s: %s", name, horn_last_error(ctx))) return;
  cJSON_ArrayForEach(entry, index) {
    golden_case golden;
    golden_read(folder, entry, &golden);
    if (filter == NULL || strstr(golden.title, filter) != NULL) {
      run_case(ctx, name, &golden);
      cases++;
    }
    golden_release(&golden);
  }
  CHECK(cases > 0, "no case on %s", name);
  horn_context_release(ctx);
}

/* The backends of this build, as the library names them. */
static cJSON *list_backends(void) {
  horn_context *ctx;
  const char *json;
  cJSON *description = NULL;
  if (horn_context_create(NULL, &ctx) == HORN_OK && horn_describe(ctx, &json) == HORN_OK) description = cJSON_Parse(json);
  cJSON *backends = cJSON_DetachItemFromObjectCaseSensitive(description, "backends");
  cJSON_Delete(description);
  horn_context_release(ctx);
  CHECK(cJSON_GetArraySize(backends) > 0, "no backends");
  return backends;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: goldens_test FOLDER [TEXT]\n");
    return 2;
  }
  cJSON *index = golden_index(argv[1]), *backends = list_backends();
  const cJSON *backend;
  cJSON_ArrayForEach(backend, backends) run_backend(argv[1], argc > 2 ? argv[2] : NULL, backend, index);
  cJSON_Delete(backends);
  cJSON_Delete(index);
  return test_end();
}
