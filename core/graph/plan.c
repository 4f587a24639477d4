/* Plans: a graph for known shapes as a list of steps over one block of memory. Making one does all the work; running it allocates
 * nothing, looks nothing up and parses nothing. */
#include <string.h>

#include "graph/layout.h"
#include "ops/attributes.h"

/* Where an operand's memory comes from at each run. */
typedef struct patch {
  horn__operand *operand;
  int32_t index;  /* of the input or output */
  bool output;
} patch;

/* An output that no step writes: an input, a constant, or the same value twice. */
typedef struct copy {
  int32_t output;
  horn__operand source; /* patched like an operand where it is an input or an output */
} copy;

/* What a weight becomes at the end of a run. */
typedef struct write {
  horn__tensor *weight;
  horn__operand next;
  bool in_place; /* a step computes it where the weight lies */
} write;

struct horn__plan {
  horn_context *ctx;
  horn__graph *graph;      /* specialized and fused; owns attributes and constants */
  horn__type *input_types; /* of the caller's inputs */
  size_t input_count;
  horn__value *outputs;
  int32_t output_count;
  horn__step *steps;
  size_t step_count;
  horn__operand *operands; /* of all steps */
  patch *patches;
  size_t patch_count;
  copy *copies;
  size_t copy_count;
  write *writes;           /* by update of the graph */
  void *memory;
  size_t memory_bytes, live_bytes;
  horn__tensor **weights;  /* that are read at each run: inputs behind the caller's */
  size_t weight_count;
  horn__tensor **watched;  /* that are packed and folded as constants, or would be if they were not written so often */
  size_t watched_count;
  bool reads;              /* the watched ones are read too */
  uint64_t versions;       /* of the watched ones, together, as far as this plan has seen them */
  int32_t quiet;           /* runs since they were last written, or since the plan was made */
};

/* What planning knows of a value, by its index. */
typedef struct place {
  horn__value root;     /* the value whose memory this one shows: itself, or a reshape's source, or what it overwrites */
  int32_t output;       /* of roots: the plan's output whose memory it is, -1: none */
  int32_t weight;       /* of roots: the plan's weight whose memory it is, -1: none */
  int32_t input;        /* of inputs: which one; -1: no input */
  int32_t reads;        /* by steps, outputs and updates */
  horn__region region;  /* of roots: life (last is -1 where nothing reads a leaf), and in the block the size, then the offset */
} place;

typedef struct planner {
  horn__plan *plan;
  horn__graph *graph;
  place *places;
  int32_t *step_of;     /* by node: -1 where it needs none */
} planner;

static bool is_alias(const horn__node *node) { return (node->op->flags & HORN__RESHAPES) != 0; }

static place *root_of(const planner *p, horn__value value) { return &p->places[p->places[value].root]; }

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

/* ---- steps ---------------------------------------------------------------------------------------------------------- */

static bool is_read(const planner *p, const horn__node *node) {
  for (int32_t i = 0; i < node->op->outputs; i++)
    if (p->places[node->out[i]].reads > 0) return true;
  return false;
}

/* From the end: a node whose results nobody reads, or reads for their shapes alone, runs never and reads nothing. */
static void count_reads(const planner *p) {
  for (int32_t k = 0; k < p->plan->output_count; k++) p->places[p->plan->outputs[k]].reads++;
  for (size_t u = 0; u < p->graph->update_count; u++) p->places[p->graph->updates[u].next].reads++;
  for (size_t n = p->graph->node_count; n-- > 0;) {
    const horn__node *node = &p->graph->nodes[n];
    if (!is_read(p, node)) continue;
    for (int32_t i = 0; i < node->inputs; i++)
      if (node->in[i] >= 0 && (node->op->shape_only >> i & 1) == 0) p->places[node->in[i]].reads++;
  }
}

static void find_roots(const planner *p) {
  for (size_t v = 0; v < p->graph->value_count; v++) {
    const horn__value_info *info = &p->graph->values[v];
    const horn__node *node = info->node < 0 ? NULL : &p->graph->nodes[info->node];
    p->places[v].root = node != NULL && is_alias(node) ? p->places[node->in[0]].root : (horn__value)v;
    p->places[v].output = p->places[v].weight = p->places[v].input = p->places[v].region.last = -1;
  }
  for (size_t i = 0; i < p->graph->input_count; i++) p->places[p->graph->inputs[i]].input = (int32_t)i;
}

