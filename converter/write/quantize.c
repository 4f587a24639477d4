/* Quantization: see quantize.h. uint8 and uint16: q = round((clip(x) - min) / scale), halves to even, where scale = (max - min) / (2^bits - 1)
 * and min is moved so that 0, where it is between them, is stored exactly. float16: the nearest half, halves to even. */
#include "write/quantize.h"

#include <math.h>
#include <string.h>

static const struct {
  const char *name;
  size_t bytes;
  double most;
} kinds[] = {{"float32", 4, 0}, {"float16", 2, 0}, {"uint8", 1, 255}, {"uint16", 2, 65535}, {"int32", 4, 0}};

const char *horn__quantized_name(horn__quantized kind) { return kinds[kind].name; }

size_t horn__quantized_bytes(horn__quantized kind) { return kinds[kind].bytes; }

/* ---- which weights: Python's fnmatch with *, ? and [...] ---------------------------------------------------------------------- */

/* The end of a set "[a-z]" that starts at pattern, and whether it has c; NULL: it has no end, and "[" means itself. */
static const char *match_set(const char *pattern, const char *end, char c, bool *found) {
  const char *at = pattern + 1;
  const bool negated = at < end && *at == '!';
  at += negated;
  const char *close = at < end && *at == ']' ? at + 1 : at;
  while (close < end && *close != ']') close++;
  if (close >= end) return NULL;
  *found = false;
  while (at < close) {
    const bool range = close - at > 2 && at[1] == '-';
    *found = *found || (range ? at[0] <= c && c <= at[2] : at[0] == c);
    at += range ? 3 : 1;
  }
  *found = *found != negated;
  return close + 1;
}

/* One character against the pattern's next; the pattern behind it, or NULL. */
static const char *match_one(const char *pattern, const char *end, char c) {
  bool found;
  if (*pattern == '?') return pattern + 1;
  const char *behind = *pattern == '[' ? match_set(pattern, end, c, &found) : NULL;
  if (behind != NULL) return found ? behind : NULL;
  return *pattern == c ? pattern + 1 : NULL;
}

/* Back to the last "*" where it does not fit: no recursion. */
static bool match(const char *pattern, const char *end, const char *name) {
  const char *star = NULL, *from = NULL;
  while (*name != '\0') {
    const char *next = pattern < end && *pattern != '*' ? match_one(pattern, end, *name) : NULL;
    if (pattern < end && *pattern == '*') {
      star = ++pattern;
      from = name;
    } else if (next != NULL) {
      pattern = next;
      name++;
    } else if (star != NULL) {
      pattern = star;
      name = ++from;
    } else {
      return false;
    }
  }
  while (pattern < end && *pattern == '*') pattern++;
  return pattern == end;
}

/* A list of patterns with commas between them. */
static bool match_list(const char *list, const char *name) {
  while (*list != '\0') {
    const char *end = list + strcspn(list, ",");
    if (match(list, end, name)) return true;
    list = *end == ',' ? end + 1 : end;
  }
  return false;
}

horn_status horn__quantize_choose(horn_context *ctx, const horn_convert_options *options, const char *name, horn__quantized *out) {
  const char *const lists[] = {NULL, options->quantize_float16, options->quantize_uint8, options->quantize_uint16};
  horn__quantized rest = HORN__FULL, found = HORN__FULL;
  for (int kind = HORN__FLOAT16; kind <= HORN__UINT16; kind++) {
    if (lists[kind] == NULL) continue;
    const bool all = lists[kind][0] == '\0';
    if ((all && rest != HORN__FULL) || (!all && found != HORN__FULL && match_list(lists[kind], name)))
      return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "quantization: \"%.200s\" is to be both %s and %s", name,
                        horn__quantized_name(all ? rest : found), horn__quantized_name((horn__quantized)kind));
    if (all) rest = (horn__quantized)kind;
    else if (match_list(lists[kind], name)) found = (horn__quantized)kind;
  }
  *out = found != HORN__FULL ? found : rest;
  return HORN_OK;
}

/* ---- numbers ------------------------------------------------------------------------------------------------------------------------ */

static void put(uint8_t *out, uint32_t number, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) out[i] = (uint8_t)(number >> (8 * i));
}

/* The nearest half, halves to even; too large: infinity. Reference: IEEE 754. */
static uint32_t half_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | (magnitude >> 13 & 0x3ff);
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | (uint32_t)nearbyintf(ldexpf(fabsf(x), 24)); /* below the smallest normal half: steps of 2^-24 */
  const uint32_t rebased = magnitude - 0x38000000, rest = rebased & 0x1fff, whole = rebased >> 13;
  return sign | (whole + (rest > 0x1000 || (rest == 0x1000 && (whole & 1))));
}

static void range_of(const float *numbers, size_t count, double *low, double *high) {
  *low = *high = numbers[0];
  for (size_t i = 1; i < count; i++) {
    if (numbers[i] < *low) *low = numbers[i];
    if (numbers[i] > *high) *high = numbers[i];
  }
}

static void quantize_affine(double most, size_t bytes, const float *numbers, size_t count, uint8_t *out, horn__scale *result) {
  double low, high;
  range_of(numbers, count, &low, &high);
  *result = (horn__scale){low, 1};
  const bool flat = !(low < high);
  if (!flat) {
    result->scale = (high - low) / most;
    if (low <= 0 && 0 <= high) {
      result->min = -nearbyint((0 - low) / result->scale) * result->scale;
      high = most * result->scale + result->min;
    }
  }
  for (size_t i = 0; i < count; i++) {
    const double x = fmin(fmax(numbers[i], result->min), high), q = flat ? 0 : nearbyint((x - result->min) / result->scale);
    put(out + i * bytes, q >= 0 && q <= most ? (uint32_t)q : 0, bytes);
  }
}

void horn__quantize(horn__quantized kind, const float *numbers, size_t count, uint8_t *out, horn__scale *scale) {
  *scale = (horn__scale){0, 1};
  if (kind == HORN__UINT8 || kind == HORN__UINT16) {
    quantize_affine(kinds[kind].most, kinds[kind].bytes, numbers, count, out, scale);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, &numbers[i], sizeof bits);
    if (kind == HORN__FLOAT16) bits = half_of(numbers[i]);
    if (kind == HORN__INT32) bits = (uint32_t)(numbers[i] > 0 && numbers[i] < 2147483648.0f ? (int32_t)numbers[i] : 0); /* a count */
    put(out + i * kinds[kind].bytes, bits, kinds[kind].bytes);
  }
}
