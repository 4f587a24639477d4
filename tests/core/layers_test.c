/* Layer configs through the public interface: what must be refused, with which error, and which spellings mean the same layer. */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include <stdlib.h>
#include <string.h>

#include "hornbeam.h"
#include "test.h"

/* ---- refused ---------------------------------------------------------------------------------------------------------- */

typedef struct refusal {
  const char *input;   /* batch_input_shape */
  const char *layer;   /* its class_name and config, members of an object */
  horn_status status;
  const char *message; /* part of it */
} refusal;

#define LAYER(type, config) "\"class_name\":\"" type "\",\"config\":{" config "}"
#define IMAGE "[null,5,5,4]"
#define SERIES "[null,6,3]"
#define VECTOR "[null,4]"
#define INNER "\"layer\":{" LAYER("LSTM", "\"units\":2") "}"

static const refusal refusals[] = {
    {IMAGE, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":0"), HORN_E_INVALID_ARGUMENT, "kernel_size must be at least 1, got 0"},
    {IMAGE, LAYER("Conv2D", "\"filters\":-2,\"kernel_size\":1"), HORN_E_INVALID_ARGUMENT, "filters must be at least 1"},
    {IMAGE, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":1,\"strides\":[1,0]"), HORN_E_INVALID_ARGUMENT, "strides must be at least 1"},
    {IMAGE, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":1,\"dilation_rate\":0"), HORN_E_INVALID_ARGUMENT, "dilation_rate must be at least 1"},
    {IMAGE, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":[1,2,3]"), HORN_E_INVALID_ARGUMENT, "kernel_size"},
    {IMAGE, LAYER("Conv2D", "\"kernel_size\":1"), HORN_E_INVALID_ARGUMENT, "filters is required"},
    {IMAGE, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":1,\"groups\":0"), HORN_E_INVALID_ARGUMENT, "groups must be at least 1"},
    {IMAGE, LAYER("Conv2D", "\"filters\":3,\"kernel_size\":1,\"groups\":2"), HORN_E_INVALID_ARGUMENT, "multiple of groups"},
    {IMAGE, LAYER("Conv2D", "\"filters\":3,\"kernel_size\":1,\"groups\":3"), HORN_E_SHAPE, "4 channels must be a multiple of groups"},
    {IMAGE, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":6"), HORN_E_SHAPE, "Conv2D"},
    {IMAGE, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":1,\"padding\":\"causal\""), HORN_E_INVALID_ARGUMENT, "padding must be one of valid same"},
    {IMAGE, LAYER("Conv2D", "\"filters\":2147483647,\"kernel_size\":2147483647"), HORN_E_LIMIT, "2^48"},
    {VECTOR, LAYER("Conv2D", "\"filters\":2,\"kernel_size\":1"), HORN_E_SHAPE, "expected an input of rank 4, got shape [null,4]"},
    {"[null,5,5,null]", LAYER("Conv2D", "\"filters\":2,\"kernel_size\":1"), HORN_E_SHAPE, "must be known"},
    {IMAGE, LAYER("DepthwiseConv2D", "\"kernel_size\":1,\"depth_multiplier\":0"), HORN_E_INVALID_ARGUMENT, "depth_multiplier"},
    {IMAGE, LAYER("DepthwiseConv2D", "\"kernel_size\":1,\"depth_multiplier\":2147483647"), HORN_E_LIMIT, "too many"},
    {IMAGE, LAYER("SeparableConv2D", "\"filters\":0,\"kernel_size\":1"), HORN_E_INVALID_ARGUMENT, "filters must be at least 1"},
    {IMAGE, LAYER("MaxPooling2D", "\"pool_size\":0"), HORN_E_INVALID_ARGUMENT, "pool_size must be at least 1"},
    {IMAGE, LAYER("MaxPooling2D", "\"strides\":[0,1]"), HORN_E_INVALID_ARGUMENT, "strides must be at least 1"},
    {IMAGE, LAYER("AveragePooling2D", "\"strides\":[1,1,1]"), HORN_E_INVALID_ARGUMENT, "strides must be 1 or 2 integers"},
    {IMAGE, LAYER("AveragePooling2D", "\"pool_size\":6"), HORN_E_SHAPE, "AvgPool"},
    {VECTOR, LAYER("GlobalMaxPooling2D", ""), HORN_E_SHAPE, "rank 4"},
    {IMAGE, LAYER("ZeroPadding2D", "\"padding\":[[1,1],[-1,1]]"), HORN_E_INVALID_ARGUMENT, "padding must be at least 0"},
    {IMAGE, LAYER("ZeroPadding2D", "\"padding\":[1,1,1]"), HORN_E_INVALID_ARGUMENT, "padding"},
    {IMAGE, LAYER("ZeroPadding2D", "\"padding\":2147483647"), HORN_E_LIMIT, "Pad"},
    {IMAGE, LAYER("BatchNormalization", "\"axis\":4"), HORN_E_SHAPE, "axis 4 is out of range"},
    {IMAGE, LAYER("BatchNormalization", "\"axis\":[1,2]"), HORN_E_INVALID_ARGUMENT, "axis"},
    {IMAGE, LAYER("Softmax", "\"axis\":-5"), HORN_E_INVALID_ARGUMENT, "axis must be an integer"},
    {IMAGE, LAYER("Softmax", "\"axis\":[1,\"a\"]"), HORN_E_INVALID_ARGUMENT, "axis must be an integer"},
    {IMAGE, LAYER("Softmax", "\"axis\":[]"), HORN_E_INVALID_ARGUMENT, "axis must name"},
    {IMAGE, LAYER("ReLU", "\"max_value\":-1"), HORN_E_INVALID_ARGUMENT, "max_value must not be negative"},
    {VECTOR, LAYER("Activation", "\"activation\":\"nonsense\""), HORN_E_INVALID_ARGUMENT, "activation must be one of linear relu"},
    {"[null,3,2]", LAYER("LSTM", "\"units\":2,\"activation\":{" LAYER("ReLU", "\"name\":\"relu\"") "}"), HORN_E_UNSUPPORTED,
     "object of class ReLU"},
    {VECTOR, LAYER("Dense", "\"units\":0"), HORN_E_INVALID_ARGUMENT, "units must be at least 1"},
    {VECTOR, LAYER("Dense", ""), HORN_E_INVALID_ARGUMENT, "units is required"},
    {"[null]", LAYER("Dense", "\"units\":1"), HORN_E_SHAPE, "rank 2 or more"},
    {"[null,3,null]", LAYER("Flatten", ""), HORN_E_SHAPE, "all dimensions known"},
    {SERIES, LAYER("Reshape", "\"target_shape\":[-1,-1]"), HORN_E_INVALID_ARGUMENT, "at most one -1"},
    {SERIES, LAYER("Reshape", "\"target_shape\":[5,-1]"), HORN_E_SHAPE, "Reshape"},
    {SERIES, LAYER("Reshape", "\"target_shape\":[-2]"), HORN_E_INVALID_ARGUMENT, "target_shape must be at least -1"},
    {SERIES, LAYER("Reshape", "\"target_shape\":[2147483647,2147483647]"), HORN_E_LIMIT, "target_shape is too large"},
    {SERIES, LAYER("Reshape", "\"target_shape\":[1,1,1,1,1,1,1,18]"), HORN_E_LIMIT, "more than 7 dimensions"},
    {SERIES, LAYER("Rescaling", "\"scale\":\"large\""), HORN_E_UNSUPPORTED, "scale must be a number"},
    {SERIES, LAYER("Rescaling", "\"scale\":1,\"offset\":[[1]]"), HORN_E_UNSUPPORTED, "offset must be a number"},
    {VECTOR, LAYER("Embedding", "\"input_dim\":0,\"output_dim\":1"), HORN_E_INVALID_ARGUMENT, "input_dim must be at least 1"},
    {VECTOR, LAYER("Embedding", "\"input_dim\":1,\"output_dim\":0"), HORN_E_INVALID_ARGUMENT, "output_dim must be at least 1"},
    {VECTOR, LAYER("Concatenate", "\"axis\":2"), HORN_E_SHAPE, "axis 2 is out of range"},
    {VECTOR, LAYER("Add", ""), HORN_E_INVALID_ARGUMENT, "expected 2 to 64 inputs, got 1"},
    {SERIES, LAYER("LSTM", "\"units\":0"), HORN_E_INVALID_ARGUMENT, "units must be at least 1"},
    {SERIES, LAYER("LSTM", "\"units\":2147483647"), HORN_E_LIMIT, "too many"},
    {"[null,null,3]", LAYER("LSTM", "\"units\":2,\"activation\":\"softmax\""), HORN_E_UNSUPPORTED, "step by step"},
    {"[null,5000,3]", LAYER("GRU", "\"units\":2,\"recurrent_activation\":\"softmax\""), HORN_E_UNSUPPORTED, "1 to 4096; got 5000"},
    {SERIES, LAYER("LSTM", "\"units\":2,\"stateful\":true"), HORN_E_INVALID_ARGUMENT, "If an RNN is stateful, it needs to know its batch size"},
    {SERIES, LAYER("RNN", "\"cell\":{" LAYER("Dense", "\"units\":2") "}"), HORN_E_INVALID_ARGUMENT, "expected a cell, got Dense"},
    {SERIES, LAYER("RNN", "\"cell\":{" LAYER("LSTM", "\"units\":2") "}"), HORN_E_INVALID_ARGUMENT, "expected a cell, got LSTM"},
    {SERIES, LAYER("RNN", "\"cell\":{" LAYER("StackedRNNCells", "\"cells\":[]") "}"), HORN_E_INVALID_ARGUMENT, "a list of cells"},
    {VECTOR, LAYER("RNN", "\"cell\":{" LAYER("GRUCell", "\"units\":2") "}"), HORN_E_SHAPE, "rank 3"},
    {VECTOR, LAYER("TimeDistributed", "\"layer\":{" LAYER("Dense", "\"units\":2") "}"), HORN_E_SHAPE, "rank 3"},
    {"[null,null,null,3]", LAYER("TimeDistributed", "\"layer\":{" LAYER("Dense", "\"units\":2") "}"), HORN_E_SHAPE, "must be known"},
    {VECTOR, LAYER("LSTM", "\"units\":2"), HORN_E_SHAPE, "rank 3"},
    {"[null,6,null]", LAYER("GRU", "\"units\":2"), HORN_E_SHAPE, "must be known"},
    {SERIES, LAYER("Bidirectional", ""), HORN_E_INVALID_ARGUMENT, "layer is required"},
    {SERIES, LAYER("Bidirectional", "\"layer\":{" LAYER("Dense", "\"units\":2") "}"), HORN_E_UNSUPPORTED, "expected a recurrent layer, got Dense"},
    {SERIES, LAYER("Bidirectional", INNER ",\"merge_mode\":\"max\""), HORN_E_INVALID_ARGUMENT, "merge_mode must be one of concat sum mul ave null"},
    {SERIES, LAYER("Bidirectional", INNER ",\"backward_layer\":{" LAYER("LSTM", "\"units\":2") "}"), HORN_E_INVALID_ARGUMENT, "different go_backwards"},
    {SERIES,
     LAYER("Bidirectional", INNER ",\"backward_layer\":{" LAYER("LSTM", "\"units\":2,\"go_backwards\":true,\"return_sequences\":true") "}"),
     HORN_E_INVALID_ARGUMENT, "the same return_sequences"},
    {SERIES, LAYER("LSTM", "\"units\":2,\"return_state\":true") "},{" LAYER("GRU", "\"units\":2"), HORN_E_INVALID_ARGUMENT, "got 3"},
    {VECTOR, LAYER("CategoryEncoding", "\"num_tokens\":0"), HORN_E_INVALID_ARGUMENT, "num_tokens must be at least 1"},
    {VECTOR, LAYER("CategoryEncoding", ""), HORN_E_INVALID_ARGUMENT, "num_tokens is required"},
    {VECTOR, LAYER("CategoryEncoding", "\"num_tokens\":3,\"sparse\":true"), HORN_E_UNSUPPORTED, "sparse"},
    {VECTOR, LAYER("Discretization", "\"num_bins\":3"), HORN_E_UNSUPPORTED, "adapt()"},
    {VECTOR, LAYER("Discretization", "\"bin_boundaries\":[2,1]"), HORN_E_INVALID_ARGUMENT, "ascending"},
    {VECTOR, LAYER("Discretization", "\"bin_boundaries\":[]"), HORN_E_INVALID_ARGUMENT, "a list of numbers"},
    {IMAGE, LAYER("Resizing", "\"height\":2,\"width\":0"), HORN_E_INVALID_ARGUMENT, "width must be at least 1"},
    {IMAGE, LAYER("Resizing", "\"height\":2,\"width\":2,\"crop_to_aspect_ratio\":true,\"pad_to_aspect_ratio\":true"), HORN_E_INVALID_ARGUMENT, "only one of"},
    {VECTOR, LAYER("Resizing", "\"height\":2,\"width\":2"), HORN_E_SHAPE, "rank 4"},
    {VECTOR, LAYER("CenterCrop", "\"height\":2,\"width\":2"), HORN_E_SHAPE, "rank 4"},
    {VECTOR, LAYER("StringLookup", ""), HORN_E_UNSUPPORTED, "no vocabulary"},
    {VECTOR, LAYER("StringLookup", "\"vocabulary\":\"file.txt\""), HORN_E_UNSUPPORTED, "in a file"},
    {VECTOR, LAYER("StringLookup", "\"vocabulary\":[]"), HORN_E_INVALID_ARGUMENT, "empty vocabulary"},
    {VECTOR, LAYER("StringLookup", "\"vocabulary\":[\"a\",1]"), HORN_E_INVALID_ARGUMENT, "a list of strings"},
    {VECTOR, LAYER("StringLookup", "\"vocabulary\":[\"a\"]"), HORN_E_DTYPE, "an input of strings, got float32"},
    {VECTOR, LAYER("StringLookup", "\"vocabulary\":[\"a\",\"b\"],\"max_tokens\":2,\"pad_to_max_tokens\":true"), HORN_E_INVALID_ARGUMENT, "max_tokens"},
    {VECTOR, LAYER("StringLookup", "\"vocabulary\":[\"a\"],\"invert\":true,\"output_mode\":\"count\""), HORN_E_INVALID_ARGUMENT, "invert"},
    {VECTOR, LAYER("IntegerLookup", "\"vocabulary\":[1.5]"), HORN_E_INVALID_ARGUMENT, "a list of integers"},
    {VECTOR, LAYER("IntegerLookup", "\"vocabulary\":[1],\"mask_token\":\"a\""), HORN_E_INVALID_ARGUMENT, "mask_token must be an integer"},
    {VECTOR, LAYER("IntegerLookup", "\"vocabulary\":[1,2],\"output_mode\":\"tf_idf\",\"idf_weights\":[1]"), HORN_E_INVALID_ARGUMENT, "a list of 2 numbers"},
    {VECTOR, LAYER("Hashing", "\"num_bins\":0"), HORN_E_INVALID_ARGUMENT, "num_bins must be at least 1"},
    {VECTOR, LAYER("Hashing", "\"num_bins\":3,\"salt\":[1,2,3]"), HORN_E_INVALID_ARGUMENT, "salt"},
    {VECTOR, LAYER("Hashing", "\"num_bins\":3,\"mask_value\":\"a\""), HORN_E_INVALID_ARGUMENT, "mask_value"},
    {VECTOR, LAYER("TextVectorization", "\"vocabulary\":[\"a\"]"), HORN_E_UNSUPPORTED, "output_sequence_length"},
    {VECTOR, LAYER("TextVectorization", "\"vocabulary\":[\"a\"],\"output_sequence_length\":3"), HORN_E_DTYPE, "an input of strings"},
    {VECTOR, LAYER("TextVectorization", "\"vocabulary\":[\"a\"],\"output_mode\":\"count\",\"ngrams\":1000"), HORN_E_INVALID_ARGUMENT, "ngrams"},
    {VECTOR, LAYER("TextVectorization", "\"vocabulary\":[\"a\"],\"output_mode\":\"count\",\"ragged\":true"), HORN_E_UNSUPPORTED, "ragged"},
};