/* Constants have their memory now, so that kernels can pack them. */
static horn__operand operand_of(const planner *p, horn__value value, bool shape_only) {
  if (value < 0) return (horn__operand){.type = {.shape = {.rank = -1}}};
  const horn__value_info *root = &p->graph->values[p->places[value].root];
  horn__operand operand = {.type = p->graph->values[value].type, .present = !shape_only};
  if (root->tensor == NULL || shape_only) return operand;
  operand.data = root->tensor->data;
  operand.constant = true;
  return operand;
}

static void fill_step(const planner *p, const horn__node *node, horn__operand *operands, horn__step *step) {
  *step = (horn__step){.ctx = p->graph->ctx, .backend = p->graph->ctx->backend, .op = node->op, .attributes = node->attributes,
                       .inputs = node->inputs, .outputs = node->op->outputs, .in = operands, .out = operands + node->inputs};
  for (int32_t i = 0; i < node->inputs; i++) step->in[i] = operand_of(p, node->in[i], (node->op->shape_only >> i & 1) != 0);
  for (int32_t i = 0; i < node->op->outputs; i++) {
    step->out[i] = operand_of(p, node->out[i], false);
    step->out[i].present = p->places[node->out[i]].reads > 0;
  }
}

static size_t count_operands(const horn__graph *graph, size_t *steps) {
  size_t operands = 0;
  *steps = 0;
  for (size_t n = 0; n < graph->node_count; n++) {
    if (is_alias(&graph->nodes[n])) continue;
    (*steps)++;
    operands += (size_t)(graph->nodes[n].inputs + graph->nodes[n].op->outputs);
  }
  return operands;
}

static horn_status make_steps(const planner *p) {
  horn__plan *plan = p->plan;
  size_t steps, operands = count_operands(p->graph, &steps), used = 0;
  plan->steps = horn__arena_alloc(&p->graph->arena, steps * sizeof *plan->steps + 1);
  plan->operands = horn__arena_alloc(&p->graph->arena, operands * sizeof *plan->operands + 1);
  if (plan->steps == NULL || plan->operands == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t n = 0; n < p->graph->node_count; n++) {
    const horn__node *node = &p->graph->nodes[n];
    p->step_of[n] = -1;
    if (is_alias(node) || !is_read(p, node)) continue;
    p->step_of[n] = (int32_t)plan->step_count;
    horn__step *step = &plan->steps[plan->step_count];
    fill_step(p, node, plan->operands + used, step);
    used += (size_t)(node->inputs + node->op->outputs);
    step->kernel = horn__kernel_for(step);
    plan->step_count++; /* before prepare: finish must run whatever prepare has done */
    if (step->kernel->prepare != NULL)
      HORN__TRY(horn__blame(plan->ctx, step->kernel->prepare(step), "%s", node->label == NULL ? node->op->name : node->label));
  }
  return HORN_OK;
}

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

/* An output takes the memory that the caller gives, where a step writes it and no other output has it. */
static horn_status place_outputs(const planner *p) {
  horn__plan *plan = p->plan;
  plan->copies = horn__arena_alloc(&p->graph->arena, (size_t)plan->output_count * sizeof *plan->copies + 1);
  if (plan->copies == NULL) return HORN_E_OUT_OF_MEMORY;
  for (int32_t k = 0; k < plan->output_count; k++) {
    horn__value root = p->places[plan->outputs[k]].root;
    if (p->graph->values[root].kind == HORN__RESULT && p->places[root].output < 0)
      p->places[root].output = k;
    else
      plan->copies[plan->copy_count++] = (copy){.output = k, .source = operand_of(p, plan->outputs[k], false)};
  }
  return HORN_OK;
}

static bool in_block(const planner *p, horn__value root) {
  return p->graph->values[root].kind == HORN__RESULT && p->places[root].output < 0 && p->places[root].weight < 0;
}

