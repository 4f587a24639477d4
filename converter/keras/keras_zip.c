/* .keras archives: metadata.json, config.json, model.weights.h5, of Keras 3 and of tf-keras 2.12 to 2.15. In the weights, every object has a
 * group `vars` at the path of its attributes. Reference: keras/src/saving/saving_lib.py. */
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "keras/source.h"
#include "zip/zip.h"

/* ---- the walk through the weights ------------------------------------------------------------------------------------ */

enum { MAX_PATH_BYTES = 1000 };

typedef struct variable {
  long number;
  horn__h5_object *object;
} variable;

static int by_number(const void *a, const void *b) {
  const variable *x = a, *y = b;
  return x->number < y->number ? -1 : x->number > y->number;
}

/* "0" to "99999"; -1 for anything else. */
static long variable_number(const char *name) {
  size_t length = strlen(name);
  return length > 0 && length < 6 && strspn(name, "0123456789") == length ? strtol(name, NULL, 10) : -1;
}

static horn_status collect(horn__source *source, const char *path, const horn__h5_link *links, size_t count, variable *out, size_t *found) {
  for (size_t i = 0; i < count; i++) {
    variable v = {.number = variable_number(links[i].name)};
    HORN__TRY(horn__blame(source->ctx, horn__h5_follow(source->file, &links[i], &v.object), "\"%.200s/vars\"", path));
    if (v.number >= 0 && horn__h5_is_dataset(v.object)) out[(*found)++] = v;
  }
  qsort(out, *found, sizeof *out, by_number); /* the file has them as text: 10 before 2 */
  return HORN_OK;
}

