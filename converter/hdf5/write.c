/* Writing HDF5: see write.h. Children are written before their parents, so every address is known when it is written. */
#include "hdf5/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LEAF_K = 4, INTERNAL_K = 16, /* h5py's: up to 8 links in a node of symbols, up to 32 nodes below one of a tree */
  SUPERBLOCK_BYTES = 96, SYMBOL_BYTES = 40, SYMBOLS_BYTES = 8 + 2 * LEAF_K * SYMBOL_BYTES,
  TREE_BYTES = 24 + 2 * INTERNAL_K * 8 + (2 * INTERNAL_K + 1) * 8,
  HEAP_LEAST = 4096,           /* of a global heap's collection */
  MAX_ATTRIBUTE = 64512,       /* HDF5_OBJECT_HEADER_LIMIT of Keras */
  DATASPACE = 0x01, DATATYPE = 0x03, FILL = 0x05, LAYOUT = 0x08, ATTRIBUTE = 0x0c, SYMBOL_TABLE = 0x11
};

static const uint64_t UNDEFINED = UINT64_MAX;

typedef struct attribute {
  struct attribute *next;
  const char *name;
  const char *text;            /* a scalar string, or NULL */
  const char *const *texts;
  size_t count, width;         /* of texts: how many, bytes of each */
} attribute;

struct horn__h5w_object {
  horn__h5w_object *next;      /* of the same group */
  const char *name;
  horn__h5w_object *children;
  size_t child_count;
  attribute *attributes, **last;
  bool is_array;
  horn__h5w_array array;
  uint64_t address;            /* once written */
};

/* ---- building ----------------------------------------------------------------------------------------------------------- */

static void *take(horn__h5w *w, size_t size) {
  void *memory = w->status == HORN_OK ? horn__arena_alloc(w->arena, size) : NULL;
  if (memory == NULL && w->status == HORN_OK) w->status = HORN_E_OUT_OF_MEMORY;
  return memory;
}

static horn__h5w_object *new_object(horn__h5w *w, const char *name, size_t length) {
  horn__h5w_object *object = take(w, sizeof *object);
  char *kept = take(w, length + 1);
  if (object == NULL || kept == NULL) return NULL;
  memcpy(kept, name, length);
  object->name = kept;
  object->last = &object->attributes;
  return object;
}

void horn__h5w_init(horn__h5w *writer, horn__arena *arena) {
  *writer = (horn__h5w){.arena = arena};
  writer->root = new_object(writer, "", 0);
}

static horn__h5w_object *child_named(horn__h5w *w, horn__h5w_object *parent, const char *name, size_t length) {
  for (horn__h5w_object *child = parent->children; child != NULL; child = child->next)
    if (strlen(child->name) == length && memcmp(child->name, name, length) == 0) return child;
  horn__h5w_object *child = new_object(w, name, length);
  if (child == NULL) return NULL;
  child->next = parent->children;
  parent->children = child;
  parent->child_count++;
  return child;
}

static horn_status bad_path(horn__h5w *w, const char *path) {
  return horn__fail(w->arena->ctx, HORN_E_UNSUPPORTED, "HDF5: \"%.200s\" cannot be a path in the file", path);
}

horn__h5w_object *horn__h5w_group(horn__h5w *writer, horn__h5w_object *parent, const char *path) {
  horn__h5w_object *at = parent;
  for (int depth = 0; at != NULL && *path != '\0'; depth++) {
    size_t length = strcspn(path, "/");
    if (depth >= HORN__MAX_DEPTH || (length == 1 && path[0] == '.')) {
      if (writer->status == HORN_OK) writer->status = bad_path(writer, path);
      return NULL;
    }
    if (length > 0) at = child_named(writer, at, path, length);
    path += length + (path[length] == '/');
  }
  if (at != NULL && at->is_array && writer->status == HORN_OK) writer->status = bad_path(writer, path);
  return writer->status == HORN_OK ? at : NULL;
}

void horn__h5w_dataset(horn__h5w *writer, horn__h5w_object *parent, const char *path, const horn__h5w_array *array) {
  horn__h5w_object *object = horn__h5w_group(writer, parent, path);
  int32_t *dims = take(writer, (size_t)array->rank * sizeof *dims + 1);
  if (object == NULL || dims == NULL) return;
  if (object == parent || object->child_count > 0) {
    writer->status = bad_path(writer, path);
    return;
  }
  if (array->rank > 0) memcpy(dims, array->dims, (size_t)array->rank * sizeof *dims);
  object->is_array = true;
  object->array = *array;
  object->array.dims = dims;
}

