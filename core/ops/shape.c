/* Ops that change shape or dtype, and their "like" forms, which take a shape from another value: gradients use them, since dimensions
 * may be unknown when they are written. Reference: TensorFlow's array_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

static horn_status same_type(horn__infer *q) {
  q->out[0] = q->in[0];
  return HORN_OK;
}

static horn_status pass_gradient(horn__gradient *q) {
  q->din[0] = q->dout[0];
  return HORN_OK;
}

const horn__op horn__op_Identity = {
    .name = "Identity", .id = HORN__OP_Identity, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__RESHAPES | HORN__STRINGS,
    .attributes = HORN__NO_FIELDS, .infer = same_type, .gradient = pass_gradient};

static horn_status no_gradient(horn__gradient *q) {
  (void)q;
  return HORN_OK;
}

/* x, as a constant to gradients. */
const horn__op horn__op_StopGradient = {
    .name = "StopGradient", .id = HORN__OP_StopGradient, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__RESHAPES,
    .attributes = HORN__NO_FIELDS, .infer = same_type, .gradient = no_gradient};

/* Zeros of the input's type; constant, so no gradient flows. */

const horn__op horn__op_ZerosLike = {
    .name = "ZerosLike", .id = HORN__OP_ZerosLike, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS, .shape_only = 1,
    .attributes = HORN__NO_FIELDS, .infer = same_type, .gradient = no_gradient};

/* ---- Cast -------------------------------------------------------------------------------------------------------- */

static const horn__field cast_rows[] = {HORN__ENUM(horn__cast, dtype, horn__dtype_names, NULL, NULL)};

static horn_status cast_infer(horn__infer *q) {
  const horn__cast *a = q->attributes;
  q->out[0] = (horn__type){q->in[0].shape, (horn_dtype)a->dtype};
  if (a->dtype == HORN_STRING) return horn__infer_fail(q, HORN_E_DTYPE, "numbers are not made strings of");
  return HORN_OK;
}

const horn__op horn__op_Cast = {
    .name = "Cast", .id = HORN__OP_Cast, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .attributes = HORN__FIELDS(horn__cast, cast_rows), .infer = cast_infer, .gradient = pass_gradient};

/* ---- Reshape ------------------------------------------------------------------------------------------------------ */

static const horn__field reshape_rows[] = {HORN__INTS(horn__reshape, shape, NULL, NULL), HORN__BOOL(horn__reshape, keep_first, NULL, "false")};

static horn_status reshape_misfit(const horn__infer *q, const horn__shape *wanted) {
  char from[HORN__SHAPE_TEXT], to[HORN__SHAPE_TEXT];
  return horn__infer_fail(q, HORN_E_SHAPE, "cannot reshape %s to %s: the sizes differ",
                          horn__shape_text(&q->in[0].shape, from, sizeof from), horn__shape_text(wanted, to, sizeof to));
}

/* At most one -1, a kept dimension aside: what is left of the input's size. With an unknown input size it stays unknown. */
static horn_status reshape_infer(horn__infer *q) {
  const horn__reshape *a = q->attributes;
  const horn__shape *from = &q->in[0].shape;
  if (a->shape.count < 0 || a->shape.count > HORN_MAX_RANK)
    return horn__infer_fail(q, HORN_E_LIMIT, "expected a shape of at most %d dimensions, got %d", HORN_MAX_RANK, a->shape.count);
  horn__shape to = horn__shape_of(a->shape.count, a->shape.values);
  if (a->keep_first && (from->rank < 1 || to.rank < 1)) return reshape_misfit(q, &to);
  if (a->keep_first) to.dims[0] = from->dims[0];
  int64_t rest = 1, size = horn__shape_span(from, a->keep_first, from->rank);
  int32_t open = -1;
  for (int32_t i = a->keep_first; i < to.rank; i++) {
    if (to.dims[i] < -1) return horn__infer_fail(q, HORN_E_SHAPE, "dimension %d of the shape is %d", i, to.dims[i]);
    if (to.dims[i] == -1 && open >= 0) return horn__infer_fail(q, HORN_E_SHAPE, "shapes can have at most one -1, got %d and %d", open, i);
    if (to.dims[i] == -1) open = i;
    if (to.dims[i] >= 0 && (rest *= to.dims[i]) > ((int64_t)1 << 48)) return horn__infer_fail(q, HORN_E_LIMIT, "the shape is too large");
  }
  if (size >= 0 && open >= 0) {
    if (rest == 0 ? size != 0 : size % rest != 0) return reshape_misfit(q, &to);
    to.dims[open] = rest == 0 ? 0 : (int32_t)(size / rest);
  } else if (size >= 0 && size != rest) {
    return reshape_misfit(q, &to);
  }
  q->out[0] = (horn__type){to, q->in[0].dtype};
  return HORN_OK;
}

