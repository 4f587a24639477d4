/* Fusing: a specialized graph is written again, node by node, and rules fold a node into constants or into the node before it. A rule never
 * changes what is computed, beyond rounding. */
#include <math.h>
#include <string.h>

#include "ops/attributes.h"
#include "ops/emit.h"

typedef struct fuser {
  const horn__graph *from;
  horn__graph *to;
  horn__value *renamed; /* by old value */
  int32_t *reads;       /* by old value: by nodes, and by outputs */
} fuser;

/* A rule sees an old node with its inputs already renamed. *done: it has renamed the outputs itself and the node is not needed. */
typedef horn_status (*rule)(fuser *f, const horn__node *node, const horn__value *in, bool *done);

static horn__tensor *constant(const horn__graph *graph, horn__value value) { return value < 0 ? NULL : graph->values[value].tensor; }

/* The new node whose first output is `value`, NULL where it is no result. */
static horn__node *producer(const horn__graph *graph, horn__value value) {
  if (value < 0 || graph->values[value].kind != HORN__RESULT) return NULL;
  horn__node *node = &graph->nodes[graph->values[value].node];
  return node->out[0] == value ? node : NULL;
}

static horn__value add_constant(horn__graph *graph, horn__tensor *tensor) {
  horn__value value = horn__graph_tensor(graph, tensor, HORN__CONSTANT);
  horn__tensor_release(graph->ctx, tensor);
  return value;
}

/* Inputs of a node with one more at `index`, in the new graph's arena. */
static horn_status set_input(horn__graph *graph, horn__node *node, int32_t index, horn__value value) {
  int32_t count = index < node->inputs ? node->inputs : index + 1;
  horn__value *in = horn__arena_alloc(&graph->arena, (size_t)count * sizeof *in);
  if (in == NULL) return HORN_E_OUT_OF_MEMORY;
  for (int32_t i = 0; i < count; i++) in[i] = i < node->inputs ? node->in[i] : HORN__NONE;
  in[index] = value;
  node->in = in;
  node->inputs = count;
  return HORN_OK;
}

/* A changeable copy of a node's attributes. */
static void *own_attributes(horn__graph *graph, horn__node *node) {
  void *copy = horn__arena_alloc(&graph->arena, node->op->attributes.size + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, node->attributes, node->op->attributes.size);
  node->attributes = copy;
  return copy;
}

/* ---- products: the ops that take a bias and an activation ------------------------------------------------------------------ */

typedef struct product {
  const horn__op *op;
  size_t activation; /* offset of the attribute */
} product;

static const product products[] = {
    {&horn__op_BatchMatMul, offsetof(horn__matmul, activation)},
    {&horn__op_Conv2D, offsetof(horn__conv, activation)},
    {&horn__op_Conv3D, offsetof(horn__conv, activation)},
    {&horn__op_DepthwiseConv2dNative, offsetof(horn__conv, activation)},
};
enum { FILTER = 1, BIAS = 2 };

static const product *product_of(const horn__node *node) {
  for (size_t i = 0; node != NULL && i < sizeof products / sizeof products[0]; i++)
    if (products[i].op == node->op) return &products[i];
  return NULL;
}

static int32_t activation_of(const horn__node *node) {
  int32_t activation;
  memcpy(&activation, (const unsigned char *)node->attributes + product_of(node)->activation, sizeof activation);
  return activation;
}

/* The product that made in[i], where nothing else reads its result and it has no activation yet. */
static horn__node *open_product(const fuser *f, const horn__node *node, const horn__value *in, int32_t i) {
  if (i >= node->inputs || node->in[i] < 0 || f->reads[node->in[i]] != 1) return NULL;
  horn__node *before = producer(f->to, in[i]);
  return product_of(before) != NULL && activation_of(before) == HORN__ACTIVATION_LINEAR ? before : NULL;
}

static int32_t channels(const fuser *f, const horn__node *node) {
  const horn__shape *y = &f->to->values[node->out[0]].type.shape;
  return y->rank == 0 ? 0 : y->dims[y->rank - 1];
}

/* Whether a tensor is one float32 number a channel: [C], [1, C], [1, 1, 1, C]. */
static bool per_channel(const horn__tensor *tensor, int32_t count) {
  if (tensor == NULL || tensor->type.dtype != HORN_FLOAT32) return false;
  const horn__shape *shape = &tensor->type.shape;
  return shape->rank > 0 && shape->dims[shape->rank - 1] == count && horn__shape_size(shape) == (size_t)count;
}

