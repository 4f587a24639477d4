/* Plans: a graph for known shapes as a list of steps over one block of memory. Making one does all the work; running it allocates
 * nothing, looks nothing up and parses nothing. */
#include "graph/planner.h"

#include <string.h>

/* ---- weights ------------------------------------------------------------------------------------------------------- */

static uint64_t sum_versions(const horn__plan *plan) {
  uint64_t sum = 0; /* versions only grow, so equal sums are equal versions */
  for (size_t i = 0; i < plan->watched_count; i++) sum += horn__tensor_version(plan->watched[i]);
  return sum;
}

/* Whether a weight may be packed. Those that the graph updates are other ones at each run; and what a run for training reads one number of, a
 * learning rate, is not worth a new plan when it changes. */
static bool is_watched(const horn__plan *plan, const horn__tensor *weight) {
  const horn__graph *graph = plan->graph;
  for (size_t i = 0; i < graph->update_count; i++)
    if (plan->writes[i].weight->data == weight->data) return false;
  return graph->update_count == 0 || horn__shape_size(&weight->type.shape) > 1;
}

static horn_status list_writes(horn__plan *plan) {
  const horn__graph *graph = plan->graph;
  plan->writes = horn__alloc(plan->ctx, graph->update_count * sizeof *plan->writes + 1, true);
  if (plan->writes == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < graph->update_count; i++) plan->writes[i].weight = graph->values[graph->updates[i].weight].tensor;
  return HORN_OK;
}

/* Makes the weights that are read inputs, so that nothing takes them for constants. They keep their order. */
static horn_status list_weights(horn__plan *plan) {
  horn__graph *graph = plan->graph;
  plan->weights = horn__alloc(plan->ctx, graph->value_count * sizeof *plan->weights + 1, false);
  plan->watched = horn__alloc(plan->ctx, graph->value_count * sizeof *plan->watched + 1, false);
  if (plan->weights == NULL || plan->watched == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t v = 0; v < graph->value_count; v++) {
    if (graph->values[v].kind != HORN__WEIGHT) continue;
    horn__tensor *weight = graph->values[v].tensor;
    const bool watched = is_watched(plan, weight);
    if (watched) plan->watched[plan->watched_count++] = horn__tensor_retain(weight);
    if (watched && !plan->reads) continue;
    plan->weights[plan->weight_count++] = horn__tensor_retain(weight);
    HORN__TRY(horn__graph_loosen(graph, (horn__value)v));
  }
  plan->versions = sum_versions(plan);
  return HORN_OK;
}

/* ---- plans ------------------------------------------------------------------------------------------------------------ */

static horn_status keep_types(horn__plan *plan, const horn__type *types, const horn__value *outputs) {
  const size_t inputs = plan->input_count;
  plan->input_types = horn__arena_alloc(&plan->graph->arena, inputs * sizeof *types + 1);
  plan->outputs = horn__arena_alloc(&plan->graph->arena, (size_t)plan->output_count * sizeof *outputs + 1);
  if (plan->input_types == NULL || plan->outputs == NULL) return HORN_E_OUT_OF_MEMORY;
  if (inputs != 0) memcpy(plan->input_types, types, inputs * sizeof *types);
  memcpy(plan->outputs, outputs, (size_t)plan->output_count * sizeof *outputs);
  return HORN_OK;
}

static horn_status make_plan(horn__plan *plan, const horn__graph *graph, const horn__type *inputs, horn__value *outputs) {
  HORN__TRY(horn__graph_specialize(graph, inputs, outputs, plan->output_count, &plan->graph));
  HORN__TRY(list_writes(plan));
  HORN__TRY(list_weights(plan));
  HORN__TRY(horn__graph_fuse(&plan->graph, outputs, plan->output_count));
  HORN__TRY(horn__settle_updates(plan));
  HORN__TRY(keep_types(plan, inputs, outputs));
  return horn__make_steps(plan);
}

static horn_status create(const horn__graph *graph, const horn__type *inputs, const horn__value *outputs, int32_t count, bool reads,
                          horn__plan **out) {
  horn_context *ctx = graph->ctx;
  horn__plan *plan = horn__alloc(ctx, sizeof *plan, true);
  horn__value *renamed = horn__alloc(ctx, (size_t)count * sizeof *renamed + 1, false);
  horn_status status = plan == NULL || renamed == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
  if (plan != NULL) *plan = (horn__plan){.ctx = ctx, .input_count = graph->input_count, .output_count = count, .reads = reads};
  if (status != HORN_OK) goto done;
  memcpy(renamed, outputs, (size_t)count * sizeof *renamed);
  status = make_plan(plan, graph, inputs, renamed);
done:
  horn__free(ctx, renamed);
  if (status == HORN_OK)
    *out = plan;
  else
    horn__plan_release(plan);
  return status;
}

