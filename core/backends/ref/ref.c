/* The reference backend: a plain C kernel for every op; the truth in tests and the fallback of the other CPU backends. */
#include "backends/ref/ref.h"

#include <math.h>

static const horn__kernel *const kernels[] = {
#define HORN_OP(Name) [HORN__OP_##Name] = &horn__ref_##Name,
#include "ops/ops.def"
#undef HORN_OP
};

static horn_status open(horn_context *ctx, int32_t threads, horn__backend **out) {
  (void)threads; /* reference kernels run on the calling thread */
  horn__backend *backend = horn__alloc(ctx, sizeof *backend, true);
  if (backend == NULL) return HORN_E_OUT_OF_MEMORY;
  *backend = (horn__backend){.type = &horn__backend_ref, .ctx = ctx, .threads = 1};
  *out = backend;
  return HORN_OK;
}

static void close(horn__backend *backend) { horn__free(backend->ctx, backend); }

static const horn__kernel *kernel(horn__backend *backend, const horn__step *step) {
  (void)backend;
  return kernels[step->op->id];
}

const horn__backend_class horn__backend_ref = {.name = "ref", .open = open, .close = close, .kernel = kernel};

const horn__kernel *horn__kernel_for(const horn__step *step) {
  const horn__kernel *own = step->backend->type->kernel(step->backend, step);
  return own != NULL && (own->accepts == NULL || own->accepts(step)) ? own : kernels[step->op->id];
}

/* ---- shared by the kernels --------------------------------------------------------------------------------------- */

void horn__broadcast_strides(const horn__shape *from, const horn__shape *to, size_t *strides) {
  size_t stride = 1;
  for (int32_t i = 1; i <= to->rank; i++) {
    int32_t dim = i <= from->rank ? from->dims[from->rank - i] : 1;
    strides[to->rank - i] = dim == 1 ? 0 : stride;
    stride *= (size_t)dim;
  }
}

bool horn__next(const horn__shape *shape, int32_t *index, int32_t count, const size_t (*strides)[HORN_MAX_RANK], size_t *offsets) {
  for (int32_t axis = shape->rank - 1; axis >= 0; axis--) {
    bool carry = ++index[axis] == shape->dims[axis];
    for (int32_t k = 0; k < count; k++)
      offsets[k] = carry ? offsets[k] - strides[k][axis] * (size_t)(shape->dims[axis] - 1) : offsets[k] + strides[k][axis];
    if (!carry) return true;
    index[axis] = 0;
  }
  return false;
}

float horn__activate(float x, int32_t activation) {
  switch ((horn__activation)activation) {
    case HORN__ACTIVATION_RELU: return x > 0 ? x : 0;
    case HORN__ACTIVATION_RELU6: return x > 0 ? (x < 6 ? x : 6) : 0;
    case HORN__ACTIVATION_ELU: return x > 0 ? x : expm1f(x);
    case HORN__ACTIVATION_SELU: return 1.05070098735548049342f * (x > 0 ? x : 1.67326324235437728481f * expm1f(x));
    case HORN__ACTIVATION_SIGMOID: return 1 / (1 + expf(-x));
    case HORN__ACTIVATION_HARD_SIGMOID: return fminf(1, fmaxf(0, 0.2f * x + 0.5f));
    case HORN__ACTIVATION_HARD_SIGMOID_3: return fminf(6, fmaxf(0, x + 3)) / 6;
    case HORN__ACTIVATION_TANH: return tanhf(x);
    case HORN__ACTIVATION_SOFTPLUS: return fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
    case HORN__ACTIVATION_SOFTSIGN: return x / (1 + fabsf(x));
    case HORN__ACTIVATION_SWISH: return x / (1 + expf(-x));
    case HORN__ACTIVATION_MISH: return x * tanhf(fmaxf(x, 0) + log1pf(expf(-fabsf(x))));
    case HORN__ACTIVATION_GELU: return 0.5f * x * (1 + erff(x * 0.70710678118654752440f));
    case HORN__ACTIVATION_GELU_NEW: return 0.5f * x * (1 + tanhf(0.79788456080286535588f * (x + 0.044715f * x * x * x)));
    case HORN__ACTIVATION_EXPONENTIAL: return expf(x);
    default: return x;
  }
}

void horn__activate_all(float *y, size_t n, int32_t activation) {
  if (activation == HORN__ACTIVATION_LINEAR) return;
  for (size_t i = 0; i < n; i++) y[i] = horn__activate(y[i], activation);
}
