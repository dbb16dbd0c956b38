#include "base/text.h"

#include "support/check.h"

#include <math.h>

CK_TEST(text, builds_and_is_cut_never_overrun)
{
    char buffer[8];
    ck_text t = ck_text_of(buffer, sizeof buffer);
    ck_text_add(&t, "abc");
    ck_text_add(&t, NULL);
    ck_text_add_u64(&t, 42);
    CK_CHECK_STR(buffer, "abc42");
    CK_CHECK(!t.cut);
    ck_text_add(&t, "xyz");
    CK_CHECK_STR(buffer, "abc42xy");
    CK_CHECK(t.cut);
    ck_text_add(&t, "");
    ck_text_add(&t, "q");
    CK_CHECK_STR(buffer, "abc42xy");
    CK_CHECK_EQ(t.used, 7);
}

CK_TEST(text, a_cut_does_not_split_a_character)
{
    char buffer[4];
    ck_text t = ck_text_of(buffer, sizeof buffer);
    ck_text_add(&t, "ab\xc3\xa9");
    CK_CHECK_STR(buffer, "ab");
    CK_CHECK(t.cut);
}

CK_TEST(text, integers)
{
    char buffer[64];
    ck_text t = ck_text_of(buffer, sizeof buffer);
    ck_text_add_u64(&t, UINT64_MAX);
    ck_text_add(&t, " ");
    ck_text_add_i64(&t, INT64_MIN);
    ck_text_add(&t, " ");
    ck_text_add_i64(&t, 0);
    CK_CHECK_STR(buffer, "18446744073709551615 -9223372036854775808 0");
}

CK_TEST(text, hex)
{
    char buffer[16];
    ck_text t = ck_text_of(buffer, sizeof buffer);
    ck_text_add_hex(&t, "\x00\xfe\x1a", 3);
    CK_CHECK_STR(buffer, "00fe1a");
}

CK_TEST(text, fixed_point)
{
    static const struct {
        double value;
        int decimals;
        const char *expected;
    } rows[] = {
        {0, 0, "0"},           {0.5, 0, "1"},
        {-0.5, 0, "-1"},       {1.25, 1, "1.3"},
        {-1.25, 1, "-1.3"},    {29.97, 2, "29.97"},
        {0.001, 2, "0.00"},    {-0.001, 2, "0.00"},
        {9.999, 2, "10.00"},   {1e6, 6, "1000000.000000"},
        {0.05, 6, "0.050000"}, {3, -4, "3"},
        {1, 9, "1.000000"},    {1e18, 3, "1000000000000000000.000"},
        {NAN, 2, "nan"},       {INFINITY, 2, "inf"},
        {-1e300, 2, "-inf"},   {0.49999999999999994, 0, "0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char buffer[40];
        ck_text t = ck_text_of(buffer, sizeof buffer);
        ck_text_add_fixed(&t, rows[i].value, rows[i].decimals);
        CK_CHECK_ROW(i, strcmp(buffer, rows[i].expected) == 0);
    }
}

CK_TEST(text, json_escapes_and_replaces_bad_utf8)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"", "\"\""},
        {NULL, "\"\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\b\f\n\r\t\x01\x1f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\""},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"\xff", "\"\xef\xbf\xbd\""},
        {"\xc3", "\"\xef\xbf\xbd\""},
        {"\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char buffer[64];
        ck_text t = ck_text_of(buffer, sizeof buffer);
        ck_text_add_json(&t, rows[i].text);
        CK_CHECK_ROW(i, strcmp(buffer, rows[i].expected) == 0);
    }
}

CK_TEST(text, helpers)
{
    char small[4];
    uint64_t value = 0;
    CK_CHECK(ck_text_equal("a", "a") && ck_text_equal(NULL, NULL));
    CK_CHECK(!ck_text_equal("a", NULL) && !ck_text_equal(NULL, "a") && !ck_text_equal("a", "b"));
    CK_CHECK(ck_text_starts("rtmp://x", "rtmp:") && !ck_text_starts("rt", "rtmp"));
    CK_CHECK(ck_text_copy(small, sizeof small, "abc") && strcmp(small, "abc") == 0);
    CK_CHECK(!ck_text_copy(small, sizeof small, "abcd") && strcmp(small, "abc") == 0);
    CK_CHECK(ck_text_u64("18446744073709551615", UINT64_MAX, &value) && value == UINT64_MAX);
    CK_CHECK(ck_text_u64("0", 0, &value) && value == 0);
    CK_CHECK(ck_text_u64("65535", 65535, &value) && value == 65535);
}

CK_TEST(text, numbers_that_are_refused)
{
    static const struct {
        const char *text;
        uint64_t max;
    } rows[] = {{"", 9},
                {"-1", 9},
                {"1 ", 9},
                {"0x1", 99},
                {"10", 9},
                {"65536", 65535},
                {"1", 0},
                {"18446744073709551616", UINT64_MAX},
                {"99999999999999999999", UINT64_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 77;
        CK_CHECK_ROW(i, !ck_text_u64(rows[i].text, rows[i].max, &value) && value == 77);
    }
}

CK_TEST(text, utf8_prefix)
{
    static const struct {
        const char *text;
        size_t size, expected;
    } rows[] = {
        {"abc", 3, 3},
        {"", 0, 0},
        {"a\xc3\xa9", 3, 3},
        {"a\xc3\xa9", 2, 1},
        {"\xf4\x8f\xbf\xbf", 4, 4},
        {"\xf4\x90\x80\x80", 4, 0},
        {"\xe0\x80\x80", 3, 0},
        {"\xf0\x80\x80\x80", 4, 0},
        {"ab\x80", 3, 2},
        {"a\0b", 3, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CK_CHECK_ROW(i, ck_utf8_valid_prefix(rows[i].text, rows[i].size) == rows[i].expected);
    }
}
