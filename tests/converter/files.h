/* files.h: files for the tests of the converter, and contexts to read them with. */
#ifndef TESTS_CONVERTER_FILES_H
#define TESTS_CONVERTER_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "convert.h"

/** A file in memory; the program ends where it cannot be read: nothing could be tested then. */
void *file_read(const char *folder, const char *name, size_t *size);

enum { MODEL_FILES = 4 };

/** The files of a saved model in memory: one, or those of a SavedModel's folder. */
typedef struct model_files {
  horn_convert_file files[MODEL_FILES];
  size_t count;
} model_files;
void model_read(const char *folder, const char *name, model_files *out);
void model_release(model_files *model);

/** Calls visit for each file of a folder whose name ends with `end`, by name; returns how many. */
size_t each_file(const char *folder, const char *end, void (*visit)(const char *folder, const char *name, void *user), void *user);

/** A context with the reference backend and this much memory (0: no limit). */
horn_context *context_create(size_t max_bytes);

/** What a conversion gave. */
typedef struct converted {
  char *json;
  size_t json_size;
  char *weights;
  size_t weight_bytes, shards;
  size_t largest;   /* shard */
  bool json_last;   /* model.json came, and nothing after it */
} converted;

/** The sink that gathers a conversion in `user`, a zeroed converted. */
horn_status gather(void *user, const char *name, const void *bytes, size_t size);
void converted_release(converted *result);

#endif
