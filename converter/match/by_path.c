/* Matching .keras: a layer's arrays are at the path of its attributes. Within a model that path has the class's name and a counter, not the
 * layer's own name; since Keras 3.6 the file says the name beside it. Reference: _save_container_state of keras/src/saving/saving_lib.py. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "match/match.h"

char *horn__match_snake_case(horn__arena *arena, const char *name) {
  char *out = horn__arena_alloc(arena, 2 * strlen(name) + 1);
  size_t n = 0;
  for (size_t i = 0; out != NULL && name[i] != '\0'; i++) {
    unsigned char c = (unsigned char)name[i];
    if (!isalnum(c) && c != '_') continue;
    /* (.)([A-Z][a-z]+), then ([a-z])([A-Z]) */
    bool word = i > 0 && isupper(c) && (islower((unsigned char)name[i + 1]) || islower((unsigned char)name[i - 1]));
    if (word && out[n - 1] != '_') out[n++] = '_';
    out[n++] = (char)tolower(c);
  }
  return out;
}

/* ---- groups by path and by label ------------------------------------------------------------------------------------------ */

/* Order of paths in which all that is below a path comes right behind it: "/" comes before every other character. */
static int compare_paths(const char *x, const char *y) {
  while (*x != '\0' && *x == *y) {
    x++;
    y++;
  }
  int a = *x == '/' ? 1 : *x == '\0' ? 0 : (unsigned char)*x + 1, b = *y == '/' ? 1 : *y == '\0' ? 0 : (unsigned char)*y + 1;
  return a - b;
}

static int by_path(const void *a, const void *b) {
  return compare_paths((*(const horn__saved_group *const *)a)->name, (*(const horn__saved_group *const *)b)->name);
}

