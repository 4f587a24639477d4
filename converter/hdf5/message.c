/* Bodies of HDF5 header messages: datatype, dataspace, data layout, filters, fill value, attribute, link. */
#include <string.h>

#include "hdf5/parts.h"

static horn_status cut_off(horn__h5 *file, const char *what) {
  return horn__fail(file->ctx, HORN_E_FORMAT, "HDF5: a %s message is damaged or cut off", what);
}

/* ---- datatype ----------------------------------------------------------------------------------------------------- */

enum { FIXED_POINT = 0, FLOATING_POINT = 1, STRING = 3, OPAQUE = 5, ENUMERATION = 8, VARIABLE_LENGTH = 9 };

/* Where the parts of a floating-point number lie: precision, exponent's place and size, mantissa's size, bias. */
typedef struct float_form {
  horn__h5_kind kind;
  uint16_t bits;
  uint8_t exponent_at, exponent_bits, mantissa_bits;
  uint32_t bias;
} float_form;

static const float_form float_forms[] = {{HORN__H5_FLOAT16, 16, 10, 5, 10, 15},
                                         {HORN__H5_BFLOAT16, 16, 7, 8, 7, 127},
                                         {HORN__H5_FLOAT32, 32, 23, 8, 23, 127},
                                         {HORN__H5_FLOAT64, 64, 52, 11, 52, 1023}};

static horn__h5_kind float_kind(horn__cursor *body, uint32_t bits_field, uint32_t size) {
  uint16_t offset = horn__cursor_u16(body), precision = horn__cursor_u16(body);
  uint8_t exponent_at = horn__cursor_u8(body), exponent_bits = horn__cursor_u8(body);
  uint8_t mantissa_at = horn__cursor_u8(body), mantissa_bits = horn__cursor_u8(body);
  uint32_t bias = horn__cursor_u32(body);
  uint8_t sign_at = (uint8_t)(bits_field >> 8);
  for (size_t i = 0; i < sizeof float_forms / sizeof float_forms[0]; i++) {
    const float_form *form = &float_forms[i];
    if (offset == 0 && mantissa_at == 0 && precision == form->bits && size * 8 == form->bits && exponent_at == form->exponent_at &&
        exponent_bits == form->exponent_bits && mantissa_bits == form->mantissa_bits && bias == form->bias && sign_at == form->bits - 1)
      return form->kind;
  }
  return HORN__H5_OTHER;
}

/* An integer that fills its 1, 2, 4 or 8 bytes. */
static horn__h5_kind integer_kind(horn__cursor *body, uint32_t bits_field, uint32_t size) {
  uint16_t offset = horn__cursor_u16(body), precision = horn__cursor_u16(body);
  bool whole = (size == 1 || size == 2 || size == 4 || size == 8) && offset == 0 && precision == size * 8;
  return !whole ? HORN__H5_OTHER : bits_field & 8 ? HORN__H5_INT : HORN__H5_UINT;
}

static horn_status parse_type_head(horn__h5 *file, horn__cursor *body, horn__h5_type *out, uint32_t *bits) {
  uint8_t first = horn__cursor_u8(body);
  *bits = horn__cursor_u8(body);
  *bits |= (uint32_t)horn__cursor_u16(body) << 8;
  *out = (horn__h5_type){.kind = HORN__H5_OTHER, .code = first & 15, .size = horn__cursor_u32(body)};
  return body->failed ? cut_off(file, "datatype") : HORN_OK;
}

horn_status horn__h5_parse_type(horn__h5 *file, horn__cursor *body, horn__h5_type *out) {
  uint32_t bits;
  HORN__TRY(parse_type_head(file, body, out, &bits));
  uint8_t code = out->code;
  if (code == ENUMERATION) { /* h5py's bool: the numbers are of the base type */
    uint32_t size = out->size;
    HORN__TRY(parse_type_head(file, body, out, &bits));
    if (out->code != FIXED_POINT || out->size != size) return HORN_OK;
  }
  switch (out->code) {
    case FIXED_POINT: out->kind = integer_kind(body, bits, out->size); break;
    case FLOATING_POINT: out->kind = bits & 0x40 ? HORN__H5_OTHER : float_kind(body, bits, out->size); break;
    case STRING: out->kind = HORN__H5_STRING; break;
    case OPAQUE: out->kind = HORN__H5_OPAQUE; break;
    case VARIABLE_LENGTH: out->kind = (bits & 15) == 1 ? HORN__H5_VLEN_STRING : HORN__H5_OTHER; break;
    default: break;
  }
  out->code = code;
  out->big_endian = (out->kind != HORN__H5_STRING && out->kind != HORN__H5_VLEN_STRING) && (bits & 1) != 0;
  if (out->size == 0 && out->kind != HORN__H5_STRING) return cut_off(file, "datatype");
  return body->failed ? cut_off(file, "datatype") : HORN_OK;
}

