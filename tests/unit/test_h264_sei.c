#include "chalkrail/errors.h"
#include "core/h264/rewrite.h"
#include "core/h264/sei.h"
#include "core/h264/stamp.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

static const uint8_t uuid[CK_H264_UUID_SIZE] = {0, 0, 1, 0, 0, 0, 3, 0, 0, 2, 0, 0, 0, 0, 0, 9};
static const uint8_t other[CK_H264_UUID_SIZE] = {1};

static ck_h264_nal nal_of(const void *data, size_t size)
{
    ck_h264_nal nal;
    CK_CHECK_EQ(ck_h264_nal_of(data, size, &nal), CHALK_OK);
    return nal;
}

CK_TEST(h264_sei, escapes_what_looks_like_a_start_code)
{
    static const uint8_t payloads[][8] = {
        {0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 1, 0, 0}, {0, 0, 3, 0, 0, 3, 0, 0},
        {1, 2, 3, 4, 5, 6, 7, 8}, {0, 0, 2, 0, 0, 4, 0, 0}, {255, 255, 0, 0, 3, 1, 0, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(payloads); i++) {
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, 1024);
        CK_CHECK_ROW(i, ck_h264_write_user_data(&out, uuid, payloads[i], 8) == CHALK_OK);
        for (size_t k = 2; k < out.size; k++) {
            const uint8_t *p = out.data + k;
            CK_CHECK_ROW(i, p[-2] != 0 || p[-1] != 0 || p[0] >= 3);
        }
        ck_h264_nal nal = nal_of(out.data, out.size);
        uint8_t back[8] = {0};
        CK_CHECK_ROW(i, ck_h264_read_user_data(&nal, uuid, back, sizeof back) == 8);
        CK_CHECK_ROW(i, memcmp(back, payloads[i], 8) == 0);
        CK_CHECK_ROW(i, ck_h264_read_user_data(&nal, other, back, 8) == CHALK_ERR_NOT_FOUND);
        ck_buf_free(&out);
    }
}

CK_TEST(h264_sei, keeps_every_size)
{
    static uint8_t payload[CK_H264_USER_DATA_MAX];
    static uint8_t back[CK_H264_USER_DATA_MAX];
    static const size_t sizes[] = {0, 1, 238, 239, 240, 494, 5000, CK_H264_USER_DATA_MAX};
    memset(payload, 0x5a, sizeof payload);
    for (size_t i = 0; i < CK_COUNT_OF(sizes); i++) {
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, 1 << 20);
        CK_CHECK_ROW(i, ck_h264_write_user_data(&out, uuid, payload, sizes[i]) == CHALK_OK);
        ck_h264_nal nal = nal_of(out.data, out.size);
        int size = ck_h264_read_user_data(&nal, uuid, back, sizeof back);
        CK_CHECK_ROW(i, size == (int)sizes[i] && memcmp(back, payload, sizes[i]) == 0);
        back[0] = 0;
        CK_CHECK_ROW(i, ck_h264_read_user_data(&nal, uuid, back, 0) == (int)sizes[i]);
        CK_CHECK_ROW(i, back[0] == 0);
        ck_buf_free(&out);
    }
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1 << 20);
    CK_CHECK_EQ(ck_h264_write_user_data(&out, uuid, payload, CK_H264_USER_DATA_MAX + 1),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(out.size, 0);
    ck_buf_free(&out);
}

CK_TEST(h264_sei, finds_its_message_among_others)
{
    /* A recovery point (6), then our user data, as one unit with two messages. */
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1024);
    CK_CHECK_EQ(ck_h264_write_user_data(&out, other, "hello", 5), CHALK_OK);
    uint8_t unit[64] = {0x06, 6, 1, 0x84};
    memcpy(unit + 4, out.data + 1, out.size - 1);
    ck_h264_nal nal = nal_of(unit, out.size + 3);
    uint8_t back[8];
    CK_CHECK_EQ(ck_h264_read_user_data(&nal, other, back, sizeof back), 5);
    CK_CHECK_MEM(back, "hello", 5);
    ck_buf_free(&out);
}

CK_TEST(h264_sei, refuses_broken_messages)
{
    static const struct {
        uint8_t data[24];
        size_t size;
        int status;
    } rows[] = {
        {{0x06}, 1, CHALK_ERR_BAD_DATA},
        {{0x06, 0x80}, 2, CHALK_ERR_NOT_FOUND},
        {{0x06, 5}, 2, CHALK_ERR_BAD_DATA},
        {{0x06, 5, 16, 1, 2}, 5, CHALK_ERR_BAD_DATA},
        {{0x06, 5, 255, 255}, 4, CHALK_ERR_BAD_DATA},
        {{0x06, 255, 255, 255}, 4, CHALK_ERR_BAD_DATA},
        {{0x06, 5, 3, 1, 2, 3, 0x80}, 7, CHALK_ERR_NOT_FOUND},
        {{0x06, 4, 3, 1, 0, 0, 0, 0x80}, 8, CHALK_ERR_BAD_DATA},
        {{0x06, 4, 4, 0, 0, 1, 0, 0x80}, 8, CHALK_ERR_BAD_DATA},
        {{0x67, 5, 16, 1, 2}, 5, CHALK_ERR_BAD_DATA},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_h264_nal nal = nal_of(rows[i].data, rows[i].size);
        uint8_t back[8];
        CK_CHECK_ROW(i, ck_h264_read_user_data(&nal, uuid, back, 8) == rows[i].status);
    }
}

