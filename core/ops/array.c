/* Ops that move elements: Transpose, Concat, Slice, PadV2, MirrorPad, Tile, and the "like" forms that their gradients need, since
 * dimensions may be unknown when those are written. Reference: TensorFlow's array_ops. */
#include <math.h>

#include "ops/attributes.h"
#include "ops/emit.h"

/* A dimension that a rule has computed in 64 bits. */
static horn_status set_dim(const horn__infer *q, int64_t dim, int32_t *out) {
  if (dim > HORN__MAX_DIM) return horn__infer_fail(q, HORN_E_LIMIT, "a dimension of %lld is too large", (long long)dim);
  *out = (int32_t)dim;
  return HORN_OK;
}

static horn_status bad_count(const horn__infer *q, const char *what, int32_t count, int32_t rank) {
  return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected %s for each of %d axes, got %d", what, rank, count);
}

/* ---- Transpose -------------------------------------------------------------------------------------------------------------- */

static const horn__field transpose_rows[] = {HORN__INTS(horn__transpose, permutation, "perm", "null")};

/* Axis i of the result is axis from[i] of the input; null turns the order round. False where it is no permutation. */
static bool read_permutation(const horn__ints *permutation, int32_t rank, int32_t *from) {
  bool used[HORN_MAX_RANK] = {false};
  if (permutation->count >= 0 && permutation->count != rank) return false;
  for (int32_t i = 0; i < rank; i++) {
    from[i] = rank - 1 - i;
    if (permutation->count >= 0 && !horn__axis(permutation->values[i], rank, &from[i])) return false;
    if (used[from[i]]) return false;
    used[from[i]] = true;
  }
  return true;
}

static horn_status transpose_infer(horn__infer *q) {
  const horn__transpose *a = q->attributes;
  const horn__shape *x = &q->in[0].shape;
  int32_t from[HORN_MAX_RANK];
  if (!read_permutation(&a->permutation, x->rank, from))
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "perm must have each of the axes of rank %d once", x->rank);
  q->out[0] = (horn__type){.shape = {.rank = x->rank}, .dtype = q->in[0].dtype};
  for (int32_t i = 0; i < x->rank; i++) q->out[0].shape.dims[i] = x->dims[from[i]];
  return HORN_OK;
}

