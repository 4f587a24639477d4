/* Operations on tensors that Keras records as layers in a Functional: classes of keras.ops in Keras 3, TFOpLambda and SlicingOpLambda with a
 * function of tf in tf-keras. The first part of the table: element-wise ones, reductions, products. Reference: keras/src/ops,
 * tf_keras/src/layers/core/tf_op_layer.py. */
#include "layers/operation.h"

#include <string.h>

#include "cJSON.h"

/* ---- dtypes ---------------------------------------------------------------------------------------------------------------------- */

static horn__value to(horn__graph *graph, horn__value x, horn_dtype dtype) {
  if (x == HORN__NONE || horn__type_of(graph, x)->dtype == dtype) return x;
  return HORN__EMIT(graph, Cast, &(horn__cast){(int32_t)dtype}, x);
}

/* Both in the wider dtype of the two: bool, int32, float32. */
static void widen(horn__graph *graph, horn__value *a, horn__value *b) {
  const horn__type *x = horn__type_of(graph, *a), *y = horn__type_of(graph, *b);
  if (x == NULL || y == NULL || x->dtype == y->dtype) return;
  const horn_dtype dtype = x->dtype == HORN_FLOAT32 || y->dtype == HORN_FLOAT32 ? HORN_FLOAT32 : HORN_INT32;
  *a = to(graph, *a, dtype);
  *b = to(graph, *b, dtype);
}

/* ---- of one tensor ------------------------------------------------------------------------------------------------------------------ */

/* y = op(x) for numbers. */
static horn_status unary(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  return horn__return(call, horn__emit(call->graph, operation->op, NULL, &x, 1));
}

/* The same for floats alone. */
static horn_status unary_float(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  x = horn__as_float(call->graph, x);
  return horn__return(call, horn__emit(call->graph, operation->op, NULL, &x, 1));
}

static horn_status logical_not(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  x = to(call->graph, x, HORN_BOOL);
  return horn__return(call, horn__emit(call->graph, operation->op, NULL, &x, 1));
}

static horn_status activation(horn__call *call, const horn__operation *operation) {
  horn__value x;
  int32_t axis = 0;
  const bool over_axis = operation->which == HORN__ACTIVATION_SOFTMAX || operation->which == HORN__ACTIVATION_LOG_SOFTMAX;
  HORN__TRY(horn__subject(call, &x));
  x = horn__as_float(call->graph, x);
  if (over_axis) HORN__TRY(horn__axis_of(call, "axis", -1, -1, horn__type_of(call->graph, x)->shape.rank, &axis));
  if (over_axis) x = horn__axis_to_last(call->graph, x, axis);
  x = horn__activation_value(call->graph, x, operation->which);
  return horn__return(call, over_axis ? horn__axis_from_last(call->graph, x, axis) : x);
}

/* Keras 3's gelu takes `approximate`, true by default; tf's false by default. */
static horn_status gelu(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  const cJSON *approximate = horn__argument(call, "approximate", -1);
  const horn__gelu attributes = {approximate == NULL ? operation->which != 0 : cJSON_IsTrue(approximate)};
  return horn__return(call, HORN__EMIT(call->graph, Gelu, &attributes, x));
}

static horn_status with_alpha(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  const double initial = operation->op == &horn__op_LeakyRelu ? 0.2 : 1;
  const horn__alpha attributes = {horn__argument_number(call, "negative_slope|alpha", 1, initial)};
  return horn__return(call, horn__emit(call->graph, operation->op, &attributes, &x, 1));
}

/* log of x to the base `which`. */
static horn_status log_to_base(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  x = HORN__EMIT(call->graph, Log, NULL, horn__as_float(call->graph, x));
  return horn__return(call, horn__scale(call->graph, x, operation->which == 2 ? 1.4426950408889634 : 0.4342944819032518));
}

