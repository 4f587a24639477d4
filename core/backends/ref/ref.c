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

double horn__load_element(const horn__operand *operand, size_t i) {
  switch (operand->type.dtype) {
    case HORN_FLOAT32: return ((const float *)operand->data)[i];
    case HORN_INT32: return ((const int32_t *)operand->data)[i];
    case HORN_STRING: return ((const uint32_t *)operand->data)[i];
    default: return ((const uint8_t *)operand->data)[i];
  }
}

static int32_t truncated(double x) {
  if (isnan(x)) return 0;
  return x >= INT32_MAX ? INT32_MAX : x <= INT32_MIN ? INT32_MIN : (int32_t)x;
}

void horn__store_element(const horn__operand *operand, size_t i, double x) {
  switch (operand->type.dtype) {
    case HORN_FLOAT32: ((float *)operand->data)[i] = (float)x; break;
    case HORN_INT32: ((int32_t *)operand->data)[i] = truncated(x); break;
    case HORN_STRING: ((uint32_t *)operand->data)[i] = (uint32_t)x; break;
    default: ((uint8_t *)operand->data)[i] = x != 0; break;
  }
}

/* between 0 and most; NaN stays */
static float clipped(float x, float most) { return x <= 0 ? 0 : x >= most ? most : x; }

float horn__activate(float x, int32_t activation) {
  switch ((horn__activation)activation) {
    case HORN__ACTIVATION_RELU: return x <= 0 ? 0 : x; /* NaN stays */
    case HORN__ACTIVATION_RELU6: return clipped(x, 6);
    case HORN__ACTIVATION_ELU: return x > 0 ? x : expm1f(x);
    case HORN__ACTIVATION_SELU: return 1.05070098735548049342f * (x > 0 ? x : 1.67326324235437728481f * expm1f(x));
    case HORN__ACTIVATION_SIGMOID: return 1 / (1 + expf(-x));
    case HORN__ACTIVATION_HARD_SIGMOID: return clipped(0.2f * x + 0.5f, 1);
    case HORN__ACTIVATION_HARD_SIGMOID_3: return clipped(1.0f / 6 * x + 0.5f, 1);
    case HORN__ACTIVATION_TANH: return tanhf(x);
    case HORN__ACTIVATION_SOFTPLUS: return fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
    case HORN__ACTIVATION_SOFTSIGN: return x / (1 + fabsf(x));
    case HORN__ACTIVATION_SWISH: return x / (1 + expf(-x));
    case HORN__ACTIVATION_MISH: return x * tanhf(fmaxf(x, 0) + log1pf(expf(-fabsf(x))));
    case HORN__ACTIVATION_GELU: return 0.5f * x * (1 + erff(x * 0.70710678118654752440f));
    case HORN__ACTIVATION_GELU_NEW: return 0.5f * x * (1 + tanhf(0.79788456080286535588f * (x + 0.044715f * x * x * x)));
    case HORN__ACTIVATION_EXPONENTIAL: return expf(x);
    case HORN__ACTIVATION_LEAKY_RELU: return x < 0 ? 0.2f * x : x;
    default: return x;
  }
}

void horn__activate_all(float *y, size_t n, int32_t activation) {
  if (activation == HORN__ACTIVATION_LINEAR) return;
  for (size_t i = 0; i < n; i++) y[i] = horn__activate(y[i], activation);
}

static float normal_density(float x) { return 0.39894228040143267794f * expf(-0.5f * x * x); }

static float mish_slope(float x, float y) {
  const float t = x == 0 ? 0.6f : y / x; /* tanh(softplus(x)); at 0: tanh(log 2) */
  return t + x * (1 - t * t) / (1 + expf(-x));
}

static float gelu_new_slope(float x) {
  const float t = tanhf(0.79788456080286535588f * (x + 0.044715f * x * x * x));
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * 0.79788456080286535588f * (1 + 3 * 0.044715f * x * x);
}

float horn__activation_slope(float x, float y, int32_t activation) {
  switch ((horn__activation)activation) {
    case HORN__ACTIVATION_RELU: return y > 0 ? 1 : 0;
    case HORN__ACTIVATION_RELU6: return y > 0 && y < 6 ? 1 : 0;
    case HORN__ACTIVATION_ELU: return y > 0 ? 1 : y + 1;
    case HORN__ACTIVATION_SELU: return y > 0 ? 1.05070098735548049342f : y + 1.05070098735548049342f * 1.67326324235437728481f;
    case HORN__ACTIVATION_SIGMOID: return y * (1 - y);
    case HORN__ACTIVATION_HARD_SIGMOID: return y > 0 && y < 1 ? 0.2f : 0;
    case HORN__ACTIVATION_HARD_SIGMOID_3: return y > 0 && y < 1 ? 1.0f / 6 : 0;
    case HORN__ACTIVATION_TANH: return 1 - y * y;
    case HORN__ACTIVATION_SOFTPLUS: return 1 / (1 + expf(-x));
    case HORN__ACTIVATION_SOFTSIGN: return (1 - fabsf(y)) * (1 - fabsf(y));
    case HORN__ACTIVATION_SWISH: return y + (1 - y) / (1 + expf(-x));
    case HORN__ACTIVATION_MISH: return mish_slope(x, y);
    case HORN__ACTIVATION_GELU: return 0.5f * (1 + erff(x * 0.70710678118654752440f)) + x * normal_density(x);
    case HORN__ACTIVATION_GELU_NEW: return gelu_new_slope(x);
    case HORN__ACTIVATION_EXPONENTIAL: return y;
    case HORN__ACTIVATION_LEAKY_RELU: return y > 0 ? 1 : 0.2f;
    default: return 1;
  }
}

bool horn__slope_reads_x(int32_t activation) {
  switch ((horn__activation)activation) {
    case HORN__ACTIVATION_SOFTPLUS:
    case HORN__ACTIVATION_SWISH:
    case HORN__ACTIVATION_MISH:
    case HORN__ACTIVATION_GELU:
    case HORN__ACTIVATION_GELU_NEW: return true;
    default: return false;
  }
}

/* pieces of a workspace are 64-byte aligned */
static size_t rounded(size_t bytes) { return (bytes + 63) & ~(size_t)63; }

horn_status horn__add_workspace(horn__step *step, size_t count, size_t width) {
  size_t bytes;
  if (!horn__multiply(count, width, &bytes) || bytes > SIZE_MAX / 2 - step->workspace_size)
    return horn__fail(step->ctx, HORN_E_LIMIT, "%s: a workspace of %zu elements is too large", step->op->name, count);
  step->workspace_size += rounded(bytes);
  return HORN_OK;
}

void *horn__take_workspace(void **at, size_t count, size_t width) {
  void *piece = *at;
  *at = (unsigned char *)*at + rounded(count * width);
  return piece;
}
