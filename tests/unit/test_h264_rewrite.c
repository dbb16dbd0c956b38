#include "chalkrail/errors.h"
#include "core/h264/rewrite.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1
#define SPAN(text)                                                                                 \
    {                                                                                              \
        BYTES(text)                                                                                \
    }

typedef struct row {
    ck_h264_rewrite how;
    const uint8_t *in;
    size_t in_size;
    const uint8_t *out;
    size_t out_size;
    int status;
} row;

#define B4  CK_H264_ANNEX_B, CK_H264_AVCC_4
#define B_B CK_H264_ANNEX_B, CK_H264_ANNEX_B

static const row rows[] = {
    /* framing */
    {{B4}, BYTES("\0\0\1\x65\1\0\0\0\1\x41\2"), BYTES("\0\0\0\2\x65\1\0\0\0\2\x41\2"), 2},
    {{CK_H264_ANNEX_B, CK_H264_AVCC_2}, BYTES("\0\0\1\x65\1"), BYTES("\0\2\x65\1"), 1},
    {{CK_H264_ANNEX_B, CK_H264_AVCC_1}, BYTES("\0\0\1\x65\1"), BYTES("\2\x65\1"), 1},
    {{CK_H264_AVCC_1, CK_H264_ANNEX_B}, BYTES("\2\x65\1"), BYTES("\0\0\0\1\x65\1"), 1},
    {{CK_H264_AVCC_2, CK_H264_AVCC_4}, BYTES("\0\1\x65"), BYTES("\0\0\0\1\x65"), 1},
    {{B4}, BYTES(""), BYTES(""), 0},
    /* dropping */
    {{B4, CK_H264_DROP_FOR_FLV},
     BYTES("\0\0\1\x09\xf0\0\0\1\x67\1\0\0\1\x68\1\0\0\1\x0c\xff\0\0\1\x65\1"),
     BYTES("\0\0\0\2\x65\1"),
     1},
    {{B4, CK_H264_DROP_AUD}, BYTES("\0\0\1\x09\xf0"), BYTES(""), 0},
    /* parameter sets: only on key frames, as a pair, after the delimiter */
    {{B_B, 0, SPAN("\x67S"), SPAN("\x68P")},
     BYTES("\0\0\1\x09\xf0\0\0\1\x65\1"),
     BYTES("\0\0\0\1\x09\xf0\0\0\0\1\x67S\0\0\0\1\x68P\0\0\0\1\x65\1"),
     4},
    {{B_B, 0, SPAN("\x67S"), SPAN("\x68P")}, BYTES("\0\0\1\x41\1"), BYTES("\0\0\0\1\x41\1"), 1},
    {{B_B, 0, SPAN("\x67S"), SPAN("\x68P")},
     BYTES("\0\0\1\x67s\0\0\1\x68p\0\0\1\x65\1"),
     BYTES("\0\0\0\1\x67s\0\0\0\1\x68p\0\0\0\1\x65\1"),
     3},
    {{B_B, CK_H264_DROP_PARAMETER_SETS, SPAN("\x67S"), SPAN("\x68P")},
     BYTES("\0\0\1\x67s\0\0\1\x68p\0\0\1\x65\1"),
     BYTES("\0\0\0\1\x67S\0\0\0\1\x68P\0\0\0\1\x65\1"),
     3},
    {{B_B, 0, SPAN("\x67S"), SPAN("\x68P")},
     BYTES("\0\0\1\x67s\0\0\1\x65\1"),
     BYTES("\0\0\0\1\x67S\0\0\0\1\x68P\0\0\0\1\x67s\0\0\0\1\x65\1"),
     4},
    /* an SEI: before the first slice or its prefix unit, behind everything else, once */
    {{B4, 0, {0}, {0}, SPAN("\x06!")},
     BYTES("\0\0\1\x09\xf0\0\0\1\x06\1\0\0\1\x41\1\0\0\1\x41\2"),
     BYTES("\0\0\0\2\x09\xf0\0\0\0\2\x06\1\0\0\0\2\x06!\0\0\0\2\x41\1\0\0\0\2\x41\2"),
     5},
    {{B4, 0, {0}, {0}, SPAN("\x06!")},
     BYTES("\0\0\1\x6e\1\0\0\1\x65\1"),
     BYTES("\0\0\0\2\x06!\0\0\0\2\x6e\1\0\0\0\2\x65\1"),
     3},
    {{B4, CK_H264_BIT(CK_H264_SEI), {0}, {0}, SPAN("\x06!")},
     BYTES("\0\0\1\x06\1\0\0\1\x65\1"),
     BYTES("\0\0\0\2\x06!\0\0\0\2\x65\1"),
     2},
    {{B4, 0, SPAN("\x67S"), SPAN("\x68P"), SPAN("\x06!")},
     BYTES("\0\0\1\x65\1"),
     BYTES("\0\0\0\2\x67S\0\0\0\2\x68P\0\0\0\2\x06!\0\0\0\2\x65\1"),
     4},
    /* errors */
    {{B4, 0, {0}, {0}, SPAN("\x06!")}, BYTES("\0\0\1\x67\1"), BYTES(""), CHALK_ERR_NOT_FOUND},
    {{B4}, BYTES("\x41\0\0\1\x65"), BYTES(""), CHALK_ERR_BAD_DATA},
    {{CK_H264_AVCC_4, CK_H264_ANNEX_B},
     BYTES("\0\0\0\1\x65\0\0\0\5\x65\0\0\1\1"),
     BYTES(""),
     CHALK_ERR_BAD_DATA},
    {{CK_H264_AVCC_4, CK_H264_AVCC_1}, BYTES("\0\0\0\5\x65\0\0\1\1"), BYTES("\5\x65\0\0\1\1"), 1},
    {{CK_H264_ANNEX_B, (enum ck_h264_framing)3},
     BYTES("\0\0\1\x65"),
     BYTES(""),
     CHALK_ERR_INVALID_ARGUMENT},
    {{(enum ck_h264_framing)0, CK_H264_AVCC_4},
     BYTES("\0\0\1\x65"),
     BYTES(""),
     CHALK_ERR_INVALID_ARGUMENT},
};

