/* Einsum(x0, x1, ...): products of the inputs' elements, summed over the labels that the output lacks: "ij,jk->ik". An ellipsis stands for any
 * axes, aligned at their ends and broadcast; without "->" the output has the labels that occur once, sorted. An axis of 1 is broadcast.
 * Reference: numpy.einsum, TensorFlow's special_math_ops. */
#include "ops/einsum.h"

#include <string.h>

#include "ops/emit.h"

/* ---- equations -------------------------------------------------------------------------------------------------------- */

enum { ELLIPSIS = 52 };

static int32_t label_of(char c) { return c >= 'a' && c <= 'z' ? c - 'a' : c >= 'A' && c <= 'Z' ? 26 + c - 'A' : -1; }

static char letter_of(int32_t label) { return (char)(label < 26 ? 'a' + label : 'A' + label - 26); }

/* A term without blanks ends at a comma, an arrow or the text's end. dots: how many axes its ellipsis has, -1 without one. */
static bool read_term(const char **text, int32_t dots, horn__term *out, bool *elided) {
  const char *at = *text;
  out->rank = 0;
  *elided = false;
  for (; *at != '\0' && *at != ',' && *at != '-'; at++) {
    if (*at == ' ') continue;
    if (*at == '.') {
      if (*elided || strncmp(at, "...", 3) != 0 || out->rank + dots > HORN_MAX_RANK) return false;
      *elided = true;
      for (int32_t i = dots; i-- > 0;) out->labels[out->rank++] = ELLIPSIS + i;
      at += 2;
    } else {
      if (label_of(*at) < 0 || out->rank == HORN_MAX_RANK) return false;
      out->labels[out->rank++] = label_of(*at);
    }
  }
  *text = at;
  return true;
}

/* How many axes of an input of this rank an ellipsis stands for. */
static int32_t axes_of_dots(const char *text, int32_t rank) {
  for (; *text != '\0' && *text != ',' && *text != '-'; text++) rank -= label_of(*text) >= 0;
  return rank < 0 ? 0 : rank;
}

enum { UNSEEN = -2 };

/* One size for a label of which one axis has `size` and another `dim`: unknown with 1 stays unknown, unknown with n > 1 is n. */
static bool same_size(int32_t *size, int32_t dim) {
  if (*size == UNSEEN || *size == 1 || (*size < 0 && dim != 1)) {
    *size = dim;
    return true;
  }
  return dim < 0 || dim == 1 || dim == *size;
}

static bool set_sizes(const horn__term *term, const horn__shape *shape, int32_t *sizes) {
  for (int32_t i = 0; i < term->rank; i++)
    if (!same_size(&sizes[term->labels[i]], shape->dims[i])) return false;
  return true;
}

static bool has_label(const horn__term *term, int32_t label) {
  for (int32_t i = 0; i < term->rank; i++)
    if (term->labels[i] == label) return true;
  return false;
}

static int32_t occurrences(const horn__equation *e, int32_t label) {
  int32_t count = 0;
  for (int32_t k = 0; k < e->count; k++)
    for (int32_t i = 0; i < e->in[k].rank; i++) count += e->in[k].labels[i] == label;
  return count;
}

/* The axes of ellipses, then the labels that occur once: capitals first. */
static bool implicit_output(horn__equation *e, int32_t dots) {
  e->out.rank = 0;
  for (int32_t i = dots; i-- > 0;) e->out.labels[e->out.rank++] = ELLIPSIS + i;
  for (int32_t i = 0; i < ELLIPSIS; i++) {
    const int32_t label = (i + 26) % ELLIPSIS;
    if (occurrences(e, label) != 1) continue;
    if (e->out.rank == HORN_MAX_RANK) return false;
    e->out.labels[e->out.rank++] = label;
  }
  return true;
}

static bool check_output(const horn__equation *e) {
  for (int32_t i = 0; i < e->out.rank; i++) {
    if (occurrences(e, e->out.labels[i]) == 0) return false;
    for (int32_t j = 0; j < i; j++)
      if (e->out.labels[j] == e->out.labels[i]) return false;
  }
  return true;
}

