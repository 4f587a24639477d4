/* Element-wise functions in double precision, by other formulas than the kernels where there are others. */
#include "exact.h"

#include <math.h>

static double rsqrt(double x) { return pow(x, -0.5); }
static double square(double x) { return pow(x, 2); }
static double reciprocal(double x) { return pow(x, -1); }
static double negated(double x) { return 0 - x; }
static double sign(double x) { return (double)((x > 0) - (x < 0)); }
static double even(double x) { return x - remainder(x, 1); }

static double relu(double x) { return fmax(x, 0); }
static double relu6(double x) { return fmin(fmax(x, 0), 6); }
static double leaky_relu(double x) { return fmax(x, 0.2 * x); }
static double sigmoid(double x) { return 0.5 + 0.5 * tanh(0.5 * x); }
static double hard_sigmoid(double x) { return fmin(fmax(0.2 * x + 0.5, 0), 1); }
static double softplus(double x) { return log(1 + exp(x)); }
static double softsign(double x) { return x / (1 + fabs(x)); }
static double elu(double x) { return x > 0 ? x : exp(x) - 1; }
static double selu(double x) { return 1.05070098735548049342 * (x > 0 ? x : 1.67326324235437728481 * (exp(x) - 1)); }
static double swish(double x) { return x * sigmoid(x); }
static double mish(double x) { return x * tanh(softplus(x)); }
static double gelu(double x) { return 0.5 * x * erfc(-x / sqrt(2)); }

static double add(double a, double b) { return a + b; }
static double subtract(double a, double b) { return a - b; }
static double multiply(double a, double b) { return a * b; }
static double divide(double a, double b) { return a / b; }
static double squared_difference(double a, double b) { return (a - b) * (a - b); }
static double prelu(double a, double b) { return a < 0 ? a * b : a; }

static const exact table[] = {
    {&horn__op_Abs, fabs, NULL},
    {&horn__op_Acos, acos, NULL},
    {&horn__op_Acosh, acosh, NULL},
    {&horn__op_Asin, asin, NULL},
    {&horn__op_Asinh, asinh, NULL},
    {&horn__op_Atan, atan, NULL},
    {&horn__op_Atanh, atanh, NULL},
    {&horn__op_Ceil, ceil, NULL},
    {&horn__op_Cos, cos, NULL},
    {&horn__op_Cosh, cosh, NULL},
    {&horn__op_Elu, elu, NULL},
    {&horn__op_Erf, erf, NULL},
    {&horn__op_Exp, exp, NULL},
    {&horn__op_Expm1, expm1, NULL},
    {&horn__op_Floor, floor, NULL},
    {&horn__op_Gelu, gelu, NULL},
    {&horn__op_HardSigmoid, hard_sigmoid, NULL},
    {&horn__op_LeakyRelu, leaky_relu, NULL},
    {&horn__op_Log, log, NULL},
    {&horn__op_Log1p, log1p, NULL},
    {&horn__op_Mish, mish, NULL},
    {&horn__op_Neg, negated, NULL},
    {&horn__op_Reciprocal, reciprocal, NULL},
    {&horn__op_Relu, relu, NULL},
    {&horn__op_Relu6, relu6, NULL},
    {&horn__op_Round, even, NULL},
    {&horn__op_Rsqrt, rsqrt, NULL},
    {&horn__op_Selu, selu, NULL},
    {&horn__op_Sigmoid, sigmoid, NULL},
    {&horn__op_Sign, sign, NULL},
    {&horn__op_Sin, sin, NULL},
    {&horn__op_Sinh, sinh, NULL},
    {&horn__op_Softplus, softplus, NULL},
    {&horn__op_Softsign, softsign, NULL},
    {&horn__op_Sqrt, sqrt, NULL},
    {&horn__op_Square, square, NULL},
    {&horn__op_Swish, swish, NULL},
    {&horn__op_Tan, tan, NULL},
    {&horn__op_Tanh, tanh, NULL},
    {&horn__op_Add, NULL, add},
    {&horn__op_Atan2, NULL, atan2},
    {&horn__op_Maximum, NULL, fmax},
    {&horn__op_Minimum, NULL, fmin},
    {&horn__op_Multiply, NULL, multiply},
    {&horn__op_Pow, NULL, pow},
    {&horn__op_Prelu, NULL, prelu},
    {&horn__op_RealDiv, NULL, divide},
    {&horn__op_SquaredDifference, NULL, squared_difference},
    {&horn__op_Sub, NULL, subtract},
};

const exact *exact_named(const horn__op *op) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].op == op) return &table[i];
  return NULL;
}
