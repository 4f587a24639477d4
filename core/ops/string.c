/* Ops on strings: standardizing, splitting, looking up, hashing. Reference: TensorFlow's string_ops and lookup_ops, and what
 * keras/src/layers/preprocessing/text_vectorization.py makes of them. Strings are bytes; UTF-8 matters only to splitting by characters. */
#include "ops/attributes.h"

static horn_status string_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_STRING));
  q->out[0] = q->in[0];
  return HORN_OK;
}

static horn_status as_string_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 0, HORN_INT32));
  q->out[0] = (horn__type){q->in[0].shape, HORN_STRING};
  return HORN_OK;
}

#define UNARY(Name, infer_rule)                                                                                              \
  const horn__op horn__op_##Name = {.name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1,    \
                                    .flags = HORN__ELEMENTWISE | HORN__NOT_DIFFERENTIABLE | HORN__STRINGS,                   \
                                    .attributes = HORN__NO_FIELDS, .infer = infer_rule}

UNARY(StringLower, string_infer);
UNARY(StringStripPunctuation, string_infer);
UNARY(AsString, as_string_infer);

static horn_status check_key(const horn__infer *q, int32_t i) {
  if (q->in[i].dtype == HORN_STRING || q->in[i].dtype == HORN_INT32) return HORN_OK;
  return horn__infer_fail(q, HORN_E_DTYPE, "input %d: expected string or int32, got %s", i, horn__dtype_name(q->in[i].dtype));
}

/* ---- LookupTable ---------------------------------------------------------------------------------------------------------- */

static const horn__field lookup_rows[] = {HORN__BOOL(horn__lookup_table, required, NULL, "false")};

static horn_status lookup_infer(horn__infer *q) {
  HORN__TRY(check_key(q, 0));
  HORN__TRY(horn__infer_dtype(q, 1, q->in[0].dtype));
  HORN__TRY(horn__infer_rank(q, 1, 1));
  q->out[0] = (horn__type){q->in[0].shape, HORN_INT32};
  return HORN_OK;
}

const horn__op horn__op_LookupTable = {
    .name = "LookupTable", .id = HORN__OP_LookupTable, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
    .flags = HORN__NOT_DIFFERENTIABLE | HORN__STRINGS, .attributes = HORN__FIELDS(horn__lookup_table, lookup_rows), .infer = lookup_infer};

/* ---- hashes ------------------------------------------------------------------------------------------------------------------ */

static const horn__field hash_rows[] = {
    HORN__INT(horn__hash_buckets, num_buckets, NULL, NULL),
    HORN__INTS(horn__hash_buckets, key, NULL, "null"),
};

static horn_status hash_infer(horn__infer *q) {
  const horn__hash_buckets *a = q->attributes;
  if (a->num_buckets < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "Number of buckets must be at least 1");
  if (a->key.count >= 0 && a->key.count != 2)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected a key of 2 numbers, got %d", a->key.count);
  HORN__TRY(horn__infer_dtype(q, 0, HORN_STRING));
  q->out[0] = (horn__type){q->in[0].shape, HORN_INT32};
  return HORN_OK;
}

static horn_status cross_infer(horn__infer *q) {
  const horn__hash_buckets *a = q->attributes;
  if (a->num_buckets < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "Number of buckets must be at least 1");
  for (int32_t i = 0; i < q->count; i++) {
    HORN__TRY(check_key(q, i));
    HORN__TRY(horn__infer_shape(q, i, &q->in[0].shape));
  }
  q->out[0] = (horn__type){q->in[0].shape, HORN_INT32};
  return HORN_OK;
}

const horn__op horn__op_StringToHashBucketFast = {
    .name = "StringToHashBucketFast", .id = HORN__OP_StringToHashBucketFast, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .flags = HORN__NOT_DIFFERENTIABLE | HORN__STRINGS, .attributes = HORN__FIELDS(horn__hash_buckets, hash_rows), .infer = hash_infer};
const horn__op horn__op_HashCross = {
    .name = "HashCross", .id = HORN__OP_HashCross, .min_inputs = 2, .max_inputs = HORN__MAX_INPUTS, .outputs = 1,
    .flags = HORN__NOT_DIFFERENTIABLE | HORN__STRINGS, .attributes = HORN__FIELDS(horn__hash_buckets, hash_rows), .infer = cross_infer};

/* ---- tokens -------------------------------------------------------------------------------------------------------------------- */

static const char *const splits[] = {"null", "whitespace", "character", NULL};

static const horn__field token_rows[] = {
    HORN__ENUM(horn__tokens, split, splits, NULL, "\"whitespace\""), HORN__INTS(horn__tokens, ngrams, NULL, "null"),
    HORN__INT(horn__tokens, length, NULL, "0"),                      HORN__INT(horn__tokens, size, NULL, "0"),
    HORN__BOOL(horn__tokens, binary_output, NULL, "false"),
};

/* [N] or [N, 1] to [N, columns] */
static horn_status token_shape(horn__infer *q, int32_t columns, horn_dtype dtype) {
  const horn__tokens *a = q->attributes;
  const horn__shape *x = &q->in[0].shape;
  HORN__TRY(horn__infer_dtype(q, 0, HORN_STRING));
  if (x->rank < 1 || x->rank > 2 || (x->rank == 2 && x->dims[1] != 1 && x->dims[1] != -1))
    return horn__infer_fail(q, HORN_E_SHAPE, "the input rank must be 1 or the last shape dimension must be 1");
  for (int32_t i = 0; i < a->ngrams.count; i++)
    if (a->ngrams.values[i] < 1) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "ngrams must be 1 or more, got %d", a->ngrams.values[i]);
  if (columns < 0) return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "expected 0 tokens or more, got %d", columns);
  q->out[0] = (horn__type){horn__shape_of(2, (const int32_t[]){x->dims[0], columns}), dtype};
  return HORN_OK;
}

static horn_status tokens_infer(horn__infer *q) { return token_shape(q, ((const horn__tokens *)q->attributes)->length, HORN_STRING); }

static horn_status counts_infer(horn__infer *q) {
  HORN__TRY(horn__infer_dtype(q, 1, HORN_STRING));
  HORN__TRY(horn__infer_rank(q, 1, 1));
  return token_shape(q, ((const horn__tokens *)q->attributes)->size, HORN_FLOAT32);
}

const horn__op horn__op_StringTokens = {
    .name = "StringTokens", .id = HORN__OP_StringTokens, .min_inputs = 1, .max_inputs = 1, .outputs = 1,
    .flags = HORN__NOT_DIFFERENTIABLE | HORN__STRINGS, .attributes = HORN__FIELDS(horn__tokens, token_rows), .infer = tokens_infer};
const horn__op horn__op_StringTokenCounts = {
    .name = "StringTokenCounts", .id = HORN__OP_StringTokenCounts, .min_inputs = 2, .max_inputs = 2, .outputs = 1,
    .flags = HORN__NOT_DIFFERENTIABLE | HORN__STRINGS, .attributes = HORN__FIELDS(horn__tokens, token_rows), .infer = counts_infer};
