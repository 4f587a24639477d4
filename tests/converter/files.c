/* Files and contexts for the tests: see files.h. */
#define _XOPEN_SOURCE 700
#include "files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_end(void *block, const char *what) {
  if (block != NULL) return block;
  fprintf(stderr, "%s: cannot be read\n", what);
  exit(1);
}

void *file_read(const char *folder, const char *name, size_t *size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = or_end(fopen(path, "rb"), path);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = or_end(malloc(*size + 1), path);
  if (fread(bytes, 1, *size, file) != *size) or_end(NULL, path);
  bytes[*size] = '\0';
  fclose(file);
  return bytes;
}

size_t each_file(const char *folder, const char *end, void (*visit)(const char *folder, const char *name, void *user), void *user) {
  struct dirent **list;
  int count = scandir(folder, &list, NULL, alphasort);
  size_t visited = 0;
  for (int i = 0; i < count; i++) {
    size_t length = strlen(list[i]->d_name);
    if (length >= strlen(end) && strcmp(list[i]->d_name + length - strlen(end), end) == 0) {
      visit(folder, list[i]->d_name, user);
      visited++;
    }
    free(list[i]);
  }
  if (count >= 0) free(list);
  return visited;
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
