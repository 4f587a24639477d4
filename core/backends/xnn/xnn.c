/* The fast CPU backend: XNNPACK's operators for matrix products and windows, kernels of our own for the rest, natively and in WASM. */
#include "backends/xnn/xnn.h"

#include <math.h>

static const horn__kernel *const kernels[HORN__OP_COUNT] = {
#define HORN_KERNEL(Name) [HORN__OP_##Name] = &horn__xnn_##Name,
#include "backends/xnn/kernels.def"
};

static const horn__pair *const pairs[HORN__OP_COUNT] = {
#define HORN_PAIR(Name) [HORN__OP_##Name] = &horn__xnn_##Name,
#include "backends/xnn/kernels.def"
};

const horn__pair *horn__xnn_pair(const horn__op *op) { return pairs[op->id]; }

const horn__kernel *horn__pair_choose(const horn__pair *pair, const horn__step *step) {
  const bool is_theirs = pair->operator.accepts(step) && (!pair->own.accepts(step) || pair->is_faster(step));
  return is_theirs ? &pair->operator : &pair->own;
}

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
  const horn__pair *pair = horn__xnn_pair(step->op);
  return pair == NULL ? kernels[step->op->id] : horn__pair_choose(pair, step);
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

typedef struct pieces {
  const horn__isa *isa;
  const horn__map *map;
  const float *x;
  float *y;
} pieces;

static void map_piece(void *context, size_t start, size_t count) {
  const pieces *p = context;
  p->isa->unary(p->map->function, p->map->parameters, p->x + start, p->y + start, count);
}

static const double costs[] = {
#define HORN_UNARY(Name, expression, cost) cost,
#include "backends/xnn/isa/unary.def"
#undef HORN_UNARY
};

void horn__xnn_map(const horn__step *step, const horn__map *map, const float *x, float *y, size_t count) {
  pieces p = {horn__isa_of(step), map, x, y};
  horn__xnn_parallel(step, count, costs[map->function], map_piece, &p);
}

/* The element-wise activations; linear is nothing to do, and not among them. */
typedef struct activation_map {
  bool known;
  horn__map map;
} activation_map;

static const activation_map activations[HORN__ACTIVATION_COUNT] = {
    [HORN__ACTIVATION_RELU] = {true, {.function = HORN__UNARY_Relu}},
    [HORN__ACTIVATION_RELU6] = {true, {.function = HORN__UNARY_Relu6}},
    [HORN__ACTIVATION_ELU] = {true, {HORN__UNARY_Elu, {1}}},
    [HORN__ACTIVATION_SELU] = {true, {.function = HORN__UNARY_Selu}},
    [HORN__ACTIVATION_SIGMOID] = {true, {.function = HORN__UNARY_Sigmoid}},
    [HORN__ACTIVATION_HARD_SIGMOID] = {true, {HORN__UNARY_HardSigmoid, {0.2f, 0.5f}}},
    [HORN__ACTIVATION_HARD_SIGMOID_3] = {true, {.function = HORN__UNARY_HardSigmoid3}},
    [HORN__ACTIVATION_TANH] = {true, {.function = HORN__UNARY_Tanh}},
    [HORN__ACTIVATION_SOFTPLUS] = {true, {.function = HORN__UNARY_Softplus}},
    [HORN__ACTIVATION_SOFTSIGN] = {true, {.function = HORN__UNARY_Softsign}},
    [HORN__ACTIVATION_SWISH] = {true, {.function = HORN__UNARY_Swish}},
    [HORN__ACTIVATION_MISH] = {true, {.function = HORN__UNARY_Mish}},
    [HORN__ACTIVATION_GELU] = {true, {.function = HORN__UNARY_Gelu}},
    [HORN__ACTIVATION_GELU_NEW] = {true, {.function = HORN__UNARY_GeluNew}},
    [HORN__ACTIVATION_EXPONENTIAL] = {true, {.function = HORN__UNARY_Exp}},
    [HORN__ACTIVATION_LEAKY_RELU] = {true, {HORN__UNARY_LeakyRelu, {0.2f}}},
};

static const horn__map *map_of(int32_t activation) { return activations[activation].known ? &activations[activation].map : NULL; }

bool horn__xnn_activates(int32_t activation) { return activation == HORN__ACTIVATION_LINEAR || activations[activation].known; }

void horn__xnn_activate(const horn__step *step, int32_t activation, float *y, size_t count) {
  const horn__map *map = map_of(activation);
  if (map != NULL) horn__isa_of(step)->unary(map->function, map->parameters, y, y, count);
}

typedef struct rows {
  const horn__step *step;
  const horn__epilogue *epilogue;
  float *y;
  size_t columns;
} rows;

static void finish_rows(void *context, size_t start, size_t count) {
  const rows *r = context;
  float *y = r->y + start * r->columns;
  for (size_t i = 0; i < count; i++)
    horn__isa_of(r->step)->binary(HORN__BINARY_Add, y + i * r->columns, 1, r->epilogue->bias, 1, y + i * r->columns, r->columns);
  horn__xnn_activate(r->step, r->epilogue->activation, y, count * r->columns);
}

void horn__xnn_epilogue(const horn__step *step, const horn__epilogue *epilogue, float *y, size_t row_count, size_t columns) {
  const horn__map *map = map_of(epilogue->activation);
  if (epilogue->bias == NULL) {
    if (map != NULL) horn__xnn_map(step, map, y, y, row_count * columns);
    return;
  }
  rows r = {step, epilogue, y, columns};
  const double cost = costs[HORN__UNARY_Relu] + (map == NULL ? 0 : costs[map->function]);
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
