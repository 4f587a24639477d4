/* Matching model.json: arrays have the names of weights. Where RNN cells stand in a name ("lstm/lstm_cell_1/kernel"), the part before the last
 * is left out, as TensorFlow.js does. Reference: tfjs-layers/src/engine/container.ts, loadWeights. */
#include <stdlib.h>
#include <string.h>

#include "match/match.h"

typedef struct entry {
  const char *name;
  bool shortened;
  const horn__saved_array *array;
} entry;

/* Whole names come before shortened ones that are equal. */
static int by_entry(const void *a, const void *b) {
  const entry *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order != 0 ? order : x->shortened - y->shortened;
}

/* "a/b/c" as "a/c"; NULL where there is no b. */
static horn_status shorten(horn__arena *arena, const char *name, const char **out) {
  const char *last = strrchr(name, '/'), *before = last;
  *out = NULL;
  while (before != NULL && before > name && before[-1] != '/') before--;
  if (before == NULL || before == name) return HORN_OK;
  *out = horn__arena_format(arena, "%.*s%s", (int)(before - 1 - name), name, last);
  return *out == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

static horn_status add_entries(horn__matching *m, const horn__saved_array *array, entry *entries, size_t *count) {
  const char *shortened;
  entries[(*count)++] = (entry){array->name, false, array};
  HORN__TRY(shorten(&m->arena, array->name, &shortened));
  if (shortened != NULL) entries[(*count)++] = (entry){shortened, true, array};
  return HORN_OK;
}

static const entry *find(const entry *entries, size_t count, const char *name) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(entries[middle].name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count && strcmp(entries[low].name, name) == 0 ? &entries[low] : NULL;
}

static horn_status assign(horn__matching *m, const entry *entries, size_t count) {
  for (size_t i = 0; i < m->target_count; i++) {
    horn__target *target = &m->targets[i];
    const entry *found = find(entries, count, target->name);
    if (found == NULL) continue; /* the caller finds out */
    horn__saved_array *array = (horn__saved_array *)found->array;
    HORN__TRY(horn__match_assign(m, target->name, &target, 1, &array, 1));
  }
  return HORN_OK;
}

horn_status horn__match_by_name(horn__matching *m) {
  size_t total = 0, count = 0;
  for (size_t g = 0; g < m->source->group_count; g++) total += m->source->groups[g].count;
  entry *entries = horn__arena_alloc(&m->arena, 2 * total * sizeof *entries + 1);
  if (entries == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t g = 0; g < m->source->group_count; g++)
    for (size_t i = 0; i < m->source->groups[g].count; i++) HORN__TRY(add_entries(m, m->source->groups[g].arrays[i], entries, &count));
  qsort(entries, count, sizeof *entries, by_entry);
  return assign(m, entries, count);
}
