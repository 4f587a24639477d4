/* Operations on tensors: the second part of the table, those that move elements and change shapes. Reference: keras/src/ops/numpy.py,
 * TensorFlow's array_ops. */
#include <string.h>

#include "cJSON.h"
#include "layers/container.h"
#include "layers/operation.h"

enum { MAX_PLACES = 1 << 20 /* that a constant lists, of an axis */ };

static int32_t rank_of(const horn__call *call, horn__value x) { return horn__type_of(call->graph, x)->shape.rank; }

/* ---- shapes ------------------------------------------------------------------------------------------------------------------ */

/* Reshape and BroadcastTo. A dimension that is a tensor is what is left. */
static horn_status to_shape(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__reshape to = {.keep_first = false};
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "newshape|shape", 1, &to.shape));
  if (to.shape.count < 0) return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected a shape");
  return horn__return(call, horn__emit(call->graph, operation->op, &to, &x, 1));
}

static horn_status ravel(horn__call *call, const horn__operation *operation) {
  static const horn__reshape flat = {.shape = {1, {-1}}};
  horn__value x;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  return horn__return(call, HORN__EMIT(call->graph, Reshape, &flat, x));
}

static horn_status expand_or_squeeze(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__axes attributes;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "axis", 1, &attributes.axes));
  return horn__return(call, horn__emit(call->graph, operation->op, &attributes, &x, 1));
}

/* The dimensions of x as int32 [rank]; those that are not known yet are counted once they are. */
static horn_status shape(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x, dims[HORN_MAX_RANK];
  static const horn__axes first = {{1, {0}}};
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  const horn__shape of = horn__type_of(g, x)->shape;
  for (int32_t i = 0; i < of.rank; i++) {
    horn__slice one = {.begin = {of.rank, {0}}, .size = {of.rank, {0}}};
    for (int32_t d = 0; d < of.rank; d++) one.size.values[d] = d == i ? 1 : -1;
    if (of.dims[i] >= 0) {
      dims[i] = horn__graph_ints(g, 1, (const int32_t[]){1}, &of.dims[i]);
      continue;
    }
    horn__value count = HORN__EMIT(g, CountLike, NULL, x, HORN__EMIT(g, Slice, &one, x));
    dims[i] = HORN__EMIT(g, ExpandDims, &first, HORN__EMIT(g, Cast, &(horn__cast){HORN_INT32}, count));
  }
  if (of.rank == 0) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "the shape of a scalar");
  return horn__return(call, of.rank == 1 ? dims[0] : horn__emit(g, &horn__op_Concat, &(horn__concat){0}, dims, of.rank));
}

/* ---- axes ----------------------------------------------------------------------------------------------------------------------- */

static horn_status transpose(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__transpose order;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "axes|perm", 1, &order.permutation));
  const int32_t rank = rank_of(call, x);
  if (order.permutation.count < 0) {
    order.permutation.count = rank;
    for (int32_t i = 0; i < rank; i++) order.permutation.values[i] = rank - 1 - i;
  }
  for (int32_t i = 0; i < order.permutation.count; i++)
    if (order.permutation.values[i] < 0) order.permutation.values[i] += rank;
  return horn__return(call, HORN__EMIT(call->graph, Transpose, &order, x));
}

/* Two axes change places, or (which 1) one goes to another place and those between move up. */
static horn_status move_axis(horn__call *call, const horn__operation *operation) {
  horn__value x;
  int32_t from, to;
  HORN__TRY(horn__subject(call, &x));
  const int32_t rank = rank_of(call, x);
  horn__transpose order = {{.count = rank}};
  HORN__TRY(horn__axis_of(call, "source|axis1", 1, 0, rank, &from));
  HORN__TRY(horn__axis_of(call, "destination|axis2", 2, 0, rank, &to));
  for (int32_t i = 0; i < rank; i++) order.permutation.values[i] = i;
  const int32_t step = from < to ? 1 : -1;
  for (int32_t i = from; operation->which == 1 && i != to; i += step) order.permutation.values[i] = i + step;
  if (operation->which == 0) order.permutation.values[from] = to;
  order.permutation.values[to] = from;
  return horn__return(call, HORN__EMIT(call->graph, Transpose, &order, x));
}

