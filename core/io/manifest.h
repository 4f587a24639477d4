/* manifest.h: a weightsManifest and the bytes of its shards, as named arrays. Bytes only: no files, no network. */
#ifndef HORN_MANIFEST_H
#define HORN_MANIFEST_H

#include "base/base.h"

/** How an array is stored. */
typedef enum horn__storage {
  HORN__STORED_FLOAT32, HORN__STORED_INT32, HORN__STORED_BOOL, HORN__STORED_STRING, HORN__STORED_FLOAT16, HORN__STORED_UINT8, HORN__STORED_UINT16
} horn__storage;

typedef struct horn__array {
  const char *name;
  int32_t rank;
  int32_t dims[HORN_MAX_RANK];
  horn_dtype dtype;         /* after decoding */
  horn__storage storage;
  double scale, minimum;    /* of uint8 and uint16: value = stored * scale + minimum */
  bool optimizer;           /* state of an optimizer, not a weight of the model */
  size_t elements;
  size_t bytes;             /* of data */
  const unsigned char *data;
} horn__array;

typedef struct horn__manifest {
  horn__array *arrays;      /* in the arena */
  size_t count;
  size_t bytes;             /* of all arrays */
} horn__manifest;

/** Reads a weightsManifest (an array of groups) and checks each entry and that they are exactly `bytes` long together. Names point into
 *  json, data into `data`. json NULL: no arrays. */
horn_status horn__manifest_read(horn__arena *arena, const cJSON *json, const void *data, size_t bytes, horn__manifest *out);

/** Decodes an array's elements to out, which holds `elements` of its dtype. Strings are as horn_tensor_create takes them, and stay so. */
void horn__array_decode(const horn__array *array, void *out);

/** IEEE half to float. */
float horn__half_to_float(uint16_t half);

#endif
