/* A backend without kernels, for a build that reads configs and computes nothing: the converter's WebAssembly module. */
#include "backends/backend.h"
#include "base/base.h"

static horn_status open(horn_context *ctx, int32_t threads, horn__backend **out) {
  (void)threads;
  horn__backend *backend = horn__alloc(ctx, sizeof *backend, true);
  if (backend == NULL) return HORN_E_OUT_OF_MEMORY;
  *backend = (horn__backend){.type = &horn__backend_none, .ctx = ctx, .threads = 1};
  *out = backend;
  return HORN_OK;
}

static void close(horn__backend *backend) { horn__free(backend->ctx, backend); }

static horn_status refuse(horn__step *step) { return horn__fail(step->ctx, HORN_E_UNSUPPORTED, "%s: this build computes nothing", step->op->name); }

static horn_status run(const horn__step *step) {
  (void)step;
  return HORN_E_UNSUPPORTED; /* prepare has failed */
}

static const horn__kernel none = {.prepare = refuse, .run = run};

static const horn__kernel *kernel(horn__backend *backend, const horn__step *step) {
  (void)backend, (void)step;
  return &none;
}

const horn__backend_class horn__backend_none = {.name = "none", .open = open, .close = close, .kernel = kernel};

const horn__kernel *horn__kernel_for(const horn__step *step) { return kernel(step->backend, step); }