static void add_attribute(horn__h5w *w, horn__h5w_object *object, const attribute *from) {
  attribute *kept = object == NULL ? NULL : take(w, sizeof *kept);
  if (kept == NULL) return;
  *kept = *from;
  *object->last = kept;
  object->last = &kept->next;
}

void horn__h5w_text(horn__h5w *writer, horn__h5w_object *object, const char *name, const char *text) {
  add_attribute(writer, object, &(attribute){.name = name, .text = text});
}

static size_t longest(const char *const *texts, size_t count) {
  size_t most = 1;
  for (size_t i = 0; i < count; i++)
    if (strlen(texts[i]) > most) most = strlen(texts[i]);
  return most;
}

void horn__h5w_texts(horn__h5w *writer, horn__h5w_object *object, const char *name, const char *const *texts, size_t count) {
  const size_t width = longest(texts, count), most = MAX_ATTRIBUTE / width;
  if (most == 0) {
    if (writer->status == HORN_OK)
      writer->status = horn__fail(writer->arena->ctx, HORN_E_UNSUPPORTED, "HDF5: a name of %zu bytes is too long", width);
    return;
  }
  if (count <= most) {
    add_attribute(writer, object, &(attribute){.name = name, .texts = texts, .count = count, .width = width});
    return;
  }
  for (size_t i = 0, part = 0; i < count && writer->status == HORN_OK; i += most, part++) {
    const char *numbered = horn__arena_format(writer->arena, "%s%zu", name, part);
    if (numbered == NULL) writer->status = HORN_E_OUT_OF_MEMORY;
    const size_t rest = count - i;
    add_attribute(writer, object, &(attribute){.name = numbered, .texts = texts + i, .count = rest < most ? rest : most, .width = width});
  }
}

/* ---- bytes ---------------------------------------------------------------------------------------------------------------- */

static void put(horn__text *out, uint64_t number, int bytes) {
  char text[8];
  for (int i = 0; i < bytes; i++) text[i] = (char)(number >> (8 * i) & 0xff);
  horn__text_bytes(out, text, (size_t)bytes);
}

static void zeros(horn__text *out, size_t count) {
  static const char none[64];
  for (; count > 0; count -= count < sizeof none ? count : sizeof none) horn__text_bytes(out, none, count < sizeof none ? count : sizeof none);
}

static size_t padded(size_t size) { return (size + 7) & ~(size_t)7; }

/* Everything starts at a multiple of 8. */
static size_t here(horn__text *out) {
  zeros(out, padded(out->length) - out->length);
  return out->length;
}

/* ---- datatypes, dataspaces, messages ------------------------------------------------------------------------------------------- */

static void put_number_type(horn__text *out, horn__h5w_type type) {
  if (type == HORN__H5W_FLOAT32) {
    horn__text_bytes(out, "\x11\x20\x1f\x00", 4); /* version 1, class 1: little-endian, normalized, sign at 31 */
    put(out, 4, 4);
    put(out, 0, 2);
    put(out, 32, 2);
    horn__text_bytes(out, "\x17\x08\x00\x17", 4); /* exponent at 23 of 8 bits, mantissa at 0 of 23 */
    put(out, 127, 4);
    return;
  }
  const bool wide = type == HORN__H5W_INT64;
  put(out, wide ? 0x0810 : 0x0010, 4); /* version 1, class 0; bit 3: signed */
  put(out, wide ? 8 : 4, 4);
  put(out, 0, 2);
  put(out, wide ? 64 : 32, 2);
}

static void put_space(horn__text *out, int32_t rank, const int32_t *dims) {
  put(out, 1, 1);
  put(out, (uint64_t)rank, 1);
  put(out, 0, 6);
  for (int32_t i = 0; i < rank; i++) put(out, (uint64_t)dims[i], 8);
}

/* A message: its body is written by the caller behind this, and the size filled in by end_message. */
static size_t begin_message(horn__text *out, int type) {
  put(out, (uint64_t)type, 2);
  put(out, 0, 6); /* size, flags, reserved */
  return out->length;
}

