/* Layers by themselves, through the public interface: each golden model is taken as one layer, described, called on a graph with the model's own
 * weights as variables, and must compute what the model does. Then variables, gradients of several tensors, topologies, and wrong calls.
 * usage: calls_test FOLDER [TEXT]: only golden cases whose title contains TEXT */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "golden.h"
#include "hornbeam.h"
#include "test.h"

enum { MAX_ENDS = 64, MAX_TENSORS = 4096 };

/* ---- golden models as layers ------------------------------------------------------------------------------------------------- */

typedef struct lone {
  horn_context *ctx;
  const golden_case *golden;
  horn_model model;
  horn_graph graph;
  char *topology;
  cJSON *model_description, *description; /* the second of the layer */
  horn_tensor in[MAX_ENDS]; /* with elements */
  horn_tensor expected[MAX_ENDS], found[MAX_ENDS];
  size_t inputs, outputs;
  horn_tensor tensors[MAX_TENSORS]; /* of the call */
  size_t count;
} lone;

static int ok(const lone *l, horn_status status, const char *what) {
  return CHECK(status == HORN_OK, "%s: %s: %s", l->golden->title, what, horn_last_error(l->ctx));
}

static int predict(lone *l) {
  const golden_case *g = l->golden;
  const golden_array *array;
  const char *text;
  if (!ok(l, horn_model_load(l->ctx, g->json, g->json_length, g->weights, g->weight_bytes, NULL, &l->model), "load")) return 0;
  for (size_t at = 0; (array = golden_next(g, "input", &at)) != NULL; l->inputs++)
    if (!ok(l, horn_tensor_create(l->ctx, array->dtype, array->shape, array->rank, array->data, array->bytes, &l->in[l->inputs]), "input")) return 0;
  if (!ok(l, horn_model_predict(l->ctx, l->model, l->in, l->inputs, l->expected, MAX_ENDS, &l->outputs), "predict")) return 0;
  if (!ok(l, horn_model_topology(l->ctx, l->model, &text), "topology")) return 0;
  l->topology = strdup(text);
  return 1;
}

/* The text of the model.json says the same topology without a model. */
static void check_topology(const lone *l) {
  const char *text;
  if (!ok(l, horn_topology(l->ctx, l->golden->json, l->golden->json_length, NULL, &text), "the topology of a text")) return;
  CHECK(strcmp(text, l->topology) == 0, "%s: the topology of its text is %s, its own %s", l->golden->title, text, l->topology);
}

static int describe(lone *l) {
  const char *text;
  if (!ok(l, horn_model_describe(l->ctx, l->model, &text), "describe the model")) return 0;
  l->model_description = cJSON_Parse(text);
  char *inputs = cJSON_PrintUnformatted(cJSON_GetObjectItem(l->model_description, "inputs"));
  const int described = ok(l, horn_layer_describe(l->ctx, l->topology, inputs, &text), "describe the layer");
  if (described) {
    l->description = cJSON_Parse(text);
    const int weights = cJSON_GetArraySize(cJSON_GetObjectItem(l->description, "weights"));
    CHECK(weights == cJSON_GetArraySize(cJSON_GetObjectItem(l->model_description, "allWeights")), "%s: the layer has %d weights", l->golden->title, weights);
  }
  cJSON_free(inputs);
  return described;
}

static size_t read_shape(const cJSON *json, int32_t *shape) {
  const cJSON *dim;
  size_t rank = 0;
  cJSON_ArrayForEach(dim, cJSON_GetObjectItem(json, "shape")) shape[rank++] = cJSON_IsNull(dim) ? -1 : dim->valueint;
  return rank;
}

/* States start as zeros. */
static int take_states(lone *l) {
  const cJSON *state;
  int32_t shape[HORN_MAX_RANK];
  cJSON_ArrayForEach(state, cJSON_GetObjectItem(l->description, "states")) {
    horn_tensor zeros;
    if (!ok(l, horn_tensor_create(l->ctx, HORN_FLOAT32, shape, read_shape(state, shape), NULL, 0, &zeros), "state")) return 0;
    const int taken = ok(l, horn_graph_weight(l->ctx, l->graph, zeros, &l->tensors[l->count++]), "state as weight");
    horn_tensor_release(l->ctx, zeros);
    if (!taken) return 0;
  }
  return 1;
}

