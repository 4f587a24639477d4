/* The activations: their names, one element-wise op for each that is not in unary.c or softmax.c, and which op each is. Reference: Keras's
 * activations.py, TensorFlow's nn_ops. */
#include "ops/attributes.h"
#include "ops/emit.h"

const char *const horn__activation_names[] = {
#define HORN_ACTIVATION(NAME, spellings) spellings,
#include "ops/activations.def"
#undef HORN_ACTIVATION
    NULL,
};

bool horn__activation_over_axis(int32_t activation) {
  return activation == HORN__ACTIVATION_SOFTMAX || activation == HORN__ACTIVATION_LOG_SOFTMAX || activation == HORN__ACTIVATION_GLU ||
         activation == HORN__ACTIVATION_SPARSEMAX;
}

bool horn__activation_in_kernels(int32_t activation) { return activation < HORN__ACTIVATION_GLU && !horn__activation_over_axis(activation); }

horn_status horn__infer_activation(const horn__infer *q, int32_t activation) {
  if (activation < 0 || activation >= HORN__ACTIVATION_COUNT)
    return horn__infer_fail(q, HORN_E_INVALID_ARGUMENT, "unknown activation %d", activation);
  if (horn__activation_in_kernels(activation)) return HORN_OK;
  return horn__infer_fail(q, HORN_E_UNSUPPORTED, "expected an element-wise activation that is one op, got %s", horn__activation_names[activation]);
}

horn_status horn__check_unfused(const horn__gradient *q, const horn__op *op, int32_t activation, int32_t bias) {
  if (activation == HORN__ACTIVATION_LINEAR && (bias >= q->count || q->in[bias] < 0)) return HORN_OK;
  return horn__fail(q->graph->ctx, HORN_E_UNSUPPORTED, "%s: has no gradient once a bias or an activation is fused into it", op->name);
}

/* ACTIVATION(Name, infer, attributes, derivative): dx as an expression of g (graph), x, y and dy. */
#define ACTIVATION(Name, infer_rule, table, derivative)                                                                   \
  static horn_status gradient_##Name(horn__gradient *q) {                                                                 \
    horn__graph *g = q->graph;                                                                                            \
    const horn__value x = q->in[0], y = q->out[0], dy = q->dout[0];                                                       \
    (void)x, (void)y;                                                                                                     \
    q->din[0] = derivative;                                                                                               \
    return HORN_OK;                                                                                                       \
  }                                                                                                                       \
  const horn__op horn__op_##Name = {                                                                                      \
      .name = #Name, .id = HORN__OP_##Name, .min_inputs = 1, .max_inputs = 1, .outputs = 1, .flags = HORN__ELEMENTWISE,   \
      .attributes = table, .infer = infer_rule, .gradient = gradient_##Name};

static horn__value apply(horn__graph *g, const horn__op *op, horn__value x) { return horn__emit(g, op, NULL, &x, 1); }
#define F(Name, x) apply(g, &horn__op_##Name, x)

/* ---- those that are straight lines ---------------------------------------------------------------------------------------- */

/* Whether low < y < high. */
static horn__value between(horn__graph *g, double low, horn__value y, double high) {
  return HORN__EMIT(g, LogicalAnd, NULL, horn__above(g, y, low), HORN__EMIT(g, Less, NULL, y, horn__graph_scalar(g, high)));
}

static const horn__field leaky_rows[] = {HORN__FLOAT(horn__alpha, alpha, NULL, "0.2")};
static const horn__field hard_rows[] = {
    HORN__FLOAT(horn__hard_sigmoid, alpha, NULL, "0.2"),
    HORN__FLOAT(horn__hard_sigmoid, beta, NULL, "0.5"),
};

static double alpha_of(const horn__gradient *q) { return ((const horn__alpha *)q->attributes)->alpha; }
static double slope_of(const horn__gradient *q) { return ((const horn__hard_sigmoid *)q->attributes)->alpha; }

ACTIVATION(Relu, horn__infer_number, HORN__NO_FIELDS, horn__mask(g, dy, horn__above(g, y, 0)))
ACTIVATION(Relu6, horn__infer_number, HORN__NO_FIELDS, horn__mask(g, dy, between(g, 0, y, 6)))
ACTIVATION(LeakyRelu, horn__infer_float, HORN__FIELDS(horn__alpha, leaky_rows),
           horn__select(g, horn__above(g, x, 0), dy, horn__scale(g, dy, alpha_of(q))))
