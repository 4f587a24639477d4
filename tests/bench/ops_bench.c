/* How fast the kernels of the fast CPU backend are, one thread and two: `ops_bench [part of a name]`. Each figure is the best of several
 * windows, with constant weights as a model has them. Compare within one run only: machines drift. An op with two kernels has a row for
 * each, measured in turns; * is the one that a plan takes. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backends/xnn/pair.h"
#include "case.h"

typedef struct bench {
  const char *name;
  op_case row;
  double work;       /* floating point operations, or elements */
  const char *unit;  /* of 1e9 of them a second */
  bool variable;     /* the weights change from run to run */
} bench;

#define GEMM(m, k, n) 2.0 * (m) * (k) * (n)
#define FLOPS "GFLOP/s"
#define ELEMENTS "Gelem/s"

static const bench benches[] = {
    {"matmul 256^3", CASE(BatchMatMul, NULL, "f[256,256] f[256,256]", NULL), GEMM(256, 256, 256), FLOPS, false},
    {"matmul 512^3", CASE(BatchMatMul, NULL, "f[512,512] f[512,512]", NULL), GEMM(512, 512, 512), FLOPS, false},
    {"matmul 1024^3", CASE(BatchMatMul, NULL, "f[1024,1024] f[1024,1024]", NULL), GEMM(1024, 1024, 1024), FLOPS, false},
    {"matmul 512^3, both variable", CASE(BatchMatMul, NULL, "f[512,512] f[512,512]", NULL), GEMM(512, 512, 512), FLOPS, true},
    {"matmul 1 x 1024 x 1024", CASE(BatchMatMul, NULL, "f[1,1024] f[1024,1024]", NULL), GEMM(1, 1024, 1024), FLOPS, false},
    {"matmul 32 x 784 x 128, variable", CASE(BatchMatMul, NULL, "f[32,784] f[784,128]", NULL), GEMM(32, 784, 128), FLOPS, true},
    {"matmul 784' x 32 x 128, variable", CASE(BatchMatMul, J({"transposeA":true}), "f[32,784] f[32,128]", NULL), GEMM(784, 32, 128), FLOPS, true},
    {"matmul 4 x 16 x 8 (tiny)", CASE(BatchMatMul, NULL, "f[4,16] f[16,8]", NULL), GEMM(4, 16, 8), FLOPS, false},
    {"conv 3x3 56x56 64->64", CASE(Conv2D, J({"padding":"same","activation":"relu"}), "f[1,56,56,64] f[3,3,64,64] f[64]", NULL),
     GEMM(56 * 56, 9 * 64, 64), FLOPS, false},
    {"conv 1x1 56x56 64->256", CASE(Conv2D, NULL, "f[1,56,56,64] f[1,1,64,256] f[256]", NULL), GEMM(56 * 56, 64, 256), FLOPS, false},
    {"conv 3x3 112x112 3->32", CASE(Conv2D, J({"padding":"same"}), "f[1,112,112,3] f[3,3,3,32] f[32]", NULL), GEMM(112 * 112, 27, 32), FLOPS,
     false},
    {"conv 3x3 28x28 32->64, variable", CASE(Conv2D, J({"padding":"same"}), "f[32,28,28,32] f[3,3,32,64]", NULL), GEMM(32 * 784, 288, 64), FLOPS,
     true},
    {"conv dx 28x28 32->64, variable", CASE(Conv2DBackpropInput, J({"padding":"same"}), "f[32,28,28,64] f[3,3,32,64] f[32,28,28,32]", NULL),
     GEMM(32 * 784, 288, 64), FLOPS, true},
    {"conv dfilter 28x28 32->64, variable", CASE(Conv2DBackpropFilter, J({"padding":"same"}), "f[32,28,28,32] f[32,28,28,64] f[3,3,32,64]", NULL),
     GEMM(32 * 784, 288, 64), FLOPS, true},
    {"depthwise 3x3 56x56x128", CASE(DepthwiseConv2dNative, J({"padding":"same","activation":"relu6"}), "f[1,56,56,128] f[3,3,128,1] f[128]", NULL),
     2.0 * 56 * 56 * 128 * 9, FLOPS, false},
    {"depthwise 3x3 /2 112x112x96", CASE(DepthwiseConv2dNative, J({"padding":"same","strides":2}), "f[1,112,112,96] f[3,3,96,1] f[96]", NULL),
     2.0 * 56 * 56 * 96 * 9, FLOPS, false},
    {"depthwise 5x5 14x14x480", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,14,14,480] f[5,5,480,1] f[480]", NULL),
     2.0 * 14 * 14 * 480 * 25, FLOPS, false},
    {"depthwise 3x3 dilated 28x28x256", CASE(DepthwiseConv2dNative, J({"padding":"same","dilations":2}), "f[1,28,28,256] f[3,3,256,1] f[256]", NULL),
     2.0 * 28 * 28 * 256 * 9, FLOPS, false},
    {"depthwise 7x7 28x28x96", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,28,28,96] f[7,7,96,1] f[96]", NULL),
     2.0 * 28 * 28 * 96 * 49, FLOPS, false},
    {"depthwise 5x5 /2 28x28x240", CASE(DepthwiseConv2dNative, J({"padding":"same","strides":2}), "f[1,28,28,240] f[5,5,240,1] f[240]", NULL),
     2.0 * 14 * 14 * 240 * 25, FLOPS, false},
    {"depthwise 3x3 28x28x4", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,28,28,4] f[3,3,4,1] f[4]", NULL), 2.0 * 28 * 28 * 4 * 9, FLOPS,
     false},
    {"depthwise 3x3 x2 28x28x32", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,28,28,32] f[3,3,32,2] f[64]", NULL),
     2.0 * 28 * 28 * 64 * 9, FLOPS, false},
    {"depthwise 1x9 1x200x64", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,1,200,64] f[1,9,64,1] f[64]", NULL),
     2.0 * 200 * 64 * 9, FLOPS, false},
    {"depthwise 3x3 3x3x1024", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,3,3,1024] f[3,3,1024,1] f[1024]", NULL),
     2.0 * 9 * 1024 * 9, FLOPS, false},
    {"depthwise 9x1 200x1x64", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,200,1,64] f[9,1,64,1] f[64]", NULL),
     2.0 * 200 * 64 * 9, FLOPS, false},
    {"depthwise 3x3 7x7x960", CASE(DepthwiseConv2dNative, J({"padding":"same"}), "f[1,7,7,960] f[3,3,960,1] f[960]", NULL),
     2.0 * 7 * 7 * 960 * 9, FLOPS, false},
    {"max pool 3x3 /2 112x112x64", CASE(MaxPool, J({"size":3,"strides":2,"padding":"same"}), "f[1,112,112,64]", NULL), 9.0 * 56 * 56 * 64, ELEMENTS,
     false},
    {"max pool 2x2 /2 112x112x64", CASE(MaxPool, J({"size":2,"strides":2}), "f[1,112,112,64]", NULL), 4.0 * 56 * 56 * 64, ELEMENTS, false},
    {"max pool 3x3 /1 14x14x480", CASE(MaxPool, J({"size":3,"strides":1,"padding":"same"}), "f[1,14,14,480]", NULL), 9.0 * 14 * 14 * 480, ELEMENTS,
     false},
    {"max pool 13x13 /1 13x13x128", CASE(MaxPool, J({"size":13,"strides":1,"padding":"same"}), "f[1,13,13,128]", NULL), 169.0 * 169 * 128, ELEMENTS,
     false},
    {"max pool 2x2 /2 28x28x16", CASE(MaxPool, J({"size":2,"strides":2}), "f[1,28,28,16]", NULL), 4.0 * 14 * 14 * 16, ELEMENTS, false},
    {"max pool 2x2 /2 28x28x32", CASE(MaxPool, J({"size":2,"strides":2}), "f[1,28,28,32]", NULL), 4.0 * 14 * 14 * 32, ELEMENTS, false},
    {"max pool 2x1 /2 100x1x64", CASE(MaxPool, J({"size":[2,1],"strides":[2,1]}), "f[1,100,1,64]", NULL), 2.0 * 50 * 64, ELEMENTS, false},
    {"max pool 3x3 /2 14x14x256", CASE(MaxPool, J({"size":3,"strides":2,"padding":"same"}), "f[1,14,14,256]", NULL), 9.0 * 7 * 7 * 256, ELEMENTS,
     false},
    {"max pool 2x2 /2 28x28x8", CASE(MaxPool, J({"size":2,"strides":2}), "f[1,28,28,8]", NULL), 4.0 * 14 * 14 * 8, ELEMENTS, false},
    {"max pool 2x2 /2 256x256x3", CASE(MaxPool, J({"size":2,"strides":2}), "f[1,256,256,3]", NULL), 4.0 * 128 * 128 * 3, ELEMENTS, false},
    {"average pool 3x3 /1 35x35x192", CASE(AvgPool, J({"size":3,"strides":1,"padding":"same"}), "f[1,35,35,192]", NULL), 9.0 * 35 * 35 * 192,
     ELEMENTS, false},
    {"average pool 3x3 /1 8x8x2048", CASE(AvgPool, J({"size":3,"strides":1,"padding":"same"}), "f[1,8,8,2048]", NULL), 9.0 * 64 * 2048, ELEMENTS,
     false},
    {"average pool 7x7 7x7x1024", CASE(AvgPool, J({"size":7,"strides":7}), "f[1,7,7,1024]", NULL), 49.0 * 1024, ELEMENTS, false},
    {"average pool 2x2 /2 28x28x16", CASE(AvgPool, J({"size":2,"strides":2}), "f[1,28,28,16]", NULL), 4.0 * 14 * 14 * 16, ELEMENTS, false},
    {"average pool 2x2 /2 28x28x32", CASE(AvgPool, J({"size":2,"strides":2}), "f[1,28,28,32]", NULL), 4.0 * 14 * 14 * 32, ELEMENTS, false},
    {"average pool 4x4 /4 16x16x64", CASE(AvgPool, J({"size":4,"strides":4}), "f[1,16,16,64]", NULL), 256.0 * 64, ELEMENTS, false},
    {"average pool 2x2 /2 28x28x8", CASE(AvgPool, J({"size":2,"strides":2}), "f[1,28,28,8]", NULL), 4.0 * 14 * 14 * 8, ELEMENTS, false},
    {"average pool 2x2 /2 256x256x3", CASE(AvgPool, J({"size":2,"strides":2}), "f[1,256,256,3]", NULL), 4.0 * 128 * 128 * 3, ELEMENTS, false},
    {"average pool 2x2 /2 56x56x128", CASE(AvgPool, J({"size":2,"strides":2}), "f[1,56,56,128]", NULL), 4.0 * 28 * 28 * 128, ELEMENTS, false},
    {"mean over 7x7x1280", CASE(Mean, J({"axes":[1,2]}), "f[1,7,7,1280]", NULL), 49.0 * 1280, ELEMENTS, false},
    {"softmax 256x1000", CASE(Softmax, NULL, "f[256,1000]", NULL), 256000, ELEMENTS, false},
    {"softmax 1x1000", CASE(Softmax, NULL, "f[1,1000]", NULL), 1000, ELEMENTS, false},
    {"softmax 1x10", CASE(Softmax, NULL, "f[1,10]", NULL), 10, ELEMENTS, false},
    {"softmax 8x64x64", CASE(Softmax, NULL, "f[8,64,64]", NULL), 8 * 64 * 64, ELEMENTS, false},
    {"softmax 12x128x128", CASE(Softmax, NULL, "f[12,128,128]", NULL), 12 * 128 * 128, ELEMENTS, false},
    {"pad 1 56x56x64", CASE(PadV2, J({"paddings":[0,0,1,1,1,1,0,0]}), "f[1,56,56,64]", NULL), 58.0 * 58 * 64, ELEMENTS, false},
    {"pad 3 224x224x3", CASE(PadV2, J({"paddings":[0,0,3,3,3,3,0,0]}), "f[1,224,224,3]", NULL), 230.0 * 230 * 3, ELEMENTS, false},
    {"pad 1 7x7x512", CASE(PadV2, J({"paddings":[0,0,1,1,1,1,0,0]}), "f[1,7,7,512]", NULL), 81.0 * 512, ELEMENTS, false},
    {"pad 1 14x14x256", CASE(PadV2, J({"paddings":[0,0,1,1,1,1,0,0]}), "f[1,14,14,256]", NULL), 16.0 * 16 * 256, ELEMENTS, false},
    {"pad 1 28x28x128", CASE(PadV2, J({"paddings":[0,0,1,1,1,1,0,0]}), "f[1,28,28,128]", NULL), 30.0 * 30 * 128, ELEMENTS, false},
    {"pad 0,2 32x80x256", CASE(PadV2, J({"paddings":[0,0,2,0,0,0]}), "f[32,80,256]", NULL), 32.0 * 82 * 256, ELEMENTS, false},
    {"pad 0,2 32x80x16", CASE(PadV2, J({"paddings":[0,0,2,0,0,0]}), "f[32,80,16]", NULL), 32.0 * 82 * 16, ELEMENTS, false},
    {"pad channels 56x56x64", CASE(PadV2, J({"paddings":[0,0,0,0,0,0,16,16]}), "f[1,56,56,64]", NULL), 56.0 * 56 * 96, ELEMENTS, false},
    {"softmax 32x10", CASE(Softmax, NULL, "f[32,10]", NULL), 320, ELEMENTS, false},
    {"batch norm 56x56x64", CASE(FusedBatchNorm, NULL, "f[1,56,56,64] f[64] f[64] f[64] f[64]<0.5,1>", NULL), 56.0 * 56 * 64, ELEMENTS, false},
    {"add 1M", CASE(Add, NULL, "f[1024,1024] f[1024,1024]", NULL), 1 << 20, ELEMENTS, false},
    {"add 1M + row", CASE(Add, NULL, "f[1024,1024] f[1024]", NULL), 1 << 20, ELEMENTS, false},
    {"relu 1M", CASE(Relu, NULL, "f[1024,1024]", NULL), 1 << 20, ELEMENTS, false},
    {"exp 1M", CASE(Exp, NULL, "f[1024,1024]", NULL), 1 << 20, ELEMENTS, false},
    {"tanh 1M", CASE(Tanh, NULL, "f[1024,1024]", NULL), 1 << 20, ELEMENTS, false},
    {"sigmoid 1M", CASE(Sigmoid, NULL, "f[1024,1024]", NULL), 1 << 20, ELEMENTS, false},
    {"gelu 1M", CASE(Gelu, NULL, "f[1024,1024]", NULL), 1 << 20, ELEMENTS, false},
    {"lstm b1 t80 f128 u128", CASE(LSTM, NULL, "f[1,80,128] f[128,512]<-0.1,0.1> f[128,512]<-0.1,0.1> f[512]", NULL), GEMM(80, 256, 512), FLOPS,
     false},
    {"lstm b32 t80 f128 u128", CASE(LSTM, NULL, "f[32,80,128] f[128,512]<-0.1,0.1> f[128,512]<-0.1,0.1> f[512]", NULL),
     GEMM(32 * 80, 256, 512), FLOPS, false},
    {"gru b1 t80 f128 u128", CASE(GRU, J({"resetAfter":true}), "f[1,80,128] f[128,384]<-0.1,0.1> f[128,384]<-0.1,0.1> f[2,384]", NULL),
     GEMM(80, 256, 384), FLOPS, false},
};

