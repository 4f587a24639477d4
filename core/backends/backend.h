/* backend.h: what a backend is: memory, and a kernel for an op. Kernels see operands and attributes, never layers.
 *
 * A step's life: accepts? -> prepare (once: pack weights, make library objects, say how much workspace) -> run (any number of times,
 * allocates nothing) -> finish. All state hangs on the step. */
#ifndef HORN_BACKEND_H
#define HORN_BACKEND_H

#include "ops/op.h"

/** An input or output of a step. data is bound before run; for a constant already before prepare. */
typedef struct horn__operand {
  horn__type type;
  void *data;     /* NULL: an absent optional input, or an output that nobody reads */
  bool present;   /* data will be there in run */
  bool constant;  /* the elements are there in prepare and never change while the step lives: may be packed */
} horn__operand;

typedef struct horn__step {
  horn_context *ctx;
  struct horn__backend *backend;
  const horn__op *op;
  const struct horn__kernel *kernel;
  const void *attributes;
  int32_t inputs, outputs;
  horn__operand *in, *out;
  size_t workspace_size; /* set by prepare */
  void *workspace;       /* of that size, 64-byte aligned, in run; undefined contents */
  void *state;           /* the kernel's own, made by prepare and released by finish */
} horn__step;

typedef struct horn__kernel {
  bool (*accepts)(const horn__step *step);          /* (optional) whether it can run this step: shapes and attributes are known */
  horn_status (*prepare)(horn__step *step);         /* (optional) */
  horn_status (*run)(const horn__step *step);
  void (*finish)(horn__step *step);                 /* (optional) */
} horn__kernel;

typedef struct horn__backend {
  const struct horn__backend_class *type;
  horn_context *ctx;
  int32_t threads;
} horn__backend;

typedef struct horn__backend_class {
  const char *name;
  horn_status (*open)(horn_context *ctx, int32_t threads, horn__backend **out);
  void (*close)(horn__backend *backend);
  /** The kernel for a step: op, attributes and types are set. NULL where it has none: ref's is taken then. */
  const horn__kernel *(*kernel)(horn__backend *backend, const horn__step *step);
} horn__backend_class;

#define HORN_BACKEND(name) extern const horn__backend_class horn__backend_##name;
#include "backends/backends.def"
#undef HORN_BACKEND

/** The kernel that runs a step on its backend, ref's where the backend has none. */
const horn__kernel *horn__kernel_for(const horn__step *step);

#endif