bool horn__equation_read(const char *text, const horn__type *in, int32_t count, horn__equation *out, const char **reason) {
  int32_t most = 0;
  bool elided;
  *out = (horn__equation){.count = count};
  for (int32_t i = 0; i < HORN__MAX_LABELS; i++) out->sizes[i] = UNSEEN;
  for (int32_t k = 0; k < count; k++) {
    const int32_t dots = axes_of_dots(text, in[k].shape.rank);
    *reason = "the equation is not made of letters and ellipses, with a comma between the inputs";
    if (!read_term(&text, dots, &out->in[k], &elided)) return false;
    if (elided && dots > most) most = dots;
    if ((*text == ',') != (k + 1 < count)) return false;
    if (*text == ',') text++;
    *reason = "an input has another rank than its labels";
    if (out->in[k].rank != in[k].shape.rank) return false;
    *reason = "a label stands for axes of different sizes";
    if (!set_sizes(&out->in[k], &in[k].shape, out->sizes)) return false;
  }
  *reason = "the output is not made of the inputs' labels, each once";
  if (*text == '\0') return implicit_output(out, most);
  if (strncmp(text, "->", 2) != 0) return false;
  text += 2;
  return read_term(&text, most, &out->out, &elided) && *text == '\0' && check_output(out);
}

/* ---- shape rule ---------------------------------------------------------------------------------------------------------- */

static const horn__field rows[] = {HORN__TEXT(horn__einsum, equation, NULL, NULL)};

static horn_status infer(horn__infer *q) {
  const horn__einsum *a = q->attributes;
  horn__equation e;
  const char *reason;
  for (int32_t i = 0; i < q->count; i++) HORN__TRY(horn__infer_dtype(q, i, HORN_FLOAT32));
  if (!horn__equation_read(a->equation, q->in, q->count, &e, &reason)) {
    char shape[HORN__SHAPE_TEXT];
    return horn__infer_fail(q, HORN_E_SHAPE, "\"%.100s\" does not fit %d inputs, the first of shape %s: %s", a->equation, q->count,
                            horn__shape_text(&q->in[0].shape, shape, sizeof shape), reason);
  }
  q->out[0] = (horn__type){.shape = {.rank = e.out.rank}, .dtype = HORN_FLOAT32};
  for (int32_t i = 0; i < e.out.rank; i++) q->out[0].shape.dims[i] = e.sizes[e.out.labels[i]];
  return HORN_OK;
}

static void read_again(const horn__graph *g, const horn__einsum *a, const horn__value *in, int32_t count, horn__equation *e) {
  horn__type types[HORN__MAX_TERMS];
  const char *reason;
  for (int32_t i = 0; i < count; i++) types[i] = *horn__type_of(g, in[i]);
  horn__equation_read(a->equation, types, count, e, &reason); /* it fitted in the shape rule */
}

/* ---- gradient: of input i, the einsum of dy and the other inputs to i's labels ------------------------------------------------- */

typedef struct speller {
  char text[HORN__MAX_TERMS * (HORN_MAX_RANK + 1) + 2];
  size_t length;
  int32_t named[HORN__MAX_LABELS]; /* letters of the ellipses' axes */
} speller;

static void spell(speller *s, const char *start, const horn__term *term) {
  while (*start != '\0') s->text[s->length++] = *start++;
  for (int32_t i = 0; i < term->rank; i++) s->text[s->length++] = letter_of(s->named[term->labels[i]]);
  s->text[s->length] = '\0';
}

/* Letters for all labels: an axis of an ellipsis has one that nobody uses. */
static void name_labels(const horn__equation *e, speller *s) {
  int32_t next = 0;
  for (int32_t label = 0; label < HORN__MAX_LABELS; label++) {
    s->named[label] = label;
    if (label < ELLIPSIS) continue;
    while (next < ELLIPSIS - 1 && occurrences(e, next) > 0) next++;
    s->named[label] = next++;
  }
}

/* Where in x the indices along two axes are the same. */
static horn__value diagonal(horn__graph *g, horn__value x, int32_t first, int32_t second) {
  const horn__value ones = HORN__EMIT(g, BroadcastLike, NULL, horn__graph_scalar(g, 1), x);
  return HORN__EMIT(g, Equal, NULL, HORN__EMIT(g, Cumsum, &(horn__scan){.axis = first}, ones),
      HORN__EMIT(g, Cumsum, &(horn__scan){.axis = second}, ones));
}

