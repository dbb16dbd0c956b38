/* The beginning of a VP8 frame, and the record in front of a sequence. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/vp8/frame.h"
#include "core/vp8/record.h"
#include "support/check.h"

#include <stdbool.h>

CK_TEST(vp8, frames_are_read)
{
    static const struct {
        uint8_t data[12];
        size_t size;
        bool key, shown;
        uint8_t version;
        uint16_t width, height;
    } rows[] = {
        /* 176x144 as the first frame of the test vectors has it, without its partitions. */
        {{0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0xb0, 0x00, 0x90, 0x00}, 10, true, true, 0, 176, 144},
        /* The upper two bits of a side are scaling; version 3. */
        {{0x16, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0xff, 0xff, 0x01, 0x40}, 10, true, true, 3, 16383, 1},
        {{0x00, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x02, 0x00, 0x02, 0x00}, 10, true, false, 0, 2, 2},
        {{0x11, 0x00, 0x00}, 3, false, true, 0, 0, 0},
        {{0x21 | 0x10, 0x00, 0x00, 0xaa}, 4, false, true, 0, 0, 0}, /* a partition of one byte */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_vp8_frame f;
        CK_CHECK_ROW(i, ck_vp8_frame_parse(rows[i].data, rows[i].size, &f) == CHALK_OK);
        CK_CHECK_ROW(i, f.key == rows[i].key && f.shown == rows[i].shown);
        CK_CHECK_ROW(i, f.version == rows[i].version);
        CK_CHECK_ROW(i, f.width == rows[i].width && f.height == rows[i].height);
    }
}

CK_TEST(vp8, broken_frames_are_refused)
{
    static const struct {
        uint8_t data[12];
        size_t size;
    } rows[] = {
        {{0}, 0},
        {{0x11, 0x00}, 2},
        {{0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0xb0, 0x00, 0x90}, 9},
        {{0x10, 0x00, 0x00, 0x9d, 0x01, 0x2b, 0xb0, 0x00, 0x90, 0x00}, 10}, /* start code */
        {{0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x00, 0xc0, 0x90, 0x00}, 10}, /* no width */
        {{0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0xb0, 0x00, 0x00, 0x00}, 10}, /* no height */
        {{0x18, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0xb0, 0x00, 0x90, 0x00}, 10}, /* version 4 */
        {{0x31, 0x00, 0x00}, 3},             /* a partition that is not there */
        {{0x11, 0x00, 0x80, 0, 0, 0, 0}, 7}, /* one of 256 KB */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_vp8_frame f;
        CK_CHECK_ROW(i, ck_vp8_frame_parse(rows[i].data, rows[i].size, &f) == CHALK_ERR_BAD_DATA);
    }
}

CK_TEST(vp8, records_are_read_as_written)
{
    const ck_vp8_record made = {
        .profile = 0, .level = 31, .primaries = 1, .transfer = 1, .matrix = 6};
    uint8_t bytes[4 + CK_VP8_RECORD_SIZE] = {1, 0, 0, 0};
    ck_vp8_record_write(bytes + 4, &made);
    CK_CHECK_MEM(bytes + 4, "\x00\x1f\x82\x01\x01\x06\x00\x00", CK_VP8_RECORD_SIZE);
    for (size_t skip = 0; skip <= 4; skip += 4) { /* with the box's head and without */
        ck_vp8_record r;
        CK_CHECK_ROW(skip, ck_vp8_record_parse(bytes + skip, sizeof bytes - skip, &r) == CHALK_OK);
        CK_CHECK_ROW(skip, r.profile == 0 && r.level == 31 && !r.full_range);
        CK_CHECK_ROW(skip, r.primaries == 1 && r.transfer == 1 && r.matrix == 6);
    }
}

CK_TEST(vp8, records_that_are_none)
{
    static const struct {
        const char *data;
        size_t size;
        int status;
    } rows[] = {
        {"", 0, CHALK_OK}, /* states nothing */
        {"\x00\x1f\x82\x01\x01\x06\x00", 7, CHALK_ERR_BAD_DATA},
        {"\x00\x1f\x82\x01\x01\x06\x00\x02z", 9, CHALK_ERR_BAD_DATA}, /* data that is not there */
        {"\x00\x1f\x82\x01\x01\x06\x00\x01z", 9, CHALK_OK},
        {"\x00\x1f\xa2\x01\x01\x06\x00\x00", 8, CHALK_ERR_BAD_DATA}, /* ten bits */
        {"\x00\x1f\x86\x01\x01\x06\x00\x00", 8, CHALK_ERR_BAD_DATA}, /* 4:4:4 */
        {"\x04\x1f\x82\x01\x01\x06\x00\x00", 8, CHALK_ERR_BAD_DATA},
        {"\x01\x00\x00\x00", 4, CHALK_ERR_BAD_DATA},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_vp8_record r;
        CK_CHECK_ROW(i, ck_vp8_record_parse(rows[i].data, rows[i].size, &r) == rows[i].status);
    }
    ck_vp8_record empty;
    CK_CHECK_EQ(ck_vp8_record_parse("", 0, &empty), CHALK_OK);
    CK_CHECK_EQ(empty.matrix, 2);
}