/* ---- dataspace ---------------------------------------------------------------------------------------------------- */

static const uint64_t max_dim = (uint64_t)1 << 48;

static horn_status count_elements(horn__h5 *file, horn__h5_space *space) {
  space->count = space->null ? 0 : 1;
  for (int32_t i = 0; i < space->rank; i++) {
    uint64_t dim = space->dims[i];
    if (dim > max_dim || dim > SIZE_MAX || !horn__multiply(space->count, (size_t)dim, &space->count))
      return horn__fail(file->ctx, HORN_E_LIMIT, "HDF5: a dataspace has a dimension of %llu, which is too large", (unsigned long long)dim);
  }
  return HORN_OK;
}

horn_status horn__h5_parse_space(horn__h5 *file, horn__cursor *body, horn__h5_space *out) {
  uint8_t version = horn__cursor_u8(body), rank = horn__cursor_u8(body), flags = horn__cursor_u8(body), type = horn__cursor_u8(body);
  if (version == 1) horn__cursor_skip(body, 4);
  if (body->failed || (version != 1 && version != 2)) return cut_off(file, "dataspace");
  if (rank > HORN__H5_MAX_RANK)
    return horn__fail(file->ctx, HORN_E_LIMIT, "HDF5: an array of rank %d; at most %d is supported", rank, HORN__H5_MAX_RANK);
  *out = (horn__h5_space){.rank = rank, .null = version == 2 && type == 2};
  for (int32_t i = 0; i < rank; i++) out->dims[i] = horn__h5_length(file, body);
  for (int32_t i = 0; i < rank; i++) out->max_dims[i] = flags & 1 ? horn__h5_length(file, body) : out->dims[i];
  return body->failed ? cut_off(file, "dataspace") : count_elements(file, out);
}

/* ---- data layout, versions 3 (HDF5 1.6.3) to 5 (HDF5 2.0) --------------------------------------------------------------- */

static horn_status set_chunk(horn__h5 *file, horn__h5_layout *out, uint8_t rank, const uint64_t *dims) {
  out->chunk_bytes = 1;
  for (uint8_t i = 0; i < rank; i++) {
    if (dims[i] == 0 || dims[i] > SIZE_MAX || !horn__multiply(out->chunk_bytes, (size_t)dims[i], &out->chunk_bytes))
      return cut_off(file, "data layout");
    if (i + 1 < rank) out->chunk[i] = dims[i];
  }
  return HORN_OK;
}

static horn_status parse_chunk_index(horn__h5 *file, horn__cursor *body, uint8_t flags, horn__h5_layout *out) {
  static const uint8_t parameter_bytes[] = {[HORN__H5_INDEX_FIXED] = 1, [HORN__H5_INDEX_EXTENSIBLE] = 5, [HORN__H5_INDEX_TREE2] = 6};
  uint8_t index = horn__cursor_u8(body);
  if (body->failed || index < HORN__H5_INDEX_SINGLE || index > HORN__H5_INDEX_TREE2) return cut_off(file, "data layout");
  out->index = (horn__h5_index)index;
  out->single_size = out->chunk_bytes;
  if (index == HORN__H5_INDEX_SINGLE && (flags & 2)) {
    out->single_size = horn__h5_length(file, body);
    out->single_mask = horn__cursor_u32(body);
  }
  horn__cursor_skip(body, parameter_bytes[index]); /* the index repeats them */
  return HORN_OK;
}