/* Lives of the roots, as steps; a value that an output or copy reads lives to the end. */
static void find_lives(const planner *p) {
  for (size_t n = 0; n < p->graph->node_count; n++) {
    const horn__node *node = &p->graph->nodes[n];
    int32_t step = p->step_of[n];
    if (step < 0) continue;
    for (int32_t i = 0; i < node->op->outputs; i++) {
      horn__region *region = &p->places[node->out[i]].region;
      region->first = region->last = step;
      region->bytes = horn__shape_size(&p->graph->values[node->out[i]].type.shape) * horn__dtype_size(p->graph->values[node->out[i]].type.dtype);
    }
    for (int32_t i = 0; i < node->inputs; i++)
      if (node->in[i] >= 0 && (node->op->shape_only >> i & 1) == 0) root_of(p, node->in[i])->region.last = step;
  }
  for (size_t c = 0; c < p->plan->copy_count; c++) root_of(p, p->plan->outputs[p->plan->copies[c].output])->region.last = INT32_MAX;
}

/* Whether the node may write over input i: it is in the block, ends here, has the type of the output, and no other input shows it
 * differently. */
static bool may_overwrite(const planner *p, const horn__node *node, int32_t step, int32_t i) {
  horn__value root = p->places[node->in[i]].root;
  const horn__type *in = &p->graph->values[node->in[i]].type, *out = &p->graph->values[node->out[0]].type;
  if (!in_block(p, root) || p->places[root].region.last != step || p->places[root].region.first == step) return false;
  if (in->dtype != out->dtype || !horn__shape_equal(&in->shape, &out->shape)) return false;
  for (int32_t j = 0; j < node->inputs; j++)
    if (j != i && node->in[j] >= 0 && p->places[node->in[j]].root == root &&
        !horn__shape_equal(&p->graph->values[node->in[j]].type.shape, &in->shape))
      return false;
  return true;
}

/* ---- updates --------------------------------------------------------------------------------------------------------- */

/* What is no result is read by a node of its own: two weights may become one another. */
static horn_status settle_updates(const horn__plan *plan) {
  horn__graph *graph = plan->graph;
  for (size_t u = 0; u < graph->update_count; u++) {
    const horn__type *weight = &plan->writes[u].weight->type, *next = horn__type_of(graph, graph->updates[u].next);
    char want[HORN__SHAPE_TEXT], got[HORN__SHAPE_TEXT];
    if (weight->dtype != next->dtype || !horn__shape_equal(&weight->shape, &next->shape))
      return horn__fail(plan->ctx, HORN_E_SHAPE, "update: a weight of %s becomes a value of %s", horn__shape_text(&weight->shape, want, sizeof want),
                        horn__shape_text(&next->shape, got, sizeof got));
    horn__value source = graph->updates[u].next;
    while (graph->values[source].kind == HORN__RESULT && is_alias(&graph->nodes[graph->values[source].node]))
      source = graph->nodes[graph->values[source].node].in[0];
    if (graph->values[source].kind != HORN__INPUT) continue;
    horn__reshape same = {.shape = {.count = weight->shape.rank}};
    memcpy(same.shape.values, weight->shape.dims, (size_t)weight->shape.rank * sizeof *weight->shape.dims);
    graph->updates[u].next = HORN__EMIT(graph, BroadcastTo, &same, graph->updates[u].next);
  }
  return graph->status;
}

/* The plan's weight that a root shows: as an input behind the caller's, or as what the weight becomes. */
static int32_t weight_index(const planner *p, horn__value root) {
  const place *at = &p->places[root];
  return at->input >= (int32_t)p->plan->input_count ? at->input - (int32_t)p->plan->input_count : at->weight;
}

static bool shows(const planner *p, horn__value root, const horn__tensor *weight) {
  const int32_t index = weight_index(p, root);
  const horn__tensor *tensor = index < 0 ? p->graph->values[root].tensor : p->plan->weights[index];
  return tensor != NULL && tensor->data == weight->data;
}

