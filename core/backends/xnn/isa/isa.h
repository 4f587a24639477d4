/* isa.h: kernels of our own. The files of this folder are compiled once for each instruction set, with HORN__ISA naming it; the backend
 * takes the table that fits the CPU. Loops are written so that the compiler vectorises them: no branches, no calls, no library functions
 * that it does not know as instructions. */
#ifndef HORN_ISA_H
#define HORN_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum horn__unary {
#define HORN_UNARY(Name, expression, cost) HORN__UNARY_##Name,
#include "backends/xnn/isa/unary.def"
#undef HORN_UNARY
  HORN__UNARY_COUNT
} horn__unary;

typedef enum horn__binary {
#define HORN_BINARY(Name, expression) HORN__BINARY_##Name,
#include "backends/xnn/isa/binary.def"
#undef HORN_BINARY
  HORN__BINARY_COUNT
} horn__binary;

typedef enum horn__compare {
#define HORN_COMPARE(Name, expression) HORN__COMPARE_##Name,
#include "backends/xnn/isa/compare.def"
#undef HORN_COMPARE
  HORN__COMPARE_COUNT
} horn__compare;

/** What all rows of a depthwise convolution share. */
typedef struct horn__depthwise {
  size_t channels, width, pixels;           /* width of the image, of the result */
  size_t columns, dilation, stride, before; /* along the width: taps, and padding before it */
  size_t row_step;                          /* elements of the image from one row of taps to the next */
  const float *bias;                        /* NULL: none */
  float low, high;                          /* the range to which results are clamped */
} horn__depthwise;

/** y[i, j] += sum over k of a[i, k] b[k, j]. Element (i, k) of a lies at i * a_row + k * a_column, where one of the two steps is 1 and either
 *  may be negative; b is packed. */
typedef struct horn__product {
  const float *a;
  ptrdiff_t a_row, a_column;
  const float *b;
  float *y;
  size_t y_row;
  size_t rows, inner, columns;
} horn__product;

/** Columns of a packed matrix, on any instruction set. */
static inline size_t horn__packed_columns(size_t columns) { return (columns + 15) / 16 * 16; }

/** Columns that are summed side by side. */
enum { HORN__COLUMN_BLOCK = 32 };

/** The kernels of one instruction set. */
typedef struct horn__isa {
  const char *name;
#define HORN_FUNCTION(name, parameters) void (*name) parameters;
#include "backends/xnn/isa/functions.def"
#undef HORN_FUNCTION
} horn__isa;

/** What every CPU can run: vectors of four floats on x86, ARM and in WASM. */
extern const horn__isa horn__base_table;
/** The fastest table that this CPU can run. */
const horn__isa *horn__isa_choose(void);

#ifdef HORN__ISA

/* inside this folder: horn__avx2_unary and so on */
#define HORN__JOIN3(a, b, c) a##b##c
#define HORN__ISA_JOIN(isa, name) HORN__JOIN3(horn__, isa, _##name)
#define HORN__ISA_NAME(name) HORN__ISA_JOIN(HORN__ISA, name)
#define HORN_FUNCTION(name, parameters) void HORN__ISA_NAME(name) parameters;
#include "backends/xnn/isa/functions.def"
#undef HORN_FUNCTION

/* Before a loop whose passes do not depend on each other, although pointers may be equal (element-wise work in place). */
#if defined(__clang__)
#define HORN__INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define HORN__INDEPENDENT _Pragma("GCC ivdep")
#endif

#endif

#endif
