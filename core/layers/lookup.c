/* StringLookup, IntegerLookup. Reference: keras/src/layers/preprocessing/index_lookup.py. */
#include "layers/lookup.h"

#include <string.h>

#include "cJSON.h"

const char *const horn__lookup_modes[] = {"int", "one_hot", "multi_hot|binary", "count", "tf_idf|tf-idf", NULL};

/* ---- vocabularies ---------------------------------------------------------------------------------------------------- */

static bool token_of(const cJSON *json, bool strings, horn__token *out) {
  int64_t number = 0;
  if (strings ? !cJSON_IsString(json) : !horn__json_int(json, INT32_MIN, INT32_MAX, &number)) return false;
  *out = (horn__token){strings ? json->valuestring : NULL, (int32_t)number};
  return true;
}

static bool same_token(const horn__token *a, const horn__token *b) {
  return a->text != NULL && b->text != NULL ? strcmp(a->text, b->text) == 0 : a->text == b->text && a->number == b->number;
}

/* Whether the list begins with the mask and the tokens that stand for others. */
static bool begins_with_specials(const horn__vocabulary *v, const cJSON *first) {
  for (int32_t i = 0; i < v->start; i++, first = first->next) {
    horn__token token;
    if (first == NULL || !token_of(first, v->strings, &token)) return false;
    if (!same_token(&token, i == 0 && v->masked && v->mode == HORN__LOOKUP_INT ? &v->mask : &v->oov)) return false;
  }
  return true;
}

static horn_status read_depth(const horn__layer *layer, const cJSON *max_tokens, horn__vocabulary *v) {
  int64_t most;
  v->depth = v->start + v->count;
  if (max_tokens == NULL) return HORN_OK;
  if (!horn__json_int(max_tokens, v->depth, INT32_MAX, &most))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "max_tokens must be at least the size of the vocabulary, %d", v->depth);
  v->depth = (int32_t)most;
  return HORN_OK;
}

horn_status horn__vocabulary_read(const horn__layer *layer, const cJSON *list, const cJSON *max_tokens, horn__vocabulary *v) {
  horn__token token;
  const cJSON *item;
  if (list == NULL)
    return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "its config has no vocabulary: a list must be given to the layer when it is made");
  if (!cJSON_IsArray(list)) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "a vocabulary in a file is not supported");
  v->start = v->oovs + (v->masked && v->mode == HORN__LOOKUP_INT ? 1 : 0);
  v->specials = begins_with_specials(v, list->child);
  v->first = list->child;
  v->count = cJSON_GetArraySize(list) - (v->specials ? v->start : 0);
  for (int32_t i = 0; v->specials && i < v->start; i++) v->first = v->first->next;
  if (cJSON_GetArraySize(list) == 0) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "Cannot set an empty vocabulary");
  for (item = v->first; item != NULL; item = item->next)
    if (!token_of(item, v->strings, &token))
      return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "its vocabulary must be a list of %s", v->strings ? "strings" : "integers");
  return read_depth(layer, max_tokens, v);
}

/* ---- constants of tokens ------------------------------------------------------------------------------------------------ */

typedef struct builder {
  horn__graph *graph;
  horn__tensor *tensor;
  size_t count;
} builder;

static bool start(builder *b, horn__graph *graph, horn_dtype dtype, int32_t count) {
  const horn__type type = {horn__shape_of(1, &count), dtype};
  *b = (builder){.graph = graph};
  if (graph->status == HORN_OK) graph->status = horn__tensor_create(graph->ctx, &type, true, &b->tensor);
  return graph->status == HORN_OK;
}

static void add_number(builder *b, int32_t number) { ((int32_t *)b->tensor->data)[b->count++] = number; }

static void add_token(builder *b, const horn__token *token) {
  if (token->text == NULL) {
    add_number(b, token->number);
    return;
  }
  uint32_t *out = (uint32_t *)b->tensor->data + b->count++;
  const horn_status status = horn__string_intern(b->graph->ctx, token->text, strlen(token->text), out);
  if (b->graph->status == HORN_OK) b->graph->status = status;
}

static void add_tokens(builder *b, const horn__vocabulary *v) {
  horn__token token;
  for (const cJSON *item = v->first; item != NULL; item = item->next)
    if (token_of(item, v->strings, &token)) add_token(b, &token);
}

static horn__value finish(builder *b) {
  const horn__value value = horn__graph_tensor(b->graph, b->tensor, HORN__CONSTANT);
  horn__tensor_release(b->graph->ctx, b->tensor);
  return value;
}

static horn_dtype dtype_of(const horn__vocabulary *v) { return v->strings ? HORN_STRING : HORN_INT32; }

horn__value horn__vocabulary_keys(horn__graph *graph, const horn__vocabulary *v, bool mask) {
  builder b;
  if (!start(&b, graph, dtype_of(v), v->count + (mask && v->masked ? 1 : 0))) return HORN__NONE;
  add_tokens(&b, v);
  if (mask && v->masked) add_token(&b, &v->mask);
  return finish(&b);
}