static horn_status cast(horn__call *call, const horn__operation *operation) {
  horn__value x;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  const char *name = horn__argument_text(call, "dtype", 1);
  if (name == NULL) return horn__layer_fail(call->layer, HORN_E_INVALID_ARGUMENT, "expected the name of a dtype");
  const bool whole = strncmp(name, "int", 3) == 0 || strncmp(name, "uint", 4) == 0;
  return horn__return(call, to(call->graph, x, strcmp(name, "bool") == 0 ? HORN_BOOL : whole ? HORN_INT32 : HORN_FLOAT32));
}

static horn_status filled(horn__call *call, const horn__operation *operation) {
  horn__value x;
  HORN__TRY(horn__subject(call, &x));
  horn__value zeros = HORN__EMIT(call->graph, ZerosLike, NULL, x);
  if (operation->which == 0) return horn__return(call, zeros);
  return horn__return(call, horn__add(call->graph, zeros, horn__graph_scalar_of(call->graph, 1, horn__type_of(call->graph, x)->dtype)));
}

/* Bounds that are numbers; a tensor as a bound goes through Minimum and Maximum. */
static horn_status clip(horn__call *call, const horn__operation *operation) {
  horn__value x, low, high;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  const cJSON *least = horn__argument(call, "x_min|clip_value_min|min_value", 1), *most = horn__argument(call, "x_max|clip_value_max|max_value", 2);
  if (cJSON_IsNumber(least) && cJSON_IsNumber(most) && horn__type_of(call->graph, x)->dtype == HORN_FLOAT32)
    return horn__return(call, horn__emit(call->graph, &horn__op_ClipByValue, &(horn__clip){least->valuedouble, most->valuedouble}, &x, 1));
  HORN__TRY(horn__argument_value(call, least, x, &low));
  HORN__TRY(horn__argument_value(call, most, x, &high));
  widen(call->graph, &x, &low);
  widen(call->graph, &x, &high);
  return horn__return(call, HORN__EMIT(call->graph, Minimum, NULL, HORN__EMIT(call->graph, Maximum, NULL, x, low), high));
}

/* ---- of two tensors ------------------------------------------------------------------------------------------------------------------- */

horn_status horn__operand_pair(const horn__call *call, horn__value *a, horn__value *b) {
  static const char first[] = "x1|x|a", second[] = "x2|y|b";
  const cJSON *json = horn__argument(call, second, 1);
  HORN__TRY(horn__argument_tensor(call, first, 0, HORN__NONE, a));
  HORN__TRY(horn__argument_value(call, json, *a, b));
  if (horn__type_of(call->graph, *b)->dtype == HORN_FLOAT32) *a = horn__as_float(call->graph, *a);
  widen(call->graph, a, b);
  return call->graph->status;
}

static horn_status binary(horn__call *call, const horn__operation *operation) {
  horn__value in[2];
  HORN__TRY(horn__operand_pair(call, &in[0], &in[1]));
  if (horn__type_of(call->graph, in[0])->dtype == HORN_BOOL)
    for (int32_t i = 0; i < 2; i++) in[i] = to(call->graph, in[i], HORN_INT32);
  return horn__return(call, horn__emit(call->graph, operation->op, NULL, in, 2));
}

/* Of floats TensorFlow makes floats, through which no gradient comes; the op is TensorFlow.js's: int32, with the quotient's. */
static horn_status floor_divide(horn__call *call, const horn__operation *operation) {
  horn__value a, b;
  HORN__TRY(horn__operand_pair(call, &a, &b));
  if (horn__type_of(call->graph, a)->dtype != HORN_FLOAT32) return binary(call, operation);
  return horn__return(call, HORN__EMIT(call->graph, Floor, NULL, horn__div(call->graph, a, b)));
}

static horn_status binary_float(horn__call *call, const horn__operation *operation) {
  horn__value in[2];
  HORN__TRY(horn__operand_pair(call, &in[0], &in[1]));
  for (int32_t i = 0; i < 2; i++) in[i] = horn__as_float(call->graph, in[i]);
  return horn__return(call, horn__emit(call->graph, operation->op, NULL, in, 2));
}

