/* Tensors of strings: their form as bytes, checks of it, ops that move and compare them on each backend, and that what nobody has is swept. */
#include <stdlib.h>
#include <string.h>

#include "ops/attributes.h"
#include "small_graph.h"
#include "test.h"

/* ---- as bytes -------------------------------------------------------------------------------------------------------------- */

static const unsigned char three[] = {2, 0, 0, 0, 'a', 'b', 0, 0, 0, 0, 3, 0, 0, 0, 0, 255, 'c'}; /* "ab", "", "\0\xffc" */

static void test_round_trip(horn_context *ctx) {
  horn_tensor tensor, empty;
  horn_dtype dtype;
  int32_t shape[HORN_MAX_RANK];
  size_t rank, bytes;
  const void *data;
  small_must(ctx, horn_tensor_create(ctx, HORN_STRING, (const int32_t[]){3, 1}, 2, three, sizeof three, &tensor));
  small_must(ctx, horn_tensor_info(ctx, tensor, &dtype, shape, &rank));
  CHECK(dtype == HORN_STRING && rank == 2 && shape[0] == 3 && shape[1] == 1, "the type of a tensor of strings");
  small_must(ctx, horn_tensor_strings(ctx, tensor, &data, &bytes));
  CHECK(bytes == sizeof three && memcmp(data, three, bytes) == 0, "strings are read as they were written");
  small_must(ctx, horn_tensor_create(ctx, HORN_STRING, (const int32_t[]){2}, 1, NULL, 0, &empty));
  small_must(ctx, horn_tensor_strings(ctx, empty, &data, &bytes));
  CHECK(bytes == 8 && memcmp(data, "\0\0\0\0\0\0\0\0", 8) == 0, "strings that are not given are empty");
  horn_tensor_release(ctx, empty);
  small_must(ctx, horn_tensor_create(ctx, HORN_STRING, (const int32_t[]){0}, 1, "", 0, &empty));
  small_must(ctx, horn_tensor_strings(ctx, empty, &data, &bytes));
  CHECK(bytes == 0 && data != NULL, "no strings are no bytes");
  horn_tensor_release(ctx, empty);
  horn_tensor_release(ctx, tensor);
}

static void refuse(horn_context *ctx, const char *what, int32_t count, const void *data, size_t bytes, horn_status expected) {
  horn_tensor tensor = 0;
  const uint64_t before = ctx->bytes_in_use - horn__strings_bytes(ctx);
  const horn_status status = horn_tensor_create(ctx, HORN_STRING, &count, 1, data, bytes, &tensor);
  CHECK(status == expected && tensor == 0, "%s: status %d (%s)", what, (int)status, ctx->error);
  CHECK(ctx->bytes_in_use - horn__strings_bytes(ctx) == before, "%s: memory is kept", what);
}

/* Bytes from outside: every length is checked. */
static void test_hostile(horn_context *ctx) {
  const unsigned char longer[] = {200, 0, 0, 0, 'a'}, huge[] = {255, 255, 255, 255, 'a'};
  refuse(ctx, "too few strings", 4, three, sizeof three, HORN_E_FORMAT);
  refuse(ctx, "too many strings", 2, three, sizeof three, HORN_E_FORMAT);
  refuse(ctx, "a cut string", 3, three, sizeof three - 1, HORN_E_FORMAT);
  refuse(ctx, "a cut length", 3, three, 9, HORN_E_FORMAT);
  refuse(ctx, "a length beyond the end", 1, longer, sizeof longer, HORN_E_FORMAT);
  refuse(ctx, "the largest length", 1, huge, sizeof huge, HORN_E_FORMAT);
  refuse(ctx, "a huge shape", INT32_MAX, three, sizeof three, HORN_E_FORMAT);
  refuse(ctx, "bytes without data", 3, NULL, 12, HORN_E_INVALID_ARGUMENT);
  for (size_t n = 0; n < sizeof three; n++) refuse(ctx, "a prefix", 3, three, n, HORN_E_FORMAT);
}