/* Inputs of the graph, with the types that the description was asked for; no masks; the model's weights. */
static int take_tensors(lone *l) {
  for (size_t i = 0; i < l->inputs; i++) {
    horn_dtype dtype;
    int32_t shape[HORN_MAX_RANK];
    size_t rank;
    if (!ok(l, horn_tensor_info(l->ctx, l->in[i], &dtype, shape, &rank), "info")) return 0;
    rank = read_shape(cJSON_GetArrayItem(cJSON_GetObjectItem(l->model_description, "inputs"), (int)i), shape);
    if (!ok(l, horn_graph_input(l->ctx, l->graph, dtype, shape, rank, &l->tensors[i]), "graph input")) return 0;
  }
  l->count = 2 * l->inputs;
  const int weights = cJSON_GetArraySize(cJSON_GetObjectItem(l->description, "weights"));
  for (int i = 0; i < weights && l->count < MAX_TENSORS; i++) {
    horn_tensor weight;
    if (!ok(l, horn_model_weight(l->ctx, l->model, (size_t)i, &weight), "weight")) return 0;
    const int taken = ok(l, horn_graph_weight(l->ctx, l->graph, weight, &l->tensors[l->count++]), "graph weight");
    horn_tensor_release(l->ctx, weight);
    if (!taken) return 0;
  }
  return take_states(l);
}

/* A copy of a tensor's elements, whatever they are. */
static void *elements_of(const lone *l, horn_tensor tensor, size_t *bytes) {
  horn_dtype dtype = HORN_FLOAT32;
  int32_t shape[HORN_MAX_RANK];
  size_t rank;
  const void *data = "";
  *bytes = 0;
  if (!ok(l, horn_tensor_info(l->ctx, tensor, &dtype, shape, &rank), "info")) return calloc(1, 1);
  ok(l, (dtype == HORN_STRING ? horn_tensor_strings : horn_tensor_data)(l->ctx, tensor, &data, bytes), "data");
  void *copy = malloc(*bytes + 1);
  memcpy(copy, data, *bytes);
  return copy;
}

static void compare(const lone *l, size_t i) {
  size_t bytes, others;
  void *a = elements_of(l, l->expected[i], &bytes), *b = elements_of(l, l->found[i], &others);
  CHECK(bytes == others && memcmp(a, b, bytes) == 0, "%s: output %zu of the layer differs from the model's", l->golden->title, i);
  free(a);
  free(b);
}

static void call(lone *l) {
  horn_tensor results[3 * MAX_ENDS];
  char options[64];
  size_t count;
  snprintf(options, sizeof options, "{\"inputs\":%zu}", l->inputs);
  if (!ok(l, horn_layer_call(l->ctx, l->topology, options, l->tensors, l->count, results, 3 * MAX_ENDS, &count), "call")) return;
  if (!CHECK(count == 2 * l->outputs + (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(l->description, "states")), "%s: the layer has %zu results",
             l->golden->title, count)) return;
  if (!ok(l, horn_graph_run(l->ctx, l->graph, l->in, l->inputs, results, l->outputs, l->found), "run")) return;
  for (size_t i = 0; i < l->outputs; i++) compare(l, i);
}

static void release(lone *l) {
  for (size_t i = 0; i < l->inputs; i++) horn_tensor_release(l->ctx, l->in[i]);
  for (size_t i = 0; i < l->outputs; i++) {
    horn_tensor_release(l->ctx, l->expected[i]);
    horn_tensor_release(l->ctx, l->found[i]);
  }
  horn_graph_release(l->ctx, l->graph);
  horn_model_release(l->ctx, l->model);
  cJSON_Delete(l->description);
  cJSON_Delete(l->model_description);
  free(l->topology);
}

static void try_golden(horn_context *ctx, const golden_case *golden) {
  lone *l = calloc(1, sizeof *l);
  *l = (lone){.ctx = ctx, .golden = golden};
  horn_graph_create(ctx, &l->graph);
  if (predict(l)) {
    check_topology(l);
    if (describe(l) && take_tensors(l)) call(l);
  }
  release(l);
  free(l);
}

static void try_goldens(horn_context *ctx, const char *folder, const char *filter) {
  cJSON *index = golden_index(folder);
  const cJSON *entry;
  cJSON_ArrayForEach(entry, index) {
    golden_case golden;
    golden_read(folder, entry, &golden);
    if (filter == NULL || strstr(golden.title, filter) != NULL) try_golden(ctx, &golden);
    golden_release(&golden);
  }
  cJSON_Delete(index);
}

/* ---- small things ------------------------------------------------------------------------------------------------------------- */

static horn_tensor vector(horn_context *ctx, int32_t count, const float *values) {
  horn_tensor tensor = 0;
  CHECK(horn_tensor_create(ctx, HORN_FLOAT32, &count, 1, values, (size_t)count * sizeof *values, &tensor) == HORN_OK, "%s", horn_last_error(ctx));
  return tensor;
}

static horn_tensor binary(horn_context *ctx, const char *op, horn_tensor a, horn_tensor b) {
  horn_tensor out = 0;
  size_t count;
  CHECK(horn_op(ctx, op, NULL, (const horn_tensor[]){a, b}, 2, &out, 1, &count) == HORN_OK, "%s: %s", op, horn_last_error(ctx));
  return out;
}

static void expect(horn_context *ctx, const char *what, horn_tensor tensor, float first, float second) {
  float found[2] = {0, 0};
  CHECK(horn_tensor_read(ctx, tensor, found, sizeof found) == HORN_OK, "%s: %s", what, horn_last_error(ctx));
  CHECK(found[0] == first && found[1] == second, "%s: expected %g %g, got %g %g", what, (double)first, (double)second, (double)found[0], (double)found[1]);
  horn_tensor_release(ctx, tensor);
}