static horn_status compare(horn__call *call, const horn__operation *operation) {
  horn__value in[2];
  HORN__TRY(horn__operand_pair(call, &in[0], &in[1]));
  return horn__return(call, horn__emit(call->graph, operation->op, NULL, in, 2));
}

static horn_status logical(horn__call *call, const horn__operation *operation) {
  horn__value in[2];
  HORN__TRY(horn__operand_pair(call, &in[0], &in[1]));
  for (int32_t i = 0; i < 2; i++) in[i] = to(call->graph, in[i], HORN_BOOL);
  return horn__return(call, horn__emit(call->graph, operation->op, NULL, in, 2));
}

/* Small whole powers are products: exact for negative bases. */
static horn_status power(horn__call *call, const horn__operation *operation) {
  const cJSON *exponent = horn__argument(call, "x2|y|b|a", 1);
  horn__value x;
  if (cJSON_IsNumber(exponent) && exponent->valuedouble == 2) {
    HORN__TRY(horn__argument_tensor(call, "x1|x", 0, HORN__NONE, &x));
    return horn__return(call, horn__square(call->graph, x));
  }
  return binary_float(call, operation);
}

static horn_status matmul(horn__call *call, const horn__operation *operation) {
  horn__value a, b;
  (void)operation;
  HORN__TRY(horn__operand_pair(call, &a, &b));
  const horn__matmul attributes = {.transpose_a = horn__argument_flag(call, "transpose_a"), .transpose_b = horn__argument_flag(call, "transpose_b")};
  a = horn__as_float(call->graph, a);
  b = horn__as_float(call->graph, b);
  return horn__return(call, HORN__EMIT(call->graph, BatchMatMul, &attributes, a, b));
}

static horn_status select_where(horn__call *call, const horn__operation *operation) {
  horn__value condition, a, b;
  (void)operation;
  HORN__TRY(horn__argument_tensor(call, "condition", 0, HORN__NONE, &condition));
  const cJSON *first = horn__argument(call, "x1|x", 1), *second = horn__argument(call, "x2|y", 2);
  HORN__TRY(horn__argument_value(call, first, HORN__NONE, &a));
  HORN__TRY(horn__argument_value(call, second, a, &b));
  widen(call->graph, &a, &b);
  return horn__return(call, horn__select(call->graph, to(call->graph, condition, HORN_BOOL), a, b));
}

/* ---- reductions -------------------------------------------------------------------------------------------------------------------------- */

horn_status horn__operation_reduce(const horn__call *call, horn__reduce *out) {
  HORN__TRY(horn__argument_ints(call, "axis|axes", 1, &out->axes));
  out->keep_dims = horn__argument_flag(call, "keepdims|keep_dims");
  return HORN_OK;
}

static horn_status reduce(horn__call *call, const horn__operation *operation) {
  horn__value x;
  horn__reduce attributes;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__operation_reduce(call, &attributes));
  const horn_dtype dtype = horn__type_of(call->graph, x)->dtype;
  if (operation->op == &horn__op_All || operation->op == &horn__op_Any)
    x = to(call->graph, x, HORN_BOOL);
  else if (operation->op == &horn__op_Mean || dtype == HORN_BOOL)
    x = to(call->graph, x, operation->op == &horn__op_Mean ? HORN_FLOAT32 : HORN_INT32);
  return horn__return(call, horn__emit(call->graph, operation->op, &attributes, &x, 1));
}

/* Variance, or (which 1) standard deviation. */
static horn_status variance(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  horn__reduce attributes;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__operation_reduce(call, &attributes));
  x = horn__as_float(g, x);
  const horn__reduce kept = {attributes.axes, true};
  horn__value centred = horn__sub(g, x, HORN__EMIT(g, Mean, &kept, x));
  horn__value y = HORN__EMIT(g, Mean, &attributes, horn__square(g, centred));
  return horn__return(call, operation->which == 1 ? HORN__EMIT(g, Sqrt, NULL, y) : y);
}