static void fill(horn__text *out, size_t at, uint64_t number, int bytes) {
  if (out->status != HORN_OK) return;
  for (int i = 0; i < bytes; i++) out->data[at + (size_t)i] = (char)(number >> (8 * i) & 0xff);
}

static void end_message(horn__text *out, size_t begin) {
  zeros(out, padded(out->length - begin) - (out->length - begin));
  fill(out, begin - 6, out->length - begin, 2);
}

/* ---- attributes ------------------------------------------------------------------------------------------------------------------ */

/* A string of any length lies in a collection of the global heap by itself. */
static uint64_t put_heap(horn__text *out, const char *text) {
  const uint64_t at = here(out);
  const size_t length = strlen(text), used = 32 + padded(length), size = used + 16 < HEAP_LEAST ? HEAP_LEAST : used + 16;
  horn__text_bytes(out, "GCOL\1\0\0\0", 8);
  put(out, size, 8);
  put(out, 1, 2); /* its number */
  put(out, 1, 2); /* references */
  put(out, 0, 4);
  put(out, length, 8);
  horn__text_bytes(out, text, length);
  zeros(out, padded(length) - length);
  put(out, 0, 8); /* number 0: what is free */
  put(out, size - used, 8);
  zeros(out, size - used - 16);
  return at;
}

static void put_text_value(horn__text *out, const attribute *a, uint64_t heap) {
  put(out, strlen(a->text), 4);
  put(out, heap, 8);
  put(out, 1, 4);
}

static void put_texts_value(horn__text *out, const attribute *a) {
  for (size_t i = 0; i < a->count; i++) {
    const size_t length = strlen(a->texts[i]);
    horn__text_bytes(out, a->texts[i], length);
    zeros(out, a->width - length);
  }
}

static void put_text_type(horn__text *out, const attribute *a) {
  if (a->text == NULL) {
    put(out, 0x0113, 4); /* version 1, class 3: padded with NUL, ASCII */
    put(out, a->width, 4);
    return;
  }
  horn__text_bytes(out, "\x19\x01\x01\x00", 4); /* version 1, class 9: a string, ended by NUL, UTF-8 */
  put(out, 16, 4);
  horn__text_bytes(out, "\x13\x10\x00\x00", 4); /* of characters */
  put(out, 1, 4);
}

static void put_attribute(horn__text *out, const attribute *a, uint64_t heap) {
  const size_t name = strlen(a->name) + 1, begin = begin_message(out, ATTRIBUTE);
  const int32_t count = (int32_t)a->count, rank = a->text == NULL;
  put(out, 1, 2);
  put(out, name, 2);
  put(out, a->text == NULL ? 8 : 16, 2);
  put(out, rank == 0 ? 8 : 16, 2);
  horn__text_bytes(out, a->name, name);
  zeros(out, padded(name) - name);
  put_text_type(out, a);
  put_space(out, rank, &count);
  if (a->text != NULL)
    put_text_value(out, a, heap);
  else
    put_texts_value(out, a);
  end_message(out, begin);
}

/* ---- object headers ----------------------------------------------------------------------------------------------------------------- */

enum { MAX_HEAPS = 16 }; /* scalar strings of one object */

typedef struct header {
  size_t start, messages;
  uint64_t heaps[MAX_HEAPS];
} header;

/* The strings in the heap come before the header that refers to them. */
static horn_status put_heaps(horn__text *out, const horn__h5w_object *object, header *h) {
  size_t n = 0;
  for (const attribute *a = object->attributes; a != NULL; a = a->next) {
    h->messages++;
    if (a->text == NULL) continue;
    if (n == MAX_HEAPS) return horn__fail(out->ctx, HORN_E_INTERNAL, "HDF5: more than %d texts of one object", MAX_HEAPS);
    h->heaps[n++] = put_heap(out, a->text);
  }
  return HORN_OK;
}

static void begin_header(horn__text *out, horn__h5w_object *object, header *h, size_t own) {
  object->address = here(out);
  put(out, 1, 2);
  put(out, h->messages + own, 2);
  put(out, 1, 4); /* references */
  put(out, 0, 8); /* size, filled in; padding */
  h->start = out->length;
}

static void end_header(horn__text *out, const horn__h5w_object *object, const header *h) {
  size_t n = 0;
  for (const attribute *a = object->attributes; a != NULL; a = a->next) put_attribute(out, a, a->text == NULL ? 0 : h->heaps[n++]);
  fill(out, h->start - 8, out->length - h->start, 4);
}

