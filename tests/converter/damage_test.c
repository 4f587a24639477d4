/* Damages small model files, cut off at every few bytes and with bytes changed, and converts them: an error or a whole result, never a crash,
 * memory that is not given back, or more memory than the file justifies. Built with sanitizers it is also a search for reads out of bounds.
 * usage: damage_test keras|h5|saved_model MODEL_FOLDER, damage_test hdf5 HDF5_FOLDER */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "files.h"
#include "hdf5/hdf5.h"
#include "test.h"

enum { CUTS = 200, FLIPS = 600, MAX_MEMORY = 64 << 20, KEPT = 524288 /* what a context may keep: its last answer, its table of handles */ };

static horn_status forget(void *user, const char *name, const void *bytes, size_t size) {
  (void)name;
  (void)bytes;
  *(size_t *)user += size;
  return HORN_OK;
}

/* Whether the context holds no more than a used one may: a leak of a few bytes a try goes beyond that. */
static void check_memory(const horn_context *ctx, const char *name, const char *how, size_t at) {
  CHECK(ctx->bytes_in_use <= KEPT, "%s %s at %zu: %llu bytes are not given back", name, how, at, (unsigned long long)ctx->bytes_in_use);
}

/* A copy of its own for each try, of exactly this size, so that a sanitizer sees the end. */
static void *copy_of(const void *bytes, size_t size) {
  void *copy = malloc(size == 0 ? 1 : size);
  if (copy == NULL) exit(1);
  memcpy(copy, bytes, size);
  return copy;
}

static void convert_files(horn_context *ctx, const char *name, const char *how, size_t at, const horn_convert_file *files, size_t count) {
  size_t written = 0;
  char *json = NULL;
  horn_status status = horn_convert(ctx, files, count, NULL, forget, &written);
  CHECK(status == HORN_OK || horn_last_error(ctx)[0] != '\0', "%s %s at %zu: an error without a message", name, how, at);
  CHECK(status != HORN_E_INTERNAL, "%s %s at %zu: %s", name, how, at, horn_last_error(ctx));
  if (horn_convert_inspect(ctx, files, count, NULL, &json) == HORN_OK) horn_convert_free(ctx, json);
  check_memory(ctx, name, how, at);
}

static void convert_damaged(horn_context *ctx, void *user, const char *name, const char *how, size_t at, const void *bytes, size_t size) {
  (void)user;
  convert_files(ctx, name, how, at, &(horn_convert_file){name, bytes, size}, 1);
}

typedef void (*attempt)(horn_context *ctx, void *user, const char *name, const char *how, size_t at, const void *bytes, size_t size);

/* A small generator, so that every run tries the same. */
static uint32_t next_random(uint32_t *state) { return *state = *state * 1664525u + 1013904223u; }

static void damage(const char *name, const void *bytes, size_t size, attempt try, void *user) {
  uint32_t random = 1;
  horn_context *ctx = context_create(MAX_MEMORY);
  size_t step = size / CUTS + 1;
  for (size_t cut = 0; cut < size; cut += step) {
    void *copy = copy_of(bytes, cut);
    try(ctx, user, name, "cut off", cut, copy, cut);
    free(copy);
  }
  for (int i = 0; i < FLIPS; i++) {
    unsigned char *copy = copy_of(bytes, size);
    size_t at = next_random(&random) % size;
    static const unsigned char values[] = {0, 1, 0x7F, 0x80, 0xFF};
    copy[at] = i % 2 == 0 ? values[(next_random(&random) >> 16) % sizeof values] : (unsigned char)(copy[at] ^ 1u << (next_random(&random) >> 16) % 8);
    try(ctx, user, name, "changed", at, copy, size);
    free(copy);
  }
  horn_context_release(ctx);
}

static void damage_file(const char *folder, const char *name, attempt try) {
  size_t size;
  char *bytes = file_read(folder, name, &size);
  damage(name, bytes, size, try, NULL);
  free(bytes);
}

static void damage_model(const char *folder, const char *name, void *user) {
  (void)user;
  damage_file(folder, name, convert_damaged);
}

/* ---- SavedModels: one file damaged, the others whole ------------------------------------------------------------------------ */

static void convert_folder(horn_context *ctx, void *user, const char *name, const char *how, size_t at, const void *bytes, size_t size) {
  model_files model = *(const model_files *)user;
  for (size_t i = 0; i < model.count; i++)
    if (strcmp(model.files[i].name, name) == 0) model.files[i] = (horn_convert_file){name, bytes, size};
  convert_files(ctx, name, how, at, model.files, model.count);
}

static void damage_folder(const char *folder, const char *name, void *user) {
  model_files model;
  (void)user;
  model_read(folder, name, &model);
  for (size_t i = 0; i < model.count; i++) damage(model.files[i].name, model.files[i].bytes, model.files[i].size, convert_folder, &model);
  model_release(&model);
}

/* ---- HDF5 alone: its storage forms are in files that are no models ---------------------------------------------------------- */

static void read_all(horn__h5 *h5, horn__h5_object *object, int depth) {
  const horn__h5_link *links;
  const char **texts;
  size_t count;
  bool found;
  horn__h5_shape shape;
  if (depth > 8 || horn__h5_mark(object)) return;
  (void)horn__h5_texts(h5, object, "split", &texts, &count, &found);
  if (horn__h5_is_dataset(object) && horn__h5_describe(h5, object, &shape) == HORN_OK && shape.count < 65536) {
    float *numbers = malloc(shape.count * sizeof *numbers + 1);
    if (numbers != NULL) (void)horn__h5_read(h5, object, "dataset", numbers, shape.count);
    free(numbers);
  }
  if (horn__h5_links(h5, object, &links, &count) != HORN_OK) return;
  for (size_t i = 0; i < count; i++) {
    horn__h5_object *child;
    if (horn__h5_follow(h5, &links[i], &child) == HORN_OK) read_all(h5, child, depth + 1);
  }
}

static void read_damaged(horn_context *ctx, void *user, const char *name, const char *how, size_t at, const void *bytes, size_t size) {
  (void)user;
  horn__h5 *h5 = NULL;
  if (horn__h5_open(ctx, bytes, size, &h5) == HORN_OK) read_all(h5, horn__h5_root(h5), 0);
  horn__h5_close(h5);
  check_memory(ctx, name, how, at);
}

static void damage_h5(const char *folder, const char *name, void *user) {
  (void)user;
  damage_file(folder, name, read_damaged);
}

/* What one run damages: a test for each part, which a machine with several cores runs side by side. */
typedef struct {
  const char *part, *ending;
  void (*damage)(const char *folder, const char *name, void *user);
} part_row;

static const part_row parts[] = {
    {"keras", "_cnn.keras", damage_model},
    {"keras", "_text.keras", damage_model},
    {"h5", "k3_cnn.h5", damage_model},
    {"h5", "k3_cnn.latest_gzip.h5", damage_model},
    {"saved_model", "k2_15_cnn.saved_model", damage_folder},
    {"saved_model", "k2_15_text.inline.saved_model", damage_folder},
    {"hdf5", ".h5", damage_h5},
};

int main(int argc, char **argv) {
  size_t count = 0;
  if (argc != 3) return 2;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (strcmp(argv[1], parts[i].part) != 0) continue;
    CHECK(each_file(argv[2], parts[i].ending, parts[i].damage, NULL) > 0, "no files that end with %s", parts[i].ending);
    count++;
  }
  CHECK(count > 0, "no part \"%s\"", argv[1]);
  return test_end();
}
