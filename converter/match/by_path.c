/* Matching .keras: a layer's arrays are at the path of its attributes. Within a model that path has the class's name and a counter, not the
 * layer's own name; since Keras 3.6 the file says the name beside it. Reference: _save_container_state of keras/src/saving/saving_lib.py. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "match/match.h"

/* Python's to_snake_case: Conv2DTranspose -> conv2d_transpose, PReLU -> p_re_lu. */
static char *snake_case(horn__arena *arena, const char *name) {
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

static const horn__saved_group *group_at(const horn__matching *m, const char *path) {
  for (size_t i = 0; i < m->source->group_count; i++)
    if (strcmp(m->source->groups[i].name, path) == 0) return &m->source->groups[i];
  return NULL;
}

/* What of `path` is below `above`, NULL where it is not. */
static const char *below(const char *path, const char *above) {
  size_t length = strlen(above);
  if (length == 0) return path;
  return strncmp(path, above, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* The group directly below `above` that the file calls `label`. */
static const horn__saved_group *labelled(const horn__matching *m, const char *above, const char *label) {
  for (size_t i = 0; i < m->source->group_count; i++) {
    const horn__saved_group *group = &m->source->groups[i];
    const char *rest = below(group->name, above);
    if (rest != NULL && strchr(rest, '/') == NULL && group->label != NULL && strcmp(group->label, label) == 0) return group;
  }
  return NULL;
}

/* Whether the file has anything at the path or below it. */
static bool has_path(const horn__matching *m, const char *path) {
  for (size_t i = 0; i < m->source->group_count; i++) {
    const char *name = m->source->groups[i].name;
    if (strcmp(name, path) == 0 || below(name, path) != NULL) return true;
  }
  return false;
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
  const horn__saved_group **groups = horn__arena_alloc(&m->arena, m->source->group_count * sizeof *groups + 1);
  const horn__saved_group *own = group_at(m, path);
  size_t group_count = 0, count = own == NULL ? 0 : own->count;
  if (groups == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < m->source->group_count; i++) {
    const horn__saved_group *group = &m->source->groups[i];
    if (below(group->name, path) == NULL || is_seed(group->name)) continue;
    groups[group_count++] = group;
    count += group->count;
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

typedef struct wrapper {
  const char *class_name, *attributes[2];
} wrapper;

static const wrapper wrappers[] = {{"Bidirectional", {"forward_layer", "backward_layer"}}, {"TimeDistributed", {"layer", NULL}}};

static horn_status match_wrapper(horn__matching *m, const horn__node *node, const cJSON *config, const char *path) {
  const cJSON *inner = horn__json_get(horn__json_get(config, "config"), "layer");
  for (size_t w = 0; w < sizeof wrappers / sizeof wrappers[0]; w++) {
    if (strcmp(wrappers[w].class_name, node->class_name) != 0) continue;
    for (size_t c = 0; c < node->child_count && c < 2 && wrappers[w].attributes[c] != NULL; c++) {
      const char *child = horn__arena_format(&m->arena, "%s/%s", path, wrappers[w].attributes[c]);
      if (child == NULL) return HORN_E_OUT_OF_MEMORY;
      HORN__TRY(match_node(m, &node->children[c], inner, child));
    }
    return HORN_OK;
  }
  return horn__fail(m->ctx, HORN_E_UNSUPPORTED, "layer \"%.100s\": %.60s in a .keras file is not supported; save the model as .h5", node->name, node->class_name);
}

/* ---- a model ---------------------------------------------------------------------------------------------------------------- */

/* Counts how often each class has come; tf-keras 2.12 to 2.14 counts layers with weights twice. */
typedef struct counter {
  const char **names;
  size_t *counts;
  size_t count;
} counter;

static size_t count_class(counter *c, const char *name, size_t step) {
  size_t i = 0;
  while (i < c->count && strcmp(c->names[i], name) != 0) i++;
  if (i == c->count) {
    c->names[i] = name;
    c->counts[i] = 0;
    c->count++;
  }
  size_t before = c->counts[i];
  c->counts[i] += step;
  return before;
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
static horn_status counted_path(horn__matching *m, counter *c, const cJSON *config, const char *above, bool twice, const char **out) {
  const char *class_name = horn__json_text(config, "class_name");
  char *snake = class_name == NULL ? NULL : snake_case(&m->arena, class_name);
  if (snake == NULL) return class_name == NULL ? horn__fail(m->ctx, HORN_E_FORMAT, "a layer of the config has no class_name") : HORN_E_OUT_OF_MEMORY;
  size_t number = count_class(c, snake, twice ? 2 : 1);
  *out = number == 0 ? horn__arena_format(&m->arena, "%s/%s", above, snake) : horn__arena_format(&m->arena, "%s/%s_%zu", above, snake, number);
  return *out == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

static horn_status match_child(horn__matching *m, const horn__node *child, const cJSON *config, const char *above, const char *counted) {
  if (child->total == 0) return HORN_OK;
  const horn__saved_group *group = labelled(m, above, child->name);
  const char *path = group != NULL ? group->name : counted;
  if (!has_path(m, path)) return horn__fail(m->ctx, HORN_E_FORMAT, "layer \"%.100s\": the file has no weights at \"%.200s\"", child->name, path);
  return match_node(m, child, config, path);
}

static horn_status match_model(horn__matching *m, const horn__node *node, const cJSON *config, const char *path) {
  const char *slash = path[0] == '\0' ? "" : "/";
  const char *above = horn__arena_format(&m->arena, "%s%slayers", path, slash);
  const char *old = horn__arena_format(&m->arena, "%s%s_layer_checkpoint_dependencies", path, slash);
  counter c = {.names = horn__arena_alloc(&m->arena, (node->child_count + 1) * sizeof *c.names),
               .counts = horn__arena_alloc(&m->arena, (node->child_count + 1) * sizeof *c.counts)};
  if (above == NULL || old == NULL || c.names == NULL || c.counts == NULL) return HORN_E_OUT_OF_MEMORY;
  bool twice = !has_path(m, above) && has_path(m, old);
  if (twice) above = old;
  const cJSON *item;
  size_t i = 0;
  cJSON_ArrayForEach(item, layer_list(config)) {
    const char *counted;
    if (i == node->child_count) break;
    const horn__node *child = &node->children[i++];
    if (is_operation(item) || (node->sequential && strcmp(child->class_name, "InputLayer") == 0)) continue;
    HORN__TRY(counted_path(m, &c, item, above, twice && child->total > 0, &counted));
    HORN__TRY(match_child(m, child, item, above, counted));
  }
  return HORN_OK;
}

/* Recursion is as deep as the models are nested, which the core limits. */
static horn_status match_node(horn__matching *m, const horn__node *node, const cJSON *config, const char *path) {
  if (node->model) return match_model(m, node, config, path);
  return node->child_count > 0 ? match_wrapper(m, node, config, path) : match_leaf(m, node, path);
}

horn_status horn__match_by_path(horn__matching *m) { return match_node(m, &m->model, m->root, ""); }
