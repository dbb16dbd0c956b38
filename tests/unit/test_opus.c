/* Opus from the outside: its header, and how long a packet is. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/opus/head.h"
#include "core/opus/packet.h"
#include "support/check.h"

#define HEAD(text) ("OpusHead" text), sizeof("OpusHead" text) - 1

CK_TEST(opus, heads_are_read)
{
    static const struct {
        const char *data;
        size_t size;
        int status;
        uint8_t channels;
        uint16_t pre_skip;
        uint32_t rate_hz;
        int16_t gain;
    } rows[] = {
        {"", 0, CHALK_OK, 2, 0, 0, 0},
        {HEAD("\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"), CHALK_OK, 1, 312, 48000, 0},
        {HEAD("\x0f\x02\x00\x0f\x44\xac\x00\x00\xff\xff\x00"), CHALK_OK, 2, 3840, 44100, -1},
        /* Family 1 that is what family 0 is. */
        {HEAD("\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x01\x01\x00\x01"), CHALK_OK, 2, 312,
         48000, 0},
        /* Bytes behind it are nobody's. */
        {HEAD("\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00zz"), CHALK_OK, 1, 312, 48000, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_opus_head h;
        CK_CHECK_ROW(i, ck_opus_head_parse(rows[i].data, rows[i].size, &h) == rows[i].status);
        CK_CHECK_ROW(i, h.channels == rows[i].channels && h.pre_skip == rows[i].pre_skip);
        CK_CHECK_ROW(i, h.input_rate_hz == rows[i].rate_hz && h.gain_256ths_db == rows[i].gain);
        CK_CHECK_ROW(i, h.refused == NULL);
    }
}

CK_TEST(opus, heads_that_are_refused)
{
    static const struct {
        const char *data;
        size_t size;
        int status;
    } rows[] = {
        {"OpusTags\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00", 19, CHALK_ERR_BAD_DATA},
        {HEAD("\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00"), CHALK_ERR_BAD_DATA},
        {HEAD("\x10\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"),
         CHALK_ERR_BAD_DATA}, /* version 1.0 */
        {HEAD("\x01\x00\x38\x01\x80\xbb\x00\x00\x00\x00\x00"), CHALK_ERR_BAD_DATA}, /* silence */
        {HEAD("\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x01\x01\x00"), CHALK_ERR_BAD_DATA},
        {HEAD("\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x00\x00\x00\x01"), CHALK_ERR_BAD_DATA},
        {HEAD("\x01\x06\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x04\x02\x00\x04\x01\x02\x03\x05"),
         CHALK_ERR_CODEC_UNKNOWN},
        {HEAD("\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\xff\x02\x00\x00\x01"),
         CHALK_ERR_CODEC_UNKNOWN},
        {HEAD("\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x01\x01\x01\x00"),
         CHALK_ERR_CODEC_UNKNOWN}, /* right before left */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_opus_head h;
        CK_CHECK_ROW(i, ck_opus_head_parse(rows[i].data, rows[i].size, &h) == rows[i].status);
        CK_CHECK_ROW(i, (h.refused != NULL) == (rows[i].status == CHALK_ERR_CODEC_UNKNOWN));
    }
}

CK_TEST(opus, a_head_is_written_as_it_is_read)
{
    const ck_opus_head made = {
        .channels = 2, .pre_skip = 312, .input_rate_hz = 48000, .gain_256ths_db = -513};
    uint8_t bytes[CK_OPUS_HEAD_SIZE];
    ck_opus_head read;
    ck_opus_head_write(bytes, &made);
    CK_CHECK_MEM(bytes, "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\xff\xfd\x00", sizeof bytes);
    CK_CHECK_EQ(ck_opus_head_parse(bytes, sizeof bytes, &read), CHALK_OK);
    CK_CHECK_EQ(read.gain_256ths_db, -513);
    CK_CHECK_EQ(read.pre_skip, 312);
}

CK_TEST(opus, packets_are_measured)
{
    static const struct {
        uint8_t data[3];
        size_t size;
        int status;
        uint32_t samples;
    } rows[] = {
        {{0xf8}, 1, CHALK_OK, 960},           /* CELT, 20 ms */
        {{0xe0, 1}, 2, CHALK_OK, 120},        /* CELT, 2.5 ms */
        {{0x00, 1}, 2, CHALK_OK, 480},        /* SILK, 10 ms */
        {{0x18, 1}, 2, CHALK_OK, 2880},       /* SILK, 60 ms */
        {{0x60, 1}, 2, CHALK_OK, 480},        /* hybrid, 10 ms */
        {{0x78, 1}, 2, CHALK_OK, 960},        /* hybrid, 20 ms */
        {{0xf9, 1, 1}, 3, CHALK_OK, 1920},    /* two of one size */
        {{0xfa, 1, 1}, 3, CHALK_OK, 1920},    /* two of two sizes */
        {{0xe3, 48, 0}, 3, CHALK_OK, 5760},   /* 48 of 2.5 ms */
        {{0xfb, 0x86, 0}, 3, CHALK_OK, 5760}, /* six of 20 ms, of sizes of their own */
        {{0}, 0, CHALK_ERR_BAD_DATA, 0},
        {{0xf9, 1}, 2, CHALK_ERR_BAD_DATA, 0}, /* no two halves */
        {{0xfb}, 1, CHALK_ERR_BAD_DATA, 0},    /* how many? */
        {{0xfb, 0}, 2, CHALK_ERR_BAD_DATA, 0}, /* none */
        {{0xfb, 7}, 2, CHALK_ERR_BAD_DATA, 0}, /* 140 ms */
        {{0x1b, 3}, 2, CHALK_ERR_BAD_DATA, 0}, /* 180 ms */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint32_t samples = 0;
        CK_CHECK_ROW(i, ck_opus_packet_samples(rows[i].data, rows[i].size, &samples) ==
                            rows[i].status);
        CK_CHECK_ROW(i, rows[i].status != CHALK_OK || samples == rows[i].samples);
    }
}
