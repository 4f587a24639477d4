/* Reference kernels of DepthToSpace, SpaceToDepth, SpaceToBatchND and BatchToSpaceND: runs of elements that stay together are copied. */
#include <string.h>

#include "backends/ref/ref.h"

static size_t width_of(const horn__step *step) { return horn__dtype_size(step->in[0].type.dtype); }

/* ---- DepthToSpace ------------------------------------------------------------------------------------------------------------- */

/* Copies pixels of the wide image [N, H b, W b, C] from or to the deep one [N, H, W, b b C]. */
static horn_status move_depth(const horn__step *step, bool to_depth) {
  const size_t b = (size_t)((const horn__depth_to_space *)step->attributes)->block_size;
  const int32_t *wide = (to_depth ? &step->in[0] : &step->out[0])->type.shape.dims;
  const size_t rows = (size_t)wide[0] * (size_t)wide[1], columns = (size_t)wide[2], run = (size_t)wide[3] * width_of(step);
  const unsigned char *in = step->in[0].data;
  unsigned char *out = step->out[0].data;
  for (size_t row = 0; row < rows; row++) /* of all images: their heights are multiples of b */
    for (size_t column = 0; column < columns; column++) {
      const size_t deep = (row / b * (columns / b) + column / b) * b * b + row % b * b + column % b, pixel = row * columns + column;
      memcpy(out + (to_depth ? deep : pixel) * run, in + (to_depth ? pixel : deep) * run, run);
    }
  return HORN_OK;
}

static horn_status depth_to_space(const horn__step *step) { return move_depth(step, false); }
static horn_status space_to_depth(const horn__step *step) { return move_depth(step, true); }

const horn__kernel horn__ref_DepthToSpace = {.run = depth_to_space};
const horn__kernel horn__ref_SpaceToDepth = {.run = space_to_depth};

/* ---- SpaceToBatchND -------------------------------------------------------------------------------------------------------------- */

/* The images [N, S..., rest] and their parts [blocks N, S / block..., rest]: element k block + i of an axis, padding counted, is element k of
 * the parts whose number has i at this axis; N goes round fastest. */
typedef struct images {
  const horn__space_batch *a;
  const horn__shape *image, *parts;
  size_t run; /* bytes of rest */
} images;

static images images_of(const horn__step *step, const horn__shape *image, const horn__shape *parts) {
  const horn__space_batch *a = step->attributes;
  images m = {.a = a, .image = image, .parts = parts, .run = width_of(step)};
  for (int32_t i = 1 + a->block_shape.count; i < image->rank; i++) m.run *= (size_t)image->dims[i];
  return m;
}

/* Where the run at index [n, s...] of the images is in the parts. */
static size_t place(const images *m, const int32_t *index) {
  const int32_t axes = m->a->block_shape.count;
  size_t part = 0, at;
  for (int32_t i = 0; i < axes; i++) {
    const int32_t block = m->a->block_shape.values[i], padded = index[1 + i] + m->a->paddings.values[2 * i];
    part = part * (size_t)block + (size_t)(padded % block);
  }
  at = part * (size_t)m->image->dims[0] + (size_t)index[0];
  for (int32_t i = 0; i < axes; i++) {
    const int32_t padded = index[1 + i] + m->a->paddings.values[2 * i];
    at = at * (size_t)m->parts->dims[1 + i] + (size_t)(padded / m->a->block_shape.values[i]);
  }
  return at * m->run;
}

static horn_status move_images(const images *m, const unsigned char *in, unsigned char *out, bool to_parts) {
  const horn__shape runs = horn__shape_of(1 + m->a->block_shape.count, m->image->dims);
  int32_t index[HORN_MAX_RANK] = {0};
  for (size_t i = 0, count = horn__shape_size(&runs); i < count && m->run != 0; i++) {
    const size_t at = place(m, index);
    memcpy(out + (to_parts ? at : i * m->run), in + (to_parts ? i * m->run : at), m->run);
    horn__next(&runs, index, 0, NULL, NULL);
  }
  return HORN_OK;
}

static horn_status space_to_batch(const horn__step *step) {
  const images m = images_of(step, &step->in[0].type.shape, &step->out[0].type.shape);
  memset(step->out[0].data, 0, horn__elements(&step->out[0]) * width_of(step));
  return move_images(&m, step->in[0].data, step->out[0].data, true);
}

static horn_status batch_to_space(const horn__step *step) {
  const images m = images_of(step, &step->out[0].type.shape, &step->in[0].type.shape);
  return move_images(&m, step->in[0].data, step->out[0].data, false);
}

const horn__kernel horn__ref_SpaceToBatchND = {.run = space_to_batch};
const horn__kernel horn__ref_BatchToSpaceND = {.run = batch_to_space};