/* From the labels that the einsum could give to all of the input's: new axes are broadcast, repeated ones are a diagonal. */
static horn__value widen(horn__graph *g, horn__value dx, const horn__term *have, const horn__term *want, horn__value x) {
  horn__axes ones = {.axes = {.count = 0}};
  for (int32_t i = 0, next = 0; i < want->rank; i++) {
    if (next < have->rank && have->labels[next] == want->labels[i])
      next++;
    else
      ones.axes.values[ones.axes.count++] = i;
  }
  if (ones.axes.count > 0) dx = HORN__EMIT(g, BroadcastLike, NULL, HORN__EMIT(g, ExpandDims, &ones, dx), x);
  for (int32_t i = 0; i < want->rank; i++)
    for (int32_t j = 0; j < i; j++)
      if (want->labels[i] == want->labels[j]) dx = horn__mask(g, dx, diagonal(g, x, j, i));
  return dx;
}

static horn__value input_gradient(const horn__gradient *q, const horn__equation *e, int32_t index) {
  speller s = {.length = 0};
  horn__term have = {.rank = 0};
  horn__value in[HORN__MAX_TERMS] = {q->dout[0]};
  int32_t count = 1;
  name_labels(e, &s);
  spell(&s, "", &e->out);
  for (int32_t k = 0; k < e->count; k++) {
    if (k == index) continue;
    spell(&s, ",", &e->in[k]);
    in[count++] = q->in[k];
  }
  for (int32_t i = 0; i < e->in[index].rank; i++) {
    const int32_t label = e->in[index].labels[i];
    bool elsewhere = has_label(&e->out, label);
    for (int32_t k = 0; k < e->count; k++) elsewhere = elsewhere || (k != index && has_label(&e->in[k], label));
    if (elsewhere && !has_label(&have, label)) have.labels[have.rank++] = label;
  }
  spell(&s, "->", &have);
  horn__value dx = horn__emit(q->graph, &horn__op_Einsum, &(horn__einsum){s.text}, in, count);
  dx = widen(q->graph, dx, &have, &e->in[index], q->in[index]);
  return HORN__EMIT(q->graph, SumLike, NULL, dx, q->in[index]);
}

static horn_status gradient(horn__gradient *q) {
  horn__equation e;
  read_again(q->graph, q->attributes, q->in, q->count, &e);
  for (int32_t i = 0; i < q->count; i++) q->din[i] = input_gradient(q, &e, i);
  return HORN_OK;
}

/* ---- lowering: with known shapes, two factors at a time are one product of matrices ---------------------------------------------- */

/* A factor: a value, its labels, none of them twice and none of size 1. */
typedef struct factor {
  horn__value value;
  horn__term term;
} factor;

static void append(horn__term *term, int32_t label) { term->labels[term->rank++] = label; }

static horn__value reshape(horn__graph *g, horn__value x, const horn__reshape *to) {
  const horn__shape *shape = &horn__type_of(g, x)->shape;
  const horn__shape wanted = horn__shape_of(to->shape.count, to->shape.values);
  return horn__shape_equal(shape, &wanted) ? x : HORN__EMIT(g, Reshape, to, x);
}

/* Sums over the labels that nobody needs, and leaves out axes of 1. */
static factor reduce(horn__graph *g, const factor *f, const uint8_t *needed) {
  const horn__shape shape = horn__type_of(g, f->value)->shape;
  horn__reduce unneeded = {.axes = {.count = 0}, .keep_dims = true};
  horn__reshape squeezed = {.shape = {.count = 0}};
  factor out = {f->value, {.rank = 0}};
  for (int32_t i = 0; i < f->term.rank; i++) {
    const int32_t label = f->term.labels[i];
    if (shape.dims[i] != 1 && !needed[label]) unneeded.axes.values[unneeded.axes.count++] = i;
    if (shape.dims[i] == 1 || !needed[label]) continue;
    append(&out.term, label);
    squeezed.shape.values[squeezed.shape.count++] = shape.dims[i];
  }
  if (unneeded.axes.count > 0) out.value = HORN__EMIT(g, Sum, &unneeded, out.value);
  out.value = reshape(g, out.value, &squeezed);
  return out;
}

/* The factor with its labels in this order. */
static horn__value arrange(horn__graph *g, const factor *f, const horn__term *order) {
  horn__transpose to = {.permutation = {.count = order->rank}};
  bool moved = false;
  for (int32_t i = 0; i < order->rank; i++) {
    int32_t from = 0;
    while (f->term.labels[from] != order->labels[i]) from++;
    to.permutation.values[i] = from;
    moved = moved || from != i;
  }
  return moved ? HORN__EMIT(g, Transpose, &to, f->value) : f->value;
}

