/* Keras 1 layers as Keras 2 writes them: names, values and the few things that became several or one. Doing it twice changes nothing more.
 * Reference: Keras 2's keras/legacy/interfaces.py and keras/engine/topology.py. */
#include <string.h>

#include "cJSON.h"
#include "layers/layer.h"

typedef struct rename {
  const char *type;     /* of the layer, in Keras 2; NULL: any */
  const char *before, *now;
} rename;

static const rename classes[] = {
    {NULL, "Convolution1D", "Conv1D"},
    {NULL, "AtrousConvolution1D", "Conv1D"},
    {NULL, "Convolution2D", "Conv2D"},
    {NULL, "Convolution3D", "Conv3D"},
    {NULL, "AtrousConvolution2D", "Conv2D"},
    {NULL, "SeparableConvolution2D", "SeparableConv2D"},
};

/* Keys of a config; the first row that fits is taken. */
static const rename keys[] = {
    {"Embedding", "output_dim", "output_dim"},
    {"Embedding", "init", "embeddings_initializer"},
    {"Embedding", "W_regularizer", "embeddings_regularizer"},
    {"Embedding", "W_constraint", "embeddings_constraint"},
    {"SeparableConv2D", "init", "depthwise_initializer"},
    {NULL, "output_dim", "units"},
    {NULL, "init", "kernel_initializer"},
    {NULL, "inner_init", "recurrent_initializer"},
    {NULL, "beta_init", "beta_initializer"},
    {NULL, "gamma_init", "gamma_initializer"},
    {NULL, "W_regularizer", "kernel_regularizer"},
    {NULL, "U_regularizer", "recurrent_regularizer"},
    {NULL, "b_regularizer", "bias_regularizer"},
    {NULL, "W_constraint", "kernel_constraint"},
    {NULL, "b_constraint", "bias_constraint"},
    {NULL, "inner_activation", "recurrent_activation"},
    {NULL, "dropout_W", "dropout"},
    {NULL, "dropout_U", "recurrent_dropout"},
    {NULL, "bias", "use_bias"},
    {NULL, "p", "rate"},
    {NULL, "nb_filter", "filters"},
    {NULL, "filter_length", "kernel_size"},
    {NULL, "pool_length", "pool_size"},
    {NULL, "subsample", "strides"},
    {NULL, "subsample_length", "strides"},
    {NULL, "stride", "strides"},
    {NULL, "border_mode", "padding"},
    {NULL, "dim_ordering", "data_format"},
    {NULL, "atrous_rate", "dilation_rate"},
    {NULL, "input_dtype", "dtype"},
    {"UpSampling1D", "length", "size"},
};

/* Text values of keys that end with `type`. */
static const rename values[] = {
    {"data_format", "tf", "channels_last"},      {"data_format", "th", "channels_first"},
    {"_initializer", "zero", "zeros"},           {"_initializer", "one", "ones"},
    {"_initializer", "normal", "random_normal"}, {"_initializer", "uniform", "random_uniform"},
};

static horn_status no_memory(horn_context *ctx) { return horn__fail(ctx, HORN_E_OUT_OF_MEMORY, "keras 1 config: no memory"); }

/* Puts item, which the object then owns, under key in place of what is there. */
static horn_status put(horn_context *ctx, cJSON *object, const char *key, cJSON *item) {
  cJSON_DeleteItemFromObjectCaseSensitive(object, key);
  if (item != NULL && cJSON_AddItemToObject(object, key, item)) return HORN_OK;
  cJSON_Delete(item);
  return no_memory(ctx);
}

static const char *new_key(const char *type, const char *key) {
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (strcmp(keys[i].before, key) == 0 && (keys[i].type == NULL || strcmp(keys[i].type, type) == 0)) return keys[i].now;
  return key;
}

