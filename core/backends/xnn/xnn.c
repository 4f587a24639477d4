/* The fast CPU backend: XNNPACK's operators for matrix products and windows, kernels of our own for the rest, natively and in WASM. */
#include "backends/xnn/xnn.h"

#include <math.h>

static const horn__kernel *const kernels[HORN__OP_COUNT] = {
#define HORN_KERNEL(Name) [HORN__OP_##Name] = &horn__xnn_##Name,
#include "backends/xnn/kernels.def"
#undef HORN_KERNEL
};

static void close(horn__backend *backend) {
  horn__xnn *xnn = (horn__xnn *)backend;
  pthreadpool_destroy(xnn->pool); /* NULL is allowed */
  horn__free(backend->ctx, xnn);
}

/* xnn_initialize may be called from any number of threads, any number of times. It is never undone: XNNPACK's state is tables of function
 * pointers, and another context may be using them. */
static horn_status open(horn_context *ctx, int32_t threads, horn__backend **out) {
  if (xnn_initialize(NULL) != xnn_status_success)
    return horn__fail(ctx, HORN_E_BACKEND, "backend xnn: this CPU lacks instructions that XNNPACK needs");
  horn__xnn *xnn = horn__alloc(ctx, sizeof *xnn, true);
  if (xnn == NULL) return HORN_E_OUT_OF_MEMORY;
  xnn->base = (horn__backend){.type = &horn__backend_xnn, .ctx = ctx, .threads = 1};
  xnn->isa = horn__isa_choose();
  if (threads > 1) xnn->pool = pthreadpool_create((size_t)threads); /* NULL where threads cannot be had: one thread works too */
  if (xnn->pool != NULL) xnn->base.threads = (int32_t)pthreadpool_get_threads_count(xnn->pool);
  *out = &xnn->base;
  return HORN_OK;
}

static const horn__kernel *kernel(horn__backend *backend, const horn__step *step) {
  (void)backend;
  return kernels[step->op->id];
}

const horn__backend_class horn__backend_xnn = {.name = "xnn", .open = open, .close = close, .kernel = kernel};

/* ---- operands -------------------------------------------------------------------------------------------------------- */

static bool is_floats(const horn__operand *operand) {
  return operand->type.dtype == HORN_FLOAT32 && horn__size_of(operand) != 0;
}

bool horn__xnn_has(const horn__step *step, int32_t i) { return i < step->inputs && step->in[i].type.shape.rank >= 0; }

bool horn__xnn_floats(const horn__step *step) {
  for (int32_t i = 0; i < step->inputs; i++)
    if (horn__xnn_has(step, i) && !is_floats(&step->in[i])) return false;
  for (int32_t i = 0; i < step->outputs; i++)
    if (!is_floats(&step->out[i])) return false;
  return true;
}

const float *horn__xnn_constant(const horn__step *step, int32_t i) {
  return horn__xnn_has(step, i) && step->in[i].constant ? step->in[i].data : NULL;
}

/* ---- threads --------------------------------------------------------------------------------------------------------- */

/* What one thread computes in about 20 microseconds, the price of waking another one. */
#define WORTH_A_THREAD 1e6

pthreadpool_t horn__xnn_pool(const horn__step *step, double operations) {
  return operations < WORTH_A_THREAD ? NULL : horn__xnn_of(step)->pool;
}

void horn__xnn_parallel(const horn__step *step, size_t count, double cost, pthreadpool_task_1d_tile_1d_t task, void *context) {
  pthreadpool_t pool = horn__xnn_pool(step, cost * (double)count);
  if (pool == NULL) {
    if (count != 0) task(context, 0, count);
    return;
  }
  /* a few pieces a thread, so that a thread that is late gets fewer; whole cache lines, so that two threads never write one */
  size_t pieces = pthreadpool_get_threads_count(pool) * 4;
  size_t tile = (count + pieces - 1) / pieces;
  if (tile >= 64) tile = (tile + 63) & ~(size_t)63;
  pthreadpool_parallelize_1d_tile_1d(pool, task, context, count, tile, 0);
}

/* ---- element-wise work on a result ------------------------------------------------------------------------------------ */

typedef struct map {
  const horn__isa *isa;
  int32_t function;
  const float *x;
  float *y;
} map;

static void map_piece(void *context, size_t start, size_t count) {
  const map *m = context;
  m->isa->unary(m->function, m->x + start, m->y + start, count);
}

/* Floating point operations that one element costs, roughly: memory counts too. */
static const double costs[] = {
#define HORN_UNARY(Name, expression, cost) cost,
#include "backends/xnn/isa/unary.def"
#undef HORN_UNARY
};