static horn_tensor run_one(horn_context *ctx, horn_graph graph, horn_tensor input, horn_tensor wanted) {
  horn_tensor out = 0;
  CHECK(horn_graph_run(ctx, graph, &input, 1, &wanted, 1, &out) == HORN_OK, "run: %s", horn_last_error(ctx));
  return out;
}

static const char dense[] = "{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":1,\"use_bias\":false}}";

/* y = x w, for w = i in run i: written between runs, then not for a while, so that the plan packs, reads and packs again. */
static void try_variable(horn_context *ctx) {
  horn_graph graph;
  horn_tensor x, w, results[2], kernel;
  const int32_t shape[2] = {2, 1}, kernel_shape[2] = {1, 1};
  const float ones[2] = {1, 2}, one = 1;
  size_t count;
  horn_graph_create(ctx, &graph);
  horn_tensor_create(ctx, HORN_FLOAT32, kernel_shape, 2, &one, sizeof one, &kernel);
  horn_graph_input(ctx, graph, HORN_FLOAT32, shape, 2, &x);
  CHECK(horn_graph_weight(ctx, graph, kernel, &w) == HORN_OK, "%s", horn_last_error(ctx));
  CHECK(horn_layer_call(ctx, dense, "{\"inputs\":1}", (const horn_tensor[]){x, 0, w}, 3, results, 2, &count) == HORN_OK, "%s", horn_last_error(ctx));
  horn_tensor in;
  horn_tensor_create(ctx, HORN_FLOAT32, shape, 2, ones, sizeof ones, &in);
  for (int i = 0; i < 60; i++) {
    float value = (float)(i < 10 ? i : i < 30 ? 10 : i / 6); /* each run, never, now and then */
    if (i <= 10 || i >= 30) CHECK(horn_tensor_write(ctx, kernel, &value, sizeof value) == HORN_OK, "%s", horn_last_error(ctx));
    expect(ctx, "a variable", run_one(ctx, graph, in, results[0]), value, 2 * value);
  }
  horn_tensor_release(ctx, kernel); /* the graph has it still */
  expect(ctx, "a variable whose handle was released", run_one(ctx, graph, in, results[0]), 9, 18);
  horn_tensor_release(ctx, in);
  horn_graph_release(ctx, graph);
}

/* A view, an assignment and a model see and write the same elements as the variable. */
static void try_sharing(horn_context *ctx) {
  static const char model_json[] = "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s\",\"layers\":[{\"class_name\":\"Dense\",\"config\":"
                                   "{\"name\":\"d\",\"units\":2,\"use_bias\":false,\"batch_input_shape\":[null,1]}}]}}";
  horn_model model;
  horn_tensor kernel, view, out, in, flat;
  size_t count;
  const int32_t shape[2] = {1, 2}, row[2] = {1, 1};
  const float first[2] = {1, 2}, second[2] = {3, 4}, one = 1;
  horn_tensor_create(ctx, HORN_FLOAT32, shape, 2, first, sizeof first, &kernel);
  horn_tensor_create(ctx, HORN_FLOAT32, row, 2, &one, sizeof one, &in);
  flat = vector(ctx, 2, second);
  horn_model_load(ctx, model_json, strlen(model_json), NULL, 0, NULL, &model);
  CHECK(horn_model_share_weight(ctx, model, 0, kernel) == HORN_OK, "%s", horn_last_error(ctx));
  horn_model_predict(ctx, model, &in, 1, &out, 1, &count);
  expect(ctx, "a shared weight", out, 1, 2);
  horn_tensor_reshape(ctx, kernel, (const int32_t[]){2}, 1, &view);
  CHECK(horn_tensor_assign(ctx, view, flat) == HORN_OK, "%s", horn_last_error(ctx));
  horn_model_predict(ctx, model, &in, 1, &out, 1, &count);
  expect(ctx, "a shared weight, assigned", out, 3, 4);
  CHECK(horn_tensor_assign(ctx, kernel, flat) == HORN_E_SHAPE, "assigning another shape: %s", horn_last_error(ctx));
  CHECK(horn_model_share_weight(ctx, model, 0, flat) == HORN_E_SHAPE, "sharing another shape: %s", horn_last_error(ctx));
  CHECK(horn_model_share_weight(ctx, model, 1, kernel) == HORN_E_NOT_FOUND, "sharing no weight: %s", horn_last_error(ctx));
  const horn_tensor all[] = {kernel, view, in, flat};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) horn_tensor_release(ctx, all[i]);
  horn_model_release(ctx, model);
}