static horn_status flip(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__reverse attributes;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "axis", 1, &attributes.dims));
  const int32_t rank = rank_of(call, x);
  if (attributes.dims.count < 0) {
    attributes.dims.count = rank;
    for (int32_t i = 0; i < rank; i++) attributes.dims.values[i] = i;
  }
  return horn__return(call, HORN__EMIT(call->graph, Reverse, &attributes, x));
}

/* ---- joining and splitting ----------------------------------------------------------------------------------------------------------- */

static horn_status concatenate(horn__call *call, const horn__operation *operation) {
  horn__value parts[HORN__MAX_SLOTS];
  int32_t count;
  horn__concat attributes;
  (void)operation;
  HORN__TRY(horn__argument_tensors(call, "xs|values", 0, parts, &count));
  HORN__TRY(horn__axis_of(call, "axis", 1, 0, rank_of(call, parts[0]), &attributes.axis));
  return horn__return(call, horn__emit(call->graph, &horn__op_Concat, &attributes, parts, count));
}

static horn_status stack(horn__call *call, const horn__operation *operation) {
  horn__value parts[HORN__MAX_SLOTS];
  int32_t count, axis;
  (void)operation;
  HORN__TRY(horn__argument_tensors(call, "x|values", 0, parts, &count));
  HORN__TRY(horn__axis_of(call, "axis", 1, 0, rank_of(call, parts[0]) + 1, &axis));
  const horn__axes added = {{1, {axis}}};
  for (int32_t i = 0; i < count; i++) parts[i] = HORN__EMIT(call->graph, ExpandDims, &added, parts[i]);
  return horn__return(call, horn__emit(call->graph, &horn__op_Concat, &(horn__concat){axis}, parts, count));
}

horn__value horn__part_of(horn__graph *graph, horn__value x, int32_t axis, int32_t begin, int32_t size) {
  horn__slice part = {.begin = {axis + 1, {0}}, .size = {axis + 1, {0}}};
  for (int32_t i = 0; i <= axis; i++) {
    part.begin.values[i] = i == axis ? begin : 0;
    part.size.values[i] = i == axis ? size : -1;
  }
  return HORN__EMIT(graph, Slice, &part, x);
}

/* Where the parts begin: so many equal ones, at the indices of Keras, or of the sizes of tf (which 1). */
static horn_status find_parts(const horn__call *call, bool sizes, int32_t dim, int32_t *begins, int32_t *count) {
  static const char names[] = "indices_or_sections|num_or_size_splits";
  const cJSON *json = horn__argument(call, names, 1), *item;
  int64_t number;
  *count = 0;
  if (horn__json_int(json, 1, HORN__MAX_SLOTS, &number)) {
    if (dim < 0 || dim % number != 0)
      return horn__layer_fail(call->layer, HORN_E_SHAPE, "%d elements cannot be split into %d parts", dim, (int)number);
    for (; *count < number; (*count)++) begins[*count] = *count * (dim / (int32_t)number);
    return HORN_OK;
  }
  if (!sizes) begins[(*count)++] = 0;
  for (int32_t at = 0, given = 0; given < cJSON_GetArraySize(json); given++) {
    item = cJSON_GetArrayItem(json, given);
    if (*count == HORN__MAX_SLOTS || !horn__json_int(item, sizes ? 0 : begins[*count - 1], INT32_MAX / 2, &number))
      return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "expected whole numbers in order, at most %d", HORN__MAX_SLOTS);
    begins[(*count)++] = sizes ? at : (int32_t)number;
    at += (int32_t)number;
    if (at > INT32_MAX / 2) return horn__layer_fail(call->layer, HORN_E_SHAPE, "the parts are too large");
  }
  return *count > 0 ? HORN_OK : horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected %s", names);
}

