/* Reads small HDF5 files in every form that the reader knows (generate.py writes them), and is refused those that it must not follow.
 * usage: hdf5_test FOLDER */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "hdf5/hdf5.h"
#include "test.h"

typedef struct reading {
  const char *file;
  horn_context *ctx;
  horn__h5 *h5;
  size_t datasets;
} reading;

/* Element i of a dataset, by the first letter of its name: as numbers() in generate.py. */
static float expected(char letter, size_t i) {
  switch (letter) {
    case 'f': return (float)(i % 101) * 0.25f - 5;
    case 'i': return (float)(i % 101) - 50;
    case 'u': return (float)(i % 101);
    case 'c': return 1.5f;
    default: return 0;
  }
}

static void check_dataset(reading *r, horn__h5_object *object, const char *name) {
  horn__h5_shape shape;
  if (!CHECK(horn__h5_describe(r->h5, object, &shape) == HORN_OK, "%s: %s: %s", r->file, name, horn_last_error(r->ctx))) return;
  float *numbers = malloc(shape.count * sizeof *numbers + 1);
  horn_status status = horn__h5_read(r->h5, object, name, numbers, shape.count);
  if (CHECK(status == HORN_OK, "%s: %s", r->file, horn_last_error(r->ctx))) {
    size_t wrong = 0;
    for (size_t i = 0; i < shape.count; i++) wrong += numbers[i] != expected(name[0], i);
    CHECK(wrong == 0, "%s: %s: %zu of %zu numbers are wrong", r->file, name, wrong, shape.count);
  }
  free(numbers);
  r->datasets++;
}

static void walk(reading *r, horn__h5_object *object) {
  const horn__h5_link *links;
  size_t count;
  if (!CHECK(horn__h5_links(r->h5, object, &links, &count) == HORN_OK, "%s: %s", r->file, horn_last_error(r->ctx))) return;
  for (size_t i = 0; i < count; i++) {
    horn__h5_object *child;
    if (!CHECK(horn__h5_follow(r->h5, &links[i], &child) == HORN_OK, "%s: %s", r->file, horn_last_error(r->ctx))) continue;
    if (horn__h5_is_dataset(child))
      check_dataset(r, child, links[i].name);
    else
      walk(r, child);
  }
}

static void check_texts(reading *r, horn__h5_object *object, const char *name, const char *joined) {
  const char **list;
  size_t count = 0;
  bool found = false;
  char text[200] = "";
  horn_status status = horn__h5_texts(r->h5, object, name, &list, &count, &found);
  CHECK(status == HORN_OK && found == (joined != NULL), "%s: %s: %s", r->file, name, horn_last_error(r->ctx));
  for (size_t i = 0; status == HORN_OK && i < count; i++) {
    strncat(text, list[i], 50);
    strncat(text, ",", 2);
  }
  CHECK(strcmp(text, joined == NULL ? "" : joined) == 0, "%s: %s is %s", r->file, name, text);
}

static void check_names(reading *r) {
  horn__h5_object *object = NULL, *none = NULL;
  horn_status status = horn__h5_find(r->h5, horn__h5_root(r->h5), "/names/deeper", &object);
  if (!CHECK(status == HORN_OK && object != NULL, "%s: names/deeper is not found", r->file)) return;
  status = horn__h5_find(r->h5, object, "f_30", &none);
  CHECK(status == HORN_OK && none == NULL, "%s: f_30 is found", r->file);
  check_texts(r, object, "fixed", "one,two,three,");
  check_texts(r, object, "variable", "eins,zwei,drei,");
  check_texts(r, object, "none", "");
  check_texts(r, object, "split", "a,b,c,d,e,");
  check_texts(r, object, "absent", NULL);
  for (int i = 0; i < 30; i++) {
    char name[32], wanted[32];
    const char *text = NULL;
    snprintf(name, sizeof name, "text_%d", i);
    snprintf(wanted, sizeof wanted, "value %d", i);
    status = horn__h5_text(r->h5, object, name, &text);
    CHECK(status == HORN_OK && text != NULL && strcmp(text, wanted) == 0, "%s: %s is %s", r->file, name, text == NULL ? "absent" : text);
  }
}

