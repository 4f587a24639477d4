/* BatchMatMul: with a constant matrix b, a fully connected operator with packed weights over all rows of a, or our own product where that is
 * one row; otherwise XNNPACK's batch product, which packs b into the workspace at each run. A transposed a is turned round in the workspace
 * first. */
#include <string.h>

#include "backends/xnn/xnn.h"

typedef struct matmul {
  horn__operator product;    /* first: finish expects it */
  horn__operator transpose;  /* of a; handle NULL: a is as it should be */
  bool packed;               /* b is in the operator */
  float *row_b;              /* b, packed for the product of one row; NULL otherwise */
  bool biased;               /* so is the bias */
  size_t batch, rows, inner, columns; /* of the product as it is computed: where all rows meet one b, batch is 1 */
  size_t transposed_bytes;   /* at the start of the workspace */
} matmul;

static size_t round_up(size_t bytes) { return (bytes + HORN__BUFFER_EXTRA + 63) & ~(size_t)63; }

static double operations(const matmul *m) { return 2.0 * (double)m->batch * (double)m->rows * (double)m->inner * (double)m->columns; }

static bool accepts(const horn__step *step) {
  const horn__matmul *m = step->attributes;
  return horn__xnn_floats(step) && step->out[0].type.shape.rank <= XNN_MAX_TENSOR_DIMS && horn__xnn_activates(m->activation);
}

static void measure(const horn__step *step, matmul *m) {
  const horn__matmul *attributes = step->attributes;
  const horn__shape *a = &step->in[0].type.shape, *y = &step->out[0].type.shape;
  m->rows = (size_t)y->dims[y->rank - 2];
  m->columns = (size_t)y->dims[y->rank - 1];
  m->inner = (size_t)a->dims[a->rank - (attributes->transpose_a ? 2 : 1)];
  m->batch = horn__shape_size(y) / m->rows / m->columns;
  bool one_b = horn__size_of(&step->in[1]) == m->inner * m->columns;
  if (!one_b || horn__size_of(&step->in[0]) != m->batch * m->rows * m->inner) return;
  m->rows *= m->batch;
  m->batch = 1;
}

static horn_status prepare_transpose(horn__step *step, matmul *m) {
  const horn__shape *a = &step->in[0].type.shape;
  const size_t inner = m->inner, rows = (size_t)a->dims[a->rank - 1], bytes = horn__size_of(&step->in[0]) * sizeof(float);
  const size_t shape[] = {horn__size_of(&step->in[0]) / inner / rows, inner, rows}, permutation[] = {0, 2, 1};
  m->transposed_bytes = round_up(bytes);
  m->transpose.pool = horn__xnn_pool(step, (double)bytes);
  HORN__XNN_TRY(step, xnn_create_transpose_nd_x32(0, &m->transpose.handle));
  return horn__xnn_status(step, xnn_reshape_transpose_nd_x32(m->transpose.handle, 3, shape, permutation, m->transpose.pool));
}

static horn_status prepare_packed(horn__step *step, matmul *m) {
  const horn__matmul *attributes = step->attributes;
  float low, high;
  const float *bias = horn__xnn_constant(step, 2);
  m->packed = true;
  m->biased = bias != NULL || !horn__xnn_has(step, 2);
  if (m->biased)
    horn__xnn_clamp(attributes->activation, &low, &high, &m->product.activation);
  else
    horn__xnn_clamp(HORN__ACTIVATION_LINEAR, &low, &high, &m->product.activation), m->product.activation = attributes->activation;
  HORN__XNN_TRY(step, xnn_create_fully_connected_nc_f32(m->inner, m->columns, m->inner, m->columns, step->in[1].data, bias, low, high,
                                                        attributes->transpose_b ? 0 : XNN_FLAG_TRANSPOSE_WEIGHTS, NULL, NULL,
                                                        &m->product.handle));
  return horn__xnn_status(step, xnn_reshape_fully_connected_nc_f32(m->product.handle, m->rows, m->product.pool));
}

/* The leading axes of an operand as `rank` axes, ones in front. */
static void batch_axes(const horn__shape *shape, int32_t rank, size_t *axes) {
  for (int32_t i = 0; i < rank; i++) {
    int32_t axis = i - (rank - (shape->rank - 2));
    axes[i] = axis < 0 ? 1 : (size_t)shape->dims[axis];
  }
}

static horn_status prepare_batch(horn__step *step, matmul *m) {
  const horn__matmul *attributes = step->attributes;
  size_t a[XNN_MAX_TENSOR_DIMS], b[XNN_MAX_TENSOR_DIMS], bytes = 0, alignment = 1;
  int32_t rank = m->batch == 1 ? 0 : step->out[0].type.shape.rank - 2;
  batch_axes(&step->in[0].type.shape, rank, a);
  batch_axes(&step->in[1].type.shape, rank, b);
  m->product.activation = attributes->activation;
  HORN__XNN_TRY(step, xnn_create_batch_matrix_multiply_nc_f32(attributes->transpose_b ? XNN_FLAG_TRANSPOSE_B : 0, &m->product.handle));
  HORN__XNN_TRY(step, xnn_reshape_batch_matrix_multiply_nc_f32(m->product.handle, (size_t)rank, a, b, m->rows, m->inner, m->columns, &bytes,
                                                               &alignment, m->product.pool));
  step->workspace_size = m->transposed_bytes + bytes;
  return HORN_OK;
}

