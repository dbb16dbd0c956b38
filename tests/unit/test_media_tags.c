/* Packets of the media graph as FLV tags and back. */
#include "runtime/media/tags.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "runtime/os/os.h"
#include "support/check.h"

static ck_packet packet_of(uint32_t codec, int64_t pts_us, int64_t dts_us, const char *bytes)
{
    return (ck_packet){
        .codec = codec,
        .pts_us = pts_us,
        .dts_us = dts_us,
        .payload = ck_slice_static(bytes, strlen(bytes)),
    };
}

CK_TEST(media_tags, packets_survive_the_way_through_a_tag)
{
    static const struct {
        uint32_t codec;
        bool key, config;
        int64_t pts_us, dts_us;     /* sent */
        int64_t pts_back, dts_back; /* received: FLV counts milliseconds */
    } rows[] = {
        {CHALK_CODEC_H264, true, true, 0, 0, 0, 0},
        {CHALK_CODEC_H264, true, false, 1000, 1000, 1000, 1000},
        {CHALK_CODEC_H264, false, false, 80000, 40000, 80000, 40000},
        {CHALK_CODEC_H264, false, false, 40000, 80000, 40000, 80000}, /* negative composition */
        {CHALK_CODEC_H264, false, false, 40999, 40001, 40000, 40000},
        {CHALK_CODEC_H264, false, false, 41000, 40999, 41000, 40000},
        {CHALK_CODEC_AAC, true, false, 21333, 21333, 21000, 21000},
        {CHALK_CODEC_AAC, true, true, 0, 0, 0, 0},
        {CHALK_CODEC_VP8, true, true, 0, 0, 0, 0},
        {CHALK_CODEC_VP8, true, false, 1000, 1000, 1000, 1000},
        {CHALK_CODEC_VP8, false, false, 41999, 41999, 41000, 41000},
        {CHALK_CODEC_OPUS, true, false, 21333, 21333, 21000, 21000},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_packet sent = packet_of(rows[i].codec, rows[i].pts_us, rows[i].dts_us, "payload");
        sent.key = rows[i].key;
        sent.config = rows[i].config;
        ck_flv_tag tag;
        ck_packet back;
        uint32_t media = 0;
        const char *refused = NULL;
        CK_CHECK_ROW(i, ck_tag_of_packet(&sent, &tag) == CHALK_OK);
        CK_CHECK_ROW(i, ck_packet_of_tag(&tag, &media, &back, &refused) == CHALK_OK);
        CK_CHECK_ROW(i, refused == NULL && back.codec == sent.codec);
        CK_CHECK_ROW(i, back.key == sent.key && back.config == sent.config);
        CK_CHECK_ROW(i, back.dts_us == rows[i].dts_back && back.pts_us == rows[i].pts_back);
        CK_CHECK_ROW(i, back.payload.size == 7 && memcmp(back.payload.data, "payload", 7) == 0);
        bool sound = rows[i].codec == CHALK_CODEC_AAC || rows[i].codec == CHALK_CODEC_OPUS;
        CK_CHECK_ROW(i, media == (sound ? CHALK_MEDIA_AUDIO : CHALK_MEDIA_VIDEO));
        ck_packet_unref(&back);
        ck_slice_unref(&tag.body);
    }
}

CK_TEST(media_tags, times_wrap_as_flv_says)
{
    ck_packet sent = packet_of(CHALK_CODEC_AAC, 0, 0, "x");
    sent.pts_us = sent.dts_us = (INT64_C(1) << 32) * 1000 + 5000;
    ck_flv_tag tag;
    CK_CHECK_EQ(ck_tag_of_packet(&sent, &tag), CHALK_OK);
    CK_CHECK_EQ(tag.timestamp_ms, 5);
    ck_slice_unref(&tag.body);
    sent.codec = 99;
    CK_CHECK_EQ(ck_tag_of_packet(&sent, &tag), CHALK_ERR_UNSUPPORTED);
}

