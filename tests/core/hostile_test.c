/* Models that are wrong, on purpose or not: each must be answered with an error that says who, what was expected and what came, and leave
 * the context as it was. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "test.h"

static const char dense[] = "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[{\"class_name\":\"Dense\",\"config\":"
                            "{\"name\":\"d\",\"units\":2,\"batch_input_shape\":[null,3]}}]}}";

/* ---- one load ------------------------------------------------------------------------------------------------------------------- */

/* Loads and expects this status and this text in the message, and the memory as before. */
static void refuse(horn_context *ctx, const char *what, const char *json, const void *weights, size_t bytes, horn_status expected, const char *text) {
  horn_model model;
  uint64_t before = ctx->bytes_in_use;
  horn_status status = horn_model_load(ctx, json, strlen(json), weights, bytes, NULL, &model);
  CHECK(status == expected, "%s: expected status %d, got %d: %s", what, (int)expected, (int)status, horn_last_error(ctx));
  CHECK(strstr(horn_last_error(ctx), text) != NULL, "%s: expected \"%s\" in the message, got: %s", what, text, horn_last_error(ctx));
  if (status == HORN_OK) horn_model_release(ctx, model);
  CHECK(ctx->bytes_in_use == before, "%s: %llu bytes leaked", what, (unsigned long long)(ctx->bytes_in_use - before));
}

/* ---- texts that are built ---------------------------------------------------------------------------------------------------------- */

/* `depth` Sequentials in one another. */
static void nested(horn__text *text, int depth) {
  for (int i = 0; i < depth; i++) horn__text_add(text, "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s%d\",\"layers\":[", i);
  horn__text_add(text, "{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":1,\"batch_input_shape\":[null,1]}}");
  for (int i = 0; i < depth; i++) horn__text_add(text, "]}}");
}

/* A Functional of an input and `count` ReLUs, each taking the one before; the first takes `first`. */
static void chain(horn__text *text, int count, const char *first) {
  horn__text_add(text, "{\"class_name\":\"Functional\",\"config\":{\"name\":\"f\",\"layers\":[{\"name\":\"in\",\"class_name\":\"InputLayer\","
                       "\"config\":{\"name\":\"in\",\"batch_input_shape\":[null,4]},\"inbound_nodes\":[]}");
  for (int i = 0; i < count; i++) {
    char before[32];
    snprintf(before, sizeof before, "r%d", i - 1);
    horn__text_add(text, ",{\"name\":\"r%d\",\"class_name\":\"ReLU\",\"config\":{\"name\":\"r%d\"},\"inbound_nodes\":[[[\"%s\",0,0,{}]]]}", i, i,
                   i == 0 ? first : before);
  }
  horn__text_add(text, "],\"input_layers\":[[\"in\",0,0]],\"output_layers\":[[\"r%d\",0,0]]}}", count - 1);
}

static void try_deep(horn_context *ctx) {
  horn__text text;
  horn__text_init(&text, ctx);
  nested(&text, 10000);
  refuse(ctx, "10,000 models in one another", text.data, NULL, 0, HORN_E_LIMIT, "nested deeper than");
  horn__text_release(&text);
  horn__text_init(&text, ctx);
  horn__text_add(&text, "{\"class_name\":");
  for (int i = 0; i < 100000; i++) horn__text_add(&text, "[");
  refuse(ctx, "100,000 brackets", text.data, NULL, 0, HORN_E_LIMIT, "nested deeper than");
  horn__text_release(&text);
}

static void try_cycles(horn_context *ctx) {
  horn__text text;
  horn__text_init(&text, ctx);
  chain(&text, 5, "r3");
  refuse(ctx, "a cycle", text.data, NULL, 0, HORN_E_FORMAT, "cycle");
  horn__text_release(&text);
  horn__text_init(&text, ctx);
  chain(&text, 5, "nobody");
  refuse(ctx, "a missing layer", text.data, NULL, 0, HORN_E_FORMAT, "\"nobody\"");
  horn__text_release(&text);
}

