/* JSON from outside: cJSON behind a scan that checks what cJSON does not (UTF-8, depth, duplicate keys) and reads Python's NaN. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cJSON.h"

/* Length of the UTF-8 sequence at s (of at most n bytes), 0 where it is none: overlong forms, surrogates and > U+10FFFF are none. */
static size_t utf8_length(const unsigned char *s, size_t n) {
  if (s[0] < 0x80) return 1;
  size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
  if (s[0] < 0xC2 || s[0] > 0xF4 || n < length) return 0;
  for (size_t i = 1; i < length; i++)
    if ((s[i] & 0xC0) != 0x80) return 0;
  if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F)) return 0;
  if ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F)) return 0;
  return length;
}

/* Copies a string with its quotes from json[i]; returns the index behind it, 0 where it does not end or is no UTF-8. */
static size_t scan_string(horn__text *copy, const char *json, size_t length, size_t i) {
  size_t start = i++;
  while (i < length && json[i] != '"') {
    size_t step = json[i] == '\\' ? 2 : utf8_length((const unsigned char *)json + i, length - i);
    if (step == 0 || (unsigned char)json[i] < 0x20) return 0;
    i += step;
  }
  if (i >= length) return 0;
  horn__text_bytes(copy, json + start, i + 1 - start);
  return i + 1;
}

typedef struct word {
  const char *python, *json;
} word;

/* What Python's json module writes beyond JSON; 1e999 reads as infinity. */
static const word words[] = {{"NaN", "null"}, {"Infinity", "1e999"}};

/* Copies one character or word outside strings; returns the index behind it. */
static size_t scan_word(horn__text *copy, const char *json, size_t length, size_t i) {
  for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
    size_t n = strlen(words[w].python);
    if (length - i >= n && memcmp(json + i, words[w].python, n) == 0) {
      horn__text_add(copy, "%s", words[w].json);
      return i + n;
    }
  }
  horn__text_bytes(copy, json + i, 1);
  return i + 1;
}

static horn_status scan(horn__text *copy, const char *what, const char *json, size_t length, int limit) {
  int depth = 0;
  for (size_t i = 0; i < length;) {
    if (json[i] == '"') {
      size_t next = scan_string(copy, json, length, i);
      if (next == 0) return horn__fail(copy->ctx, HORN_E_FORMAT, "%s: the string at byte %zu does not end or is not UTF-8", what, i);
      i = next;
      continue;
    }
    if (json[i] == '\0') return horn__fail(copy->ctx, HORN_E_FORMAT, "%s: a NUL at byte %zu", what, i);
    if (json[i] == '{' || json[i] == '[') depth++;
    if (json[i] == '}' || json[i] == ']') depth--;
    if (depth > limit) return horn__fail(copy->ctx, HORN_E_LIMIT, "%s: nested deeper than %d at byte %zu", what, limit, i);
    i = scan_word(copy, json, length, i);
  }
  return copy->status;
}

static int compare_keys(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* The first key that occurs twice in json's members, or NULL. *failed: memory ran out. */
static const char *duplicate_key(horn_context *ctx, const cJSON *json, bool *failed) {
  size_t count = 0;
  const cJSON *member;
  cJSON_ArrayForEach(member, json) count++;
  if (count < 2) return NULL;
  const char **keys = horn__alloc(ctx, count * sizeof *keys, false);
  *failed = keys == NULL;
  if (keys == NULL) return NULL;
  size_t i = 0;
  cJSON_ArrayForEach(member, json) keys[i++] = member->string;
  qsort(keys, count, sizeof *keys, compare_keys);
  const char *found = NULL;
  for (i = 1; i < count && found == NULL; i++)
    if (strcmp(keys[i - 1], keys[i]) == 0) found = keys[i];
  horn__free(ctx, keys);
  return found;
}

/* Recursion is bounded: scan() has limited the depth. */
static horn_status check_keys(horn_context *ctx, const char *what, const cJSON *json) {
  if (cJSON_IsObject(json)) {
    bool failed = false;
    const char *key = duplicate_key(ctx, json, &failed);
    if (failed) return HORN_E_OUT_OF_MEMORY;
    if (key != NULL) return horn__fail(ctx, HORN_E_FORMAT, "%s: the key \"%.100s\" occurs twice in one object", what, key);
  }
  const cJSON *member;
  cJSON_ArrayForEach(member, json) HORN__TRY(check_keys(ctx, what, member));
  return HORN_OK;
}

horn_status horn__json_parse(horn_context *ctx, const char *what, const char *json, size_t length, int depth, cJSON **out) {
  horn__text copy;
  horn__text_init(&copy, ctx);
  cJSON *parsed = NULL;
  const char *end = NULL;
  horn_status status = scan(&copy, what, json, length, depth);
  if (status != HORN_OK) goto done;
  const char *text = copy.data == NULL ? "" : copy.data;
  parsed = cJSON_ParseWithLengthOpts(text, copy.length + 1, &end, 1);
  if (parsed == NULL) {
    size_t at = end == NULL ? 0 : (size_t)(end - text);
    status = horn__fail(ctx, HORN_E_FORMAT, "%s: not JSON at byte %zu of %zu (\"%.20s\")", what, at, length, end == NULL ? "" : end);
    goto done;
  }
  status = check_keys(ctx, what, parsed);
done:
  horn__text_release(&copy);
  if (status == HORN_OK)
    *out = parsed;
  else
    cJSON_Delete(parsed);
  return status;
}

void horn__json_release(cJSON *json) { cJSON_Delete(json); }

const cJSON *horn__json_get(const cJSON *json, const char *name) {
  if (!cJSON_IsObject(json)) return NULL;
  const cJSON *member = cJSON_GetObjectItemCaseSensitive(json, name);
  return cJSON_IsNull(member) ? NULL : member;
}

const char *horn__json_text(const cJSON *json, const char *name) { return cJSON_GetStringValue(horn__json_get(json, name)); }

bool horn__json_int(const cJSON *json, int64_t low, int64_t high, int64_t *out) {
  if (!cJSON_IsNumber(json)) return false;
  double number = json->valuedouble;
  if (!(number >= (double)low && number <= (double)high) || number != floor(number)) return false;
  *out = (int64_t)number;
  return true;
}

void horn__json_write(horn__text *text, const cJSON *json) {
  bool object = cJSON_IsObject(json);
  if (object || cJSON_IsArray(json)) {
    horn__text_add(text, object ? "{" : "[");
    const cJSON *member;
    cJSON_ArrayForEach(member, json) {
      if (member != json->child) horn__text_add(text, ",");
      if (object) {
        horn__text_quote(text, member->string);
        horn__text_add(text, ":");
      }
      horn__json_write(text, member);
    }
    horn__text_add(text, object ? "}" : "]");
  } else if (cJSON_IsString(json)) {
    horn__text_quote(text, json->valuestring);
  } else if (cJSON_IsNumber(json)) {
    horn__text_number(text, json->valuedouble, false);
  } else {
    horn__text_add(text, cJSON_IsTrue(json) ? "true" : cJSON_IsFalse(json) ? "false" : "null");
  }
}
