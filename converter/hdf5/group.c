/* HDF5 groups: links from symbol tables (old), link messages (new) and fractal heaps (new, many links); paths. */
#include <string.h>

#include "hdf5/parts.h"

enum { MAX_LEVEL = 32, SYMBOL_SOFT = 2 /* cache type of a symbol that is a soft link */ };

typedef struct symbols {
  horn__h5 *file;
  horn__h5_object *group;
  horn__cursor names;
} symbols;

static horn_status add_link(horn__h5 *file, horn__h5_object *group, const horn__h5_link *link) {
  void *links = group->links;
  HORN__TRY(horn__h5_grow(file, &links, &group->link_capacity, group->link_count + 1, sizeof *link));
  group->links = links;
  group->links[group->link_count++] = *link;
  return HORN_OK;
}

/* The name at an offset of the heap: it must end inside. */
static const char *name_at(const horn__cursor *names, uint64_t offset) {
  horn__cursor rest = horn__cursor_from(names, offset);
  size_t left = horn__cursor_left(&rest);
  return left > 0 && memchr(rest.bytes, 0, left) != NULL ? (const char *)rest.bytes : NULL;
}

static horn_status read_symbol(symbols *s, horn__cursor *node, uint64_t address) {
  uint64_t name = horn__h5_offset(s->file, node);
  horn__h5_link link = {.name = name_at(&s->names, name), .address = horn__h5_offset(s->file, node)};
  uint32_t cached = horn__cursor_u32(node);
  horn__cursor_skip(node, 20);
  if (node->failed || link.name == NULL) return horn__h5_broken(s->file, "symbol table", address);
  if (cached == SYMBOL_SOFT) link.kind = HORN__H5_SOFT;
  return add_link(s->file, s->group, &link);
}

static horn_status read_symbols(symbols *s, uint64_t address) {
  horn__cursor node = horn__h5_at(s->file, address);
  bool good = horn__cursor_magic(&node, "SNOD", 4);
  horn__cursor_skip(&node, 2);
  uint16_t count = horn__cursor_u16(&node);
  if (!good || node.failed) return horn__h5_broken(s->file, "symbol table", address);
  HORN__TRY(horn__h5_spend(s->file, 1u + count));
  for (uint16_t i = 0; i < count; i++) HORN__TRY(read_symbol(s, &node, address));
  return HORN_OK;
}

/* A node of a version 1 B-tree of symbols. Levels must go down, so recursion is no deeper than MAX_LEVEL. */
static horn_status walk_tree(symbols *s, uint64_t address, uint8_t expected_level, bool top) {
  horn__cursor node = horn__h5_at(s->file, address);
  bool good = horn__cursor_magic(&node, "TREE", 4) && horn__cursor_u8(&node) == 0;
  uint8_t level = horn__cursor_u8(&node);
  uint16_t count = horn__cursor_u16(&node);
  horn__cursor_skip(&node, 2 * s->file->offset_size); /* siblings */
  if (!good || node.failed || level > MAX_LEVEL || (!top && level != expected_level)) return horn__h5_broken(s->file, "B-tree", address);
  HORN__TRY(horn__h5_spend(s->file, 1));
  for (uint16_t i = 0; i < count; i++) {
    (void)horn__h5_length(s->file, &node); /* key */
    uint64_t child = horn__h5_offset(s->file, &node);
    if (node.failed) return horn__h5_broken(s->file, "B-tree", address);
    HORN__TRY(level == 0 ? read_symbols(s, child) : walk_tree(s, child, (uint8_t)(level - 1), false));
  }
  return HORN_OK;
}

static horn_status load_table(horn__h5 *file, horn__h5_object *group) {
  symbols s = {.file = file, .group = group};
  HORN__TRY(horn__h5_local_heap(file, group->table_heap, &s.names));
  return walk_tree(&s, group->table_tree, 0, true);
}

/* A record of the tree of names: hash, then the id of the link in the heap. */
static horn_status read_dense_link(horn__h5 *file, void *user, horn__cursor *record) {
  horn__h5_object *group = user;
  horn__cursor_skip(record, 4);
  size_t id_size = horn__cursor_left(record);
  const uint8_t *id = horn__cursor_take(record, id_size);
  horn__cursor body;
  if (id == NULL) return horn__h5_broken(file, "B-tree", group->link_tree);
  HORN__TRY(horn__h5_fractal_heap(file, group->link_heap, id, id_size, &body));
  return horn__h5_parse_link(file, &body, group);
}

static horn_status load_links(horn__h5 *file, horn__h5_object *group) {
  if (group->links_loaded) return HORN_OK;
  group->links_loaded = true; /* also where it fails: what is there is not added twice */
  if (group->has_table) HORN__TRY(load_table(file, group));
  if (group->link_heap == HORN__H5_NONE || group->link_tree == HORN__H5_NONE) return HORN_OK;
  return horn__h5_tree2(file, group->link_tree, read_dense_link, group);
}

horn_status horn__h5_links(horn__h5 *file, horn__h5_object *group, const horn__h5_link **out, size_t *count) {
  HORN__TRY(load_links(file, group));
  *out = group->links;
  *count = group->link_count;
  return HORN_OK;
}

horn_status horn__h5_follow(horn__h5 *file, const horn__h5_link *link, horn__h5_object **out) {
  if (link->kind == HORN__H5_HARD) return horn__blame(file->ctx, horn__h5_object_at(file, link->address, out), "\"%.200s\"", link->name);
  return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: \"%.200s\" is %s link, which is refused", link->name,
                    link->kind == HORN__H5_SOFT ? "a soft" : "an external");
}

static const horn__h5_link *link_named(const horn__h5_object *group, const char *name, size_t length) {
  for (size_t i = 0; i < group->link_count; i++)
    if (strncmp(group->links[i].name, name, length) == 0 && group->links[i].name[length] == '\0') return &group->links[i];
  return NULL;
}

horn_status horn__h5_find(horn__h5 *file, horn__h5_object *from, const char *path, horn__h5_object **out) {
  horn__h5_object *at = from;
  while (at != NULL && *path != '\0') {
    size_t length = strcspn(path, "/");
    if (length > 0) {
      HORN__TRY(load_links(file, at));
      HORN__TRY(horn__h5_spend(file, 1 + at->link_count / 8));
      const horn__h5_link *link = link_named(at, path, length);
      at = NULL;
      if (link != NULL) HORN__TRY(horn__h5_follow(file, link, &at));
    }
    path += length + (path[length] == '/');
  }
  *out = at;
  return HORN_OK;
}

bool horn__h5_is_dataset(const horn__h5_object *object) { return object->has_layout && object->has_type && object->has_space; }