static horn_status transpose_gradient(horn__gradient *q) {
  const horn__transpose *a = q->attributes;
  int32_t rank = horn__type_of(q->graph, q->in[0])->shape.rank, from[HORN_MAX_RANK];
  horn__transpose back = {.permutation = {.count = rank}};
  read_permutation(&a->permutation, rank, from);
  for (int32_t i = 0; i < rank; i++) back.permutation.values[from[i]] = i;
  q->din[0] = HORN__EMIT(q->graph, Transpose, &back, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_Transpose = {
    .name = "Transpose", .id = HORN__OP_Transpose, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__transpose, transpose_rows), .infer = transpose_infer, .gradient = transpose_gradient};

/* ---- Concat, ConcatGrad ------------------------------------------------------------------------------------------------------- */

static const horn__field concat_rows[] = {HORN__INT(horn__concat, axis, NULL, "-1")};

/* The shape of inputs first..count joined along the axis. */
static horn_status join(const horn__infer *q, int32_t first, int32_t axis, horn__shape *out) {
  *out = q->in[first].shape;
  for (int32_t i = first + 1; i < q->count; i++) {
    HORN__TRY(horn__infer_rank(q, i, out->rank));
    for (int32_t d = 0; d < out->rank; d++)
      if (d != axis) HORN__TRY(horn__infer_dim(q, i, d, &out->dims[d]));
    const int32_t more = q->in[i].shape.dims[axis];
    if (more < 0 || out->dims[axis] < 0)
      out->dims[axis] = -1;
    else
      HORN__TRY(set_dim(q, (int64_t)out->dims[axis] + more, &out->dims[axis]));
  }
  return HORN_OK;
}

static horn_status concat_axis(const horn__infer *q, int32_t rank, int32_t *axis) {
  const horn__concat *a = q->attributes;
  if (horn__axis(a->axis, rank, axis)) return HORN_OK;
  return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is out of range for rank %d", a->axis, rank);
}

static horn_status concat_infer(horn__infer *q) {
  int32_t axis;
  HORN__TRY(concat_axis(q, q->in[0].shape.rank, &axis));
  for (int32_t i = 1; i < q->count; i++) HORN__TRY(horn__infer_dtype(q, i, q->in[0].dtype));
  q->out[0].dtype = q->in[0].dtype;
  return join(q, 0, axis, &q->out[0].shape);
}

/* The part of input `index`: at an offset that is known, or that ConcatGrad finds from the shapes before it. */
static horn__value concat_part(const horn__gradient *q, int32_t index, int32_t axis) {
  const horn__shape *x = &horn__type_of(q->graph, q->in[index])->shape;
  horn__offset at = {.begin = {.count = x->rank}};
  int64_t offset = 0;
  for (int32_t i = 0; i < index && offset >= 0; i++) {
    const int32_t dim = horn__type_of(q->graph, q->in[i])->shape.dims[axis];
    offset = dim < 0 || offset + dim > HORN__MAX_DIM ? -1 : offset + dim;
  }
  at.begin.values[axis] = (int32_t)offset;
  if (offset >= 0) return HORN__EMIT(q->graph, SliceLike, &at, q->dout[0], q->in[index]);
  horn__value in[HORN__MAX_INPUTS] = {q->dout[0]};
  for (int32_t i = 0; i <= index; i++) in[i + 1] = q->in[i];
  return horn__emit(q->graph, &horn__op_ConcatGrad, &(const horn__concat){axis}, in, index + 2);
}

static horn_status concat_gradient(horn__gradient *q) {
  const horn__concat *a = q->attributes;
  int32_t axis;
  if (!horn__axis(a->axis, horn__type_of(q->graph, q->in[0])->shape.rank, &axis)) return HORN_E_INTERNAL;
  for (int32_t i = 0; i < q->count; i++) q->din[i] = concat_part(q, i, axis);
  return HORN_OK;
}

const horn__op horn__op_Concat = {
    .name = "Concat", .id = HORN__OP_Concat, .min_inputs = 1, .max_inputs = HORN__MAX_CONCAT, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__concat, concat_rows), .infer = concat_infer, .gradient = concat_gradient};

static horn_status concat_grad_infer(horn__infer *q) {
  const horn__type *dy = &q->in[0], *last = &q->in[q->count - 1];
  int32_t axis;
  horn__shape joined;
  HORN__TRY(concat_axis(q, dy->shape.rank, &axis));
  HORN__TRY(horn__infer_rank(q, 1, dy->shape.rank));
  HORN__TRY(join(q, 1, axis, &joined));
  if (joined.dims[axis] > dy->shape.dims[axis] && dy->shape.dims[axis] >= 0)
    return horn__infer_fail(q, HORN_E_SHAPE, "the parts have %d elements along axis %d, the whole %d", joined.dims[axis], axis,
                            dy->shape.dims[axis]);
  joined.dims[axis] = -1;
  HORN__TRY(horn__infer_shape(q, 0, &joined));
  q->out[0] = (horn__type){last->shape, dy->dtype};
  return HORN_OK;
}

