/* base.h: status and errors, allocation, arenas, strings, checked JSON, field tables. Knows no tensor. */
#ifndef HORN_BASE_H
#define HORN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hornbeam.h"

/* ---- context ---------------------------------------------------------------------------------------------------- */

struct horn__backend;
struct horn__handles;
struct horn__strings;
struct horn__tensor;

/** Where memory comes from; a test injects one that fails. alloc returns 64-byte aligned memory or NULL. */
typedef struct horn__allocator {
  void *(*alloc)(void *user, size_t size);
  void (*release)(void *user, void *block);
  void *user;
} horn__allocator;

enum { HORN__SPARES = 16 };

struct horn_context {
  horn__allocator allocator;
  uint64_t allocations;   /* calls of alloc so far */
  uint64_t bytes_in_use;
  uint64_t max_bytes;     /* 0: no limit, while the context is made */
  void *spares[HORN__SPARES]; /* blocks released last, kept for the next of the same size: a warm prediction allocates nothing */
  size_t spare_bytes;
  uint32_t next_spare;
  char error[1024];
  struct horn__backend *backend;
  struct horn__handles *handles;
  struct horn__strings *strings;       /* NULL before the first */
  struct horn__tensor *string_tensors; /* all that have elements of their own, as a list */
  char *answer;           /* the string last returned to the caller */
};

/* ---- status ------------------------------------------------------------------------------------------------------ */

#if defined(__GNUC__)
#define HORN__PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define HORN__PRINTF(a, b)
#endif

/** Stores the message on the context and returns status: `return horn__fail(ctx, HORN_E_SHAPE, "Dense: expected ..., got ...")`. */
horn_status horn__fail(horn_context *ctx, horn_status status, const char *format, ...) HORN__PRINTF(3, 4);

/** Puts "who: " before the stored message, once a caller knows more. Returns status. */
horn_status horn__blame(horn_context *ctx, horn_status status, const char *format, ...) HORN__PRINTF(3, 4);

/** Text of a status as JavaScript sees it: "SHAPE". */
const char *horn__status_code(horn_status status);

#define HORN__TRY(expression)                           \
  do {                                                  \
    horn_status horn__status_ = (expression);           \
    if (horn__status_ != HORN_OK) return horn__status_; \
  } while (0)

/* ---- allocation -------------------------------------------------------------------------------------------------- */

/** Allocates size bytes, 64-byte aligned, zeroed where `zero`. NULL with the error stored on the context when memory, or the context's
 *  maxBytes, is used up. */
void *horn__alloc(horn_context *ctx, size_t size, bool zero);

/** Releases a block of horn__alloc; NULL is allowed. */
void horn__free(horn_context *ctx, void *block);

/** Gives all spare blocks back to the allocator. */
void horn__free_spares(horn_context *ctx);

/** a * b into *out; false where that overflows. */
bool horn__multiply(size_t a, size_t b, size_t *out);

/** Grows an array to at least `needed` elements, doubling; *capacity and *array are updated. */
horn_status horn__grow(horn_context *ctx, void **array, size_t *capacity, size_t needed, size_t element);

/* ---- arena: many small pieces that die together -------------------------------------------------------------------- */

typedef struct horn__arena {
  horn_context *ctx;
  struct horn__chunk *chunks;
} horn__arena;

void horn__arena_init(horn__arena *arena, horn_context *ctx);
void horn__arena_release(horn__arena *arena);

/** Zeroed memory until the arena is released; NULL when memory is used up. */
void *horn__arena_alloc(horn__arena *arena, size_t size);
char *horn__arena_text(horn__arena *arena, const char *text);
char *horn__arena_format(horn__arena *arena, const char *format, ...) HORN__PRINTF(2, 3);

/* ---- text: a string that grows ------------------------------------------------------------------------------------- */

typedef struct horn__text {
  horn_context *ctx;
  char *data;          /* always terminated; NULL before the first write */
  size_t length, capacity;
  horn_status status;  /* sticky: the first failure */
} horn__text;

void horn__text_init(horn__text *text, horn_context *ctx);
void horn__text_release(horn__text *text);
void horn__text_add(horn__text *text, const char *format, ...) HORN__PRINTF(2, 3);
void horn__text_bytes(horn__text *text, const char *data, size_t length);
/** Adds text as a JSON string, quoted and escaped. */
void horn__text_quote(horn__text *text, const char *string);
/** Adds a number as JSON: the shortest text that reads back to the same float where `single`, to the same double otherwise. */
void horn__text_number(horn__text *text, double number, bool single);
/** Turns text into the answer of a call: borrowed by the caller until the next answer. */
horn_status horn__answer(horn_context *ctx, horn__text *text, const char **out);