static horn_status split(horn__call *call, const horn__operation *operation) {
  horn__value x;
  int32_t axis, begins[HORN__MAX_SLOTS], count;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__axis_of(call, "axis", 2, 0, rank_of(call, x), &axis));
  HORN__TRY(find_parts(call, operation->which == 1, horn__type_of(call->graph, x)->shape.dims[axis], begins, &count));
  call->outputs = count;
  for (int32_t i = 0; i < count; i++)
    call->out[i].value = horn__part_of(call->graph, x, axis, begins[i], i + 1 < count ? begins[i + 1] - begins[i] : -1);
  return call->graph->status;
}

static horn_status unstack(horn__call *call, const horn__operation *operation) {
  horn__value x;
  int32_t axis;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__axis_of(call, "axis", 2, 0, rank_of(call, x), &axis));
  const horn__axes gone = {{1, {axis}}};
  const int32_t dim = horn__type_of(call->graph, x)->shape.dims[axis];
  if (dim < 1 || dim > HORN__MAX_SLOTS) return horn__layer_fail(call->layer, HORN_E_SHAPE, "expected 1 to %d parts, got %d", HORN__MAX_SLOTS, dim);
  call->outputs = dim;
  for (int32_t i = 0; i < dim; i++) {
    horn__value part = horn__part_of(call->graph, x, axis, i, 1);
    call->out[i].value = HORN__EMIT(call->graph, Squeeze, &gone, part);
  }
  return call->graph->status;
}

static horn_status tile(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__tile attributes;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "repeats|multiples", 1, &attributes.reps));
  return horn__return(call, HORN__EMIT(call->graph, Tile, &attributes, x));
}

static horn_status pad(horn__call *call, const horn__operation *operation) {
  horn__value x;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  const cJSON *pairs = horn__argument(call, "pad_width|paddings", 1), *item;
  const char *mode = horn__argument_text(call, "mode", 2);
  const int32_t rank = rank_of(call, x);
  horn__ints amounts = {.count = 0};
  int64_t before, after;
  cJSON_ArrayForEach(item, pairs) {
    if (amounts.count == 2 * rank || !horn__json_int(cJSON_GetArrayItem(item, 0), 0, INT32_MAX, &before) ||
        !horn__json_int(cJSON_GetArrayItem(item, 1), 0, INT32_MAX, &after))
      return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "expected a pair of numbers for each axis as padding");
    amounts.values[amounts.count++] = (int32_t)before;
    amounts.values[amounts.count++] = (int32_t)after;
  }
  if (mode == NULL || horn__spelling("constant|CONSTANT", mode) >= 0) {
    const horn__pad attributes = {.paddings = amounts, .value = horn__argument_number(call, "constant_values", -1, 0)};
    return horn__return(call, HORN__EMIT(call->graph, PadV2, &attributes, x));
  }
  const horn__mirror_pad attributes = {.paddings = amounts, .mode = horn__spelling("symmetric|SYMMETRIC", mode) >= 0};
  return horn__return(call, HORN__EMIT(call->graph, MirrorPad, &attributes, x));
}

/* ---- picking ------------------------------------------------------------------------------------------------------------------------------ */

/* Keras's take without an axis reads x as flat; tf's gather takes axis 0 then. */
static horn_status take(horn__call *call, const horn__operation *operation) {
  horn__value x, indices;
  horn__gather attributes = {0};
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_tensor(call, "indices", 1, HORN__NONE, &indices));
  HORN__TRY(horn__axis_of(call, "axis", 2, 0, rank_of(call, x), &attributes.axis));
  HORN__TRY(horn__argument_int(call, "batch_dims", -1, 0, &attributes.batch_dims));
  const horn__reshape row = {.shape = {1, {-1}}};
  if (operation->which == 0 && horn__argument(call, "axis", 2) == NULL) x = HORN__EMIT(call->graph, Reshape, &row, x);
  if (horn__type_of(call->graph, indices)->dtype != HORN_INT32) indices = HORN__EMIT(call->graph, Cast, &(horn__cast){HORN_INT32}, indices);
  return horn__return(call, HORN__EMIT(call->graph, GatherV2, &attributes, x, indices));
}