/* d sum(a b dy + (a + b)) / d (a, b, a): more than one y, a dy that is given and one that is not. */
static void try_gradients(horn_context *ctx) {
  horn_graph graph;
  horn_tensor a, b, dy, dxs[3], found[3];
  const int32_t two = 2;
  horn_graph_create(ctx, &graph);
  horn_graph_input(ctx, graph, HORN_FLOAT32, &two, 1, &a);
  horn_graph_input(ctx, graph, HORN_FLOAT32, &two, 1, &b);
  horn_graph_input(ctx, graph, HORN_FLOAT32, &two, 1, &dy);
  const horn_tensor ys[2] = {binary(ctx, "Multiply", a, b), binary(ctx, "Add", a, b)}, dys[2] = {dy, 0}, xs[3] = {a, b, a};
  CHECK(horn_graph_gradients(ctx, graph, ys, 2, dys, xs, 3, dxs) == HORN_OK, "%s", horn_last_error(ctx));
  const horn_tensor in[3] = {vector(ctx, 2, (const float[]){1, 2}), vector(ctx, 2, (const float[]){3, 4}), vector(ctx, 2, (const float[]){10, 100})};
  CHECK(horn_graph_run(ctx, graph, in, 3, dxs, 3, found) == HORN_OK, "%s", horn_last_error(ctx));
  expect(ctx, "dy b + 1", found[0], 31, 401);
  expect(ctx, "dy a + 1", found[1], 11, 201);
  expect(ctx, "dy b + 1 again", found[2], 31, 401);
  for (int i = 0; i < 3; i++) horn_tensor_release(ctx, in[i]);
  CHECK(horn_graph_gradients(ctx, graph, ys, 2, (const horn_tensor[]){dy, dy, dy}, (const horn_tensor[]){0}, 1, dxs) == HORN_E_DISPOSED, "gradient of nothing");
  horn_graph_release(ctx, graph);
}

/* 200 inputs, as many results and xs: no list has a limit. */
static void try_many(horn_context *ctx) {
  enum { MANY = 200 };
  horn_graph graph;
  horn_tensor in[MANY], values[MANY], sums[MANY], gradients[MANY], out[2 * MANY], wanted[2 * MANY];
  const int32_t two = 2;
  horn_graph_create(ctx, &graph);
  for (int i = 0; i < MANY; i++) {
    horn_graph_input(ctx, graph, HORN_FLOAT32, &two, 1, &in[i]);
    sums[i] = i == 0 ? in[0] : binary(ctx, "Add", sums[i - 1], in[i]);
    values[i] = vector(ctx, 2, (const float[]){1, (float)i});
  }
  CHECK(horn_graph_gradients(ctx, graph, sums, MANY, NULL, in, MANY, gradients) == HORN_OK, "%s", horn_last_error(ctx));
  memcpy(wanted, sums, sizeof sums);
  memcpy(wanted + MANY, gradients, sizeof gradients);
  for (int twice = 0; twice < 2; twice++) {
    CHECK(horn_graph_run(ctx, graph, values, MANY, wanted, 2 * MANY, out) == HORN_OK, "%s", horn_last_error(ctx));
    for (int i = 0; i < MANY; i++) {
      expect(ctx, "a sum", out[i], (float)(i + 1), (float)(i * (i + 1) / 2));
      expect(ctx, "a gradient", out[MANY + i], (float)(MANY - i), (float)(MANY - i));
    }
  }
  for (int i = 0; i < MANY; i++) horn_tensor_release(ctx, values[i]);
  horn_graph_release(ctx, graph);
}

/* ---- descriptions --------------------------------------------------------------------------------------------------------------- */

typedef struct description {
  const char *layer, *inputs, *part; /* part: a text that the answer must have */
} description;

#define LSTM_JSON "{\"class_name\":\"LSTM\",\"config\":{\"name\":\"l\",\"units\":2,\"return_sequences\":true}}"