/* Zeros in the shapes before the part, the part, then zeros to the end of dy. */
static horn_status concat_grad_gradient(horn__gradient *q) {
  horn__graph *g = q->graph;
  horn__value in[HORN__MAX_INPUTS];
  const int32_t parts = q->count - 1;
  for (int32_t i = 0; i < parts - 1; i++)
    in[i] = HORN__EMIT(g, BroadcastLike, NULL, horn__graph_scalar(g, 0), q->in[i + 1]);
  in[parts - 1] = q->dout[0];
  const horn__value upto = parts == 1 ? in[0] : horn__emit(g, &horn__op_Concat, q->attributes, in, parts);
  q->din[0] = HORN__EMIT(g, PadLike, &(const horn__offset){.begin = {.count = 0}}, upto, q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_ConcatGrad = {
    .name = "ConcatGrad", .id = HORN__OP_ConcatGrad, .min_inputs = 2, .max_inputs = HORN__MAX_INPUTS, .outputs = 1,
    .shape_only = ~UINT64_C(1), .attributes = HORN__FIELDS(horn__concat, concat_rows), .infer = concat_grad_infer,
    .gradient = concat_grad_gradient};

/* ---- Slice -------------------------------------------------------------------------------------------------------------------- */

static const horn__field slice_rows[] = {
    HORN__INTS(horn__slice, begin, NULL, NULL),
    HORN__INTS(horn__slice, size, NULL, "[]"),
};

static int32_t begin_of(const horn__ints *begin, int32_t axis) { return axis < begin->count ? begin->values[axis] : 0; }

static horn_status slice_dim(const horn__infer *q, int32_t axis, int32_t *out) {
  const horn__slice *a = q->attributes;
  const int32_t dim = q->in[0].shape.dims[axis], begin = begin_of(&a->begin, axis), size = axis < a->size.count ? a->size.values[axis] : -1;
  if (begin < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "begin %d of axis %d is negative", begin, axis);
  *out = size;
  if (size < 0) *out = dim < 0 ? -1 : (int32_t)((int64_t)dim - begin + size + 1);
  if (dim < 0) return HORN_OK;
  if (*out < 0 || (int64_t)begin + *out > dim)
    return horn__infer_fail(q, HORN_E_SHAPE, "begin %d and size %d do not fit into axis %d of size %d", begin, size, axis, dim);
  return HORN_OK;
}

static horn_status slice_infer(horn__infer *q) {
  const horn__slice *a = q->attributes;
  const int32_t rank = q->in[0].shape.rank;
  if (a->begin.count > rank || a->size.count > rank)
    return bad_count(q, "begin and size", a->begin.count > a->size.count ? a->begin.count : a->size.count, rank);
  q->out[0] = q->in[0];
  for (int32_t i = 0; i < rank; i++) HORN__TRY(slice_dim(q, i, &q->out[0].shape.dims[i]));
  return HORN_OK;
}

static horn_status slice_gradient(horn__gradient *q) {
  const horn__slice *a = q->attributes;
  const horn__offset at = {a->begin};
  q->din[0] = HORN__EMIT(q->graph, PadLike, &at, q->dout[0], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_Slice = {
    .name = "Slice", .id = HORN__OP_Slice, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__slice, slice_rows), .infer = slice_infer, .gradient = slice_gradient};

/* ---- SliceLike, PadLike: one another's gradients ------------------------------------------------------------------------------- */

static const horn__field offset_rows[] = {HORN__INTS(horn__offset, begin, NULL, NULL)};

/* A small tensor lies within a large one, at begin. */
static horn_status within(horn__infer *q, const horn__shape *small, const horn__shape *large) {
  const horn__offset *a = q->attributes;
  HORN__TRY(horn__infer_rank(q, 1, q->in[0].shape.rank));
  if (a->begin.count > large->rank) return bad_count(q, "begin", a->begin.count, large->rank);
  for (int32_t i = 0; i < large->rank; i++) {
    const int32_t begin = begin_of(&a->begin, i), room = large->dims[i];
    if (begin < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "begin %d of axis %d is negative", begin, i);
    if (room >= 0 && small->dims[i] >= 0 && (int64_t)begin + small->dims[i] > room)
      return horn__infer_fail(q, HORN_E_SHAPE, "%d elements at %d do not fit into axis %d of size %d", small->dims[i], begin, i, room);
  }
  q->out[0] = (horn__type){q->in[1].shape, q->in[0].dtype};
  return HORN_OK;
}

static horn_status slice_like_infer(horn__infer *q) { return within(q, &q->in[1].shape, &q->in[0].shape); }
static horn_status pad_like_infer(horn__infer *q) { return within(q, &q->in[0].shape, &q->in[1].shape); }

static horn_status slice_like_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, PadLike, q->attributes, q->dout[0], q->in[0]);
  return HORN_OK;
}

static horn_status pad_like_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, SliceLike, q->attributes, q->dout[0], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_SliceLike = {
    .name = "SliceLike", .id = HORN__OP_SliceLike, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__STRINGS, .shape_only = 2,
    .attributes = HORN__FIELDS(horn__offset, offset_rows), .infer = slice_like_infer, .gradient = slice_like_gradient};

const horn__op horn__op_PadLike = {
    .name = "PadLike", .id = HORN__OP_PadLike, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__STRINGS, .shape_only = 2,
    .attributes = HORN__FIELDS(horn__offset, offset_rows), .infer = pad_like_infer, .gradient = pad_like_gradient};

/* ---- PadV2, MirrorPad ------------------------------------------------------------------------------------------------------------ */

static const horn__field pad_rows[] = {
    HORN__INTS(horn__pad, paddings, NULL, NULL),
    HORN__FLOAT(horn__pad, value, "constant_value", "0"),
};

static horn_status pad_shape(horn__infer *q, const horn__ints *paddings, int32_t mirror_limit) {
  const horn__shape *x = &q->in[0].shape;
  if (paddings->count != 2 * x->rank) return bad_count(q, "a pair of paddings", paddings->count, x->rank);
  q->out[0] = q->in[0];
  for (int32_t i = 0; i < x->rank; i++) {
    const int32_t before = paddings->values[2 * i], after = paddings->values[2 * i + 1], most = before > after ? before : after;
    if (before < 0 || after < 0)
      return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "paddings %d, %d of axis %d are negative", before, after, i);
    if (x->dims[i] < 0) continue;
    if (mirror_limit >= 0 && most > 0 && most > x->dims[i] - mirror_limit)
      return horn__infer_fail(q, HORN_E_SHAPE, "padding %d of axis %d is more than %d elements have to mirror", most, i, x->dims[i]);
    HORN__TRY(set_dim(q, (int64_t)x->dims[i] + before + after, &q->out[0].shape.dims[i]));
  }
  return HORN_OK;
}