static bool same_type(const fuser *f, horn__value old, horn__value value) {
  const horn__type *a = &f->from->values[old].type, *b = &f->to->values[value].type;
  return a->dtype == b->dtype && horn__shape_equal(&a->shape, &b->shape);
}

/* ---- rules ----------------------------------------------------------------------------------------------------------- */

enum { MAX_FOLDED_BYTES = 64 << 20 };

/* A node of constants is computed now. */
static horn_status fold_constants(fuser *f, const horn__node *node, const horn__value *in, bool *done) {
  horn__tensor *inputs[HORN__MAX_INPUTS], *outputs[HORN__MAX_OUTPUTS];
  for (int32_t i = 0; i < node->inputs; i++) {
    inputs[i] = constant(f->to, in[i]);
    if (inputs[i] == NULL && in[i] >= 0) return HORN_OK;
  }
  for (int32_t i = 0; i < node->op->outputs; i++)
    if (horn__shape_size(&f->from->values[node->out[i]].type.shape) > MAX_FOLDED_BYTES / sizeof(float)) return HORN_OK;
  HORN__TRY(horn__run_eager(f->to->ctx, node->op, node->attributes, inputs, node->inputs, outputs));
  for (int32_t i = 0; i < node->op->outputs; i++) f->renamed[node->out[i]] = add_constant(f->to, outputs[i]);
  *done = true;
  return f->to->status;
}

/* Reads a per-channel tensor into the bias of a product. */
static horn_status add_bias(fuser *f, horn__node *before, horn__tensor *numbers) {
  const horn__shape flat = {1, {channels(f, before)}};
  horn__tensor *bias;
  HORN__TRY(horn__tensor_view(f->to->ctx, numbers, &flat, &bias));
  horn__value value = add_constant(f->to, bias);
  HORN__TRY(f->to->status);
  return set_input(f->to, before, BIAS, value);
}

/* Add(product, numbers a channel), either way round. */
static horn_status fuse_bias(fuser *f, const horn__node *node, const horn__value *in, bool *done) {
  if (node->op != &horn__op_Add) return HORN_OK;
  for (int32_t i = 0; i < 2; i++) {
    horn__node *before = open_product(f, node, in, i);
    horn__tensor *numbers = constant(f->to, in[1 - i]);
    if (before == NULL || (before->inputs > BIAS && before->in[BIAS] >= 0) || !same_type(f, node->out[0], before->out[0])) continue;
    if (!per_channel(numbers, channels(f, before))) continue;
    HORN__TRY(add_bias(f, before, numbers));
    f->renamed[node->out[0]] = before->out[0];
    *done = true;
    return HORN_OK;
  }
  return HORN_OK;
}

/* An element-wise activation of a product. */
static horn_status fuse_activation(fuser *f, const horn__node *node, const horn__value *in, bool *done) {
  int32_t activation;
  if (!horn__activation_of(node->op, node->attributes, &activation)) return HORN_OK;
  if (!horn__activation_in_kernels(activation)) return HORN_OK;
  horn__node *before = open_product(f, node, in, 0);
  if (before == NULL) return HORN_OK;
  unsigned char *attributes = own_attributes(f->to, before);
  if (attributes == NULL) return HORN_E_OUT_OF_MEMORY;
  memcpy(attributes + product_of(before)->activation, &activation, sizeof activation);
  f->renamed[node->out[0]] = before->out[0];
  *done = true;
  return HORN_OK;
}

/* Numbers of a batch norm: y = x * scale[c] + shift[c]. */
static void affine(const horn__tensor *const *stats, double epsilon, size_t c, double *scale, double *shift) {
  const float *gamma = stats[1] == NULL ? NULL : stats[1]->data, *beta = stats[2] == NULL ? NULL : stats[2]->data;
  const float *mean = stats[3]->data, *variance = stats[4]->data;
  *scale = (gamma == NULL ? 1 : gamma[c]) / sqrt((double)variance[c] + epsilon);
  *shift = (beta == NULL ? 0 : beta[c]) - mean[c] * *scale;
}

/* New filter and bias of a product followed by a batch norm: the last axis of the output is the last of the filter (or, depthwise, its last
 * two), so channel = index modulo channels. */