static horn_status one_hot(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__one_hot attributes = {.on_value = 1, .dtype = HORN_FLOAT32};
  (void)operation;
  HORN__TRY(horn__argument_tensor(call, "x|indices", 0, HORN__NONE, &x));
  HORN__TRY(horn__argument_int(call, "num_classes|depth", 1, 0, &attributes.depth));
  attributes.on_value = horn__argument_number(call, "on_value", -1, 1);
  attributes.off_value = horn__argument_number(call, "off_value", -1, 0);
  return horn__return(call, HORN__EMIT(call->graph, OneHot, &attributes, x));
}

static horn_status arg_extreme(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__arg_reduce attributes;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__axis_of(call, "axis", 1, 0, rank_of(call, x), &attributes.axis));
  horn__value y = horn__emit(call->graph, operation->op, &attributes, &x, 1);
  const horn__axes kept = {{1, {attributes.axis}}};
  return horn__return(call, horn__argument_flag(call, "keepdims") ? HORN__EMIT(call->graph, ExpandDims, &kept, y) : y);
}

static horn_status scan(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__scan attributes = {.exclusive = horn__argument_flag(call, "exclusive"), .reverse = horn__argument_flag(call, "reverse")};
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__axis_of(call, "axis", 1, 0, rank_of(call, x), &attributes.axis));
  return horn__return(call, horn__emit(call->graph, operation->op, &attributes, &x, 1));
}

/* Each element of an axis so many times, one after the other. */
static horn_status repeat(horn__call *call, const horn__operation *operation) {
  horn__value x;
  int32_t axis, times;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__axis_of(call, "axis", 2, 0, rank_of(call, x), &axis));
  HORN__TRY(horn__argument_int(call, "repeats", 1, 1, &times));
  const int32_t dim = horn__type_of(call->graph, x)->shape.dims[axis];
  if (horn__argument(call, "axis", 2) == NULL || dim < 0 || times < 1 || (int64_t)dim * times > MAX_PLACES)
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "repeat takes one number, and an axis of known size");
  int32_t *places = horn__arena_alloc(&call->graph->arena, (size_t)dim * (size_t)times * sizeof *places + 1);
  if (places == NULL) return HORN_E_OUT_OF_MEMORY;
  for (int32_t i = 0; i < dim * times; i++) places[i] = i / times;
  return horn__return(call, HORN__EMIT(call->graph, GatherV2, &(horn__gather){.axis = axis}, x,
      horn__graph_ints(call->graph, 1, (const int32_t[]){dim * times}, places)));
}

static horn_status slice(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__slice part;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "begin|start_indices", 1, &part.begin));
  HORN__TRY(horn__argument_ints(call, "size|shape", 2, &part.size));
  return horn__return(call, HORN__EMIT(call->graph, Slice, &part, x));
}

/* ---- x[key] ---------------------------------------------------------------------------------------------------------------------------------- */

/* The same axis from its end on. */
static horn__value turned(horn__graph *graph, horn__value x, int32_t axis) {
  const horn__reverse attributes = {{1, {axis}}};
  return HORN__EMIT(graph, Reverse, &attributes, x);
}

static bool bound_of(const cJSON *json, const char *name, int64_t initial, int64_t *out) {
  const cJSON *bound = horn__json_get(json, name);
  *out = initial;
  return bound == NULL || cJSON_IsNull(bound) || horn__json_int(bound, INT32_MIN / 2, INT32_MAX / 2, out);
}