/* max + log(sum of exp(x - max)) */
static horn_status log_sum_exp(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  horn__reduce attributes;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__operation_reduce(call, &attributes));
  const horn__reduce kept = {attributes.axes, true};
  horn__value largest = HORN__EMIT(g, StopGradient, NULL, HORN__EMIT(g, Max, &kept, x));
  horn__value sum = HORN__EMIT(g, Sum, &attributes, HORN__EMIT(g, Exp, NULL, horn__sub(g, x, largest)));
  horn__value logarithm = HORN__EMIT(g, Log, NULL, sum);
  return horn__return(call, horn__add(g, logarithm, HORN__EMIT(g, ReshapeLike, NULL, largest, logarithm)));
}

/* The Euclidean norm, that of order 1, or that of infinity. */
static horn_status norm(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  horn__reduce attributes;
  (void)operation;
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__operation_reduce(call, &attributes));
  const cJSON *order = horn__argument(call, "ord", 1);
  const double number = order == NULL || cJSON_IsString(order) ? 2 : cJSON_GetNumberValue(order);
  if (number == 2) return horn__return(call, HORN__EMIT(g, Sqrt, NULL, HORN__EMIT(g, Sum, &attributes, horn__square(g, x))));
  if (number == 1) return horn__return(call, HORN__EMIT(g, Sum, &attributes, HORN__EMIT(g, Abs, NULL, x)));
  return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "norms of order 1 and 2 are supported");
}

/* x over its Euclidean length: Keras (which 0) bounds the inverse of the length, tf (1) its square. */
static horn_status normalize(horn__call *call, const horn__operation *operation) {
  horn__graph *g = call->graph;
  horn__value x;
  horn__reduce attributes = {.keep_dims = true};
  HORN__TRY(horn__subject(call, &x));
  HORN__TRY(horn__argument_ints(call, "axis", 1, &attributes.axes));
  if (horn__argument_number(call, "order", -1, 2) != 2) return horn__layer_fail(call->layer, HORN_E_UNSUPPORTED, "only order 2 is supported");
  const double epsilon = horn__argument_number(call, "epsilon", -1, operation->which == 0 ? 1e-7 : 1e-12);
  horn__value squares = HORN__EMIT(g, Sum, &attributes, horn__square(g, x));
  if (operation->which == 1) squares = HORN__EMIT(g, Maximum, NULL, squares, horn__graph_scalar(g, epsilon));
  horn__value inverse = HORN__EMIT(g, Rsqrt, NULL, squares);
  if (operation->which == 0) inverse = HORN__EMIT(g, Minimum, NULL, inverse, horn__graph_scalar(g, 1 / epsilon));
  return horn__return(call, horn__mul(g, x, inverse));
}

/* ---- the table ------------------------------------------------------------------------------------------------------------------------------ */

#define UNARY(names, Op) {names, unary, &horn__op_##Op, 0}
#define FLOATS(names, Op) {names, unary_float, &horn__op_##Op, 0}
#define BINARY(names, Op) {names, binary, &horn__op_##Op, 0}
#define COMPARE(names, Op) {names, compare, &horn__op_##Op, 0}
#define REDUCE(names, Op) {names, reduce, &horn__op_##Op, 0}
#define ACTIVATION(names, NAME) {names, activation, NULL, HORN__ACTIVATION_##NAME}