ACTIVATION(HardSigmoid, horn__infer_float, HORN__FIELDS(horn__hard_sigmoid, hard_rows),
           horn__mask(g, horn__scale(g, dy, slope_of(q)), between(g, 0, y, 1)))

/* ---- exponential below zero: there dy/dx = y + alpha ------------------------------------------------------------------------ */

#define SELU_SCALE 1.05070098735548049342
#define SELU_ALPHA 1.67326324235437728481

static const horn__field elu_rows[] = {HORN__FLOAT(horn__alpha, alpha, NULL, "1")};

ACTIVATION(Elu, horn__infer_float, HORN__FIELDS(horn__alpha, elu_rows),
           horn__select(g, horn__above(g, x, 0), dy, horn__mul(g, dy, horn__shift(g, y, alpha_of(q)))))
ACTIVATION(Selu, horn__infer_float, HORN__NO_FIELDS,
           horn__select(g, horn__above(g, y, 0), horn__scale(g, dy, SELU_SCALE),
                        horn__mul(g, dy, horn__shift(g, y, SELU_SCALE * SELU_ALPHA))))

/* ---- smooth ------------------------------------------------------------------------------------------------------------------ */

/* y (1 - y) */
static horn__value sigmoid_slope(horn__graph *g, horn__value y) { return horn__mul(g, y, horn__minus(g, 1, y)); }

/* (1 + |x|)^-2 */
static horn__value softsign_slope(horn__graph *g, horn__value x) { return F(Square, F(Reciprocal, horn__shift(g, F(Abs, x), 1))); }

/* s + y (1 - s), s = sigmoid(x) */
static horn__value swish_slope(horn__graph *g, horn__value x, horn__value y) {
  const horn__value s = F(Sigmoid, x);
  return horn__add(g, s, horn__mul(g, y, horn__minus(g, 1, s)));
}

/* t + x sigmoid(x) (1 - t^2), t = tanh(softplus(x)) */
static horn__value mish_slope(horn__graph *g, horn__value x) {
  const horn__value t = F(Tanh, F(Softplus, x));
  return horn__add(g, t, horn__mul(g, F(Swish, x), horn__minus(g, 1, F(Square, t))));
}

/* Phi(x) + x phi(x), the normal distribution and its density */
static horn__value gelu_slope_exact(horn__graph *g, horn__value x) {
  const horn__value distribution = horn__scale(g, horn__shift(g, F(Erf, horn__scale(g, x, 0.70710678118654752440)), 1), 0.5);
  const horn__value density = horn__scale(g, F(Exp, horn__scale(g, F(Square, x), -0.5)), 0.39894228040143267794);
  return horn__add(g, distribution, horn__mul(g, x, density));
}

/* (1 + t + x (1 - t^2) u') / 2, t = tanh(u), u = sqrt(2 / pi) (x + 0.044715 x^3) */
static horn__value gelu_slope_tanh(horn__graph *g, horn__value x) {
  const double c = 0.79788456080286535588;
  const horn__value x2 = F(Square, x);
  const horn__value t = F(Tanh, horn__mul(g, x, horn__shift(g, horn__scale(g, x2, c * 0.044715), c)));
  const horn__value du = horn__shift(g, horn__scale(g, x2, 3 * c * 0.044715), c);
  const horn__value bend = horn__mul(g, horn__mul(g, x, du), horn__minus(g, 1, F(Square, t)));
  return horn__scale(g, horn__add(g, horn__shift(g, t, 1), bend), 0.5);
}

static horn__value gelu_slope(horn__gradient *q) {
  const horn__gelu *a = q->attributes;
  return a->approximate ? gelu_slope_tanh(q->graph, q->in[0]) : gelu_slope_exact(q->graph, q->in[0]);
}

static const horn__field gelu_rows[] = {HORN__BOOL(horn__gelu, approximate, NULL, "false")};

