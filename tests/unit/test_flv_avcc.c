#include "core/flv/avcc.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

/* Records that libx264 made for a test picture of 320x240: baseline, high, high 4:2:2 at 10 bits.
 */
#define SPS_BASELINE                                                                               \
    "\x67\x42\xc0\x0b\xd9\x01\x41\xfb\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x01\x40\xf1\x42\xa4" \
    "\x80"
#define PPS_BASELINE "\x68\xcb\x83\xcb\x20"
#define SPS_HIGH                                                                                   \
    "\x67\x64\x00\x0c\xac\xd9\x41\x41\xfb\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x01\x40\xf1\x42" \
    "\x99\x60"
#define PPS_HIGH "\x68\xeb\xe3\xcb\x22\xc0"
#define SPS_HIGH_422                                                                               \
    "\x67\x7a\x00\x0c\xb6\xcd\x94\x14\x1f\xb0\x11\x00\x00\x03\x00\x01\x00\x00\x03\x00\x14\x0f\x14" \
    "\x29\x96\x01"

static const char baseline[] =
    "\x01\x42\xc0\x0b\xff\xe1\x00\x18" SPS_BASELINE "\x01\x00\x05" PPS_BASELINE;
static const char high[] =
    "\x01\x64\x00\x0c\xff\xe1\x00\x19" SPS_HIGH "\x01\x00\x06" PPS_HIGH "\xfd\xf8\xf8\x00";
static const char high_422[] =
    "\x01\x7a\x00\x0c\xff\xe1\x00\x1a" SPS_HIGH_422 "\x01\x00\x06" PPS_HIGH "\xfe\xfa\xfa\x00";

#define UNIT(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

CK_TEST(avcc, records_are_read)
{
    static const struct {
        const char *data;
        size_t size, sps_size, pps_size;
        uint8_t profile, level, chroma, bits;
        bool high;
    } rows[] = {
        {baseline, sizeof baseline - 1, 24, 5, 66, 11, 1, 8, false},
        {high, sizeof high - 1, 25, 6, 100, 12, 1, 8, true},
        {high, sizeof high - 5, 25, 6, 100, 12, 1, 8, false}, /* without the high bytes */
        {high_422, sizeof high_422 - 1, 26, 6, 122, 12, 2, 10, true},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_avcc r;
        CK_CHECK_ROW(i, ck_avcc_parse(rows[i].data, rows[i].size, &r) == CHALK_OK);
        CK_CHECK_ROW(i, r.profile == rows[i].profile && r.level == rows[i].level);
        CK_CHECK_ROW(i, r.length_size == 4 && r.sps_count == 1 && r.pps_count == 1);
        CK_CHECK_ROW(i, r.sps[0].size == rows[i].sps_size && r.sps[0].data[0] == 0x67);
        CK_CHECK_ROW(i, r.pps[0].size == rows[i].pps_size && r.pps[0].data[0] == 0x68);
        CK_CHECK_ROW(i, r.has_high == rows[i].high && r.chroma_format == rows[i].chroma);
        CK_CHECK_ROW(i, r.luma_bits == rows[i].bits && r.chroma_bits == rows[i].bits);
    }
}

CK_TEST(avcc, every_cut_before_the_high_bytes_is_an_error)
{
    static ck_avcc r;
    for (size_t size = 0; size < sizeof baseline - 1; size++) {
        CK_CHECK_ROW(size, ck_avcc_parse(baseline, size, &r) == CHALK_ERR_BAD_DATA);
    }
}

CK_TEST(avcc, records_that_are_refused)
{
    static const struct {
        size_t at; /* byte of `baseline` to change */
        uint8_t value;
        int error;
    } rows[] = {
        {0, 0, CHALK_ERR_BAD_DATA},     /* version */
        {4, 0xfe, CHALK_ERR_BAD_DATA},  /* length size 3 */
        {5, 0xe0, CHALK_ERR_BAD_DATA},  /* no SPS */
        {7, 0, CHALK_ERR_BAD_DATA},     /* empty SPS */
        {8, 0x68, CHALK_ERR_BAD_DATA},  /* a PPS in the list of SPS */
        {8, 0xe7, CHALK_ERR_BAD_DATA},  /* forbidden_zero_bit */
        {32, 0, CHALK_ERR_BAD_DATA},    /* no PPS */
        {32, 65, CHALK_ERR_TOO_LARGE},  /* more PPS than the limit */
        {35, 0x67, CHALK_ERR_BAD_DATA}, /* an SPS in the list of PPS */
        {4, 0x00, CHALK_OK},            /* reserved bits are not looked at */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_avcc r;
        uint8_t data[sizeof baseline - 1];
        memcpy(data, baseline, sizeof data);
        data[rows[i].at] = rows[i].value;
        CK_CHECK_ROW(i, ck_avcc_parse(data, sizeof data, &r) == rows[i].error);
    }
}

CK_TEST(avcc, records_are_made_from_parameter_sets)
{
    static const struct {
        ck_avcc_unit sps, pps;
        const char *expected;
        size_t size;
    } rows[] = {
        {UNIT(SPS_BASELINE), UNIT(PPS_BASELINE), baseline, sizeof baseline - 1},
        {UNIT(SPS_HIGH), UNIT(PPS_HIGH), high, sizeof high - 1},
        {UNIT(SPS_HIGH_422), UNIT(PPS_HIGH), high_422, sizeof high_422 - 1},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_avcc r;
        ck_buf b;
        ck_buf_init(&b, &ck_test_heap, 1000);
        CK_CHECK_ROW(i, ck_avcc_from_sets(&r, &rows[i].sps, 1, &rows[i].pps, 1) == CHALK_OK);
        ck_avcc_write(&b, &r);
        CK_CHECK_ROW(i, ck_buf_status(&b) == CHALK_OK && b.size == rows[i].size);
        CK_CHECK_ROW(i, memcmp(b.data, rows[i].expected, b.size) == 0);
        ck_buf_free(&b);
    }
}

CK_TEST(avcc, parameter_sets_that_make_no_record)
{
    static ck_avcc r;
    static ck_avcc_unit many[CK_AVCC_PPS_MAX + 1];
    const ck_avcc_unit sps = UNIT(SPS_BASELINE);
    const ck_avcc_unit pps = UNIT(PPS_BASELINE);
    const ck_avcc_unit cut = {sps.data, 3};
    const ck_avcc_unit empty = {NULL, 0};
    for (size_t i = 0; i < CK_COUNT_OF(many); i++) {
        many[i] = pps;
    }
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &sps, 0, &pps, 1), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &sps, 1, &pps, 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &sps, 1, many, CK_AVCC_PPS_MAX), CHALK_OK);
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &sps, 1, many, CK_AVCC_PPS_MAX + 1),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &pps, 1, &pps, 1), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &sps, 1, &sps, 1), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &cut, 1, &pps, 1), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_avcc_from_sets(&r, &sps, 1, &empty, 1), CHALK_ERR_BAD_DATA);
}
