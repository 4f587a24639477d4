/* The context of the fuzzers: see fuzz.h. */
#include "fuzz.h"

#include <stdlib.h>

enum { ALIGNMENT = 64, MAX_BYTES = 64 << 20 };

static void *take(void *user, size_t size) {
  (void)user;
  return aligned_alloc(ALIGNMENT, (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

static void give(void *user, void *block) {
  (void)user;
  free(block);
}

void fuzz_context(horn_context *ctx) { *ctx = (horn_context){.allocator = {take, give, NULL}, .max_bytes = MAX_BYTES}; }