/* With a step, or from the end backwards: Python's range as indices. */
static horn_status pick_steps(horn__call *call, const cJSON *range, int32_t axis, int64_t step, horn__value *x) {
  const int64_t dim = horn__type_of(call->graph, *x)->shape.dims[axis];
  int64_t start, stop;
  const bool ends = horn__json_get(range, "start") == NULL && horn__json_get(range, "stop") == NULL;
  if (ends && step == -1) {
    *x = turned(call->graph, *x, axis);
    return HORN_OK;
  }
  if (dim < 0 || dim > MAX_PLACES || step == 0)
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "slices with a step take an axis of known size");
  if (!bound_of(range, "start", step > 0 ? 0 : dim - 1, &start) || !bound_of(range, "stop", step > 0 ? dim : -dim - 1, &stop))
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "the bounds of slices must be numbers");
  if (start < 0) start += dim;
  if (stop < 0) stop += dim;
  int32_t *places = horn__arena_alloc(&call->graph->arena, (size_t)dim * sizeof *places + 1), count = 0;
  if (places == NULL) return HORN_E_OUT_OF_MEMORY;
  if (step > 0 && start < 0) start = 0;
  if (step < 0 && start > dim - 1) start = dim - 1;
  for (int64_t i = start; (step > 0 ? i < stop && i < dim : i > stop && i >= 0); i += step) places[count++] = (int32_t)i;
  *x = HORN__EMIT(call->graph, GatherV2, &(horn__gather){.axis = axis}, *x, horn__graph_ints(call->graph, 1, &count, places));
  return call->graph->status;
}

/* x[..., start:stop, ...] along an axis. */
static horn_status pick_range(horn__call *call, const cJSON *json, int32_t axis, horn__value *x) {
  const cJSON *range = horn__json_get(json, "config") != NULL ? horn__json_get(json, "config") : json;
  int64_t start, stop, step;
  if (!bound_of(range, "step", 1, &step) || !bound_of(range, "start", 0, &start) || !bound_of(range, "stop", 0, &stop))
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "the bounds of slices must be numbers");
  if (step != 1) return pick_steps(call, range, axis, step, x);
  const bool open = horn__json_get(range, "stop") == NULL;
  const int32_t dim = horn__type_of(call->graph, *x)->shape.dims[axis];
  if (start < 0 && dim >= 0) start = start + dim < 0 ? 0 : start + dim;
  if (stop < 0 && dim >= 0) stop = stop + dim < 0 ? 0 : stop + dim;
  if (dim >= 0) {
    if (open || stop > dim) stop = dim;
    if (start > stop) start = stop;
    *x = horn__part_of(call->graph, *x, axis, (int32_t)start, (int32_t)(stop - start));
  } else if (start < 0 && open) { /* the last few */
    *x = turned(call->graph, horn__part_of(call->graph, turned(call->graph, *x, axis), axis, 0, (int32_t)-start), axis);
  } else if (start >= 0) {
    *x = horn__part_of(call->graph, *x, axis, (int32_t)start, open ? -1 : stop < 0 ? (int32_t)(stop - 1) : (int32_t)(stop - start));
  } else {
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "this slice takes an axis of known size");
  }
  return call->graph->status;
}

/* x[..., index, ...]: the axis stays, of size 1. */
static void pick_one(horn__call *call, int64_t index, int32_t axis, horn__value *x) {
  const int32_t dim = horn__type_of(call->graph, *x)->shape.dims[axis];
  if (index < 0 && dim >= 0) index += dim;
  if (index >= 0)
    *x = horn__part_of(call->graph, *x, axis, (int32_t)index, 1);
  else
    *x = horn__part_of(call->graph, turned(call->graph, *x, axis), axis, (int32_t)(-index - 1), 1);
}

static bool is_ellipsis(const cJSON *json) {
  const char *name = cJSON_IsString(json) ? json->valuestring : horn__json_text(json, "class_name");
  return name != NULL && (strcmp(name, "__ellipsis__") == 0 || strcmp(name, "...") == 0);
}

typedef struct picking {
  horn__value x;
  int32_t axis;                  /* of x, next to be picked from */
  horn__axes gone, added;        /* axes of x that go, then axes of the result that come */
} picking;