static horn_status load(horn_context *ctx, const char *keras, const char *input, const char *layer, horn_model *out) {
  char json[3000];
  int length = snprintf(json, sizeof json,
                        "{\"keras_version\":\"%s\",\"class_name\":\"Sequential\",\"config\":{\"layers\":["
                        "{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"input\",\"batch_input_shape\":%s}},{%s}]}}",
                        keras, input, layer);
  CHECK(length > 0 && (size_t)length < sizeof json, "the text of a case is too long");
  return horn_model_load(ctx, json, (size_t)length, NULL, 0, NULL, out);
}

static void check_refusal(horn_context *ctx, const char *keras, const refusal *row) {
  horn_model model;
  horn_status status = load(ctx, keras, row->input, row->layer, &model);
  CHECK(status == row->status, "%s: expected status %d, got %d: %s", row->layer, (int)row->status, (int)status, status == HORN_OK ? "" : horn_last_error(ctx));
  if (status == HORN_OK) {
    horn_model_release(ctx, model);
    return;
  }
  CHECK(strstr(horn_last_error(ctx), row->message) != NULL, "%s: expected a message with \"%s\", got \"%s\"", row->layer, row->message, horn_last_error(ctx));
}

static const refusal keras1_refusals[] = {
    {IMAGE, LAYER("BatchNormalization", "\"name\":\"bn\",\"mode\":1"), HORN_E_UNSUPPORTED, "BatchNormalization \"bn\": only mode 0"},
    {IMAGE, LAYER("Merge", "\"name\":\"m\",\"mode\":\"dot\""), HORN_E_UNSUPPORTED, "got mode dot"},
    {IMAGE, LAYER("Merge", "\"mode\":\"sum\",\"layers\":[]"), HORN_E_UNSUPPORTED, "of a Model's layers"},
    {IMAGE, LAYER("MaxoutDense", "\"output_dim\":2"), HORN_E_UNSUPPORTED, "the class MaxoutDense is unknown"},
    {IMAGE, LAYER("Convolution2D", "\"nb_filter\":2,\"nb_row\":0,\"nb_col\":1"), HORN_E_INVALID_ARGUMENT, "kernel_size must be at least 1"},
};

