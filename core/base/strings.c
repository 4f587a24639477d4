/* Strings of a context: each distinct one is kept once and has a number; equal strings have equal numbers. Their bytes lie in one block. */
#include <string.h>

#include "base/base.h"

/* length LEFT: the number is free */
typedef struct entry {
  size_t at;
  uint32_t length, hash;
  bool marked;
} entry;
enum { FEWEST_SLOTS = 64, SMALL_BYTES = 1 << 16 /* below this nothing is swept */ };
#define LEFT UINT32_MAX

struct horn__strings {
  char *bytes;
  size_t used, capacity, longest; /* the longest that there was room for since the last sweep */
  entry *entries;           /* by number; 0 is the empty string */
  size_t count, entry_capacity;
  uint32_t *slots;          /* numbers + 1 by hash, 0: free; a power of two of them */
  size_t slot_count;
  uint32_t *left;           /* numbers that are free */
  size_t left_count, left_capacity;
  size_t alive;             /* what was alive after the last sweep, as size_of counts it */
};

static size_t size_of(const struct horn__strings *s) { return s->used + (s->count - s->left_count) * (sizeof(entry) + 2 * sizeof(uint32_t)); }

/* FNV-1a */
static uint32_t hash_of(const char *data, size_t length) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)data[i]) * 16777619u;
  return hash;
}

static uint32_t *slot_of(const struct horn__strings *s, const char *data, size_t length, uint32_t hash) {
  size_t i = hash & (s->slot_count - 1);
  for (; s->slots[i] != 0; i = (i + 1) & (s->slot_count - 1)) {
    const entry *e = &s->entries[s->slots[i] - 1];
    if (e->hash == hash && e->length == length && memcmp(s->bytes + e->at, data, length) == 0) break;
  }
  return &s->slots[i];
}

static void fill_slots(struct horn__strings *s) {
  memset(s->slots, 0, s->slot_count * sizeof *s->slots);
  for (size_t n = 0; n < s->count; n++) {
    const entry *e = &s->entries[n];
    if (e->length != LEFT) *slot_of(s, s->bytes + e->at, e->length, e->hash) = (uint32_t)n + 1;
  }
}

