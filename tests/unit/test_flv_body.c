/* The heads of video and audio bodies. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/audio.h"
#include "core/flv/video.h"
#include "support/check.h"

#define BODY(text) (text), sizeof(text) - 1

CK_TEST(flv, video_heads)
{
    static const struct {
        const char *body;
        size_t size;
        int status;
        uint8_t frame;
        uint8_t packet;
        uint32_t fourcc;
        int32_t composition_ms;
        size_t offset;
        bool key, config;
    } rows[] = {
        /* Legacy H.264: sequence header, key, inter with times, end, command, reserved type. */
        {BODY("\x17\x00\x00\x00\x00Z"), 0, 1, CK_FLV_PACKET_CONFIG, CK_FOURCC_AVC, 0, 5, false,
         true},
        {BODY("\x17\x01\x00\x00\x28Z"), 0, 1, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, 40, 5, true,
         false},
        {BODY("\x27\x01\xff\xff\xd8Z"), 0, 2, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, -40, 5, false,
         false},
        {BODY("\x27\x01\x80\x00\x00"), 0, 2, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, -0x800000, 5,
         false, false},
        {BODY("\x27\x01\x7f\xff\xff"), 0, 2, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, 0x7fffff, 5,
         false, false},
        {BODY("\x17\x02\x00\x00\x01"), 0, 1, CK_FLV_PACKET_END, CK_FOURCC_AVC, 0, 5, false, false},
        {BODY("\x57\x00"), 0, 5, CK_FLV_PACKET_COMMAND, CK_FOURCC_AVC, 0, 1, false, false},
        {BODY("\x17\x03\x00\x00\x00"), 0, 1, CK_FLV_PACKET_OTHER, CK_FOURCC_AVC, 0, 5, false,
         false},
        /* Enhanced H.264: sequence start, coded frames with and without time, end. */
        {BODY("\x90"
              "avc1Z"),
         0, 1, CK_FLV_PACKET_CONFIG, CK_FOURCC_AVC, 0, 5, false, true},
        {BODY("\x91"
              "avc1\x00\x00\x28Z"),
         0, 1, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, 40, 8, true, false},
        {BODY("\xa3"
              "avc1Z"),
         0, 2, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, 0, 5, false, false},
        {BODY("\x92"
              "avc1"),
         0, 1, CK_FLV_PACKET_END, CK_FOURCC_AVC, 0, 5, false, false},
        /* Metadata ignores the frame type; a command has no FourCC; reserved packet types. */
        {BODY("\xd4"
              "av01Z"),
         0, 5, CK_FLV_PACKET_METADATA, CK_FOURCC_AV1, 0, 5, false, false},
        {BODY("\xd1\x00"), 0, 5, CK_FLV_PACKET_COMMAND, 0, 0, 1, false, false},
        {BODY("\x99"
              "avc1"),
         0, 1, CK_FLV_PACKET_OTHER, CK_FOURCC_AVC, 0, 5, false, false},
        /* ModEx: a nanosecond offset of 3 bytes, then coded frames. */
        {BODY("\x97\x02\x00\x01\x00\x01"
              "avc1\x00\x00\x05Z"),
         0, 1, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, 5, 13, true, false},
        /* VP8 has no composition time, whichever of the two packet types it takes. */
        {BODY("\x90"
              "vp08Z"),
         0, 1, CK_FLV_PACKET_CONFIG, CK_FOURCC_VP8, 0, 5, false, true},
        {BODY("\x91"
              "vp08Z"),
         0, 1, CK_FLV_PACKET_FRAMES, CK_FOURCC_VP8, 0, 5, true, false},
        {BODY("\xa3"
              "vp08Z"),
         0, 2, CK_FLV_PACKET_FRAMES, CK_FOURCC_VP8, 0, 5, false, false},
        /* Other codecs are named; key frames are still found. */
        {BODY("\x91"
              "hvc1\x00\x00\x28Z"),
         CHALK_ERR_CODEC_UNKNOWN, 1, CK_FLV_PACKET_FRAMES, CK_FOURCC_HEVC, 40, 8, true, false},
        {BODY("\x91"
              "av01Z"),
         CHALK_ERR_CODEC_UNKNOWN, 1, CK_FLV_PACKET_FRAMES, CK_FOURCC_AV1, 0, 5, true, false},
        {BODY("\x90"
              "vp09Z"),
         CHALK_ERR_CODEC_UNKNOWN, 1, CK_FLV_PACKET_CONFIG, CK_FOURCC_VP9, 0, 5, false, true},
        {BODY("\x22Z"), CHALK_ERR_CODEC_UNKNOWN, 2, CK_FLV_PACKET_FRAMES, 0, 0, 1, false, false},
        {BODY("\x96\x01"
              "avc1\x00Z"),
         CHALK_ERR_CODEC_UNKNOWN, 1, CK_FLV_PACKET_FRAMES, CK_FOURCC_AVC, 0, 6, true, false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_video v;
        CK_CHECK_ROW(i, ck_flv_video_parse(rows[i].body, rows[i].size, &v) == rows[i].status);
        CK_CHECK_ROW(i, (v.refused != NULL) == (rows[i].status != CHALK_OK));
        CK_CHECK_ROW(i, v.frame_type == rows[i].frame && v.packet_type == rows[i].packet);
        CK_CHECK_ROW(i, v.fourcc == rows[i].fourcc);
        CK_CHECK_ROW(i, v.composition_time_ms == rows[i].composition_ms);
        CK_CHECK_ROW(i, v.payload_offset == rows[i].offset);
        CK_CHECK_ROW(i, v.payload_offset + v.payload_size == rows[i].size);
        CK_CHECK_ROW(i, ck_flv_video_is_key(rows[i].body, rows[i].size) == rows[i].key);
        CK_CHECK_ROW(i, ck_flv_video_is_config(rows[i].body, rows[i].size) == rows[i].config);
    }
}

