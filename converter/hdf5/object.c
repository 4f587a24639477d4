/* HDF5 object headers, versions 1 and 2: a list of messages in one or more blocks. */
#include <string.h>

#include "hdf5/parts.h"

enum {
  SPACE = 0x01, LINK_INFO = 0x02, TYPE = 0x03, OLD_FILL = 0x04, FILL = 0x05, LINK = 0x06, EXTERNAL = 0x07, LAYOUT = 0x08, FILTERS = 0x0B,
  ATTRIBUTE = 0x0C, CONTINUATION = 0x10, SYMBOL_TABLE = 0x11, ATTRIBUTE_INFO = 0x15
};

enum { SHARED = 2 /* flag of a message: its body is elsewhere */, MAX_BLOCKS = 4096 };

typedef struct block {
  uint64_t address, length;
} block;

typedef struct parser {
  horn__h5 *file;
  horn__h5_object *object;
  block *blocks;
  size_t count, capacity;
} parser;

static horn_status add_block(parser *p, horn__cursor *body) {
  block next = {.address = horn__h5_offset(p->file, body)};
  next.length = horn__h5_length(p->file, body);
  if (body->failed) return horn__h5_broken(p->file, "object header", p->object->address);
  for (size_t i = 0; i < p->count; i++)
    if (p->blocks[i].address == next.address)
      return horn__fail(p->file->ctx, HORN_E_FORMAT, "HDF5: the object header at byte %llu goes in a circle",
                        (unsigned long long)p->object->address);
  if (p->count == MAX_BLOCKS) return horn__fail(p->file->ctx, HORN_E_LIMIT, "HDF5: an object header of more than %d blocks", MAX_BLOCKS);
  void *blocks = p->blocks;
  HORN__TRY(horn__h5_grow(p->file, &blocks, &p->capacity, p->count + 1, sizeof *p->blocks));
  p->blocks = blocks;
  p->blocks[p->count++] = next;
  return HORN_OK;
}

static void parse_symbol_table(parser *p, horn__cursor *body) {
  p->object->has_table = true;
  p->object->table_tree = horn__h5_offset(p->file, body);
  p->object->table_heap = horn__h5_offset(p->file, body);
}

static void parse_link_info(parser *p, horn__cursor *body) {
  horn__cursor_skip(body, 1);
  uint8_t flags = horn__cursor_u8(body);
  if (flags & 1) horn__cursor_skip(body, 8); /* creation order */
  p->object->link_heap = horn__h5_offset(p->file, body);
  p->object->link_tree = horn__h5_offset(p->file, body);
}

static void parse_attribute_info(parser *p, horn__cursor *body) {
  horn__cursor_skip(body, 1);
  uint8_t flags = horn__cursor_u8(body);
  if (flags & 1) horn__cursor_skip(body, 2);
  p->object->attribute_heap = horn__h5_offset(p->file, body);
  p->object->attribute_tree = horn__h5_offset(p->file, body);
}

/* Messages whose body is elsewhere: none that Keras or h5py writes, but h5py's named types. */
static horn_status parse_shared(parser *p, uint16_t type) {
  if (type != TYPE && type != SPACE && type != LAYOUT && type != FILTERS && type != ATTRIBUTE) return HORN_OK;
  return horn__fail(p->file->ctx, HORN_E_UNSUPPORTED,
                    "HDF5: the object at byte %llu uses a shared message (a named datatype, say), which is not supported",
                    (unsigned long long)p->object->address);
}

static horn_status parse_message(parser *p, uint16_t type, uint8_t flags, horn__cursor body) {
  horn__h5_object *object = p->object;
  HORN__TRY(horn__h5_spend(p->file, 1));
  if (flags & SHARED) return parse_shared(p, type);
  switch (type) {
    case SPACE: object->has_space = true; return horn__h5_parse_space(p->file, &body, &object->space);
    case TYPE: object->has_type = true; return horn__h5_parse_type(p->file, &body, &object->type);
    case LAYOUT: object->has_layout = true; return horn__h5_parse_layout(p->file, &body, &object->layout);
    case FILTERS: return horn__h5_parse_filters(p->file, &body, object);
    case FILL: return horn__h5_parse_fill(p->file, &body, &object->fill);
    case ATTRIBUTE: return horn__h5_parse_attribute(p->file, &body, object);
    case LINK: return horn__h5_parse_link(p->file, &body, object);
    case CONTINUATION: return add_block(p, &body);
    case EXTERNAL: object->external = true; return HORN_OK;
    case SYMBOL_TABLE: parse_symbol_table(p, &body); break;
    case LINK_INFO: parse_link_info(p, &body); break;
    case ATTRIBUTE_INFO: parse_attribute_info(p, &body); break;
    default: return HORN_OK;
  }
  return body.failed ? horn__h5_broken(p->file, "object header", object->address) : HORN_OK;
}

