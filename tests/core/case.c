/* Reads cases, makes their inputs, runs them. */
#include "case.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define FAMILY(name) extern const op_family op_family_##name;
#include "families.def"
#undef FAMILY

const op_family *const op_families[] = {
#define FAMILY(name) &op_family_##name,
#include "families.def"
#undef FAMILY
    NULL,
};

/* scalars, 1, odd sizes, more than one SIMD width with and without a rest, empty, several axes */
const char *const case_shapes[] = {"", "1", "3", "7", "64", "67", "2,3", "5,1,7", "0", "3,0", "1,1,1,1", "2,3,4,5", NULL};

bool case_is_template(const op_case *row) { return strchr(row->inputs, '*') != NULL; }

/* ---- test.h ------------------------------------------------------------------------------------------------------- */

test_counts test_totals;

void test_failed(const char *file, int line) {
  if (test_totals.failed++ < TEST_SHOWN) fprintf(stderr, "%s:%d: ", file, line);
}

void test_message(const char *format, ...) {
  if (test_totals.failed > TEST_SHOWN) return;
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
}

int test_end(void) {
  printf("%u passed, %u failed\n", test_totals.passed, test_totals.failed);
  return test_totals.failed != 0 || test_totals.passed == 0;
}

/* ---- random numbers: splitmix64 (Steele, Lea, Flood 2014) ---------------------------------------------------------- */

static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static double next_unit(uint64_t *state) { return (double)(next_random(state) >> 11) * 0x1p-53; }

static uint64_t hash(const char *text) {
  uint64_t h = 1469598103934665603u;
  for (; *text != '\0'; text++) h = (h ^ (unsigned char)*text) * 1099511628211u;
  return h;
}

/* ---- operands ------------------------------------------------------------------------------------------------------ */

static _Noreturn void bad_case(const char *text) {
  fprintf(stderr, "this operand of a case cannot be read: %s\n", text);
  exit(2);
}

typedef struct operand {
  horn__type type;
  double low, high;
  bool distinct;
  const char *elements; /* behind the brace; NULL: random */
} operand;

static const char *read_shape(const char *text, horn__shape *shape) {
  while (*text != ']') {
    char *end;
    long dim = strtol(text, &end, 10);
    if (end == text && *text != ',') bad_case(text);
    if (end != text) shape->dims[shape->rank++] = (int32_t)dim;
    text = *end == ',' ? end + 1 : end;
  }
  return text + 1;
}

static size_t count_elements(const char *text) {
  if (*text == '}') return 0;
  size_t count = 1;
  for (; *text != '}'; text++) {
    if (*text == '\\') text++;
    else count += *text == ',';
    if (*text == '\0') bad_case(text);
  }
  return count;
}

static const char *read_operand(const char *text, operand *out) {
  const char *start = text;
  horn_dtype dtype = *text == 'f' ? HORN_FLOAT32 : *text == 'i' ? HORN_INT32 : *text == 's' ? HORN_STRING : HORN_BOOL;
  if (dtype == HORN_BOOL && *text != 'b') bad_case(start);
  *out = (operand){.type = {.dtype = dtype}, .low = dtype == HORN_FLOAT32 ? -2 : -4, .high = dtype == HORN_FLOAT32 ? 2 : 4};
  text++;
  bool shaped = *text == '[';
  if (shaped) text = read_shape(text + 1, &out->type.shape);
  if (*text == '<') {
    char *end;
    out->low = strtod(text + 1, &end);
    if (*end != ',') bad_case(start);
    out->high = strtod(end + 1, &end);
    if (*end != '>') bad_case(start);
    text = end + 1;
  }
  if (*text == '!') out->distinct = true, text++;
  if (*text == '{') {
    out->elements = text + 1;
    if (!shaped) out->type.shape = (horn__shape){.rank = 1, .dims = {(int32_t)count_elements(text + 1)}};
    if (count_elements(text + 1) != horn__shape_size(&out->type.shape)) bad_case(start);
    while (*text != '}') text += *text == '\\' ? 2 : 1;
    text++;
  } else if (!shaped) {
    bad_case(start);
  }
  if (*text != '\0' && *text != ' ') bad_case(start);
  return text;
}