CK_TEST(flv, cut_or_reserved_video_heads)
{
    static const struct {
        const char *body;
        size_t size;
    } rows[] = {
        {BODY("")},
        {BODY("\x17")},
        {BODY("\x17\x01\x00\x00")},
        {BODY("\x07\x01\x00\x00\x00")},
        {BODY("\x67\x01\x00\x00\x00")},
        {BODY("\x90"
              "avc")},
        {BODY("\x91"
              "avc1\x00\x00")},
        {BODY("\x97")},
        {BODY("\x97\xff\xff\xff")},
        {BODY("\x97\x00\x00\x07")},
        {BODY("\x96")},
        {BODY("\x96\x06"
              "avc1")},
        {BODY("\x96\x01"
              "av")},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_video v;
        CK_CHECK_ROW(i, ck_flv_video_parse(rows[i].body, rows[i].size, &v) == CHALK_ERR_BAD_DATA);
        CK_CHECK_ROW(i, !ck_flv_video_is_key(rows[i].body, rows[i].size));
        CK_CHECK_ROW(i, !ck_flv_video_is_config(rows[i].body, rows[i].size));
    }
}

CK_TEST(flv, nanosecond_offsets)
{
    ck_flv_video v;
    /* 500,000 ns; a value above the maximum; a block of another type; one of 257 bytes. */
    CK_CHECK_EQ(ck_flv_video_parse(BODY("\x97\x02\x07\xa1\x20\x03"
                                        "avc1"),
                                   &v),
                CHALK_OK);
    CK_CHECK_EQ(v.nano_offset, 500000);
    CK_CHECK_EQ(ck_flv_video_parse(BODY("\x97\x02\xff\xff\xff\x03"
                                        "avc1"),
                                   &v),
                CHALK_OK);
    CK_CHECK_EQ(v.nano_offset, 999999);
    CK_CHECK_EQ(ck_flv_video_parse(BODY("\x97\x02\x07\xa1\x20\x13"
                                        "avc1"),
                                   &v),
                CHALK_OK);
    CK_CHECK_EQ(v.nano_offset, 0);
    uint8_t large[1 + 1 + 2 + 257 + 1 + 4] = {0x97, 0xff, 0x01, 0x00};
    memcpy(large + 4 + 257,
           "\x03"
           "avc1",
           5);
    CK_CHECK_EQ(ck_flv_video_parse(large, sizeof large, &v), CHALK_OK);
    CK_CHECK_EQ(v.payload_offset, sizeof large);
}

