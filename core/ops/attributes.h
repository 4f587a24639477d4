/* attributes.h: the attribute structs of the ops, and rows that tables share. An op's file has the table that reads them; layers fill them;
 * kernels read them. */
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
  bool keep_first;       /* of Reshape: dimension 0 is the input's, whatever shape[0] says */
} horn__reshape;

/** What a kernel applies to its result before it is stored: max(low, min(high, f(x))); f of horn__activation. */
typedef enum horn__activation {
#define HORN_ACTIVATION(NAME, spellings) HORN__ACTIVATION_##NAME,
#include "ops/activations.def"
#undef HORN_ACTIVATION
  HORN__ACTIVATION_COUNT
} horn__activation;
extern const char *const horn__activation_names[];
/** Whether kernels can apply the activation to each number of their results: it is one op, and element-wise. */
bool horn__activation_in_kernels(int32_t activation);
/** Whether it runs over the last axis, as softmax does. */
bool horn__activation_over_axis(int32_t activation);
/** Fails unless kernels can apply the activation to each number alone. */
horn_status horn__infer_activation(const horn__infer *q, int32_t activation);
/** Fails where fusing has given the node an activation or the input `bias`: it has no gradient then, since fusing comes after gradients. */
horn_status horn__check_unfused(const horn__gradient *q, const horn__op *op, int32_t activation, int32_t bias);

/** ClipByValue(x): max(min, min(max, x)). */
typedef struct horn__clip {
  double min, max;
} horn__clip;

/** Step(x): 1 where x > 0, alpha elsewhere. LeakyRelu(x): alpha x where x < 0. Elu(x): alpha (exp(x) - 1) where x < 0. */
typedef struct horn__alpha {
  double alpha;
} horn__alpha;

/** HardSigmoid(x): alpha x + beta, within 0 and 1. */
typedef struct horn__hard_sigmoid {
  double alpha, beta;
} horn__hard_sigmoid;

/** Gelu(x): x times the normal distribution function, by tanh where approximate. */
typedef struct horn__gelu {
  bool approximate;
} horn__gelu;

/** BatchMatMul(a, b, bias?): a [..., M, K], b [..., K, N] (last two axes swapped where transposed), leading axes broadcast; bias [N] and
 *  activation are added by fusing. */
typedef struct horn__matmul {
  bool transpose_a, transpose_b;
  int32_t activation;
} horn__matmul;

/** Einsum(x0, x1, ...): "ij,jk->ik". */
typedef struct horn__einsum {
  const char *equation;
} horn__einsum;

/** The rows of padding and pads in the table of an op T whose windows slide along 2 or 3 axes. */
#define HORN__PADDING_ROWS(T, axes) HORN__ENUM(T, padding, horn__padding_names, NULL, "\"valid\""), HORN__PADDING(T, pads, axes, NULL, "0")

/** A window has a number for height and width, or for depth, height and width.
 *  Conv2D(x, filter, bias?): x [N, H, W, C], filter [h, w, C / groups, O], y [N, H', W', O]; groups follow from the shapes.
 *  Conv2DBackpropInput(dy, filter, x?, bias?) -> [N, H, W, C]: shape of x only. Without x it is the transposed convolution of a layer: the
 *  result is the smallest that a convolution makes dy's height and width of, and `extra` rows and columns (0 to stride - 1) at the end;
 *  filter is [h, w, C, O] and bias [C].
 *  Conv2DBackpropFilter(x, dy, filter): shape of filter only.
 *  DepthwiseConv2dNative(x, filter, bias?): filter [h, w, C, M], y [N, H', W', C * M], channel c * M + m; its two backprops likewise, x and
 *  filter for their shapes always given.
 *  Conv3D, Conv3DBackpropInputV2, Conv3DBackpropFilterV2: Conv2D's over x [N, D, H, W, C].
 *  bias and activation are added by fusing. pads are read where padding is explicit: (top, bottom), (left, right). */
typedef struct horn__conv {
  int32_t strides[3], dilations[3];
  int32_t padding;
  int32_t pads[6];
  int32_t activation;
  int32_t extra[3];
} horn__conv;