static bool same_order(const horn__term *a, const horn__term *b) {
  if (a->rank != b->rank) return false;
  for (int32_t i = 0; i < a->rank; i++)
    if (a->labels[i] != b->labels[i]) return false;
  return true;
}

/* The labels of two factors: of both and needed on, of both and summed, of one. */
typedef struct shares {
  horn__term batch, inner, left, right;
} shares;

static shares share(const factor *a, const factor *b, const uint8_t *needed) {
  shares s = {0};
  for (int32_t i = 0; i < a->term.rank; i++) {
    const int32_t label = a->term.labels[i];
    append(!has_label(&b->term, label) ? &s.left : needed[label] ? &s.batch : &s.inner, label);
  }
  for (int32_t i = 0; i < b->term.rank; i++)
    if (!has_label(&a->term, b->term.labels[i])) append(&s.right, b->term.labels[i]);
  return s;
}

static horn__term join(const horn__term *a, const horn__term *b, const horn__term *c) {
  horn__term all = *a;
  for (int32_t i = 0; i < b->rank; i++) append(&all, b->labels[i]);
  for (int32_t i = 0; i < c->rank; i++) append(&all, c->labels[i]);
  return all;
}

static void add_sizes(horn__reshape *shape, const horn__term *term, const int32_t *sizes) {
  for (int32_t i = 0; i < term->rank; i++) shape->shape.values[shape->shape.count++] = sizes[term->labels[i]];
}

static void add_product(horn__reshape *shape, const horn__term *term, const int32_t *sizes) {
  int32_t product = 1;
  for (int32_t i = 0; i < term->rank; i++) product *= sizes[term->labels[i]];
  shape->shape.values[shape->shape.count++] = product;
}

/* A factor as matrices [batch..., rows, columns]; *transposed where it already lies the other way round and may stay so. */
static horn__value matrices(horn__graph *g, const factor *f, const horn__term *batch, const horn__term *rows_of, const horn__term *columns,
                            const int32_t *sizes, bool *transposed) {
  const horn__term order = join(batch, rows_of, columns), other = join(batch, columns, rows_of);
  horn__reshape shape = {.shape = {.count = 0}};
  *transposed = !same_order(&order, &f->term) && same_order(&other, &f->term);
  add_sizes(&shape, batch, sizes);
  add_product(&shape, *transposed ? columns : rows_of, sizes);
  add_product(&shape, *transposed ? rows_of : columns, sizes);
  return reshape(g, *transposed ? f->value : arrange(g, f, &order), &shape);
}

static factor by_matrices(horn__graph *g, const factor *a, const factor *b, const shares *s, const int32_t *sizes) {
  horn__matmul product = {.activation = HORN__ACTIVATION_LINEAR};
  const horn__value left = matrices(g, a, &s->batch, &s->left, &s->inner, sizes, &product.transpose_a);
  const horn__value right = matrices(g, b, &s->batch, &s->inner, &s->right, sizes, &product.transpose_b);
  factor out = {HORN__EMIT(g, BatchMatMul, &product, left, right), join(&s->batch, &s->left, &s->right)};
  horn__reshape shape = {.shape = {.count = 0}};
  add_sizes(&shape, &out.term, sizes);
  out.value = reshape(g, out.value, &shape);
  return out;
}

/* Nothing is summed: an element-wise product, each factor with axes of 1 for the other's labels. */
static factor by_elements(horn__graph *g, const factor *a, const factor *b, const shares *s, const int32_t *sizes) {
  static const horn__term none = {0};
  const horn__term left = join(&s->batch, &s->left, &none), right = join(&s->batch, &s->right, &none);
  horn__reshape behind = {.shape = {.count = 0}}, between = {.shape = {.count = 0}};
  add_sizes(&behind, &left, sizes);
  add_sizes(&between, &s->batch, sizes);
  for (int32_t i = 0; i < s->right.rank; i++) behind.shape.values[behind.shape.count++] = 1;
  for (int32_t i = 0; i < s->left.rank; i++) between.shape.values[between.shape.count++] = 1;
  add_sizes(&between, &s->right, sizes);
  const horn__value x = reshape(g, arrange(g, a, &left), &behind), y = reshape(g, arrange(g, b, &right), &between);
  return (factor){horn__mul(g, x, y), join(&s->batch, &s->left, &s->right)};
}

