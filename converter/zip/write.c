/* Writing zip archives: see write.h. */
#include "zip/write.h"

#include <string.h>

#include "bytes/inflate.h"

enum { LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50, VERSION = 20, DATE = 0x0021 /* 1 January 1980 */, MAX_MEMBERS = 65534 };

static void put(horn__text *out, uint64_t number, int bytes) {
  char text[8];
  for (int i = 0; i < bytes; i++) text[i] = (char)(number >> (8 * i) & 0xff);
  horn__text_bytes(out, text, (size_t)bytes);
}

/* What local headers and the directory have in common. */
static void put_common(horn__text *out, const horn__zip_member *member, uint32_t crc) {
  put(out, VERSION, 2);
  put(out, 0, 2); /* flags */
  put(out, 0, 2); /* stored */
  put(out, 0, 2); /* time */
  put(out, DATE, 2);
  put(out, crc, 4);
  put(out, member->size, 4);
  put(out, member->size, 4);
  put(out, strlen(member->name), 2);
  put(out, 0, 2); /* extra field */
}

static void put_local(horn__text *out, const horn__zip_member *member, uint32_t crc) {
  put(out, LOCAL, 4);
  put_common(out, member, crc);
  horn__text_bytes(out, member->name, strlen(member->name));
  horn__text_bytes(out, member->bytes, member->size);
}

static void put_central(horn__text *out, const horn__zip_member *member, uint32_t crc, size_t offset) {
  put(out, CENTRAL, 4);
  put(out, VERSION, 2);
  put_common(out, member, crc);
  put(out, 0, 2); /* comment */
  put(out, 0, 2); /* disk */
  put(out, 0, 2);
  put(out, (uint64_t)0600 << 16, 4); /* a file that its owner reads and writes */
  put(out, offset, 4);
  horn__text_bytes(out, member->name, strlen(member->name));
}

static horn_status check_sizes(horn_context *ctx, const horn__zip_member *members, size_t count) {
  uint64_t total = 0;
  for (size_t i = 0; i < count; i++) total += members[i].size + 128 + 2 * strlen(members[i].name);
  return total < UINT32_MAX && count <= MAX_MEMBERS ? HORN_OK : horn__fail(ctx, HORN_E_LIMIT, "zip: archives of 4 GiB and more are not written");
}

horn_status horn__zip_write(horn__text *out, const horn__zip_member *members, size_t count) {
  const size_t start = out->length;
  HORN__TRY(check_sizes(out->ctx, members, count));
  for (size_t i = 0; i < count; i++) put_local(out, &members[i], horn__crc32(members[i].bytes, members[i].size));
  const size_t directory = out->length;
  for (size_t i = 0, offset = 0; i < count; i++) {
    put_central(out, &members[i], horn__crc32(members[i].bytes, members[i].size), offset);
    offset += 30 + strlen(members[i].name) + members[i].size;
  }
  const size_t end = out->length;
  put(out, END, 4);
  put(out, 0, 4); /* disks */
  put(out, count, 2);
  put(out, count, 2);
  put(out, end - directory, 4);
  put(out, directory - start, 4);
  put(out, 0, 2); /* comment */
  return out->status;
}
