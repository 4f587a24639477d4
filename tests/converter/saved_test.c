/* Converts what real Kerases saved (tests/golden/files), and compares every weight, and what the model then predicts, with what Keras had.
 * usage: saved_test FOLDER [TEXT]: only files whose name contains TEXT */
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "files.h"
#include "test.h"
#include "tolerances.h"

enum { MAX_ENDS = 16 };

typedef struct record {
  const char *folder, *file;
  cJSON *json;
  char *io;
  horn_context *ctx;
  converted result;
  cJSON *document; /* model.json */
} record;

static const char *text_of(const cJSON *json, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
  return text == NULL ? "" : text;
}

static size_t elements_of(const cJSON *entry) {
  size_t count = 1;
  const cJSON *dim;
  cJSON_ArrayForEach(dim, cJSON_GetObjectItemCaseSensitive(entry, "shape")) count *= (size_t)dim->valuedouble;
  return count;
}

/* The recorded arrays lie one after the other, four bytes an element. The next with this role at or behind *at. */
static const cJSON *next_array(const record *r, const char *role, const cJSON **at, size_t *offset, const char **data) {
  for (; *at != NULL; *at = (*at)->next) {
    const cJSON *array = *at;
    *data = r->io + *offset;
    *offset += 4 * elements_of(array);
    if (strcmp(text_of(array, "role"), role) != 0) continue;
    *at = array->next;
    return array;
  }
  return NULL;
}

static const cJSON *first_array(const record *r) { return cJSON_GetObjectItemCaseSensitive(r->json, "arrays")->child; }

/* ---- weights ------------------------------------------------------------------------------------------------------------ */

static const cJSON *manifest(const record *r) {
  return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(r->document, "weightsManifest")->child, "weights");
}

/* Where the weight with this name lies among the shards' bytes; NULL: nowhere. */
static const char *find_weight(const record *r, const char *name, const cJSON **entry) {
  size_t offset = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, manifest(r)) {
    *entry = item;
    if (strcmp(text_of(item, "name"), name) == 0) return r->result.weights + offset;
    offset += 4 * elements_of(item);
  }
  return NULL;
}

static void check_weight(const record *r, const cJSON *expected, const char *data) {
  const char *name = text_of(expected, "name");
  const cJSON *entry = NULL;
  const char *found = find_weight(r, name, &entry);
  if (!CHECK(found != NULL, "%s: the weight %s is not there", r->file, name)) return;
  bool same = cJSON_Compare(cJSON_GetObjectItemCaseSensitive(expected, "shape"), cJSON_GetObjectItemCaseSensitive(entry, "shape"), 1);
  if (CHECK(same, "%s: the weight %s has another shape", r->file, name))
    CHECK(memcmp(found, data, 4 * elements_of(entry)) == 0, "%s: the weight %s has other numbers", r->file, name);
}

static void check_weights(const record *r) {
  const cJSON *at = first_array(r), *array, *item;
  size_t offset = 0;
  int count = 0;
  const char *data;
  for (; (array = next_array(r, "weight", &at, &offset, &data)) != NULL; count++) check_weight(r, array, data);
  int written = 0;
  cJSON_ArrayForEach(item, manifest(r)) written += cJSON_GetObjectItemCaseSensitive(item, "group") == NULL; /* the others are the optimizer's */
  CHECK(count == written, "%s: Keras had %d weights, the manifest has %d", r->file, count, written);
}

/* ---- predictions -------------------------------------------------------------------------------------------------------- */

static horn_status create_input(const record *r, const cJSON *array, const char *data, horn_tensor *out) {
  int32_t shape[HORN_MAX_RANK];
  size_t rank = 0;
  const cJSON *dim;
  cJSON_ArrayForEach(dim, cJSON_GetObjectItemCaseSensitive(array, "shape")) shape[rank++] = dim->valueint;
  horn_dtype dtype = strcmp(text_of(array, "dtype"), "int32") == 0 ? HORN_INT32 : HORN_FLOAT32;
  return horn_tensor_create(r->ctx, dtype, shape, rank, data, 4 * elements_of(array), out);
}