static horn_status pad_infer(horn__infer *q) {
  const horn__pad *a = q->attributes;
  if (q->in[0].dtype == HORN_STRING && fpclassify(a->value) != FP_ZERO)
    return horn__infer_fail(q, HORN_E_DTYPE, "strings are padded with empty ones, not with %g", a->value);
  return pad_shape(q, &a->paddings, -1);
}

static horn_status pad_gradient(horn__gradient *q) {
  const horn__pad *a = q->attributes;
  horn__offset at = {.begin = {.count = a->paddings.count / 2}};
  for (int32_t i = 0; i < at.begin.count; i++) at.begin.values[i] = a->paddings.values[2 * i];
  q->din[0] = HORN__EMIT(q->graph, SliceLike, &at, q->dout[0], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_PadV2 = {
    .name = "PadV2", .id = HORN__OP_PadV2, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__pad, pad_rows), .infer = pad_infer, .gradient = pad_gradient};

static const char *const mirror_modes[] = {"reflect", "symmetric", NULL};
static const horn__field mirror_rows[] = {
    HORN__INTS(horn__mirror_pad, paddings, NULL, NULL),
    HORN__ENUM(horn__mirror_pad, mode, mirror_modes, NULL, NULL),
};

static horn_status mirror_infer(horn__infer *q) {
  const horn__mirror_pad *a = q->attributes;
  return pad_shape(q, &a->paddings, a->mode == 0 ? 1 : 0);
}

/* Each element has the sum of its images' gradients. (TensorFlow.js slices, which leaves the images out.) */
static horn_status mirror_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, MirrorPadGrad, q->attributes, q->dout[0], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_MirrorPad = {
    .name = "MirrorPad", .id = HORN__OP_MirrorPad, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__mirror_pad, mirror_rows), .infer = mirror_infer, .gradient = mirror_gradient};

