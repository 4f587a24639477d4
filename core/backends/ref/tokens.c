/* Reference kernels of StringTokens and StringTokenCounts. */
#include <string.h>

#include "backends/ref/string.h"

/* A token: a part of the string that is split. */
typedef struct span {
  size_t at, length;
  bool replaced; /* bytes that are no UTF-8: U+FFFD */
} span;

/* Finds the next token at *at, which moves behind it; false where there is none. */
typedef bool (*splitter)(const horn__string *text, size_t *at, span *out);

static bool next_whole(const horn__string *text, size_t *at, span *out) {
  if (*at != 0) return false;
  *out = (span){0, text->length, false};
  *at = text->length + 1; /* the empty string is a token too */
  return true;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool next_word(const horn__string *text, size_t *at, span *out) {
  while (*at < text->length && is_space(text->data[*at])) ++*at;
  const size_t start = *at;
  while (*at < text->length && !is_space(text->data[*at])) ++*at;
  *out = (span){start, *at - start, false};
  return *at > start;
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

static bool next_character(const horn__string *text, size_t *at, span *out) {
  if (*at == text->length) return false;
  const size_t length = character((const unsigned char *)text->data + *at, text->length - *at);
  *out = (span){*at, length == 0 ? 1 : length, length == 0};
  *at += out->length;
  return true;
}

static const splitter splitters[] = {next_whole, next_word, next_character}; /* by horn__tokens.split */

static horn__string piece(const span *p, const horn__string *text) {
  static const char replacement[] = "\xEF\xBF\xBD";
  return p->replaced ? (horn__string){replacement, sizeof replacement - 1} : (horn__string){text->data + p->at, p->length};
}

/* The tokens from `at` on, joined by blanks: how long that is, and its bytes where `out` is not NULL; false where fewer are left. */
static bool join(splitter next, const horn__string *text, size_t at, size_t width, char *out, size_t *length) {
  *length = 0;
  for (size_t i = 0; i < width; i++) {
    span one;
    if (!next(text, &at, &one)) return false;
    const horn__string bytes = piece(&one, text);
    if (out != NULL && i != 0) out[*length] = ' ';
    *length += i != 0;
    if (out != NULL && bytes.length != 0) memcpy(out + *length, bytes.data, bytes.length);
    *length += bytes.length;
  }
  return true;
}

/* The token of this length at `at` of string `number`, which may move. */
static horn_status token(const horn__step *step, uint32_t number, size_t at, size_t width, size_t length, uint32_t *out) {
  const splitter next = splitters[((const horn__tokens *)step->attributes)->split];
  char *bytes;
  HORN__TRY(horn__string_room(step->ctx, length, &bytes));
  const horn__string text = horn__string_at(step->ctx, number);
  join(next, &text, at, width, bytes, &length);
  return horn__string_intern(step->ctx, bytes, length, out);
}

/* Takes one token of row `row`; false in *more ends the row. */
typedef horn_status (*visitor)(const horn__step *step, const horn__places *places, size_t row, size_t index, uint32_t token, bool *more);

/* All of a row's tokens of one width. Strings move when new ones come. */
static horn_status visit_width(const horn__step *step, const horn__places *places, size_t row, size_t width, size_t *index, bool *more,
                               visitor visit) {
  const splitter next = splitters[((const horn__tokens *)step->attributes)->split];
  const uint32_t number = ((const uint32_t *)step->in[0].data)[row];
  horn__string text = horn__string_at(step->ctx, number);
  size_t at = 0, length;
  while (*more && join(next, &text, at, width, NULL, &length)) {
    uint32_t found;
    span first;
    HORN__TRY(token(step, number, at, width, length, &found));
    HORN__TRY(visit(step, places, row, (*index)++, found, more));
    text = horn__string_at(step->ctx, number);
    next(&text, &at, &first);
  }
  return HORN_OK;
}

static horn_status visit_row(const horn__step *step, const horn__places *places, size_t row, visitor visit) {
  static const horn__ints ones = {1, {1}};
  const horn__ints *widths = &((const horn__tokens *)step->attributes)->ngrams;
  size_t index = 0;
  bool more = true;
  if (widths->count < 0) widths = &ones;
  for (int32_t w = 0; w < widths->count && more; w++)
    HORN__TRY(visit_width(step, places, row, (size_t)widths->values[w], &index, &more, visit));
  return HORN_OK;
}

static horn_status visit_all(const horn__step *step, const horn__places *places, visitor visit) {
  for (size_t row = 0, n = horn__elements(&step->in[0]); row < n; row++) HORN__TRY(visit_row(step, places, row, visit));
  return HORN_OK;
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