static void store(horn__tensor *tensor, size_t i, double value) {
  switch (tensor->type.dtype) {
    case HORN_FLOAT32: ((float *)tensor->data)[i] = (float)value; break;
    case HORN_INT32: ((int32_t *)tensor->data)[i] = (int32_t)value; break;
    default: ((uint8_t *)tensor->data)[i] = value != 0; break;
  }
}

double case_element(const horn__tensor *tensor, size_t i) {
  switch (tensor->type.dtype) {
    case HORN_FLOAT32: return ((const float *)tensor->data)[i];
    case HORN_INT32: return ((const int32_t *)tensor->data)[i];
    case HORN_STRING: return ((const uint32_t *)tensor->data)[i]; /* its number */
    default: return ((const uint8_t *)tensor->data)[i];
  }
}

size_t case_size(const horn__tensor *tensor) { return horn__shape_size(&tensor->type.shape); }

static void read_elements(horn__tensor *tensor, const char *text) {
  for (size_t i = 0, n = case_size(tensor); i < n; i++) {
    char *end;
    store(tensor, i, strtod(text, &end));
    if (end == text) bad_case(text);
    text = end + 1;
  }
}

/* Strings end with a comma or brace, and \\ stands before one that is a part of them. */
static horn_status read_strings(horn_context *ctx, horn__tensor *tensor, const char *text) {
  for (size_t i = 0, n = case_size(tensor); i < n; i++) {
    char word[256];
    size_t length = 0;
    for (; *text != ',' && *text != '}'; text++) {
      if (*text == '\\') text++;
      if (*text == '\0' || length == sizeof word) bad_case(text);
      word[length++] = *text;
    }
    HORN__TRY(horn__string_intern(ctx, word, length, (uint32_t *)tensor->data + i));
    text++;
  }
  return HORN_OK;
}

/* Coarse: sixteenths, moved by 1/128, 3/128 or 5/128 by the operand's index, so 1/128 from whole numbers and from other operands. */
static double random_element(const operand *o, size_t index, uint64_t *state, case_values values) {
  if (o->type.dtype == HORN_BOOL) return (double)(next_random(state) & 1);
  double unit = next_unit(state);
  if (o->type.dtype == HORN_INT32) return floor(o->low + unit * (o->high - o->low + 1));
  double x = o->low + unit * (o->high - o->low);
  if (values == CASE_FULL) return x;
  double moved = floor(x * 16) / 16 + (double)(1 + 2 * (index % 3)) / 128;
  return moved > o->high || moved < o->low ? x : moved;
}

/* a ramp over the range, shuffled: no two alike */
static void fill_distinct(horn__tensor *tensor, const operand *o, uint64_t *state) {
  size_t n = case_size(tensor);
  for (size_t i = 0; i < n; i++) {
    size_t j = (size_t)(next_random(state) % (i + 1));
    store(tensor, i, case_element(tensor, j));
    store(tensor, j, o->low + ((double)i + 0.5) * (o->high - o->low) / (double)n);
  }
}

horn_status case_operand(horn_context *ctx, const char **text, uint64_t seed, size_t index, case_values values, horn__tensor **out,
                         bool *literal) {
  while (**text == ' ') ++*text;
  *literal = false;
  *out = NULL;
  if (**text == '-') {
    ++*text;
    return HORN_OK;
  }
  operand o;
  *text = read_operand(*text, &o);
  HORN__TRY(horn__tensor_create(ctx, &o.type, true, out));
  uint64_t state = seed + index;
  *literal = o.elements != NULL;
  if (o.type.dtype == HORN_STRING) return o.elements == NULL ? HORN_OK : read_strings(ctx, *out, o.elements);
  if (o.elements != NULL)
    read_elements(*out, o.elements);
  else if (o.distinct)
    fill_distinct(*out, &o, &state);
  else
    for (size_t i = 0, n = case_size(*out); i < n; i++) store(*out, i, random_element(&o, index, &state, values));
  return HORN_OK;
}