CK_TEST(h264_rewrite, follows_the_table)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const row *r = &rows[i];
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, 1024);
        ck_buf_put_u8(&out, 0xee);
        CK_CHECK_ROW(i, ck_h264_rewrite_unit(&r->how, r->in, r->in_size, &out) == r->status);
        CK_CHECK_ROW(i, out.size == r->out_size + 1 && out.data[0] == 0xee);
        CK_CHECK_ROW(i, memcmp(out.data + 1, r->out, r->out_size) == 0);
        ck_buf_free(&out);
    }
}

CK_TEST(h264_rewrite, refuses_a_unit_over_its_length_field)
{
    static uint8_t unit[4 + 70000] = {0, 0, 1, 0x65};
    memset(unit + 4, 0xaa, sizeof unit - 4);
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1 << 20);
    CK_CHECK_EQ(ck_h264_to_avcc(unit, 3 + 255, CK_H264_AVCC_1, &out), 1);
    CK_CHECK_EQ(ck_h264_to_avcc(unit, 3 + 256, CK_H264_AVCC_1, &out), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(out.size, 256);
    CK_CHECK_EQ(ck_h264_to_avcc(unit, sizeof unit, CK_H264_AVCC_2, &out), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(ck_h264_to_avcc(unit, sizeof unit, CK_H264_AVCC_4, &out), 1);
    ck_buf_free(&out);
    ck_buf_init(&out, &ck_test_heap, 100);
    CK_CHECK_EQ(ck_h264_to_avcc(unit, 200, CK_H264_AVCC_4, &out), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(out.size, 0);
    ck_buf_free(&out);
}

CK_TEST(h264_rewrite, survives_exhausted_memory)
{
    static uint8_t unit[3000] = {0, 0, 1, 0x65, 1, 1, 0, 0, 1, 0x41};
    memset(unit + 10, 0xaa, sizeof unit - 10);
    size_t fail_at = 1;
    for (int status = -1; status < 0; fail_at++) {
        ck_failing_alloc f;
        ck_failing_alloc_init(&f, fail_at);
        ck_buf out;
        ck_buf_init(&out, &f.alloc, 1 << 20);
        status = ck_h264_to_avcc(unit, sizeof unit, CK_H264_AVCC_4, &out);
        CK_CHECK(status == 2 || (status == CHALK_ERR_NO_MEMORY && out.size == 0));
        ck_buf_free(&out);
        CK_CHECK_EQ(f.live, 0);
    }
    CK_CHECK(fail_at > 2);
}
