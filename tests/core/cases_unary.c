/* Cases of ops/unary.c. */
#include "case.h"

static const op_case rows[] = {
    CASE(Abs, NULL, "f[*]", "f[*]"),
    CASE(Abs, NULL, "f{-1.5,0,2,-inf,nan}", "f{1.5,0,2,inf,nan}"),
    CASE(Abs, NULL, "i{-3,0,4,-2147483648}", "i{3,0,4,-2147483648}"),
    CASE(Exp, NULL, "f[*]<-8,8>", "f[*]"),
    CASE(Exp, NULL, "f{0,1,-inf,inf,nan,100,-110}", "f{1,2.718281828,0,inf,nan,inf,0}"),
    CASE(Exp, NULL, "b[3]", "!DTYPE"),
    CASE(Neg, NULL, "f[*]", "f[*]"),
    CASE(Neg, NULL, "i{-3,0,4,-2147483648}", "i{3,0,-4,-2147483648}"),
    CASE(Relu, NULL, "f[*]", "f[*]"),
    CASE(Relu, NULL, "f{-1,0,2,nan,-inf,inf}", "f{0,0,2,nan,0,inf}"),
    CASE(Relu, NULL, "i{-3,0,4}", "i{0,0,4}"),
    CASE(Sqrt, NULL, "f[*]<0.2,9>", "f[*]"),
    CASE(Sqrt, NULL, "f{0,4,2,-1,inf}", "f{0,2,1.414213562,nan,inf}"),
    CASE(Tanh, NULL, "f[*]<-4,4>", "f[*]"),
    CASE(Tanh, NULL, "f{0,1,-inf,inf,nan}", "f{0,0.761594156,-1,1,nan}"),
};

OP_FAMILY(unary)
