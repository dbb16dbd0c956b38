/* What the hub makes of codecs other than H.264 and AAC: relayed byte for byte, described, headers
 * and key frames found for whoever comes late. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/demux.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/data.h"
#include "unit/edge_tags.h"

#include <stdlib.h>

#define MS 1000ull

typedef struct lesson {
    ck_hub *hub;
    ck_hub_stream *stream;
    ck_hub_reader *reader; /* there from the beginning */
} lesson;

static void begin(lesson *l)
{
    const ck_hub_config config = {.alloc = &ck_test_heap,
                                  .streams_max = 2,
                                  .memory_max = 8 << 20,
                                  .gop_max_ms = 60000,
                                  .reader_max_ms = 3000};
    ck_stream_name name = name_of("maths/ada/screen");
    void *replaced;
    CK_CHECK_EQ(ck_hub_init(&l->hub, &config), CHALK_OK);
    CK_CHECK_EQ(ck_hub_publish(l->hub, &name, "ada", l, 0, &l->stream, &replaced), CHALK_OK);
    CK_CHECK_EQ(ck_hub_read_open(l->hub, &name, l, 0, &l->reader), CHALK_OK);
}

static void end(lesson *l)
{
    ck_hub_read_close(&l->reader);
    ck_hub_unpublish(&l->stream, 0);
    ck_hub_free(&l->hub);
}

/* Sends a tag and reads it again: the same bytes, the same time. */
static void relay(lesson *l, const ck_flv_tag *tag)
{
    const char *refused = NULL;
    uint64_t now_us = tag->timestamp_ms * MS;
    ck_flv_tag read;
    if (ck_hub_send(l->stream, tag, now_us, &refused) != CHALK_OK) {
        CK_FAIL("refused at %u ms: %s", tag->timestamp_ms, refused != NULL ? refused : "?");
    }
    CK_CHECK_EQ(ck_hub_read(l->reader, now_us, &read), CHALK_OK);
    CK_CHECK_EQ(read.type, tag->type);
    CK_CHECK_EQ(read.timestamp_ms, tag->timestamp_ms);
    CK_CHECK_EQ(read.body.size, tag->body.size);
    CK_CHECK_MEM(read.body.data, tag->body.data, tag->body.size);
    ck_slice_unref(&read.body);
}

static ck_flv_tag tag_of(uint8_t type, uint32_t ms, const char *body, size_t size)
{
    return (ck_flv_tag){
        .type = type, .timestamp_ms = ms, .body = ck_slice_copy(&ck_test_heap, body, size)};
}

typedef struct piece {
    uint8_t type;
    uint32_t ms;
    const char *body;
    size_t size;
} piece;

#define BODY(text) (text), sizeof(text) - 1

static void relay_pieces(lesson *l, const piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ck_flv_tag tag = tag_of(pieces[i].type, pieces[i].ms, pieces[i].body, pieces[i].size);
        relay(l, &tag);
        ck_slice_unref(&tag.body);
    }
}

/* The next tag of a newcomer begins so. */
static void expect_body(ck_hub_reader *r, uint8_t type, const char *head)
{
    ck_flv_tag tag;
    CK_CHECK_EQ(ck_hub_read(r, 10000 * MS, &tag), CHALK_OK);
    CK_CHECK_EQ(tag.type, type);
    CK_CHECK(tag.body.size >= strlen(head));
    CK_CHECK_MEM(tag.body.data, head, strlen(head));
    ck_slice_unref(&tag.body);
}

static bool relay_film(lesson *l, const char *path)
{
    size_t size = 0;
    uint8_t *data = ck_data_load(path, &size);
    if (data == NULL) {
        return false;
    }
    ck_flv_demux d;
    ck_flv_tag tag;
    ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &ck_test_heap});
    CK_CHECK_EQ(ck_flv_demux_feed(&d, data, size), CHALK_OK);
    while (ck_flv_demux_poll_tag(&d, &tag) == CHALK_OK) {
        relay(l, &tag);
        ck_slice_unref(&tag.body);
    }
    ck_flv_demux_free(&d);
    free(data);
    return true;
}

