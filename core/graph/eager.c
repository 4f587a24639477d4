/* Runs one op at once on tensors with elements: the same kernels as a plan's, with a step on the stack. */
#include <string.h>

#include "graph/graph.h"

/* An input's elements are there and stay as they are while the step lives, which is what a constant is to a kernel. */
static void bind(horn__operand *operand, const horn__type *type, void *data, bool constant) {
  *operand = (horn__operand){.type = *type, .data = data, .present = data != NULL, .constant = constant && data != NULL};
}

static horn_status run(horn__step *step) {
  step->kernel = horn__kernel_for(step);
  horn_status status = step->kernel->prepare != NULL ? step->kernel->prepare(step) : HORN_OK;
  if (status == HORN_OK && step->workspace_size != 0) {
    step->workspace = horn__alloc(step->ctx, step->workspace_size + HORN__BUFFER_EXTRA, false);
    if (step->workspace == NULL) status = HORN_E_OUT_OF_MEMORY;
  }
  if (status == HORN_OK) status = step->kernel->run(step);
  if (step->kernel->finish != NULL) step->kernel->finish(step);
  horn__free(step->ctx, step->workspace);
  return status;
}

horn_status horn__run_eager(horn_context *ctx, const horn__op *op, const void *attributes, horn__tensor *const *inputs, int32_t count,
                            horn__tensor **outputs) {
  horn__type in_types[HORN__MAX_INPUTS], out_types[HORN__MAX_OUTPUTS] = {0};
  horn__operand in[HORN__MAX_INPUTS], out[HORN__MAX_OUTPUTS];
  if (count > HORN__MAX_INPUTS) return horn__fail(ctx, HORN_E_LIMIT, "%s: more than %d inputs", op->name, HORN__MAX_INPUTS);
  for (int32_t i = 0; i < count; i++) {
    in_types[i] = inputs[i] == NULL ? (horn__type){.shape = {.rank = -1}} : inputs[i]->type;
    bind(&in[i], &in_types[i], inputs[i] == NULL ? NULL : inputs[i]->data, true);
  }
  HORN__TRY(horn__infer_types(ctx, op, attributes, in_types, count, out_types));
  horn_status status = HORN_OK;
  int32_t made = 0;
  for (; made < op->outputs && status == HORN_OK; made++) {
    status = horn__tensor_create(ctx, &out_types[made], false, &outputs[made]);
    if (status != HORN_OK) break;
    bind(&out[made], &out_types[made], outputs[made]->data, false);
  }
  horn__step step = {.ctx = ctx, .backend = ctx->backend, .op = op, .attributes = attributes, .inputs = count, .outputs = op->outputs,
                     .in = in, .out = out};
  if (status == HORN_OK) status = run(&step);
  for (int32_t i = 0; i < made && status != HORN_OK; i++) horn__tensor_release(ctx, outputs[i]);
  return status;
}