/* ---- one row: memory bound, and XNNPACK's kernels for WebAssembly wait for their own sums ------------------------------------------ */

enum { BLOCK = 16 }; /* columns of one piece of work */

static horn_status prepare_row(horn__step *step, matmul *m) {
  const bool transposed = ((const horn__matmul *)step->attributes)->transpose_b;
  const size_t row = transposed ? 1 : m->columns, column = transposed ? m->inner : 1;
  m->row_b = horn__alloc(step->ctx, m->inner * horn__packed_columns(m->columns) * sizeof(float), false);
  if (m->row_b == NULL) return HORN_E_OUT_OF_MEMORY;
  horn__isa_of(step)->product_pack(step->in[1].data, row, column, m->inner, m->columns, m->row_b);
  m->product.activation = ((const horn__matmul *)step->attributes)->activation;
  return HORN_OK;
}

static void run_blocks(void *context, size_t start, size_t count) {
  const horn__step *step = context;
  const matmul *m = step->state;
  const size_t first = start * BLOCK, end = (start + count) * BLOCK, columns = (end > m->columns ? m->columns : end) - first;
  horn__isa_of(step)->product(&(const horn__product){.a = step->in[0].data, .a_row = (ptrdiff_t)m->inner, .a_column = 1,
                                                     .b = m->row_b + first * m->inner, .y = (float *)step->out[0].data + first,
                                                     .y_row = m->columns, .rows = 1, .inner = m->inner, .columns = columns});
}

static horn_status run_row(const horn__step *step) {
  const matmul *m = step->state;
  float *y = step->out[0].data;
  if (horn__xnn_has(step, 2))
    memcpy(y, step->in[2].data, m->columns * sizeof *y);
  else
    memset(y, 0, m->columns * sizeof *y);
  horn__step copy = *step; /* tasks take what they may change */
  horn__xnn_parallel(step, horn__packed_columns(m->columns) / BLOCK, 2.0 * (double)(m->inner * BLOCK), run_blocks, &copy);
  horn__xnn_activate(step, m->product.activation, y, m->columns);
  return HORN_OK;
}

static bool is_row(const horn__step *step, const matmul *m) {
  const double packed = (double)m->inner * (double)horn__packed_columns(m->columns) * sizeof(float);
  return m->rows == 1 && step->in[1].constant && packed < (double)(SIZE_MAX / 2);
}

/* ---- any ---------------------------------------------------------------------------------------------------------------------- */

static horn_status prepare(horn__step *step) {
  HORN__TRY(horn__xnn_state(step, sizeof(matmul)));
  matmul *m = step->state;
  measure(step, m);
  m->product.pool = horn__xnn_pool(step, operations(m));
  if (m->batch == 1 && is_row(step, m)) return prepare_row(step, m); /* one row is the same transposed */
  if (((const horn__matmul *)step->attributes)->transpose_a) HORN__TRY(prepare_transpose(step, m));
  step->workspace_size = m->transposed_bytes;
  return m->batch == 1 && step->in[1].constant ? prepare_packed(step, m) : prepare_batch(step, m);
}

static horn_status setup(const horn__step *step, const matmul *m, const float *a) {
  void *packing = m->packed ? NULL : (char *)step->workspace + m->transposed_bytes;
  enum xnn_status status =
      m->packed ? xnn_setup_fully_connected_nc_f32(m->product.handle, a, step->out[0].data)
                : xnn_setup_batch_matrix_multiply_nc_f32(m->product.handle, packing, a, step->in[1].data, step->out[0].data);
  return horn__xnn_status(step, status);
}

static horn_status run(const horn__step *step) {
  const matmul *m = step->state;
  const float *a = step->in[0].data;
  if (m->row_b != NULL) return run_row(step);
  if (m->transpose.handle != NULL) {
    HORN__XNN_TRY(step, xnn_setup_transpose_nd_x32(m->transpose.handle, a, step->workspace));
    HORN__XNN_TRY(step, xnn_run_operator(m->transpose.handle, m->transpose.pool));
    a = step->workspace;
  }
  HORN__TRY(setup(step, m, a));
  HORN__XNN_TRY(step, xnn_run_operator(m->product.handle, m->product.pool));
  const horn__epilogue rest = {m->biased || !horn__xnn_has(step, 2) ? NULL : step->in[2].data, m->product.activation};
  horn__xnn_epilogue(step, &rest, step->out[0].data, m->batch * m->rows, m->columns);
  return HORN_OK;
}

static void finish(horn__step *step) {
  matmul *m = step->state;
  if (m != NULL) xnn_delete_operator(m->transpose.handle);
  if (m != NULL) horn__free(step->ctx, m->row_b);
  horn__operator_finish(step);
}

const horn__kernel horn__xnn_BatchMatMul = {.accepts = accepts, .prepare = prepare, .run = run, .finish = finish};
