/* Reference kernels of StringTokens and StringTokenCounts. */
#include <string.h>

#include "backends/ref/string.h"

/* A token: a part of the string that is split, or of `other`. */
typedef struct span {
  size_t at, length;
  bool replaced; /* bytes that are no UTF-8: U+FFFD */
} span;

typedef struct splitter {
  horn_context *ctx;
  const horn__tokens *attributes;
  span *spans;          /* of the string at hand */
  size_t count, capacity;
  horn__text joined;    /* an n-gram */
} splitter;

static const char replacement[] = "\xEF\xBF\xBD";

static horn_status add_span(splitter *s, size_t at, size_t length, bool replaced) {
  void *spans = s->spans;
  const horn_status status = horn__grow(s->ctx, &spans, &s->capacity, s->count + 1, sizeof *s->spans);
  s->spans = spans;
  if (status == HORN_OK) s->spans[s->count++] = (span){at, length, replaced};
  return status;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static horn_status split_words(splitter *s, const horn__string *text) {
  for (size_t i = 0; i < text->length;) {
    const size_t start = i;
    while (i < text->length && !is_space(text->data[i])) i++;
    if (i > start) HORN__TRY(add_span(s, start, i - start, false));
    while (i < text->length && is_space(text->data[i])) i++;
  }
  return HORN_OK;
}

/* Bytes of the UTF-8 character at the front, 0 where there is none. */
static size_t character(const unsigned char *c, size_t left) {
  static const unsigned char low[] = {[0xE0 - 0xE0] = 0xA0, [0xF0 - 0xE0] = 0x90}; /* least second byte: no overlong forms */
  const size_t length = c[0] < 0x80 ? 1 : c[0] >= 0xC2 && c[0] < 0xE0 ? 2 : c[0] >= 0xE0 && c[0] < 0xF0 ? 3 : c[0] >= 0xF0 && c[0] < 0xF5 ? 4 : 0;
  if (length == 0 || length > left) return 0;
  for (size_t i = 1; i < length; i++)
    if ((c[i] & 0xC0) != 0x80) return 0;
  if (length >= 3 && (c[0] == 0xE0 || c[0] == 0xF0) && c[1] < low[c[0] - 0xE0]) return 0;
  if ((c[0] == 0xED && c[1] > 0x9F) || (c[0] == 0xF4 && c[1] > 0x8F)) return 0; /* surrogates; above U+10FFFF */
  return length;
}

static horn_status split_characters(splitter *s, const horn__string *text) {
  for (size_t i = 0; i < text->length;) {
    const size_t length = character((const unsigned char *)text->data + i, text->length - i);
    HORN__TRY(add_span(s, i, length == 0 ? 1 : length, length == 0));
    i += length == 0 ? 1 : length;
  }
  return HORN_OK;
}

static horn_status split(splitter *s, const horn__string *text) {
  s->count = 0;
  if (s->attributes->split == 1) return split_words(s, text);
  return s->attributes->split == 2 ? split_characters(s, text) : add_span(s, 0, text->length, false);
}

static horn__string piece(const span *p, const horn__string *text) {
  return p->replaced ? (horn__string){replacement, sizeof replacement - 1} : (horn__string){text->data + p->at, p->length};
}

/* Token `first` and its neighbours, joined by blanks. The string that is split may have moved since. */
static horn_status token(splitter *s, uint32_t number, size_t first, size_t width, uint32_t *out) {
  const horn__string text = horn__string_at(s->ctx, number);
  if (width == 1) {
    const horn__string one = piece(&s->spans[first], &text);
    return horn__string_intern(s->ctx, one.data, one.length, out);
  }
  s->joined.length = 0;
  for (size_t i = 0; i < width; i++) {
    const horn__string one = piece(&s->spans[first + i], &text);
    if (i != 0) horn__text_bytes(&s->joined, " ", 1);
    horn__text_bytes(&s->joined, one.data, one.length);
  }
  HORN__TRY(s->joined.status);
  return horn__string_intern(s->ctx, s->joined.data, s->joined.length, out);
}

/* Takes one token of row `row`; false in *more ends the row. */
typedef horn_status (*visitor)(const horn__step *step, const horn__places *places, size_t row, size_t index, uint32_t token, bool *more);

static horn_status visit_row(splitter *s, const horn__step *step, const horn__places *places, size_t row, visitor visit) {
  static const horn__ints ones = {1, {1}};
  const horn__ints *widths = s->attributes->ngrams.count < 0 ? &ones : &s->attributes->ngrams;
  const uint32_t number = ((const uint32_t *)step->in[0].data)[row];
  const horn__string text = horn__string_at(s->ctx, number);
  size_t index = 0;
  bool more = true;
  HORN__TRY(split(s, &text));
  for (int32_t w = 0; w < widths->count && more; w++) {
    const size_t width = (size_t)widths->values[w];
    for (size_t first = 0; more && width <= s->count && first <= s->count - width; first++) {
      uint32_t found;
      HORN__TRY(token(s, number, first, width, &found));
      HORN__TRY(visit(step, places, row, index++, found, &more));
    }
  }
  return HORN_OK;
}

static horn_status visit_all(const horn__step *step, const horn__places *places, visitor visit) {
  splitter s = {.ctx = step->ctx, .attributes = step->attributes};
  horn_status status = HORN_OK;
  horn__text_init(&s.joined, step->ctx);
  for (size_t row = 0, n = horn__elements(&step->in[0]); row < n && status == HORN_OK; row++) status = visit_row(&s, step, places, row, visit);
  horn__text_release(&s.joined);
  horn__free(step->ctx, s.spans);
  return status;
}

/* ---- the two ops ------------------------------------------------------------------------------------------------------------ */

static horn_status keep_token(const horn__step *step, const horn__places *places, size_t row, size_t index, uint32_t token, bool *more) {
  const size_t length = (size_t)((const horn__tokens *)step->attributes)->length;
  (void)places;
  *more = index < length;
  if (*more) ((uint32_t *)step->out[0].data)[row * length + index] = token;
  return HORN_OK;
}

static horn_status count_token(const horn__step *step, const horn__places *places, size_t row, size_t index, uint32_t token, bool *more) {
  const horn__tokens *a = step->attributes;
  const int64_t bin = (int64_t)horn__place_of(places, token) + 1;
  (void)index;
  (void)more;
  if (token == 0 || bin >= a->size) return HORN_OK; /* the empty string is no token */
  float *y = (float *)step->out[0].data + row * (size_t)a->size + bin;
  *y = a->binary_output ? 1 : *y + 1;
  return HORN_OK;
}

static horn_status tokens(const horn__step *step) {
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(uint32_t)); /* empty strings */
  return visit_all(step, NULL, keep_token);
}

static horn_status count(const horn__step *step, const horn__places *places) {
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * sizeof(float));
  return visit_all(step, places, count_token);
}

static horn_status token_counts(const horn__step *step) { return horn__with_places(step, count); }

const horn__kernel horn__ref_StringTokens = {.run = tokens};
const horn__kernel horn__ref_StringTokenCounts = {.prepare = horn__places_prepare, .run = token_counts, .finish = horn__places_finish};
