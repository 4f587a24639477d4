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

/* Every string through `change`, which writes to a copy and returns its new length. */
static horn_status change_all(const horn__step *step, size_t (*change)(char *text, size_t length)) {
  for (size_t i = 0, n = horn__elements(&step->out[0]); i < n; i++) {
    const uint32_t number = number_at(&step->in[0], i);
    const size_t length = horn__string_at(step->ctx, number).length;
    char *copy;
    HORN__TRY(horn__string_room(step->ctx, length, &copy));
    memcpy(copy, horn__string_at(step->ctx, number).data, length);
    HORN__TRY(horn__string_intern(step->ctx, copy, change(copy, length), (uint32_t *)step->out[0].data + i));
  }
  return HORN_OK;
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

static size_t slot_count(const horn__operand *keys) {
  size_t count = 16;
  while (count < 2 * horn__elements(keys)) count *= 2;
  return count;
}

static void place_keys(const horn__operand *keys, int32_t *slots, horn__places *out) {
  const size_t count = slot_count(keys);
  *out = (horn__places){.keys = keys->data, .mask = (uint32_t)(count - 1), .slots = slots};
  for (size_t i = 0; i < count; i++) slots[i] = -1;
  for (size_t i = 0, n = horn__elements(keys); i < n; i++) {
    int32_t *slot = slot_of(out, out->keys[i]);
    if (*slot < 0) *slot = (int32_t)i; /* the first of equal keys */
  }
}

int32_t horn__place_of(const horn__places *places, uint32_t key) { return *slot_of(places, key); }

/* Keys that are constant are placed once, others in each run, in the workspace. */
horn_status horn__places_prepare(horn__step *step) {
  const size_t count = slot_count(&step->in[1]);
  if (!step->in[1].constant) return horn__add_workspace(step, count, sizeof(int32_t));
  horn__places *places = horn__alloc(step->ctx, sizeof *places, true);
  if (places == NULL) return HORN_E_OUT_OF_MEMORY;
  step->state = places;
  places->slots = horn__alloc(step->ctx, count * sizeof *places->slots, false);
  if (places->slots == NULL) return HORN_E_OUT_OF_MEMORY;
  place_keys(&step->in[1], places->slots, places);
  return HORN_OK;
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
  place_keys(&step->in[1], step->workspace, &places);
  return body(step, &places);
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
