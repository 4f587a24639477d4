/* attributes.h: the attribute structs of the ops. An op's file has the table that reads them; layers fill them; kernels read them. */
#ifndef HORN_ATTRIBUTES_H
#define HORN_ATTRIBUTES_H

#include "ops/op.h"

/** Cast */
typedef struct horn__cast {
  int32_t dtype;
} horn__cast;

/** Reshape: at most one -1 */
typedef struct horn__reshape {
  horn__ints shape;
} horn__reshape;

/** What a kernel applies to its result before it is stored: max(low, min(high, f(x))); f of horn__activation. */
typedef enum horn__activation {
#define HORN_ACTIVATION(NAME, spellings) HORN__ACTIVATION_##NAME,
#include "ops/activations.def"
#undef HORN_ACTIVATION
  HORN__ACTIVATION_COUNT
} horn__activation;
extern const char *const horn__activation_names[];

/** BatchMatMul(a, b, bias?): a [..., M, K], b [..., K, N] (last two axes swapped where transposed), leading axes broadcast; bias [N] and
 *  activation are added by fusing. */
typedef struct horn__matmul {
  bool transpose_a, transpose_b;
  int32_t activation;
} horn__matmul;

/** Conv2D(x, filter, bias?): x [N, H, W, C], filter [h, w, C / groups, O], y [N, H', W', O]; groups follow from the shapes.
 *  Conv2DBackpropInput(dy, filter, x): shape of x only. Conv2DBackpropFilter(x, dy, filter): shape of filter only.
 *  DepthwiseConv2dNative(x, filter, bias?): filter [h, w, C, M], y [N, H', W', C * M], channel c * M + m; its two backprops likewise.
 *  bias [O] and activation are added by fusing. pads are read where padding is explicit: (top, bottom), (left, right). */
typedef struct horn__conv {
  int32_t strides[2], dilations[2];
  int32_t padding;
  int32_t pads[4];
  int32_t activation;
} horn__conv;

/** MaxPool(x), AvgPool(x): x [N, H, W, C]; padding counts neither as a value nor (AvgPool) as an element.
 *  MaxPoolGrad(x, y, dy), AvgPoolGrad(x, dy): x's shape; AvgPoolGrad reads its shape only. */
typedef struct horn__pool {
  int32_t size[2], strides[2];
  int32_t padding;
  int32_t pads[4];
} horn__pool;

/** Softmax(x), LogSoftmax(x): over the last axis. */

/** Sum, Mean, Max, Min, Prod, All, Any (x): over `axes` (null: all). ArgMax, ArgMin: over one axis, int32. */
typedef struct horn__reduce {
  horn__ints axes;
  bool keep_dims;
} horn__reduce;

/** Transpose(x): axis i of y is axis permutation[i] of x. */
typedef struct horn__transpose {
  horn__ints permutation;
} horn__transpose;

/** Concat(x0, x1, ...) along axis. */
typedef struct horn__concat {
  int32_t axis;
} horn__concat;

/** Slice(x): from begin, size elements an axis (-1: to the end). Pad(x): pairs before, after, with value. */
typedef struct horn__slice {
  horn__ints begin, size;
} horn__slice;
typedef struct horn__pad {
  horn__ints paddings; /* before, after of axis 0, of axis 1, ... */
  double value;
} horn__pad;

/** GatherV2(table, indices): y[i..., j...] = table[..., indices[i...], ...] along axis; indices out of range are an error. */
typedef struct horn__gather {
  int32_t axis;
} horn__gather;

/** ResizeBilinear, ResizeNearestNeighbor (x [N, H, W, C]) as TensorFlow.js has them; their Grads(dy, x) read the shape of x only. */
typedef struct horn__resize {
  int32_t size[2];
  bool align_corners, half_pixel_centers;
} horn__resize;

/** FusedBatchNorm(x, gamma, beta, mean, variance): over the last axis; gamma and beta may be absent. y = (x - mean) gamma / sqrt(variance +
 *  epsilon) + beta. */
typedef struct horn__batch_norm {
  double epsilon;
} horn__batch_norm;

/** LSTM(x, kernel, recurrent_kernel, bias?, h0?, c0?, mask?) -> sequence, h, c, gates, cells
 *  x [B, T, F], kernel [F, 4U], recurrent_kernel [U, 4U], bias [4U], h0 and c0 [B, U] (absent: zeros), mask [B, T] bool.
 *  sequence [B, T, U], h and c [B, U] after the last step; gates [B, T, 4U] after their activations and cells [B, T, U] are for the gradient:
 *  a kernel writes an output only where its data is not NULL. Gate order i, f, c, o (Keras).
 *  GRU(x, kernel [F, 3U], recurrent_kernel [U, 3U], bias?, h0?, mask?) -> sequence, h, gates [B, T, 4U]
 *  gate order z, r, h; bias [2, 3U] with reset_after, [3U] without; gates hold z, r, candidate, and with reset_after the recurrent part of
 *  the candidate (h U_h + b) before r is applied.
 *  backwards: steps run from T - 1 to 0 and sequence[:, 0] is the first step that ran (Keras's go_backwards). Where mask is false a step
 *  keeps the state and repeats the last output (zeros before the first).
 *  LSTMGrad(x, kernel, recurrent_kernel, bias?, h0?, c0?, mask?, sequence, gates, cells, dsequence?, dh?, dc?) -> dx, dkernel,
 *  drecurrent_kernel, dbias [4U], dh0, dc0.
 *  GRUGrad(x, kernel, recurrent_kernel, bias?, h0?, mask?, sequence, gates, dsequence?, dh?) -> dx, dkernel, drecurrent_kernel, dbias, dh0. */
typedef struct horn__rnn {
  int32_t activation, recurrent_activation;
  bool backwards, reset_after;
} horn__rnn;

#endif