/* ---- arrays --------------------------------------------------------------------------------------------------------------------------- */

static size_t width_of(horn__h5w_type type) { return type == HORN__H5W_INT64 ? 8 : 4; }

/* Elements are written little-endian whatever the machine's order is. */
static void put_elements(horn__text *out, const uint8_t *elements, size_t bytes, size_t width) {
  const uint16_t probe = 1;
  if (*(const uint8_t *)&probe == 1) {
    horn__text_bytes(out, (const char *)elements, bytes);
    return;
  }
  for (size_t i = 0; i < bytes; i++) horn__text_bytes(out, (const char *)&elements[i / width * width + (width - 1 - i % width)], 1);
}

static horn_status write_elements(horn__text *out, const horn__h5w_array *array) {
  uint8_t *elements = horn__alloc(out->ctx, array->bytes + 1, false);
  if (elements == NULL) return HORN_E_OUT_OF_MEMORY;
  horn_status status = array->read(out->ctx, array->from, elements);
  if (status == HORN_OK) put_elements(out, elements, array->bytes, width_of(array->type));
  horn__free(out->ctx, elements);
  return status;
}

static horn_status write_array(horn__text *out, horn__h5w_object *object) {
  const horn__h5w_array *array = &object->array;
  header h = {0};
  const uint64_t data = array->bytes == 0 ? UNDEFINED : here(out);
  if (array->bytes > 0) HORN__TRY(horn__blame(out->ctx, write_elements(out, array), "weight %.200s", object->name));
  HORN__TRY(put_heaps(out, object, &h));
  begin_header(out, object, &h, 4);
  size_t begin = begin_message(out, DATASPACE);
  put_space(out, array->rank, array->dims);
  end_message(out, begin);
  begin = begin_message(out, DATATYPE);
  put_number_type(out, array->type);
  end_message(out, begin);
  begin = begin_message(out, FILL);
  horn__text_bytes(out, "\2\2\2\0", 4); /* version 2: space is allocated late, nothing to fill with */
  end_message(out, begin);
  begin = begin_message(out, LAYOUT);
  horn__text_bytes(out, "\3\1", 2); /* version 3, contiguous */
  put(out, data, 8);
  put(out, array->bytes, 8);
  end_message(out, begin);
  end_header(out, object, &h);
  return out->status;
}

/* ---- groups ---------------------------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
  return strcmp((*(const horn__h5w_object *const *)a)->name, (*(const horn__h5w_object *const *)b)->name);
}

/* A node of a group's tree: its address, and where in the heap the last name below it is. */
typedef struct node {
  uint64_t address, last;
} node;

static uint64_t put_names(horn__text *out, horn__h5w_object *const *sorted, size_t count, uint64_t *offsets) {
  size_t size = 8; /* the empty name */
  for (size_t i = 0; i < count; i++) {
    offsets[i] = size;
    size += padded(strlen(sorted[i]->name) + 1);
  }
  const uint64_t data = here(out);
  zeros(out, 8);
  for (size_t i = 0; i < count; i++) {
    horn__text_bytes(out, sorted[i]->name, strlen(sorted[i]->name) + 1);
    (void)here(out);
  }
  const uint64_t at = here(out);
  horn__text_bytes(out, "HEAP\0\0\0\0", 8);
  put(out, size, 8);
  put(out, 1, 8); /* nothing is free */
  put(out, data, 8);
  return at;
}

static node put_symbols(horn__text *out, horn__h5w_object *const *list, const uint64_t *offsets, size_t count) {
  const node made = {here(out), count == 0 ? 0 : offsets[count - 1]};
  horn__text_bytes(out, "SNOD\1\0", 6);
  put(out, count, 2);
  for (size_t i = 0; i < count; i++) {
    put(out, offsets[i], 8);
    put(out, list[i]->address, 8);
    zeros(out, SYMBOL_BYTES - 16); /* nothing is cached */
  }
  zeros(out, SYMBOLS_BYTES - 8 - count * SYMBOL_BYTES);
  return made;
}

