/* test.h: counts checks, prints what failed. Every program ends with `return test_end();`. */
#ifndef TEST_H
#define TEST_H

#include <stdio.h>

typedef struct test_counts {
  unsigned passed, failed;
} test_counts;

extern test_counts test_totals;

enum { TEST_SHOWN = 40 /* failures printed in full; the rest is counted */ };

/** CHECK(condition, "%s: what is wrong", name): counts, prints the message where the condition does not hold; 0 there. */
#define CHECK(condition, ...) \
  ((condition) ? (test_totals.passed++, 1) : (test_failed(__FILE__, __LINE__), test_message(__VA_ARGS__), 0))

void test_failed(const char *file, int line);
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void test_message(const char *format, ...);

/** Prints the closing line "N passed, N failed"; the exit code of the program. */
int test_end(void);

#endif
