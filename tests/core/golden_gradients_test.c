/* Appends the gradients of every golden model to its graph and compares them with Keras's, of inputs and of weights; once on every backend.
 * usage: golden_gradients_test FOLDER [TEXT]: only cases whose title contains TEXT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "golden.h"
#include "layers/model.h"
#include "test.h"
#include "tolerances.h"

enum { MAX_GRADIENTS = 64 };

typedef struct gradient_run {
  horn_context *ctx;
  const char *backend;
  const golden_case *golden;
  horn__model *model;
  horn__value upstream[HORN__MAX_SLOTS];
  const golden_array *expected[MAX_GRADIENTS];
  horn__value of[MAX_GRADIENTS], gradients[MAX_GRADIENTS]; /* HORN__NONE: no output depends on it */
  int32_t count;
  double error;
} gradient_run;

static int succeeded(const gradient_run *run, horn_status status, const char *what) {
  return CHECK(status == HORN_OK, "%s on %s: %s: %s", run->golden->title, run->backend, what, horn_last_error(run->ctx));
}

/* ---- what is asked for ------------------------------------------------------------------------------------------------ */

/* The model's input in the place of the recorded input with this name. */
static horn__value input_named(const gradient_run *run, const char *name) {
  const golden_array *array;
  size_t index = 0;
  for (size_t at = 0; (array = golden_next(run->golden, "input", &at)) != NULL && index < run->model->graph->input_count; index++)
    if (strcmp(array->name, name) == 0) return run->model->graph->inputs[index];
  return HORN__NONE;
}

static horn__value weight_named(const gradient_run *run, const char *name) {
  for (size_t i = 0; i < run->model->weight_count; i++)
    if (strcmp(run->model->weights[i]->name, name) == 0) return run->model->weights[i]->value;
  return HORN__NONE;
}

static int add_expected(gradient_run *run, const char *role, horn__value (*find)(const gradient_run *, const char *)) {
  const golden_array *array;
  for (size_t at = 0; (array = golden_next(run->golden, role, &at)) != NULL;) {
    horn__value value = find(run, array->name);
    if (!CHECK(value != HORN__NONE && run->count < MAX_GRADIENTS, "%s: nothing is called %s", run->golden->title, array->name)) return 0;
    run->expected[run->count] = array;
    run->of[run->count++] = value;
  }
  return 1;
}

/* Upstream gradients are further inputs, behind the model's own. */
static void add_upstreams(gradient_run *run) {
  for (int32_t i = 0; i < run->model->output_count; i++) {
    const horn__type type = *horn__type_of(run->model->graph, run->model->outputs[i]);
    run->upstream[i] = horn__graph_input(run->model->graph, &type);
  }
}

static int prepare(gradient_run *run) {
  const golden_case *g = run->golden;
  if (!succeeded(run, horn__model_load(run->ctx, g->json, g->json_length, g->weights, g->weight_bytes, true, &run->model), "load")) return 0;
  if (!succeeded(run, horn__model_bind(run->model), "bind")) return 0;
  if (!add_expected(run, "input_gradient", input_named) || !add_expected(run, "weight_gradient", weight_named)) return 0;
  add_upstreams(run);
  horn_status status = horn__graph_gradients(run->model->graph, run->model->outputs, run->upstream, run->model->output_count, run->of, run->count,
                                             run->gradients);
  return succeeded(run, status, "gradients");
}

/* ---- running ----------------------------------------------------------------------------------------------------------- */

/* States, which begin with zeros, are inputs between the model's and the upstream gradients. */
static int bind_states(const gradient_run *run, horn__type *types, void **data, size_t *count) {
  for (int32_t i = 0; i < run->model->state_count; i++) {
    horn__state *state = run->model->states[i];
    if (!succeeded(run, horn__tensor_create(run->ctx, &state->type, true, &state->tensor), "state")) return 0;
    types[*count] = state->type;
    data[(*count)++] = state->tensor->data;
  }
  return 1;
}

static int bind_inputs(const gradient_run *run, horn__type *types, void **data) {
  static const char *const roles[] = {"input", "upstream"};
  const golden_array *array;
  size_t count = 0;
  for (int r = 0; r < 2; r++) {
    for (size_t at = 0; (array = golden_next(run->golden, roles[r], &at)) != NULL && count < run->model->graph->input_count; count++) {
      types[count] = (horn__type){horn__shape_of((int32_t)array->rank, array->shape), array->dtype};
      data[count] = (void *)array->data;
    }
    if (r == 0 && !bind_states(run, types, data, &count)) return 0;
  }
  return CHECK(count == run->model->graph->input_count, "%s: expected %zu inputs and upstream gradients, got %zu", run->golden->title,
               run->model->graph->input_count, count);
}