static const description descriptions[] = {
    {dense, NULL, "{\"className\":\"Dense\",\"name\":\"d\",\"config\":{\"name\":\"d\",\"trainable\":true,\"dtype\":\"float32\",\"units\":1"},
    {dense, "null", "\"activity_regularizer\":null},\"trainable\":true}"},
    {dense, "[{\"shape\":[null,3]}]", "\"weights\":[{\"name\":\"kernel\",\"shape\":[3,1],\"dtype\":\"float32\",\"trainable\":true,\"initializer\":"
                                      "{\"class_name\":\"GlorotUniform\",\"config\":{\"seed\":null}},\"regularizer\":null,\"constraint\":null}]"},
    {dense, "{\"inputs\":[{\"shape\":[2,3]}],\"training\":true}", "\"outputs\":[{\"shape\":[2,1],\"dtype\":\"float32\",\"mask\":false}]"},
    {"{\"class_name\":\"Dense\",\"config\":{\"units\":1,\"kernel_initializer\":\"ones\",\"kernel_regularizer\":{\"class_name\":\"L2\",\"config\":{\"l2\":1}},"
     "\"kernel_constraint\":{\"class_name\":\"NonNeg\",\"config\":{}},\"trainable\":false}}",
     "[{\"shape\":[1,1]}]", "\"trainable\":true,\"initializer\":\"ones\",\"regularizer\":{\"class_name\":\"L1L2\",\"config\":{\"l2\":1}},\"constraint\":{\"class_name\":\"NonNeg\""},
    {LSTM_JSON, "[{\"shape\":[null,4,3],\"mask\":true}]", "\"outputs\":[{\"shape\":[null,4,2],\"dtype\":\"float32\",\"mask\":true}]"},
    {LSTM_JSON, "[{\"shape\":[null,4,3]}]", "\"initializer\":{\"class_name\":\"UnitForgetBias\",\"config\":{\"units\":2,\"initializer\":{\"class_name\":\"Zeros\""},
    {LSTM_JSON, "[{\"shape\":[null,4,3]}]", "{\"name\":\"recurrent_kernel\",\"shape\":[2,8],\"dtype\":\"float32\",\"trainable\":true,\"initializer\":{\"class_name\":\"Orthogonal\""},
    {"{\"class_name\":\"Bidirectional\",\"config\":{\"name\":\"b\",\"layer\":" LSTM_JSON "}}", "[{\"shape\":[null,4,3]}]", "{\"name\":\"backward_l/bias\""},
    {"{\"class_name\":\"BatchNormalization\",\"config\":{}}", "[{\"shape\":[null,3]}]",
     "{\"name\":\"moving_variance\",\"shape\":[3],\"dtype\":\"float32\",\"trainable\":false,\"initializer\":{\"class_name\":\"Ones\""},
    {"{\"class_name\":\"Embedding\",\"config\":{\"input_dim\":3,\"output_dim\":2,\"mask_zero\":true}}", "[{\"shape\":[null,4],\"dtype\":\"int32\"}]",
     "\"outputs\":[{\"shape\":[null,4,2],\"dtype\":\"float32\",\"mask\":true}]"},
};

static void try_descriptions(horn_context *ctx) {
  for (size_t i = 0; i < sizeof descriptions / sizeof descriptions[0]; i++) {
    const description *d = &descriptions[i];
    const char *text = "";
    if (!CHECK(horn_layer_describe(ctx, d->layer, d->inputs, &text) == HORN_OK, "%s: %s", d->layer, horn_last_error(ctx))) continue;
    CHECK(strstr(text, d->part) != NULL, "%s of %s: expected %s in %s", d->layer, d->inputs == NULL ? "nothing" : d->inputs, d->part, text);
  }
}

static void try_custom(horn_context *ctx) {
  static const char json[] = "{\"class_name\":\"Sequential\",\"config\":[{\"class_name\":\"My\\\"Layer\",\"config\":{\"b\":[1,{\"c\":2}]}},"
                             "{\"class_name\":\"ReLU\",\"config\":{\"name\":\"r\",\"module\":\"keras.layers\"}}]}";
  const char *text = "";
  CHECK(horn_topology(ctx, json, strlen(json), "{\"custom\":[\"Other\",\"My\\\"Layer\"]}", &text) == HORN_OK, "%s", horn_last_error(ctx));
  CHECK(strstr(text, "{\"class_name\":\"My\\\"Layer\",\"config\":{\"b\":[1,{\"c\":2}]}}") != NULL, "a custom layer: %s", text);
  CHECK(horn_topology(ctx, json, strlen(json), NULL, &text) == HORN_E_UNSUPPORTED, "an unknown class: %s", horn_last_error(ctx));
}