/* ---- two spellings of one layer ------------------------------------------------------------------------------------------ */

typedef struct spelling {
  const char *keras;  /* version of the first */
  const char *input, *layer, *same; /* the second as Keras 2 writes it */
} spelling;

static const spelling spellings[] = {
    {"1.2.2", VECTOR, LAYER("Dense", "\"name\":\"d\",\"output_dim\":3,\"init\":\"normal\",\"activation\":\"relu\",\"bias\":false,\"W_regularizer\":{\"l2\":1}"),
     LAYER("Dense", "\"name\":\"d\",\"units\":3,\"kernel_initializer\":\"random_normal\",\"activation\":\"relu\",\"use_bias\":false,\"kernel_regularizer\":{\"l2\":1}")},
    {"1.0.0", VECTOR, LAYER("Dense", "\"name\":\"d\",\"output_dim\":3,\"b_regularizer\":1,\"W_constraint\":2,\"b_constraint\":3,\"init\":\"uniform\""),
     LAYER("Dense", "\"name\":\"d\",\"units\":3,\"bias_regularizer\":1,\"kernel_constraint\":2,\"bias_constraint\":3,\"kernel_initializer\":\"random_uniform\"")},
    {"1.2.2", IMAGE,
     LAYER("Convolution2D", "\"name\":\"c\",\"nb_filter\":3,\"nb_row\":2,\"nb_col\":1,\"subsample\":[1,2],\"border_mode\":\"same\",\"dim_ordering\":\"th\""),
     LAYER("Conv2D", "\"name\":\"c\",\"filters\":3,\"kernel_size\":[2,1],\"strides\":[1,2],\"padding\":\"same\",\"data_format\":\"channels_first\"")},
    {"1.2.2", IMAGE, LAYER("AtrousConvolution2D", "\"name\":\"c\",\"nb_filter\":3,\"nb_row\":2,\"nb_col\":1,\"atrous_rate\":[2,1],\"dim_ordering\":\"tf\""),
     LAYER("Conv2D", "\"name\":\"c\",\"filters\":3,\"kernel_size\":[2,1],\"dilation_rate\":[2,1]")},
    {"1.2.2", IMAGE, LAYER("SeparableConvolution2D", "\"name\":\"c\",\"nb_filter\":3,\"nb_row\":2,\"nb_col\":1,\"init\":\"zero\""),
     LAYER("SeparableConv2D", "\"name\":\"c\",\"filters\":3,\"kernel_size\":[2,1],\"depthwise_initializer\":\"zeros\"")},
    {"1.2.2", IMAGE, LAYER("ZeroPadding2D", "\"name\":\"z\",\"padding\":[1,2,3,4]"), LAYER("ZeroPadding2D", "\"name\":\"z\",\"padding\":[[1,2],[3,4]]")},
    {"1.2.2", IMAGE, LAYER("BatchNormalization", "\"name\":\"b\",\"mode\":0,\"beta_init\":\"zero\",\"gamma_init\":\"one\""),
     LAYER("BatchNormalization", "\"name\":\"b\",\"beta_initializer\":\"zeros\",\"gamma_initializer\":\"ones\"")},
    {"1.2.2", IMAGE, LAYER("Dropout", "\"name\":\"d\",\"p\":0.25"), LAYER("Dropout", "\"name\":\"d\",\"rate\":0.25")},
    {"1.2.2", VECTOR, LAYER("Embedding", "\"name\":\"e\",\"input_dim\":5,\"output_dim\":2,\"init\":\"uniform\",\"W_regularizer\":1,\"W_constraint\":2"),
     LAYER("Embedding", "\"name\":\"e\",\"input_dim\":5,\"output_dim\":2,\"embeddings_initializer\":\"random_uniform\",\"embeddings_regularizer\":1,"
                        "\"embeddings_constraint\":2")},
    {"1.2.2", SERIES,
     LAYER("LSTM", "\"name\":\"l\",\"output_dim\":2,\"inner_init\":\"orthogonal\",\"forget_bias_init\":\"zero\",\"inner_activation\":\"sigmoid\",\"dropout_W\":0.5,"
                   "\"dropout_U\":0.25,\"U_regularizer\":1"),
     LAYER("LSTM", "\"name\":\"l\",\"units\":2,\"recurrent_initializer\":\"orthogonal\",\"unit_forget_bias\":false,\"recurrent_activation\":\"sigmoid\",\"dropout\":0.5,"
                   "\"recurrent_dropout\":0.25,\"recurrent_regularizer\":1")},
    {"1.2.2", SERIES, LAYER("Bidirectional", "\"name\":\"b\",\"merge_mode\":null,\"layer\":{" LAYER("LSTM", "\"name\":\"l\",\"output_dim\":2,\"forget_bias_init\":\"one\"") "}"),
     LAYER("Bidirectional", "\"name\":\"b\",\"merge_mode\":null,\"layer\":{" LAYER("LSTM", "\"name\":\"l\",\"units\":2") "}")},
    {"2.3.1", IMAGE, LAYER("MaxPool2D", "\"name\":\"p\",\"pool_size\":[2,3],\"strides\":null"),
     LAYER("MaxPooling2D", "\"name\":\"p\",\"pool_size\":[2,3],\"strides\":[2,3],\"padding\":\"valid\"")},
    {"2.15.0", IMAGE, LAYER("BatchNormalizationV1", "\"name\":\"b\",\"axis\":[3]"), LAYER("BatchNormalization", "\"name\":\"b\",\"axis\":3")},
    {"2.15.0", IMAGE, LAYER("Conv2D", "\"name\":\"c\",\"kernelSize\":2,\"filters\":1,\"useBias\":false,\"dataFormat\":\"channelsLast\""),
     LAYER("Conv2D", "\"name\":\"c\",\"kernel_size\":[2,2],\"filters\":1,\"use_bias\":false")},
    {"2.15.0", SERIES, LAYER("LSTM", "\"name\":\"l\",\"units\":2,\"activation\":null,\"bias_initializer\":null"),
     LAYER("LSTM", "\"name\":\"l\",\"units\":2,\"activation\":\"linear\"")},
    {"3.5.0", VECTOR, LAYER("Concatenate", "\"name\":\"c\""), LAYER("Concatenate", "\"name\":\"c\",\"any_mask\":true")},
    {"3.5.0", SERIES,
     LAYER("Dense", "\"name\":\"d\",\"units\":1,\"activation\":{\"module\":\"builtins\",\"class_name\":\"function\",\"config\":\"silu\"},\"dtype\":{\"class_name\":"
                    "\"DTypePolicy\",\"config\":{\"name\":\"float32\"}}"),
     LAYER("Dense", "\"name\":\"d\",\"units\":1,\"activation\":\"swish\"")},
};

