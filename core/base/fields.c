/* Field tables: one description of a struct that reads it from JSON, writes it to JSON, and describes it to JavaScript. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "cJSON.h"

typedef struct reader {
  horn__arena *arena;
  const char *who;
} reader;

/* Whether text is `name` (of length n, snake_case) in snake_case or camelCase. */
static bool same_word(const char *text, const char *name, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (name[i] == '_' && i + 1 < n && *text != '_') {
      i++;
      if (*text != toupper((unsigned char)name[i])) return false;
    } else if (*text != name[i]) {
      return false;
    }
    text++;
  }
  return *text == '\0';
}

int32_t horn__spelling(const char *spellings, const char *text) {
  for (int32_t index = 0; spellings != NULL; index++) {
    const char *bar = strchr(spellings, '|');
    size_t n = bar == NULL ? strlen(spellings) : (size_t)(bar - spellings);
    if (same_word(text, spellings, n)) return index;
    spellings = bar == NULL ? NULL : bar + 1;
  }
  return -1;
}

int32_t horn__choice(const char *const *choices, const char *text) {
  for (int32_t i = 0; choices[i] != NULL; i++)
    if (horn__spelling(choices[i], text) >= 0) return i;
  return -1;
}

/* Keras 3 wraps names: {"class_name": "function", "config": "relu"} and {"class_name": "DTypePolicy", "config": {"name": "float32"}}. The
 * names of other objects, layers say, are no values. */
static const cJSON *unwrap(const cJSON *json) {
  const cJSON *config = horn__json_get(json, "config");
  if (cJSON_IsString(config)) return config;
  const cJSON *name = horn__json_get(config, "name");
  const char *type = horn__json_text(json, "class_name");
  return cJSON_IsString(name) && type != NULL && strstr(type, "Policy") != NULL ? name : json;
}

static horn_status unfit(const reader *r, const horn__field *field, const cJSON *json, const char *expected) {
  horn__text found;
  horn__text_init(&found, r->arena->ctx);
  horn__json_write(&found, json);
  horn_status status = horn__fail(r->arena->ctx, HORN_E_INVALID_ARGUMENT, "%s: %s must be %s, got %.80s", r->who, field->name, expected,
                                  found.data == NULL ? "?" : found.data);
  horn__text_release(&found);
  return status;
}

static bool read_int32(const cJSON *json, int32_t *out) {
  int64_t number;
  if (!horn__json_int(json, INT32_MIN, INT32_MAX, &number)) return false;
  *out = (int32_t)number;
  return true;
}

static bool read_int_array(const cJSON *json, int32_t count, int32_t *out) {
  int size = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : -1;
  if (size != -1 && size != 1 && size != count) return false;
  const cJSON *item = size == -1 ? json : json->child;
  for (int32_t i = 0; i < count; i++) {
    if (!read_int32(item, &out[i])) return false;
    if (size == count) item = item->next;
  }
  return true;
}

static bool read_padding(const cJSON *json, int32_t count, int32_t *out) {
  if (!cJSON_IsArray(json)) return read_int_array(json, 2 * count, out);
  /* an array of one 2-array for count 1 is a pair too: [1, 2] */
  if (count == 1 && cJSON_GetArraySize(json) == 2) return read_int_array(json, 2, out);
  if (cJSON_GetArraySize(json) != count) return false;
  const cJSON *item = json->child;
  for (int32_t i = 0; i < count; i++, item = item->next)
    if (!read_int_array(item, 2, out + 2 * i)) return false;
  return true;
}

static bool read_ints(const cJSON *json, horn__ints *out) {
  out->count = -1;
  if (json == NULL) return true;
  int size = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : 1;
  if (size > (int)(sizeof out->values / sizeof out->values[0])) return false;
  const cJSON *item = cJSON_IsArray(json) ? json->child : json;
  for (int i = 0; i < size; i++, item = item->next) {
    if (cJSON_IsNull(item))
      out->values[i] = -1;
    else if (!read_int32(item, &out->values[i]))
      return false;
  }
  out->count = size;
  return true;
}

static horn_status read_enum(const reader *r, const horn__field *field, const cJSON *json, int32_t *out) {
  const char *text = cJSON_IsNull(json) ? "null" : cJSON_GetStringValue(unwrap(json));
  *out = text == NULL ? -1 : horn__choice(field->choices, text);
  if (*out >= 0) return HORN_OK;
  const char *type = horn__json_text(json, "class_name");
  if (text == NULL && type != NULL)
    return horn__fail(r->arena->ctx, HORN_E_UNSUPPORTED, "%s: %s as an object of class %.100s is not supported", r->who, field->name, type);
  char expected[400] = "one of";
  size_t used = strlen(expected);
  for (int32_t i = 0; field->choices[i] != NULL && used + 40 < sizeof expected; i++) {
    const char *bar = strchr(field->choices[i], '|');
    size_t n = bar == NULL ? strlen(field->choices[i]) : (size_t)(bar - field->choices[i]);
    expected[used++] = ' ';
    memcpy(expected + used, field->choices[i], n);
    used += n;
    expected[used] = '\0';
  }
  return unfit(r, field, json, expected);
}

