/* The table of one instruction set's kernels. */
#include "backends/xnn/isa/isa.h"

#define TEXT(name) #name
#define NAME(name) TEXT(name)

extern const horn__isa HORN__ISA_NAME(table);

const horn__isa HORN__ISA_NAME(table) = {
    .name = NAME(HORN__ISA),
#define HORN_FUNCTION(name, parameters) .name = HORN__ISA_NAME(name),
#include "backends/xnn/isa/functions.def"
#undef HORN_FUNCTION
};
