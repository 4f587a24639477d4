/* An order in which the nodes of a Functional can run: each after its inputs, and otherwise as in the file. Depth first with a stack of its
 * own: the time is that of the edges, and no depth of a file is too deep. */
#include "layers/container.h"

typedef enum visit { NEW, OPEN, DONE } visit;

typedef struct frame {
  int32_t node, next; /* the input to look at next */
} frame;

typedef struct walk {
  const horn__layer *model;
  horn__functional *net;
  visit *visits; /* by node */
  frame *stack;  /* a node is on it once at most */
  size_t depth, ordered;
} walk;

static const char *name_of(const walk *w, int32_t node) { return w->model->children[w->net->nodes[node].layer]->name; }

static horn_status missing(const walk *w, int32_t node, const horn__reference *reference) {
  return horn__layer_fail(w->model, HORN_E_FORMAT, "the layer \"%.100s\" takes call %d of \"%.100s\", which has %d calls", name_of(w, node),
                          reference->node, w->model->children[reference->layer]->name, w->net->calls[reference->layer]);
}

static void push(walk *w, int32_t node) {
  w->visits[node] = OPEN;
  w->stack[w->depth++] = (frame){node, 0};
}

/* One move: down into the next input of the top node, or, with all inputs done, up. */
static horn_status move(walk *w) {
  frame *top = &w->stack[w->depth - 1];
  const horn__model_node *node = &w->net->nodes[top->node];
  if (top->next == node->count) {
    w->visits[top->node] = DONE;
    w->net->order[w->ordered++] = top->node;
    w->depth--;
    return HORN_OK;
  }
  const horn__reference *reference = &node->in[top->next++];
  int32_t from = horn__node_of(w->net, reference);
  if (from < 0) return missing(w, top->node, reference);
  if (w->visits[from] == OPEN)
    return horn__layer_fail(w->model, HORN_E_FORMAT, "the layers form a cycle: \"%.100s\" is part of it", name_of(w, from));
  if (w->visits[from] == NEW) push(w, from);
  return HORN_OK;
}

horn_status horn__order_nodes(const horn__layer *model, horn__functional *net) {
  walk w = {.model = model, .net = net};
  w.visits = horn__arena_alloc(model->arena, net->node_count * sizeof *w.visits + 1);
  w.stack = horn__arena_alloc(model->arena, net->node_count * sizeof *w.stack + 1);
  net->order = horn__arena_alloc(model->arena, net->node_count * sizeof *net->order + 1);
  if (w.visits == NULL || w.stack == NULL || net->order == NULL) return HORN_E_OUT_OF_MEMORY;
  for (size_t n = 0; n < net->node_count; n++) {
    if (w.visits[n] == NEW) push(&w, (int32_t)n);
    while (w.depth > 0) HORN__TRY(move(&w));
  }
  return HORN_OK;
}