/* A stateful layer is given its states and gives the new ones: two calls of two steps are one of four. */
static void try_states(horn_context *ctx) {
  static const char json[] = "{\"class_name\":\"SimpleRNN\",\"config\":{\"name\":\"r\",\"units\":2,\"stateful\":true,\"use_bias\":false}}";
  horn_graph graph;
  horn_tensor x, kernel, recurrent, state, first[3], second[3], out[2];
  const int32_t steps[3] = {1, 2, 2}, square[2] = {2, 2}, row[2] = {1, 2};
  const float matrix[4] = {0.5F, -1, 0.25F, 2}, inputs[4] = {1, 2, -1, 0.5F}, zeros[2] = {0, 0};
  size_t count;
  const char *text = "";
  CHECK(horn_layer_describe(ctx, json, "[{\"shape\":[1,2,2]}]", &text) == HORN_OK, "%s", horn_last_error(ctx));
  CHECK(strstr(text, "\"states\":[{\"shape\":[1,2],\"dtype\":\"float32\"}]") != NULL, "states: %s", text);
  horn_graph_create(ctx, &graph);
  horn_graph_input(ctx, graph, HORN_FLOAT32, steps, 3, &x);
  horn_graph_input(ctx, graph, HORN_FLOAT32, row, 2, &state);
  horn_tensor_create(ctx, HORN_FLOAT32, square, 2, matrix, sizeof matrix, &kernel);
  horn_tensor_create(ctx, HORN_FLOAT32, square, 2, matrix, sizeof matrix, &recurrent);
  const char one[] = "{\"inputs\":1}";
  CHECK(horn_layer_call(ctx, json, one, (const horn_tensor[]){x, 0, kernel, recurrent}, 4, first, 3, &count) == HORN_E_INVALID_ARGUMENT, "no state");
  CHECK(horn_layer_call(ctx, json, one, (const horn_tensor[]){x, 0, kernel, recurrent, state}, 5, first, 3, &count) == HORN_OK, "%s", horn_last_error(ctx));
  CHECK(count == 3 && first[1] == 0, "an output, no mask, a state: %zu", count);
  CHECK(horn_layer_call(ctx, json, one, (const horn_tensor[]){x, 0, kernel, recurrent, first[2]}, 5, second, 3, &count) == HORN_OK, "%s", horn_last_error(ctx));
  horn_tensor given[2];
  horn_tensor_create(ctx, HORN_FLOAT32, steps, 3, inputs, sizeof inputs, &given[0]);
  horn_tensor_create(ctx, HORN_FLOAT32, row, 2, zeros, sizeof zeros, &given[1]);
  CHECK(horn_graph_run(ctx, graph, given, 2, (const horn_tensor[]){second[0], second[2]}, 2, out) == HORN_OK, "%s", horn_last_error(ctx));
  double h[2] = {0, 0};
  for (int t = 0; t < 4; t++) {
    double next[2];
    for (int j = 0; j < 2; j++) {
      double z = 0;
      for (int i = 0; i < 2; i++) z += ((double)inputs[2 * (t % 2) + i] + h[i]) * (double)matrix[2 * i + j];
      next[j] = tanh(z);
    }
    memcpy(h, next, sizeof h);
  }
  float y[2] = {0, 0}, s[2] = {0, 0};
  horn_tensor_read(ctx, out[0], y, sizeof y);
  horn_tensor_read(ctx, out[1], s, sizeof s);
  for (int j = 0; j < 2; j++)
    CHECK(fabs((double)y[j] - h[j]) < 1e-5 && fabs((double)s[j] - h[j]) < 1e-5, "state %d: expected %g, got %g and %g", j, h[j], (double)y[j], (double)s[j]);
  const horn_tensor all[] = {kernel, recurrent, given[0], given[1], out[0], out[1]};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) horn_tensor_release(ctx, all[i]);
  horn_graph_release(ctx, graph);
}