CK_TEST(h264_sei, survives_exhausted_memory)
{
    static const uint8_t payload[600];
    size_t fail_at = 1;
    for (int status = -1; status < 0; fail_at++) {
        ck_failing_alloc f;
        ck_failing_alloc_init(&f, fail_at);
        ck_buf out;
        ck_buf_init(&out, &f.alloc, 1 << 20);
        status = ck_h264_write_user_data(&out, uuid, payload, sizeof payload);
        CK_CHECK(status == CHALK_OK || (status == CHALK_ERR_NO_MEMORY && out.size == 0));
        ck_buf_free(&out);
        CK_CHECK_EQ(f.live, 0);
    }
    CK_CHECK(fail_at > 2);
}

CK_TEST(h264_stamp, comes_back_as_it_was)
{
    static const ck_h264_stamp stamps[] = {
        {0, 0, 0},
        {1, 256, CK_H264_STAMP_LOCAL_CLOCK},
        {UINT64_MAX, UINT64_MAX, 0},
        {0x0000010000000200, 0x0300000000000001, CK_H264_STAMP_LOCAL_CLOCK},
        {40000, 1700000000000000, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(stamps); i++) {
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, CK_H264_STAMP_SIZE_MAX);
        CK_CHECK_ROW(i, ck_h264_stamp_write(&out, &stamps[i]) == CHALK_OK);
        ck_h264_nal nal = nal_of(out.data, out.size);
        ck_h264_stamp back;
        CK_CHECK_ROW(i, ck_h264_stamp_read(&nal, &back) == CHALK_OK);
        CK_CHECK_ROW(i, back.media_us == stamps[i].media_us && back.room_us == stamps[i].room_us);
        CK_CHECK_ROW(i, back.flags == stamps[i].flags);
        ck_buf_free(&out);
    }
}

CK_TEST(h264_stamp, has_this_form_on_the_wire)
{
    static const uint8_t wire[] = {
        0x06, 5,    34,   0xa5, 0x75, 0x97, 0x76, 0x26, 0xfb, 0x40, 0x37, 0x82, 0xb8,
        0xe1, 0x03, 0xda, 0xd5, 0xe3, 0x9f, 1,    1,    1,    2,    3,    4,    5,
        6,    7,    8,    0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x80,
    };
    ck_h264_stamp stamp = {0x0102030405060708, 0x1112131415161718, 0xff};
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 64);
    CK_CHECK_EQ(ck_h264_stamp_write(&out, &stamp), CHALK_OK);
    CK_CHECK_EQ(out.size, sizeof wire);
    CK_CHECK_MEM(out.data, wire, sizeof wire);
    ck_buf_free(&out);
}

CK_TEST(h264_stamp, is_found_in_an_access_unit)
{
    ck_h264_stamp stamp = {1000000, 1700000000123456, 0};
    ck_buf sei;
    ck_buf unit;
    ck_buf_init(&sei, &ck_test_heap, 64);
    ck_buf_init(&unit, &ck_test_heap, 256);
    CK_CHECK_EQ(ck_h264_stamp_write(&sei, &stamp), CHALK_OK);
    ck_h264_rewrite how = {
        .from = CK_H264_ANNEX_B, .to = CK_H264_AVCC_4, .sei = {sei.data, sei.size}};
    /* The foreign SEI in front is broken. */
    static const char in[] = "\0\0\1\x06\5\x20\1\0\0\1\x65\1";
    CK_CHECK_EQ(ck_h264_rewrite_unit(&how, in, sizeof in - 1, &unit), 3);
    ck_h264_stamp back;
    CK_CHECK_EQ(ck_h264_stamp_find(CK_H264_AVCC_4, unit.data, unit.size, &back), CHALK_OK);
    CK_CHECK(back.media_us == stamp.media_us && back.room_us == stamp.room_us);
    CK_CHECK_EQ(ck_h264_stamp_find(CK_H264_ANNEX_B, in, sizeof in - 1, &back), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_h264_stamp_find(CK_H264_AVCC_4, unit.data, 7, &back), CHALK_ERR_BAD_DATA);
    ck_buf_free(&sei);
    ck_buf_free(&unit);
}

CK_TEST(h264_stamp, tells_versions_and_sizes_apart)
{
    static const struct {
        uint8_t payload[20];
        size_t size;
        int status;
    } rows[] = {
        {{1}, 18, CHALK_OK},
        {{1, 0xfe}, 20, CHALK_OK},
        {{2}, 18, CHALK_ERR_UNSUPPORTED},
        {{2}, 1, CHALK_ERR_UNSUPPORTED},
        {{1}, 17, CHALK_ERR_BAD_DATA},
        {{1}, 0, CHALK_ERR_BAD_DATA},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, 256);
        CK_CHECK_ROW(i, ck_h264_write_user_data(&out, ck_h264_stamp_uuid, rows[i].payload,
                                                rows[i].size) == CHALK_OK);
        ck_h264_nal nal = nal_of(out.data, out.size);
        ck_h264_stamp back = {0};
        CK_CHECK_ROW(i, ck_h264_stamp_read(&nal, &back) == rows[i].status);
        CK_CHECK_ROW(i, back.flags == 0);
        ck_buf_free(&out);
    }
}
