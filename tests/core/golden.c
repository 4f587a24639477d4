/* Reads the golden files. */
#define _POSIX_C_SOURCE 200809L /* scandir */
#include "golden.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"

static _Noreturn void stop(const char *path, const char *what) {
  fprintf(stderr, "%s: %s\n", path, what);
  exit(2);
}

static void *allocate(size_t count, size_t size) {
  void *block = calloc(count + 1, size);
  if (block == NULL) stop("memory", "used up");
  return block;
}

/* The bytes of a file with a NUL behind them; NULL where there is no such file. */
static void *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  if (fseek(file, 0, SEEK_END) != 0) stop(path, "cannot be read");
  long size = ftell(file);
  rewind(file);
  char *data = allocate((size_t)size, 1);
  if (size < 0 || fread(data, 1, (size_t)size, file) != (size_t)size) stop(path, "cannot be read");
  fclose(file);
  *length = (size_t)size;
  return data;
}

static const char *text_of(const char *path, const cJSON *json, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
  if (text == NULL) stop(path, key);
  return text;
}

static cJSON *parse_file(const char *path, char **text, size_t *length) {
  *text = read_file(path, length);
  cJSON *json = *text == NULL ? NULL : cJSON_ParseWithLength(*text, *length);
  if (json == NULL) stop(path, "is missing or not JSON");
  return json;
}

/* ---- the list of cases --------------------------------------------------------------------------------------------- */

/* Folders of layers have a capital; the others hold other things. */
static int is_layer(const struct dirent *entry) { return entry->d_name[0] >= 'A' && entry->d_name[0] <= 'Z' && strchr(entry->d_name, '.') == NULL; }

static int is_case(const struct dirent *entry) {
  const char *dot = strchr(entry->d_name, '.');
  return entry->d_name[0] == 'k' && dot != NULL && strcmp(dot, ".json") == 0;
}

static void add_case(cJSON *cases, const char *layer, const char *file) {
  cJSON *entry = cJSON_CreateObject();
  char name[300];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(file, "."), file);
  cJSON_AddStringToObject(entry, "layer", layer);
  cJSON_AddStringToObject(entry, "case", name);
  cJSON_AddItemToArray(cases, entry);
}

static void add_folder(cJSON *cases, const char *root, const char *layer) {
  char path[1000];
  struct dirent **files;
  snprintf(path, sizeof path, "%s/%s", root, layer);
  const int count = scandir(path, &files, is_case, alphasort);
  if (count <= 0) stop(path, "has no cases");
  for (int i = 0; i < count; i++) {
    add_case(cases, layer, files[i]->d_name);
    free(files[i]);
  }
  free(files);
}

cJSON *golden_index(const char *folder) {
  cJSON *cases = cJSON_CreateArray();
  struct dirent **layers;
  const int count = scandir(folder, &layers, is_layer, alphasort);
  if (count <= 0) stop(folder, "has no folders of cases");
  for (int i = 0; i < count; i++) {
    add_folder(cases, folder, layers[i]->d_name);
    free(layers[i]);
  }
  free(layers);
  return cases;
}

/* ---- one case ------------------------------------------------------------------------------------------------------- */

static horn_dtype dtype_of(const char *path, const char *name) {
  if (strcmp(name, "float32") == 0) return HORN_FLOAT32;
  if (strcmp(name, "string") == 0) return HORN_STRING;
  if (strcmp(name, "int32") != 0) stop(path, name);
  return HORN_INT32;
}

static void read_array(const char *path, const cJSON *json, golden_array *out) {
  const cJSON *dim;
  out->role = text_of(path, json, "role");
  out->name = text_of(path, json, "name");
  out->dtype = dtype_of(path, text_of(path, json, "dtype"));
  out->elements = 1;
  cJSON_ArrayForEach(dim, cJSON_GetObjectItemCaseSensitive(json, "shape")) {
    if (out->rank == HORN_MAX_RANK) stop(path, out->name);
    out->shape[out->rank++] = dim->valueint;
    out->elements *= (size_t)dim->valueint;
  }
}

/* Strings have a length each. */
static size_t bytes_of(const char *path, const golden_array *array, const unsigned char *data, size_t left) {
  size_t at = 0;
  if (array->dtype != HORN_STRING) return array->elements * 4;
  for (size_t i = 0; i < array->elements; i++) {
    if (left - at < 4) stop(path, array->name);
    const size_t length = (size_t)data[at] | (size_t)data[at + 1] << 8 | (size_t)data[at + 2] << 16 | (size_t)data[at + 3] << 24;
    if (length > left - at - 4) stop(path, array->name);
    at += 4 + length;
  }
  return at;
}

static void read_arrays(const char *path, golden_case *out, const cJSON *list, size_t io_bytes) {
  const cJSON *item;
  size_t at = 0;
  out->arrays = allocate((size_t)cJSON_GetArraySize(list), sizeof *out->arrays);
  cJSON_ArrayForEach(item, list) {
    golden_array *array = &out->arrays[out->count++];
    read_array(path, item, array);
    array->data = (const char *)out->io + at;
    array->bytes = bytes_of(path, array, array->data, io_bytes - at);
    at += array->bytes;
  }
  if (at != io_bytes) stop(path, "its arrays are not as long as its file of arrays");
}

void golden_read(const char *folder, const cJSON *entry, golden_case *out) {
  const char *name = text_of("the list of cases", entry, "case");
  char path[1000], part[1100];
  size_t io_bytes;
  *out = (golden_case){.layer = text_of("the list of cases", entry, "layer")};
  snprintf(out->title, sizeof out->title, "%s/%s", out->layer, name);
  snprintf(path, sizeof path, "%s/%s.json", folder, out->title);
  out->document = parse_file(path, &out->json, &out->json_length);
  const cJSON *golden = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(out->document, "userDefinedMetadata"), "golden");
  snprintf(part, sizeof part, "%s/%s.bin", folder, out->title);
  out->weights = read_file(part, &out->weight_bytes);
  snprintf(part, sizeof part, "%s/%s/%s", folder, out->layer, text_of(path, golden, "io"));
  out->io = read_file(part, &io_bytes);
  if (out->io == NULL) stop(part, "is missing");
  read_arrays(path, out, cJSON_GetObjectItemCaseSensitive(golden, "arrays"), io_bytes);
}

void golden_release(golden_case *golden) {
  cJSON_Delete(golden->document);
  free(golden->json);
  free(golden->weights);
  free(golden->io);
  free(golden->arrays);
}

const golden_array *golden_next(const golden_case *golden, const char *role, size_t *at) {
  while (*at < golden->count) {
    const golden_array *array = &golden->arrays[(*at)++];
    if (strcmp(array->role, role) == 0) return array;
  }
  return NULL;
}

double golden_element(horn_dtype dtype, const void *data, size_t i) {
  float real;
  int32_t whole;
  if (dtype == HORN_BOOL) return ((const unsigned char *)data)[i];
  memcpy(&real, (const char *)data + 4 * i, sizeof real); /* behind strings an array lies anywhere */
  memcpy(&whole, (const char *)data + 4 * i, sizeof whole);
  return dtype == HORN_FLOAT32 ? (double)real : whole;
}