/** The rows that the tables of all convolutions begin with. */
#define HORN__CONV_ROWS(axes)                                                                            \
  HORN__INT_N(horn__conv, strides, axes, NULL, "1"), HORN__INT_N(horn__conv, dilations, axes, NULL, "1"), \
      HORN__PADDING_ROWS(horn__conv, axes), HORN__ENUM(horn__conv, activation, horn__activation_names, NULL, "\"linear\"")

/** The window of a convolution along an axis of the image; window is the filter's size there. */
static inline horn__slide horn__conv_slide(const horn__conv *a, int32_t window, int32_t axis) {
  return (horn__slide){window, a->strides[axis], a->dilations[axis], (horn__padding)a->padding, a->pads[2 * axis], a->pads[2 * axis + 1]};
}

/** Writes the height and width (and depth) that a convolution of x with filter has to y. */
horn_status horn__infer_conv_size(const horn__infer *q, const horn__shape *x, const horn__shape *filter, horn__shape *y);

/** The three ops of a kind of convolution: y of (x, filter), dx of (dy, filter, x), dfilter of (x, dy, filter). Each is linear in its first
 *  two inputs, so that its gradients are the other two. */
typedef struct horn__conv_ops {
  const horn__op *y, *dx, *dfilter;
} horn__conv_ops;
horn_status horn__gradient_of_y(horn__gradient *q, const horn__conv_ops *ops);
horn_status horn__gradient_of_dx(horn__gradient *q, const horn__conv_ops *ops);
horn_status horn__gradient_of_dfilter(horn__gradient *q, const horn__conv_ops *ops);

/** MaxPool(x), AvgPool(x): x [N, H, W, C]; padding counts neither as a value nor (AvgPool) as an element.
 *  Whether a NaN is the largest of its window depends on the kernel, as in TensorFlow.
 *  MaxPoolGrad(x, y, dy): to the first of equal maxima. MaxPoolGradGrad(x, y, d): like y, d from there.
 * AvgPoolGrad(x, dy): reads the shape of x only. Both have x's shape.
 *  MaxPool3D, AvgPool3D, MaxPool3DGrad, AvgPool3DGrad: the same over x [N, D, H, W, C]. */
typedef struct horn__pool {
  int32_t size[3], strides[3];
  int32_t padding;
  int32_t pads[6];
} horn__pool;

/** The window of a pool along an axis of the image. */
static inline horn__slide horn__pool_slide(const horn__pool *a, int32_t axis) {
  return (horn__slide){a->size[axis], a->strides[axis], 1, (horn__padding)a->padding, a->pads[2 * axis], a->pads[2 * axis + 1]};
}

/** MaxPoolWithArgmax(x) -> MaxPool(x), and int32 of its shape: the index of the element in its image, or in x. */
typedef struct horn__pool_argmax {
  horn__pool pool; /* first: the kernel is also MaxPool's */
  bool include_batch_in_index;
} horn__pool_argmax;

/** LRN(x [N, H, W, C]) */
typedef struct horn__lrn {
  int32_t depth_radius;
  double bias, alpha, beta;
} horn__lrn;

/** Dilation2D(x [N, H, W, C], filter [h, w, C]), Dilation2DBackpropInput(x, filter, dy), Dilation2DBackpropFilter(x, filter, dy): attributes
 *  horn__conv. Dilation2DGather(x, filter, u?, v?): the sum of u (like x) and v (like filter) from where those of y are. */

/** DepthToSpace(x [N, H, W, b b C]) -> [N, H b, W b, C]; SpaceToDepth: its inverse. */
typedef struct horn__depth_to_space {
  int32_t block_size;
} horn__depth_to_space;

/** SpaceToBatchND(x [N, S..., rest]) -> [N blocks, padded S / block..., rest]; BatchToSpaceND: its inverse, without the padding. */
typedef struct horn__space_batch {
  horn__ints block_shape, paddings; /* of the axes from 1 on; pairs */
} horn__space_batch;

