/* Attribute lists and the values in them. */
#include "base/check.h"
#include "base/text.h"
#include "core/m3u8/attributes.h"
#include "support/check.h"

static ck_m3u8_span span_of(const char *text)
{
    return (ck_m3u8_span){text, strlen(text)};
}

CK_TEST(m3u8_values, attribute_lists)
{
    static const struct {
        const char *list;
        const char *expected; /* name|value or name|"value" of each, with a blank behind */
    } rows[] = {
        {"A=1,B=two", "A|1 B|two "},  {"A=\"x,y=z\",B=1", "A|\"x,y=z\" B|1 "},
        {" A = 1 , B=2", "A|1 B|2 "}, {"A=", "A| "},
        {"A=\"\"", "A|\"\" "},        {"A=\"open, B=2", "A|\"open, B=2\" "},
        {"nothing,,=5,A=1", "A|1 "},  {"", ""},
        {"A=b=c", "A|b=c "},          {"A=\"x\"y", "A|\"x\" "},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char text[128];
        ck_text t = ck_text_of(text, sizeof text);
        ck_m3u8_attributes list = ck_m3u8_attributes_of(rows[i].list, strlen(rows[i].list));
        ck_m3u8_attribute a;
        while (ck_m3u8_attributes_next(&list, &a)) {
            ck_text_add_n(&t, a.name.data, a.name.size);
            ck_text_add(&t, a.quoted ? "|\"" : "|");
            ck_text_add_n(&t, a.value.data, a.value.size);
            ck_text_add(&t, a.quoted ? "\" " : " ");
        }
        CK_CHECK_STR(text, rows[i].expected);
    }
}

CK_TEST(m3u8_values, seconds)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t us;
    } rows[] = {
        {"10", true, 10000000},
        {"9.7", true, 9700000},
        {"0.1234567", true, 123456},
        {".5", true, 500000},
        {"5.", true, 5000000},
        {"-2.5", true, -2500000},
        {"+1", true, 1000000},
        {"", false, 7},
        {".", false, 7},
        {"-", false, 7},
        {"1e3", false, 7},
        {"1.2.3", false, 7},
        {"NaN", false, 7},
        {"1.x", false, 7},
        {"1000000000001", false, 7},
        {"99999999999999999999", false, 7},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        int64_t us = 7;
        CK_CHECK_ROW(i, ck_m3u8_seconds(span_of(rows[i].text), &us) == rows[i].ok);
        CK_CHECK_ROW(i, us == rows[i].us);
    }
}

CK_TEST(m3u8_values, dates)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t us;
    } rows[] = {
        {"1970-01-01T00:00:00Z", true, 0},
        {"2010-02-19T14:54:23.031+08:00", true, INT64_C(1266562463031000)},
        {"2010-02-19T14:54:23.031+0800", true, INT64_C(1266562463031000)},
        {"2010-02-19T06:54:23.031", true, INT64_C(1266562463031000)},
        {"20100219T065423,031Z", true, INT64_C(1266562463031000)},
        {"2024-02-29T12:00:00-01:30", true, INT64_C(1709213400000000)},
        {"2000-03-01T00:00:00Z", true, INT64_C(951868800000000)},
        {"1969-12-31T23:59:59Z", false, 7},
        {"2010-02-19", false, 7},
        {"2010-13-19T00:00:00Z", false, 7},
        {"2010-02-19T25:00:00Z", false, 7},
        {"2010-02-19T14:54:23Zx", false, 7},
        {"2010-02-19T14:54:23+9", false, 7},
        {"", false, 7},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        int64_t us = 7;
        CK_CHECK_ROW(i, ck_m3u8_date(span_of(rows[i].text), &us) == rows[i].ok);
        CK_CHECK_ROW(i, us == rows[i].us);
    }
}

CK_TEST(m3u8_values, ranges)
{
    static const struct {
        const char *text;
        bool ok, has_offset;
        uint64_t length, offset;
    } rows[] = {
        {"10@5", true, true, 10, 5},
        {"10", true, false, 10, 9},
        {"10@", false, false, 9, 9},
        {"@5", false, false, 9, 9},
        {"0@5", false, false, 9, 9},
        {"-1@5", false, false, 9, 9},
        {"18446744073709551615@1", false, false, 9, 9},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint64_t length = 9, offset = 9;
        bool has_offset = false;
        CK_CHECK_ROW(i, ck_m3u8_byterange(span_of(rows[i].text), &length, &has_offset, &offset) ==
                            rows[i].ok);
        CK_CHECK_ROW(i, has_offset == rows[i].has_offset && length == rows[i].length);
        CK_CHECK_ROW(i, offset == rows[i].offset);
    }
}

CK_TEST(m3u8_values, others)
{
    uint32_t width = 0, height = 0;
    uint64_t number = 0;
    int64_t sequence = 0;
    uint8_t iv[16];
    CK_CHECK(ck_m3u8_resolution(span_of("1280x720"), &width, &height));
    CK_CHECK(width == 1280 && height == 720);
    CK_CHECK(!ck_m3u8_resolution(span_of("1280"), &width, &height));
    CK_CHECK(!ck_m3u8_resolution(span_of("x720"), &width, &height));
    CK_CHECK(!ck_m3u8_resolution(span_of("4294967296x1"), &width, &height));
    CK_CHECK(ck_m3u8_u64(span_of("18446744073709551615"), &number) && number == UINT64_MAX);
    CK_CHECK(!ck_m3u8_u64(span_of("18446744073709551616"), &number));
    CK_CHECK(ck_m3u8_i64(span_of("-11"), &sequence) && sequence == -11);
    CK_CHECK(ck_m3u8_iv(span_of("0xaB01"), iv) && iv[14] == 0xab && iv[15] == 1 && iv[0] == 0);
    CK_CHECK(ck_m3u8_iv(span_of("0X00112233445566778899aabbccddeeff"), iv) && iv[1] == 0x11);
    CK_CHECK(!ck_m3u8_iv(span_of("0x"), iv) && !ck_m3u8_iv(span_of("12"), iv));
    CK_CHECK(!ck_m3u8_iv(span_of("0x1g"), iv));
    CK_CHECK(!ck_m3u8_iv(span_of("0x000112233445566778899aabbccddeeff"), iv));
}
