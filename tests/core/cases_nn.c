/* Cases of ops/matmul.c, conv.c, depthwise.c, pool.c, batch_norm.c and rnn.c. */
#include "case.h"

static const op_case rows[] = {
    CASE(BatchMatMul, NULL, "f[2,3]{1,2,3,4,5,6} f[3,2]{1,0,0,1,1,1}", "f[2,2]{4,5,10,11}"),
    CASE(BatchMatMul, NULL, "f[5,7] f[7,33]", "f[5,33]"),
    CASE(BatchMatMul, J({"transpose_a":true}), "f[7,5] f[7,9]", "f[5,9]"),
    CASE(BatchMatMul, J({"transposeB":true}), "f[5,7] f[9,7]", "f[5,9]"),
    CASE(BatchMatMul, J({"transposeA":true,"transposeB":true}), "f[3,7,5] f[9,7]", "f[3,5,9]"),
    CASE(BatchMatMul, NULL, "f[2,1,3,4] f[5,4,2]", "f[2,5,3,2]"),
    CASE(BatchMatMul, NULL, "f[3,0] f[0,2]", "f[3,2]{0,0,0,0,0,0}"),
    CASE(BatchMatMul, NULL, "f[0,3] f[3,2]", "f[0,2]"),
    CASE(BatchMatMul, NULL, "f[2,3] f[4,2]", "!SHAPE"),
    CASE(BatchMatMul, NULL, "f[3] f[3,2]", "!SHAPE"),
};

OP_FAMILY(nn)
