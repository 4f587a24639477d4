/* Deflate through zlib, with the context's memory. */
#include "bytes/inflate.h"

#include <limits.h>
#include <zlib.h>

static void *take(void *user, uInt count, uInt size) {
  size_t bytes;
  return horn__multiply(count, size, &bytes) ? horn__alloc(user, bytes, false) : NULL;
}

static void give(void *user, void *block) { horn__free(user, block); }

/* Feeds zlib, whose counts are 32 bits wide, a piece at a time. Returns zlib's last answer. */
static int run(z_stream *stream, size_t size, size_t out_size, size_t *written) {
  const uInt piece = INT_MAX;
  size_t left = size, room = out_size;
  int answer = Z_OK;
  while (answer == Z_OK) {
    uInt in = left < piece ? (uInt)left : piece, out = room < piece ? (uInt)room : piece;
    stream->avail_in = in;
    stream->avail_out = out;
    answer = inflate(stream, Z_NO_FLUSH);
    left -= in - stream->avail_in;
    room -= out - stream->avail_out;
    if (answer == Z_OK && stream->avail_in == in && stream->avail_out == out) answer = Z_BUF_ERROR;
  }
  *written = out_size - room;
  return answer;
}

horn_status horn__inflate(horn_context *ctx, const char *what, horn__inflate_form form, const uint8_t *bytes, size_t size, uint8_t *out,
                          size_t out_size) {
  /* zlib takes no NULL, and wants a place for one byte more to see the end of an empty stream */
  uint8_t none = 0;
  z_stream stream = {.zalloc = take, .zfree = give, .opaque = ctx, .next_in = size == 0 ? &none : (z_const Bytef *)bytes,
                     .next_out = out_size == 0 ? &none : out};
  if (inflateInit2(&stream, form == HORN__INFLATE_RAW ? -MAX_WBITS : MAX_WBITS) != Z_OK)
    return horn__fail(ctx, HORN_E_OUT_OF_MEMORY, "%s: no memory to inflate", what);
  size_t written;
  int answer = run(&stream, size, out_size, &written);
  inflateEnd(&stream);
  if (answer == Z_MEM_ERROR) return horn__fail(ctx, HORN_E_OUT_OF_MEMORY, "%s: no memory to inflate", what);
  if (answer != Z_STREAM_END || written != out_size)
    return horn__fail(ctx, HORN_E_FORMAT, "%s: the compressed data are damaged: expected %zu bytes, got %zu%s", what, out_size, written,
                      answer == Z_STREAM_END ? "" : " and no end");
  return HORN_OK;
}

uint32_t horn__crc32(const uint8_t *bytes, size_t size) { return (uint32_t)crc32_z(0, bytes, size); }

bool horn__inflate_plausible(size_t size, uint64_t out_size) { return out_size / HORN__DEFLATE_MAX_RATIO <= size; }
