/* Values that older Keras stored otherwise: the gates of Keras 1's recurrent layers, kernels of Theano and of Keras 1.
 * Reference: preprocess_weights_for_loading of tf_keras/saving/legacy/hdf5_format.py. */
#include <string.h>

#include "match/match.h"

typedef horn_status (*converter)(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count);

/* A layer's kernel has this rank; its spatial axes come first. */
typedef struct rule {
  const char *class_name;
  int32_t rank;
  converter keras1;
} rule;

static bool channels_first(const horn__node *layer) {
  const char *format = horn__json_text(layer->config, "data_format");
  return format != NULL && strcmp(format, "channels_first") == 0;
}

static horn_status transpose(horn__matching *m, horn__saved_array **array, int32_t a, int32_t b, int32_t c, int32_t d) {
  const int32_t order[4] = {a, b, c, d};
  return (*array)->rank == 4 ? horn__derive_transposed(&m->arena, *array, order, array) : HORN_OK;
}

/* (length, 1, in, out), Theano's (out, in, length, 1), to (length, in, out). */
static horn_status convert_conv1d(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  (void)count;
  if (arrays[0]->rank != 4) return HORN_OK;
  const int32_t *dims = arrays[0]->dims, *wanted = layer->weights[0]->dims;
  if (dims[0] != wanted[0] || dims[1] != 1 || dims[3] != wanted[2]) HORN__TRY(transpose(m, &arrays[0], 2, 3, 1, 0));
  const int32_t flat[3] = {arrays[0]->dims[0], arrays[0]->dims[2], arrays[0]->dims[3]};
  return arrays[0]->dims[1] == 1 ? horn__derive_reshaped(&m->arena, arrays[0], 3, flat, &arrays[0]) : HORN_OK;
}

static horn_status convert_conv2d(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  (void)count;
  return channels_first(layer) ? transpose(m, &arrays[0], 2, 3, 1, 0) : HORN_OK;
}

static horn_status convert_conv2d_transpose(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  (void)count;
  return channels_first(layer) ? transpose(m, &arrays[0], 2, 3, 0, 1) : transpose(m, &arrays[0], 0, 1, 3, 2);
}

static horn_status convert_conv3d(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  static const int32_t order[5] = {2, 3, 4, 1, 0};
  (void)count;
  return channels_first(layer) && arrays[0]->rank == 5 ? horn__derive_transposed(&m->arena, arrays[0], order, &arrays[0]) : HORN_OK;
}

/* One array a gate and kind becomes one array a kind; `gates` says where each gate's kernel is, its recurrent kernel and bias follow it. */
static horn_status join_gates(horn__matching *m, const size_t *gates, size_t gate_count, horn__saved_array **arrays, size_t *count) {
  horn__saved_array *joined[3], *parts[4];
  if (*count != 3 * gate_count) return HORN_OK;
  for (size_t kind = 0; kind < 3; kind++) {
    for (size_t g = 0; g < gate_count; g++) parts[g] = arrays[gates[g] + kind];
    HORN__TRY(horn__derive_joined(&m->arena, parts, gate_count, &joined[kind]));
  }
  memcpy(arrays, joined, sizeof joined);
  *count = 3;
  return HORN_OK;
}

static horn_status convert_gru(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  static const size_t z_r_h[] = {0, 3, 6};
  (void)layer;
  return join_gates(m, z_r_h, 3, arrays, count);
}

/* Keras 1 has i, c, f, o. */
static horn_status convert_lstm(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  static const size_t i_f_c_o[] = {0, 6, 3, 9};
  (void)layer;
  return join_gates(m, i_f_c_o, 4, arrays, count);
}

static const rule rules[] = {
    {"Conv1D", 3, convert_conv1d}, {"Conv2D", 4, convert_conv2d}, {"Conv2DTranspose", 4, convert_conv2d_transpose},
    {"Conv3D", 5, convert_conv3d}, {"GRU", 0, convert_gru},       {"LSTM", 0, convert_lstm},
    {"ConvLSTM2D", 4, convert_lstm},
};

static bool has_dims(const horn__saved_array *array, const horn__target *target) {
  return array->rank == target->rank && memcmp(array->dims, target->dims, (size_t)array->rank * sizeof *array->dims) == 0;
}

/* What all versions may need: kernels of an old order, and Theano's, which are turned by 180 degrees. */
static horn_status convert_kernel(horn__matching *m, const horn__node *layer, int32_t rank, horn__saved_array **arrays) {
  if (!has_dims(arrays[0], layer->weights[0])) HORN__TRY(transpose(m, &arrays[0], 3, 2, 0, 1));
  if (!m->theano || arrays[0]->rank != rank) return HORN_OK;
  return horn__derive_flipped(&m->arena, arrays[0], rank - 2, &arrays[0]);
}

horn_status horn__match_convert(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    const rule *r = &rules[i];
    if (*count == 0 || layer->weight_count == 0 || strcmp(layer->class_name, r->class_name) != 0) continue;
    if (m->keras == 1) HORN__TRY(r->keras1(m, layer, arrays, count));
    if (r->rank > 0) HORN__TRY(convert_kernel(m, layer, r->rank, arrays));
  }
  return HORN_OK;
}
