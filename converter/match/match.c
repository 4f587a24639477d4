/* Matching: the core's description as a tree, and what both ways of matching share. */
#include "match/match.h"

#include <stdlib.h>
#include <string.h>

#include "cJSON.h"

/* ---- the core's description as targets and nodes -------------------------------------------------------------------------- */

static horn_status read_target(horn__matching *m, const cJSON *json, horn__target *out) {
  const cJSON *shape = horn__json_get(json, "shape"), *dim;
  out->name = horn__json_text(json, "name");
  out->trainable = cJSON_IsTrue(horn__json_get(json, "trainable"));
  out->count = 1;
  cJSON_ArrayForEach(dim, shape) {
    int64_t number;
    if (out->rank == HORN_MAX_RANK || !horn__json_int(dim, 0, INT32_MAX, &number) || !horn__multiply(out->count, (size_t)number, &out->count))
      return horn__fail(m->ctx, HORN_E_INTERNAL, "the description of a weight is not as expected");
    out->dims[out->rank++] = (int32_t)number;
  }
  return out->name == NULL ? horn__fail(m->ctx, HORN_E_INTERNAL, "the description of a weight has no name") : HORN_OK;
}

static horn_status read_targets(horn__matching *m) {
  const cJSON *list = horn__json_get(m->description, "allWeights"), *item;
  m->target_count = (size_t)cJSON_GetArraySize(list);
  m->targets = horn__arena_alloc(&m->arena, m->target_count * sizeof *m->targets + 1);
  if (m->targets == NULL) return HORN_E_OUT_OF_MEMORY;
  size_t i = 0;
  cJSON_ArrayForEach(item, list) HORN__TRY(read_target(m, item, &m->targets[i++]));
  return HORN_OK;
}

static horn_status read_own_weights(horn__matching *m, const cJSON *json, horn__node *out) {
  const cJSON *list = horn__json_get(json, "weights"), *item;
  out->weight_count = (size_t)cJSON_GetArraySize(list);
  out->weights = horn__arena_alloc(&m->arena, out->weight_count * sizeof *out->weights + 1);
  if (out->weights == NULL) return HORN_E_OUT_OF_MEMORY;
  size_t i = 0;
  cJSON_ArrayForEach(item, list) {
    int64_t index;
    if (!horn__json_int(item, 0, (int64_t)m->target_count - 1, &index))
      return horn__fail(m->ctx, HORN_E_INTERNAL, "the index of a weight is not as expected");
    out->weights[i++] = &m->targets[index];
  }
  return HORN_OK;
}

/* Depth is bounded by the parser. */
static horn_status read_node(horn__matching *m, const cJSON *json, horn__node *out) {
  const cJSON *list = horn__json_get(json, "layers"), *item;
  out->name = horn__json_text(json, "name");
  out->class_name = horn__json_text(json, "className");
  if (out->name == NULL || out->class_name == NULL) return horn__fail(m->ctx, HORN_E_INTERNAL, "the description of a layer is not as expected");
  out->config = horn__json_get(json, "config");
  out->sequential = strcmp(out->class_name, "Sequential") == 0;
  out->model = out->sequential || strcmp(out->class_name, "Functional") == 0;
  HORN__TRY(read_own_weights(m, json, out));
  out->total = out->weight_count;
  out->children = horn__arena_alloc(&m->arena, (size_t)cJSON_GetArraySize(list) * sizeof *out->children + 1);
  if (out->children == NULL) return HORN_E_OUT_OF_MEMORY;
  cJSON_ArrayForEach(item, list) {
    horn__node *child = &out->children[out->child_count++];
    HORN__TRY(read_node(m, item, child));
    out->total += child->total;
  }
  return HORN_OK;
}

static horn_status describe(horn__matching *m, horn_model model) {
  const char *text;
  HORN__TRY(horn_model_describe(m->ctx, model, &text));
  HORN__TRY(horn__json_parse(m->ctx, "description", text, strlen(text), HORN__MAX_MODEL_DEPTH, &m->description));
  HORN__TRY(read_targets(m));
  return read_node(m, m->description, &m->model);
}

