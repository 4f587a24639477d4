/* TextVectorization: texts to indices or counts of their tokens. Reference: keras/src/layers/preprocessing/text_vectorization.py. */
#include "cJSON.h"
#include "layers/lookup.h"

typedef struct text_config {
  const cJSON *max_tokens, *ngrams, *vocabulary, *idf_weights, *vocabulary_size, *output_sequence_length;
  int32_t standardize, split, output_mode;
  bool pad_to_max_tokens, sparse, ragged, integer_output;
  const char *encoding;
} text_config;

enum { NOTHING, LOWER_AND_STRIP, LOWER, STRIP };
static const char *const standards[] = {"null", "lower_and_strip_punctuation", "lower", "strip_punctuation", NULL};
static const char *const splits[] = {"null", "whitespace", "character", NULL};

static const horn__field text_rows[] = {
    HORN__JSON(text_config, max_tokens, NULL, "null"),
    HORN__ENUM(text_config, standardize, standards, NULL, "\"lower_and_strip_punctuation\""),
    HORN__ENUM(text_config, split, splits, NULL, "\"whitespace\""),
    HORN__JSON(text_config, ngrams, NULL, "null"),
    HORN__ENUM(text_config, output_mode, horn__lookup_modes, NULL, "\"int\""),
    HORN__JSON(text_config, output_sequence_length, NULL, "null"),
    HORN__BOOL(text_config, pad_to_max_tokens, NULL, "false"),
    HORN__BOOL(text_config, sparse, NULL, "false"),
    HORN__BOOL(text_config, ragged, NULL, "false"),
    HORN__JSON(text_config, vocabulary, NULL, "null"),
    HORN__JSON(text_config, idf_weights, NULL, "null"),
    HORN__TEXT(text_config, encoding, NULL, "\"utf-8\""),
    HORN__JSON(text_config, vocabulary_size, NULL, "null"),
    HORN__OWN(text_config, integer_output),
};

/* layer->data */
typedef struct text_data {
  horn__vocabulary vocabulary;
  horn__tokens tokens;
} text_data;

/* A number n is 1 to n, a list is itself. */
static bool read_ngrams(const cJSON *json, horn__ints *out) {
  const int32_t room = (int32_t)(sizeof out->values / sizeof out->values[0]);
  int64_t number;
  *out = (horn__ints){.count = -1};
  if (json == NULL) return true;
  out->count = 0;
  if (cJSON_IsNumber(json)) {
    if (!horn__json_int(json, 1, room, &number)) return false;
    for (int32_t i = 1; i <= number; i++) out->values[out->count++] = i;
    return true;
  }
  if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) > room) return false;
  for (const cJSON *item = json->child; item != NULL; item = item->next) {
    if (!horn__json_int(item, 1, INT32_MAX, &number)) return false;
    out->values[out->count++] = (int32_t)number;
  }
  return true;
}

/* How many tokens a row of the result has, in the output mode int. */
static horn_status read_length(const horn__layer *layer, const text_config *config, int32_t *out) {
  int64_t length = 1;
  if (config->output_sequence_length == NULL && config->split != 0)
    return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "output_sequence_length must be given with the output mode int: "
                                                       "shapes of results follow from shapes of inputs");
  if (config->output_sequence_length != NULL && !horn__json_int(config->output_sequence_length, 0, INT32_MAX, &length))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "output_sequence_length must be an integer");
  *out = (int32_t)length;
  return HORN_OK;
}

static horn_status check_config(const horn__layer *layer, const text_config *config) {
  if (config->sparse || config->ragged) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "sparse and ragged tensors are not supported");
  if (config->output_mode == HORN__LOOKUP_ONE_HOT) return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "the output mode one_hot is not supported");
  return HORN_OK;
}

static horn_status text_create(horn__layer *layer) {
  text_config *config = layer->config;
  text_data *data = horn__arena_alloc(layer->arena, sizeof *data);
  if (data == NULL) return HORN_E_OUT_OF_MEMORY;
  layer->data = data;
  HORN__TRY(check_config(layer, config));
  if (layer->keras >= 3) config->integer_output = true;
  data->vocabulary = (horn__vocabulary){.strings = true, .masked = true, .mask = {"", 0},
                                      .oov = {"[UNK]", 0}, .oovs = 1, .mode = config->output_mode};
  data->tokens = (horn__tokens){.split = config->split, .binary_output = config->output_mode == HORN__LOOKUP_MULTI_HOT};
  if (!read_ngrams(config->ngrams, &data->tokens.ngrams))
    return horn__layer_fail(layer, HORN_E_INVALID_ARGUMENT, "ngrams must be a small positive integer or a list of a few");
  if (config->output_mode == HORN__LOOKUP_INT) HORN__TRY(read_length(layer, config, &data->tokens.length));
  const cJSON *most = config->pad_to_max_tokens ? config->max_tokens : NULL;
  HORN__TRY(horn__vocabulary_read(layer, config->vocabulary, most, &data->vocabulary));
  data->tokens.size = data->vocabulary.depth;
  return HORN_OK;
}

static horn__value standardized(horn__graph *graph, int32_t standard, horn__value x) {
  if (standard == LOWER || standard == LOWER_AND_STRIP) x = HORN__EMIT(graph, StringLower, NULL, x);
  if (standard == STRIP || standard == LOWER_AND_STRIP) x = HORN__EMIT(graph, StringStripPunctuation, NULL, x);
  return x;
}

static horn_status text_call(horn__call *call) {
  const text_config *config = call->config;
  const text_data *data = call->layer->data;
  horn__graph *graph = call->graph;
  const horn_dtype dtype = horn__call_type(call, 0)->dtype;
  if (dtype != HORN_STRING) return horn__layer_fail(call->layer, HORN_E_DTYPE, "expected an input of strings, got %s", horn__dtype_name(dtype));
  const horn__value x = standardized(graph, config->standardize, call->in[0].value);
  if (config->output_mode == HORN__LOOKUP_INT)
    return horn__return(call, horn__vocabulary_look_up(graph, &data->vocabulary, HORN__EMIT(graph, StringTokens, &data->tokens, x)));
  horn__value y = HORN__EMIT(graph, StringTokenCounts, &data->tokens, x, horn__vocabulary_keys(graph, &data->vocabulary, false)), weights;
  if (config->output_mode == HORN__LOOKUP_TF_IDF) {
    HORN__TRY(horn__vocabulary_weights(call->layer, graph, &data->vocabulary, config->idf_weights, &weights));
    y = horn__mul(graph, y, weights);
  } else if (config->integer_output) {
    y = horn__as_int(graph, y);
  }
  return horn__return(call, y);
}

const horn__layer_class horn__layer_TextVectorization = {
    .name = "TextVectorization", .min_inputs = 1, .max_inputs = 1, .config = HORN__FIELDS(text_config, text_rows),
    .create = text_create, .call = text_call};