static horn_status parse_chunked(horn__h5 *file, horn__cursor *body, horn__h5_layout *out) {
  uint64_t dims[HORN__H5_MAX_RANK + 1];
  uint8_t flags = out->version > 3 ? horn__cursor_u8(body) : 0, rank = horn__cursor_u8(body);
  if (rank < 1 || rank > HORN__H5_MAX_RANK + 1) return cut_off(file, "data layout"); /* the last is the element's size */
  if (out->version == 3) out->address = horn__h5_offset(file, body);
  size_t width = out->version == 3 ? 4 : horn__cursor_u8(body);
  if (width < 1 || width > 8) return cut_off(file, "data layout");
  for (uint8_t i = 0; i < rank; i++) dims[i] = horn__cursor_uint(body, width);
  if (body->failed) return cut_off(file, "data layout");
  HORN__TRY(set_chunk(file, out, rank, dims));
  if (out->version == 3) return HORN_OK;
  HORN__TRY(parse_chunk_index(file, body, flags, out));
  out->address = horn__h5_offset(file, body);
  return HORN_OK;
}

static void parse_compact(horn__cursor *body, horn__h5_layout *out) {
  out->size = horn__cursor_u16(body);
  const uint8_t *data = horn__cursor_take(body, out->size);
  out->data = horn__cursor_of(data, data == NULL ? 0 : (size_t)out->size);
}

horn_status horn__h5_parse_layout(horn__h5 *file, horn__cursor *body, horn__h5_layout *out) {
  *out = (horn__h5_layout){.version = horn__cursor_u8(body)};
  uint8_t kind = horn__cursor_u8(body);
  if (out->version < 3 || out->version > 5)
    return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: data layout version %d is not supported", out->version);
  if (kind == 3) return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: virtual datasets take their data from other files and are refused");
  if (kind > 3) return cut_off(file, "data layout");
  out->kind = (horn__h5_layout_kind)kind;
  if (out->kind == HORN__H5_COMPACT) parse_compact(body, out);
  if (out->kind == HORN__H5_CONTIGUOUS) {
    out->address = horn__h5_offset(file, body);
    out->size = horn__h5_length(file, body);
  }
  if (out->kind == HORN__H5_CHUNKED) HORN__TRY(parse_chunked(file, body, out));
  return body->failed ? cut_off(file, "data layout") : HORN_OK;
}

/* ---- filters and fill value --------------------------------------------------------------------------------------------- */

horn_status horn__h5_parse_filters(horn__h5 *file, horn__cursor *body, horn__h5_object *object) {
  uint8_t version = horn__cursor_u8(body), count = horn__cursor_u8(body);
  if (version == 1) horn__cursor_skip(body, 6);
  if (body->failed || version < 1 || version > 2) return cut_off(file, "filter");
  if (count > HORN__H5_MAX_FILTERS) return horn__fail(file->ctx, HORN_E_LIMIT, "HDF5: %d filters on one dataset", count);
  for (uint8_t i = 0; i < count; i++) {
    uint16_t id = horn__cursor_u16(body), name = version == 1 || id >= 256 ? horn__cursor_u16(body) : 0;
    horn__cursor_skip(body, 2); /* flags */
    uint16_t values = horn__cursor_u16(body);
    horn__cursor_skip(body, version == 1 ? (name + 7u) / 8 * 8 : name);
    uint32_t first = values > 0 ? horn__cursor_u32(body) : 0;
    horn__cursor_skip(body, 4u * (values > 0 ? values - 1u : 0) + (version == 1 && values % 2 == 1 ? 4u : 0));
    object->filters[i] = (horn__h5_filter){id, first};
  }
  object->filter_count = count;
  return body->failed ? cut_off(file, "filter") : HORN_OK;
}

horn_status horn__h5_parse_fill(horn__h5 *file, horn__cursor *body, horn__cursor *out) {
  uint8_t version = horn__cursor_u8(body), first = horn__cursor_u8(body);
  bool defined = version == 3 ? (first & 0x20) != 0 : true;
  if (version < 3) {
    horn__cursor_skip(body, 1); /* when it is written */
    defined = horn__cursor_u8(body) != 0 || version == 1;
  }
  uint32_t size = defined ? horn__cursor_u32(body) : 0;
  if (size > INT32_MAX) size = 0; /* -1: undefined */
  const uint8_t *value = horn__cursor_take(body, size);
  if (body->failed || version > 3) return cut_off(file, "fill value");
  *out = horn__cursor_of(value, size);
  return HORN_OK;
}