ACTIVATION(Sigmoid, horn__infer_float, HORN__NO_FIELDS, horn__mul(g, dy, sigmoid_slope(g, y)))
ACTIVATION(Softplus, horn__infer_float, HORN__NO_FIELDS, horn__mul(g, dy, F(Sigmoid, x)))
ACTIVATION(Softsign, horn__infer_float, HORN__NO_FIELDS, horn__mul(g, dy, softsign_slope(g, x)))
ACTIVATION(Swish, horn__infer_float, HORN__NO_FIELDS, horn__mul(g, dy, swish_slope(g, x, y)))
ACTIVATION(Mish, horn__infer_float, HORN__NO_FIELDS, horn__mul(g, dy, mish_slope(g, x)))
ACTIVATION(Gelu, horn__infer_float, HORN__FIELDS(horn__gelu, gelu_rows), horn__mul(g, dy, gelu_slope(q)))

/* ---- which op an activation is -------------------------------------------------------------------------------------------------- */

typedef struct form {
  const horn__op *op;      /* NULL: linear, no op */
  const void *attributes;  /* NULL: the op has none */
} form;

static const horn__alpha elu_one = {1};
static const horn__hard_sigmoid hard_2 = {0.2, 0.5}, hard_3 = {1.0 / 6, 0.5};
static const horn__alpha leaky = {0.2};
static const horn__gelu gelu_exact = {false}, gelu_tanh = {true};

static const form forms[HORN__ACTIVATION_COUNT] = {
    [HORN__ACTIVATION_RELU] = {&horn__op_Relu, NULL},
    [HORN__ACTIVATION_RELU6] = {&horn__op_Relu6, NULL},
    [HORN__ACTIVATION_ELU] = {&horn__op_Elu, &elu_one},
    [HORN__ACTIVATION_SELU] = {&horn__op_Selu, NULL},
    [HORN__ACTIVATION_SIGMOID] = {&horn__op_Sigmoid, NULL},
    [HORN__ACTIVATION_HARD_SIGMOID] = {&horn__op_HardSigmoid, &hard_2},
    [HORN__ACTIVATION_TANH] = {&horn__op_Tanh, NULL},
    [HORN__ACTIVATION_SOFTPLUS] = {&horn__op_Softplus, NULL},
    [HORN__ACTIVATION_SOFTSIGN] = {&horn__op_Softsign, NULL},
    [HORN__ACTIVATION_SOFTMAX] = {&horn__op_Softmax, NULL},
    [HORN__ACTIVATION_LOG_SOFTMAX] = {&horn__op_LogSoftmax, NULL},
    [HORN__ACTIVATION_SWISH] = {&horn__op_Swish, NULL},
    [HORN__ACTIVATION_MISH] = {&horn__op_Mish, NULL},
    [HORN__ACTIVATION_GELU] = {&horn__op_Gelu, &gelu_exact},
    [HORN__ACTIVATION_GELU_NEW] = {&horn__op_Gelu, &gelu_tanh},
    [HORN__ACTIVATION_EXPONENTIAL] = {&horn__op_Exp, NULL},
    [HORN__ACTIVATION_HARD_SIGMOID_3] = {&horn__op_HardSigmoid, &hard_3},
    [HORN__ACTIVATION_LEAKY_RELU] = {&horn__op_LeakyRelu, &leaky},
};

/* ---- activations of several ops ------------------------------------------------------------------------------------------------ */

/* a times sigmoid(b), the two halves of the last axis */
static horn__value glu(horn__graph *g, horn__value x) {
  const horn__shape shape = horn__type_of(g, x)->shape;
  const int32_t last = shape.rank < 1 ? -1 : shape.dims[shape.rank - 1];
  if (last < 0 || last % 2 != 0) {
    if (g->status == HORN_OK) g->status = horn__fail(g->ctx, HORN_E_SHAPE, "glu: the last axis must be known and divisible by 2, got %d", last);
    return HORN__NONE;
  }
  horn__slice half = {.begin = {.count = shape.rank}, .size = {.count = shape.rank}};
  for (int32_t i = 0; i < shape.rank; i++) half.size.values[i] = i == shape.rank - 1 ? last / 2 : -1;
  const horn__value a = HORN__EMIT(g, Slice, &half, x);
  half.begin.values[shape.rank - 1] = last / 2;
  return horn__mul(g, a, F(Sigmoid, HORN__EMIT(g, Slice, &half, x)));
}

/* max(0, x - t): with c the sum of the k numbers from x up, S where 1 + k x > c, t = (sum of the c in S - 1) / |S|. So Keras has it; in Martins
 * and Astudillo, From Softmax to Sparsemax (2016), t has the last c alone. Numbers are compared each with each, n^2 of them, not sorted. */
