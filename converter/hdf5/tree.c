/* HDF5 version 2 B-trees, walked in order. A record is `size` bytes; what they mean is the caller's. */
#include "hdf5/parts.h"

enum { MAX_DEPTH = 32 };

typedef struct tree2 {
  horn__h5 *file;
  uint64_t address;
  horn__h5_record visit;
  void *user;
  uint32_t node_size;
  uint16_t record_size, depth;
  size_t count_bytes;                  /* of the number of records of a child */
  size_t total_bytes[MAX_DEPTH + 1];   /* by depth: of the number of records below a child */
} tree2;

uint32_t horn__h5_log2(uint64_t number) {
  uint32_t bits = 0;
  while (number > 1) {
    number >>= 1;
    bits++;
  }
  return bits;
}

size_t horn__h5_width(uint64_t limit) { return horn__h5_log2(limit) / 8 + 1; }

static horn_status broken(const tree2 *tree) { return horn__h5_broken(tree->file, "B-tree", tree->address); }

static horn_status open_tree(tree2 *tree, uint64_t *root, uint16_t *records) {
  horn__cursor cursor = horn__h5_at(tree->file, tree->address);
  bool good = horn__cursor_magic(&cursor, "BTHD", 4) && horn__cursor_u8(&cursor) == 0;
  horn__cursor_skip(&cursor, 1);
  tree->node_size = horn__cursor_u32(&cursor);
  tree->record_size = horn__cursor_u16(&cursor);
  tree->depth = horn__cursor_u16(&cursor);
  horn__cursor_skip(&cursor, 2);
  *root = horn__h5_offset(tree->file, &cursor);
  *records = horn__cursor_u16(&cursor);
  (void)horn__h5_length(tree->file, &cursor);
  if (!good || !horn__h5_checksum(&cursor) || tree->record_size == 0 || tree->node_size < 10u + tree->record_size || tree->depth > MAX_DEPTH)
    return broken(tree);
  uint64_t most = (tree->node_size - 10) / tree->record_size, total = most;
  tree->count_bytes = horn__h5_width(most);
  for (uint16_t depth = 1; depth <= tree->depth; depth++) {
    size_t pointer = tree->file->offset_size + tree->count_bytes + tree->total_bytes[depth - 1];
    if (tree->node_size < 10 + pointer) return broken(tree);
    uint64_t here = (tree->node_size - 10 - pointer) / (tree->record_size + pointer);
    if (total > UINT64_MAX / (here + 2)) return broken(tree);
    total = (here + 1) * total + here;
    tree->total_bytes[depth] = horn__h5_width(total);
  }
  return HORN_OK;
}

static horn_status visit_record(tree2 *tree, horn__cursor *node) {
  HORN__TRY(horn__h5_spend(tree->file, 1));
  const uint8_t *bytes = horn__cursor_take(node, tree->record_size);
  if (bytes == NULL) return broken(tree);
  horn__cursor record = horn__cursor_of(bytes, tree->record_size);
  return tree->visit(tree->file, tree->user, &record);
}

static horn_status walk(tree2 *tree, uint64_t address, uint16_t count, uint16_t depth) {
  horn__cursor node = horn__cursor_part(&tree->file->all, address, tree->node_size);
  HORN__TRY(horn__h5_spend(tree->file, 1));
  bool good = horn__cursor_magic(&node, depth == 0 ? "BTLF" : "BTIN", 4) && horn__cursor_u8(&node) == 0;
  horn__cursor_skip(&node, 1);
  horn__cursor children = node;
  horn__cursor_skip(&children, (uint64_t)count * tree->record_size);
  if (!good || children.failed) return broken(tree);
  for (uint32_t i = 0; i <= count; i++) {
    if (depth > 0) {
      uint64_t child = horn__h5_offset(tree->file, &children);
      uint64_t records = horn__cursor_uint(&children, tree->count_bytes);
      horn__cursor_skip(&children, tree->total_bytes[depth - 1]);
      if (children.failed || records > UINT16_MAX) return broken(tree);
      HORN__TRY(walk(tree, child, (uint16_t)records, (uint16_t)(depth - 1))); /* no deeper than MAX_DEPTH */
    }
    if (i < count) HORN__TRY(visit_record(tree, &node));
  }
  return horn__h5_checksum(&children) ? HORN_OK : broken(tree);
}

horn_status horn__h5_tree2(horn__h5 *file, uint64_t address, horn__h5_record visit, void *user) {
  tree2 tree = {.file = file, .address = address, .visit = visit, .user = user};
  uint64_t root;
  uint16_t records;
  HORN__TRY(open_tree(&tree, &root, &records));
  return records == 0 ? HORN_OK : walk(&tree, root, records, tree.depth);
}