static void compare(gradient_run *run, const golden_array *expected, const float *data, const horn__shape *shape) {
  size_t wrong = 0;
  double first = 0, wanted = 0;
  const horn__shape whole = horn__shape_of((int32_t)expected->rank, expected->shape);
  if (shape != NULL && !CHECK(horn__shape_equal(shape, &whole), "%s: gradient of %s has another shape", run->golden->title, expected->name)) return;
  for (size_t i = 0; i < expected->elements; i++) {
    double a = data == NULL ? 0 : (double)data[i], b = golden_element(expected->dtype, expected->data, i);
    double error = fabs(a - b) / fmax(1, fabs(b));
    if (!(error <= run->error)) run->error = error; /* NaN stays */
    if (tolerance_agree(run->golden->layer, HORN_FLOAT32, TOLERANCE_GOLDEN_GRADIENT, a, b)) continue;
    if (wrong++ == 0) first = a, wanted = b;
  }
  CHECK(wrong == 0, "%s on %s: gradient of %s: %zu of %zu elements differ, the first: expected %.9g, got %.9g", run->golden->title, run->backend,
        expected->name, wrong, expected->elements, wanted, first);
}

static int run_plan(gradient_run *run, horn__plan *plan, void *const *in, const int32_t *places) {
  horn__tensor *tensors[MAX_GRADIENTS] = {NULL};
  void *out[MAX_GRADIENTS] = {NULL};
  int ok = 1, outputs = 0;
  for (int32_t i = 0; i < run->count && ok; i++) {
    if (places[i] < 0) continue;
    ok = succeeded(run, horn__tensor_create(run->ctx, horn__plan_output(plan, outputs), false, &tensors[outputs]), "output");
    if (ok) out[outputs] = tensors[outputs]->data, outputs++;
  }
  if (ok) ok = succeeded(run, horn__plan_run(plan, in, out), "run");
  for (int32_t i = 0; i < run->count && ok; i++)
    compare(run, run->expected[i], places[i] < 0 ? NULL : out[places[i]], places[i] < 0 ? NULL : &tensors[places[i]]->type.shape);
  for (int i = 0; i < outputs; i++) horn__tensor_release(run->ctx, tensors[i]);
  return ok;
}

static void evaluate(gradient_run *run) {
  horn__type types[2 * HORN__MAX_SLOTS];
  void *in[2 * HORN__MAX_SLOTS];
  horn__value wanted[MAX_GRADIENTS];
  int32_t places[MAX_GRADIENTS], count = 0;
  horn__plan *plan = NULL;
  if (!bind_inputs(run, types, in)) return;
  for (int32_t i = 0; i < run->count; i++) {
    places[i] = run->gradients[i] == HORN__NONE ? -1 : count;
    if (places[i] >= 0) wanted[count++] = run->gradients[i];
  }
  if (count > 0 && succeeded(run, horn__plan_create(run->model->graph, types, wanted, count, &plan), "plan")) run_plan(run, plan, in, places);
  horn__plan_release(plan);
}

/* A case whose outputs are integers has no gradients recorded. */
static void run_case(horn_context *ctx, const char *backend, const golden_case *golden) {
  size_t at = 0;
  if (golden_next(golden, "upstream", &at) == NULL) return;
  gradient_run run = {.ctx = ctx, .backend = backend, .golden = golden};
  unsigned failed = test_totals.failed;
  if (prepare(&run)) evaluate(&run);
  if (failed == test_totals.failed)
    printf("ok   %-4s %-50s %d gradients, max error %.2g\n", backend, golden->title, run.count, run.error);
  else
    printf("FAIL %-4s %s\n", backend, golden->title);
  horn__model_release(run.model);
}

static void run_backend(const char *folder, const char *filter, const char *backend, const cJSON *index) {
  char options[100];
  horn_context *ctx;
  const cJSON *entry;
  size_t cases = 0;
  snprintf(options, sizeof options, "{\"backend\":\"%s\"}", backend);
  if (!CHECK(horn_context_create(options, &ctx) == HORN_OK, "context on %s: %s", backend, horn_last_error(ctx))) return;
  cJSON_ArrayForEach(entry, index) {
    golden_case golden;
    golden_read(folder, entry, &golden);
    if (filter == NULL || strstr(golden.title, filter) != NULL) {
      run_case(ctx, backend, &golden);
      cases++;
    }
    golden_release(&golden);
  }
  CHECK(cases > 0, "no case on %s", backend);
  horn_context_release(ctx);
}

int main(int argc, char **argv) {
  static const char *const backends[] = {
#define HORN_BACKEND(name) #name,
#include "backends/backends.def"
#undef HORN_BACKEND
  };
  if (argc < 2) {
    fprintf(stderr, "usage: golden_gradients_test FOLDER [TEXT]\n");
    return 2;
  }
  cJSON *index = golden_index(argv[1]);
  for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) run_backend(argv[1], argc > 2 ? argv[2] : NULL, backends[i], index);
  cJSON_Delete(index);
  return test_end();
}
