/* tensor.h: shapes, types and refcounted tensors on a backend's memory. */
#ifndef HORN_TENSOR_H
#define HORN_TENSOR_H

#include "base/base.h"

/** Kernels may read this many bytes past the end of a buffer (XNNPACK's rule), so every buffer has them. */
#define HORN__BUFFER_EXTRA 64

/** No dimension of a tensor is larger; keeps every product of two checked sizes within 64 bits. */
#define HORN__MAX_DIM INT32_MAX

typedef struct horn__shape {
  int32_t rank;
  int32_t dims[HORN_MAX_RANK]; /* -1: unknown until the input shapes are */
} horn__shape;

/** What is known of a tensor before it has elements. */
typedef struct horn__type {
  horn__shape shape;
  horn_dtype dtype;
} horn__type;

typedef struct horn__tensor {
  horn__type type;
  void *data;                  /* 64-byte aligned, HORN__BUFFER_EXTRA readable bytes behind the elements */
  size_t bytes;
  uint32_t references;
  uint64_t version;            /* of an owner: how many times its elements were written since it was made */
  struct horn__tensor *owner;  /* the tensor whose memory this one shows; NULL: its own */
  struct horn__tensor *previous, *next; /* of strings with memory of its own: in the context's list */
} horn__tensor;

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

horn__shape horn__shape_of(int32_t rank, const int32_t *dims);
/** Whether no dimension is unknown. */
bool horn__shape_known(const horn__shape *shape);
bool horn__shape_equal(const horn__shape *a, const horn__shape *b);
/** Number of elements of a known shape (a scalar has 1). Shapes that exist were checked not to overflow. */
size_t horn__shape_size(const horn__shape *shape);
/** Product of dims[from..to), -1 where one is unknown. */
int64_t horn__shape_span(const horn__shape *shape, int32_t from, int32_t to);
/** Checks that dimensions are >= 0 (or -1 where `unknown` is allowed) and that the size in bytes is no larger than 2^48 (2^30 where size_t
 *  has 32 bits). */
horn_status horn__shape_check(horn_context *ctx, const char *who, const horn__shape *shape, bool unknown);
/** Writes "[2,3]" to text (of size n), unknown dimensions as null; returns text. */
const char *horn__shape_text(const horn__shape *shape, char *text, size_t n);
/** Turns a possibly negative axis into 0..rank-1; false where it is out of range. */
bool horn__axis(int32_t axis, int32_t rank, int32_t *out);

enum { HORN__SHAPE_TEXT = 128 };

/* ---- dtypes ------------------------------------------------------------------------------------------------------ */

size_t horn__dtype_size(horn_dtype dtype);
const char *horn__dtype_name(horn_dtype dtype);
/** NULL-terminated names, for enum fields. */
extern const char *const horn__dtype_names[];

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

/** A tensor with zeroed (or, for speed, undefined) elements; one reference belongs to the caller. */
horn_status horn__tensor_create(horn_context *ctx, const horn__type *type, bool zero, horn__tensor **out);
/** A tensor that shows another's elements in another shape of the same size. */
horn_status horn__tensor_view(horn_context *ctx, horn__tensor *source, const horn__shape *shape, horn__tensor **out);
horn__tensor *horn__tensor_retain(horn__tensor *tensor);
void horn__tensor_release(horn_context *ctx, horn__tensor *tensor);

/** Whoever writes the elements of a tensor that others may have seen says so: kernels pack weights, and pack them again when the version moves. */
static inline void horn__tensor_written(horn__tensor *tensor) { (tensor->owner == NULL ? tensor : tensor->owner)->version++; }
static inline uint64_t horn__tensor_version(const horn__tensor *tensor) {
  return (tensor->owner == NULL ? tensor : tensor->owner)->version;
}

/** Frees the strings that no tensor holds, where they have become many. Not while an op runs: its results may be in no tensor yet. */
void horn__strings_collect(horn_context *ctx);
/** Reads strings in TensorFlow.js's form, a uint32 (little-endian) of the length and the bytes for each element, into a new tensor; fails unless
 *  they are exactly `bytes` long. */
horn_status horn__strings_read(horn_context *ctx, const char *who, const horn__shape *shape, const void *data, size_t bytes, horn__tensor **out);
/** Adds the elements in that form to text. */
void horn__strings_write(horn__text *text, const horn__tensor *tensor);

#endif