/* ---- runs ---------------------------------------------------------------------------------------------------------- */

static void expand(const char *text, const char *shape, char *out, size_t size) {
  size_t used = 0;
  for (; text != NULL && *text != '\0'; text++) {
    size_t room = size - used;
    int wrote = *text == '*' ? snprintf(out + used, room, "%s", shape) : snprintf(out + used, room, "%c", *text);
    if (wrote < 0 || (size_t)wrote >= room) bad_case(text);
    used += (size_t)wrote;
  }
  out[used] = '\0';
}

static horn_status read_attributes(op_run *run) {
  run->attributes = horn__arena_alloc(&run->arena, run->op->attributes.size + 1);
  if (run->attributes == NULL) return HORN_E_OUT_OF_MEMORY;
  const char *text = run->row->attributes == NULL ? "{}" : run->row->attributes;
  cJSON *json;
  HORN__TRY(horn__json_parse(run->ctx, "attributes", text, strlen(text), HORN__MAX_DEPTH, &json));
  horn_status status = horn__fields_read(&run->arena, run->op->name, &run->op->attributes, json, run->attributes);
  horn__json_release(json);
  return status;
}

horn_status case_prepare(op_run *run, horn_context *ctx, const op_case *row, const char *shape, case_values values) {
  *run = (op_run){.ctx = ctx, .row = row, .op = row->op, .bytes = ctx->bytes_in_use - horn__strings_bytes(ctx)};
  horn__arena_init(&run->arena, ctx);
  expand(row->inputs, shape, run->inputs, sizeof run->inputs);
  expand(row->outputs, shape, run->outputs, sizeof run->outputs);
  HORN__TRY(read_attributes(run));
  const char *text = run->inputs;
  for (; *text != '\0'; run->count++) {
    bool literal;
    if (run->count == HORN__MAX_INPUTS) bad_case(text);
    horn__tensor **in = &run->in[run->count];
    HORN__TRY(case_operand(ctx, &text, hash(run->inputs), (size_t)run->count, values, in, &literal));
    run->literal = run->literal || (literal && (*in)->type.dtype == HORN_FLOAT32);
  }
  return HORN_OK;
}

horn_status case_forward(op_run *run) {
  return horn__run_eager(run->ctx, run->op, run->attributes, run->in, run->count, run->out);
}

void case_release(op_run *run) {
  for (int32_t i = 0; i < run->count; i++) horn__tensor_release(run->ctx, run->in[i]);
  for (int32_t i = 0; i < run->op->outputs; i++) horn__tensor_release(run->ctx, run->out[i]);
  horn__arena_release(&run->arena);
  const uint64_t bytes = run->ctx->bytes_in_use - horn__strings_bytes(run->ctx);
  CHECK(bytes == run->bytes, "%s(%s): memory in use went from %llu to %llu bytes", run->op->name, run->inputs, (unsigned long long)run->bytes,
        (unsigned long long)bytes);
}

const char *case_name(const op_run *run, char *text, size_t size) {
  snprintf(text, size, "%s(%.200s)%s%.200s", run->op->name, run->inputs, run->row->attributes == NULL ? "" : " ",
           run->row->attributes == NULL ? "" : run->row->attributes);
  return text;
}

/* ---- contexts ------------------------------------------------------------------------------------------------------ */

horn_context *case_context(const char *backend) {
  char options[64];
  horn_context *ctx;
  snprintf(options, sizeof options, "{\"backend\":\"%s\"}", backend);
  horn_status status = horn_context_create(options, &ctx);
  if (status == HORN_OK) return ctx;
  if (status != HORN_E_NOT_FOUND) {
    fprintf(stderr, "backend %s: %s\n", backend, horn_last_error(ctx));
    exit(2);
  }
  horn_context_release(ctx);
  return NULL;
}