static horn__value sparsemax(horn__graph *g, horn__value x) {
  static const horn__axes column = {.axes = {1, {-1}}}, row = {.axes = {1, {-2}}};
  static const horn__reduce within = {.axes = {1, {-1}}}, over = {.axes = {1, {-1}}, .keep_dims = true};
  static const horn__cast to_float = {HORN_FLOAT32};
  const horn__value other = HORN__EMIT(g, ExpandDims, &row, x);
  const horn__value least = HORN__EMIT(g, GreaterEqual, NULL, other, HORN__EMIT(g, ExpandDims, &column, x));
  const horn__value k = HORN__EMIT(g, Sum, &within, HORN__EMIT(g, Cast, &to_float, least));
  const horn__value c = HORN__EMIT(g, Sum, &within, horn__mask(g, other, least));
  const horn__value support = HORN__EMIT(g, Greater, NULL, horn__shift(g, horn__mul(g, k, x), 1), c);
  const horn__value size = HORN__EMIT(g, Sum, &over, HORN__EMIT(g, Cast, &to_float, support));
  const horn__value sum = HORN__EMIT(g, Sum, &over, horn__mask(g, c, support));
  return F(Relu, horn__sub(g, x, horn__div(g, horn__shift(g, sum, -1), size)));
}

static horn__value several(horn__graph *g, horn__value x, int32_t activation) {
  static const horn__clip one = {-1, 1}, unit = {0, 1}, below = {.min = -0.5, .max = 0.5};
  switch ((horn__activation)activation) {
    case HORN__ACTIVATION_GLU: return glu(g, x);
    case HORN__ACTIVATION_SPARSEMAX: return sparsemax(g, x);
    case HORN__ACTIVATION_HARD_SHRINK: return horn__mask(g, x, horn__above(g, F(Abs, x), 0.5));
    case HORN__ACTIVATION_HARD_SILU: return horn__mul(g, x, HORN__EMIT(g, HardSigmoid, &hard_3, x));
    case HORN__ACTIVATION_HARD_TANH: return HORN__EMIT(g, ClipByValue, &one, x);
    case HORN__ACTIVATION_LOG_SIGMOID: return horn__neg(g, F(Softplus, horn__neg(g, x)));
    case HORN__ACTIVATION_SOFT_SHRINK: return horn__sub(g, x, HORN__EMIT(g, ClipByValue, &below, x));
    case HORN__ACTIVATION_SPARSE_SIGMOID: return HORN__EMIT(g, ClipByValue, &unit, horn__scale(g, horn__shift(g, x, 1), 0.5));
    case HORN__ACTIVATION_SPARSE_PLUS: /* (x + 1)^2 / 4 between -1 and 1 */
      return horn__select(g, horn__above(g, x, 1), x, horn__scale(g, horn__square(g, F(Relu, horn__shift(g, x, 1))), 0.25));
    case HORN__ACTIVATION_SQUAREPLUS: return horn__scale(g, horn__add(g, x, F(Sqrt, horn__shift(g, horn__square(g, x), 4))), 0.5);
    case HORN__ACTIVATION_TANH_SHRINK: return horn__sub(g, x, F(Tanh, x));
    default: return x;
  }
}

horn__value horn__activation_value(horn__graph *g, horn__value x, int32_t activation) {
  if (activation >= HORN__ACTIVATION_GLU) return several(g, x, activation);
  const form *f = &forms[activation];
  return f->op == NULL ? x : horn__emit(g, f->op, f->attributes, &x, 1);
}

/* Attributes are compared member by member: their structs may have padding. */
static bool same_attributes(const horn__op *op, const void *a, const void *b) {
  if (op == &horn__op_Elu || op == &horn__op_LeakyRelu) return ((const horn__alpha *)a)->alpha == ((const horn__alpha *)b)->alpha;
  if (op == &horn__op_Gelu) return ((const horn__gelu *)a)->approximate == ((const horn__gelu *)b)->approximate;
  const horn__hard_sigmoid *left = a, *right = b;
  return op != &horn__op_HardSigmoid || (left->alpha == right->alpha && left->beta == right->beta);
}

bool horn__activation_of(const horn__op *op, const void *attributes, int32_t *activation) {
  for (int32_t i = 0; i < HORN__ACTIVATION_COUNT; i++) {
    if (forms[i].op != op || !same_attributes(op, attributes, forms[i].attributes)) continue;
    *activation = i;
    return true;
  }
  return false;
}