/* Numbers of strings never come from outside. */
static void test_no_numbers(horn_context *ctx) {
  horn_tensor tensor, number, out;
  uint32_t word = 77;
  const void *data;
  size_t bytes, count;
  small_must(ctx, horn_tensor_create(ctx, HORN_STRING, (const int32_t[]){3}, 1, three, sizeof three, &tensor));
  small_must(ctx, horn_tensor_create(ctx, HORN_INT32, (const int32_t[]){1}, 1, &word, 4, &number));
  CHECK(horn_tensor_read(ctx, tensor, &word, 4) == HORN_E_DTYPE, "strings are not read as numbers");
  CHECK(horn_tensor_write(ctx, tensor, &word, 4) == HORN_E_DTYPE, "strings are not written as numbers");
  CHECK(horn_tensor_data(ctx, tensor, &data, &bytes) == HORN_E_DTYPE, "the numbers of strings are not shown");
  CHECK(horn_tensor_strings(ctx, number, &data, &bytes) == HORN_E_DTYPE, "a number is no string");
  CHECK(horn_tensor_assign(ctx, tensor, number) != HORN_OK, "a number is not assigned to a string");
  CHECK(horn_op(ctx, "Cast", "{\"dtype\":\"string\"}", &number, 1, &out, 1, &count) == HORN_E_DTYPE, "a number is not cast to a string");
  CHECK(horn_op(ctx, "Cast", "{\"dtype\":\"int32\"}", &tensor, 1, &out, 1, &count) == HORN_E_DTYPE, "a string is not cast to a number");
  CHECK(horn_op(ctx, "Add", NULL, (const horn_tensor[]){tensor, tensor}, 2, &out, 1, &count) == HORN_E_DTYPE, "strings are not added");
  CHECK(strstr(ctx->error, "Add") != NULL && strstr(ctx->error, "string") != NULL, "the message says so: %s", ctx->error);
  CHECK(horn_op(ctx, "OneHot", "{\"depth\":3,\"dtype\":\"string\"}", &number, 1, &out, 1, &count) == HORN_E_DTYPE, "no one-hot strings");
  CHECK(horn_op(ctx, "PadV2", "{\"paddings\":[1,1],\"constantValue\":5}", &tensor, 1, &out, 1, &count) == HORN_E_DTYPE, "no pads of numbers");
  horn_tensor_release(ctx, tensor);
  horn_tensor_release(ctx, number);
}

/* ---- moved and compared -------------------------------------------------------------------------------------------------------- */

static void check_op(horn_context *ctx, const horn__op *op, const void *attributes, const char *a, const char *b, const char *expected) {
  horn__tensor *in[2] = {small_tensor(ctx, a), b == NULL ? NULL : small_tensor(ctx, b)}, *out[HORN__MAX_OUTPUTS], *want;
  const horn_status status = horn__run_eager(ctx, op, attributes, in, b == NULL ? 1 : 2, out);
  if (CHECK(status == HORN_OK, "%s: %s", op->name, ctx->error)) {
    want = small_tensor(ctx, expected);
    CHECK(out[0]->type.dtype == want->type.dtype && out[0]->bytes == want->bytes && memcmp(out[0]->data, want->data, want->bytes) == 0,
          "%s of %s is not %s", op->name, a, expected);
    horn__tensor_release(ctx, want);
    horn__tensor_release(ctx, out[0]);
  }
  horn__tensor_release(ctx, in[0]);
  horn__tensor_release(ctx, in[1]);
}

static void test_ops(horn_context *ctx) {
  const horn__concat first = {0};
  const horn__slice part = {{1, {1}}, {1, {2}}};
  const horn__transpose swap = {{2, {1, 0}}};
  const horn__tile twice = {{1, {2}}};
  const horn__pad around = {{2, {1, 1}}, 0};
  const horn__reverse back = {{1, {0}}};
  const horn__reshape shape = {.shape = {2, {2, -1}}};
  check_op(ctx, &horn__op_Concat, &first, "s{a,b}", "s{c,a}", "s{a,b,c,a}");
  check_op(ctx, &horn__op_Slice, &part, "s{a,b,long string,d}", NULL, "s{b,long string}");
  check_op(ctx, &horn__op_Transpose, &swap, "s[2,3]{a,b,c,d,e,f}", NULL, "s[3,2]{a,d,b,e,c,f}");
  check_op(ctx, &horn__op_Tile, &twice, "s{x,y}", NULL, "s{x,y,x,y}");
  check_op(ctx, &horn__op_PadV2, &around, "s{x,y}", NULL, "s{,x,y,}");
  check_op(ctx, &horn__op_Reverse, &back, "s{x,y,z}", NULL, "s{z,y,x}");
  check_op(ctx, &horn__op_Reshape, &shape, "s{x,y,z,w}", NULL, "s[2,2]{x,y,z,w}");
  check_op(ctx, &horn__op_GatherV2, &(horn__gather){0}, "s{x,y,z}", "i{2,2,0}", "s{z,z,x}");
  check_op(ctx, &horn__op_Equal, NULL, "s{x,y,}", "s{x,z,}", "b{1,0,1}");
  check_op(ctx, &horn__op_NotEqual, NULL, "s[2,1]{x,y}", "s{x,y,xy}", "b[2,3]{0,1,1,1,0,1}");
}

/* ---- swept ------------------------------------------------------------------------------------------------------------------------- */