/* What of `path` is below `above`, NULL where it is not. */
static const char *below(const char *path, const char *above) {
  size_t length = strlen(above);
  if (length == 0) return path;
  return strncmp(path, above, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static size_t parent_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? 0 : (size_t)(slash - path);
}

static int compare_labels(const char *label, const char *above, size_t length, const horn__saved_group *group) {
  int order = strcmp(label, group->label);
  if (order != 0) return order;
  size_t other = parent_length(group->name);
  return length != other ? (length < other ? -1 : 1) : strncmp(above, group->name, length);
}

static int by_label(const void *a, const void *b) {
  const horn__saved_group *x = *(const horn__saved_group *const *)a;
  return compare_labels(x->label, x->name, parent_length(x->name), *(const horn__saved_group *const *)b);
}

static horn_status sort_groups(horn__matching *m) {
  const horn__source *source = m->source;
  m->by_path = horn__arena_alloc(&m->arena, source->group_count * sizeof *m->by_path + 1);
  m->by_label = horn__arena_alloc(&m->arena, source->group_count * sizeof *m->by_label + 1);
  if (m->by_path == NULL || m->by_label == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < source->group_count; i++) {
    m->by_path[i] = &source->groups[i];
    if (source->groups[i].label != NULL) m->by_label[m->label_count++] = &source->groups[i];
  }
  qsort(m->by_path, source->group_count, sizeof *m->by_path, by_path);
  qsort(m->by_label, m->label_count, sizeof *m->by_label, by_label);
  return HORN_OK;
}

/* The first group of by_path that is not before the path: it, or the first below it, where the file has them. */
static size_t first_at(const horn__matching *m, const char *path) {
  size_t low = 0, high = m->source->group_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare_paths(m->by_path[middle]->name, path) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static const horn__saved_group *group_at(const horn__matching *m, const char *path) {
  size_t i = first_at(m, path);
  return i < m->source->group_count && strcmp(m->by_path[i]->name, path) == 0 ? m->by_path[i] : NULL;
}

/* Whether the file has anything at the path or below it. */
static bool has_path(const horn__matching *m, const char *path) {
  size_t i = first_at(m, path);
  return i < m->source->group_count && (strcmp(m->by_path[i]->name, path) == 0 || below(m->by_path[i]->name, path) != NULL);
}

/* The group directly below `above` that the file calls `label`. */
static const horn__saved_group *labelled(const horn__matching *m, const char *above, const char *label) {
  size_t low = 0, high = m->label_count, length = strlen(above);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare_labels(label, above, length, m->by_label[middle]);
    if (order == 0) return m->by_label[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

static horn_status match_node(horn__matching *m, const horn__node *node, const cJSON *config, const char *path);

/* ---- a layer with arrays of its own -------------------------------------------------------------------------------------- */

/* Where the order of a layer's weights is not that of the names of its attributes. */
static const char *const attribute_order[] = {"query_dense", "key_dense", "value_dense", "output_dense"};

static size_t attribute_rank(const char *part, size_t length) {
  size_t i = 0, skip = length > 0 && part[0] == '_'; /* tf-keras has _query_dense */
  for (; i < sizeof attribute_order / sizeof attribute_order[0]; i++)
    if (strlen(attribute_order[i]) == length - skip && strncmp(part + skip, attribute_order[i], length - skip) == 0) break;
  return i;
}

/* Order of paths: by known attributes, then as text with numbers at the end of a part as numbers: lstm_cell_2 before lstm_cell_10. */
static int by_attribute(const void *a, const void *b) {
  const char *x = (*(const horn__saved_group *const *)a)->name, *y = (*(const horn__saved_group *const *)b)->name;
  for (;;) {
    size_t n = strcspn(x, "/"), k = strcspn(y, "/"), rank = attribute_rank(x, n), other = attribute_rank(y, k);
    if (rank != other) return rank < other ? -1 : 1;
    if (n != k) return n < k ? -1 : 1; /* same words: the longer has the larger number */
    int order = strncmp(x, y, n);
    if (order != 0) return order;
    if (x[n] == '\0') return 0;
    x += n + 1;
    y += n + 1;
  }
}

/* States of random generators are no weights. */
static bool is_seed(const char *path) { return strstr(path, "seed_generator") != NULL; }

static horn_status match_leaf(horn__matching *m, const horn__node *node, const char *path) {
  const horn__saved_group *own = group_at(m, path);
  size_t first = first_at(m, path) + (own != NULL), end = first, group_count = 0, count = own == NULL ? 0 : own->count;
  while (end < m->source->group_count && below(m->by_path[end]->name, path) != NULL) end++;
  const horn__saved_group **groups = horn__arena_alloc(&m->arena, (end - first) * sizeof *groups + 1);
  if (groups == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = first; i < end; i++) {
    if (is_seed(m->by_path[i]->name)) continue;
    groups[group_count++] = m->by_path[i];
    count += m->by_path[i]->count;
  }
  qsort(groups, group_count, sizeof *groups, by_attribute);
  horn__saved_array **arrays = horn__arena_alloc(&m->arena, count * sizeof *arrays + 1);
  if (arrays == NULL) return HORN_E_OUT_OF_MEMORY;
  size_t at = own == NULL ? 0 : own->count;
  if (at > 0) memcpy(arrays, own->arrays, at * sizeof *arrays);
  for (size_t i = 0; i < group_count; i++) {
    if (groups[i]->count > 0) memcpy(arrays + at, groups[i]->arrays, groups[i]->count * sizeof *arrays);
    at += groups[i]->count;
  }
  return horn__match_assign(m, node->name, node->weights, node->weight_count, arrays, count);
}

/* ---- a wrapper ------------------------------------------------------------------------------------------------------------ */

/* The layers within one: the attribute that holds it, and the field of the wrapper's config with its own. */
typedef struct wrapper {
  const char *class_name;
  struct {
    const char *attribute, *field;
  } inner[2];
} wrapper;

static const wrapper wrappers[] = {
    {"Bidirectional", {{"forward_layer", "layer"}, {"backward_layer", "backward_layer"}}},
    {"TimeDistributed", {{"layer", "layer"}}},
    {"RNN", {{"cell", "cell"}}},
    {"SpectralNormalization", {{"layer", "layer"}}},
};

/* A wrapper's own arrays stand behind those of its layer that it has an attribute for. */
static horn_status match_own(horn__matching *m, const horn__node *node, const char *path) {
  const horn__saved_group *own = group_at(m, path);
  const size_t count = own == NULL ? 0 : own->count, shown = count > node->weight_count ? count - node->weight_count : 0;
  if (node->weight_count == 0) return HORN_OK;
  return horn__match_assign(m, node->name, node->weights, node->weight_count, own == NULL ? NULL : own->arrays + shown, count - shown);
}

static const wrapper *wrapper_named(const char *class_name) {
  for (size_t w = 0; w < sizeof wrappers / sizeof wrappers[0]; w++)
    if (strcmp(wrappers[w].class_name, class_name) == 0) return &wrappers[w];
  return NULL;
}

const char *horn__match_attribute(const char *class_name, size_t index) {
  const wrapper *found = wrapper_named(class_name);
  return found == NULL || index >= 2 ? NULL : found->inner[index].attribute;
}

static horn_status match_wrapper(horn__matching *m, const horn__node *node, const cJSON *config, const char *path) {
  const wrapper *found = wrapper_named(node->class_name);
  if (found == NULL)
    return horn__fail(m->ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": %.60s in a .keras file is not supported; save the model as .h5", node->name,
                      node->class_name);
  for (size_t c = 0; c < node->child_count && c < 2 && found->inner[c].attribute != NULL; c++) {
    const char *child = horn__arena_format(&m->arena, "%s/%s", path, found->inner[c].attribute);
    const cJSON *inner = horn__json_get(horn__json_get(config, "config"), found->inner[c].field);
    if (inner == NULL) inner = horn__json_get(horn__json_get(config, "config"), found->inner[0].field); /* a copy of the first */
    if (child == NULL) return HORN_E_OUT_OF_MEMORY;
    HORN__TRY(match_node(m, &node->children[c], inner, child));
  }
  return match_own(m, node, path);
}

/* ---- a model ---------------------------------------------------------------------------------------------------------------- */

horn_status horn__counter_init(horn__counter *counter, horn__arena *arena, size_t layers) {
  *counter = (horn__counter){.names = horn__arena_alloc(arena, layers * sizeof *counter->names + 1),
                             .counts = horn__arena_alloc(arena, layers * sizeof *counter->counts + 1)};
  return counter->names == NULL || counter->counts == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

horn_status horn__counter_next(horn__counter *counter, horn__arena *arena, const char *class_name, size_t step, const char **out) {
  char *name = horn__match_snake_case(arena, class_name);
  size_t i = 0;
  if (name == NULL) return HORN_E_OUT_OF_MEMORY;
  while (i < counter->count && strcmp(counter->names[i], name) != 0) i++;
  if (i == counter->count) counter->names[counter->count++] = name;
  const size_t before = counter->counts[i];
  counter->counts[i] += step;
  *out = before == 0 ? name : horn__arena_format(arena, "%s_%zu", name, before);
  return *out == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

/* Layers of keras.ops are in the config, but not in model.layers. */
static bool is_operation(const cJSON *layer) {
  const char *module = horn__json_text(layer, "module");
  return module != NULL && strncmp(module, "keras.src.ops", 13) == 0;
}

static const cJSON *layer_list(const cJSON *model) {
  const cJSON *config = horn__json_get(model, "config");
  return cJSON_IsArray(config) ? config : horn__json_get(config, "layers");
}

/* The path of a layer that the file does not name: its class and counter. */
static horn_status counted_path(horn__matching *m, horn__counter *c, const cJSON *config, const char *above, bool twice, const char **out) {
  const char *class_name = horn__json_text(config, "class_name"), *name;
  if (class_name == NULL) return horn__fail(m->ctx, HORN_E_FORMAT, "a layer of the config has no class_name");
  HORN__TRY(horn__counter_next(c, &m->arena, class_name, twice ? 2 : 1, &name));
  *out = horn__arena_format(&m->arena, "%s/%s", above, name);
  return *out == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

static horn_status match_child(horn__matching *m, const horn__node *child, const cJSON *config, const char *above, const char *counted) {
  if (child->total == 0) return HORN_OK;
  const horn__saved_group *group = labelled(m, above, child->name);
  const char *path = group != NULL ? group->name : counted;
  if (!has_path(m, path)) return horn__fail(m->ctx, HORN_E_FORMAT, "layer \"%.100s\": the file has no weights at \"%.200s\"", child->name, path);
  return match_node(m, child, config, path);
}

/* A layer of the file's config, `child` the core's layer of that name. The core leaves out layers that compute nothing but masks: NULL. */
static horn_status match_item(horn__matching *m, const horn__node *child, const cJSON *item, horn__counter *c, const char *above, bool twice) {
  const char *counted;
  HORN__TRY(counted_path(m, c, item, above, twice && child != NULL && child->total > 0, &counted));
  return child == NULL ? HORN_OK : match_child(m, child, item, above, counted);
}

static const char *layer_name(const cJSON *item) {
  const char *name = horn__json_text(horn__json_get(item, "config"), "name");
  return name != NULL ? name : horn__json_text(item, "name");
}

static bool is_input(const cJSON *item) {
  const char *class_name = horn__json_text(item, "class_name");
  return class_name != NULL && strcmp(class_name, "InputLayer") == 0;
}

/* The layers of a list, at `above`. */
static horn_status match_list(horn__matching *m, const horn__node *node, const cJSON *list, const char *above, bool twice) {
  const cJSON *item;
  horn__counter c;
  HORN__TRY(horn__counter_init(&c, &m->arena, (size_t)cJSON_GetArraySize(list)));
  const horn__node **sorted;
  HORN__TRY(horn__match_sort_children(m, node, &sorted));
  cJSON_ArrayForEach(item, list) {
    if (is_operation(item) || (node->sequential && is_input(item))) continue;
    const char *name = layer_name(item);
    HORN__TRY(match_item(m, name == NULL ? NULL : horn__match_child_named(node, sorted, name), item, &c, above, twice));
  }
  return HORN_OK;
}

static horn_status match_model(horn__matching *m, const horn__node *node, const cJSON *config, const char *path) {
  const char *slash = path[0] == '\0' ? "" : "/";
  const char *above = horn__arena_format(&m->arena, "%s%slayers", path, slash);
  const char *old = horn__arena_format(&m->arena, "%s%s_layer_checkpoint_dependencies", path, slash);
  if (above == NULL || old == NULL) return HORN_E_OUT_OF_MEMORY;
  bool twice = !has_path(m, above) && has_path(m, old);
  return match_list(m, node, layer_list(config), twice ? old : above, twice);
}

/* StackedRNNCells: a list of layers that is no model; a SavedModel counts them. */
static horn_status match_cells(horn__matching *m, const horn__node *node, const cJSON *config, const char *path) {
  const cJSON *list = horn__json_get(horn__json_get(config, "config"), "cells"), *item;
  const char *above = horn__arena_format(&m->arena, "%s/cells", path), *first = horn__arena_format(&m->arena, "%s/cells/0", path);
  if (above == NULL || first == NULL) return HORN_E_OUT_OF_MEMORY;
  if (!has_path(m, first)) return match_list(m, node, list, above, false);
  size_t i = 0;
  cJSON_ArrayForEach(item, list) {
    const char *cell = horn__arena_format(&m->arena, "%s/%zu", above, i);
    if (cell == NULL) return HORN_E_OUT_OF_MEMORY;
    if (i < node->child_count) HORN__TRY(match_node(m, &node->children[i], item, cell));
    i++;
  }
  return HORN_OK;
}

/* Recursion is as deep as the models are nested, which the core limits. */
static horn_status match_node(horn__matching *m, const horn__node *node, const cJSON *config, const char *path) {
  if (node->model) return match_model(m, node, config, path);
  if (strcmp(node->class_name, "StackedRNNCells") == 0) return match_cells(m, node, config, path);
  if (node->total == 0) return HORN_OK; /* a Pipeline, say */
  return node->child_count > 0 ? match_wrapper(m, node, config, path) : match_leaf(m, node, path);
}

horn_status horn__match_by_path(horn__matching *m) {
  HORN__TRY(sort_groups(m));
  return match_node(m, &m->model, m->root, "");
}