/* A chain of 5,000 layers is a model like any other. */
static void try_long(horn_context *ctx) {
  horn__text text;
  horn_model model;
  horn_tensor in, out;
  size_t count;
  static const float x[4] = {-1, 2, -3, 4};
  const int32_t shape[2] = {1, 4};
  float y[4];
  horn__text_init(&text, ctx);
  chain(&text, 5000, "in");
  horn_status status = horn_model_load(ctx, text.data, text.length, NULL, 0, NULL, &model);
  horn__text_release(&text);
  if (!CHECK(status == HORN_OK, "5,000 layers: %s", horn_last_error(ctx))) return;
  horn_tensor_create(ctx, HORN_FLOAT32, shape, 2, x, sizeof x, &in);
  status = horn_model_predict(ctx, model, &in, 1, &out, 1, &count);
  if (CHECK(status == HORN_OK, "5,000 layers: predict: %s", horn_last_error(ctx))) {
    horn_tensor_read(ctx, out, y, sizeof y);
    CHECK(y[0] == 0 && y[1] == 2 && y[2] == 0 && y[3] == 4, "5,000 layers: got %g %g %g %g", (double)y[0], (double)y[1], (double)y[2], (double)y[3]);
    horn_tensor_release(ctx, out);
  }
  horn_tensor_release(ctx, in);
  horn_model_release(ctx, model);
}

/* ---- weights ---------------------------------------------------------------------------------------------------------------------------- */

static void with_manifest(horn__text *text, const char *shape, const char *dtype) {
  horn__text_add(text, "{\"modelTopology\":%s,\"weightsManifest\":[{\"paths\":[\"w.bin\"],\"weights\":[{\"name\":\"d/kernel\",\"shape\":%s,"
                       "\"dtype\":\"%s\"},{\"name\":\"d/bias\",\"shape\":[2],\"dtype\":\"float32\"}]}]}", dense, shape, dtype);
}

static void try_weights(horn_context *ctx, const char *what, const char *shape, const char *dtype, size_t bytes, horn_status status, const char *message) {
  horn__text text;
  void *weights = calloc(1, bytes + 1);
  horn__text_init(&text, ctx);
  with_manifest(&text, shape, dtype);
  refuse(ctx, what, text.data, weights, bytes, status, message);
  horn__text_release(&text);
  free(weights);
}

/* TensorFlow.js saves a compiled model with its optimizer's state in the same manifest. */
static void try_optimizer_state(horn_context *ctx) {
  static const char json[] = "{\"modelTopology\":{\"class_name\":\"Sequential\",\"config\":{\"layers\":[{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\","
                             "\"units\":1,\"use_bias\":false,\"batch_input_shape\":[null,1]}}]}},\"weightsManifest\":[{\"paths\":[\"w\"],\"weights\":["
                             "{\"name\":\"d/kernel\",\"shape\":[1,1],\"dtype\":\"float32\",\"group\":\"model\"},"
                             "{\"name\":\"iter\",\"shape\":[],\"dtype\":\"int32\",\"group\":\"optimizer\"}]}]}";
  static const float weights[2] = {3, 0};
  horn_model model;
  horn_tensor kernel;
  float value = 0;
  if (!CHECK(horn_model_load(ctx, json, strlen(json), weights, sizeof weights, NULL, &model) == HORN_OK, "%s", horn_last_error(ctx))) return;
  horn_model_weight(ctx, model, 0, &kernel);
  horn_tensor_read(ctx, kernel, &value, sizeof value);
  CHECK(value == 3, "the kernel is %g", (double)value);
  horn_tensor_release(ctx, kernel);
  horn_model_release(ctx, model);
}