/* ---- version 1: messages of 8 n bytes; the number of messages counts over all blocks -------------------------------- */

static horn_status parse_old_block(parser *p, horn__cursor block, uint16_t *left) {
  while (*left > 0 && horn__cursor_left(&block) >= 8) {
    uint16_t type = horn__cursor_u16(&block), size = horn__cursor_u16(&block);
    uint8_t flags = horn__cursor_u8(&block);
    horn__cursor_skip(&block, 3);
    const uint8_t *body = horn__cursor_take(&block, size);
    if (body == NULL) return horn__h5_broken(p->file, "object header", p->object->address);
    HORN__TRY(parse_message(p, type, flags, horn__cursor_of(body, size)));
    (*left)--;
  }
  return HORN_OK;
}

static horn_status parse_old(parser *p, horn__cursor *start) {
  horn__cursor_skip(start, 2);
  uint16_t messages = horn__cursor_u16(start);
  horn__cursor_skip(start, 4); /* references */
  uint32_t size = horn__cursor_u32(start);
  horn__cursor_align(start, 8);
  const uint8_t *first = horn__cursor_take(start, size);
  if (first == NULL) return horn__h5_broken(p->file, "object header", p->object->address);
  HORN__TRY(parse_old_block(p, horn__cursor_of(first, size), &messages));
  for (size_t i = 0; i < p->count && messages > 0; i++) {
    horn__cursor block = horn__cursor_part(&p->file->all, p->blocks[i].address, p->blocks[i].length);
    if (block.failed) return horn__h5_broken(p->file, "object header", p->blocks[i].address);
    HORN__TRY(parse_old_block(p, block, &messages));
  }
  return HORN_OK;
}

/* ---- version 2: signed and summed blocks -------------------------------------------------------------------------------- */

static horn_status parse_new_block(parser *p, horn__cursor block, uint8_t flags) {
  size_t head = flags & 4 ? 6 : 4;
  while (horn__cursor_left(&block) >= head) { /* what is left over is a gap */
    uint8_t type = horn__cursor_u8(&block);
    uint16_t size = horn__cursor_u16(&block);
    uint8_t message_flags = horn__cursor_u8(&block);
    horn__cursor_skip(&block, head - 4); /* creation order */
    const uint8_t *body = horn__cursor_take(&block, size);
    if (body == NULL) return horn__h5_broken(p->file, "object header", p->object->address);
    HORN__TRY(parse_message(p, type, message_flags, horn__cursor_of(body, size)));
  }
  return HORN_OK;
}

static horn_status parse_continuation(parser *p, uint8_t flags, const block *next) {
  horn__cursor whole = horn__cursor_part(&p->file->all, next->address, next->length);
  bool good = next->length >= 8 && horn__cursor_magic(&whole, "OCHK", 4);
  const uint8_t *body = good ? horn__cursor_take(&whole, next->length - 8) : NULL;
  if (body == NULL || !horn__h5_checksum(&whole)) return horn__h5_broken(p->file, "object header", next->address);
  return parse_new_block(p, horn__cursor_of(body, (size_t)next->length - 8), flags);
}

static horn_status parse_new(parser *p, horn__cursor *start) {
  horn__cursor_skip(start, 4);
  uint8_t version = horn__cursor_u8(start), flags = horn__cursor_u8(start);
  if (version != 2) return horn__h5_broken(p->file, "object header", p->object->address);
  horn__cursor_skip(start, (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0)); /* times; when attributes move to a heap */
  uint64_t size = horn__cursor_uint(start, (size_t)1 << (flags & 3));
  const uint8_t *first = horn__cursor_take(start, size);
  if (first == NULL || !horn__h5_checksum(start)) return horn__h5_broken(p->file, "object header", p->object->address);
  HORN__TRY(parse_new_block(p, horn__cursor_of(first, (size_t)size), flags));
  for (size_t i = 0; i < p->count; i++) {
    block next = p->blocks[i];
    HORN__TRY(parse_continuation(p, flags, &next));
  }
  return HORN_OK;
}

horn_status horn__h5_parse_object(horn__h5 *file, horn__h5_object *object) {
  parser p = {.file = file, .object = object};
  horn__cursor start = horn__h5_at(file, object->address), peek = start;
  if (horn__cursor_magic(&peek, "OHDR", 4)) return parse_new(&p, &start);
  peek = start;
  if (horn__cursor_u8(&peek) == 1 && !peek.failed) return parse_old(&p, &start);
  return horn__h5_broken(file, "object header", object->address);
}
