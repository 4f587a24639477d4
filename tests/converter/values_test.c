/* Values that older Keras stored otherwise: gates that are joined, kernels that are turned. */
#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "files.h"
#include "match/match.h"
#include "test.h"

enum { MAX_ARRAYS = 12 };

/* An array whose element i is start + i. */
static horn_status count_up(horn_context *ctx, const horn__saved_array *array, float *out) {
  (void)ctx;
  for (size_t i = 0; i < array->count; i++) out[i] = *(const float *)array->from + (float)i;
  return HORN_OK;
}

static horn__saved_array counting(int32_t rank, const int32_t *dims, const float *start) {
  horn__saved_array array = {.name = "array", .rank = rank, .count = 1, .read = count_up, .from = start};
  for (int32_t i = 0; i < rank; i++) array.count *= (size_t)(array.dims[i] = dims[i]);
  return array;
}

typedef struct setting {
  horn__matching matching;
  horn__target target, *weights[1];
  horn__node layer;
} setting;

static void set(setting *s, horn_context *ctx, int32_t keras, const char *class_name, const cJSON *config, int32_t rank, const int32_t *dims) {
  *s = (setting){.matching = {.ctx = ctx, .keras = keras}, .target = {.rank = rank}};
  horn__arena_init(&s->matching.arena, ctx);
  memcpy(s->target.dims, dims, (size_t)rank * sizeof *dims);
  s->weights[0] = &s->target;
  s->layer = (horn__node){.name = "layer", .class_name = class_name, .config = config, .weights = s->weights, .weight_count = 1};
}

static void check_numbers(horn_context *ctx, const char *title, const horn__saved_array *array, const float *expected, size_t count) {
  float numbers[256];
  if (!CHECK(array->count == count && array->read(ctx, array, numbers) == HORN_OK, "%s: %zu elements: %s", title, array->count, horn_last_error(ctx)))
    return;
  for (size_t i = 0; i < count; i++)
    CHECK(numbers[i] == expected[i], "%s: element %zu is %g instead of %g", title, i, (double)numbers[i], (double)expected[i]);
}

/* Keras 1's LSTM: kernel, recurrent kernel, bias of i, c, f, o; Keras 2's: one of each, in the order i, f, c, o. */
static void check_lstm(horn_context *ctx) {
  static const int32_t kernel[] = {2, 1};
  static const float expected[] = {0, 600, 300, 900, 1, 601, 301, 901};
  float starts[MAX_ARRAYS];
  horn__saved_array arrays[MAX_ARRAYS], *list[MAX_ARRAYS];
  for (size_t i = 0; i < MAX_ARRAYS; i++) {
    starts[i] = (float)(100 * i);
    arrays[i] = i % 3 == 2 ? counting(1, (const int32_t[]){1}, &starts[i]) : counting(2, kernel, &starts[i]);
    list[i] = &arrays[i];
  }
  setting s;
  size_t count = MAX_ARRAYS;
  set(&s, ctx, 1, "LSTM", NULL, 2, (const int32_t[]){2, 4});
  horn_status status = horn__match_convert(&s.matching, &s.layer, list, &count);
  if (CHECK(status == HORN_OK && count == 3, "LSTM: %zu arrays: %s", count, horn_last_error(ctx))) {
    check_numbers(ctx, "LSTM kernel", list[0], expected, 8);
    check_numbers(ctx, "LSTM bias", list[2], (const float[]){200, 800, 500, 1100}, 4);
  }
  horn__arena_release(&s.matching.arena);
}

static void check_gru(horn_context *ctx) {
  float starts[9];
  horn__saved_array arrays[9], *list[9];
  for (size_t i = 0; i < 9; i++) {
    starts[i] = (float)(100 * i);
    arrays[i] = counting(1, (const int32_t[]){2}, &starts[i]);
    list[i] = &arrays[i];
  }
  setting s;
  size_t count = 9;
  set(&s, ctx, 1, "GRU", NULL, 1, (const int32_t[]){6});
  horn_status status = horn__match_convert(&s.matching, &s.layer, list, &count);
  if (CHECK(status == HORN_OK && count == 3, "GRU: %zu arrays: %s", count, horn_last_error(ctx)))
    check_numbers(ctx, "GRU recurrent kernel", list[1], (const float[]){100, 101, 400, 401, 700, 701}, 6);
  horn__arena_release(&s.matching.arena);
}

typedef struct kernel_case {
  const char *title, *class_name, *config;
  int32_t keras;
  bool theano;
  int32_t rank, dims[4], wanted_rank, wanted[4];
  float expected[12];
} kernel_case;

static const kernel_case kernel_cases[] = {
    {"Keras 1, channels last", "Conv2D", "{}", 1, false, 4, {1, 2, 1, 3}, 4, {1, 2, 1, 3}, {0, 1, 2, 3, 4, 5}},
    {"Keras 1, channels first", "Conv2D", "{\"data_format\": \"channels_first\"}", 1, false, 4, {3, 1, 1, 2}, 4, {1, 2, 1, 3}, {0, 2, 4, 1, 3, 5}},
    {"Theano turns kernels", "Conv2D", "{}", 2, true, 4, {2, 2, 1, 2}, 4, {2, 2, 1, 2}, {6, 7, 4, 5, 2, 3, 0, 1}},
    {"TensorFlow does not", "Conv2D", "{}", 2, false, 4, {2, 2, 1, 2}, 4, {2, 2, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7}},
    {"an old order", "Conv2D", "{}", 2, false, 4, {2, 1, 1, 3}, 4, {3, 1, 2, 1}, {0, 3, 1, 4, 2, 5}},
    {"Keras 1's Conv1D", "Conv1D", "{}", 1, false, 4, {2, 1, 1, 3}, 3, {2, 1, 3}, {0, 1, 2, 3, 4, 5}},
    {"Keras 1's Conv1D of Theano's order", "Conv1D", "{}", 1, false, 4, {3, 1, 2, 1}, 3, {2, 1, 3}, {0, 2, 4, 1, 3, 5}},
    {"Keras 1's transposed", "Conv2DTranspose", "{}", 1, false, 4, {1, 1, 2, 3}, 4, {1, 1, 3, 2}, {0, 3, 1, 4, 2, 5}},
};

static void check_kernel(horn_context *ctx, const kernel_case *k) {
  const float start = 0;
  horn__saved_array array = counting(k->rank, k->dims, &start), *list[1] = {&array};
  cJSON *config = cJSON_Parse(k->config);
  setting s;
  size_t count = 1, elements = array.count;
  set(&s, ctx, k->keras, k->class_name, config, k->wanted_rank, k->wanted);
  s.matching.theano = k->theano;
  horn_status status = horn__match_convert(&s.matching, &s.layer, list, &count);
  bool same = status == HORN_OK && list[0]->rank == k->wanted_rank &&
              memcmp(list[0]->dims, k->wanted, (size_t)k->wanted_rank * sizeof *k->wanted) == 0;
  if (CHECK(same, "%s: another shape: %s", k->title, horn_last_error(ctx))) check_numbers(ctx, k->title, list[0], k->expected, elements);
  horn__arena_release(&s.matching.arena);
  cJSON_Delete(config);
}

int main(void) {
  horn_context *ctx = context_create(0);
  check_lstm(ctx);
  check_gru(ctx);
  for (size_t i = 0; i < sizeof kernel_cases / sizeof kernel_cases[0]; i++) check_kernel(ctx, &kernel_cases[i]);
  horn_context_release(ctx);
  return test_end();
}
