#include "base/bytes.h"

#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

static const uint8_t sample[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

CK_TEST(bytes, reads_every_width)
{
    ck_reader r = ck_reader_of(sample, sizeof sample);
    CK_CHECK_EQ(ck_read_u8(&r), 0x01);
    CK_CHECK_EQ(ck_read_be16(&r), 0x0203);
    CK_CHECK_EQ(ck_read_be24(&r), 0x040506);
    CK_CHECK_EQ(ck_reader_left(&r), 2);
    r = ck_reader_of(sample, sizeof sample);
    CK_CHECK_EQ(ck_read_be32(&r), 0x01020304);
    CK_CHECK_EQ(ck_read_le32(&r), 0x08070605);
    r = ck_reader_of(sample, sizeof sample);
    CK_CHECK(ck_read_be64(&r) == UINT64_C(0x0102030405060708));
    CK_CHECK(!r.failed);
}

CK_TEST(bytes, the_first_short_read_fails_all_later_ones)
{
    ck_reader r = ck_reader_of(sample, 3);
    CK_CHECK_EQ(ck_read_be32(&r), 0);
    CK_CHECK(r.failed);
    CK_CHECK_EQ(ck_read_u8(&r), 0);
    CK_CHECK(ck_read_bytes(&r, 0) == NULL);
    r = ck_reader_of(NULL, 0);
    CK_CHECK_EQ(ck_reader_left(&r), 0);
    ck_read_skip(&r, 0);
    CK_CHECK(!r.failed);
    ck_read_skip(&r, SIZE_MAX);
    CK_CHECK(r.failed);
}

CK_TEST(bytes, doubles_keep_their_bits)
{
    static const struct {
        double value;
        uint8_t bytes[8];
    } rows[] = {
        {1.0, {0x3f, 0xf0}},
        {-2.5, {0xc0, 0x04}},
        {0.0, {0}},
        {1935.0, {0x40, 0x9e, 0x3c}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_buf b;
        ck_buf_init(&b, &ck_test_heap, 8);
        ck_buf_put_be_f64(&b, rows[i].value);
        CK_CHECK_ROW(i, b.size == 8 && memcmp(b.data, rows[i].bytes, 8) == 0);
        ck_reader r = ck_reader_of(b.data, b.size);
        CK_CHECK_ROW(i, ck_read_be_f64(&r) == rows[i].value);
        ck_buf_free(&b);
    }
}

CK_TEST(bytes, buffer_writes_every_width)
{
    static const uint8_t expected[] = {1, 1, 2, 1, 2, 3, 1, 2, 3, 4, 4,
                                       3, 2, 1, 1, 2, 3, 4, 5, 6, 7, 8};
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 100);
    ck_buf_put_u8(&b, 1);
    ck_buf_put_be16(&b, 0x0102);
    ck_buf_put_be24(&b, 0x010203);
    ck_buf_put_be32(&b, 0x01020304);
    ck_buf_put_le32(&b, 0x01020304);
    ck_buf_put_be64(&b, UINT64_C(0x0102030405060708));
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
    CK_CHECK_EQ(b.size, sizeof expected);
    CK_CHECK_MEM(b.data, expected, sizeof expected);
    ck_buf_drop_front(&b, 3);
    CK_CHECK_MEM(b.data, expected + 3, sizeof expected - 3);
    ck_buf_drop_front(&b, 1000);
    CK_CHECK_EQ(b.size, 0);
    ck_buf_free(&b);
}

CK_TEST(bytes, buffer_stops_at_its_limit_and_says_so)
{
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 5);
    ck_buf_put(&b, sample, 5);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
    CK_CHECK(b.capacity <= 5);
    ck_buf_put_u8(&b, 9);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(b.size, 5);
    CK_CHECK(ck_buf_extend(&b, 0) == NULL);
    ck_buf_clear(&b);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
    ck_buf_put(&b, sample, 0);
    ck_buf_put(&b, sample, 4);
    CK_CHECK_EQ(b.size, 4);
    ck_buf_free(&b);
    CK_CHECK_EQ(b.size, 0);
}

CK_TEST(bytes, buffer_survives_exhausted_memory)
{
    for (size_t fail_at = 1; fail_at <= 3; fail_at++) {
        ck_failing_alloc f;
        ck_buf b;
        ck_failing_alloc_init(&f, fail_at);
        ck_buf_init(&b, &f.alloc, 4096);
        for (int i = 0; i < 40; i++) {
            ck_buf_put(&b, sample, sizeof sample);
        }
        CK_CHECK_EQ(ck_buf_status(&b), CHALK_ERR_NO_MEMORY);
        CK_CHECK(b.size < 40 * sizeof sample && b.size % sizeof sample == 0);
        ck_buf_free(&b);
        CK_CHECK_EQ(f.live, 0);
    }
}

CK_TEST(bytes, stores_and_loads_agree)
{
    uint8_t p[4];
    ck_store_be16(p, 0xfedc);
    CK_CHECK_EQ(ck_load_be16(p), 0xfedc);
    ck_store_be24(p, 0xfedcba);
    CK_CHECK_EQ(ck_load_be24(p), 0xfedcba);
    ck_store_be32(p, 0xfedcba98);
    CK_CHECK_EQ(ck_load_be32(p), 0xfedcba98);
    CK_CHECK_EQ(ck_load_le32(p), 0x98badcfe);
    ck_store_le32(p, 0xfedcba98);
    CK_CHECK_EQ(p[0], 0x98);
}
