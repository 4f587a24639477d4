/* Cases of ops/count.c. */
#include "case.h"

static const op_case rows[] = {
    CASE(DenseBincount, J({"size": 4}), "i[2,3]{0,1,1,3,3,3}", "f[2,4]{1,2,0,0,0,0,0,3}"),
    CASE(DenseBincount, J({"size": 4, "binary_output": true}), "i[2,3]{0,1,1,3,3,3}", "f[2,4]{1,1,0,0,0,0,0,1}"),
    CASE(DenseBincount, J({"size": 3}), "i[2,3]{0,1,1,-1,3,2} f[2,3]{0.5,2,4,8,8,-1}", "f[2,3]{0.5,6,0,0,0,-1}"),
    CASE(DenseBincount, J({"size": 3}), "i{2,2,0}", "f{1,0,2}"),
    CASE(DenseBincount, J({"size": 3}), "i[2,0]", "f[2,3]{0,0,0,0,0,0}"),
    CASE(DenseBincount, J({"size": 0}), "i[2,2]", "f[2,0]"),
    CASE(DenseBincount, J({"size": 5}), "i[2,3,4]", "f[2,3,5]"),
    CASE(DenseBincount, J({"size": 5}), "i[]", "!SHAPE"),
    CASE(DenseBincount, J({"size": 5}), "f[2]", "!DTYPE"),
    CASE(DenseBincount, J({"size": -1}), "i[2]", "!INVALID_ARGUMENT"),
    CASE(DenseBincount, J({"size": 5}), "i[2] f[3]", "!SHAPE"),
    CASE(SearchSorted, NULL, "f[1,4]{1,3,3,5} f[1,5]{0,3,4,5,6}", "i[1,5]{0,1,3,3,4}"),
    CASE(SearchSorted, J({"side": "right"}), "f[1,4]{1,3,3,5} f[1,5]{0,3,4,5,nan}", "i[1,5]{0,3,3,4,4}"),
    CASE(SearchSorted, J({"side": "right"}), "i[2,2]{1,3,-5,9} i[2,3]{0,1,3,0,9,-6}", "i[2,3]{0,1,2,1,2,0}"),
    CASE(SearchSorted, NULL, "f[2,0] f[2,2]{0,1,2,3}", "i[2,2]{0,0,0,0}"),
    CASE(SearchSorted, NULL, "f[2,3] f[1,2]", "!SHAPE"),
    CASE(SearchSorted, NULL, "f[3] f[2]", "!SHAPE"),
    CASE(SearchSorted, NULL, "f[1,3] i[1,2]", "!DTYPE"),
};

OP_FAMILY(count)