/* One part of a key: a new axis (null), an index, a range; an ellipsis leaves `skipped` axes alone. */
static horn_status pick(horn__call *call, const cJSON *json, int32_t skipped, picking *p) {
  int64_t index;
  const int32_t rank = rank_of(call, p->x), result = p->axis - p->gone.axes.count + p->added.axes.count;
  if (is_ellipsis(json)) {
    p->axis += skipped;
    return HORN_OK;
  }
  if (cJSON_IsNull(json)) {
    p->added.axes.values[p->added.axes.count++] = result;
    return HORN_OK;
  }
  if (p->axis >= rank) return horn__layer_fail(call->layer, HORN_E_SHAPE, "too many indices for rank %d", rank);
  if (cJSON_IsObject(json)) return pick_range(call, json, p->axis++, &p->x);
  if (!horn__json_int(json, INT32_MIN / 2, INT32_MAX / 2, &index))
    return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "it is indexed by a tensor, which is not supported");
  pick_one(call, index, p->axis, &p->x);
  p->gone.axes.values[p->gone.axes.count++] = p->axis++;
  return call->graph->status;
}

static horn_status get_item(horn__call *call, const horn__operation *operation) {
  picking p = {.axis = 0};
  (void)operation;
  HORN__TRY(horn__subject(call, &p.x));
  const cJSON *key = horn__argument(call, "key|slice_spec", 1), *item;
  const bool several = cJSON_IsArray(key) && horn__reference_of(key) == NULL;
  int32_t used = 0;
  if (several && cJSON_GetArraySize(key) > HORN_MAX_RANK) return horn__layer_fail(call->layer, HORN_E_LIMIT, "more than %d indices", HORN_MAX_RANK);
  if (!several) {
    HORN__TRY(pick(call, key, rank_of(call, p.x), &p));
  } else {
    cJSON_ArrayForEach(item, key) used += !cJSON_IsNull(item) && !is_ellipsis(item);
    cJSON_ArrayForEach(item, key) HORN__TRY(pick(call, item, rank_of(call, p.x) - used, &p));
  }
  if (p.gone.axes.count > 0) p.x = HORN__EMIT(call->graph, Squeeze, &p.gone, p.x);
  if (p.added.axes.count > 0) p.x = HORN__EMIT(call->graph, ExpandDims, &p.added, p.x);
  return horn__return(call, p.x);
}

/* ---- the table ------------------------------------------------------------------------------------------------------------------------------ */

const horn__operation horn__shape_operations[] = {
    {"GetItem|__operators__.getitem", get_item, NULL, 0},
    {"Reshape|reshape", to_shape, &horn__op_Reshape, 0},
    {"Ravel", ravel, NULL, 0},
    {"BroadcastTo|broadcast_to", to_shape, &horn__op_BroadcastTo, 0},
    {"ExpandDims|expand_dims", expand_or_squeeze, &horn__op_ExpandDims, 0},
    {"Squeeze|compat.v1.squeeze|squeeze", expand_or_squeeze, &horn__op_Squeeze, 0},
    {"compat.v1.shape|shape", shape, NULL, 0},
    {"Transpose|compat.v1.transpose|transpose", transpose, NULL, 0},
    {"Swapaxes", move_axis, NULL, 0},
    {"Moveaxis", move_axis, NULL, 1},
    {"Flip|reverse", flip, NULL, 0},
    {"Concatenate|concat", concatenate, NULL, 0},
    {"Stack|stack", stack, NULL, 0},
    {"Split", split, NULL, 0},
    {"split", split, NULL, 1},
    {"Unstack|unstack", unstack, NULL, 0},
    {"Tile|tile", tile, NULL, 0},
    {"Pad|compat.v1.pad|pad", pad, NULL, 0},
    {"Take", take, NULL, 0},
    {"compat.v1.gather|gather", take, NULL, 1},
    {"OneHot|one_hot", one_hot, NULL, 0},
    {"Argmax|math.argmax|argmax", arg_extreme, &horn__op_ArgMax, 0},
    {"Argmin|math.argmin|argmin", arg_extreme, &horn__op_ArgMin, 0},
    {"Cumsum|math.cumsum|cumsum", scan, &horn__op_Cumsum, 0},
    {"Cumprod|math.cumprod", scan, &horn__op_Cumprod, 0},
    {"Repeat|repeat", repeat, NULL, 0},
    {"Slice|slice", slice, NULL, 0},
    {NULL, NULL, NULL, 0},
};
