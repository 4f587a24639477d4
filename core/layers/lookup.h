/* lookup.h: layers with a vocabulary: what they read of it, and how it is looked up. */
#ifndef HORN_LOOKUP_H
#define HORN_LOOKUP_H

#include "layers/encode.h"

extern const char *const horn__lookup_modes[];
enum { HORN__LOOKUP_INT, HORN__LOOKUP_ONE_HOT, HORN__LOOKUP_MULTI_HOT, HORN__LOOKUP_COUNT, HORN__LOOKUP_TF_IDF };

/** A token: a string, or (text NULL) a number. */
typedef struct horn__token {
  const char *text;
  int32_t number;
} horn__token;

/** A vocabulary; create fills the first part, horn__vocabulary_read the second. */
typedef struct horn__vocabulary {
  bool strings, masked;  /* of strings or of int32; whether there is a mask token */
  horn__token mask, oov;
  int32_t oovs, mode;    /* how many indices tokens have that are not in it; the output mode */
  const cJSON *first;    /* token, behind the special ones */
  int32_t count;         /* of tokens, without special ones */
  int32_t start;         /* index of the first token */
  bool specials;         /* the list began with the special tokens */
  int32_t depth;         /* of encodings */
} horn__vocabulary;

/** Reads the list of tokens of a config and checks it; max_tokens: the depth of encodings, or NULL: as many as there are. */
horn_status horn__vocabulary_read(const horn__layer *layer, const cJSON *list, const cJSON *max_tokens, horn__vocabulary *out);

/** The tokens, and behind them the mask token where there is one and it is asked for: a constant [count] or [count + 1]. */
horn__value horn__vocabulary_keys(horn__graph *graph, const horn__vocabulary *vocabulary, bool mask);

/** Indices of x: of tokens from `start` on, of the mask 0 (-2 in encodings, which leaves it out), of others -1, or their index where there is one. */
horn__value horn__vocabulary_look_up(horn__graph *graph, const horn__vocabulary *vocabulary, horn__value x);

/** The weights of tf_idf, [depth], from the list of a config: special tokens without one have the mean. */
horn_status horn__vocabulary_weights(const horn__layer *layer, horn__graph *graph, const horn__vocabulary *vocabulary, const cJSON *list,
                                     horn__value *out);

#endif