/* AV1 and Opus, sequence starts (one of them empty), metadata of both, sequence end. */
CK_TEST(edge_codecs, the_film_of_enhanced_rtmp_is_relayed_byte_for_byte)
{
    static const piece stand_in[] = {
        {CK_FLV_VIDEO, 0,
         BODY("\x90"
              "av01")},
        {CK_FLV_AUDIO, 0, BODY("\x90OpusOpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00")},
        {CK_FLV_AUDIO, 0, BODY("\x94Opus\x01\x01\x00\x00\x00\x04")},
        {CK_FLV_AUDIO, 0, BODY("\x91Opus\xf8\xff\xfe")},
        {CK_FLV_VIDEO, 7,
         BODY("\x90"
              "av01\x81\x24\x00\x00")},
        {CK_FLV_VIDEO, 7,
         BODY("\xd4"
              "av01\x02\x00\x09"
              "colorInfo\x05")},
        {CK_FLV_VIDEO, 7,
         BODY("\x91"
              "av01\x12\x00")},
        {CK_FLV_VIDEO, 40,
         BODY("\xa1"
              "av01\x32\x00")},
        {CK_FLV_VIDEO, 80,
         BODY("\x92"
              "av01")},
    };
    lesson l;
    begin(&l);
    if (!relay_film(&l, "media/ertmp/testsrc.flv")) {
        relay_pieces(&l, stand_in, CK_COUNT_OF(stand_in));
    }
    ck_hub_info info;
    ck_hub_stream_info(l.stream, 0, &info);
    CK_CHECK_STR(info.video.codec, "AV1");
    CK_CHECK_STR(info.audio.codec, "Opus");
    CK_CHECK_EQ(info.audio.channels, 1);
    end(&l);
}

CK_TEST(edge_codecs, a_newcomer_gets_the_headers_of_vp8_and_opus)
{
    static const piece pieces[] = {
        {CK_FLV_VIDEO, 0, BODY("\x90vp08\x00\x00\x82\x01\x01\x06\x00\x00")},
        {CK_FLV_AUDIO, 0, BODY("\x90OpusOpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00")},
        {CK_FLV_VIDEO, 0, BODY("\x91vp08\x10\x00\x00\x9d\x01\x2a\x80\x02\x68\x01")},
        {CK_FLV_VIDEO, 40, BODY("\xa1vp08\x11\x00\x00")},
        {CK_FLV_VIDEO, 80, BODY("\x91vp08\x10\x00\x00\x9d\x01\x2a\x80\x02\x68\x01")},
        {CK_FLV_AUDIO, 90, BODY("\x91Opus\xf8\xff\xfe")},
        {CK_FLV_VIDEO, 120, BODY("\xa3vp08\x11\x00\x00")},
    };
    lesson l;
    begin(&l);
    relay_pieces(&l, pieces, CK_COUNT_OF(pieces));
    ck_hub_info info;
    ck_hub_stream_info(l.stream, 0, &info);
    CK_CHECK_STR(info.video.codec, "VP8");
    CK_CHECK_EQ(info.video.width, 640);
    CK_CHECK_EQ(info.video.height, 360);
    CK_CHECK_EQ(info.audio.rate_hz, 48000);
    CK_CHECK_EQ(info.audio.channels, 2);
    ck_hub_reader *late = NULL;
    ck_stream_name name = name_of("maths/ada/screen");
    CK_CHECK_EQ(ck_hub_read_open(l.hub, &name, &l, 130 * MS, &late), CHALK_OK);
    expect_body(late, CK_FLV_VIDEO, "\x90vp08");
    expect_body(late, CK_FLV_AUDIO, "\x90Opus");
    expect_body(late, CK_FLV_VIDEO, "\x91vp08\x10"); /* the second group */
    expect_body(late, CK_FLV_AUDIO, "\x91Opus");
    expect_body(late, CK_FLV_VIDEO, "\xa3vp08");
    ck_flv_tag none;
    CK_CHECK_EQ(ck_hub_read(late, 130 * MS, &none), CHALK_ERR_AGAIN);
    ck_hub_read_close(&late);
    end(&l);
}
