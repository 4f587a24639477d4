/* Contexts, and what conversions gave: see files.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

static void *or_end(void *block, const char *what) {
  if (block != NULL) return block;
  fprintf(stderr, "%s: no memory\n", what);
  exit(1);
}

horn_context *context_create(size_t max_bytes) {
  char options[64];
  horn_context *ctx;
  snprintf(options, sizeof options, "{\"backend\": \"ref\", \"maxBytes\": %zu}", max_bytes == 0 ? (size_t)1 << 40 : max_bytes);
  return horn_context_create(options, &ctx) == HORN_OK ? ctx : or_end(NULL, "context");
}

horn_status gather(void *user, const char *name, const void *bytes, size_t size) {
  converted *result = user;
  bool json = strcmp(name, "model.json") == 0;
  char **block = json ? &result->json : &result->weights;
  size_t *have = json ? &result->json_size : &result->weight_bytes;
  *block = or_end(realloc(*block, *have + size + 1), name);
  memcpy(*block + *have, bytes, size);
  *have += size;
  (*block)[*have] = '\0';
  result->json_last = json;
  if (!json) result->shards++;
  if (!json && size > result->largest) result->largest = size;
  return HORN_OK;
}

void converted_release(converted *result) {
  free(result->json);
  free(result->weights);
}
