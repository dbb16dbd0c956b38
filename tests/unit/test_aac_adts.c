#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/aac/adts.h"
#include "support/check.h"
#include "support/data.h"

#include <stdlib.h>

static const ck_aac_config stereo_44100 = {
    .object_type = CK_AAC_LC, .sample_rate_hz = 44100, .channel_config = 2, .frame_length = 1024};

/* 364 bytes of payload behind 7 of header. */
static const uint8_t known[CK_ADTS_HEAD] = {0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc};

CK_TEST(adts, a_header_is_written_and_read)
{
    uint8_t head[CK_ADTS_HEAD];
    ck_adts adts;
    CK_CHECK_EQ(ck_adts_write(head, &stereo_44100, 364), CHALK_OK);
    CK_CHECK_MEM(head, known, sizeof known);
    CK_CHECK_EQ(ck_adts_parse(head, &adts), CHALK_OK);
    CK_CHECK_EQ(adts.frame_size, 371);
    CK_CHECK_EQ(adts.head_size, 7);
    CK_CHECK_EQ(adts.blocks, 1);
    CK_CHECK_EQ(adts.config.sample_rate_hz, 44100);
    CK_CHECK_EQ(adts.config.channels, 2);
}

CK_TEST(adts, headers_that_are_not_written)
{
    uint8_t head[CK_ADTS_HEAD];
    ck_aac_config odd = stereo_44100;
    CK_CHECK_EQ(ck_adts_write(head, &stereo_44100, 8184), CHALK_OK);
    CK_CHECK_EQ(ck_adts_write(head, &stereo_44100, 8185), CHALK_ERR_INVALID_ARGUMENT);
    odd.sample_rate_hz = 44101;
    CK_CHECK_EQ(ck_adts_write(head, &odd, 1), CHALK_ERR_INVALID_ARGUMENT);
    odd = stereo_44100;
    odd.channel_config = 0;
    CK_CHECK_EQ(ck_adts_write(head, &odd, 1), CHALK_ERR_INVALID_ARGUMENT);
}

CK_TEST(adts, headers_that_are_refused)
{
    static const struct {
        size_t at; /* byte of `known` to change */
        uint8_t value;
        int error;
    } rows[] = {
        {0, 0xfe, CHALK_ERR_BAD_DATA},
        {1, 0xe1, CHALK_ERR_BAD_DATA},
        {1, 0xf3, CHALK_ERR_BAD_DATA},      /* layer 1 */
        {1, 0xf0, CHALK_OK},                /* with a checksum */
        {1, 0xf9, CHALK_OK},                /* MPEG-2 */
        {2, 0x74, CHALK_ERR_BAD_DATA},      /* rate index 13 */
        {2, 0x10, CHALK_ERR_CODEC_UNKNOWN}, /* Main */
        {3, 0x00, CHALK_ERR_CODEC_UNKNOWN}, /* program config element */
        {4, 0x00, CHALK_ERR_BAD_DATA},      /* frame of 3 bytes */
        {6, 0xfd, CHALK_ERR_CODEC_UNKNOWN}, /* two blocks */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint8_t head[CK_ADTS_HEAD];
        ck_adts adts;
        memcpy(head, known, sizeof head);
        head[rows[i].at] = rows[i].value;
        CK_CHECK_ROW(i, ck_adts_parse(head, &adts) == rows[i].error);
        CK_CHECK_ROW(i,
                     (adts.config.refused != NULL) == (rows[i].error == CHALK_ERR_CODEC_UNKNOWN));
    }
}

static size_t put_frame(uint8_t *out, uint8_t fill, size_t payload)
{
    CK_CHECK_EQ(ck_adts_write(out, &stereo_44100, payload), CHALK_OK);
    memset(out + CK_ADTS_HEAD, fill, payload);
    return CK_ADTS_HEAD + payload;
}

CK_TEST(adts, garbage_between_frames_is_skipped_and_counted)
{
    static ck_adts_split s;
    uint8_t stream[400];
    ck_adts_frame frame;
    size_t size = 0;
    memset(stream, 0xff, 5);
    size += 5;
    size += put_frame(stream + size, 1, 100);
    memcpy(stream + size, "\xff\xf1\x10\x80\x2e\x7f\xfc", 7); /* Main, in the garbage */
    stream[size + 7] = 0;
    memmove(stream + size + 1, stream + size, 8);
    stream[size] = 0;
    size += 9;
    size += put_frame(stream + size, 2, 20);
    ck_adts_split_init(&s);
    CK_CHECK_EQ(ck_adts_split_feed(&s, stream, size), CHALK_OK);
    CK_CHECK_EQ(ck_adts_split_poll(&s, &frame), CHALK_OK);
    CK_CHECK_EQ(frame.payload_size, 100);
    CK_CHECK_EQ(frame.payload[99], 1);
    CK_CHECK_EQ(ck_adts_split_feed(&s, stream, size), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_adts_split_poll(&s, &frame), CHALK_OK);
    CK_CHECK_EQ(frame.payload_size, 20);
    CK_CHECK_EQ(s.skipped, 5 + 9);
    CK_CHECK_EQ(ck_adts_split_poll(&s, &frame), CHALK_ERR_AGAIN);
}

CK_TEST(adts, a_refused_stream_stays_refused)
{
    static ck_adts_split s;
    ck_adts_frame frame;
    ck_adts_split_init(&s);
    CK_CHECK_EQ(ck_adts_split_feed(&s, "\xff\xf1\x10\x80\x2e\x7f\xfc", 7), CHALK_OK);
    CK_CHECK_EQ(ck_adts_split_poll(&s, &frame), CHALK_ERR_CODEC_UNKNOWN);
    CK_CHECK(s.head.config.refused != NULL);
    CK_CHECK_EQ(ck_adts_split_poll(&s, &frame), CHALK_ERR_CODEC_UNKNOWN);
    CK_CHECK_EQ(ck_adts_split_feed(&s, known, 7), CHALK_ERR_CODEC_UNKNOWN);
}

/* Real streams, in reads of 1,000 bytes; where they are absent, generated ones. */
CK_TEST(adts, real_streams)
{
    static const struct {
        const char *path;
        size_t frames, skipped;
    } rows[] = {{"media/srs/avatar.aac", 1102, 0}, {"media/hls-ts/test-aac-segment.aac", 430, 73}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_adts_split s;
        ck_adts_frame frame;
        size_t size = 0;
        size_t frames = 0;
        uint8_t *data = ck_data_load(rows[i].path, &size);
        if (data == NULL) {
            data = calloc(1, 1102 * 27 + 73);
            for (size = rows[i].skipped; frames < rows[i].frames; frames++) {
                size += put_frame(data + size, 3, 20);
            }
        }
        ck_adts_split_init(&s);
        frames = 0;
        for (size_t at = 0; at < size; at += 1000) {
            CK_CHECK_ROW(i, ck_adts_split_feed(&s, data + at, CK_MIN(size - at, 1000)) == CHALK_OK);
            while (ck_adts_split_poll(&s, &frame) == CHALK_OK) {
                frames++;
            }
        }
        CK_CHECK_ROW(i, frames == rows[i].frames);
        CK_CHECK_ROW(i, s.skipped == rows[i].skipped && s.have == 0);
        free(data);
    }
}
