/* Cases whose sizes meet every branch of the fast CPU backend: rests of vectors, panels and groups, edges of images, work for threads. */
#include "case.h"

/* with a bias or an activation, as fusing makes them when the gradients are there already */
#define FUSED(Op, attributes, inputs, outputs) CASE_WITH(Op, attributes, inputs, outputs, CASE_NO_GRADIENT, 0)
/* gates and cells have no gradient of their own */
#define LSTM(attributes, inputs, outputs) CASE_WITH(LSTM, attributes, inputs, outputs, 0, 7)
#define GRU(attributes, inputs, outputs) CASE_WITH(GRU, attributes, inputs, outputs, 0, 3)

static const op_case rows[] = {
    /* products: one row, rests of tiles, a batch of one matrix b, work for two threads */
    CASE(BatchMatMul, NULL, "f[1,37] f[37,1]", "f[1,1]"),
    CASE(BatchMatMul, NULL, "f[1,130] f[130,67]", "f[1,67]"),
    CASE(BatchMatMul, NULL, "f[2,3,5,7] f[7,33]", "f[2,3,5,33]"),
    CASE(BatchMatMul, NULL, "f[2,3,5,7] f[1,1,7,33]", "f[2,3,5,33]"),
    CASE(BatchMatMul, NULL, "f[1,5,7] f[3,7,9]", "f[3,5,9]"),
    FUSED(BatchMatMul, J({"transposeA":true,"activation":"swish"}), "f[2,3,7,5] f[2,1,7,9] f[9]", "f[2,3,5,9]"),
    FUSED(BatchMatMul, J({"transposeB":true,"activation":"relu"}), "f[5,7] f[9,7] f[9]", "f[5,9]"),
    FUSED(BatchMatMul, J({"activation":"relu6"}), "f[5,7] f[7,9] f[9]", "f[5,9]"),
    FUSED(BatchMatMul, J({"activation":"gelu"}), "f[130,90]<-0.5,0.5> f[90,101]<-0.5,0.5> f[101]", "f[130,101]"),
    /* convolutions: groups, one channel a group, strides, dilations, every padding, fused activations, work for two threads */
    CASE(Conv2D, J({"padding":"same"}), "f[2,7,9,3] f[3,3,3,5]", "f[2,7,9,5]"),
    FUSED(Conv2D, J({"padding":"same","strides":[2,3],"activation":"relu"}), "f[2,8,9,4] f[3,2,4,5] f[5]", "f[2,4,3,5]"),
    FUSED(Conv2D, J({"dilations":[2,1],"activation":"tanh"}), "f[1,9,6,4] f[3,3,4,7] f[7]", "f[1,5,4,7]"),
    FUSED(Conv2D, J({"padding":"explicit","pads":[[1,2],[0,3]],"activation":"relu6"}), "f[1,5,6,3] f[3,3,3,4] f[4]", "f[1,6,7,4]"),
    CASE(Conv2D, J({"padding":"same"}), "f[1,5,6,6] f[3,3,2,9]", "f[1,5,6,9]"),
    CASE(Conv2D, J({"padding":"same"}), "f[1,5,6,6] f[3,3,1,12]", "f[1,5,6,12]"),
    FUSED(Conv2D, NULL, "f[2,5,6,7] f[1,1,7,9] f[9]", "f[2,5,6,9]"),
    CASE(Conv2D, J({"strides":2}), "f[2,5,6,7] f[1,1,7,9]", "f[2,3,3,9]"),
    FUSED(Conv2D, J({"padding":"same","activation":"swish"}), "f[1,20,21,17]<-0.5,0.5> f[3,3,17,19]<-0.5,0.5> f[19]", "f[1,20,21,19]"),
    CASE(Conv2DBackpropInput, J({"padding":"same"}), "f[3,12,13,19]<-0.5,0.5> f[3,3,17,19]<-0.5,0.5> f[3,12,13,17]", "f[3,12,13,17]"),
    CASE(Conv2DBackpropInput, J({"strides":2}), "f[3,9,10,17]<-0.5,0.5> f[1,1,33,17]<-0.5,0.5> f[3,17,19,33]", "f[3,17,19,33]"),
    CASE(Conv2DBackpropInput, NULL, "f[3,9,10,17]<-0.5,0.5> f[1,1,33,17]<-0.5,0.5> f[3,9,10,33]", "f[3,9,10,33]"),
    CASE(Conv2DBackpropFilter, J({"padding":"same"}), "f[3,12,13,17]<-0.5,0.5> f[3,12,13,19]<-0.5,0.5> f[3,3,17,19]", "f[3,3,17,19]"),
    CASE(Conv2DBackpropFilter, NULL, "f[3,9,10,33]<-0.5,0.5> f[3,9,10,17]<-0.5,0.5> f[1,1,33,17]", "f[1,1,33,17]"),
    /* depthwise: rests of vectors and of groups of pixels, windows wider than the image, more than one filter a channel */
    CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[2,7,9,3] f[3,3,3,1]", "f[2,7,9,3]"),
    FUSED(DepthwiseConv2dNative, J({"padding":"same","activation":"relu6"}), "f[1,6,13,21] f[3,3,21,1] f[21]", "f[1,6,13,21]"),
    FUSED(DepthwiseConv2dNative, J({"padding":"same","strides":2,"activation":"swish"}), "f[2,9,15,40] f[5,5,40,1] f[40]", "f[2,5,8,40]"),
    CASE(DepthwiseConv2dNative, J({"dilations":2,"padding":"same"}), "f[1,9,11,8] f[3,3,8,1]", "f[1,9,11,8]"),
    FUSED(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,2,3,5] f[5,7,5,1] f[5]", "f[1,2,3,5]"),
    FUSED(DepthwiseConv2dNative, J({"padding":"explicit","pads":[[4,4],[5,5]]}), "f[1,2,2,9] f[2,2,9,1] f[9]", "f[1,9,11,9]"),
    FUSED(DepthwiseConv2dNative, J({"padding":"same","activation":"relu"}), "f[1,6,5,7] f[3,3,7,3] f[21]", "f[1,6,5,21]"),
    CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,30,31,64] f[3,3,64,1]", "f[1,30,31,64]"),
    /* pooling */
    CASE_WITH(MaxPool, J({"size":[2,3],"strides":[2,1],"padding":"same"}), "f[2,5,7,35]", "f[2,3,7,35]", CASE_NO_GRADIENT, 0),
    CASE(AvgPool, J({"size":[3,2],"strides":[2,1],"padding":"same"}), "f[2,5,7,35]", "f[2,3,7,35]"),
    CASE(AvgPool, J({"size":[2,2],"strides":[3,3],"padding":"explicit","pads":[[1,1],[0,1]]}), "f[1,5,6,9]", "f[1,2,2,9]"),
    CASE_WITH(MaxPool, J({"size":[3,3],"strides":[1,1]}), "f[1,31,32,70]", "f[1,29,30,70]", CASE_NO_GRADIENT, 0),
    /* reductions over the first, middle and last axes, far apart, of one element */
    CASE(Sum, J({"axes":[0]}), "f[7,5,9]", "f[5,9]"),
    CASE(Mean, J({"axes":[1,2]}), "f[2,5,7,67]", "f[2,67]"),
    CASE(Mean, J({"axes":[-1],"keepDims":true}), "f[3,133]", "f[3,1]"),
    CASE(Sum, J({"axes":[0,2]}), "f[3,4,5]", "f[4]"),
    CASE_WITH(Max, J({"axes":[1]}), "f[3,40,33]", "f[3,33]", CASE_NO_GRADIENT, 0),
    CASE(Mean, NULL, "f[300,301]", "f[]"),
    CASE(SumLike, NULL, "f[4,3,5,37] f[37]", "f[37]"),
    CASE(SumLike, NULL, "f[4,3,5] f[4,1,1]", "f[4,1,1]"),
    CASE(SumLike, NULL, "f[4,3,5] f[1,3,1]", "f[1,3,1]"),
    CASE(Softmax, NULL, "f[3,1000]", "f[3,1000]"),
    CASE(LogSoftmax, NULL, "f[2,600]<-30,30>", "f[2,600]"),
    CASE(Softmax, NULL, "f[300,140]", "f[300,140]"),
    CASE(FusedBatchNorm, NULL, "f[3,4,37] f[37] f[37] f[37] f[37]<0.1,2>", "f[3,4,37]"),
    CASE(FusedBatchNorm, NULL, "f[300,137] - f[137] f[137] f[137]<0.1,2>", "f[300,137]"),
    /* element-wise: broadcasting either way, several outer axes, work for two threads */
    CASE(Add, NULL, "f[5,1,7,1] f[3,1,6]", "f[5,3,7,6]"),
    CASE(Sub, NULL, "f[33] f[4,5,33]", "f[4,5,33]"),
    CASE(RealDiv, NULL, "f[4,5,33] f[4,5,1]<1,2>", "f[4,5,33]"),
    CASE(Multiply, NULL, "f[2,6,7,9] f[2,1,1,9]", "f[2,6,7,9]"),
    CASE(Multiply, NULL, "f[300,401] f[300,401]", "f[300,401]"),
    CASE(Add, NULL, "f[] f[300,401]", "f[300,401]"),
    CASE(Sub, NULL, "f[300,401] f[401]", "f[300,401]"),
    CASE(Tanh, NULL, "f[300,401]<-9,9>", "f[300,401]"),
    /* recurrent: groups of sequences and a rest, more steps than are computed ahead, both directions, masks, work for two threads */
    LSTM(NULL, "f[1,1,1] f[1,4] f[1,4]", NULL),
    LSTM(NULL, "f[8,15,5] f[5,36] f[9,36] f[36]", NULL),
    CASE_WITH(LSTM, J({"backwards":true,"activation":"relu","recurrentActivation":"hard_sigmoid"}),
         "f[7,13,3] f[3,20]<-0.4,0.4> f[5,20]<-0.4,0.4> f[20] f[7,5] f[7,5]", NULL, CASE_NO_GRADIENT, 7), /* kinks */
    LSTM(NULL, "f[3,14,4] f[4,12] f[3,12] f[12] f[3,3] f[3,3] b[3,14]", NULL),
    LSTM(NULL, "f[30,20,24]<-0.5,0.5> f[24,68]<-0.5,0.5> f[17,68]<-0.5,0.5> f[68]", NULL),
    GRU(J({"resetAfter":true}), "f[8,15,5] f[5,27] f[9,27] f[2,27]", NULL),
    GRU(J({"resetAfter":true,"backwards":true}), "f[3,14,4] f[4,9] f[3,9] - f[3,3] b[3,14]", NULL),
    GRU(J({"resetAfter":false}), "f[8,15,5] f[5,27] f[9,27] f[27]", NULL),
    GRU(J({"resetAfter":false,"backwards":true}), "f[7,14,4] f[4,9] f[3,9] f[9] f[7,3] b[7,14]", NULL),
};

OP_FAMILY(xnn)
