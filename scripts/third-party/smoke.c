/* Links and runs what set-up has just built: one fully connected layer, 2 rows, checked against the sum by hand. */
#include <math.h>
#include <pthreadpool.h>
#include <stdio.h>
#include <xnnpack.h>

enum { ROWS = 2, INPUTS = 64, OUTPUTS = 48, PADDING = XNN_EXTRA_BYTES / sizeof(float) };

static float input[ROWS * INPUTS + PADDING];
static float kernel[OUTPUTS * INPUTS];
static float output[ROWS * OUTPUTS];

static float expected(int row, int column) {
  float sum = 0;
  for (int k = 0; k < INPUTS; k++) sum += input[row * INPUTS + k] * kernel[column * INPUTS + k];
  return sum;
}

static int wrong_results(void) {
  int wrong = 0;
  for (int i = 0; i < ROWS * OUTPUTS; i++) wrong += !(fabsf(output[i] - expected(i / OUTPUTS, i % OUTPUTS)) < 1e-4f);
  return wrong;
}

int main(void) {
  for (int i = 0; i < ROWS * INPUTS; i++) input[i] = (float)(i % 7) - 3.0f;
  for (int i = 0; i < OUTPUTS * INPUTS; i++) kernel[i] = (float)(i % 5) * 0.25f - 0.5f;

  pthreadpool_t pool = pthreadpool_create(2);
  xnn_operator_t dense = NULL;
  if (xnn_initialize(NULL) != xnn_status_success ||
      xnn_create_fully_connected_nc_f32(INPUTS, OUTPUTS, INPUTS, OUTPUTS, kernel, NULL, -INFINITY, INFINITY, 0, NULL, NULL,
                                        &dense) != xnn_status_success ||
      xnn_reshape_fully_connected_nc_f32(dense, ROWS, pool) != xnn_status_success ||
      xnn_setup_fully_connected_nc_f32(dense, input, output) != xnn_status_success ||
      xnn_run_operator(dense, pool) != xnn_status_success) {
    printf("XNNPACK refused a fully connected operator\n");
    return 1;
  }
  xnn_delete_operator(dense);
  int threads = (int)pthreadpool_get_threads_count(pool);
  pthreadpool_destroy(pool);

  int wrong = wrong_results();
  printf("%s: %d threads, %d wrong results\n", wrong ? "failed" : "ok", threads, wrong);
  return wrong != 0;
}
