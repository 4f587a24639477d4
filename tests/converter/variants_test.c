/* Models saved in rarer ways (generate.py makes them from tests/golden/files): each gives the weights of the model it was made from, and a file
 * that is not complete is refused.
 * usage: variants_test FOLDER MODEL_FOLDER */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "test.h"

typedef struct variant {
  const char *file, *original;
  const char *message; /* of the error that is right; NULL: none */
} variant;

static const variant variants[] = {
    {"windows.keras", "k2_15_branches.keras", NULL}, /* paths with backslashes */
    {"split_names.h5", "k3_branches.h5", NULL},      /* layer_names0, layer_names1 */
    {"incomplete.h5", NULL, "layer \"head\": the weight \"sequential_5/head/kernel\" is missing"},
};

static horn_status convert(horn_context *ctx, const char *folder, const char *file, converted *out) {
  size_t size;
  char *bytes = file_read(folder, file, &size);
  horn_status status = horn_convert(ctx, &(horn_convert_file){"", bytes, size}, 1, NULL, gather, out);
  free(bytes);
  return status;
}

static void check(const char *folder, const char *models, const variant *v) {
  horn_context *ctx = context_create(0);
  converted result = {0}, original = {0};
  horn_status status = convert(ctx, folder, v->file, &result);
  if (v->message != NULL) {
    CHECK(status == HORN_E_FORMAT && strstr(horn_last_error(ctx), v->message) != NULL, "%s: status %d, %s", v->file, status, horn_last_error(ctx));
  } else if (CHECK(status == HORN_OK, "%s: %s", v->file, horn_last_error(ctx))) {
    CHECK(convert(ctx, models, v->original, &original) == HORN_OK, "%s: %s", v->original, horn_last_error(ctx));
    bool same = result.weight_bytes == original.weight_bytes && result.weight_bytes > 0 &&
                memcmp(result.weights, original.weights, result.weight_bytes) == 0;
    CHECK(same, "%s: other weights than %s", v->file, v->original);
    CHECK(strcmp(result.json, original.json) == 0, "%s: another model than %s", v->file, v->original);
  }
  converted_release(&result);
  converted_release(&original);
  horn_context_release(ctx);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) check(argv[1], argv[2], &variants[i]);
  return test_end();
}
