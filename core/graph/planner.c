/* Planning: which kernel runs each node, who shares whose memory, and where it lies. */
#include "graph/planner.h"

#include <string.h>

#include "ops/attributes.h"

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
      plan->copies[plan->copy_count++] = (horn__copy){.output = k, .source = operand_of(p, plan->outputs[k], false)};
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

horn_status horn__settle_updates(const horn__plan *plan) {
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
    horn__write *w = &p->plan->writes[u];
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
    plan->patches[plan->patch_count++] = (horn__patch){operand, input, false};
  else if (p->places[root].output >= 0)
    plan->patches[plan->patch_count++] = (horn__patch){operand, p->places[root].output, true};
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

/* ---- all of it --------------------------------------------------------------------------------------------------------- */

horn_status horn__make_steps(horn__plan *plan) {
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