/* TensorFlow.js counts the cells of an RNN where Keras names them; the first cell's weights are the first ones of a shape. */
static void try_cell_names(horn_context *ctx) {
#define CELL(name) "{\"class_name\":\"SimpleRNNCell\",\"config\":{\"name\":\"" name "\",\"units\":2,\"use_bias\":false}}"
#define SPEC(name) "{\"name\":\"r/RNNCell_" name "\",\"shape\":[2,2],\"dtype\":\"float32\"}"
  static const char json[] =
      "{\"modelTopology\":{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s\",\"layers\":[{\"class_name\":\"RNN\",\"config\":{\"name\":\"r\","
      "\"batch_input_shape\":[null,3,2],\"cell\":{\"class_name\":\"StackedRNNCells\",\"config\":{\"name\":\"c\",\"cells\":[" CELL("a") "," CELL("b") "]}}}}]}},"
      "\"weightsManifest\":[{\"paths\":[\"w\"],\"weights\":[" SPEC("0/kernel") "," SPEC("0/recurrent_kernel") "," SPEC("1/kernel") "," SPEC("1/recurrent_kernel") "]}]}";
  const float weights[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  horn_model model;
  horn_tensor weight;
  float found[4] = {0};
  if (!CHECK(horn_model_load(ctx, json, strlen(json), weights, sizeof weights, NULL, &model) == HORN_OK, "%s", horn_last_error(ctx))) return;
  for (size_t i = 0; i < 4; i++) {
    horn_model_weight(ctx, model, i, &weight);
    horn_tensor_read(ctx, weight, found, sizeof found);
    CHECK(found[0] == (float)(4 * i), "weight %zu of the cells is %g", i, (double)found[0]);
    horn_tensor_release(ctx, weight);
  }
  horn_model_release(ctx, model);
}

/* ---- wrong calls ------------------------------------------------------------------------------------------------------------------ */

typedef struct wrong_description {
  const char *layer, *inputs;
  horn_status status;
  const char *message;
} wrong_description;

static const wrong_description wrong_descriptions[] = {
    {"", NULL, HORN_E_FORMAT, "layer"},
    {"[]", NULL, HORN_E_FORMAT, "class_name"},
    {"{\"class_name\":\"Nothing\",\"config\":{\"name\":\"n\"}}", NULL, HORN_E_UNSUPPORTED, "layer \"n\": the class Nothing is unknown"},
    {dense, "[", HORN_E_FORMAT, "layer inputs"},
    {dense, "3", HORN_E_INVALID_ARGUMENT, "a list of inputs"},
    {dense, "{}", HORN_E_INVALID_ARGUMENT, "a list of inputs"},
    {dense, "[]", HORN_E_INVALID_ARGUMENT, "expected 1 inputs, got 0"},
    {dense, "[null]", HORN_E_INVALID_ARGUMENT, "left out"},
    {dense, "[{}]", HORN_E_INVALID_ARGUMENT, "shape is required"},
    {dense, "[{\"shape\":[1,2,3,4,5,6,7,8,9]}]", HORN_E_LIMIT, "at most 8 dimensions"},
    {dense, "[{\"shape\":[2147483647,2147483647,2147483647]}]", HORN_E_LIMIT, ""},
    {dense, "[{\"shape\":[-2,3]}]", HORN_E_SHAPE, ""},
    {dense, "[{\"shape\":[null,3],\"dtype\":\"complex64\"}]", HORN_E_INVALID_ARGUMENT, "dtype must be one of"},
    {dense, "[{\"shape\":[null,null]}]", HORN_E_SHAPE, "must be known"},
    {dense, "{\"inputs\":[{\"shape\":[null,3]}],\"arguments\":[]}", HORN_E_INVALID_ARGUMENT, "object of arguments"},
};

static void try_wrong_descriptions(horn_context *ctx) {
  for (size_t i = 0; i < sizeof wrong_descriptions / sizeof wrong_descriptions[0]; i++) {
    const wrong_description *w = &wrong_descriptions[i];
    const char *text = "";
    horn_status status = horn_layer_describe(ctx, w->layer, w->inputs, &text);
    CHECK(status == w->status, "%s of %s: expected status %d, got %d: %s", w->layer, w->inputs == NULL ? "nothing" : w->inputs, (int)w->status,
          (int)status, horn_last_error(ctx));
    CHECK(strstr(horn_last_error(ctx), w->message) != NULL, "%s: expected \"%s\", got \"%s\"", w->layer, w->message, horn_last_error(ctx));
  }
}

static void refuse(horn_context *ctx, const char *what, const char *options, const horn_tensor *tensors, size_t count, horn_status expected) {
  horn_tensor results[3]; /* output, mask, and in training what the kernel becomes */
  size_t found;
  horn_status status = horn_layer_call(ctx, dense, options, tensors, count, results, 3, &found);
  CHECK(status == expected, "%s: expected status %d, got %d: %s", what, (int)expected, (int)status, status == HORN_OK ? "" : horn_last_error(ctx));
}

/* same has the type of loose; elsewhere is another graph's. */
static void try_wrong_updates(horn_context *ctx, horn_graph graph, horn_tensor loose, horn_tensor same, horn_tensor elsewhere) {
  const int32_t two = 2;
  horn_tensor weight, other;
  horn_graph_weight(ctx, graph, loose, &weight);
  horn_graph_input(ctx, graph, HORN_INT32, &two, 1, &other);
  CHECK(horn_graph_update(ctx, graph, same, same) == HORN_E_INVALID_ARGUMENT, "an update of an input: %s", horn_last_error(ctx));
  CHECK(horn_graph_update(ctx, graph, loose, same) == HORN_E_INVALID_ARGUMENT, "an update of a tensor outside: %s", horn_last_error(ctx));
  CHECK(horn_graph_update(ctx, graph, weight, loose) == HORN_E_INVALID_ARGUMENT, "an update to a tensor outside: %s", horn_last_error(ctx));
  CHECK(horn_graph_update(ctx, graph, weight, elsewhere) == HORN_E_INVALID_ARGUMENT, "an update of another graph: %s", horn_last_error(ctx));
  CHECK(horn_graph_update(ctx, graph, weight, other) == HORN_E_SHAPE, "an update of another type: %s", horn_last_error(ctx));
  CHECK(horn_graph_update(ctx, weight, weight, same) != HORN_OK, "an update of no graph");
  CHECK(horn_graph_update(ctx, graph, weight, same) == HORN_OK, "an update: %s", horn_last_error(ctx));
}

/* What is behind a softmax, through Identity; nothing behind an input or another op. */
static void try_sources(horn_context *ctx) {
  horn_graph graph;
  horn_tensor x, y, same, source;
  const int32_t shape[2] = {-1, 3};
  size_t count;
  horn_graph_create(ctx, &graph);
  horn_graph_input(ctx, graph, HORN_FLOAT32, shape, 2, &x);
  horn_op(ctx, "Softmax", NULL, &x, 1, &y, 1, &count);
  horn_op(ctx, "Identity", NULL, &y, 1, &same, 1, &count);
  CHECK(horn_graph_source(ctx, same, "Softmax", &source) == HORN_OK && source != 0, "the source of a softmax: %s", horn_last_error(ctx));
  CHECK(horn_graph_source(ctx, same, "Sigmoid", &source) == HORN_OK && source == 0, "a softmax is no sigmoid");
  CHECK(horn_graph_source(ctx, x, "Softmax", &source) == HORN_OK && source == 0, "an input has no source");
  CHECK(horn_graph_source(ctx, x, "Nonsense", &source) == HORN_E_NOT_FOUND, "a source of an unknown op: %s", horn_last_error(ctx));
  CHECK(horn_graph_source(ctx, graph, "Softmax", &source) != HORN_OK, "the source of a graph");
  horn_graph_release(ctx, graph);
}

static void try_wrong_calls(horn_context *ctx) {
  horn_graph graph, other;
  horn_tensor x, w, bias, seed, elsewhere, results[2];
  const int32_t shape[2] = {-1, 3}, kernel[2] = {3, 1}, two = 2;
  const char one[] = "{\"inputs\":1}", training[] = "{\"inputs\":1,\"training\":true}";
  size_t count;
  horn_graph_create(ctx, &graph);
  horn_graph_create(ctx, &other);
  horn_graph_input(ctx, graph, HORN_FLOAT32, shape, 2, &x);
  horn_graph_input(ctx, graph, HORN_FLOAT32, kernel, 2, &w);
  horn_graph_input(ctx, graph, HORN_FLOAT32, kernel + 1, 1, &bias);
  horn_graph_input(ctx, graph, HORN_INT32, &two, 1, &seed);
  horn_graph_input(ctx, other, HORN_FLOAT32, kernel, 2, &elsewhere);
  horn_tensor loose;
  const float elements[3] = {1, 2, 3};
  horn_tensor_create(ctx, HORN_FLOAT32, kernel, 2, elements, sizeof elements, &loose);
#define CALL(...) (const horn_tensor[]){__VA_ARGS__}, sizeof((const horn_tensor[]){__VA_ARGS__}) / sizeof(horn_tensor)
  refuse(ctx, "no options", NULL, CALL(x, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "options that are no JSON", "{", CALL(x, 0, w), HORN_E_FORMAT);
  refuse(ctx, "no number of inputs", "{}", CALL(x, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "less than no inputs", "{\"inputs\":-1}", CALL(x, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "more inputs than tensors", "{\"inputs\":2}", CALL(x, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "more inputs than there may be", "{\"inputs\":2147483647}", CALL(x, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "no weight", one, CALL(x, 0), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "a weight of 0", one, CALL(x, 0, 0), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "a weight too many", one, CALL(x, 0, w, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "a weight of another shape", one, CALL(x, 0, bias), HORN_E_SHAPE);
  refuse(ctx, "a mask that is none", one, CALL(x, x, w), HORN_E_DTYPE);
  refuse(ctx, "an input left out", one, CALL(0, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "no seed", training, CALL(x, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "a seed that is none", training, CALL(x, 0, w, w), HORN_E_SHAPE);
  refuse(ctx, "tensors of two graphs", one, CALL(x, 0, elsewhere), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "tensors of no graph", one, CALL(loose, 0, loose), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "a graph for a tensor", one, CALL(graph, 0, w), HORN_E_INVALID_ARGUMENT);
  refuse(ctx, "a handle that never was", one, CALL(x, 0, 12345678), HORN_E_DISPOSED);
  CHECK(horn_layer_call(ctx, dense, one, CALL(x, 0, w), results, 1, &count) == HORN_E_INVALID_ARGUMENT, "no room for the mask");
  refuse(ctx, "after all that the graph works still, with a seed that nobody draws from", training, CALL(x, 0, loose, seed), HORN_OK);
  CHECK(horn_graph_weight(ctx, graph, x, results) == HORN_E_INVALID_ARGUMENT, "a symbol as a variable: %s", horn_last_error(ctx));
  try_wrong_updates(ctx, graph, loose, w, elsewhere);
  horn_tensor_release(ctx, loose);
  horn_graph_release(ctx, graph);
  horn_graph_release(ctx, other);
}

int main(int argc, char **argv) {
  horn_context *ctx;
  const char *before, *after;
  if (argc < 2) {
    fprintf(stderr, "usage: calls_test FOLDER [TEXT]\n");
    return 2;
  }
  if (!CHECK(horn_context_create(NULL, &ctx) == HORN_OK, "context: %s", horn_last_error(ctx))) return test_end();
  horn_memory(ctx, &before);
  char *counts = strndup(before, strcspn(before, "a")); /* the numbers of handles, before "allocations" */
  try_goldens(ctx, argv[1], argc > 2 ? argv[2] : NULL);
  try_variable(ctx);
  try_sharing(ctx);
  try_gradients(ctx);
  try_many(ctx);
  try_descriptions(ctx);
  try_custom(ctx);
  try_states(ctx);
  try_cell_names(ctx);
  try_wrong_descriptions(ctx);
  try_sources(ctx);
  try_wrong_calls(ctx);
  horn_memory(ctx, &after);
  CHECK(strncmp(counts, after, strlen(counts)) == 0, "handles are left: %s, before %s", after, counts);
  free(counts);
  horn_context_release(ctx);
  return test_end();
}