CK_TEST(media_tags, what_cannot_be_decoded_is_named)
{
    static const struct {
        uint8_t type;
        const char *body;
        size_t size;
        int status;
        const char *refused; /* NULL: nothing is */
    } rows[] = {
        {CK_FLV_VIDEO, "\x90hvc1\x00\x00", 7, CHALK_ERR_CODEC_UNKNOWN, "HEVC"},
        {CK_FLV_VIDEO,
         "\x90"
         "av01\x00\x00",
         7, CHALK_ERR_CODEC_UNKNOWN, "AV1"},
        {CK_FLV_VIDEO, "\x12\x00\x00", 3, CHALK_ERR_CODEC_UNKNOWN, "Sorenson H.263"},
        {CK_FLV_VIDEO,
         "\x90"
         "vp09\x00\x00",
         7, CHALK_ERR_CODEC_UNKNOWN, "VP9"},
        {CK_FLV_AUDIO,
         "\x91"
         "fLaC\x00",
         6, CHALK_ERR_CODEC_UNKNOWN, "FLAC"},
        {CK_FLV_AUDIO,
         "\x90OpusOpusHead\x01\x06\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x04\x02\x00\x04"
         "\x01\x02\x03\x05",
         32, CHALK_ERR_CODEC_UNKNOWN, "Opus with more than two channels"},
        {CK_FLV_AUDIO, "\x90OpusOpusTags", 13, CHALK_ERR_BAD_DATA, NULL},
        {CK_FLV_AUDIO, "\x94Opus\x01\x01\x00\x00\x00\x04", 11, CHALK_ERR_AGAIN, NULL},
        {CK_FLV_AUDIO, "\x92Opus", 5, CHALK_ERR_AGAIN, NULL},
        {CK_FLV_VIDEO, "\x92vp08", 5, CHALK_ERR_AGAIN, NULL},
        {CK_FLV_VIDEO, "\x95\x01vp08\x00z", 8, CHALK_ERR_AGAIN, NULL},
        {CK_FLV_VIDEO, "\x96\x01vp08\x00z", 8, CHALK_ERR_CODEC_UNKNOWN,
         "several video tracks in one stream"},
        {CK_FLV_AUDIO, "\x2f\xff\xfb", 3, CHALK_ERR_CODEC_UNKNOWN, "MP3"},
        {CK_FLV_VIDEO, "\x17\x01", 2, CHALK_ERR_BAD_DATA, NULL},
        {CK_FLV_VIDEO, "\x17\x02\x00\x00\x00", 5, CHALK_ERR_AGAIN, NULL}, /* end of sequence */
        {CK_FLV_VIDEO, "\x17\x01\x00\x00\x00", 5, CHALK_ERR_AGAIN, NULL}, /* nothing in it */
        {CK_FLV_AUDIO, "\xaf", 1, CHALK_ERR_BAD_DATA, NULL},
        {CK_FLV_AUDIO, "", 0, CHALK_ERR_AGAIN, NULL}, /* silence */
        {CK_FLV_SCRIPT, "\x02\x00\x02hi", 5, CHALK_ERR_AGAIN, NULL},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const ck_flv_tag tag = {.type = rows[i].type,
                                .body = ck_slice_static(rows[i].body, rows[i].size)};
        uint32_t media = 0;
        ck_packet packet;
        const char *refused = NULL;
        int status = ck_packet_of_tag(&tag, &media, &packet, &refused);
        CK_CHECK_ROW(i, status == rows[i].status);
        CK_CHECK_ROW(i, (refused == NULL) == (rows[i].refused == NULL));
        if (rows[i].refused != NULL) {
            CK_CHECK_STR(refused, rows[i].refused);
        }
    }
}

/* Enhanced RTMP allows an empty sequence start for Opus; some publishers send one for VP8 too. */
CK_TEST(media_tags, an_empty_header_is_the_usual_one)
{
    static const struct {
        uint8_t type;
        const char *body;
        uint32_t codec;
        size_t size;
    } rows[] = {
        {CK_FLV_AUDIO, "\x90Opus", CHALK_CODEC_OPUS, 19},
        {CK_FLV_VIDEO, "\x90vp08", CHALK_CODEC_VP8, 8},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const ck_flv_tag tag = {.type = rows[i].type, .body = ck_slice_static(rows[i].body, 5)};
        uint32_t media = 0;
        ck_packet packet;
        const char *refused = NULL;
        CK_CHECK_ROW(i, ck_packet_of_tag(&tag, &media, &packet, &refused) == CHALK_OK);
        CK_CHECK_ROW(i, packet.codec == rows[i].codec && packet.config);
        CK_CHECK_ROW(i, packet.payload.size == rows[i].size);
        ck_packet_unref(&packet);
    }
    CK_CHECK_STR(ck_name_of_codec(CHALK_CODEC_OPUS), "Opus");
    CK_CHECK_STR(ck_name_of_codec(99), "an unknown codec");
}

CK_TEST(media_tags, metadata_can_be_made_of_anything)
{
    const ck_packet none = {0};
    const ck_packet broken = packet_of(CHALK_CODEC_H264, 0, 0, "not a configuration record");
    const ck_packet *const inputs[] = {NULL, &none, &broken};
    for (size_t i = 0; i < CK_COUNT_OF(inputs); i++) {
        ck_flv_tag tag;
        CK_CHECK_ROW(i, ck_tag_of_meta(inputs[i], inputs[i], &tag) == CHALK_OK);
        CK_CHECK_ROW(i, tag.type == CK_FLV_SCRIPT && tag.body.size > 13);
        CK_CHECK_ROW(i, memcmp(tag.body.data, "\x02\x00\x0aonMetaData", 13) == 0);
        ck_slice_unref(&tag.body);
    }
}