/* ---- random numbers: no state, a word is a function of seed, salt and its index ----------------------------------------- */

/** Philox4x32-10: four words from a key of two and a counter of four. */
void horn__philox(const uint32_t *key, const uint32_t *counter, uint32_t *out);

/** The words of one seed and salt; words keeps the block that was asked last. */
typedef struct horn__random {
  uint32_t key[2], counter[4], words[4]; /* counter: block (low, high), salt, attempt */
} horn__random;

void horn__random_start(horn__random *random, const int32_t *seed, int32_t salt);
/** Makes words those of a block; attempt: a further draw for the same block, 0 at first. */
void horn__random_block(horn__random *random, uint64_t block, uint32_t attempt);
/** Word i: the same for each order in which words are asked. */
static inline uint32_t horn__random_word(horn__random *random, uint64_t i) {
  horn__random_block(random, i / 4, 0);
  return random->words[i % 4];
}
/** A word as a number above 0 and below 1. */
static inline double horn__random_unit(uint32_t word) { return (word + 0.5) * 0x1p-32; }
/** The x below which a standard normal variable is with probability p, 0 < p < 1. */
double horn__normal_quantile(double p);

/* ---- strings: each distinct one is kept once and has a number, which is what a tensor of them holds; 0 is the empty string ----- */

typedef struct horn__string {
  const char *data;    /* not terminated; until the next string is interned, or strings are swept */
  size_t length;
} horn__string;

/** Room for a string of this length, to be written and interned next: behind all others, so that a string seen before allocates nothing. */
horn_status horn__string_room(horn_context *ctx, size_t length, char **out);
/** The number of a string. data may be part of another string, or lie in the room. */
horn_status horn__string_intern(horn_context *ctx, const char *data, size_t length, uint32_t *out);
/** The string with this number; the empty one where there is none. */
horn__string horn__string_at(const horn_context *ctx, uint32_t number);
/** Whether strings have grown past twice what was alive after the last sweep. */
bool horn__strings_grown(const horn_context *ctx);
/** Marks a string as alive; horn__strings_sweep frees the numbers and bytes of all others, and takes the marks away. */
void horn__string_mark(horn_context *ctx, uint32_t number);
void horn__strings_sweep(horn_context *ctx);
void horn__strings_release(horn_context *ctx);
/** What they occupy. */
size_t horn__strings_bytes(const horn_context *ctx);

/* ---- hashes, the same as TensorFlow's ------------------------------------------------------------------------------------------ */

uint64_t horn__fingerprint(const char *data, size_t length);
/** The fingerprint of two fingerprints, in this order. */
uint64_t horn__fingerprint_join(uint64_t a, uint64_t b);
/** SipHash-2-4 with a key of two numbers. */
uint64_t horn__sip_hash(const uint64_t *key, const char *data, size_t length);

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

typedef struct cJSON cJSON;

#define HORN__MAX_DEPTH 100 /* of nested JSON, layers, models */
#define HORN__MAX_MODEL_DEPTH 500 /* of a model's JSON: nested models take about six levels each */

/** Parses a whole text: valid UTF-8, no duplicate keys, at most `depth` deep, nothing behind it; NaN and Infinity as Python writes them
 *  are read. `what` names the text in messages. *out is released with horn__json_release. */
horn_status horn__json_parse(horn_context *ctx, const char *what, const char *json, size_t length, int depth, cJSON **out);
void horn__json_release(cJSON *json);

/** Member of an object, or NULL (also where json is no object). JSON null counts as absent. */
const cJSON *horn__json_get(const cJSON *json, const char *name);
/** A string member's text, or NULL. */
const char *horn__json_text(const cJSON *json, const char *name);
/** Whether the number is a whole number in [low, high]; writes it to *out. */
bool horn__json_int(const cJSON *json, int64_t low, int64_t high, int64_t *out);
/** Writes a value as compact JSON. */
void horn__json_write(horn__text *text, const cJSON *json);

/* ---- field tables: one description of a struct that is read from JSON and written to it ------------------------------- */

typedef enum horn__field_type {
  HORN__FIELD_INT,     /* int32_t[count]; count > 1 takes a number for all, or an array of 1 or count */
  HORN__FIELD_PADDING, /* int32_t[2 * count]: pairs (before, after); takes a number, count numbers, or count pairs */
  HORN__FIELD_FLOAT,   /* double; null where optional: NaN */
  HORN__FIELD_BOOL,    /* bool */
  HORN__FIELD_FLAG,    /* bool that Keras 2 does not know: false where absent, written only where true */
  HORN__FIELD_OWN,     /* as FLAG, and no Keras knows it: which of several Kerases' rules holds, so that one form keeps them all */
  HORN__FIELD_ENUM,    /* int32_t: index in choices; the choice "null" is JSON's null */
  HORN__FIELD_INTS,    /* horn__ints: any number of integers; null elements become -1 */
  HORN__FIELD_TEXT,    /* const char *, NULL where null */
  HORN__FIELD_JSON     /* const cJSON *: any value, kept as it came (initializers, nested layers); NULL where null or absent: the default */
} horn__field_type;

