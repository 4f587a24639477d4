/* Cases of ops/shape.c. */
#include "case.h"

static const op_case rows[] = {
    CASE(BroadcastLike, NULL, "f[5] f[3,5]", "f[3,5]"),
    CASE(BroadcastLike, NULL, "f[2,1]{1,2} f[2,3]", "f[2,3]{1,1,1,2,2,2}"),
    CASE(BroadcastLike, NULL, "b[1]{1} i[3]", "b{1,1,1}"),
    CASE(BroadcastLike, NULL, "f[3] f[2]", "!SHAPE"),
    CASE(Cast, J({"dtype":"int32"}), "f{1.9,-1.9,nan,3e10,-3e10}", "i{1,-1,0,2147483647,-2147483648}"),
    CASE(Cast, J({"dtype":"bool"}), "f{0,0.5,-2,nan}", "b{0,1,1,1}"),
    CASE(Cast, J({"dtype":"float32"}), "f[*]", "f[*]"),
    CASE(Cast, J({"dtype":"float32"}), "i{-3,7}", "f{-3,7}"),
    CASE(Cast, J({"dtype":"float32"}), "b{1,0}", "f{1,0}"),
    CASE(Identity, NULL, "f[*]", "f[*]"),
    CASE(Reshape, J({"shape":[3,-1]}), "f[2,6]", "f[3,4]"),
    CASE(Reshape, J({"shape":[]}), "f[1,1]{5}", "f[]{5}"),
    CASE(Reshape, J({"shape":[4]}), "f[2,3]", "!SHAPE"),
    CASE(ReshapeLike, NULL, "f[2,6] f[3,4]", "f[3,4]"),
    CASE(SumLike, NULL, "f[2,3]{1,2,3,4,5,6} f[3]", "f{5,7,9}"),
    CASE(SumLike, NULL, "f[2,3]{1,2,3,4,5,6} f[2,1]", "f[2,1]{6,15}"),
    CASE(SumLike, NULL, "f[2,3]{1,2,3,4,5,6} f[]", "f[]{21}"),
    CASE(SumLike, NULL, "f[4,5,7] f[5,1]", "f[5,1]"),
    CASE(ZerosLike, NULL, "f[*]", "f[*]"),
    CASE(ZerosLike, NULL, "i{1,2}", "i{0,0}"),
};

OP_FAMILY(shape)
