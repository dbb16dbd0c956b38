/*
 * One way to write a test, three ways to run it. With Criterion each CK_TEST is a Criterion test;
 * with --oom the same program runs each body again and again while allocations fail (oom.h); with
 * CK_TEST_PLAIN (TSan, Wine, emulators, where Criterion cannot go) plain_main.c runs the same
 * bodies in one process.
 *
 *     CK_TEST(amf, number_round_trip)
 *     {
 *         CK_CHECK_EQ(ck_amf_..., 0);
 *     }
 */
#ifndef CK_TESTS_CHECK_H
#define CK_TESTS_CHECK_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct ck_test_entry {
    const char *suite;
    const char *name;
    void (*body)(void);
    struct ck_test_entry *next;
} ck_test_entry;

void ck_test_register(ck_test_entry *test);
void ck_test_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* How long a body waits for what should come: as long as it says, or 1.5 s where memory is refused,
 * for then it often does not. */
int ck_test_patience_ms(int usual);

#ifdef CK_TEST_PLAIN
#    define CK_TEST_RUNS_BODY(suite_, name_)
#else
#    include <criterion/criterion.h>
#    define CK_TEST_RUNS_BODY(suite_, name_)                                                       \
        Test(suite_, name_)                                                                        \
        {                                                                                          \
            ck_body_##suite_##_##name_();                                                          \
        }
#endif

#define CK_TEST(suite_, name_)                                                                     \
    static void ck_body_##suite_##_##name_(void);                                                  \
    __attribute__((constructor)) static void ck_register_##suite_##_##name_(void)                  \
    {                                                                                              \
        static ck_test_entry test = {#suite_, #name_, ck_body_##suite_##_##name_, NULL};           \
        ck_test_register(&test);                                                                   \
    }                                                                                              \
    CK_TEST_RUNS_BODY(suite_, name_)                                                               \
    static void ck_body_##suite_##_##name_(void)

#define CK_FAIL(...) ck_test_fail(__VA_ARGS__)

#define CK_CHECK(condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            CK_FAIL("%s:%d: %s", __FILE__, __LINE__, #condition);                                  \
        }                                                                                          \
    } while (0)

/* For table rows: says which row failed. */
#define CK_CHECK_ROW(row, condition)                                                               \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            CK_FAIL("%s:%d: row %zu: %s", __FILE__, __LINE__, (size_t)(row), #condition);          \
        }                                                                                          \
    } while (0)

#define CK_CHECK_EQ(actual, expected)                                                              \
    do {                                                                                           \
        int64_t ck_a = (int64_t)(actual), ck_e = (int64_t)(expected);                              \
        if (ck_a != ck_e) {                                                                        \
            CK_FAIL("%s:%d: %s is %" PRId64 ", expected %" PRId64, __FILE__, __LINE__, #actual,    \
                    ck_a, ck_e);                                                                   \
        }                                                                                          \
    } while (0)

#define CK_CHECK_STR(actual, expected)                                                             \
    do {                                                                                           \
        const char *ck_a = (actual), *ck_e = (expected);                                           \
        if (strcmp(ck_a, ck_e) != 0) {                                                             \
            CK_FAIL("%s:%d: %s is \"%s\", expected \"%s\"", __FILE__, __LINE__, #actual, ck_a,     \
                    ck_e);                                                                         \
        }                                                                                          \
    } while (0)

#define CK_CHECK_MEM(actual, expected, size)                                                       \
    do {                                                                                           \
        if (memcmp((actual), (expected), (size)) != 0) {                                           \
            CK_FAIL("%s:%d: %s differs from %s", __FILE__, __LINE__, #actual, #expected);          \
        }                                                                                          \
    } while (0)

#endif