static char *topology(horn_context *ctx, const char *keras, const char *input, const char *layer) {
  horn_model model;
  const char *json;
  char *copy = NULL;
  if (!CHECK(load(ctx, keras, input, layer, &model) == HORN_OK, "%s: %s", layer, horn_last_error(ctx))) return NULL;
  if (CHECK(horn_model_topology(ctx, model, &json) == HORN_OK, "%s: %s", layer, horn_last_error(ctx))) copy = strdup(json);
  horn_model_release(ctx, model);
  return copy;
}

static void check_spelling(horn_context *ctx, const spelling *row) {
  char *first = topology(ctx, row->keras, row->input, row->layer), *second = topology(ctx, "2.15.0", row->input, row->same);
  if (first != NULL && second != NULL) CHECK(strcmp(first, second) == 0, "two spellings of one layer:\n%s\n%s", first, second);
  free(first);
  free(second);
}

/* ---- many inputs --------------------------------------------------------------------------------------------------------- */

/* A layer of `type` that takes one input `count` times. */
static horn_status load_many(horn_context *ctx, const char *type, int count, horn_model *out) {
  char json[3000];
  size_t used = (size_t)snprintf(json, sizeof json,
                                 "{\"keras_version\":\"2.15.0\",\"class_name\":\"Functional\",\"config\":{\"name\":\"f\",\"layers\":["
                                 "{\"class_name\":\"InputLayer\",\"name\":\"x\",\"config\":{\"name\":\"x\",\"batch_input_shape\":" VECTOR
                                 "},\"inbound_nodes\":[]},{" LAYER("%s", "\"name\":\"y\"") ",\"name\":\"y\",\"inbound_nodes\":[[",
                                 type);
  for (int i = 0; i < count; i++) used += (size_t)snprintf(json + used, sizeof json - used, "%s[\"x\",0,0,{}]", i == 0 ? "" : ",");
  used += (size_t)snprintf(json + used, sizeof json - used, "]]}],\"input_layers\":[[\"x\",0,0]],\"output_layers\":[[\"y\",0,0]]}}");
  CHECK(used < sizeof json, "the text of a case is too long");
  return horn_model_load(ctx, json, used, NULL, 0, NULL, out);
}