/* A key whose new form is there already stays as it is, ignored. */
static horn_status rename_keys(horn_context *ctx, const char *type, cJSON *config) {
  for (cJSON *item = config->child, *next; item != NULL; item = next) {
    next = item->next;
    const char *now = new_key(type, item->string);
    if (strcmp(now, item->string) == 0 || cJSON_GetObjectItemCaseSensitive(config, now) != NULL) continue;
    HORN__TRY(put(ctx, config, now, cJSON_DetachItemViaPointer(config, item)));
  }
  return HORN_OK;
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static horn_status rename_values(horn_context *ctx, cJSON *config) {
  cJSON *item;
  cJSON_ArrayForEach(item, config) {
    for (size_t i = 0; cJSON_IsString(item) && i < sizeof values / sizeof values[0]; i++) {
      if (!ends_with(item->string, values[i].type) || strcmp(item->valuestring, values[i].before) != 0) continue;
      if (cJSON_SetValuestring(item, values[i].now) == NULL) return no_memory(ctx);
    }
  }
  return HORN_OK;
}

/* [first, second], both taken out of the object they are in. */
static cJSON *pair(cJSON *parent, cJSON *first, cJSON *second) {
  cJSON *array = cJSON_CreateArray();
  if (array == NULL) return NULL;
  cJSON_AddItemToArray(array, cJSON_DetachItemViaPointer(parent, first));
  cJSON_AddItemToArray(array, cJSON_DetachItemViaPointer(parent, second));
  return array;
}

/* nb_row, nb_col -> kernel_size. */
static horn_status join_kernel_size(horn_context *ctx, cJSON *config) {
  cJSON *rows = cJSON_GetObjectItemCaseSensitive(config, "nb_row"), *columns = cJSON_GetObjectItemCaseSensitive(config, "nb_col");
  return rows == NULL || columns == NULL ? HORN_OK : put(ctx, config, "kernel_size", pair(config, rows, columns));
}

/* ZeroPadding2D: [top, bottom, left, right] -> [[top, bottom], [left, right]]. */
static horn_status pair_padding(horn_context *ctx, cJSON *config) {
  cJSON *padding = cJSON_GetObjectItemCaseSensitive(config, "padding");
  if (!cJSON_IsArray(padding) || cJSON_GetArraySize(padding) != 4) return HORN_OK;
  for (int i = 0; i < 2; i++) {
    cJSON *first = cJSON_GetArrayItem(padding, i); /* the pairs made so far come before it */
    cJSON *both = cJSON_CreateArray();
    if (both == NULL || !cJSON_InsertItemInArray(padding, i, both)) {
      cJSON_Delete(both);
      return no_memory(ctx);
    }
    cJSON *second = first->next;
    cJSON_AddItemToArray(both, cJSON_DetachItemViaPointer(padding, first));
    cJSON_AddItemToArray(both, cJSON_DetachItemViaPointer(padding, second));
  }
  return HORN_OK;
}

/* forget_bias_init: "one" -> unit_forget_bias: true. */
static horn_status forget_bias(horn_context *ctx, cJSON *config) {
  const char *initializer = horn__json_text(config, "forget_bias_init");
  if (initializer == NULL) return HORN_OK;
  return put(ctx, config, "unit_forget_bias", cJSON_CreateBool(strcmp(initializer, "one") == 0));
}

static horn_status check_mode(horn_context *ctx, const cJSON *config) {
  int64_t mode = 0;
  const cJSON *json = horn__json_get(config, "mode");
  if (json == NULL || (horn__json_int(json, 0, 2, &mode) && mode == 0)) return HORN_OK;
  const char *name = horn__json_text(config, "name");
  return horn__fail(ctx, HORN_E_UNSUPPORTED, "BatchNormalization \"%.100s\": only mode 0 of Keras 1 is supported", name == NULL ? "?" : name);
}

/* Merge with a mode -> the layer of that mode. */
static horn_status upgrade_merge(horn_context *ctx, cJSON *layer, cJSON *config) {
  static const rename modes[] = {{NULL, "sum", "Add"}, {NULL, "concat", "Concatenate"}};
  const char *mode = horn__json_text(config, "mode"), *name = horn__json_text(config, "name"), *type = NULL;
  for (size_t i = 0; mode != NULL && i < sizeof modes / sizeof modes[0]; i++)
    if (strcmp(modes[i].before, mode) == 0) type = modes[i].now;
  if (type == NULL || horn__json_get(config, "layers") != NULL)
    return horn__fail(ctx, HORN_E_UNSUPPORTED, "Merge \"%.100s\": only sum and concat of a Model's layers are supported, got mode %.100s",
                      name == NULL ? "?" : name, mode == NULL ? "?" : mode);
  cJSON *axis = cJSON_DetachItemFromObjectCaseSensitive(config, "concat_axis");
  if (axis != NULL) HORN__TRY(put(ctx, config, "axis", axis));
  return put(ctx, layer, "class_name", cJSON_CreateString(type));
}

static horn_status rename_class(horn_context *ctx, cJSON *layer) {
  const char *type = horn__json_text(layer, "class_name");
  for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
    if (strcmp(classes[i].before, type) == 0) return put(ctx, layer, "class_name", cJSON_CreateString(classes[i].now));
  return HORN_OK;
}

horn_status horn__keras1_upgrade(horn_context *ctx, cJSON *layer) {
  cJSON *config = cJSON_GetObjectItemCaseSensitive(layer, "config");
  if (!cJSON_IsObject(config) || horn__json_text(layer, "class_name") == NULL) return HORN_OK;
  HORN__TRY(rename_class(ctx, layer));
  if (strcmp(horn__json_text(layer, "class_name"), "Merge") == 0) HORN__TRY(upgrade_merge(ctx, layer, config));
  const char *type = horn__json_text(layer, "class_name");
  HORN__TRY(rename_keys(ctx, type, config));
  HORN__TRY(rename_values(ctx, config));
  HORN__TRY(join_kernel_size(ctx, config));
  HORN__TRY(forget_bias(ctx, config));
  if (strcmp(type, "ZeroPadding2D") == 0) HORN__TRY(pair_padding(ctx, config));
  return strcmp(type, "BatchNormalization") == 0 ? check_mode(ctx, config) : HORN_OK;
}
