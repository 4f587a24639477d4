/* The table behind the public handles: a slot and a generation, so that a released handle is recognised. The slot that was free the longest is
 * taken, and none while few are free: a handle comes again only after MIN_FREE * GENERATIONS others. */
#include "api/handles.h"

enum { INDEX_BITS = 20, MAX_SLOTS = (1 << INDEX_BITS) - 2, GENERATIONS = 1 << 12, MIN_FREE = 256 };

static uint32_t handle_of(const horn__handles *table, const horn__slot_entry *entry) {
  return entry->generation << INDEX_BITS | (uint32_t)(entry - table->slots + 1);
}

horn_status horn__handles_create(horn_context *ctx) {
  ctx->handles = horn__alloc(ctx, sizeof *ctx->handles, true);
  if (ctx->handles == NULL) return HORN_E_OUT_OF_MEMORY;
  void *slots = NULL;
  horn_status status = horn__grow(ctx, &slots, &ctx->handles->capacity, 2 * MIN_FREE, sizeof *ctx->handles->slots);
  ctx->handles->slots = slots;
  return status;
}

static horn_status new_slot(horn_context *ctx, horn__slot_entry **out) {
  horn__handles *table = ctx->handles;
  if (table->free_count > MIN_FREE || (table->free_count > 0 && table->count == MAX_SLOTS)) {
    *out = &table->slots[table->oldest - 1];
    table->oldest = (*out)->as.next;
    table->free_count--;
    return HORN_OK;
  }
  if (table->count == MAX_SLOTS) return horn__fail(ctx, HORN_E_LIMIT, "handles: more than %d are alive", MAX_SLOTS);
  void *slots = table->slots;
  horn_status status = horn__grow(ctx, &slots, &table->capacity, table->count + 1, sizeof *table->slots);
  table->slots = slots;
  HORN__TRY(status);
  *out = &table->slots[table->count++];
  return HORN_OK;
}

horn_status horn__handle_create(horn_context *ctx, horn__kind kind, uint32_t *out_handle, horn__slot_entry **out_entry) {
  horn__slot_entry *entry;
  HORN__TRY(new_slot(ctx, &entry));
  *entry = (horn__slot_entry){.kind = kind, .generation = entry->generation, .value = HORN__NONE};
  ctx->handles->alive[kind]++;
  *out_handle = handle_of(ctx->handles, entry);
  *out_entry = entry;
  return HORN_OK;
}

horn__slot_entry *horn__handle_find(horn_context *ctx, uint32_t handle) {
  horn__handles *table = ctx->handles;
  size_t index = handle & ((1u << INDEX_BITS) - 1);
  if (index == 0 || index > table->count) return NULL;
  horn__slot_entry *entry = &table->slots[index - 1];
  return entry->kind != HORN__FREE && handle_of(table, entry) == handle ? entry : NULL;
}

horn_status horn__handle_get(horn_context *ctx, const char *who, uint32_t handle, horn__kind kind, horn__slot_entry **out) {
  static const char *const kinds[] = {"nothing", "tensor", "tensor of a graph", "graph", "model"};
  horn__slot_entry *entry = horn__handle_find(ctx, handle);
  if (entry == NULL) return horn__fail(ctx, HORN_E_DISPOSED, "%s: the %s was released already (handle %u)", who, kinds[kind], handle);
  if (entry->kind != kind)
    return horn__fail(ctx, HORN_E_INVALID_ARGUMENT, "%s: expected a handle of a %s, got one of a %s", who, kinds[kind], kinds[entry->kind]);
  *out = entry;
  return HORN_OK;
}

void horn__handle_free(horn_context *ctx, horn__slot_entry *entry) {
  horn__handles *table = ctx->handles;
  table->alive[entry->kind]--;
  *entry = (horn__slot_entry){.kind = HORN__FREE, .generation = (entry->generation + 1) % GENERATIONS};
  uint32_t slot = (uint32_t)(entry - table->slots + 1);
  if (table->free_count++ == 0)
    table->oldest = slot;
  else
    table->slots[table->newest - 1].as.next = slot;
  table->newest = slot;
}

/* The symbols of a graph die with it. */
static void release_symbols(horn_context *ctx, const horn__graph_entry *graph) {
  for (size_t i = 0; i < ctx->handles->count; i++) {
    horn__slot_entry *entry = &ctx->handles->slots[i];
    if (entry->kind == HORN__SYMBOL && entry->as.graph == graph) horn__handle_free(ctx, entry);
  }
}

void horn__entry_release(horn_context *ctx, horn__slot_entry *entry) {
  const horn__slot_entry held = *entry;
  horn__handle_free(ctx, entry);
  switch (held.kind) {
    case HORN__TENSOR: horn__tensor_release(ctx, held.as.tensor); break;
    case HORN__MODEL: horn__model_release(held.as.model); break;
    case HORN__GRAPH:
      release_symbols(ctx, held.as.graph);
      horn__graph_entry_release(ctx, held.as.graph);
      break;
    case HORN__SYMBOL:
    case HORN__FREE: break;
  }
}

horn_status horn__tensor_handle(horn_context *ctx, horn__tensor *tensor, horn_tensor *out) {
  horn__slot_entry *entry;
  horn_status status = horn__handle_create(ctx, HORN__TENSOR, out, &entry);
  if (status == HORN_OK)
    entry->as.tensor = tensor;
  else
    horn__tensor_release(ctx, tensor);
  return status;
}

horn_status horn__tensor_handles(horn_context *ctx, horn__tensor **tensors, int32_t count, horn_tensor *out) {
  horn_status status = HORN_OK;
  for (int32_t i = 0; i < count; i++) {
    if (status != HORN_OK) {
      horn__tensor_release(ctx, tensors[i]);
      continue;
    }
    status = horn__tensor_handle(ctx, tensors[i], &out[i]);
    for (int32_t k = 0; status != HORN_OK && k < i; k++) horn__entry_release(ctx, horn__handle_find(ctx, out[k]));
  }
  return status;
}

horn_status horn__symbol_handle(horn_context *ctx, horn__graph_entry *graph, horn__value value, horn_tensor *out) {
  horn__slot_entry *entry;
  HORN__TRY(horn__handle_create(ctx, HORN__SYMBOL, out, &entry));
  entry->as.graph = graph;
  entry->value = value;
  return HORN_OK;
}
