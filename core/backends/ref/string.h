/* string.h: what kernels of strings share: places of keys. */
#ifndef HORN_REF_STRING_H
#define HORN_REF_STRING_H

#include "backends/ref/ref.h"

/** Where each key of input 1 (strings or int32) is. */
typedef struct horn__places {
  const uint32_t *keys;
  int32_t *slots;  /* by hash; -1: free */
  uint32_t mask;
} horn__places;

/** The place of a key, -1 where it is none. */
int32_t horn__place_of(const horn__places *places, uint32_t key);

/** prepare and finish of a kernel whose input 1 are keys; and its run, with the places that prepare made, or with this run's. */
horn_status horn__places_prepare(horn__step *step);
void horn__places_finish(horn__step *step);
horn_status horn__with_places(const horn__step *step, horn_status (*body)(const horn__step *step, const horn__places *places));

#endif