/* Strings among the weights have sizes of their own: what is behind them is found, and lengths are checked. */
static void try_string_weights(horn_context *ctx) {
  static const char json[] = "{\"modelTopology\":{\"class_name\":\"Sequential\",\"config\":{\"layers\":[{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\","
                             "\"units\":1,\"use_bias\":false,\"batch_input_shape\":[null,1]}}]}},\"weightsManifest\":[{\"paths\":[\"w\"],\"weights\":["
                             "{\"name\":\"words\",\"shape\":[2],\"dtype\":\"string\",\"group\":\"optimizer\"},"
                             "{\"name\":\"d/kernel\",\"shape\":[1,1],\"dtype\":\"float32\"}]}]}";
  static const unsigned char weights[] = {3, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 0, 0, 64, 64}; /* "abc", "", 3 */
  unsigned char longer[sizeof weights];
  horn_model model;
  horn_tensor kernel;
  float value = 0;
  if (!CHECK(horn_model_load(ctx, json, strlen(json), weights, sizeof weights, NULL, &model) == HORN_OK, "%s", horn_last_error(ctx))) return;
  horn_model_weight(ctx, model, 0, &kernel);
  horn_tensor_read(ctx, kernel, &value, sizeof value);
  CHECK(value == 3, "the kernel behind strings is %g", (double)value);
  horn_tensor_release(ctx, kernel);
  horn_model_release(ctx, model);
  memcpy(longer, weights, sizeof weights);
  for (size_t i = 0; i < 4; i++) longer[i] = 255;
  refuse(ctx, "a string beyond the end", json, longer, sizeof longer, HORN_E_FORMAT, "expected 2 elements of string");
  for (size_t n = 0; n < sizeof weights; n++) refuse(ctx, "strings that are cut", json, weights, n, HORN_E_FORMAT, "elements of");
}

static void try_all_weights(horn_context *ctx) {
  try_optimizer_state(ctx);
  try_string_weights(ctx);
  try_weights(ctx, "a kernel of strings", "[3,2]", "string", 32, HORN_E_DTYPE, "expected float32, got string");
  try_weights(ctx, "truncated weights", "[3,2]", "float32", 31, HORN_E_FORMAT, "expected 2 elements of float32");
  try_weights(ctx, "oversized weights", "[3,2]", "float32", 33, HORN_E_FORMAT, "describes 32 bytes, got 33");
  try_weights(ctx, "a kernel of another shape", "[2,3]", "float32", 32, HORN_E_SHAPE, "expected shape [3,2], got [2,3]");
  try_weights(ctx, "a kernel of another dtype", "[3,2]", "int32", 32, HORN_E_DTYPE, "expected float32, got int32");
  try_weights(ctx, "an unknown dtype", "[3,2]", "complex64", 32, HORN_E_UNSUPPORTED, "complex64");
  try_weights(ctx, "a shape that overflows", "[2147483647,2147483647,2147483647]", "float32", 32, HORN_E_FORMAT, "d/kernel");
  try_weights(ctx, "a negative dimension", "[-3,2]", "float32", 32, HORN_E_FORMAT, "d/kernel");
  try_weights(ctx, "a fraction as a dimension", "[1.5,2]", "float32", 32, HORN_E_FORMAT, "d/kernel");
  try_weights(ctx, "a shape of 9 dimensions", "[1,1,1,1,1,1,1,1,1]", "float32", 12, HORN_E_FORMAT, "at most 8");
}

/* ---- texts -------------------------------------------------------------------------------------------------------------------------------- */

typedef struct wrong_text {
  const char *what, *json;
  horn_status status;
  const char *message;
} wrong_text;

#define DENSE(config) "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\"," config "}}]}}"

static const wrong_text wrong_texts[] = {
    {"an empty text", "", HORN_E_FORMAT, "not JSON at byte 0 of 0"},
    {"HTML", "<!DOCTYPE html><html></html>", HORN_E_FORMAT, "not JSON"},
    {"half a text", "{\"class_name\":\"Seq", HORN_E_FORMAT, "does not end"},
    {"a duplicate key", "{\"class_name\":\"A\",\"class_name\":\"B\"}", HORN_E_FORMAT, "occurs twice"},
    {"no UTF-8", "{\"class_name\":\"\xff\"}", HORN_E_FORMAT, "UTF-8"},
    {"no model", "{\"a\":1}", HORN_E_FORMAT, "no layers model"},
    {"an unknown layer", "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[{\"class_name\":\"Magic\",\"config\":{\"name\":\"abra\"}}]}}",
     HORN_E_UNSUPPORTED, "\"abra\""},
    {"no units", DENSE("\"batch_input_shape\":[null,3]"), HORN_E_INVALID_ARGUMENT, "units is required"},
    {"units that are no number", DENSE("\"units\":\"many\",\"batch_input_shape\":[null,3]"), HORN_E_INVALID_ARGUMENT, "units must be an integer"},
    {"negative units", DENSE("\"units\":-2,\"batch_input_shape\":[null,3]"), HORN_E_INVALID_ARGUMENT, "units must be at least 1"},
    {"an activation that is none", DENSE("\"units\":2,\"activation\":\"wobble\",\"batch_input_shape\":[null,3]"), HORN_E_INVALID_ARGUMENT, "wobble"},
    {"an unknown last dimension", DENSE("\"units\":2,\"batch_input_shape\":[null,null]"), HORN_E_SHAPE, "must be known"},
    {"a huge kernel", DENSE("\"units\":2147483647,\"batch_input_shape\":[null,2147483647]"), HORN_E_LIMIT, "2^48"},
    {"no input shape", DENSE("\"units\":2"), HORN_E_FORMAT, "batch_input_shape"},
    {"nine dimensions", DENSE("\"units\":2,\"batch_input_shape\":[1,1,1,1,1,1,1,1,1]"), HORN_E_LIMIT, "8"},
};