static horn_status fold_norm(fuser *f, horn__node *before, const horn__tensor *const *stats, double epsilon) {
  horn_context *ctx = f->to->ctx;
  size_t count = (size_t)channels(f, before);
  const horn__tensor *filter = constant(f->to, before->in[FILTER]);
  const horn__tensor *bias = before->inputs > BIAS ? constant(f->to, before->in[BIAS]) : NULL;
  const horn__type bias_type = {{1, {(int32_t)count}}, HORN_FLOAT32};
  horn__tensor *new_filter, *new_bias;
  HORN__TRY(horn__tensor_create(ctx, &filter->type, false, &new_filter));
  horn_status status = horn__tensor_create(ctx, &bias_type, false, &new_bias);
  if (status != HORN_OK) {
    horn__tensor_release(ctx, new_filter);
    return status;
  }
  for (size_t i = 0, n = horn__shape_size(&filter->type.shape); i < n; i++) {
    double scale, shift;
    affine(stats, epsilon, i % count, &scale, &shift);
    ((float *)new_filter->data)[i] = (float)(((const float *)filter->data)[i] * scale);
  }
  for (size_t c = 0; c < count; c++) {
    double scale, shift;
    affine(stats, epsilon, c, &scale, &shift);
    ((float *)new_bias->data)[c] = (float)((bias == NULL ? 0 : ((const float *)bias->data)[c]) * scale + shift);
  }
  before->in[FILTER] = add_constant(f->to, new_filter);
  horn__value value = add_constant(f->to, new_bias);
  HORN__TRY(f->to->status);
  return set_input(f->to, before, BIAS, value);
}

/* FusedBatchNorm(product): into filter and bias. */
static horn_status fuse_batch_norm(fuser *f, const horn__node *node, const horn__value *in, bool *done) {
  if (node->op != &horn__op_FusedBatchNorm) return HORN_OK;
  horn__node *before = open_product(f, node, in, 0);
  if (before == NULL || constant(f->to, before->in[FILTER]) == NULL || channels(f, before) == 0) return HORN_OK;
  if (before->op == &horn__op_BatchMatMul &&
      (((const horn__matmul *)before->attributes)->transpose_b || constant(f->to, before->in[FILTER])->type.shape.rank != 2))
    return HORN_OK;
  if (before->inputs > BIAS && before->in[BIAS] >= 0 && constant(f->to, before->in[BIAS]) == NULL) return HORN_OK;
  const horn__tensor *stats[5] = {NULL};
  for (int32_t i = 1; i < node->inputs; i++) {
    stats[i] = constant(f->to, in[i]);
    if (stats[i] == NULL && in[i] >= 0) return HORN_OK;
  }
  HORN__TRY(fold_norm(f, before, stats, ((const horn__batch_norm *)node->attributes)->epsilon));
  f->renamed[node->out[0]] = before->out[0];
  *done = true;
  return HORN_OK;
}

/* Conv(Pad(x)) with zeros around height and width (and depth) only: explicit padding of the convolution. */
static horn_status fuse_pad(fuser *f, const horn__node *node, const horn__value *in, bool *done) {
  if (node->op != &horn__op_Conv2D && node->op != &horn__op_Conv3D && node->op != &horn__op_DepthwiseConv2dNative) return HORN_OK;
  const horn__node *before = producer(f->to, in[0]);
  if (before == NULL || before->op != &horn__op_PadV2) return HORN_OK;
  const horn__pad *pad = before->attributes;
  const horn__conv *conv = node->attributes;
  const int32_t *p = pad->paddings.values, last = pad->paddings.count - 2;
  if (fpclassify(pad->value) != FP_ZERO || p[0] != 0 || p[1] != 0 || p[last] != 0 || p[last + 1] != 0) return HORN_OK;
  if (conv->padding != HORN__VALID) return HORN_OK;
  horn__conv padded = *conv;
  padded.padding = HORN__EXPLICIT;
  memcpy(padded.pads, p + 2, (size_t)(last - 2) * sizeof *p);
  horn__value inputs[HORN__MAX_INPUTS];
  memcpy(inputs, in, (size_t)node->inputs * sizeof *inputs);
  inputs[0] = before->in[0];
  f->renamed[node->out[0]] = horn__emit(f->to, node->op, &padded, inputs, node->inputs);
  *done = true;
  return f->to->status;
}

