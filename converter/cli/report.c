/* The description of a model as a page of text. */
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

#include "cJSON.h"

static const char *text_of(const cJSON *json, const char *key, const char *absent) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
  return text == NULL ? absent : text;
}

static double number_of(const cJSON *json, const char *key) {
  const cJSON *number = cJSON_GetObjectItemCaseSensitive(json, key);
  return cJSON_IsNumber(number) ? number->valuedouble : 0;
}

/* "[null, 28, 28, 1]" into out. */
static void write_shape(const cJSON *shape, char *out, size_t size) {
  size_t at = 0;
  const cJSON *dim;
  cJSON_ArrayForEach(dim, shape) {
    const char *before = dim == shape->child ? "[" : ", ";
    int n = cJSON_IsNumber(dim) ? snprintf(out + at, size - at, "%s%.0f", before, dim->valuedouble) : snprintf(out + at, size - at, "%snull", before);
    if (n < 0 || (size_t)n >= size - at) return;
    at += (size_t)n;
  }
  snprintf(out + at, size - at, at == 0 ? "[]" : "]");
}

static void print_layers(const cJSON *layers) {
  const cJSON *layer;
  printf("\n%-32s %-24s %-28s %12s\n", "Layer", "Class", "Output", "Parameters");
  cJSON_ArrayForEach(layer, layers) {
    char shape[128] = "";
    const cJSON *shapes = cJSON_GetObjectItemCaseSensitive(layer, "outputShapes");
    if (cJSON_GetArraySize(shapes) > 0) write_shape(shapes->child, shape, sizeof shape);
    printf("%-32s %-24s %-28s %12.0f\n", text_of(layer, "name", ""), text_of(layer, "className", ""), shape, number_of(layer, "parameters"));
  }
}

static void print_unsupported(const cJSON *list) {
  const cJSON *layer;
  if (cJSON_GetArraySize(list) == 0) return;
  puts("\nLayers that are not known:");
  cJSON_ArrayForEach(layer, list) printf("  %s \"%s\"\n", text_of(layer, "className", "?"), text_of(layer, "name", ""));
}

void cli_report(const char *path, const char *json) {
  cJSON *root = cJSON_Parse(json);
  printf("File        %s\nFormat      %s\nProducer    Keras %s", path, text_of(root, "format", "?"), text_of(root, "kerasVersion", "?"));
  if (strcmp(text_of(root, "backend", ""), "") != 0) printf(" (%s)", text_of(root, "backend", ""));
  const cJSON *layers = cJSON_GetObjectItemCaseSensitive(root, "layers");
  if (layers != NULL) {
    printf("\nModel       %s \"%s\"\nParameters  %.0f, of which %.0f are trainable", text_of(root, "className", "?"), text_of(root, "name", ""),
           number_of(root, "parameters"), number_of(root, "trainableParameters"));
  }
  printf("\nConverts    %s\n", cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "supported")) ? "yes" : "no");
  if (text_of(root, "reason", "")[0] != '\0') printf("Reason      %s\n", text_of(root, "reason", ""));
  if (layers != NULL) print_layers(layers);
  print_unsupported(cJSON_GetObjectItemCaseSensitive(root, "unsupported"));
  cJSON_Delete(root);
}