/* ---- attribute, link ---------------------------------------------------------------------------------------------------- */

/* `length` bytes as text in the arena, up to the first NUL. */
static const char *keep_name(horn__h5 *file, horn__cursor *body, uint64_t length) {
  const uint8_t *bytes = horn__cursor_take(body, length);
  char *name = bytes == NULL ? NULL : horn__arena_alloc(&file->arena, (size_t)length + 1);
  if (name != NULL && length > 0) memcpy(name, bytes, (size_t)length);
  return name;
}

static horn_status part(horn__h5 *file, horn__cursor *body, uint16_t size, bool padded, horn__cursor *out) {
  const uint8_t *bytes = horn__cursor_take(body, size);
  if (bytes == NULL) return cut_off(file, "attribute");
  if (padded) horn__cursor_skip(body, (8u - size % 8u) % 8u);
  *out = horn__cursor_of(bytes, size);
  return HORN_OK;
}

static horn_status add_attribute(horn__h5 *file, horn__h5_object *object, const horn__h5_attribute *attribute) {
  void *attributes = object->attributes;
  HORN__TRY(horn__h5_grow(file, &attributes, &object->attribute_capacity, object->attribute_count + 1, sizeof *attribute));
  object->attributes = attributes;
  object->attributes[object->attribute_count++] = *attribute;
  return HORN_OK;
}

horn_status horn__h5_parse_attribute(horn__h5 *file, horn__cursor *body, horn__h5_object *object) {
  uint8_t version = horn__cursor_u8(body), flags = horn__cursor_u8(body);
  uint16_t name_size = horn__cursor_u16(body), type_size = horn__cursor_u16(body), space_size = horn__cursor_u16(body);
  if (version == 3) horn__cursor_skip(body, 1); /* character set */
  if (body->failed || version < 1 || version > 3) return cut_off(file, "attribute");
  if (version > 1 && (flags & 3)) return horn__fail(file->ctx, HORN_E_UNSUPPORTED, "HDF5: an attribute with a named datatype is not supported");
  horn__cursor name, type, space;
  HORN__TRY(part(file, body, name_size, version == 1, &name));
  HORN__TRY(part(file, body, type_size, version == 1, &type));
  HORN__TRY(part(file, body, space_size, version == 1, &space));
  horn__h5_attribute attribute = {.data = horn__cursor_from(body, body->at), .name = keep_name(file, &name, name_size)};
  if (attribute.name == NULL) return HORN_E_OUT_OF_MEMORY;
  HORN__TRY(horn__blame(file->ctx, horn__h5_parse_type(file, &type, &attribute.type), "attribute \"%.100s\"", attribute.name));
  HORN__TRY(horn__blame(file->ctx, horn__h5_parse_space(file, &space, &attribute.space), "attribute \"%.100s\"", attribute.name));
  return add_attribute(file, object, &attribute);
}

horn_status horn__h5_parse_link(horn__h5 *file, horn__cursor *body, horn__h5_object *object) {
  uint8_t version = horn__cursor_u8(body), flags = horn__cursor_u8(body), type = flags & 8 ? horn__cursor_u8(body) : 0;
  horn__cursor_skip(body, (flags & 4 ? 8u : 0u) + (flags & 16 ? 1u : 0u)); /* creation order, character set */
  uint64_t length = horn__cursor_uint(body, (size_t)1 << (flags & 3));
  if (version != 1 || body->failed || length > body->size) return cut_off(file, "link");
  horn__h5_link link = {.name = keep_name(file, body, length), .kind = type == 0 ? HORN__H5_HARD : type == 1 ? HORN__H5_SOFT : HORN__H5_EXTERNAL};
  if (link.name == NULL) return cut_off(file, "link");
  if (link.kind == HORN__H5_HARD) link.address = horn__h5_offset(file, body);
  if (body->failed) return cut_off(file, "link");
  void *links = object->links;
  HORN__TRY(horn__h5_grow(file, &links, &object->link_capacity, object->link_count + 1, sizeof link));
  object->links = links;
  object->links[object->link_count++] = link;
  return HORN_OK;
}