static const rule rules[] = {fold_constants, fuse_bias, fuse_activation, fuse_batch_norm, fuse_pad};

/* ---- driver ---------------------------------------------------------------------------------------------------------- */

static void count_reads(fuser *f, const horn__value *outputs, int32_t count) {
  for (size_t n = 0; n < f->from->node_count; n++)
    for (int32_t i = 0; i < f->from->nodes[n].inputs; i++)
      if (f->from->nodes[n].in[i] >= 0) f->reads[f->from->nodes[n].in[i]]++;
  for (int32_t k = 0; k < count; k++) f->reads[outputs[k]] += 2; /* an output must keep its own value: never fused away */
  for (size_t u = 0; u < f->from->update_count; u++) f->reads[f->from->updates[u].next] += 2;
}

static void copy_leaves(fuser *f) {
  for (size_t i = 0; i < f->from->input_count; i++)
    f->renamed[f->from->inputs[i]] = horn__graph_input(f->to, &f->from->values[f->from->inputs[i]].type);
  for (size_t v = 0; v < f->from->value_count; v++)
    if (f->from->values[v].tensor != NULL) f->renamed[v] = horn__graph_tensor(f->to, f->from->values[v].tensor, f->from->values[v].kind);
}

static horn_status rewrite_node(fuser *f, const horn__node *node) {
  horn__value in[HORN__MAX_INPUTS];
  for (int32_t i = 0; i < node->inputs; i++) in[i] = node->in[i] < 0 ? HORN__NONE : f->renamed[node->in[i]];
  f->to->label = node->label;
  bool done = false;
  for (size_t r = 0; !done && r < sizeof rules / sizeof rules[0]; r++) HORN__TRY(rules[r](f, node, in, &done));
  if (done) return HORN_OK;
  horn__value first = horn__emit(f->to, node->op, node->attributes, in, node->inputs);
  for (int32_t i = 0; i < node->op->outputs; i++) f->renamed[node->out[i]] = horn__sibling(f->to, first, i);
  return f->to->status;
}

static horn_status rewrite(fuser *f, horn__value *outputs, int32_t count) {
  for (size_t v = 0; v < f->from->value_count; v++) f->renamed[v] = HORN__NONE;
  count_reads(f, outputs, count);
  copy_leaves(f);
  HORN__TRY(f->to->status);
  for (size_t n = 0; n < f->from->node_count; n++) HORN__TRY(rewrite_node(f, &f->from->nodes[n]));
  for (int32_t k = 0; k < count; k++) outputs[k] = f->renamed[outputs[k]];
  for (size_t u = 0; u < f->from->update_count; u++)
    HORN__TRY(horn__graph_update(f->to, f->renamed[f->from->updates[u].weight], f->renamed[f->from->updates[u].next]));
  return f->to->status;
}

/* Nodes whose results were folded away are left out by specializing once more. */
static horn_status drop_dead_nodes(horn__graph **graph, horn__value *outputs, int32_t count) {
  horn__graph *lean;
  horn__type *types = horn__arena_alloc(&(*graph)->arena, (*graph)->input_count * sizeof *types + 1);
  if (types == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t i = 0; i < (*graph)->input_count; i++) types[i] = (*graph)->values[(*graph)->inputs[i]].type;
  HORN__TRY(horn__graph_specialize(*graph, types, outputs, count, &lean));
  horn__graph_release(*graph);
  *graph = lean;
  return HORN_OK;
}

horn_status horn__graph_fuse(horn__graph **graph, horn__value *outputs, int32_t count) {
  horn_context *ctx = (*graph)->ctx;
  fuser f = {.from = *graph};
  f.renamed = horn__alloc(ctx, ((*graph)->value_count + 1) * sizeof *f.renamed, false);
  f.reads = horn__alloc(ctx, ((*graph)->value_count + 1) * sizeof *f.reads, true);
  horn_status status = f.renamed == NULL || f.reads == NULL ? HORN_E_OUT_OF_MEMORY : horn__graph_create(ctx, &f.to);
  if (status == HORN_OK) status = rewrite(&f, outputs, count);
  if (status == HORN_OK) {
    horn__graph_release(*graph);
    *graph = f.to;
    status = drop_dead_nodes(graph, outputs, count);
  } else {
    horn__graph_release(f.to);
  }
  horn__free(ctx, f.renamed);
  horn__free(ctx, f.reads);
  return status;
}