/** Softmax(x), LogSoftmax(x): over the last axis. */

/** Sum, Mean, Max, Min, Prod, All, Any (x): over `axes` (null: all). ProdGrad(dy, x): Prod's gradient. */
typedef struct horn__reduce {
  horn__ints axes;
  bool keep_dims;
} horn__reduce;

/** ArgMax, ArgMin (x): the index of the first largest, smallest element along axis, int32; the axis goes. */
typedef struct horn__arg_reduce {
  int32_t axis;
} horn__arg_reduce;

/** Cumsum, Cumprod (x): along axis; exclusive: without the element itself; reverse: from the end. */
typedef struct horn__scan {
  int32_t axis;
  bool exclusive, reverse;
} horn__scan;

/** ExpandDims(x): a 1 at each of axes, counted in the result. Squeeze(x): without the ones at axes (null: all that are known to be 1). */
typedef struct horn__axes {
  horn__ints axes;
} horn__axes;

/** Transpose(x): axis i of y is axis permutation[i] of x. */
typedef struct horn__transpose {
  horn__ints permutation;
} horn__transpose;

/** Reverse(x): x with the order along each of dims turned round. */
typedef struct horn__reverse {
  horn__ints dims;
} horn__reverse;

/** Concat(x0, x1, ...) along axis. ConcatGrad(dy, x0, ..., xi): the part of dy that is xi's; only shapes of the xs are read. */
typedef struct horn__concat {
  int32_t axis;
} horn__concat;
enum { HORN__MAX_CONCAT = HORN__MAX_INPUTS - 1 /* inputs of Concat: ConcatGrad has dy too */ };

/** Slice(x): from begin, size elements an axis; -1: to the end, -1 - n: all but the last n. Axes that are not given are kept whole. */
typedef struct horn__slice {
  horn__ints begin, size;
} horn__slice;

/** SliceLike(x, like): the part of x at begin that has the shape of `like`. PadLike(x, like): zeros in the shape of `like` with x at begin. */
typedef struct horn__offset {
  horn__ints begin;
} horn__offset;

/** PadV2(x): pairs before, after, filled with value. */
typedef struct horn__pad {
  horn__ints paddings; /* before, after of axis 0, of axis 1, ... */
  double value;
} horn__pad;

/** MirrorPad(x): PadV2 with x mirrored at its edges: "reflect" leaves the edge out, "symmetric" repeats it. MirrorPadGrad(dy, x): shape of
 *  x only. */
typedef struct horn__mirror_pad {
  horn__ints paddings;
  int32_t mode; /* 0: reflect, 1: symmetric */
} horn__mirror_pad;

/** Tile(x): x repeated reps times along each axis. Repeat(x): each element of x reps times, one after the other. Their Grads(dy, x) read the
 *  shape of x only. */
typedef struct horn__tile {
  horn__ints reps;
} horn__tile;

/** GatherV2(table, indices): y[b..., o..., i..., n...] = table[b..., o..., indices[b..., i...], n...] with batch_dims axes b and axis after
 *  b and o; indices out of range are an error. GatherGrad(dy, indices, table): shape of the table only; rows that share an index add up. */
typedef struct horn__gather {
  int32_t axis, batch_dims;
} horn__gather;

/** UnsortedSegmentSum(x, ids): y[s, n...] is the sum of x[i..., n...] with ids[i...] = s; other ids are left out. */
typedef struct horn__segment_sum {
  int32_t num_segments;
} horn__segment_sum;

/** OneHot(indices): a last axis of size depth with on_value at the index and off_value elsewhere. */
typedef struct horn__one_hot {
  int32_t depth;
  double on_value, off_value;
  int32_t dtype;
} horn__one_hot;

/** ResizeBilinear, ResizeNearestNeighbor (x [N, H, W, C]) as TensorFlow.js has them; their Grads(dy, x) read the shape of x only. The new
 *  height and width are size, or where that is 0 those of x times scale. */
typedef struct horn__resize {
  int32_t size[2], scale[2];
  bool align_corners, half_pixel_centers;
} horn__resize;