/* values[place + 1] of each x among keys; values[0] where it is not there. */
static horn__value look_up(horn__graph *graph, horn__value x, horn__value keys, horn__value values, bool required) {
  const horn__lookup_table attributes = {required};
  const horn__value place = HORN__EMIT(graph, LookupTable, &attributes, x, keys);
  return HORN__EMIT(graph, GatherV2, &(horn__gather){0}, values, horn__add(graph, place, horn__graph_scalar_of(graph, 1, HORN_INT32)));
}

enum { OTHER = -1, LEFT_OUT = -2 };

horn__value horn__vocabulary_look_up(horn__graph *graph, const horn__vocabulary *v, horn__value x) {
  builder b;
  const int32_t first_oov = v->start - v->oovs;
  if (!start(&b, graph, HORN_INT32, 1 + v->count + (v->masked ? 1 : 0))) return HORN__NONE;
  add_number(&b, v->oovs == 1 ? first_oov : OTHER);
  for (int32_t i = 0; i < v->count; i++) add_number(&b, v->start + i);
  if (v->masked) add_number(&b, v->mode == HORN__LOOKUP_INT ? 0 : LEFT_OUT);
  const horn__value values = finish(&b);
  return look_up(graph, x, horn__vocabulary_keys(graph, v, true), values, v->oovs == 0);
}

horn_status horn__vocabulary_weights(const horn__layer *layer, horn__graph *graph, const horn__vocabulary *v, const cJSON *list,
                                     horn__value *out) {
  builder b;
  double sum = 0;
  const int32_t given = v->count + (v->specials ? v->start : 0), before = v->specials ? 0 : v->start;
  const cJSON *item;
  if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) != given)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "idf_weights must be a list of %d numbers, one for each token of the vocabulary", given);
  cJSON_ArrayForEach(item, list) {
    if (!cJSON_IsNumber(item)) return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "idf_weights must be numbers");
    sum += item->valuedouble;
  }
  if (!start(&b, graph, HORN_FLOAT32, v->depth)) return graph->status;
  float *weights = b.tensor->data;
  for (int32_t i = 0; i < before; i++) *weights++ = (float)(sum / given);
  cJSON_ArrayForEach(item, list) *weights++ = (float)item->valuedouble;
  *out = finish(&b);
  return graph->status;
}

/* ---- the layers --------------------------------------------------------------------------------------------------------------- */

typedef struct lookup_config {
  const cJSON *max_tokens, *mask_token, *oov_token, *vocabulary, *idf_weights, *vocabulary_size, *salt;
  int32_t num_oov_indices, output_mode, oov_method;
  bool invert, pad_to_max_tokens, sparse, integer_output;
  const char *encoding, *vocabulary_dtype;
} lookup_config;

static const char *const oov_methods[] = {"floormod", "farmhash", NULL};

#define LOOKUP_ROWS(oov)                                                                                                     \
  HORN__JSON(lookup_config, max_tokens, NULL, "null"), HORN__INT(lookup_config, num_oov_indices, NULL, "1"),                  \
      HORN__JSON(lookup_config, mask_token, NULL, "null"), HORN__JSON(lookup_config, oov_token, NULL, oov),                   \
      HORN__JSON(lookup_config, vocabulary, NULL, "null"), HORN__JSON(lookup_config, idf_weights, NULL, "null"),              \
      HORN__BOOL(lookup_config, invert, NULL, "false"),                                                                      \
      HORN__ENUM(lookup_config, output_mode, horn__lookup_modes, NULL, "\"int\""),                                           \
      HORN__BOOL(lookup_config, sparse, NULL, "false"), HORN__BOOL(lookup_config, pad_to_max_tokens, NULL, "false"),          \
      HORN__JSON(lookup_config, vocabulary_size, NULL, "null"), HORN__OWN(lookup_config, integer_output),                    \
      HORN__ENUM(lookup_config, oov_method, oov_methods, NULL, "\"floormod\""), HORN__JSON(lookup_config, salt, NULL, "null")

static const horn__field string_rows[] = {LOOKUP_ROWS("\"[UNK]\""), HORN__TEXT(lookup_config, encoding, NULL, "\"utf-8\"")};
static const horn__field integer_rows[] = {LOOKUP_ROWS("-1"), HORN__TEXT(lookup_config, vocabulary_dtype, NULL, "\"int64\"")};

static horn_status check_config(const horn__layer *layer, const lookup_config *config) {
  if (config->sparse) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "sparse tensors are not supported");
  if (config->invert && config->output_mode != HORN__LOOKUP_INT)
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "output_mode must be int where invert is true");
  horn__ints key;
  if (!horn__read_salt(config->salt, &key))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "salt must be an integer or a list of two, within 32 bits");
  return horn__check_least(layer, "num_oov_indices", &config->num_oov_indices, 1, 0);
}