enum { THREADS = 2 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(horn_status status, const horn_context *ctx) {
  if (status == HORN_OK) return;
  fprintf(stderr, "%s\n", ctx->error);
  exit(1);
}

/* A step on outputs of its own. Only output 0 is read, as a model for inference does. */
typedef struct trial {
  horn__step step;
  horn__operand in[HORN__MAX_INPUTS], out[HORN__MAX_OUTPUTS];
  horn__tensor *y;
} trial;

static void start(trial *t, const op_run *run, const bench *b) {
  horn__type in[HORN__MAX_INPUTS], out[HORN__MAX_OUTPUTS] = {0};
  memset(t, 0, sizeof *t);
  for (int32_t i = 0; i < run->count; i++) {
    in[i] = run->in[i] == NULL ? (horn__type){.shape = {.rank = -1}} : run->in[i]->type;
    t->in[i] = (horn__operand){.type = in[i], .data = run->in[i] == NULL ? NULL : run->in[i]->data, .present = run->in[i] != NULL,
                               .constant = i > 0 && !b->variable && run->in[i] != NULL};
  }
  must(horn__infer_types(run->ctx, run->op, run->attributes, in, run->count, out), run->ctx);
  must(horn__tensor_create(run->ctx, &out[0], true, &t->y), run->ctx);
  for (int32_t i = 0; i < run->op->outputs; i++) t->out[i].type = out[i];
  t->out[0].data = t->y->data;
  t->out[0].present = true;
  t->step = (horn__step){.ctx = run->ctx, .backend = run->ctx->backend, .op = run->op, .attributes = run->attributes, .inputs = run->count,
                         .outputs = run->op->outputs, .in = t->in, .out = t->out};
}

static void prepare(trial *t, const horn__kernel *kernel) {
  t->step.kernel = kernel;
  if (kernel->prepare != NULL) must(kernel->prepare(&t->step), t->step.ctx);
  t->step.workspace = horn__alloc(t->step.ctx, t->step.workspace_size + HORN__BUFFER_EXTRA, true);
  if (t->step.workspace == NULL) exit(1);
}

static void stop(trial *t) {
  if (t->step.kernel != NULL && t->step.kernel->finish != NULL) t->step.kernel->finish(&t->step);
  horn__free(t->step.ctx, t->step.workspace);
  horn__tensor_release(t->step.ctx, t->y);
}

/* Seconds of one run in a window of 20 ms. */
static double window(const trial *t) {
  size_t runs = 0;
  const double begin = now();
  double end = begin;
  for (; end - begin < 0.02; end = now(), runs++) must(t->step.kernel->run(&t->step), t->step.ctx);
  return (end - begin) / (double)runs;
}

enum { KERNELS = 2 }; /* of an op with two: XNNPACK's, our own */

/* Seconds of one run by each kernel of the op, 0 where it has none or does not accept the step; *chosen: which one a plan takes. */
static void measure(const bench *b, horn_context *ctx, double *best, int *chosen) {
  op_run run;
  trial trials[KERNELS];
  must(case_prepare(&run, ctx, &b->row, "", CASE_FULL), ctx);
  for (int k = 0; k < KERNELS; k++) start(&trials[k], &run, b);
  const horn__pair *pair = horn__xnn_pair(run.op);
  const horn__kernel *taken = horn__kernel_for(&trials[0].step);
  const horn__kernel *const kernels[] = {pair == NULL ? taken : &pair->operator, pair == NULL ? NULL : &pair->own};
  for (int k = 0; k < KERNELS; k++) {
    best[k] = 0;
    if (kernels[k] == taken) *chosen = k;
    if (kernels[k] != NULL && (pair == NULL || kernels[k]->accepts(&trials[k].step))) prepare(&trials[k], kernels[k]);
  }
  for (int turn = 0; turn < 12; turn++) {
    for (int k = 0; k < KERNELS; k++) {
      if (trials[k].step.kernel == NULL) continue;
      const double seconds = window(&trials[k]);
      if (best[k] == 0 || seconds < best[k]) best[k] = seconds;
    }
  }
  for (int k = 0; k < KERNELS; k++) stop(&trials[k]);
  case_release(&run);
}

static void print(const bench *b, horn_context *const *contexts) {
  double best[THREADS][KERNELS];
  int chosen = 0;
  for (int32_t i = 0; i < THREADS; i++) measure(b, contexts[i], best[i], &chosen);
  const bool two = horn__xnn_pair(b->row.op) != NULL;
  for (int k = 0; k < KERNELS; k++) {
    if (best[0][k] == 0) continue;
    char name[64];
    snprintf(name, sizeof name, "%s%s%s", b->name, !two ? "" : k == 0 ? ", XNNPACK" : ", ours", two && k == chosen ? " *" : "");
    printf("%-44s %10.2f %10.2f %10.1f %10.1f %s\n", name, b->work / best[0][k] / 1e9, b->work / best[1][k] / 1e9, best[0][k] * 1e6,
           best[1][k] * 1e6, b->unit);
  }
}

int main(int count, char **arguments) {
  horn_context *contexts[THREADS];
  for (int32_t i = 0; i < THREADS; i++) {
    contexts[i] = case_context("xnn");
    if (contexts[i] == NULL) return 1;
    const horn__backend_class *type = contexts[i]->backend->type;
    type->close(contexts[i]->backend);
    must(type->open(contexts[i], i + 1, &contexts[i]->backend), contexts[i]);
  }
  printf("%-44s %10s %10s %10s %10s\n", "", "1 thread", "2 threads", "us, 1", "us, 2");
  for (size_t i = 0; i < sizeof benches / sizeof benches[0]; i++)
    if (count == 1 || strstr(benches[i].name, arguments[1]) != NULL) print(&benches[i], contexts);
  for (int32_t i = 0; i < THREADS; i++) horn_context_release(contexts[i]);
  return 0;
}
