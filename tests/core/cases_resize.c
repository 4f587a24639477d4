/* Cases of ops/resize.c. */
#include "case.h"

#define CORNERS(height, width) J({"size": [height, width], "alignCorners": true})
#define HALVES(height, width) J({"size": [height, width], "halfPixelCenters": true})
#define PLAIN(height, width) J({"size": [height, width]})

static const op_case rows[] = {
    CASE(ResizeBilinear, PLAIN(1, 4), "f[1,1,2,1]{1,3}", "f[1,1,4,1]{1,2,3,3}"),
    CASE(ResizeBilinear, CORNERS(1, 5), "f[1,1,2,1]{1,3}", "f[1,1,5,1]{1,1.5,2,2.5,3}"),
    CASE(ResizeBilinear, HALVES(1, 4), "f[1,1,2,1]{1,3}", "f[1,1,4,1]{1,1.5,2.5,3}"),
    CASE(ResizeBilinear, HALVES(1, 2), "f[1,1,4,1]{1,2,5,6}", "f[1,1,2,1]{1.5,5.5}"),
    CASE(ResizeBilinear, PLAIN(2, 2), "f[1,4,4,1]{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15}", "f[1,2,2,1]{0,2,8,10}"),
    CASE(ResizeBilinear, PLAIN(4, 2), "i[1,2,1,1]{0,10}", "f[1,4,2,1]{0,0,5,5,10,10,10,10}"),
    CASE(ResizeBilinear, PLAIN(7, 11), "f[2,5,3,4]", "f[2,7,11,4]"),
    CASE(ResizeBilinear, CORNERS(7, 2), "f[2,5,3,4]", "f[2,7,2,4]"),
    CASE(ResizeBilinear, HALVES(3, 9), "f[2,5,3,4]", "f[2,3,9,4]"),
    CASE(ResizeBilinear, J({"scale": [1, 2], "halfPixelCenters": true}), "f[1,1,2,1]{1,3}", "f[1,1,4,1]{1,1.5,2.5,3}"),
    CASE(ResizeBilinear, J({"size": [0, 5], "scale": [3, 0]}), "f[2,3,4,2]", "f[2,9,5,2]"),
    CASE(ResizeBilinear, J({"scale": [2147483647, 1]}), "f[1,3,3,1]", "!LIMIT"),
    CASE(ResizeBilinear, J({"size": [2, 2], "scale": [0, 2]}), "f[1,3,3,1]", "!INVALID_ARGUMENT"),
    CASE(ResizeBilinear, NULL, "f[1,3,3,1]", "!INVALID_ARGUMENT"),
    CASE(ResizeBilinear, CORNERS(1, 1), "f[1,3,3,1]", "f[1,1,1,1]"),
    CASE(ResizeBilinear, PLAIN(3, 3), "f[0,3,3,1]", "f[0,3,3,1]"),
    CASE(ResizeBilinear, J({"size": [2, 2], "alignCorners": true, "halfPixelCenters": true}), "f[1,3,3,1]", "!INVALID_ARGUMENT"),
    CASE(ResizeBilinear, PLAIN(0, 2), "f[1,3,3,1]", "!INVALID_ARGUMENT"),
    CASE(ResizeBilinear, PLAIN(2, 2), "f[1,0,3,1]", "!SHAPE"),
    CASE(ResizeBilinear, PLAIN(2, 2), "f[3,3,1]", "!SHAPE"),
    CASE(ResizeBilinear, PLAIN(2, 2), "b[1,3,3,1]", "!DTYPE"),
    CASE(ResizeBilinearGrad, PLAIN(1, 4), "f[1,1,4,1]{1,2,3,4} f[1,1,2,1]", "f[1,1,2,1]{2,8}"),
    CASE(ResizeBilinearGrad, HALVES(3, 9), "f[2,3,9,4] f[2,5,3,4]", "f[2,5,3,4]"),
    CASE(ResizeBilinearGrad, CORNERS(7, 2), "f[2,7,2,4] f[2,5,3,4]", "f[2,5,3,4]"),
    CASE(ResizeBilinearGrad, PLAIN(2, 2), "f[1,2,3,1] f[1,3,3,1]", "!SHAPE"),
    CASE(ResizeNearestNeighbor, PLAIN(1, 5), "f[1,1,2,1]{1,3}", "f[1,1,5,1]{1,1,1,3,3}"),
    CASE(ResizeNearestNeighbor, CORNERS(1, 4), "f[1,1,2,1]{1,3}", "f[1,1,4,1]{1,1,3,3}"),
    CASE(ResizeNearestNeighbor, CORNERS(1, 3), "f[1,1,2,1]{1,3}", "f[1,1,3,1]{1,3,3}"),
    CASE(ResizeNearestNeighbor, HALVES(1, 2), "f[1,1,5,1]{1,2,3,4,5}", "f[1,1,2,1]{2,4}"),
    CASE(ResizeNearestNeighbor, PLAIN(2, 2), "i[1,1,1,2]{7,9}", "i[1,2,2,2]{7,9,7,9,7,9,7,9}"),
    CASE(ResizeNearestNeighbor, PLAIN(7, 11), "f[2,5,3,4]", "f[2,7,11,4]"),
    CASE(ResizeNearestNeighbor, HALVES(3, 9), "f[2,5,3,4]", "f[2,3,9,4]"),
    CASE(ResizeNearestNeighborGrad, PLAIN(1, 5), "f[1,1,5,1]{1,2,3,4,5} f[1,1,2,1]", "f[1,1,2,1]{6,9}"),
    CASE(ResizeNearestNeighborGrad, CORNERS(7, 2), "f[2,7,2,4] f[2,5,3,4]", "f[2,5,3,4]"),
};

OP_FAMILY(resize)