/* A layer takes as many inputs as it says, and refuses one more by itself: no op below does it. */
static void check_most_inputs(horn_context *ctx, const char *type, int most, const char *message) {
  horn_model model;
  if (CHECK(load_many(ctx, type, most, &model) == HORN_OK, "%s of %d: %s", type, most, horn_last_error(ctx))) horn_model_release(ctx, model);
  CHECK(load_many(ctx, type, most + 1, &model) != HORN_OK, "%s of %d loads", type, most + 1);
  CHECK(strstr(horn_last_error(ctx), message) != NULL, "%s: expected \"%s\", got \"%s\"", type, message, horn_last_error(ctx));
}

/* ---- operations ------------------------------------------------------------------------------------------------------------ */

typedef struct operation {
  const char *config, *call; /* beside the name; a call on "x" [null, 4, 3] */
  horn_status status;
  const char *message;       /* NULL where it loads */
} operation;

#define CALL(...) "{\"args\":[" #__VA_ARGS__ "],\"kwargs\":{}}"

static const operation operations[] = {
    {"\"function\":\"Add\"", CALL(["x",0,0], 1), HORN_OK, NULL},
    {"\"function\":\"Relu\"", CALL(["x",0,0]), HORN_OK, NULL},
    {"\"function\":\"Bake\"", CALL(["x",0,0]), HORN_E_UNSUPPORTED, "the operation Bake is unknown"},
    {"\"axis\":1", CALL(["x",0,0]), HORN_E_UNSUPPORTED, "the operation TFOpLambda is unknown"},
    {"\"function\":\"Add\"", CALL(["x",0,0]), HORN_E_INVALID_ARGUMENT, "an argument is missing"},
    {"\"function\":\"Add\"", CALL(["x",0,0], "one"), HORN_E_UNSUPPORTED, "neither a tensor nor numbers"},
    {"\"function\":\"Add\"", CALL(["x",0,0], [[1,2],[3]]), HORN_E_UNSUPPORTED, "not equally long"},
    {"\"function\":\"Add\"", CALL(["x",0,0], [[1,2],3,4]), HORN_E_UNSUPPORTED, "not equally long"},
    {"\"function\":\"Add\"", CALL(["x",0,0], [[[[[[[[[[1]]]]]]]]]]), HORN_E_UNSUPPORTED, "neither a tensor nor numbers"},
    {"\"function\":\"Add\"", CALL(["x",0,0], [1,2]), HORN_E_SHAPE, "Add"},
    {"\"function\":\"Sum\",\"axis\":3", CALL(["x",0,0]), HORN_E_INVALID_ARGUMENT, "axis 3 is out of range"},
    {"\"function\":\"Sum\",\"axis\":[0,0,0,0,0,0,0,0,0]", CALL(["x",0,0]), HORN_E_LIMIT, "numbers as axis"},
    {"\"function\":\"Softmax\",\"axis\":-4", CALL(["x",0,0]), HORN_E_SHAPE, "axis -4 is out of range for rank 3"},
    {"\"function\":\"Reshape\"", CALL(["x",0,0]), HORN_E_INVALID_ARGUMENT, "expected a shape"},
    {"\"function\":\"Reshape\"", CALL(["x",0,0], [5, 1e99]), HORN_E_UNSUPPORTED, "whole numbers"},
    {"\"function\":\"GetItem\"", CALL(["x",0,0], [0,0,0,0]), HORN_E_SHAPE, "too many indices"},
    {"\"function\":\"GetItem\"", CALL(["x",0,0], [0,0,0,0,0,0,0,0,0]), HORN_E_LIMIT, "indices"},
    {"\"function\":\"GetItem\"", CALL(["x",0,0], [{"start":null},7]), HORN_E_SHAPE, "Slice"},
    {"\"function\":\"GetItem\"", CALL(["x",0,0], [["x",0,0]]), HORN_E_UNSUPPORTED, "indexed by a tensor"},
    {"\"function\":\"GetItem\"", CALL(["x",0,0], {"start":0,"stop":null,"step":2}), HORN_E_UNSUPPORTED, "an axis of known size"},
    {"\"function\":\"GetItem\"", CALL(["x",0,0], [{"start":null},{"start":1,"stop":"end"}]), HORN_E_UNSUPPORTED, "must be numbers"},
    {"\"function\":\"Split\",\"axis\":1", CALL(["x",0,0], 3), HORN_E_SHAPE, "4 elements cannot be split into 3 parts"},
    {"\"function\":\"Split\",\"axis\":1", CALL(["x",0,0], [3,1]), HORN_E_UNSUPPORTED, "in order"},
    {"\"function\":\"Concatenate\"", CALL([]), HORN_E_FORMAT, "no inputs"},
    {"\"function\":\"Repeat\",\"repeats\":2000000,\"axis\":1", CALL(["x",0,0]), HORN_E_UNSUPPORTED, "repeat takes"},
    {"\"function\":\"Pad\"", CALL(["x",0,0], [[1,1],[1]]), HORN_E_UNSUPPORTED, "a pair of numbers"},
    {"\"function\":\"Norm\",\"ord\":3", CALL(["x",0,0]), HORN_E_UNSUPPORTED, "order 1 and 2"},
};