/** FusedBatchNorm(x, gamma, beta, mean, variance): over the last axis; gamma and beta may be absent. y = (x - mean) gamma / sqrt(variance +
 *  epsilon) + beta. */
typedef struct horn__batch_norm {
  double epsilon;
} horn__batch_norm;

/** LSTM(x, kernel, recurrent_kernel, bias?, h0?, c0?, mask?) -> sequence, h, c, gates, cells
 *  x [B, T, F], kernel [F, 4U], recurrent_kernel [U, 4U], bias [4U], h0 and c0 [B, U] (absent: zeros), mask [B, T] bool.
 *  sequence [B, T, U], h and c [B, U] after the last step; gates [B, T, 4U] after their activations and cells [B, T, U] are for the gradient,
 *  in the order of the steps as sequence is. A kernel writes an output only where its data is not NULL. Gate order i, f, c, o (Keras).
 *  GRU(x, kernel [F, 3U], recurrent_kernel [U, 3U], bias?, h0?, mask?) -> sequence, h, gates [B, T, 4U]
 *  gate order z, r, h; bias [2, 3U] with reset_after, [3U] without. gates hold z, r, the candidate, and with reset_after the recurrent part
 *  of the candidate (h U_h + b) before r is applied, without it r * h.
 *  SimpleRNN(x, kernel [F, U], recurrent_kernel [U, U], bias? [U], h0?, mask?) -> sequence, h; it has no recurrent activation
 *  backwards: steps run from T - 1 to 0 and sequence[:, 0] is the first step that ran (Keras's go_backwards). Where mask is false a step
 *  keeps the state and repeats the last output (zeros before the first); its gates are zeros.
 *  LSTMGrad(x, kernel, recurrent_kernel, bias?, h0?, c0?, mask?, sequence, gates, cells, dsequence?, dh?, dc?) -> dx, dkernel,
 *  drecurrent_kernel, dbias [4U], dh0, dc0.
 *  GRUGrad(x, kernel, recurrent_kernel, bias?, h0?, mask?, sequence, gates, dsequence?, dh?) -> dx, dkernel, drecurrent_kernel, dbias, dh0.
 *  SimpleRNNGrad: as GRUGrad, without gates. */
typedef struct horn__rnn {
  int32_t activation, recurrent_activation; /* element-wise ones */
  bool backwards, reset_after;
} horn__rnn;

/** Random ops (seed int32 [2], like?): numbers that are a function of the seed, salt and the element's index alone, on every backend.
 *  shape: -1 is the dimension of `like` at this axis, null its shape; only the shape of `like` is read. */
#define HORN__DRAW_MEMBERS \
  int32_t salt;            \
  horn__ints shape
typedef struct horn__draw { /* what they all begin with */
  HORN__DRAW_MEMBERS;
} horn__draw;

/** RandomUniform: float32 in [minval, maxval). */
typedef struct horn__random_uniform {
  HORN__DRAW_MEMBERS;
  double minval, maxval;
} horn__random_uniform;

/** RandomUniformInt: int32 in [minval, maxval). */
typedef struct horn__random_int {
  HORN__DRAW_MEMBERS;
  int32_t minval, maxval;
} horn__random_int;

/** RandomStandardNormal: normal with mean and stddev. TruncatedNormal: the same, all within two stddev of the mean. */
typedef struct horn__random_normal {
  HORN__DRAW_MEMBERS;
  double mean, stddev;
} horn__random_normal;

/** RandomGamma: of shape alpha and rate beta; its mean is alpha / beta. */
typedef struct horn__random_gamma {
  HORN__DRAW_MEMBERS;
  double alpha, beta;
} horn__random_gamma;

/** Multinomial(seed, logits [B, C]): int32 [B, num_samples] classes with probabilities softmax(logits), or logits where normalized. */
typedef struct horn__multinomial {
  int32_t salt, num_samples;
  bool normalized;
} horn__multinomial;

/** Dropout(x, seed): x / (1 - rate) where a uniform number is rate or more, else 0. noise_shape: of the uniform numbers, each 1 (one for
 *  the axis) or -1 (one for each element); null: all -1. */