/* From here on json is NULL for null where the default is null. */

static bool read_float(const cJSON *json, double *out) {
  *out = json == NULL ? NAN : json->valuedouble;
  return json == NULL || cJSON_IsNumber(json);
}

static bool read_bool(const cJSON *json, bool *out) {
  *out = cJSON_IsTrue(json) || (cJSON_IsNumber(json) && json->valuedouble != 0);
  return cJSON_IsBool(json) || cJSON_IsNumber(json);
}

static bool read_text(const cJSON *json, const char **out) {
  *out = cJSON_GetStringValue(json == NULL ? NULL : unwrap(json));
  return json == NULL || *out != NULL;
}

/* Texts live as long as the arena, whatever becomes of the JSON. */
static horn_status keep_text(const reader *r, const char **text) {
  if (*text == NULL) return HORN_OK;
  *text = horn__arena_text(r->arena, *text);
  return *text == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

static horn_status read_value(const reader *r, const horn__field *field, const cJSON *json, unsigned char *out) {
  switch (field->type) {
    case HORN__FIELD_INT:
      if (read_int_array(json, field->count, (int32_t *)out)) return HORN_OK;
      return unfit(r, field, json, field->count == 1 ? "an integer" : "an integer or an array of them");
    case HORN__FIELD_PADDING:
      return read_padding(json, field->count, (int32_t *)out) ? HORN_OK
                                                              : unfit(r, field, json, "an integer or an array of pairs of integers");
    case HORN__FIELD_FLOAT:
      return read_float(json, (double *)out) ? HORN_OK : unfit(r, field, json, "a number");
    case HORN__FIELD_BOOL:
    case HORN__FIELD_FLAG:
    case HORN__FIELD_OWN:
      return read_bool(json, (bool *)out) ? HORN_OK : unfit(r, field, json, "true or false");
    case HORN__FIELD_ENUM:
      return read_enum(r, field, json, (int32_t *)out);
    case HORN__FIELD_INTS:
      return read_ints(json, (horn__ints *)out) ? HORN_OK : unfit(r, field, json, "an array of few integers");
    case HORN__FIELD_TEXT:
      if (!read_text(json, (const char **)out)) return unfit(r, field, json, "a string");
      return keep_text(r, (const char **)out);
    case HORN__FIELD_JSON:
      *(const cJSON **)out = json;
      return HORN_OK;
  }
  return HORN_E_INTERNAL;
}

static bool nullable(const horn__field *field) {
  return field->initial != NULL && strcmp(field->initial, "null") == 0;
}

static horn_status read_default(const reader *r, const horn__field *field, unsigned char *out) {
  if (nullable(field)) return read_value(r, field, NULL, out);
  cJSON *initial = cJSON_Parse(field->initial);
  if (initial == NULL) return horn__fail(r->arena->ctx, HORN_E_OUT_OF_MEMORY, "%s: no memory for %s", r->who, field->name);
  horn_status status = read_value(r, field, initial, out);
  if (field->type == HORN__FIELD_JSON) *(const cJSON **)out = NULL;
  cJSON_Delete(initial);
  return status;
}

static const cJSON *find_member(const horn__field *field, const cJSON *json) {
  const cJSON *member;
  if (!cJSON_IsObject(json)) return NULL;
  cJSON_ArrayForEach(member, json) if (horn__spelling(field->name, member->string) >= 0) return member;
  cJSON_ArrayForEach(member, json) if (horn__spelling(field->aliases, member->string) >= 0) return member;
  return NULL;
}

/* Null stands for the default, but where it is itself a choice. */
static bool is_given(const horn__field *field, const cJSON *member) {
  if (member == NULL) return false;
  return !cJSON_IsNull(member) || (field->type == HORN__FIELD_ENUM && horn__choice(field->choices, "null") >= 0);
}

horn_status horn__fields_read(horn__arena *arena, const char *who, const horn__fields *table, const cJSON *json, void *out) {
  const reader r = {arena, who};
  for (size_t i = 0; i < table->count; i++) {
    const horn__field *field = &table->rows[i];
    unsigned char *slot = (unsigned char *)out + field->offset;
    const cJSON *member = find_member(field, json);
    if (is_given(field, member)) {
      HORN__TRY(read_value(&r, field, member, slot));
    } else if (field->initial != NULL) {
      HORN__TRY(read_default(&r, field, slot));
    } else {
      return horn__fail(arena->ctx, HORN_E_INVALID_ARGUMENT, "%s: %s is required and missing", who, field->name);
    }
  }
  return HORN_OK;
}

horn_status horn__fields_default(horn__arena *arena, const char *who, const horn__fields *table, void *out) {
  return horn__fields_read(arena, who, table, NULL, out);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void write_choice(horn__text *text, const char *spellings) {
  const char *quote = strcmp(spellings, "null") == 0 ? "" : "\"";
  horn__text_add(text, "%s%.*s%s", quote, (int)strcspn(spellings, "|"), spellings, quote);
}

static void write_int_array(horn__text *text, const int32_t *values, int32_t count) {
  horn__text_add(text, "[");
  for (int32_t i = 0; i < count; i++) horn__text_add(text, "%s%d", i == 0 ? "" : ",", values[i]);
  horn__text_add(text, "]");
}

static void write_padding(horn__text *text, const int32_t *values, int32_t pairs) {
  if (pairs == 1) {
    write_int_array(text, values, 2);
    return;
  }
  horn__text_add(text, "[");
  for (int32_t i = 0; i < pairs; i++) {
    if (i != 0) horn__text_add(text, ",");
    write_int_array(text, values + 2 * i, 2);
  }
  horn__text_add(text, "]");
}

static void write_ints(horn__text *text, const horn__ints *ints) {
  if (ints->count < 0)
    horn__text_add(text, "null");
  else
    write_int_array(text, ints->values, ints->count);
}

static void write_float(horn__text *text, double number) {
  if (isnan(number))
    horn__text_add(text, "null");
  else
    horn__text_number(text, number, false);
}

static void write_text(horn__text *text, const char *string) {
  if (string == NULL)
    horn__text_add(text, "null");
  else
    horn__text_quote(text, string);
}

static void write_value(horn__text *text, const horn__field *field, const unsigned char *value) {
  const int32_t *numbers = (const int32_t *)(const void *)value;
  switch (field->type) {
    case HORN__FIELD_INT:
      if (field->count == 1)
        horn__text_add(text, "%d", *numbers);
      else
        write_int_array(text, numbers, field->count);
      break;
    case HORN__FIELD_PADDING:
      write_padding(text, numbers, field->count);
      break;
    case HORN__FIELD_FLOAT:
      write_float(text, *(const double *)value);
      break;
    case HORN__FIELD_BOOL:
    case HORN__FIELD_FLAG:
    case HORN__FIELD_OWN:
      horn__text_add(text, *(const bool *)value ? "true" : "false");
      break;
    case HORN__FIELD_ENUM:
      write_choice(text, field->choices[*numbers]);
      break;
    case HORN__FIELD_INTS:
      write_ints(text, (const horn__ints *)value);
      break;
    case HORN__FIELD_TEXT:
      write_text(text, *(const char *const *)value);
      break;
    case HORN__FIELD_JSON:
      break; /* written by the caller's writer */
  }
}

void horn__fields_write(horn__text *text, const horn__fields *table, const void *values, horn__json_writer writer, const void *user) {
  for (size_t i = 0; i < table->count; i++) {
    const unsigned char *value = (const unsigned char *)values + table->rows[i].offset;
    if ((table->rows[i].type == HORN__FIELD_FLAG || table->rows[i].type == HORN__FIELD_OWN) && !*(const bool *)value) continue;
    horn__text_add(text, ",\"%s\":", table->rows[i].name);
    const bool json = table->rows[i].type == HORN__FIELD_JSON;
    if (json && *(const cJSON *const *)(const void *)value == NULL && table->rows[i].initial != NULL)
      horn__text_add(text, "%s", table->rows[i].initial);
    else if (json)
      writer(text, *(const cJSON *const *)(const void *)value, user);
    else
      write_value(text, &table->rows[i], value);
  }
}

static const char *const type_names[] = {
    [HORN__FIELD_INT] = "int",   [HORN__FIELD_PADDING] = "padding", [HORN__FIELD_FLOAT] = "float", [HORN__FIELD_BOOL] = "bool",
    [HORN__FIELD_FLAG] = "bool", [HORN__FIELD_OWN] = "bool",
    [HORN__FIELD_ENUM] = "enum", [HORN__FIELD_INTS] = "ints",       [HORN__FIELD_TEXT] = "text",   [HORN__FIELD_JSON] = "json",
};

void horn__fields_describe(horn__text *text, const horn__fields *table) {
  horn__text_add(text, "[");
  for (size_t i = 0; i < table->count; i++) {
    const horn__field *field = &table->rows[i];
    horn__text_add(text, "%s{\"name\":\"%s\",\"type\":\"%s\",\"count\":%d", i == 0 ? "" : ",", field->name, type_names[field->type],
                   field->count);
    if (field->aliases != NULL) horn__text_add(text, ",\"aliases\":\"%s\"", field->aliases);
    if (field->initial != NULL) horn__text_add(text, ",\"default\":%s", field->initial);
    if (field->choices != NULL) {
      horn__text_add(text, ",\"choices\":[");
      for (int32_t c = 0; field->choices[c] != NULL; c++) {
        if (c != 0) horn__text_add(text, ",");
        write_choice(text, field->choices[c]);
      }
      horn__text_add(text, "]");
    }
    horn__text_add(text, "}");
  }
  horn__text_add(text, "]");
}
