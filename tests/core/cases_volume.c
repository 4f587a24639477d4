/* Cases of the 3D forms in ops/conv.c and pool.c. Expected numbers by NumPy; the layers over them have numbers by Keras. */
#include "case.h"

static const op_case rows[] = {
    CASE(Conv3D, NULL, "f[1,2,2,2,1]{1,2,3,4,5,6,7,8} f[2,1,2,1,1]{1,10,100,1000}", "f[1,1,2,1,1]{6521,8743}"),
    CASE(Conv3D, J({"activation":"relu"}), "f[1,1,1,2,1]{1,-1} f[1,1,1,1,2]{2,-3} f{1,1}", "f[1,1,1,2,2]{3,0,0,4}"),
    CASE(Conv3D, NULL, "f[2,3,4,5,3] f[2,3,2,3,4]", "f[2,2,2,4,4]"),
    CASE(Conv3D, J({"padding":"same"}), "f[2,3,4,3,2] f[3,3,2,2,5]", "f[2,3,4,3,5]"),
    CASE(Conv3D, J({"padding":"same","strides":[1,2,3]}), "f[1,3,5,7,2] f[2,3,4,2,3]", "f[1,3,3,3,3]"),
    CASE(Conv3D, J({"strides":2}), "f[1,5,4,6,2] f[3,2,1,2,3]", "f[1,2,2,3,3]"),
    CASE(Conv3D, J({"padding":"same","dilations":[2,1,3]}), "f[1,5,4,7,2] f[3,2,2,2,3]", "f[1,5,4,7,3]"),
    CASE(Conv3D, J({"padding":"explicit","pads":[[1,0],[0,2],[3,1]]}), "f[1,2,3,4,2] f[2,3,2,2,3]", "f[1,2,3,7,3]"),
    CASE(Conv3D, NULL, "f[2,3,3,2,4] f[2,2,2,2,6]", "f[2,2,2,1,6]"),
    CASE(Conv3D, NULL, "f[3,2,3,2,5] f[1,1,1,5,4]", "f[3,2,3,2,4]"),
    CASE(Conv3D, NULL, "f[0,3,3,3,2] f[2,2,2,2,3]", "f[0,2,2,2,3]"),
    CASE_WITH(Conv3D, J({"padding":"same","activation":"tanh"}), "f[1,3,4,5,2] f[3,3,3,2,4] f[4]", "f[1,3,4,5,4]", CASE_NO_GRADIENT, 0),
    CASE(Conv3D, NULL, "f[1,3,3,2] f[2,2,2,2,3]", "!SHAPE"),
    CASE(Conv3D, NULL, "f[1,3,3,3,2] f[2,2,2,3]", "!SHAPE"),
    CASE(Conv3D, NULL, "f[1,3,3,3,2] f[2,2,2,3,3]", "!SHAPE"),
    CASE(Conv3D, NULL, "f[1,3,3,3,2] f[4,2,2,2,3]", "!SHAPE"),
    CASE(Conv3D, NULL, "f[1,3,3,3,2] f[2,2,2,2,3] f[2]", "!SHAPE"),
    CASE(Conv3D, NULL, "i[1,3,3,3,2] f[2,2,2,2,3]", "!DTYPE"),
    CASE(Conv3D, J({"strides":[1,1,0]}), "f[1,3,3,3,2] f[2,2,2,2,3]", "!INVALID_ARGUMENT"),
    CASE(Conv3D, J({"strides":[1,1]}), "f[1,3,3,3,2] f[2,2,2,2,3]", "!INVALID_ARGUMENT"),

    CASE(Conv3DBackpropInputV2, J({"strides":2}), "f[1,1,1,2,1]{1,2} f[1,2,1,1,1]{3,-1}", "f[1,1,2,3,1]{3,0,6,-1,0,-2}"),
    CASE(Conv3DBackpropInputV2, NULL, "f[2,2,2,4,4] f[2,3,2,3,4] f[2,3,4,5,3]", "f[2,3,4,5,3]"),
    CASE(Conv3DBackpropInputV2, J({"padding":"same","strides":[1,2,3]}), "f[1,3,3,3,3] f[2,3,4,2,3] f[1,3,5,7,2]", "f[1,3,5,7,2]"),
    CASE(Conv3DBackpropInputV2, J({"strides":[2,1,3],"extra":[1,0,2]}), "f[2,2,2,1,3] f[2,3,1,4,3]", "f[2,5,4,3,4]"),
    CASE_WITH(Conv3DBackpropInputV2, J({"strides":2,"activation":"sigmoid"}), "f[1,2,2,1,3] f[2,2,2,4,3] - f[4]", "f[1,4,4,2,4]", CASE_NO_GRADIENT, 0),
    CASE(Conv3DBackpropInputV2, NULL, "f[2,2,2,4,4] f[2,3,2,3,4] f[2,3,4,6,3]", "!SHAPE"),
    CASE(Conv3DBackpropInputV2, J({"strides":2,"extra":[0,0,2]}), "f[1,2,2,2,1] f[3,3,3,1,1]", "!INVALID_ARGUMENT"),

    CASE(Conv3DBackpropFilterV2, NULL, "f[1,1,2,2,1]{1,2,3,4} f[1,1,1,1,1]{2} f[1,2,2,1,1]", "f[1,2,2,1,1]{2,4,6,8}"),
    CASE(Conv3DBackpropFilterV2, NULL, "f[2,3,4,5,3] f[2,2,2,4,4] f[2,3,2,3,4]", "f[2,3,2,3,4]"),
    CASE(Conv3DBackpropFilterV2, J({"padding":"same","strides":[1,2,3]}), "f[1,3,5,7,2] f[1,3,3,3,3] f[2,3,4,2,3]", "f[2,3,4,2,3]"),
    CASE(Conv3DBackpropFilterV2, NULL, "f[2,3,3,2,4] f[2,2,2,1,6] f[2,2,2,2,6]", "f[2,2,2,2,6]"),
    CASE(Conv3DBackpropFilterV2, NULL, "f[2,3,4,5,3] f[2,2,2,3,4] f[2,3,2,3,4]", "!SHAPE"),

    CASE(MaxPool3D, J({"size":2,"strides":1}), "f[1,2,2,3,1]{1,2,3,4,9,6,7,8,5,-1,0,10}", "f[1,1,1,2,1]{9,10}"),
    CASE(MaxPool3D, J({"size":2,"strides":2}), "f[1,2,2,2,2]{1,nan,inf,2,-inf,3,0,4,1,1,1,1,1,1,1,1}", "f[1,1,1,1,2]{inf,nan}"),
    CASE(MaxPool3D, J({"size":2,"strides":2}), "f[2,4,5,2,3]!", "f[2,2,2,1,3]"),
    CASE(MaxPool3D, J({"size":[3,2,1],"strides":[1,2,2],"padding":"same"}), "f[1,4,5,3,2]!", "f[1,4,3,2,2]"),
    CASE(MaxPool3D, J({"size":3,"strides":2,"padding":"explicit","pads":[[2,1],[0,1],[1,0]]}), "f[1,3,4,5,2]!", "f[1,2,2,2,2]"),
    CASE(MaxPool3D, J({"size":2,"strides":2}), "f[0,4,4,4,1]", "f[0,2,2,2,1]"),
    CASE(MaxPool3D, J({"size":2,"strides":2}), "f[1,4,4,1]", "!SHAPE"),
    CASE(MaxPool3D, J({"size":[2,2,5],"strides":2}), "f[1,4,4,4,1]", "!SHAPE"),
    CASE(MaxPool3D, J({"size":2,"strides":2}), "i[1,4,4,4,1]", "!DTYPE"),

    CASE(MaxPool3DGrad, J({"size":2,"strides":1}), "f[1,2,1,3,1]{1,5,5,2,3,4} f[1,1,1,2,1]{5,5} f[1,1,1,2,1]{10,100}", "!SHAPE"),
    CASE(MaxPool3DGrad, J({"size":[2,1,2],"strides":1}), "f[1,2,1,3,1]{1,5,2,5,3,4} f[1,1,1,2,1]{5,5} f[1,1,1,2,1]{10,100}",
         "f[1,2,1,3,1]{0,110,0,0,0,0}"),
    CASE(MaxPool3DGrad, J({"size":2,"strides":2,"padding":"same"}), "f[1,3,2,3,2]! f[1,2,1,2,2] f[1,2,1,2,2]", "f[1,3,2,3,2]"),
    CASE(MaxPool3DGradGrad, J({"size":2,"strides":2,"padding":"same"}), "f[1,3,2,3,2]! f[1,2,1,2,2] f[1,3,2,3,2]", "f[1,2,1,2,2]"),
    CASE(MaxPool3DGradGrad, J({"size":2,"strides":2,"padding":"same"}), "f[1,3,2,3,2]! f[1,2,1,2,2] f[1,3,2,3,1]", "!SHAPE"),
    CASE(MaxPool3DGrad, J({"size":2,"strides":2}), "f[1,3,2,3,2]! f[1,2,1,2,2] f[1,2,1,2,2]", "!SHAPE"),

    CASE(AvgPool3D, J({"size":2,"strides":2,"padding":"same"}), "f[1,1,3,3,1]{1,2,3,4,5,6,7,8,9}", "f[1,1,2,2,1]{3,4.5,7.5,9}"),
    CASE(AvgPool3D, J({"size":2,"strides":2}), "f[2,4,5,2,3]", "f[2,2,2,1,3]"),
    CASE(AvgPool3D, J({"size":[3,2,1],"strides":[1,2,2],"padding":"same"}), "f[1,4,5,3,2]", "f[1,4,3,2,2]"),
    CASE(AvgPool3D, J({"size":3,"strides":2,"padding":"explicit","pads":[[2,1],[0,1],[1,0]]}), "f[1,3,4,5,2]", "f[1,2,2,2,2]"),
    CASE(AvgPool3D, J({"size":2,"strides":2}), "f[1,4,4,4,0]", "f[1,2,2,2,0]"),

    CASE(AvgPool3DGrad, J({"size":2,"strides":2,"padding":"same"}), "f[1,1,3,3,1] f[1,1,2,2,1]{4,2,2,1}", "f[1,1,3,3,1]{1,1,1,1,1,1,1,1,1}"),
    CASE(AvgPool3DGrad, J({"size":[3,2,1],"strides":[1,2,2],"padding":"same"}), "f[1,4,5,3,2] f[1,4,3,2,2]", "f[1,4,5,3,2]"),
    CASE(AvgPool3DGrad, J({"size":2,"strides":2}), "f[1,4,5,3,2] f[1,4,3,2,2]", "!SHAPE"),
};

OP_FAMILY(volume)