static horn_status reshape_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, ReshapeLike, NULL, q->dout[0], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_Reshape = {
    .name = "Reshape", .id = HORN__OP_Reshape, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__RESHAPES | HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__reshape, reshape_rows), .infer = reshape_infer, .gradient = reshape_gradient};

/* ---- ReshapeLike(x, like): x in the shape of `like` ------------------------------------------------------------------ */

static horn_status reshape_like_infer(horn__infer *q) {
  const horn__shape *from = &q->in[0].shape, *to = &q->in[1].shape;
  int64_t size = horn__shape_span(from, 0, from->rank), wanted = horn__shape_span(to, 0, to->rank);
  if (size >= 0 && wanted >= 0 && size != wanted) return reshape_misfit(q, to);
  q->out[0] = (horn__type){*to, q->in[0].dtype};
  return HORN_OK;
}

const horn__op horn__op_ReshapeLike = {
    .name = "ReshapeLike", .id = HORN__OP_ReshapeLike, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__RESHAPES | HORN__STRINGS,
    .shape_only = 2, .attributes = HORN__NO_FIELDS, .infer = reshape_like_infer, .gradient = reshape_gradient};

/* ---- SumLike(x, like): x summed over the axes along which `like` was broadcast to x ----------------------------------- */

/* Whether the broadcast of two shapes is the wide one, as far as dimensions are known. */
static bool widest(const horn__shape *both, const horn__shape *wide) {
  if (both->rank != wide->rank) return false;
  for (int32_t i = 0; i < wide->rank; i++)
    if (both->dims[i] >= 0 && wide->dims[i] >= 0 && both->dims[i] != wide->dims[i]) return false;
  return true;
}

static horn_status like_infer(horn__infer *q, int32_t wide, int32_t narrow) {
  horn__shape both;
  HORN__TRY(horn__infer_broadcast(q, &q->in[0].shape, &q->in[1].shape, &both));
  if (!widest(&both, &q->in[wide].shape)) {
    char large[HORN__SHAPE_TEXT], small[HORN__SHAPE_TEXT];
    return horn__infer_fail(q, HORN_E_SHAPE, "%s cannot be broadcast to %s", horn__shape_text(&q->in[narrow].shape, small, sizeof small),
                            horn__shape_text(&q->in[wide].shape, large, sizeof large));
  }
  q->out[0] = (horn__type){q->in[1].shape, q->in[0].dtype};
  return HORN_OK;
}

static horn_status sum_like_infer(horn__infer *q) {
  if (q->in[0].dtype == HORN_BOOL) return horn__infer_fail(q, HORN_E_DTYPE, "expected float32 or int32, got bool");
  return like_infer(q, 0, 1);
}
static horn_status broadcast_like_infer(horn__infer *q) { return like_infer(q, 1, 0); }

/* Of one shape there is nothing to add or to repeat: most gradients of broadcasting ops are such. */
static horn__value like_lower(horn__graph *graph, const void *attributes, const horn__value *in, int32_t count) {
  (void)attributes;
  (void)count;
  if (!horn__shape_equal(&horn__type_of(graph, in[0])->shape, &horn__type_of(graph, in[1])->shape)) return HORN__NONE;
  return HORN__EMIT(graph, Identity, NULL, in[0]);
}

static horn_status sum_like_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, BroadcastLike, NULL, q->dout[0], q->in[0]);
  return HORN_OK;
}

static horn_status broadcast_like_gradient(horn__gradient *q) {
  q->din[0] = HORN__EMIT(q->graph, SumLike, NULL, q->dout[0], q->in[0]);
  return HORN_OK;
}

const horn__op horn__op_SumLike = {
    .name = "SumLike", .id = HORN__OP_SumLike, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .shape_only = 2,
    .attributes = HORN__NO_FIELDS, .infer = sum_like_infer, .gradient = sum_like_gradient, .lower = like_lower};

const horn__op horn__op_BroadcastLike = {
    .name = "BroadcastLike", .id = HORN__OP_BroadcastLike, .min_inputs = 2, .max_inputs = 2, .outputs = 1, .flags = HORN__STRINGS, .shape_only = 2,
    .attributes = HORN__NO_FIELDS, .infer = broadcast_like_infer, .gradient = broadcast_like_gradient, .lower = like_lower};

/* ---- BroadcastTo(x): x in a wider shape; -1 keeps x's dimension --------------------------------------------------------- */