typedef struct horn__ints {
  int32_t count;       /* -1: null */
  int32_t values[HORN_MAX_RANK * 2];
} horn__ints;

typedef struct horn__field {
  const char *name;            /* snake_case, as Keras 2 and TensorFlow.js's files have it */
  const char *aliases;         /* other spellings, "|" between them, or NULL */
  horn__field_type type;
  size_t offset;
  int32_t count;               /* of INT and PADDING */
  const char *const *choices;  /* of ENUM: NULL-terminated; "a|b" are two spellings of one choice, the first is written */
  const char *initial;         /* JSON text of the default; NULL: required */
} horn__field;

typedef struct horn__fields {
  const horn__field *rows;
  size_t count;
  size_t size;                 /* of the struct */
} horn__fields;

#define HORN__INT(T, member, aliases, initial) {#member, aliases, HORN__FIELD_INT, offsetof(T, member), 1, NULL, initial}
#define HORN__INT_N(T, member, n, aliases, initial) {#member, aliases, HORN__FIELD_INT, offsetof(T, member), n, NULL, initial}
#define HORN__PADDING(T, member, n, aliases, initial) {#member, aliases, HORN__FIELD_PADDING, offsetof(T, member), n, NULL, initial}
#define HORN__FLOAT(T, member, aliases, initial) {#member, aliases, HORN__FIELD_FLOAT, offsetof(T, member), 1, NULL, initial}
#define HORN__BOOL(T, member, aliases, initial) {#member, aliases, HORN__FIELD_BOOL, offsetof(T, member), 1, NULL, initial}
#define HORN__FLAG(T, member) {#member, NULL, HORN__FIELD_FLAG, offsetof(T, member), 1, NULL, "false"}
#define HORN__OWN(T, member) {#member, NULL, HORN__FIELD_OWN, offsetof(T, member), 1, NULL, "false"}
#define HORN__ENUM(T, member, choices, aliases, initial) {#member, aliases, HORN__FIELD_ENUM, offsetof(T, member), 1, choices, initial}
#define HORN__INTS(T, member, aliases, initial) {#member, aliases, HORN__FIELD_INTS, offsetof(T, member), 1, NULL, initial}
#define HORN__TEXT(T, member, aliases, initial) {#member, aliases, HORN__FIELD_TEXT, offsetof(T, member), 1, NULL, initial}
#define HORN__JSON(T, member, aliases, initial) {#member, aliases, HORN__FIELD_JSON, offsetof(T, member), 1, NULL, initial}
/** The table of struct T made of `rows`; for a struct without rows use HORN__NO_FIELDS. */
#define HORN__FIELDS(T, rows) {rows, sizeof(rows) / sizeof((rows)[0]), sizeof(T)}
#define HORN__NO_FIELDS {NULL, 0, 0}

/** Fills a struct (zeroed, of table->size bytes) from an object, in snake_case or camelCase keys. JSON fields
 *  point into json, texts into the arena: both must outlive the struct. `who` names the owner in messages. Unknown keys are ignored. */
horn_status horn__fields_read(horn__arena *arena, const char *who, const horn__fields *table, const cJSON *json, void *out);

/** Fills a struct with the defaults of its table. */
horn_status horn__fields_default(horn__arena *arena, const char *who, const horn__fields *table, void *out);

/** Writes the value of a JSON field; NULL stands for null. */
typedef void (*horn__json_writer)(horn__text *text, const cJSON *json, const void *user);

/** Writes `,"name":value` for each field of a struct, in snake_case; JSON fields through `writer`. */
void horn__fields_write(horn__text *text, const horn__fields *table, const void *values, horn__json_writer writer, const void *user);

/** Writes the table itself as a JSON array, for horn_describe: [{"name", "type", "default", "choices"}]. */
void horn__fields_describe(horn__text *text, const horn__fields *table);

/** The index of text, in snake_case or camelCase, among the spellings "a|b|c"; -1 where none fits or spellings is NULL. */
int32_t horn__spelling(const char *spellings, const char *text);

/** The index of text in choices, -1 where none fits. */
int32_t horn__choice(const char *const *choices, const char *text);

#endif