CK_TEST(flv, refused_codecs_have_names)
{
    static const struct {
        const char *body;
        size_t size;
        bool video;
        const char *name;
    } rows[] = {
        {BODY("\x12z"), true, "Sorenson H.263"},
        {BODY("\x14z"), true, "VP6"},
        {BODY("\x1fz"), true, "an unknown codec"},
        {BODY("\x90hvc1"), true, "HEVC"},
        {BODY("\x90vvc1"), true, "VVC"},
        {BODY("\x90vp09"), true, "VP9"},
        {BODY("\x90"
              "av01"),
         true, "AV1"},
        {BODY("\x90zzzz"), true, "an unknown codec"},
        {BODY("\x96\x00"
              "avc1\x00"),
         true, "several video tracks in one stream"},
        {BODY("\x2fz"), false, "MP3"},
        {BODY("\xb0z"), false, "Speex"},
        {BODY("\xe0z"), false, "MP3 8k"},
        {BODY("\xd0z"), false, "an unknown codec"},
        {BODY("\x91"
              "fLaC"),
         false, "FLAC"},
        {BODY("\x91"
              "ac-3"),
         false, "AC-3"},
        {BODY("\x91"
              "ec-3"),
         false, "E-AC-3"},
        {BODY("\x91.mp3"), false, "MP3"},
        {BODY("\x95\x01mp4a\x00"), false, "several audio tracks in one stream"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_video v = {0};
        ck_flv_audio a = {0};
        int status = rows[i].video ? ck_flv_video_parse(rows[i].body, rows[i].size, &v)
                                   : ck_flv_audio_parse(rows[i].body, rows[i].size, &a);
        const char *refused = rows[i].video ? v.refused : a.refused;
        CK_CHECK_ROW(i, status == CHALK_ERR_CODEC_UNKNOWN);
        CK_CHECK_ROW(i, refused != NULL && strcmp(refused, rows[i].name) == 0);
    }
    CK_CHECK_STR(ck_fourcc_name(CK_FOURCC_AAC), "AAC");
    CK_CHECK_STR(ck_fourcc_name(CK_FOURCC_AVC), "H.264");
}

CK_TEST(flv, audio_heads)
{
    static const struct {
        const char *body;
        size_t size;
        int status;
        uint8_t packet;
        uint32_t fourcc;
        uint32_t rate_hz;
        uint8_t bits, channels;
        size_t offset;
    } rows[] = {
        {BODY("\xaf\x00Z"), 0, CK_FLV_PACKET_CONFIG, CK_FOURCC_AAC, 44100, 16, 2, 2},
        {BODY("\xaf\x01Z"), 0, CK_FLV_PACKET_FRAMES, CK_FOURCC_AAC, 44100, 16, 2, 2},
        {BODY("\xaf\x02Z"), 0, CK_FLV_PACKET_OTHER, CK_FOURCC_AAC, 44100, 16, 2, 2},
        {BODY("\xa4\x01"), 0, CK_FLV_PACKET_FRAMES, CK_FOURCC_AAC, 11025, 8, 1, 2},
        {BODY("\x2aZ"), CHALK_ERR_CODEC_UNKNOWN, CK_FLV_PACKET_FRAMES, 0, 22050, 16, 1, 1},
        {BODY(""), 0, CK_FLV_PACKET_END, 0, 0, 0, 0, 0},
        {BODY("\x90mp4aZ"), 0, CK_FLV_PACKET_CONFIG, CK_FOURCC_AAC, 0, 0, 0, 5},
        {BODY("\x91mp4aZ"), 0, CK_FLV_PACKET_FRAMES, CK_FOURCC_AAC, 0, 0, 0, 5},
        {BODY("\x92mp4a"), 0, CK_FLV_PACKET_END, CK_FOURCC_AAC, 0, 0, 0, 5},
        {BODY("\x94OpusZ"), 0, CK_FLV_PACKET_METADATA, CK_FOURCC_OPUS, 0, 0, 0, 5},
        {BODY("\x97\x00\x00\x11mp4aZ"), 0, CK_FLV_PACKET_FRAMES, CK_FOURCC_AAC, 0, 0, 0, 8},
        {BODY("\x90OpusZ"), 0, CK_FLV_PACKET_CONFIG, CK_FOURCC_OPUS, 0, 0, 0, 5},
        {BODY("\x91OpusZ"), 0, CK_FLV_PACKET_FRAMES, CK_FOURCC_OPUS, 0, 0, 0, 5},
        {BODY("\x91"
              "fLaCZ"),
         CHALK_ERR_CODEC_UNKNOWN, CK_FLV_PACKET_FRAMES, CK_FOURCC_FLAC, 0, 0, 0, 5},
        {BODY("\xaf"), CHALK_ERR_BAD_DATA, 0, 0, 0, 0, 0, 0},
        {BODY("\x91mp4"), CHALK_ERR_BAD_DATA, 0, 0, 0, 0, 0, 0},
        {BODY("\x97\x05mp4a"), CHALK_ERR_BAD_DATA, 0, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_audio a;
        CK_CHECK_ROW(i, ck_flv_audio_parse(rows[i].body, rows[i].size, &a) == rows[i].status);
        if (rows[i].status == CHALK_ERR_BAD_DATA) {
            CK_CHECK_ROW(i, !ck_flv_audio_is_config(rows[i].body, rows[i].size));
            continue;
        }
        CK_CHECK_ROW(i, a.packet_type == rows[i].packet && a.fourcc == rows[i].fourcc);
        CK_CHECK_ROW(i, a.rate_hz == rows[i].rate_hz && a.sample_bits == rows[i].bits);
        CK_CHECK_ROW(i, a.channels == rows[i].channels && a.payload_offset == rows[i].offset);
        CK_CHECK_ROW(i, a.payload_offset + a.payload_size == rows[i].size);
        CK_CHECK_ROW(i, ck_flv_audio_is_config(rows[i].body, rows[i].size) ==
                            (rows[i].packet == CK_FLV_PACKET_CONFIG));
    }
}

CK_TEST(flv, heads_are_written)
{
    static const struct {
        bool key;
        enum ck_flv_packet packet;
        int32_t composition_ms;
        const char *expected;
    } rows[] = {
        {true, CK_FLV_PACKET_CONFIG, 7, "\x17\x00\x00\x00\x00"},
        {true, CK_FLV_PACKET_FRAMES, 40, "\x17\x01\x00\x00\x28"},
        {false, CK_FLV_PACKET_FRAMES, -1, "\x27\x01\xff\xff\xff"},
        {false, CK_FLV_PACKET_FRAMES, INT32_MIN, "\x27\x01\x80\x00\x00"},
        {false, CK_FLV_PACKET_FRAMES, INT32_MAX, "\x27\x01\x7f\xff\xff"},
        {true, CK_FLV_PACKET_END, 1, "\x17\x02\x00\x00\x00"},
    };
    uint8_t head[CK_FLV_AVC_HEAD];
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_write_avc_head(head, rows[i].key, rows[i].packet, rows[i].composition_ms);
        CK_CHECK_ROW(i, memcmp(head, rows[i].expected, sizeof head) == 0);
    }
    ck_flv_write_aac_head(head, CK_FLV_PACKET_CONFIG);
    CK_CHECK_MEM(head, "\xaf\x00", 2);
    ck_flv_write_aac_head(head, CK_FLV_PACKET_FRAMES);
    CK_CHECK_MEM(head, "\xaf\x01", 2);
}

CK_TEST(flv, enhanced_heads_are_written)
{
    static const struct {
        enum ck_flv_packet packet;
        bool key;
        const char *video, *audio;
    } rows[] = {
        {CK_FLV_PACKET_CONFIG, true, "\x90vp08", "\x90Opus"},
        {CK_FLV_PACKET_FRAMES, true, "\x91vp08", "\x91Opus"},
        {CK_FLV_PACKET_FRAMES, false, "\xa1vp08", "\x91Opus"},
        {CK_FLV_PACKET_END, true, "\x92vp08", "\x92Opus"},
    };
    uint8_t head[CK_FLV_ENHANCED_HEAD];
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_write_video_head(head, CK_FOURCC_VP8, rows[i].key, rows[i].packet);
        CK_CHECK_ROW(i, memcmp(head, rows[i].video, sizeof head) == 0);
        ck_flv_write_audio_head(head, CK_FOURCC_OPUS, rows[i].packet);
        CK_CHECK_ROW(i, memcmp(head, rows[i].audio, sizeof head) == 0);
    }
}