const horn__operation horn__elementwise_operations[] = {
    BINARY("Add|__operators__.add|math.add|add", Add),
    BINARY("Subtract|math.subtract|subtract", Sub),
    BINARY("Multiply|math.multiply|multiply", Multiply),
    {"TrueDivide|Divide|math.truediv|math.divide|truediv|divide|compat.v1.div", binary_float, &horn__op_RealDiv, 0},
    {"FloorDivide|math.floordiv|compat.v1.floor_div|floor_div", floor_divide, &horn__op_FloorDiv, 0},
    BINARY("Mod|Remainder|math.floormod|math.mod", Mod),
    {"Power|math.pow|pow", power, &horn__op_Pow, 0},
    BINARY("Maximum|Fmax|math.maximum|maximum", Maximum),
    BINARY("Minimum|Fmin|math.minimum|minimum", Minimum),
    {"SquaredDifference|math.squared_difference", binary_float, &horn__op_SquaredDifference, 0},
    {"Arctan2|math.atan2", binary_float, &horn__op_Atan2, 0},
    COMPARE("Greater|math.greater|greater", Greater),
    COMPARE("GreaterEqual|math.greater_equal|greater_equal", GreaterEqual),
    COMPARE("Less|math.less|less", Less),
    COMPARE("LessEqual|math.less_equal|less_equal", LessEqual),
    COMPARE("Equal|math.equal|equal|__operators__.eq", Equal),
    COMPARE("NotEqual|math.not_equal|not_equal|__operators__.ne", NotEqual),
    {"LogicalAnd|math.logical_and|logical_and", logical, &horn__op_LogicalAnd, 0},
    {"LogicalOr|math.logical_or|logical_or", logical, &horn__op_LogicalOr, 0},
    {"LogicalXor|math.logical_xor|logical_xor", logical, &horn__op_LogicalXor, 0},
    {"LogicalNot|math.logical_not|logical_not", logical_not, &horn__op_LogicalNot, 0},
    {"Where|where", select_where, NULL, 0},
    {"Matmul|Dot|linalg.matmul|matmul", matmul, NULL, 0},
    UNARY("Absolute|Abs|Fabs|math.abs|abs", Abs),
    UNARY("Negative|math.negative|negative", Neg),
    UNARY("Square|math.square|square", Square),
    UNARY("Sign|math.sign|sign", Sign),
    UNARY("Identity|identity|Copy|Real|Conj|Conjugate|ConvertToTensor|convert_to_tensor", Identity),
    UNARY("StopGradient|stop_gradient", StopGradient),
    FLOATS("Sqrt|math.sqrt|sqrt", Sqrt),
    FLOATS("Rsqrt|math.rsqrt", Rsqrt),
    FLOATS("Reciprocal|math.reciprocal", Reciprocal),
    FLOATS("Exp|math.exp|exp", Exp),
    FLOATS("Expm1|math.expm1", Expm1),
    FLOATS("Log|math.log|math.log", Log),
    FLOATS("Log1p|math.log1p", Log1p),
    {"Log2", log_to_base, NULL, 2},
    {"Log10", log_to_base, NULL, 10},
    FLOATS("Sin|math.sin|sin", Sin),
    FLOATS("Cos|math.cos|cos", Cos),
    FLOATS("Tan|math.tan|tan", Tan),
    FLOATS("Arcsin|math.asin", Asin),
    FLOATS("Arccos|math.acos", Acos),
    FLOATS("Arctan|math.atan", Atan),
    FLOATS("Arcsinh|math.asinh|asinh", Asinh),
    FLOATS("Arccosh|math.acosh|acosh", Acosh),
    FLOATS("Arctanh|math.atanh|atanh", Atanh),
    FLOATS("Sinh|math.sinh|sinh", Sinh),
    FLOATS("Cosh|math.cosh|cosh", Cosh),
    FLOATS("Ceil|math.ceil", Ceil),
    FLOATS("Floor|math.floor|floor", Floor),
    FLOATS("Round|math.round|round", Round),
    FLOATS("Erf|math.erf", Erf),
    FLOATS("Isnan|math.is_nan", IsNan),
    FLOATS("Isinf|math.is_inf", IsInf),
    FLOATS("Isfinite|math.is_finite", IsFinite),
    ACTIVATION("Relu|nn.relu", RELU),
    ACTIVATION("Relu6|nn.relu6", RELU6),
    ACTIVATION("Sigmoid|math.sigmoid|sigmoid|nn.sigmoid", SIGMOID),
    ACTIVATION("HardSigmoid", HARD_SIGMOID_3),
    ACTIVATION("Tanh|math.tanh|tanh|nn.tanh", TANH),
    ACTIVATION("Softmax|nn.softmax", SOFTMAX),
    ACTIVATION("LogSoftmax|nn.log_softmax", LOG_SOFTMAX),
    ACTIVATION("Softplus|math.softplus|nn.softplus", SOFTPLUS),
    ACTIVATION("Softsign|nn.softsign", SOFTSIGN),
    ACTIVATION("Silu|Swish|nn.silu|nn.swish", SWISH),
    ACTIVATION("Selu|nn.selu", SELU),
    {"Gelu", gelu, NULL, 1},
    {"nn.gelu", gelu, NULL, 0},
    {"LeakyRelu|nn.leaky_relu", with_alpha, &horn__op_LeakyRelu, 0},
    {"Elu|nn.elu", with_alpha, &horn__op_Elu, 0},
    {"Cast|SaturateCast|cast", cast, NULL, 0},
    {"ZerosLike|zeros_like", filled, NULL, 0},
    {"OnesLike|ones_like", filled, NULL, 1},
    {"Clip|clip_by_value", clip, NULL, 0},
    REDUCE("Sum|math.reduce_sum|reduce_sum", Sum),
    REDUCE("Mean|math.reduce_mean|reduce_mean", Mean),
    REDUCE("Max|Amax|math.reduce_max|reduce_max", Max),
    REDUCE("Min|Amin|math.reduce_min|reduce_min", Min),
    REDUCE("Prod|math.reduce_prod|reduce_prod", Prod),
    REDUCE("All|math.reduce_all|reduce_all", All),
    REDUCE("Any|math.reduce_any|reduce_any", Any),
    {"Var|math.reduce_variance", variance, NULL, 0},
    {"Std|math.reduce_std", variance, NULL, 1},
    {"Logsumexp|math.reduce_logsumexp", log_sum_exp, NULL, 0},
    {"Norm|compat.v1.norm|norm", norm, NULL, 0},
    {"Normalize", normalize, NULL, 0},
    {"math.l2_normalize|nn.l2_normalize|linalg.l2_normalize", normalize, NULL, 1},
    {NULL, NULL, NULL, 0},
};

