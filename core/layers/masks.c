/* Layers of a Functional that compute nothing but masks. Keras 3 records the ops of compute_mask as layers and gives their results to others as
 * the argument `mask`. Our layers hand masks on by themselves, so such layers are taken out of the config. */
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "layers/container.h"

/* A layer that may be taken out, by its name. */
typedef struct candidate {
  const char *name;
  int32_t layer;
} candidate;

typedef struct marker {
  cJSON **items;         /* the layers of the config */
  bool *kept;            /* by layer */
  int32_t *waiting;      /* layers whose inputs are still to be marked, a stack */
  candidate *candidates; /* sorted by name */
  int32_t count, depth, candidate_count;
} marker;

/* What compute_mask of Keras 3's layers is made of. */
static bool makes_mask(const cJSON *item) {
  static const char *const names[] = {"NotEqual", "LogicalOr", "Any", "ExpandDims", "ZerosLike", "OnesLike", "Concatenate"};
  if (!horn__is_keras_operation(item)) return false;
  const char *name = horn__json_text(item, "class_name");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

static void keep(marker *m, int32_t i) {
  if (m->kept[i]) return;
  m->kept[i] = true;
  m->waiting[m->depth++] = i;
}

static int by_name(const void *a, const void *b) { return strcmp(((const candidate *)a)->name, ((const candidate *)b)->name); }

static void keep_named(marker *m, const char *name) {
  const candidate key = {name, 0};
  const candidate *found = bsearch(&key, m->candidates, (size_t)m->candidate_count, sizeof key, by_name);
  if (found != NULL) keep(m, found->layer);
}

/* All layers that may not be taken out are kept; the others wait to be referred to. */
static void sort_out(marker *m) {
  for (int32_t i = 0; i < m->count; i++) {
    const char *name = horn__json_text(m->items[i], "name");
    if (name != NULL && makes_mask(m->items[i]))
      m->candidates[m->candidate_count++] = (candidate){name, i};
    else
      keep(m, i);
  }
  qsort(m->candidates, (size_t)m->candidate_count, sizeof *m->candidates, by_name);
}

/* Keeps what json refers to, but in arguments called mask. Depth is bounded by the parser. */
static void keep_read(marker *m, const cJSON *json) {
  const cJSON *item;
  if (cJSON_IsArray(json) && cJSON_IsString(json->child)) keep_named(m, json->child->valuestring);
  if (cJSON_IsArray(json) || cJSON_IsObject(json))
    cJSON_ArrayForEach(item, json) if (item->string == NULL || strcmp(item->string, "mask") != 0) keep_read(m, item);
}

static void mark(marker *m, const cJSON *config) {
  keep_read(m, horn__json_get(config, "output_layers"));
  while (m->depth > 0) keep_read(m, horn__json_get(m->items[m->waiting[--m->depth]], "inbound_nodes"));
}

horn_status horn__drop_mask_layers(horn__layer *model, cJSON *list) {
  marker m = {.count = cJSON_GetArraySize(list)};
  cJSON *item;
  int32_t i = 0;
  m.items = horn__arena_alloc(model->arena, (size_t)m.count * sizeof *m.items + 1);
  m.kept = horn__arena_alloc(model->arena, (size_t)m.count + 1);
  m.waiting = horn__arena_alloc(model->arena, (size_t)m.count * sizeof *m.waiting + 1);
  m.candidates = horn__arena_alloc(model->arena, (size_t)m.count * sizeof *m.candidates + 1);
  if (m.items == NULL || m.kept == NULL || m.waiting == NULL || m.candidates == NULL) return HORN_E_OUT_OF_MEMORY;
  cJSON_ArrayForEach(item, list) m.items[i++] = item;
  sort_out(&m);
  if (m.candidate_count == 0) return HORN_OK;
  mark(&m, model->json);
  for (i = 0; i < m.count; i++)
    if (!m.kept[i]) cJSON_Delete(cJSON_DetachItemViaPointer(list, m.items[i]));
  return HORN_OK;
}