static horn_status create(horn__layer *layer, bool strings) {
  lookup_config *config = layer->config;
  horn__vocabulary *v = horn__arena_alloc(layer->arena, sizeof *v);
  if (v == NULL) return HORN_E_OUT_OF_MEMORY;
  layer->data = v;
  HORN__TRY(check_config(layer, config));
  if (layer->keras >= 3) config->integer_output = true;
  *v = (horn__vocabulary){.strings = strings, .masked = config->mask_token != NULL, .oovs = config->num_oov_indices, .mode = config->output_mode,
                          .oov = strings ? (horn__token){"[UNK]", 0} : (horn__token){NULL, -1}};
  if (v->masked && !token_of(config->mask_token, strings, &v->mask))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "mask_token must be %s", strings ? "a string" : "an integer");
  if (config->oov_token != NULL && !token_of(config->oov_token, strings, &v->oov))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "oov_token must be %s", strings ? "a string" : "an integer");
  return horn__vocabulary_read(layer, config->vocabulary, config->pad_to_max_tokens ? config->max_tokens : NULL, v);
}

static horn_status string_create(horn__layer *layer) { return create(layer, true); }
static horn_status integer_create(horn__layer *layer) { return create(layer, false); }

/* The token with each index: the mask at 0, tokens from `start` on, the one for others elsewhere. */
static horn__value inverted(horn__graph *graph, const horn__vocabulary *v, horn__value x) {
  builder b;
  if (!start(&b, graph, HORN_INT32, v->count + (v->masked ? 1 : 0))) return HORN__NONE;
  for (int32_t i = 0; i < v->count; i++) add_number(&b, v->start + i);
  if (v->masked) add_number(&b, 0);
  const horn__value keys = finish(&b);
  if (!start(&b, graph, dtype_of(v), 1 + v->count + (v->masked ? 1 : 0))) return HORN__NONE;
  add_token(&b, &v->oov);
  add_tokens(&b, v);
  if (v->masked) add_token(&b, &v->mask);
  return look_up(graph, x, keys, finish(&b), false);
}

/* Tokens that are not in the vocabulary share a few indices by their hash. */
static horn__value spread(horn__call *call, const horn__vocabulary *v, horn__value x, horn__value indices) {
  const lookup_config *config = call->config;
  horn__graph *graph = call->graph;
  horn__hash_buckets buckets = {v->oovs, {.count = -1}};
  horn__value hash;
  horn__read_salt(config->salt, &buckets.key);
  if (!v->strings && config->oov_method == 0) {
    hash = HORN__EMIT(graph, Mod, NULL, x, horn__graph_scalar_of(graph, v->oovs, HORN_INT32));
  } else {
    hash = HORN__EMIT(graph, StringToHashBucketFast, &buckets, v->strings ? x : HORN__EMIT(graph, AsString, NULL, x));
  }
  hash = horn__add(graph, hash, horn__graph_scalar_of(graph, v->start - v->oovs, HORN_INT32));
  return horn__select(graph, HORN__EMIT(graph, Equal, NULL, indices, horn__graph_scalar_of(graph, OTHER, HORN_INT32)), hash, indices);
}

static horn_status encoded(horn__call *call, const horn__vocabulary *v, horn__value indices) {
  static const horn__encoding encodings[] = {HORN__ENCODE_INT, HORN__ENCODE_ONE_HOT, HORN__ENCODE_MULTI_HOT, HORN__ENCODE_COUNT, HORN__ENCODE_COUNT};
  const lookup_config *config = call->config;
  horn__value y = horn__encode(call->graph, indices, encodings[v->mode], v->depth, HORN__NONE), weights;
  if (v->mode == HORN__LOOKUP_TF_IDF) {
    HORN__TRY(horn__vocabulary_weights(call->layer, call->graph, v, config->idf_weights, &weights));
    y = horn__mul(call->graph, y, weights);
  } else if (config->integer_output) {
    y = horn__as_int(call->graph, y);
  }
  return horn__return(call, y);
}

static horn_status lookup_call(horn__call *call) {
  const lookup_config *config = call->config;
  const horn__vocabulary *v = call->layer->data;
  const horn_dtype dtype = horn__call_type(call, 0)->dtype;
  horn__value x = call->in[0].value;
  if (v->strings && !config->invert && dtype != HORN_STRING)
    return horn__layer_fail(call->layer, HORN_E_DTYPE, "expected an input of strings, got %s", horn__dtype_name(dtype));
  if (!v->strings || config->invert) x = horn__as_int(call->graph, x);
  if (config->invert) return horn__return(call, inverted(call->graph, v, x));
  horn__value indices = horn__vocabulary_look_up(call->graph, v, x);
  if (v->oovs > 1) indices = spread(call, v, x, indices);
  return encoded(call, v, indices);
}

const horn__layer_class horn__layer_StringLookup = {
    .name = "StringLookup", .since_keras3 = "oov_method|salt", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(lookup_config, string_rows),
    .create = string_create, .call = lookup_call};
const horn__layer_class horn__layer_IntegerLookup = {
    .name = "IntegerLookup", .since_keras3 = "oov_method|salt", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(lookup_config, integer_rows),
    .create = integer_create, .call = lookup_call};