typedef struct horn__dropout_rate {
  int32_t salt;
  horn__ints noise_shape;
  double rate;
} horn__dropout_rate;

/** DenseBincount(x [..., T] int32, weights? like x): float32 [..., size], how often each number is among the last axis, or the sum of its
 *  weights; binary_output: 1 where it is there at all. Numbers out of range are left out. */
typedef struct horn__bincount {
  int32_t size;
  bool binary_output;
} horn__bincount;

/** SearchSorted(sequence [B, N] ascending, values [B, M]): int32 [B, M], where each value would go: before equal ones (left) or after them. */
typedef struct horn__search_sorted {
  int32_t side; /* 0: left, 1: right */
} horn__search_sorted;

/** CenterCrop(x [N, H, W, C]): the middle of height and width `size`; with aspect the largest middle whose sides are as those of size.
 *  CenterPad(x): `value` around x, until its sides are as those of size. Their Grads(dy, x): shape of x only. */
typedef struct horn__center {
  int32_t size[2];
  bool aspect;
  double value;
} horn__center;

/** ResizeFiltered(x [N, H, W, C]): each pixel is a weighted mean of x's around its own place, by a filter that antialias makes wider where the
 *  image shrinks. ResizeFilteredGrad(dy, x): shape of x only. */
typedef enum horn__filter {
  HORN__FILTER_TRIANGLE,
  HORN__FILTER_CUBIC,
  HORN__FILTER_LANCZOS3,
  HORN__FILTER_LANCZOS5,
  HORN__FILTER_GAUSSIAN,
  HORN__FILTER_MITCHELL,
  HORN__FILTER_AREA
} horn__filter;
typedef struct horn__filtered {
  int32_t size[2], filter;
  bool antialias;
} horn__filtered;

/** Transform(x [N, H, W, C], transforms [N or 1, 8]): pixel (x, y) of the result is x's at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with
 *  k = c0 x + c1 y + 1, transforms a0 a1 a2 b0 b1 b2 c0 c1; beyond the edges by fill_mode. output_shape: height and width, null: x's.
 *  TransformGrad(dy, transforms, x): shape of x only. */
typedef enum horn__fill_mode { HORN__FILL_CONSTANT, HORN__FILL_REFLECT, HORN__FILL_WRAP, HORN__FILL_NEAREST } horn__fill_mode;
extern const char *const horn__fill_names[];
typedef struct horn__transform {
  int32_t interpolation; /* 0: nearest, 1: bilinear */
  int32_t fill_mode;
  double fill_value;
  horn__ints output_shape;
} horn__transform;

/** LookupTable(x, keys [V]): int32 like x, the place of each element (a string or int32) among keys, -1 where it is not there or, where it is
 *  required, an error. */
typedef struct horn__lookup_table {
  bool required;
} horn__lookup_table;

/** StringLower(x), StringStripPunctuation(x): ASCII letters made small, ASCII punctuation taken out. AsString(x int32): in decimal.
 *  StringToHashBucketFast(x): int32, the fingerprint modulo num_buckets; with a key of two numbers, SipHash instead.
 *  HashCross(x, y, ...): int32, a hash of what strings or int32 of one shape have at the same place. */
typedef struct horn__hash_buckets {
  int32_t num_buckets;
  horn__ints key; /* null: none */
} horn__hash_buckets;

/** StringTokens(x [N] or [N, 1]): strings [N, length], the first `length` tokens of each string, empty ones behind them.
 *  StringTokenCounts(x, keys [V]): float32 [N, size], bin p + 1 for the token keys[p] and bin 0 for others; how often each is there, or with
 *  binary_output whether.
 *  Tokens are what lies between white space, UTF-8 characters, or whole strings; then, for each number of ngrams in order, that many neighbours
 *  joined by blanks. */
typedef struct horn__tokens {
  int32_t split; /* 0: none, 1: whitespace, 2: character */
  horn__ints ngrams;
  int32_t length, size;
  bool binary_output;
} horn__tokens;

#endif