static horn_tensor numbered(horn_context *ctx, int from, int count) {
  unsigned char data[16 * 64];
  size_t used = 0;
  horn_tensor tensor;
  for (int i = 0; i < count; i++) {
    const int length = snprintf((char *)data + used + 4, 32, "text %d of many", from + i);
    memcpy(data + used, (const unsigned char[]){(unsigned char)length, 0, 0, 0}, 4);
    used += 4 + (size_t)length;
  }
  small_must(ctx, horn_tensor_create(ctx, HORN_STRING, &(int32_t){count}, 1, data, used, &tensor));
  return tensor;
}

/* A server that reads other strings for ever: what it keeps stays what it was, what it does not is gone. */
static void test_sweep(horn_context *ctx) {
  const horn_tensor kept = numbered(ctx, -5, 8);
  horn_tensor other;
  char *before = NULL;
  const void *data;
  size_t bytes, first, most = 0;
  small_must(ctx, horn_tensor_reshape(ctx, kept, (const int32_t[]){2, 4}, 2, &other)); /* a view outlives its source */
  small_must(ctx, horn_tensor_strings(ctx, kept, &data, &first));
  before = malloc(first);
  if (before == NULL) exit(2);
  memcpy(before, data, first);
  horn_tensor_release(ctx, kept);
  for (int i = 0; i < 20000; i++) {
    horn_tensor_release(ctx, numbered(ctx, 8 * i, 8));
    if (horn__strings_bytes(ctx) > most) most = horn__strings_bytes(ctx);
  }
  CHECK(most < 1 << 20, "strings that nobody has took %zu bytes", most);
  small_must(ctx, horn_tensor_strings(ctx, other, &data, &bytes));
  CHECK(bytes == first && memcmp(data, before, bytes) == 0, "strings that are kept were swept");
  horn_tensor_release(ctx, other);
  free(before);
}

/* The limit on memory holds for strings too. */
static void test_limit(void) {
  horn_context *ctx = NULL;
  horn_tensor tensor = 0;
  const horn_status made = horn_context_create("{\"backend\":\"ref\",\"maxBytes\":2000000}", &ctx);
  small_must(ctx, made);
  static unsigned char data[4 + 3000000];
  memcpy(data, (const unsigned char[]){3000000 & 255, 3000000 >> 8 & 255, 3000000 >> 16, 0}, 4);
  CHECK(horn_tensor_create(ctx, HORN_STRING, NULL, 0, data, sizeof data, &tensor) == HORN_E_OUT_OF_MEMORY, "a string above the limit");
  horn_context_release(ctx);
}

/* ---- failing memory ---------------------------------------------------------------------------------------------------------------------- */

typedef struct failing {
  horn__allocator real;
  long left;
} failing;

static void *fail_later(void *user, size_t size) {
  failing *f = user;
  return f->left-- > 0 ? f->real.alloc(f->real.user, size) : NULL;
}

static void release_real(void *user, void *block) {
  failing *f = user;
  f->real.release(f->real.user, block);
}

/* Whichever allocation fails: the call says so, and the next one works. */
static void test_failing_memory(void) {
  horn_status status = HORN_E_OUT_OF_MEMORY;
  for (long n = 0; status == HORN_E_OUT_OF_MEMORY && n < 100; n++) {
    horn_context *ctx = case_context("ref");
    failing f = {.real = ctx->allocator, .left = n};
    horn_tensor tensor;
    horn__free_spares(ctx);
    ctx->allocator = (horn__allocator){fail_later, release_real, &f};
    status = horn_tensor_create(ctx, HORN_STRING, (const int32_t[]){3}, 1, three, sizeof three, &tensor);
    CHECK(status == HORN_OK || status == HORN_E_OUT_OF_MEMORY, "allocation %ld: %s", n, ctx->error);
    f.left = 1000;
    const void *data;
    size_t bytes;
    small_must(ctx, horn_tensor_create(ctx, HORN_STRING, (const int32_t[]){3}, 1, three, sizeof three, &tensor));
    small_must(ctx, horn_tensor_strings(ctx, tensor, &data, &bytes));
    CHECK(bytes == sizeof three && memcmp(data, three, bytes) == 0, "allocation %ld failed, and the strings are others afterwards", n);
    ctx->allocator = f.real;
    horn_context_release(ctx);
  }
  CHECK(status == HORN_OK, "memory never sufficed");
}

int main(void) {
  horn_context *contexts[] = {case_context("ref"), case_context("xnn"), NULL};
  for (horn_context **ctx = contexts; *ctx != NULL; ctx++) {
    test_round_trip(*ctx);
    test_hostile(*ctx);
    test_no_numbers(*ctx);
    test_ops(*ctx);
    test_sweep(*ctx);
    horn_context_release(*ctx);
  }
  test_limit();
  test_failing_memory();
  return test_end();
}