horn_status horn__plan_create(const horn__graph *graph, const horn__type *inputs, const horn__value *outputs, int32_t count,
                              horn__plan **out) {
  return create(graph, inputs, outputs, count, false, out);
}

enum { FEW_RUNS = 3, QUIET_RUNS = 8 };

horn_status horn__plan_renew(horn__plan **plan, const horn__graph *graph, const horn__value *outputs) {
  horn__plan *old = *plan, *made;
  const uint64_t versions = sum_versions(old);
  const bool moved = versions != old->versions;
  bool reads = false;
  if (moved && old->reads) {
    old->versions = versions;
    old->quiet = 0;
    return HORN_OK;
  }
  if (moved)
    reads = old->quiet < FEW_RUNS;
  else if (old->quiet < QUIET_RUNS)
    old->quiet++;
  if (!moved && (!old->reads || old->quiet < QUIET_RUNS)) return HORN_OK;
  HORN__TRY(create(graph, old->input_types, outputs, old->output_count, reads, &made));
  horn__plan_release(old);
  *plan = made;
  return HORN_OK;
}

void horn__plan_release(horn__plan *plan) {
  if (plan == NULL) return;
  for (size_t s = 0; s < plan->step_count; s++)
    if (plan->steps[s].kernel->finish != NULL) plan->steps[s].kernel->finish(&plan->steps[s]);
  for (size_t i = 0; i < plan->weight_count; i++) horn__tensor_release(plan->ctx, plan->weights[i]);
  for (size_t i = 0; i < plan->watched_count; i++) horn__tensor_release(plan->ctx, plan->watched[i]);
  horn__free(plan->ctx, plan->weights);
  horn__free(plan->ctx, plan->watched);
  horn__free(plan->ctx, plan->writes);
  horn__free(plan->ctx, plan->memory);
  horn__graph_release(plan->graph);
  horn__free(plan->ctx, plan);
}

bool horn__plan_fits(const horn__plan *plan, const horn__type *inputs) {
  for (size_t i = 0; i < plan->input_count; i++)
    if (plan->input_types[i].dtype != inputs[i].dtype || !horn__shape_equal(&plan->input_types[i].shape, &inputs[i].shape)) return false;
  return true;
}

horn_status horn__plan_run(horn__plan *plan, void *const *inputs, void *const *outputs) {
  return horn__plan_watch(plan, inputs, outputs, NULL, NULL);
}

horn_status horn__plan_watch(horn__plan *plan, void *const *inputs, void *const *outputs, void (*after)(void *data, size_t step), void *data) {
  for (size_t i = 0; i < plan->patch_count; i++) {
    const horn__patch *p = &plan->patches[i];
    p->operand->data = p->output ? outputs[p->index] : inputs[p->index];
  }
  for (size_t s = 0; s < plan->step_count; s++) {
    HORN__TRY(plan->steps[s].kernel->run(&plan->steps[s]));
    if (after != NULL) after(data, s);
  }
  for (size_t c = 0; c < plan->copy_count; c++) {
    const horn__operand *source = &plan->copies[c].source;
    memcpy(outputs[plan->copies[c].output], source->data, horn__shape_size(&source->type.shape) * horn__dtype_size(source->type.dtype));
  }
  for (size_t u = 0; u < plan->graph->update_count; u++) {
    const horn__write *w = &plan->writes[u];
    if (!w->in_place && w->weight->bytes != 0) memcpy(w->weight->data, w->next.data, w->weight->bytes);
    horn__tensor_written(w->weight);
  }
  return HORN_OK;
}

bool horn__plan_writes(const horn__plan *plan, const void *data) {
  for (size_t u = 0; u < plan->graph->update_count; u++)
    if (plan->writes[u].weight->data == data) return true;
  return false;
}

size_t horn__plan_copied_updates(const horn__plan *plan) {
  size_t count = 0;
  for (size_t u = 0; u < plan->graph->update_count; u++) count += !plan->writes[u].in_place;
  return count;
}

const horn__type *horn__plan_output(const horn__plan *plan, int32_t index) { return horn__type_of(plan->graph, plan->outputs[index]); }

void horn__plan_memory(const horn__plan *plan, size_t *arena_bytes, size_t *live_bytes) {
  *arena_bytes = plan->memory_bytes;
  *live_bytes = plan->live_bytes;
}

size_t horn__plan_steps(const horn__plan *plan) { return plan->step_count; }

const horn__op *horn__plan_step_op(const horn__plan *plan, size_t index) { return plan->steps[index].op; }