static void check_output(const record *r, const cJSON *array, const char *expected, horn_tensor output) {
  const void *data = NULL;
  size_t bytes = 0, count = elements_of(array), wrong = 0;
  (void)horn_tensor_data(r->ctx, output, &data, &bytes);
  if (!CHECK(bytes == 4 * count, "%s: output %s: %zu bytes instead of %zu", r->file, text_of(array, "name"), bytes, 4 * count)) return;
  for (size_t i = 0; i < count; i++) {
    float want;
    memcpy(&want, expected + 4 * i, sizeof want);
    wrong += !tolerance_agree("", HORN_FLOAT32, TOLERANCE_GOLDEN, ((const float *)data)[i], want);
  }
  CHECK(wrong == 0, "%s: output %s: %zu of %zu numbers differ", r->file, text_of(array, "name"), wrong, count);
}

static void check_predictions(const record *r, horn_model model) {
  horn_tensor in[MAX_ENDS], out[MAX_ENDS];
  size_t inputs = 0, outputs = 0, offset = 0;
  const cJSON *at = first_array(r), *array;
  const char *data;
  horn_status status = HORN_OK;
  while (status == HORN_OK && inputs < MAX_ENDS && (array = next_array(r, "input", &at, &offset, &data)) != NULL)
    status = create_input(r, array, data, &in[inputs++]);
  if (status == HORN_OK) status = horn_model_predict(r->ctx, model, in, inputs, out, MAX_ENDS, &outputs);
  if (!CHECK(status == HORN_OK, "%s: predict: %s", r->file, horn_last_error(r->ctx))) return;
  at = first_array(r);
  offset = 0;
  size_t compared = 0;
  for (; compared < outputs && (array = next_array(r, "output", &at, &offset, &data)) != NULL; compared++)
    check_output(r, array, data, out[compared]);
  CHECK(compared == outputs && compared > 0, "%s: %zu outputs, %zu recorded", r->file, outputs, compared);
}

/* ---- files ------------------------------------------------------------------------------------------------------------------ */

static void check_result(record *r) {
  horn_model model;
  const converted *result = &r->result;
  CHECK(result->json_last, "%s: model.json did not come last", r->file);
  r->document = cJSON_Parse(result->json);
  if (!CHECK(r->document != NULL, "%s: model.json is no JSON", r->file)) return;
  check_weights(r);
  horn_status status = horn_model_load(r->ctx, result->json, result->json_size, result->weights, result->weight_bytes, NULL, &model);
  if (CHECK(status == HORN_OK, "%s: load: %s", r->file, horn_last_error(r->ctx))) check_predictions(r, model);
}

/* Weights alone come with the topology that was written beside them. */
static bool weights_alone(const char *file) { return strstr(file, "weights") != NULL; }

static void check_file(record *r) {
  model_files model;
  horn_convert_options options = {0};
  char *topology = NULL;
  model_read(r->folder, r->file, &model);
  if (weights_alone(r->file)) {
    char name[200];
    snprintf(name, sizeof name, "%.*s.topology.json", (int)strcspn(r->file, "."), r->file);
    options.topology = topology = file_read(r->folder, name, &options.topology_size);
  }
  r->ctx = context_create(0);
  horn_status status = horn_convert(r->ctx, model.files, model.count, &options, gather, &r->result);
  if (CHECK(status == HORN_OK, "%s: %s", r->file, horn_last_error(r->ctx))) check_result(r);
  horn_context_release(r->ctx);
  cJSON_Delete(r->document);
  converted_release(&r->result);
  free(topology);
  model_release(&model);
}

static const char *filter = "";

static void check_record(const char *folder, const char *name, void *user) {
  size_t size;
  char *text = file_read(folder, name, &size);
  record r = {.folder = folder, .json = cJSON_Parse(text)};
  (void)user;
  if (!CHECK(r.json != NULL, "%s: no JSON", name)) exit(1);
  r.io = file_read(folder, text_of(r.json, "io"), &size);
  const cJSON *file;
  cJSON_ArrayForEach(file, cJSON_GetObjectItemCaseSensitive(r.json, "files")) {
    record one = r;
    one.file = file->valuestring;
    const char *end = strrchr(one.file, '.');
    bool model = strcmp(end, ".h5") == 0 || strcmp(end, ".keras") == 0 || strcmp(end, ".saved_model") == 0;
    if (model && strstr(one.file, filter) != NULL) check_file(&one);
  }
  cJSON_Delete(r.json);
  free(r.io);
  free(text);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (argc > 2) filter = argv[2];
  CHECK(each_file(argv[1], ".io.json", check_record, NULL) > 0, "%s: no files", argv[1]);
  return test_end();
}
