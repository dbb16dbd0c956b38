#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/aac/config.h"
#include "support/check.h"

CK_TEST(aac, configurations_are_read)
{
    static const struct {
        uint8_t data[12];
        size_t size;
        uint32_t rate_hz;
        uint8_t channels;
        bool sbr, ps;
        uint32_t extension_hz;
        uint16_t frame;
    } rows[] = {
        {{0x11, 0x90}, 2, 48000, 2, false, false, 0, 1024},
        {{0x12, 0x10}, 2, 44100, 2, false, false, 0, 1024},
        {{0x14, 0x08}, 2, 16000, 1, false, false, 0, 1024},
        {{0x11, 0xb8}, 2, 48000, 8, false, false, 0, 1024},
        {{0x11, 0x94}, 2, 48000, 2, false, false, 0, 960},
        /* Escape: 24 bits of rate, here 48,001 Hz, mono. */
        {{0x17, 0x80, 0x5d, 0xc0, 0x88}, 5, 48001, 1, false, false, 0, 1024},
        /* SBR in front; SBR behind; SBR and PS behind; behind, but switched off. */
        {{0x2b, 0x92, 0x08, 0x00}, 4, 22050, 2, true, false, 44100, 1024},
        {{0x13, 0x90, 0x56, 0xe5, 0xa0}, 5, 22050, 2, true, false, 44100, 1024},
        {{0x13, 0x88, 0x56, 0xe5, 0xa5, 0x48, 0x80}, 7, 22050, 1, true, true, 44100, 1024},
        {{0x11, 0x90, 0x56, 0xe5, 0x00}, 5, 48000, 2, false, false, 0, 1024},
        /* Bytes behind that are no extension. */
        {{0x11, 0x90, 0xff, 0xff, 0xff}, 5, 48000, 2, false, false, 0, 1024},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_aac_config c;
        CK_CHECK_ROW(i, ck_aac_config_parse(rows[i].data, rows[i].size, &c) == CHALK_OK);
        CK_CHECK_ROW(i, c.object_type == CK_AAC_LC && c.refused == NULL);
        CK_CHECK_ROW(i, c.sample_rate_hz == rows[i].rate_hz && c.channels == rows[i].channels);
        CK_CHECK_ROW(i, c.sbr == rows[i].sbr && c.ps == rows[i].ps);
        CK_CHECK_ROW(i, c.extension_rate_hz == rows[i].extension_hz);
        CK_CHECK_ROW(i, c.frame_length == rows[i].frame);
    }
}

CK_TEST(aac, configurations_that_are_refused)
{
    static const struct {
        uint8_t data[8];
        size_t size;
        int error;
        const char *refused;
    } rows[] = {
        {{0}, 0, CHALK_ERR_BAD_DATA, NULL},
        {{0x11}, 1, CHALK_ERR_BAD_DATA, NULL},
        {{0x01, 0x90}, 2, CHALK_ERR_BAD_DATA, NULL},                   /* object type 0 */
        {{0x16, 0x90}, 2, CHALK_ERR_BAD_DATA, NULL},                   /* rate index 13 */
        {{0x17, 0x80, 0x00, 0x00, 0x88}, 5, CHALK_ERR_BAD_DATA, NULL}, /* 1 Hz */
        {{0x11, 0xc0}, 2, CHALK_ERR_BAD_DATA, NULL},                   /* channel configuration 8 */
        {{0x2b, 0x96, 0x88, 0x00}, 4, CHALK_ERR_BAD_DATA, NULL},       /* reserved extension rate */
        {{0x13, 0x90, 0x56, 0xe5, 0xe8}, 5, CHALK_ERR_BAD_DATA, NULL},
        {{0x09, 0x90}, 2, CHALK_ERR_CODEC_UNKNOWN, "AAC Main"},
        {{0xf8, 0xf2, 0x00}, 3, CHALK_ERR_CODEC_UNKNOWN, "AAC-ELD"}, /* 32 + 7 */
        {{0xb9, 0x90}, 2, CHALK_ERR_CODEC_UNKNOWN, "AAC-LD"},
        {{0x11, 0x80, 0x00},
         3,
         CHALK_ERR_CODEC_UNKNOWN,
         "AAC channels in a program config element"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_aac_config c;
        CK_CHECK_ROW(i, ck_aac_config_parse(rows[i].data, rows[i].size, &c) == rows[i].error);
        CK_CHECK_ROW(i, (c.refused == NULL) == (rows[i].refused == NULL));
        CK_CHECK_ROW(i, c.refused == NULL || strcmp(c.refused, rows[i].refused) == 0);
    }
}

CK_TEST(aac, configurations_are_written)
{
    static const struct {
        ck_aac_config config;
        uint8_t expected[8];
        int size; /* or the error */
    } rows[] = {
        {{.object_type = 2, .sample_rate_hz = 48000, .channel_config = 2, .frame_length = 1024},
         {0x11, 0x90},
         2},
        {{.object_type = 2, .sample_rate_hz = 48001, .channel_config = 1, .frame_length = 1024},
         {0x17, 0x80, 0x5d, 0xc0, 0x88},
         5},
        {{.object_type = 2,
          .sample_rate_hz = 22050,
          .channel_config = 2,
          .frame_length = 1024,
          .sbr = true,
          .extension_rate_hz = 44100},
         {0x2b, 0x92, 0x08, 0x00},
         4},
        {{.object_type = 5, .sample_rate_hz = 48000, .channel_config = 2, .frame_length = 1024},
         {0},
         CHALK_ERR_INVALID_ARGUMENT},
        {{.object_type = 2, .sample_rate_hz = 0, .channel_config = 2, .frame_length = 1024},
         {0},
         CHALK_ERR_INVALID_ARGUMENT},
        {{.object_type = 2, .sample_rate_hz = 48000, .channel_config = 0, .frame_length = 1024},
         {0},
         CHALK_ERR_INVALID_ARGUMENT},
        {{.object_type = 2, .sample_rate_hz = 48000, .channel_config = 2, .frame_length = 512},
         {0},
         CHALK_ERR_INVALID_ARGUMENT},
        {{.object_type = 2,
          .sample_rate_hz = 48000,
          .channel_config = 2,
          .frame_length = 1024,
          .ps = true},
         {0},
         CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint8_t out[CK_AAC_CONFIG_MAX];
        CK_CHECK_ROW(i, ck_aac_config_write(out, &rows[i].config) == rows[i].size);
        CK_CHECK_ROW(i,
                     rows[i].size < 0 || memcmp(out, rows[i].expected, (size_t)rows[i].size) == 0);
    }
}

CK_TEST(aac, tables)
{
    CK_CHECK_EQ(ck_aac_rate_index(96000), 0);
    CK_CHECK_EQ(ck_aac_rate_index(44100), 4);
    CK_CHECK_EQ(ck_aac_rate_index(7350), 12);
    CK_CHECK_EQ(ck_aac_rate_index(1), -1);
    for (uint32_t i = 0; i < 13; i++) {
        CK_CHECK_EQ(ck_aac_rate_index(ck_aac_rate_of_index(i)), i);
    }
    CK_CHECK_EQ(ck_aac_rate_of_index(13), 0);
    CK_CHECK_EQ(ck_aac_rate_of_index(UINT32_MAX), 0);
    CK_CHECK_EQ(ck_aac_channels(6), 6);
    CK_CHECK_EQ(ck_aac_channels(7), 8);
    CK_CHECK_EQ(ck_aac_channels(8), 0);
}