/* A kernel of 2^40 bytes is described, but no bytes are there: nothing may be allocated for it. */
static void try_claim(horn_context *ctx) {
  static const char json[] = DENSE("\"units\":1048576,\"batch_input_shape\":[null,262144]");
  horn_model model;
  horn_tensor weight;
  uint64_t before = ctx->bytes_in_use;
  if (!CHECK(horn_model_load(ctx, json, strlen(json), NULL, 0, NULL, &model) == HORN_OK, "a large topology: %s", horn_last_error(ctx))) return;
  CHECK(ctx->bytes_in_use - before < 1 << 20, "a large topology allocated %llu bytes", (unsigned long long)(ctx->bytes_in_use - before));
  CHECK(horn_model_weight(ctx, model, 0, &weight) == HORN_E_OUT_OF_MEMORY, "a terabyte was allocated");
  horn_model_release(ctx, model);
}

/* ---- memory that runs out ------------------------------------------------------------------------------------------------------------- */

typedef struct failing {
  horn__allocator system;
  uint64_t calls, fail_at;
} failing;

static void *failing_alloc(void *user, size_t size) {
  failing *f = user;
  return ++f->calls >= f->fail_at ? NULL : f->system.alloc(f->system.user, size);
}

static void failing_release(void *user, void *block) {
  failing *f = user;
  f->system.release(f->system.user, block);
}

static horn_status load_and_predict(horn_context *ctx) {
  static const float x[3] = {1, 2, 3}, weights[8] = {1, 0, 0, 1, 1, 1, 0.5f, 0.25f};
  const int32_t shape[2] = {1, 3};
  horn__text text;
  horn_model model;
  horn_tensor in, out;
  size_t count;
  horn__text_init(&text, ctx);
  with_manifest(&text, "[3,2]", "float32");
  horn_status status = text.status;
  if (status == HORN_OK) status = horn_model_load(ctx, text.data, text.length, weights, sizeof weights, NULL, &model);
  horn__text_release(&text);
  HORN__TRY(status);
  status = horn_tensor_create(ctx, HORN_FLOAT32, shape, 2, x, sizeof x, &in);
  if (status == HORN_OK) {
    status = horn_model_predict(ctx, model, &in, 1, &out, 1, &count);
    if (status == HORN_OK) horn_tensor_release(ctx, out);
    horn_tensor_release(ctx, in);
  }
  horn_model_release(ctx, model);
  return status;
}

/* From the n-th on all allocations fail, for each n until none does: always an error, never a leak. */
static void try_failing_memory(horn_context *ctx) {
  failing f = {.system = ctx->allocator};
  load_and_predict(ctx); /* the table of handles has its size now */
  horn__free_spares(ctx);
  uint64_t before = ctx->bytes_in_use;
  ctx->allocator = (horn__allocator){failing_alloc, failing_release, &f};
  horn_status status = HORN_E_OUT_OF_MEMORY;
  for (uint64_t n = 1; status != HORN_OK && n < 1000; n++) {
    f.calls = 0;
    f.fail_at = n;
    status = load_and_predict(ctx);
    CHECK(status == HORN_OK || status == HORN_E_OUT_OF_MEMORY, "allocation %llu fails: status %d: %s", (unsigned long long)n, (int)status, horn_last_error(ctx));
    CHECK(ctx->bytes_in_use == before, "allocation %llu fails: %llu bytes leaked", (unsigned long long)n, (unsigned long long)(ctx->bytes_in_use - before));
    horn__free_spares(ctx);
  }
  CHECK(status == HORN_OK && f.fail_at > 10, "after %llu allocations: %s", (unsigned long long)f.fail_at, horn_last_error(ctx));
  ctx->allocator = f.system;
}