static horn_status load_operation(horn_context *ctx, const operation *row, horn_model *out) {
  char json[3000];
  const int used = snprintf(json, sizeof json,
                            "{\"class_name\":\"Functional\",\"config\":{\"name\":\"f\",\"layers\":["
                            "{\"class_name\":\"InputLayer\",\"name\":\"x\",\"config\":{\"name\":\"x\",\"batch_input_shape\":[null,4,3]},"
                            "\"inbound_nodes\":[]},{" LAYER("TFOpLambda", "\"name\":\"y\",%s") ",\"name\":\"y\",\"inbound_nodes\":[%s]}],"
                            "\"input_layers\":[[\"x\",0,0]],\"output_layers\":[[\"y\",0,0]]}}",
                            row->config, row->call);
  CHECK(used > 0 && (size_t)used < sizeof json, "the text of a case is too long");
  return horn_model_load(ctx, json, (size_t)used, NULL, 0, NULL, out);
}

static void check_operation(horn_context *ctx, const operation *row) {
  horn_model model;
  const horn_status status = load_operation(ctx, row, &model);
  CHECK(status == row->status, "%s %s: expected status %d, got %d: %s", row->config, row->call, (int)row->status, (int)status,
        status == HORN_OK ? "" : horn_last_error(ctx));
  if (status == HORN_OK)
    horn_model_release(ctx, model);
  else if (row->message != NULL)
    CHECK(strstr(horn_last_error(ctx), row->message) != NULL, "%s %s: expected a message with \"%s\", got \"%s\"", row->config, row->call,
          row->message, horn_last_error(ctx));
}

int main(void) {
  horn_context *ctx;
  if (!CHECK(horn_context_create(NULL, &ctx) == HORN_OK, "context: %s", horn_last_error(ctx))) return test_end();
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) check_refusal(ctx, "2.15.0", &refusals[i]);
  for (size_t i = 0; i < sizeof keras1_refusals / sizeof keras1_refusals[0]; i++) check_refusal(ctx, "1.2.2", &keras1_refusals[i]);
  for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) check_spelling(ctx, &spellings[i]);
  for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) check_operation(ctx, &operations[i]);
  check_most_inputs(ctx, "Concatenate", 63, "Concatenate \"y\": expected 1 to 63 inputs, got 64");
  check_most_inputs(ctx, "Add", 64, "a node has more than 64 inputs");
  horn_context_release(ctx);
  return test_end();
}