/* The factor whose own labels come first in the output goes left, so that the result need not be turned. */
static bool swap_helps(const shares *s, const horn__term *out) {
  for (int32_t i = 0; i < out->rank; i++) {
    if (has_label(&s->left, out->labels[i])) return false;
    if (has_label(&s->right, out->labels[i])) return true;
  }
  return false;
}

static factor multiply(horn__graph *g, const factor *a, const factor *b, const horn__equation *e, const uint8_t *needed) {
  const shares s = share(a, b, needed), turned = share(b, a, needed);
  const bool swap = swap_helps(&s, &e->out);
  const shares *used = swap ? &turned : &s;
  const factor *left = swap ? b : a, *right = swap ? a : b;
  return used->inner.rank == 0 ? by_elements(g, left, right, used, e->sizes) : by_matrices(g, left, right, used, e->sizes);
}

/* Whether two factors, beside each other, have more axes than a tensor can, or one more elements than an axis can. */
static bool too_wide(const horn__graph *g, const factor *a, const factor *b) {
  int32_t rank = a->term.rank;
  for (int32_t i = 0; i < b->term.rank; i++) rank += !has_label(&a->term, b->term.labels[i]);
  return rank > HORN_MAX_RANK || horn__shape_size(&horn__type_of(g, a->value)->shape) > INT32_MAX ||
         horn__shape_size(&horn__type_of(g, b->value)->shape) > INT32_MAX;
}

/* By label, whether the output or a factor from `from` on has it. */
static void mark_needed(const horn__equation *e, int32_t from, uint8_t *needed) {
  memset(needed, 0, HORN__MAX_LABELS);
  for (int32_t i = 0; i < e->out.rank; i++) needed[e->out.labels[i]] = 1;
  for (int32_t k = from; k < e->count; k++)
    for (int32_t i = 0; i < e->in[k].rank; i++) needed[e->in[k].labels[i]] = 1;
}

static void mark_term(const horn__term *term, uint8_t *needed) {
  for (int32_t i = 0; i < term->rank; i++) needed[term->labels[i]] = 1;
}

/* Elements along a label that is summed and that no factor has with more than one, or of which there are none, are left to the kernel; so are
 * diagonals. */
static bool can_lower(const horn__equation *e) {
  for (int32_t k = 0; k < e->count; k++)
    for (int32_t i = 0; i < e->in[k].rank; i++) {
      if (e->sizes[e->in[k].labels[i]] <= 0) return false;
      for (int32_t j = 0; j < i; j++)
        if (e->in[k].labels[j] == e->in[k].labels[i]) return false;
    }
  return true;
}

/* The result in the output's order, with its axes of 1. */
static horn__value finish(horn__graph *g, const factor *f, const horn__equation *e) {
  horn__term order = {.rank = 0};
  horn__reshape shape = {.shape = {.count = 0}};
  for (int32_t i = 0; i < e->out.rank; i++)
    if (has_label(&f->term, e->out.labels[i])) append(&order, e->out.labels[i]);
  add_sizes(&shape, &e->out, e->sizes);
  return reshape(g, arrange(g, f, &order), &shape);
}

static horn__value lower(horn__graph *g, const void *attributes, const horn__value *in, int32_t count) {
  horn__equation e;
  uint8_t needed[HORN__MAX_LABELS];
  read_again(g, attributes, in, count, &e);
  if (!can_lower(&e)) return HORN__NONE;
  factor all = {in[0], e.in[0]};
  mark_needed(&e, 1, needed);
  all = reduce(g, &all, needed);
  for (int32_t k = 1; k < count && g->status == HORN_OK; k++) {
    factor next = {in[k], e.in[k]};
    mark_needed(&e, k + 1, needed);
    mark_term(&all.term, needed);
    next = reduce(g, &next, needed);
    if (g->status != HORN_OK || too_wide(g, &all, &next)) return HORN__NONE;
    mark_needed(&e, k + 1, needed);
    all = multiply(g, &all, &next, &e, needed);
    if (g->status == HORN_OK) all = reduce(g, &all, needed);
  }
  return g->status == HORN_OK ? finish(g, &all, &e) : HORN__NONE;
}

const horn__op horn__op_Einsum = {
    .name = "Einsum", .id = HORN__OP_Einsum, .min_inputs = 1, .max_inputs = HORN__MAX_TERMS, .outputs = 1,
    .attributes = HORN__FIELDS(horn__einsum, rows), .infer = infer, .gradient = gradient, .lower = lower};