/* Half of the slots stay free. */
static horn_status grow_slots(horn_context *ctx, struct horn__strings *s) {
  if (s->slot_count != 0 && 2 * (s->count + 1) <= s->slot_count) return HORN_OK;
  const size_t count = s->slot_count == 0 ? FEWEST_SLOTS : 2 * s->slot_count;
  uint32_t *slots = horn__alloc(ctx, count * sizeof *slots, false);
  if (slots == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__free(ctx, s->slots);
  s->slots = slots;
  s->slot_count = count;
  fill_slots(s);
  return HORN_OK;
}

static horn_status create(horn_context *ctx) {
  struct horn__strings *s = horn__alloc(ctx, sizeof *s, true);
  if (s == NULL) return HORN_E_OUT_OF_MEMORY;
  ctx->strings = s;
  uint32_t empty;
  const horn_status status = horn__string_intern(ctx, "", 0, &empty);
  if (status != HORN_OK) horn__strings_release(ctx);
  return status;
}

void horn__strings_release(horn_context *ctx) {
  struct horn__strings *s = ctx->strings;
  if (s == NULL) return;
  horn__free(ctx, s->bytes);
  horn__free(ctx, s->entries);
  horn__free(ctx, s->slots);
  horn__free(ctx, s->left);
  horn__free(ctx, s);
  ctx->strings = NULL;
}

static horn_status reserve(horn_context *ctx, struct horn__strings *s, size_t length) {
  void *bytes = s->bytes;
  const horn_status status = horn__grow(ctx, &bytes, &s->capacity, s->used + length + 1, 1);
  s->bytes = bytes;
  return status;
}

horn_status horn__string_room(horn_context *ctx, size_t length, char **out) {
  if (ctx->strings == NULL) HORN__TRY(create(ctx));
  struct horn__strings *s = ctx->strings;
  if (length > s->longest) s->longest = length;
  HORN__TRY(reserve(ctx, s, s->longest));
  *out = s->bytes + s->used;
  return HORN_OK;
}

/* Room for one more string; every array can take it afterwards, so that nothing is half done when memory is used up. */
static horn_status make_room(horn_context *ctx, struct horn__strings *s, size_t length) {
  void *entries = s->entries, *left = s->left;
  HORN__TRY(grow_slots(ctx, s));
  HORN__TRY(reserve(ctx, s, length + s->longest));
  horn_status status = horn__grow(ctx, &entries, &s->entry_capacity, s->count + 1, sizeof *s->entries);
  s->entries = entries;
  if (status == HORN_OK) status = horn__grow(ctx, &left, &s->left_capacity, s->count + 1, sizeof *s->left);
  s->left = left;
  return status;
}

horn_status horn__string_intern(horn_context *ctx, const char *data, size_t length, uint32_t *out) {
  if (ctx->strings == NULL) HORN__TRY(create(ctx));
  struct horn__strings *s = ctx->strings;
  const uint32_t hash = hash_of(data, length);
  if (s->slot_count != 0) {
    const uint32_t found = *slot_of(s, data, length, hash);
    *out = found - 1;
    if (found != 0) return HORN_OK;
  }
  if (length >= LEFT || s->count >= LEFT - 1) return horn__fail(ctx, HORN_E_LIMIT, "strings: too many, or one is too long");
  const bool own = s->bytes != NULL && data >= s->bytes && data < s->bytes + s->capacity; /* the block may move */
  const size_t from = own ? (size_t)(data - s->bytes) : 0;
  HORN__TRY(make_room(ctx, s, length));
  if (own) data = s->bytes + from;
  const uint32_t number = s->left_count > 0 ? s->left[--s->left_count] : (uint32_t)s->count++;
  if (length != 0) memmove(s->bytes + s->used, data, length); /* in the room it is there already */
  s->entries[number] = (entry){.at = s->used, .length = (uint32_t)length, .hash = hash};
  s->used += length;
  *slot_of(s, s->bytes + s->entries[number].at, length, hash) = number + 1;
  *out = number;
  return HORN_OK;
}

horn__string horn__string_at(const horn_context *ctx, uint32_t number) {
  const struct horn__strings *s = ctx->strings;
  if (s == NULL || number >= s->count || s->entries[number].length == LEFT) return (horn__string){"", 0};
  return (horn__string){s->bytes + s->entries[number].at, s->entries[number].length};
}

size_t horn__strings_bytes(const horn_context *ctx) {
  const struct horn__strings *s = ctx->strings;
  if (s == NULL) return 0;
  return sizeof *s + s->capacity + s->entry_capacity * sizeof *s->entries + s->slot_count * sizeof *s->slots + s->left_capacity * sizeof *s->left;
}

/* ---- sweeping ------------------------------------------------------------------------------------------------------------ */

bool horn__strings_grown(const horn_context *ctx) {
  const struct horn__strings *s = ctx->strings;
  return s != NULL && size_of(s) > SMALL_BYTES && size_of(s) / 2 > s->alive;
}

void horn__string_mark(horn_context *ctx, uint32_t number) {
  if (ctx->strings != NULL && number < ctx->strings->count) ctx->strings->entries[number].marked = true;
}

/* The bytes of what is marked, in a block of their own; NULL where memory is used up. */
static char *gather(horn_context *ctx, struct horn__strings *s, size_t *used) {
  *used = 0;
  for (size_t n = 0; n < s->count; n++)
    if (s->entries[n].marked) *used += s->entries[n].length;
  char *bytes = horn__alloc(ctx, *used + 1, false);
  size_t at = 0;
  for (size_t n = 0; bytes != NULL && n < s->count; n++) {
    entry *e = &s->entries[n];
    if (!e->marked) continue;
    memcpy(bytes + at, s->bytes + e->at, e->length);
    e->at = at;
    at += e->length;
  }
  return bytes;
}

void horn__strings_sweep(horn_context *ctx) {
  struct horn__strings *s = ctx->strings;
  size_t used;
  horn__string_mark(ctx, 0);
  char *bytes = gather(ctx, s, &used);
  for (size_t n = 0; n < s->count; n++) {
    entry *e = &s->entries[n];
    if (bytes != NULL && !e->marked && e->length != LEFT) {
      e->length = LEFT;
      s->left[s->left_count++] = (uint32_t)n;
    }
    e->marked = false;
  }
  if (bytes == NULL) return; /* another time */
  horn__free(ctx, s->bytes);
  s->bytes = bytes;
  s->used = used;
  s->longest = 0;
  s->capacity = used + 1;
  fill_slots(s);
  s->alive = size_of(s);
}
