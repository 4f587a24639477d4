/* Files for the tests: see files.h. */
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

static void add_file(const char *folder, const char *name, model_files *out) {
  horn_convert_file *file = &out->files[out->count++];
  file->name = name;
  file->bytes = file_read(folder, name, &file->size);
}

void model_read(const char *folder, const char *name, model_files *out) {
  static const char *const names[] = {"saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001", "keras_metadata.pb"};
  const char *end = strstr(name, ".saved_model");
  char path[1024];
  out->count = 0;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  if (end == NULL) add_file(folder, name, out);
  for (size_t i = 0; end != NULL && i < (strstr(name, ".inline") == NULL ? 4u : 3u); i++) add_file(path, names[i], out);
}

void model_release(model_files *model) {
  for (size_t i = 0; i < model->count; i++) free((void *)model->files[i].bytes);
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
