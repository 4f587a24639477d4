/* Reference kernels of the ops on strings. */
#include <stdio.h>
#include <string.h>

#include "backends/ref/string.h"

static uint32_t number_at(const horn__operand *operand, size_t i) { return ((const uint32_t *)operand->data)[i]; }

/* ---- StringLower, StringStripPunctuation, AsString ----------------------------------------------------------------------- */

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* The string through `change`, which writes to a copy and returns its new length. */
static horn_status change_all(const horn__step *step, size_t (*change)(char *text, size_t length)) {
  horn__text copy;
  horn__text_init(&copy, step->ctx);
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n && copy.status == HORN_OK; i++) {
    const horn__string s = horn__string_at(step->ctx, number_at(&step->in[0], i));
    copy.length = 0;
    horn__text_bytes(&copy, s.data, s.length);
    if (copy.status != HORN_OK) break;
    copy.status = horn__string_intern(step->ctx, copy.data, change(copy.data, s.length), (uint32_t *)step->out[0].data + i);
  }
  const horn_status status = copy.status;
  horn__text_release(&copy);
  return status;
}

static size_t lowered(char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (is_upper(text[i])) text[i] = (char)(text[i] - 'A' + 'a');
  return length;
}

static size_t stripped(char *text, size_t length) {
  size_t kept = 0;
  for (size_t i = 0; i < length; i++)
    if (!is_punctuation(text[i])) text[kept++] = text[i];
  return kept;
}

static horn_status lower(const horn__step *step) { return change_all(step, lowered); }
static horn_status strip(const horn__step *step) { return change_all(step, stripped); }

static horn_status as_string(const horn__step *step) {
  char text[16];
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    const int length = snprintf(text, sizeof text, "%d", ((const int32_t *)step->in[0].data)[i]);
    HORN__TRY(horn__string_intern(step->ctx, text, (size_t)length, (uint32_t *)step->out[0].data + i));
  }
  return HORN_OK;
}

const horn__kernel horn__ref_StringLower = {.run = lower};
const horn__kernel horn__ref_StringStripPunctuation = {.run = strip};
const horn__kernel horn__ref_AsString = {.run = as_string};

/* ---- LookupTable: places of keys by hash ------------------------------------------------------------------------------------ */

static uint32_t hash_of(uint32_t key) { return key * 2654435761u; }

static int32_t *slot_of(const horn__places *places, uint32_t key) {
  uint32_t i = hash_of(key) & places->mask;
  while (places->slots[i] >= 0 && places->keys[places->slots[i]] != key) i = (i + 1) & places->mask;
  return &places->slots[i];
}

horn_status horn__places_create(horn_context *ctx, const horn__operand *keys, horn__places *out) {
  const size_t count = horn__elements(keys);
  size_t slots = 16;
  while (slots < 2 * count) slots *= 2;
  *out = (horn__places){.keys = keys->data, .mask = (uint32_t)(slots - 1), .slots = horn__alloc(ctx, slots * sizeof *out->slots, false)};
  if (out->slots == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < slots; i++) out->slots[i] = -1;
  for (size_t i = 0; i < count; i++) {
    int32_t *slot = slot_of(out, out->keys[i]);
    if (*slot < 0) *slot = (int32_t)i; /* the first of equal keys */
  }
  return HORN_OK;
}

int32_t horn__place_of(const horn__places *places, uint32_t key) { return *slot_of(places, key); }

/* Keys that are constant are placed once. */
horn_status horn__places_prepare(horn__step *step) {
  if (!step->in[1].constant) return HORN_OK;
  horn__places *places = horn__alloc(step->ctx, sizeof *places, true);
  if (places == NULL) return HORN_E_OUT_OF_MEMORY;
  step->state = places;
  return horn__places_create(step->ctx, &step->in[1], places);
}

void horn__places_finish(horn__step *step) {
  horn__places *places = step->state;
  if (places == NULL) return;
  horn__free(step->ctx, places->slots);
  horn__free(step->ctx, places);
  step->state = NULL;
}

horn_status horn__with_places(const horn__step *step, horn_status (*body)(const horn__step *step, const horn__places *places)) {
  horn__places places;
  if (step->state != NULL) return body(step, step->state);
  HORN__TRY(horn__places_create(step->ctx, &step->in[1], &places));
  const horn_status status = body(step, &places);
  horn__free(step->ctx, places.slots);
  return status;
}

static horn_status missing(const horn__step *step, uint32_t key) {
  if (step->in[0].type.dtype == HORN_INT32)
    return horn__fail(step->ctx, HORN_E_INVALID_ARGUMENT, "%s: %d is not in the vocabulary", step->op->name, (int)key);
  const horn__string s = horn__string_at(step->ctx, key);
  return horn__fail(step->ctx, HORN_E_INVALID_ARGUMENT, "%s: \"%.*s\" is not in the vocabulary", step->op->name,
                    (int)(s.length > 100 ? 100 : s.length), s.data);
}

static horn_status look_up(const horn__step *step, const horn__places *places) {
  const bool required = ((const horn__lookup_table *)step->attributes)->required;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    const uint32_t key = number_at(&step->in[0], i);
    const int32_t found = horn__place_of(places, key);
    if (found < 0 && required) return missing(step, key);
    ((int32_t *)step->out[0].data)[i] = found;
  }
  return HORN_OK;
}

static horn_status lookup(const horn__step *step) { return horn__with_places(step, look_up); }

const horn__kernel horn__ref_LookupTable = {.prepare = horn__places_prepare, .run = lookup, .finish = horn__places_finish};

/* ---- hashes -------------------------------------------------------------------------------------------------------------------- */

static horn_status hash(const horn__step *step) {
  const horn__hash_buckets *a = step->attributes;
  const uint64_t key[2] = {(uint64_t)(int64_t)a->key.values[0], (uint64_t)(int64_t)a->key.values[1]};
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    const horn__string s = horn__string_at(step->ctx, number_at(&step->in[0], i));
    const uint64_t number = a->key.count < 0 ? horn__fingerprint(s.data, s.length) : horn__sip_hash(key, s.data, s.length);
    ((int32_t *)step->out[0].data)[i] = (int32_t)(number % (uint64_t)a->num_buckets);
  }
  return HORN_OK;
}

#define CROSS_KEY 0xDECAFCAFFEu /* of tf.sparse.cross_hashed */

static uint64_t feature(const horn__step *step, int32_t input, size_t i) {
  const horn__operand *x = &step->in[input];
  if (x->type.dtype == HORN_INT32) return (uint64_t)(int64_t)((const int32_t *)x->data)[i];
  const horn__string s = horn__string_at(step->ctx, number_at(x, i));
  return horn__fingerprint(s.data, s.length);
}

static horn_status cross(const horn__step *step) {
  const uint64_t buckets = (uint64_t)((const horn__hash_buckets *)step->attributes)->num_buckets;
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    uint64_t number = CROSS_KEY;
    for (int32_t k = 0; k < step->inputs; k++) number = horn__fingerprint_join(number, feature(step, k, i));
    ((int32_t *)step->out[0].data)[i] = (int32_t)(number % buckets);
  }
  return HORN_OK;
}

const horn__kernel horn__ref_StringToHashBucketFast = {.run = hash};
const horn__kernel horn__ref_HashCross = {.run = cross};
