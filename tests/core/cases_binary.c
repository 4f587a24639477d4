/* Cases of ops/binary.c and ops/compare.c. */
#include "case.h"

static const op_case rows[] = {
    CASE(Add, NULL, "f[*] f[*]", "f[*]"),
    CASE(Add, NULL, "f[2,3]{1,2,3,4,5,6} f{10,20,30}", "f[2,3]{11,22,33,14,25,36}"),
    CASE(Add, NULL, "f[3,1]{1,2,3} f[1,2]{10,20}", "f[3,2]{11,21,12,22,13,23}"),
    CASE(Add, NULL, "f[4,1,67] f[3,1]", "f[4,3,67]"),
    CASE(Add, NULL, "f[] f[2,0]", "f[2,0]"),
    CASE(Add, NULL, "i{2147483647,1} i{1,2}", "i{-2147483648,3}"),
    CASE(Add, NULL, "f[2] i[2]", "!DTYPE"),
    CASE(Add, NULL, "f[2] f[3]", "!SHAPE"),
    CASE(Multiply, NULL, "f[*] f[*]", "f[*]"),
    CASE(Multiply, NULL, "f[2,5,7] f[5,1]", "f[2,5,7]"),
    CASE(Multiply, NULL, "i{65536,-3} i{65536,4}", "i{0,-12}"),
    CASE(RealDiv, NULL, "f[*] f[*]<0.5,3>", "f[*]"),
    CASE(RealDiv, NULL, "f[2,5,7] f[5,1]<-3,-0.5>", "f[2,5,7]"),
    CASE(RealDiv, NULL, "f{1,-1,0} f[]{0}", "f{inf,-inf,nan}"),
    CASE(RealDiv, NULL, "i{7,-7,5,-2147483648} i{2,2,0,-1}", "i{3,-3,0,-2147483648}"),
    CASE(Sub, NULL, "f[*] f[*]", "f[*]"),
    CASE(Sub, NULL, "f[] f[5,7]", "f[5,7]"),
    CASE(Sub, NULL, "i{-2147483648,5} i{1,7}", "i{2147483647,-2}"),
    CASE(Greater, NULL, "f[*] f[*]", "b[*]"),
    CASE(Greater, NULL, "f{1,2,nan} f{2,1,1}", "b{0,1,0}"),
    CASE(Greater, NULL, "i[2,1]{1,2} i{1,2}", "b[2,2]{0,0,1,0}"),
    CASE(Greater, NULL, "b{1,0} b{0,1}", "b{1,0}"),
};

OP_FAMILY(binary)