/* The last step that reads what a weight is before the run, -1: none. */
static int32_t last_read(const planner *p, const horn__tensor *weight) {
  int32_t last = -1;
  for (size_t v = 0; v < p->graph->value_count; v++)
    if (p->graph->values[v].kind != HORN__RESULT && shows(p, (horn__value)v, weight) && p->places[v].region.last > last)
      last = p->places[v].region.last;
  return last;
}

/* Whether a node reads the weight, if at all, element by element as it writes. */
static bool keeps_pace(const planner *p, const horn__node *node, const horn__tensor *weight) {
  if ((node->op->flags & HORN__ELEMENTWISE) == 0) return false;
  const horn__shape *out = &p->graph->values[node->out[0]].type.shape;
  for (int32_t i = 0; i < node->inputs; i++)
    if (node->in[i] >= 0 && shows(p, p->places[node->in[i]].root, weight) && !horn__shape_equal(&p->graph->values[node->in[i]].type.shape, out))
      return false;
  return true;
}

/* Whether a step may write the new elements over the old ones: nothing reads those from then on. */
static bool may_write(const planner *p, horn__value root, const horn__tensor *weight) {
  if (p->graph->values[root].kind != HORN__RESULT || !in_block(p, root)) return false;
  const horn__node *node = &p->graph->nodes[p->graph->values[root].node];
  const int32_t step = p->step_of[p->graph->values[root].node], last = last_read(p, weight);
  return last < step || (last == step && keeps_pace(p, node, weight));
}

static int32_t index_of_weight(const horn__plan *plan, const horn__tensor *weight) {
  int32_t index = 0;
  while (plan->weights[index]->data != weight->data) index++;
  return index;
}

/* An update is computed where its weight lies, or copied there when all steps have run. */
static void place_updates(const planner *p) {
  for (size_t u = 0; u < p->graph->update_count; u++) {
    write *w = &p->plan->writes[u];
    const horn__value next = p->graph->updates[u].next, root = p->places[next].root;
    w->in_place = may_write(p, root, w->weight);
    if (w->in_place) {
      p->places[root].weight = index_of_weight(p->plan, w->weight);
    } else {
      w->next = operand_of(p, next, false);
      p->places[root].region.last = INT32_MAX;
    }
  }
}

/* ---- memory of results --------------------------------------------------------------------------------------------------- */

/* Element-wise results go over an input that dies there. Later values whose root was the result get its new root. */
static void place_in_place(const planner *p) {
  for (size_t n = 0; n < p->graph->node_count; n++) {
    const horn__node *node = &p->graph->nodes[n];
    if (is_alias(node)) { /* its source may have moved */
      p->places[node->out[0]].root = p->places[node->in[0]].root;
      continue;
    }
    if ((node->op->flags & HORN__ELEMENTWISE) == 0 || !in_block(p, node->out[0])) continue;
    for (int32_t i = 0; i < node->inputs; i++) {
      if (node->in[i] < 0 || !may_overwrite(p, node, p->step_of[n], i)) continue;
      horn__value root = p->places[node->in[i]].root;
      p->places[root].region.last = p->places[node->out[0]].region.last;
      p->places[node->out[0]].root = root;
      break;
    }
  }
}

static size_t list_regions(const planner *p, horn__region **list) {
  size_t count = 0;
  for (size_t v = 0; v < p->graph->value_count; v++)
    if (p->places[v].root == (horn__value)v && in_block(p, (horn__value)v) && p->places[v].reads > 0) list[count++] = &p->places[v].region;
  return count;
}