/* ---- layers by name ----------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) { return strcmp((*(const horn__node *const *)a)->name, (*(const horn__node *const *)b)->name); }

static int named(const void *name, const void *node) { return strcmp(name, (*(const horn__node *const *)node)->name); }

horn_status horn__match_sort_children(horn__matching *m, const horn__node *model, const horn__node ***out) {
  *out = horn__arena_alloc(&m->arena, model->child_count * sizeof **out + 1);
  if (*out == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < model->child_count; i++) (*out)[i] = &model->children[i];
  qsort(*out, model->child_count, sizeof **out, by_name);
  return HORN_OK;
}

const horn__node *horn__match_child_named(const horn__node *model, const horn__node *const *sorted, const char *name) {
  const horn__node *const *found = bsearch(name, sorted, model->child_count, sizeof *sorted, named);
  return found == NULL ? NULL : *found;
}

/* ---- the file's config -------------------------------------------------------------------------------------------------- */

static horn_status read_config(horn__matching *m) {
  HORN__TRY(horn__json_parse(m->ctx, "model_config", m->source->config, strlen(m->source->config), HORN__MAX_MODEL_DEPTH, &m->config));
  m->root = m->config;
  static const char *const ways[] = {"modelTopology", "model_config"}; /* where a topology came beside a weights file */
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
    const cJSON *inner = horn__json_get(m->root, ways[i]);
    if (inner != NULL) m->root = inner;
  }
  long major = strtol(m->source->keras_version, NULL, 10);
  m->keras = major < 1 ? 1 : major > 3 ? 3 : (int32_t)major;
  m->theano = m->source->backend != NULL && strcmp(m->source->backend, "theano") == 0;
  return HORN_OK;
}

horn_status horn__match_assign(horn__matching *m, const char *owner, horn__target *const *targets, size_t target_count,
                               horn__saved_array *const *arrays, size_t count) {
  if (count != target_count)
    return horn__fail(m->ctx, HORN_E_FORMAT, "layer \"%.100s\": expected %zu weights, the file has %zu", owner, target_count, count);
  for (size_t i = 0; i < count; i++) {
    horn__target *target = targets[i];
    const horn__saved_array *array = arrays[i];
    bool same = target->rank == array->rank;
    for (int32_t d = 0; same && d < array->rank; d++) same = target->dims[d] == array->dims[d];
    char expected[128], found[128];
    if (!same)
      return horn__fail(m->ctx, HORN_E_SHAPE, "layer \"%.100s\": the weight %.100s has shape %s, the file's \"%.100s\" has %s", owner, target->name,
                        horn__dims_text(target->dims, target->rank, expected, sizeof expected), array->name,
                        horn__dims_text(array->dims, array->rank, found, sizeof found));
    target->array = array;
  }
  return HORN_OK;
}

static horn_status check_complete(const horn__matching *m) {
  for (size_t i = 0; i < m->target_count; i++)
    if (m->targets[i].array == NULL) return horn__fail(m->ctx, HORN_E_FORMAT, "the weight %.100s is not in the file", m->targets[i].name);
  return HORN_OK;
}

horn_status horn__match(horn_context *ctx, horn_model model, horn__source *source, horn__matching *out) {
  *out = (horn__matching){.ctx = ctx, .source = source};
  horn__arena_init(&out->arena, ctx);
  HORN__TRY(describe(out, model));
  HORN__TRY(read_config(out));
  static horn_status (*const ways[])(horn__matching *) = {
      [HORN__BY_LAYER] = horn__match_by_layer, [HORN__BY_PATH] = horn__match_by_path, [HORN__BY_NAME] = horn__match_by_name};
  HORN__TRY(ways[source->grouping](out));
  HORN__TRY(check_complete(out));
  return horn__match_state(out);
}

void horn__matching_release(horn__matching *m) {
  horn__json_release(m->description);
  horn__json_release(m->config);
  if (m->ctx != NULL) horn__arena_release(&m->arena);
}
