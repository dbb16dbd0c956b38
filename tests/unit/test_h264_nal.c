#include "chalkrail/errors.h"
#include "core/h264/nal.h"
#include "core/h264/split.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* A unit in some framing, and what the walker says: types in order, then the final status. */
typedef struct row {
    enum ck_h264_framing framing;
    const uint8_t *data;
    size_t size;
    const char *types; /* one byte for each unit */
    int status;
} row;

static const row rows[] = {
    {CK_H264_ANNEX_B, BYTES(""), "", 0},
    {CK_H264_ANNEX_B, BYTES("\0\0\0"), "", 0},
    {CK_H264_ANNEX_B, BYTES("\0\0\1\x65"), "\5", 0},
    {CK_H264_ANNEX_B, BYTES("\0\0\0\1\x67\xaa\0\0\1\x68\xbb"), "\7\10", 0},
    {CK_H264_ANNEX_B, BYTES("\0\0\0\0\0\1\x67\xaa\0\0\0\0\0\1\x68\xbb\0\0\0"), "\7\10", 0},
    {CK_H264_ANNEX_B, BYTES("\0\0\1\0\0\1\x09\xf0"), "\11", 0},
    {CK_H264_ANNEX_B, BYTES("\0\0\1\x06\0\0\3\1\x80"), "\6", 0},
    {CK_H264_ANNEX_B, BYTES("\x65\0\0\1\x65"), "", CHALK_ERR_BAD_DATA},
    {CK_H264_ANNEX_B, BYTES("\0\1\x65"), "", CHALK_ERR_BAD_DATA},
    {CK_H264_ANNEX_B, BYTES("\0\0\1\x67\0\0\1\xe5"), "\7", CHALK_ERR_BAD_DATA},
    {CK_H264_AVCC_4, BYTES(""), "", 0},
    {CK_H264_AVCC_4, BYTES("\0\0\0\2\x65\xaa\0\0\0\1\x41"), "\5\1", 0},
    {CK_H264_AVCC_4, BYTES("\0\0\0\0\0\0\0\1\x41"), "\1", 0},
    {CK_H264_AVCC_4, BYTES("\0\0\0\3\x41\0\0"), "\1", 0},
    {CK_H264_AVCC_4, BYTES("\0\0\0\1\x41\0\0"), "\1", CHALK_ERR_BAD_DATA},
    {CK_H264_AVCC_4, BYTES("\xff\xff\xff\xff\x41"), "", CHALK_ERR_BAD_DATA},
    {CK_H264_AVCC_4, BYTES("\0\0\0\1\xc1"), "", CHALK_ERR_BAD_DATA},
    {CK_H264_AVCC_2, BYTES("\0\1\x41\0\2\x65\1"), "\1\5", 0},
    {CK_H264_AVCC_2, BYTES("\0"), "", CHALK_ERR_BAD_DATA},
    {CK_H264_AVCC_1, BYTES("\1\x41\2\x65\1"), "\1\5", 0},
    {CK_H264_AVCC_1, BYTES("\3\x41"), "", CHALK_ERR_BAD_DATA},
    {(enum ck_h264_framing)3, BYTES("\0\0\1\x41"), "", CHALK_ERR_INVALID_ARGUMENT},
};

CK_TEST(h264_nal, walks_both_framings)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const row *r = &rows[i];
        ck_h264_walk walk = ck_h264_walk_of(r->framing, r->data, r->size);
        ck_h264_nal nal;
        size_t count = 0;
        int status;
        while ((status = ck_h264_walk_next(&walk, &nal)) > 0) {
            CK_CHECK_ROW(i, count < strlen(r->types) && nal.type == (uint8_t)r->types[count]);
            CK_CHECK_ROW(i, nal.size > 0 && nal.data[nal.size - 1] != 0);
            count++;
        }
        CK_CHECK_ROW(i, count == strlen(r->types));
        CK_CHECK_ROW(i, status == r->status);
        CK_CHECK_ROW(i, ck_h264_walk_next(&walk, &nal) == r->status);
    }
}

CK_TEST(h264_nal, reads_the_header_byte)
{
    ck_h264_nal nal;
    CK_CHECK_EQ(ck_h264_nal_of("\x65\1", 2, &nal), CHALK_OK);
    CK_CHECK_EQ(nal.type, CK_H264_IDR);
    CK_CHECK_EQ(nal.ref_idc, 3);
    CK_CHECK_EQ(ck_h264_nal_of("", 0, &nal), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_h264_nal_of("\x80", 1, &nal), CHALK_ERR_BAD_DATA);
}