/* The type of x in input 1, after a check that its forward op would have made dy's shape of it. */
static horn_status grad_infer(horn__infer *q, horn_status (*forward)(horn__infer *q)) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_FLOAT32));
  horn__infer again = *q;
  again.in = &q->in[1];
  HORN__TRY(forward(&again));
  const horn__shape y = q->out[0].shape;
  HORN__TRY(horn__infer_shape(q, 0, &y));
  q->out[0] = (horn__type){q->in[1].shape, HORN_FLOAT32};
  return HORN_OK;
}

static horn_status mirror_grad_infer(horn__infer *q) { return grad_infer(q, mirror_infer); }

static horn_status mirror_grad_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, MirrorPad, q->attributes, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_MirrorPadGrad = {
    .name = "MirrorPadGrad", .id = HORN__OP_MirrorPadGrad, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .shape_only = 2,
    .attributes = HORN__FIELDS(horn__mirror_pad, mirror_rows), .infer = mirror_grad_infer, .gradient = mirror_grad_gradient};

/* ---- Tile -------------------------------------------------------------------------------------------------------------------------- */

static const horn__field tile_rows[] = {HORN__INTS(horn__tile, reps, "multiples", NULL)};

static horn_status tile_infer(horn__infer *q) {
  const horn__tile *a = q->attributes;
  const int32_t rank = q->in[0].shape.rank;
  if (a->reps.count != rank) return bad_count(q, "reps", a->reps.count, rank);
  q->out[0] = q->in[0];
  for (int32_t i = 0; i < rank; i++) {
    const int32_t reps = a->reps.values[i], dim = q->in[0].shape.dims[i];
    if (reps < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "reps %d of axis %d is negative", reps, i);
    if (dim >= 0) HORN__TRY(set_dim(q, (int64_t)dim * reps, &q->out[0].shape.dims[i]));
  }
  return HORN_OK;
}

static horn_status tile_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, TileGrad, q->attributes, q->dout[0], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_Tile = {
    .name = "Tile", .id = HORN__OP_Tile, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__tile, tile_rows), .infer = tile_infer, .gradient = tile_gradient};

static horn_status tile_grad_infer(horn__infer *q) { return grad_infer(q, tile_infer); }

static horn_status tile_grad_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, Tile, q->attributes, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_TileGrad = {
    .name = "TileGrad", .id = HORN__OP_TileGrad, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .shape_only = 2,
    .attributes = HORN__FIELDS(horn__tile, tile_rows), .infer = tile_grad_infer, .gradient = tile_grad_gradient};

/* ---- Repeat: the shapes are Tile's ---------------------------------------------------------------------------------------------------- */

static horn_status repeat_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, RepeatGrad, q->attributes, q->dout[0], q->in[0]);
  return HORN_OK;
}

static horn_status repeat_grad_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, Repeat, q->attributes, q->dout[0]);
  return HORN_OK;
}

const horn__op horn__op_Repeat = {
    .name = "Repeat", .id = HORN__OP_Repeat, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__tile, tile_rows), .infer = tile_infer, .gradient = repeat_gradient};

const horn__op horn__op_RepeatGrad = {
    .name = "RepeatGrad", .id = HORN__OP_RepeatGrad, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .shape_only = 2,
    .attributes = HORN__FIELDS(horn__tile, tile_rows), .infer = tile_grad_infer, .gradient = repeat_grad_gradient};
