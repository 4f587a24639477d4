/* Matching HDF5: each layer of the model has a group, whose arrays are in the order of the layer's trainable weights, then the others. A
 * nested model's arrays carry the names of its layers, which say more than their order. */
#include <string.h>

#include "match/match.h"

typedef struct targets {
  horn__target **list;
  size_t count;
} targets;

static void collect(const horn__node *node, bool trainable, targets *out) {
  for (size_t i = 0; i < node->weight_count; i++)
    if (node->weights[i]->trainable == trainable) out->list[out->count++] = node->weights[i];
  for (size_t i = 0; i < node->child_count; i++) collect(&node->children[i], trainable, out);
}

horn_status horn__match_file_order(horn__arena *arena, const horn__node *layer, horn__target *const **out) {
  targets order = {.list = horn__arena_alloc(arena, layer->total * sizeof *order.list + 1)};
  if (order.list == NULL) return HORN_E_OUT_OF_MEMORY;
  collect(layer, true, &order);
  collect(layer, false, &order);
  *out = order.list;
  return HORN_OK;
}

/* ---- by name ---------------------------------------------------------------------------------------------------------- */

/* Whether the file's "sequential/conv1d/kernel:0" is the weight "conv1d/kernel": models may be named before it. */
static bool same_name(const char *in_file, const char *name) {
  size_t length = strcspn(in_file, ":"), wanted = strlen(name);
  if (length < wanted || strncmp(in_file + length - wanted, name, wanted) != 0) return false;
  return length == wanted || in_file[length - wanted - 1] == '/';
}

/* Puts the arrays into the order of the targets; false where a name is not there or not the only one. */
static bool sort_by_name(horn__target *const *wanted, size_t count, horn__saved_array *const *arrays, horn__saved_array **sorted) {
  for (size_t t = 0; t < count; t++) {
    sorted[t] = NULL;
    for (size_t i = 0; i < count; i++) {
      if (!same_name(arrays[i]->name, wanted[t]->name)) continue;
      if (sorted[t] != NULL) return false;
      sorted[t] = arrays[i];
    }
    if (sorted[t] == NULL) return false;
  }
  return true;
}

/* ---- layers ------------------------------------------------------------------------------------------------------------- */

/* Brings the arrays of wrapped layers to Keras 2's form, each in its part of the list. A nested model has its layers' arrays mixed: they are
 * taken as they are, as Keras does. */
static horn_status convert(horn__matching *m, const horn__node *layer, horn__saved_array **arrays, size_t *count) {
  if (layer->model) return HORN_OK;
  if (layer->child_count == 0) return horn__match_convert(m, layer, arrays, count);
  if (layer->weight_count > 0 || *count % layer->child_count != 0) return HORN_OK;
  size_t share = *count / layer->child_count, kept = 0;
  for (size_t c = 0; c < layer->child_count; c++) {
    size_t part = share;
    memmove(arrays + kept, arrays + c * share, share * sizeof *arrays);
    HORN__TRY(convert(m, &layer->children[c], arrays + kept, &part));
    kept += part;
  }
  *count = kept;
  return HORN_OK;
}

static horn_status match_layer(horn__matching *m, const horn__node *layer, const horn__saved_group *group) {
  horn__target *const *wanted;
  size_t count = group->count;
  HORN__TRY(horn__match_file_order(&m->arena, layer, &wanted));
  HORN__TRY(horn__blame(m->ctx, convert(m, layer, group->arrays, &count), "layer \"%.100s\"", layer->name));
  horn__saved_array **sorted = horn__arena_alloc(&m->arena, layer->total * sizeof *sorted + 1);
  if (sorted == NULL) return HORN_E_OUT_OF_MEMORY;
  bool named = layer->model && count == layer->total && sort_by_name(wanted, count, group->arrays, sorted);
  return horn__match_assign(m, layer->name, wanted, layer->total, named ? sorted : group->arrays, count);
}

horn_status horn__match_by_layer(horn__matching *m) {
  const horn__node **sorted;
  HORN__TRY(horn__match_sort_children(m, &m->model, &sorted));
  for (size_t i = 0; i < m->source->group_count; i++) {
    const horn__saved_group *group = &m->source->groups[i];
    const horn__node *layer = horn__match_child_named(&m->model, sorted, group->name);
    if (layer == NULL && group->count == 0) continue; /* an input that the config does not have */
    if (layer == NULL)
      return horn__fail(m->ctx, HORN_E_FORMAT, "the file has weights of a layer \"%.100s\", which the model does not have", group->name);
    HORN__TRY(match_layer(m, layer, group));
  }
  return HORN_OK;
}