void horn__xnn_map(const horn__step *step, int32_t function, const float *x, float *y, size_t count) {
  map m = {horn__isa_of(step), function, x, y};
  horn__xnn_parallel(step, count, costs[function], map_piece, &m);
}

/* The function of unary.def that is an activation; -1: none, or nothing to do. */
static int32_t function_of(int32_t activation) {
  switch ((horn__activation)activation) {
    case HORN__ACTIVATION_RELU: return HORN__UNARY_Relu;
    case HORN__ACTIVATION_RELU6: return HORN__UNARY_Relu6;
    case HORN__ACTIVATION_ELU: return HORN__UNARY_Elu;
    case HORN__ACTIVATION_SELU: return HORN__UNARY_Selu;
    case HORN__ACTIVATION_SIGMOID: return HORN__UNARY_Sigmoid;
    case HORN__ACTIVATION_HARD_SIGMOID: return HORN__UNARY_HardSigmoid;
    case HORN__ACTIVATION_HARD_SIGMOID_3: return HORN__UNARY_HardSigmoid3;
    case HORN__ACTIVATION_TANH: return HORN__UNARY_Tanh;
    case HORN__ACTIVATION_SOFTPLUS: return HORN__UNARY_Softplus;
    case HORN__ACTIVATION_SOFTSIGN: return HORN__UNARY_Softsign;
    case HORN__ACTIVATION_SWISH: return HORN__UNARY_Swish;
    case HORN__ACTIVATION_MISH: return HORN__UNARY_Mish;
    case HORN__ACTIVATION_GELU: return HORN__UNARY_Gelu;
    case HORN__ACTIVATION_GELU_NEW: return HORN__UNARY_GeluNew;
    case HORN__ACTIVATION_EXPONENTIAL: return HORN__UNARY_Exp;
    default: return -1;
  }
}

bool horn__xnn_activates(int32_t activation) { return activation == HORN__ACTIVATION_LINEAR || function_of(activation) >= 0; }

typedef struct rows {
  const horn__isa *isa;
  const horn__epilogue *epilogue;
  float *y;
  size_t columns;
} rows;

static void finish_rows(void *context, size_t start, size_t count) {
  const rows *r = context;
  float *y = r->y + start * r->columns;
  int32_t function = function_of(r->epilogue->activation);
  for (size_t i = 0; i < count && r->epilogue->bias != NULL; i++)
    r->isa->binary(HORN__BINARY_Add, y + i * r->columns, 1, r->epilogue->bias, 1, y + i * r->columns, r->columns);
  if (function >= 0) r->isa->unary(function, y, y, count * r->columns);
}

void horn__xnn_epilogue(const horn__step *step, const horn__epilogue *epilogue, float *y, size_t row_count, size_t columns) {
  int32_t function = function_of(epilogue->activation);
  if (epilogue->bias == NULL && function < 0) return;
  if (epilogue->bias == NULL) {
    horn__xnn_map(step, function, y, y, row_count * columns);
    return;
  }
  rows r = {horn__isa_of(step), epilogue, y, columns};
  double cost = costs[HORN__UNARY_Relu] + (function < 0 ? 0 : costs[function]);
  horn__xnn_parallel(step, row_count, (double)columns * cost, finish_rows, &r);
}

void horn__xnn_clamp(int32_t activation, float *low, float *high, int32_t *rest) {
  bool relu = activation == HORN__ACTIVATION_RELU, relu6 = activation == HORN__ACTIVATION_RELU6;
  *low = relu || relu6 ? 0 : -INFINITY;
  *high = relu6 ? 6 : INFINITY;
  *rest = relu || relu6 ? HORN__ACTIVATION_LINEAR : activation;
}

/* ---- XNNPACK's operators ----------------------------------------------------------------------------------------------- */

horn_status horn__xnn_status(const horn__step *step, enum xnn_status status) {
  if (status == xnn_status_success) return HORN_OK;
  if (status == xnn_status_out_of_memory) return horn__fail(step->ctx, HORN_E_OUT_OF_MEMORY, "%s: memory is used up", step->op->name);
  return horn__fail(step->ctx, HORN_E_INTERNAL, "%s: XNNPACK answered %d", step->op->name, (int)status);
}

horn_status horn__xnn_state(horn__step *step, size_t size) {
  step->state = horn__alloc(step->ctx, size, true);
  return step->state == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

void horn__operator_finish(horn__step *step) {
  horn__operator *operator = step->state;
  if (operator == NULL) return;
  xnn_delete_operator(operator->handle); /* NULL is refused, harmlessly */
  horn__free(step->ctx, operator);
  step->state = NULL;
}
