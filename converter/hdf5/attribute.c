/* HDF5 attributes as text. Keras splits long lists into name0, name1, ... since an object header holds 64 KiB. */
#include <stdio.h>
#include <string.h>

#include "hdf5/parts.h"

/* A record of the tree of names: the id in the heap (8 bytes), flags, order, hash. */
static horn_status read_dense_attribute(horn__h5 *file, void *user, horn__cursor *record) {
  horn__h5_object *object = user;
  const uint8_t *id = horn__cursor_take(record, 8);
  horn__cursor body;
  if (id == NULL) return horn__h5_broken(file, "B-tree", object->attribute_tree);
  if (horn__cursor_u8(record) & 2) return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: shared attributes are not supported");
  HORN__TRY(horn__h5_fractal_heap(file, object->attribute_heap, id, 8, &body));
  return horn__h5_parse_attribute(file, &body, object);
}

static horn_status load_attributes(horn__h5 *file, horn__h5_object *object) {
  if (object->attributes_loaded) return HORN_OK;
  object->attributes_loaded = true;
  if (object->attribute_heap == HORN__H5_NONE || object->attribute_tree == HORN__H5_NONE) return HORN_OK;
  return horn__h5_tree2(file, object->attribute_tree, read_dense_attribute, object);
}

static const horn__h5_attribute *attribute_named(const horn__h5_object *object, const char *name) {
  for (size_t i = 0; i < object->attribute_count; i++)
    if (strcmp(object->attributes[i].name, name) == 0) return &object->attributes[i];
  return NULL;
}

static char *keep_text(horn__h5 *file, const uint8_t *bytes, size_t length) {
  char *text = horn__arena_alloc(&file->arena, length + 1);
  if (text != NULL && length > 0) memcpy(text, bytes, length);
  return text;
}

/* The next string of an attribute's data. Fixed strings are padded with NULs or spaces; a NUL ends any of them for us. */
static horn_status next_string(horn__h5 *file, const horn__h5_type *type, horn__cursor *data, const char **out) {
  horn__cursor bytes;
  if (type->kind == HORN__H5_STRING) {
    const uint8_t *fixed = horn__cursor_take(data, type->size);
    if (fixed == NULL) return horn__fail(file->ctx, HORN_E_FORMAT, "the text is cut off");
    bytes = horn__cursor_of(fixed, type->size);
  } else {
    uint32_t length = horn__cursor_u32(data);
    uint64_t heap = horn__h5_offset(file, data);
    uint32_t index = horn__cursor_u32(data);
    if (data->failed) return horn__fail(file->ctx, HORN_E_FORMAT, "the text is cut off");
    if (length == 0 || heap == 0) {
      *out = "";
      return HORN_OK;
    }
    horn__cursor object;
    HORN__TRY(horn__h5_global_heap(file, heap, index, &object));
    bytes = horn__cursor_part(&object, 0, length);
    if (bytes.failed) return horn__h5_broken(file, "global heap", heap);
  }
  HORN__TRY(horn__h5_spend(file, 1 + bytes.size / 64));
  *out = keep_text(file, bytes.bytes, bytes.size);
  return *out == NULL ? HORN_E_OUT_OF_MEMORY : HORN_OK;
}

static bool is_text(const horn__h5_attribute *attribute) {
  return attribute->type.kind == HORN__H5_STRING || attribute->type.kind == HORN__H5_VLEN_STRING;
}

horn_status horn__h5_text(horn__h5 *file, horn__h5_object *object, const char *name, const char **out) {
  *out = NULL;
  HORN__TRY(load_attributes(file, object));
  const horn__h5_attribute *attribute = attribute_named(object, name);
  if (attribute == NULL || attribute->space.count == 0) return HORN_OK;
  if (!is_text(attribute)) return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: the attribute \"%.100s\" is no text", name);
  horn__cursor data = attribute->data;
  return horn__blame(file->ctx, next_string(file, &attribute->type, &data, out), "HDF5: attribute \"%.100s\"", name);
}

typedef struct texts {
  const char **list;
  size_t count, capacity;
} texts;

static horn_status add_texts(horn__h5 *file, const horn__h5_attribute *attribute, texts *out) {
  if (attribute->space.count == 0) return HORN_OK;
  if (!is_text(attribute)) return horn__fail(file->ctx, HORN_E_FORMAT, "expected strings");
  horn__cursor data = attribute->data;
  for (size_t i = 0; i < attribute->space.count; i++) {
    void *list = out->list;
    HORN__TRY(horn__h5_grow(file, &list, &out->capacity, out->count + 1, sizeof *out->list));
    out->list = list;
    HORN__TRY(next_string(file, &attribute->type, &data, &out->list[out->count]));
    out->count++;
  }
  return HORN_OK;
}

horn_status horn__h5_texts(horn__h5 *file, horn__h5_object *object, const char *name, const char ***out, size_t *count, bool *found) {
  HORN__TRY(load_attributes(file, object));
  texts all = {0};
  const horn__h5_attribute *attribute = attribute_named(object, name);
  *found = attribute != NULL;
  if (attribute != NULL) HORN__TRY(horn__blame(file->ctx, add_texts(file, attribute, &all), "HDF5: attribute \"%.100s\"", name));
  for (int part = 0; attribute == NULL; part++) {
    char numbered[64];
    snprintf(numbered, sizeof numbered, "%.40s%d", name, part);
    const horn__h5_attribute *piece = attribute_named(object, numbered);
    if (piece == NULL) break;
    *found = true;
    HORN__TRY(horn__blame(file->ctx, add_texts(file, piece, &all), "HDF5: attribute \"%.100s\"", numbered));
  }
  *out = all.list;
  *count = all.count;
  return HORN_OK;
}
