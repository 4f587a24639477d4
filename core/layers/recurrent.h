/* recurrent.h: cells of recurrent layers, and what recurrent layers, wrappers and cells share. */
#ifndef HORN_RECURRENT_H
#define HORN_RECURRENT_H

#include "layers/common.h"

enum { HORN__MAX_STATES = 32, HORN__MAX_STEPS = 4096 /* of a sequence that runs step by step */ };

/** The config of SimpleRNN, LSTM, GRU and of their cells; of RNN the second part. */
typedef struct horn__rnn_config {
  int32_t units, activation, recurrent_activation, implementation;
  bool use_bias, unit_forget_bias, reset_after;
  double dropout, recurrent_dropout;
  HORN__WEIGHT_MEMBERS(kernel);
  HORN__WEIGHT_MEMBERS(recurrent);
  HORN__WEIGHT_MEMBERS(bias);
  const cJSON *seed;

  bool return_sequences, return_state, go_backwards, stateful, unroll, time_major, zero_output_for_mask;
  const cJSON *cell, *activity_regularizer;
} horn__rnn_config;

/** A sequence on its way through a cell. */
typedef struct horn__sequence {
  horn__graph *graph;
  horn__value x, mask;                  /* [B, T, ...]; [B, T] bool, HORN__NONE: all steps count */
  bool backwards;                       /* the last step first */
  horn__value states[HORN__MAX_STATES]; /* [B, size] before the first step, HORN__NONE: zeros; then what the last step leaves */
  horn__value y, last;                  /* the outputs in the order in which the steps ran [B, T, units], and the last one [B, units] */
} horn__sequence;

/** What makes a layer class a cell: its call takes x [B, ...] and its states, and gives its output and the new states. */
typedef struct horn__cell {
  /** Writes the size of each state and returns how many there are, at most HORN__MAX_STATES. */
  int32_t (*states)(const horn__layer *cell, int32_t *sizes);
  /** (optional) One step, of layers that are their own cells: their class's call is that of the layer. */
  horn_status (*step)(horn__call *call);
  /** (optional) Whether `run` can do what the config asks for. */
  bool (*runs)(const horn__layer *cell, const horn__graph *graph);
  /** (optional) All steps at once. Without it, and where it cannot, the cell is called step by step. */
  horn_status (*run)(horn__layer *cell, horn__sequence *sequence);
} horn__cell;

extern const horn__cell horn__simple_cell, horn__lstm_cell, horn__gru_cell, horn__stacked_cells;
/** Of a class that JavaScript brings, which may be a cell: its layers are read and written, and refuse their first step. */
extern const horn__cell horn__foreign_cell;

/** Checks the config of one of our cells, adds its weights. */
horn_status horn__cell_create(horn__layer *cell);
horn_status horn__simple_build(horn__layer *cell, const horn__type *inputs, int32_t count);
horn_status horn__lstm_build(horn__layer *cell, const horn__type *inputs, int32_t count);
horn_status horn__gru_build(horn__layer *cell, const horn__type *inputs, int32_t count);

/** Runs a sequence through a cell, which `how` describes: at once or step by step. Ours drop in training what their config says. */
horn_status horn__run_sequence(horn__layer *cell, const horn__cell *how, horn__sequence *sequence);

/** The value of the time axis (1) turned round. */
horn__value horn__reverse_time(horn__graph *graph, horn__value x);

/** Rows of config tables: of a cell's weights; of a layer over sequences. */
#define HORN__CELL_ROWS(T)                                                                                             \
  HORN__INT(T, units, NULL, NULL), HORN__ENUM(T, activation, horn__activation_names, NULL, "\"tanh\""),                  \
      HORN__BOOL(T, use_bias, NULL, "true"), HORN__WEIGHT_ROWS(T, kernel, HORN__GLOROT_UNIFORM),                       \
      HORN__WEIGHT_ROWS(T, recurrent, HORN__ORTHOGONAL), HORN__WEIGHT_ROWS(T, bias, HORN__ZEROS),                      \
      HORN__FLOAT(T, dropout, NULL, "0"), HORN__FLOAT(T, recurrent_dropout, NULL, "0"), HORN__JSON(T, seed, NULL, "null")
#define HORN__GATE_ROWS(T)                                                                                              \
  HORN__ENUM(T, recurrent_activation, horn__activation_names, NULL, "\"hard_sigmoid\""), HORN__INT(T, implementation, NULL, "1")
#define HORN__SEQUENCE_ROWS(T)                                                                                          \
  HORN__JSON(T, activity_regularizer, NULL, "null"), HORN__BOOL(T, return_sequences, NULL, "false"),                    \
      HORN__BOOL(T, return_state, NULL, "false"), HORN__BOOL(T, go_backwards, NULL, "false"),                           \
      HORN__BOOL(T, stateful, NULL, "false"), HORN__BOOL(T, unroll, NULL, "false"), HORN__BOOL(T, time_major, NULL, "false"), \
      HORN__FLAG(T, zero_output_for_mask)

#endif