/* ---- handles -------------------------------------------------------------------------------------------------------------------------------- */

static void try_handles(horn_context *ctx) {
  const int32_t shape[1] = {2};
  horn_tensor tensor, copy;
  horn_model model;
  float values[2];
  CHECK(horn_tensor_create(ctx, HORN_FLOAT32, shape, 1, NULL, 0, &tensor) == HORN_OK, "%s", horn_last_error(ctx));
  CHECK(horn_tensor_read(ctx, tensor, values, 4) == HORN_E_INVALID_ARGUMENT, "4 bytes of 8 were read");
  CHECK(horn_model_release(ctx, tensor) == HORN_E_INVALID_ARGUMENT, "a tensor was released as a model");
  CHECK(horn_tensor_release(ctx, tensor) == HORN_OK, "%s", horn_last_error(ctx));
  CHECK(horn_tensor_release(ctx, tensor) == HORN_E_DISPOSED, "a tensor was released twice");
  CHECK(horn_tensor_create(ctx, HORN_FLOAT32, shape, 1, NULL, 0, &copy) == HORN_OK && copy != tensor, "the handle of a released tensor came again");
  CHECK(horn_tensor_read(ctx, tensor, values, 8) == HORN_E_DISPOSED, "a released tensor was read");
  horn_tensor_release(ctx, copy);
  for (int i = 0; i < 5000; i++) { /* as many as a slot has generations, and more */
    horn_tensor_create(ctx, HORN_FLOAT32, shape, 1, NULL, 0, &copy);
    horn_tensor_release(ctx, copy);
  }
  CHECK(horn_tensor_read(ctx, tensor, values, 8) == HORN_E_DISPOSED, "a released tensor came back after 5,000 others");
  CHECK(horn_model_load(ctx, dense, strlen(dense), NULL, 32, NULL, &model) == HORN_E_INVALID_ARGUMENT, "32 bytes of no weights");
  CHECK(horn_model_describe(ctx, 12345, (const char **)&values) == HORN_E_DISPOSED, "a model was made up");
  CHECK(horn_model_load(ctx, dense, strlen(dense), NULL, 0, NULL, &model) == HORN_OK, "%s", horn_last_error(ctx));
  horn_tensor out;
  size_t count;
  CHECK(horn_model_predict(ctx, model, NULL, 0, &out, 1, &count) == HORN_E_INVALID_ARGUMENT, "a prediction without inputs");
  horn_model_release(ctx, model);
}

int main(void) {
  horn_context *ctx;
  if (!CHECK(horn_context_create(NULL, &ctx) == HORN_OK, "%s", horn_last_error(ctx))) return test_end();
  for (size_t i = 0; i < sizeof wrong_texts / sizeof wrong_texts[0]; i++)
    refuse(ctx, wrong_texts[i].what, wrong_texts[i].json, NULL, 0, wrong_texts[i].status, wrong_texts[i].message);
  try_deep(ctx);
  try_cycles(ctx);
  try_long(ctx);
  try_all_weights(ctx);
  try_claim(ctx);
  try_failing_memory(ctx);
  try_handles(ctx);
  horn_context_release(ctx);
  CHECK(horn_context_create("{\"maxBytes\":1e300}", &ctx) == HORN_E_INVALID_ARGUMENT, "1e300 bytes were accepted");
  horn_context_release(ctx);
  CHECK(horn_context_create("{\"backend\":\"abacus\"}", &ctx) == HORN_E_NOT_FOUND, "a backend was made up");
  CHECK(strstr(horn_last_error(ctx), "abacus") != NULL, "%s", horn_last_error(ctx));
  horn_context_release(ctx);
  return test_end();
}
