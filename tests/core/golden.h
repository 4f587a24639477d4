/* golden.h: the cases of tests/golden: a model and what real Keras computed with it. The form is described in tests/golden/README.md. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdbool.h>

#include "hornbeam.h"

typedef struct golden_array {
  const char *role, *name;
  horn_dtype dtype;
  size_t rank, elements, bytes;
  int32_t shape[HORN_MAX_RANK];
  const void *data;
} golden_array;

typedef struct golden_case {
  char title[200];             /* "Dense/k3_relu" */
  const char *layer;           /* "Dense" */
  char *json;                  /* model.json */
  size_t json_length;
  void *weights;               /* NULL: the model has none */
  size_t weight_bytes;
  golden_array *arrays;
  size_t count;
  struct cJSON *document;
  void *io;
} golden_case;

/** All cases of the folder as [{"layer", "case"}], sorted. Mistakes in the files end the program: nothing could be tested then. */
struct cJSON *golden_index(const char *folder);

/** Reads the case that an entry of the list names. */
void golden_read(const char *folder, const struct cJSON *entry, golden_case *out);
void golden_release(golden_case *golden);

/** The next array with this role at or behind *at; NULL at the end. *at is moved behind it. */
const golden_array *golden_next(const golden_case *golden, const char *role, size_t *at);

/** Element i as a number. */
double golden_element(horn_dtype dtype, const void *data, size_t i);

#endif