static void check_file(const char *folder, const char *name, size_t datasets, void (*more)(reading *r)) {
  size_t size;
  char *bytes = file_read(folder, name, &size);
  reading r = {.file = name, .ctx = context_create(0)};
  if (CHECK(horn__h5_open(r.ctx, bytes, size, &r.h5) == HORN_OK, "%s: %s", name, horn_last_error(r.ctx))) {
    walk(&r, horn__h5_root(r.h5));
    if (more != NULL) more(&r);
    CHECK(r.datasets == datasets, "%s: %zu datasets", name, r.datasets);
    horn__h5_close(r.h5);
  }
  horn_context_release(r.ctx);
  free(bytes);
}

/* ---- reading without an end ------------------------------------------------------------------------------------------------ */

/* An array that is read again and again, as by any number of weights that name it, comes to an end. */
static void check_again(const char *folder, const char *name) {
  size_t size, read = 0;
  char *bytes = file_read(folder, "full.h5", &size);
  float *numbers = malloc(sizeof *numbers << 20);
  reading r = {.file = name, .ctx = context_create(0)};
  horn__h5_object *object = NULL;
  horn__h5_shape shape = {.count = 0};
  horn_status status = horn__h5_open(r.ctx, bytes, size, &r.h5);
  if (status == HORN_OK) status = horn__h5_find(r.h5, horn__h5_root(r.h5), name, &object);
  if (status == HORN_OK) status = horn__h5_describe(r.h5, object, &shape);
  CHECK(numbers != NULL && shape.count > 0 && shape.count <= 1 << 20, "%s: %zu elements: %s", name, shape.count, horn_last_error(r.ctx));
  for (; status == HORN_OK && numbers != NULL && shape.count > 0 && read < (size_t)1 << 30; read += shape.count * sizeof *numbers)
    status = horn__h5_read(r.h5, object, name, numbers, shape.count);
  CHECK(status == HORN_E_LIMIT && read > 0, "%s: status %d after %zu bytes", name, status, read);
  horn__h5_close(r.h5);
  horn_context_release(r.ctx);
  free(numbers);
  free(bytes);
}

/* ---- what is refused ------------------------------------------------------------------------------------------------------ */

typedef struct refusal {
  const char *name;
  horn_status status;
  const char *message;
} refusal;

static const refusal refusals[] = {
    {"soft", HORN_E_UNSUPPORTED, "soft link"},         {"external", HORN_E_UNSUPPORTED, "external link"},
    {"virtual", HORN_E_UNSUPPORTED, "virtual"},        {"elsewhere", HORN_E_UNSUPPORTED, "another file"},
    {"named_type", HORN_E_UNSUPPORTED, "shared"},      {"compound", HORN_E_UNSUPPORTED, "no numbers"},
    {"text", HORN_E_UNSUPPORTED, "no numbers"},        {"claims", HORN_E_FORMAT, "cannot hold"},
    {"claims_chunks", HORN_E_FORMAT, "cannot hold"},
};

static horn_status read_named(horn__h5 *h5, const char *name) {
  horn__h5_object *object = NULL;
  horn__h5_shape shape;
  float numbers[16];
  HORN__TRY(horn__h5_find(h5, horn__h5_root(h5), name, &object));
  if (object == NULL) return HORN_OK;
  HORN__TRY(horn__h5_describe(h5, object, &shape));
  return horn__h5_read(h5, object, name, numbers, shape.count);
}

static void check_refused(const char *folder) {
  size_t size;
  char *bytes = file_read(folder, "refused.h5", &size);
  horn_context *ctx = context_create(0);
  horn__h5 *h5 = NULL;
  CHECK(horn__h5_open(ctx, bytes, size, &h5) == HORN_OK, "refused.h5: %s", horn_last_error(ctx));
  for (size_t i = 0; h5 != NULL && i < sizeof refusals / sizeof refusals[0]; i++) {
    horn_status status = read_named(h5, refusals[i].name);
    CHECK(status == refusals[i].status && strstr(horn_last_error(ctx), refusals[i].message) != NULL, "%s: status %d, %s", refusals[i].name, status,
          horn_last_error(ctx));
  }
  horn__h5_close(h5);
  horn_context_release(ctx);
  free(bytes);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  check_file(argv[1], "earliest.h5", 77, check_names);
  check_file(argv[1], "v110.h5", 77, check_names);
  check_file(argv[1], "latest.h5", 77, check_names);
  check_file(argv[1], "full.h5", 6, NULL); /* numbers with all bits set */
  check_again(argv[1], "z_never_written");
  check_again(argv[1], "u_header_65535");
  check_again(argv[1], "f_chunk_65535");
  check_refused(argv[1]);
  return test_end();
}
