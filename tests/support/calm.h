/*
 * Judging times on a machine that does other things as well. While a body is watched, a thread of
 * its own notes how late it is woken, and how long any thread of the program had to wait for a
 * processor. What a test expects of a machine that was calm is a failure there at once; where the
 * machine was not calm the body runs again, and what it expects of the third run is the looser of
 * its two conditions, and that this was so is printed.
 *
 *     CK_CALM_TEST(player, little_is_waited)
 *     {
 *         ck_calm_watch();
 *         ...
 *         CK_CALM_CHECK(delay_ms < 85, delay_ms < 85 + 2 * ck_calm_worst_ms());
 *     }
 *
 * What holds on every machine is checked with CK_CHECK as everywhere. A program that kept the
 * processors busy itself finds no excuse here.
 */
#ifndef CK_TESTS_CALM_H
#define CK_TESTS_CALM_H

#include "support/check.h"

#include <stdbool.h>

/* The body of a test, run again as above. */
#define CK_CALM_TEST(suite_, name_)                                                                \
    static void ck_calm_##suite_##_##name_(void);                                                  \
    CK_TEST(suite_, name_)                                                                         \
    {                                                                                              \
        while (ck_calm_try()) {                                                                    \
            ck_calm_##suite_##_##name_();                                                          \
        }                                                                                          \
    }                                                                                              \
    static void ck_calm_##suite_##_##name_(void)

/* `strict_` of a calm machine, `loose_` of any. */
#define CK_CALM_CHECK(strict_, loose_) CK_CALM_ROW(0, strict_, loose_)
#define CK_CALM_ROW(row_, strict_, loose_)                                                         \
    ck_calm_expect((strict_), (loose_), "%s:%d: row %zu: %s, or %s", __FILE__, __LINE__,           \
                   (size_t)(row_), #strict_, #loose_)

/* A value within limits, the second ones those of any machine. */
#define CK_CALM_BETWEEN(value_, low_, high_, loose_low_, loose_high_)                              \
    ck_calm_expect((value_) >= (low_) && (value_) <= (high_),                                      \
                   (value_) >= (loose_low_) && (value_) <= (loose_high_),                          \
                   "%s:%d: %s is %lld, not within %s and %s, or %s and %s", __FILE__, __LINE__,    \
                   #value_, (long long)(value_), #low_, #high_, #loose_low_, #loose_high_)

/* Whether the body is to run (again); fails the test for what the last run missed. */
bool ck_calm_try(void);
/* Begins to watch, once a run: what is prepared before that disturbs nobody. */
void ck_calm_watch(void);
/* What the body itself saw come late. */
void ck_calm_note(uint64_t late_us);
/* The longest disturbance of this run so far. */
uint64_t ck_calm_worst_us(void);
uint64_t ck_calm_worst_ms(void);
void ck_calm_expect(bool strict, bool loose, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
