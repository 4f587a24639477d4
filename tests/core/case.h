/* case.h: the cases of the op tests: one list, used for values, shapes, backends, failing memory and gradients.
 *
 * Inputs and outputs are written as operands with blanks between them:
 *   s[2]{a b,}        strings; without elements: empty ones. \\ stands before a comma, brace or \\ that is a part of one
 *   f[2,3]            float32 of this shape, random in -2..2     i[4]  int32, random in -4..4     b[5]  bool, random
 *   f[2,3]<0.1,4>     random in this range; ints include both ends
 *   f[2,3]<-1,1>!     no two elements nearer than the range over their number: no ties
 *   f[2]{1,nan}       these elements; f{1,2,3} is a vector, f[]{1} a scalar
 *   -                 an optional input that is absent; an output that is not looked at
 * A * stands for some dimensions: the case is run for each text of case_shapes in its place.
 * Outputs of the form !SHAPE say that the op must fail with this code. */
#ifndef CASE_H
#define CASE_H

#include "graph/graph.h"

typedef struct op_case {
  const horn__op *op;
  const char *attributes;   /* JSON; NULL: the defaults */
  const char *inputs;
  const char *outputs;      /* NULL: no expectation; without elements: shapes and dtypes alone */
  uint32_t flags;
  uint32_t differentiable;  /* bit i: output i has a gradient; 0: all float32 outputs */
} op_case;

enum {
  CASE_NO_GRADIENT = 1,  /* not compared with finite differences: a kink, or a place where we differ by intent */
  CASE_KNOWN_DIMS = 2,   /* the shape rule needs all dimensions but the first */
  CASE_ALL_KNOWN = 4,    /* it needs the first one too */
  CASE_NO_SECOND = 8     /* the gradient of its gradient is not compared: it has kinks, or differences drown in rounding */
};

#define CASE(Op, attributes, inputs, outputs) CASE_WITH(Op, attributes, inputs, outputs, 0, 0)
#define CASE_WITH(Op, attributes, inputs, outputs, flags, differentiable) \
  {&horn__op_##Op, attributes, inputs, outputs, flags, differentiable}
/** J({"axis": 1}): JSON without quoted quotes. */
#define J(...) #__VA_ARGS__

typedef struct op_family {
  const char *name;
  const op_case *cases;
  size_t count;
} op_family;

/** The table of family `name` made of `rows`: the last line of a file of cases. */
#define OP_FAMILY(name) const op_family op_family_##name = {#name, rows, sizeof rows / sizeof rows[0]};

extern const op_family *const op_families[]; /* NULL-terminated */
extern const char *const case_shapes[];      /* NULL-terminated */

/** A case with its inputs made, and its outputs once it ran, in one context. */
typedef struct op_run {
  horn_context *ctx;
  const op_case *row;
  const horn__op *op;
  char inputs[2048], outputs[1024]; /* with * replaced */
  horn__arena arena;
  void *attributes;
  int32_t count;
  horn__tensor *in[HORN__MAX_INPUTS], *out[HORN__MAX_OUTPUTS];
  uint64_t bytes;                  /* in use before */
  bool literal;                    /* some float32 input has given elements */
} op_run;

typedef enum case_values {
  CASE_FULL,   /* random numbers with all their bits */
  CASE_COARSE  /* away from zero, whole numbers and one another's kinks: for finite differences */
} case_values;

/** A context on this backend; NULL where the build has none of that name. */
horn_context *case_context(const char *backend);

/** Makes the inputs: the same numbers for the same case, shape and kind of values. A failure is that of parsing the attributes or of
 *  memory; a mistake in the case itself exits the program. */
horn_status case_prepare(op_run *run, horn_context *ctx, const op_case *row, const char *shape, case_values values);
horn_status case_forward(op_run *run);
/** Releases the tensors; checks that the memory in use is what it was before case_prepare. */
void case_release(op_run *run);
/** "Name(inputs) attributes" for messages, in text; returns text. */
const char *case_name(const op_run *run, char *text, size_t size);
enum { CASE_NAME = 512 };

/** Makes the tensor of one operand at *text and moves *text behind it; *out is NULL where it is absent ("-"), *literal says whether the
 *  case gives its elements. index: of the operand. */
horn_status case_operand(horn_context *ctx, const char **text, uint64_t seed, size_t index, case_values values, horn__tensor **out,
                         bool *literal);

double case_element(const horn__tensor *tensor, size_t i);
size_t case_size(const horn__tensor *tensor);

/** Runs body with `row` set to every case and `shape` to every text for its *, or to "". */
#define FOR_EACH_CASE(row, shape)                                                                        \
  for (const op_family *const *family_ = op_families; *family_ != NULL; family_++)                       \
    for (const op_case *row = (*family_)->cases; row < (*family_)->cases + (*family_)->count; row++)     \
      for (const char *const *shape = case_shapes; *shape != NULL && (shape == case_shapes || case_is_template(row)); shape++)

bool case_is_template(const op_case *row);

#endif
