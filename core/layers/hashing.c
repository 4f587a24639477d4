/* Hashing, HashedCrossing. Reference: keras/src/layers/preprocessing/{hashing,hashed_crossing}.py. */
#include "cJSON.h"
#include "layers/encode.h"

/* ---- Hashing ---------------------------------------------------------------------------------------------------------- */

typedef struct hashing_config {
  int32_t num_bins, output_mode;
  const cJSON *mask_value, *salt;
  bool sparse;
} hashing_config;

static const char *const hashing_modes[] = {"int", "one_hot", "multi_hot|binary", "count", NULL};
static const horn__encoding encodings[] = {HORN__ENCODE_INT, HORN__ENCODE_ONE_HOT, HORN__ENCODE_MULTI_HOT, HORN__ENCODE_COUNT};

static const horn__field hashing_rows[] = {
    HORN__INT(hashing_config, num_bins, NULL, NULL),
    HORN__JSON(hashing_config, salt, NULL, "null"),
    HORN__JSON(hashing_config, mask_value, NULL, "null"),
    HORN__ENUM(hashing_config, output_mode, hashing_modes, NULL, "\"int\""),
    HORN__BOOL(hashing_config, sparse, NULL, "false"),
};

bool horn__read_salt(const cJSON *json, horn__ints *out) {
  int64_t numbers[2];
  const bool pair = cJSON_GetArraySize(json) == 2;
  *out = (horn__ints){.count = -1};
  if (json == NULL) return true;
  const cJSON *first = pair ? json->child : json, *second = pair ? json->child->next : json;
  if (!horn__json_int(first, INT32_MIN, INT32_MAX, &numbers[0]) || !horn__json_int(second, INT32_MIN, INT32_MAX, &numbers[1])) return false;
  *out = (horn__ints){2, {(int32_t)numbers[0], (int32_t)numbers[1]}};
  return true;
}

static horn_status hashing_create(horn__layer *layer) {
  const hashing_config *config = layer->config;
  horn__ints key;
  if (config->sparse) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "sparse tensors are not supported");
  if (!horn__read_salt(config->salt, &key))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "salt must be an integer or a list of two, within 32 bits");
  return horn__check_least(layer, "num_bins", &config->num_bins, 1, 1);
}

/* Bin 0 is that of the mask, where there is one. */
static horn_status masked(horn__call *call, horn__value bins, horn__value *out) {
  const cJSON *mask = ((const hashing_config *)call->config)->mask_value;
  horn__graph *graph = call->graph;
  const horn_dtype dtype = horn__call_type(call, 0)->dtype;
  if (dtype == HORN_STRING ? !cJSON_IsString(mask) : !cJSON_IsNumber(mask))
    return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "mask_value must be of the input's type, %s", horn__dtype_name(dtype));
  const horn__value value = dtype == HORN_STRING
      ? horn__graph_string(graph, mask->valuestring) : horn__graph_scalar_of(graph, mask->valuedouble, dtype);
  const horn__value one = horn__graph_scalar_of(graph, 1, HORN_INT32), zero = horn__graph_scalar_of(graph, 0, HORN_INT32);
  *out = horn__select(graph, HORN__EMIT(graph, Equal, NULL, call->in[0].value, value), zero, horn__add(graph, bins, one));
  return graph->status;
}

static horn_status hashing_call(horn__call *call) {
  const hashing_config *config = call->config;
  const bool has_mask = config->mask_value != NULL && config->num_bins > 1;
  horn__graph *graph = call->graph;
  horn__hash_buckets buckets = {.num_buckets = config->num_bins - (has_mask ? 1 : 0)};
  horn__value x = call->in[0].value;
  horn__read_salt(config->salt, &buckets.key);
  if (horn__call_type(call, 0)->dtype != HORN_STRING) x = HORN__EMIT(graph, AsString, NULL, horn__as_int(graph, x));
  horn__value bins = HORN__EMIT(graph, StringToHashBucketFast, &buckets, x);
  if (has_mask) HORN__TRY(masked(call, bins, &bins));
  const horn__encoding mode = encodings[config->output_mode];
  return horn__return(call, horn__as_layer_dtype(call, horn__encode(graph, bins, mode, config->num_bins, HORN__NONE)));
}

const horn__layer_class horn__layer_Hashing = {
    .name = "Hashing", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(hashing_config, hashing_rows),
    .create = hashing_create, .call = hashing_call};

/* ---- HashedCrossing ----------------------------------------------------------------------------------------------------------- */

typedef struct crossing_config {
  int32_t num_bins, output_mode;
  bool sparse;
} crossing_config;

static const char *const crossing_modes[] = {"int", "one_hot", NULL};
static const horn__field crossing_rows[] = {
    HORN__INT(crossing_config, num_bins, NULL, NULL),
    HORN__ENUM(crossing_config, output_mode, crossing_modes, NULL, "\"int\""),
    HORN__BOOL(crossing_config, sparse, NULL, "false"),
};

static horn_status crossing_create(horn__layer *layer) {
  const crossing_config *config = layer->config;
  if (config->sparse) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "sparse tensors are not supported");
  return horn__check_least(layer, "num_bins", &config->num_bins, 1, 1);
}

static horn_status crossing_call(horn__call *call) {
  const crossing_config *config = call->config;
  const horn__hash_buckets buckets = {config->num_bins, {.count = -1}};
  horn__value in[HORN__MAX_INPUTS];
  for (int32_t i = 0; i < call->count; i++) {
    const bool strings = horn__call_type(call, i)->dtype == HORN_STRING;
    in[i] = strings ? call->in[i].value : horn__as_int(call->graph, call->in[i].value);
  }
  const horn__value bins = horn__emit(call->graph, &horn__op_HashCross, &buckets, in, call->count);
  const horn__value y = horn__encode(call->graph, bins, encodings[config->output_mode], config->num_bins, HORN__NONE);
  return horn__return(call, horn__as_layer_dtype(call, y));
}

const horn__layer_class horn__layer_HashedCrossing = {
    .name = "HashedCrossing", .min_inputs = 2, .max_inputs = HORN__MAX_INPUTS, .config = HORN__FIELDS(crossing_config, crossing_rows),
    .create = crossing_create, .call = crossing_call};
