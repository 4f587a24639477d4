/* Allocation through the context's allocator, counted and limited; growing arrays; arenas. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

enum { HEADER = 64, /* holds the size; keeps the 64-byte alignment */
       MIN_SPARE = 192, MAX_SPARE_BYTES = 32 << 20 };

static size_t size_of(const void *pointer) {
  size_t size;
  memcpy(&size, (const unsigned char *)pointer - HEADER, sizeof size);
  return size;
}

static void give_back(horn_context *ctx, void *pointer) {
  if (pointer != NULL) ctx->allocator.release(ctx->allocator.user, (unsigned char *)pointer - HEADER);
}

/* ---- spares -------------------------------------------------------------------------------------------------------- */

static void *take_spare(horn_context *ctx, size_t size) {
  for (int i = 0; size >= MIN_SPARE && i < HORN__SPARES; i++) {
    void *pointer = ctx->spares[i];
    if (pointer == NULL || size_of(pointer) != size) continue;
    ctx->spares[i] = NULL;
    ctx->spare_bytes -= size;
    return pointer;
  }
  return NULL;
}

/* Into the next slot, whose block makes room. */
static void keep_spare(horn_context *ctx, void *pointer) {
  void **slot = &ctx->spares[ctx->next_spare++ % HORN__SPARES];
  if (*slot != NULL) ctx->spare_bytes -= size_of(*slot);
  give_back(ctx, *slot);
  *slot = pointer;
  ctx->spare_bytes += size_of(pointer);
}

void horn__free_spares(horn_context *ctx) {
  for (int i = 0; i < HORN__SPARES; i++) {
    give_back(ctx, ctx->spares[i]);
    ctx->spares[i] = NULL;
  }
  ctx->spare_bytes = 0;
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

static void *new_block(horn_context *ctx, size_t size) {
  unsigned char *block = ctx->allocator.alloc(ctx->allocator.user, size + HEADER);
  if (block == NULL) {
    horn__free_spares(ctx);
    block = ctx->allocator.alloc(ctx->allocator.user, size + HEADER);
  }
  ctx->allocations++;
  if (block == NULL) return NULL;
  memcpy(block, &size, sizeof size);
  return block + HEADER;
}

void *horn__alloc(horn_context *ctx, size_t size, bool zero) {
  if (size > SIZE_MAX - 2 * HEADER || (ctx->max_bytes != 0 && ctx->bytes_in_use + size > ctx->max_bytes)) {
    horn__fail(ctx, HORN_E_OUT_OF_MEMORY, "memory: %zu bytes are more than the limit of %llu leaves (%llu in use)", size,
               (unsigned long long)ctx->max_bytes, (unsigned long long)ctx->bytes_in_use);
    return NULL;
  }
  void *pointer = take_spare(ctx, size);
  if (pointer == NULL) pointer = new_block(ctx, size);
  if (pointer == NULL) {
    horn__fail(ctx, HORN_E_OUT_OF_MEMORY, "memory: %zu bytes could not be allocated", size);
    return NULL;
  }
  if (zero) memset(pointer, 0, size);
  ctx->bytes_in_use += size;
  return pointer;
}

void horn__free(horn_context *ctx, void *pointer) {
  if (pointer == NULL) return;
  size_t size = size_of(pointer);
  ctx->bytes_in_use -= size;
  if (size >= MIN_SPARE && size <= MAX_SPARE_BYTES - ctx->spare_bytes)
    keep_spare(ctx, pointer);
  else
    give_back(ctx, pointer);
}

bool horn__multiply(size_t a, size_t b, size_t *out) {
  if (b != 0 && a > SIZE_MAX / b) return false;
  *out = a * b;
  return true;
}

horn_status horn__grow(horn_context *ctx, void **array, size_t *capacity, size_t needed, size_t element) {
  if (needed <= *capacity) return HORN_OK;
  if (needed > SIZE_MAX / 2) return horn__fail(ctx, HORN_E_LIMIT, "memory: %zu elements are too many", needed);
  size_t larger = *capacity < 8 ? 8 : *capacity;
  while (larger < needed) larger *= 2;
  size_t bytes;
  if (!horn__multiply(larger, element, &bytes)) return horn__fail(ctx, HORN_E_LIMIT, "memory: %zu elements are too many", needed);
  void *grown = horn__alloc(ctx, bytes, true);
  if (grown == NULL) return HORN_E_OUT_OF_MEMORY;
  if (*array != NULL) memcpy(grown, *array, *capacity * element);
  horn__free(ctx, *array);
  *array = grown;
  *capacity = larger;
  return HORN_OK;
}

/* ---- arena ------------------------------------------------------------------------------------------------------- */

typedef struct horn__chunk {
  struct horn__chunk *next;
  size_t size, used;
} horn__chunk;

enum { CHUNK_BYTES = 16 * 1024, CHUNK_HEADER = 64 };

void horn__arena_init(horn__arena *arena, horn_context *ctx) {
  arena->ctx = ctx;
  arena->chunks = NULL;
}

void horn__arena_release(horn__arena *arena) {
  for (horn__chunk *chunk = arena->chunks, *next; chunk != NULL; chunk = next) {
    next = chunk->next;
    horn__free(arena->ctx, chunk);
  }
  arena->chunks = NULL;
}

void *horn__arena_alloc(horn__arena *arena, size_t size) {
  if (size > SIZE_MAX / 2) {
    horn__fail(arena->ctx, HORN_E_LIMIT, "memory: %zu bytes are too many", size);
    return NULL;
  }
  size = (size + 15) & ~(size_t)15;
  horn__chunk *chunk = arena->chunks;
  if (chunk == NULL || chunk->size - chunk->used < size) {
    size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    chunk = horn__alloc(arena->ctx, room + CHUNK_HEADER, true);
    if (chunk == NULL) return NULL;
    *chunk = (horn__chunk){.next = arena->chunks, .size = room};
    arena->chunks = chunk;
  }
  void *piece = (unsigned char *)chunk + CHUNK_HEADER + chunk->used;
  chunk->used += size;
  return piece;
}

char *horn__arena_text(horn__arena *arena, const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = horn__arena_alloc(arena, size);
  if (copy != NULL) memcpy(copy, text, size);
  return copy;
}

char *horn__arena_format(horn__arena *arena, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) return NULL;
  char *text = horn__arena_alloc(arena, (size_t)length + 1);
  if (text == NULL) return NULL;
  va_start(arguments, format);
  vsnprintf(text, (size_t)length + 1, format, arguments);
  va_end(arguments);
  return text;
}