/* ---- the layer ------------------------------------------------------------------------------------------------------------------------------ */

typedef struct operation_config {
  const char *function; /* of tf, or the class in keras.ops */
} operation_config;

static const horn__field operation_rows[] = {HORN__TEXT(operation_config, function, NULL, NULL)};

static const horn__operation *const tables[] = {horn__elementwise_operations, horn__shape_operations, horn__composed_operations};

static const horn__operation *operation_named(const char *name) {
  for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
    for (const horn__operation *row = tables[t]; row->names != NULL; row++)
      if (horn__spelling(row->names, name) >= 0) return row;
  return NULL;
}

void horn__describe_operations(horn__text *text) {
  horn__text_add(text, "[");
  for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
    for (const horn__operation *row = tables[t]; row->names != NULL; row++)
      horn__text_add(text, "%s\"%s\"", t == 0 && row == tables[0] ? "" : ",", row->names);
  horn__text_add(text, "]");
}

static horn_status operation_create(horn__layer *layer) {
  const operation_config *config = layer->config;
  const horn__operation *operation = operation_named(config->function);
  layer->data = (void *)operation; /* only read */
  if (operation != NULL) return HORN_OK;
  return horn__layer_fail(layer, HORN_E_UNSUPPORTED, "the operation %.100s is unknown", config->function);
}

static horn_status operation_call(horn__call *call) {
  const horn__operation *operation = call->layer->data;
  if (call->arguments == NULL) return horn__layer_fail(call->layer, HORN_E_FORMAT, "an operation is called by a Functional only");
  return operation->emit(call, operation);
}

const horn__layer_class horn__layer_TFOpLambda = {
    .name = "TFOpLambda", .aliases = "SlicingOpLambda", .min_inputs = 1, .max_inputs = HORN__MAX_SLOTS,
    .config = HORN__FIELDS(operation_config, operation_rows), .create = operation_create, .call = operation_call};
