/* Element-wise ops of one input, float32; other dtypes are ref's. */
#include "backends/xnn/xnn.h"

static horn_status run(const horn__step *step, const horn__map *map) {
  horn__xnn_map(step, map, step->in[0].data, step->out[0].data, horn__size_of(&step->out[0]));
  return HORN_OK;
}

/* UNARY(Name, parameters from the attributes) */
#define UNARY(Name, ...)                                                         \
  static horn_status run_##Name(const horn__step *step) {                        \
    return run(step, &(const horn__map){HORN__UNARY_##Name, {__VA_ARGS__}});     \
  }                                                                              \
  const horn__kernel horn__xnn_##Name = {.accepts = horn__xnn_floats, .run = run_##Name};

UNARY(Abs, 0)
UNARY(Ceil, 0)
UNARY(Erf, 0)
UNARY(Exp, 0)
UNARY(Expm1, 0)
UNARY(Floor, 0)
UNARY(Log, 0)
UNARY(Log1p, 0)
UNARY(Mish, 0)
UNARY(Neg, 0)
UNARY(Reciprocal, 0)
UNARY(Relu, 0)
UNARY(Relu6, 0)
UNARY(Rsqrt, 0)
UNARY(Selu, 0)
UNARY(Sigmoid, 0)
UNARY(Softplus, 0)
UNARY(Softsign, 0)
UNARY(Sqrt, 0)
UNARY(Square, 0)
UNARY(Swish, 0)
UNARY(Tanh, 0)

/* ---- with attributes ------------------------------------------------------------------------------------------------------- */

static float alpha_of(const horn__step *step) { return (float)((const horn__alpha *)step->attributes)->alpha; }
static const horn__clip *clip_of(const horn__step *step) { return step->attributes; }
static const horn__hard_sigmoid *line_of(const horn__step *step) { return step->attributes; }

UNARY(ClipByValue, (float)clip_of(step)->min, (float)clip_of(step)->max)
UNARY(Elu, alpha_of(step))
UNARY(HardSigmoid, (float)line_of(step)->alpha, (float)line_of(step)->beta)
UNARY(LeakyRelu, alpha_of(step))
UNARY(Step, alpha_of(step))

static horn_status run_gelu(const horn__step *step) {
  const horn__gelu *a = step->attributes;
  return run(step, &(const horn__map){.function = a->approximate ? HORN__UNARY_GeluNew : HORN__UNARY_Gelu});
}

const horn__kernel horn__xnn_Gelu = {.accepts = horn__xnn_floats, .run = run_gelu};