static const horn__field broadcast_to_rows[] = {HORN__INTS(horn__reshape, shape, NULL, NULL)};

static horn_status broadcast_to_infer(horn__infer *q) {
  const horn__reshape *a = q->attributes;
  const horn__shape *x = &q->in[0].shape;
  const int32_t added = a->shape.count - x->rank;
  if (added < 0 || a->shape.count > HORN_MAX_RANK)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a shape of %d to %d dimensions, got %d", x->rank, HORN_MAX_RANK,
                            a->shape.count);
  horn__shape to = horn__shape_of(a->shape.count, a->shape.values);
  for (int32_t i = 0; i < to.rank; i++) {
    const int32_t dim = i < added ? 1 : x->dims[i - added];
    if (to.dims[i] == -1 && i >= added)
      to.dims[i] = dim;
    else if (to.dims[i] < 0 || (dim >= 0 && dim != 1 && dim != to.dims[i]))
      return horn__infer_fail(q, HORN_E_SHAPE, "dimension %d cannot be broadcast to %d at axis %d", dim, to.dims[i], i);
  }
  q->out[0] = (horn__type){to, q->in[0].dtype};
  return HORN_OK;
}

const horn__op horn__op_BroadcastTo = {
    .name = "BroadcastTo", .id = HORN__OP_BroadcastTo, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__reshape, broadcast_to_rows), .infer = broadcast_to_infer, .gradient = broadcast_like_gradient};

/* ---- ExpandDims, Squeeze: ones come and go, whatever the other dimensions are --------------------------------------------- */

static const horn__field expand_rows[] = {HORN__INTS(horn__axes, axes, "axis|dim", NULL)};
static const horn__field squeeze_rows[] = {HORN__INTS(horn__axes, axes, "axis", "null")};

static horn_status mark_axes(const horn__infer *q, const horn__ints *axes, int32_t rank, bool *marked) {
  for (int32_t i = 0, axis; i < axes->count; i++) {
    if (!horn__axis(axes->values[i], rank, &axis))
      return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is out of range for rank %d", axes->values[i], rank);
    if (marked[axis]) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "axis %d is given twice", axis);
    marked[axis] = true;
  }
  return HORN_OK;
}

static horn_status expand_infer(horn__infer *q) {
  const horn__axes *a = q->attributes;
  const horn__shape *x = &q->in[0].shape;
  bool one[HORN_MAX_RANK] = {false};
  const int32_t rank = x->rank + (a->axes.count < 0 ? 0 : a->axes.count);
  if (rank > HORN_MAX_RANK) return horn__infer_fail(q, HORN_E_LIMIT, "the result has more than %d dimensions", HORN_MAX_RANK);
  HORN__TRY(mark_axes(q, &a->axes, rank, one));
  horn__shape y = {.rank = rank};
  for (int32_t i = 0, from = 0; i < rank; i++) y.dims[i] = one[i] ? 1 : x->dims[from++];
  q->out[0] = (horn__type){y, q->in[0].dtype};
  return HORN_OK;
}

static horn_status squeeze_infer(horn__infer *q) {
  const horn__axes *a = q->attributes;
  const horn__shape *x = &q->in[0].shape;
  bool gone[HORN_MAX_RANK] = {false};
  HORN__TRY(mark_axes(q, &a->axes, x->rank, gone));
  horn__shape y = {0};
  for (int32_t i = 0; i < x->rank; i++) {
    if (a->axes.count < 0 && x->dims[i] < 0)
      return horn__infer_fail(q, HORN_E_SHAPE, "axes must be given where dimension %d is unknown", i);
    if (gone[i] && x->dims[i] != 1 && x->dims[i] >= 0)
      return horn__infer_fail(q, HORN_E_SHAPE, "dimension %d is %d, expected 1", i, x->dims[i]);
    if (!(gone[i] || (a->axes.count < 0 && x->dims[i] == 1))) y.dims[y.rank++] = x->dims[i];
  }
  q->out[0] = (horn__type){y, q->in[0].dtype};
  return HORN_OK;
}

const horn__op horn__op_ExpandDims = {
    .name = "ExpandDims", .id = HORN__OP_ExpandDims, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__RESHAPES | HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__axes, expand_rows), .infer = expand_infer, .gradient = reshape_gradient};

const horn__op horn__op_Squeeze = {
    .name = "Squeeze", .id = HORN__OP_Squeeze, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__RESHAPES | HORN__STRINGS,
    .attributes = HORN__FIELDS(horn__axes, squeeze_rows), .infer = squeeze_infer, .gradient = reshape_gradient};