/* left and right: the addresses of its neighbours. */
static node put_tree(horn__text *out, int level, const node *below, size_t count, uint64_t left, uint64_t right) {
  const node made = {here(out), below[count - 1].last};
  horn__text_bytes(out, "TREE\0", 5);
  put(out, (uint64_t)level, 1);
  put(out, count, 2);
  put(out, left, 8);
  put(out, right, 8);
  put(out, 0, 8); /* before the first: the empty name */
  for (size_t i = 0; i < count; i++) {
    put(out, below[i].address, 8);
    put(out, below[i].last, 8);
  }
  zeros(out, TREE_BYTES - 32 - 16 * count);
  return made;
}

/* Trees over nodes until there is one. nodes is overwritten. */
static uint64_t put_trees(horn__text *out, node *nodes, size_t count) {
  enum { MOST = 2 * INTERNAL_K };
  for (int level = 0;; level++) {
    const size_t trees = (count + MOST - 1) / MOST;
    const uint64_t first = here(out);
    for (size_t i = 0; i < trees; i++) {
      const size_t at = i * MOST, part = count - at < MOST ? count - at : MOST;
      const uint64_t left = i == 0 ? UNDEFINED : first + (i - 1) * TREE_BYTES, right = i + 1 == trees ? UNDEFINED : first + (i + 1) * TREE_BYTES;
      nodes[i] = put_tree(out, level, nodes + at, part, left, right);
    }
    count = trees;
    if (count == 1) return nodes[0].address;
  }
}

_Static_assert(TREE_BYTES % 8 == 0, "trees of a level lie side by side");

static horn_status write_object(horn__h5w *w, horn__text *out, horn__h5w_object *object);

static horn_status write_links(horn__h5w *w, horn__text *out, const horn__h5w_object *group, uint64_t *tree, uint64_t *heap) {
  const size_t count = group->child_count, leaves = count == 0 ? 1 : (count + 2 * LEAF_K - 1) / (2 * LEAF_K);
  horn__h5w_object **sorted = horn__arena_alloc(w->arena, count * sizeof *sorted + 1);
  uint64_t *offsets = horn__arena_alloc(w->arena, count * sizeof *offsets + 1);
  node *nodes = horn__arena_alloc(w->arena, leaves * sizeof *nodes);
  if (sorted == NULL || offsets == NULL || nodes == NULL) return HORN_E_OUT_OF_MEMORY;
  size_t n = 0;
  for (horn__h5w_object *child = group->children; child != NULL; child = child->next) sorted[n++] = child;
  qsort(sorted, count, sizeof *sorted, by_name);
  for (size_t i = 0; i < count; i++) HORN__TRY(write_object(w, out, sorted[i]));
  *heap = put_names(out, sorted, count, offsets);
  for (size_t i = 0; i < leaves; i++) {
    const size_t at = i * 2 * LEAF_K, part = count - at < 2 * LEAF_K ? count - at : 2 * LEAF_K;
    nodes[i] = put_symbols(out, sorted + at, offsets + at, part);
  }
  *tree = put_trees(out, nodes, leaves);
  return HORN_OK;
}

static horn_status write_group(horn__h5w *w, horn__text *out, horn__h5w_object *group) {
  uint64_t tree, heap;
  header h = {0};
  HORN__TRY(write_links(w, out, group, &tree, &heap));
  HORN__TRY(put_heaps(out, group, &h));
  begin_header(out, group, &h, 1);
  const size_t begin = begin_message(out, SYMBOL_TABLE);
  put(out, tree, 8);
  put(out, heap, 8);
  end_message(out, begin);
  end_header(out, group, &h);
  return out->status;
}

/* Groups are nested as deep as paths are, which horn__h5w_group limits. */
static horn_status write_object(horn__h5w *w, horn__text *out, horn__h5w_object *object) {
  return object->is_array ? write_array(out, object) : write_group(w, out, object);
}

horn_status horn__h5w_write(horn__h5w *writer, horn__text *out) {
  HORN__TRY(writer->status);
  horn__text_bytes(out, "\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", 16); /* versions 0; offsets and lengths of 8 bytes */
  put(out, LEAF_K, 2);
  put(out, INTERNAL_K, 2);
  zeros(out, SUPERBLOCK_BYTES - out->length);
  HORN__TRY(write_object(writer, out, writer->root));
  const uint64_t end = here(out);
  fill(out, 32, UNDEFINED, 8); /* free space */
  fill(out, 40, end, 8);
  fill(out, 48, UNDEFINED, 8); /* driver */
  fill(out, 64, writer->root->address, 8);
  return out->status;
}