/* The group `vars` of the object at path. */
static horn_status add_variables(horn__source *source, horn__h5_object *vars, const char *path) {
  const horn__h5_link *links;
  size_t count, found = 0;
  horn__saved_group *group;
  HORN__TRY(horn__h5_links(source->file, vars, &links, &count));
  HORN__TRY(horn__source_group(source, path, count, &group));
  HORN__TRY(horn__h5_text(source->file, vars, "name", &group->label));
  variable *all = horn__arena_alloc(&source->arena, count * sizeof *all + 1);
  if (all == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(collect(source, path, links, count, all, &found));
  for (size_t i = 0; i < found; i++) {
    const char *name = horn__arena_format(&source->arena, "%s/vars/%ld", path, all[i].number);
    if (name == NULL) return HORN_E_OUT_OF_MEMORY;
    HORN__TRY(horn__source_dataset(source, name, all[i].object, &group->arrays[group->count]));
    group->count++;
  }
  return HORN_OK;
}

/* path + "/" + name with what tf-keras wrote on Windows ("layers\dense") and in 2.12 to 2.14 brought to one form. */
static char *join(horn__arena *arena, const char *path, const char *name) {
  char *joined = horn__arena_format(arena, "%s%s%s", path, path[0] == '\0' ? "" : "/", name);
  for (char *at = joined; at != NULL && *at != '\0'; at++)
    if (*at == '\\') *at = '/';
  return joined;
}

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static bool skipped(const char *path) { return strcmp(path, "metrics") == 0; }

static bool is_optimizer(const char *path) { return strcmp(path, "optimizer") == 0 || strncmp(path, "optimizer/", 10) == 0; }

/* The variables of the optimizer are a list by themselves. */
static void take_optimizer(horn__source *source) {
  const horn__saved_group *group = &source->groups[source->group_count - 1];
  if (!is_optimizer(group->name)) return;
  if (strcmp(group->name, "optimizer") == 0) {
    source->optimizer = group->arrays;
    source->optimizer_count = group->count;
  }
  source->group_count--;
}

static horn_status visit(horn__source *source, horn__h5_object *object, const char *path, int depth);

/* A Windows name may end with "\vars" itself. */
static horn_status visit_child(horn__source *source, horn__h5_object *child, char *path, int depth) {
  if (horn__h5_is_dataset(child) || skipped(path)) return HORN_OK;
  if (strcmp(last_part(path), "vars") != 0) return visit(source, child, path, depth + 1);
  size_t cut = strlen(path) - strlen("vars");
  path[cut > 0 ? cut - 1 : 0] = '\0';
  HORN__TRY(add_variables(source, child, path));
  take_optimizer(source);
  return HORN_OK;
}

/* Every object once, at the first path to it, as Keras writes them: so circles end as well. */
static horn_status visit(horn__source *source, horn__h5_object *object, const char *path, int depth) {
  const horn__h5_link *links;
  size_t count;
  if (horn__h5_mark(object)) return HORN_OK;
  if (depth >= HORN__MAX_DEPTH || strlen(path) > MAX_PATH_BYTES)
    return horn__fail(source->ctx, HORN_E_LIMIT, "\"%.200s\": groups nested deeper than %d, or with names that are too long", path, HORN__MAX_DEPTH);
  HORN__TRY(horn__h5_links(source->file, object, &links, &count));
  for (size_t i = 0; i < count; i++) {
    horn__h5_object *child;
    char *below = join(&source->arena, path, links[i].name);
    if (below == NULL) return HORN_E_OUT_OF_MEMORY;
    HORN__TRY(horn__h5_follow(source->file, &links[i], &child));
    HORN__TRY(visit_child(source, child, below, depth));
  }
  return HORN_OK;
}

horn_status horn__read_objects(horn__source *source) {
  source->grouping = HORN__BY_PATH;
  return visit(source, horn__h5_root(source->file), "", 0);
}

/* ---- the archive ----------------------------------------------------------------------------------------------------- */

static horn_status read_text(horn__source *source, const horn__zip *zip, const char *name, const char **out, size_t *size) {
  const horn__zip_entry *entry = horn__zip_find(zip, name);
  const uint8_t *bytes;
  if (entry == NULL) return horn__fail(source->ctx, HORN_E_FORMAT, "the archive has no %s: this is no .keras file", name);
  HORN__TRY(horn__zip_read(&source->arena, entry, &bytes, size));
  char *text = horn__arena_alloc(&source->arena, *size + 1);
  if (text == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(text, bytes, *size);
  *out = text;
  return HORN_OK;
}

static horn_status read_metadata(horn__source *source, const horn__zip *zip) {
  const char *text;
  size_t size;
  cJSON *json;
  HORN__TRY(read_text(source, zip, "metadata.json", &text, &size));
  HORN__TRY(horn__json_parse(source->ctx, "metadata.json", text, size, HORN__MAX_DEPTH, &json));
  const char *version = horn__json_text(json, "keras_version");
  char *kept = version == NULL ? NULL : horn__arena_text(&source->arena, version);
  source->keras_version = kept == NULL ? "3" : kept;
  horn__json_release(json);
  return version != NULL && kept == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

/* compile_config is what HDF5 has as training_config: its optimizer becomes optimizer_config. */
static horn_status read_training(horn__source *source, const char *text, size_t size) {
  cJSON *json;
  HORN__TRY(horn__json_parse(source->ctx, "config.json", text, size, HORN__MAX_MODEL_DEPTH, &json));
  const cJSON *compile = horn__json_get(json, "compile_config"), *item;
  if (!cJSON_IsObject(compile)) compile = NULL;
  horn__text out;
  horn__text_init(&out, source->ctx);
  cJSON_ArrayForEach(item, compile) {
    horn__text_add(&out, "%s", item == compile->child ? "{" : ",");
    horn__text_quote(&out, strcmp(item->string, "optimizer") == 0 ? "optimizer_config" : item->string);
    horn__text_add(&out, ":");
    horn__json_write(&out, item);
  }
  if (out.length > 0) horn__text_add(&out, "}");
  horn_status status = out.status;
  if (status == HORN_OK && out.length > 0) {
    source->training_config = horn__arena_text(&source->arena, out.data);
    if (source->training_config == NULL) status = HORN_E_OUT_OF_MEMORY;
  }
  horn__text_release(&out);
  horn__json_release(json);
  return status;
}

static horn_status find_weights(horn__source *source, const horn__zip *zip, const horn__zip_entry **out) {
  *out = horn__zip_find(zip, "model.weights.h5");
  if (*out != NULL) return HORN_OK;
  if (horn__zip_find(zip, "model.weights.npz") != NULL || horn__zip_find(zip, "model.weights.json") != NULL)
    return horn__fail(source->ctx, HORN_E_UNSUPPORTED,
                      "the weights are stored as npz or in several files; save the model with Keras's default settings");
  return horn__fail(source->ctx, HORN_E_FORMAT, "the archive has no model.weights.h5: this is no .keras file");
}

horn_status horn__read_keras_zip(horn__source *source, const void *bytes, size_t size) {
  horn__zip zip;
  const horn__zip_entry *weights;
  const uint8_t *h5;
  size_t h5_size, config_size;
  source->format = "Keras archive (.keras)";
  HORN__TRY(horn__zip_open(&source->arena, bytes, size, &zip));
  HORN__TRY(read_metadata(source, &zip));
  HORN__TRY(read_text(source, &zip, "config.json", &source->config, &config_size));
  HORN__TRY(read_training(source, source->config, config_size));
  HORN__TRY(find_weights(source, &zip, &weights));
  HORN__TRY(horn__zip_read(&source->arena, weights, &h5, &h5_size));
  HORN__TRY(horn__blame(source->ctx, horn__h5_open(source->ctx, h5, h5_size, &source->file), "model.weights.h5"));
  return horn__blame(source->ctx, horn__read_objects(source), "model.weights.h5");
}