CK_TEST(h264_nal, says_what_an_access_unit_holds)
{
    static const char key[] = "\0\0\1\x09\xf0\0\0\1\x67\1\0\0\1\x68\1\0\0\1\x06\5\0\0\1\x65\1";
    ck_h264_unit_info info;
    CK_CHECK_EQ(ck_h264_inspect(CK_H264_ANNEX_B, key, sizeof key - 1, &info), CHALK_OK);
    CK_CHECK_EQ(info.nal_count, 5);
    CK_CHECK(info.is_key && info.has_picture && info.has_sps && info.has_pps && info.has_sei &&
             info.has_aud);
    static const char inter[] = "\0\0\1\x41\1\0\0\1\x01\1";
    CK_CHECK_EQ(ck_h264_inspect(CK_H264_ANNEX_B, inter, sizeof inter - 1, &info), CHALK_OK);
    CK_CHECK_EQ(info.nal_count, 2);
    CK_CHECK(info.has_picture && !info.is_key && !info.has_sps && !info.has_pps && !info.has_sei &&
             !info.has_aud);
    CK_CHECK_EQ(ck_h264_inspect(CK_H264_AVCC_4, "\0\0\0\1\x65\0", 6, &info), CHALK_ERR_BAD_DATA);
    CK_CHECK(info.is_key);
}

CK_TEST(h264_nal, finds_start_codes)
{
    static const struct {
        const uint8_t *data;
        size_t size;
        size_t at;
    } table[] = {
        {BYTES("\0\0\1"), 0},         {BYTES("\0\0\0\1"), 1},   {BYTES("\1\1\0\1\0\0\1"), 4},
        {BYTES("\0\1\0\0\0\1\1"), 3}, {BYTES("\0\0"), 2},       {BYTES(""), 0},
        {BYTES("\1\1\1\1"), 4},       {BYTES("\0\0\2\0\0"), 5}, {BYTES("\xff\0\0\1"), 1},
    };
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        const uint8_t *found =
            ck_h264_find_start_code(table[i].data, table[i].data + table[i].size);
        CK_CHECK_ROW(i, found == table[i].data + table[i].at);
    }
}

CK_TEST(h264_split, gives_units_as_they_become_whole)
{
    ck_h264_split split;
    ck_h264_nal nal;
    ck_h264_split_init(&split, &ck_test_heap, 64);
    CK_CHECK_EQ(ck_h264_split_feed(&split, "\0\0\1\x67\xaa\0", 6), CHALK_OK);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), 0);
    CK_CHECK_EQ(ck_h264_split_feed(&split, "\0\1\x65\xbb", 4), CHALK_OK);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), 1);
    CK_CHECK_EQ(nal.type, CK_H264_SPS);
    CK_CHECK_EQ(nal.size, 2);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), 0);
    ck_h264_split_end(&split);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), 1);
    CK_CHECK_EQ(nal.type, CK_H264_IDR);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), 0);
    CK_CHECK_EQ(ck_h264_split_feed(&split, "\0", 1), CHALK_ERR_BAD_STATE);
    ck_h264_split_free(&split);
}

CK_TEST(h264_split, refuses_garbage_and_too_much)
{
    ck_h264_split split;
    ck_h264_nal nal;
    ck_h264_split_init(&split, &ck_test_heap, 64);
    CK_CHECK_EQ(ck_h264_split_feed(&split, "\x47\x40", 2), CHALK_OK);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), CHALK_ERR_BAD_DATA);
    ck_h264_split_free(&split);

    static const uint8_t body[40] = {0, 0, 1, 0x65, 1};
    ck_h264_split_init(&split, &ck_test_heap, 64);
    CK_CHECK_EQ(ck_h264_split_feed(&split, body, 20), CHALK_OK);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), 0);
    CK_CHECK_EQ(ck_h264_split_feed(&split, body + 4, 36), CHALK_OK);
    CK_CHECK_EQ(ck_h264_split_feed(&split, body + 4, 36), CHALK_ERR_TOO_LARGE);
    ck_h264_split_free(&split);
}

CK_TEST(h264_split, survives_exhausted_memory)
{
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 1);
    ck_h264_split split;
    ck_h264_nal nal;
    ck_h264_split_init(&split, &f.alloc, 64);
    CK_CHECK_EQ(ck_h264_split_feed(&split, "\0\0\1\x65", 4), CHALK_ERR_NO_MEMORY);
    CK_CHECK_EQ(ck_h264_split_next(&split, &nal), CHALK_ERR_NO_MEMORY);
    ck_h264_split_free(&split);
    CK_CHECK_EQ(f.live, 0);
}