/* The block holds all results that are no outputs, and the workspaces of the steps. */
static horn_status lay_out(const planner *p) {
  horn__plan *plan = p->plan;
  horn_context *ctx = plan->ctx;
  size_t capacity = p->graph->value_count + plan->step_count;
  horn__region **list = horn__arena_alloc(&p->graph->arena, capacity * sizeof *list + 1);
  horn__region *workspaces = horn__arena_alloc(&p->graph->arena, plan->step_count * sizeof *workspaces + 1);
  if (list == NULL || workspaces == NULL) return HORN_E_OUT_OF_MEMORY;
  size_t count = list_regions(p, list);
  for (size_t s = 0; s < plan->step_count; s++) {
    if (plan->steps[s].workspace_size == 0) continue;
    workspaces[s] = (horn__region){.first = (int32_t)s, .last = (int32_t)s, .bytes = plan->steps[s].workspace_size};
    list[count++] = &workspaces[s];
  }
  HORN__TRY(horn__layout(ctx, list, count, plan->step_count, &plan->memory_bytes, &plan->live_bytes));
  plan->memory = horn__alloc(ctx, plan->memory_bytes + HORN__BUFFER_EXTRA, true);
  if (plan->memory == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t s = 0; s < plan->step_count; s++)
    if (plan->steps[s].workspace_size != 0) plan->steps[s].workspace = (unsigned char *)plan->memory + workspaces[s].offset;
  return HORN_OK;
}

/* ---- binding ---------------------------------------------------------------------------------------------------------- */

static void bind(const planner *p, horn__operand *operand, horn__value value) {
  horn__plan *plan = p->plan;
  horn__value root = p->places[value].root;
  const int32_t input = p->places[root].input, weight = weight_index(p, root);
  if (weight >= 0)
    operand->data = plan->weights[weight]->data;
  else if (input >= 0)
    plan->patches[plan->patch_count++] = (patch){operand, input, false};
  else if (p->places[root].output >= 0)
    plan->patches[plan->patch_count++] = (patch){operand, p->places[root].output, true};
  else if (p->graph->values[root].kind == HORN__RESULT)
    operand->data = (unsigned char *)plan->memory + p->places[root].region.offset;
}

static horn_status bind_all(const planner *p) {
  horn__plan *plan = p->plan;
  size_t operands = 0, steps;
  operands = count_operands(p->graph, &steps) + plan->copy_count + p->graph->update_count;
  plan->patches = horn__arena_alloc(&p->graph->arena, operands * sizeof *plan->patches + 1);
  if (plan->patches == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t n = 0; n < p->graph->node_count; n++) {
    const horn__node *node = &p->graph->nodes[n];
    if (p->step_of[n] < 0) continue;
    horn__step *step = &plan->steps[p->step_of[n]];
    for (int32_t i = 0; i < step->inputs; i++)
      if (step->in[i].present) bind(p, &step->in[i], node->in[i]);
    for (int32_t i = 0; i < step->outputs; i++)
      if (step->out[i].present) bind(p, &step->out[i], node->out[i]);
  }
  for (size_t c = 0; c < plan->copy_count; c++) bind(p, &plan->copies[c].source, plan->outputs[plan->copies[c].output]);
  for (size_t u = 0; u < p->graph->update_count; u++)
    if (!plan->writes[u].in_place) bind(p, &plan->writes[u].next, p->graph->updates[u].next);
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

static horn_status plan_graph(horn__plan *plan) {
  planner p = {.plan = plan, .graph = plan->graph};
  p.places = horn__arena_alloc(&plan->graph->arena, p.graph->value_count * sizeof *p.places + 1);
  p.step_of = horn__arena_alloc(&plan->graph->arena, p.graph->node_count * sizeof *p.step_of + 1);
  if (p.places == NULL || p.step_of == NULL) return HORN_E_OUT_OF_MEMORY;
  find_roots(&p);
  count_reads(&p);
  HORN__TRY(make_steps(&p));
  HORN__TRY(place_outputs(&p));
  find_lives(&p);
  place_updates(&p);
  place_in_place(&p);
  HORN__TRY(lay_out(&p));
  return bind_all(&p);
}

static horn_status make_plan(horn__plan *plan, const horn__graph *graph, const horn__type *inputs, horn__value *outputs) {
  HORN__TRY(horn__graph_specialize(graph, inputs, outputs, plan->output_count, &plan->graph));
  HORN__TRY(list_writes(plan));
  HORN__TRY(list_weights(plan));
  HORN__TRY(horn__graph_fuse(&plan->graph, outputs, plan->output_count));
  HORN__TRY(settle_updates(plan));
  HORN__TRY(keep_types(plan, inputs, outputs));
  return plan_graph(plan);
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
    const patch *p = &plan->patches[i];
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
    const write *w = &plan->writes[u];
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
